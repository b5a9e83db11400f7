import { pairNames, wordsOf } from "../planner/name-words.js";
import type { DataStatistics } from "../planner/statistics.js";
import { commonParts, sessionParts, stem } from "./english.js";
import type { Reading, Spot } from "./reading.js";
import { similarity } from "./shortlist.js";

const SUCCESS: ReadonlySet<string> = new Set(
  "success succeed succeeded complete completed done ok finish finished confirmed accepted".split(" "),
);

/** Of what a text waits for the success, where it says no more than what is tried: `until they log in`. */
export function done(spot: Spot): string | undefined {
  const [first] = spot.names;
  const done = spot.names.find(
    ({ name, score, met }) =>
      met === first?.met && score >= 0.9 * first.score && wordsOf(name).some((word) => SUCCESS.has(word)),
  );
  return (first?.exact === wordsOf(first?.name ?? "").length ? first : (done ?? first))?.name;
}

/** Below this little of a name is met. */
const WEAK = 0.3;

/**
 * What a second spot means where a first one is known: `an anomaly is created and not resolved` is about that anomaly's end. An event that
 * holds the words by which the second is told, and shares others with the first; or, where hardly anything tells the second, what the
 * first begins.
 */
export function ofSame(
  first: string | undefined,
  second: Spot,
  { words }: Reading,
  data: DataStatistics,
): string | undefined {
  const [told] = second.names;
  if (first === undefined || told === undefined) return undefined;
  const own = new Set(wordsOf(first).map(stem));
  const shares = (name: string): boolean =>
    wordsOf(name).some((word) => own.has(stem(word)) && !commonParts.has(stem(word)) && !sessionParts.has(stem(word)));
  if (told.score < WEAK) return pairsOf(data).find(({ start }) => start === first)?.end;
  if (shares(told.name)) return undefined;
  const near = told.places.map((at) => words.stems[at] ?? "");
  const telling = wordsOf(told.name).filter((word) => near.some((other) => similarity(other, stem(word)) >= 0.6));
  return data.tokens
    .map(({ text }) => text)
    .find(
      (name) =>
        name !== first && shares(name) && telling.length > 0 && telling.every((word) => wordsOf(name).includes(word)),
    );
}

/** What an event may succeed in, likeliest first: what ends the same by its name, what of its kind tells of a success, what follows it most. */
export function successesOf(event: string, { tokens, grid }: DataStatistics): readonly string[] {
  const names = tokens.map(({ text }) => text);
  const paired = pairNames(names)
    .filter(({ start }) => start === event)
    .map(({ end }) => end);
  const own = new Set(wordsOf(event).filter((word) => !commonParts.has(stem(word)) && !SUCCESS.has(word)));
  const ofSameKind = names.filter(
    (name) =>
      name !== event && wordsOf(name).some((word) => own.has(word)) && wordsOf(name).some((word) => SUCCESS.has(word)),
  );
  return [...new Set([...paired, ...ofSameKind, ...followersOf(event, grid.pairs)])];
}

/** What comes after an event, most often first. */
export function followersOf(event: string, pairs: DataStatistics["grid"]["pairs"]): readonly string[] {
  return pairs
    .filter(({ first }) => first === event)
    .sort((a, b) => b.followed - a.followed)
    .map(({ second }) => second);
}

/** What comes before an event, most often first. */
export function leadersOf(event: string, pairs: DataStatistics["grid"]["pairs"]): readonly string[] {
  return pairs
    .filter(({ second }) => second === event)
    .sort((a, b) => b.followed - a.followed)
    .map(({ first }) => first);
}

/** What an event is likely to follow: what begins the same by its name, then what it follows most. */
export function startsOf(event: string, { tokens, grid }: DataStatistics): readonly string[] {
  const paired = pairNames(tokens.map(({ text }) => text))
    .filter(({ end }) => end === event)
    .map(({ start }) => start);
  return [...paired, ...leadersOf(event, grid.pairs)];
}

/** Words of which one begins what the other ends. */
const OPPOSITES: readonly (readonly [string, string])[] = [
  ["pause", "resume"],
  ["open", "close"],
  ["shown", "closed"],
  ["show", "close"],
  ["show", "hide"],
  ["enter", "leave"],
  ["on", "off"],
  ["connect", "disconnect"],
  ["login", "logout"],
  ["mute", "unmute"],
  ["lock", "unlock"],
  ["wait", "resume"],
  ["request", "ok"],
  ["request", "success"],
  ["request", "response"],
  ["call", "response"],
  ["start", "complete"],
  ["start", "done"],
  ["start", "finish"],
  ["play", "complete"],
  ["down", "up"],
];

/** States by the events that begin and end them: told by their names, then by opposite words. */
export function pairsOf({ tokens }: DataStatistics): readonly { readonly start: string; readonly end: string }[] {
  const names = tokens.map(({ text }) => text);
  const opposite = names.flatMap((start) =>
    OPPOSITES.flatMap(([begins, ends]) => {
      const words = wordsOf(start);
      if (!words.includes(begins)) return [];
      const rest = words.filter((word) => word !== begins);
      return names
        .filter((name) => wordsOf(name).includes(ends) && rest.every((word) => wordsOf(name).includes(word)))
        .map((end) => ({ start, end }));
    }),
  );
  return [...pairNames(names), ...opposite];
}
