import { rmSync } from "node:fs";
import { collectGarbage } from "./collect-garbage.js";
import {
  type Codes,
  type IdColumn,
  idText,
  type NumericColumn,
  type SessionAttribute,
  type TableColumn,
  userOf,
  type Value,
} from "./columns/event-table.js";
import { sharedCodes, sharedFloat64 } from "./columns/shared.js";
import type { ColumnInfo, EventPart, EventStore, PartRange, SessionIds, SessionTable } from "./event-store.js";
import type { WorkerPool } from "./pool.js";
import { readRange, readStored, type StoredFile } from "./stored.js";

/** What a part's file holds: its columns as they were laid out, and its ids. */
export interface StoredPart {
  readonly part: EventPart;
  readonly sessionIds: IdColumn | null;
  readonly userIds: IdColumn;
}

/** A run's events on disk, and in memory what is known of every session. */
export interface PartedEvents {
  readonly folder: string;
  readonly files: readonly StoredFile[];
  readonly ranges: readonly PartRange[];
  /** Of all parts together: a column is per session where it is in all of them, and numbers may have become codes. */
  readonly columns: readonly ColumnInfo[];
  readonly sessions: Omit<SessionTable, "idOf" | "userIdOf" | "ids" | "columns">;
}

/** The events of a run on disk, in parts that are read one at a time. */
export class PartedStore implements EventStore {
  readonly sessions: SessionTable;
  readonly table: null = null;
  readonly parts: readonly PartRange[];
  readonly #events: PartedEvents;
  readonly #pool: WorkerPool;
  #whole: Promise<EventPart> | null = null;
  #last: { readonly index: number; readonly part: Promise<EventPart> } | null = null;

  constructor(events: PartedEvents, pool: WorkerPool) {
    this.#events = events;
    this.#pool = pool;
    this.parts = events.ranges;
    this.sessions = {
      ...events.sessions,
      columns: events.columns,
      idOf: (session) => this.#idOf(session),
      userIdOf: (session) => this.#userIdOf(session),
      ids: () => this.#ids(),
    };
  }

  /** Reads a part, unless it is the one that was read last; callers let go of that first, or both are in memory. */
  part(index: number): Promise<EventPart> {
    if (this.#last?.index !== index) {
      this.#last = null;
      collectGarbage("all");
      this.#last = { index, part: this.#read(index) };
    }
    return this.#last.part;
  }

  /** Brings all parts together, once. */
  whole(): Promise<EventPart> {
    this.#whole ??= this.#join();
    return this.#whole;
  }

  /** The first users alone. */
  first(users: number): EventStore {
    const { sessions: all, ranges } = this.#events;
    const sessions = all.userOffsets[users] ?? 0;
    const events = all.sessionOffsets[sessions] ?? 0;
    return new PartedStore(
      {
        ...this.#events,
        ranges: ranges
          .filter(({ userStart }) => userStart < users)
          .map((range) => ({
            ...range,
            userEnd: Math.min(range.userEnd, users),
            sessionEnd: Math.min(range.sessionEnd, sessions),
            eventEnd: Math.min(range.eventEnd, events),
          })),
        sessions: {
          ...all,
          events,
          sessions,
          users,
          sessionOffsets: all.sessionOffsets.subarray(0, sessions + 1),
          userOffsets: all.userOffsets.subarray(0, users + 1),
          starts: all.starts.subarray(0, sessions),
          ends: all.ends.subarray(0, sessions),
          entry: all.entry.subarray(0, sessions),
          attributes: all.attributes.map((attribute) => ({
            ...attribute,
            codes: attribute.codes.subarray(0, sessions),
          })),
        },
      },
      this.#pool,
    );
  }

  /** Removes the folder. */
  close(): void {
    this.#last = null;
    this.#whole = null;
    removeParts(this.#events.folder);
  }

  #range(index: number): PartRange {
    return this.#events.ranges[index] as PartRange;
  }

  #file(index: number): StoredFile {
    return this.#events.files[index] as StoredFile;
  }

  async #read(index: number): Promise<EventPart> {
    const file = this.#file(index);
    const { part: header } = file.header as { readonly part: unknown };
    const stored = (await readStored({ ...file, header }, this.#pool)) as EventPart;
    const range = this.#range(index);
    const sessions = range.sessionEnd - range.sessionStart;
    const events = range.eventEnd - range.eventStart;
    // fewer than were stored where a sample ends within the part
    const sessionOffsets = stored.sessionOffsets.subarray(0, sessions + 1);
    return {
      time: stored.time.subarray(0, events),
      name: stored.name.subarray(0, events),
      sessionOffsets,
      userOffsets: stored.userOffsets.subarray(0, range.userEnd - range.userStart + 1),
      columns: stored.columns.map((column, at) => {
        const info = this.#events.columns[at] as ColumnInfo;
        const cut = cutColumn(column, column.grain === "event" ? events : sessions);
        const coded = info.kind === "coded" && cut.kind === "numeric" ? codedBy(cut, info.dictionary) : cut;
        return coded.grain === info.grain ? coded : toEvents(coded, sessionOffsets);
      }),
    };
  }

  async #join(): Promise<EventPart> {
    const { events, sessions, names, sessionOffsets, userOffsets, columns } = this.sessions;
    const whole: EventPart = {
      time: sharedFloat64(events),
      name: sharedCodes(events, Math.max(0, names.length - 1)),
      sessionOffsets,
      userOffsets,
      columns: columns.map((column): TableColumn => {
        const length = column.grain === "event" ? events : sessions;
        return column.kind === "coded"
          ? { ...column, codes: sharedCodes(length, column.dictionary.length) }
          : { ...column, values: sharedFloat64(length) };
      }),
    };
    for (const [index, { eventStart, sessionStart }] of this.parts.entries()) {
      const part = await this.part(index);
      whole.time.set(part.time, eventStart);
      whole.name.set(part.name, eventStart);
      for (const [at, column] of part.columns.entries()) {
        const into = whole.columns[at] as TableColumn;
        const start = column.grain === "event" ? eventStart : sessionStart;
        if (column.kind === "coded" && into.kind === "coded") into.codes.set(column.codes, start);
        else if (column.kind === "numeric" && into.kind === "numeric") into.values.set(column.values, start);
      }
    }
    this.#last = null;
    return whole;
  }

  /** Brings all ids into memory. O(sessions). */
  #ids(): SessionIds {
    const parts = this.parts.map((_, index) => {
      const file = this.#file(index);
      const { userIds, sessionIds } = file.header as StoredPart;
      return { users: idsIn(file, userIds), sessions: sessionIds === null ? null : idsIn(file, sessionIds) };
    });
    const partOf = (session: number): number => this.parts.findIndex(({ sessionEnd }) => session < sessionEnd);
    const userIdOf = (session: number): string => {
      const part = partOf(session);
      return idText(
        (parts[part] as (typeof parts)[number]).users,
        userOf(this.sessions, session) - this.#range(part).userStart,
      );
    };
    const idOf = (session: number): string => {
      const part = partOf(session);
      const own = (parts[part] as (typeof parts)[number]).sessions;
      return own === null
        ? this.#numbered(session, userIdOf(session))
        : idText(own, session - this.#range(part).sessionStart);
    };
    return { idOf, userIdOf };
  }

  /** The id of a session that was cut by inactivity. */
  #numbered(session: number, user: string): string {
    const first = this.sessions.userOffsets[userOf(this.sessions, session)] as number;
    return `${user}#${session - first + 1}`;
  }

  #idOf(session: number): string {
    const index = this.parts.findIndex(({ sessionEnd }) => session < sessionEnd);
    const range = this.#range(index);
    const file = this.#file(index);
    const { sessionIds } = file.header as StoredPart;
    if (sessionIds !== null) return idOf(file, sessionIds, session - range.sessionStart);
    return this.#numbered(session, this.#userIdOf(session));
  }

  #userIdOf(session: number): string {
    const index = this.parts.findIndex(({ sessionEnd }) => session < sessionEnd);
    const file = this.#file(index);
    const user = userOf(this.sessions, session) - this.#range(index).userStart;
    return idOf(file, (file.header as StoredPart).userIds, user);
  }
}

/** Removes a run's folder. Threads that an interrupt has not ended yet may still be writing to it. */
export function removeParts(folder: string): void {
  rmSync(folder, { recursive: true, force: true, maxRetries: 10, retryDelay: 50 });
}

function cutColumn(column: TableColumn, length: number): TableColumn {
  return column.kind === "coded"
    ? { ...column, codes: column.codes.subarray(0, length) }
    : { ...column, values: column.values.subarray(0, length) };
}

/** Numbers as codes into values that are known. */
function codedBy({ name, grain, values }: NumericColumn, dictionary: readonly Value[]): TableColumn {
  return { kind: "coded", name, grain, codes: codesBy(values, dictionary), dictionary };
}

/** The code of each number, 0 = missing. O(values). */
export function codesBy(values: Float64Array, dictionary: readonly Value[]): Codes {
  const codeOf = new Map(dictionary.map((value, index) => [value, index + 1]));
  const codes = sharedCodes(values.length, dictionary.length);
  for (let at = 0; at < values.length; at++) codes[at] = codeOf.get(values[at] as number) ?? 0;
  return codes;
}

/** A column that is constant within the sessions of its part, and not of all. */
function toEvents(column: TableColumn, sessionOffsets: Uint32Array): TableColumn {
  const sessions = sessionOffsets.length - 1;
  const events = sessionOffsets[sessions] as number;
  if (column.kind === "coded") {
    const codes = sharedCodes(events, column.dictionary.length);
    for (let session = 0; session < sessions; session++) {
      codes.fill(column.codes[session] as number, sessionOffsets[session], sessionOffsets[session + 1]);
    }
    return { ...column, grain: "event", codes };
  }
  const values = sharedFloat64(events);
  for (let session = 0; session < sessions; session++) {
    values.fill(column.values[session] as number, sessionOffsets[session], sessionOffsets[session + 1]);
  }
  return { ...column, grain: "event", values };
}

function idOf(file: StoredFile, { bytes, offsets }: IdColumn, index: number): string {
  const [from = 0, to = 0] = readRange(file, offsets, index, index + 2);
  return Buffer.from(readRange(file, bytes, from, to).slice()).toString("utf8");
}

/** The ids of a part, in memory. */
function idsIn(file: StoredFile, { bytes, offsets }: IdColumn): IdColumn {
  return {
    bytes: readRange(file, bytes, 0, bytes.length) as Uint8Array,
    offsets: readRange(file, offsets, 0, offsets.length) as Uint32Array,
  };
}

/** A static attribute whose values came part by part. */
export function attributeOf(
  name: string,
  parts: readonly (Codes | Float64Array)[],
  sessions: number,
  dictionary: readonly Value[],
): SessionAttribute {
  const codes = sharedCodes(sessions, dictionary.length);
  let at = 0;
  for (const part of parts) {
    codes.set(part instanceof Float64Array ? codesBy(part, dictionary) : part, at);
    at += part.length;
  }
  return { name, codes, dictionary };
}
