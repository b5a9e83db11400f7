import type { SizeName } from "../data.js";
import { compare, outcomeOf } from "../harness.js";
import { type Bar, loadOf, type Row, told } from "./bar.js";

/** Bar 8: time and memory at sizes ten times apart. */
export const growthBar: Bar = {
  name: "growth",
  title: "8. Growth",
  async measure({ study, data, size, peerSize, long, rounds, log }) {
    const sizes: SizeName[] = [...new Set<SizeName>([peerSize, size, ...(long ? (["100M"] as const) : [])])];
    const rows: Row[] = [];
    const outcomes = [];
    for (const each of sizes) {
      const { events } = await data(each);
      const measured = await compare(
        [{ name: each, runner: "main-job", args: { study: await study(each), experts: "paper", threads: 2 } }],
        log,
        each === "100M" ? { rounds: 1, warmups: 0 } : { rounds },
      );
      const outcome = outcomeOf(measured, each);
      outcomes.push(outcome);
      const isLargest = each === "100M";
      rows.push({
        bar: "8",
        what: `${each}: main job, experts paper, 2 threads: ${told(outcome)}, ${((outcome.minSeconds / events) * 1e9).toFixed(0)} ns an event`,
        asked: isLargest ? "≤ 4 GB" : "",
        came: `${(outcome.peakRssBytes / 1e9).toFixed(2)} GB peak, ${(outcome.peakRssBytes / events).toFixed(0)} bytes an event`,
        met: isLargest ? outcome.peakRssBytes <= 4e9 : null,
        load: loadOf(outcome),
      });
    }
    return { rows, outcomes };
  },
};
