import { normalUpper } from "./statistics/distributions.js";
import { fisherMidP } from "./statistics/fisher.js";

/** Below this expected count in a cell the normal approximation means little. */
const FEW = 5;

/**
 * One-sided p-value of members failing more than others, by their counts alone, as if every session were its own user: the
 * exact mid-p where counts are small, else that of the score test. A first look that costs nothing; what it leaves is
 * tested by user. No allocation but where counts are small.
 */
export function countsP(membersFailing: number, members: number, failing: number, all: number): number {
  const others = all - members;
  const normal = all - failing;
  if (members === 0 || others === 0 || failing === 0 || normal === 0) return 1;
  const expected = (members * failing) / all;
  if (membersFailing <= expected) return 1;
  if (Math.min(expected, failing - expected, members - expected, others - failing + expected) < FEW) {
    const table = { membersFailing, members, othersFailing: failing - membersFailing, others };
    return fisherMidP(table).greater;
  }
  const variance = (expected * others * normal) / (all * Math.max(1, all - 1));
  return quickTail((membersFailing - expected) / Math.sqrt(variance));
}

/** Steps of the table a unit of z, and where it ends: beyond, a tail is no number any more. */
const TAIL_STEPS = 64;
const TAIL_END = 38;
/** Logarithms of P(Z > z) by step of z; NaN until asked for, since all of them are 25 ms of every thread's and a run asks for some. */
const tails = new Float64Array(TAIL_END * TAIL_STEPS + 2).fill(Number.NaN);

/**
 * P(Z > z) for z from 0 on, by a table of its logarithm: relative error below 1e-4, and a hundredth of the time of the exact
 * one, which matters where millions of counts are looked at.
 */
function quickTail(z: number): number {
  if (z >= TAIL_END) return 0;
  const at = Math.floor(z * TAIL_STEPS);
  const rest = z * TAIL_STEPS - at;
  return Math.exp((1 - rest) * logTail(at) + rest * logTail(at + 1));
}

function logTail(at: number): number {
  const known = tails[at] as number;
  if (!Number.isNaN(known)) return known;
  const own = Math.log(normalUpper(at / TAIL_STEPS));
  tails[at] = own;
  return own;
}
