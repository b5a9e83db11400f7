/** Passes over dictionary codes: 0 = missing, else an index into a dictionary plus one. */

/**
 * Turns indices into codes in place. O(end - start), no allocation.
 * @param codes - Uint32Array; [start, end) holds indices into a dictionary
 * @param size - entries of that dictionary
 * @returns whether every index is below `size`
 */
export function indicesToCodes(codes: Uint32Array, start: number, end: number, size: number): boolean {
  let highest = 0;
  for (let i = start; i < end; i++) {
    const code = codes[i] + 1;
    if (code > highest) highest = code;
    codes[i] = code;
  }
  return highest <= size;
}

/**
 * Replaces codes in place. O(end - start), no allocation.
 * @param codes - Uint32Array; [start, end) holds codes
 * @param remap - Uint32Array(dictionary + 1), old code to new code, 0 to 0
 */
export function remapCodes(codes: Uint32Array, start: number, end: number, remap: Uint32Array): void {
  for (let i = start; i < end; i++) codes[i] = remap[codes[i]];
}

/**
 * Makes room for missing values in place: the first codes go, in order, to the positions of level 1, and 0 to those of
 * level 0. O(count), no allocation.
 * @param codes - Uint32Array; [start, start + present) holds codes, [start, start + count) is written
 * @param levels - Uint8Array(count), 1 = present
 * @param present - how many levels are 1
 */
export function spreadCodes(
  codes: Uint32Array,
  start: number,
  levels: Uint8Array,
  count: number,
  present: number,
): void {
  // From the end, so that no code is overwritten before it has moved; once the rest is all present, it is in place.
  let from = start + present - 1;
  for (let i = count - 1; i > from - start; i--) codes[start + i] = levels[i] === 1 ? codes[from--] : 0;
}

/**
 * Makes room for missing values in place: the first numbers go, in order, to the positions of level 1, and NaN to those of
 * level 0. O(count), no allocation.
 * @param values - Float64Array; [start, start + present) holds numbers, [start, start + count) is written
 * @param levels - Uint8Array(count), 1 = present
 * @param present - how many levels are 1
 */
export function spreadNumbers(
  values: Float64Array,
  start: number,
  levels: Uint8Array,
  count: number,
  present: number,
): void {
  let from = start + present - 1;
  for (let i = count - 1; i > from - start; i--) values[start + i] = levels[i] === 1 ? values[from--] : NaN;
}

/**
 * Marks which codes occur. O(count), no allocation.
 * @param codes - Uint32Array; [0, count) holds codes
 * @param used - Uint8Array(dictionary + 1); 1 where the code occurs, else left as it is
 */
export function markUsed(codes: Uint32Array, count: number, used: Uint8Array): void {
  for (let i = 0; i < count; i++) used[codes[i]] = 1;
}

/**
 * Looks numbers up. O(end - start), no allocation.
 * @param codes - Uint32Array; [start, end) holds codes
 * @param table - Float64Array(dictionary + 1), a number for each code
 * @param out - Float64Array; written at [start, end)
 */
export function lookUpNumbers(
  codes: Uint32Array,
  start: number,
  end: number,
  table: Float64Array,
  out: Float64Array,
): void {
  for (let i = start; i < end; i++) out[i] = table[codes[i]];
}
