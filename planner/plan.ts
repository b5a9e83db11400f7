import type { CompareOperator, Expression } from "./expression/ast.js";

/** What a node computes a value for. */
export type Grain = "event" | "session";

/** What a node yields: positions of events, or a value per session. */
export type NodeType = "positions" | "boolean" | "number" | "text";

/** How a step of a chain follows the one before; `until`: through a run of the one before. */
export type ChainLink = "->" | "=>" | "until";

/** What a node computes, apart from its inputs. */
export type Operation =
  /** Positions of the events of some names (and token), in order, for which the predicate holds. */
  | {
      readonly op: "step";
      readonly names: readonly number[];
      /** Only events that have become this token (of a `with` rule). */
      readonly token: number | null;
      readonly predicate: Expression | null;
    }
  /** Positions of the second input's events that are reached through a run of the first's. */
  | { readonly op: "until" }
  /** Whether a session has the chain of its inputs. */
  | {
      readonly op: "sequence";
      readonly links: readonly ChainLink[];
      readonly absent: boolean;
      readonly withinMs: number | null;
    }
  /** Whether a session has at least n of the input's events; decided at the n-th. */
  | { readonly op: "count-at-least"; readonly n: number }
  /** Events of the input, in all or at most in any window. */
  | { readonly op: "count"; readonly windowMs: number | null }
  | {
      readonly op: "aggregate";
      readonly fn: "sum" | "mean" | "min" | "max" | "first" | "last";
      readonly column: string;
    }
  /** The first or last text of a column among the input's events. */
  | { readonly op: "pick"; readonly fn: "first" | "last"; readonly column: string }
  /** Of two inputs; `elapsed` of one: from the session's first event. */
  | { readonly op: "retries" | "elapsed" | "time-in" }
  | { readonly op: "session"; readonly field: "duration" | "events" | "longest_gap" }
  /** The session's index among its user's, from 1; counted on from the column's value at the user's first session. */
  | { readonly op: "session-index"; readonly history: string | null }
  | { readonly op: "days-since-last" }
  /** ms; when the user was first seen: the column's value at his first session, else that session's start. */
  | { readonly op: "first-seen"; readonly history: string | null }
  | { readonly op: "start" }
  | { readonly op: "clock"; readonly field: "hour" | "weekday"; readonly timeZone: string }
  /** The input in the user's session before. */
  | { readonly op: "previous" }
  /** Others that started in the minute up to the session's start: how many, or the share of them that fails a KPI. */
  | { readonly op: "load"; readonly kpi: number | null }
  /** The value of an auxiliary table's row that holds at the session's start. */
  | {
      readonly op: "table-column";
      readonly table: string;
      readonly column: string;
      readonly type: "number" | "text";
    }
  /** A column's value in the session's first event. */
  | { readonly op: "column"; readonly column: string; readonly type: "number" | "text" }
  | { readonly op: "constant"; readonly value: number }
  | { readonly op: "arithmetic"; readonly operator: "+" | "-" | "*" | "/" }
  | { readonly op: "negate" }
  | { readonly op: "compare"; readonly operator: CompareOperator }
  /** Comparison of the input with one number, so that many bounds share the measure. */
  | { readonly op: "threshold"; readonly operator: CompareOperator; readonly bound: number }
  | { readonly op: "compare-text"; readonly operator: "==" | "!=" }
  /** Whether the input column's value is one of some. */
  | { readonly op: "one-of"; readonly values: readonly (string | number | boolean)[]; readonly negated: boolean }
  | { readonly op: "and" | "or" }
  | { readonly op: "not" }
  | { readonly op: "true" | "false" };

/** One node of the plan: plain data. */
export interface PlanNode {
  readonly id: number;
  /** Canonical: equal keys mean equal values. */
  readonly key: string;
  readonly grain: Grain;
  readonly type: NodeType;
  readonly operation: Operation;
  /** Ids of lower nodes. */
  readonly inputs: readonly number[];
}

/** Builds a plan; equal nodes are made once. */
export class PlanBuilder {
  readonly #nodes: PlanNode[] = [];
  readonly #byKey = new Map<string, number>();
  readonly #warnings: string[] = [];
  readonly #asked: number[] = [];

  /** @param known - nodes of a plan that is added to */
  constructor(known: readonly PlanNode[] = []) {
    for (const node of known) {
      this.#nodes.push(node);
      this.#byKey.set(node.key, node.id);
    }
  }

  /** The id of the node with this operation and these inputs, new or met before. */
  add(operation: Operation, type: NodeType, inputs: readonly number[] = []): number {
    const commutes = operation.op === "and" || operation.op === "or";
    const ordered = commutes ? [...new Set(inputs)].sort((a, b) => a - b) : inputs;
    const key = `${canonical(operation)}(${ordered.join(",")})`;
    const known = this.#byKey.get(key);
    if (known !== undefined) {
      this.#asked[known] = (this.#asked[known] as number) + 1;
      return known;
    }
    const id = this.#nodes.length;
    this.#asked.push(1);
    const grain = type === "positions" ? "event" : "session";
    this.#nodes.push({ id, key, grain, type, operation, inputs: ordered });
    this.#byKey.set(key, id);
    return id;
  }

  /** @throws RangeError when there is no such node */
  node(id: number): PlanNode {
    const node = this.#nodes[id];
    if (node === undefined) throw new RangeError(`unknown node: ${id}`);
    return node;
  }

  /** All nodes, inputs before those that use them. */
  get nodes(): readonly PlanNode[] {
    return this.#nodes;
  }

  /** Notes something that a reader should know and that stops nothing. */
  warn(sentence: string): void {
    if (!this.#warnings.includes(sentence)) this.#warnings.push(sentence);
  }

  /** What was noted. */
  get warnings(): readonly string[] {
    return this.#warnings;
  }

  /** By node id: how often it was asked for, so that many times it would be in the plan without merging. */
  get asked(): readonly number[] {
    return this.#asked;
  }

  /** Nodes asked for: as many as the plan would have without merging. */
  get requested(): number {
    return this.#asked.reduce((sum, times) => sum + times, 0);
  }
}

/** The operation as text, keys sorted, positions in source texts left out. */
function canonical(operation: Operation): string {
  return JSON.stringify(operation, (key, value: unknown) => {
    if (key === "at") return undefined;
    if (value !== null && typeof value === "object" && !Array.isArray(value)) {
      return Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)));
    }
    return value;
  });
}
