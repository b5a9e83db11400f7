import { cue } from "./cues.js";
import { knownWords, stopWords } from "./english.js";

/** Words that point to templates, numbers and times: what a mistake of spelling is worth mending for. */
const POINTERS =
  "first second third fourth fifth later session sessions visit visits weekend weekends weekday weekdays monday tuesday wednesday thursday " +
  "friday saturday sunday night nights morning mornings afternoon afternoons evening evenings midnight before after until without never " +
  "several times twice repeatedly again between within minutes seconds hours days weeks months different previous browser device " +
  "country version attempts retries retry sequence pattern patterns followed following missing nothing longer users customers newcomers " +
  "returning loyal concurrent simultaneous traffic usually straight immediately together crowded password account received finished " +
  "completed cancelled happened something anything everything inbetween half minute hour second day week month more than right straight like then " +
  "check think quiet";

const COMMON: readonly string[] = [...stopWords].filter((word) => /^\p{L}{4,}$/u.test(word));
const ENGLISH: readonly string[] = [...knownWords].filter((word) => /^\p{L}{3,}$/u.test(word));

/** Letters by which a word of a length may differ from the one that is meant. */
function allowance(length: number): number {
  if (length < 3) return 0;
  return length < 8 ? 1 : 2;
}

/**
 * Mends mistakes of spelling in a text in lower case: a word that is neither English as known here nor of the data becomes the
 * nearest word that is one of the data's or points to a template. O(words × vocabulary).
 * @param vocabulary - words of the data, in lower case
 */
export function mendSpelling(text: string, vocabulary: readonly string[]): string {
  const data = new Set(vocabulary);
  const known = new Set([...vocabulary, ...knownWords, ...POINTERS.split(" ")]);
  const targets = [...new Set([...vocabulary, ...POINTERS.split(" ")])].filter((word) => /^\p{L}{4,}$/u.test(word));
  // of two as near the first is taken: words of grammar, then the data's own
  const all = [...COMMON, ...targets, ...ENGLISH];
  const telling = new Set([...COMMON, ...targets]);
  return text.replaceAll(/\p{L}+(?:'\p{L}+)?/gu, (word) => {
    if (word.includes("'")) return word;
    if (word.length < 3 || data.has(word) || knownWords.has(word) || isForm(word, known) || isCue(word)) return word;
    const near = nearest(word, word.length === 3 ? [...COMMON, ...targets] : all);
    return near !== null && telling.has(near) ? near : (alikeInSound(word, telling) ?? near ?? word);
  });
}

/** Whether a word by itself points to a template. */
function isCue(word: string): boolean {
  return Object.values(cue).some((form) => word.search(form) >= 0);
}

/** Whether a word is a known one with an ending, or with `re` or `un` in front. */
function isForm(word: string, known: ReadonlySet<string>): boolean {
  const bare = /^(re|un)\p{L}{5,}/u.test(word) ? word.slice(2) : word;
  return [word, bare].some((whole) =>
    ENDINGS.some(([ending = "", ...rests]) => {
      if (!whole.endsWith(ending)) return false;
      const root = whole.slice(0, whole.length - ending.length);
      const single = root.at(-1) === root.at(-2) ? root.slice(0, -1) : root;
      return root.length > 1 && [...rests.map((rest) => `${root}${rest}`), single].some((base) => known.has(base));
    }),
  );
}

/** Endings, with what a word may have in their place. */
const ENDINGS: readonly (readonly string[])[] = [
  ["", ""],
  ["s", ""],
  ["es", ""],
  ["ies", "y"],
  ["ed", "", "e"],
  ["ied", "y"],
  ["ing", "", "e"],
  ["ings", "", "e"],
  ["ly", "", "le"],
  ["ily", "y"],
  ["er", "", "e"],
  ["ers", "", "e"],
  ["est", "", "e"],
  ["or", "", "e"],
  ["ion", "", "e"],
  ["ions", "", "e"],
  ["ation", "", "e"],
  ["ations", "", "e"],
  ["ment", ""],
  ["ments", ""],
  ["ness", ""],
  ["iness", "y"],
  ["able", "", "e"],
  ["ful", ""],
  ["less", ""],
  ["al", "", "e"],
];

function nearest(word: string, targets: readonly string[]): string | null {
  const most = allowance(word.length);
  let best: { readonly target: string; readonly distance: number } | null = null;
  const ending = /(ing|ed|es|s|ion|ions|ment|er|al)$/.exec(word)?.[0] ?? "";
  for (const target of targets) {
    for (const form of formsOf(target, ending)) {
      // of three letters one may be missing
      if (word.length === 3 && (form.length !== 4 || form[0] !== word[0])) continue;
      if (form.length < 4 || Math.abs(form.length - word.length) > most) continue;
      // a mistake seldom hits the first letter, unless it trades places with the second
      if (form[0] !== word[0] && form[0] !== word[1]) continue;
      const letters = editDistance(word, form);
      if (letters > most) continue;
      const distance =
        letters +
        (form[0] === word[0] ? 0 : ODD_START) +
        (form.at(-1) === word.at(-1) ? 0 : ODD_END) +
        (form === target ? 0 : DERIVED) -
        (isAnagram(word, form) ? SAME_LETTERS : 0);
      if (best === null || distance < best.distance) best = { target: form, distance };
    }
  }
  return best?.target ?? null;
}

/** The nearest of the telling words that sounds the same, as far as its consonants say: `minit`, `haf`, `dropt`. */
function alikeInSound(word: string, telling: ReadonlySet<string>): string | null {
  if (word.length < LEAST_SOUND) return null;
  const sound = soundOf(word);
  let best: { readonly target: string; readonly distance: number } | null = null;
  for (const target of telling) {
    if (target[0] !== word[0] || Math.abs(target.length - word.length) > MOST_SILENT || soundOf(target) !== sound)
      continue;
    const distance = editDistance(word, target);
    if (distance <= (word.length > LEAST_SOUND ? MOST_SILENT : 1) && (best === null || distance < best.distance))
      best = { target, distance };
  }
  return best?.target ?? null;
}

/** Shorter words sound like too many others, and are often short forms. */
const LEAST_SOUND = 4;
/** Letters that may be silent, or vowels written otherwise. */
const MOST_SILENT = 2;

/** What is heard of a word, roughly: its consonants, those that sound alike as one. After Soundex (Russell, 1918). */
function soundOf(word: string): string {
  return word
    .replaceAll(/^wr/g, "r")
    .replaceAll(/^kn/g, "n")
    .replaceAll(/ph/g, "f")
    .replaceAll(/gh|lf(?=$|s)/g, (found) => (found === "gh" ? "" : "f"))
    .replaceAll(/[cq]k?/g, "k")
    .replaceAll(/z/g, "s")
    .replaceAll(/(?<=.)[aeiouyhw]/g, "")
    .replaceAll(/(.)\1+/g, "$1");
}

/** A word, and with an ending. */
function formsOf(target: string, ending: string): readonly string[] {
  if (ending === "") return [target];
  const isSoft = target.endsWith("y") && /^e[sd]$/.test(ending);
  return [target, isSoft ? `${target.slice(0, -1)}i${ending}` : `${target}${ending}`];
}

/** What it costs to begin or end with another letter and to be made of a word, and what it gains to have the same letters. */
const ODD_START = 0.3;
const DERIVED = 0.15;
const ODD_END = 0.1;
const SAME_LETTERS = 0.2;

function isAnagram(a: string, b: string): boolean {
  return a.length === b.length && [...a].sort().join("") === [...b].sort().join("");
}

/** Letters put in, left out, put for others, or two that trade places (optimal string alignment). */
export function editDistance(a: string, b: string): number {
  let before: number[] = [];
  let last = Array.from({ length: b.length + 1 }, (_, at) => at);
  for (let row = 1; row <= a.length; row++) {
    const next = [row];
    for (let at = 1; at <= b.length; at++) {
      const same = a[row - 1] === b[at - 1] ? 0 : 1;
      let least = Math.min((last[at] ?? 0) + 1, (next[at - 1] ?? 0) + 1, (last[at - 1] ?? 0) + same);
      if (row > 1 && at > 1 && a[row - 1] === b[at - 2] && a[row - 2] === b[at - 1]) {
        least = Math.min(least, (before[at - 2] ?? 0) + 1);
      }
      next.push(least);
    }
    before = last;
    last = next;
  }
  return last[b.length] ?? 0;
}
