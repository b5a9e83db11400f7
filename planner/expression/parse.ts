import { durationForm, nearestUnit } from "../duration.js";
import type {
  Aggregate,
  Arithmetic,
  CompareOperator,
  Count,
  EventStep,
  Expression,
  Link,
  Literal,
  PairMeasure,
  Sequence,
  Step,
} from "./ast.js";
import { lex, type Token } from "./lex.js";
import { expressionError, quoteSource } from "./message.js";
import { didYouMean, nearest } from "./suggest.js";
import { isCondition } from "./walk.js";
import {
  aggregateWords,
  fieldWords,
  functionWords,
  isPlainAttribute,
  operatorWords,
  pairWords,
  reservedWords,
} from "./words.js";

/**
 * Deepest nesting of a tree, so that neither this parser nor what walks its trees later can run out of stack.
 * People write less than ten.
 */
const maxDepth = 256;

const compareOperators: ReadonlySet<string> = new Set<CompareOperator>(["==", "!=", "<", "<=", ">", ">="]);
const links: ReadonlySet<string> = new Set<Link>(["->", "=>"]);

/** Where an expression stands decides what a bare name or a quoted text as a whole is. */
export interface ParseOptions {
  /**
   * `boolean`: a condition is asked for, and a bare name or quoted text is an event.
   * `value`: a bare name is an attribute, a quoted text a string; a condition is let through too (`isCondition` tells).
   * @default "boolean"
   */
  readonly position?: "boolean" | "value";
  /** What the expression is of, such as `study.yaml: kpis[0].failure`: the head of messages. */
  readonly where?: string;
}

/**
 * Reads an expression of the language of docs/EXPRESSIONS.md. O(length).
 * @throws LeadlineError `expression-invalid`, with the place in the text
 */
export function parseExpression(text: string, options: ParseOptions = {}): Expression {
  return new Parser(text, options.where).parse(options.position ?? "boolean");
}

/** A bare name or a quoted text whose meaning waits for what follows it. */
interface Pending {
  readonly kind: "pending";
  readonly quoted: boolean;
  readonly value: string;
  readonly at: number;
}

type Raw = Expression | Pending;

class Parser {
  readonly #text: string;
  readonly #where: string | undefined;
  readonly #tokens: readonly Token[];
  readonly #end: Token;
  #index = 0;
  #depth = 0;
  /** Inside `[ ]` names are attributes of the event. */
  #inPredicate = false;

  constructor(text: string, where: string | undefined) {
    this.#text = text;
    this.#where = where;
    this.#tokens = lex(text, where);
    this.#end = { kind: "end", value: null, at: text.length, end: text.length };
    const hole = this.#tokens.find(({ kind }) => kind === "hole");
    if (hole !== undefined) {
      throw this.#fail(hole, `found the hole ${this.#source(hole)}; allowed: holes in a template of the study alone`);
    }
  }

  parse(position: "boolean" | "value"): Expression {
    if (this.#peek().kind === "end") {
      const form =
        position === "boolean" ? "a condition, such as buy_plan -> payment" : "a value, such as session.duration";
      throw this.#failAt(0, `found the end of an empty expression; allowed: ${form}`);
    }
    const raw = this.#or();
    if (this.#peek().kind !== "end") throw this.#unexpectedAfter();
    if (position === "boolean") return this.#asCondition(raw);
    return raw.kind === "pending" ? this.#asValue(raw) : raw;
  }

  #or(): Raw {
    return this.#logical("or", () => this.#logical("and", () => this.#not()));
  }

  #logical(kind: "or" | "and", operand: () => Raw): Raw {
    const at = this.#peek().at;
    const first = operand();
    if (!this.#isName(kind)) return first;
    const items: Expression[] = [];
    const add = (raw: Raw) => {
      const item = this.#asCondition(raw);
      if (item.kind === kind) items.push(...item.items);
      else items.push(item);
    };
    add(first);
    while (this.#takeName(kind)) add(operand());
    return { kind, items, at };
  }

  #not(): Raw {
    const at = this.#peek().at;
    if (!this.#takeName("not")) return this.#comparison();
    const item = this.#nested(() => this.#asCondition(this.#not()));
    return { kind: "not", item, at };
  }

  #comparison(): Raw {
    const at = this.#peek().at;
    const left = this.#arithmetic(["+", "-"], () => this.#arithmetic(["*", "/"], () => this.#negation()));
    const token = this.#peek();
    let result: Expression;
    if (token.kind === "symbol" && isCompareOperator(token.value)) {
      this.#index++;
      const right = this.#arithmetic(["+", "-"], () => this.#arithmetic(["*", "/"], () => this.#negation()));
      result = { kind: "compare", op: token.value, left: this.#asValue(left), right: this.#asValue(right), at };
    } else if (this.#takeName("in")) {
      result = { kind: "in", item: this.#asValue(left), values: this.#literals(), at };
    } else return left;
    const next = this.#peek();
    if ((next.kind === "symbol" && compareOperators.has(next.value)) || this.#isName("in")) {
      throw this.#fail(next, `found a second comparison, ${this.#source(next)}; allowed: one, joined to others by and`);
    }
    return result;
  }

  /** Left-associative operators of one rank. */
  #arithmetic(operators: readonly Arithmetic["op"][], operand: () => Raw): Raw {
    const at = this.#peek().at;
    let left = operand();
    for (let count = 1; ; count++) {
      const token = this.#peek();
      const op = token.kind === "symbol" ? operators.find((operator) => operator === token.value) : undefined;
      if (op === undefined) return left;
      // A row of operators is a tree as deep as the row is long.
      if (count > maxDepth) throw this.#tooDeep(token);
      this.#index++;
      left = { kind: "arithmetic", op, left: this.#asValue(left), right: this.#asValue(operand()), at };
    }
  }

  #negation(): Raw {
    const token = this.#peek();
    if (!this.#takeSymbol("-")) return this.#primary();
    const item = this.#nested(() => this.#asValue(this.#negation()));
    if (item.kind !== "literal") return { kind: "negate", item, at: token.at };
    if (typeof item.value !== "number") throw this.#fail(token, "found `-` before a text; allowed: before a number");
    // No negative zero: it would compare like zero and print unlike it.
    return { ...item, value: item.value === 0 ? 0 : -item.value, at: token.at };
  }

  #primary(): Raw {
    const token = this.#peek();
    switch (token.kind) {
      case "number":
      case "duration":
        this.#index++;
        return numberLiteral(token.value, token.kind === "duration", token.at);
      case "attribute":
        this.#index++;
        if (this.#isStepMark()) {
          const written = JSON.stringify(token.value);
          throw this.#fail(token, `found an attribute in backticks as a step; allowed: an event, such as ${written}`);
        }
        return { kind: "attribute", name: token.value, at: token.at };
      case "string":
        return this.#nameOrSequence(token, true);
      case "name":
        return reservedWords.has(token.value) ? this.#word(token) : this.#nameOrSequence(token, false);
      case "symbol":
        if (token.value === "(") return this.#parenthesised(token);
        throw this.#noOperand(token);
      case "hole":
      case "end":
        throw this.#noOperand(token);
    }
  }

  #parenthesised(open: Token): Raw {
    this.#index++;
    const raw = this.#nested(() => this.#or());
    this.#close(")");
    const next = this.#peek();
    if (this.#inPredicate || !this.#isStepMark() || this.#isSymbol("[")) return raw;
    const single =
      raw.kind === "pending"
        ? eventStep(raw.value, null, raw.at)
        : raw.kind === "sequence" && raw.steps.length === 1
          ? raw.steps[0]
          : undefined;
    if (single === undefined || this.#isName("until")) {
      throw this.#fail(
        next,
        `found ${this.#source(next)} after \`)\`; allowed: chains without parentheses inside them`,
      );
    }
    return this.#sequence(single, open.at);
  }

  #nameOrSequence(token: Token & { readonly value: string }, isQuoted: boolean): Raw {
    if (!isQuoted && this.#isSymbol("(", 1)) throw this.#unknownFunction(token);
    if (!this.#inPredicate && this.#isStepMark(1)) return this.#sequence(this.#step(), token.at);
    this.#index++;
    const pending: Pending = { kind: "pending", quoted: isQuoted, value: token.value, at: token.at };
    return this.#inPredicate ? this.#asValue(pending) : pending;
  }

  /** The rest of a chain behind its first step, which has been read. */
  #sequence(first: Step, at: number): Sequence {
    const steps: Step[] = [first];
    const joined: Link[] = [];
    let absent = false;
    while (true) {
      const token = this.#peek();
      if (token.kind !== "symbol" || !isLink(token.value)) break;
      if (absent)
        throw this.#fail(token, `found ${this.#source(token)} after \`-> not\`; allowed: within, or the chain's end`);
      this.#index++;
      joined.push(token.value);
      const not = this.#peek();
      if (this.#takeName("not")) {
        if (token.value === "=>")
          throw this.#fail(not, "found `not` after `=>`; allowed: after `->`, at a chain's end");
        absent = true;
      }
      steps.push(this.#step());
    }
    return { kind: "sequence", steps, links: joined, absent, withinMs: this.#within(steps.length), at };
  }

  #within(steps: number): number | null {
    const token = this.#peek();
    if (!this.#takeName("within")) return null;
    if (steps < 2)
      throw this.#fail(token, "found `within` after one step; allowed: after a chain of two or more, such as a -> b");
    const ms = this.#duration();
    const next = this.#peek();
    if (next.kind === "symbol" && links.has(next.value)) {
      throw this.#fail(next, `found ${this.#source(next)} after within; allowed: within at the chain's end alone`);
    }
    return ms;
  }

  #step(): Step {
    const at = this.#peek().at;
    if (this.#takeSymbol("(")) {
      const step = this.#nested(() => this.#step());
      this.#close(")", " chains do not nest");
      return step;
    }
    const repeat = this.#eventStep();
    if (!this.#takeName("until")) return repeat;
    const end = this.#eventStep();
    const next = this.#peek();
    if (this.#isName("until")) throw this.#fail(next, "found a second `until`; allowed: one in a step");
    return { kind: "until", repeat, end, at };
  }

  #eventStep(): EventStep {
    const token = this.#peek();
    if (token.kind === "name" && reservedWords.has(token.value)) {
      throw this.#fail(
        token,
        `found ${this.#source(token)}, a word of the language, as an event; allowed: "${token.value}"`,
      );
    }
    if (token.kind !== "name" && token.kind !== "string") {
      const hint =
        token.kind === "attribute"
          ? `: ${JSON.stringify(token.value)}`
          : token.kind === "number" || token.kind === "duration"
            ? "; a comparison is written >= or <="
            : token.kind === "symbol" && token.value === "*"
              ? "; session.events counts all events, *.attribute stands in sum, mean, min, max, first, last"
              : "";
      throw this.#fail(token, `found ${this.#source(token)}; allowed: an event's name, bare or in quotes${hint}`);
    }
    this.#index++;
    return eventStep(token.value, this.#predicate(), token.at);
  }

  #predicate(): Expression | null {
    if (!this.#takeSymbol("[")) return null;
    this.#inPredicate = true;
    const predicate = this.#nested(() => this.#asCondition(this.#or()));
    this.#close("]");
    this.#inPredicate = false;
    return predicate;
  }

  /** A word of the language where an operand stands. */
  #word(token: Token & { readonly value: string }): Expression {
    const word = token.value;
    const at = token.at;
    if (word === "true" || word === "false") {
      this.#index++;
      return { kind: "literal", value: word === "true", at };
    }
    if (operatorWords.has(word)) throw this.#noOperand(token);
    if (this.#inPredicate) {
      throw this.#fail(
        token,
        `found ${this.#source(token)} inside [ ]; allowed: the event's own attributes (in backticks where they are called like a word of the language)`,
      );
    }
    this.#index++;
    const field = fieldWords.get(word);
    if (field !== undefined) return { ...field, at };
    return this.#call(token);
  }

  #call(token: Token & { readonly value: string }): Expression {
    const word = token.value;
    const at = token.at;
    if (!this.#takeSymbol("(")) {
      throw this.#fail(
        token,
        `found ${this.#source(token)} without arguments; allowed: ${word}(…), the event "${word}", the attribute \`${word}\``,
      );
    }
    if (isAggregate(word)) return this.#aggregate(word, at);
    if (isPair(word)) return this.#pair(word, at);
    switch (word) {
      case "count":
        return this.#count(at);
      case "hour":
      case "weekday": {
        const argument = this.#peek();
        if (!this.#takeName("start"))
          throw this.#fail(argument, `found ${this.#source(argument)}; allowed: ${word}(start)`);
        this.#close(")");
        return { kind: "clock", field: word, at };
      }
      case "previous": {
        const attribute = this.#previousAttribute();
        this.#close(")");
        return { kind: "previous", attribute, at };
      }
      default: {
        const kpi = this.#kpiName();
        this.#close(")");
        return { kind: "load", field: "failure_rate", kpi, at };
      }
    }
  }

  #count(at: number): Count {
    const step = this.#step();
    this.#close(")");
    let windowMs: number | null = null;
    if (this.#isName("in") && this.#peek(1).kind === "duration") {
      this.#index++;
      windowMs = this.#duration();
    }
    return { kind: "count", step, windowMs, at };
  }

  #pair(kind: PairMeasure["kind"], at: number): PairMeasure {
    const first = kind === "elapsed" && this.#takeName("start") ? null : this.#eventStep();
    const comma = this.#peek();
    if (!this.#takeSymbol(",")) {
      throw this.#fail(comma, `found ${this.#source(comma)}; allowed: a comma and the second event of ${kind}(A, B)`);
    }
    const second = this.#eventStep();
    this.#close(")");
    return { kind, first, second, at };
  }

  #aggregate(fn: Aggregate["fn"], at: number): Aggregate {
    const { step, attribute } = this.#stepAttribute(fn);
    this.#close(")");
    return { kind: "aggregate", fn, step, attribute, at };
  }

  /** `step.attribute`, split at the last dot; `*.attribute`. */
  #stepAttribute(fn: string): { readonly step: EventStep | null; readonly attribute: string } {
    const token = this.#peek();
    if (this.#takeSymbol("*")) return { step: null, attribute: this.#dotAttribute(fn) };
    if (token.kind === "string") return { step: this.#eventStep(), attribute: this.#dotAttribute(fn) };
    if (token.kind !== "name") throw this.#noStepAttribute(token, fn);
    const next = this.#peek(1);
    if (next.kind === "symbol" && next.value === "[") {
      return { step: this.#eventStep(), attribute: this.#dotAttribute(fn) };
    }
    const dot = token.value.lastIndexOf(".");
    const event = token.value.slice(0, Math.max(dot, 0));
    let attribute = token.value.slice(dot + 1);
    if (event === "") throw this.#noStepAttribute(token, fn);
    if (reservedWords.has(token.value) || reservedWords.has(event)) {
      const written = `"${event}".${attribute === "" ? "attribute" : attribute}`;
      throw this.#fail(
        token,
        `found ${this.#source(token)}, which starts with a word of the language; allowed: ${written}`,
      );
    }
    this.#index++;
    if (attribute === "" && next.kind === "attribute" && next.at === token.end) {
      this.#index++;
      attribute = next.value;
    } else if (!isPlainAttribute(attribute)) {
      throw this.#fail(
        token,
        `found ${this.#source(token)}; allowed: step.attribute, with other shapes of attribute in backticks`,
      );
    }
    return { step: eventStep(event, null, token.at), attribute };
  }

  #dotAttribute(fn: string): string {
    const dot = this.#peek();
    if (!this.#takeSymbol(".")) throw this.#noStepAttribute(dot, fn);
    const token = this.#peek();
    if (token.kind !== "attribute" && !(token.kind === "name" && isPlainAttribute(token.value))) {
      throw this.#fail(
        token,
        `found ${this.#source(token)}; allowed: an attribute's name without dots, or any in backticks`,
      );
    }
    this.#index++;
    return token.value;
  }

  #previousAttribute(): string {
    const token = this.#peek();
    if (token.kind === "attribute" || (token.kind === "name" && !reservedWords.has(token.value))) {
      this.#index++;
      return token.value;
    }
    throw this.#fail(token, `found ${this.#source(token)}; allowed: an attribute's name, bare or in backticks`);
  }

  #kpiName(): string {
    const token = this.#peek();
    if (token.kind === "string" || (token.kind === "name" && !reservedWords.has(token.value))) {
      this.#index++;
      return token.value;
    }
    throw this.#fail(token, `found ${this.#source(token)}; allowed: a KPI's name, bare or in quotes`);
  }

  /** `(a, b)` of `in`. */
  #literals(): readonly Literal[] {
    const open = this.#peek();
    if (!this.#takeSymbol("(")) {
      const hint =
        open.kind === "duration"
          ? "; a window stands after count(…) alone"
          : open.kind === "number"
            ? `; a window is a duration, such as ${open.value}s`
            : "";
      throw this.#fail(
        open,
        `found ${this.#source(open)} after in; allowed: values in parentheses, such as ("a", "b")${hint}`,
      );
    }
    const values: Literal[] = [];
    do {
      const token = this.#peek();
      if (token.kind === "name" && !reservedWords.has(token.value)) {
        throw this.#fail(token, `found the name ${this.#source(token)} in a list of values; allowed: "${token.value}"`);
      }
      const value = token.kind === "end" || this.#isSymbol(")") ? null : this.#negation();
      if (value?.kind === "pending") values.push({ kind: "literal", value: value.value, at: value.at });
      else if (value?.kind === "literal") values.push(value);
      else throw this.#fail(token, `found ${this.#source(token)}; allowed: texts, numbers, durations, true, false`);
    } while (this.#takeSymbol(","));
    this.#close(")");
    return values;
  }

  #duration(): number {
    const token = this.#peek();
    if (token.kind !== "duration") {
      const unit = token.kind === "number" ? nearestUnit(this.#source(this.#peek(1)).slice(1, -1)) : null;
      const hint = unit === null ? "" : `; did you mean ${this.#text.slice(token.at, token.end)}${unit}?`;
      throw this.#fail(token, `found ${this.#source(token)}; allowed: ${durationForm}${hint}`);
    }
    this.#index++;
    return token.value;
  }

  #asCondition(raw: Raw): Expression {
    if (raw.kind === "pending") {
      const steps = [eventStep(raw.value, null, raw.at)];
      return { kind: "sequence", steps, links: [], absent: false, withinMs: null, at: raw.at };
    }
    if (isCondition(raw) || (this.#inPredicate && raw.kind === "attribute")) return raw;
    const attribute = raw.kind === "attribute" ? ", such as == true" : ", such as > 0";
    throw this.#failAt(raw.at, `found a value where a condition stands; allowed: a comparison of it${attribute}`);
  }

  #asValue(raw: Raw): Expression {
    if (raw.kind === "pending") {
      return raw.quoted
        ? { kind: "literal", value: raw.value, at: raw.at }
        : { kind: "attribute", name: raw.value, at: raw.at };
    }
    if (raw.kind === "literal" || !isCondition(raw)) return raw;
    throw this.#failAt(
      raw.at,
      "found a condition where a value stands; allowed: attributes, numbers, texts, count(…) and the like",
    );
  }

  /** Runs `read` one level deeper. */
  #nested<T>(read: () => T): T {
    if (++this.#depth > maxDepth) throw this.#tooDeep(this.#peek());
    const result = read();
    this.#depth--;
    return result;
  }

  #peek(ahead = 0): Token {
    return this.#tokens[this.#index + ahead] ?? this.#end;
  }

  #isName(word: string, ahead = 0): boolean {
    const token = this.#peek(ahead);
    return token.kind === "name" && token.value === word;
  }

  #isSymbol(symbol: string, ahead = 0): boolean {
    const token = this.#peek(ahead);
    return token.kind === "symbol" && token.value === symbol;
  }

  /** Whether what stands there makes a step of what stands before it. */
  #isStepMark(ahead = 0): boolean {
    const token = this.#peek(ahead);
    if (token.kind === "symbol") return links.has(token.value) || token.value === "[";
    return this.#isName("until", ahead) || this.#isName("within", ahead);
  }

  #takeName(word: string): boolean {
    const is = this.#isName(word);
    if (is) this.#index++;
    return is;
  }

  #takeSymbol(symbol: string): boolean {
    const is = this.#isSymbol(symbol);
    if (is) this.#index++;
    return is;
  }

  #close(symbol: ")" | "]", hint = ""): void {
    const token = this.#peek();
    if (this.#takeSymbol(symbol)) return;
    if (hint === "") throw this.#unexpectedAfter(`\`${symbol}\``);
    throw this.#fail(token, `found ${this.#source(token)}; allowed: \`${symbol}\`;${hint}`);
  }

  #source(token: Token): string {
    return token.kind === "end" ? "the end" : quoteSource(this.#text.slice(token.at, token.end));
  }

  #fail(token: Token, sentence: string): Error {
    return this.#failAt(token.at, sentence);
  }

  #failAt(at: number, sentence: string): Error {
    return expressionError(this.#text, at, sentence, this.#where);
  }

  #tooDeep(token: Token): Error {
    return this.#fail(
      token,
      `nested too deeply; allowed: ${maxDepth} levels of parentheses, not, and operators in a row`,
    );
  }

  /** What stands there follows something complete, and nothing can be done with it. */
  #unexpectedAfter(closing = "the end"): Error {
    const token = this.#peek();
    const before = this.#tokens[this.#index - 1];
    const after = before === undefined ? "" : ` after ${this.#source(before)}`;
    let hint = "";
    if (token.kind === "name") {
      const word = nearest(token.value, operatorWords);
      // written in capitals, `not` has become an event
      const earlier = before?.kind === "name" ? before.value.toLowerCase() : "";
      if (word !== null && word !== token.value) hint = `; did you mean ${word}?`;
      else if (earlier !== before?.value && operatorWords.has(earlier)) hint = `; did you mean ${earlier}?`;
      else if (before?.kind === "name") hint = '; a name with spaces is quoted, such as "a b"';
    }
    if (this.#isStepMark()) hint = this.#inPredicate ? "; chains stand outside [ ]" : "; a chain joins events alone";
    if (this.#isSymbol("=>") && !this.#inPredicate) hint += ", at least is written >=";
    return this.#fail(
      token,
      `found ${this.#source(token)}${after}; allowed: an operator (and, or, ==, in, +, ->, …) or ${closing}${hint}`,
    );
  }

  #noOperand(token: Token): Error {
    return this.#fail(
      token,
      `found ${this.#source(token)}; allowed: an event or attribute, a number, a text, a function such as count(…), not, or \`(\``,
    );
  }

  #unknownFunction(token: Token & { readonly value: string }): Error {
    const hint = didYouMean(token.value, functionWords);
    return this.#fail(token, `unknown function: ${token.value};${hint} allowed: ${[...functionWords].join(", ")}`);
  }

  #noStepAttribute(token: Token, fn: string): Error {
    return this.#fail(token, `found ${this.#source(token)}; allowed: ${fn}(event.attribute) or ${fn}(*.attribute)`);
  }
}

function eventStep(event: string, predicate: Expression | null, at: number): EventStep {
  return { kind: "step", event, predicate, at };
}

function numberLiteral(value: number, isDuration: boolean, at: number): Literal {
  return isDuration ? { kind: "literal", value, unit: "ms", at } : { kind: "literal", value, at };
}

function isLink(symbol: string): symbol is Link {
  return links.has(symbol);
}

function isCompareOperator(symbol: string): symbol is CompareOperator {
  return compareOperators.has(symbol);
}

function isAggregate(word: string): word is Aggregate["fn"] {
  return aggregateWords.has(word);
}

function isPair(word: string): word is PairMeasure["kind"] {
  return pairWords.has(word);
}
