import { inZone } from "./in-zone.js";
import {
  type LayoutOptions,
  layOutList,
  layOutTable,
  layOutText,
  leastWidth,
  palette,
  type TableColumn,
} from "./layout.js";
import { printCount, printNumber, printShare } from "./numbers.js";
import type { Result, ResultExplained, ResultOpportunity } from "./result.js";
import { safeText } from "./safe-text.js";
import {
  describeData,
  describeKpi,
  describeRun,
  describeScenario,
  isOfSameUsers,
  nothingFound,
  printCohort,
  printHypotheses,
} from "./words.js";

/** What was explained away is listed this far; the rest is counted. */
const shownExplained = 5;
/** So are the opportunities: those that follow recover the least. */
const shownOpportunities = 20;
/** From this width on the table has room for columns of KPI and cohort. */
const wideTable = 110;
/** Columns that a hypothesis keeps in the narrowest table. */
const leastHypothesis = 12;
const scenarioColumns: readonly TableColumn[] = [
  { title: "KPI", align: "left", least: 10 },
  { title: "Cohort", align: "left", least: 8 },
];

/**
 * A result as a person reads it in a terminal: what was read, the KPIs, the opportunities best first, what was explained
 * away, warnings, and what to do next. No line is wider than the terminal, and no text of the data can command it.
 */
export function formatResult(given: Result, options: LayoutOptions): string {
  const result = inZone(given);
  const width = Math.max(options.width, leastWidth);
  const { bold, faint, warn } = palette(options.colour);
  const heading = (text: string): string[] => ["", bold(text)];
  const lines = [
    ...layOutText(safeText(result.title), width).map(bold),
    ...layOutText(describeData(result), width),
    ...(result.kpis.length === 0 ? [] : heading("KPIs")),
    ...result.kpis.flatMap((kpi) => layOutList(describeKpi(kpi), width)),
  ];
  if (result.opportunities.length === 0) {
    lines.push(...heading("No opportunities"));
  } else {
    lines.push(...heading(`Opportunities (${printCount(result.opportunities.length)}), best first`));
    lines.push(...opportunityLines(result.opportunities, width, bold, faint));
    lines.push("", ...layOutText(tableNote(result.opportunities), width).map(faint));
  }
  lines.push(...goneLines(result, width, heading));
  lines.push(...knownLines(result, width, heading));
  lines.push(...(result.opportunities.length === 0 ? layOutText(nothingFound(result), width) : []));
  if (result.explained.length > 0) {
    lines.push(...heading(`Explained away (${printCount(result.explained.length)})`));
    lines.push(...explainedLines(result.explained, width));
  }
  if (result.warnings.length > 0) {
    lines.push(...heading("To know"));
    lines.push(...result.warnings.flatMap((text) => layOutList(safeText(text), width)).map(warn));
  }
  lines.push(...heading("How"), ...layOutText(describeRun(result), width));
  lines.push(...heading("Next"), ...nextSteps(result).flatMap((text) => layOutList(text, width)));
  return `${lines.join("\n")}\n`;
}

function tableNote(opportunities: readonly ResultOpportunity[]): string {
  const starred = opportunities.some(isOfSameUsers)
    ? "; with a *, the smaller one among users who have sessions of both kinds"
    : "";
  return (
    "Members: sessions in which the hypothesis holds. Fail: the share of members, and of the other sessions, that fail. " +
    `Ratio: the KPI of members to that of the others${starred}. Recoverable: ` +
    "failures that would not be if members were like the others, at the cautious end of the interval."
  );
}

function opportunityLines(
  opportunities: readonly ResultOpportunity[],
  width: number,
  bold: (text: string) => string,
  faint: (text: string) => string,
): string[] {
  const shown = opportunities.slice(0, shownOpportunities);
  const isWide = width >= wideTable;
  const columns: TableColumn[] = [
    { title: "#", align: "right" },
    ...(isWide ? scenarioColumns : []),
    { title: "Hypothesis", align: "left", least: leastHypothesis },
    { title: "Members", align: "right" },
    { title: "Fail", align: "right" },
    { title: "others", align: "right" },
    { title: "Ratio", align: "right" },
    { title: "Recoverable", align: "right" },
  ];
  const rows = shown.map(({ rank, kpi, cohort, hypothesis, sessions, effect, experts }) => [
    String(rank),
    ...(isWide ? [safeText(kpi), printCohort(cohort)] : []),
    safeText(hypothesis),
    printCount(sessions.members),
    printShare(sessions.members_failing, sessions.members),
    printShare(sessions.others_failing, sessions.others),
    effect.ratio === null ? "–" : `${printNumber(effect.ratio)}${isOfSameUsers({ effect, experts }) ? "*" : ""}`,
    printCount(Math.floor(effect.excess_failures)),
  ]);
  const [head = "", ...table] = layOutTable(columns, rows, width);
  const indent = " ".repeat(Math.max(1, ...shown.map(({ rank }) => String(rank).length)) + 2);
  const lines = [faint(head)];
  for (const [index, opportunity] of shown.entries()) {
    const row = table[index] ?? "";
    const hypothesis = safeText(opportunity.hypothesis);
    const statement = safeText(opportunity.statement);
    const { length: folded } = opportunity.folded;
    const details = [
      // A narrow table has no room for the scenario.
      ...(isWide ? [] : [`${safeText(opportunity.kpi)}, ${printCohort(opportunity.cohort)}`]),
      // Where the row had to elide the hypothesis all of it follows, since that is what people copy.
      ...(row.includes(hypothesis) || statement.includes(hypothesis) ? [] : [hypothesis]),
      statement,
      ...(folded === 0 ? [] : [`Folded into it: ${printHypotheses(folded)}.`]),
    ];
    lines.push(bold(row), ...details.flatMap((text) => layOutText(text, width, indent)));
  }
  const rest = opportunities.length - shown.length;
  return rest === 0
    ? lines
    : [...lines, `and ${printCount(rest)} more, of fewer recoverable failures, in the result file (--json)`];
}

/** What an earlier result reported and this one does not. */
function goneLines({ since }: Result, width: number, heading: (text: string) => string[]): string[] {
  if (since === undefined || since.gone.length === 0) return [];
  const lines = since.gone.slice(0, shownOpportunities).flatMap(({ kpi, cohort, hypothesis, why }) => {
    const among = Object.keys(cohort).length === 0 ? "" : ` among ${printCohort(cohort)}`;
    return layOutList(`${safeText(hypothesis)} on ${safeText(kpi)}${among}: ${safeText(why)}`, width);
  });
  const rest = since.gone.length - shownOpportunities;
  return [
    ...heading(`Gone since the earlier result (${printCount(since.gone.length)})`),
    ...lines,
    ...(rest > 0 ? [`  and ${printCount(rest)} more, in the result file (--json)`] : []),
  ];
}

/** What people know and what is no worse. */
function knownLines({ known }: Result, width: number, heading: (text: string) => string[]): string[] {
  if (known === undefined) return [];
  const lines = known.slice(0, shownOpportunities).flatMap((entry) => {
    return layOutList(`${safeText(entry.hypothesis)} on ${describeScenario(entry)} (${safeText(entry.id)})`, width);
  });
  const rest = known.length - shownOpportunities;
  return [
    ...heading(`Known, and no worse (${printCount(known.length)})`),
    ...lines,
    ...(rest > 0 ? [`  and ${printCount(rest)} more, in the result file (--json)`] : []),
  ];
}

function explainedLines(explained: readonly ResultExplained[], width: number): string[] {
  const lines = explained.slice(0, shownExplained).flatMap((entry) => {
    return layOutList(`${safeText(entry.hypothesis)} on ${describeScenario(entry)}: ${safeText(entry.by)}`, width);
  });
  const rest = explained.length - shownExplained;
  return rest > 0 ? [...lines, `  and ${printCount(rest)} more, in the result file (--json)`] : lines;
}

function nextSteps({ opportunities, kpis }: Result): string[] {
  const example = opportunities.find(({ examples }) => examples.length > 0);
  const isRare = kpis.some(({ sessions, failing }) => sessions > 0 && failing < 100);
  if (opportunities.length === 0) {
    return [
      ...(isRare ? ["Read more data: with under 100 failing sessions little can be told from chance."] : []),
      "State other KPIs, or other hypotheses with their parameters: leadline templates lists them.",
      "See what was computed: leadline explain STUDY.",
    ];
  }
  return [
    ...(example === undefined
      ? []
      : [
          `Look at sessions of number ${example.rank}, such as ${example.examples.slice(0, 3).map(safeText).join(", ")}.`,
        ]),
    "See everything with pictures, and pass it on: --html FILE.",
    "Keep the evidence: --json FILE. Then leadline show 1 FILE prints one opportunity in full.",
    "See what was computed: leadline explain STUDY.",
  ];
}
