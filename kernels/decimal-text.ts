/** Digits that `writeDecimal` may write: 16 and a sign. */
export const DECIMAL_TEXT_BYTES = 17;

/**
 * Writes an integer as decimal text, as `String(value)` would. O(digits), no allocation.
 * @param value - a safe integer
 * @param out - Uint8Array(at least DECIMAL_TEXT_BYTES); ASCII from 0
 * @returns bytes written
 */
export function writeDecimal(value: number, out: Uint8Array): number {
  let rest = value < 0 ? -value : value;
  let length = value < 0 ? 1 : 0;
  for (let power = 10; power <= rest; power *= 10) length++;
  length++;
  let at = length;
  // Digits of what fits 31 bits come from integer division, which is much cheaper than that of doubles.
  while (rest > 0x7fffffff) {
    const quotient = Math.floor(rest / 10);
    out[--at] = 48 + (rest - quotient * 10);
    rest = quotient;
  }
  let small = rest | 0;
  do {
    const quotient = (small / 10) | 0;
    out[--at] = 48 + (small - quotient * 10);
    small = quotient;
  } while (small > 0);
  if (value < 0) out[0] = 45;
  return length;
}
