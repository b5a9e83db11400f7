import { closeSync, openSync, readSync } from "node:fs";

/** The system reads at most 2 GiB at once. */
const MOST_BYTES_AT_ONCE = 1 << 30;

/** Bytes to be read from a file. */
export interface FillInput {
  readonly path: string;
  readonly pieces: readonly { readonly bytes: Uint8Array; readonly position: number }[];
}

/**
 * Reads bytes of a file to their places, for a worker thread.
 * @throws RangeError where the file ends before them
 */
export function fillPieces({ path, pieces }: FillInput): null {
  const descriptor = openSync(path, "r");
  try {
    for (const { bytes, position } of pieces) {
      if (readAll(descriptor, bytes, position) < bytes.length) throw new RangeError(`${path} is shorter than it was`);
    }
  } finally {
    closeSync(descriptor);
  }
  return null;
}

/** Fills bytes from a file; returns how many there were: fewer than asked for at the end of the file. */
export function readAll(descriptor: number, bytes: Uint8Array, position: number): number {
  let at = 0;
  while (at < bytes.length) {
    const read = readSync(descriptor, bytes, at, Math.min(bytes.length - at, MOST_BYTES_AT_ONCE), position + at);
    if (read === 0) break;
    at += read;
  }
  return at;
}
