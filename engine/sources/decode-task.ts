import { LeadlineError } from "../../errors.js";
import { parseTimeBytes } from "../../kernels/parse-time.js";
import type { Chunk, ChunkColumn, ColumnRequest, Keeping, SourceTask } from "./chunk.js";
import { missingColumn } from "./missing-column.js";
import { decodeParquet, type TimeReader } from "./parquet/decode.js";
import { parquetSchema } from "./parquet/plan.js";
import { shownPath } from "./shown-path.js";

/**
 * Decodes a stretch of a file, in whatever format; for a worker thread. Chunks come in row order: one for a stretch of Parquet or of a plain
 * text file, several for a compressed text file. What chunks say of types is their own: `unifyColumns` makes them agree.
 * @param requests - columns of the source set, in the order wanted
 * @param keeping - `scratch` spares new memory for every column, where a chunk is done with before the next one is asked for; text formats
 * may give more than is asked
 * @throws LeadlineError `source-invalid` where the file is not what it should be
 */
export async function* decodeTask(
  task: SourceTask,
  requests: readonly ColumnRequest[],
  keeping: Keeping = "shared",
): AsyncGenerator<Chunk> {
  const present = requests.filter(({ name }) => task.absent?.includes(name) !== true);
  for await (const { rows, columns } of decodePresent(task, present, keeping)) {
    let next = 0;
    yield {
      rows,
      columns: requests.map((request) =>
        request === present[next] ? (columns[next++] as ChunkColumn) : missingColumn(rows, request),
      ),
    };
  }
}

async function* decodePresent(
  task: SourceTask,
  requests: readonly ColumnRequest[],
  keeping: Keeping,
): AsyncGenerator<Chunk> {
  switch (task.format) {
    case "parquet":
      yield parquetChunk(task, requests, keeping);
      return;
    // each format's modules where a file has it: every thread loads them, half a millisecond a module
    case "csv":
      yield* (await import("./csv.js")).decodeCsv(task, requests);
      return;
    case "ndjson":
      yield* (await import("./ndjson.js")).decodeNdjson(task, requests);
      return;
  }
}

/** Epoch numbers are asked for as plain numbers, because a row group cannot tell the unit of the file's column. */
function parquetChunk(task: SourceTask, requests: readonly ColumnRequest[], keeping: Keeping): Chunk {
  const isTime = requests.some((request) => request.as === "time");
  const types = isTime ? parquetSchema(task.file).columns : [];
  const asked = requests.map((request): ColumnRequest => {
    const isEpoch = request.as === "time" && types.some(({ name, type }) => name === request.name && type === "number");
    return isEpoch ? { name: request.name, as: "own" } : request;
  });
  return decodeParquet(task, asked, timeReaderOf(task), keeping);
}

/** Reads times as the text formats do: what is there and is no time is an error, not a missing value. */
function timeReaderOf({ file, firstRow, rows }: SourceTask): TimeReader {
  return {
    parseTimeBytes: (bytes, start, end) => {
      const moment = parseTimeBytes(bytes, start, end);
      if (!Number.isNaN(moment) || start === end) return moment;
      const text = Buffer.from(bytes.subarray(start, Math.min(end, start + 80))).toString("utf8");
      throw new LeadlineError(
        "source-invalid",
        `${shownPath(file)}, rows ${firstRow} to ${firstRow + rows - 1}: a time is ${JSON.stringify(text)}, which is no time; ISO 8601 texts are`,
      );
    },
    epochUnit: () => 1,
  };
}
