import { printCountOf, printNumber, printTime } from "../numbers.js";
import type { ResultTimeline } from "../result.js";
import { Html, html, nameOf } from "./html.js";
import { coordinate } from "./scale.js";

const MOST_LETTERS = 60;

/** Consecutive events of one name, which are one line. */
interface Run {
  readonly atMs: number;
  readonly event: string;
  readonly isMatch: boolean;
  readonly isAfter: boolean;
  count: number;
}

/**
 * One session as a list of its events, with a strip of when they came.
 * @param most - events, around the match
 */
export function timeline(session: ResultTimeline, most: number): Html {
  const runs = runsOf(session);
  const first = runs.findIndex(({ isMatch }) => isMatch);
  const from = Math.max(0, Math.min(first < 0 ? runs.length : first - Math.floor(most / 3), runs.length - most));
  const shown = runs.slice(from, from + most);
  const events = (list: readonly Run[]): number => list.reduce((sum, { count }) => sum + count, 0);
  const before = session.before + events(runs.slice(0, from));
  const after = session.after + events(runs.slice(from + shown.length));
  const decided = shown.findIndex(({ isAfter }) => isAfter);
  const user = session.user === undefined ? null : html` of user ${nameOf(session.user, 24)}`;
  const value = session.value === undefined ? "" : `, KPI ${printNumber(session.value)}`;
  return html`<div class="tl"><p class="who">${nameOf(session.session, 24)}${user}<br>${printTime(session.start)}${value}</p>${strip(shown)}<ol>${
    before > 0 ? html`<li class="more">${printCountOf(before, "event")} before` : null
  }${shown.map((run, at) => [at === decided ? html`<li class="end">outcome decided by here` : null, line(run)])}${
    after > 0 ? html`<li class="more">${printCountOf(after, "event")} after` : null
  }</ol></div>`;
}

function line({ atMs, event, isMatch, isAfter, count }: Run): Html {
  const kind = isMatch ? html` class="hit"` : isAfter ? html` class="late"` : null;
  const times = count > 1 ? html` <small>× ${count}</small>` : null;
  const marked = isMatch ? html`<mark>${nameOf(event, MOST_LETTERS)}</mark>` : nameOf(event, MOST_LETTERS);
  return html`<li${kind}><time>${printOffset(atMs)}</time> ${marked}${times}`;
}

/** Strokes along the session's time: those of the match stand out. */
function strip(runs: readonly Run[]): Html {
  const start = runs[0]?.atMs ?? 0;
  const span = Math.max(1, (runs.at(-1)?.atMs ?? 0) - start);
  const marks = (wanted: boolean): Html =>
    new Html(
      runs
        .filter(({ isMatch }) => isMatch === wanted)
        .map(({ atMs }) => `M${coordinate((100 * (atMs - start)) / span)} 0v10`)
        .join(""),
    );
  return html`<svg class="strip" aria-hidden="true" width="100%" height="10" viewBox="0 0 100 10" preserveAspectRatio="none"><path class="t" d="${marks(false)}"/><path class="h" d="${marks(true)}"/></svg>`;
}

function runsOf({ events }: ResultTimeline): Run[] {
  const runs: Run[] = [];
  for (const { at_ms: atMs, event, match, after_outcome: after } of events) {
    const last = runs.at(-1);
    const [isMatch, isAfter] = [match === true, after === true];
    if (last !== undefined && last.event === event && last.isMatch === isMatch && last.isAfter === isAfter) {
      last.count++;
    } else runs.push({ atMs, event, isMatch, isAfter, count: 1 });
  }
  return runs;
}

/** Time since a session's start: `0.4 s`, `2:05`, `1:02:05`, `3 d 1:02:05`. */
export function printOffset(ms: number): string {
  const seconds = ms / 1000;
  if (Math.abs(seconds) < 60) return `${seconds.toFixed(1)} s`;
  const whole = Math.round(seconds);
  const two = (value: number): string => String(value).padStart(2, "0");
  const [days, hours, minutes] = [
    Math.floor(whole / 86_400),
    Math.floor(whole / 3600) % 24,
    Math.floor(whole / 60) % 60,
  ];
  const clock = hours > 0 || days > 0 ? `${hours}:${two(minutes)}:${two(whole % 60)}` : `${minutes}:${two(whole % 60)}`;
  return days > 0 ? `${days} d ${clock}` : clock;
}
