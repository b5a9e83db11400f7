import type { DataStatistics } from "../planner/statistics.js";
import type { Reading, Spot } from "./reading.js";
import type { Values } from "./some-template.js";

/** Parameters that a clause may mean, and how surely. */
export interface Interpretation {
  readonly parameters: Values;
  /** 0 to 1 */
  readonly score: number;
  /** Why, as in `the prompt …`. */
  readonly because: readonly string[];
}

/** Reads a clause as one template; best first, empty where it says nothing of it. */
export type Interpreter = (
  reading: Reading,
  data: DataStatistics,
  grid: readonly Values[],
) => readonly Interpretation[];

/** Milliseconds of a day. */
export const DAY_MS: number = 86_400_000;

/** From here on a time is one between sessions rather than in one. */
export const HALF_DAY_MS: number = DAY_MS / 2;

/** Scores: what is said outright, what is clear, what is likely, what may be meant, what is better than nothing. */
export const SURE: number = 0.95;

/** What is clear. */
export const CLEAR: number = 0.88;

/** What is likely. */
export const LIKELY: number = 0.78;

/** What may be meant. */
export const MAYBE: number = 0.6;

/** What is better than nothing. */
export const FAINT: number = 0.45;

/** What is hardly better than nothing. */
export const GUESS: number = 0.36;

/** Each further alternative is worth this share of the one before it. */
const NEXT = 0.97;

/** Places of a text that are tried as the one that is meant, at most. */
export const MOST_PLACES: number = 4;

/** What of a text each form finds, as reasons. */
export function said({ text }: Reading, ...forms: readonly RegExp[]): string[] {
  return forms.flatMap((form) => {
    const found = new RegExp(form.source).exec(text)?.[0];
    return found === undefined ? [] : [`says “${readable(found)}”`];
  });
}

/** Whether a form finds anything in a text. */
export function says({ text }: Reading, form: RegExp): boolean {
  // some cues are global, and would remember where they stopped
  return text.search(form) >= 0;
}

/** Of words that names of events are made of too. */
export function saysBeside({ around }: Reading, form: RegExp): boolean {
  return around.search(form) >= 0;
}

/** A piece of the prompt as read, its ordinals as people write them. */
function readable(piece: string): string {
  const endings: Readonly<Record<string, string>> = { 1: "st", 2: "nd", 3: "rd" };
  return piece
    .trim()
    .slice(0, 60)
    .replaceAll(/\b(\d+)th\b/g, (_, number: string) => `${number}${endings[number] ?? "th"}`);
}

/** Which names a text speaks of, as reasons. */
export function names(...events: readonly (string | undefined)[]): string[] {
  const known = events.filter((event) => event !== undefined);
  return known.length === 0 ? [] : [`names ${known.join(", ")}`];
}

/** Alternatives in falling order. */
export function ranked(score: number, because: readonly string[], rows: readonly Values[]): readonly Interpretation[] {
  return rows.map((parameters, at) => ({ parameters, score: score * NEXT ** at, because }));
}

/** The name that fits a spot best. */
export function best(spot: Spot | undefined): string | undefined {
  return spot?.names[0]?.name;
}

/** The one or two names that fit a spot about alike. */
export function best2({ names: all }: Spot): readonly string[] {
  const [first] = all;
  return all
    .filter(({ score }) => score >= (first?.score ?? 0) * 0.97)
    .slice(0, 2)
    .map(({ name }) => name);
}

/** How well the spots fit their events; 1 where they are named in full. */
export function fit(...spots: readonly (Spot | undefined)[]): number {
  const scores = spots.flatMap((spot) => spot?.names[0]?.score ?? []);
  return scores.length === 0
    ? 1
    : 0.9 + 0.1 * (scores.reduce((sum, score) => sum + Math.min(1, score), 0) / scores.length);
}

/** Place of the first word of what a form finds; the middle where it finds nothing. */
export function placeOf({ text, words }: Reading, form: RegExp): number {
  const found = new RegExp(form.source).exec(text);
  if (found === null) return words.plain.length / 2;
  return text
    .slice(0, found.index)
    .split(/[^\p{L}\p{N}]+/u)
    .filter((word) => word !== "").length;
}

/** A bound from the middle of a template's grid. */
export function usualOf(grid: readonly Values[]): unknown {
  return grid[Math.floor(grid.length / 2)]?.["threshold"] ?? "1m";
}

/** Parameters without those that are not stated. */
export function defined(values: Values): Values {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined));
}

/** Rows, each once. */
export function distinct(rows: readonly Values[]): readonly Values[] {
  return [...new Map(rows.map((row) => [JSON.stringify(row), row])).values()];
}
