import { z } from "zod";
import { LeadlineError } from "../../errors.js";
import { parseDuration } from "../duration.js";
import { conditions, dividingEvents, event, roundDuration } from "./parts.js";
import type { Template } from "./template.js";

/** Events whose time is tried. */
const MOST_EVENTS = 8;
const timeTo = "time_to:";

/** Parameters of `session-shape`. */
export interface SessionShapeParameters {
  /** `time_to:EVENT` is the time from the session's start to the first such event. */
  readonly measure: string;
  /** Exceeded: a duration such as `10m`; of `events` a number. */
  readonly threshold: string;
}

/** Long sessions, sessions of many events, with a long pause, or slow to reach an event. */
export const sessionShape: Template<SessionShapeParameters> = {
  name: "session-shape",
  description: "the session lasts longer, has more events or a longer pause, or takes longer to an event, than a bound",
  parameters: z.strictObject({
    measure: z.string().regex(/^(duration|events|longest_gap|time_to:.+)$/su, {
      message: "invalid measure; allowed: duration, events, longest_gap, time_to:EVENT",
    }),
    threshold: z.coerce.string().max(20),
  }),
  grid(data) {
    const { measures, events } = data.grid;
    const ofTime = (measure: string, bounds: readonly number[]): SessionShapeParameters[] =>
      [...new Set(bounds.map(roundDuration))].flatMap((threshold) =>
        threshold === null ? [] : [{ measure, threshold }],
      );
    const { q50, q90 } = measures.events;
    const counts = [...new Set([q50, q90])].filter((bound) => bound >= 1);
    return [
      ...ofTime("duration", [measures.duration.q50, measures.duration.q90]),
      ...counts.map((bound) => ({ measure: "events", threshold: String(Math.round(bound)) })),
      ...ofTime("longest_gap", [measures.longest_gap.q50, measures.longest_gap.q90]),
      ...dividingEvents(data, MOST_EVENTS).flatMap((name) => {
        const statistics = events.find((each) => each.name === name);
        return statistics === undefined ? [] : ofTime(timeTo + name, [statistics.timeToMs.q75]);
      }),
    ];
  },
  compile({ measure, threshold }) {
    const isCount = measure === "events";
    if (isCount ? !/^\d+$/.test(threshold) : parseDuration(threshold) === null) {
      const allowed = isCount ? "a whole number" : "a duration such as 10m";
      throw new LeadlineError("study-invalid", `session-shape: invalid threshold: ${threshold}; allowed: ${allowed}`);
    }
    if (!measure.startsWith(timeTo)) return conditions(`session.${measure} > ${threshold}`);
    return conditions(`elapsed(start, ${event(measure.slice(timeTo.length))}) > ${threshold}`);
  },
};
