import { wordsOf } from "../planner/name-words.js";
import type { DataStatistics } from "../planner/statistics.js";
import { cue } from "./cues.js";
import { commonParts, endingParts, sessionParts, stem, stopWords } from "./english.js";
import { countryWords, type NamedValue, namedValues } from "./named-values.js";
import { factsOf, type PromptFacts } from "./prompt-facts.js";
import { type Mention, mentionsIn, placesIn, shortlist, similarity, type Words, wordsIn } from "./shortlist.js";

/** One place of a text where events are named. */
export interface Spot {
  /** Best first. */
  readonly names: readonly Mention[];
  readonly at: number;
  readonly end: number;
  /** It is said not to happen. */
  readonly isNegated: boolean;
  /** By its name it tells of a KPI's outcome, which is never a reason of its own. */
  readonly isOutcome: boolean;
}

/** All that is read from a clause. */
export interface Reading {
  readonly facts: PromptFacts;
  /** In lower case, number words as digits. */
  readonly text: string;
  readonly words: Words;
  /** In the order in which things happen. */
  readonly spots: readonly Spot[];
  /** Events whose words are a KPI's name. */
  readonly ofKpi: readonly Spot[];
  /** The text without the words of what it names nearly in full. */
  readonly around: string;
  readonly attributes: readonly Mention[];
  readonly columns: readonly Mention[];
  readonly values: readonly NamedValue[];
  readonly kpis: readonly string[];
  readonly tables: readonly string[];
  /** Something is said not to be or not to happen. */
  readonly isNegating: boolean;
}

/** Share of a name's words that a text has to cover to speak of it. */
const NAMED_FROM = 0.45;
/** Of names that are words of every day: only what stands as it is. */
const OUTRIGHT = 0.95;
/** Vocabularies beyond this are shortlisted before anything is compared in detail. */
const MOST_NAMES = 300;
/** Words between a negation and what is negated, at most. */
const NEGATION_REACH = 4;

/**
 * Reads a clause: numbers and times, what it names of the data, and which of the named events is said not to happen.
 * @param original - as it was written
 * @param mended - the same, spelling mended
 */
export function readClause(original: string, mended: string, data: DataStatistics): Reading {
  const facts = factsOf(joined(withCompounds(mended), data));
  const words = wordsIn(facts.text);
  const named = (names: readonly string[], least = NAMED_FROM): readonly Mention[] =>
    mentionsIn(words, names.length > MOST_NAMES ? shortlist(words, names, MOST_NAMES) : names, least);
  const kpis = named(data.kpis);
  // a KPI that is named in full is no talk of the events that its name is made of
  const taken = new Set(kpis.filter(({ score }) => score > 0.95).flatMap(({ places }) => places));
  const tokens = data.tokens.map(({ text }) => text);
  const sessions = new Map(data.grid.events.map((event) => [event.name, event.sessions / data.grid.sessions]));
  const prior = (name: string): number => Math.min(1, sessions.get(name) ?? 0);
  const events = placesIn(
    words,
    tokens.length > MOST_NAMES ? shortlist(words, tokens, MOST_NAMES) : tokens,
    NAMED_FROM,
    prior,
    partsOf(facts.text),
  );
  const expected = expectedIn(facts.text, words, events, tokens, prior);
  const placed = [...events, ...expected].sort(byPlace);
  const { spots: all, isNegating } = spotsOf(ofSharedSubject(placed, words, tokens), words, data.kpis);
  const isOfKpi = ({ names: [first] }: Spot): boolean =>
    first !== undefined && first.score <= 0.95 && first.places.every((at) => taken.has(at));
  // where one thing follows another, or does not, what a KPI is called after may be one of them
  const isLinked = linkedParts(facts.text).length > 0 || REACHED.test(facts.text);
  const apart = all.filter((spot) => !isOfKpi(spot));
  const spots = isLinked && apart.length < 2 ? all : apart;
  return {
    facts,
    text: facts.text,
    words,
    spots: inOrder(spots, words),
    ofKpi: all.filter((spot) => isOfKpi(spot) && !spots.includes(spot)),
    around: aroundOf(spots, words, facts.text),
    isNegating,
    attributes: named(data.attributes),
    columns: named(data.columns.map(({ name }) => name)),
    values: namedValues(original, facts.text, data),
    kpis: [...kpis].sort((a, b) => b.score - a.score).map(({ name }) => name),
    tables: named(
      data.tables.map(({ name }) => name),
      OUTRIGHT,
    ).map(({ name }) => name),
  };
}

/** Words that are written as two and as one. */
const COMPOUNDS: readonly (readonly [RegExp, string])[] = [
  // what the person wants to have done names nothing
  [
    /^((could|can|would) (you|we) )?(please )?(find|show|flag|single out|keep apart|isolate|pull|give me|look (for|at|into)|search (for|where)|check|see|list|tell me|investigate|explore|compare)( me| us)?( if| whether| for| all| about)?\b/g,
    "",
  ],
  [/\b(sign(ed|ing|s)?|log(ged|ging|s)?)[ -]?ins?\b/g, "login"],
  [/\b(sign(ed|ing|s)?|log(ged|ging|s)?)[ -]?out\b/g, "logout"],
  [/\bsign(ed|ing|s)?[ -]up\b/g, "signup"],
  [/\btime(d|s)?[ -]out\b|\btiming out\b/g, "timeout"],
  [/\bcheck(ed|ing|s)?[ -]out\b/g, "checkout"],
  [/\bset(s|ting)?[ -]up\b/g, "setup"],
  [
    /\bone[ -]?time (code|password|pin|passcode)s\b|\b(verification|security|sms|access|authentication|confirmation|2fa|mfa) codes\b/g,
    "otps",
  ],
  [/\bone[ -]?time (code|password|pin|passcode)\b/g, "otp"],
  [/\b(one|single)[ -]stop\b/g, "onestop"],
  [/\bnon[ -]stop (flight|search)/g, "direct $1"],
  [/\brew(ind|inds|inding|ound)\b|\b(seek|skip|jump)(s|ing|ed|ped|ping)? back(wards?)?\b/g, "seek back"],
  [
    /\bfast[ -]?forward(s|ed|ing)?\b|\bwind(s|ing)? forward\b|\b(seek|skip|jump)(s|ing|ed|ped|ping)? (ahead|forwards?)\b/g,
    "seek forward",
  ],
  [/\bpop[ -]?ups?\b/g, "dialog"],
  [/\bwi[ -]fi\b/g, "wifi"],
  [/\bbar[ -]codes?\b/g, "barcode"],
  [/\b(verification|security|sms|access|authentication|confirmation|2fa|mfa) codes?\b/g, "otp"],
  [
    /\b(best|finest|top|maximum) (?=(video |picture )?(quality|resolution|rendition|level|rung|bitrate)\b)/g,
    "highest ",
  ],
  [
    /\b(worst|poorest|minimum|rock[ -]bottom) (?=(video |picture )?(quality|resolution|rendition|level|rung|bitrate)\b)/g,
    "lowest ",
  ],
  [
    /\borders? (is|are|was|were|isn't|wasn't|never|not|gets?|got|being|be)( being| been)? (placed|made|put through)\b/g,
    "order $1 complete",
  ],
  [/\b(plac|mak)(e|es|ed|ing) (an?|the|their|his|her) orders?\b/g, "order complete"],
  [/\b(put|puts|putting|placed|parked|kept|keep|left) (it |them |him |her )?on (hold|ice)\b|\bon hold\b/g, "waiting"],
  [/\b(loads|heaps|tons|plenty|masses|a lot) of\b/g, "lots of"],
  [/\b(take|takes|taken|took|taking) (\w+ )?(off|out of|away)\b/g, "remove $2"],
  [
    /\b(take|takes|taken|took|taking) (\w+ )?over\b(?! (\d|an? |one|two|three|four|five|six|seven|eight|nine|ten|half|twenty|thirty))|\btake-?overs?\b/g,
    "take charge",
  ],
  [/\bstay(s|ed|ing)? (open|up|on|shown|visible|there)\b/g, "stays"],
  [/\be-mails?\b/g, "email"],
  [/\bcross[ -](origin|site|domain)\b/g, "cors"],
  // verbs with a particle, by the verb that says the same
  [
    /\b(get|gets|getting|got|let|lets) (back )?in\b(?! (the|a|an|to|touch|their|line|time|front|response|return))/g,
    "login success",
  ],
  [/\b(go|goes|going|went|get|gets|got|come|comes|came) through\b(?! (the|a|an|to|their|all|roof))/g, "succeed"],
  [/\b(lets?|letting|allow(s|ed)?) (them|him|her|me|us|people|users|somebody|anyone) in\b/g, "login success"],
  [/\blook(ed|ing|s)?[ -]?ups?\b/g, "lookup"],
  [/\b(add|tot|total|sum)(s|ed|ing|ted|ming|med)? up\b/g, "total"],
  [/\b(hand|pass)(s|es|ed|ing)?[ -](over|off|on)\b|\b(put|puts|putting) (\w+ )?through to\b/g, "transfer"],
  [/\b(kick|start|boot|fire)(s|ed|ing)?[ -](off|up)\b/g, "start"],
  [/\b(blow|blew|blows|bomb|bombs|bombed|conk|conks|keel|keels|keeled)(ing)? (up|out|over)\b/g, "crash"],
  [/\b(shut|power|switch|turn)(s|ed|ing|ting)? off\b|\bshut(s|ting)?[ -]down\b/g, "stop"],
  [/\bask(s|ed|ing)? for\b/g, "request"],
  [/\bfill(s|ed|ing)? (in|out)\b/g, "enter"],
  [/\bopt(s|ed|ing)? for\b|\b(pick|single)(s|ed|ing)? out\b/g, "select"],
  [/\bsen[dt](s|ing)? (\w+ )?back\b|\btak(e|es|ing)(?: \w+)? back\b/g, "return"],
  [/\b(is|are|was|were|gets?|got) over\b|\bover(?=\s*[,;])/g, "ends"],
  [
    /\b(step|scale|dial|shift|knock|cut|goes|go|went|come|comes)(s|ed|ing|ped|ting|ping)? (down)\b|\bdown-?shift(ed|ing)?\b/g,
    "down",
  ],
  [/\bdown-?shifts\b/g, "downs"],
  [/\bup-?shifts\b/g, "ups"],
  [/\b(step|scale|dial|shift|bump|goes|go|went)(s|ed|ing|ped|ping)? up\b|\bup-?shift(ed|ing)?\b/g, "rise"],
  [
    /\b(end|give|back|pull|come|pick|follow|wake|make|mess|pile|bring|wind|keep|split|clean|mix|speed|hang|build|line|crop|creep|crept|slow|break|calm|settle|sit|lie)(s|ed|ing|ning|ped|ting)? (up|down)\b/g,
    "$1$2",
  ],
  [/\bpass[ -]?(word|code)s?\b/g, "password"],
];

/** Two words that the data write as one: `wish list` where events are called `wishlist_…`. */
function joined(text: string, data: DataStatistics): string {
  const known = new Set(data.tokens.flatMap((token) => wordsOf(token.text)));
  return text.replaceAll(/\b(\p{L}{2,})[ -](?=(\p{L}{2,}))/gu, (found, first: string, second: string) => {
    const whole = `${first}${second}`;
    return known.has(whole) || known.has(whole.replace(/s$/, "")) ? first : found;
  });
}

function withCompounds(text: string): string {
  return COMPOUNDS.reduce((whole, [form, word]) => whole.replaceAll(form, word), text);
}

/** What stands between two things of which one follows the other, or does not: an event is named on either side. */
const LINKS =
  /\b(?:(?:but|and|yet|then|though|although|while|still|only)[, ]+)*(?:(?:then|is|are|was|were|has|have|had|it|they|he|she|the user|does|do|did|gets?|got|end up|ends up)[, ]+)*(?:never|not|\w+n't|without|no|nothing|cannot|nor|fails? to|failed to|unable to)\b|\b(?:followed by|and then|but then|only then|then|until|till|before|after|afterwards|prior to|ahead of|immediately after|right after|straight after)\b/g;
const SPAN = /\b(?:between|from|since)\b(?! (?:the|their|a) \d+th\b)(.+?)\b(?:and|to|until|till)\b/g;
const COUNTED =
  /\b\d+ (\w+ ){0,2}(times|or more)\b|\b(at least|more than) \d+(?! ?(ms|s|m|h|d|seconds?|minutes?|hours?|days?|weeks?)\b)|\b(again and again|over and over|repeatedly|many times|several times|in a row|keeps? \w+ing)\b/;
const REACHED =
  /\b(get|gets|getting|got|reach|reaches|reached|come|comes|came|arrive|arrives|arrived) (to|at)\b|\breach(es|ed|ing)?\b/;
/** What is said of time beside a number. */
const OF_TIME =
  /^(takes?|taking|took|pass(es|ed)?|elapse[sd]?|lasts?|lasted|go(es)?|waits?|waited|waiting|spends?|spent)$/;
/** Share of a name that has to be met where the grammar makes one expect an event. */
const EXPECTED_FROM = 0.2;

/** Events that the links of a text make one expect, where nothing is named nearly in full: what fits best there. */
function expectedIn(
  text: string,
  words: Words,
  events: readonly (readonly Mention[])[],
  tokens: readonly string[],
  prior: (name: string) => number,
): readonly (readonly Mention[])[] {
  const taken = new Set(events.flatMap(([first]) => first?.places ?? []));
  const used = new Set(events.map(([first]) => first?.name));
  const found: (readonly Mention[])[] = [];
  const parts = linkedParts(text);
  // something is counted, and nothing is named
  if (parts.length === 0 && events.length === 0 && COUNTED.test(text)) parts.push([0, words.plain.length]);
  for (const [from, to] of parts) {
    const places = Array.from({ length: to - from }, (_, at) => from + at);
    if (places.some((at) => taken.has(at))) continue;
    const isTimed = words.plain.slice(from, to).some((word) => /^\d+$/.test(word));
    const inside = (list: readonly string[]): string[] =>
      list.map((word, at) => (at < from || at >= to || (isTimed && OF_TIME.test(words.plain[at] ?? "")) ? "" : word));
    const part = { plain: inside(words.plain), stems: inside(words.stems) };
    const names = tokens.filter((name) => !used.has(name));
    const [best] = placesIn(
      part,
      names.length > MOST_NAMES ? shortlist(part, names, MOST_NAMES) : names,
      EXPECTED_FROM,
      prior,
    )
      .slice()
      .sort((a, b) => (b[0]?.score ?? 0) - (a[0]?.score ?? 0));
    if (best === undefined) continue;
    found.push(best);
    used.add(best[0]?.name);
  }
  return found;
}

function cutsOfLinks(text: string): [number, number][] {
  const cuts: [number, number][] = [...text.matchAll(LINKS)].flatMap(({ index, 0: link }): [number, number][] => {
    const subject = subjectOfNegation(text, index, link);
    if (subject === null) return [[index, index + link.length]];
    // what is negated stands in front: it is parted from what stands in front of it
    return subject === 0 ? [] : [[subject - 1, subject]];
  });
  for (const { index, 0: span, 1: inner = "" } of text.matchAll(SPAN)) {
    const begin = index + span.indexOf(inner);
    cuts.push([index, begin], [begin + inner.length, index + span.length]);
  }
  return cuts;
}

/** `…, checkout not begun`: where the subject of such a negation begins, 0 in front of all; null where a link is no such negation. */
function subjectOfNegation(text: string, index: number, link: string): number | null {
  if (!/^(?:(?:is|are|was|were|has|have|had|been|be) )*(?:never|not|\w+n't)$/.test(link)) return null;
  const behind =
    /^.*?(?=[,;:.!?()–—\d]|\b(?:after|before|within|until|till|despite|although|even|by|in)\b|$)/.exec(
      text.slice(index + link.length),
    )?.[0] ?? "";
  if (wordsOf(behind).length > SHORT_VERB) return null;
  const mark = Math.max(...[...text.slice(0, index).matchAll(/[,;:.!?()–—]/g)].map((found) => found.index), -1);
  const subject = wordsOf(text.slice(mark + 1, index));
  if (subject.length > SHORT_SUBJECT || !subject.some((word) => !stopWords.has(word))) return null;
  return mark + 1;
}

/** Words of what is negated, in front of and behind the negation, at most. */
const SHORT_SUBJECT = 3;
const SHORT_VERB = 2;

/** Places of words of the parts on either side of the links of a text; empty where there is none. */
function linkedParts(text: string): (readonly [from: number, to: number])[] {
  const links = cutsOfLinks(text);
  if (links.length === 0) return [];
  const marks = [...text.matchAll(/[,;:.!?()–—]/g)].map(({ index }): [number, number] => [index, index + 1]);
  const cuts = [...links, ...marks].sort((a, b) => a[0] - b[0]);
  const isLink = (cut: readonly [number, number]): boolean => links.some((link) => link === cut);
  const count = (end: number): number => wordsOf(text.slice(0, end)).length;
  const parts: (readonly [number, number])[] = [];
  let start = 0;
  let isBehind = false;
  for (const cut of [...cuts, [text.length, text.length] as [number, number]]) {
    const [first, last] = [count(start), count(cut[0])];
    if (last > first && (isBehind || isLink(cut))) parts.push([first, last]);
    // a comma behind a link parts nothing: `and then, once more, …`
    if (last > first || isLink(cut)) isBehind = isLink(cut);
    start = Math.max(start, cut[1]);
  }
  return parts;
}

/** Numbers the parts that links divide a text in. */
function partsOf(text: string): (place: number) => number {
  const starts = cutsOfLinks(text).map(([index]) => wordsOf(text.slice(0, index)).length);
  return (place) => starts.filter((start) => start <= place).length;
}

/** Below this an event may be told by what it has in common with the surest one. */
const UNSURE_BELOW = 0.6;
/** How well the rest of its name has to be told. */
const TOLD_FROM = 0.35;
const TOLD = 0.62;
const TOLD_REACH = 3;

/**
 * `a code was requested, yet never entered`: the second event is of the first one's subject. Where an event is hardly told by its own words, the one whose
 * name shares what is particular to the surest one, and whose other words are told best where it stands.
 */
function ofSharedSubject(
  placed: readonly (readonly Mention[])[],
  words: Words,
  tokens: readonly string[],
): readonly (readonly Mention[])[] {
  const surest = [...placed].sort((a, b) => (b[0]?.score ?? 0) - (a[0]?.score ?? 0))[0];
  const [first] = surest ?? [];
  if (first === undefined || first.score < TOLD) return placed;
  const particular = new Set(
    wordsOf(first.name)
      .map(stem)
      .filter((word) => !commonParts.has(word) && !sessionParts.has(word) && !endingParts.has(word)),
  );
  const used = new Set(placed.flatMap(([one]) => one?.name ?? []));
  return placed.map((names) => {
    const [weak] = names;
    if (names === surest || weak === undefined || weak.score >= UNSURE_BELOW) return names;
    const near = words.stems
      .map((word, place) => (first.places.includes(place) ? "" : word))
      .slice(Math.max(0, weak.at - TOLD_REACH), weak.at + TOLD_REACH + 1);
    const told = tokens
      .filter((name) => !used.has(name))
      .flatMap((name) => {
        const all = wordsOf(name).map(stem);
        const rest = all.filter((word) => !particular.has(word));
        if (rest.length === all.length || rest.length === 0) return [];
        const likeness = rest.map((word) => Math.max(0, ...near.map((other) => similarity(other, word))));
        return [{ name, score: likeness.reduce((sum, one) => sum + one, 0) / rest.length }];
      })
      .sort((a, b) => b.score - a.score)[0];
    if (told === undefined || told.score < TOLD_FROM) return names;
    used.add(told.name);
    return [{ ...weak, name: told.name, score: TOLD }, ...names];
  });
}

function byPlace(a: readonly Mention[], b: readonly Mention[]): number {
  return (a[0]?.at ?? 0) - (b[0]?.at ?? 0);
}

function aroundOf(spots: readonly Spot[], { plain }: Words, text: string): string {
  const named = new Set(
    spots.flatMap(({ names: [first] }) =>
      first !== undefined && first.score >= NEARLY_FULL && first.places.length > 1
        ? first.places.map((at) => plain[at] ?? "")
        : [],
    ),
  );
  return text.replaceAll(/[\p{L}\p{N}]+/gu, (word) => (named.has(word) ? "_" : word));
}

const NEARLY_FULL = 0.75;

function spotsOf(
  events: readonly (readonly Mention[])[],
  words: Words,
  kpis: readonly string[],
): { readonly spots: readonly Spot[]; readonly isNegating: boolean } {
  const outcomes = kpis.map((kpi) => wordsIn(kpi));
  const placed = events.map((names) => {
    const places = names[0]?.places ?? [];
    return { names: beginningFirst(names), places, at: places[0] ?? 0, end: (places.at(-1) ?? 0) + 1 };
  });
  const { negated, count } = negatedOf(placed, words);
  const spots = placed.map((spot): Spot => {
    const { names, at, end } = spot;
    const name = names[0]?.name ?? "";
    const isOutcome = outcomes.some((outcome) => (mentionsIn(outcome, [name], OUTCOME_FROM).length ?? 0) > 0);
    return { names, at, end, isNegated: negated.has(spot), isOutcome };
  });
  return { spots, isNegating: count > 0 };
}

/** Where a name that says when a thing begins and one that says when it ends fit alike, the beginning is meant: `before it plays`. */
function beginningFirst(names: readonly Mention[]): readonly Mention[] {
  const [first] = names;
  if (first === undefined || !hasWord(first.name, ENDS)) return names;
  const other = names.find(
    ({ name, score, met }) => hasWord(name, BEGINS) && score >= 0.9 * first.score && met === first.met,
  );
  return other === undefined ? names : [other, ...names.filter((one) => one !== other)];
}

function hasWord(name: string, words: ReadonlySet<string>): boolean {
  return wordsOf(name).some((word) => words.has(word));
}

const BEGINS: ReadonlySet<string> = new Set("start begin open started begun opened".split(" "));
const ENDS: ReadonlySet<string> = new Set("end stop close ended stopped closed leave".split(" "));

/** Share of an event's name that a KPI's has to cover to be told by it. */
const OUTCOME_FROM = 0.95;

interface Placed extends Pick<Spot, "at" | "end"> {
  readonly places: readonly number[];
}

/** Each negation is about what is named next, or else about what was named just before. */
function negatedOf<T extends Placed>(
  spots: readonly T[],
  { plain }: Words,
): { readonly negated: ReadonlySet<T>; readonly count: number } {
  const negated = new Set<T>();
  let count = 0;
  const text = plain.join(" ");
  const hedged = text.replaceAll(cue.hedge, (found) => found.replaceAll(/\w/g, "_"));
  for (const { index, 0: found } of hedged.matchAll(NEGATIONS)) {
    const from = text.slice(0, index).split(" ").length - 1;
    const to = from + found.split(" ").length;
    // `skip forward` is a thing to do where an event is called so
    if (spots.some(({ places }) => places.includes(from))) continue;
    count++;
    const inside = spots.find(({ at, end }) => from > at && from < end);
    const next = spots.find(({ at }) => at >= to - 1 && at - to <= NEGATION_REACH);
    // `without` and `no` stand in front of what is missing, wherever that is
    const isBehind = /^(not|never|\w+n t)/.test(found);
    const last = isBehind
      ? spots.findLast(
          ({ end }) =>
            end <= from && from - end <= 3 && !plain.slice(end, from).some((word) => /^(but|and|yet|then)$/.test(word)),
        )
      : undefined;
    const target = inside ?? next ?? last;
    if (target !== undefined) negated.add(target);
  }
  return { negated, count };
}

/** As the words of a text stand: `didn't` is `didn t`. */
const NEGATIONS =
  /\b(no|not|never|without|nothing|cannot|\w+n t|fail to|fails to|failed to|failing to|unable to|missing|lack|lacks|lacking|absent|skip|skips|skipped|skipping|instead of|give up|gives up|gave up|forget to|forgot to|forgets to|abandon\w*)\b/g;

/** `x after y` and `no x after y` both speak of y first. */
function inOrder(spots: readonly Spot[], { plain }: Words): readonly Spot[] {
  const turns = new Map(spots.map((spot, index) => [spot, turnOf(spot, spots[index - 1]?.end ?? 0, plain)]));
  const turn = (spot: Spot): number => turns.get(spot) ?? 0;
  return [...spots].sort((a, b) => turn(a) - turn(b) || a.at - b.at);
}

/** -1: it comes first; 1: it comes last. */
function turnOf({ at, isNegated }: Spot, from: number, plain: readonly string[]): number {
  const before = plain.slice(Math.max(from, at - 5), at).reverse();
  if (/(^| )of (s|ms|m|h|seconds?|minutes?|hours?|days?) \d+ within( |$)/.test(before.join(" "))) return -1;
  for (const word of before) {
    if (/^(after|following|since|from|once|when|entering|having|upon|despite|although|though|given)$/.test(word))
      return -1;
    if (/^(before|until|till|to|leaving|then|followed|afterwards)$/.test(word)) return 1;
  }
  return isNegated ? 1 : 0;
}

/** Words of all names and values, for mending what is misspelt. */
export function vocabularyOf(data: DataStatistics): readonly string[] {
  const values = data.columns.flatMap((column) =>
    column.kind === "coded" && data.attributes.includes(column.name) && column.dictionary.length <= MOST_NAMES
      ? column.dictionary.flatMap((value) => [String(value), ...countryWords(String(value))])
      : [],
  );
  const names = [
    ...data.tokens.map(({ text }) => text),
    ...data.columns.map(({ name }) => name),
    ...data.kpis,
    ...data.tables.map(({ name }) => name),
    ...values,
  ];
  return [...new Set(names.flatMap(wordsOf))];
}
