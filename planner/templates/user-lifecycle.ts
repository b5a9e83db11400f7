import { z } from "zod";
import { LeadlineError } from "../../errors.js";
import type { CompareOperator, Expression } from "../expression/ast.js";
import type { ClassPlan, Template } from "./template.js";

const DAY_MS = 86_400_000;
/** Session boundaries and days of inactivity that are tried where nobody chose any; 30 days is the paper's example. */
const DEFAULT_BOUNDARIES = [1, 2, 5];
const DEFAULT_INACTIVITY_DAYS = [7, 30];

/** Parameters of `user-lifecycle`: one of the two. */
export interface UserLifecycleParameters {
  /** The session index that divides new users from long-term users (the paper's k). */
  readonly boundary?: number | undefined;
  /** Days without a session after which a user is back after a pause (the paper's f). */
  readonly inactivity?: number | undefined;
}

/** New against long-term users, the nth session, back after a pause (paper, 5.1). */
export const userLifecycle: Template<UserLifecycleParameters> = {
  name: "user-lifecycle",
  description: "the session is one of a user's first, a later one, the nth, or the first after a pause",
  parameters: z
    .strictObject({
      boundary: z.int().min(1).max(1000).optional(),
      inactivity: z.number().positive().max(3650).optional(),
    })
    .refine((parameters) => parameters.boundary !== undefined || parameters.inactivity !== undefined, {
      message: "missing boundary or inactivity",
    }),
  grid(data) {
    if (!data.hasUsers) return [];
    const days = (data.to - data.from) / DAY_MS;
    const pauses = DEFAULT_INACTIVITY_DAYS.filter((inactivity) => inactivity < days);
    return [...DEFAULT_BOUNDARIES.map((boundary) => ({ boundary })), ...pauses.map((inactivity) => ({ inactivity }))];
  },
  compile({ boundary, inactivity }, data): ClassPlan {
    if (!data.hasUsers) {
      throw new LeadlineError(
        "study-invalid",
        "user-lifecycle: missing user column; without users there is no lifecycle",
      );
    }
    const hypotheses: { expression: Expression; population: "all" | "lifecycle" }[] = [];
    if (boundary !== undefined) {
      const index = (op: CompareOperator): void => {
        hypotheses.push({ expression: compare("session", "index", op, boundary), population: "lifecycle" });
      };
      index("<=");
      index(">");
      // the first session is `<= 1` already
      if (boundary > 1) index("==");
    }
    if (inactivity !== undefined) {
      hypotheses.push({ expression: compare("user", "days_since_last", ">", inactivity), population: "all" });
    }
    return { kind: "sessions", hypotheses };
  },
};

function compare(owner: "session" | "user", field: string, op: CompareOperator, value: number): Expression {
  const left =
    owner === "session"
      ? ({ kind: "session", field: field as "index", at: 0 } as const)
      : ({ kind: "user", field: field as "days_since_last", at: 0 } as const);
  return { kind: "compare", op, left, right: { kind: "literal", value, at: 0 }, at: 0 };
}
