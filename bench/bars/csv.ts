import { open } from "node:fs/promises";
import { compare, outcomeOf } from "../harness.js";
import { type Bar, loadOf, type Row, ratio, times, told } from "./bar.js";

/** Bar 2: CSV to decoded columns, against DuckDB's reader. */
export const csvBar: Bar = {
  name: "csv",
  title: "2. CSV",
  async measure({ data, size, rounds, log }) {
    const files = await data(size);
    const rows: Row[] = [];
    const outcomes = [];
    for (const [label, file, texts] of [
      ["four columns", files.csv, ["user_id", "session_id", "event"]],
      ["all columns", files.fullCsv, ["user_id", "session_id", "event", "ui", "country", "channel"]],
      ["quotes, escapes and line breaks", files.quotedCsv, ["user_id", "session_id", "event", "note"]],
    ] as const) {
      log(`${label}:`);
      const columns = await headerOf(file);
      const measured = await compare(
        [
          { name: "leadline", runner: "csv", args: { file, threads: 2, texts } },
          { name: "DuckDB", runner: "duckdb-csv", args: { file, columns, texts } },
        ],
        log,
        { rounds },
      );
      outcomes.push(...measured.map((outcome) => ({ ...outcome, name: `${label}: ${outcome.name}` })));
      const ours = outcomeOf(measured, "leadline");
      const peer = outcomeOf(measured, "DuckDB");
      const share = 1 / ratio(ours, peer);
      rows.push({
        bar: "2",
        what: `${label}: ours ${told(ours)}, DuckDB ${told(peer)}, 2 threads`,
        asked: "≤ 1.5 × DuckDB's time",
        came: `${times(share)} (CPU ${times(ours.minCpuSeconds / peer.minCpuSeconds)})`,
        met: share <= 1.5,
        load: loadOf(...measured),
      });
    }
    return { rows, outcomes };
  },
};

async function headerOf(file: string): Promise<readonly string[]> {
  const handle = await open(file);
  const { buffer, bytesRead } = await handle.read({ buffer: Buffer.alloc(4096) });
  await handle.close();
  const line = buffer.toString("utf8", 0, bytesRead).split(/\r?\n/, 1)[0] ?? "";
  return line.split(",").map((name) => name.replaceAll('"', ""));
}
