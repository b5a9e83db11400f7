import {
  hyperLogLogLength,
  markGrams,
  markParts,
  sketchGrams,
  sketchNumberedGrams,
} from "../../kernels/distinct-grams.js";

/** Counting the different k-grams of a range of sessions. */
export interface DistinctInput {
  /** Uint16Array, without events that are ignored */
  readonly symbols: Uint16Array;
  readonly sessionOffsets: Uint32Array;
  readonly start: number;
  readonly end: number;
  readonly alphabetSize: number;
  /** Ascending. */
  readonly lengths: readonly number[];
  /** Words of each length's bitmap; 0: a HyperLogLog instead */
  readonly bitmapWords: readonly number[];
}

/** Per length, a bitmap of grams (Uint32Array) or the registers of a HyperLogLog (Uint8Array); both merge. */
export type DistinctOutput = readonly (Uint32Array | Uint8Array)[];

/** O(events × lengths). */
export function countDistinctGrams(input: DistinctInput): DistinctOutput {
  const { symbols, sessionOffsets, start, end, alphabetSize, lengths, bitmapWords } = input;
  const outputs: (Uint32Array | Uint8Array)[] = [];
  let longer: { readonly length: number; readonly bitmap: Uint32Array } | null = null;
  for (let index = lengths.length - 1; index >= 0; index--) {
    const [length, words] = [lengths[index] as number, bitmapWords[index] as number];
    if (words > 0) {
      const bitmap = new Uint32Array(words);
      // what a session has that holds a longer one is part of it
      const below = longer?.length ?? Number.POSITIVE_INFINITY;
      markGrams(symbols, sessionOffsets, start, end, alphabetSize, length, below, bitmap);
      if (longer !== null) markParts(longer.bitmap, alphabetSize, longer.length, length, bitmap);
      longer = { length, bitmap };
      outputs[index] = bitmap;
      continue;
    }
    if (outputs[index] !== undefined) continue;
    const registers = new Uint8Array(hyperLogLogLength);
    outputs[index] = registers;
    if (alphabetSize ** length > 2 ** 32) {
      sketchGrams(symbols, sessionOffsets, start, end, length, registers);
      continue;
    }
    const isShorterWanted = lengths[index - 1] === length - 1 && bitmapWords[index - 1] === 0;
    const shorter = isShorterWanted ? new Uint8Array(hyperLogLogLength) : null;
    sketchNumberedGrams(symbols, sessionOffsets, start, end, alphabetSize, length, registers, shorter);
    if (shorter !== null) outputs[index - 1] = shorter;
  }
  return outputs;
}
