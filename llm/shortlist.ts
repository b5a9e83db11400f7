import { wordsOf } from "../planner/name-words.js";
import { areRelated, commonParts, endingParts, meanTheSame, rootOf, sessionParts, stem, stopWords } from "./english.js";

/** A name that a text seems to speak of. */
export interface Mention {
  readonly name: string;
  /** 0 to 1: how much of the name the text covers, rare words weighing more. */
  readonly score: number;
  /** Place of the first word that matches. */
  readonly at: number;
  /** Places of all that match and stand together, ascending. */
  readonly places: readonly number[];
  /** Words of the name that are met, near and far, and those of them that stand as they are. */
  readonly met: number;
  readonly exact: number;
}

/** Words of a text with the forms of language taken off, and their places. */
export interface Words {
  /** In lower case, as they stand. */
  readonly plain: readonly string[];
  /** Stems; empty for words that name nothing. */
  readonly stems: readonly string[];
}

/** Weights of a match by a near spelling, by a beginning, and by a word of the same meaning. */
const NEAR = 0.8;
const BEGINNING = 0.75;
const SAME_MEANING = 0.65;
/** Of a noun and its verb, of the first word of a compound and the compound, and of words that only go together. */
const SAME_ROOT = 0.92;
const PART = 0.5;
const RELATED = 0.4;
/** Share of common bigrams from which two spellings are one word. */
const NEAR_FROM = 0.7;
/** Of BM25: how fast repeated words saturate, and how much long names are held back. */
const K1 = 1.2;
const B = 0.75;
/** Marks words of names that are stop words elsewhere. */
const STOP = "=";
/** Marks words of names that hold nothing but stop words. */
const ALONE = "!";
/** A stop word that is a whole name is spoken of by what such a one does, and hardly by itself. */
const BY_DEED = 0.6;
const BY_ITSELF = 0.3;
/** What a word of half of all names weighs. */
const COMMON_PART = 0.45;
/** And one that says what a session is. */
const SESSION_PART = 0.12;
/** Words between those of one name, at most; what lies farther off counts for a part. */
const REACH = 4;
const FAR = 0.8;
/** A name is left out where another fits the same words that much better. */
const CLEARLY = 0.85;

/** The words of a text. */
export function wordsIn(text: string): Words {
  const plain = wordsOf(text);
  return { plain, stems: plain.map((word) => (stopWords.has(word) || /^\d+$/.test(word) ? "" : stem(word))) };
}

/**
 * The names that fit a text best, by BM25 over their words, where misspelt and synonymous words count in part. O(words of
 * the text × words of the names).
 */
export function shortlist(text: Words, names: readonly string[], most: number): readonly string[] {
  const index = indexOf(names);
  const averageLength = index.terms.reduce((sum, terms) => sum + terms.length, 0) / Math.max(1, names.length);
  const matches = matchesOf(text, index);
  return index.terms
    .map((terms, at) => {
      const norm = K1 * (1 - B + (B * terms.length) / Math.max(1, averageLength));
      const score = terms.reduce((sum, term) => {
        const similarity = Math.max(0, ...(matches.get(term) ?? []).map((match) => match.similarity));
        return sum + ((index.rarity.get(term) ?? 0) * similarity * (K1 + 1)) / (similarity + norm);
      }, 0);
      return { name: names[at] ?? "", score };
    })
    .filter(({ score }) => score > 0)
    .sort((a, b) => b.score - a.score)
    .slice(0, most)
    .map(({ name }) => name);
}

/** The names that a text speaks of, of those at one place only the ones that fit about as well as the best; by place. */
export function mentionsIn(text: Words, names: readonly string[], least: number): readonly Mention[] {
  const index = indexOf(names);
  const found = mentionsOf(matchesOf(text, index), names, index, least, new Set());
  const kept = found.filter(
    (mention) =>
      !found.some(
        (other) => other.score * CLEARLY > mention.score && mention.places.every((at) => other.places.includes(at)),
      ),
  );
  return kept.sort((a, b) => a.at - b.at || b.score - a.score);
}

/**
 * The places at which a text speaks of names, each with the names it may mean, best first. Words that one name has taken count
 * for others in part: `bug filed, no fix` speaks of two names that both hold the bug.
 * @param prior - how likely a name is meant at all, 0 to 1
 * @param partOf - the part of the text that a place is in; what stands in another part counts as far off
 */
export function placesIn(
  text: Words,
  names: readonly string[],
  least: number,
  prior: (name: string) => number,
  partOf: (place: number) => number = () => 0,
): readonly (readonly Mention[])[] {
  const index = indexOf(names);
  const matches = matchesOf(text, index);
  const taken = new Set<number>();
  const spots: Mention[][] = [];
  for (;;) {
    const worth = ({ name, score, met, exact }: Mention): number =>
      score * (1 + EXACT_WORD * exact) * (1 - FEW_WORDS * 0.5 ** (met - 1)) * (1 - PRIOR + PRIOR * prior(name));
    const used = new Set(spots.map(([first]) => first?.name));
    const found = mentionsOf(matches, names, index, least, taken, partOf)
      .filter(({ name }) => !used.has(name))
      .sort((a, b) => worth(b) - worth(a) || b.places.length - a.places.length || a.at - b.at);
    const best = moreTold(found[0], found);
    if (best === undefined) return spots.sort((a, b) => (a[0]?.at ?? 0) - (b[0]?.at ?? 0));
    const others = found.filter(
      (one) => one !== best && one.places.some((at) => best.places.includes(at)) && one.score >= best.score * CLEARLY,
    );
    spots.push([best, ...others]);
    for (const at of best.places) taken.add(at);
  }
}

/** `plans page v2`: of a name and another that holds all its words and more, the longer one where some of what it has more is told too. */
function moreTold(best: Mention | undefined, found: readonly Mention[]): Mention | undefined {
  if (best === undefined) return undefined;
  const own = wordsOf(best.name);
  const longer = found.filter(({ name, met, places }) => {
    const all = new Set(wordsOf(name));
    return (
      all.size > own.length &&
      met > best.met &&
      own.every((word) => all.has(word)) &&
      best.places.every((at) => places.includes(at))
    );
  });
  return longer.sort((a, b) => b.score - a.score)[0] ?? best;
}

/** Several words of a name, each met in part, are as sure as one that is met. */
const SEVERAL = 0.85;
/** What a name of which one word stands in the text loses to one with many, half of it to one with two. */
const FEW_WORDS = 0.3;
/** What each word that stands as it is adds. */
const EXACT_WORD = 0.12;
/** How much a name's likelihood counts. */
const PRIOR = 0.15;

/** @param taken - places that other names have taken: what is there counts as far off */
function mentionsOf(
  matches: Matches,
  names: readonly string[],
  index: NameIndex,
  least: number,
  taken: ReadonlySet<number>,
  partOf: (place: number) => number = () => 0,
): Mention[] {
  return index.terms.flatMap((terms, at): Mention[] => {
    const mention = bestWindow(terms, index, matches, taken, partOf);
    return mention === null || mention.score < least * (mention.met > 1 ? SEVERAL : 1)
      ? []
      : [{ name: names[at] ?? "", ...mention }];
  });
}

/** Where a name's words stand together best; a word of the text stands for one word of the name. */
function bestWindow(
  terms: readonly string[],
  { rarity }: NameIndex,
  matches: Matches,
  foreign: ReadonlySet<number>,
  partOf: (place: number) => number,
): Omit<Mention, "name"> | null {
  const weigh = (term: string): number => rarity.get(term) ?? 0;
  const all = terms.reduce((sum, term) => sum + weigh(term), 0);
  if (all === 0 || !terms.some((term) => !term.startsWith(STOP) && matches.has(term))) return null;
  const hits = terms.flatMap((term) => (matches.get(term) ?? []).map((match) => ({ ...match, term })));
  const order = [...hits].sort((a, b) => b.similarity - a.similarity || weigh(b.term) - weigh(a.term) || a.at - b.at);
  let best: Omit<Mention, "name"> | null = null;
  for (const start of new Set(hits.map(({ at }) => at))) {
    if (foreign.has(start)) continue;
    const end = start + terms.length + REACH;
    const taken = new Map<number, string>();
    const met = new Map<string, number>();
    const take = (isNear: boolean, part: number): void => {
      for (const { at, similarity, term } of order) {
        const isHere = at >= start && at < end && !foreign.has(at) && partOf(at) === partOf(start);
        // what is said before may be meant again, what comes later is something else
        if (partOf(at) > partOf(start)) continue;
        if (!isNear && commonParts.has(term)) continue;
        if (isHere !== isNear || taken.has(at) || met.has(term)) continue;
        taken.set(at, term);
        met.set(term, similarity * part);
      }
    };
    take(true, 1);
    // `open` and `start` stand in half of all names: by themselves they name none
    // what says what a session is may be said of any of its events
    const own = [...taken].filter(([, term]) => !sessionParts.has(term) || taken.size === 1);
    const places = own.map(([at]) => at).sort((a, b) => a - b);
    // `open` and `start` stand in half of all names: one that is told by one of them alone is not meant
    const isGeneral = terms.every((term) => commonParts.has(term));
    if (!isGeneral && [...met].every(([term, part]) => commonParts.has(term) && part < SAME_ROOT)) continue;
    take(false, FAR);
    const outright = [...met.values()].filter((part) => part >= SAME_ROOT).length;
    if (!isGeneral && outright < 2 && [...met.keys()].every((term) => commonParts.has(term))) continue;
    const score = terms.reduce((sum, term) => sum + weigh(term) * (met.get(term) ?? 0), 0) / all;
    const exact = [...met.values()].filter((value) => value === 1).length;
    const span = (places.at(-1) ?? 0) - (places[0] ?? 0);
    const lastSpan = (best?.places.at(-1) ?? 0) - (best?.places[0] ?? 0);
    if (best === null || score > best.score + 1e-9 || (score > best.score - 1e-9 && span < lastSpan))
      best = { score, at: places[0] ?? start, places, met: met.size, exact };
  }
  return best;
}

interface NameIndex {
  /** Stems by name. */
  readonly terms: readonly (readonly string[])[];
  /** Inverse document frequency by stem, above 0; less for words that names are full of everywhere. */
  readonly rarity: ReadonlyMap<string, number>;
}

function indexOf(names: readonly string[]): NameIndex {
  const terms = names.map((name) => {
    const words = wordsOf(name);
    // `back` tells seek_back from others, and by itself is no name
    const isPlain = words.some((word) => !stopWords.has(word));
    return [...new Set(words.map((word) => (!stopWords.has(word) ? stem(word) : `${isPlain ? STOP : ALONE}${word}`)))];
  });
  const frequency = new Map<string, number>();
  for (const each of terms) for (const term of each) frequency.set(term, (frequency.get(term) ?? 0) + 1);
  const rarity = new Map(
    [...frequency].map(([term, count]) => {
      const inverse = Math.log(1 + (names.length - count + 0.5) / (count + 0.5));
      // a word that names of many events share, and that says what a session is, is left out where people speak
      if (sessionParts.has(term) && count > 2) return [term, inverse * SESSION_PART];
      return [
        term,
        commonParts.has(term) || endingParts.has(term) || term.startsWith(STOP) ? inverse * COMMON_PART : inverse,
      ];
    }),
  );
  return { terms, rarity };
}

type Matches = ReadonlyMap<string, readonly { readonly similarity: number; readonly at: number }[]>;

/** For each stem of the names the words of the text that are like it. */
function matchesOf({ plain, stems }: Words, { rarity }: NameIndex): Matches {
  const matches = new Map<string, { similarity: number; at: number }[]>();
  for (const term of rarity.keys()) {
    const alike = stems.flatMap((word, at) => {
      const found = likeness(plain[at] ?? "", word, term);
      return found > 0 ? [{ similarity: found, at }] : [];
    });
    if (alike.length > 0) matches.set(term, alike);
  }
  return matches;
}

/** Numbers in names are words where they are digits in the text as it is read. */
const NUMBER_WORDS: Readonly<Record<string, string>> = Object.fromEntries(
  "two three four five six seven eight nine ten".split(" ").map((word, at) => [String(at + 2), stem(word)]),
);

/** 0 to 1, of a word of the text, as it is and as a stem, and a term of the names. */
function likeness(plain: string, stemmed: string, term: string): number {
  if (NUMBER_WORDS[plain] === term) return 1;
  if (term.startsWith(STOP)) return stopSimilarity(plain, term.slice(STOP.length));
  if (!term.startsWith(ALONE)) return similarity(stemmed, term);
  const name = term.slice(ALONE.length);
  if (stopSimilarity(plain, name) > 0) return BY_ITSELF;
  return areRelated(stemmed, stem(name)) ? BY_DEED : 0;
}

/** Words of grammar that names are made of too, with those that say the same. */
const SAME_STOPS: readonly (readonly string[])[] = [
  ["no", "nothing", "without", "none", "zero", "empty", "fruitless"],
  ["user", "users", "customer", "customers", "client", "person", "people"],
  ["all", "every", "each"],
  ["new", "latest"],
  ["first", "initial"],
  ["back", "again"],
];

function stopSimilarity(word: string, term: string): number {
  if (word === term || stem(word) === stem(term)) return 1;
  return SAME_STOPS.some((same) => same.includes(word) && same.includes(term)) ? SAME_MEANING : 0;
}

/** 0 to 1, of two stems. */
export function similarity(word: string, term: string): number {
  if (word === "" || term === "") return 0;
  if (word === term) return 1;
  const isLong = Math.min(word.length, term.length) >= 4;
  const [left, right] = [rootOf(word), rootOf(term)];
  if (isLong && left === right) return SAME_ROOT;
  // a typo seldom hits the first letter, and short words have too many neighbours
  if (isLong && word[0] === term[0]) {
    if (bigramOverlap(word, term) >= NEAR_FROM) return NEAR;
    if (commonBeginning(word, term) >= 6) return BEGINNING;
  }
  if (meanTheSame(word, term) || meanTheSame(left, right)) return SAME_MEANING;
  if (Math.min(word.length, term.length) >= 5 && (word.startsWith(term) || term.startsWith(word))) return PART;
  return areRelated(word, term) || areRelated(left, right) ? RELATED : 0;
}

function commonBeginning(a: string, b: string): number {
  let length = 0;
  while (length < a.length && a[length] === b[length]) length++;
  return length;
}

/** Sørensen–Dice coefficient of the padded bigrams. */
function bigramOverlap(a: string, b: string): number {
  const left = bigrams(a);
  const right = bigrams(b);
  const rest = [...right];
  let common = 0;
  for (const bigram of left) {
    const at = rest.indexOf(bigram);
    if (at < 0) continue;
    rest.splice(at, 1);
    common++;
  }
  return (2 * common) / (left.length + right.length);
}

function bigrams(word: string): string[] {
  const padded = `^${word}$`;
  return Array.from({ length: padded.length - 1 }, (_, at) => padded.slice(at, at + 2));
}
