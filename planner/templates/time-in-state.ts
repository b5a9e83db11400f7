import { z } from "zod";
import { conditions, durationText, event, eventName, roundDuration } from "./parts.js";
import type { Template } from "./template.js";

/** Pairs of words that names of entering and leaving a state end, or begin, with. */
const STATES: readonly (readonly [string, string])[] = [
  ["start", "end"],
  ["start", "stop"],
  ["begin", "end"],
  ["enter", "leave"],
  ["enter", "exit"],
  ["open", "close"],
  ["opened", "closed"],
  ["started", "ended"],
  ["started", "finished"],
  ["pause", "resume"],
  ["show", "hide"],
];
/** States that are tried. */
const MOST = 6;

/** Parameters of `time-in-state`. */
export interface TimeInStateParameters {
  readonly enter: string;
  readonly leave: string;
  /** Exceeded. */
  readonly threshold: string;
}

/** For instance waiting in rebuffering. */
export const timeInState: Template<TimeInStateParameters> = {
  name: "time-in-state",
  description: "the time between an event that enters a state and one that leaves it, added up, exceeds a bound",
  parameters: z.strictObject({ enter: eventName, leave: eventName, threshold: durationText }),
  grid({ grid, names }) {
    const states = names.flatMap((enter) =>
      STATES.flatMap(([from, to]) => {
        const leave = enter.endsWith(from)
          ? enter.slice(0, -from.length) + to
          : enter.startsWith(from)
            ? to + enter.slice(from.length)
            : "";
        return names.includes(leave) ? [{ enter, leave }] : [];
      }),
    );
    return states.slice(0, MOST).flatMap(({ enter, leave }) => {
      const pair = grid.pairs.find(({ first, second }) => first === enter && second === leave);
      const threshold = roundDuration(pair?.gapMs.q75 ?? grid.measures.longest_gap.q50);
      return threshold === null ? [] : [{ enter, leave, threshold }];
    });
  },
  compile({ enter, leave, threshold }) {
    return conditions(`time_in(${event(enter)}, ${event(leave)}) > ${threshold}`);
  },
};
