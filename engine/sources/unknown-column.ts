import { LeadlineError } from "../../errors.js";

/** How many names a message lists at most. */
const MOST_NAMES = 12;

/**
 * The error of a column that a file does not have: names the nearest one that it has, and what there is.
 * @param available - the file's columns, in its order
 */
export function unknownColumn(file: string, name: string, available: readonly string[]): LeadlineError {
  const near = nearestName(name, available);
  const hint = near === undefined ? "" : `did you mean ${near}? `;
  const listed = available.slice(0, MOST_NAMES).join(", ");
  const more = available.length > MOST_NAMES ? ` and ${available.length - MOST_NAMES} more` : "";
  return new LeadlineError("source-invalid", `unknown column: ${name} (${hint}${file} has ${listed}${more})`);
}

/** The name at the least edit distance, letter case aside, if that is at most a third of its length. */
function nearestName(name: string, available: readonly string[]): string | undefined {
  let nearest: string | undefined;
  let least = Math.floor(name.length / 3) + 1;
  for (const candidate of available) {
    const distance = editDistance(name.toLowerCase(), candidate.toLowerCase());
    if (distance < least) {
      least = distance;
      nearest = candidate;
    }
  }
  return nearest;
}

/** Levenshtein's distance, row by row. */
function editDistance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, i) => i);
  for (let i = 0; i < a.length; i++) {
    const next = [i + 1];
    for (let j = 0; j < b.length; j++) {
      const substitute = (row[j] as number) + (a[i] === b[j] ? 0 : 1);
      next.push(Math.min(substitute, (row[j + 1] as number) + 1, (next[j] as number) + 1));
    }
    row = next;
  }
  return row[b.length] as number;
}
