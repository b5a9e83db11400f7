import { zoneOf } from "./in-zone.js";
import { printCount, printCountOf, printNumber, printShare, printTime } from "./numbers.js";
import type { Result, ResultExplained, ResultKpi, ResultOpportunity, ResultSessions } from "./result.js";
import { safeText } from "./safe-text.js";

/**
 * What the forms of a result have in common, in words: safe text, in which nothing of the data commands a terminal. Each form escapes
 * it for its own language.
 */

/**
 * What was read.
 * @param result - its times as they are to be shown
 */
export function describeData(result: Result): string {
  const { data } = result;
  const period =
    data.from === null || data.to === null
      ? ""
      : `, ${printTime(data.from)} to ${printTime(data.to)} ${safeText(zoneOf(result))}`;
  const counts = [
    printCountOf(data.events, "event"),
    printCountOf(data.sessions, "session"),
    data.has_users === false ? "no users" : printCountOf(data.users, "user"),
  ].join(", ");
  const dropped = Object.entries(data.dropped).filter(([, rows]) => rows > 0);
  const reasons = dropped.map(([reason, rows]) => `${printCount(rows)} without ${safeText(reason)}`).join(", ");
  const { sampled } = data;
  return [
    `${counts}${period}.`,
    ...(sampled === undefined
      ? []
      : [`A sample: ${printShare(sampled.user_share, 1)} of the users; counts are the sample's.`]),
    ...(dropped.length === 0 ? [] : [`Rows left out: ${reasons}.`]),
    ...(data.redacted === undefined ? [] : ["Ids are numbers of this report alone."]),
  ].join(" ");
}

/** Whether a KPI's value is the share of its sessions that fail. */
export function isRate(kpi: ResultKpi | undefined): boolean {
  if (kpi === undefined) return true;
  if (kpi.kind !== undefined) return kpi.kind === "binary";
  return kpi.value === null || Math.abs(kpi.value - kpi.failing / Math.max(1, kpi.sessions)) < 1e-9;
}

/** A KPI's value over all its sessions, without its name. */
export function describeKpiValue(kpi: ResultKpi): string {
  if (kpi.value === null || kpi.sessions === 0) return "no session counts";
  return isRate(kpi)
    ? `${printShare(kpi.failing, kpi.sessions)} fail, ${printCount(kpi.failing)} of ${printCountOf(kpi.sessions, "session")}`
    : `${printNumber(kpi.value)} on average over ${printCountOf(kpi.sessions, "session")}; the ${printCount(kpi.failing)} worst count as failing`;
}

/** A KPI with its value. */
export function describeKpi(kpi: ResultKpi): string {
  const about = kpi.description === undefined ? "" : ` (${safeText(kpi.description)})`;
  return `${safeText(kpi.name)}: ${describeKpiValue(kpi)}${about}`;
}

/** How much was tested, and how. */
export function describeRun({ run, classes }: Result): string {
  const bounded =
    run.hypotheses_bounded === 0 ? "" : `, ${printCount(run.hypotheses_bounded)} more ruled out by a bound`;
  const names = [...new Set(classes.map(({ template }) => safeText(template)))].join(", ");
  const experts = run.experts === "paper" ? "the paper's two experts alone, without the honesty checks" : "all experts";
  const crosses =
    run.crosses === undefined || run.crosses.left_out === 0
      ? ""
      : ` Of ${printCount(run.crosses.counted + run.crosses.ruled_out + run.crosses.left_out)} crosses of two, ${printCount(run.crosses.left_out)} were beyond the budget of ${printCount(run.crosses.budget)} a KPI (setting cross_budget).`;
  return `${printHypotheses(run.hypotheses)} tested${bounded}, in ${printCount(classes.length)} ${classes.length === 1 ? "class" : "classes"}${names === "" ? "" : ` (${names})`}; ${experts}; seed ${run.seed}.${crosses}`;
}

/** Why there is no opportunity. */
export function nothingFound({ run, kpis, data }: Result): string {
  if (data.sessions === 0) return "No session lies in these files and this period, so there was nothing to test.";
  if (kpis.every(({ failing }) => failing === 0)) return "No session fails any KPI, so there was nothing to look for.";
  return (
    `None of the ${printHypotheses(run.hypotheses)} tested passed the experts: in these data no behaviour and no state of a user ` +
    "goes with a KPI that is worse by more than chance and the settings' thresholds allow. That is an answer, not a failure of the run."
  );
}

/** `1 hypothesis`, `2 hypotheses` */
export function printHypotheses(count: number): string {
  return `${printCount(count)} ${count === 1 ? "hypothesis" : "hypotheses"}`;
}

/** `country=US, os=ios`, or `all sessions` */
export function printCohort(cohort: ResultOpportunity["cohort"]): string {
  const parts = byName(cohort).map(([name, value]) => `${safeText(name)}=${safeText(String(value))}`);
  return parts.length === 0 ? "all sessions" : parts.join(", ");
}

/** Entries in the order of their names: a result in memory and the same one read from its file then read the same. */
export function byName<T>(record: Readonly<Record<string, T>>): (readonly [string, T])[] {
  return Object.entries(record).sort(([a], [b]) => (a < b ? -1 : 1));
}

/** A difference of a KPI: points of a rate, else the KPI's own unit; always with its sign. */
export function printDifference(difference: number, rate: boolean): string {
  const size = rate ? Math.abs(100 * difference) : Math.abs(difference);
  const sign = difference < 0 ? "−" : "+";
  const points = size >= 9.95 ? size.toFixed(0) : size >= 0.95 || size === 0 ? size.toFixed(1) : size.toPrecision(1);
  return `${sign}${rate ? `${points} points` : printNumber(size)}`;
}

/** The effect and its interval: `+81 points (95 % interval +78 to +84 points)`. */
export function describeEffect(opportunity: ResultOpportunity, kpi: ResultKpi | undefined): string {
  const { effect } = opportunity;
  const rate = isRate(kpi);
  const users = isOfSameUsers(opportunity) ? " within users who have sessions of both kinds" : "";
  return `${printDifference(effect.difference, rate)}${users} (95 % interval ${printInterval(effect.low, effect.high, rate)})`;
}

/**
 * Whether the effect is that within users who have sessions of both kinds, which is reported where it is smaller than that of all sessions: then it
 * is not what the shares beside it come to.
 */
export function isOfSameUsers({ experts, effect }: Pick<ResultOpportunity, "experts" | "effect">): boolean {
  const evidence = experts.find(({ name }) => name === "within-users")?.evidence ?? {};
  return evidence["within_difference"] === effect.difference && evidence["pooled_difference"] !== effect.difference;
}

/** Members and others of a numeric KPI: `Members: mean 3.2, median 1.1, the worst tenth beyond 9. Others: …` */
export function describeValues(values: NonNullable<ResultOpportunity["values"]>): string {
  const side = ({ mean, median, worst_tenth: worst }: typeof values.members): string =>
    `mean ${printNumber(mean)}, median ${printNumber(median)}, the worst tenth beyond ${printNumber(worst)}`;
  return `Members: ${side(values.members)}. Others: ${side(values.others)}.`;
}

/** Where an opportunity of an earlier result went. */
export function describeGone({ kpi, cohort, why }: NonNullable<Result["since"]>["gone"][number]): string {
  return `on ${describeScenario({ kpi, cohort })}: ${safeText(why)}`;
}

/** Both ends of an interval of a difference. */
export function printInterval(low: number, high: number, rate: boolean): string {
  const bare = (text: string): string => text.replace(/ points$/, "");
  return `${bare(printDifference(low, rate))} to ${printDifference(high, rate)}`;
}

/** A p-value: `0.0012`, `3.1 × 10⁻¹²`. */
export function printP(p: number): string {
  if (p >= 0.001) return Number(p.toPrecision(2)).toString();
  if (p === 0) return "below 10⁻³⁰⁰";
  const [digits = "1", power = "0"] = p.toExponential(1).split("e");
  return `${digits} × 10${[...power].map((digit) => superscripts[digit] ?? digit).join("")}`;
}

const superscripts: Readonly<Record<string, string>> = {
  "-": "⁻",
  "+": "",
  ...Object.fromEntries([..."⁰¹²³⁴⁵⁶⁷⁸⁹"].map((digit, at) => [String(at), digit])),
};

/** `90.2 %`, of members or of others; `–` without any. */
export function failingShare(sessions: ResultSessions, side: "members" | "others"): string {
  return side === "members"
    ? printShare(sessions.members_failing, sessions.members)
    : printShare(sessions.others_failing, sessions.others);
}

/** A day, or a moment, of an ISO time: hours where they matter. */
export function printDay(iso: string): string {
  return safeText(iso.slice(0, 10));
}

/** Where an entry of `explained` was looked for. */
export function describeScenario({ kpi, cohort }: Pick<ResultExplained, "kpi" | "cohort">): string {
  const among = Object.keys(cohort).length === 0 ? "" : ` among ${printCohort(cohort)}`;
  return `${safeText(kpi)}${among}`;
}
