import { Execution } from "../../engine/execution.js";
import { FAILING, NOT_COUNTED } from "../../engine/passes/segment.js";
import type { WorkerPool } from "../../engine/pool.js";
import type { Opportunity } from "../../finder/findings.js";
import type { PlannedStudy } from "../../finder/run-study.js";
import { compileBoolean } from "../../planner/compile.js";
import { parseExpression } from "../../planner/expression/parse.js";
import { printExpression } from "../../planner/expression/print.js";
import { compileKpi } from "../../planner/kpi.js";
import { PlanBuilder } from "../../planner/plan.js";
import type { Study } from "../../planner/study.js";
import type { TruthEntry } from "../../sample/truth.js";

/** What a reported opportunity is. */
export interface Judgement {
  readonly kpi: string;
  readonly cohort: Opportunity["cohort"];
  readonly hypothesis: string;
  readonly members: number;
  /**
   * `planted`: a planted lead or one of its alternatives, itself or folded under it. `explained by planted`: at least half of its excess
   * failures are gone once the sessions of a lead on the same KPI are taken out. `true`: no lead, but so in the simulation, as `TRUE` has it. `decoy`: a
   * planted decoy. `wrong`: none of these.
   */
  readonly is: "planted" | "explained by planted" | "true" | "decoy" | "wrong";
  /** The lead or decoy. */
  readonly planted: string | null;
  /** Share of its excess failures left without the sessions of the lead that explains most. */
  readonly excessLeft: number | null;
}

/** What the simulation does beside its leads: sample/services/shop.ts lets 62 % of Brazil's checkouts fail and 20 % of the others. */
const TRUE = [{ kpi: "checkout", hypothesis: 'country == "BR"' }];
/** Share of the excess failures that may be left where a lead explains the rest. */
const MOSTLY = 0.5;

/** Judges what was reported by what was planted in the data. */
export async function judgeReport(
  planned: PlannedStudy,
  study: Study,
  opportunities: readonly Opportunity[],
  truth: readonly TruthEntry[],
  pool: WorkerPool,
): Promise<Judgement[]> {
  const planner = new PlanBuilder();
  const { data, store, tokens, tables } = planned;
  const kpis = study.kpis.map((kpi, index) => compileKpi(kpi, index, planner, data));
  const texts = [
    ...opportunities.map(({ hypothesis, cohort }) => inCohort(hypothesis, cohort)),
    ...truth.map(({ hypothesis, cohort }) => inCohort(hypothesis, cohort)),
    ...opportunities.map(({ cohort }) => inCohort(null, cohort)),
  ];
  const nodes = texts.map((text) =>
    text === null ? null : compileBoolean({ expression: parseExpression(text), text, where: "truth" }, planner, data),
  );
  const execution = new Execution(store, tokens, pool, tables);
  const everyKpi = study.kpis.map(() => true);
  const requested = [...new Set(nodes.filter((node) => node !== null))];
  const evaluated = await execution.evaluate(
    planner.nodes,
    kpis,
    requested.map((node) => ({ node, forKpi: everyKpi })),
    {
      fromMs: study.events.fromMs ?? Number.NEGATIVE_INFINITY,
      toMs: study.events.toMs ?? Number.POSITIVE_INFINITY,
      failingQuantile: study.settings.numeric_failing_quantile,
      outcomeTime: true,
    },
  );
  const holds = (at: number, kpi: number, session: number): boolean => {
    const node = nodes[at];
    if (node === null || node === undefined) return true;
    return (((evaluated.conditions.get(node)?.[0]?.[session] as number) >>> kpi) & 1) === 1;
  };
  return opportunities.map((opportunity, index) => {
    const { kpi, hypothesis, folded, cohort, contrast } = opportunity;
    const name = study.kpis[kpi]?.name ?? "";
    const own = truth.map((entry, at) => ({ entry, at })).filter(({ entry }) => entry.kpi === name);
    const named = own.find(({ entry }) => textsOf(entry).some((text) => text === hypothesis || folded.includes(text)));
    const told = { kpi: name, cohort, hypothesis, members: contrast.members };
    if (named !== undefined && !named.entry.decoy) {
      return { ...told, is: "planted", planted: named.entry.hypothesis, excessLeft: null };
    }
    if (TRUE.some((known) => known.kpi === name && known.hypothesis === hypothesis)) {
      return { ...told, is: "true", planted: null, excessLeft: null };
    }
    const { state } = evaluated.kpis[kpi] as (typeof evaluated.kpis)[number];
    const excess = (lead: number | null): number => {
      let [members, failing, others, othersFailing] = [0, 0, 0, 0];
      for (let session = 0; session < state.length; session++) {
        if (state[session] === NOT_COUNTED || !holds(opportunities.length + truth.length + index, kpi, session))
          continue;
        if (lead !== null && holds(opportunities.length + lead, kpi, session)) continue;
        const fails = state[session] === FAILING ? 1 : 0;
        if (holds(index, kpi, session)) {
          members++;
          failing += fails;
        } else {
          others++;
          othersFailing += fails;
        }
      }
      return members === 0 || others === 0 ? 0 : failing - (members * othersFailing) / others;
    };
    const pooled = excess(null);
    const left = own
      .filter(({ entry }) => !entry.decoy)
      .map(({ entry, at }) => ({ entry, share: excess(at) / pooled }))
      .sort((a, b) => a.share - b.share)[0];
    if (left !== undefined && left.share <= MOSTLY) {
      return { ...told, is: "explained by planted", planted: left.entry.hypothesis, excessLeft: left.share };
    }
    return {
      ...told,
      is: named === undefined ? "wrong" : "decoy",
      planted: named?.entry.hypothesis ?? null,
      excessLeft: left?.share ?? null,
    };
  });
}

/** Where a planted entry is told: its rank in its scenario, itself or folded; null where it is not. */
export function rankOf(entry: TruthEntry, study: Study, opportunities: readonly Opportunity[]): number | null {
  const texts = textsOf(entry);
  const scenario = opportunities.filter(
    ({ kpi, cohort }) => study.kpis[kpi]?.name === entry.kpi && JSON.stringify(cohort) === JSON.stringify(entry.cohort),
  );
  const at = scenario.findIndex(({ hypothesis, folded }) =>
    texts.some((text) => text === hypothesis || folded.includes(text)),
  );
  return at < 0 ? null : at + 1;
}

/** Whether a planted entry is told on its KPI in any cohort, itself or folded. */
export function isTold(entry: TruthEntry, study: Study, opportunities: readonly Opportunity[]): boolean {
  const texts = textsOf(entry);
  return opportunities.some(
    ({ kpi, hypothesis, folded }) =>
      study.kpis[kpi]?.name === entry.kpi && texts.some((text) => text === hypothesis || folded.includes(text)),
  );
}

function textsOf({ hypothesis, alternatives }: TruthEntry): string[] {
  return [hypothesis, ...alternatives].map((text) => printExpression(parseExpression(text)));
}

function inCohort(hypothesis: string | null, cohort: Opportunity["cohort"]): string | null {
  const values = Object.entries(cohort).map(([name, value]) => `\`${name}\` == ${JSON.stringify(value)}`);
  const parts = [...(hypothesis === null ? [] : [`(${hypothesis})`]), ...values];
  return parts.length === 0 ? null : parts.join(" and ");
}
