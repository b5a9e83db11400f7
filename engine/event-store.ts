import {
  type Codes,
  type EventTable,
  firstUsers,
  idText,
  type SessionAttribute,
  sessionId,
  type TableColumn,
  userOf,
  type Value,
} from "./columns/event-table.js";
import { sharedCodes, sharedFloat64 } from "./columns/shared.js";
import { findMoments, type SessionMoments } from "./passes/moments.js";
import type { WorkerPool } from "./pool.js";

/** What is known of a column without its values. */
export type ColumnInfo =
  | {
      readonly kind: "coded";
      readonly name: string;
      readonly grain: "event" | "session";
      readonly dictionary: readonly Value[];
    }
  | {
      readonly kind: "numeric";
      readonly name: string;
      readonly grain: "event" | "session";
      readonly type: "number" | "time";
    };

/**
 * The event table without its events: all that is left to read once a plan is evaluated. A run that holds its events in parts has
 * this in memory and nothing more, so what takes a `SessionTable` cannot need them.
 */
export interface SessionTable {
  /** N */
  readonly events: number;
  /** S */
  readonly sessions: number;
  /** U */
  readonly users: number;
  readonly hasUsers: boolean;
  readonly names: readonly string[];
  /** Uint32Array(S + 1), CSR: session s is events [sessionOffsets[s], sessionOffsets[s + 1]) */
  readonly sessionOffsets: Uint32Array;
  /** Uint32Array(U + 1), CSR: user u is sessions [userOffsets[u], userOffsets[u + 1]) */
  readonly userOffsets: Uint32Array;
  /** Float64Array(S), ms since the epoch: the first event of each session */
  readonly starts: Float64Array;
  /** Float64Array(S), ms since the epoch: the last event of each session */
  readonly ends: Float64Array;
  /** (S), index into `names`: the first event of each session */
  readonly entry: Codes;
  readonly columns: readonly ColumnInfo[];
  readonly attributes: readonly SessionAttribute[];
  /** A session's id as text. */
  readonly idOf: (session: number) => string;
  /** The id of a session's user as text. */
  readonly userIdOf: (session: number) => string;
  /** The same of all sessions, from memory: also once what is on disk is removed. */
  readonly ids: () => SessionIds;
}

/** Ids of sessions and of their users as texts. */
export type SessionIds = Pick<SessionTable, "idOf" | "userIdOf">;

/** A range of users with their sessions and events, counted over the whole table. */
export interface PartRange {
  readonly userStart: number;
  readonly userEnd: number;
  readonly sessionStart: number;
  readonly sessionEnd: number;
  readonly eventStart: number;
  readonly eventEnd: number;
}

/** The columns of a part; users, sessions and events are counted from its own first. */
export type EventPart = Pick<EventTable, "time" | "name" | "sessionOffsets" | "userOffsets" | "columns">;

/** The events of a run, in memory as one table or on disk in parts. */
export interface EventStore {
  readonly sessions: SessionTable;
  /** The table, where it is in memory. */
  readonly table: EventTable | null;
  /** Ranges of users, one after the other; one where the table is in memory. */
  readonly parts: readonly PartRange[];
  /** The columns of a part; valid until another is asked for. */
  readonly part: (index: number) => Promise<EventPart>;
  /** All events as one part, for what goes from one user to any other; brought into memory where they are not. */
  readonly whole: () => Promise<EventPart>;
  /** The first users alone. */
  readonly first: (users: number) => EventStore;
  /** Removes what is on disk. */
  readonly close: () => void;
}

/**
 * A table in memory as a store, or the store itself. O(sessions).
 * @param moments - of the table's sessions, where they are known
 */
export function storeOf(data: EventTable | EventStore, moments?: SessionMoments): EventStore {
  if (!("time" in data)) return data;
  const { events, sessions, users } = data;
  const range = {
    userStart: 0,
    userEnd: users,
    sessionStart: 0,
    sessionEnd: sessions,
    eventStart: 0,
    eventEnd: events,
  };
  return {
    sessions: sessionTableOf(data, moments ?? sessionMoments(data, data.names.length)),
    table: data,
    parts: [range],
    part: () => Promise.resolve(data),
    whole: () => Promise.resolve(data),
    first: (count) => storeOf(firstUsers(data, count)),
    close: () => {},
  };
}

function sessionTableOf(table: EventTable, moments: SessionMoments): SessionTable {
  const { events, sessions, users, hasUsers, names, sessionOffsets, userOffsets, columns, attributes } = table;
  const ids: SessionIds = {
    idOf: (session) => sessionId(table, session),
    userIdOf: (session) => idText(table.userIds, userOf(table, session)),
  };
  return {
    events,
    sessions,
    users,
    hasUsers,
    names,
    sessionOffsets,
    userOffsets,
    ...moments,
    columns: columns.map(infoOf),
    attributes,
    ...ids,
    ids: () => ids,
  };
}

/** When sessions start and end, and with what. O(sessions). */
export function sessionMoments(
  { time, name, sessionOffsets }: Pick<EventTable, "time" | "name" | "sessionOffsets">,
  names: number,
): SessionMoments {
  const sessions = sessionOffsets.length - 1;
  const out = emptyMoments(sessions, names);
  findMoments({ time, name, sessionOffsets, start: 0, end: sessions, out });
  return out;
}

/** The same, on all threads. */
export async function sharedMoments(table: EventTable, pool: WorkerPool): Promise<SessionMoments> {
  const { time, name, names, sessionOffsets, sessions } = table;
  const out = emptyMoments(sessions, names.length);
  const share = Math.ceil(sessions / pool.threads);
  const inputs = Array.from({ length: pool.threads }, (_, thread) => ({
    time,
    name,
    sessionOffsets,
    start: Math.min(sessions, thread * share),
    end: Math.min(sessions, (thread + 1) * share),
    out,
  }));
  await pool.runAll("moments", inputs, (index) => `sessions from ${inputs[index]?.start ?? 0}`);
  return out;
}

function emptyMoments(sessions: number, names: number): SessionMoments {
  return {
    starts: sharedFloat64(sessions),
    ends: sharedFloat64(sessions),
    entry: sharedCodes(sessions, Math.max(0, names - 1)),
  };
}

function infoOf(column: TableColumn): ColumnInfo {
  const { name, grain } = column;
  return column.kind === "coded"
    ? { kind: "coded", name, grain, dictionary: column.dictionary }
    : { kind: "numeric", name, grain, type: column.type };
}
