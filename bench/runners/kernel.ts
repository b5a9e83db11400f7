/** Bar 6: the pattern kernel on the main job's own automaton, on one thread. */

import { sharedUint8, sharedUint32 } from "../../engine/columns/shared.js";
import { FAILING, NORMAL, numberColumns, segmentSessions } from "../../engine/passes/segment.js";
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
    const { automaton, symbols } = internals.patterns.mined;
    const { table, cohorts, kpis } = internals.context;
    const { order, units } = internals.order;
    const segments = cut(internals);
    const stamp = new Int32Array(automaton.states);
    const counts = new Uint32Array(segments.columns * automaton.states);
    const { next } = automaton;
    let tokens = 0;
    for (const session of order) {
      const last = (segments.offsets[session + 1] as number) - 1;
      if (last >= (segments.offsets[session] as number)) {
        tokens += (segments.end[last] as number) - (table.sessionOffsets[session] as number);
      }
    }
    const count = (): void => {
      stamp.fill(0);
      counts.fill(0);
      for (let unit = 0; unit < units.length; unit += 3) {
        const [start, end] = [units[unit + 1] as number, units[unit + 2] as number];
        countSessions(
          automaton,
          symbols,
          table.sessionOffsets,
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
    if (walk(next, symbols, table.sessionOffsets) !== walkFour(next, symbols, table.sessionOffsets))
      throw new Error("wrong walk");
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
    const one = best(() => void walk(next, symbols, table.sessionOffsets));
    const four = best(() => void walkFour(next, symbols, table.sessionOffsets));
    const counted = best(count);
    return {
      seconds: [counted],
      // one thread, nothing waits
      cpuSeconds: [counted],
      peakRssBytes: peakRssBytes(),
      answer: null,
      numbers: {
        transitionsPerSecond: table.events / one,
        transitionsFourPerSecond: table.events / four,
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

interface Cut {
  readonly offsets: Uint32Array;
  readonly end: Uint32Array;
  readonly column: Uint32Array;
  readonly columns: number;
  readonly standing: Uint8Array;
}

/** The segments of all sessions, as `Execution` cuts them. */
function cut({ context: { table, kpis } }: Internals): Cut {
  const { sessions, sessionOffsets } = table;
  const offsets = sharedUint32(sessions + 1);
  const met = sharedUint8(3 ** kpis.length);
  const startColumn = sharedUint32(sessions);
  const none = sharedUint32(0);
  const shared = { start: 0, end: sessions, kpis, sessionOffsets, offsets, met, startColumn };
  segmentSessions({ ...shared, phase: "measure", columnOf: none, segmentEnd: none, segmentColumn: none });
  for (let session = 0; session < sessions; session++) {
    offsets[session + 1] = (offsets[session + 1] as number) + (offsets[session] as number);
  }
  const segments = offsets[sessions] as number;
  const { columnOf, columns, standing } = numberColumns(met, kpis.length);
  const end = sharedUint32(segments);
  const column = sharedUint32(segments);
  segmentSessions({ ...shared, phase: "fill", columnOf, segmentEnd: end, segmentColumn: column });
  return { offsets, end, column, columns, standing };
}

/** The counts must be the run's own tally over all cohorts. */
function check({ context: { kpis }, patterns }: Internals, segments: Cut, counts: Uint32Array): void {
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
