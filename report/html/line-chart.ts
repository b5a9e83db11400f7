import { Html, html } from "./html.js";
import { coordinate, niceTicks, percent } from "./scale.js";

/** One line over time. */
export interface LineSeries {
  /** Its class: `m` members, `o` others, `k` a KPI. */
  readonly kind: "m" | "o" | "k";
  /** One a stretch; null: nothing there, so the line breaks. */
  readonly values: readonly (number | null)[];
  /** Intervals of the values; absent: no band. */
  readonly band?: readonly (readonly [number, number] | null)[];
}

/** What is drawn, and how it reads. */
export interface LineChart {
  /** What the picture shows, in a few words. */
  readonly title: string;
  /** What can be seen in it. */
  readonly description: string;
  readonly series: readonly LineSeries[];
  /** Starts of the stretches, ISO, ascending. */
  readonly starts: readonly string[];
  /** Prints a value of the scale. */
  readonly print: (value: number) => string;
  /** Index of the stretch at whose start something changed. */
  readonly change?: { readonly at: number; readonly label: string };
  /** In pixels. */
  readonly height: number;
}

/** Pixels above and below the plot, for labels. */
const TOP = 14;
const BOTTOM = 20;
/** Times along the bottom. */
const LABELS = 5;
/** Above this many letters fewer of them fit. */
const SHORT_LABEL = 6;

/**
 * Lines over time that stretch with the page while letters and strokes do not: places along are shares of the width, and the lines lie
 * in a picture within the picture. Labels of the scale stand on its lines.
 */
export function lineChart({ title, description, series, starts, print, change, height }: LineChart): Html {
  const all = series.flatMap(({ values, band }) => [
    ...values.filter((value) => value !== null),
    ...(band ?? []).flatMap((interval) => interval ?? []),
  ]);
  const values = series.flatMap((each) => each.values.filter((value) => value !== null));
  const least = Math.min(0, ...values);
  const most = Math.max(...values, Math.min(Math.max(0, ...all), 1.6 * Math.max(0, ...values)), Number.MIN_VALUE);
  const ticks = niceTicks(least, most, 3);
  const [low, high] = [ticks[0] ?? 0, ticks.at(-1) ?? 1];
  const plot = height - TOP - BOTTOM;
  const y = (value: number): number => {
    return coordinate(TOP + plot * (1 - (Math.min(high, Math.max(low, value)) - low) / (high - low)));
  };
  const count = starts.length;
  const across = (index: number): number => (index + 0.5) / count;
  const yInside = (value: number): number => coordinate(y(value) - TOP);
  return html`<svg class="chart" role="img" width="100%" height="${height}"><title>${title}</title><desc>${description}</desc>${ticks.map(
    (tick) => html`<line class="g" x1="0" x2="100%" y1="${y(tick)}" y2="${y(tick)}"/>`,
  )}${timeLabels(starts, height)}<svg y="${TOP}" width="100%" height="${plot}" viewBox="-0.5 0 ${count} ${plot}" preserveAspectRatio="none" overflow="visible">${series.map(
    ({ kind, band }) => (band === undefined ? null : html`<path class="b ${kind}" d="${bandPath(band, yInside)}"/>`),
  )}${series.map(
    ({ kind, values: own }) =>
      html`<path class="l ${kind}" d="${linePath(own, yInside)}"/>${kind === "o" ? null : html`<path class="p ${kind}" d="${dotsPath(own, yInside)}"/>`}`,
  )}</svg>${ticks.map((tick) => html`<text x="0" y="${y(tick) - 3}">${print(tick)}</text>`)}${
    change === undefined
      ? null
      : html`<line class="c" x1="${percent(change.at / count)}" x2="${percent(change.at / count)}" y1="${TOP}" y2="${height - BOTTOM}"/><text class="c" x="${percent(change.at / count)}" y="${TOP - 3}" text-anchor="${anchorAt(across(change.at))}">${change.label}</text>`
  }</svg>`;
}

function anchorAt(share: number): string {
  return share < 0.15 ? "start" : share > 0.85 ? "end" : "middle";
}

/** Days, or hours where all is within a few of them. */
function timeLabels(starts: readonly string[], height: number): Html[] {
  const count = starts.length;
  const [first, last] = [Date.parse(starts[0] ?? ""), Date.parse(starts.at(-1) ?? "")];
  const isHours = last - first < 3 * 86_400_000 && count > 1;
  const spansYears = starts[0]?.slice(0, 4) !== starts.at(-1)?.slice(0, 4);
  const label = (start: string): string => {
    // days of a time zone begin at another hour of UTC; twelve hours later it is the same day in both
    const iso = isHours ? start : new Date(Date.parse(start) + 43_200_000).toISOString();
    if (isHours) return `${dayOf(iso)} ${iso.slice(11, 16)}`;
    return spansYears ? iso.slice(0, 10) : dayOf(iso);
  };
  const wanted = isHours || spansYears ? LABELS - 2 : LABELS;
  const step = Math.max(1, Math.ceil(count / wanted));
  return starts.flatMap((iso, index) => {
    if (index % step !== 0) return [];
    const text = label(iso);
    const share = (index + 0.5) / count;
    const anchor = index === 0 && count > 1 ? "start" : share > 0.95 ? "end" : "middle";
    const at = index === 0 && count > 1 && text.length > SHORT_LABEL / 2 ? 0 : share;
    return [html`<text x="${percent(at)}" y="${height - 5}" text-anchor="${anchor}">${text}</text>`];
  });
}

const months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

function dayOf(iso: string): string {
  return `${Number(iso.slice(8, 10))} ${months[Number(iso.slice(5, 7)) - 1] ?? ""}`;
}

/** A line with a break wherever nothing is; a stretch is one wide, its middle at a whole number. A point alone is a dot. */
function linePath(values: readonly (number | null)[], y: (value: number) => number): Html {
  let open = false;
  let path = "";
  for (const [index, value] of values.entries()) {
    if (value === null) {
      open = false;
      continue;
    }
    const isAlone = !open && (values[index + 1] ?? null) === null;
    path += `${open ? "L" : "M"}${index} ${y(value)}${isAlone ? "h0" : ""}`;
    open = true;
  }
  return new Html(path);
}

/** Strokes without length: round ends make them dots, whatever the picture's proportions. */
function dotsPath(values: readonly (number | null)[], y: (value: number) => number): Html {
  return new Html(values.map((value, index) => (value === null ? "" : `M${index} ${y(value)}h0`)).join(""));
}

function bandPath(band: readonly (readonly [number, number] | null)[], y: (value: number) => number): Html {
  let path = "";
  for (let start = 0; start < band.length; start++) {
    if (band[start] === null) continue;
    let end = start;
    while (end + 1 < band.length && band[end + 1] !== null && band[end + 1] !== undefined) end++;
    const stretch = band.slice(start, end + 1).flatMap((interval) => (interval === null ? [] : [interval]));
    const top = stretch.map(([, high], at) => `${start + at} ${y(high)}`);
    const bottom = stretch.map(([low], at) => `${start + at} ${y(low)}`).reverse();
    path += `M${[...top, ...bottom].join("L")}Z`;
    start = end;
  }
  return new Html(path);
}
