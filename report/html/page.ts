import { createHash } from "node:crypto";
import { describeExplained } from "../evidence.js";
import { inZone, zoneOf } from "../in-zone.js";
import { printCount, printNumber, printShare } from "../numbers.js";
import type { Result, ResultExplained, ResultKpi } from "../result.js";
import { safeText } from "../safe-text.js";
import {
  byName,
  describeData,
  describeGone,
  describeKpiValue,
  describeRun,
  describeScenario,
  isOfSameUsers,
  isRate,
  nothingFound,
  printCohort,
  printDay,
  printHypotheses,
} from "../words.js";
import { dumbbell, logBar } from "./bars.js";
import { Html, html, nameOf, prose, shorten } from "./html.js";
import { lineChart } from "./line-chart.js";
import { anchorOf, type Detail, opportunityArticle, statusBadge } from "./opportunity.js";
import { niceTicks } from "./scale.js";
import { script } from "./script.js";
import { style } from "./style.js";

/** Up to so many opportunities all is shown of each. */
const FEW = 25;
const full: Detail = { pairs: 3, events: 40, attributes: 8, values: 8, folded: 100, steps: 2 };
const brief: Detail = { pairs: 1, events: 14, attributes: 2, values: 5, folded: 10, steps: 1 };
/** Entries of `explained` that are listed; the rest are counted. */
const MOST_EXPLAINED = 300;

/**
 * A result as one HTML file that needs nothing else: no network, and no script to be read. Everything of the data in it is text, and a
 * Content-Security-Policy lets only the file's own style and script work.
 */
export function formatHtml(given: Result): string {
  const result = inZone(given);
  const policy = [
    "default-src 'none'",
    `style-src '${hashOf(style)}'`,
    `script-src '${hashOf(script)}'`,
    "base-uri 'none'",
    "form-action 'none'",
    "require-trusted-types-for 'script'",
  ].join("; ");
  const page = html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${new Html(policy)}">
<meta name="referrer" content="no-referrer">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="generator" content="Leadline">
<title>${shorten(result.title, 120)} · Leadline</title>
<style>${new Html(style)}</style>
</head>
<body>
<a class="skip" href="#s-main">Skip to the report</a>
${navigation(result)}
<main id="s-main">
<header class="top"><p class="mark">Leadline report</p><h1>${nameOf(result.title, 160)}</h1><p class="lead">${prose(`${describeData(result)} ${shortRun(result)} Days and times: ${safeText(zoneOf(result))}.`)}</p></header>
${warnings(result)}${opportunitiesSection(result)}${kpisSection(result)}${goneSection(result)}${knownSection(result)}${explainedSection(result)}${runSection(result)}
<footer><p>A finding is a place to look, no proof of a cause. Made by Leadline from <code>${result.schema}</code>.</p></footer>
</main>
<script>${new Html(script)}</script>
</body>
</html>
`;
  return page.toString();
}

function hashOf(text: string): string {
  return `sha256-${createHash("sha256").update(text).digest("base64")}`;
}

function navigation({ opportunities, explained }: Result): Html {
  return html`<nav aria-label="Contents"><ul><li><a href="#s-opportunities">Opportunities (${printCount(opportunities.length)})</a><ol>${opportunities.map(
    (opportunity) => {
      const id = anchorOf(opportunity);
      return html`<li data-id="${id}"><a href="#${id}">${opportunity.rank}. ${shorten(opportunity.hypothesis, 64)}</a>`;
    },
  )}</ol><li><a href="#s-kpis">KPIs</a>${
    explained.length === 0
      ? null
      : html`<li><a href="#s-explained">Explained away (${printCount(explained.length)})</a>`
  }<li><a href="#s-run">How it was found</a></ul></nav>`;
}

function shortRun({ run, opportunities }: Result): string {
  return `${printHypotheses(run.hypotheses)} tested; ${printCount(opportunities.length)} ${opportunities.length === 1 ? "opportunity" : "opportunities"} left.`;
}

function warnings({ warnings: texts }: Result): Html | null {
  if (texts.length === 0) return null;
  return html`<aside class="warn" aria-labelledby="s-warnings"><h2 id="s-warnings">To know</h2><ul>${texts.map(
    (text) => html`<li>${shorten(capital(text), 500)}`,
  )}</ul></aside>`;
}

function opportunitiesSection(result: Result): Html {
  const { opportunities } = result;
  if (opportunities.length === 0) {
    return html`<section aria-labelledby="s-opportunities"><h2 id="s-opportunities">No opportunities</h2><p>${nothingFound(result)}</p></section>`;
  }
  const detail = opportunities.length <= FEW ? full : brief;
  const kpis = [...new Set(opportunities.map(({ kpi }) => kpi))];
  const states = [...new Set(opportunities.flatMap(({ status }) => status ?? []))];
  const rates = opportunities.flatMap(({ sessions }) => [
    sessions.members_failing / Math.max(1, sessions.members),
    sessions.others_failing / Math.max(1, sessions.others),
  ]);
  const most = Math.min(1, niceTicks(0, Math.max(...rates, 0.001), 4).at(-1) ?? 1);
  return html`<section aria-labelledby="s-opportunities"><h2 id="s-opportunities">Opportunities</h2>
<form class="find" role="search" hidden><label>Find<input name="text" type="search" autocomplete="off"></label><label>KPI<select name="kpi"><option value="">all</option>${kpis.map(
    (name, at) => html`<option value="${at}">${shorten(name, 60)}</option>`,
  )}</select></label>${
    states.length === 0
      ? null
      : html`<label>Since the last run<select name="state"><option value="">all</option>${states.map((state) => html`<option>${state}</option>`)}</select></label>`
  }<output aria-live="polite"></output></form>
<table id="list"><caption>Best first: by recoverable failures, those that would not be if members were like the others, at the cautious end of the interval.${opportunities.some(isOfSameUsers) ? " Same users: the ratio within users who have sessions of both kinds, which is the smaller one." : ""}</caption><thead><tr><th scope="col" data-key="rank">#</th><th scope="col">Hypothesis</th><th scope="col" class="w" data-key="fail">Members <span class="soft">and others</span> that fail</th><th scope="col" class="r w" data-key="members">Members</th><th scope="col" class="r w" data-key="ratio">Ratio</th><th scope="col" class="r" data-key="excess">Recoverable</th></tr></thead><tbody>${opportunities.map(
    (opportunity) => {
      const { rank, kpi, cohort, hypothesis, sessions, effect, status } = opportunity;
      const id = anchorOf(opportunity);
      const inside = sessions.members_failing / Math.max(1, sessions.members);
      const outside = sessions.others_failing / Math.max(1, sessions.others);
      return html`<tr data-id="${id}" data-rank="${rank}" data-kpi="${kpis.indexOf(kpi)}" data-state="${status ?? ""}" data-fail="${inside}" data-members="${sessions.members}" data-ratio="${effect.ratio ?? ""}" data-excess="${effect.excess_failures}"><td>${rank}</td><td><a class="h" href="#${id}">${nameOf(hypothesis, 110)}</a><small>${nameOf(kpi, 60)}, ${shorten(printCohort(cohort), 80)}</small>${statusBadge(opportunity)}</td><td class="w">${printShare(sessions.members_failing, sessions.members)} <span class="soft">and ${printShare(sessions.others_failing, sessions.others)}</span>${dumbbell(inside, outside, most)}</td><td class="r w">${printCount(sessions.members)}</td><td class="r w">${effect.ratio === null ? "–" : printNumber(effect.ratio)}${isOfSameUsers(opportunity) ? html`<small>same users</small>` : null}</td><td class="r">${printCount(Math.floor(effect.excess_failures))}</td></tr>`;
    },
  )}</tbody></table></section>
<section aria-label="Each opportunity in full">${opportunities.map((each) => opportunityArticle(each, result, detail))}</section>`;
}

function kpisSection({ kpis }: Result): Html {
  return html`<section aria-labelledby="s-kpis"><h2 id="s-kpis">KPIs</h2><div class="kpis">${kpis.map(kpiCard)}</div></section>`;
}

function kpiCard(kpi: ResultKpi): Html {
  const { name, description, expression, among, limits, series = [] } = kpi;
  const rate = isRate(kpi);
  const values = series.map(({ value }) => value);
  const known = values.filter((value) => value !== null);
  const print = (value: number): string => (rate ? `${Number((100 * value).toPrecision(3))} %` : printNumber(value));
  const definition =
    expression === undefined
      ? null
      : html`<code>${rate ? "fails: " : "is: "}${shorten(expression, 300)}${among === undefined ? "" : `, among ${shorten(among, 200)}`}</code>`;
  return html`<div><h3>${nameOf(name)}</h3>${description === undefined ? null : html`<p class="what">${shorten(description, 300)}</p>`}<p class="what soft">${describeKpiValue(kpi)}${limits === undefined ? null : `. ${printCount(limits.sessions)} values beyond ${printNumber(limits.low)} to ${printNumber(limits.high)} count as these`}</p>${definition}${
    known.length < 2
      ? null
      : lineChart({
          title: `${shorten(name, 60)} over time`,
          description: `From ${print(known[0] ?? 0)} to ${print(known.at(-1) ?? 0)}; least ${print(Math.min(...known))}, most ${print(Math.max(...known))}.`,
          series: [{ kind: "k", values }],
          starts: series.map(({ from }) => from),
          print,
          height: 124,
        })
  }</div>`;
}

function goneSection({ since }: Result): Html | null {
  if (since === undefined || since.gone.length === 0) return null;
  const from = since.from === null || since.to === null ? "" : ` (${printDay(since.from)} to ${printDay(since.to)})`;
  return html`<section aria-labelledby="s-gone"><h2 id="s-gone">Gone since the earlier result</h2><p class="cap">${prose(`What ${since.title}${from} reported and this one does not.`)}</p><ul class="list">${since.gone
    .slice(0, MOST_EXPLAINED)
    .map(
      (gone) => html`<li><code>${shorten(gone.hypothesis, 200)}</code> ${shorten(describeGone(gone), 400)}`,
    )}</ul></section>`;
}

function knownSection({ known = [] }: Result): Html | null {
  if (known.length === 0) return null;
  const rest = known.length - MOST_EXPLAINED;
  return html`<section aria-labelledby="s-known"><h2 id="s-known">Known, and no worse</h2><p class="cap">What people said they know of. It comes back as an opportunity when it gets worse.</p><ul class="list">${known
    .slice(0, MOST_EXPLAINED)
    .map(
      (entry) =>
        html`<li><code>${shorten(entry.hypothesis, 200)}</code> on ${shorten(describeScenario(entry), 200)} (${shorten(entry.id, 40)})`,
    )}</ul>${rest > 0 ? html`<p class="cap">And ${printCount(rest)} more, in the result file.</p>` : null}</section>`;
}

function explainedSection({ explained, kpis }: Result): Html | null {
  if (explained.length === 0) return null;
  const byReason = new Map<string, ResultExplained[]>();
  for (const entry of explained.slice(0, MOST_EXPLAINED)) {
    byReason.set(entry.by, [...(byReason.get(entry.by) ?? []), entry]);
  }
  const rest = explained.length - MOST_EXPLAINED;
  return html`<section aria-labelledby="s-explained"><h2 id="s-explained">Explained away</h2><p class="cap">What would have passed the experts and is no finding, by what explains it.</p>${[
    ...byReason,
  ].map(
    ([reason, entries]) =>
      html`<details><summary>${shorten(reason, 300)} (${printCount(entries.length)})</summary><ul class="list">${entries.map(
        (entry) => {
          const numbers = describeExplained(
            entry,
            kpis.find(({ name }) => name === entry.kpi),
          );
          return html`<li><code>${shorten(entry.hypothesis, 200)}</code> on ${shorten(describeScenario(entry), 120)}${numbers === "" ? null : html` <small>${numbers}</small>`}`;
        },
      )}</ul></details>`,
  )}${rest > 0 ? html`<p class="cap">And ${printCount(rest)} more, in the result file.</p>` : null}</section>`;
}

function runSection(result: Result): Html {
  const { run, classes, data } = result;
  const settings = byName(run.settings ?? {});
  const phases = run.phases.map(({ name, seconds }) => `${name} ${seconds.toFixed(2)} s`).join(", ");
  return html`<section aria-labelledby="s-run"><h2 id="s-run">How it was found</h2><p>${describeRun(result)} ${run.guarantee === undefined ? "" : `${capital(run.guarantee)}.`}</p>
${wayPart(result)}
<details><summary>Hypothesis classes (${printCount(classes.length)})</summary><table><thead><tr><th scope="col">Template</th><th scope="col">Parameters</th><th scope="col" class="w">Chosen by</th><th scope="col" class="r">Hypotheses</th></tr></thead><tbody>${classes.map(
    ({ template, parameters, chosen_by: chosenBy, why, hypotheses }) =>
      html`<tr><td>${nameOf(template)}</td><td><code>${shorten(printParameters(parameters), 200)}</code>${why === undefined ? null : html` <small>${shorten(why, 200)}</small>`}</td><td class="w">${chosenBy}</td><td class="r">${printCount(hypotheses)}</td></tr>`,
  )}</tbody></table></details>${
    settings.length === 0
      ? null
      : html`<details><summary>Settings (${printCount(settings.length)})</summary><table><thead><tr><th scope="col">Setting</th><th scope="col" class="r">Value</th></tr></thead><tbody>${settings.map(
          ([name, value]) => html`<tr><td>${shorten(name, 80)}</td><td class="r">${printNumber(value)}</td></tr>`,
        )}</tbody></table></details>`
  }<p class="cap part">${printNumber(run.seconds)} s on ${printCount(run.threads)} ${run.threads === 1 ? "thread" : "threads"}${phases === "" ? "" : `: ${phases}`}. ${data.events === 0 || run.seconds === 0 ? "" : `${printNumber(Math.round(data.events / run.seconds))} events/s.`}</p></section>`;
}

function printParameters(parameters: Readonly<Record<string, unknown>>): string {
  const parts = byName(parameters).map(([name, value]) => {
    return `${name}: ${typeof value === "string" ? value : (JSON.stringify(value) ?? "")}`;
  });
  return parts.join(", ");
}

function capital(text: string): string {
  return `${text.slice(0, 1).toUpperCase()}${text.slice(1)}`;
}

/** What became of the hypotheses, step by step. */
function wayPart({ run, opportunities }: Result): Html {
  const { became } = run;
  const steps: readonly (readonly [number, string])[] = [
    ...(run.hypotheses_bounded === 0
      ? []
      : [[run.hypotheses_bounded, "ruled out by a bound before counting"] as const]),
    ...(run.hypotheses_rare === undefined || run.hypotheses_rare === 0
      ? []
      : [[run.hypotheses_rare, "counted in failing sessions, and held by too few of them"] as const]),
    [run.hypotheses, "tested: counted in every cohort, on every KPI"],
    ...(became === undefined
      ? []
      : ([
          [became.supported, "let through by an expert"],
          [became.measured, "measured by user: one of each cause that counts tell apart"],
          [
            became.significant,
            "with enough users, clear of chance and beyond the floor, or explained before that was asked",
          ],
          [became.not_explained, "not explained away"],
        ] as const)),
    [became?.reported ?? opportunities.length, "reported, the others folded into them"],
  ];
  const most = Math.max(1, ...steps.map(([count]) => count));
  return html`<div class="part"><h3>What became of the hypotheses</h3><p class="cap">Bars on a logarithmic scale.</p><ol class="way">${steps.map(
    ([count, what]) => html`<li><b>${printCount(count)}</b>${logBar(count, most)}<span>${what}</span>`,
  )}</ol></div>`;
}
