import { type Html, html } from "./html.js";
import { percent } from "./scale.js";

/** Members' rate with its interval, and the others' rate, on a line from 0 to `most`. Its numbers stand beside it in the table. */
export function rateBar({ members, low, high, others }: RateBar, most: number): Html {
  const x = (rate: number): string => percent(Math.min(1, rate / most));
  return html`<svg class="bar" aria-hidden="true" width="100%" height="18">${
    members === null ? null : html`<rect class="m" y="4" width="${x(members)}" height="10"/>`
  }${low === null || high === null ? null : html`<line class="i" x1="${x(low)}" x2="${x(high)}" y1="9" y2="9"/>`}${
    others === null ? null : html`<line class="o" x1="${x(others)}" x2="${x(others)}" y1="1" y2="17"/>`
  }</svg>`;
}

/** Rates of one row; null: none. */
export interface RateBar {
  readonly members: number | null;
  readonly low: number | null;
  readonly high: number | null;
  readonly others: number | null;
}

/** Members against others in a cell of the table: two dots and what is between them. */
export function dumbbell(members: number, others: number, most: number): Html {
  const x = (rate: number): string => percent(0.04 + 0.92 * Math.min(1, rate / most));
  return html`<svg class="bell" aria-hidden="true" width="100%" height="16"><line class="g" x1="0" x2="100%" y1="8" y2="8"/><line class="i" x1="${x(others)}" x2="${x(members)}" y1="8" y2="8"/><circle class="o" cx="${x(others)}" cy="8" r="4"/><circle class="m" cx="${x(members)}" cy="8" r="4.5"/></svg>`;
}

/** A bar as long as the logarithm of a count; a count of 0 has none. */
export function logBar(count: number, most: number): Html {
  const share = count <= 0 ? 0 : Math.log10(count + 1) / Math.log10(most + 1);
  return html`<svg class="log" aria-hidden="true" width="100%" height="14"><rect width="${percent(share)}" height="14" rx="1"/></svg>`;
}
