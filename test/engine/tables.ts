import type { EventTable, IdColumn, TableColumn, Value } from "../../engine/columns/event-table.js";
import { sharedCodes, sharedFloat64, sharedUint32 } from "../../engine/columns/shared.js";
import type { DataStatistics } from "../../planner/statistics.js";
import type { TokenRule } from "../../planner/study.js";
import { mapTokens, type TokenMap } from "../../planner/tokens.js";
import { noGrid } from "../planner/no-grid.js";

/** An event of a table in memory; values that are left out or null are missing. */
export interface TestEvent {
  readonly name: string;
  readonly time: number;
  readonly values?: Readonly<Record<string, Value | null>>;
}
/** Events in order. */
export type TestSession = readonly TestEvent[];
/** Sessions in order. */
export type TestUser = readonly TestSession[];

/** A column: what it holds, and whether once for an event or for a session (its first event's value then). */
export interface TestColumn {
  readonly name: string;
  readonly kind: "text" | "boolean" | "number" | "time";
  readonly grain: "event" | "session";
}

/** A study's F and M, and its history columns. */
export interface Reading {
  readonly ignore?: readonly string[];
  readonly rules?: readonly TokenRule[];
  readonly history?: DataStatistics["history"];
}

/** An event table of users in the order given; `attributes` are columns' names. */
export function tableOf(
  users: readonly TestUser[],
  columns: readonly TestColumn[],
  attributes: readonly string[] = [],
): EventTable {
  const sessions = users.flat();
  const events = sessions.flat();
  const names = [...new Set(events.map(({ name }) => name))].sort();
  const name = sharedCodes(events.length, names.length);
  name.set(events.map((event) => names.indexOf(event.name)));
  const time = sharedFloat64(events.length);
  time.set(events.map((event) => event.time));
  return {
    events: events.length,
    sessions: sessions.length,
    users: users.length,
    hasUsers: true,
    time,
    name,
    names,
    sessionOffsets: offsetsOf(sessions.map((session) => session.length)),
    userOffsets: offsetsOf(users.map((user) => user.length)),
    columns: columns.map((column) =>
      columnOf(column, column.grain === "event" ? events : sessions.map((session) => session[0] as TestEvent)),
    ),
    attributes: attributes.map((attribute) => {
      const spec = columns.find((column) => column.name === attribute) as TestColumn;
      const firsts = sessions.map((session) => session[0] as TestEvent);
      const column = columnOf({ ...spec, kind: spec.kind === "boolean" ? "boolean" : "text" }, firsts);
      if (column.kind !== "coded") throw new TypeError("attributes are coded");
      return { name: attribute, codes: column.codes, dictionary: column.dictionary };
    }),
    sessionIds: idsOf(sessions.map((_, session) => `s${session}`)),
    userIds: idsOf(users.map((_, user) => `u${user}`)),
  };
}

function offsetsOf(lengths: readonly number[]): Uint32Array {
  const offsets = sharedUint32(lengths.length + 1);
  for (const [at, length] of lengths.entries()) offsets[at + 1] = (offsets[at] as number) + length;
  return offsets;
}

function columnOf({ name, kind, grain }: TestColumn, events: readonly TestEvent[]): TableColumn {
  const values = events.map((event) => event.values?.[name] ?? null);
  if (kind === "number" || kind === "time") {
    const numbers = sharedFloat64(values.length);
    numbers.set(values.map((value) => (value === null ? Number.NaN : Number(value))));
    return { kind: "numeric", name, grain, values: numbers, type: kind };
  }
  const dictionary = [...new Set(values.filter((value) => value !== null))].sort();
  const codes = sharedCodes(values.length, dictionary.length);
  codes.set(values.map((value) => (value === null ? 0 : dictionary.indexOf(value) + 1)));
  return { kind: "coded", name, grain, codes, dictionary };
}

function idsOf(ids: readonly string[]): IdColumn {
  const parts = ids.map((id) => Buffer.from(id));
  return {
    bytes: Buffer.concat(parts),
    offsets: offsetsOf(parts.map((part) => part.length)),
  };
}

/** The tokens of a table's events. */
export function tokensOf(table: EventTable, { ignore = [], rules = [] }: Reading): TokenMap {
  return mapTokens(table.names, rules, ignore, (name) => {
    const column = table.columns.find((candidate) => candidate.name === name);
    return column?.kind === "coded" ? column.dictionary : undefined;
  });
}

/** What the planner is told of a table. */
export function statisticsOf(table: EventTable, tokens: TokenMap, reading: Reading = {}): DataStatistics {
  return {
    events: table.events,
    sessions: table.sessions,
    users: table.users,
    hasUsers: table.hasUsers,
    names: table.names,
    tokens: tokens.tokens,
    columns: table.columns.map((column) =>
      column.kind === "coded"
        ? { kind: "coded", name: column.name, grain: column.grain, dictionary: column.dictionary }
        : { kind: "numeric", name: column.name, grain: column.grain, type: column.type },
    ),
    attributes: table.attributes.map(({ name }) => name),
    history: reading.history ?? { firstSeen: null, sessions: null },
    ...noGrid,
    from: Number.NaN,
    to: Number.NaN,
  };
}
