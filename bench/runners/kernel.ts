/** Bar 6: the pattern kernel on the main job's own automaton, on one thread. */

import { FAILING, NORMAL, type Segments } from "../../engine/passes/segment.js";
import { WorkerPool } from "../../engine/pool.js";
import { countSessions } from "../../kernels/aho-corasick.js";
import { walk, walkFour } from "../kernels/transitions.js";
import { type Internals, tallyStudy } from "./internals.js";
import { peakRssBytes, serve } from "./runner.js";

await serve(
  async ({
    study,
    threads,
    experts,
    repeats,
  }: {
    readonly study: string;
    readonly threads: number;
    readonly experts: "all" | "paper";
    readonly repeats: number;
  }) => {
    const pool = new WorkerPool(threads);
    const internals = await tallyStudy(study, pool, experts);
    await pool.close();
    const { automaton } = internals.patterns.mined;
    const { cohorts, kpis, execution } = internals.context;
    const { order, units } = internals.walk;
    const stream = execution.streams[0];
    if (stream === undefined) throw new TypeError("nothing is laid out");
    const { symbols, offsets, segments } = stream;
    const stamp = new Int32Array(automaton.states);
    const counts = new Uint32Array(segments.columns * automaton.states);
    const { next } = automaton;
    const tokens = symbols.length;
    const count = (): void => {
      stamp.fill(0);
      counts.fill(0);
      for (let unit = 0; unit < units.length; unit += 3) {
        const [start, end] = [units[unit + 1] as number, units[unit + 2] as number];
        countSessions(
          automaton,
          symbols,
          offsets,
          segments.offsets,
          segments.end,
          segments.column,
          order,
          start,
          end,
          stamp,
          counts,
        );
      }
    };
    if (walk(next, symbols, offsets) !== walkFour(next, symbols, offsets)) throw new Error("wrong walk");
    count();
    check(internals, segments, counts);
    const best = (work: () => void): number => {
      let least = Number.POSITIVE_INFINITY;
      for (let repeat = 0; repeat < repeats; repeat++) {
        const start = performance.now();
        work();
        least = Math.min(least, (performance.now() - start) / 1000);
      }
      return least;
    };
    const one = best(() => void walk(next, symbols, offsets));
    const four = best(() => void walkFour(next, symbols, offsets));
    const counted = best(count);
    return {
      seconds: [counted],
      // one thread, nothing waits
      cpuSeconds: [counted],
      peakRssBytes: peakRssBytes(),
      answer: null,
      numbers: {
        transitionsPerSecond: tokens / one,
        transitionsFourPerSecond: tokens / four,
        countedPerSecond: tokens / counted,
        patterns: automaton.patterns,
        states: automaton.states,
        tableKiB: automaton.next.byteLength / 1024,
        columns: segments.columns,
        cells: cohorts.cells,
        kpis: kpis.length,
        tokens,
      },
    };
  },
);

/** The counts must be the run's own tally over all cohorts. */
function check({ context: { kpis }, patterns }: Internals, segments: Segments, counts: Uint32Array): void {
  const { automaton } = patterns.mined;
  for (const kpi of kpis.keys()) {
    for (const standing of [NORMAL, FAILING]) {
      const row = patterns.tally.row(0, kpi, standing === FAILING);
      for (let pattern = 1; pattern <= automaton.patterns; pattern++) {
        let sum = 0;
        for (let column = 0; column < segments.columns; column++) {
          if (segments.standing[column * kpis.length + kpi] === standing)
            sum += counts[column * automaton.states + pattern] as number;
        }
        if (sum !== row[pattern])
          throw new Error(`wrong counts: pattern ${pattern}, KPI ${kpi}: ${sum}, not ${row[pattern]}`);
      }
    }
  }
}
