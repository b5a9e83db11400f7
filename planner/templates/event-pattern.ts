import { z } from "zod";
import { LeadlineError } from "../../errors.js";
import { didYouMean } from "../expression/suggest.js";
import type { DataStatistics } from "../statistics.js";
import { eventName } from "./parts.js";
import type { ClassPlan, Template } from "./template.js";

/** Lengths that are mined where nobody chose any. */
const DEFAULT_LENGTHS = [1, 2, 3, 4, 5];

/** Parameters of `event-pattern`. */
export interface EventPatternParameters {
  /** Steps of the pattern. */
  readonly k: number;
  /** `next`: each step is the very next event that is not ignored. */
  readonly adjacency?: "next" | undefined;
  /** Only patterns that hold this event. */
  readonly contains?: string | undefined;
}

/** The session holds a sequence of k events (paper, 5.1): every sequence that appears in the data is a hypothesis. */
export const eventPattern: Template<EventPatternParameters> = {
  name: "event-pattern",
  description: "the session holds a sequence of k events, one right after the other",
  parameters: z.strictObject({
    k: z.int().min(1).max(8),
    adjacency: z.literal("next").optional(),
    contains: eventName.optional(),
  }),
  grid: () => DEFAULT_LENGTHS.map((k) => ({ k })),
  compile({ k, contains }, data): ClassPlan {
    return { kind: "patterns", k, contains: contains === undefined ? null : knownToken(contains, data) };
  },
};

function knownToken(event: string, data: DataStatistics): string {
  if (data.tokens.some((token) => token.text === event)) return event;
  const known = data.tokens.map((token) => token.text);
  throw new LeadlineError("study-invalid", `event-pattern: unknown event: ${event};${didYouMean(event, known)}`);
}
