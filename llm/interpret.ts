import { parseDuration } from "../planner/duration.js";
import { pairNames, wordsOf } from "../planner/name-words.js";
import type { DataStatistics } from "../planner/statistics.js";
import { cue, sessionNoun } from "./cues.js";
import { commonParts, sessionParts, stem } from "./english.js";
import { isQualifier, type NamedValue } from "./named-values.js";
import type { Reading, Spot } from "./reading.js";
import { mentionsIn, similarity } from "./shortlist.js";
import type { Values } from "./some-template.js";

/** Parameters that a clause may mean, and how surely. */
export interface Interpretation {
  readonly parameters: Values;
  /** 0 to 1 */
  readonly score: number;
  /** Why, as in `the prompt …`. */
  readonly because: readonly string[];
}

/** Reads a clause as one template; best first, empty where it says nothing of it. */
export type Interpreter = (
  reading: Reading,
  data: DataStatistics,
  grid: readonly Values[],
) => readonly Interpretation[];

const DAY_MS = 86_400_000;
const HALF_DAY_MS = DAY_MS / 2;
/** Scores: what is said outright, what is clear, what is likely, what may be meant, what is better than nothing. */
const SURE = 0.95;
const CLEAR = 0.88;
const LIKELY = 0.78;
const MAYBE = 0.6;
const FAINT = 0.45;
const GUESS = 0.36;
/** Each further alternative is worth this share of the one before it. */
const NEXT = 0.97;
const MOST_PLACES = 4;
/** Of a load that the prompt does not number, where the data say nothing. */
const USUAL_SHARE = 0.2;
const USUAL_OTHERS = 5;

/** How each template of the library is read; others are judged by their description. */
export const interpreters: Readonly<Record<string, Interpreter>> = {
  "event-pattern": eventPattern,
  "user-lifecycle": userLifecycle,
  "time-of-session": timeOfSession,
  "attribute-predicate": attributePredicate,
  "session-shape": sessionShape,
  repetition,
  retries,
  "time-in-state": timeInState,
  elapsed,
  absence,
  until,
  change,
  "external-context": externalContext,
  "top-values": topValues,
  load,
};

function said({ text }: Reading, ...forms: readonly RegExp[]): string[] {
  return forms.flatMap((form) => {
    const found = new RegExp(form.source).exec(text)?.[0];
    return found === undefined ? [] : [`says “${readable(found)}”`];
  });
}

function says({ text }: Reading, form: RegExp): boolean {
  // some cues are global, and would remember where they stopped
  return text.search(form) >= 0;
}

/** Of words that names of events are made of too. */
function saysBeside({ around }: Reading, form: RegExp): boolean {
  return around.search(form) >= 0;
}

/** A piece of the prompt as read, its ordinals as people write them. */
function readable(piece: string): string {
  const endings: Readonly<Record<string, string>> = { 1: "st", 2: "nd", 3: "rd" };
  return piece
    .trim()
    .slice(0, 60)
    .replaceAll(/\b(\d+)th\b/g, (_, number: string) => `${number}${endings[number] ?? "th"}`);
}

function names(...events: readonly (string | undefined)[]): string[] {
  const known = events.filter((event) => event !== undefined);
  return known.length === 0 ? [] : [`names ${known.join(", ")}`];
}

/** Alternatives in falling order. */
function ranked(score: number, because: readonly string[], rows: readonly Values[]): readonly Interpretation[] {
  return rows.map((parameters, at) => ({ parameters, score: score * NEXT ** at, because }));
}

function best(spot: Spot | undefined): string | undefined {
  return spot?.names[0]?.name;
}

/** Of what a text waits for the success, where it says no more than what is tried: `until they log in`. */
function done(spot: Spot): string | undefined {
  const [first] = spot.names;
  const done = spot.names.find(
    ({ name, score, met }) =>
      met === first?.met && score >= 0.9 * first.score && wordsOf(name).some((word) => SUCCESS.has(word)),
  );
  return (first?.exact === wordsOf(first?.name ?? "").length ? first : (done ?? first))?.name;
}

const SUCCESS: ReadonlySet<string> = new Set(
  "success succeed succeeded complete completed done ok finish finished confirmed accepted".split(" "),
);

/** Below this little of a name is met. */
const WEAK = 0.3;

/**
 * What a second spot means where a first one is known: `an anomaly is created and not resolved` is about that anomaly's end. An event that
 * holds the words by which the second is told, and shares others with the first; or, where hardly anything tells the second, what the
 * first begins.
 */
function ofSame(first: string | undefined, second: Spot, { words }: Reading, data: DataStatistics): string | undefined {
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

/** How well the spots fit their events; 1 where they are named in full. */
function fit(...spots: readonly (Spot | undefined)[]): number {
  const scores = spots.flatMap((spot) => spot?.names[0]?.score ?? []);
  return scores.length === 0
    ? 1
    : 0.9 + 0.1 * (scores.reduce((sum, score) => sum + Math.min(1, score), 0) / scores.length);
}

function timeOfSession(reading: Reading, _: DataStatistics, grid: readonly Values[]): readonly Interpretation[] {
  const { hours, weekdays } = reading.facts;
  if (hours !== null || weekdays !== null) {
    const parameters = { ...(hours === null ? {} : { hours }), ...(weekdays === null ? {} : { weekdays }) };
    return [{ parameters, score: SURE, because: said(reading, TIME_WORDS) }];
  }
  if (!says(reading, cue.clock)) return [];
  return ranked(LIKELY, said(reading, cue.clock), grid);
}

const TIME_WORDS =
  /\b((mon|tues|wednes|thurs|fri|satur|sun)days?|weekends?|weekdays?|nights?|overnight|mornings?|afternoons?|evenings?|midnight|noon|midday|lunch\w*|(office|business|working|work) (hours|days)|\d{1,2}(:00)? ?(am|pm|o'clock)|\d{1,2}:00)\b|\b\d.*\d\b/;

function userLifecycle(reading: Reading, _: DataStatistics, grid: readonly Values[]): readonly Interpretation[] {
  const { boundary, durations } = reading.facts;
  const long = durations.find(({ ms }) => ms >= HALF_DAY_MS);
  const isPause = saysBeside(reading, cue.pause);
  if (isPause && long !== undefined) {
    // in a session that goes on for weeks it may be what pauses, unless people are said to
    const isOfSession = saysBeside(reading, cue.gap) && !PEOPLE.test(reading.text);
    const score = names2(reading) ? FAINT : isOfSession ? LIKELY : SURE;
    return [{ parameters: { inactivity: long.ms / DAY_MS }, score, because: said(reading, cue.pause) }];
  }
  if (boundary !== null) {
    return [{ parameters: { boundary }, score: SURE, because: said(reading, ORDINAL, cue.newcomer).slice(0, 1) }];
  }
  if (says(reading, cue.newcomer)) {
    return [{ parameters: { boundary: 1 }, score: CLEAR, because: said(reading, cue.newcomer) }];
  }
  if (says(reading, cue.veteran)) {
    return ranked(
      CLEAR,
      said(reading, cue.veteran),
      grid.filter((row) => "boundary" in row),
    );
  }
  if (
    isPause &&
    /\b(back|return\w*|lapsed|dormant|re-?activat\w+|hiatus|inactive (users?|customers?))\b/.test(reading.text)
  ) {
    const pauses = grid.filter((row) => "inactivity" in row);
    return ranked(reading.spots.length > 1 ? FAINT : LIKELY, said(reading, cue.pause), pauses);
  }
  return [];
}

const PEOPLE =
  /\b(users?|people|folks?|customers?|clients?|visitors?|viewers?|players?|shoppers?|members?|subscribers?|them|they|someone|somebody|who|visits?|sessions?|tickets?|jobs?|orders?|viewing|logins?|back|return\w*|re-?appear\w*)\b/;
const ORDINAL = /\b(\d+th( or \w+)?( \w+)?|1th \d+ \w+|more than \d+ \w+|(after|beyond) (their|the) \w+ \w+)\b/;

/** Two events and a time between them are no pause of a user's. */
function names2({ spots }: Reading): boolean {
  return spots.filter(({ names: [first] }) => (first?.score ?? 0) > 0.6).length >= 2;
}

function load(reading: Reading, data: DataStatistics, grid: readonly Values[]): readonly Interpretation[] {
  const { bound, share, text } = { ...reading.facts, text: reading.text };
  const isOutage =
    says(reading, cue.outage) ||
    (says(reading, cue.others) &&
      says(reading, cue.failing) &&
      /\bothers?\b|\bevery(one|body|thing)\b|\brest\b|\btoo\b|\bas well\b|\bneighbou?rs?\b|\bpeers\b|\belse\b|\bfellow\b/.test(
        text,
      ));
  if (isOutage) {
    const kpi = reading.kpis[0] ?? likeliestKpi(reading, data);
    const known = grid.filter((row) => row["measure"] === "failure_rate");
    const rows = (known.length > 0 ? known : [{ measure: "failure_rate", threshold: USUAL_SHARE }]).map((row) => ({
      ...row,
      ...(kpi === undefined ? {} : { kpi }),
      ...(share === null ? {} : { threshold: share }),
    }));
    const outright = says(reading, cue.outage) ? SURE : CLEAR;
    return ranked(outright, said(reading, cue.outage, cue.others).slice(0, 1), distinct(rows));
  }
  const isMany = says(reading, cue.manyOthers);
  if (!isMany && !saysBeside(reading, cue.busy)) return [];
  const known = grid.filter((row) => row["measure"] === "sessions");
  const rows = known.length > 0 ? known : [{ measure: "sessions", threshold: USUAL_OTHERS }];
  const stated = bound ?? numberOfOthers(text);
  const meant = stated === null ? rows : rows.map((row) => ({ ...row, threshold: stated }));
  // the word alone may be part of a name
  const score = isMany
    ? SURE
    : /\b(traffic|load|rush|peaks?)\b/.test(text) && reading.values.length > 0
      ? MAYBE
      : CLEAR;
  return ranked(score, said(reading, cue.manyOthers, cue.busy).slice(0, 1), distinct(meant));
}

function numberOfOthers(text: string): number | null {
  const found =
    /\b(\d+) (?:or more )?(?:\w+ )?(?:users?|sessions?|people|visitors?|customers?|jobs?|visits?|others?)\b/.exec(text);
  return found === null ? null : Number(found[1]);
}

function likeliestKpi({ words }: Reading, { kpis }: DataStatistics): string | undefined {
  const [first] = [...mentionsIn(words, kpis, 0)].sort((a, b) => b.score - a.score);
  return first?.name ?? kpis[0];
}

function change(reading: Reading, { attributes }: DataStatistics, grid: readonly Values[]): readonly Interpretation[] {
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

function attributePredicate(
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

function sessionShape(reading: Reading, _: DataStatistics, grid: readonly Values[]): readonly Interpretation[] {
  const { durations, count } = reading.facts;
  const bound = reading.facts.bound ?? reading.facts.ceiling;
  const [duration] = durations.filter(({ ms }) => ms < 60 * DAY_MS);
  const of = (measure: RegExp): readonly Values[] => grid.filter((row) => measure.test(String(row["measure"])));
  const found: Interpretation[] = [];
  const add = (score: number, form: RegExp, measure: string, threshold: string | undefined): void => {
    const rows =
      threshold !== undefined
        ? [{ measure, threshold }]
        : of(new RegExp(`^${measure.replaceAll(/[^\w:]/g, ".")}$`)).filter(
            (row) => threshold === undefined || row["threshold"] === threshold,
          );
    found.push(...ranked(score, said(reading, form), rows));
  };
  const events = [...reading.spots, ...reading.ofKpi].filter(({ names: [first] }) => (first?.score ?? 0) > 0.55);
  const isCounted = says(reading, cue.things) && (bound !== null || count !== null);
  if (isCounted || says(reading, cue.manyThings)) {
    const threshold = bound ?? count;
    const isGeneral = /\b(events?|actions?|clicks?|steps?|interactions?|turns?|operations?|entries|moves)\b/.test(
      reading.text,
    );
    const score =
      says(reading, cue.manyThings) || (isGeneral && events.length === 0) ? SURE : isGeneral ? MAYBE : FAINT;
    add(score, cue.things, "events", threshold === null ? undefined : String(threshold));
  }
  const longest = Math.max(...of(/^duration$/).map((row) => parseDuration(String(row["threshold"])) ?? 0));
  const short = duration === undefined || duration.ms < HALF_DAY_MS || duration.ms <= 2 * longest;
  if (saysBeside(reading, cue.gap) && short && events.length < 2) {
    const isNamed = events.length > 0;
    const isIdle = /\b(idl\w+|inactiv\w+|silen\w+|nothing|no activity|quiet|still)\b/.test(reading.around);
    const isSummed = says(reading, cue.total);
    const score = (duration === undefined ? LIKELY : SURE) * (isSummed ? 0.8 : isNamed ? (isIdle ? 0.95 : 0.8) : 1);
    add(score, cue.gap, "longest_gap", duration?.text);
  }
  const target = reading.spots.findLast(({ isNegated }) => !isNegated);
  if (says(reading, cue.timeTo) && target !== undefined && reading.spots.length === 1) {
    add(
      duration === undefined ? MAYBE : CLEAR * fit(target),
      cue.timeTo,
      `time_to:${best(target)}`,
      duration?.text ?? firstThreshold(grid, best(target)),
    );
  }
  const isSpan = reading.spots.length > 1 && /\b(from|between)\b.*\b(to|and|until|till)\b/.test(reading.text);
  if (says(reading, cue.duration) && events.length < 2 && !isSpan) {
    const isOutright =
      /\b(long|longer|short|shorter|lengthy|endless|lasting|duration|length|lasts?|lasted|of (more|over|at least)|over|exceed\w*|drag(s|ged|ging)?|ages|forever|(go|goes|going|went) on|marathon|brief)\b/.test(
        reading.text,
      );
    const score =
      (duration === undefined ? (isOutright ? LIKELY : FAINT) : isOutright ? SURE : CLEAR) *
      (events.length > 0 ? 0.75 : 1);
    add(score, cue.duration, "duration", duration?.text);
  } else if (duration !== undefined && short && events.length === 0) {
    const isOfSession = sessionNoun.test(reading.text);
    const form = isOfSession ? sessionNoun : /\b(longer|more|over|at least|beyond|above|less|shorter|under)( than)?\b/;
    if (says(reading, form)) add(isOfSession ? MAYBE : FAINT, form, "duration", duration.text);
  }
  return found.sort((a, b) => b.score - a.score);
}

function firstThreshold(grid: readonly Values[], event: string | undefined): string | undefined {
  const row =
    grid.find(({ measure }) => measure === `time_to:${event}`) ?? grid.find(({ measure }) => measure === "duration");
  return row === undefined ? undefined : String(row["threshold"]);
}

/** Events of a row of the grid that the clause does not name, for those that it does. */
function repetition(reading: Reading, _: DataStatistics, grid: readonly Values[]): readonly Interpretation[] {
  const { times, durations, things, text } = { ...reading.facts, text: reading.text };
  const isOften = says(reading, cue.often);
  const isWithin = /\b(within|in|inside|per|same|any|during)\b/.test(text);
  // `4 stalls`: what stands right behind the number is counted
  const counted = things === null ? -1 : reading.words.plain.indexOf(String(things));
  const isBehind = [...reading.spots, ...reading.ofKpi].some(
    ({ at }) => counted >= 0 && at > counted && at <= counted + 2,
  );
  const count = reading.facts.count ?? (isWithin || isOften || isBehind ? things : null);
  if (count === null && !isOften) return [];
  const spots = [...reading.spots, ...reading.ofKpi].filter(({ isNegated }) => !isNegated);
  // of several events the one right beside the number or the word is counted
  const place = placeOf(reading, count === null ? cue.often : COUNT);
  // `5 messages`: what stands behind the number is counted, unless it is counted in times
  const isCounted = (spot: Spot): boolean => count !== null && times !== count && spot.at > place;
  const far = (spot: Spot): number =>
    distance(spot, place) + UNSURE * (1 - (spot.names[0]?.score ?? 0)) - (isCounted(spot) ? BEHIND : 0);
  const near = [...spots].sort((a, b) => far(a) - far(b));
  const isLongWindow = /\b(within|in|inside|during|per|any) (the |any )?\d+(\.\d+)? (days?|weeks?)\b/.test(text);
  const window = durations.find(({ ms }) => ms < DAY_MS || (isLongWindow && ms <= 31 * DAY_MS))?.text;
  const limits = { n: count ?? undefined, ...(window === undefined ? {} : { window }) };
  const because = said(reading, count === null ? cue.often : COUNT);
  if (near.length === 0) {
    if (times === null && !isOften) return [];
    return ranked(GUESS, because, distinct(grid.slice(0, MOST_PLACES).map((row) => ({ ...row, ...defined(limits) }))));
  }
  const events = near.slice(0, MOST_PLACES).flatMap(best2);
  const rows = events.flatMap((event) => {
    const own = grid.filter((row) => row["event"] === event && (window !== undefined || row["window"] === undefined));
    const [first = grid[0] ?? { n: 3 }] = own;
    const { window: _window, ...rest } = first as { readonly window?: unknown };
    return [{ ...rest, event, ...defined(limits) }];
  });
  const isBefore = /\b(before|until|till)\b/.test(text) && spots.length > 1;
  const score = (count === null ? LIKELY : CLEAR) * fit(near[0]) * (isBefore ? 0.85 : 1);
  return ranked(score, [...because, ...names(events[0])], distinct(rows));
}

/** Words of distance that it is worth to stand behind the number. */
const BEHIND = 4;
/** Words of distance that a name is worth which is not met at all. */
const UNSURE = 6;
const COUNT =
  /\b(at least|more than|over|exceed\w*|upwards of)? ?\d+\+? ?(or more|and more|plus)?\b(?! ?(seconds?|minutes?|hours?|days?|weeks?|months?|ms|s|min|am|pm|%|th)\b)/;

/** Place of the first word of what a form finds; the middle where it finds nothing. */
function placeOf({ text, words }: Reading, form: RegExp): number {
  const found = new RegExp(form.source).exec(text);
  if (found === null) return words.plain.length / 2;
  return text
    .slice(0, found.index)
    .split(/[^\p{L}\p{N}]+/u)
    .filter((word) => word !== "").length;
}

function distance({ at, end }: Spot, place: number): number {
  return Math.min(Math.abs(at - place), Math.abs(end - 1 - place));
}

function best2({ names: all }: Spot): readonly string[] {
  const [first] = all;
  return all
    .filter(({ score }) => score >= (first?.score ?? 0) * 0.97)
    .slice(0, 2)
    .map(({ name }) => name);
}

function retries(reading: Reading, data: DataStatistics, grid: readonly Values[]): readonly Interpretation[] {
  const { count, text } = { ...reading.facts, text: reading.text };
  const isAttempt = says(reading, cue.attempts);
  const isOften = count !== null || says(reading, cue.often);
  const isBefore = /\b(before|until|till|prior to|only after|not until)\b/.test(text);
  const isSuccess =
    /\b(succe\w+|work(s|ed)?|get(s|ting)? (in|through|it right)|right|accepted|goes through|finally|at last|in the end|eventually)\b/.test(
      text,
    );
  if (!isAttempt && !(isOften && (isBefore || /\b(finally|at last|in the end|eventually)\b/.test(text)))) return [];
  const spots = reading.spots.filter(({ isNegated }) => !isNegated);
  const [first, second] = roundLink(
    reading,
    ordered(spots, isBefore),
    /\b(until|till|before|prior to|and then|finally)\b/,
  );
  const n = count ?? undefined;
  const because = said(reading, isAttempt ? cue.attempts : cue.before);
  if (first !== undefined && second !== undefined) {
    const own = grid.find((row) => row["event"] === best(first) && row["success"] === done(second));
    const parameters = { event: best(first), success: done(second), n: n ?? own?.["n"] ?? 2 };
    const score = isBefore || isAttempt ? SURE : LIKELY;
    return [
      { parameters, score: score * fit(first, second), because: [...because, ...names(best(first), best(second))] },
    ];
  }
  const event = best(first);
  if (event === undefined)
    return isAttempt ? ranked(MAYBE, because, distinct(grid.map((row) => ({ ...row, ...defined({ n }) })))) : [];
  const tried = pairNames(data.tokens.map((token) => token.text)).filter(({ end }) => end === event);
  const rows = grid.filter((row) => row["event"] === event || row["success"] === event);
  const pairs = [
    ...tried.map(({ start }) => ({ event: start, success: event, n: 2 })),
    ...successesOf(event, data)
      .slice(0, 1)
      .map((success) => ({ event, success, n: 2 })),
    ...rows,
  ];
  const score = isAttempt && (isBefore || isSuccess) ? CLEAR : isAttempt ? LIKELY : isSuccess ? LIKELY : FAINT;
  return ranked(score, [...because, ...names(event)], distinct(pairs.map((row) => ({ ...row, ...defined({ n }) }))));
}

/** Of more than two events, the surest in front of a link and the first behind it. */
function roundLink(reading: Reading, spots: readonly Spot[], link: RegExp): readonly Spot[] {
  if (spots.length < 3 || !says(reading, link)) return spots;
  const place = placeOf(reading, link);
  const behind = spots.filter(({ at }) => at >= place).sort((a, b) => a.at - b.at)[0];
  const front = spots
    .filter(({ at }) => at < place)
    .sort((a, b) => (b.names[0]?.score ?? 0) - (a.names[0]?.score ?? 0))[0];
  return front === undefined || behind === undefined ? spots : [front, behind];
}

/** In `A n times before B` and `A until B` the order is that of the text, whatever else stands there. */
function ordered(spots: readonly Spot[], isBefore: boolean): readonly Spot[] {
  return isBefore || spots.length > 2 ? spots : spots.slice(0, 2);
}

function successesOf(event: string, { tokens, grid }: DataStatistics): readonly string[] {
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

function followersOf(event: string, pairs: DataStatistics["grid"]["pairs"]): readonly string[] {
  return pairs
    .filter(({ first }) => first === event)
    .sort((a, b) => b.followed - a.followed)
    .map(({ second }) => second);
}

function leadersOf(event: string, pairs: DataStatistics["grid"]["pairs"]): readonly string[] {
  return pairs
    .filter(({ second }) => second === event)
    .sort((a, b) => b.followed - a.followed)
    .map(({ first }) => first);
}

function until(reading: Reading, _: DataStatistics, grid: readonly Values[]): readonly Interpretation[] {
  if (!says(reading, cue.until)) return [];
  const isOnly = says(reading, cue.onlyThat);
  const [first, second] = roundLink(reading, reading.spots, /\b(until|till|up to)\b/);
  const because = said(reading, cue.until);
  if (first !== undefined && second !== undefined) {
    // a time that passes until then is asked about, and not what happens in it
    const isTime =
      reading.facts.durations.length > 0 || /\b(how long|how much time|time|takes?|total|all the)\b/.test(reading.text);
    const score = isOnly ? CLEAR : isTime ? FAINT : LIKELY;
    const parameters = { event: best(first), end: done(second) };
    return [
      { parameters, score: score * fit(first, second), because: [...because, ...names(best(first), best(second))] },
    ];
  }
  const event = best(first);
  return ranked(
    event === undefined ? GUESS : MAYBE,
    because,
    grid.filter((row) => event === undefined || row["event"] === event || row["end"] === event),
  );
}

function absence(reading: Reading, data: DataStatistics, grid: readonly Values[]): readonly Interpretation[] {
  const { text } = reading;
  if (!reading.isNegating) return [];
  // what is left undone may be what the KPI is called after
  const undone = reading.spots.some(({ isNegated }) => isNegated)
    ? []
    : reading.ofKpi.filter(({ isNegated }) => isNegated);
  const spots = [...reading.spots, ...undone];
  const because = said(reading, new RegExp(cue.negation.source));
  const within = reading.facts.durations[0]?.text;
  const missing = spots.findLast(({ isNegated }) => isNegated);
  const event =
    spots.find((spot) => spot !== missing && (missing === undefined || !spot.isNegated)) ??
    spots.find((spot) => spot !== missing);
  const bound = (row: Values): Values => (within === undefined ? row : { ...row, within });
  if (missing !== undefined && event !== undefined) {
    const awaited = ofSame(best(event), missing, reading, data) ?? done(missing);
    const others = missing.names.map(({ name }) => name).filter((name) => name !== awaited);
    const pairs = [awaited, ...others.slice(0, 1)].flatMap((name) => {
      const from = best(event);
      const own = grid.find((row) => row["event"] === from && row["missing"] === name);
      return name === from ? [] : [bound(own ?? { event: from, missing: name })];
    });
    return ranked(SURE * fit(missing, event), [...because, ...names(best(event), best(missing))], pairs);
  }
  const lone = best(missing ?? event);
  if (lone === undefined) {
    // who leaves something undone is asked about in general
    return /\b(finish|complete|abandon|give up|gave up|drop|bail|convert|follow through)\w*\b/.test(text)
      ? ranked(FAINT, because, grid.map(bound))
      : [];
  }
  const inGrid = grid.filter((row) => row[missing === undefined ? "event" : "missing"] === lone);
  const made =
    missing === undefined
      ? successesOf(lone, data).map((name) => ({ event: lone, missing: name }))
      : startsOf(lone, data).map((name) => ({ event: name, missing: lone }));
  const isWaiting =
    within !== undefined ||
    /\b(afterwards?|then|follow\w*|happen\w*|ever|reply|answer|response|complet\w*|finish\w*|arriv\w*)\b/.test(text);
  const isContrast =
    /\b(but|and|yet|then) (then |is |are |was |were |has |have |does |do |did )?(never|not|no|without|nothing)\b/.test(
      text,
    );
  const score = missing === undefined ? (isContrast ? LIKELY : FAINT) : isWaiting ? CLEAR : LIKELY;
  return ranked(
    score * fit(missing ?? event),
    [...because, ...names(lone)],
    distinct([...made.slice(0, 2), ...inGrid].map(bound)),
  );
}

/** What an event is likely to follow: what begins the same by its name, then what it follows most. */
function startsOf(event: string, { tokens, grid }: DataStatistics): readonly string[] {
  const paired = pairNames(tokens.map(({ text }) => text))
    .filter(({ end }) => end === event)
    .map(({ start }) => start);
  return [...paired, ...leadersOf(event, grid.pairs)];
}

function elapsed(reading: Reading, data: DataStatistics, grid: readonly Values[]): readonly Interpretation[] {
  const { text, spots } = reading;
  const threshold = reading.facts.durations[0]?.text;
  const isSlow = saysBeside(reading, cue.slow);
  const isTaking = says(reading, cue.takes);
  if (!isSlow && !(isTaking && (threshold !== undefined || says(reading, cue.between)))) return [];
  const isLonger =
    /\b(more than|over|longer|exceed\w*|above|beyond|at least|slow\w*|delay\w*|later|too long|ages|forever|how long|how much time|time (passes|elaps\w+|between|from)|>)\b|>/.test(
      text,
    ) || isSlow;
  const [first, second] = spots;
  const because = said(reading, isSlow ? cue.slow : cue.takes);
  if (first !== undefined && second !== undefined) {
    if (!isLonger && threshold === undefined) return [];
    const to = ofSame(best(first), second, reading, data) ?? best(second);
    const own = grid.find((row) => row["from"] === best(first) && row["to"] === to);
    const parameters = {
      from: best(first),
      to,
      threshold: threshold ?? own?.["threshold"] ?? usualOf(grid),
    };
    const isClear = threshold !== undefined || /\b(between|from|how (long|much time))\b/.test(text) || isSlow;
    const isNegated = spots.some((spot) => spot.isNegated);
    const isWithin = /\bwithin\b/.test(text) && !isSlow && !isNegated;
    const score = (isClear ? SURE : LIKELY) * (isLonger ? 1 : 0.8) * (isNegated ? 0.9 : 1) * (isWithin ? 0.8 : 1);
    return [
      { parameters, score: score * fit(first, second), because: [...because, ...names(best(first), best(second))] },
    ];
  }
  const event = best(first);
  if (event === undefined)
    return ranked(
      isSlow && !(sessionNoun.test(text) && says(reading, cue.duration)) ? MAYBE : GUESS,
      because,
      distinct(grid.map((row) => ({ ...row, ...defined({ threshold }) }))),
    );
  const touching = grid.filter((row) => row["from"] === event || row["to"] === event);
  const begun = startsOf(event, data).map((from) => ({ from, to: event }));
  const ended = successesOf(event, data).map((to) => ({ from: event, to }));
  // what has a beginning of its own takes from there to its end: `login takes long`
  const isBeginning = pairNames(data.tokens.map((token) => token.text)).some(({ start }) => start === event);
  const sides = [begun.slice(0, 1), ended.slice(0, 1)];
  const made = (isBeginning ? sides.reverse() : sides).flat().map((row) => ({
    ...row,
    threshold:
      threshold ?? touching.find(({ from, to }) => from === row.from && to === row.to)?.["threshold"] ?? usualOf(grid),
  }));
  const rows = distinct([...made, ...touching.map((row) => ({ ...row, ...defined({ threshold }) }))]);
  const isClear = isSlow || (threshold !== undefined && isLonger);
  return ranked((isClear ? LIKELY : FAINT) * fit(first), [...because, ...names(event)], rows);
}

function usualOf(grid: readonly Values[]): unknown {
  return grid[Math.floor(grid.length / 2)]?.["threshold"] ?? "1m";
}

/** Whether a text waits for what a spot names. */
function isAwaited({ words }: Reading, { at }: Spot): boolean {
  return words.plain.slice(Math.max(0, at - 4), at).some((word) => /^(before|until|till|to|for)$/.test(word));
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
function pairsOf({ tokens }: DataStatistics): readonly { readonly start: string; readonly end: string }[] {
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

/** What goes on for a time. */
const DOING =
  /\b\w+ing (for )?(more|longer|over|at least)( than)?\b|\bfor (more|longer|over|at least)\b|\b\d+ \w+ (or (more|longer) )?(of|in|spent) (\w+ )?\w+ing\b/;

function timeInState(reading: Reading, data: DataStatistics, grid: readonly Values[]): readonly Interpretation[] {
  const { text } = reading;
  const spots = reading.spots.length > 0 ? reading.spots : reading.ofKpi;
  const threshold = reading.facts.durations[0]?.text;
  const isState = says(reading, cue.inState);
  const isDoing = threshold !== undefined && DOING.test(text);
  if (!isState && !isDoing) return [];
  const because = said(reading, isState ? cue.inState : DOING);
  const events = spots.map(best).filter((name) => name !== undefined);
  const all = pairsOf(data);
  const inGrid = grid.filter((row) => events.includes(String(row["enter"])) || events.includes(String(row["leave"])));
  const paired = all.filter(({ start, end }) => events.includes(start) || events.includes(end));
  const put = (row: Values): Values => ({ ...row, ...defined({ threshold }) });
  // `the picture is frozen` names one state, and no way from one event to another
  const isWay = /\b(from|between|until|till|to|before|after|and|since)\b/.test(text);
  const [state] = isWay ? [] : all.filter(({ start }) => start === events.at(-1));
  if (spots.length >= 2 && state !== undefined) {
    const row = { enter: state.start, leave: state.end, threshold: threshold ?? usualOf(grid) };
    return [
      { parameters: row, score: SURE * fit(spots.at(-1)), because: [...because, ...names(state.start, state.end)] },
    ];
  }
  if (spots.length >= 2 && !paired.some(({ start, end }) => events.includes(start) && events.includes(end))) {
    const [enter, leave] = events;
    const row = { enter, leave, threshold: threshold ?? usualOf(grid) };
    return [
      {
        parameters: row,
        score: (says(reading, cue.total) ? SURE : MAYBE) * fit(...spots),
        because: [...because, ...names(enter, leave)],
      },
    ];
  }
  const [only] = spots;
  const isLast = spots.length === 1 && only !== undefined && isAwaited(reading, only);
  const awaited = isLast && threshold !== undefined ? leadersOf(events[0] ?? "", data.grid.pairs).slice(0, 2) : [];
  if (awaited.length > 0) {
    const rows = awaited.map((enter) => ({ enter, leave: events[0], threshold }));
    return ranked(LIKELY * fit(only), [...because, ...names(events[0])], rows);
  }
  const made = paired.map(({ start, end }) => ({
    enter: start,
    leave: end,
    threshold: grid.find((row) => row["enter"] === start && row["leave"] === end)?.["threshold"] ?? usualOf(grid),
  }));
  const [lone] = events;
  const left =
    made.length > 0 || inGrid.length > 0 || lone === undefined
      ? []
      : followersOf(lone, data.grid.pairs)
          .slice(0, 3)
          .map((leave) => ({ enter: lone, leave, threshold: usualOf(grid) }));
  const rows = distinct([...made, ...inGrid, ...left].map(put));
  if (events.length === 0 || rows.length === 0)
    return ranked(isState ? GUESS : GUESS * 0.9, because, distinct(grid.map(put)));
  const isStuck = says(reading, cue.total) || /\bstuck\b/.test(text);
  const score = isStuck ? SURE : threshold !== undefined ? CLEAR : MAYBE;
  return ranked(score * fit(spots[0]), [...because, ...names(events[0])], rows);
}

function externalContext(reading: Reading, _: DataStatistics, grid: readonly Values[]): readonly Interpretation[] {
  if (grid.length === 0) return [];
  const isNamed = reading.tables.length > 0;
  if (!isNamed && !saysBeside(reading, cue.backend)) return [];
  const columns = new Set(reading.words.plain);
  const { bound } = reading.facts;
  const rows = grid
    .filter((row) => !isNamed || reading.tables.includes(String(row["table"])))
    .sort((a, b) => Number(columns.has(String(b["column"]))) - Number(columns.has(String(a["column"]))))
    .map((row) => ("threshold" in row && bound !== null ? { ...row, threshold: bound } : row));
  return ranked(
    isNamed ? SURE : LIKELY,
    isNamed ? names(reading.tables[0]) : said(reading, cue.backend),
    distinct(rows),
  );
}

function topValues(reading: Reading, _: DataStatistics, grid: readonly Values[]): readonly Interpretation[] {
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

function eventPattern(reading: Reading, _: DataStatistics, grid: readonly Values[]): readonly Interpretation[] {
  const { steps, durations } = reading.facts;
  const spots = reading.spots;
  const isPattern = says(reading, cue.patterns);
  const because = [
    ...(isPattern ? said(reading, cue.patterns) : []),
    ...(spots.length > 1 ? said(reading, cue.adjacent, cue.sequence).slice(0, 1) : []),
  ];
  if (spots.length > 0) {
    const byScore = [...spots].sort(
      (a, b) => Number(a.isOutcome) - Number(b.isOutcome) || (b.names[0]?.score ?? 0) - (a.names[0]?.score ?? 0),
    );
    const [first] = byScore;
    const events = byScore.slice(0, MOST_PLACES).flatMap(best2);
    const isAdjacent = says(reading, cue.adjacent);
    const isNegated = spots.some((spot) => spot.isNegated);
    const why = [...because, ...names(...events.slice(0, 2))];
    const longer = grid.map(({ k }) => Number(k)).filter((k) => k > 1);
    if (steps !== null) {
      return ranked(
        LIKELY * fit(first),
        why,
        events.map((contains) => ({ k: steps, contains })),
      );
    }
    const within = durations.find(({ ms }) => ms < DAY_MS)?.text;
    if (spots.length > 1 && within !== undefined && !isNegated && /\bwithin\b/.test(reading.text)) {
      return ranked(
        CLEAR * fit(first),
        why,
        events.map((contains) => ({ k: 2, adjacency: "gap", within, contains })),
      );
    }
    if (spots.length > 1 && isAdjacent) {
      const rows = events.map((contains) => ({ k: 2, adjacency: "next", contains }));
      return ranked((isNegated ? LIKELY : SURE) * fit(first), why, [
        ...rows,
        ...events.map((contains) => ({ k: 3, contains })),
      ]);
    }
    if (spots.length > 1 && says(reading, cue.sequence)) {
      const rows = events.map((contains) => ({ k: 2, adjacency: "gap", contains }));
      return ranked((isNegated ? MAYBE : CLEAR) * fit(first), why, [
        ...rows,
        ...events.map((contains) => ({ k: 2, contains })),
      ]);
    }
    // an event alone is asked for by itself, and with what stands beside it
    const score = (isPattern ? LIKELY : MAYBE) * fit(first) * (isNegated ? 0.7 : 1);
    const alone = events.map((contains) => ({ k: 1, contains }));
    const among = longer.flatMap((k) => events.slice(0, 2).map((contains) => ({ k, contains })));
    const rows = isAdjacent ? [...among.slice(0, 2), ...alone, ...among.slice(2)] : [...alone, ...among];
    return ranked(score, why.length > 0 ? why : names(events[0]), rows);
  }
  if (steps !== null)
    return [{ parameters: { k: steps }, score: CLEAR, because: said(reading, /\b\d+[ -](steps?|events?|long)\b/) }];
  if (isPattern) return ranked(LIKELY, because, grid);
  if (says(reading, cue.trouble)) return ranked(FAINT, said(reading, cue.trouble), grid);
  return [];
}

function defined(values: Values): Values {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined));
}

function distinct(rows: readonly Values[]): readonly Values[] {
  return [...new Map(rows.map((row) => [JSON.stringify(row), row])).values()];
}
