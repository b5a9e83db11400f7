import type { Visit } from "./calendar.js";
import { mix32 } from "./random.js";

/** What an event-level number is where the event has none. */
export const NO_NUMBER: number = -(2 ** 31);

/** Rows at which a batch is written: one Parquet row group. */
const FULL_ROWS = 131_072;
/** The most events of one session. */
const MOST_SESSION_EVENTS = 2_048;

/** A text column whose values are known beforehand. */
export interface TextColumn {
  readonly name: string;
  /** At most 255. */
  readonly values: readonly string[];
}

/** The columns of a service's file, in their order there: user, session, time, event, then these. */
export interface EventColumns {
  /** Names of events; at most 255. */
  readonly events: readonly string[];
  /** Text that belongs to single events and is missing elsewhere. */
  readonly eventTexts: readonly TextColumn[];
  /** 32-bit integers that belong to single events and are missing elsewhere. */
  readonly eventNumbers: readonly string[];
  /** Text that is constant in a session. */
  readonly attributes: readonly TextColumn[];
  /** Whether the file has `first_seen` and `visits_before`. */
  readonly history: boolean;
}

/**
 * Some thousands of sessions as columns: rows as they were simulated (session by session), and what their sessions share.
 */
export class EventBatch {
  readonly columns: EventColumns;
  /** Float64Array(capacity), ms since the epoch */
  readonly times: Float64Array = new Float64Array(FULL_ROWS + MOST_SESSION_EVENTS);
  /** Uint8Array(capacity), positions in `columns.events` */
  readonly events: Uint8Array = new Uint8Array(FULL_ROWS + MOST_SESSION_EVENTS);
  /** Uint32Array(capacity), the row's session in this batch */
  readonly sessionOfRow: Uint32Array = new Uint32Array(FULL_ROWS + MOST_SESSION_EVENTS);
  /** Per event text: Uint8Array(capacity), 0 = missing, else position in its values plus one */
  readonly eventTexts: readonly Uint8Array[];
  /** Per event number: Int32Array(capacity), `NO_NUMBER` = missing */
  readonly eventNumbers: readonly Int32Array[];
  /** Per attribute: Uint8Array(capacity) by session in this batch, position in its values */
  readonly attributes: readonly Uint8Array[];
  /** Uint32Array(capacity) by session in this batch */
  readonly users: Uint32Array = new Uint32Array(FULL_ROWS);
  /** Float64Array(capacity) by session in this batch, ms since the epoch */
  readonly firstSeen: Float64Array = new Float64Array(FULL_ROWS);
  /** Float64Array(capacity) by session in this batch */
  readonly visitsBefore: Float64Array = new Float64Array(FULL_ROWS);
  rows = 0;
  sessions = 0;
  /** Sessions of all batches before: a session's number in the run is this plus its number here. */
  firstSession = 0;
  /** Time of the event that comes next unless it waits longer. */
  private clockMs = 0;
  private readonly sortKeys = new Float64Array(FULL_ROWS + MOST_SESSION_EVENTS);
  private readonly order = new Uint32Array(FULL_ROWS + MOST_SESSION_EVENTS);

  constructor(columns: EventColumns) {
    this.columns = columns;
    this.eventTexts = columns.eventTexts.map(() => new Uint8Array(this.times.length));
    this.eventNumbers = columns.eventNumbers.map(() => new Int32Array(this.times.length).fill(NO_NUMBER));
    this.attributes = columns.attributes.map(() => new Uint8Array(FULL_ROWS));
  }

  /** Whether the batch is to be written before another session begins. */
  get full(): boolean {
    return this.rows >= FULL_ROWS;
  }

  /** Starts a session; its events follow. */
  begin(visit: Visit): void {
    this.users[this.sessions] = visit.userIdx;
    this.firstSeen[this.sessions] = visit.firstSeenMs;
    this.visitsBefore[this.sessions] = visit.visitsBefore;
    this.sessions++;
    this.clockMs = visit.startMs;
  }

  /** Sets an attribute of the session that was begun last. */
  attribute(column: number, value: number): void {
    (this.attributes[column] as Uint8Array)[this.sessions - 1] = value;
  }

  /** Adds an event of the session that was begun last, and lets `waitMs` (at least 1 ms) pass after it. */
  emit(event: number, waitMs: number): void {
    const row = this.rows++;
    this.times[row] = this.clockMs;
    this.events[row] = event;
    this.sessionOfRow[row] = this.sessions - 1;
    this.clockMs += Math.max(1, Math.floor(waitMs));
  }

  /** Gives the last event a text. */
  text(column: number, value: number): void {
    (this.eventTexts[column] as Uint8Array)[this.rows - 1] = value + 1;
  }

  /** Gives the last event a whole number. */
  number(column: number, value: number): void {
    (this.eventNumbers[column] as Int32Array)[this.rows - 1] = value;
  }

  /** Puts the next event at this time, or at the earliest later one. */
  advanceTo(ms: number): void {
    this.clockMs = Math.max(this.clockMs, Math.floor(ms));
  }

  /** Time of the next event, ms since the epoch. */
  get nowMs(): number {
    return this.clockMs;
  }

  /** Positions of all rows, by time and then as simulated. The array is used again by the next call. */
  byTime(): Uint32Array {
    const { times, sortKeys, order, rows } = this;
    let earliest = Number.POSITIVE_INFINITY;
    for (let row = 0; row < rows; row++) earliest = Math.min(earliest, times[row] as number);
    // Time since the earliest row (under 2^33 ms) and the row (under 2^18) share one exact double: a native sort of
    // numbers, several times faster than one with a comparison function.
    const keys = sortKeys.subarray(0, rows);
    for (let row = 0; row < rows; row++) keys[row] = ((times[row] as number) - earliest) * 2 ** 18 + row;
    keys.sort();
    for (let place = 0; place < rows; place++) order[place] = (keys[place] as number) % 2 ** 18;
    return order.subarray(0, rows);
  }

  /** Empties the batch; the next session's number goes on. */
  clear(): void {
    for (const text of this.eventTexts) text.fill(0, 0, this.rows);
    for (const number of this.eventNumbers) number.fill(NO_NUMBER, 0, this.rows);
    this.firstSession += this.sessions;
    this.rows = 0;
    this.sessions = 0;
  }
}

/** The id of a user as files have it. */
export function userName(userIdx: number): string {
  return `u${hex(mix32(userIdx ^ 0x5bd1e995))}`;
}

/** The id of a session as files have it. */
export function sessionName(sessionNumber: number): string {
  return `s${hex(mix32(sessionNumber ^ 0x1b873593))}`;
}

function hex(value: number): string {
  return (value >>> 0).toString(16).padStart(8, "0");
}

/** Writes events to an open file, which stays the caller's. */
export interface EventWriter {
  /** Comes before all batches. */
  begin(): Promise<void>;
  /** Writes a batch's rows in this order. */
  write(batch: EventBatch, order: Uint32Array): Promise<void>;
  /** Comes after all batches. */
  end(): Promise<void>;
}
