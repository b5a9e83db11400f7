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
 */
export function packTimesAt(address: number, rows: number, baseMs: number, memory: Slab): ChunkTimes {
  const decoder = decoderMemory();
  const packed = decoder.reserve("offsets", 4 * rows);
  if (decoder.kernels.packOffsets(address, rows, baseMs, packed) === 1) {
    const offsets = memory.uint32(rows);
    offsets.set(decoder.words(packed, rows));
    return { kind: "offsets", baseMs, offsets };
  }
  const values = memory.float64(rows);
  values.set(decoder.numbers(address, rows));
  return { kind: "moments", values };
}

/** The rows of numbers that are kept: the same array where all are. O(rows). */
export function keptValues(values: Float64Array, rows: number, kept: Uint32Array | null): Float64Array {
  if (kept === null) return values;
  const out = new Float64Array(rows);
  for (let row = 0; row < rows; row++) out[row] = values[kept[row] as number] as number;
  return out;
}

/** Writes times to their places. O(rows). */
export function scatterTimes(times: ChunkTimes, place: Uint32Array, rows: number, out: Float64Array): void {
  if (times.kind === "moments") {
    const { values } = times;
    for (let row = 0; row < rows; row++) out[place[row] as number] = values[row] as number;
    return;
  }
  const { baseMs, offsets } = times;
  for (let row = 0; row < rows; row++) out[place[row] as number] = baseMs + (offsets[row] as number);
}
