/**
 * The steps of `finder/find.ts` up to the tallies, for what the result file does not hold: every count, and the automaton.
 */

import { readFile } from "node:fs/promises";
import { dirname } from "node:path";
import { findCohorts } from "../../engine/cohorts.js";
import { sharedUint8 } from "../../engine/columns/shared.js";
import { type Evaluated, Execution, type Tally } from "../../engine/execution.js";
import { symboliseTokens } from "../../engine/mine.js";
import type { Walk } from "../../engine/passes/tally.js";
import type { WorkerPool } from "../../engine/pool.js";
import { conditionMembers, countConditions } from "../../finder/conditions.js";
import type { Context } from "../../finder/context.js";
import { conditionRequests } from "../../finder/find.js";
import { countPatterns, mine, type PatternTallies } from "../../finder/patterns.js";
import { planStudy } from "../../finder/run-study.js";
import { findScenarios } from "../../finder/scenarios.js";
import { parseStudy } from "../../planner/study.js";

/** A run up to its tallies. */
export interface Internals {
  readonly context: Context;
  readonly evaluated: Evaluated;
  readonly walk: Walk;
  readonly conditionTally: Tally;
  readonly patterns: PatternTallies;
}

/** Runs a study up to its tallies. */
export async function tallyStudy(path: string, pool: WorkerPool, experts: "all" | "paper"): Promise<Internals> {
  const study = parseStudy(await readFile(path, "utf8"), path);
  const { store, table, tokens, plan, data } = await planStudy(study, dirname(path), pool, {});
  const { settings } = study;
  const execution = new Execution(store, tokens, pool);
  const evaluated = await execution.evaluate(plan.nodes, plan.kpis, conditionRequests(plan), {
    fromMs: Number.NEGATIVE_INFINITY,
    toMs: Number.POSITIVE_INFINITY,
    failingQuantile: settings.numeric_failing_quantile,
    outcomeTime: experts !== "paper",
  });
  const { kpis } = evaluated;
  const counted = sharedUint8(table.sessions);
  for (let session = 0; session < table.sessions; session++) {
    if (kpis.some(({ state }) => state[session] !== 0)) counted[session] = 1;
  }
  const cohorts = await findCohorts(table, counted, settings.cohort_min_share, pool);
  const symbols = await symboliseTokens(execution, tokens);
  await execution.layOut(cohorts, symbols.symbols);
  const walk = execution.walk("cohort", false);
  const members = conditionMembers(plan, evaluated);
  const conditionTally = await countConditions(execution, plan.kpis.length, members, walk);
  const scenarios = findScenarios(plan.kpis, cohorts, table.attributes, conditionTally, settings.cohort_min_failing);
  const times = { firstStartMs: data.from, lastStartMs: data.to, timeZone: data.timeZone, weeks: new Float64Array(0) };
  const events = await store.whole();
  const context: Context = {
    table,
    events,
    plan,
    tokens,
    execution,
    settings,
    experts,
    kpis,
    cohorts,
    scenarios,
    ...times,
  };
  const mined = await mine(context, symbols, conditionTally, walk);
  const patterns = { ...mined, tally: await countPatterns(context, mined.mined, walk) };
  return { context, evaluated, walk, conditionTally, patterns };
}
