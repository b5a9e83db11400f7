import { quantile } from "../kernels/quantile.js";
import type { GridStatistics, PairStatistics, Quantiles, ValueCount } from "../planner/statistics.js";
import type { AuxiliaryTable } from "./columns/auxiliary-table.js";
import type { CodedColumn, EventTable, TableColumn, Value } from "./columns/event-table.js";
import { sharedCodes } from "./columns/shared.js";
import type { ColumnInfo, EventPart, EventStore, PartRange, SessionTable } from "./event-store.js";
import { lazily } from "./lazily.js";
import { keptLoadWindows, type LoadWindows, windowsHere } from "./load-windows.js";
import type { CountedColumn, ValueCounts } from "./passes/value-counts.js";
import type { WorkerPool } from "./pool.js";

/** Sessions looked at: quantiles and shares to a hundredth, in some milliseconds. */
const SESSIONS = 20_000;
/** Events of a session looked at: the sessions of robots say nothing of usual gaps. */
const EVENTS_PER_SESSION = 1000;
/** Events of which all pairs are looked at. */
const PAIRED = 12;
/** Gaps kept of a pair. */
const GAPS = 1000;
/** Values of a column that are listed, and the most distinct ones it may have for its values over events to be counted. */
const LISTED_VALUES = 20;
const MOST_VALUES = 2000;
/** Counters of values by event name of one column. */
const MOST_COUNTERS = 1 << 21;

/** What is looked at of an event table. */
type GridTable = Pick<EventTable, "time" | "name" | "names" | "sessionOffsets" | "columns">;

/** What a grid may be drawn from. */
export interface GridRequest {
  /** Per event name. */
  readonly ignored: readonly boolean[];
  readonly tables: readonly AuxiliaryTable[];
  /** Columns that tell of users before the data begin: the lifecycle's, no attributes. */
  readonly history: readonly string[];
  /** Columns whose values are counted by event name although they do not change within sessions; null: all. */
  readonly countedBySession: ReadonlySet<string> | null;
  /** Whether anything asks for values by event name, a pass over all events, and for how busy others are. */
  readonly asks: { readonly eventValues: boolean; readonly load: boolean };
}

/**
 * Draws from events what default parameters are made of. The same for any number of threads. But for the values by event name each
 * statistic is computed when a grid asks for it: a study that names its classes needs few of them.
 */
export async function gridStatistics(
  store: EventStore,
  { ignored, tables, history, countedBySession, asks }: GridRequest,
  pool: WorkerPool,
): Promise<GridStatistics> {
  const all = store.sessions;
  const isCounted = ({ name, grain }: Pick<TableColumn, "name" | "grain">): boolean =>
    asks.eventValues && !history.includes(name) && (grain === "event" || countedBySession?.has(name) !== false);
  const sampled = sampledSessions(all.sessions);
  const windows = asks.load ? keptLoadWindows(all.starts, pool) : null;
  // it is awaited below; what fails before it is told instead
  windows?.catch(() => {});
  const { table, sessions, counts } = await lookAt(store, sampled, all.columns.map(isCounted), pool);
  const columns = table.columns.filter(({ name }) => !history.includes(name));
  const found = lazily({ events: () => eventStatistics(table, sessions, ignored) });
  const drawn = lazily<Omit<GridStatistics, "eventValues">>({
    sessions: () => sessions.length,
    events: () => found.events.events,
    measures: () => measureQuantiles(table, sessions),
    pairs: () => pairStatistics(table, sessions, found.events.order.slice(0, PAIRED), ignored),
    numbers: () =>
      Object.fromEntries(
        columns.flatMap((column) => {
          // a moment is no amount: its quantiles are dates
          if (column.kind !== "numeric" || column.type === "time") return [];
          const at = (session: number): number =>
            column.grain === "session" ? session : (table.sessionOffsets[session] as number);
          return [
            [column.name, quantilesOf(Float64Array.from(sessions, (session) => column.values[at(session)] as number))],
          ];
        }),
      ),
    tableNumbers: () =>
      Object.fromEntries(
        tables.flatMap(({ name, columns: own }) =>
          own.flatMap((column) =>
            column.kind === "numeric" ? [[`${name}.${column.name}`, quantilesOf(column.values)]] : [],
          ),
        ),
      ),
    values: () =>
      Object.fromEntries(
        columns.flatMap((column) =>
          column.kind === "coded" ? [[column.name, sessionValues(table, column, sessions)]] : [],
        ),
      ),
    load: () => loadQuantiles(windowsHere(all.starts), sampled),
  });
  // who asks for values by event name asks for most of the rest, and this thread has nothing else to do while they are counted
  if (asks.eventValues) await drawAll(drawn);
  const counted = (await counts).flatMap((parts, at) => eventValues(all.names, all.columns[at] as ColumnInfo, parts));
  if (windows !== null) {
    Object.defineProperty(drawn, "load", { enumerable: true, value: loadQuantiles(await windows, sampled) });
  }
  return Object.defineProperty(drawn, "eventValues", { enumerable: true, value: counted }) as GridStatistics;
}

/** Draws one statistic after the other, but for what a thread finds; between them threads that have nothing left to do get their next task. */
async function drawAll(drawn: Omit<GridStatistics, "eventValues">): Promise<void> {
  for (const key of Object.keys(drawn) as (keyof typeof drawn)[]) {
    if (key === "load") continue;
    void drawn[key];
    await new Promise((resolve) => setImmediate(resolve));
  }
}

function sampledSessions(sessions: number): Uint32Array {
  const count = Math.min(sessions, SESSIONS);
  return Uint32Array.from({ length: count }, (_, at) => Math.floor((at * sessions) / count));
}

function measureQuantiles({ time, sessionOffsets }: GridTable, sessions: Uint32Array): GridStatistics["measures"] {
  const duration = new Float64Array(sessions.length);
  const events = new Float64Array(sessions.length);
  const longest = new Float64Array(sessions.length);
  for (const [at, session] of sessions.entries()) {
    const from = sessionOffsets[session] as number;
    const to = sessionOffsets[session + 1] as number;
    duration[at] = (time[to - 1] as number) - (time[from] as number);
    events[at] = to - from;
    for (let position = from + 1; position < to; position++) {
      longest[at] = Math.max(longest[at] as number, (time[position] as number) - (time[position - 1] as number));
    }
  }
  return { duration: quantilesOf(duration), events: quantilesOf(events), longest_gap: quantilesOf(longest) };
}

function eventStatistics(
  { time, name, names, sessionOffsets }: GridTable,
  sessions: Uint32Array,
  ignored: readonly boolean[],
): { readonly events: GridStatistics["events"]; readonly order: readonly number[] } {
  const having = new Uint32Array(names.length);
  const repeated = new Uint32Array(names.length);
  const count = new Uint32Array(names.length);
  const timesTo = names.map((): number[] => []);
  for (const session of sessions) {
    const from = sessionOffsets[session] as number;
    const to = Math.min(sessionOffsets[session + 1] as number, from + EVENTS_PER_SESSION);
    for (let position = from; position < to; position++) {
      const code = name[position] as number;
      const met = (count[code] as number) + 1;
      count[code] = met;
      if (met === 1) {
        having[code] = (having[code] as number) + 1;
        const times = timesTo[code] as number[];
        if (times.length < GAPS) times.push((time[position] as number) - (time[from] as number));
      } else if (met === 3) repeated[code] = (repeated[code] as number) + 1;
    }
    for (let position = from; position < to; position++) count[name[position] as number] = 0;
  }
  const order = [...names.keys()]
    .filter((code) => having[code] !== 0 && ignored[code] !== true)
    .sort((a, b) => (having[b] as number) - (having[a] as number) || a - b);
  const events = order.map((code) => ({
    name: names[code] as string,
    sessions: having[code] as number,
    repeated: repeated[code] as number,
    timeToMs: quantilesOf(Float64Array.from(timesTo[code] as number[])),
  }));
  return { events, order };
}

function pairStatistics(
  { time, name, names, sessionOffsets }: GridTable,
  sessions: Uint32Array,
  codes: readonly number[],
  ignored: readonly boolean[],
): PairStatistics[] {
  const width = codes.length;
  const indexOf = new Int32Array(names.length).fill(-1);
  for (const [index, code] of codes.entries()) indexOf[code] = index;
  const having = new Uint32Array(width);
  const followed = new Uint32Array(width * width);
  const retried = new Uint32Array(width * width);
  const runs = new Uint32Array(width * width);
  const gaps = Array.from({ length: width * width }, (): number[] => []);
  // by pair: one more than the last session that was counted for it
  const [followedIn, retriedIn, runsIn] = [0, 1, 2].map(() => new Uint32Array(width * width)) as [
    Uint32Array,
    Uint32Array,
    Uint32Array,
  ];
  const firstAt = new Float64Array(width);
  const met = new Uint32Array(width);
  const mark = (seen: Uint32Array, counts: Uint32Array, pair: number, turn: number): boolean => {
    if (seen[pair] === turn) return false;
    seen[pair] = turn;
    counts[pair] = (counts[pair] as number) + 1;
    return true;
  };
  for (const [at, session] of sessions.entries()) {
    met.fill(0);
    const from = sessionOffsets[session] as number;
    const to = Math.min(sessionOffsets[session + 1] as number, from + EVENTS_PER_SESSION);
    let [before, run] = [-1, 0];
    for (let position = from; position < to; position++) {
      const code = name[position] as number;
      if (ignored[code] === true) continue;
      const index = indexOf[code] as number;
      if (index >= 0) {
        for (let other = 0; other < width; other++) {
          if (met[other] === 0 || other === index) continue;
          const pair = other * width + index;
          if (met[index] === 0 && (met[other] as number) >= 2) mark(retriedIn, retried, pair, at + 1);
          if (other === before && run >= 2) mark(runsIn, runs, pair, at + 1);
          if (!mark(followedIn, followed, pair, at + 1)) continue;
          const own = gaps[pair] as number[];
          if (own.length < GAPS) own.push((time[position] as number) - (firstAt[other] as number));
        }
        if (met[index] === 0) {
          firstAt[index] = time[position] as number;
          having[index] = (having[index] as number) + 1;
        }
        met[index] = (met[index] as number) + 1;
      }
      run = index === before ? run + 1 : 1;
      before = index;
    }
  }
  return codes.flatMap((first, a) =>
    codes.flatMap((second, b) => {
      const pair = a * width + b;
      if (followed[pair] === 0) return [];
      return [
        {
          first: names[first] as string,
          second: names[second] as string,
          sessions: having[a] as number,
          followed: followed[pair] as number,
          retried: retried[pair] as number,
          runs: runs[pair] as number,
          gapMs: quantilesOf(Float64Array.from(gaps[pair] as number[])),
        },
      ];
    }),
  );
}

function sessionValues(table: GridTable, column: CodedColumn, sessions: Uint32Array): ValueCount[] {
  const counts = new Uint32Array(column.dictionary.length + 1);
  for (const session of sessions) {
    const at = column.grain === "session" ? session : (table.sessionOffsets[session] as number);
    const code = column.codes[at] as number;
    counts[code] = (counts[code] as number) + 1;
  }
  return mostFrequent(counts, 0, column.dictionary);
}

/** What statistics are drawn from: the sampled sessions, and by column what its values by event name came to, part by part. */
interface Looked {
  readonly table: GridTable;
  /** Where the sampled sessions are in it. */
  readonly sessions: Uint32Array;
  /** Null: not counted */
  readonly counts: Promise<readonly ((ValueCounts | null)[] | null)[]>;
}

/** Looks at every part once. A table in memory is its own sample, and is counted while the caller looks at that. */
async function lookAt(
  store: EventStore,
  sampled: Uint32Array,
  isCounted: readonly boolean[],
  pool: WorkerPool,
): Promise<Looked> {
  const { names, columns } = store.sessions;
  const countPart = (part: EventPart): Promise<((ValueCounts | null)[] | null)[]> =>
    Promise.all(
      part.columns.map((column, at) => (isCounted[at] === true ? countValues(part, names.length, column, pool) : null)),
    );
  if (store.table !== null) return { table: store.table, sessions: sampled, counts: countPart(store.table) };
  const counts = columns.map((_, at): (ValueCounts | null)[] | null => (isCounted[at] === true ? [] : null));
  const sample = new Sample(store.sessions, sampled);
  for (const [index, range] of store.parts.entries()) {
    const part = await store.part(index);
    sample.add(part, range);
    for (const [at, own] of (await countPart(part)).entries()) counts[at]?.push(...(own ?? []));
  }
  return { table: sample.table, sessions: sampled.map((_, at) => at), counts: Promise.resolve(counts) };
}

/** A table of the sampled sessions alone. */
class Sample {
  readonly table: GridTable;
  readonly #sampled: Uint32Array;
  #filled = 0;

  constructor({ names, columns, sessionOffsets }: SessionTable, sampled: Uint32Array) {
    this.#sampled = sampled;
    const offsets = new Uint32Array(sampled.length + 1);
    for (const [at, session] of sampled.entries()) {
      const length = (sessionOffsets[session + 1] as number) - (sessionOffsets[session] as number);
      offsets[at + 1] = (offsets[at] as number) + length;
    }
    const events = offsets[sampled.length] as number;
    this.table = {
      time: new Float64Array(events),
      name: sharedCodes(events, names.length),
      names,
      sessionOffsets: offsets,
      columns: columns.map((column): TableColumn => {
        const length = column.grain === "event" ? events : sampled.length;
        return column.kind === "coded"
          ? { ...column, codes: sharedCodes(length, column.dictionary.length) }
          : { ...column, values: new Float64Array(length) };
      }),
    };
  }

  /** Takes the sampled sessions of a part. */
  add(part: EventPart, { sessionStart, sessionEnd }: PartRange): void {
    const { time, name, columns, sessionOffsets } = this.table;
    for (; this.#filled < this.#sampled.length; this.#filled++) {
      const session = (this.#sampled[this.#filled] as number) - sessionStart;
      if (session >= sessionEnd - sessionStart) return;
      const [from, to] = [part.sessionOffsets[session] as number, part.sessionOffsets[session + 1] as number];
      const at = sessionOffsets[this.#filled] as number;
      time.set(part.time.subarray(from, to), at);
      name.set(part.name.subarray(from, to), at);
      for (const [index, own] of part.columns.entries()) {
        const into = columns[index] as TableColumn;
        const bounds = own.grain === "event" ? [from, to] : [session, session + 1];
        const place = own.grain === "event" ? at : this.#filled;
        if (own.kind === "coded" && into.kind === "coded") into.codes.set(own.codes.subarray(...bounds), place);
        else if (own.kind === "numeric" && into.kind === "numeric") {
          into.values.set(own.values.subarray(...bounds), place);
        }
      }
    }
  }
}

/** Counts a column's values by event name over a part. O(events). */
async function countValues(
  { name, sessionOffsets }: EventPart,
  names: number,
  column: TableColumn,
  pool: WorkerPool,
): Promise<(ValueCounts | null)[]> {
  const width = widthOf(column);
  if (width > MOST_VALUES + 1 || names * width > MOST_COUNTERS) return [null];
  const { grain } = column;
  const subject: CountedColumn =
    column.kind === "coded"
      ? { kind: "coded", grain, codes: column.codes, width }
      : { kind: "numeric", grain, values: column.values, most: MOST_VALUES };
  const sessions = sessionOffsets.length - 1;
  const share = Math.ceil(sessions / pool.threads);
  const inputs = Array.from({ length: pool.threads }, (_, thread) => ({
    name,
    names,
    sessionOffsets,
    start: Math.min(sessions, thread * share),
    end: Math.min(sessions, (thread + 1) * share),
    column: subject,
  }));
  return await pool.runAll("valueCounts", inputs, (index) => `sessions from ${inputs[index]?.start ?? 0}`);
}

function widthOf(column: ColumnInfo): number {
  return column.kind === "coded" ? column.dictionary.length + 1 : MOST_VALUES + 1;
}

/** The most frequent values of a column by event name, counted over all events: the first n are the first n of the data. */
function eventValues(
  names: readonly string[],
  column: ColumnInfo,
  parts: readonly (ValueCounts | null)[] | null,
): GridStatistics["eventValues"][number][] {
  if (parts === null) return [];
  const merged = mergeCounts(parts, column.kind === "coded" ? column.dictionary : null, names.length);
  if (merged === null) return [];
  return names.flatMap((event, code) => {
    const values = mostFrequent(merged.counts, code * (merged.dictionary.length + 1), merged.dictionary);
    return values.length === 0 ? [] : [{ event, attribute: column.name, values }];
  });
}

/** The counts of all parts; numbers in the order of their first event, which does not depend on where the parts were cut. */
function mergeCounts(
  parts: readonly (ValueCounts | null)[],
  dictionary: readonly Value[] | null,
  names: number,
): { readonly dictionary: readonly Value[]; readonly counts: Uint32Array } | null {
  const merged = dictionary ?? [...new Set(parts.flatMap((part) => part?.values ?? []))];
  if (merged.length > MOST_VALUES || parts.includes(null)) return null;
  const width = merged.length + 1;
  const codeOf = new Map(merged.map((value, index) => [value, index + 1]));
  const counts = new Uint32Array(names * width);
  for (const part of parts) {
    if (part === null) continue;
    const codes = [0, ...(part.values ?? merged).map((value) => codeOf.get(value) as number)];
    for (let at = 0; at < part.counts.length; at++) {
      const to = Math.floor(at / codes.length) * width + (codes[at % codes.length] as number);
      counts[to] = (counts[to] as number) + (part.counts[at] as number);
    }
  }
  return { dictionary: merged, counts };
}

function mostFrequent(counts: Uint32Array, from: number, dictionary: readonly Value[]): ValueCount[] {
  return dictionary
    .map((value, index) => ({ value, count: counts[from + index + 1] as number }))
    .filter(({ count }) => count > 0)
    .sort((a, b) => b.count - a.count)
    .slice(0, LISTED_VALUES);
}

function loadQuantiles({ order, from, to }: LoadWindows, sessions: Uint32Array): Quantiles {
  const isLookedAt = new Uint8Array(order.length);
  for (const session of sessions) isLookedAt[session] = 1;
  const others: number[] = [];
  for (let place = 0; place < order.length; place++) {
    if (isLookedAt[order[place] as number] === 1) others.push((to[place] as number) - (from[place] as number) - 1);
  }
  return quantilesOf(others);
}

function quantilesOf(values: ArrayLike<number>): Quantiles {
  const known = Float64Array.from(values).filter((value) => !Number.isNaN(value));
  const at = (q: number): number => quantile(known, 0, known.length, q);
  return { q10: at(0.1), q50: at(0.5), q75: at(0.75), q90: at(0.9) };
}
