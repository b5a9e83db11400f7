import { type Html, html } from "./html.js";
import { niceTicks, percent } from "./scale.js";

/** An effect with its interval against no effect and the floor. */
export interface EffectChart {
  readonly title: string;
  readonly value: number;
  readonly low: number;
  readonly high: number;
  /** The least effect that is reported; null: not known. */
  readonly floor: number | null;
  readonly print: (value: number) => string;
  /** Prints a tick, without its unit. */
  readonly printTick: (value: number) => string;
}

const HEIGHT = 62;
const AXIS = 26;

/** The interval on a line with zero and the floor marked. */
export function effectChart({ title, value, low, high, floor, print, printTick }: EffectChart): Html {
  const ends = [0, value, low, high, ...(floor === null ? [] : [floor])];
  const ticks = niceTicks(Math.min(...ends), Math.max(...ends), 4);
  const [from, to] = [ticks[0] ?? 0, ticks.at(-1) ?? 1];
  const x = (at: number): string => percent(0.02 + (0.96 * (at - from)) / (to - from));
  const anchor = (at: number): string => {
    const share = (at - from) / (to - from);
    return share < 0.08 ? "start" : share > 0.92 ? "end" : "middle";
  };
  const where = `${print(value)}, interval ${print(low)} to ${print(high)}${floor === null ? "" : `; the floor is ${print(floor)}`}`;
  return html`<svg class="chart" role="img" width="100%" height="${HEIGHT}"><title>${title}</title><desc>${where}</desc><line class="g" x1="0" x2="100%" y1="${AXIS}" y2="${AXIS}"/>${ticks.map(
    (tick) =>
      html`<line class="g" x1="${x(tick)}" x2="${x(tick)}" y1="${AXIS - 4}" y2="${AXIS + 4}"/><text x="${x(tick)}" y="${AXIS + 18}" text-anchor="${anchor(tick)}">${printTick(tick)}</text>`,
  )}<line class="z" x1="${x(0)}" x2="${x(0)}" y1="${AXIS - 12}" y2="${AXIS + 6}"/>${
    floor === null
      ? null
      : html`<line class="f" x1="${x(floor)}" x2="${x(floor)}" y1="${AXIS - 14}" y2="${AXIS + 8}"/><text class="f" x="${x(floor)}" y="9" text-anchor="${anchor(floor)}">floor</text>`
  }<line class="i" x1="${x(low)}" x2="${x(high)}" y1="${AXIS}" y2="${AXIS}"/><circle class="m" cx="${x(value)}" cy="${AXIS}" r="5"/></svg>`;
}
