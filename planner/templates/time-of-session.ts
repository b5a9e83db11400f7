import { z } from "zod";
import { conditions } from "./parts.js";
import type { Template } from "./template.js";

/** Parameters of `time-of-session`: one of the two, or both. */
export interface TimeOfSessionParameters {
  /** 0 to 23 */
  readonly hours?: readonly number[] | undefined;
  /** Monday 1 to Sunday 7 */
  readonly weekdays?: readonly number[] | undefined;
}

/** Parts of the day of six hours, the night first. */
const PARTS_OF_DAY = [0, 6, 12, 18].map((from) => Array.from({ length: 6 }, (_, at) => from + at));

/** Night, weekend. */
export const timeOfSession: Template<TimeOfSessionParameters> = {
  name: "time-of-session",
  description: "the session starts at certain hours of the day or on certain weekdays, in the study's time zone",
  parameters: z
    .strictObject({
      hours: z.array(z.int().min(0).max(23)).min(1).max(23).optional(),
      weekdays: z.array(z.int().min(1).max(7)).min(1).max(6).optional(),
    })
    .refine(({ hours, weekdays }) => hours !== undefined || weekdays !== undefined, {
      message: "missing hours or weekdays",
    }),
  grid: () => [...PARTS_OF_DAY.map((hours) => ({ hours })), { weekdays: [6, 7] }],
  compile({ hours, weekdays }) {
    const parts = [
      ...(hours === undefined ? [] : [`hour(start) in (${hours.join(", ")})`]),
      ...(weekdays === undefined ? [] : [`weekday(start) in (${weekdays.join(", ")})`]),
    ];
    return conditions(parts.join(" and "));
  },
};
