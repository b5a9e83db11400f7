import { CONSTRUCTS } from "../attributes.js";
import { compare, type Outcome, outcomeOf } from "../harness.js";
import { type Bar, loadOf, ratio, ratios, seconds, times, told } from "./bar.js";

const SEED = 1;
const COUNTS = [1, 10, 100, 1000] as const;
const MOST = 1000;
/** Of each construct, attributes that DuckDB computes too. */
const OF_EACH = 2;

/** Bar 11: a thousand derived attributes in one plan, against a query each, and how the time grows with their number. */
export const attributesBar: Bar = {
  name: "attributes",
  title: "11. Derived attributes",
  async measure({ data, size, rounds, log }) {
    const { full: file, events } = await data(size);
    const sample = CONSTRUCTS * OF_EACH;
    const ours = (count: number, threads: number) => ({
      name: `leadline, ${count}, ${threads} thread${threads === 1 ? "" : "s"}`,
      runner: "attributes",
      args: { file, seed: SEED, threads, count, checked: sample, repeats: 2 },
    });
    const peers = await compare(
      [
        ours(MOST, 2),
        { name: "DuckDB", runner: "duckdb-attributes", args: { file, seed: SEED, count: sample, repeats: 2 } },
        ours(MOST, 1),
      ],
      log,
      { rounds, warmups: 0 },
    );
    const growth: Outcome[] = [];
    for (const count of COUNTS) {
      if (count < MOST) growth.push(...(await compare([ours(count, 2)], log, { rounds, warmups: 0 })));
    }
    const all = outcomeOf(peers, `leadline, ${MOST}, 2 threads`);
    const single = outcomeOf(peers, `leadline, ${MOST}, 1 thread`);
    const duck = outcomeOf(peers, "DuckDB");
    const scaled = scale(duck, MOST / sample);
    const one = growth[0] ?? all;
    const law = [...growth, all].map((outcome, at) => {
      const count = COUNTS[at] ?? MOST;
      const { nodesBefore, nodesAfter, workBefore, workAfter } = outcome.numbers;
      const work = `${millions(workBefore)} → ${millions(workAfter)} M events and sessions gone through`;
      return `${count}: ${seconds(outcome.minSeconds)}, CPU ${seconds(outcome.minCpuSeconds)}, ${nodesBefore} → ${nodesAfter} nodes, ${work}`;
    });
    const load = loadOf(...peers);
    const bar = "11";
    return {
      rows: [
        {
          bar,
          what: `${MOST} distinct attributes of ${CONSTRUCTS} constructs over ${size} events in memory, planning included, 2 threads (1 thread: ${told(single)}; planning ${seconds(all.numbers["planSeconds"] ?? Number.NaN)})`,
          asked: "≤ 20 s",
          came: told(all),
          met: all.minSeconds <= 20,
          load,
        },
        {
          bar,
          what: `DuckDB, a query each on prepared tables in memory: ${sample} of them, equal in every session, ${told(duck)}; times ${MOST} / ${sample}: ${told(scaled)}`,
          asked: "≥ 20 × DuckDB",
          came: ratios(all, scaled),
          met: ratio(all, scaled) >= 20,
          load,
        },
        {
          bar,
          what: `time by number of attributes, 2 threads: ${law.join("; ")}`,
          asked: "far less than 1000 × one",
          came: `${MOST} cost ${times(ratio(one, all))} one (CPU ${times(all.minCpuSeconds / one.minCpuSeconds)}), ${((all.minSeconds / MOST / events) * 1e12).toFixed(0)} ps an attribute and event`,
          met: null,
          load: loadOf(...growth),
        },
      ],
      outcomes: [...peers, scaled, ...growth],
    };
  },
};

function millions(value = Number.NaN): string {
  return (value / 1e6).toFixed(value < 1e7 ? 1 : 0);
}

/** The same for more of its kind. */
function scale(outcome: Outcome, by: number): Outcome {
  return {
    ...outcome,
    name: `${outcome.name}, scaled by ${by.toFixed(2)}`,
    minSeconds: outcome.minSeconds * by,
    medianSeconds: outcome.medianSeconds * by,
    minCpuSeconds: outcome.minCpuSeconds * by,
    seconds: outcome.seconds.map((value) => value * by),
  };
}
