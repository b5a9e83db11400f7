/** Bar 2, ours: CSV to decoded chunks. */

import { WorkerPool } from "../../engine/pool.js";
import type { Chunk, CodesColumn, ColumnRequest, NumbersColumn } from "../../engine/sources/chunk.js";
import { decoderBytes } from "../../engine/sources/decoder-module.js";
import { openSources } from "../../engine/sources/source.js";
import { serve, timed } from "./runner.js";

await serve(
  async ({
    file,
    threads,
    texts,
  }: {
    readonly file: string;
    readonly threads: number;
    readonly texts: readonly string[];
  }) => {
    const pool = new WorkerPool(threads);
    const { result, seconds, cpuSeconds, peakRssBytes } = await timed(async () => {
      const sources = await openSources([file], "/");
      const requests = sources.schema.columns.map(({ name }): ColumnRequest => {
        if (name === "ts") return { name, as: "time" };
        return { name, as: ["user_id", "session_id", "event"].includes(name) ? "id" : "own" };
      });
      const chunks = await pool.runAll(
        "decode",
        sources.tasks.map((task) => ({ task, requests, decoder: decoderBytes() })),
        (index) => `stretch ${index + 1}`,
      );
      return { requests, chunks: chunks.flat() };
    });
    await pool.close();
    const { requests, chunks } = result;
    const at = (name: string): number => requests.findIndex((request) => request.name === name);
    return {
      seconds: [seconds],
      cpuSeconds: [cpuSeconds],
      peakRssBytes,
      answer: {
        rows: chunks.reduce((sum, { rows }) => sum + rows, 0),
        time: chunks.reduce((sum, chunk) => sum + timeSum(chunk, at("ts")), 0),
        texts: texts.map((name) => chunks.reduce((sum, chunk) => sum + textBytes(chunk, at(name)), 0)),
      },
      numbers: {},
    };
  },
);

/** Sum of the ms modulo a prime: the ms themselves would leave the integers that a double holds. */
function timeSum({ columns }: Chunk, column: number): number {
  const { values } = columns[column] as NumbersColumn;
  let sum = 0;
  for (const value of values) sum += value % 1_000_003;
  return sum;
}

/** Bytes of all values of a column, and one for each that is not missing. */
function textBytes({ columns }: Chunk, column: number): number {
  const { codes, dictionary } = columns[column] as CodesColumn;
  const { offsets } = dictionary;
  let sum = 0;
  for (const code of codes) {
    if (code !== 0) sum += (offsets[code] as number) - (offsets[code - 1] as number) + 1;
  }
  return sum;
}
