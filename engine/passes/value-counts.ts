import type { Codes } from "../columns/event-table.js";

/** Counting the values of a column by event name, over a range of sessions. */
export interface ValueCountsInput {
  /** (N) */
  readonly name: Codes;
  readonly names: number;
  readonly sessionOffsets: Uint32Array;
  readonly start: number;
  readonly end: number;
  readonly column: CountedColumn;
}

/** What is counted: codes as they are, or numbers as long as there are few. */
export type CountedColumn =
  | { readonly kind: "coded"; readonly grain: "event" | "session"; readonly codes: Codes; readonly width: number }
  | {
      readonly kind: "numeric";
      readonly grain: "event" | "session";
      readonly values: Float64Array;
      readonly most: number;
    };

/** Counts of values by event name; null: more values than asked for. */
export interface ValueCounts {
  /** Numbers in the order of their first event; null: the column's own codes, 0 = missing. */
  readonly values: readonly number[] | null;
  /** Uint32Array(names × width), width one more than the values: 0 = missing */
  readonly counts: Uint32Array;
}

/** Counts a column's values by event name. O(events). */
export function countValues(input: ValueCountsInput): ValueCounts | null {
  const { column } = input;
  if (column.kind === "coded")
    return { values: null, counts: countCodes(input, column.codes, column.grain, column.width) };
  const coded = codeNumbers(input, column.values, column.grain, column.most);
  if (coded === null) return null;
  return {
    values: coded.values,
    counts: countCodes(input, coded.codes, column.grain, coded.values.length + 1, coded.first),
  };
}

/** @param first - place of the column that `codes` begins with */
function countCodes(
  { name, names, sessionOffsets, start, end }: ValueCountsInput,
  codes: Codes,
  grain: "event" | "session",
  width: number,
  first = 0,
): Uint32Array {
  const counts = new Uint32Array(names * width);
  if (grain === "event") {
    const to = sessionOffsets[end] as number;
    for (let at = sessionOffsets[start] as number; at < to; at++) {
      const counter = (name[at] as number) * width + (codes[at - first] as number);
      counts[counter] = (counts[counter] as number) + 1;
    }
    return counts;
  }
  for (let session = start; session < end; session++) {
    const code = codes[session - first] as number;
    const to = sessionOffsets[session + 1] as number;
    for (let at = sessionOffsets[session] as number; at < to; at++) {
      const counter = (name[at] as number) * width + code;
      counts[counter] = (counts[counter] as number) + 1;
    }
  }
  return counts;
}

/** The numbers of a range of sessions as codes, or null where they are too many to be a matter of values. */
function codeNumbers(
  { sessionOffsets, start, end }: ValueCountsInput,
  values: Float64Array,
  grain: "event" | "session",
  most: number,
): { readonly values: number[]; readonly codes: Uint16Array; readonly first: number } | null {
  const first = grain === "event" ? (sessionOffsets[start] as number) : start;
  const to = grain === "event" ? (sessionOffsets[end] as number) : end;
  const codes = new Uint16Array(to - first);
  const found: number[] = [];
  const codeOf = new Map<number, number>();
  let [last, lastCode] = [Number.NaN, 0];
  for (let at = first; at < to; at++) {
    const value = values[at] as number;
    if (Number.isNaN(value)) continue;
    if (value !== last) {
      const known = codeOf.get(value);
      if (known === undefined && found.length === most) return null;
      last = value;
      lastCode = known ?? found.push(value);
      codeOf.set(value, lastCode);
    }
    codes[at - first] = lastCode;
  }
  return { values: found, codes, first };
}
