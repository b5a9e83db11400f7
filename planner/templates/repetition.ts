import { z } from "zod";
import { conditions, divides, durationText, eventName, event as eventText, times } from "./parts.js";
import type { Template } from "./template.js";

/** Events that are tried, three of each: in all and within a minute. */
const MOST_EVENTS = 12;
const N = 3;
const WINDOW = "60s";

/** Parameters of `repetition`. */
export interface RepetitionParameters {
  readonly event: string;
  readonly n: number;
  /** Null or absent: in the whole session. */
  readonly window?: string | undefined;
}

/** At least n of an event, in the session or in any window. */
export const repetition: Template<RepetitionParameters> = {
  name: "repetition",
  description: "an event happens at least n times, in the whole session or within some time",
  parameters: z.strictObject({ event: eventName, n: times, window: durationText.optional() }),
  grid: ({ grid }) =>
    grid.events
      .filter(({ repeated }) => divides(repeated, grid.sessions))
      .slice(0, MOST_EVENTS)
      .flatMap(({ name }) => [
        { event: name, n: N },
        { event: name, n: N, window: WINDOW },
      ]),
  compile({ event, n, window }) {
    return conditions(`count(${eventText(event)})${window === undefined ? "" : ` in ${window}`} >= ${n}`);
  },
};
