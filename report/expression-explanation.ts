import type { ExplainedGroup, ExplainedKpi, ExpressionExplanation } from "../finder/explain-expression.js";
import { type LayoutOptions, layOutList, layOutTable, layOutText, leastWidth, palette } from "./layout.js";
import { printCount, printCountOf, printNumber, printShare, printTime } from "./numbers.js";
import { safeText } from "./safe-text.js";
import { printDifference, printInterval } from "./words.js";

type Comparison = ExplainedKpi["whole"];

/** Columns of the name of a row. */
const LEAST_LABEL = 18;

/**
 * What an expression means and where it holds, as a person reads it in a terminal. No line is wider than the terminal, and no text of
 * the data can command it.
 */
export function formatExpressionExplanation(explanation: ExpressionExplanation, options: LayoutOptions): string {
  const width = Math.max(options.width, leastWidth);
  const { bold, faint, warn } = palette(options.colour);
  const { expression, meaning, groups, examples, warnings, data } = explanation;
  const heading = (text: string): string[] => ["", bold(text)];
  const table = (...parts: Parameters<typeof layOutTable>): string[] => {
    const [head = "", ...rows] = layOutTable(...parts);
    return [faint(head), ...rows];
  };
  const kpis = groups[0]?.kpis ?? [];
  const lines = [
    ...layOutText(safeText(expression), width).map(bold),
    ...layOutText(safeText(meaning), width),
    ...heading("Where"),
    ...whereLines(explanation).flatMap((text) => layOutList(text, width)),
    ...kpis.flatMap((kpi, index) => [
      "",
      ...layOutText(`${safeText(kpi.kpi)}: ${kpi.kind === "binary" ? "share that fails" : "mean"}`, width).map(bold),
      ...table(
        [
          { title: explanation.type === "condition" ? "Holds on" : "Value", align: "left", least: LEAST_LABEL },
          { title: "Inside", align: "right" },
          { title: "", align: "right" },
          { title: "Outside", align: "right" },
          { title: "", align: "right" },
          { title: "Difference", align: "right" },
          { title: "95 % interval", align: "right" },
        ],
        rowsOf(explanation, index),
        width,
      ),
      ...(kpi.reads_outcome
        ? layOutText(
            "The expression reads what this KPI is made of, or what hangs together with it: it tells of the outcome and explains nothing.",
            width,
          ).map(warn)
        : []),
    ]),
  ];
  if (kpis.length > 0) lines.push("", ...layOutText(notesOf(explanation), width).map(faint));
  if (examples.length > 0) {
    const hasValues = explanation.type !== "condition";
    lines.push(
      ...heading("Sessions to look at"),
      ...table(
        [
          { title: "Session", align: "left", least: 12 },
          ...(data.has_users ? [{ title: "User", align: "left" as const, least: 12 }] : []),
          { title: "Start (UTC)", align: "left" },
          ...(hasValues ? [{ title: "Value", align: "left" as const, least: 8 }] : []),
        ],
        examples.map(({ session, user, start, value }) => [
          safeText(session),
          ...(data.has_users ? [safeText(user ?? "")] : []),
          printTime(start),
          ...(value === undefined
            ? []
            : [typeof value === "number" ? printValue(value, explanation) : safeText(String(value))]),
        ]),
        width,
      ),
    );
  }
  if (warnings.length > 0) {
    lines.push(...heading("To know"), ...warnings.flatMap((text) => layOutList(safeText(text), width)).map(warn));
  }
  return `${lines.join("\n")}\n`;
}

/** How many sessions, users and events; of values, how they are spread. */
function whereLines(explanation: ExpressionExplanation): readonly string[] {
  const { data, values, groups, type } = explanation;
  const { events, sessions, users, from, to } = data;
  const period = from === null || to === null ? "" : `, ${printTime(from)} to ${printTime(to)} UTC`;
  const all = [
    printCountOf(events, "event"),
    printCountOf(sessions, "session"),
    ...(data.has_users ? [printCountOf(users, "user")] : []),
  ];
  const lines = [
    `Looked at: ${all.join(", ")}${period}. Hours and weekdays are those of ${safeText(data.time_zone)}.`,
    ...(data.redacted === undefined ? [] : ["Ids are numbers of this text alone."]),
  ];
  const [own] = groups;
  if (type === "condition" && own !== undefined) {
    const ofUsers = data.has_users ? ` by ${printCount(own.users)} of ${printCountOf(users, "user")}` : "";
    lines.push(
      `Holds in ${printCount(own.sessions)} of ${printCountOf(sessions, "session")} (${printShare(own.sessions, sessions)})${ofUsers}; these sessions have ${printCountOf(own.events, "event")}.`,
    );
  }
  if (values === null) return lines;
  lines.push(
    `Has a value in ${printCount(values.present)} of ${printCountOf(sessions, "session")} (${printShare(values.present, sessions)}), none in ${printCount(values.missing)}.`,
  );
  if (values.quantiles !== null && values.mean !== null) {
    const at = new Map(values.quantiles.map(({ share, value }) => [share, printValue(value, explanation)]));
    lines.push(
      `Least ${at.get(0)}, quarter ${at.get(0.25)}, median ${at.get(0.5)}, three quarters ${at.get(0.75)}, 95 % ${at.get(0.95)}, greatest ${at.get(1)}; mean ${printValue(values.mean, explanation)}.`,
    );
  }
  if (values.frequent !== null && values.distinct !== null) {
    const frequent = values.frequent.map(
      ({ value, sessions: count }) => `${safeText(String(value))} (${printShare(count, sessions)})`,
    );
    lines.push(
      `${printCountOf(values.distinct, "value")}: ${frequent.join(", ")}${values.distinct > frequent.length ? ", …" : ""}.`,
    );
  }
  return lines;
}

/** Rows of one KPI: of a condition on whole sessions and on evidence, of values a row each group. */
function rowsOf(explanation: ExpressionExplanation, index: number): string[][] {
  const { type, groups } = explanation;
  if (type !== "condition") {
    return groups.flatMap((group) => {
      const kpi = group.kpis[index];
      return kpi === undefined ? [] : [rowOf(labelOf(group, explanation), kpi.before_outcome ?? kpi.whole, kpi.kind)];
    });
  }
  return groups.flatMap(({ kpis }) => {
    const kpi = kpis[index];
    if (kpi === undefined) return [];
    const { whole, before_outcome: before } = kpi;
    const told = before ?? whole;
    return [
      rowOf("whole sessions", whole, kpi.kind),
      ...(before === null ? [] : [rowOf("before the outcome", before, kpi.kind)]),
      ...(told.within_users === null ? [] : [withinRow(told.within_users, kpi.kind)]),
    ];
  });
}

/** `up to 41.5 s`, `… to 1.11 min`, `above 2 min`, or the value: rows stand in this order, so the lower bound is the row before's. */
function labelOf(
  { is = null, above = null, up_to: upTo = null }: ExplainedGroup,
  explanation: ExpressionExplanation,
): string {
  if (is !== null) return typeof is === "number" ? printValue(is, explanation) : safeText(String(is));
  if (upTo === null) return above === null ? "all" : `above ${printValue(above, explanation)}`;
  return `${above === null ? "up" : "…"} to ${printValue(upTo, explanation)}`;
}

function rowOf(
  label: string,
  { members, others, difference, low, high }: Comparison,
  kind: ExplainedKpi["kind"],
): string[] {
  const isRate = kind === "binary";
  const value = ({ sessions, failing, value: mean }: Comparison["members"]): string =>
    isRate ? printShare(failing, sessions) : mean === null ? "–" : printNumber(mean);
  return [
    label,
    printCount(members.sessions),
    value(members),
    printCount(others.sessions),
    value(others),
    difference === null ? "–" : printDifference(difference, isRate),
    low === null || high === null ? "–" : printInterval(low, high, isRate).replace(/ points$/, ""),
  ];
}

function withinRow(
  { users, difference, low, high }: NonNullable<Comparison["within_users"]>,
  kind: ExplainedKpi["kind"],
): string[] {
  const isRate = kind === "binary";
  return [
    `same ${printCountOf(users, "user")}`,
    "",
    "",
    "",
    "",
    printDifference(difference, isRate),
    printInterval(low, high, isRate).replace(/ points$/, ""),
  ];
}

/** What the figures are, and what they are not. */
function notesOf({ type, groups, known_at_start: known, data }: ExpressionExplanation): string {
  const kpis = groups.flatMap((group: ExplainedGroup) => group.kpis);
  const hasBefore = kpis.some(({ before_outcome: before }) => before !== null);
  const hasWithin = type === "condition" && kpis.some(({ whole }) => whole.within_users !== null);
  return [
    ...(hasBefore && type === "condition"
      ? [
          "Whole sessions: the expression looks at all events, also at those after the KPI's outcome, which may be its consequence. Before the " +
            "outcome: only at what came before it, as a run does. Sessions are open to it for different times, which is not adjusted for here.",
        ]
      : []),
    ...(hasBefore && type !== "condition"
      ? ["The value is taken before the KPI's outcome, as a run does, where the KPI has a moment of outcome."]
      : []),
    ...(known ? ["Its value is known when a session starts."] : []),
    ...(hasWithin ? ["Same users: within those who have sessions of both kinds."] : []),
    `Intervals take the ${data.has_users ? "user" : "session"} as the unit. These are plain differences: leadline run adjusts them, and asks whether chance, the users or another attribute explain them.`,
  ].join(" ");
}

/** A number in its unit. */
function printValue(value: number, { unit }: ExpressionExplanation): string {
  if (unit === "moment") return printTime(new Date(value).toISOString());
  if (unit === "ms") return printSpan(value);
  return unit === "days" ? `${printNumber(value)} days` : printNumber(value);
}

/** A duration of any length in the unit that people would take. */
function printSpan(ms: number): string {
  const [size, name] = spans.find(([least]) => Math.abs(ms) >= least) ?? [1, "ms"];
  return `${printNumber(ms / size)} ${name}`;
}

const spans: readonly (readonly [number, string])[] = [
  [86_400_000, "days"],
  [3_600_000, "h"],
  [60_000, "min"],
  [1000, "s"],
];
