/**
 * `A until B` as one event: every B that is reached through a run of at least one A with nothing else between. The run's last
 * event stands right before the B, so only neighbours need to be compared.
 */

import { type Postings, skipTo } from "./postings.js";

/**
 * Lists the ends whose neighbour before is a repeat of the same session. O(repeats + ends) time, no allocation.
 * @param repeats - visible events
 * @param ends - visible events
 * @param visibleRank - Uint32Array(n), visible events before each position; undefined = all are visible
 * @param out - as long as `ends`
 * @param lastRepeat - Uint32Array(ends), the position of the repeat before each of them
 * @returns how many were written
 */
export function untilEnds(
  { positions: repeats, sessions: repeatSessions }: Postings,
  { positions: ends, sessions }: Postings,
  visibleRank: Uint32Array | undefined,
  out: Postings,
  lastRepeat: Uint32Array,
): number {
  let count = 0;
  let head = 0;
  for (let at = 0; at < ends.length; at++) {
    const position = ends[at];
    head = skipTo(repeats, head, repeats.length, position);
    if (head === 0 || repeatSessions[head - 1] !== sessions[at]) continue;
    const before = repeats[head - 1];
    const isNeighbour =
      visibleRank === undefined ? before === position - 1 : visibleRank[before] === visibleRank[position] - 1;
    if (!isNeighbour) continue;
    out.positions[count] = position;
    out.sessions[count] = sessions[at];
    lastRepeat[count] = before;
    count++;
  }
  return count;
}
