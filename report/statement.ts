import type { Findings, Opinion, Opportunity } from "../finder/findings.js";

/** One plain sentence for a person: who, what, how much worse, how many failures that is, since when. */
export function statementOf(opportunity: Opportunity, findings: Findings): string {
  const { contrast, effect, users, hypothesis } = opportunity;
  const kpi = findings.kpis[opportunity.kpi];
  const name = kpi?.name ?? "";
  const cohort = Object.entries(opportunity.cohort).map(([attribute, value]) => `${attribute} ${String(value)}`);
  const among = cohort.length === 0 ? "" : ` (among ${cohort.join(" and ")})`;
  const who = findings.data.hasUsers ? ` by ${count(users, "user")}` : "";
  const head = `${count(contrast.members, "session")}${who} with ${hypothesis}${among}`;
  const when = whenOf(opportunity, findings.data.timeZone);
  if (kpi?.kind === "numeric") {
    const { members, others } = means(opportunity);
    return `${head} have a mean ${name} of ${number(members)} against ${number(others)} in ${count(contrast.others, "other session")}${when}.`;
  }
  const inside = contrast.membersFailing / contrast.members;
  const outside =
    contrast.othersFailing === 0
      ? `none of ${count(contrast.others, "other session")}`
      : `${percent(contrast.othersFailing / contrast.others)} of ${count(contrast.others, "other session")}`;
  const saved = Math.floor(effect.excessFailures);
  const recoverable = saved > 0 ? `: at least ${count(saved, "failure")} more than if they failed like the others` : "";
  return `${head} fail ${name} in ${percent(inside)}, against ${outside}${recoverable}${when}.`;
}

/** When members became worse than they had been, ISO; null where no change was found. */
export function beganOf({ opinions }: Opportunity): string | null {
  const began = evidenceOf(opinions, "change-point")["began"];
  return typeof began === "string" ? began : null;
}

/**
 * Since when: a single change is dated; what grows from bucket to bucket, or in several steps, is said to grow; all else spans what was seen.
 */
function whenOf({ opinions, firstSeenMs, lastSeenMs }: Opportunity, timeZone: string): string {
  const change = evidenceOf(opinions, "change-point");
  const trend = evidenceOf(opinions, "trend");
  const day = (ms: number): string => dayIn(ms, timeZone);
  const period = `between ${day(firstSeenMs)} and ${day(lastSeenMs)}`;
  const began = change["began_ms"];
  const [before, after] = [change["before"], change["after"]];
  const isGrowing = trend["direction"] === "rising";
  if (typeof began === "number" && typeof before === "number" && typeof after === "number") {
    const step = `from ${points(before)} to ${points(after)} points above the others`;
    if (change["changes"] === 1 && change["ongoing"] === true)
      return `, since ${day(began)}, when their failures rose ${step}`;
    if (!isGrowing && change["ongoing"] === false) {
      return `, from ${day(began)} on, when their failures rose ${step}, and less again since; ${period}`;
    }
  }
  return isGrowing ? `, growing ${period}` : `, ${period}`;
}

function evidenceOf(opinions: readonly Opinion[], name: string): Opinion["evidence"] {
  return opinions.find((opinion) => opinion.name === name && opinion.says === "opportunity")?.evidence ?? {};
}

/** Means of a numeric KPI; without experts on values, from difference and ratio. */
function means({ effect, values }: Opportunity): { readonly members: number; readonly others: number } {
  if (values !== null) return { members: values.members.mean, others: values.others.mean };
  const { ratio, difference } = effect;
  if (ratio === null || ratio === 1) return { members: difference, others: 0 };
  const others = difference / (ratio - 1);
  return { members: others + difference, others };
}

function count(value: number, noun: string): string {
  return `${value.toLocaleString("en-US")} ${noun}${value === 1 ? "" : "s"}`;
}

function percent(share: number): string {
  const value = share * 100;
  return `${value >= 10 ? value.toFixed(0) : value >= 0.1 ? value.toFixed(1) : value.toPrecision(1)} %`;
}

/** A difference of rates in points, as a whole number from 10 on. */
function points(difference: number): string {
  const value = difference * 100;
  return Math.abs(value) >= 10 ? value.toFixed(0) : value.toFixed(1);
}

function number(value: number): string {
  return Number(value.toPrecision(3)).toString();
}

function dayIn(ms: number, timeZone: string): string {
  const parts = new Intl.DateTimeFormat("en-US", { timeZone, year: "numeric", month: "2-digit", day: "2-digit" });
  const part = new Map(parts.formatToParts(ms).map(({ type, value }) => [type, value]));
  return `${part.get("year")}-${part.get("month")}-${part.get("day")}`;
}
