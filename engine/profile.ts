import { availableParallelism } from "node:os";
import { quantile } from "../kernels/quantile.js";
import { failingValues, namesALabel, namesAnError, pairNames } from "../planner/name-words.js";
import {
  distinctLimit,
  type Profile,
  type ProfiledColumn,
  type ProfiledName,
  type ProfiledPair,
} from "../planner/profile.js";
import { defaultSettings } from "../planner/settings.js";
import { type EventTable, idText, type TableColumn } from "./columns/event-table.js";
import { WorkerPool } from "./pool.js";
import { readEvents } from "./read.js";
import { guessColumns } from "./sources/guess-columns.js";
import { openSources } from "./sources/source.js";

/** How data are profiled. */
export interface ProfileOptions {
  /**
   * Worker threads.
   * @default as many as there are processors
   */
  readonly threads?: number;
  /** Ends the reading. */
  readonly signal?: AbortSignal;
  /** Called as events are read. */
  readonly onProgress?: (progress: {
    readonly phase: "read";
    readonly done: number;
    readonly total: number;
    readonly unit: "events";
  }) => void;
}

/** Values of a column that are shown. */
const shownValues = 5;
/** A user with more than this share of the sessions speaks for everyone. */
const heavyUserShare = 0.2;
/** Fewer users than this are not asked whether one of them is heavy: each is. */
const fewUsers = 10;
/** Session starts that fall on fewer moments than this share of the sessions were made up, if there are enough to tell. */
const madeUpStarts = 0.05;
const enoughSessions = 20;
/** Events beyond both ends of the time in which all but this share lie, by as much again, and a day, are far from the others. */
const fewStray = 0.001;
const enoughEvents = 100;
const dayMs = 86_400_000;
/** A pause within a session that no person makes. */
const longPauseMs = dayMs;
const fewPaused = 0.05;
/** Rows that repeat the one before, by share, from which on they are worth a word. */
const repeatedShare = 0.005;
/** An error that comes after something begins, in so many of its sessions, can only be met by those who begin it. */
const needs = 0.98;
const hardlyEvery = 0.9;
/** Events that sessions end with which are looked at; the share of sessions that they are in, and that what leads to them reaches them. */
const mostEndings = 5;
const endingShare: readonly [number, number] = [0.05, 0.95];
/** What leads to an ending is right before it in so many of its sessions. */
const leadsTo = 0.6;
/** Pairs of names that are counted. */
const mostPairs = 100;

/**
 * Reads files as a run would, all columns, and tells what they hold. O(rows × columns).
 * @param base - directory that the files are relative to
 * @throws LeadlineError `source-invalid` and `study-invalid` as reading does; `aborted`
 */
export async function profileEvents(
  files: readonly string[],
  base: string,
  options: ProfileOptions = {},
): Promise<Profile> {
  const sources = await openSources(files, base);
  const { schema } = sources;
  const roles = await guessColumns(sources);
  const taken = new Set<string>(Object.values(roles));
  const others = schema.columns.filter(({ name }) => !taken.has(name));
  const sessionGapMs = defaultSettings().session_gap_default;
  const pool = new WorkerPool(options.threads ?? availableParallelism(), options.signal);
  try {
    const { table, dropped } = await readEvents(
      {
        files,
        base,
        columns: roles,
        sessionGapMs,
        needed: others.filter(({ type }) => type !== "unsupported").map(({ name }) => name),
        attributes: [],
        attributeMaxValues: 0,
      },
      pool,
      (done, total) => options.onProgress?.({ phase: "read", done, total, unit: "events" }),
    );
    const columns = table.columns.map((column) => profileColumn(column));
    return {
      files,
      roles,
      events: table.events,
      sessions: table.sessions,
      users: table.users,
      ...periodOf(table),
      sessionGapMs: roles.session === undefined ? sessionGapMs : null,
      columns,
      unread: others.filter(({ type }) => type === "unsupported").map(({ name }) => name),
      ...profileNames(table),
      suspicions: [...droppedRows(dropped), ...suspicionsOf(table, columns)],
    };
  } finally {
    await pool.close();
  }
}

function periodOf({ time, events }: EventTable): { readonly fromMs: number | null; readonly toMs: number | null } {
  if (events === 0) return { fromMs: null, toMs: null };
  let fromMs = Number.POSITIVE_INFINITY;
  let toMs = Number.NEGATIVE_INFINITY;
  for (let event = 0; event < events; event++) {
    const ms = time[event] as number;
    if (ms < fromMs) fromMs = ms;
    if (ms > toMs) toMs = ms;
  }
  return { fromMs, toMs };
}

function profileColumn(column: TableColumn): ProfiledColumn {
  const { name, grain } = column;
  if (column.kind === "coded") {
    const counts = new Float64Array(column.dictionary.length + 1);
    for (let row = 0; row < column.codes.length; row++) {
      const code = column.codes[row] as number;
      counts[code] = (counts[code] as number) + 1;
    }
    const present = column.codes.length - (counts[0] as number);
    const common = column.dictionary
      .map((value, index) => ({ value, share: (counts[index + 1] as number) / Math.max(1, present) }))
      .sort((a, b) => b.share - a.share)
      .slice(0, shownValues);
    const missing = shareOf(counts[0] as number, column.codes.length);
    return { kind: "coded", name, grain, missing, distinct: column.dictionary.length, common };
  }
  const values = column.values.filter((value) => !Number.isNaN(value));
  const distinct = new Set<number>();
  for (let at = 0; at < values.length && distinct.size < distinctLimit; at++) distinct.add(values[at] as number);
  const missing = shareOf(column.values.length - values.length, column.values.length);
  const range =
    values.length === 0
      ? null
      : {
          least: quantile(values, 0, values.length, 0),
          median: quantile(values, 0, values.length, 0.5),
          greatest: quantile(values, 0, values.length, 1),
        };
  return { kind: "numeric", name, grain, missing, distinct: distinct.size, type: column.type, range };
}

function profileNames(table: EventTable): Pick<Profile, "names" | "pairs" | "ending"> {
  const counted = countNames(table);
  return { ...counted, ending: counted.pairs.length > 0 ? null : findEnding(table) };
}

/**
 * What most sessions that get anywhere end with, `checkout` then `paid`: the event that is most often a session's last, and the one that
 * is most often right before its first occurrence.
 */
function findEnding({ names, name, sessionOffsets, sessions }: EventTable): ProfiledPair | null {
  const ends = new Float64Array(names.length);
  for (let session = 0; session < sessions; session++) {
    const last = name[(sessionOffsets[session + 1] as number) - 1] as number;
    ends[last] = (ends[last] as number) + 1;
  }
  const order = names.map((_, code) => code).sort((a, b) => (ends[b] as number) - (ends[a] as number));
  for (const end of order.slice(0, mostEndings)) {
    const { held, before } = beforeFirst(end);
    if (held < endingShare[0] * sessions || held > endingShare[1] * sessions) continue;
    const start = before.indexOf(before.reduce((most, count) => Math.max(most, count), 0));
    if ((before[start] as number) < leadsTo * held) continue;
    const { begun, reached } = reaching(start, end);
    if (reached < endingShare[0] * begun || reached > endingShare[1] * begun) continue;
    return { start: names[start] as string, end: names[end] as string, sessions: begun, failing: begun - reached };
  }
  return null;

  /** Sessions with the event, and what is right before the first of them. */
  function beforeFirst(end: number): { readonly held: number; readonly before: Float64Array } {
    const before = new Float64Array(names.length);
    let held = 0;
    for (let session = 0; session < sessions; session++) {
      const first = sessionOffsets[session] as number;
      const at = indexOf(end, first, sessionOffsets[session + 1] as number);
      if (at < 0) continue;
      held++;
      const code = at === first ? end : (name[at - 1] as number);
      if (code !== end) before[code] = (before[code] as number) + 1;
    }
    return { held, before };
  }

  function reaching(start: number, end: number): { readonly begun: number; readonly reached: number } {
    let begun = 0;
    let reached = 0;
    for (let session = 0; session < sessions; session++) {
      const stop = sessionOffsets[session + 1] as number;
      const at = indexOf(start, sessionOffsets[session] as number, stop);
      if (at < 0) continue;
      begun++;
      if (indexOf(end, at + 1, stop) >= 0) reached++;
    }
    return { begun, reached };
  }

  function indexOf(code: number, from: number, to: number): number {
    for (let event = from; event < to; event++) if (name[event] === code) return event;
    return -1;
  }
}

function countNames(table: EventTable): { readonly names: ProfiledName[]; readonly pairs: ProfiledPair[] } {
  const { names, name, sessionOffsets, sessions } = table;
  const candidates = pairNames(names)
    .slice(0, mostPairs)
    .map(({ start, end }) => ({ start: names.indexOf(start), end: names.indexOf(end) }));
  const startsOf: number[][] = names.map(() => []);
  const endsOf: number[][] = names.map(() => []);
  for (const [pair, { start, end }] of candidates.entries()) {
    startsOf[start]?.push(pair);
    endsOf[end]?.push(pair);
  }
  const events = new Float64Array(names.length);
  const inSessions = new Float64Array(names.length);
  // The session (plus one) in which each was last seen: nothing has to be cleared between sessions.
  const seen = new Uint32Array(names.length);
  const started = new Uint32Array(candidates.length);
  const completed = new Uint32Array(candidates.length);
  const completions = new Float64Array(candidates.length);
  const anchors = [...new Set(candidates.map(({ start }) => start))];
  const errors = names.flatMap((text, code) => (namesAnError(text) && !anchors.includes(code) ? [code] : []));
  const errorAt = names.map((_, code) => errors.indexOf(code));
  // Of each error's sessions, those in which each anchor came before it.
  const before = new Float64Array(errors.length * anchors.length);
  for (let session = 1; session <= sessions; session++) {
    const end = sessionOffsets[session] as number;
    for (let event = sessionOffsets[session - 1] as number; event < end; event++) {
      const code = name[event] as number;
      events[code] = (events[code] as number) + 1;
      if (seen[code] !== session) {
        seen[code] = session;
        inSessions[code] = (inSessions[code] as number) + 1;
        const error = errorAt[code] as number;
        for (let anchor = 0; error >= 0 && anchor < anchors.length; anchor++) {
          const at = error * anchors.length + anchor;
          if (seen[anchors[anchor] as number] === session) before[at] = (before[at] as number) + 1;
        }
      }
      for (const pair of endsOf[code] as number[]) {
        if (started[pair] !== session || completed[pair] === session) continue;
        completed[pair] = session;
        completions[pair] = (completions[pair] as number) + 1;
      }
      for (const pair of startsOf[code] as number[]) started[pair] = session;
    }
  }
  /** What an error needs: of the anchors before nearly all of its first occurrences, and not in nearly all sessions, the rarest. */
  const neededBy = (code: number): string | undefined => {
    const [needed] = anchors
      .filter((anchor, at) => {
        const share = shareOf(before[(errorAt[code] as number) * anchors.length + at] ?? 0, inSessions[code] as number);
        return share >= needs && (inSessions[anchor] as number) < hardlyEvery * sessions;
      })
      .sort((a, b) => (inSessions[a] as number) - (inSessions[b] as number));
    return needed === undefined ? undefined : names[needed];
  };
  const profiled = names.map((text, code) => {
    const among = neededBy(code);
    return {
      name: text,
      events: events[code] as number,
      sessions: inSessions[code] as number,
      ...(among === undefined ? {} : { among }),
    };
  });
  const pairs = candidates.map(({ start, end }, pair) => {
    const begun = inSessions[start] as number;
    return {
      start: names[start] as string,
      end: names[end] as string,
      sessions: begun,
      failing: begun - (completions[pair] as number),
    };
  });
  return {
    names: profiled.sort((a, b) => b.sessions - a.sessions || (a.name < b.name ? -1 : 1)),
    pairs: pairs.sort((a, b) => b.sessions - a.sessions || a.failing - b.failing),
  };
}

function droppedRows(dropped: Readonly<Record<string, number>>): string[] {
  return Object.entries(dropped)
    .filter(([, rows]) => rows > 0)
    .map(
      ([role, rows]) =>
        `${rows === 1 ? "1 row has" : `${rows} rows have`} no ${role} and ${rows === 1 ? "is" : "are"} left out.`,
    );
}

function suspicionsOf(table: EventTable, columns: readonly ProfiledColumn[]): string[] {
  return [
    ...heavyUser(table),
    ...sameStarts(table),
    ...strayTimes(table),
    ...longPauses(table),
    ...repeatedRows(table),
    ...labels(columns),
  ];
}

function heavyUser({ users, sessions, hasUsers, userOffsets, userIds }: EventTable): string[] {
  if (!hasUsers || sessions === 0) return [];
  if (users < fewUsers) {
    return [
      `The data have only ${users === 1 ? "one user" : `${users} users`}: what holds for them need not hold for others.`,
    ];
  }
  let heaviest = 0;
  const sessionsOf = (user: number): number => (userOffsets[user + 1] as number) - (userOffsets[user] as number);
  for (let user = 1; user < users; user++) if (sessionsOf(user) > sessionsOf(heaviest)) heaviest = user;
  const share = sessionsOf(heaviest) / sessions;
  if (share <= heavyUserShare) return [];
  return [
    `One user (${idText(userIds, heaviest)}) has ${percent(share)} of the sessions: a robot, or an id that many share?`,
  ];
}

function sameStarts({ sessions, sessionOffsets, time }: EventTable): string[] {
  if (sessions < enoughSessions) return [];
  const starts = new Set<number>();
  for (let session = 0; session < sessions && starts.size <= sessions * madeUpStarts; session++) {
    starts.add(time[sessionOffsets[session] as number] as number);
  }
  if (starts.size > sessions * madeUpStarts) return [];
  const moments = starts.size === 1 ? "the same moment" : `only ${starts.size} different moments`;
  return [
    `All ${sessions} sessions start at ${moments}: the times look made up, so hours, weekdays, pauses and trends mean little.`,
  ];
}

/** A clock that was not set, or that ran ahead: few events lie far from all others. */
function strayTimes({ time, events }: EventTable): string[] {
  if (events < enoughEvents) return [];
  const times = time.slice(0, events);
  const first = quantile(times, 0, events, fewStray);
  const last = quantile(times, 0, events, 1 - fewStray);
  const reach = Math.max(last - first, dayMs);
  const stray = times.filter((ms) => ms < first - reach || ms > last + reach).sort();
  const [least, greatest] = [stray[0], stray[stray.length - 1]];
  if (least === undefined || greatest === undefined) return [];
  const far = [...new Set([least, greatest])].map((ms) => new Date(ms).toISOString().slice(0, 10)).join(" to ");
  return [
    `${stray.length === 1 ? "1 event lies" : `${stray.length} events lie`} far from all others in time (${far}): a clock that was not set? Leave them out with events.from and events.to.`,
  ];
}

/** Sessions that are told by a column and hold a pause of days: a clock jumped within, or the column names something longer. */
function longPauses({ sessions, sessionOffsets, time }: EventTable): string[] {
  let paused = 0;
  for (let session = 0; session < sessions; session++) {
    const end = sessionOffsets[session + 1] as number;
    for (let event = (sessionOffsets[session] as number) + 1; event < end; event++) {
      if ((time[event] as number) - (time[event - 1] as number) <= longPauseMs) continue;
      paused++;
      break;
    }
  }
  // where many have, as cases of days do, that is what sessions are here
  if (paused === 0 || paused > fewPaused * sessions) return [];
  return [
    `${paused === 1 ? "1 session has" : `${paused} sessions have`} a pause of more than a day between two events: a clock that jumped, or ids that are used again?`,
  ];
}

function repeatedRows(table: EventTable): string[] {
  const { events, sessions, sessionOffsets, time, name } = table;
  const arrays = table.columns
    .filter(({ grain }) => grain === "event")
    .map((column) => (column.kind === "coded" ? column.codes : column.values));
  let repeated = 0;
  for (let session = 0; session < sessions; session++) {
    const end = sessionOffsets[session + 1] as number;
    for (let event = (sessionOffsets[session] as number) + 1; event < end; event++) {
      if (time[event] !== time[event - 1] || name[event] !== name[event - 1]) continue;
      if (arrays.every((values) => Object.is(values[event], values[event - 1]))) repeated++;
    }
  }
  const share = shareOf(repeated, events);
  return share < repeatedShare
    ? []
    : [`${percent(share)} of the rows repeat the row before in every column: were files read twice?`];
}

/** A label among the attributes is found again as the best explanation of itself. */
function labels(columns: readonly ProfiledColumn[]): string[] {
  return columns.flatMap((column) => {
    if (column.kind !== "coded" || column.grain !== "session" || column.distinct !== 2) return [];
    const values = column.common.map(({ value }) => value);
    if (!namesALabel(column.name) && failingValues(column.name, values).length === 0) return [];
    return [
      `Column ${column.name} has two values (${values.join(", ")}) and looks like a label: make it a KPI, never an attribute.`,
    ];
  });
}

function shareOf(part: number, whole: number): number {
  return whole === 0 ? 0 : part / whole;
}

function percent(share: number): string {
  return `${Number((100 * share).toPrecision(2))} %`;
}
