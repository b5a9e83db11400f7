import { ZoneClock } from "../engine/operators/clock.js";

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;
const WEEK_MS = 7 * DAY_MS;
/** Weeks begin on Mondays; the epoch was a Thursday. */
const MONDAY_MS = 4 * DAY_MS;

/** Units of time that buckets have, widest last. */
const UNITS: readonly { readonly name: Exclude<BucketUnit, "period">; readonly ms: number }[] = [
  { name: "minute", ms: MINUTE_MS },
  { name: "10 minutes", ms: 10 * MINUTE_MS },
  { name: "hour", ms: HOUR_MS },
  { name: "6 hours", ms: 6 * HOUR_MS },
  { name: "day", ms: DAY_MS },
  { name: "week", ms: WEEK_MS },
  { name: "4 weeks", ms: 4 * WEEK_MS },
  { name: "52 weeks", ms: 52 * WEEK_MS },
];

/** Name of a unit of time that buckets have; `period`: all of it is one. */
export type BucketUnit =
  | "minute"
  | "10 minutes"
  | "hour"
  | "6 hours"
  | "day"
  | "week"
  | "4 weeks"
  | "52 weeks"
  | "period";

/** A period, cut at the clock's and the calendar's own boundaries. */
export interface Buckets {
  readonly unit: BucketUnit;
  /** Float64Array, ms, ascending; the first is at or before the period's start */
  readonly startsMs: Float64Array;
}

/**
 * The narrowest buckets, from the unit given on, of which a period has at most so many. Days and weeks are those of the time zone.
 * @param firstMs - of the first session's start, at most `lastMs`; infinite without sessions
 * @param most - buckets, at least 1
 * @param narrowest - a unit
 */
export function fewBuckets(
  firstMs: number,
  lastMs: number,
  timeZone: string,
  most: number,
  narrowest: BucketUnit,
): Buckets {
  if (!(firstMs <= lastMs)) return { unit: "period", startsMs: Float64Array.of(0) };
  const clock = new ZoneClock(timeZone);
  const from = UNITS.findIndex(({ name }) => name === narrowest);
  const unit = UNITS.slice(from).find(({ ms }) => countOf(firstMs, lastMs, ms, clock) <= most);
  if (unit === undefined) return { unit: "period", startsMs: Float64Array.of(firstMs) };
  return { unit: unit.name, startsMs: startsOf(firstMs, lastMs, unit.ms, clock) };
}

/**
 * The widest buckets, up to days, of which a period has at least so many; weeks and more where it has more than `most` days. A shorter
 * period has minutes.
 */
export function manyBuckets(firstMs: number, lastMs: number, timeZone: string, fewest: number, most: number): Buckets {
  if (!(firstMs <= lastMs)) return { unit: "period", startsMs: Float64Array.of(0) };
  const enough = UNITS.filter(({ ms }) => ms <= DAY_MS && (lastMs - firstMs) / ms >= fewest).at(-1);
  return fewBuckets(firstMs, lastMs, timeZone, most, enough?.name ?? "minute");
}

/** Float64Array, ms: the Mondays that a period's calendar weeks begin with; empty where it lasts less than `fewest` weeks. */
export function weekStarts(firstMs: number, lastMs: number, timeZone: string, fewest: number): Float64Array {
  // what starts on the last day of the last week makes it a week
  if (!(lastMs - firstMs >= fewest * WEEK_MS - DAY_MS)) return new Float64Array(0);
  return startsOf(firstMs, lastMs, WEEK_MS, new ZoneClock(timeZone));
}

function countOf(firstMs: number, lastMs: number, width: number, clock: ZoneClock): number {
  return indexOf(local(lastMs, clock), width) - indexOf(local(firstMs, clock), width) + 1;
}

function startsOf(firstMs: number, lastMs: number, width: number, clock: ZoneClock): Float64Array {
  const first = indexOf(local(firstMs, clock), width);
  const last = indexOf(local(lastMs, clock), width);
  const starts: number[] = [];
  for (let index = first; index <= last; index++) {
    const start = toUtc(index * width + originOf(width), clock);
    // where clocks go back an hour comes twice, where they go forward it may not come at all
    if (starts.length === 0 || start > (starts.at(-1) as number)) starts.push(start);
  }
  if ((starts[0] as number) > firstMs) starts[0] = firstMs;
  return Float64Array.from(starts);
}

function originOf(width: number): number {
  return width >= WEEK_MS ? MONDAY_MS : 0;
}

function indexOf(localMs: number, width: number): number {
  return Math.floor((localMs - originOf(width)) / width);
}

function local(ms: number, clock: ZoneClock): number {
  return ms + clock.offsetAt(ms);
}

/** The moment at which a zone's clock shows a time: the offset before it is that of the moment itself but within hours of a change. */
function toUtc(localMs: number, clock: ZoneClock): number {
  const guess = localMs - clock.offsetAt(localMs);
  return localMs - clock.offsetAt(guess);
}
