import { printDuration } from "../planner/duration.js";

/** Numbers and times that a prompt states. */
export interface PromptFacts {
  /** In lower case, number words as digits, blanks single. */
  readonly text: string;
  readonly durations: readonly { readonly ms: number; readonly text: string }[];
  /** How often something happens, at least; null where the prompt does not say. */
  readonly times: number | null;
  /** Session index that divides users, as `user-lifecycle` takes it; null where the prompt does not say. */
  readonly boundary: number | null;
  /** Steps of a pattern. */
  readonly steps: number | null;
  /** A number that something exceeds, or that nothing exceeds. */
  readonly bound: number | null;
  readonly ceiling: number | null;
  /** Of the day, 0 to 23. */
  readonly hours: readonly number[] | null;
  /** Monday 1 to Sunday 7. */
  readonly weekdays: readonly number[] | null;
}

const DAY_MS = 86_400_000;
const UNIT_MS: readonly (readonly [RegExp, number])[] = [
  [/^(ms|msecs?|milliseconds?)$/, 1],
  [/^(s|secs?|seconds?)$/, 1000],
  [/^(m|mins?|minutes?)$/, 60_000],
  [/^(h|hrs?|hours?)$/, 3_600_000],
  [/^(d|days?)$/, DAY_MS],
  [/^(w|weeks?)$/, 7 * DAY_MS],
  [/^months?$/, 30 * DAY_MS],
];
const UNITS = "ms|msecs?|milliseconds?|s|secs?|seconds?|m|mins?|minutes?|h|hrs?|hours?|d|days?|w|weeks?|months?";
/** Captured where no unit of time follows. */
const plainNumber = `(\\d+(?:\\.\\d+)?)(?![\\d.]|[ -]?(?:${UNITS})\\b)`;
const CARDINALS = "zero one two three four five six seven eight nine ten eleven twelve".split(" ");
const ORDINALS = "zeroth first second third fourth fifth sixth seventh eighth ninth tenth".split(" ");
const WEEKDAYS = "monday tuesday wednesday thursday friday saturday sunday".split(" ");
const PARTS_OF_DAY: readonly (readonly [RegExp, from: number, to: number])[] = [
  [/\b(late at night|at night|nights?|nightly|nighttime|after midnight|overnight|small hours)\b/, 0, 6],
  [/\bmornings?\b/, 6, 12],
  [/\bafternoons?\b/, 12, 18],
  [/\bevenings?\b/, 18, 24],
];

/** Reads the numbers and times of a prompt in plain English. */
export function factsOf(prompt: string): PromptFacts {
  const text = normal(prompt);
  const durations = durationsIn(text);
  return {
    text,
    durations,
    times: timesIn(text),
    boundary: boundaryIn(text),
    steps: numberIn(text, /\b(\d+)[ -](?:steps?|events? (?:long|in a row)|long)\b/),
    bound: numberIn(text, new RegExp(`\\b(?:more than|over|above|exceeds?|at least|greater than) ${plainNumber}`)),
    ceiling: numberIn(text, new RegExp(`\\b(?:less than|under|below|at most|no more than|fewer than) ${plainNumber}`)),
    hours: hoursIn(text),
    weekdays: weekdaysIn(text),
  };
}

function normal(prompt: string): string {
  let text = prompt.toLowerCase().replaceAll(/\s+/g, " ");
  text = text.replaceAll(/\bhalf an hour\b/g, "30 minutes").replaceAll(/\b(?:a )?couple of\b/g, "2");
  text = text.replaceAll(new RegExp(`\\b(?:an?|single) (${UNITS})\\b`, "g"), "1 $1");
  text = text.replaceAll(/\bper (second|minute|hour|day)\b/g, "within 1 $1");
  text = text.replaceAll(/\b(within|in) (?:the same )?(second|minute|hour|day)\b/g, "$1 1 $2");
  text = text
    .replaceAll(/\bonce\b/g, "1 times")
    .replaceAll(/\btwice\b/g, "2 times")
    .replaceAll(/\bthrice\b/g, "3 times");
  for (const [value, word] of CARDINALS.entries())
    text = text.replaceAll(new RegExp(`\\b${word}\\b`, "g"), String(value));
  for (const [value, word] of ORDINALS.entries()) {
    // `10 second` is a time and `the second` a place in a row
    text = text.replaceAll(new RegExp(`(?<!\\d[ -])\\b${word}\\b`, "g"), `${value}th`);
  }
  return text.replaceAll(/\b(\d+)(?:st|nd|rd)\b/g, "$1th");
}

function durationsIn(text: string): PromptFacts["durations"] {
  return [...text.matchAll(new RegExp(`(?<![\\w.])(\\d+(?:\\.\\d+)?)[ -]?(${UNITS})\\b`, "g"))].flatMap(
    ([, amount, unit]) => {
      const factor = UNIT_MS.find(([form]) => form.test(unit ?? ""))?.[1] ?? 0;
      const ms = Math.round(Number(amount) * factor);
      return ms > 0 ? [{ ms, text: printDuration(ms) }] : [];
    },
  );
}

/** `more than 3 times` is 4 or more; `3 times`, `at least 3 times`, `3 or more times` are 3. */
function timesIn(text: string): number | null {
  const more = numberIn(text, /\b(?:more than|over|>) (\d+) (?:times|attempts|tries|retries)\b/);
  if (more !== null) return more + 1;
  return (
    numberIn(text, /\b(\d+)\+? (?:or more )?(?:\w+ )?(?:times|attempts|tries|retries)\b/) ??
    numberIn(text, /\b(?:at least|>=|minimum of) (\d+)\b(?! ?(?:s|m|h|d|sec|min|hour|day|week|month))/)
  );
}

/** The 2nd session or a later one begins after the 1st: boundary 1. */
function boundaryIn(text: string): number | null {
  const later = numberIn(text, /\b(\d+)th (?:or|and) (?:later|following|subsequent|further)(?: sessions?| visits?)?/);
  if (later !== null) return Math.max(1, later - 1);
  return (
    numberIn(text, /\b(?:after|beyond|past) (?:the|their) (?:1th )?(\d+)(?:th)? (?:sessions?|visits?)\b/) ??
    numberIn(text, /\b1th (\d+) (?:sessions?|visits?)\b/) ??
    numberIn(text, /\b(\d+)th (?:ever )?(?:sessions?|visits?|time users?)\b/) ??
    numberIn(text, /\b(?:more than|at least|over) (\d+) (?:sessions|visits)\b/)
  );
}

function hoursIn(text: string): readonly number[] | null {
  const span =
    /\b(?:between|from) (\d{1,2})(?::00)? ?(am|pm)? (?:and|to|till|until) (\d{1,2})(?::00)? ?(am|pm|o'?clock|h\b)?/.exec(
      text,
    );
  // without a mark such as pm, whatever follows could be what is counted
  if (
    span !== null &&
    (/[ap]m|clock|:00|\dh/.test(span[0]) || /^\W*($|[,.;])/.test(text.slice(span.index + span[0].length)))
  ) {
    const to = hourOf(span[3], span[4]);
    const from = hourOf(span[1], span[2] ?? (Number(span[1]) < Number(span[3]) ? span[4] : undefined));
    if (from < 24 && to <= 24 && from !== to) return hoursFrom(from, to);
  }
  const single = /\bat (\d{1,2}) ?(am|pm|o'?clock)\b/.exec(text);
  if (single !== null && hourOf(single[1], single[2]) < 24) return [hourOf(single[1], single[2])];
  const part = PARTS_OF_DAY.find(([form]) => form.test(text));
  return part === undefined ? null : hoursFrom(part[1], part[2]);
}

function hourOf(hour: string | undefined, half: string | undefined): number {
  const value = Number(hour);
  if (half === "pm" && value < 12) return value + 12;
  return half === "am" && value === 12 ? 0 : value;
}

/** Half-open, round midnight where it has to. */
function hoursFrom(from: number, to: number): readonly number[] {
  return Array.from({ length: (to - from + 24) % 24 || 24 }, (_, at) => (from + at) % 24).slice(0, 23);
}

function weekdaysIn(text: string): readonly number[] | null {
  if (/\bweekends?\b/.test(text)) return [6, 7];
  if (/\b(weekdays?|working days?|business days?)\b/.test(text)) return [1, 2, 3, 4, 5];
  const named = WEEKDAYS.flatMap((day, at) => (new RegExp(`\\b${day}s?\\b`).test(text) ? [at + 1] : []));
  return named.length === 0 || named.length === 7 ? null : named;
}

function numberIn(text: string, form: RegExp): number | null {
  const found = form.exec(text)?.[1];
  return found === undefined ? null : Number(found);
}
