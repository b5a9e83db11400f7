import { z } from "zod";
import { durationForm, parseDuration, printDuration } from "../duration.js";
import { parseExpression } from "../expression/parse.js";
import { quoteAttribute, quoteEvent } from "../expression/print.js";
import type { DataStatistics, PairStatistics } from "../statistics.js";
import type { ClassPlan } from "./template.js";

/** Shares of the sessions beyond which an event is too rare, or too common, to divide them. */
const RARE = 0.02;
const COMMON = 0.98;

/**
 * What stands for a name or a text of the data. `meta` says which, so that a grammar can allow those of the data alone; a
 * duration or a number as text is checked here.
 */
export const eventName: z.ZodString = z.string().min(1).max(300).meta({ holds: "event" });
/** The name of an attribute. */
export const attributeName: z.ZodString = z.string().min(1).max(300).meta({ holds: "attribute" });
/** A duration such as `10s`. */
export const durationText: z.ZodString = z
  .string()
  .max(20)
  .refine((text) => parseDuration(text) !== null, { message: `invalid duration; allowed: ${durationForm}` })
  .meta({ holds: "duration" });
/** How often: a small whole number. */
export const times: z.ZodInt = z.int().min(1).max(1000);

/** A class of hypotheses on all sessions, each written in the expression language. */
export function conditions(...texts: readonly string[]): ClassPlan {
  return {
    kind: "sessions",
    hypotheses: texts.map((text) => ({ expression: parseExpression(text), population: "all" })),
  };
}

/** An event's name as it stands in an expression. */
export const event: (name: string) => string = quoteEvent;
/** An attribute's name as it stands in an expression. */
export const attribute: (name: string) => string = quoteAttribute;

/** A value of the data as it stands in an expression. */
export function literal(value: string | number | boolean): string {
  return typeof value === "string" ? quoteEvent(value) : String(value);
}

/** Events that some but not nearly all sessions have, the most frequent first. */
export function dividingEvents({ grid }: DataStatistics, most: number): readonly string[] {
  return grid.events
    .filter(({ sessions }) => sessions >= RARE * grid.sessions && sessions <= COMMON * grid.sessions)
    .slice(0, most)
    .map(({ name }) => name);
}

/** The best pairs of events by a score; those that score 0 are none. */
export function bestPairs(
  { grid }: DataStatistics,
  most: number,
  score: (pair: PairStatistics) => number,
): readonly PairStatistics[] {
  return grid.pairs
    .map((pair) => ({ pair, value: score(pair) }))
    .filter(({ value }) => value > 0)
    .sort((a, b) => b.value - a.value)
    .slice(0, most)
    .map(({ pair }) => pair);
}

/** Whether a count is worth a hypothesis: of some sessions, but not of nearly all. */
export function divides(count: number, of: number): boolean {
  return count >= RARE * of && count <= COMMON * of;
}

/** A threshold of time drawn from the data, rounded to two figures and put as a person would; null where there is none. */
export function roundDuration(ms: number): string | null {
  if (!(ms >= 1)) return null;
  const unit = ms < 1000 ? 1 : ms < 60_000 ? 1000 : ms < 3_600_000 ? 60_000 : 3_600_000;
  const amount = ms / unit;
  const step = amount < 10 ? (unit === 1 ? 1 : 0.5) : 5;
  return printDuration(Math.max(step, Math.round(amount / step) * step) * unit);
}

/** A threshold drawn from the data, rounded to two figures. */
export function roundNumber(value: number): number {
  return Number(value.toPrecision(2));
}
