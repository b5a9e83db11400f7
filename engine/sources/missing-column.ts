import type { ChunkColumn, ColumnRequest } from "./chunk.js";

/** A column in which every row is missing. */
export function missingColumn(rows: number, request: ColumnRequest): ChunkColumn {
  if (request.as === "time") {
    return {
      kind: "numbers",
      type: "time",
      values: new Float64Array(new SharedArrayBuffer(8 * rows)).fill(Number.NaN),
    };
  }
  const dictionary = {
    bytes: new Uint8Array(new SharedArrayBuffer(0)),
    offsets: new Uint32Array(new SharedArrayBuffer(4)),
  };
  return { kind: "codes", type: "text", codes: new Uint8Array(new SharedArrayBuffer(rows)), dictionary };
}
