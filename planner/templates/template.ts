import type { z } from "zod";
import type { Expression } from "../expression/ast.js";
import type { DataStatistics } from "../statistics.js";

/** What a class asks of the engine: patterns to mine, or conditions on sessions to evaluate. */
export type ClassPlan =
  | {
      readonly kind: "patterns";
      /** Steps of the patterns. */
      readonly k: number;
      /** `next`: nothing but ignored events lies between two steps; `gap`: anything may. */
      readonly adjacency: "next" | "gap";
      /** ms from the first step to the last; null: no bound */
      readonly withinMs: number | null;
      /** Only patterns that hold this event; null: any. */
      readonly contains: string | null;
    }
  | { readonly kind: "sessions"; readonly hypotheses: readonly SessionHypothesis[] };

/** A condition on sessions. */
export interface SessionHypothesis {
  readonly expression: Expression;
  /**
   * `lifecycle`: a session's index means what it says only for users whose beginning is in the data, so only their
   * sessions are compared.
   */
  readonly population: "all" | "lifecycle";
}

/**
 * A parameterised class of hypotheses: data and one compile function.
 * @typeParam P - its parameters
 */
export interface Template<P> {
  readonly name: string;
  /** One line, for people and for the model that chooses. */
  readonly description: string;
  /** What the parameters may be; its JSON schema is what the model fills in. */
  readonly parameters: z.ZodType<P>;
  /** Parameters to try where nobody chose any. */
  grid(data: DataStatistics): readonly P[];
  /** What the class asks of the engine. */
  compile(parameters: P, data: DataStatistics): ClassPlan;
}
