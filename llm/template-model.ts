import { templateWeights } from "./template-weights.js";

/** A log-linear model of what a clause is about: a weight for each feature and label. */
export interface TemplateModel {
  /** Templates by name, and what nothing in the library fits. */
  readonly labels: readonly string[];
  /** By feature, a weight for each label. */
  readonly weights: ReadonlyMap<string, readonly number[]>;
}

/** What a clause is that nothing in the library fits. */
export const NOTHING = "nothing";
/** Stands in every clause. */
export const ALWAYS = "always";

/** The model as it was learnt by `bench/prompts/fit.ts`. */
export const learntModel: TemplateModel = unpacked(templateWeights);

/**
 * How well the labels fit a clause, as sums of weights.
 * @returns by label; higher is likelier
 */
export function labelScores(model: TemplateModel, features: readonly string[]): ReadonlyMap<string, number> {
  const sums = model.labels.map(() => 0);
  for (const feature of [ALWAYS, ...features]) {
    const row = model.weights.get(feature);
    if (row === undefined) continue;
    for (const [at, weight] of row.entries()) sums[at] = (sums[at] ?? 0) + weight;
  }
  return new Map(model.labels.map((label, at) => [label, sums[at] ?? 0]));
}

/** Hundredths of a weight, label by label in the order of the first line; a feature a line. */
export function unpacked([head = "", ...lines]: readonly string[]): TemplateModel {
  const labels = head.split(" ");
  const weights = lines.map((line): [string, readonly number[]] => {
    const [feature = "", packed = ""] = line.split("\t");
    const row = labels.map(() => 0);
    for (const entry of packed.split(" ")) {
      const [at, hundredths] = entry.split(":").map(Number);
      if (at !== undefined && hundredths !== undefined) row[at] = hundredths / 100;
    }
    return [feature, row];
  });
  return { labels, weights: new Map(weights) };
}
