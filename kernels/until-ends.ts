/**
 * `A until B` as one event: every B that is reached through a run of at least one A with nothing else between. The run's last
 * event stands right before the B, so only neighbours need to be compared.
 */

/**
 * Writes the positions of the ends whose neighbour before is a repeat of the same session. O(repeats + ends + sessions) time, no allocation.
 * @param repeats - Uint32Array, ascending positions of visible events
 * @param ends - Uint32Array, ascending positions of visible events
 * @param visibleRank - Uint32Array(n), visible events before each position; undefined = all are visible
 * @param sessionOffsets - Uint32Array(S + 1), CSR offsets of positions; the lists lie in sessions [start, end)
 * @param out - Uint32Array(ends.length), ascending positions
 * @param lastRepeat - Uint32Array(ends.length), the position of the repeat before each of them
 * @returns how many were written
 */
export function untilEnds(
  repeats: Uint32Array,
  ends: Uint32Array,
  visibleRank: Uint32Array | undefined,
  sessionOffsets: Uint32Array,
  start: number,
  out: Uint32Array,
  lastRepeat: Uint32Array,
): number {
  let count = 0;
  let head = 0;
  let sessionIdx = start;
  for (let at = 0; at < ends.length; at++) {
    const position = ends[at];
    while (position >= sessionOffsets[sessionIdx + 1]) sessionIdx++;
    while (head < repeats.length && repeats[head] < position) head++;
    if (head === 0) continue;
    const before = repeats[head - 1];
    if (before < sessionOffsets[sessionIdx]) continue;
    const isNeighbour =
      visibleRank === undefined ? before === position - 1 : visibleRank[before] === visibleRank[position] - 1;
    if (!isNeighbour) continue;
    out[count] = position;
    lastRepeat[count] = before;
    count++;
  }
  return count;
}
