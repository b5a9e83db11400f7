import type { SizeName } from "../data.js";
import { compare, outcomeOf, type Variant } from "../harness.js";
import { type Bar, loadOf, type Row, told } from "./bar.js";

/** What the largest run may use, in its second variant. */
const LIMIT_BYTES = 4e9;
const LIMITED = "100M with --memory 4GB";

/** What has a tenth of the events of a size, if there is one. */
const tenthOf: Readonly<Record<SizeName, readonly SizeName[]>> = {
  "100k": [],
  "1M": ["100k"],
  "10M": ["1M"],
  "100M": ["10M"],
};

/** Bar 8: time and memory at sizes ten times apart. */
export const growthBar: Bar = {
  name: "growth",
  title: "8. Growth",
  async measure({ study, data, size, long, rounds, log }) {
    const sizes: readonly SizeName[] = [...tenthOf[size], size, ...(long ? (["100M"] as const) : [])];
    const rows: Row[] = [];
    const outcomes = [];
    for (const each of sizes) {
      const { events } = await data(each);
      const args = { study: await study(each), experts: "paper", threads: 2 };
      const isLargest = each === "100M";
      const variants: Variant[] = [{ name: each, runner: "main-job", args }];
      // the same answer, or the run fails
      if (isLargest) {
        variants.push({
          name: LIMITED,
          runner: "main-job",
          args: { ...args, memoryBytes: LIMIT_BYTES } as typeof args,
        });
      }
      const measured = await compare(variants, log, isLargest ? { rounds: 1, warmups: 0 } : { rounds });
      for (const { name } of variants) {
        const outcome = outcomeOf(measured, name);
        outcomes.push(outcome);
        const isLimited = name === LIMITED;
        rows.push({
          bar: "8",
          what: `${name}: main job, experts paper, 2 threads: ${told(outcome)}, ${((outcome.minSeconds / events) * 1e9).toFixed(0)} ns an event`,
          asked: isLimited ? "≤ 4 GB" : "",
          came: `${(outcome.peakRssBytes / 1e9).toFixed(2)} GB peak, ${(outcome.peakRssBytes / events).toFixed(0)} bytes an event`,
          met: isLimited ? outcome.peakRssBytes <= LIMIT_BYTES : null,
          load: loadOf(outcome),
        });
      }
    }
    return { rows, outcomes };
  },
};
