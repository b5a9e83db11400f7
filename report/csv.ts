import type { Result } from "./result.js";
import { safeText } from "./safe-text.js";
import { printCohort } from "./words.js";

/** Columns of the table, in order. */
const columns = [
  "rank",
  "id",
  "status",
  "kpi",
  "cohort",
  "template",
  "hypothesis",
  "statement",
  "members",
  "members_failing",
  "others",
  "others_failing",
  "ratio",
  "difference",
  "low",
  "high",
  "p",
  "q",
  "excess_failures",
  "users",
  "first_seen",
  "last_seen",
  "folded",
  "examples",
] as const;

/**
 * The opportunities as CSV (RFC 4180), a line each, for a spreadsheet. A text that a spreadsheet would take for a formula gets an
 * apostrophe before it and every text stands in quotes, as OWASP asks ("CSV Injection"); controls are written out.
 */
export function formatCsv(result: Result): string {
  const rows = result.opportunities.map((opportunity) => {
    const { sessions, effect, folded, examples } = opportunity;
    const cells: Readonly<Record<(typeof columns)[number], string | number | null>> = {
      rank: opportunity.rank,
      id: opportunity.id,
      status: opportunity.status ?? null,
      kpi: opportunity.kpi,
      cohort: printCohort(opportunity.cohort),
      template: opportunity.template,
      hypothesis: opportunity.hypothesis,
      statement: opportunity.statement,
      members: sessions.members,
      members_failing: sessions.members_failing,
      others: sessions.others,
      others_failing: sessions.others_failing,
      ratio: effect.ratio,
      difference: effect.difference,
      low: effect.low,
      high: effect.high,
      p: effect.p,
      q: effect.q,
      excess_failures: effect.excess_failures,
      users: opportunity.users,
      first_seen: opportunity.first_seen,
      last_seen: opportunity.last_seen,
      folded: folded.length,
      examples: examples.join(" "),
    };
    return columns.map((column) => cell(cells[column])).join(",");
  });
  return `${[columns.join(","), ...rows].join("\r\n")}\r\n`;
}

/** What spreadsheets begin a formula with, full-width forms too, also behind spaces. */
const formula = /^\s*[=+\-@|%＝＋－＠]/u;

function cell(value: string | number | null): string {
  if (value === null) return "";
  if (typeof value === "number") return String(value);
  const safe = safeText(value);
  return `"${(formula.test(safe) ? `'${safe}` : safe).replaceAll('"', '""')}"`;
}
