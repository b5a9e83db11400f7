import type { SessionTable } from "../event-store.js";
import { type Codes, userOf } from "./event-table.js";

/** A column of a derived table. */
export type SessionColumn = {
  readonly name: string;
} & (
  | {
      readonly kind: "text";
      /** (rows), 0 = missing */
      readonly codes: Codes;
      /** The text of a code, from 1. */
      readonly text: (code: number) => string;
    }
  /** Float64Array(rows), NaN = missing; moments are in ms since the epoch */
  | { readonly kind: "number" | "time"; readonly values: Float64Array }
  /** Uint8Array(rows): 0 = missing, 1 = false, 2 = true */
  | { readonly kind: "boolean"; readonly values: Uint8Array }
);

/** Columns with a value per session, to be written to a file. */
export interface DerivedTable {
  readonly rows: number;
  readonly columns: readonly SessionColumn[];
}

/** Values of a boolean column. */
export const MISSING = 0;
/** False */
export const FALSE = 1;
/** True */
export const TRUE = 2;

/** Uint32Array, ascending: the sessions that start in a half-open window, ms. O(sessions). */
export function sessionsFrom({ sessions, starts }: SessionTable, fromMs: number, toMs: number): Uint32Array {
  const out = new Uint32Array(sessions);
  let count = 0;
  for (let session = 0; session < sessions; session++) {
    const start = starts[session] as number;
    if (start >= fromMs && start < toMs) out[count++] = session;
  }
  return out.subarray(0, count);
}

/**
 * What names each session: `user` (where the data have users), `session`, and when it started, `start`.
 * @param rows - Uint32Array, sessions
 */
export function identityColumns(table: SessionTable, rows: Uint32Array): SessionColumn[] {
  const { idOf, userIdOf } = table.ids();
  const users: SessionColumn = {
    name: "user",
    kind: "text",
    codes: rows.map((session) => userOf(table, session) + 1),
    text: (code) => userIdOf(table.userOffsets[code - 1] as number),
  };
  const starts = Float64Array.from(rows, (session) => table.starts[session] as number);
  return [
    ...(table.hasUsers ? [users] : []),
    {
      name: "session",
      kind: "text",
      codes: rows.map((session) => session + 1),
      text: (code) => idOf(code - 1),
    },
    { name: "start", kind: "time", values: starts },
  ];
}

/** Columns with names of their own: of several with one name all but the first get a number. */
export function withUniqueNames(columns: readonly SessionColumn[]): SessionColumn[] {
  const taken = new Set<string>();
  return columns.map((column) => {
    let { name } = column;
    for (let count = 2; taken.has(name); count++) name = `${column.name}_${count}`;
    taken.add(name);
    return { ...column, name };
  });
}
