import { parseDuration } from "../planner/duration.js";
import type { DataStatistics } from "../planner/statistics.js";
import { roundDuration, roundNumber } from "../planner/templates/parts.js";
import { keyOf } from "./combine.js";
import type { JsonSchema } from "./grammar-schema.js";
import { holdsOf, isMeant, propertiesOf, type SomeTemplate, type Values } from "./some-template.js";

/** Times within which a pattern or a repetition is tried, where the grid gives none. */
const WINDOWS = ["10s", "60s", "10m"];
/** Steps of patterns with gaps that are tried round an event. */
const GAPPED_LENGTHS = [2, 3];
/** Beyond the last value of a grid the next one is this much farther. */
const STEP = 1.5;

/**
 * The classes next to one: one parameter changed by one step, a number halfway to the next that the grid draws from the data,
 * another length, with gaps or within some time; and of patterns those round the events that were found.
 * @param events - of the sequences that were found
 * @returns parameters of the same template that mean something in the data, each once
 */
export function neighboursOf(
  template: SomeTemplate,
  parameters: Values,
  events: readonly string[],
  data: DataStatistics,
): readonly Values[] {
  const properties = propertiesOf(template);
  const grid = template.grid(data);
  const found = new Map<string, Values>();
  const own = keyOf(template.name, parameters);
  const add = (values: Values): void => {
    const key = keyOf(template.name, values);
    if (key !== own && !found.has(key) && isMeant(template, values, data)) found.set(key, values);
  };
  if ("contains" in properties) {
    for (const event of events) {
      for (const k of GAPPED_LENGTHS) add({ k, adjacency: "gap", contains: event });
      for (const within of WINDOWS) add({ k: 2, adjacency: "gap", within, contains: event });
    }
  }
  // of patterns of one length all are tested, so only those round an event are worth another look
  if ("contains" in properties && parameters["contains"] === undefined) return [...found.values()];
  for (const [name, property] of Object.entries(properties)) {
    const value = parameters[name];
    if (value === undefined) {
      if (name === "window" || name === "within") for (const time of WINDOWS) add({ ...parameters, [name]: time });
      continue;
    }
    const siblings = grid
      .filter((row) => sameElse(row, parameters, name))
      .flatMap((row) => (row[name] === undefined ? [] : [row[name]]));
    for (const other of stepsFrom(value, property, siblings)) add({ ...parameters, [name]: other });
    if (name === "window") add(without(parameters, name));
  }
  return [...found.values()];
}

/** Values one step from a number, a count or a duration; none from what has no order. */
function stepsFrom(value: unknown, property: JsonSchema, siblings: readonly unknown[]): readonly unknown[] {
  if (typeof value === "number" && property["type"] === "integer") return [value - 1, value + 1, 2 * value];
  if (typeof value === "number") return between(value, numbersOf(siblings)).map(roundNumber);
  if (typeof value !== "string" || !(holdsOf(property) === "duration" || property["type"] === "string")) return [];
  if (/^\d+$/.test(value)) {
    const steps = between(Number(value), numbersOf(siblings.map(Number)));
    return steps.map((step) => String(Math.round(step)));
  }
  const ms = parseDuration(value);
  if (ms === null) return [];
  const others = siblings.map((text) => (typeof text === "string" ? (parseDuration(text) ?? Number.NaN) : Number.NaN));
  return between(ms, numbersOf(others)).flatMap((step) => roundDuration(step) ?? []);
}

/** Halfway to the next lower and the next higher value, or a step beyond the last. */
function between(value: number, others: readonly number[]): readonly number[] {
  const lower = Math.max(...others.filter((other) => other < value));
  const higher = Math.min(...others.filter((other) => other > value));
  return [
    Number.isFinite(lower) ? (lower + value) / 2 : value / STEP,
    Number.isFinite(higher) ? (higher + value) / 2 : value * STEP,
  ];
}

function numbersOf(values: readonly unknown[]): readonly number[] {
  return values.filter((value): value is number => typeof value === "number" && Number.isFinite(value));
}

function sameElse(a: Values, b: Values, except: string): boolean {
  return keyOf("", without(a, except)) === keyOf("", without(b, except));
}

function without(values: Values, name: string): Values {
  return Object.fromEntries(Object.entries(values).filter(([key]) => key !== name));
}
