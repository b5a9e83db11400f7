import { compare, outcomeOf } from "../harness.js";
import { type Bar, loadOf, ratios, seconds, told } from "./bar.js";

/** Bar 9: the main job again, its event table kept by an earlier run; the warm-up is that run. */
export const againBar: Bar = {
  name: "again",
  title: "9. Again",
  async measure({ study, size, rounds, log }) {
    const args = { study: await study(size), experts: "paper", threads: 2 };
    const measured = await compare(
      [
        { name: "kept", runner: "main-job", args: { ...args, cache: true } },
        { name: "read", runner: "main-job", args },
      ],
      log,
      { rounds },
    );
    const kept = outcomeOf(measured, "kept");
    const read = outcomeOf(measured, "read");
    return {
      rows: [
        {
          bar: "9",
          what: `${size} events with --cache, experts paper, 2 threads (reading ${seconds(kept.numbers["phase.read"] ?? 0)}; without: ${told(read)}, ${ratios(kept, read)})`,
          asked: "≤ 1 s",
          came: told(kept),
          met: kept.minSeconds <= 1,
          load: loadOf(...measured),
        },
      ],
      outcomes: measured,
    };
  },
};
