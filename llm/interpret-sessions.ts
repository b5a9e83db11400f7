import { parseDuration } from "../planner/duration.js";
import type { DataStatistics } from "../planner/statistics.js";
import { cue, sessionNoun } from "./cues.js";
import {
  best,
  CLEAR,
  DAY_MS,
  distinct,
  FAINT,
  fit,
  HALF_DAY_MS,
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
import type { Reading } from "./reading.js";
import { mentionsIn } from "./shortlist.js";
import type { Values } from "./some-template.js";

const TIME_WORDS =
  /\b((mon|tues|wednes|thurs|fri|satur|sun)days?|weekends?|weekdays?|nights?|overnight|mornings?|afternoons?|evenings?|midnight|noon|midday|lunch\w*|(office|business|working|work) (hours|days)|\d{1,2}(:00)? ?(am|pm|o'clock)|\d{1,2}:00)\b|\b\d.*\d\b/;

/** When sessions start. */
export function timeOfSession(reading: Reading, _: DataStatistics, grid: readonly Values[]): readonly Interpretation[] {
  const { hours, weekdays } = reading.facts;
  if (hours !== null || weekdays !== null) {
    const parameters = { ...(hours === null ? {} : { hours }), ...(weekdays === null ? {} : { weekdays }) };
    return [{ parameters, score: SURE, because: said(reading, TIME_WORDS) }];
  }
  if (!says(reading, cue.clock)) return [];
  return ranked(LIKELY, said(reading, cue.clock), grid);
}

const PEOPLE =
  /\b(users?|people|folks?|customers?|clients?|visitors?|viewers?|players?|shoppers?|members?|subscribers?|them|they|someone|somebody|who|visits?|sessions?|tickets?|jobs?|orders?|viewing|logins?|back|return\w*|re-?appear\w*)\b/;

const ORDINAL = /\b(\d+th( or \w+)?( \w+)?|1th \d+ \w+|more than \d+ \w+|(after|beyond) (their|the) \w+ \w+)\b/;

/** Two events and a time between them are no pause of a user's. */
function names2({ spots }: Reading): boolean {
  return spots.filter(({ names: [first] }) => (first?.score ?? 0) > 0.6).length >= 2;
}

/** How new users are, and how long they were away. */
export function userLifecycle(reading: Reading, _: DataStatistics, grid: readonly Values[]): readonly Interpretation[] {
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

/** Of a load that the prompt does not number, where the data say nothing. */
const USUAL_SHARE = 0.2;

const USUAL_OTHERS = 5;

/** How busy, or how failing, the others are. */
export function load(reading: Reading, data: DataStatistics, grid: readonly Values[]): readonly Interpretation[] {
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

/** How long sessions are, how much they hold, and how late something comes. */
export function sessionShape(reading: Reading, _: DataStatistics, grid: readonly Values[]): readonly Interpretation[] {
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

/** What auxiliary tables say. */
export function externalContext(
  reading: Reading,
  _: DataStatistics,
  grid: readonly Values[],
): readonly Interpretation[] {
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
