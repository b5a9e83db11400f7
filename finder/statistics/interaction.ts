/**
 * Whether two conditions together are worse than what each of them explains. With p11 the failure rate where both hold, p10 and
 * p01 where one does and p00 where none does, what the two explain is the greatest of p10, p01, their sum p10 + p01 − p00
 * (departure from additivity: Rothman, _Modern Epidemiology_) and their product p10 p01 / p00 (from multiplicativity).
 * Variances by the delta method, rates with half a failure and half a success added (Haldane 1955; Anscombe 1956), so that
 * none is 0 or 1.
 */

/** Sessions of one of the four cells. */
export interface Cell {
  readonly failing: number;
  readonly sessions: number;
}

/** How far two conditions together exceed what they explain. */
export interface Interaction {
  /** Least z over the four ways to explain; −Infinity where a cell is empty */
  readonly z: number;
  /** Rate where both hold ÷ the most that is explained */
  readonly ratio: number;
}

/**
 * Compares the rate where both conditions hold with what they explain. O(1).
 * @param both - sessions in which both hold
 * @param first - sessions in which the first alone holds
 * @param second - sessions in which the second alone holds
 * @param none - sessions in which neither holds
 */
export function interaction(both: Cell, first: Cell, second: Cell, none: Cell): Interaction {
  if (Math.min(both.sessions, first.sessions, second.sessions, none.sessions) === 0) {
    return { z: Number.NEGATIVE_INFINITY, ratio: 0 };
  }
  const p11 = rateOf(both);
  const p10 = rateOf(first);
  const p01 = rateOf(second);
  const p00 = rateOf(none);
  const v11 = varianceOf(p11, both);
  const v10 = varianceOf(p10, first);
  const v01 = varianceOf(p01, second);
  const v00 = varianceOf(p00, none);
  const sum = p10 + p01 - p00;
  const product = (p10 * p01) / p00;
  const relative = v10 / p10 ** 2 + v01 / p01 ** 2 + v00 / p00 ** 2;
  const z = Math.min(
    (p11 - p10) / Math.sqrt(v11 + v10),
    (p11 - p01) / Math.sqrt(v11 + v01),
    (p11 - sum) / Math.sqrt(v11 + (v10 + v01 + v00)),
    (p11 - product) / Math.sqrt(v11 + product ** 2 * relative),
  );
  return { z, ratio: p11 / Math.max(0, p10, p01, sum, product) };
}

function rateOf({ failing, sessions }: Cell): number {
  return (failing + 0.5) / (sessions + 1);
}

function varianceOf(rate: number, { sessions }: Cell): number {
  return (rate * (1 - rate)) / (sessions + 1);
}
