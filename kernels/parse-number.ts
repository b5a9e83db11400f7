/**
 * Decimal numbers straight from UTF-8: `-12`, `+1.5`, `.5`, `1e-3`. Rounded correctly: up to 15 digits and powers of ten up to 22
 * are exact in a double, so that one division or product rounds once (Clinger 1990, the fast path); others go through `Number`.
 */

const powersOfTen = Float64Array.from({ length: 23 }, (_, exponent) => Number(`1e${exponent}`));

/**
 * The number that a cell of UTF-8 text tells. O(length); allocates only for numbers of more than 15 digits.
 *
 * Two kinds of digits are text on purpose: those with a leading zero (`007`, a postal code) and, unless `roundBig`, integers beyond
 * 2^53 - 1 (ids, of which a double would make neighbours equal).
 * @param bytes - Uint8Array, UTF-8
 * @param start - first byte
 * @param end - byte after the last; spaces at both ends are skipped
 * @param roundBig - whether integers beyond 2^53 - 1 are rounded instead
 * @returns the number; NaN where the text is none
 */
export function parseNumberBytes(bytes: Uint8Array, start: number, end: number, roundBig: boolean): number {
  while (start < end && bytes[start] === 32) start++;
  while (end > start && bytes[end - 1] === 32) end--;
  let at = start;
  const negative = bytes[at] === 45;
  if (at < end && (negative || bytes[at] === 43)) at++;
  let mantissa = 0;
  const wholeStart = at;
  while (at < end && bytes[at] >= 48 && bytes[at] <= 57) mantissa = mantissa * 10 + bytes[at++] - 48;
  let digits = at - wholeStart;
  if (digits > 1 && bytes[wholeStart] === 48) return Number.NaN;
  let exponent = 0;
  let integer = true;
  if (at < end && bytes[at] === 46) {
    integer = false;
    const fractionStart = ++at;
    while (at < end && bytes[at] >= 48 && bytes[at] <= 57) mantissa = mantissa * 10 + bytes[at++] - 48;
    exponent = fractionStart - at;
    digits -= exponent;
  }
  if (digits === 0) return Number.NaN;
  if (at < end && (bytes[at] === 101 || bytes[at] === 69)) {
    integer = false;
    at++;
    const down = bytes[at] === 45;
    if (at < end && (down || bytes[at] === 43)) at++;
    const powerStart = at;
    let power = 0;
    while (at < end && bytes[at] >= 48 && bytes[at] <= 57) power = power * 10 + bytes[at++] - 48;
    if (at === powerStart) return Number.NaN;
    exponent += down ? -power : power;
  }
  if (at !== end) return Number.NaN;

  if (digits <= 15 && exponent >= -22 && exponent <= 22) {
    const value = exponent < 0 ? mantissa / powersOfTen[-exponent] : mantissa * powersOfTen[exponent];
    // Zero has no sign here: -0 and 0 are the same value of a column.
    return negative && value !== 0 ? -value : value;
  }
  const value = Number(latin(bytes, start, end));
  if (!Number.isFinite(value)) return Number.NaN;
  if (integer && !roundBig && !Number.isSafeInteger(value)) return Number.NaN;
  return value === 0 ? 0 : value;
}

function latin(bytes: Uint8Array, start: number, end: number): string {
  let text = "";
  for (let at = start; at < end; at++) text += String.fromCharCode(bytes[at]);
  return text;
}
