import { cue } from "./cues.js";
import type { Reading } from "./reading.js";
import type { Values } from "./some-template.js";

/** Parameters of a template by the order in which a clause names their events. */
const OF_EVENTS: Readonly<Record<string, readonly [first: string, second: string]>> = {
  absence: ["event", "missing"],
  elapsed: ["from", "to"],
  "time-in-state": ["enter", "leave"],
  until: ["event", "end"],
  retries: ["event", "success"],
};
const MOST_ROWS = 4;
const DAY_MS = 86_400_000;
const HALF_DAY_MS = DAY_MS / 2;

/**
 * Parameters for a template that a clause is likely about though no phrase known here says so: what it names, in its order, its
 * numbers and times, and the rest from the grid; best first.
 */
export function fallbackRows(template: string, reading: Reading, grid: readonly Values[]): readonly Values[] {
  const { spots, ofKpi, facts, values } = reading;
  const events = [...spots, ...ofKpi].flatMap(({ names }) => names[0]?.name ?? []);
  const [first, second] = events;
  const duration = facts.durations[0]?.text;
  const count = facts.count ?? facts.things;
  const pair = OF_EVENTS[template];
  if (pair !== undefined) {
    const [begin, end] = pair;
    const limits = limitsOf(template, duration, count);
    if (first !== undefined && second !== undefined) {
      const own = grid.find((row) => row[begin] === first && row[end] === second);
      return [{ ...(own ?? usual(template, grid)), [begin]: first, [end]: second, ...limits }];
    }
    const touching = grid.filter((row) => first === undefined || row[begin] === first || row[end] === first);
    return touching.slice(0, MOST_ROWS).map((row) => ({ ...row, ...limits }));
  }
  if (template === "repetition") {
    const limits = { ...(count === null ? {} : { n: count }), ...(duration === undefined ? {} : { window: duration }) };
    return events.slice(0, MOST_ROWS).map((event) => {
      const own = grid.find((row) => row["event"] === event && row["window"] === undefined) ?? { n: count ?? 3 };
      return { ...own, event, ...limits };
    });
  }
  if (template === "event-pattern") {
    return events.length > 0 ? events.map((contains) => ({ k: events.length > 1 ? 2 : 1, contains })) : grid;
  }
  if (template === "attribute-predicate" && values.length > 0) {
    return values.map(({ attribute, value }) => ({ attribute, values: [value] }));
  }
  const [long] = facts.durations.filter(({ ms }) => ms >= HALF_DAY_MS);
  if (template === "user-lifecycle" && long !== undefined) return [{ inactivity: long.ms / DAY_MS }];
  if (template === "session-shape") return shapeRows(reading, grid);
  if (template === "load" && facts.bound !== null) return [{ measure: "sessions", threshold: facts.bound }];
  return grid.slice(0, MOST_ROWS);
}

/** By what is counted or measured; the grid's own bounds where none is stated. */
function shapeRows({ facts, text }: Reading, grid: readonly Values[]): readonly Values[] {
  const [duration] = facts.durations;
  const count = facts.bound ?? facts.count ?? facts.things;
  if (duration !== undefined) {
    const measure = text.search(cue.gap) >= 0 || /\bhole\b/.test(text) ? "longest_gap" : "duration";
    return [{ measure, threshold: duration.text }];
  }
  if (count !== null) return [{ measure: "events", threshold: String(count) }];
  return grid.slice(0, MOST_ROWS);
}

/** What pairs of events take besides, where the grid has it. */
function usual(template: string, grid: readonly Values[]): Values {
  const row = grid[Math.floor(grid.length / 2)];
  if (template === "retries") return { n: 2 };
  return template === "elapsed" || template === "time-in-state" ? { threshold: row?.["threshold"] ?? "1m" } : {};
}

function limitsOf(template: string, duration: string | undefined, count: number | null): Values {
  if (template === "retries") return count === null ? {} : { n: count };
  if (duration === undefined || template === "until") return {};
  return template === "absence" ? { within: duration } : { threshold: duration };
}
