import { z } from "zod";
import { LeadlineError } from "../../errors.js";
import { parseDuration } from "../duration.js";
import { didYouMean } from "../expression/suggest.js";
import type { DataStatistics } from "../statistics.js";
import { durationText, eventName } from "./parts.js";
import type { ClassPlan, Template } from "./template.js";

/** Lengths that are mined where nobody chose any. */
const DEFAULT_LENGTHS = [1, 2, 3, 4, 5];

/** Parameters of `event-pattern`. */
export interface EventPatternParameters {
  /** Steps of the pattern. */
  readonly k: number;
  /** `next`: each step is the very next event that is not ignored; `gap`: it comes some time after. @default "next" */
  readonly adjacency?: "next" | "gap" | undefined;
  /** A duration from the first step to the last; absent: no bound. */
  readonly within?: string | undefined;
  /** Only patterns that hold this event. */
  readonly contains?: string | undefined;
}

/**
 * The session holds a sequence of k events (paper, 5.1): every sequence that appears in the data is a hypothesis. By default
 * sequences without gaps are tried.
 */
export const eventPattern: Template<EventPatternParameters> = {
  name: "event-pattern",
  description: "the session holds a sequence of k events, one right after the other or with others between",
  parameters: z.strictObject({
    k: z.int().min(1).max(8),
    adjacency: z.enum(["next", "gap"]).optional(),
    within: durationText.optional(),
    contains: eventName.optional(),
  }),
  grid: () => DEFAULT_LENGTHS.map((k) => ({ k })),
  compile({ k, adjacency, within, contains }, data): ClassPlan {
    // of one step, all that could lie between or take time is nothing
    const spaced = k > 1;
    return {
      kind: "patterns",
      k,
      adjacency: spaced ? (adjacency ?? "next") : "next",
      withinMs: spaced && within !== undefined ? parseDuration(within) : null,
      contains: contains === undefined ? null : knownToken(contains, data),
    };
  },
};

function knownToken(event: string, data: DataStatistics): string {
  if (data.tokens.some((token) => token.text === event)) return event;
  const known = data.tokens.map((token) => token.text);
  throw new LeadlineError("study-invalid", `event-pattern: unknown event: ${event};${didYouMean(event, known)}`);
}
