/**
 * Counts the member sessions of a condition among those that fail a KPI and those that are normal. O(sessions), no allocation.
 * @param members - Uint8Array(S): bit `shift` is 1 where the condition holds on what is evidence for the KPI
 * @param shift - bit of the KPI
 * @param sessions - Uint32Array, the sessions to look at; [0, count)
 * @param standing - Uint8Array: 0, or 1 where a session is normal, 2 where it fails; [0, count)
 * @param counts - Uint32Array, sessions, added to
 * @param normalAt - place in `counts` of the normal members
 * @param failingAt - place in `counts` of the failing members
 */
export function countMembers(
  members: Uint8Array,
  shift: number,
  sessions: Uint32Array,
  standing: Uint8Array,
  count: number,
  counts: Uint32Array,
  normalAt: number,
  failingAt: number,
): void {
  let normal = 0;
  let failing = 0;
  for (let at = 0; at < count; at++) {
    const member = (members[sessions[at]] >>> shift) & 1;
    const what = standing[at];
    normal += member & what;
    failing += member & (what >>> 1);
  }
  counts[normalAt] += normal;
  counts[failingAt] += failing;
}
