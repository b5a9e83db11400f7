import { LeadlineError } from "../errors.js";
import type { DataStatistics } from "../planner/statistics.js";
import type { StudyHypotheses } from "../planner/study.js";
import { gridClasses, type HypothesisClass } from "../planner/templates/library.js";

/**
 * The classes of a run: those that the study lists, else every template over a grid drawn from the data.
 * @throws LeadlineError `unsupported` for a user's own template
 */
export function chooseClasses(
  hypotheses: readonly StudyHypotheses[] | null,
  data: DataStatistics,
): readonly HypothesisClass[] {
  if (hypotheses === null) return gridClasses(data);
  return hypotheses.map((entry, index) => {
    if (entry.kind === "expression") {
      throw new LeadlineError(
        "unsupported",
        `hypotheses[${index}]: unsupported: a template of one's own (${entry.name}); this version takes those of the library`,
      );
    }
    return { template: entry.template, parameters: entry.parameters, chosenBy: "study", round: 1 };
  });
}
