import { changeSince } from "../finder/since.js";
import type { Result, ResultGone, ResultOpportunity } from "./result.js";

/**
 * A result that tells what became of each opportunity since an earlier one: new, ongoing, worse or better, by the interval of the change, and what
 * is gone. The same finding has the same id in both.
 */
export function compareResults(result: Result, earlier: Result): Result {
  const before = new Map(earlier.opportunities.map((opportunity) => [opportunity.id, opportunity]));
  const opportunities = result.opportunities.map((opportunity): ResultOpportunity => {
    const then = before.get(opportunity.id);
    if (then === undefined) return { ...opportunity, status: "new", statement: told(opportunity.statement, "new") };
    const { status, difference, low, high } = changeSince(opportunity.effect, then.effect);
    return {
      ...opportunity,
      status,
      change: { difference, low, high },
      statement: told(opportunity.statement, status),
    };
  });
  const now = new Set(result.opportunities.map(({ id }) => id));
  const gone = earlier.opportunities
    .filter(({ id }) => !now.has(id))
    .map(
      (then): ResultGone => ({
        id: then.id,
        kpi: then.kpi,
        cohort: then.cohort,
        hypothesis: then.hypothesis,
        statement: then.statement,
        why: whyGone(then, result),
      }),
    );
  const { title, data } = earlier;
  return { ...result, opportunities, since: { title, from: data.from, to: data.to, gone } };
}

/** Where an opportunity went that is not reported under its id any more. */
function whyGone({ kpi, cohort, hypothesis }: ResultOpportunity, { kpis, opportunities, explained }: Result): string {
  if (!kpis.some(({ name }) => name === kpi)) return `the KPI ${kpi} is not in this study`;
  const same = opportunities.filter((opportunity) => opportunity.kpi === kpi);
  const elsewhere = same.find((opportunity) => opportunity.hypothesis === hypothesis);
  if (elsewhere !== undefined) return `reported of other sessions now, as ${elsewhere.id}`;
  const head = same.find(({ folded }) => folded.includes(hypothesis));
  if (head !== undefined) return `folded into ${head.hypothesis} (${head.id}) now`;
  const cause = explained.find(
    (other) => other.kpi === kpi && other.hypothesis === hypothesis && sameCohort(other.cohort, cohort),
  );
  return cause === undefined ? "no longer found" : `explained away now: ${cause.by}`;
}

function sameCohort(a: ResultOpportunity["cohort"], b: ResultOpportunity["cohort"]): boolean {
  const names = Object.keys(a);
  return names.length === Object.keys(b).length && names.every((name) => a[name] === b[name]);
}

const phrases = {
  new: "new since the earlier result",
  ongoing: "much as in the earlier result",
  worse: "worse than in the earlier result",
  better: "better than in the earlier result",
} as const;

function told(statement: string, status: keyof typeof phrases): string {
  return `${statement.replace(/\.$/, "")}; ${phrases[status]}.`;
}
