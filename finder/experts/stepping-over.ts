import type { KpiOutcome } from "../../engine/execution.js";
import { FAILING } from "../../engine/passes/segment.js";
import type { PatternShape } from "../candidates.js";
import type { SessionFacts, Subject } from "./session-facts.js";

/** Failing sessions and all, of members and of others. */
export interface Counts {
  readonly membersFailing: number;
  readonly members: number;
  readonly othersFailing: number;
  readonly others: number;
}

/**
 * Counts the sessions that hold a pattern when a conversion's own last events are stepped over, of those that begin before the outcome is decided.
 * Next after the step before a success comes the success, so that whatever else comes next is never seen in sessions that succeed; with the success
 * stepped over it is seen in both. O(events of what is compared).
 * @returns null where the KPI is no conversion, or the pattern a single step, or one between whose steps anything may lie
 */
export function steppingOver(
  facts: SessionFacts,
  { evidence, kpi }: Subject,
  { tokens: gram, adjacency, withinMs }: PatternShape,
): Counts | null {
  const { table, events, kpis, planned } = facts.data;
  const { state, anchor, evidenceEnd } = kpis[kpi] as KpiOutcome;
  if (events === null || anchor === null || evidenceEnd === null) return null;
  if (gram.length < 2 || adjacency === "gap") return null;
  const longestMs = withinMs ?? Number.POSITIVE_INFINITY;
  const { name, time, symbols, skip } = events;
  const { sessionOffsets } = table;
  const isOutcome = new Uint8Array(table.names.length);
  for (const code of planned[kpi]?.barredNames ?? []) isOutcome[code] = 1;
  // Shift-And (Baeza-Yates & Gonnet, CACM 35, 1992): bit i of a symbol's mask: it is step i
  const masks = new Uint32Array(skip + 1);
  for (const [step, token] of gram.entries()) masks[token + 1] = (masks[token + 1] as number) | (1 << step);
  const last = 1 << (gram.length - 1);
  // where the last visible events stand, as a ring: the one that the next overwrites is the first of a match
  const places = new Uint32Array(gram.length);
  let [membersFailing, members, failing, all] = [0, 0, 0, 0];
  facts.sets.forEach(evidence.compared, (session) => {
    const fails = state[session] === FAILING ? 1 : 0;
    all++;
    failing += fails;
    const end = sessionOffsets[session + 1] as number;
    const decided = evidenceEnd[session] as number;
    let [matched, seen] = [0, 0];
    for (let at = sessionOffsets[session] as number; at < end; at++) {
      const symbol = symbols[at] as number;
      if (symbol === skip || isOutcome[name[at] as number] === 1) continue;
      matched = ((matched << 1) | 1) & (masks[symbol] as number);
      places[seen++ % gram.length] = at;
      if ((matched & last) === 0) continue;
      const first = places[seen % gram.length] as number;
      if ((time[at] as number) - (time[first] as number) > longestMs) continue;
      if (first < decided) {
        members++;
        membersFailing += fails;
      }
      break;
    }
    return true;
  });
  return { membersFailing, members, othersFailing: failing - membersFailing, others: all - members };
}
