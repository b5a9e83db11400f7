import {
  type DerivedTable,
  FALSE,
  identityColumns,
  MISSING,
  type SessionColumn,
  sessionsFrom,
  TRUE,
  withUniqueNames,
} from "../engine/columns/derived-table.js";
import type { KpiOutcome } from "../engine/execution.js";
import { FAILING, NOT_COUNTED } from "../engine/passes/segment.js";
import type { Context } from "./context.js";
import type { SessionSets } from "./session-sets.js";

/** The sessions of an opportunity, in the layout of `SessionSets`. */
export interface OpportunitySessions {
  readonly id: string;
  readonly members: Uint32Array;
  /** Members and those that they are compared with. */
  readonly compared: Uint32Array;
}

/**
 * The derived columns of a run: a row a session that starts in the window, in the order of the event table, with its user, its id and
 * its start; whether it fails each binary KPI, or the value of a numeric one, missing where it does not count; and by the id of
 * each opportunity whether it is a member, missing where it is not compared (another cohort, or the KPI does not count it).
 */
export function derivedTable(
  { table, plan, kpis }: Pick<Context, "table" | "plan" | "kpis">,
  opportunities: readonly OpportunitySessions[],
  sets: SessionSets,
  fromMs: number,
  toMs: number,
): DerivedTable {
  const rows = sessionsFrom(table, fromMs, toMs);
  const ofKpis = kpis.map((kpi, index) => kpiColumn(plan.kpis[index]?.name ?? "", kpi, rows));
  const ofOpportunities = opportunities.map(({ id, members, compared }): SessionColumn => {
    const standing = new Uint8Array(table.sessions);
    for (const session of sets.sessionsOf(compared)) standing[session] = FALSE;
    for (const session of sets.sessionsOf(members)) standing[session] = TRUE;
    return { name: id, kind: "boolean", values: picked(standing, rows) };
  });
  const columns = withUniqueNames([...identityColumns(table, rows), ...ofKpis, ...ofOpportunities]);
  return { rows: rows.length, columns };
}

function kpiColumn(name: string, { state, outcome }: KpiOutcome, rows: Uint32Array): SessionColumn {
  if (outcome !== null) {
    return { name, kind: "number", values: Float64Array.from(rows, (session) => outcome[session] as number) };
  }
  const values = Uint8Array.from(rows, (session) => {
    const own = state[session] as number;
    return own === NOT_COUNTED ? MISSING : own === FAILING ? TRUE : FALSE;
  });
  return { name, kind: "boolean", values };
}

function picked(column: Uint8Array, rows: Uint32Array): Uint8Array {
  return Uint8Array.from(rows, (session) => column[session] as number);
}
