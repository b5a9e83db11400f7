import { z } from "zod";
import { bestPairs, conditions, divides, durationText, eventName, event as eventText, roundDuration } from "./parts.js";
import type { Template } from "./template.js";

/** Pairs that are tried. */
const MOST = 16;
/** Share of the sessions with the event in which the other usually follows. */
const USUAL = 0.6;

/** Parameters of `absence`. */
export interface AbsenceParameters {
  readonly event: string;
  readonly missing: string;
  /** Absent: up to the session's end. */
  readonly within?: string | undefined;
}

/** A not followed by B, where it usually is. */
export const absence: Template<AbsenceParameters> = {
  name: "absence",
  description: "an event is not followed by another one within some time",
  parameters: z.strictObject({ event: eventName, missing: eventName, within: durationText.optional() }),
  grid: (data) =>
    bestPairs(data, MOST, ({ sessions, followed }) =>
      followed >= USUAL * sessions && divides(sessions, data.grid.sessions) ? sessions : 0,
    ).flatMap(({ first, second, gapMs }) => {
      const within = roundDuration(gapMs.q90);
      return within === null ? [] : [{ event: first, missing: second, within }];
    }),
  compile({ event, missing, within }) {
    const window = within === undefined ? "" : ` within ${within}`;
    return conditions(`${eventText(event)} -> not ${eventText(missing)}${window}`);
  },
};
