import type { HypothesisClass } from "../planner/templates/library.js";
import type { Proposal } from "./proposer.js";
import type { ClassWeights } from "./rounds.js";
import type { SelectedClass } from "./select.js";
import type { SomeTemplate } from "./some-template.js";

/** A class that the prompt speaks of. */
export interface RankedClass extends HypothesisClass {
  readonly chosenBy: "selector" | "model";
  /** Above 0: how surely it is meant, times what was learned of it. */
  readonly score: number;
  readonly why: string;
}

/** What a nat of the model's support is worth in the selector's scores, and how many nats count at most. */
const SUPPORT_WORTH = 0.03;
const MOST_SUPPORT = 8;
/**
 * Support from which a template that the selector does not think of is proposed. A small model is always for something; below
 * some five nats that is hardly ever what was meant, and a prompt that nothing fits stays without a class.
 */
const PROPOSED_FROM = 5;
/** Where what the model alone proposes begins, and the most that it is worth; each later one is worth a little less. */
const MODEL_ALONE = 0.3;
const MOST_ALONE = 0.5;
const LATER = 0.01;
const LEAST = 0.01;

/**
 * The selector's classes and the model's in one order, best first: the selector's as they stand, then what the model alone proposes, by how
 * well its template fits the person's words. So a model adds to what the selector chose and takes nothing from it: the first choice of a small
 * one is right less than half as often (docs/PROMPTS.md). Where the model scored nothing, its classes come last.
 * @param weights - what was learned: every score is multiplied by its weight, and the order is that of the products
 */
export function combine(
  selected: readonly SelectedClass[],
  { classes, support }: Proposal,
  round: number,
  weights: ClassWeights | null,
): readonly RankedClass[] {
  const ranked = new Map<string, RankedClass>();
  const most = selected.reduce((least, { score }) => Math.min(least, score), MOST_ALONE);
  for (const { template, parameters, score, reason: why } of selected) {
    ranked.set(keyOf(template, parameters), { template, parameters, chosenBy: "selector", round, score, why });
  }
  for (const [place, { template, parameters }] of classes.entries()) {
    const key = keyOf(template, parameters);
    const known = ranked.get(key);
    if (known !== undefined) {
      ranked.set(key, { ...known, why: `${known.why}; the model proposes it too` });
      continue;
    }
    const fit = support.get(template);
    if (fit !== undefined && fit < PROPOSED_FROM && !selected.some((one) => one.template === template)) continue;
    const score = fit === undefined ? LEAST : moved(MODEL_ALONE - LATER * place, fit);
    ranked.set(key, {
      template,
      parameters,
      chosenBy: "model",
      round,
      score: Math.min(most, score),
      why: `the model proposes it${fitOf(fit)}`,
    });
  }
  const all = [...ranked.values()];
  return byScore(
    weights === null
      ? all
      : all.map((one) => ({ ...one, score: one.score * weights.weightOf(one.template, one.parameters) })),
  );
}

/** The library, what the selector and the model find likeliest first. */
export function likelyTemplates(
  library: readonly SomeTemplate[],
  selected: readonly SelectedClass[],
  support: ReadonlyMap<string, number>,
): readonly SomeTemplate[] {
  const scores = new Map(
    library.map(({ name }) => {
      const own = selected.filter(({ template }) => template === name).map(({ score }) => score);
      return [name, Math.max(0, ...own) + SUPPORT_WORTH * (support.get(name) ?? 0)];
    }),
  );
  const scoreOf = ({ name }: SomeTemplate): number => scores.get(name) ?? 0;
  return [...library].sort((a, b) => scoreOf(b) - scoreOf(a));
}

function byScore(classes: readonly RankedClass[]): readonly RankedClass[] {
  return [...classes].sort((a, b) => b.score - a.score);
}

function moved(score: number, fit: number): number {
  return Math.max(LEAST, score + SUPPORT_WORTH * Math.max(-MOST_SUPPORT, Math.min(MOST_SUPPORT, fit)));
}

function fitOf(fit: number | undefined): string {
  if (fit === undefined) return "";
  const times = Math.exp(Math.abs(fit)).toPrecision(2);
  return `; it finds these words ${Number(times)} times ${fit < 0 ? "less likely" : "as likely"} for its template as for a middling one`;
}

/** The same for the same parameters, in whatever order. */
export function keyOf(template: string, parameters: Readonly<Record<string, unknown>>): string {
  return JSON.stringify([template, Object.entries(parameters).sort(([a], [b]) => (a < b ? -1 : 1))]);
}
