import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as assert from "uvu/assert";
import type { Chunk, ChunkColumn, ColumnRequest } from "../../../engine/sources/chunk.js";
import { type ErrorCode, LeadlineError } from "../../../errors.js";

/** A new directory, and how to write files into it and remove it. */
export function temporaryFolder(): {
  readonly path: string;
  readonly write: (name: string, content: string | Uint8Array) => string;
  readonly remove: () => void;
} {
  const path = mkdtempSync(join(tmpdir(), "leadline-"));
  return {
    path,
    write: (name, content) => {
      writeFileSync(join(path, name), content);
      return join(path, name);
    },
    remove: () => rmSync(path, { recursive: true }),
  };
}

/** A column's values as JavaScript shows them, null = missing. */
export function valuesOf(column: ChunkColumn): (string | number | null)[] {
  if (column.kind === "numbers") return Array.from(column.values, (value) => (Number.isNaN(value) ? null : value));
  const { bytes, offsets } = column.dictionary;
  const texts = Array.from({ length: offsets.length - 1 }, (_, value) =>
    Buffer.from(bytes.subarray(offsets[value], offsets[value + 1])).toString(),
  );
  return Array.from(column.codes, (code) => (code === 0 ? null : (texts[code - 1] as string)));
}

/** Everything that an iteration gives. */
export async function collect<T>(items: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = [];
  for await (const item of items) all.push(item);
  return all;
}

/** A column's values over chunks, which must agree on its kind and type. */
export function joined(chunks: readonly Chunk[], at: number): { type: string; values: (string | number | null)[] } {
  const columns = chunks.map(({ columns }) => columns[at] as ChunkColumn);
  const kinds = new Set(columns.map(({ kind, type }) => `${kind} ${type}`));
  assert.is(kinds.size, 1, [...kinds].join(", "));
  return { type: (columns[0] as ChunkColumn).type, values: columns.flatMap(valuesOf) };
}

/** Requests for columns by name, all in the same way. */
export function requestsOf(as: ColumnRequest["as"], ...names: string[]): ColumnRequest[] {
  return names.map((name) => ({ name, as }));
}

/** Asserts that a promise fails with a LeadlineError of this code whose message holds every fragment. */
export async function failsWith(promise: Promise<unknown>, code: ErrorCode, ...fragments: string[]): Promise<void> {
  const error = await promise.then(
    () => undefined,
    (cause: unknown) => cause,
  );
  assert.instance(error, LeadlineError, String(error));
  assert.is((error as LeadlineError).code, code);
  const { message } = error as LeadlineError;
  for (const fragment of fragments) assert.ok(message.includes(fragment), `${fragment} in: ${message}`);
  assert.not(message.includes("\n"), message);
}
