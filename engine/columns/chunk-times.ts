import { packOffsets } from "../../kernels/pack-offsets.js";
import { decoderMemory } from "../sources/decoder-memory.js";
import type { Slab } from "./slab.js";

/** The times of a chunk's rows, in half the bytes where they are whole milliseconds within 49 days, as they mostly are. */
export type ChunkTimes =
  | {
      readonly kind: "offsets";
      readonly baseMs: number;
      /** Uint32Array(rows), ms after `baseMs` */
      readonly offsets: Uint32Array;
    }
  | {
      readonly kind: "moments";
      /** Float64Array(rows), ms since the epoch */
      readonly values: Float64Array;
    };

/**
 * Packs times without losing any bit of them. O(rows).
 * @param values - Float64Array(rows), ms since the epoch; -0 is 0
 * @param baseMs - the earliest of them
 */
export function packTimes(values: Float64Array, baseMs: number, memory: Slab): ChunkTimes {
  const offsets = memory.uint32(values.length);
  if (packOffsets(values, values.length, baseMs, offsets)) return { kind: "offsets", baseMs, offsets };
  const own = memory.float64(values.length);
  own.set(values);
  return { kind: "moments", values: own };
}

/**
 * As `packTimes`, of times that stand in the decoders' memory.
 * @param address - of `rows` times
 * @param moved - brings a value of so many bytes a row to its place, and tells where they then stand
 */
export function packTimesAt(
  address: number,
  rows: number,
  baseMs: number,
  memory: Slab,
  moved: (from: number, width: 4 | 8) => number,
): ChunkTimes {
  const decoder = decoderMemory();
  const packed = decoder.reserve("offsets", 4 * rows);
  if (decoder.kernels.packOffsets(address, rows, baseMs, packed) === 1) {
    const offsets = memory.uint32(rows);
    offsets.set(decoder.words(moved(packed, 4), rows));
    return { kind: "offsets", baseMs, offsets };
  }
  const values = memory.float64(rows);
  values.set(decoder.numbers(moved(address, 8), rows));
  return { kind: "moments", values };
}

/** Numbers in the order of their rows. O(rows). */
export function orderedValues(values: Float64Array, order: Uint32Array): Float64Array {
  const out = new Float64Array(order.length);
  for (let at = 0; at < order.length; at++) out[at] = values[order[at] as number] as number;
  return out;
}

/**
 * Writes times to their places. O(rows).
 * @param places - where the rows of each session begin in `out`
 */
export function scatterTimes(
  times: ChunkTimes,
  rowsOfSession: Uint32Array,
  places: Uint32Array,
  out: Float64Array,
): void {
  if (times.kind === "moments") scatterNumbers(times.values, rowsOfSession, places, out);
  else scatterOffsets(times.baseMs, times.offsets, rowsOfSession, places, out);
}

function scatterOffsets(
  baseMs: number,
  offsets: Uint32Array,
  rowsOfSession: Uint32Array,
  places: Uint32Array,
  out: Float64Array,
): void {
  let row = 0;
  for (let session = 0; session < places.length; session++) {
    let at = places[session] as number;
    for (const end = row + (rowsOfSession[session] as number); row < end; row++) {
      out[at++] = baseMs + (offsets[row] as number);
    }
  }
}

/** Writes numbers to their places, as `scatterTimes`. */
export function scatterNumbers(
  values: Float64Array,
  rowsOfSession: Uint32Array,
  places: Uint32Array,
  out: Float64Array,
): void {
  let row = 0;
  for (let session = 0; session < places.length; session++) {
    let at = places[session] as number;
    for (const end = row + (rowsOfSession[session] as number); row < end; row++) out[at++] = values[row] as number;
  }
}
