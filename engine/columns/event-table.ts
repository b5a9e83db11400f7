/**
 * The event table: the columns of all events, sorted by user, session start, time; stable in input order.
 *
 * Structure of arrays on SharedArrayBuffers. Sessions of a user are adjacent and ascending by start; users stand in the
 * order of a hash of their id, so that neither the order of the files nor the number of threads shows.
 */

/** Dictionary codes in the narrowest type that holds them. */
export type Codes = Uint8Array | Uint16Array | Uint32Array;

/** What a dictionary holds. */
export type Value = string | number | boolean;

/** A column of few distinct values. */
export interface CodedColumn {
  readonly kind: "coded";
  readonly name: string;
  /** `session`: constant within every session, stored once per session. */
  readonly grain: "event" | "session";
  /** (events | sessions), 0 = missing, else index into `dictionary` plus one */
  readonly codes: Codes;
  /** Ascending: numbers by value, text by UTF-16 unit. */
  readonly dictionary: readonly Value[];
}

/** A column of numbers. */
export interface NumericColumn {
  readonly kind: "numeric";
  readonly name: string;
  readonly grain: "event" | "session";
  /** (events | sessions), NaN = missing */
  readonly values: Float64Array;
  /** Moments are in ms since the epoch. */
  readonly type: "number" | "time";
}

/** An attribute or measure of the event table. */
export type TableColumn = CodedColumn | NumericColumn;

/**
 * A static attribute: its value in each session's first event, whatever its column's type and grain. Cohorts are made of
 * these.
 */
export interface SessionAttribute {
  readonly name: string;
  /** (S), 0 = missing, else index into `dictionary` plus one */
  readonly codes: Codes;
  readonly dictionary: readonly Value[];
}

/** Ids in the table's order. */
export interface IdColumn {
  /** UTF-8, one after the other: id i is `bytes[offsets[i], offsets[i + 1])`. */
  readonly bytes: Uint8Array;
  /** Uint32Array((S | U) + 1) */
  readonly offsets: Uint32Array;
}

/** See the head of this file. */
export interface EventTable {
  /** N */
  readonly events: number;
  /** S */
  readonly sessions: number;
  /** U; equal to S where the data have no user */
  readonly users: number;
  readonly hasUsers: boolean;
  /** Float64Array(N), ms since the epoch, ascending within a session */
  readonly time: Float64Array;
  /** (N), index into `names` */
  readonly name: Codes;
  /** Distinct event names, ascending by UTF-16 unit. */
  readonly names: readonly string[];
  /** Uint32Array(S + 1), CSR: session s is events [sessionOffsets[s], sessionOffsets[s + 1]) */
  readonly sessionOffsets: Uint32Array;
  /** Uint32Array(U + 1), CSR: user u is sessions [userOffsets[u], userOffsets[u + 1]) */
  readonly userOffsets: Uint32Array;
  readonly columns: readonly TableColumn[];
  readonly attributes: readonly SessionAttribute[];
  /** (S) ids; null where sessions were cut by inactivity: then an id is the user's, `#` and the session's index */
  readonly sessionIds: IdColumn | null;
  /** (U) ids; the session's where the data have no user */
  readonly userIds: IdColumn;
}

/** The table of the first users alone: views, no copies. O(columns). */
export function firstUsers(table: EventTable, users: number): EventTable {
  const sessions = table.userOffsets[users] ?? 0;
  const events = table.sessionOffsets[sessions] ?? 0;
  const sizeOf = (grain: "event" | "session"): number => (grain === "event" ? events : sessions);
  return {
    ...table,
    events,
    sessions,
    users,
    time: table.time.subarray(0, events),
    name: table.name.subarray(0, events),
    sessionOffsets: table.sessionOffsets.subarray(0, sessions + 1),
    userOffsets: table.userOffsets.subarray(0, users + 1),
    columns: table.columns.map((column) =>
      column.kind === "coded"
        ? { ...column, codes: column.codes.subarray(0, sizeOf(column.grain)) }
        : { ...column, values: column.values.subarray(0, sizeOf(column.grain)) },
    ),
    attributes: table.attributes.map((attribute) => ({ ...attribute, codes: attribute.codes.subarray(0, sessions) })),
  };
}

/** A session's id as text. */
export function sessionId(table: EventTable, session: number): string {
  if (table.sessionIds !== null) return idText(table.sessionIds, session);
  const user = userOf(table, session);
  return `${idText(table.userIds, user)}#${session - (table.userOffsets[user] as number) + 1}`;
}

/** The user who owns a session. O(log users). */
export function userOf({ userOffsets }: Pick<EventTable, "userOffsets">, session: number): number {
  let low = 0;
  let high = userOffsets.length - 1;
  while (high - low > 1) {
    const middle = (low + high) >>> 1;
    if ((userOffsets[middle] as number) <= session) low = middle;
    else high = middle;
  }
  return low;
}

/** An id as text. */
export function idText({ bytes, offsets }: IdColumn, index: number): string {
  return Buffer.from(bytes.slice(offsets[index], offsets[index + 1])).toString("utf8");
}
