import { compare, outcomeOf } from "../harness.js";
import { type Bar, loadOf, ratio, ratios, told } from "./bar.js";

/** Bar 3: every distinct 3-gram with its failing and normal sessions. */
export const gramsBar: Bar = {
  name: "grams",
  title: "3. One class",
  async measure({ data, size, rounds, log }) {
    const { dictionary: file } = await data(size);
    const resident = await compare(
      [
        { name: "leadline", runner: "grams", args: { file, threads: 2, from: "table", repeats: 9 } },
        { name: "leadline, 1 thread", runner: "grams", args: { file, threads: 1, from: "table", repeats: 9 } },
        { name: "DuckDB, sorted events", runner: "duckdb-grams", args: { file, from: "events", repeats: 3 } },
        { name: "DuckDB, lists", runner: "duckdb-grams", args: { file, from: "lists", repeats: 3 } },
      ],
      log,
      { rounds: Math.min(rounds, 2), warmups: 0 },
    );
    const fromFile = await compare(
      [
        { name: "leadline, from file", runner: "grams", args: { file, threads: 2, from: "file", repeats: 1 } },
        { name: "DuckDB, from file", runner: "duckdb-grams", args: { file, from: "file", repeats: 1 } },
      ],
      log,
      { rounds },
    );
    const ours = outcomeOf(resident, "leadline");
    const events = outcomeOf(resident, "DuckDB, sorted events");
    const lists = outcomeOf(resident, "DuckDB, lists");
    const oursFile = outcomeOf(fromFile, "leadline, from file");
    const peerFile = outcomeOf(fromFile, "DuckDB, from file");
    const load = loadOf(...resident);
    return {
      rows: [
        {
          bar: "3",
          what: `resident table: ours ${told(ours)} (1 thread ${told(outcomeOf(resident, "leadline, 1 thread"))}), DuckDB on its sorted events ${told(events)}`,
          asked: "≥ 30 × DuckDB",
          came: ratios(ours, events),
          met: ratio(ours, events) >= 30,
          load,
        },
        {
          bar: "3",
          what: `the same, DuckDB on a table of one list a session ${told(lists)}`,
          asked: "",
          came: ratios(ours, lists),
          met: null,
          load,
        },
        {
          bar: "3",
          what: `from the Parquet file: ours ${told(oursFile)}, DuckDB ${told(peerFile)}`,
          asked: "≥ 2.5 × DuckDB",
          came: ratios(oursFile, peerFile),
          met: ratio(oursFile, peerFile) >= 2.5,
          load: loadOf(...fromFile),
        },
      ],
      outcomes: [...resident, ...fromFile],
    };
  },
};
