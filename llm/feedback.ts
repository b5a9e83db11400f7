import type { ClassReport, RoundReport } from "./rounds.js";

/**
 * What rounds found, as few words as say it, for the prompt of the next round: a line a class, what was reported first, then what
 * led nowhere. Names of the data stand as JSON, as everywhere in a prompt.
 * @param most - lines of classes; of what is left out the number is told
 */
export function feedbackText(history: readonly RoundReport[], most: number): string {
  const latest = new Map<string, { readonly round: number; readonly report: ClassReport }>();
  for (const { round, classes } of history) {
    for (const report of classes) {
      latest.set(JSON.stringify([report.template, report.parameters]), { round, report });
    }
  }
  const order = [...latest.values()].sort((a, b) => rankOf(b.report) - rankOf(a.report));
  const lines = order.slice(0, most).map(({ round, report }) => `round ${round}: ${lineOf(report)}`);
  const rest = order.length - lines.length;
  return [...lines, ...(rest > 0 ? [`and ${rest} more`] : [])].join("\n");
}

/** Reported before folded before explained before nothing, stronger before weaker; equal ranks keep their order. */
function rankOf({ reported, folded, explained, bestEffect }: ClassReport): number {
  const stage = reported > 0 ? 3 : folded > 0 ? 2 : explained > 0 ? 1 : 0;
  // a ratio of effects stays below the next stage
  const effect = bestEffect === null ? 0 : bestEffect / (1 + bestEffect);
  return stage + effect;
}

function lineOf({ template, parameters, tested, reported, bestEffect, folded, explained }: ClassReport): string {
  const parts = [
    `${tested} tested`,
    ...(reported > 0 ? [`${reported} reported`] : []),
    ...(bestEffect === null
      ? ["nothing stood out"]
      : [`up to ${Number(bestEffect.toPrecision(2))} times as many failures`]),
    ...(folded > 0 ? [`${folded} of a cause already reported`] : []),
    ...(explained > 0 ? [`${explained} explained away`] : []),
  ];
  return `${template} ${JSON.stringify(parameters)}: ${parts.join(", ")}`;
}
