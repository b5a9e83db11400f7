import { z } from "zod";
import { bestPairs, conditions, eventName, event as eventText, times } from "./parts.js";
import type { Template } from "./template.js";

/** Pairs that are tried. */
const MOST = 8;
/** Share of the sessions with the event that must have retried for it to be tried. */
const RETRIED = 0.05;

/** Parameters of `retries`. */
export interface RetriesParameters {
  readonly event: string;
  readonly success: string;
  readonly n: number;
}

/** Attempts before success. */
export const retries: Template<RetriesParameters> = {
  name: "retries",
  description: "an event is tried at least n times before another one first happens",
  parameters: z.strictObject({ event: eventName, success: eventName, n: times }),
  grid: (data) =>
    bestPairs(data, MOST, ({ sessions, retried }) => (retried >= RETRIED * sessions ? retried : 0)).map(
      ({ first, second }) => ({ event: first, success: second, n: 2 }),
    ),
  compile({ event, success, n }) {
    return conditions(`retries(${eventText(event)}, ${eventText(success)}) >= ${n}`);
  },
};
