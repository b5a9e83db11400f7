import type { WorkerPool } from "../../engine/pool.js";
import type { Found } from "../../finder/find.js";
import { judgeInRounds, type PlannedStudy } from "../../finder/run-study.js";
import { parseExpression } from "../../planner/expression/parse.js";
import { printExpression } from "../../planner/expression/print.js";
import type { Study } from "../../planner/study.js";
import type { TruthEntry } from "../../sample/truth.js";

/** A sample service with its data in memory, and what was planted in it. */
export interface PlantedService {
  readonly study: Study;
  readonly planned: PlannedStudy;
  readonly leads: readonly TruthEntry[];
}

/** How a budget is spent. */
export interface Spending {
  /** Hypotheses that are tested; 0: all. */
  readonly budget: number;
  readonly rounds: number;
  readonly seed: number;
  /** `chance`: arms are drawn all alike. */
  readonly draw: "belief" | "chance";
}

/** What a budget found. */
export interface Recall {
  /** Of the leads, by the rounds after which they were counted; the last is the run's. */
  readonly found: readonly number[];
  readonly leads: number;
  /** Hypotheses that were tested. */
  readonly tested: number;
}

/** How many planted leads a budget of hypotheses finds: reported on their KPI, themselves or folded into what is. */
export async function recallOf(
  { study, planned, leads }: PlantedService,
  { budget, rounds, seed, draw }: Spending,
  pool: WorkerPool,
): Promise<Recall> {
  const bounded: Study = { ...study, settings: { ...study.settings, hypothesis_budget: budget } };
  const found: number[] = [];
  const ran = await judgeInRounds(bounded, planned, pool, { rounds, seed }, draw, (_, what) => {
    found.push(leads.filter((lead) => isFound(lead, what, study)).length);
  });
  return { found, leads: leads.length, tested: ran.budget?.tested ?? 0 };
}

function isFound({ kpi, hypothesis, alternatives }: TruthEntry, { opportunities }: Found, { kpis }: Study): boolean {
  const texts = [hypothesis, ...alternatives].map((text) => printExpression(parseExpression(text)));
  return opportunities.some(
    (own) => kpis[own.kpi]?.name === kpi && texts.some((text) => own.hypothesis === text || own.folded.includes(text)),
  );
}
