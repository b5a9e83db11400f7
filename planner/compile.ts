import { LeadlineError } from "../errors.js";
import type {
  Attribute,
  Compare,
  CompareOperator,
  Expression,
  Literal,
  Membership,
  Sequence,
  Step,
} from "./expression/ast.js";
import { expressionError } from "./expression/message.js";
import { didYouMean } from "./expression/suggest.js";
import { visit } from "./expression/walk.js";
import { instantForm, parseInstant } from "./instant.js";
import type { NodeType, PlanBuilder } from "./plan.js";
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
 * @throws LeadlineError `expression-invalid` when it names what the data do not have, or compares what cannot be compared;
 * `unsupported` for what is parsed but not yet computed
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

  number(expression: Expression): number {
    const value = this.#value(expression);
    if (value.type !== "number") throw this.#error(expression, "text stands where a number must");
    return value.node;
  }

  step(step: Step): number {
    if (step.kind === "until") throw this.#notYet(step, "until");
    const { names, tokens, columns } = this.#data;
    const nameCode = names.indexOf(step.event);
    const tokenCode = tokens.findIndex((token) => token.text === step.event);
    if (nameCode < 0 && tokenCode < 0) {
      const known = [...names, ...tokens.map((token) => token.text)];
      throw this.#error(step, `unknown event: ${step.event}; the data have ${names.length} names;`, known, step.event);
    }
    if (step.predicate !== null) this.#checkPredicate(step.predicate, columns);
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

  #not(node: number): number {
    const { operation, inputs } = this.#plan.node(node);
    if (operation.op === "not") return inputs[0] as number;
    return this.#plan.add({ op: "not" }, "boolean", [node]);
  }

  #sequence(sequence: Sequence): number {
    const steps = sequence.steps.map((step) => this.step(step));
    if (steps.length === 1) return this.#plan.add({ op: "count-at-least", n: 1 }, "boolean", steps);
    const { links, absent, withinMs } = sequence;
    return this.#plan.add({ op: "sequence", links, absent, withinMs }, "boolean", steps);
  }

  #compare(compare: Compare): number {
    const { left, right } = compare;
    if (left.kind === "literal" && right.kind !== "literal") {
      return this.#compareWith(right, MIRRORED[compare.op], left, compare);
    }
    if (right.kind === "literal") return this.#compareWith(left, compare.op, right, compare);
    const [a, b] = [this.#value(left), this.#value(right)];
    if (a.type !== b.type) throw this.#error(compare, "text is compared with a number");
    if (a.type === "text") throw this.#notYet(compare, "comparing two text attributes");
    return this.#plan.add({ op: "compare", operator: compare.op }, "boolean", [a.node, b.node]);
  }

  #compareWith(value: Expression, operator: CompareOperator, literal: Literal, whole: Compare): number {
    if (value.kind === "count" && value.windowMs === null && typeof literal.value === "number") {
      const monotone = this.#countThreshold(this.step(value.step), operator, literal.value);
      if (monotone !== null) return monotone;
    }
    if (isMoment(value) && typeof literal.value === "string") {
      const moment = parseInstant(literal.value);
      if (moment === null) throw this.#error(literal, `invalid time: ${literal.value}; allowed: ${instantForm}`);
      const constant = this.#plan.add({ op: "constant", value: moment }, "number");
      return this.#plan.add({ op: "compare", operator }, "boolean", [this.#value(value).node, constant]);
    }
    if (value.kind === "attribute") {
      const column = this.#column(value);
      if (column.kind === "coded" && this.#isText(column, literal)) {
        if (operator !== "==" && operator !== "!=") {
          throw this.#error(whole, `text compares with == and != alone; ${value.name} holds text;`);
        }
        this.#checkValue(column, literal);
        const node = this.#plan.add({ op: "column", column: value.name, type: "text" }, "text");
        const negated = operator === "!=";
        return this.#plan.add({ op: "one-of", values: [literal.value], negated }, "boolean", [node]);
      }
    }
    const compiled = this.#value(value);
    if (compiled.type !== "number" || typeof literal.value !== "number") {
      throw this.#error(whole, `a number compares with a number; ${JSON.stringify(literal.value)} is none;`);
    }
    const constant = this.#plan.add({ op: "constant", value: literal.value }, "number");
    return this.#plan.add({ op: "compare", operator }, "boolean", [compiled.node, constant]);
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

  #membership(membership: Membership): number {
    const { item, values } = membership;
    if (item.kind === "attribute") {
      const column = this.#column(item);
      if (column.kind === "coded" && values.every((value) => this.#isText(column, value))) {
        for (const value of values) this.#checkValue(column, value);
        const node = this.#plan.add({ op: "column", column: item.name, type: "text" }, "text");
        const allowed = values.map((value) => value.value);
        return this.#plan.add({ op: "one-of", values: allowed, negated: false }, "boolean", [node]);
      }
    }
    const equals = values.map((value) =>
      this.#compareWith(item, "==", value, { kind: "compare", op: "==", left: item, right: value, at: value.at }),
    );
    return this.#plan.add({ op: "or" }, "boolean", equals);
  }

  #value(expression: Expression): Compiled {
    switch (expression.kind) {
      case "literal":
        if (typeof expression.value !== "number") throw this.#error(expression, "text stands where a number must");
        return this.#number({ op: "constant", value: expression.value });
      case "attribute": {
        const column = this.#column(expression);
        const numeric = column.kind === "numeric" || holdsNumbers(column);
        const type = numeric ? "number" : "text";
        return {
          node: this.#plan.add({ op: "column", column: expression.name, type }, type),
          type,
        };
      }
      case "arithmetic":
        return this.#number({ op: "arithmetic", operator: expression.op }, [
          this.number(expression.left),
          this.number(expression.right),
        ]);
      case "negate":
        return this.#number({ op: "negate" }, [this.number(expression.item)]);
      case "count":
        return this.#number({ op: "count", windowMs: expression.windowMs }, [this.step(expression.step)]);
      case "aggregate": {
        const column = this.#namedColumn(expression.attribute, expression);
        if (column.kind !== "numeric" && !holdsNumbers(column)) {
          throw this.#error(expression, `${expression.fn} takes numbers; ${expression.attribute} holds text;`);
        }
        const step =
          expression.step === null
            ? this.#plan.add(
                { op: "step", names: this.#data.names.map((_, code) => code), token: null, predicate: null },
                "positions",
              )
            : this.step(expression.step);
        return this.#number({ op: "aggregate", fn: expression.fn, column: expression.attribute }, [step]);
      }
      case "session":
        if (expression.field === "index") return this.#sessionIndex();
        return this.#number({ op: "session", field: expression.field });
      case "user":
        return this.#userField(expression.field);
      case "clock":
        if (expression.field !== "start") throw this.#notYet(expression, `${expression.field}(start)`);
        return this.#number({ op: "start" });
      case "retries":
      case "elapsed":
      case "time_in":
        throw this.#notYet(expression, expression.kind);
      case "previous":
        throw this.#notYet(expression, "previous");
      case "load":
        throw this.#notYet(expression, "load");
      case "sequence":
      case "and":
      case "or":
      case "not":
      case "compare":
      case "in":
        throw this.#error(expression, "a condition stands where a value must");
    }
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

  #column(attribute: Attribute): ColumnStatistics {
    return this.#namedColumn(attribute.name, attribute);
  }

  #namedColumn(name: string, place: { readonly at: number }): ColumnStatistics {
    const column = this.#data.columns.find((candidate) => candidate.name === name);
    if (column !== undefined) return column;
    const known = this.#data.columns.map((candidate) => candidate.name);
    throw this.#error(place, `unknown attribute: ${name}; the data have ${known.join(", ") || "none"};`, known, name);
  }

  /** Text and boolean columns compare as text; a column of numbers as a number, whatever its form. */
  #isText(column: ColumnStatistics & { kind: "coded" }, literal: Literal): boolean {
    return typeof literal.value !== "number" || !holdsNumbers(column);
  }

  /** A value that the column never has is a slip of the pen, or a rare value in a quiet week: worth a word, no error. */
  #checkValue(column: ColumnStatistics & { kind: "coded" }, literal: Literal): void {
    if (column.dictionary.some((value) => sameValue(value, literal.value))) return;
    const known = column.dictionary.map(String);
    const shown = known.length <= 8 ? known.join(", ") : `${known.slice(0, 8).join(", ")} and ${known.length - 8} more`;
    const name = String(literal.value);
    this.#plan.warn(
      `${this.#source.where}: no event has ${column.name} ${JSON.stringify(name)};${didYouMean(name, known)} the data have ${shown}`,
    );
  }

  #checkPredicate(predicate: Expression, columns: readonly ColumnStatistics[]): void {
    visit(predicate, (node) => {
      switch (node.kind) {
        case "attribute": {
          if (!columns.some((column) => column.name === node.name)) this.#column(node);
          return;
        }
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

  #holdsText(side: Expression): boolean {
    if (side.kind === "attribute") return !holdsNumbers(this.#column(side));
    return side.kind === "literal" && typeof side.value !== "number";
  }

  #error(place: { readonly at: number }, sentence: string, known?: Iterable<string>, name?: string): LeadlineError {
    const hint = known === undefined || name === undefined ? "" : didYouMean(name, known);
    const text = sentence.endsWith(";") && hint === "" ? sentence.slice(0, -1) : sentence;
    return expressionError(this.#source.text, place.at, `${text}${hint}`, this.#source.where);
  }

  #notYet(place: { readonly at: number }, what: string): LeadlineError {
    const { message } = this.#error(place, `unsupported: ${what}; it is parsed, but this version does not compute it`);
    return new LeadlineError("unsupported", message);
  }
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
