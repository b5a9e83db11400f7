import type { KpiOutcome } from "../engine/execution.js";
import { FAILING, NOT_COUNTED } from "../engine/passes/segment.js";
import { insertUser, userMomentsLength } from "../kernels/user-moments.js";
import { interval, twoProportions } from "./statistics/two-proportions.js";
import { withinUsers } from "./statistics/within-users.js";

/** Confidence of the intervals. */
const LEVEL = 0.95;

/** A KPI in the sessions in which a condition holds, and in the others that count for it. */
export interface SideComparison {
  readonly members: Side;
  readonly others: Side;
  /** Members less others: of failure rates or of means; null where a side has no session. */
  readonly difference: number | null;
  /** 95 % interval, the user as the unit; null where users are too few to tell. */
  readonly low: number | null;
  readonly high: number | null;
  /** The same difference within users who have sessions of both kinds, who are their own control; null where too few do. */
  readonly within_users: {
    readonly users: number;
    readonly difference: number;
    readonly low: number;
    readonly high: number;
  } | null;
}

/** One side of a comparison. */
export interface Side {
  readonly sessions: number;
  readonly users: number;
  /** Of a numeric KPI: those in its worst tenth. */
  readonly failing: number;
  /** The failure rate, or the mean; null without sessions. */
  readonly value: number | null;
}

/**
 * Compares a KPI inside and outside a condition, nothing adjusted. O(sessions).
 * @param userOffsets - Uint32Array(U + 1), CSR: user u is sessions [userOffsets[u], userOffsets[u + 1])
 * @param holds - whether the condition holds in a session
 */
export function compareSides(
  { state, outcome }: Pick<KpiOutcome, "state" | "outcome">,
  userOffsets: Uint32Array,
  holds: (session: number) => boolean,
): SideComparison {
  const isBinary = outcome === null;
  const moments = new Float64Array(userMomentsLength);
  const within = new Float64Array(7);
  let [memberUsers, otherUsers, membersFailing, othersFailing] = [0, 0, 0, 0];
  for (let user = 0; user + 1 < userOffsets.length; user++) {
    let [y1, n1, y0, n0] = [0, 0, 0, 0];
    for (let session = userOffsets[user] as number; session < (userOffsets[user + 1] as number); session++) {
      const own = state[session] as number;
      if (own === NOT_COUNTED) continue;
      const fails = own === FAILING ? 1 : 0;
      const y = outcome === null ? fails : (outcome[session] as number);
      if (holds(session)) {
        n1++;
        y1 += y;
        membersFailing += fails;
      } else {
        n0++;
        y0 += y;
        othersFailing += fails;
      }
    }
    insertUser(moments, y1, n1, y0, n0);
    insertWithin(within, y1, n1, y0, n0);
    if (n1 > 0) memberUsers++;
    if (n0 > 0) otherUsers++;
  }
  const { memberRate, otherRate, difference } = twoProportions(moments, isBinary);
  const [low, high] = interval(difference, LEVEL).map(finite);
  return {
    members: { sessions: moments[2] as number, users: memberUsers, failing: membersFailing, value: finite(memberRate) },
    others: { sessions: moments[4] as number, users: otherUsers, failing: othersFailing, value: finite(otherRate) },
    difference: finite(memberRate - otherRate),
    low: low ?? null,
    high: high ?? null,
    within_users: withinOf(within, isBinary),
  };
}

/** Adds a user to the sums of `withinUsers`. */
function insertWithin(sums: Float64Array, y1: number, n1: number, y0: number, n0: number): void {
  if (n1 === 0 || n0 === 0) return;
  const w = (n1 * n0) / (n1 + n0);
  const other = y0 / n0;
  const d = y1 / n1 - other;
  for (const [at, value] of [1, w, w * other, w * d, w * w, w * w * d, w * w * d * d].entries()) {
    sums[at] = (sums[at] as number) + value;
  }
}

function withinOf(sums: Float64Array, isBinary: boolean): SideComparison["within_users"] {
  const { users, difference } = withinUsers(sums, isBinary);
  const [low, high] = interval(difference, LEVEL);
  return Number.isFinite(difference.value) && Number.isFinite(low) && Number.isFinite(high)
    ? { users, difference: difference.value, low, high }
    : null;
}

function finite(value: number): number | null {
  return Number.isFinite(value) ? value : null;
}
