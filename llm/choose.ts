import type { DataStatistics } from "../planner/statistics.js";
import type { StudyHypotheses } from "../planner/study.js";
import { type AnyTemplate, classesOf, gridClasses, type HypothesisClass } from "../planner/templates/library.js";
import { selectClasses } from "./select.js";

/**
 * The classes of a run: those that the study lists, a template without parameters and its own templates filled from the
 * data; else the templates of the default run, and those that a prompt speaks of, which are marked as the selector's.
 * @param library - the templates, the study's own among them
 * @param prompt - what to look for, in plain words; null: nothing in particular
 * @throws LeadlineError `expression-invalid` when no filling of a template of the study's own means anything in the data
 */
export function chooseClasses(
  hypotheses: readonly StudyHypotheses[] | null,
  data: DataStatistics,
  library: readonly AnyTemplate[],
  prompt: string | null = null,
): readonly HypothesisClass[] {
  if (hypotheses === null) {
    const grid = gridClasses(data);
    return prompt === null ? grid : marked(grid, prompt, library, data);
  }
  return hypotheses.flatMap((entry): HypothesisClass[] => {
    if (entry.kind === "template") {
      const named = library.find(({ name }) => name === entry.template);
      if (named !== undefined && Object.keys(entry.parameters).length === 0) return classesOf(named, data, "study");
      return [{ template: entry.template, parameters: entry.parameters, chosenBy: "study", round: 1 }];
    }
    const own = library.find(({ name }) => name === entry.name);
    return own === undefined ? [] : classesOf(own, data, "study");
  });
}

/** The grid in its order, then what the prompt adds to it: a prompt widens a run and never narrows it. */
function marked(
  grid: readonly HypothesisClass[],
  prompt: string,
  library: readonly AnyTemplate[],
  data: DataStatistics,
): readonly HypothesisClass[] {
  const left = new Map(
    selectClasses(prompt, library, data).map(({ template, parameters }): [string, HypothesisClass] => [
      keyOf(template, parameters),
      { template, parameters, chosenBy: "selector", round: 1 },
    ]),
  );
  const classes = grid.map((one): HypothesisClass => {
    const isSelected = left.delete(keyOf(one.template, one.parameters));
    return isSelected ? { ...one, chosenBy: "selector" } : one;
  });
  return [...classes, ...left.values()];
}

/** The same for the same parameters, in whatever order. */
function keyOf(template: string, parameters: Readonly<Record<string, unknown>>): string {
  return JSON.stringify([template, Object.entries(parameters).sort(([a], [b]) => (a < b ? -1 : 1))]);
}
