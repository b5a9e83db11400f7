/** Writes every tally of the main job as CSV, for the peer to check: patterns, conditions, and the tokens that a KPI may not use. */

import { writeFile } from "node:fs/promises";
import { WorkerPool } from "../../engine/pool.js";
import type { Context } from "../../finder/context.js";
import { patternText } from "../../finder/patterns.js";
import { tallyStudy } from "./internals.js";
import { serve, timed } from "./runner.js";

await serve(
  async ({ study, threads, out }: { readonly study: string; readonly threads: number; readonly out: string }) => {
    const pool = new WorkerPool(threads);
    const { result, seconds, cpuSeconds, peakRssBytes } = await timed(() => tallyStudy(study, pool, "paper"));
    await pool.close();
    const { context, conditionTally, patterns } = result;
    const { scenarios, table, tokens, plan } = context;
    const head = `kpi,${table.attributes.map(({ name }) => name).join(",")},failing,normal`;
    const texts = tokens.tokens.map(({ text }) => text);
    const patternRows: string[] = [];
    const { mined, tally } = patterns;
    for (const { cohort, kpi, failing, normal } of scenarios) {
      const failingRow = tally.row(cohort, kpi, true);
      const normalRow = tally.row(cohort, kpi, false);
      const place = `${kpi},${cohortCells(context, cohort)},${failing},${normal}`;
      for (const [pattern, gram] of mined.patterns.entries()) {
        if (((mined.barred[pattern] as number) & (1 << kpi)) !== 0) continue;
        const text = gram.map((token) => texts[token]).join(">");
        patternRows.push(`${place},${text},${failingRow[pattern + 1]},${normalRow[pattern + 1]}`);
      }
    }
    const conditionRows = scenarios.flatMap(({ cohort, kpi, failing, normal }) =>
      plan.conditions.map(({ text }, index) => {
        const cell = 2 + 2 * index;
        return `${kpi},${cohortCells(context, cohort)},${failing},${normal},${text},${conditionTally.row(cohort, kpi, true)[cell]},${conditionTally.row(cohort, kpi, false)[cell]}`;
      }),
    );
    const barredRows = plan.kpis.flatMap((_, kpi) =>
      texts.filter((__, token) => isBarred(kpi, token)).map((text) => `${kpi},${text}`),
    );
    await writeFile(`${out}-patterns.csv`, [`${head},gram,f,n`, ...patternRows, ""].join("\n"));
    await writeFile(`${out}-conditions.csv`, [`${head},condition,f,n`, ...conditionRows, ""].join("\n"));
    await writeFile(`${out}-barred.csv`, ["kpi,token", ...barredRows, ""].join("\n"));
    return {
      seconds: [seconds],
      cpuSeconds: [cpuSeconds],
      peakRssBytes,
      answer: null,
      numbers: {
        patterns: mined.patterns.length,
        patternTallies: patternRows.length,
        conditionTallies: conditionRows.length,
      },
    };

    /** A token is barred from a KPI where a leak of the outcome was found in it, or the KPI's own expression reads it. */
    function isBarred(kpi: number, token: number): boolean {
      const own = tokens.tokens[token]?.names.some((name) => plan.kpis[kpi]?.barredNames.includes(name)) === true;
      const leaks = patterns.explained.some(
        (each) => each.kpi === kpi && each.hypothesis === patternText(context, [token]),
      );
      return own || leaks;
    }
  },
);

/** A cohort's values by attribute, empty where any value will do. */
function cohortCells({ cohorts, table }: Context, cohort: number): string {
  return table.attributes
    .map(({ dictionary }, attribute) => {
      const value = cohorts.cohorts[cohort]?.values.find((each) => each.attribute === attribute);
      return value === undefined ? "" : String(dictionary[value.code - 1]);
    })
    .join(",");
}
