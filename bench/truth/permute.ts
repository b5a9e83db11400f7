import type { EventTable } from "../../engine/columns/event-table.js";
import { sharedFloat64, sharedUint8, sharedUint32 } from "../../engine/columns/shared.js";
import type { KpiOutcome } from "../../engine/execution.js";
import { NOT_COUNTED } from "../../engine/passes/segment.js";
import { permutedSessions } from "../../finder/statistics/permutation.js";
import { Random } from "../../finder/statistics/random.js";

/**
 * Who exchanges outcomes: each user's sessions among themselves; or first users with like numbers of sessions all of theirs, and then so, since
 * in the same order a first session would keep the outcome of a first session, and the lifecycle its effect.
 */
export type Exchange = "over users" | "within users";

/**
 * A KPI with outcomes that have nothing to do with what happens in its sessions: each session that counts gets the outcome of another, its
 * value, and the age at which it was decided (from the anchor of a conversion, else from the start), so that failures still take longer than
 * successes where they did. The anchor stays the session's own.
 */
export function permutedKpi(table: EventTable, kpi: KpiOutcome, exchange: Exchange, seed: number): KpiOutcome {
  const { sessions, sessionOffsets, time, userOffsets } = table;
  const { state: own, outcome, evidenceEnd, anchor } = kpi;
  const within = shuffledWithin(own, userOffsets, seed);
  const over = exchange === "over users" ? permutedSessions(own, userOffsets, seed) : null;
  const source = over === null ? within : within.map((session) => over[session] as number);
  const state = sharedUint8(sessions);
  const values = outcome === null ? null : sharedFloat64(sessions);
  const decided = evidenceEnd === null ? null : sharedUint32(sessions);
  const originOf = (session: number): number => {
    const last = (sessionOffsets[session + 1] as number) - 1;
    return time[
      anchor === null ? (sessionOffsets[session] as number) : Math.min(anchor[session] as number, last)
    ] as number;
  };
  for (let session = 0; session < sessions; session++) {
    const from = source[session] as number;
    state[session] = own[from] as number;
    if (values !== null && outcome !== null) values[session] = outcome[from] as number;
    if (decided === null || evidenceEnd === null) continue;
    const end = sessionOffsets[session + 1] as number;
    const fromEnd = sessionOffsets[from + 1] as number;
    const at = evidenceEnd[from] as number;
    // undecided up to its end: so is the session that gets its outcome
    if (own[session] === NOT_COUNTED) decided[session] = evidenceEnd[session] as number;
    else if (at >= fromEnd) decided[session] = end;
    else {
      const moment = originOf(session) + (time[at] as number) - originOf(from);
      let position = sessionOffsets[session] as number;
      while (position < end && (time[position] as number) < moment) position++;
      decided[session] = position;
    }
  }
  return { ...kpi, state, outcome: values, evidenceEnd: decided };
}

function shuffledWithin(counts: Uint8Array, userOffsets: Uint32Array, seed: number): Uint32Array {
  const random = new Random(seed);
  const source = Uint32Array.from(counts, (_, session) => session);
  for (let user = 0; user + 1 < userOffsets.length; user++) {
    const own = source.slice(userOffsets[user], userOffsets[user + 1]).filter((session) => counts[session] !== 0);
    const givers = own.slice();
    random.shuffle(givers, 0, givers.length);
    for (const [at, session] of own.entries()) source[session] = givers[at] as number;
  }
  return source;
}
