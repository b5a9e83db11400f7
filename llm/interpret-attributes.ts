import { wordsOf } from "../planner/name-words.js";
import type { DataStatistics } from "../planner/statistics.js";
import { cue } from "./cues.js";
import { stem } from "./english.js";
import {
  best2,
  CLEAR,
  distinct,
  FAINT,
  GUESS,
  type Interpretation,
  LIKELY,
  MAYBE,
  names,
  ranked,
  SURE,
  said,
  says,
  saysBeside,
} from "./interpretation.js";
import { isQualifier, type NamedValue } from "./named-values.js";
import type { Reading } from "./reading.js";
import type { Values } from "./some-template.js";

/** What differs from the session before. */
export function change(
  reading: Reading,
  { attributes }: DataStatistics,
  grid: readonly Values[],
): readonly Interpretation[] {
  const isChange = saysBeside(reading, cue.change);
  const isBefore = says(reading, cue.thanBefore);
  if (!isChange && !isBefore) return [];
  const twice = twoValues(reading);
  if (twice !== undefined && (isBefore || /\bfrom\b.*\bto\b/.test(reading.text))) {
    return [
      { parameters: { attribute: twice }, score: SURE, because: said(reading, isBefore ? cue.thanBefore : cue.change) },
    ];
  }
  const isNewer = /\b(upgrad|updat|downgrad|newer|older|releas|version|migrat)\w*\b/.test(reading.text);
  const versioned = isNewer ? attributes.filter((name) => /version|release|build/i.test(name)) : [];
  // `the app got updated`: the version of what is named
  const own = versioned.filter((name) =>
    wordsOf(name).some((word) => !/version|release|build/.test(word) && reading.words.plain.includes(word)),
  );
  const versions = own.length > 0 ? own : versioned;
  const named = withVersions(
    [...reading.attributes]
      .sort((a, b) => b.score - a.score)
      .map(({ name }) => name)
      .filter((name) => attributes.includes(name)),
    versions,
  );
  const because = [...said(reading, isBefore ? cue.thanBefore : cue.change), ...names(named[0])];
  if (named.length > 0) {
    const isOutright =
      isChange && (isBefore || reading.spots.length === 0 || /\b(new|another|different)\b/.test(reading.text));
    return ranked(
      isBefore && isChange ? SURE : isOutright ? LIKELY : MAYBE,
      because,
      named.map((attribute) => ({ attribute })),
    );
  }
  return isChange && isBefore ? ranked(MAYBE, because, grid) : [];
}

/** An attribute of which the prompt names two values. */
function twoValues({ values }: Reading): string | undefined {
  return values.find(
    (one) =>
      one.score > 0.6 &&
      values.some(
        (other) =>
          other.attribute === one.attribute &&
          other.value !== one.value &&
          !other.words.every((word) => one.words.includes(word)),
      ),
  )?.attribute;
}

/** What has a newer version is told by the attribute of its version. */
function withVersions(named: readonly string[], versions: readonly string[]): readonly string[] {
  const own = versions.filter((version) => named.some((name) => version !== name && version.startsWith(name)));
  const outright = versions.length === 1 ? versions : own;
  return [...new Set([...outright, ...named, ...(named.length === 0 ? versions : [])])];
}

/** What sessions are of. */
export function attributePredicate(
  reading: Reading,
  data: DataStatistics,
  grid: readonly Values[],
): readonly Interpretation[] {
  const { bound, ceiling } = reading.facts;
  const numeric = reading.columns.filter(({ name }) =>
    data.columns.some((one) => one.name === name && one.kind === "numeric"),
  );
  const [column] = numeric;
  if (column !== undefined && (bound !== null || ceiling !== null)) {
    const limit = bound !== null ? { above: bound } : { at_most: ceiling };
    return [{ parameters: { attribute: column.name, ...limit }, score: SURE, because: names(column.name) }];
  }
  const taken = wordsOfEvents(reading);
  const values = reading.values.filter(({ words, score }) => score > 0.4 && !words.every((word) => taken.has(word)));
  if (values.length > 0) {
    const isNamed = (attribute: string): boolean => reading.attributes.some(({ name }) => name === attribute);
    const inEvents = new Set(
      reading.spots.flatMap(({ names: [first] }) => [
        ...wordsOf(first?.name ?? "").map(stem),
        ...((first?.met ?? 0) > 1 ? (first?.places ?? []).map((at) => stem(reading.words.plain[at] ?? "")) : []),
      ]),
    );
    const scored = values.map(({ attribute, value, score, words }) => ({
      parameters: { attribute, values: [value] },
      score:
        ((score >= 0.9 ? CLEAR : LIKELY * Math.min(1, score + 0.3)) + (isNamed(attribute) ? 0.04 : 0)) *
        // a word that names an event too names a value where it says what sessions are of
        (words.every((word) => inEvents.has(stem(word)) && !isQualifier(word, reading.text)) ? 0.6 : 1),
      because: [`names ${attribute} ${value}`],
    }));
    const sorted = [...scored].sort((a, b) => b.score - a.score);
    return together(sorted, values, reading);
  }
  if (reading.attributes.length > 0) {
    const named = reading.attributes.map(({ name }) => name);
    const rows = named.flatMap((name) => grid.filter((row) => row["attribute"] === name));
    const isAsked = says(reading, cue.which) || says(reading, cue.eitherOr);
    const isShared = reading.attributes.every(({ places }) =>
      places.every((at) => taken.has(reading.words.plain[at] ?? "")),
    );
    return ranked(isAsked && !isShared ? LIKELY : isShared ? GUESS : FAINT, names(named[0]), rows);
  }
  if (says(reading, cue.eitherOr) && says(reading, cue.factor)) return ranked(MAYBE, said(reading, cue.factor), grid);
  const isWhich =
    /^(who|where)\b|\b(which|what|certain|specific|particular|kinds? of|types? of|sorts? of|special about)\b/.test(
      reading.text,
    );
  if (isWhich && says(reading, cue.factor)) return ranked(MAYBE, said(reading, cue.factor), grid);
  return [];
}

/** Values of one attribute that are listed as one, in front of the alternatives: `4.8 and 4.9`, `4G or 5G`. */
function together(
  rows: readonly Interpretation[],
  values: readonly NamedValue[],
  { text }: Reading,
): readonly Interpretation[] {
  const [first] = rows;
  const [top] = values.filter(({ attribute, value }) => {
    const { parameters } = first ?? {};
    return parameters?.["attribute"] === attribute && String(parameters["values"]) === value;
  });
  if (first === undefined || top === undefined) return rows;
  const alike = values.filter(({ attribute, score }) => attribute === top.attribute && score >= NEAR_SCORE * top.score);
  const listed = alike.filter((one) => one === top || isListed(top, one, text));
  if (listed.length < 2) return rows;
  const parameters = { attribute: top.attribute, values: listed.map(({ value }) => value).sort() };
  return [
    { ...first, parameters, because: [`names ${top.attribute} ${listed.map(({ value }) => value).join(", ")}`] },
    ...rows,
  ];
}

/** Values that are read about as surely. */
const NEAR_SCORE = 0.95;

/** Whether two values stand side by side with only `and`, `or` or a comma between, or are told by the same words. */
function isListed(one: NamedValue, other: NamedValue, text: string): boolean {
  if (one.words.every((word) => other.words.includes(word))) return one.words.length === other.words.length;
  const [a, b] = [one, other].map(({ words }) => words.map((word) => escaped(word)).join("\\W+")) as [string, string];
  const between =
    "\\W*(?:,|and|or|/|&|\\+|nor|as well as|plus)\\W*(?:in |from |on |the |with |version |release |build )*";
  return new RegExp(`\\b(?:${a}${between}${b}|${b}${between}${a})\\b`).test(text) && !CONTRAST.test(text);
}

const CONTRAST = /\b(versus|vs\.?|compared (?:to|with)|better|worse|than|rather|is it|was it)\b.*\bor\b/;

function escaped(text: string): string {
  return text.replaceAll(/[.*+?^${}()|[\]\\]/g, "\\$&");
}

/** Words that an event's name accounts for, where it is named nearly in full. */
function wordsOfEvents({ spots, words }: Reading): ReadonlySet<string> {
  return new Set(
    spots.flatMap(({ names: [first] }) =>
      (first?.score ?? 0) >= 0.75 && (first?.places.length ?? 0) > 1
        ? (first?.places ?? []).map((at) => words.plain[at] ?? "")
        : [],
    ),
  );
}

/** The most frequent values of an event's attribute. */
export function topValues(reading: Reading, _: DataStatistics, grid: readonly Values[]): readonly Interpretation[] {
  if (!saysBeside(reading, cue.top)) return [];
  const n =
    /\btop[ -]?(\d+)/.exec(reading.text)?.[1] ?? /\b(\d+) most (?:common|frequent|popular)/.exec(reading.text)?.[1];
  const event = reading.spots.flatMap(best2);
  const columns = reading.columns.map(({ name }) => name);
  const fits = (row: Values): number =>
    (event.includes(String(row["event"])) ? 2 : 0) + (columns.includes(String(row["attribute"])) ? 1 : 0);
  const rows = [...grid].sort((a, b) => fits(b) - fits(a));
  const best = rows[0] === undefined ? 0 : fits(rows[0]);
  const made =
    event[0] !== undefined && columns[0] !== undefined && best < 3
      ? [{ event: event[0], attribute: columns[0], n: n === undefined ? 5 : Number(n) }]
      : [];
  const meant = [...made, ...rows.filter((row) => fits(row) === best)].map((row) =>
    n === undefined ? row : { ...row, n: Number(n) },
  );
  const isTop = /\b(top|most (common|frequent|popular|often|used)|commonest|best-?sell\w+)\b/.test(reading.text);
  const score = best === 3 || made.length > 0 ? SURE : isTop ? LIKELY : best > 0 ? MAYBE : GUESS;
  return ranked(score, [...said(reading, cue.top), ...names(event[0], columns[0])], distinct(meant));
}
