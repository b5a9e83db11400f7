import { beganAt, describeExpert } from "../evidence.js";
import { printCount, printCountOf, printNumber, printShare } from "../numbers.js";
import type { Result, ResultCell, ResultKpi, ResultOpportunity, ResultSessions } from "../result.js";
import { safeText } from "../safe-text.js";
import {
  describeEffect,
  describeValues,
  failingShare,
  isOfSameUsers,
  isRate,
  printCohort,
  printDay,
  printDifference,
  printHypotheses,
  printInterval,
} from "../words.js";
import { rateBar } from "./bars.js";
import { effectChart } from "./effect-chart.js";
import { flowChart } from "./flow-chart.js";
import { type Html, html, nameOf, prose, shorten } from "./html.js";
import { lineChart } from "./line-chart.js";
import { niceTicks, wilson } from "./scale.js";
import { timeline } from "./timeline.js";

/** How much of each opportunity is shown, so that many of them stay a page. */
export interface Detail {
  /** Pairs of example sessions, and events of each. */
  readonly pairs: number;
  readonly events: number;
  /** Attributes of the cohorts and values of each, and hypotheses that are folded. */
  readonly attributes: number;
  readonly values: number;
  readonly folded: number;
  /** Steps on either side of the match. */
  readonly steps: 1 | 2;
}

/** Points of a trend have at least so many members at the median, where the period allows. */
const MEMBERS_A_POINT = 10;
const FEWEST_POINTS = 6;
/** Letters of a sentence, and of an expression to copy: beyond, a name is no name. */
const LONGEST_SENTENCE = 700;
const LONGEST_HEADING = 240;
const LONGEST_EXPRESSION = 4000;

/** An id that can be linked to; the rank where the file has none that can. */
export function anchorOf({ id, rank }: ResultOpportunity): string {
  return /^[A-Za-z][\w-]{0,63}$/.test(id) && !id.startsWith("s-") ? id : `rank-${rank}`;
}

/** One opportunity in full. */
export function opportunityArticle(opportunity: ResultOpportunity, result: Result, detail: Detail): Html {
  const { rank, cohort, sessions, effect, statement, hypothesis } = opportunity;
  const kpi = result.kpis.find(({ name }) => name === opportunity.kpi);
  const id = anchorOf(opportunity);
  return html`<article class="op" id="${id}" aria-labelledby="s-${id}">
<p class="kick"><b>${rank}</b><span>${nameOf(opportunity.kpi)}</span><span>${shorten(printCohort(cohort), 120)}</span>${statusBadge(opportunity)}<a class="self" href="#${id}">#${id}</a></p>
<div class="expr"><h3 id="s-${id}"><code>${nameOf(hypothesis, LONGEST_HEADING)}</code></h3></div>
<p class="say">${prose(statement, LONGEST_SENTENCE)}</p>
<dl class="fig">
<div class="m"><dt>Members that fail</dt><dd>${failingShare(sessions, "members")}</dd></div>
<div class="o"><dt>Others that fail</dt><dd>${failingShare(sessions, "others")}</dd></div>
<div><dt>${isOfSameUsers(opportunity) ? "Ratio, same users" : "Ratio"}</dt><dd>${effect.ratio === null ? "–" : printNumber(effect.ratio)}</dd></div>
<div><dt>Recoverable failures</dt><dd>${printCount(Math.floor(effect.excess_failures))}</dd></div>
<div><dt>Member sessions</dt><dd>${printCount(sessions.members)}</dd></div>${
    result.data.has_users === false ? null : html`<div><dt>Users</dt><dd>${printCount(opportunity.users)}</dd></div>`
  }
<div class="t"><dt>First to last seen</dt><dd>${printDay(opportunity.first_seen)} – ${printDay(opportunity.last_seen)}</dd></div>
</dl>
${
  safeText(hypothesis).length <= LONGEST_HEADING
    ? null
    : html`<details class="whole"><summary>The whole expression</summary><pre tabindex="0"><code>${shorten(hypothesis, LONGEST_EXPRESSION)}</code></pre></details>
`
}<div class="two">${effectPart(opportunity, kpi, result)}${trendPart(opportunity)}</div>
${cellsPart(opportunity, detail)}${flowPart(opportunity, detail)}${timelinesPart(opportunity, kpi, detail)}${expertsPart(opportunity, kpi, result)}${foldedPart(opportunity, detail)}
</article>`;
}

/** What a run before this one had of it; null where there was none. */
export function statusBadge({ status }: ResultOpportunity): Html | null {
  return status === undefined ? null : html`<span class="badge ${status}">${status}</span>`;
}

function effectPart(opportunity: ResultOpportunity, kpi: ResultKpi | undefined, { run }: Result): Html {
  const { effect } = opportunity;
  const rate = isRate(kpi);
  const floor = floorOf(opportunity, kpi, run.settings);
  const beyond =
    floor === null ? "" : ` What is reported lies beyond ${printDifference(floor, rate)} with its whole interval.`;
  const unit = rate ? "Members' failure rate less that of the others" : "Members' mean less that of the others";
  const { values, change } = opportunity;
  const spread = values === undefined ? null : html`<p class="cap">${describeValues(values)}</p>`;
  const since =
    change === undefined
      ? null
      : html`<p class="cap">${prose(`Since the earlier result the difference changed by ${printDifference(change.difference, rate)} (95 % interval ${printInterval(change.low, change.high, rate)}).`)}</p>`;
  return html`<section class="part"><h4>How much worse</h4><p class="cap">${prose(`${unit}: ${describeEffect(opportunity, kpi)}, with users as the unit.${beyond}`)}</p>${effectChart(
    {
      title: "The effect and its interval, against the floor",
      value: effect.difference,
      low: effect.low,
      high: effect.high,
      floor,
      print: (value) => printDifference(value, rate),
      printTick: (value) => {
        const size = printNumber(rate ? Math.abs(100 * value) : Math.abs(value));
        return value === 0 ? "0" : `${value < 0 ? "−" : "+"}${size}`;
      },
    },
  )}${spread}${since}</section>`;
}

/** The least difference that is reported, by ratio or by points, whichever is nearer; null where the run does not say. */
function floorOf(
  { sessions, effect }: ResultOpportunity,
  kpi: ResultKpi | undefined,
  settings: Result["run"]["settings"],
): number | null {
  const [ratio, points] = [settings?.["floor_ratio"], settings?.["floor_difference"]];
  if (ratio === undefined || points === undefined || effect.q === null) return null;
  if (isRate(kpi)) {
    const others = sessions.others === 0 ? 0 : sessions.others_failing / sessions.others;
    return others === 0 ? null : Math.min(points, (ratio - 1) * others);
  }
  if (effect.ratio === null || effect.ratio === 1) return null;
  const others = effect.difference / (effect.ratio - 1);
  return kpi?.worse === "lower" ? others / ratio - others : (ratio - 1) * others;
}

function trendPart(opportunity: ResultOpportunity): Html | null {
  const { trend, width } = merged(opportunity.trend);
  if (trend.length < 2) return null;
  const began = beganAt(opportunity);
  const change = began === null ? -1 : trend.findLastIndex(({ from }) => from <= began.at);
  const rateOf = (part: number, whole: number): number | null => (whole === 0 ? null : part / whole);
  const members = trend.map(({ members: all, members_failing: failing }) => rateOf(failing, all));
  const others = trend.map(({ others: all, others_failing: failing }) => rateOf(failing, all));
  const [first, last] = [members.find((value) => value !== null), members.findLast((value) => value !== null)];
  return html`<section class="part"><h4>Over time</h4><div class="key"><span>${keyOf("m")}members that fail, with their 95 % interval</span><span>${keyOf("o")}others</span><span>${printWidth(width)} a point</span></div>${lineChart(
    {
      title: "Share of members and of others that fail, over time",
      description: `Members go from ${printShare(first ?? 0, 1)} to ${printShare(last ?? 0, 1)}${change <= 0 || began === null ? "" : `; they became worse about ${printDay(began.at)}`}.`,
      series: [
        { kind: "o", values: others },
        {
          kind: "m",
          values: members,
          band: trend.map(({ members: all, members_failing: failing }) => wilson(failing, all)),
        },
      ],
      starts: trend.map(({ from }) => from),
      print: (value) => `${Number((100 * value).toPrecision(3))} %`,
      ...(change <= 0 || began === null
        ? {}
        : { change: { at: change, label: `${began.isOneOfSeveral ? "rose most" : "began"} ${printDay(began.at)}` } }),
      height: 186,
    },
  )}</section>`;
}

/** Neighbouring stretches together until most points stand on enough members. */
function merged(trend: ResultOpportunity["trend"]): {
  readonly trend: ResultOpportunity["trend"];
  readonly width: number;
} {
  const [first, second] = [trend[0], trend[1]];
  const width = first === undefined || second === undefined ? 0 : Date.parse(second.from) - Date.parse(first.from);
  const join = (by: number): ResultOpportunity["trend"] => {
    const joined: ({ from: string } & ResultSessions)[] = [];
    for (let at = 0; at < trend.length; at += by) {
      const group = trend.slice(at, at + by);
      const sum = (name: keyof ResultSessions): number => group.reduce((total, each) => total + each[name], 0);
      joined.push({
        from: group[0]?.from ?? "",
        members: sum("members"),
        members_failing: sum("members_failing"),
        others: sum("others"),
        others_failing: sum("others_failing"),
      });
    }
    return joined;
  };
  let by = 1;
  for (const next of [2, 4, 7]) {
    const members = join(by)
      .map((each) => each.members)
      .sort((a, b) => a - b);
    if ((members[Math.floor(members.length / 2)] ?? 0) >= MEMBERS_A_POINT) break;
    if (Math.ceil(trend.length / next) < FEWEST_POINTS && next !== 7) break;
    if (trend.length / next < 4) break;
    by = next;
  }
  return { trend: by === 1 ? trend : join(by), width: width * by };
}

function printWidth(ms: number): string {
  // a day on which the clocks are changed has an hour more or less
  const days = Math.round(ms / 86_400_000);
  const hours = Math.abs(ms - days * 86_400_000) <= 3_600_000 && days > 0 ? 24 * days : ms / 3_600_000;
  if (hours < 24) return printCountOf(hours, "hour");
  return hours % 168 === 0 ? printCountOf(hours / 168, "week") : printCountOf(Math.round(hours / 24), "day");
}

/** A sample of a line for the key. */
function keyOf(kind: "m" | "o"): Html {
  return html`<svg aria-hidden="true" width="22" height="9"><path class="l ${kind}" d="M0 5h22"/>${kind === "o" ? null : html`<path class="p ${kind}" d="M11 5h0"/>`}</svg>`;
}

function cellsPart({ cells = [], sessions }: ResultOpportunity, { attributes, values: most }: Detail): Html | null {
  const byAttribute = new Map<string, ResultCell[]>();
  for (const cell of cells) byAttribute.set(cell.attribute, [...(byAttribute.get(cell.attribute) ?? []), cell]);
  const overall = sessions.members_failing / Math.max(1, sessions.members);
  const spread = (values: readonly ResultCell[]): number =>
    values.reduce((sum, { members, members_failing: failing }) => {
      return members === 0 ? sum : sum + members * (failing / members - overall) ** 2;
    }, 0) / Math.max(1, values.length - 1);
  const shown = [...byAttribute]
    .filter(([, values]) => values.length > 1)
    .sort(([, a], [, b]) => spread(b) - spread(a))
    .slice(0, attributes)
    .map(([attribute, values]) => [attribute, values.slice(0, most)] as const);
  if (shown.length === 0) return null;
  const rates = shown.flatMap(([, values]) =>
    values.flatMap((cell) => [cell.high ?? 0, cell.others === 0 ? 0 : cell.others_failing / cell.others]),
  );
  const end = Math.min(1, niceTicks(0, Math.max(...rates, 0.001), 4).at(-1) ?? 1);
  return html`<section class="part"><h4>Where it concentrates</h4><p class="cap">Members that fail by what their session is, with the 95 % interval clustered by user; the upright stroke is the others. Attributes in which members differ most come first. Bars end at ${printShare(end, 1)}.</p><div class="cells">${shown.map(
    ([attribute, values]) =>
      html`<table><caption>${nameOf(attribute, 40)}</caption><colgroup><col class="a"><col><col class="v"><col class="v"><col class="n"></colgroup><thead><tr><th scope="col">Value</th><th scope="colgroup" colspan="2">Members that fail</th><th scope="col" class="r">Others</th><th scope="col" class="r">Members</th></tr></thead><tbody>${values.map(
        (cell) =>
          html`<tr><th scope="row">${nameOf(String(cell.value), 32)}</th><td>${rateBar(
            {
              members: cell.members === 0 ? null : cell.members_failing / cell.members,
              low: cell.low,
              high: cell.high,
              others: cell.others === 0 ? null : cell.others_failing / cell.others,
            },
            end,
          )}</td><td class="r">${failingShare(cell, "members")}</td><td class="r">${failingShare(cell, "others")}</td><td class="r">${printCount(cell.members)}</td></tr>`,
      )}</tbody></table>`,
  )}</div></section>`;
}

function flowPart({ flow, timelines = [], hypothesis, sessions }: ResultOpportunity, detail: Detail): Html | null {
  if (flow === undefined || flow.sessions === 0) return null;
  const member = timelines.find((each) => each.member && each.events.some(({ match }) => match === true));
  const steps = member?.events.flatMap(({ event, match }) => (match === true ? [event] : [])) ?? [];
  const of = flow.sessions < sessions.members ? `${printCount(flow.sessions)} of them` : "all of them";
  return html`<section class="part"><h4>What comes before and after</h4><p class="cap">The events next to where it first holds, with the share of member sessions (${of}) that have them there, whatever the outcome was by then.</p>${flowChart(flow, steps.length === 0 ? [hypothesis] : steps.slice(0, 8), detail.steps)}</section>`;
}

function timelinesPart(
  { timelines = [] }: ResultOpportunity,
  kpi: ResultKpi | undefined,
  { pairs, events }: Detail,
): Html | null {
  const failing = timelines.filter((each) => each.failing && each.member);
  const normal = timelines.filter((each) => !each.failing && !each.member);
  const count = Math.min(pairs, Math.max(failing.length, normal.length));
  if (count === 0) return null;
  const pair = (at: number): Html => {
    const [bad, good] = [failing[at], normal[at]];
    return html`<div class="pair">${bad === undefined ? html`<div></div>` : timeline(bad, events)}${good === undefined ? null : timeline(good, events)}</div>`;
  };
  const rest = Array.from({ length: count - 1 }, (_, at) => pair(at + 1));
  const how = isRate(kpi) ? "fail" : "are among the worst";
  return html`<section class="part"><h4>Example sessions</h4><p class="cap">Left, members that ${how}; right, others that do not. Marked: what makes a session a member, and the same events elsewhere. Grey: after the outcome was decided, so no evidence.</p>${pair(0)}${
    rest.length === 0
      ? null
      : html`<details><summary>${rest.length === 1 ? "One more pair" : `${rest.length} more pairs`}</summary>${rest}</details>`
  }</section>`;
}

function expertsPart({ experts }: ResultOpportunity, kpi: ResultKpi | undefined, { run }: Result): Html | null {
  if (experts.length === 0) return null;
  return html`<details open><summary>What every expert says</summary><dl class="says">${experts.map((expert) => {
    const { title, text } = describeExpert(expert, kpi, run);
    const [kind, says] = expert.says === "opportunity" ? ["yes", "speaks for it"] : ["no", "adds nothing"];
    return html`<div><dt class="${kind}">${title} <small>(${shorten(expert.name, 60)} ${says})</small></dt><dd>${prose(text, LONGEST_SENTENCE)}</dd></div>`;
  })}</dl></details>`;
}

function foldedPart({ folded }: ResultOpportunity, detail: Detail): Html | null {
  if (folded.length === 0) return null;
  const rest = folded.length - detail.folded;
  return html`<details><summary>Folded into it: ${printHypotheses(folded.length)}</summary><p class="cap">They cover the same sessions, or say nothing beyond it.</p><ul class="list">${folded
    .slice(0, detail.folded)
    .map((text) => html`<li><code>${shorten(text, 200)}</code>`)}${
    rest > 0 ? html`<li>and ${printCount(rest)} more, in the result file` : null
  }</ul></details>`;
}
