/** Events of a partition: its working set (a few columns) stays in a core's cache, and there are many more than threads. */
export const EVENTS_PER_PARTITION: number = 1 << 16;

/**
 * Ranges of users with about equal events. The boundaries depend on the data alone, so that sums made per partition are
 * the same for any number of threads. O(partitions × log users).
 * @param userOffsets - Uint32Array(U + 1), CSR offsets of sessions
 * @param sessionOffsets - Uint32Array(S + 1), CSR offsets of events
 * @returns Uint32Array(P + 1), users, on shared memory: partition p is users [out[p], out[p + 1]); none is empty
 */
export function partitionUsers(userOffsets: Uint32Array, sessionOffsets: Uint32Array): Uint32Array {
  const users = userOffsets.length - 1;
  const eventsBefore = (user: number): number => sessionOffsets[userOffsets[user] as number] as number;
  const events = eventsBefore(users);
  const wanted = Math.ceil(events / EVENTS_PER_PARTITION);
  const bounds = [0];
  for (let part = 1; part < wanted; part++) {
    const target = (events / wanted) * part;
    let low = 0;
    let high = users;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (eventsBefore(middle) < target) low = middle + 1;
      else high = middle;
    }
    // a user with more events than a partition would leave empty ones behind
    if (low > (bounds[bounds.length - 1] as number) && low < users) bounds.push(low);
  }
  if (users > 0) bounds.push(users);
  const out = new Uint32Array(new SharedArrayBuffer(bounds.length * 4));
  out.set(bounds);
  return out;
}
