import { createHash } from "node:crypto";
import type { Expression } from "../planner/expression/ast.js";
import { printExpression } from "../planner/expression/print.js";
import type { CohortValues } from "./findings.js";

/** Characters of an id: 50 bits tell a thousand opportunities apart with odds of two in a billion against. */
const LENGTH = 10;

/**
 * The id of an opportunity: equal for the same finding in another run, so that runs can be compared. A letter first, then
 * letters and digits.
 * @param naming - what names the hypothesis: no threshold that was drawn from the data
 */
export function opportunityId(template: string, kpi: string, cohort: CohortValues, naming: string): string {
  const values = Object.entries(cohort).sort(([a], [b]) => (a < b ? -1 : 1));
  const hash = createHash("sha256")
    .update(JSON.stringify([template, kpi, values, naming]))
    .digest();
  const digits = BigInt(`0x${hash.subarray(0, 16).toString("hex")}`)
    .toString(36)
    .padStart(LENGTH, "0");
  return `k${digits.slice(-LENGTH + 1)}`;
}

/**
 * What names a hypothesis: its text, with a # for every number that something is compared with by size, for those are thresholds, and may
 * be drawn from the data.
 */
export function namingOf(expression: Expression): string {
  return printExpression(expression).replace(THRESHOLD, "$1 #");
}

/** A comparison by size, and the number or duration that follows it. */
const THRESHOLD = /(<=|>=|<|>) -?\d[\w.+-]*/g;

/** Ids of one run, each once: what has another's id as well gets a number, in the order of the hypotheses' texts. */
export function uniqueIds(items: readonly { readonly id: string; readonly hypothesis: string }[]): string[] {
  const order = [...items.keys()].sort((a, b) => {
    const [first, second] = [items[a]?.hypothesis ?? "", items[b]?.hypothesis ?? ""];
    return first < second ? -1 : first > second ? 1 : a - b;
  });
  const taken = new Map<string, number>();
  const ids: string[] = [];
  for (const at of order) {
    const { id } = items[at] as (typeof items)[number];
    const count = (taken.get(id) ?? 0) + 1;
    taken.set(id, count);
    ids[at] = count === 1 ? id : `${id}${count}`;
  }
  return ids;
}
