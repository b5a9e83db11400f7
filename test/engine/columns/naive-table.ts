import fc from "fast-check";
import {
  type EventTable,
  idText,
  sessionId,
  type TableColumn,
  type Value,
} from "../../../engine/columns/event-table.js";
import { hashBytes } from "../../../kernels/byte-hash.js";

/** A row of a file; null = missing. */
export interface Row {
  readonly user: string | null;
  readonly session: string | null;
  readonly time: number | null;
  readonly event: string | null;
  readonly values: readonly (Value | null)[];
}

/** What the data have. */
export interface Shape {
  readonly hasUsers: boolean;
  /** False: sessions are cut at inactivity longer than `gapMs`. */
  readonly hasSessions: boolean;
  readonly gapMs: number;
}

/** A session with its rows in order. */
export interface Session {
  readonly user: string;
  readonly id: string;
  readonly rows: readonly {
    readonly time: number;
    readonly event: string;
    readonly values: readonly (Value | null)[];
  }[];
}

/** What the event table has to be, by definition. */
export interface Expected {
  /** In table order. */
  readonly sessions: readonly Session[];
  readonly dropped: { time: number; event: number; user: number; session: number };
}

/** Rows by user in the order of the id's hash, session start, time; ties as they stand. */
export function expectedOf(rows: readonly Row[], { hasUsers, hasSessions, gapMs }: Shape): Expected {
  const dropped = { time: 0, event: 0, user: 0, session: 0 };
  const sessions = new Map<string, { user: string; id: string; rows: (Session["rows"][number] & { at: number })[] }>();
  for (const [at, { user, session, time, event, values }] of rows.entries()) {
    if (time === null) dropped.time++;
    else if (event === null) dropped.event++;
    else if (hasUsers && user === null) dropped.user++;
    else if (hasSessions && session === null) dropped.session++;
    else {
      const owner = (hasUsers ? user : session) as string;
      const id = (hasSessions ? session : user) as string;
      const key = JSON.stringify([owner, id]);
      const own = sessions.get(key) ?? { user: owner, id, rows: [] };
      sessions.set(key, own);
      own.rows.push({ time, event, values, at });
    }
  }
  for (const { rows: own } of sessions.values()) own.sort((a, b) => a.time - b.time || a.at - b.at);
  const ordered = [...sessions.values()].sort(
    (a, b) => byHash(a.user, b.user) || a.rows[0]!.time - b.rows[0]!.time || a.rows[0]!.at - b.rows[0]!.at,
  );
  const cut = hasSessions
    ? ordered
    : ordered.flatMap(({ user, rows: own }) => {
        const starts = [...own.keys()].filter((at) => at === 0 || own[at]!.time - own[at - 1]!.time > gapMs);
        return starts.map((start, index) => ({
          user,
          id: `${user}#${index + 1}`,
          rows: own.slice(start, starts[index + 1]),
        }));
      });
  return {
    sessions: cut.map(({ user, id, rows: own }) => ({
      user,
      id,
      rows: own.map(({ time, event, values }) => ({ time, event, values })),
    })),
    dropped,
  };
}

function byHash(a: string, b: string): number {
  return hashOf(a) - hashOf(b) || Buffer.compare(Buffer.from(a), Buffer.from(b));
}

function hashOf(id: string): number {
  const bytes = Buffer.from(id);
  return hashBytes(new DataView(bytes.buffer, bytes.byteOffset, bytes.length), 0, bytes.length) >>> 0;
}

/** Whether every session has one value (or none) in a column. */
export function isPerSession(sessions: readonly Session[], column: number): boolean {
  return sessions.every(({ rows }) => rows.every(({ values }) => Object.is(values[column], rows[0]!.values[column])));
}

/** The sessions of a table as data, ids and values decoded. */
export function sessionsOf(table: EventTable): Session[] {
  const sessions: Session[] = [];
  for (let user = 0; user + 1 < table.userOffsets.length; user++) {
    for (let session = table.userOffsets[user]!; session < table.userOffsets[user + 1]!; session++) {
      const rows = [];
      for (let at = table.sessionOffsets[session]!; at < table.sessionOffsets[session + 1]!; at++) {
        const values = table.columns.map((column) => valueAt(column, at, session));
        rows.push({ time: table.time[at]!, event: table.names[table.name[at]!]!, values });
      }
      sessions.push({ user: idText(table.userIds, user), id: sessionId(table, session), rows });
    }
  }
  return sessions;
}

/** A column's value, null = missing. */
export function valueAt(column: TableColumn, position: number, session: number): Value | null {
  const at = column.grain === "event" ? position : session;
  if (column.kind === "numeric") return Number.isNaN(column.values[at]!) ? null : column.values[at]!;
  return column.codes[at] === 0 ? null : column.dictionary[column.codes[at]! - 1]!;
}

/** Names of the columns of `rows`, with what they hold. */
export const columnNames = ["plan", "size", "beta"] as const;

/**
 * Rows with ties in time, missing cells, sessions out of order, and session ids that several users share. `plan` is text,
 * `size` numbers, `beta` booleans; some runs have values that are constant within a session.
 */
export const rowsArbitrary: fc.Arbitrary<Row[]> = fc.boolean().chain((constant) => {
  const plan = fc.constantFrom("free", "pro", 'x "y", z', "œuvre", null);
  const size = fc.constantFrom(-1, 0, 2.5, 7, null);
  const beta = fc.constantFrom(true, false, null);
  const cell = (values: fc.Arbitrary<string>) => fc.option(values, { nil: null, freq: 12 });
  return fc
    .array(
      fc.record({
        user: cell(fc.constantFrom("u1", "u2", "ü3", "4")),
        session: cell(fc.constantFrom("1", "2", "s 3")),
        time: fc.option(fc.integer({ min: 0, max: 12 }), { nil: null, freq: 12 }),
        event: cell(fc.constantFrom("open", "Öffnen", "a,b", "close", "404")),
        values: fc.tuple(plan, size, beta),
      }),
      { maxLength: 40 },
    )
    .map((rows) =>
      constant
        ? rows.map((row) => {
            const first = rows.find(({ user, session }) => user === row.user && session === row.session)!;
            return { ...row, values: [first.values[0], first.values[1], row.values[2]] };
          })
        : rows,
    );
});

/** Users and sessions, sessions alone, users alone. */
export const shapeArbitrary: fc.Arbitrary<Shape> = fc
  .record({
    hasUsers: fc.boolean(),
    hasSessions: fc.boolean(),
    gapMs: fc.constantFrom(0, 1, 3),
  })
  .map((shape) => (shape.hasUsers || shape.hasSessions ? shape : { ...shape, hasSessions: true }));
