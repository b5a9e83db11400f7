import { compare, outcomeOf } from "../harness.js";
import { type Bar, loadOf, type Row } from "./bar.js";

/** Bar 6: the pattern kernel on the main job's automaton. */
export const kernelBar: Bar = {
  name: "kernel",
  title: "6. Pattern kernel",
  async measure({ study, size, log }) {
    const path = await study(size);
    const measured = await compare(
      (["paper", "all"] as const).map((experts) => ({
        name: experts,
        runner: "kernel",
        args: { study: path, threads: 2, experts, repeats: 7 },
      })),
      log,
      { rounds: 2, warmups: 0 },
    );
    const rows = (["paper", "all"] as const).flatMap((experts): Row[] => {
      const outcome = outcomeOf(measured, experts);
      const { numbers } = outcome;
      const rate = (name: string): number => (numbers[name] ?? Number.NaN) / 1e6;
      const fastest = Math.max(rate("transitionsPerSecond"), rate("transitionsFourPerSecond"));
      const what = `experts ${experts === "all" ? "default" : experts}, ${numbers["patterns"]} patterns, table ${numbers["tableKiB"]} KiB, ${numbers["columns"]} columns`;
      return [
        {
          bar: "6",
          what: `${what}: transitions alone (plain loop ${rate("transitionsPerSecond").toFixed(0)} M, four in flight ${rate("transitionsFourPerSecond").toFixed(0)} M)`,
          asked: "≥ 600 M tokens/s",
          came: `${fastest.toFixed(0)} M tokens/s`,
          met: fastest >= 600,
          load: loadOf(outcome),
        },
        {
          bar: "6",
          what: `${what}: deduplicated and counted`,
          asked: "≥ 150 M tokens/s",
          came: `${rate("countedPerSecond").toFixed(0)} M tokens/s`,
          met: rate("countedPerSecond") >= 150,
          load: loadOf(outcome),
        },
      ];
    });
    return { rows, outcomes: measured };
  },
};
