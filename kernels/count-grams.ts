/**
 * Every k-gram of every session, counted by the session's column: direct addressing over all `alphabetSize ** length` grams, with
 * the last session that held each as a stamp. For alphabets whose grams fit the cache; no candidate is left out.
 */

/**
 * Counts sessions that hold each gram, by column: `counts[column * grams + gram]`, a session at most once for a gram.
 * O(n) time, no allocation. A gram is its symbols as digits: `(a * alphabetSize + b) * alphabetSize + c`.
 * @param symbols - Uint16Array(n), below `alphabetSize`
 * @param sessionOffsets - Uint32Array(S + 1), CSR offsets into `symbols`; sessions [start, end) are read
 * @param column - Uint8Array(S); sessions of column 0 count for nothing and are passed over
 * @param alphabetSize - symbols are 0 .. alphabetSize - 1
 * @param length - symbols of a gram, at least 1; `alphabetSize ** length` below 2^31
 * @param stamp - Int32Array(grams), zero before the first range; ranges may share it in ascending order
 * @param counts - Uint32Array(columns * grams), sessions, added to
 */
export function countGrams(
  symbols: Uint16Array,
  sessionOffsets: Uint32Array,
  column: Uint8Array,
  start: number,
  end: number,
  alphabetSize: number,
  length: number,
  stamp: Int32Array,
  counts: Uint32Array,
): void {
  const top = alphabetSize ** (length - 1);
  const grams = top * alphabetSize;
  for (let sessionIdx = start; sessionIdx < end; sessionIdx++) {
    if (column[sessionIdx] === 0) continue;
    const base = column[sessionIdx] * grams;
    const now = sessionIdx + 1;
    const first = sessionOffsets[sessionIdx];
    const stop = sessionOffsets[sessionIdx + 1];
    if (stop - first < length) continue;
    let gram = 0;
    let position = first;
    for (; position < first + length - 1; position++) gram = gram * alphabetSize + symbols[position];
    for (; position < stop; position++) {
      gram = gram * alphabetSize + symbols[position];
      // Without a branch, as in `countSessions`: 1 where the stamp is older than this session.
      counts[base + gram] += (stamp[gram] - now) >>> 31;
      stamp[gram] = now;
      gram -= symbols[position - length + 1] * top;
    }
  }
}
