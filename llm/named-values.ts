import { wordsOf } from "../planner/name-words.js";
import type { ColumnStatistics, DataStatistics } from "../planner/statistics.js";
import { stem, stopWords } from "./english.js";
import { similarity } from "./shortlist.js";

/** A value of an attribute that a text speaks of. */
export interface NamedValue {
  readonly attribute: string;
  readonly value: string;
  /** 0 to 1: how surely. */
  readonly score: number;
  /** Words that speak of it, in lower case. */
  readonly words: readonly string[];
}

/** Columns of more values are no attributes that a person lists by heart. */
const MOST_VALUES = 200;
/** Scores of a value that stands as it is, of one whose words mean the same, and of a number after its attribute's name. */
const EXACT = 1;
const BY_MEANING = 0.8;
const BY_NUMBER = 0.95;
const BY_VERSION = 0.9;

/** What is said of connections of any generation. */
const CELLULAR =
  /\b(cellular|mobile (data|network|internet|connection)s?|cell(phone)? (network|data|connection)s?|on the go|on the move)\b/;

/** Units of measures by the ways to write them. */
const UNITS_OF_MEASURE: readonly (readonly [unit: string, ways: string])[] = [
  ["kbps", "kbps|kbits?|kbit/s|kb/s|kilobits?(?: per second)?"],
  ["mbps", "mbps|mbits?|mbit/s|mb/s|megs?|megabits?(?: per second)?"],
  ["gbps", "gbps|gbits?|gbit/s|gb/s|gigs?|gigabits?(?: per second)?"],
  ["ghz", "ghz|gigahertz"],
  ["mhz", "mhz|megahertz"],
  ["gb", "gb|gigabytes?|gigs?"],
  ["mb", "mb|megabytes?|megs?"],
];

/** `50 megabit` for 50Mbps. */
function isMeasured(value: string, text: string): boolean {
  const [, amount = "", unit = ""] = /(?:^|[^\d.])(\d+(?:\.\d+)?)([a-z]{1,4})$/.exec(` ${value}`) ?? [];
  const ways = UNITS_OF_MEASURE.find(([name]) => name === unit)?.[1];
  return ways !== undefined && new RegExp(`(?<![\\d.])${escaped(amount)}[ -]?(?:${ways})\\b`).test(text);
}

/** Irregular adjectives and short names of countries; the others share their beginning with the name. */
const COUNTRIES: Readonly<Record<string, string>> = {
  ...{
    uk: "GB",
    britain: "GB",
    british: "GB",
    england: "GB",
    english: "GB",
    usa: "US",
    america: "US",
    american: "US",
    americans: "US",
  },
  ...{
    french: "FR",
    spanish: "ES",
    dutch: "NL",
    holland: "NL",
    swiss: "CH",
    danish: "DK",
    danes: "DK",
    swedes: "SE",
    greek: "GR",
  },
  ...{
    norwegian: "NO",
    norwegians: "NO",
    polish: "PL",
    poles: "PL",
    finnish: "FI",
    turkish: "TR",
    irish: "IE",
    spaniard: "ES",
    spaniards: "ES",
    spain: "ES",
    swede: "SE",
    dane: "DK",
    pole: "PL",
    finns: "FI",
    brits: "GB",
    scottish: "GB",
    turks: "TR",
    czech: "CZ",
    americas: "US",
    states: "US",
    frenchmen: "FR",
    dutchmen: "NL",
    chinese: "CN",
    emirates: "AE",
  },
};

/**
 * Values of attributes that a prompt names: as they stand, by their words or words of the same meaning, by a country's name, by the
 * beginning of a version, or by a number beside the attribute's name.
 * @param original - the prompt as it was written: short codes count in capitals alone
 * @param text - in lower case, spelling mended
 */
export function namedValues(original: string, text: string, data: DataStatistics): readonly NamedValue[] {
  const found = data.columns.flatMap((column) => {
    if (column.kind !== "coded" || !data.attributes.includes(column.name)) return [];
    return column.dictionary.length > MOST_VALUES ? [] : valuesOf(column, original, text);
  });
  // of two that the same words speak of, the one with more words is meant: `Android 14` and not `android`
  const kept = found.filter(
    (one) =>
      !found.some(
        (other) =>
          other !== one &&
          one.words.every((word) => other.words.includes(word)) &&
          (other.words.length > one.words.length ||
            (other.words.length === one.words.length && other.score > one.score)),
      ),
  );
  return kept.sort((a, b) => b.score - a.score);
}

type CodedColumn = Extract<ColumnStatistics, { kind: "coded" }>;

function valuesOf(column: CodedColumn, original: string, text: string): readonly NamedValue[] {
  return column.dictionary.flatMap((value) => {
    if (typeof value !== "string") return [];
    const matched = matchOf(column.name, value, original, text);
    return matched === null ? [] : [{ attribute: column.name, value, ...matched }];
  });
}

type Match = Pick<NamedValue, "score" | "words"> | null;

function matchOf(attribute: string, value: string, original: string, text: string): Match {
  const word = value.toLowerCase();
  if (["true", "false", "no", "yes", "null", "none", "other", "unknown", ""].includes(word)) return null;
  if (/^[A-Z]{2}$/.test(value)) {
    return byCode(value, attribute, original, text);
  }
  if (/^\d+(\.\d+)+$/.test(word)) return byVersion(word, text);
  if (/^[2-6]g$/.test(word) && CELLULAR.test(text)) return { score: BY_MEANING, words: ["mobile", "data"] };
  if (isMeasured(word, text)) return { score: BY_NUMBER, words: wordsOf(word) };
  const number = /(?:^|[^\d])(\d+)$/.exec(word)?.[1];
  if (number !== undefined && !/^[\d.]+$/.test(word)) {
    const named = byNumber(attribute, word, number, text);
    if (named !== null) return named;
  }
  if (/^[\d.]+$/.test(word)) {
    return new RegExp(`\\b${lastWord(attribute)}s? \\(?(?:number |no\\.? |#)?${word.replaceAll(".", "\\.")}\\b`).test(
      text,
    )
      ? { score: BY_NUMBER, words: [lastWord(attribute), word] }
      : null;
  }
  if (word.length < 2) return null;
  if (isWordOf(word, text)) return { score: EXACT, words: wordsOf(word) };
  const parts = wordsOf(value);
  const words = wordsOf(text);
  if (parts.length > 1 && parts.every((part) => words.includes(part))) return { score: BY_NUMBER, words: parts };
  return byMeaning(value, text, attribute);
}

function byCode(code: string, attribute: string, original: string, text: string): Match {
  if (new RegExp(`(?<![A-Za-z])${code}(?![A-Za-z])`).test(original) && original !== original.toUpperCase()) {
    return { score: EXACT, words: [code.toLowerCase()] };
  }
  if (!/countr|region|market|geo|nation|locale/.test(attribute.toLowerCase())) return null;
  const name = countryNames.of(code)?.toLowerCase() ?? code;
  for (const word of wordsOf(text)) {
    const isName =
      word.length >= 4 && (word.startsWith(name) || (word.slice(0, 5) === name.slice(0, 5) && !stopWords.has(word)));
    if (isName || COUNTRIES[word] === code) return { score: EXACT, words: [word] };
  }
  return name.includes(" ") && isWordOf(name, text) ? { score: EXACT, words: wordsOf(name) } : null;
}

/** What people say for a country's code of two capitals; nothing where there is no such country. */
export function countryWords(code: string): readonly string[] {
  const name = /^[A-Z]{2}$/.test(code) ? countryNames.of(code) : undefined;
  if (name === undefined || name === code) return [];
  return [name, ...Object.keys(COUNTRIES).filter((word) => COUNTRIES[word] === code)];
}

const countryNames = new Intl.DisplayNames(["en"], { type: "region" });

/** `8.0` and `v8` for 8.0.0, where nothing more exact stands in the text. */
function byVersion(version: string, text: string): Match {
  if (isWordOf(version, text) || isWordOf(`v${version}`, text)) return { score: EXACT, words: [version] };
  for (const [, stated = ""] of text.matchAll(/\bv?(\d+(?:\.\d+)*)\b/g)) {
    const isBeginning = version === stated || version.startsWith(`${stated}.`);
    const isMarked = stated.includes(".") || new RegExp(`\\b(version|release|build|v) ?${stated}\\b`).test(text);
    if (isBeginning && isMarked) return { score: BY_VERSION, words: [stated] };
  }
  return null;
}

/** `class 3` or `class (3)` for class_3, and `seriousness 2` for a value called `Value 2`. */
function byNumber(attribute: string, value: string, number: string, text: string): Match {
  const words = wordsOf(text).filter(
    (word) => !/^(number|no|value|level|type|id|nr)$/.test(word) || wordsOf(attribute).includes(word),
  );
  const label = wordsOf(value.slice(0, value.lastIndexOf(number))).filter((word) => word !== "value");
  const names = [...label.slice(-1), ...wordsOf(attribute).slice(-1)];
  const joined = wordsOf(attribute).join("");
  for (const [at, word] of words.entries()) {
    const before = words[at - 1];
    // `the third group`
    if (word === `${number}th` && names.some((name) => similarity(stem(words[at + 1] ?? ""), stem(name)) >= 0.6)) {
      return { score: BY_NUMBER, words: [words[at + 1] ?? "", word] };
    }
    if (word === `${number}th` && `${words[at + 1]}${words[at + 2]}` === joined) {
      return { score: BY_NUMBER, words: [words[at + 1] ?? "", word] };
    }
    if (word !== number || before === undefined) continue;
    const isName = names.some((name) => similarity(stem(before), stem(name)) >= 0.6);
    if (isName || `${words[at - 2] ?? ""}${before}` === joined) return { score: BY_NUMBER, words: [before, number] };
  }
  return null;
}

/** All words of the value in the text, each as it is or by one of the same meaning. */
function byMeaning(value: string, text: string, attribute: string): Match {
  const words = wordsOf(text);
  // `poor reception`: where the attribute is named, a word beside it says which value
  const isAsked = wordsOf(attribute).every((part) => words.some((word) => similarity(stem(word), stem(part)) >= 0.6));
  const used: string[] = [];
  let sum = 0;
  const wanted = wordsOf(value).filter((word) => !/^\d+$/.test(word));
  if (wanted.length === 0 || wanted.length < wordsOf(value).length) return null;
  for (const word of wanted) {
    const alike = words
      .filter((each) => !stopWords.has(each) && !used.includes(each))
      .map((each) => ({ each, score: similarity(stem(each), stem(word)) }))
      .sort((a, b) => b.score - a.score)[0];
    if (alike === undefined || alike.score < 0.6) return null;
    if (alike.score < 1 && !isAsked && !isQualifier(alike.each, text)) return null;
    used.push(alike.each);
    sum += alike.score;
  }
  const mean = sum / wanted.length;
  return { score: mean === 1 ? EXACT : BY_MEANING * mean, words: used };
}

/** Whether a word of a text in lower case says what sessions are of, and does not tell what happens in them. */
export function isQualifier(word: string, text: string): boolean {
  const before = `\\b(?:on|with|via|through|using|from|over|by|in|vs\\.?|versus|or|than|of|is it|was it|for) (?:an? |the |their |our |my |his |her )?(?:\\w+ )?`;
  const after =
    " (?:users?|customers?|visitors?|people|sessions?|visits?|traffic|jobs?|tickets?|viewers?|shoppers?|players?|owners?|only)\\b";
  return new RegExp(`${before}${word}\\b|\\b${word}${after}`).test(text);
}

function lastWord(attribute: string): string {
  return escaped(wordsOf(attribute).at(-1) ?? "");
}

function escaped(text: string): string {
  return text.replaceAll(/[.*+?^${}()|[\]\\]/g, "\\$&");
}

function isWordOf(word: string, text: string): boolean {
  for (let at = text.indexOf(word); at >= 0; at = text.indexOf(word, at + 1)) {
    const around = `${text[at - 1] ?? " "}${text[at + word.length] ?? " "}`;
    if (!/[\p{L}\p{N}_]/u.test(around)) return true;
  }
  return false;
}
