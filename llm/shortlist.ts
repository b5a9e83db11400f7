import { wordsOf } from "../planner/name-words.js";

/** A name that a text seems to speak of. */
export interface Mention {
  readonly name: string;
  /** 0 to 1: how much of the name the text covers, rare words weighing more. */
  readonly score: number;
  /** Place of the first word that matches. */
  readonly at: number;
  /** Places of all that match. */
  readonly places: readonly number[];
}

/** Words of a text with the forms of language taken off, and their places. */
export interface Words {
  /** In lower case, as they stand. */
  readonly plain: readonly string[];
  /** Stems; empty for words that name nothing. */
  readonly stems: readonly string[];
}

/** Words that mean the same to an operator; a match by one of them counts for less than the word itself. */
const SYNONYMS: readonly string[] = [
  "buy purchase order pay payment checkout",
  "error fail failure exception problem crash",
  "start begin open launch enter",
  "end stop finish close complete leave exit",
  "login signin auth authenticate",
  "signup register registration join",
  "click tap press",
  "video play player watch stream playback",
  "buffer rebuffer stall freeze",
  "cart basket",
  "remove delete",
  "search query",
  "device phone handset",
  "os platform",
  "country region market",
  "version release build",
  "plan tier",
  "slow latency delay",
  "photo picture image",
  "message chat",
  "cancel abort churn",
];
const STOP_WORDS: ReadonlySet<string> = new Set(
  (
    "a an the and or of in on at to for from with by is are was were be been do does did not no never without when while that " +
    "this these those they them their it its as than then there which who whom what why how if any all some many much more most " +
    "least less few after before until till within during between over under above below again back first second third last " +
    "next time times day days hour hours minute minutes second seconds week weeks month months session sessions user users " +
    "people customer customers event events find look see show tell give me us we i you our my about have has had get gets " +
    "got can could would should will may might must often rarely always usually longer long short high low new old other others"
  ).split(" "),
);
/** Weights of a match by a near spelling, by a beginning, and by a synonym. */
const NEAR = 0.8;
const BEGINNING = 0.7;
const SAME_MEANING = 0.65;
/** Share of common bigrams from which two spellings are one word. */
const NEAR_FROM = 0.6;
/** Of BM25: how fast repeated words saturate, and how much long names are held back. */
const K1 = 1.2;
const B = 0.75;

const meanings: ReadonlyMap<string, number> = new Map(
  SYNONYMS.flatMap((group, index) => group.split(" ").map((word): [string, number] => [stem(word), index])),
);

/** The words of a text. */
export function wordsIn(text: string): Words {
  const plain = wordsOf(text);
  return { plain, stems: plain.map((word) => (STOP_WORDS.has(word) || /^\d+$/.test(word) ? "" : stem(word))) };
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
        const similarity = matches.get(term)?.similarity ?? 0;
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
  const matches = matchesOf(text, index);
  const found = index.terms.flatMap((terms, at): Mention[] => {
    const hits = terms.flatMap((term) => matches.get(term) ?? []);
    if (hits.length === 0) return [];
    const rarity = (term: string): number => index.rarity.get(term) ?? 0;
    const all = terms.reduce((sum, term) => sum + rarity(term), 0);
    const met = terms.reduce((sum, term) => sum + rarity(term) * (matches.get(term)?.similarity ?? 0), 0);
    const places = hits.map(({ at: place }) => place);
    const score = all === 0 ? 0 : met / all;
    return score < least ? [] : [{ name: names[at] ?? "", score, at: Math.min(...places), places }];
  });
  const kept = found.filter(
    (mention) =>
      !found.some(
        (other) => other.score * CLEARLY > mention.score && mention.places.every((at) => other.places.includes(at)),
      ),
  );
  return kept.sort((a, b) => a.at - b.at || b.score - a.score);
}

/** A name is left out where another fits the same words that much better. */
const CLEARLY = 0.85;

interface NameIndex {
  /** Stems by name. */
  readonly terms: readonly (readonly string[])[];
  /** Inverse document frequency by stem, above 0. */
  readonly rarity: ReadonlyMap<string, number>;
}

function indexOf(names: readonly string[]): NameIndex {
  const terms = names.map((name) => [...new Set(wordsOf(name).map(stem))]);
  const frequency = new Map<string, number>();
  for (const each of terms) for (const term of each) frequency.set(term, (frequency.get(term) ?? 0) + 1);
  const rarity = new Map(
    [...frequency].map(([term, count]) => [term, Math.log(1 + (names.length - count + 0.5) / (count + 0.5))]),
  );
  return { terms, rarity };
}

/** For each stem of the names the word of the text that is most like it. */
function matchesOf({ stems }: Words, { rarity }: NameIndex): ReadonlyMap<string, { similarity: number; at: number }> {
  const matches = new Map<string, { similarity: number; at: number }>();
  for (const term of rarity.keys()) {
    for (const [at, word] of stems.entries()) {
      const alike = similarity(word, term);
      if (alike > (matches.get(term)?.similarity ?? 0)) matches.set(term, { similarity: alike, at });
    }
  }
  return matches;
}

/** 0 to 1, of two stems. */
function similarity(word: string, term: string): number {
  if (word === "" || term === "") return 0;
  if (word === term) return 1;
  const meaning = meanings.get(word);
  if (meaning !== undefined && meanings.get(term) === meaning) return SAME_MEANING;
  // a typo seldom hits the first letter, and short words have too many neighbours
  if (word[0] !== term[0] || Math.min(word.length, term.length) < 4) return 0;
  if (bigramOverlap(word, term) >= NEAR_FROM) return NEAR;
  return word.startsWith(term) || term.startsWith(word) ? BEGINNING : 0;
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

/** Light stemming, the same for prompts and names: plural, -ing and -ed, a doubled last letter, a last e or y. */
function stem(word: string): string {
  let base = word;
  if (base.length > 5 && base.endsWith("ing")) base = base.slice(0, -3);
  else if (base.length > 4 && base.endsWith("ed")) base = base.slice(0, -2);
  else if (base.length > 4 && base.endsWith("es")) base = base.slice(0, -2);
  else if (base.length > 3 && base.endsWith("s") && !base.endsWith("ss")) base = base.slice(0, -1);
  if (base.length > 3 && base.at(-1) === base.at(-2) && !/[ls]$/.test(base)) base = base.slice(0, -1);
  if (base.length > 3 && base.endsWith("e")) base = base.slice(0, -1);
  return base.length > 2 && base.endsWith("y") ? `${base.slice(0, -1)}i` : base;
}
