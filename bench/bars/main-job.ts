import { join } from "node:path";
import type { SizeName } from "../data.js";
import { compare, type Outcome, outcomeOf, runOnce } from "../harness.js";
import { type Bar, type BenchContext, loadOf, type Row, ratio, ratios, seconds, times, told } from "./bar.js";

/** Bars 4, 5 and 7: the main job against DuckDB, its hypotheses a second, and its threads. */
export const mainJobBar: Bar = {
  name: "main",
  title: "4, 5, 7. The main job",
  async measure(context) {
    const { size, peerSize, rounds, log } = context;
    const [study, everything] = [await context.study(size), await context.study(size, "all")];
    const variant = (name: string, experts: string, threads: number, path = study) => ({
      name,
      runner: "main-job",
      args: { study: path, experts, threads },
    });
    log(`${size}:`);
    const paper = await compare(
      [variant("paper, 2 threads", "paper", 2), variant("paper, 1 thread", "paper", 1)],
      log,
      { rounds },
    );
    const full = await compare([variant("default, 2 threads", "all", 2), variant("default, 1 thread", "all", 1)], log, {
      rounds,
    });
    const all = await compare(
      [variant("everything, 2 threads", "all", 2, everything), variant("everything, 1 thread", "all", 1, everything)],
      log,
      { rounds },
    );
    const spins = await compare(
      [1, 2].map((threads) => ({ name: `arithmetic, ${threads}`, runner: "scaling", args: { threads } })),
      log,
      { rounds },
    );
    const [alone, both] = [outcomeOf(spins, "arithmetic, 1"), outcomeOf(spins, "arithmetic, 2")];
    const rows: Row[] = [
      {
        bar: "7",
        what: "what this machine gives: two threads of pure arithmetic do twice the work of one",
        asked: "",
        came: times((2 * alone.minSeconds) / both.minSeconds),
        met: null,
        load: loadOf(alone, both),
      },
    ];
    for (const [label, measured] of [
      ["paper", paper],
      ["default", full],
      ["everything", all],
    ] as const) {
      const isMain = label !== "everything";
      const job = isMain
        ? `5 KPIs, k = 1..5, lifecycle, cohorts; experts ${label}`
        : "the same KPIs, all fifteen templates and their crosses; experts default";
      const two = outcomeOf(measured, `${label}, 2 threads`);
      const one = outcomeOf(measured, `${label}, 1 thread`);
      rows.push({
        bar: "4",
        what: `${size} events, ${job}, 2 threads: ${phasesOf(two)}`,
        asked: isMain ? "≤ 4 s" : "",
        came: told(two),
        met: isMain ? two.minSeconds <= 4 : null,
        load: loadOf(two),
      });
      const tested = two.numbers["hypotheses"] ?? 0;
      const rare = two.numbers["rare"] ?? 0;
      const compute2 = two.numbers["compute"] ?? 1;
      const rate = (tested + rare) / compute2;
      rows.push({
        bar: "5",
        what: `${isMain ? `experts ${label}` : label}: ${count(tested)} hypotheses counted in all sessions, ${count(rare)} in failing ones and refused by that, ${count(two.numbers["bounded"])} bounded out, compute ${seconds(two.numbers["compute"] ?? 0)}`,
        asked: "≥ 100 000/s",
        came: `${count(rate)}/s of compute, ${count((tested + rare) / two.minSeconds)}/s with reading; of those counted in all sessions ${count(tested / compute2)}/s`,
        met: rate >= 100_000,
        load: loadOf(two),
      });
      const compute = (one.numbers["compute"] ?? 0) / (two.numbers["compute"] ?? 1);
      rows.push(
        {
          bar: "7",
          what: `1 → 2 threads, compute, ${isMain ? `experts ${label}` : label}`,
          asked: "≥ 1.8 ×",
          came: times(compute),
          met: compute >= 1.8,
          load: loadOf(one, two),
        },
        {
          bar: "7",
          what: `1 → 2 threads, with reading, ${isMain ? `experts ${label}` : label}: ${told(one)} → ${told(two)}`,
          asked: "≥ 1.7 ×",
          came: times(ratio(two, one)),
          met: ratio(two, one) >= 1.7,
          load: loadOf(one, two),
        },
      );
    }
    const peers = await againstDuck(context, peerSize, ["bounded", "all"]);
    rows.push(...peers.rows);
    const long = context.long ? await againstDuck(context, size, ["bounded"]) : { rows: [], outcomes: [] };
    rows.push(...long.rows);
    return { rows, outcomes: [...spins, ...paper, ...full, ...all, ...peers.outcomes, ...long.outcomes] };
  },
};

/** Ours and DuckDB's counts at one size, after a check that they are the same. */
export async function againstDuck(
  { data, study, log, rounds }: BenchContext,
  size: SizeName,
  forms: readonly ("all" | "bounded")[],
): Promise<{ readonly rows: readonly Row[]; readonly outcomes: readonly Outcome[] }> {
  const { folder, full: file, events } = await data(size);
  const path = await study(size);
  const ours = join(folder, "ours");
  log(`${size}, with DuckDB:`);
  await runOnce({ name: "tallies", runner: "tallies", args: { study: path, threads: 2, out: ours } });
  const paper = { name: "leadline, paper", runner: "main-job", args: { study: path, experts: "paper", threads: 2 } };
  const rows: Row[] = [];
  const outcomes: Outcome[] = [];
  for (const form of forms) {
    const measured = await compare(
      [paper, { name: `DuckDB, ${form}`, runner: "duckdb-main-job", args: { file, form, ours } }],
      log,
      form === "all" ? { rounds: 1, warmups: 0 } : { rounds: Math.min(2, rounds), warmups: 0 },
    );
    outcomes.push(...measured.map((outcome) => ({ ...outcome, name: `${size}: ${outcome.name}` })));
    const us = outcomeOf(measured, "leadline, paper");
    const peer = outcomeOf(measured, `DuckDB, ${form}`);
    const what =
      form === "all"
        ? "DuckDB counts every sequence by cohort"
        : "DuckDB counts by cohort only what the support bound lets through";
    const checked = `${count(peer.numbers["patternTallies"])} tallies of patterns and ${count(peer.numbers["conditionTallies"])} of lifecycle equal`;
    rows.push({
      bar: "4",
      what: `${count(events)} events, ${what}: ours ${told(us)}, DuckDB ${told(peer)}; ${checked}`,
      asked: form === "all" ? "≥ 25 × DuckDB" : "",
      came: ratios(us, peer),
      met: form === "all" ? ratio(us, peer) >= 25 : null,
      load: loadOf(us, peer),
    });
  }
  return { rows, outcomes };
}

/** The phases of an outcome, in words. */
function phasesOf({ numbers }: Outcome): string {
  return Object.entries(numbers)
    .filter(([name]) => name.startsWith("phase."))
    .map(([name, value]) => `${name.slice(6)} ${seconds(value)}`)
    .join(", ");
}

function count(value = Number.NaN): string {
  return Math.round(value).toLocaleString("en-US").replaceAll(",", " ");
}
