import { LeadlineError } from "../../errors.js";
import { sharedFloats } from "./cells.js";
import type { Chunk, ChunkColumn, ColumnRequest, NumbersColumn, SourceTask } from "./chunk.js";
import { missingColumn } from "./missing-column.js";
import { shownPath } from "./shown-path.js";
import { epochUnit } from "./time.js";

/** The last moment that a date can tell, in ms: the year 275760. */
const lastMomentMs = 8.64e15;

/** A task and the chunks that it gave, in row order. */
export interface DecodedTask {
  readonly task: SourceTask;
  readonly chunks: readonly Chunk[];
}

/** A column of one chunk and where it comes from. */
interface Part {
  readonly task: SourceTask;
  readonly firstRow: number;
  readonly column: ChunkColumn;
}

/**
 * Makes the chunks of all tasks agree on the type of each column, so that it does not depend on how the files were cut.
 *
 * A column asked for `as: "own"` (or `"label"`) keeps its type where all chunks that have values agree, else it is text: the stretches that took it for
 * something else are decoded again `as: "id"`, so that each value is what stands in the file (`1.50`, `TRUE`). Chunks without any value
 * follow the others. Epoch numbers of a column asked for `as: "time"` become ms, with one unit for each file (see `epochUnit`).
 * @param requests - those that every task was decoded with
 * @param decoded - in the order wanted, every stretch of each file
 * @param decode - decodes a task again, with other requests; called for all such tasks at once, so a pool should bound how many run
 * @returns all chunks, task by task
 * @throws LeadlineError `source-invalid` when a file's time column holds both dates and epoch numbers, or a number that is no moment
 */
export async function unifyColumns(
  requests: readonly ColumnRequest[],
  decoded: readonly DecodedTask[],
  decode: (task: SourceTask, requests: readonly ColumnRequest[]) => Promise<readonly Chunk[]>,
): Promise<readonly Chunk[]> {
  const parts = requests.map((_, at) => partsOf(decoded, at));
  const asText = requests.map(
    (request, at) =>
      (request.as === "own" || request.as === "label") &&
      typesOf((parts[at] as readonly Part[]).map(({ column }) => column)).size > 1,
  );
  const texts = await textsAgain(requests, decoded, asText, decode);
  const columns = requests.map((request, at) => {
    const own = parts[at] as readonly Part[];
    if (request.as === "time") return timesOf(own, request.name);
    if (asText[at] === true) return texts[at] as readonly ChunkColumn[];
    return sameKind(own, request);
  });
  return decoded
    .flatMap(({ chunks }) => chunks)
    .map(({ rows }, chunk) => ({ rows, columns: columns.map((column) => column[chunk] as ChunkColumn) }));
}

function partsOf(decoded: readonly DecodedTask[], at: number): readonly Part[] {
  // a task's own first row may be an estimate
  const rowsOf = new Map<string, number>();
  return decoded.flatMap(({ task, chunks }) =>
    chunks.map((chunk) => {
      const rows = rowsOf.get(task.file) ?? 0;
      rowsOf.set(task.file, rows + chunk.rows);
      return { task, firstRow: rows + 1, column: chunk.columns[at] as ChunkColumn };
    }),
  );
}

/** The types of the columns that have values. */
function typesOf(columns: readonly ChunkColumn[]): ReadonlySet<ChunkColumn["type"]> {
  return new Set(columns.filter((column) => !isEmpty(column)).map(({ type }) => type));
}

function isEmpty(column: ChunkColumn): boolean {
  return column.kind === "codes" ? column.dictionary.offsets.length === 1 : column.values.every(Number.isNaN);
}

/** For each request that became text, its column in every chunk. */
async function textsAgain(
  requests: readonly ColumnRequest[],
  decoded: readonly DecodedTask[],
  asText: readonly boolean[],
  decode: (task: SourceTask, requests: readonly ColumnRequest[]) => Promise<readonly Chunk[]>,
): Promise<readonly (readonly ChunkColumn[])[]> {
  const perTask = await Promise.all(
    decoded.map(async ({ task, chunks }) => {
      const stale = requests.map(
        (_, at) =>
          asText[at] === true &&
          chunks.some(
            ({ columns }) => (columns[at] as ChunkColumn).type !== "text" && !isEmpty(columns[at] as ChunkColumn),
          ),
      );
      const wanted = requests.filter((_, at) => stale[at]);
      const again =
        wanted.length === 0
          ? []
          : await decode(
              task,
              wanted.map(({ name }) => ({ name, as: "id" }) as const),
            );
      return requests.map((request, at): readonly ChunkColumn[] => {
        if (asText[at] !== true) return [];
        const place = wanted.indexOf(request);
        return chunks.map(({ rows, columns }, chunk) => {
          const column = (place < 0 ? columns[at] : again[chunk]?.columns[place]) as ChunkColumn;
          return isEmpty(column)
            ? missingColumn(rows, { name: request.name, as: "id" })
            : ({ ...column, type: "text" } as ChunkColumn);
        });
      });
    }),
  );
  return requests.map((_, at) => perTask.flatMap((columns) => columns[at] as readonly ChunkColumn[]));
}

/** The columns of a request whose parts agree; parts without values take the others' kind. */
function sameKind(parts: readonly Part[], request: ColumnRequest): readonly ChunkColumn[] {
  const leading = parts.find(({ column }) => !isEmpty(column))?.column;
  return parts.map(({ column }): ChunkColumn => {
    if (leading === undefined || column.kind === leading.kind)
      return leading === undefined || column.type === leading.type
        ? column
        : ({ ...column, type: leading.type } as ChunkColumn);
    const rows = column.kind === "codes" ? column.codes.length : column.values.length;
    if (leading.kind === "codes")
      return { ...missingColumn(rows, { name: request.name, as: "id" }), type: leading.type } as ChunkColumn;
    return { kind: "numbers", type: leading.type, values: sharedFloats(rows).fill(Number.NaN) };
  });
}

/** Times in ms: a file whose numbers are epochs has one unit. */
function timesOf(parts: readonly Part[], name: string): readonly ChunkColumn[] {
  const factors = new Map<string, number>();
  for (const file of new Set(parts.map(({ task }) => task.file))) {
    const ofFile = parts.filter(({ task }) => task.file === file);
    const types = typesOf(ofFile.map(({ column }) => column));
    if (types.size > 1)
      throw new LeadlineError(
        "source-invalid",
        `${shownPath(file)}: ${name} holds both dates and epoch numbers; one kind a file is allowed`,
      );
    if (types.has("number"))
      factors.set(file, epochUnit(...ofFile.map(({ column }) => (column as NumbersColumn).values)));
  }
  return parts.map(({ task, firstRow, column }): ChunkColumn => {
    if (column.kind !== "numbers") throw new TypeError(`invalid column: ${name} was decoded as codes, not as a time`);
    const factor = factors.get(task.file);
    if (factor === undefined) return column.type === "time" ? column : { ...column, type: "time" };
    const values = sharedFloats(column.values.length);
    for (let row = 0; row < values.length; row++) {
      const value = (column.values[row] as number) * factor;
      if (Math.abs(value) > lastMomentMs)
        throw new LeadlineError(
          "source-invalid",
          `${shownPath(task.file)}, row ${firstRow + row}: ${name} is ${column.values[row]}, which is no moment where most rows are epoch numbers in ${unitName(factor)}`,
        );
      values[row] = value;
    }
    return { kind: "numbers", type: "time", values };
  });
}

function unitName(factor: number): string {
  return factor === 1000 ? "s" : factor === 1 ? "ms" : factor === 1e-3 ? "µs" : "ns";
}
