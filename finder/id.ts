import { createHash } from "node:crypto";
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
