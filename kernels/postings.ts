/**
 * The inverted index of a stretch of events: where each name stands. Most steps name one event, and a list of its positions
 * is many times shorter than the column.
 */

/**
 * Writes the positions of each name, ascending, by a stable counting sort. O(events + names) time, no allocation.
 * @param names - Uint16Array(n), codes below `offsets.length - 1`; positions [start, end) are read
 * @param offsets - Uint32Array(names + 1), CSR offsets into `positions`
 * @param positions - Uint32Array(end - start), positions in `names`
 */
export function postings(
  names: Uint16Array,
  start: number,
  end: number,
  offsets: Uint32Array,
  positions: Uint32Array,
): void {
  const last = offsets.length - 1;
  offsets.fill(0);
  for (let position = start; position < end; position++) offsets[names[position] + 1]++;
  for (let name = 0; name < last; name++) offsets[name + 1] += offsets[name];
  // The starts serve as cursors, which leaves each at the next one's start: shifting by one puts them back.
  for (let position = start; position < end; position++) positions[offsets[names[position]]++] = position;
  offsets.copyWithin(1, 0, last);
  offsets[0] = 0;
}
