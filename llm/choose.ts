import type { DataStatistics } from "../planner/statistics.js";
import type { StudyHypotheses } from "../planner/study.js";
import { type AnyTemplate, classesOf, gridClasses, type HypothesisClass } from "../planner/templates/library.js";

/**
 * The classes of a run: those that the study lists, its own templates filled from its lists or the data; else every template
 * over a grid drawn from the data.
 * @param library - the templates, the study's own among them
 * @throws LeadlineError `expression-invalid` when no filling of a template of the study's own means anything in the data
 */
export function chooseClasses(
  hypotheses: readonly StudyHypotheses[] | null,
  data: DataStatistics,
  library: readonly AnyTemplate[],
): readonly HypothesisClass[] {
  if (hypotheses === null) return gridClasses(data);
  return hypotheses.flatMap((entry): HypothesisClass[] => {
    if (entry.kind === "template") {
      return [{ template: entry.template, parameters: entry.parameters, chosenBy: "study", round: 1 }];
    }
    const own = library.find(({ name }) => name === entry.name);
    return own === undefined ? [] : classesOf(own, data, "study");
  });
}
