/**
 * Counts sessions in which a condition holds, by the column that they count for at their start: what is known when a
 * session starts is evidence for every KPI. O(sessions), no allocation.
 * @param members - Uint8Array(S), 1 where the condition holds
 * @param sessions - Uint32Array(T), session at each place
 * @param startColumn - Uint32Array(T), columns of `counts`
 * @param order - Uint32Array, places; `order[start, end)` are walked
 * @param cell - the condition's place in a row of `counts`
 * @param cells - length of a row
 * @param counts - Uint32Array(columns * cells), sessions, added to
 */
export function countMembers(
  members: Uint8Array,
  sessions: Uint32Array,
  startColumn: Uint32Array,
  order: Uint32Array,
  start: number,
  end: number,
  cell: number,
  cells: number,
  counts: Uint32Array,
): void {
  for (let i = start; i < end; i++) {
    const place = order[i];
    counts[startColumn[place] * cells + cell] += members[sessions[place]];
  }
}
