/**
 * Outcomes permuted over users, for calibration: what a run finds in them it finds by chance (permutation of whole blocks under exchange:
 * Good, Permutation, Parametric and Bootstrap Tests of Hypotheses, 3rd ed. 2005, chapter 3; Winkler et al., NeuroImage 123, 2015).
 * Users with like numbers of sessions that count exchange the outcomes of these, in order: a user's outcomes stay together, so that they
 * are as alike as before, and heavy users' stay with heavy users. Sessions that do not count stay where they are.
 *
 * Users with equal numbers exchange among themselves where they are many; else neighbours in number join them, and the outcomes of such a
 * group are dealt in the users' new order to the old lengths: all are given out once, and few users are cut in two.
 */

import { Random } from "./random.js";

/** Fewer users have too few orders: their neighbours in number join them. */
const FEWEST_USERS = 20;
/** The heaviest users have no neighbours above: this many are a group all the same, for lighter ones would break their outcomes up. */
const FEWEST_HEAVIEST = 5;

/**
 * Where each session's outcome comes from. O(sessions + users ln users) time; the same seed gives the same answer.
 * @param counts - Uint8Array(S): not 0 where the session counts
 * @param userOffsets - Uint32Array(U + 1): sessions of user u are [userOffsets[u], userOffsets[u + 1])
 * @param seed - a 32-bit integer
 * @returns Uint32Array(S): a permutation; sessions that do not count map to themselves
 */
export function permutedSessions(counts: Uint8Array, userOffsets: Uint32Array, seed: number): Uint32Array {
  const random = new Random(seed);
  const source = Uint32Array.from(counts, (_, session) => session);
  const users = userOffsets.length - 1;
  const counted = new Uint32Array(users);
  for (let user = 0; user < users; user++) {
    for (let s = userOffsets[user] as number; s < (userOffsets[user + 1] as number); s++) {
      if (counts[s] !== 0) counted[user] = (counted[user] as number) + 1;
    }
  }
  const byNumber = Uint32Array.from(counted, (_, user) => user)
    .filter((user) => counted[user] !== 0)
    .sort((a, b) => (counted[a] as number) - (counted[b] as number) || a - b);
  for (const [start, end] of groupsOf(byNumber, counted)) {
    const givers = byNumber.slice(start, end);
    random.shuffle(givers, 0, givers.length);
    const from = sessionsOf(givers, counts, userOffsets);
    const to = sessionsOf(byNumber.subarray(start, end), counts, userOffsets);
    for (let i = 0; i < to.length; i++) source[to[i] as number] = from[i] as number;
  }
  return source;
}

/**
 * A KPI's outcomes permuted over users.
 * @param state - Uint8Array(S): 0 where the session does not count, else how it stands
 * @param userOffsets - Uint32Array(U + 1)
 * @param seed - a 32-bit integer
 * @returns Uint8Array(S)
 */
export function permutedStates(state: Uint8Array, userOffsets: Uint32Array, seed: number): Uint8Array {
  const source = permutedSessions(state, userOffsets, seed);
  return state.map((_, session) => state[source[session] as number] as number);
}

/** Ranges of users, ordered by number, that exchange with each other. */
function groupsOf(byNumber: Uint32Array, counted: Uint32Array): [number, number][] {
  const groups: [number, number][] = [];
  let start = 0;
  for (let end = 1; end <= byNumber.length; end++) {
    const isLast = end === byNumber.length;
    const differs = isLast || counted[byNumber[end] as number] !== counted[byNumber[end - 1] as number];
    if (!differs || (end - start < FEWEST_USERS && !isLast)) continue;
    const before = groups.at(-1);
    if (end - start < FEWEST_HEAVIEST && before !== undefined) before[1] = end;
    else groups.push([start, end]);
    start = end;
  }
  return groups;
}

/** The sessions that count, user by user in the order given. */
function sessionsOf(users: Uint32Array, counts: Uint8Array, userOffsets: Uint32Array): number[] {
  const sessions: number[] = [];
  for (const user of users) {
    for (let s = userOffsets[user] as number; s < (userOffsets[user + 1] as number); s++) {
      if (counts[s] !== 0) sessions.push(s);
    }
  }
  return sessions;
}
