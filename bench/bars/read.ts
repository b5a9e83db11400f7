import { compare, outcomeOf, runOnce } from "../harness.js";
import { type Bar, loadOf, type Row, ratio, ratios, seconds, told } from "./bar.js";

/** Bar 1: Parquet to the sorted, sessionised event table, four columns. */
export const readBar: Bar = {
  name: "read",
  title: "1. Read",
  async measure({ data, size, rounds, log }) {
    const files = await data(size);
    const idle = await runOnce({ name: "idle", runner: "idle", args: { threads: 2 } });
    const rows: Row[] = [];
    const outcomes = [];
    for (const [label, file] of [
      ["dictionary pages", files.dictionary],
      ["plain pages", files.plain],
      ["dictionary pages, sessions interleaved", files.interleaved],
    ] as const) {
      log(`${label}:`);
      const measured = await compare(
        [
          { name: "leadline, 2 threads", runner: "read", args: { file, threads: 2 } },
          { name: "DuckDB, coded and sorted", runner: "duckdb-read", args: { file, form: "coded" } },
          { name: "leadline, 1 thread", runner: "read", args: { file, threads: 1 } },
          { name: "DuckDB, sorted texts", runner: "duckdb-read", args: { file, form: "texts" } },
        ],
        log,
        { rounds },
      );
      outcomes.push(...measured.map((outcome) => ({ ...outcome, name: `${label}: ${outcome.name}` })));
      const two = outcomeOf(measured, "leadline, 2 threads");
      const one = outcomeOf(measured, "leadline, 1 thread");
      const coded = outcomeOf(measured, "DuckDB, coded and sorted");
      const texts = outcomeOf(measured, "DuckDB, sorted texts");
      const rate = files.events / two.minSeconds / 1e6;
      const peak = two.peakRssBytes / files.events;
      const resident = two.numbers["residentBytesPerEvent"] ?? Number.NaN;
      const load = loadOf(...measured);
      const bar = "1";
      rows.push(
        {
          bar,
          what: `${label}, 2 threads (1 thread: ${told(one)})`,
          asked: "≥ 8 M events/s",
          came: `${rate.toFixed(1)} M events/s, ${told(two)}`,
          met: rate >= 8,
          load,
        },
        {
          bar,
          what: `${label}, DuckDB coded and sorted ${told(coded)}; only sorted, texts ${seconds(texts.minSeconds)}`,
          asked: "> 1 × DuckDB",
          came: ratios(two, coded),
          met: ratio(two, coded) > 1,
          load,
        },
        {
          bar,
          what: `${label}, peak memory, all of the process (an idle one: ${(idle.peakRssBytes / 1e6).toFixed(0)} MB; DuckDB: ${(coded.peakRssBytes / files.events).toFixed(0)} bytes an event)`,
          asked: "≤ 40 bytes an event",
          came: `${peak.toFixed(1)} (${((two.peakRssBytes - idle.peakRssBytes) / files.events).toFixed(1)} without the idle process)`,
          met: peak <= 40,
          load,
        },
        {
          bar,
          what: `${label}, the table's buffers`,
          asked: "≤ 16 bytes an event",
          came: resident.toFixed(1),
          met: resident <= 16,
          load,
        },
      );
    }
    return { rows, outcomes };
  },
};
