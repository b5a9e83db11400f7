import { asOfRow } from "../../kernels/as-of.js";
import type { AuxiliaryColumn, AuxiliaryTable } from "../columns/auxiliary-table.js";
import type { Value } from "../columns/event-table.js";
import { columnOf, type NumberSlot, type Partition, type TableView, type TextSlot } from "./partition.js";

/** The row of an auxiliary table that holds at an event, or -1. */
export type RowFinder = (position: number, session: number) => number;

/** Positions of a dictionary's values in another, found once per pair of dictionaries and thread. */
const places = new WeakMap<readonly Value[], WeakMap<readonly string[], Int32Array>>();

/** An auxiliary table's column at the start of each session. O(sessions × log rows). */
export function tableColumn(
  partition: Partition,
  tableName: string,
  columnName: string,
  type: "number" | "text",
): NumberSlot | TextSlot {
  const { table, sessionStart, sessionEnd } = partition;
  const auxiliary = auxiliaryOf(table, tableName);
  const column = auxiliaryColumnOf(auxiliary, columnName);
  const find = rowFinder(table, auxiliary);
  const row = (session: number): number => find(table.sessionOffsets[session] as number, session);
  if (type === "text") {
    if (column.kind !== "coded") throw new RangeError(`invalid column: ${columnName} holds numbers`);
    const codes = partition.buffers.codes();
    for (let session = sessionStart; session < sessionEnd; session++) {
      const at = row(session);
      codes[session - sessionStart] = at < 0 ? 0 : (column.codes[at] as number);
    }
    return { type: "text", codes, dictionary: column.dictionary };
  }
  const read = numbersOf(column);
  const values = partition.buffers.numbers();
  for (let session = sessionStart; session < sessionEnd; session++) {
    const at = row(session);
    values[session - sessionStart] = at < 0 ? Number.NaN : read(at);
  }
  return { type: "number", values, listed: null };
}

/**
 * Finds rows by key and time.
 * @throws RangeError when the plan names a column that was not read
 */
export function rowFinder(table: TableView, auxiliary: AuxiliaryTable): RowFinder {
  const { on, keys, keyOffsets, time, withinMs } = auxiliary;
  const parts = on.map(({ attribute, dictionary }) => placeFinder(table, attribute, dictionary));
  return (position, session) => {
    let key = 0;
    for (let part = 0; part < parts.length; part++) {
      const place = (parts[part] as RowFinder)(position, session);
      if (place < 0) return -1;
      key = key * (on[part] as AuxiliaryTable["on"][number]).dictionary.length + place;
    }
    const at = indexOfKey(keys, key);
    if (at < 0) return -1;
    const from = keyOffsets[at] as number;
    return asOfRow(time, from, keyOffsets[at + 1] as number, table.time[position] as number, withinMs);
  };
}

/** The value of an auxiliary column in the row that holds at an event; null: missing. */
export function auxiliaryValue(
  table: TableView,
  name: string,
): ((position: number, session: number) => Value | null) | null {
  for (const auxiliary of table.tables) {
    const column = auxiliary.columns.find((candidate) => `${auxiliary.name}.${candidate.name}` === name);
    if (column === undefined) continue;
    const find = rowFinder(table, auxiliary);
    if (column.kind === "coded") {
      const values = [null, ...column.dictionary];
      return (position, session) => {
        const row = find(position, session);
        return row < 0 ? null : (values[column.codes[row] as number] ?? null);
      };
    }
    return (position, session) => {
      const row = find(position, session);
      const value = row < 0 ? Number.NaN : (column.values[row] as number);
      return Number.isNaN(value) ? null : value;
    };
  }
  return null;
}

function auxiliaryOf({ tables }: TableView, name: string): AuxiliaryTable {
  const table = tables.find((candidate) => candidate.name === name);
  if (table === undefined) throw new RangeError(`unknown table: ${name}`);
  return table;
}

function auxiliaryColumnOf({ columns, name: table }: AuxiliaryTable, name: string): AuxiliaryColumn {
  const column = columns.find((candidate) => candidate.name === name);
  if (column === undefined) throw new RangeError(`unknown column: ${table}.${name}`);
  return column;
}

function numbersOf(column: AuxiliaryColumn): (row: number) => number {
  if (column.kind === "numeric") return (row) => column.values[row] as number;
  const numbers = Float64Array.from([Number.NaN, ...column.dictionary.map(Number)]);
  return (row) => numbers[column.codes[row] as number] as number;
}

/** The place in a dictionary of an attribute's value at an event, or -1. */
function placeFinder(table: TableView, attribute: string, dictionary: readonly string[]): RowFinder {
  const column = columnOf(table, attribute);
  const bySession = column.grain === "session";
  if (column.kind === "coded") {
    const placeOf = placesIn(column.dictionary, dictionary);
    const { codes } = column;
    return (position, session) => placeOf[codes[bySession ? session : position] as number] as number;
  }
  const placeOf = new Map(dictionary.map((value, place) => [Number(value), place]));
  const { values } = column;
  return (position, session) => placeOf.get(values[bySession ? session : position] as number) ?? -1;
}

/** By code: the place of its value in another dictionary, -1 where it is not there or missing. */
function placesIn(from: readonly Value[], to: readonly string[]): Int32Array {
  const known = places.get(from)?.get(to);
  if (known !== undefined) return known;
  const placeOf = new Map(to.map((value, place) => [value, place]));
  const found = Int32Array.from([-1, ...from.map((value) => placeOf.get(String(value)) ?? -1)]);
  const ofFrom = places.get(from) ?? new WeakMap<readonly string[], Int32Array>();
  places.set(from, ofFrom.set(to, found));
  return found;
}

function indexOfKey(keys: Float64Array, key: number): number {
  let low = 0;
  let high = keys.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((keys[middle] as number) < key) low = middle + 1;
    else high = middle;
  }
  return keys[low] === key ? low : -1;
}
