import type { LeadlineError } from "../errors.js";
import type {
  Aggregate,
  Compare,
  CompareOperator,
  EventStep,
  Expression,
  Literal,
  Membership,
  Sequence,
  Step,
  UntilStep,
} from "./expression/ast.js";
import { expressionError } from "./expression/message.js";
import { didYouMean } from "./expression/suggest.js";
import { visit } from "./expression/walk.js";
import { fieldWords } from "./expression/words.js";
import { instantForm, parseInstant } from "./instant.js";
import type { ChainLink, NodeType, PlanBuilder } from "./plan.js";
import type { ColumnStatistics, DataStatistics } from "./statistics.js";

/** An expression to compile, with the words for messages. */
export interface Source {
  readonly expression: Expression;
  /** The text it was parsed from. */
  readonly text: string;
  /** What it is of, such as `kpis[0].failure`. */
  readonly where: string;
}

/** A compiled value. */
export interface Compiled {
  readonly node: number;
  readonly type: NodeType;
}

/** The opposite side's operator: `5 < x` is `x > 5`. */
const MIRRORED: Readonly<Record<CompareOperator, CompareOperator>> = {
  "==": "==",
  "!=": "!=",
  "<": ">",
  "<=": ">=",
  ">": "<",
  ">=": "<=",
};

/**
 * Compiles a boolean expression to nodes of the plan; the result has the sessions in which it holds and, where its parts
 * have one, the moment at which that was decided (METHODS: outcome time).
 * @throws LeadlineError `expression-invalid` when it names what the data do not have, or compares what cannot be compared
 */
export function compileBoolean(source: Source, plan: PlanBuilder, data: DataStatistics): number {
  return new Compiler(source, plan, data).boolean(source.expression);
}

/**
 * Compiles an expression that yields a number per session.
 * @throws LeadlineError as `compileBoolean`
 */
export function compileNumber(source: Source, plan: PlanBuilder, data: DataStatistics): number {
  return new Compiler(source, plan, data).number(source.expression);
}

/**
 * Compiles an expression of any type: a condition, or a value that is a number or a text per session.
 * @throws LeadlineError as `compileBoolean`
 */
export function compileAny(source: Source, plan: PlanBuilder, data: DataStatistics): Compiled {
  return new Compiler(source, plan, data).any(source.expression);
}

class Compiler {
  readonly #source: Source;
  readonly #plan: PlanBuilder;
  readonly #data: DataStatistics;

  constructor(source: Source, plan: PlanBuilder, data: DataStatistics) {
    this.#source = source;
    this.#plan = plan;
    this.#data = data;
  }

  boolean(expression: Expression): number {
    switch (expression.kind) {
      case "and":
      case "or":
        return this.#plan.add(
          { op: expression.kind },
          "boolean",
          expression.items.map((item) => this.boolean(item)),
        );
      case "not":
        return this.#not(this.boolean(expression.item));
      case "literal":
        if (typeof expression.value !== "boolean")
          throw this.#error(expression, "a value stands where a condition must");
        return this.#plan.add({ op: expression.value ? "true" : "false" }, "boolean");
      case "sequence":
        return this.#sequence(expression);
      case "compare":
        return this.#compare(expression);
      case "in":
        return this.#membership(expression);
      case "attribute":
      case "arithmetic":
      case "negate":
      case "count":
      case "retries":
      case "elapsed":
      case "time_in":
      case "aggregate":
      case "session":
      case "user":
      case "clock":
      case "previous":
      case "load":
        throw this.#error(expression, "a value stands where a condition must; compare it, as in `… > 3`");
    }
  }

  any(expression: Expression): Compiled {
    switch (expression.kind) {
      case "and":
      case "or":
      case "not":
      case "sequence":
      case "compare":
      case "in":
        return { node: this.boolean(expression), type: "boolean" };
      case "literal":
        return typeof expression.value === "boolean"
          ? { node: this.boolean(expression), type: "boolean" }
          : this.#value(expression);
      case "attribute":
      case "arithmetic":
      case "negate":
      case "count":
      case "retries":
      case "elapsed":
      case "time_in":
      case "aggregate":
      case "session":
      case "user":
      case "clock":
      case "previous":
      case "load":
        return this.#value(expression);
    }
  }

  number(expression: Expression): number {
    const value = this.#value(expression);
    if (value.type !== "number") throw this.#error(expression, "text stands where a number must");
    return value.node;
  }

  #event(step: EventStep): number {
    const { names, tokens } = this.#data;
    const nameCode = names.indexOf(step.event);
    const tokenCode = tokens.findIndex((token) => token.text === step.event);
    if (nameCode < 0 && tokenCode < 0) {
      const known = [...names, ...tokens.map((token) => token.text)];
      const isColumn = columnNamed(step.event, this.#data) !== null;
      const hint = isColumn ? ` ${step.event} is an attribute, which is compared, as in ${step.event} > 1;` : "";
      const sentence = `unknown event: ${step.event}; the data have ${names.length} names;${hint}`;
      throw this.#error(step, sentence, isColumn ? [] : known, step.event);
    }
    if (step.predicate !== null) this.#checkPredicate(step.predicate);
    const token = tokenCode < 0 ? undefined : tokens[tokenCode];
    const matched = new Set(token?.names ?? []);
    // an event matches by its raw name too; then every token that the name has become counts
    const refined = token?.values !== undefined && nameCode < 0;
    if (nameCode >= 0) matched.add(nameCode);
    return this.#plan.add(
      {
        op: "step",
        names: [...matched].sort((a, b) => a - b),
        token: refined ? tokenCode : null,
        predicate: step.predicate,
      },
      "positions",
    );
  }

  /** Positions of a step: its events, or the ends of runs. */
  #counted(step: Step): number {
    return step.kind === "until" ? this.#until(step) : this.#event(step);
  }

  #until({ repeat, end }: UntilStep): number {
    return this.#plan.add({ op: "until" }, "positions", [this.#event(repeat), this.#event(end)]);
  }

  #not(node: number): number {
    const { operation, inputs } = this.#plan.node(node);
    if (operation.op === "not") return inputs[0] as number;
    return this.#plan.add({ op: "not" }, "boolean", [node]);
  }

  #sequence({ steps, links, absent, withinMs }: Sequence): number {
    const nodes: number[] = [];
    const chain: ChainLink[] = [];
    for (const [index, step] of steps.entries()) {
      if (index > 0) chain.push(links[index - 1] as ChainLink);
      if (step.kind === "step") nodes.push(this.#event(step));
      else if (steps.length === 1 || (absent && index === steps.length - 1)) nodes.push(this.#until(step));
      else {
        nodes.push(this.#event(step.repeat), this.#event(step.end));
        chain.push("until");
      }
    }
    if (nodes.length === 1) return this.#plan.add({ op: "count-at-least", n: 1 }, "boolean", nodes);
    return this.#plan.add({ op: "sequence", links: chain, absent, withinMs }, "boolean", nodes);
  }

  #compare(compare: Compare): number {
    const { left, right } = compare;
    if (left.kind === "literal" && right.kind !== "literal") {
      return this.#compareWith(right, MIRRORED[compare.op], left, compare);
    }
    if (right.kind === "literal") return this.#compareWith(left, compare.op, right, compare);
    const [a, b] = [this.#value(left), this.#value(right)];
    if (a.type !== b.type) throw this.#error(compare, "text is compared with a number");
    if (a.type === "number")
      return this.#plan.add({ op: "compare", operator: compare.op }, "boolean", [a.node, b.node]);
    const operator = this.#textOperator(compare.op, compare);
    return this.#plan.add({ op: "compare-text", operator }, "boolean", [a.node, b.node]);
  }

  #compareWith(value: Expression, operator: CompareOperator, literal: Literal, whole: Compare): number {
    if (value.kind === "count" && value.windowMs === null && typeof literal.value === "number") {
      const monotone = this.#countThreshold(this.#counted(value.step), operator, literal.value);
      if (monotone !== null) return monotone;
    }
    if (isMoment(value) && typeof literal.value === "string") {
      const moment = parseInstant(literal.value);
      if (moment === null) throw this.#error(literal, `invalid time: ${literal.value}; allowed: ${instantForm}`);
      return this.#plan.add({ op: "threshold", operator, bound: moment }, "boolean", [this.#value(value).node]);
    }
    const compiled = this.#value(value, typeof literal.value !== "number");
    if (compiled.type === "text") {
      const negated = this.#textOperator(operator, whole) === "!=";
      this.#checkValue(value, literal);
      return this.#plan.add({ op: "one-of", values: [literal.value], negated }, "boolean", [compiled.node]);
    }
    if (typeof literal.value !== "number") {
      throw this.#error(whole, `a number compares with a number; ${JSON.stringify(literal.value)} is none;`);
    }
    return this.#plan.add({ op: "threshold", operator, bound: literal.value }, "boolean", [compiled.node]);
  }

  #textOperator(operator: CompareOperator, whole: Compare): "==" | "!=" {
    if (operator === "==" || operator === "!=") return operator;
    throw this.#error(whole, "text compares with == and != alone");
  }

  /** A comparison of a count that an event decides: so the moment is known. Null where it is none. */
  #countThreshold(step: number, operator: CompareOperator, bound: number): number | null {
    const atLeast = (n: number): number =>
      n <= 0
        ? this.#plan.add({ op: "true" }, "boolean")
        : this.#plan.add({ op: "count-at-least", n }, "boolean", [step]);
    switch (operator) {
      case ">=":
        return atLeast(Math.ceil(bound));
      case ">":
        return atLeast(Math.floor(bound) + 1);
      case "<":
        return this.#not(atLeast(Math.ceil(bound)));
      case "<=":
        return this.#not(atLeast(Math.floor(bound) + 1));
      case "==":
        return bound === 0 ? this.#not(atLeast(1)) : null;
      case "!=":
        return bound === 0 ? atLeast(1) : null;
    }
  }

  #membership({ item, values }: Membership): number {
    const asText = values.every((value) => typeof value.value !== "number");
    const compiled = isMoment(item) ? null : this.#value(item, asText);
    if (compiled?.type === "text") {
      for (const value of values) this.#checkValue(item, value);
      const allowed = values.map((value) => value.value);
      return this.#plan.add({ op: "one-of", values: allowed, negated: false }, "boolean", [compiled.node]);
    }
    const equals = values.map((value) =>
      this.#compareWith(item, "==", value, { kind: "compare", op: "==", left: item, right: value, at: value.at }),
    );
    return this.#plan.add({ op: "or" }, "boolean", equals);
  }

  /**
   * Compiles a value.
   * @param asText - a column whose texts are all numbers is wanted as text, since it is compared with text
   */
  #value(expression: Expression, asText = false): Compiled {
    switch (expression.kind) {
      case "literal":
        if (typeof expression.value !== "number") throw this.#error(expression, "text stands where a number must");
        return this.#number({ op: "constant", value: expression.value });
      case "attribute":
        return this.#attribute(expression.name, expression, asText);
      case "arithmetic":
        return this.#number({ op: "arithmetic", operator: expression.op }, [
          this.number(expression.left),
          this.number(expression.right),
        ]);
      case "negate":
        return this.#number({ op: "negate" }, [this.number(expression.item)]);
      case "count":
        return this.#number({ op: "count", windowMs: expression.windowMs }, [this.#counted(expression.step)]);
      case "aggregate":
        return this.#aggregate(expression, asText);
      case "session":
        if (expression.field === "index") return this.#sessionIndex();
        return this.#number({ op: "session", field: expression.field });
      case "user":
        return this.#userField(expression.field);
      case "clock":
        if (expression.field === "start") return this.#number({ op: "start" });
        return this.#number({ op: "clock", field: expression.field, timeZone: this.#data.timeZone });
      case "retries":
      case "elapsed":
      case "time_in": {
        const { kind, first, second } = expression;
        const steps = (first === null ? [second] : [first, second]).map((step) => this.#event(step));
        return this.#number({ op: kind === "time_in" ? "time-in" : kind }, steps);
      }
      case "previous": {
        const { node, type } = this.#attribute(expression.attribute, expression, asText);
        return { node: this.#plan.add({ op: "previous" }, type, [node]), type };
      }
      case "load":
        return this.#number({
          op: "load",
          kpi: expression.kpi === null ? null : this.#kpi(expression.kpi, expression),
        });
      case "sequence":
      case "and":
      case "or":
      case "not":
      case "compare":
      case "in":
        throw this.#error(expression, "a condition stands where a value must");
    }
  }

  /** An attribute in the session's first event, or an auxiliary table's value at its start. */
  #attribute(name: string, place: { readonly at: number }, asText: boolean): Compiled {
    const { column, table } = this.#namedColumn(name, place);
    const type = column.kind === "numeric" || (holdsNumbers(column) && !asText) ? "number" : "text";
    const operation =
      table === null
        ? ({ op: "column", column: name, type } as const)
        : ({ op: "table-column", table, column: column.name, type } as const);
    return { node: this.#plan.add(operation, type), type };
  }

  #aggregate({ fn, step, attribute, at }: Aggregate, asText: boolean): Compiled {
    const column = this.#data.columns.find((candidate) => candidate.name === attribute);
    if (column === undefined) throw this.#unknownAttribute(attribute, { at }, false);
    const all = { op: "step", names: this.#data.names.map((_, code) => code), token: null, predicate: null } as const;
    const events = step === null ? this.#plan.add(all, "positions") : this.#event(step);
    if (column.kind === "numeric" || (holdsNumbers(column) && !asText)) {
      return this.#number({ op: "aggregate", fn, column: attribute }, [events]);
    }
    if (fn !== "first" && fn !== "last") throw this.#error({ at }, `${fn} takes numbers; ${attribute} holds text;`);
    return { node: this.#plan.add({ op: "pick", fn, column: attribute }, "text", [events]), type: "text" };
  }

  #kpi(name: string, place: { readonly at: number }): number {
    const { kpis } = this.#data;
    const index = kpis.indexOf(name);
    if (index < 0) throw this.#error(place, `unknown KPI: ${name}; the study has ${kpis.join(", ")};`, kpis, name);
    return index;
  }

  #sessionIndex(): Compiled {
    return this.#number({ op: "session-index", history: this.#data.history.sessions });
  }

  #userField(field: "sessions" | "days_since_last" | "first_seen"): Compiled {
    switch (field) {
      case "sessions":
        return this.#sessionIndex();
      case "days_since_last":
        return this.#number({ op: "days-since-last" });
      case "first_seen":
        return this.#number({ op: "first-seen", history: this.#data.history.firstSeen });
    }
  }

  #number(operation: Parameters<PlanBuilder["add"]>[0], inputs: readonly number[] = []): Compiled {
    return { node: this.#plan.add(operation, "number", inputs), type: "number" };
  }

  #namedColumn(
    name: string,
    place: { readonly at: number },
  ): { readonly column: ColumnStatistics; readonly table: string | null } {
    const found = columnNamed(name, this.#data);
    if (found === null) throw this.#unknownAttribute(name, place, true);
    return found;
  }

  #unknownAttribute(name: string, place: { readonly at: number }, withTables: boolean): LeadlineError {
    const { columns, tables } = this.#data;
    const known = columns.map((column) => column.name);
    if (withTables)
      known.push(...tables.flatMap((table) => table.columns.map((column) => `${table.name}.${column.name}`)));
    const sentence = `unknown attribute: ${name}; the data have ${known.join(", ") || "none"};`;
    if (this.#isEvent(name)) {
      return this.#error(place, `${sentence} ${name} is an event, of which count(${name}) is a number`);
    }
    const dot = name.lastIndexOf(".");
    const [event, attribute] = [name.slice(0, Math.max(dot, 0)), name.slice(dot + 1)];
    if (known.includes(attribute) && this.#isEvent(event)) {
      return this.#error(place, `${sentence} an event's own is read by first(${name}), last, sum, mean, min or max`);
    }
    return this.#error(place, sentence, [...known, ...(withTables ? fieldWords.keys() : [])], name);
  }

  #isEvent(name: string): boolean {
    return this.#data.names.includes(name) || this.#data.tokens.some((token) => token.text === name);
  }

  /** A value that the column never has is a slip of the pen, or a rare value in a quiet week: worth a word, no error. */
  #checkValue(value: Expression, literal: Literal): void {
    const name = value.kind === "attribute" ? value.name : value.kind === "previous" ? value.attribute : null;
    const column = name === null ? undefined : columnNamed(name, this.#data)?.column;
    if (column === undefined || column.kind !== "coded") return;
    if (column.dictionary.some((each) => sameValue(each, literal.value))) return;
    const known = column.dictionary.map(String);
    const shown = known.length <= 8 ? known.join(", ") : `${known.slice(0, 8).join(", ")} and ${known.length - 8} more`;
    const text = String(literal.value);
    this.#plan.warn(
      `${this.#source.where}: no event has ${name} ${JSON.stringify(text)};${didYouMean(text, known)} the data have ${shown}`,
    );
  }

  #checkPredicate(predicate: Expression): void {
    this.#checkTruth(predicate);
    visit(predicate, (node) => {
      switch (node.kind) {
        case "attribute":
          this.#namedColumn(node.name, node);
          return;
        case "compare":
          if (node.op === "==" || node.op === "!=") return;
          for (const side of [node.left, node.right]) {
            if (this.#holdsText(side)) throw this.#error(side, "text compares with == and != alone");
          }
          return;
        case "and":
        case "or":
        case "not":
        case "in":
        case "literal":
        case "arithmetic":
        case "negate":
          return;
        default:
          throw this.#error(node, "only the event's own attributes can stand inside [ ]");
      }
    });
  }

  /** An attribute that stands for itself must hold true and false: of any other it would never be true, without a word. */
  #checkTruth(predicate: Expression): void {
    switch (predicate.kind) {
      case "and":
      case "or":
        for (const item of predicate.items) this.#checkTruth(item);
        return;
      case "not":
        this.#checkTruth(predicate.item);
        return;
      case "attribute": {
        const { column } = this.#namedColumn(predicate.name, predicate);
        const values = column.kind === "coded" ? column.dictionary : [0];
        const [first] = values;
        if (first === undefined || values.some((value) => value === true || value === false || isTruthText(value)))
          return;
        const example =
          typeof first === "number" ? `${predicate.name} > 0` : `${predicate.name} == ${JSON.stringify(first)}`;
        throw this.#error(predicate, `${predicate.name} does not hold true or false; compare it, as in ${example}`);
      }
      default:
        return;
    }
  }

  #holdsText(side: Expression): boolean {
    if (side.kind === "attribute") return !holdsNumbers(this.#namedColumn(side.name, side).column);
    return side.kind === "literal" && typeof side.value !== "number";
  }

  #error(place: { readonly at: number }, sentence: string, known?: Iterable<string>, name?: string): LeadlineError {
    const hint = known === undefined || name === undefined ? "" : didYouMean(name, known);
    const text = sentence.endsWith(";") && hint === "" ? sentence.slice(0, -1) : sentence;
    return expressionError(this.#source.text, place.at, `${text}${hint}`, this.#source.where);
  }
}

/** The column that an attribute's name means: one of the events, else `table.column` of an auxiliary table; null: none. */
export function columnNamed(
  name: string,
  { columns, tables }: Pick<DataStatistics, "columns" | "tables">,
): { readonly column: ColumnStatistics; readonly table: string | null } | null {
  const own = columns.find((candidate) => candidate.name === name);
  if (own !== undefined) return { column: own, table: null };
  for (const table of tables) {
    const column = table.columns.find((candidate) => `${table.name}.${candidate.name}` === name);
    if (column !== undefined) return { column, table: table.name };
  }
  return null;
}

function isTruthText(value: string | number | boolean): boolean {
  return value === "true" || value === "false";
}

/** Whether an expression yields a moment, which compares with ISO dates. */
function isMoment(value: Expression): boolean {
  return (value.kind === "clock" && value.field === "start") || (value.kind === "user" && value.field === "first_seen");
}

/** Whether every value of a coded column is a number, be it written as text. */
export function holdsNumbers(column: ColumnStatistics): boolean {
  if (column.kind === "numeric") return true;
  return column.dictionary.length > 0 && column.dictionary.every((value) => !Number.isNaN(numberOf(value)));
}

/** A value as a number; NaN where it is none. */
export function numberOf(value: string | number | boolean): number {
  if (typeof value === "number") return value;
  if (typeof value === "boolean" || value.trim() === "") return Number.NaN;
  return Number(value);
}

/** Whether a value of the data is what a literal names: booleans and their text are the same. */
export function sameValue(value: string | number | boolean, literal: string | number | boolean): boolean {
  return value === literal || String(value) === String(literal);
}
