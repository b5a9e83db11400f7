/**
 * Counts the sessions of each kind that a condition holds in. A kind is what a session is to all KPIs at once, so that one increment
 * serves them all; the few kinds that are met are then shared out among the KPIs.
 */

/** Length of `counts` for a number of columns. */
export function memberCountsLength(columns: number): number {
  return columns << 8;
}

/**
 * Counts sessions by column and by the KPIs that they are members for; returns how many kinds were met. O(sessions), no allocation.
 * @param members - Uint8Array(S): bit k is 1 where the condition holds on what is evidence for KPI k
 * @param sessions - Uint32Array, the sessions to look at; [0, count)
 * @param columns - Uint32Array: each session's column; [0, count)
 * @param counts - Uint32Array(memberCountsLength(columns)), all 0: sessions of each kind, `column × 256 + members`
 * @param kinds - Uint32Array, at least as long as `count`: the kinds that were met
 */
export function countMembers(
  members: Uint8Array,
  sessions: Uint32Array,
  columns: Uint32Array,
  count: number,
  counts: Uint32Array,
  kinds: Uint32Array,
): number {
  let met = 0;
  for (let at = 0; at < count; at++) {
    // members or not: a branch on it would be mispredicted once in every few sessions
    const kind = (columns[at] << 8) | members[sessions[at]];
    if (counts[kind]++ === 0) kinds[met++] = kind;
  }
  return met;
}
