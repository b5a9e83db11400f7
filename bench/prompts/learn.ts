import { ALWAYS, type TemplateModel } from "../../llm/template-model.js";

/** A clause and what it may be about. */
export interface Example {
  readonly features: readonly string[];
  /** Labels of which any is right, what is meant first in front. */
  readonly right: readonly string[];
}

/** Rounds over the examples, first step, and how much weights are held back, of each example. */
const ROUNDS = 30;
const STEP = 0.2;
const HELD_BACK = 3;
/** What says of an example only that many labels are right weighs less. */
const VAGUE_FROM = 7;
const VAGUE_WEIGHT = 0.3;
/** What a label is worth that is right too, beside the one that was written first. */
const LATER = 0.4;
/** A feature of fewer examples is left out. */
const LEAST_EXAMPLES = 2;

/**
 * Learns a log-linear model: the weights under which the right labels of the examples together are likeliest, held back by the sum of their squares.
 * AdaGrad (Duchi, Hazan & Singer, JMLR 12, 2011) in the order of the examples, so that the same examples give the same weights.
 */
export function learn(examples: readonly Example[], labels: readonly string[]): TemplateModel {
  const counts = new Map<string, number>();
  for (const { features } of examples) for (const one of features) counts.set(one, (counts.get(one) ?? 0) + 1);
  const kept = new Set([...counts].filter(([, count]) => count >= LEAST_EXAMPLES).map(([feature]) => feature));
  const prepared = examples.map(({ features, right }) => ({
    features: [ALWAYS, ...features.filter((one) => kept.has(one))],
    right: new Map(right.map((label, place) => [label, place === 0 ? 1 : LATER])),
    weight: right.length >= VAGUE_FROM ? VAGUE_WEIGHT : 1,
  }));
  const weights = new Map([ALWAYS, ...kept].map((one): [string, number[]] => [one, labels.map(() => 0)]));
  const squares = new Map([ALWAYS, ...kept].map((one): [string, number[]] => [one, labels.map(() => 1e-6)]));
  for (let turn = 0; turn < ROUNDS; turn++) {
    for (const { features, right, weight } of prepared) {
      const sums = labels.map((_, at) => features.reduce((sum, one) => sum + (weights.get(one)?.[at] ?? 0), 0));
      const most = Math.max(...sums);
      const shares = sums.map((sum) => Math.exp(sum - most));
      const all = shares.reduce((sum, one) => sum + one, 0);
      const wanted = shares.map((one, at) => one * (right.get(labels[at] ?? "") ?? 0));
      const met = wanted.reduce((sum, one) => sum + one, 0);
      const pull = shares.map((one, at) => weight * ((wanted[at] ?? 0) / met - one / all));
      for (const feature of features) {
        const row = weights.get(feature) ?? [];
        const square = squares.get(feature) ?? [];
        for (const at of labels.keys()) {
          const slope = (pull[at] ?? 0) - (HELD_BACK * (row[at] ?? 0)) / examples.length;
          square[at] = (square[at] ?? 0) + slope * slope;
          row[at] = (row[at] ?? 0) + (STEP * slope) / Math.sqrt(square[at] ?? 1);
        }
      }
    }
  }
  return { labels, weights };
}

/** Hundredths below which a weight is left out. */
const LEAST_HUNDREDTHS = 10;

/** A model as the lines of `llm/template-weights.ts`: the labels, then feature by feature `label:hundredths`. */
export function packed({ labels, weights }: TemplateModel): readonly string[] {
  const lines = [...weights].flatMap(([feature, row]): string[] => {
    const entries = row.flatMap((weight, at) => {
      const hundredths = Math.round(100 * weight);
      return Math.abs(hundredths) < LEAST_HUNDREDTHS ? [] : [`${at}:${hundredths}`];
    });
    return entries.length === 0 ? [] : [`${feature}\t${entries.join(" ")}`];
  });
  return [labels.join(" "), ...lines.sort()];
}
