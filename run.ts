import { availableParallelism } from "node:os";
import { WorkerPool } from "./engine/pool.js";
import { type Progress, type RunOptions, runStudy } from "./finder/run-study.js";
import type { Study } from "./planner/study.js";
import type { Result } from "./report/result.js";
import { toResult } from "./report/to-result.js";

export type { Progress, RunOptions };

/** Options of `findOpportunities`. */
export interface FindOpportunitiesOptions extends RunOptions {
  /** Seed of everything random, kept in the result. @default 0 */
  readonly seed?: number;
}

/**
 * The main job: reads a study's data, tests its hypotheses, and returns what the experts let through, best first.
 * @param base - folder that the study's paths are relative to
 * @throws LeadlineError when the study or the data are not what they should be, when a worker thread fails, and when the
 * signal fires
 */
export async function findOpportunities(
  study: Study,
  base: string,
  options: FindOpportunitiesOptions = {},
): Promise<Result> {
  const start = performance.now();
  const threads = options.threads ?? availableParallelism();
  const pool = new WorkerPool(threads, options.signal);
  try {
    const findings = await runStudy(study, base, pool, options);
    return toResult(findings, {
      title: study.title,
      experts: options.experts ?? "all",
      seconds: Math.round(performance.now() - start) / 1000,
      threads,
      seed: options.seed ?? 0,
      ...(options.sample === undefined ? {} : { sample: options.sample }),
    });
  } finally {
    await pool.close();
  }
}
