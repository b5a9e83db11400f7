import { describeExpert } from "./evidence.js";
import { inZone, zoneOf } from "./in-zone.js";
import { printCount, printCountOf, printNumber } from "./numbers.js";
import type { Result, ResultKpi, ResultOpportunity } from "./result.js";
import { elideMiddle, safeText } from "./safe-text.js";
import {
  describeData,
  describeEffect,
  describeGone,
  describeKpiValue,
  describeRun,
  describeScenario,
  failingShare,
  isOfSameUsers,
  nothingFound,
  printCohort,
  printDay,
  printHypotheses,
} from "./words.js";

/** Lists end here; the rest is counted. */
const SHOWN_FOLDED = 10;
const SHOWN_LISTED = 20;
/** Columns of an expression in a table. */
const CELL = 80;
const LONGEST = 2000;

/** The result as Markdown that a ticket takes: GitHub's, with nothing of the data read as markup, a link or a mention. */
export function formatMarkdown(given: Result): string {
  const result = inZone(given);
  const { opportunities, explained, warnings, kpis, known = [], since } = result;
  const gone = since?.gone ?? [];
  const lines = [
    `# ${plain(result.title)}`,
    "",
    plain(describeData(result)),
    "",
    "| KPI | Value |",
    "| --- | --- |",
    ...kpis.map((kpi) => `| ${code(kpi.name, CELL, true)} | ${plain(describeKpiValue(kpi))} |`),
    "",
    ...(warnings.length === 0 ? [] : ["**To know**", "", ...warnings.map((text) => `- ${plain(text)}`), ""]),
    ...(opportunities.length === 0
      ? ["## No opportunities", "", plain(nothingFound(result)), ""]
      : [`## Opportunities (${printCount(opportunities.length)})`, "", ...overview(opportunities)]),
    ...opportunities.flatMap((each) => opportunityLines(each, result)),
  ];
  lines.push(
    ...listed("Gone since the earlier result", gone, (entry) => plain(describeGone(entry))),
    ...listed(
      "Known, and no worse",
      known,
      (entry) => `on ${plain(describeScenario(entry))} (${code(entry.id, CELL)})`,
    ),
    ...listed("Explained away", explained, (entry) => `on ${plain(describeScenario(entry))}: ${plain(entry.by)}`),
  );
  lines.push("## How", "", plain(describeRun(result)), "", "A finding is a place to look, no proof of a cause.");
  return `${lines.join("\n")}\n`;
}

/** A section of hypotheses, each with what is to say of it; nothing where there are none. */
function listed<Entry extends { readonly hypothesis: string }>(
  heading: string,
  entries: readonly Entry[],
  say: (entry: Entry) => string,
): string[] {
  if (entries.length === 0) return [];
  const rest = entries.length - SHOWN_LISTED;
  return [
    `## ${heading} (${printCount(entries.length)})`,
    "",
    ...entries.slice(0, SHOWN_LISTED).map((entry) => `- ${code(entry.hypothesis, CELL)} ${say(entry)}`),
    ...(rest > 0 ? [`- and ${printCount(rest)} more, in the result file`] : []),
    "",
  ];
}

function overview(opportunities: readonly ResultOpportunity[]): string[] {
  return [
    "| # | Hypothesis | KPI | Cohort | Members | Fail | Others | Ratio | Recoverable |",
    "| ---: | --- | --- | --- | ---: | ---: | ---: | ---: | ---: |",
    ...opportunities.map(({ rank, hypothesis, kpi, cohort, sessions, effect, experts }) =>
      [
        "",
        rank,
        code(hypothesis, CELL, true),
        code(kpi, CELL, true),
        Object.keys(cohort).length === 0 ? "all sessions" : code(printCohort(cohort), CELL, true),
        printCount(sessions.members),
        failingShare(sessions, "members"),
        failingShare(sessions, "others"),
        effect.ratio === null
          ? "–"
          : `${printNumber(effect.ratio)}${isOfSameUsers({ effect, experts }) ? " (same users)" : ""}`,
        printCount(Math.floor(effect.excess_failures)),
        "",
      ]
        .join(" | ")
        .trim(),
    ),
    "",
  ];
}

function opportunityLines(opportunity: ResultOpportunity, result: Result): string[] {
  const { rank, hypothesis, statement, kpi: name, cohort, folded, examples, status } = opportunity;
  const kpi: ResultKpi | undefined = result.kpis.find((each) => each.name === name);
  const users = result.data.has_users === false ? "" : `, ${printCountOf(opportunity.users, "user")}`;
  const rest = folded.length - SHOWN_FOLDED;
  return [
    `### ${rank}. ${code(hypothesis, CELL)}`,
    "",
    plain(elideMiddle(safeText(statement), LONGEST)),
    "",
    ...fenced(hypothesis),
    "",
    `- KPI ${code(name, CELL)}, ${Object.keys(cohort).length === 0 ? "all sessions" : code(printCohort(cohort), CELL)}${status === undefined ? "" : `; ${plain(status)} since the last run`}`,
    `- Effect: ${plain(describeEffect(opportunity, kpi))}`,
    `- Seen ${printDay(opportunity.first_seen)} to ${printDay(opportunity.last_seen)} (days of ${plain(zoneOf(result))})${users}; id ${code(opportunity.id, CELL)}`,
    ...opportunity.experts.map((expert) => {
      const { title, text } = describeExpert(expert, kpi, result.run);
      return `- ${plain(title)}${expert.says === "opportunity" ? "" : " (adds nothing)"}: ${plain(text)}`;
    }),
    ...(examples.length === 0 ? [] : [`- Sessions to look at: ${examples.map((id) => code(id, CELL)).join(", ")}`]),
    ...(folded.length === 0
      ? []
      : [
          `- Folded into it (${printHypotheses(folded.length)}): ${folded
            .slice(0, SHOWN_FOLDED)
            .map((text) => code(text, CELL))
            .join(", ")}${rest > 0 ? ` and ${printCount(rest)} more` : ""}`,
        ]),
    "",
  ];
}

/** Characters that mean something within a line of Markdown, or of the HTML and mathematics in it. */
const special = /[\\`*_[\]|<>~&$]/g;
/** Shows nothing, and keeps apart what would be a mention or a reference together. */
const apart = "&#8203;";

/** Text that stands for itself: escaped, and with nothing that could become a link, a mention or a reference. */
function plain(text: string): string {
  return safeText(text)
    .replace(special, (character) => (character === "<" ? "&lt;" : character === "&" ? "&amp;" : `\\${character}`))
    .replace(/@(?=\w)/g, `@${apart}`)
    .replace(/#(?=\d)/g, `#${apart}`)
    .replace(/:(?=\/|[\w+-]+:)/g, "&#58;")
    .replace(/\bwww\./gi, "www&#46;")
    .replace(/^(\s*)([-+=#])(?=[-=#\s]|$)/, "$1\\$2")
    .replace(/^(\s*\d+)([.)])(?=\s|$)/, "$1\\$2");
}

/** Code, in a fence longer than any run of backticks in it. */
function code(text: string, most: number, inTable = false): string {
  const safe = shorten(text, most);
  const fence = "`".repeat(longestRun(safe) + 1);
  const pad = safe.startsWith("`") || safe.endsWith("`") || safe === "" ? " " : "";
  const span = `${fence}${pad}${safe}${pad}${fence}`;
  return inTable ? span.replaceAll("|", "\\|") : span;
}

function fenced(text: string): string[] {
  const safe = shorten(text, LONGEST);
  const fence = "`".repeat(Math.max(3, longestRun(safe) + 1));
  return [fence, safe, fence];
}

function shorten(text: string, most: number): string {
  return elideMiddle(
    safeText(text.length > 8 * most ? `${text.slice(0, 4 * most)}${text.slice(-4 * most)}` : text),
    most,
  );
}

function longestRun(text: string): number {
  return Math.max(0, ...(text.match(/`+/g) ?? []).map(({ length }) => length));
}
