import { formatOpportunity, type ResultOpportunity, safeText } from "../../index.js";
import { layoutOf, print } from "../context.js";
import { type RedactOptions, redacted } from "../redact.js";
import { loadResult } from "../study-file.js";
import { UsageError } from "../usage-error.js";

/** Ids that a message lists. */
const MOST_LISTED = 10;

/** `leadline show`: one opportunity in full, by its id or its rank. */
export async function show(wanted: string, file: string, options: RedactOptions): Promise<void> {
  const result = redacted(await loadResult(file), options);
  const found = result.opportunities.find(({ id, rank }) => id === wanted || String(rank) === wanted);
  if (found === undefined)
    throw new UsageError(`unknown opportunity: ${safeText(wanted)}; ${allowed(result.opportunities)}`);
  print(formatOpportunity(result, found, layoutOf(process.stdout)));
}

function allowed(opportunities: readonly ResultOpportunity[]): string {
  if (opportunities.length === 0) return "the result has none";
  const listed = opportunities.slice(0, MOST_LISTED).map(({ id, rank }) => `${rank} (${safeText(id)})`);
  return `allowed: ${listed.join(", ")}${opportunities.length > MOST_LISTED ? " and more" : ""}`;
}
