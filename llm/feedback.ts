import type { ClassReport, RoundReport } from "./rounds.js";

/** Classes of a round that are told. */
const MOST_CLASSES = 10;

/**
 * What rounds found, as few words as say it, for the prompt of the next round: a line a class, the latest round first, in it what
 * was reported, then what has a cause that is reported already, what is explained away, and what led nowhere.
 * @param clean - makes a text of the data printable, on one line
 */
export function feedbackLines(history: readonly RoundReport[], clean: (text: string) => string): readonly string[] {
  return [...history]
    .sort((a, b) => b.round - a.round)
    .flatMap(({ round, classes }) => {
      const best = [...classes].sort((a, b) => rankOf(b) - rankOf(a));
      const rest = best.length - MOST_CLASSES;
      return [
        ...best.slice(0, MOST_CLASSES).map((report) => `Round ${round}, ${lineOf(report, clean)}`),
        ...(rest > 0 ? [`Round ${round}: ${rest} more, of less`] : []),
      ];
    });
}

/** Reported before folded before explained before nothing; within each, stronger before weaker. */
function rankOf({ reported, folded, explained, bestEffect }: ClassReport): number {
  const stage = reported > 0 ? 3 : folded > 0 ? 2 : explained > 0 ? 1 : 0;
  // below 1, so that it never reaches the next stage
  const effect = bestEffect === null ? 0 : bestEffect / (1 + bestEffect);
  return stage + effect;
}

function lineOf(
  { template, parameters, tested, reported, bestEffect, folded, explained }: ClassReport,
  clean: (text: string) => string,
): string {
  const parts = [
    `${tested} tested`,
    ...(reported > 0 ? [`${reported} reported`] : []),
    ...(bestEffect === null ? ["nothing stood out"] : [`ratio ${Number(bestEffect.toPrecision(2))}`]),
    ...(folded > 0 ? [`${folded} of a cause already reported`] : []),
    ...(explained > 0 ? [`${explained} explained away`] : []),
  ];
  return `${template} ${clean(JSON.stringify(parameters))}: ${parts.join(", ")}`;
}
