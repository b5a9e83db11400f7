import { z } from "zod";
import { bestPairs, conditions, divides, durationText, event, eventName, roundDuration } from "./parts.js";
import type { Template } from "./template.js";

/** Pairs that are tried. */
const MOST = 16;

/** Parameters of `elapsed`. */
export interface ElapsedParameters {
  readonly from: string;
  readonly to: string;
  /** Exceeded. */
  readonly threshold: string;
}

/** A slow step. */
export const elapsed: Template<ElapsedParameters> = {
  name: "elapsed",
  description: "the time from the first of one event to the first of another after it exceeds a bound",
  parameters: z.strictObject({ from: eventName, to: eventName, threshold: durationText }),
  grid: (data) =>
    bestPairs(data, MOST, ({ followed, sessions }) =>
      divides(followed, data.grid.sessions) && followed >= sessions / 2 ? followed : 0,
    ).flatMap(({ first, second, gapMs }) => {
      const threshold = roundDuration(gapMs.q90);
      return threshold === null ? [] : [{ from: first, to: second, threshold }];
    }),
  compile({ from, to, threshold }) {
    return conditions(`elapsed(${event(from)}, ${event(to)}) > ${threshold}`);
  },
};
