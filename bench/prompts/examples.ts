import { readWritten } from "../../llm/clause-reading.js";
import { cutsOf } from "../../llm/clauses.js";
import { unframed } from "../../llm/frames.js";
import { vocabularyOf } from "../../llm/reading.js";
import { templateFeatures } from "../../llm/template-features.js";
import { NOTHING } from "../../llm/template-model.js";
import type { DataStatistics } from "../../planner/statistics.js";
import type { BenchPrompt } from "./judge.js";
import type { Example } from "./learn.js";

/**
 * What the model of templates learns from a prompt: the prompt as one clause; of several intents its sentences, where there are as many.
 * @param statistics - of the prompt's data
 */
export function examplesOf({ prompt, intents }: BenchPrompt, statistics: DataStatistics): readonly Example[] {
  const vocabulary = vocabularyOf(statistics);
  const example = (clause: string, right: readonly string[]): Example => ({
    features: templateFeatures(readWritten(clause, statistics, vocabulary)),
    right,
  });
  if (intents.length === 0) return [example(unframed(prompt), [NOTHING])];
  const right = intents.map(({ acceptable }) => [...new Set(acceptable.map(({ template }) => template))]);
  if (intents.length === 1) return [example(unframed(prompt), right[0] ?? [])];
  const { sentences } = cutsOf(prompt);
  return sentences.length === intents.length ? sentences.map((one, at) => example(unframed(one), right[at] ?? [])) : [];
}
