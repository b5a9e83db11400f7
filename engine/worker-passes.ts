/** What a worker thread does with an event table; loaded while the table is made, or with the first such task. */

import type { TaskHandlers } from "./answer.js";
import { collectGarbage } from "./collect-garbage.js";
import { releaseEvidence } from "./operators/evidence-part.js";
import { countCells, splitCells } from "./passes/cells.js";
import { countCommonGrams } from "./passes/common-grams.js";
import { countDistinctGrams } from "./passes/distinct.js";
import { evaluate } from "./passes/evaluate.js";
import { collectEvidence } from "./passes/evidence.js";
import { countExposure } from "./passes/exposure.js";
import { gather, remapSymbols } from "./passes/gather.js";
import { groupUsers } from "./passes/group-users.js";
import { findLoadWindows, loadOf } from "./passes/load.js";
import { markSets } from "./passes/mark.js";
import { segmentSessions, standSessions } from "./passes/segment.js";
import { countSubsequences } from "./passes/sequences.js";
import { sumStrata } from "./passes/strata.js";
import { writeSymbols } from "./passes/symbols.js";
import { tally, writeStandings } from "./passes/tally.js";
import { countValues } from "./passes/value-counts.js";
import type { Tasks } from "./tasks.js";
import type { sourceHandlers } from "./worker-sources.js";

/** Passes over events and sessions. */
export const passHandlers: TaskHandlers<Omit<Tasks, keyof typeof sourceHandlers | "fill" | "moments" | "loadPasses">> =
  {
    valueCounts: countValues,
    loadWindows: findLoadWindows,
    load: loadOf,
    evaluate: (input) => {
      evaluate(input);
      // its arrays outlived partitions, so they are old, and nothing would be made for long that reminds V8 of them: a fifth of a gigabyte a thread
      releaseEvidence();
      collectGarbage("all");
      return null;
    },
    stand: standSessions,
    segment: segmentSessions,
    groupUsers,
    splitCells,
    countCells,
    gather,
    remap: remapSymbols,
    symbols: writeSymbols,
    distinct: countDistinctGrams,
    commonGrams: countCommonGrams,
    subsequences: countSubsequences,
    standings: writeStandings,
    tally,
    mark: markSets,
    evidence: collectEvidence,
    strata: sumStrata,
    exposure: countExposure,
  };
