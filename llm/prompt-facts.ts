import { printDuration } from "../planner/duration.js";

/** Numbers and times that a prompt states. */
export interface PromptFacts {
  /** In lower case, number words as digits, blanks single. */
  readonly text: string;
  readonly durations: readonly { readonly ms: number; readonly text: string }[];
  /** How often something happens, at least; null where the prompt does not say. */
  readonly times: number | null;
  /** A number of things, at least, whatever they are: `more than 3 errors` is 4. */
  readonly count: number | null;
  /** A number in front of the name of what it counts, where nothing says that it is a bound: `3 searches`. */
  readonly things: number | null;
  /** Session index that divides users, as `user-lifecycle` takes it; null where the prompt does not say. */
  readonly boundary: number | null;
  /** Steps of a pattern. */
  readonly steps: number | null;
  /** A number that something exceeds, or that nothing exceeds. */
  readonly bound: number | null;
  readonly ceiling: number | null;
  /** A share of 1: `20 %`, `a third`. */
  readonly share: number | null;
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
  [/^years?$/, 365 * DAY_MS],
];
const UNITS = "ms|msecs?|milliseconds?|s|secs?|seconds?|m|mins?|minutes?|h|hrs?|hours?|d|days?|w|weeks?|months?|years?";
/** Captured where no unit of time, no share and no further digit follows. */
const plainNumber = `(\\d+(?:\\.\\d+)?)(?!\\.?\\d|[ -]?(?:${UNITS})\\b|th\\b| ?%| percent| ?[ap]m\\b|:)`;
const CARDINALS =
  "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen".split(
    " ",
  );
const TENS = "zero ten twenty thirty forty fifty sixty seventy eighty ninety".split(" ");
const ORDINALS = "zeroth first second third fourth fifth sixth seventh eighth ninth tenth eleventh twelfth".split(" ");
const WEEKDAYS = "monday tuesday wednesday thursday friday saturday sunday".split(" ");
const PARTS_OF_DAY: readonly (readonly [RegExp, from: number, to: number])[] = [
  [/\b(early (in the )?mornings?|crack of dawn|dawn|sunrise|breakfast(time)?|1th thing in the morning)\b/, 5, 9],
  [
    /\b(late at night|at night|nights?|nightly|night-?time|after midnight|overnight|(small|wee|early) hours|after dark|dead of night|graveyard shift)\b/,
    0,
    6,
  ],
  [/\b(outside|out of|after) (of )?(office|business|working|work) hours\b|\bout-of-hours\b|\boff-?hours\b/, 18, 8],
  [/\b(office|business|working|work) hours\b/, 9, 17],
  [/\bmornings?\b/, 6, 12],
  [/\b(lunch(time|-time| time| hours?| breaks?)?|noon|midday|mid-day)\b/, 11, 14],
  [/\bafternoons?\b/, 12, 18],
  [/\blate evenings?\b|\bbed ?time\b/, 21, 24],
  [/\b(evenings?|prime ?time|after work|(dinner|supper) ?time)\b/, 18, 24],
];
/** What counts as a session, in the words of those who look after them. */
const SESSION =
  "(?:sessions?|visits?|tickets?|jobs?|orders?|runs?|playbacks?|trips?|conversations?|dialogues?|cases?|purchases?|logins?|requests?|calls?|goes?|rounds?|sittings?|outings?|stays?|streams?|viewings?|tasks?|enquir(?:y|ies)|issues?|contacts?|chats?)";

/** Reads the numbers and times of a prompt in plain English. */
export function factsOf(prompt: string): PromptFacts {
  const text = normal(prompt);
  const hours = hoursIn(text);
  return {
    text,
    durations: durationsIn(text),
    times: timesIn(text),
    count: countIn(text),
    things: numberIn(
      text,
      new RegExp(
        `\\b(?<!top |most |\\d[ -])${plainNumber} (?!${SESSION}\\b|or\\b|others?\\b|of\\b|most\\b|steps?\\b)(?:[a-z-]+ )?[a-z]+s\\b`,
      ),
    ),
    boundary: boundaryIn(text),
    steps: numberIn(text, /\b(\d+)[ -](?:steps?|events? (?:long|in a row)|long)\b/),
    bound: numberIn(
      text,
      new RegExp(
        `(?:\\b(?:more than|over|above|exceed(?:s|ing)?|at least|greater than|beyond|upwards of)|>=?) ?${plainNumber}`,
      ),
    ),
    ceiling: numberIn(
      text,
      new RegExp(
        `(?:\\b(?:less than|under|below|at most|no more than|not more than|fewer than|up to)|<=?) ?${plainNumber}`,
      ),
    ),
    share: shareIn(text),
    hours,
    weekdays: weekdaysIn(text),
  };
}

function normal(prompt: string): string {
  let text = prompt.toLowerCase().replaceAll(/[’‘]/g, "'").replaceAll(/\s+/g, " ");
  text = text.replaceAll(/(\d),(\d{3})\b/g, "$1$2").replaceAll(/\ba quarter of a second\b/g, "250 ms");
  text = text
    .replaceAll(/\b(?:half an|half a|a half) hour\b/g, "30 minutes")
    .replaceAll(/\bhalf a minute\b/g, "30 seconds");
  text = text.replaceAll(/\bhalf (?:a|of a) second\b/g, "500 ms").replaceAll(/\bhalf a day\b/g, "12 hours");
  text = text
    .replaceAll(/\b(?:a )?quarter of an hour\b/g, "15 minutes")
    .replaceAll(/\ban hour and a half\b/g, "90 minutes");
  text = text.replaceAll(/\b(?:a )?fortnight\b/g, "14 days").replaceAll(/\b(?:a )?(?:couple of|couple)\b/g, "2");
  text = text.replaceAll(/\b(?:a )?dozen\b/g, "12").replaceAll(/\b(\d+)k\b/g, "$1000");
  text = text.replaceAll(
    new RegExp(
      `\\b(?:an?|single) (?:full |whole |single )?(${UNITS})\\b(?! (?:time|visit|session|ticket|job|attempt|try|go|run|purchase|login|order|look|one|thing|point|question)\\b)`,
      "g",
    ),
    "1 $1",
  );
  text = text.replaceAll(/\bper (second|minute|hour|day)\b/g, "within 1 $1");
  text = text.replaceAll(/\b(within|in|inside) (?:the (?:same|space of 1) )?(second|minute|hour|day)\b/g, "$1 1 $2");
  text = text
    .replaceAll(/\bonce\b(?= (?:or|and) )/g, "1 times")
    .replaceAll(/\bmore than once\b/g, "more than 1 times")
    .replaceAll(/\btwice\b/g, "2 times")
    .replaceAll(/\bthrice\b/g, "3 times")
    .replaceAll(/\b(\d+) ?x\b/g, "$1 times");
  for (const [at, tens] of TENS.entries()) {
    if (at < 2) continue;
    text = text.replaceAll(
      new RegExp(`\\b${tens}[ -](${CARDINALS.slice(1, 10).join("|")})\\b`, "g"),
      (_, unit: string) => String(10 * at + CARDINALS.indexOf(unit)),
    );
    text = text.replaceAll(new RegExp(`\\b${tens}\\b`, "g"), String(10 * at));
  }
  for (const [value, word] of CARDINALS.entries())
    text = text.replaceAll(new RegExp(`\\b${word}\\b`, "g"), String(value));
  text = text.replaceAll(/\b(?:a |1 )thousand\b/g, "1000").replaceAll(/\b(\d+) thousand\b/g, "$1000");
  text = text.replaceAll(/\b(?:a |1 )hundred\b/g, "100").replaceAll(/\b(\d+) hundred\b/g, "$100");
  for (const [value, word] of ORDINALS.entries()) {
    // `10 second` is a time and `the second` a place in a row
    text = text.replaceAll(new RegExp(`(?<!\\d[ -])\\b${word}\\b`, "g"), `${value}th`);
  }
  return text.replaceAll(/\b(\d+)(?:st|nd|rd)\b/g, "$1th");
}

function durationsIn(text: string): PromptFacts["durations"] {
  return [...text.matchAll(new RegExp(`(?<![\\w.])(\\d+(?:\\.\\d+)?)\\+?[ -]?(${UNITS})\\b`, "g"))].flatMap(
    ([, amount, unit]) => {
      const factor = UNIT_MS.find(([form]) => form.test(unit ?? ""))?.[1] ?? 0;
      const ms = Math.round(Number(amount) * factor);
      return ms > 0 ? [{ ms, text: printDuration(ms) }] : [];
    },
  );
}

const OFTEN = `(?:times|occasions|attempts|tries|retries|goes(?! by))`;
/** Between a number and what it counts. */
const OTHER_WORD = `(?:(?!(?:${UNITS})\\b)\\w+ )?`;

/** `more than 3 times` is 4 or more; `3 times`, `at least 3 times`, `3 or more times` are 3. */
function timesIn(text: string): number | null {
  const nth = numberIn(text, /\b(?:a|another) (\d+)th time\b/);
  if (nth !== null) return nth;
  const more = numberIn(text, new RegExp(`(?:\\b(?:more than|over)|>) ?(\\d+) ${OTHER_WORD}${OFTEN}\\b`));
  if (more !== null) return more + 1;
  return (
    numberIn(text, new RegExp(`\\b(\\d+)\\+? (?:or more )?${OTHER_WORD}${OFTEN}\\b`)) ??
    numberIn(text, new RegExp(`\\b(?:at least|minimum of) ${plainNumber}`)) ??
    numberIn(text, new RegExp(`>= ?${plainNumber}`))
  );
}

function countIn(text: string): number | null {
  const times = timesIn(text);
  if (times !== null) return times;
  const more = numberIn(
    text,
    new RegExp(`(?:\\b(?:more than|over|upwards of|exceed(?:s|ing)?|beyond)|>) ?${plainNumber}`),
  );
  if (more !== null) return more + 1;
  return (
    numberIn(text, new RegExp(`\\b${plainNumber}\\+`)) ??
    numberIn(text, /\b(\d+)\+? (?:or more|and more|plus|or above)\b/) ??
    numberIn(text, /\b(\d+)\+ /) ??
    numberIn(text, new RegExp(`\\b(\\d+) (?!(?:${UNITS})\\b)[a-z]+(?: [a-z]+)? or more\\b`))
  );
}

/** The 2nd session or a later one begins after the 1st: boundary 1. */
function boundaryIn(text: string): number | null {
  const at = (form: string): number | null => numberIn(text, new RegExp(form));
  const later =
    at(`\\b(\\d+)th (?:or|and) (?:any )?(?:later|following|subsequent|further|onwards?|after)`) ??
    at(`\\b(\\d+)th ${SESSION} (?:or|and) (?:later|after|beyond|following|subsequent|onwards?)`) ??
    at(`\\bfrom (?:the|their|a user's|a) (\\d+)th (?:${SESSION} )?on(?:wards?)?\\b`) ??
    at(`\\b(?:since|from) (?:the|their) (\\d+)th ${SESSION}\\b`) ??
    at(`\\b(\\d+)\\+ ${SESSION}\\b`) ??
    at(`\\b(?:at least) (\\d+) ${SESSION}\\b`) ??
    at(`\\b(\\d+) (?:or more ${SESSION}|${SESSION} or more)\\b(?! (?:at|in|within|start|arriv|begin|per|during))`) ??
    at(
      `\\b(?:visited|been here|been with us|used us|shopped with us|come|came) (?:us |here )?(?:at least )?(\\d+) times(?: or more)?\\b`,
    );
  if (later !== null) return Math.max(1, later - 1);
  return (
    at(`\\b(?:after|beyond|past) (?:the|their|a) (?:1th )?(\\d+)(?:th)? ${SESSION}\\b`) ??
    at(`\\b1th (\\d+) ${SESSION}\\b`) ??
    at(
      `\\b(\\d+)th(?:[ -]ever)?(?:[ -]time)? (?:ever )?(?:(?!the )\\w+ )?(?:${SESSION}|users?|visitors?|customers?|buyers?|players?)\\b`,
    ) ??
    at(`(?<!\\b(?:a|another) )\\b(\\d+)th[ -]time(?:rs?)?\\b`) ??
    at(
      `\\b(?:more than|over|beyond) (\\d+) (?:previous |earlier |past )?(?:sessions|visits|tickets|jobs|orders)\\b(?! (?:at|in|within|start|arriv|com(?:e|ing)|came|submit|sent|open|creat|turn|show|per|during|beg))`,
    )
  );
}

function shareIn(text: string): number | null {
  const percent = numberIn(text, /(\d+(?:\.\d+)?) ?(?:%|percent\b|per cent\b)/);
  if (percent !== null) return percent / 100;
  if (/\bhalf (?:of|the)\b/.test(text)) return 0.5;
  if (/\b3 quarters of\b/.test(text)) return 0.75;
  if (/\bquarter of (?:the|all|other)/.test(text)) return 0.25;
  if (/\b(?:a|1) 3th of\b/.test(text)) return 1 / 3;
  const [, part, whole] = /\b(\d+) (?:in|out of) (?:every )?(\d+)\b/.exec(text) ?? [];
  return part === undefined || Number(part) >= Number(whole) ? null : Number(part) / Number(whole);
}

const CLOCK = "(\\d{1,2})(?::?(?:00|30))?(?: ?(am|pm|a\\.m\\.|p\\.m\\.|o'?clock|h\\b))?";

function hoursIn(raw: string): readonly number[] | null {
  const text = raw
    .replaceAll(/(?<=(?:and|to|till|until|through|-|–) ?)midnight\b/g, "24:00")
    .replaceAll(/\bmidnight\b/g, "0:00")
    .replaceAll(/\b(noon|midday)\b/g, "12:00")
    .replaceAll(/\b([ap])\.m\./g, "$1m")
    .replaceAll(
      /\b(\d{1,2})(?::00)?(?: o'?clock)? (?:in the|at) (morning|afternoon|evening|night)\b/g,
      (_, hour: string, part: string) =>
        `${hour}${part === "morning" || (part === "night" && (Number(hour) < 6 || hour === "12")) ? "am" : "pm"}`,
    );
  const spoken = /\b(morning|afternoon|evening)s?\b/.exec(text)?.[1];
  const span = new RegExp(
    `\\b(?:(?:in )?between |from )?${CLOCK} ?(?:and|to|till|until|through|thru|up to|-|–) ?${CLOCK}(?: in the (morning|afternoon|evening))?`,
  ).exec(text);
  // without a mark such as pm, whatever follows could be what is counted
  if (
    span !== null &&
    (/[ap]m\b|clock|:00|\dh\b|in the/.test(span[0]) ||
      (spoken !== undefined &&
        !new RegExp(`^[ -]?(?:${UNITS}|times|\\w+s)\\b`).test(text.slice(span.index + span[0].length))) ||
      ((/^(in )?(between|from) /.test(span[0]) || weekdaysIn(text) !== null) &&
        /^\W*($|[,.;?)])/.test(text.slice(span.index + span[0].length))))
  ) {
    const part = span[5] ?? spoken;
    const half = part === undefined ? span[4] : (span[4] ?? (part === "morning" ? "am" : "pm"));
    const to = hourOf(span[3], half);
    const from = hourOf(span[1], span[2] ?? (Number(span[1]) < Number(span[3]) ? half : undefined));
    if (from < 24 && to <= 24 && from !== to) return hoursFrom(from, to);
  }
  const marked = "(\\d{1,2})(?::00)? ?(am|pm|o'?clock)|(\\d{1,2}):00";
  const one = (before: string): number | null => {
    const found = new RegExp(`\\b${before} (?:${marked})`).exec(text);
    if (found === null) return null;
    const hour = found[1] === undefined ? Number(found[3]) : hourOf(found[1], found[2]);
    return hour < 24 ? hour : null;
  };
  const after = one("(?:after|from|since|past|later than)");
  const bare =
    spoken === undefined ? null : /\b(before|after) (\d{1,2})\b(?! ?(?:\d|\w+s\b|[ap]m|o'clock|:))/.exec(text);
  if (bare !== null) {
    const hour = hourOf(bare[2], spoken === "morning" ? "am" : "pm");
    const within = PARTS_OF_DAY.find(([form]) => form.test(raw));
    if (within !== undefined && hour > within[1] && hour < within[2]) {
      return bare[1] === "before" ? hoursFrom(within[1], hour) : hoursFrom(hour, within[2]);
    }
  }
  const upTo = one("(?:before|until|till|by|up to|through|to)");
  if (after !== null && upTo !== null && upTo !== after) return hoursFrom(after, upTo);
  if (after !== null) return after === 0 ? hoursFrom(0, 6) : hoursFrom(after, 24);
  const before = one("(?:before|until|till|by|earlier than)");
  if (before !== null && before > 0) return hoursFrom(0, before);
  const single = one("(?:at|around|about)");
  if (single !== null) return [single];
  const part = PARTS_OF_DAY.find(([form]) => form.test(raw));
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
  if (/\b(weekends?|week-ends?)\b/.test(text)) return [6, 7];
  if (/\bmid-?week\b/.test(text)) return [2, 3, 4];
  if (/\b(start|beginning|1th (working )?day) of the (working )?week\b/.test(text)) return [1];
  if (/\blast (working )?day of the (working )?week\b/.test(text)) return [5];
  if (/\b(weekdays?|week days?|working days?|business days?|work ?days?)\b/.test(text)) return [1, 2, 3, 4, 5];
  const day = (at: number): string => WEEKDAYS[at]?.slice(0, 3) ?? "";
  const range =
    /\b(mon|tue|wed|thu|fri|sat|sun)[a-z]* ?(?:to|-|–|through|till|until) ?(mon|tue|wed|thu|fri|sat|sun)[a-z]*\b/.exec(
      text,
    );
  if (range !== null) {
    const index = (name: string | undefined): number => WEEKDAYS.findIndex((each) => each.startsWith(name ?? "?"));
    const [from, to] = [index(range[1]), index(range[2])];
    return Array.from({ length: ((to - from + 7) % 7) + 1 }, (_, at) => ((from + at) % 7) + 1).slice(0, 6);
  }
  const isBeside = /\b(mon|tues?|wed|thu|thurs?|fri)\b.{1,6}\b(sat|sun)\b|\bsat\b.{1,6}\bsun\b/.test(text);
  const named = WEEKDAYS.flatMap((name, at) =>
    new RegExp(`\\b(${name}s?|${day(at)}${at === 1 ? "s?" : at === 3 ? "(?:rs?)?" : ""}s?(?=[,. /&]|$))\\b`).test(
      text,
    ) &&
    // `sun` and `sat` are words of their own, but for a day's beside them
    (isBeside || !/^s(at|un)$/.test(day(at)) || !new RegExp(`\\b${day(at)}\\b`).test(text))
      ? [at + 1]
      : [],
  );
  return named.length === 0 || named.length === 7 ? null : named;
}

function numberIn(text: string, form: RegExp): number | null {
  const found = form.exec(text)?.[1];
  return found === undefined ? null : Number(found);
}
