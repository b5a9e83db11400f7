import { z } from "zod";
import { bestPairs, conditions, divides, eventName, event as eventText } from "./parts.js";
import type { Template } from "./template.js";

/** Pairs that are tried. */
const MOST = 8;

/** Parameters of `until`. */
export interface UntilParameters {
  readonly event: string;
  readonly end: string;
}

/** A until B. */
export const until: Template<UntilParameters> = {
  name: "until",
  description: "an event repeats, with nothing else between, up to another one",
  parameters: z.strictObject({ event: eventName, end: eventName }),
  grid: (data) =>
    bestPairs(data, MOST, ({ runs }) => (divides(runs, data.grid.sessions) ? runs : 0)).map(({ first, second }) => ({
      event: first,
      end: second,
    })),
  compile({ event, end }) {
    return conditions(`${eventText(event)} until ${eventText(end)}`);
  },
};
