import type { Findings, Opportunity } from "../finder/findings.js";

/** One plain sentence for a person: who, what, how much worse, how many failures that is. */
export function statementOf(opportunity: Opportunity, findings: Findings): string {
  const { contrast, effect, users, hypothesis } = opportunity;
  const kpi = findings.kpis[opportunity.kpi];
  const name = kpi?.name ?? "";
  const cohort = Object.entries(opportunity.cohort).map(([attribute, value]) => `${attribute} ${String(value)}`);
  const among = cohort.length === 0 ? "" : ` (among ${cohort.join(" and ")})`;
  const who = findings.data.hasUsers ? ` by ${count(users, "user")}` : "";
  const head = `${count(contrast.members, "session")}${who} with ${hypothesis}${among}`;
  const period = `, between ${day(opportunity.firstSeenMs)} and ${day(opportunity.lastSeenMs)}`;
  if (kpi?.kind === "numeric") {
    const { members, others } = means(opportunity);
    return `${head} have a mean ${name} of ${number(members)} against ${number(others)} in ${count(contrast.others, "other session")}${period}.`;
  }
  const inside = contrast.membersFailing / contrast.members;
  const outside =
    contrast.othersFailing === 0
      ? `none of ${count(contrast.others, "other session")}`
      : `${percent(contrast.othersFailing / contrast.others)} of ${count(contrast.others, "other session")}`;
  const saved = Math.floor(effect.excessFailures);
  const recoverable = saved > 0 ? `: at least ${count(saved, "failure")} more than if they failed like the others` : "";
  return `${head} fail ${name} in ${percent(inside)}, against ${outside}${recoverable}${period}.`;
}

/** Means of a numeric KPI: from difference and ratio, which is all that an effect keeps of them. */
function means({ effect }: Opportunity): { readonly members: number; readonly others: number } {
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

function number(value: number): string {
  return Number(value.toPrecision(3)).toString();
}

function day(ms: number): string {
  return new Date(ms).toISOString().slice(0, 10);
}
