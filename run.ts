import { availableParallelism } from "node:os";
import { WorkerPool } from "./engine/pool.js";
import { assertRunOptions } from "./finder/check-options.js";
import { type ExpressionExplanation, explainOneExpression } from "./finder/explain-expression.js";
import { type Progress, planStudy, type RunOptions, runStudy } from "./finder/run-study.js";
import { computeSessionColumns, type SessionColumns } from "./finder/session-columns.js";
import { ModelProposer } from "./llm/model-proposer.js";
import type { Proposer } from "./llm/proposer.js";
import { ReplayProposer } from "./llm/replay.js";
import { explainPlan, type PlanExplanation } from "./planner/explain.js";
import { partitionUsers } from "./planner/partition.js";
import type { Study } from "./planner/study.js";
import type { Result } from "./report/result.js";
import { compareResults } from "./report/since.js";
import { toResult } from "./report/to-result.js";
import { applyVerdicts } from "./report/verdicts.js";

export type { ExpressionExplanation, Progress, RunOptions, SessionColumns };

/** Options of `findOpportunities`. */
export interface FindOpportunitiesOptions extends RunOptions {
  /** A result of an earlier run: each opportunity is marked new, ongoing, worse or better against it, and what is gone is listed. @default none */
  readonly since?: Result;
  /** Path of a GGUF file: a local model that chooses hypotheses beside the selector. Nothing that goes wrong with it fails the run. @default none */
  readonly model?: string;
  /** A result of an earlier run: its prompt, seed, rounds, people's verdicts and recorded answers of a model are taken instead of asking one. @default none */
  readonly replay?: Result;
}

/**
 * The main job: reads a study's data, tests its hypotheses, and returns what the experts let through, best first.
 * @param base - folder that the study's paths are relative to
 * @throws LeadlineError when the study or the data are not what they should be, when a worker thread fails, and when the
 * signal fires
 * @throws RangeError for an option that is none of what is allowed
 */
export async function findOpportunities(
  asked: Study,
  base: string,
  given: FindOpportunitiesOptions = {},
): Promise<Result> {
  assertRunOptions(given);
  const start = performance.now();
  const { study, options } = asRecorded(asked, given);
  const proposer = options.proposer ?? proposerOf(study, base, options);
  const threads = options.threads ?? availableParallelism();
  const pool = new WorkerPool(threads, options.signal);
  try {
    // threads take a while to end, and may as well do so while what was found is drawn
    const onThreadsDone = (): void => {
      pool.close().catch(() => {});
    };
    const run = proposer === null ? options : { ...options, proposer };
    const findings = await runStudy(study, base, pool, { ...run, onThreadsDone });
    const model = proposer?.record();
    const result = toResult(findings, {
      title: study.title,
      experts: options.experts ?? "all",
      seconds: Math.round(performance.now() - start) / 1000,
      threads,
      seed: options.seed ?? 0,
      ...(study.prompt === null ? {} : { prompt: study.prompt }),
      ...(model === undefined || model.rounds.length === 0 ? {} : { model }),
      kpiTexts: study.kpis.map((kpi) => ({
        expression: kpi.kind === "binary" ? kpi.failure.text : kpi.value.text,
        among: kpi.among?.text ?? null,
      })),
      ...(options.sample === undefined ? {} : { sample: options.sample }),
    });
    const compared = options.since === undefined ? result : compareResults(result, options.since);
    return options.verdicts === undefined ? compared : applyVerdicts(compared, options.verdicts);
  } finally {
    await pool.close();
  }
}

/** A run that replays another looks for what that one looked for. */
function asRecorded(
  study: Study,
  options: FindOpportunitiesOptions,
): { readonly study: Study; readonly options: FindOpportunitiesOptions } {
  if (options.replay === undefined) return { study, options };
  const { prompt, seed, rounds } = options.replay.run;
  const { verdicts = [] } = options.replay;
  return { study: { ...study, prompt: prompt ?? study.prompt }, options: { ...options, seed, rounds, verdicts } };
}

function proposerOf(study: Study, base: string, options: FindOpportunitiesOptions): Proposer | null {
  const { replay, model, seed = 0, threads, signal } = options;
  if (replay !== undefined) return replay.model === undefined ? null : new ReplayProposer(replay.model);
  if (model === undefined) return null;
  const {
    model_deadline: deadlineMs,
    model_prompt_tokens: promptTokens,
    model_answer_tokens: answerTokens,
  } = study.settings;
  return new ModelProposer({
    ...{ file: model, seed, metadata: study.metadata, base, deadlineMs, promptTokens, answerTokens },
    kpis: study.kpis.map((kpi) => ({
      name: kpi.name,
      description: kpi.description,
      expression: kpi.kind === "binary" ? kpi.failure.text : kpi.value.text,
    })),
    ...(threads === undefined ? {} : { host: { threads } }),
    ...(signal === undefined ? {} : { signal }),
  });
}

/**
 * Computes expressions over a study's data, whatever their type: a row a session, a column an expression, to be written with
 * `sessionParquet` or `sessionCsv`. See `computeSessionColumns`.
 * @param base - folder that the study's paths are relative to
 * @throws LeadlineError as `findOpportunities`; `expression-invalid` with the number of the expression and the place in it
 */
export async function sessionColumns(
  study: Study,
  base: string,
  expressions: readonly string[],
  options: RunOptions = {},
): Promise<SessionColumns> {
  assertRunOptions(options);
  const pool = new WorkerPool(options.threads ?? availableParallelism(), options.signal);
  try {
    return await computeSessionColumns(study, base, expressions, pool, options);
  } finally {
    await pool.close();
  }
}

/**
 * Reads a study's data and makes its plan, without running it.
 * @param base - folder that the study's paths are relative to
 * @throws LeadlineError as `findOpportunities`
 */
export async function explainStudy(study: Study, base: string, options: RunOptions = {}): Promise<PlanExplanation> {
  assertRunOptions(options);
  const pool = new WorkerPool(options.threads ?? availableParallelism(), options.signal);
  try {
    const { plan, data, table, warnings, close } = await planStudy(study, base, pool, options);
    close();
    const partitions = partitionUsers(table.userOffsets, table.sessionOffsets).length - 1;
    const texts = study.kpis.map((kpi) => (kpi.kind === "binary" ? kpi.failure.text : kpi.value.text));
    return {
      ...explainPlan(plan, texts, data, Math.max(0, partitions)),
      warnings: [...warnings, ...plan.warnings],
    };
  } finally {
    await pool.close();
  }
}

/**
 * Tells what one expression means, in words, in how many sessions of a study it holds, and how every KPI is inside and outside, with
 * intervals that take the user as the unit. See `ExpressionExplanation`; `formatExpressionExplanation` prints it.
 * @param base - folder that the study's paths are relative to
 * @param text - a condition, a number or a text of the expression language
 * @throws LeadlineError as `findOpportunities`; `expression-invalid` with the place in the expression
 */
export async function explainExpression(
  study: Study,
  base: string,
  text: string,
  options: RunOptions = {},
): Promise<ExpressionExplanation> {
  assertRunOptions(options);
  const pool = new WorkerPool(options.threads ?? availableParallelism(), options.signal);
  try {
    return await explainOneExpression(study, base, text, pool, options);
  } finally {
    await pool.close();
  }
}
