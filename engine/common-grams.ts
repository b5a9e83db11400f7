import type { Cohorts } from "./cohorts.js";
import { sharedUint32 } from "./columns/shared.js";
import { type Execution, sharedCounter } from "./execution.js";
import type { Scenario, TokenSymbols } from "./mine.js";
import type { CommonGramsInput } from "./passes/common-grams.js";
import { NOT_COUNTED } from "./passes/segment.js";

/** What to count. */
export interface CommonGramsRequest {
  /** Lengths of the sequences, ascending. */
  readonly lengths: readonly number[];
  readonly scenarios: readonly Pick<Scenario, "kpi" | "cohort">[];
  readonly cohorts: Pick<Cohorts, "cellOf" | "cells" | "cohortOffsets" | "cohortsOfCell">;
  /** By KPI, Uint8Array(S): how sessions stand */
  readonly states: readonly Uint8Array[];
  /** By scenario: sessions that a sequence takes, at least 1 */
  readonly least: readonly number[];
  /** Users that it takes. */
  readonly leastUsers: number;
  /** Uint32Array(tokens): bit k is set where the token is KPI k's own */
  readonly ownTokens: Uint32Array;
}

/**
 * Counts, in every scenario, the sequences of adjacent tokens that enough of its sessions and users hold, failing or not, at any time. Exact;
 * O(events × lengths × scenarios of a session) time.
 * @param symbols - from `symboliseTokens`
 * @returns Float64Array(scenarios)
 */
export async function countCommonGrams(
  { table, pool }: Execution,
  { skip, kept: { symbols, offsets } }: TokenSymbols,
  { lengths, scenarios, cohorts, states, least, leastUsers, ownTokens }: CommonGramsRequest,
): Promise<Float64Array> {
  const events = offsets[table.sessions] as number;
  const ownOf = sharedUint32(skip);
  ownOf.set(ownTokens, 1);
  const input: CommonGramsInput = {
    symbols: symbols.subarray(0, events),
    sessionOffsets: offsets,
    sessionOf: ownersOf(offsets, events),
    alphabetSize: skip,
    lengths,
    rows: {
      ...kindsOf(scenarios, cohorts, states, table.sessions),
      userOf: ownersOf(table.userOffsets, table.sessions),
    },
    least: Uint32Array.from(least),
    leastUsers,
    ownOf,
    kpiBits: Uint32Array.from(scenarios, ({ kpi }) => 1 << kpi),
    next: sharedCounter(),
  };
  const parts = await pool.runEach("commonGrams", input, "the sequences that enough sessions hold");
  return Float64Array.from(scenarios, (_, at) => parts.reduce((sum, part) => sum + (part[at] as number), 0));
}

/** Uint32Array(length) on shared memory: i of what lies in [offsets[i], offsets[i + 1]) */
function ownersOf(offsets: Uint32Array, length: number): Uint32Array {
  const of = sharedUint32(length);
  for (let owner = 0; owner + 1 < offsets.length; owner++) {
    const end = offsets[owner + 1] as number;
    for (let at = offsets[owner] as number; at < end; at++) of[at] = owner;
  }
  return of;
}

/** Kinds of sessions, those of one cell that count for the same KPIs, and the scenarios of each kind. */
function kindsOf(
  scenarios: CommonGramsRequest["scenarios"],
  { cellOf, cells, cohortOffsets, cohortsOfCell }: CommonGramsRequest["cohorts"],
  states: readonly Uint8Array[],
  sessions: number,
): Omit<CommonGramsInput["rows"], "userOf"> {
  const masks = new Uint32Array(sessions);
  for (const [kpi, state] of states.entries()) {
    for (let session = 0; session < sessions; session++) {
      const isCounted = state[session] === NOT_COUNTED ? 0 : 1;
      masks[session] = (masks[session] as number) | (isCounted << kpi);
    }
  }
  const kindOf = sharedUint32(sessions);
  const kinds: { readonly cell: number; readonly mask: number }[] = [];
  // by cell and mask, both whole numbers below 2^32 and few
  const known = new Map<number, number>();
  for (let session = 0; session < sessions; session++) {
    const [cell, mask] = [cellOf[session] as number, masks[session] as number];
    const key = mask * cells + cell;
    let kind = known.get(key);
    if (kind === undefined) {
      kind = kinds.push({ cell, mask }) - 1;
      known.set(key, kind);
    }
    kindOf[session] = kind;
  }
  const scenariosOf = new Map<number, number[]>();
  for (const [index, { cohort }] of scenarios.entries()) {
    scenariosOf.set(cohort, [...(scenariosOf.get(cohort) ?? []), index]);
  }
  const rows: number[] = [];
  const rowOffsets = [0];
  for (const { cell, mask } of kinds) {
    for (const cohort of cohortsOfCell.subarray(cohortOffsets[cell], cohortOffsets[cell + 1])) {
      const own = scenariosOf.get(cohort) ?? [];
      rows.push(...own.filter((index) => ((mask >>> (scenarios[index]?.kpi ?? 0)) & 1) === 1));
    }
    rowOffsets.push(rows.length);
  }
  return { kindOf, rowOffsets: Uint32Array.from(rowOffsets), rows: Uint32Array.from(rows) };
}
