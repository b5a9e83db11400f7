import { cue } from "./cues.js";
import { meaningsOf, stem, stopWords } from "./english.js";
import type { Reading } from "./reading.js";

/** What stands in a clause in place of words that say which, and not what kind: names, values, numbers, times. */
const EVENT = "EV";
const ATTRIBUTE = "ATT";
const VALUE = "VAL";
const NUMBER = "N";
const ORDINAL = "NTH";
const SECONDS = "DUR";
const HOURS = "HOURS";
const DAYS = "DAYS";
const WEEKDAY = "WDAY";

const UNITS: readonly (readonly [RegExp, string])[] = [
  [/^(ms|msecs?|milliseconds?|s|secs?|seconds?|m|mins?|minutes?)$/, SECONDS],
  [/^(h|hrs?|hours?)$/, HOURS],
  [/^(d|days?|w|weeks?|months?|years?)$/, DAYS],
];
const WEEKDAYS = /^((mon|tues|wednes|thurs|fri|satur|sun)days?|weekends?|weekdays?)$/;
/** Words that tie what is named together; the order of these and of names is a clause's skeleton. */
const LINKS: ReadonlyMap<string, string> = new Map(
  [
    "not:NOT no:NOT never:NOT without:NOT nothing:NOT t:NOT nor:NOT none:NOT cannot:NOT until:until till:until before:before",
    "after:after then:then followed:then and:and or:or but:but yet:but between:between from:from to:to within:within than:than again:again",
  ].flatMap((pairs) => pairs.split(" ").map((pair): [string, string] => pair.split(":") as [string, string])),
);
const MASKS: ReadonlySet<string> = new Set([EVENT, ATTRIBUTE, VALUE, NUMBER, ORDINAL, SECONDS, HOURS, DAYS, WEEKDAY]);
/** From here on a number of events is many. */
const MANY_EVENTS = 3;
const HALF_DAY_MS = 43_200_000;
/** Values that are read less surely are left as words. */
const VALUE_FROM = 0.4;

/**
 * What a clause is like, whatever the data: its words with names, values and numbers masked, alone, side by side and with one between, and the
 * words of the thesaurus that mean the same;
 * the order of what ties its names together; the kinds of numbers and times it states; the cues that it holds. Each once.
 */
export function templateFeatures(reading: Reading): readonly string[] {
  const tokens = ["^", ...maskedTokens(reading), "$"];
  const found = new Set<string>(tokens.slice(1, -1));
  for (const [at, token] of tokens.entries()) {
    const [next, second] = tokens.slice(at + 1);
    if (next !== undefined) found.add(`${token} ${next}`);
    if (second !== undefined) found.add(`${token} * ${second}`);
  }
  const skeleton = tokens
    .map((token) => (MASKS.has(token) ? token : (LINKS.get(token) ?? "")))
    .filter((token) => token !== "");
  for (const [at, token] of skeleton.entries()) {
    const [next, second] = skeleton.slice(at + 1);
    if (next !== undefined) found.add(`${token}>${next}`);
    if (second !== undefined) found.add(`${token}>${next}>${second}`);
  }
  for (const token of tokens) for (const group of meaningsOf(token)) found.add(`=${group}`);
  for (const slot of slotsOf(reading)) found.add(`#${slot}`);
  for (const [name, form] of Object.entries(cue)) if (reading.text.search(form) >= 0) found.add(`@${name}`);
  return [...found];
}

function slotsOf({ facts, spots, ofKpi, isNegating, values, attributes, columns, tables }: Reading): readonly string[] {
  const [duration] = facts.durations;
  const slots: readonly (readonly [string, boolean])[] = [
    [`events${Math.min(MANY_EVENTS, spots.length)}`, true],
    ["kpi", ofKpi.length > 0],
    ["negating", isNegating],
    ["negated", spots.some((spot) => spot.isNegated)],
    ["count", facts.count !== null],
    ["times", facts.times !== null],
    ["things", facts.things !== null],
    ["boundary", facts.boundary !== null],
    ["steps", facts.steps !== null],
    ["share", facts.share !== null],
    ["hours", facts.hours !== null],
    ["weekdays", facts.weekdays !== null],
    ["short", duration !== undefined && duration.ms < HALF_DAY_MS],
    ["long", duration !== undefined && duration.ms >= HALF_DAY_MS],
    ["value", values.length > 0],
    ["attribute", attributes.length > 0],
    ["column", columns.length > 0],
    ["table", tables.length > 0],
  ];
  return slots.filter(([, isThere]) => isThere).map(([slot]) => slot);
}

function maskedTokens({ words: { plain }, spots, ofKpi, attributes, values }: Reading): readonly string[] {
  const masks = new Map<number, string>();
  const mask = (places: readonly number[], as: string): void => {
    for (const at of places) if (!masks.has(at)) masks.set(at, as);
  };
  for (const { names } of [...spots, ...ofKpi]) mask(names[0]?.places ?? [], EVENT);
  for (const { places } of attributes) mask(places, ATTRIBUTE);
  const named = new Set(values.filter(({ score }) => score > VALUE_FROM).flatMap(({ words }) => words));
  mask(
    plain.flatMap((word, at) => (named.has(word) ? [at] : [])),
    VALUE,
  );
  const tokens: string[] = [];
  for (const [at, word] of plain.entries()) {
    const token = masks.get(at) ?? tokenOf(word);
    const unit = tokens.at(-1) === NUMBER ? UNITS.find(([form]) => form.test(word))?.[1] : undefined;
    if (unit !== undefined) tokens[tokens.length - 1] = unit;
    else if (token !== tokens.at(-1) || !MASKS.has(token)) tokens.push(token);
  }
  return tokens;
}

function tokenOf(word: string): string {
  if (/^\d+th$/.test(word)) return ORDINAL;
  if (/^\d/.test(word)) return NUMBER;
  if (WEEKDAYS.test(word)) return WEEKDAY;
  return word.length > 3 && !stopWords.has(word) ? stem(word) : word;
}
