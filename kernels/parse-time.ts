/**
 * ISO 8601 dates and date-times straight from UTF-8, the common shapes only:
 * `YYYY-MM-DD`, then optionally `T` or a space, `HH:MM`, `:SS`, a fraction of 1 to 9 digits after `.` or `,`,
 * and a zone: `Z`, `UTC`, `+02`, `+0200` or `+02:00` (a space may stand before it). No zone means UTC.
 *
 * Days from a civil date: Howard Hinnant, "chrono-Compatible Low-Level Date Algorithms", days_from_civil.
 */

const dayMs = 86_400_000;
const zero = 48;

/**
 * The moment that a cell of UTF-8 text tells. O(length), no allocation.
 * @param bytes - Uint8Array, UTF-8
 * @param start - first byte
 * @param end - byte after the last; spaces at both ends are skipped
 * @returns ms since the epoch, with the fraction of a ms as far as a double holds it; NaN where the text is no such time
 */
export function parseTimeBytes(bytes: Uint8Array, start: number, end: number): number {
  while (start < end && bytes[start] === 32) start++;
  while (end > start && bytes[end - 1] === 32) end--;
  if (end - start < 10 || bytes[start + 4] !== 45 || bytes[start + 7] !== 45) return Number.NaN;
  const century = twoDigits(bytes, start);
  const yearOfCentury = twoDigits(bytes, start + 2);
  const month = twoDigits(bytes, start + 5);
  const day = twoDigits(bytes, start + 8);
  if (century < 0 || yearOfCentury < 0 || month < 1 || month > 12 || day < 1) return Number.NaN;
  const year = century * 100 + yearOfCentury;
  if (day > daysInMonth(year, month)) return Number.NaN;
  const dateMs = daysFromCivil(year, month, day) * dayMs;
  let at = start + 10;
  if (at === end) return dateMs;

  const separator = bytes[at];
  if ((separator !== 84 && separator !== 116 && separator !== 32) || end - at < 6) return Number.NaN;
  const hour = twoDigits(bytes, at + 1);
  const minute = twoDigits(bytes, at + 4);
  if (hour < 0 || hour > 23 || bytes[at + 3] !== 58 || minute < 0 || minute > 59) return Number.NaN;
  let timeMs = hour * 3_600_000 + minute * 60_000;
  at += 6;
  if (at < end && bytes[at] === 58) {
    if (end - at < 3) return Number.NaN;
    const second = twoDigits(bytes, at + 1);
    if (second < 0 || second > 59) return Number.NaN;
    timeMs += second * 1000;
    at += 3;
    if (at < end && (bytes[at] === 46 || bytes[at] === 44)) {
      at++;
      const fractionStart = at;
      let fraction = 0;
      while (at < end && bytes[at] >= zero && bytes[at] <= zero + 9) fraction = fraction * 10 + bytes[at++] - zero;
      const digits = at - fractionStart;
      if (digits < 1 || digits > 9) return Number.NaN;
      // Three digits are whole ms, which must stay exact; more are divided once, so that the result is rounded once.
      timeMs += digits <= 3 ? fraction * 10 ** (3 - digits) : fraction / 10 ** (digits - 3);
    }
  }
  if (at === end) return dateMs + timeMs;
  const offsetMs = zoneOffsetMs(bytes, at, end);
  return dateMs + timeMs - offsetMs;
}

/** What the zone's text adds to UTC in ms; NaN where it is no zone. */
function zoneOffsetMs(bytes: Uint8Array, start: number, end: number): number {
  let at = start;
  if (bytes[at] === 32) at++;
  const sign = bytes[at];
  const length = end - at;
  if (sign === 90 || sign === 122) return length === 1 ? 0 : Number.NaN;
  if (sign === 85) return length === 3 && bytes[at + 1] === 84 && bytes[at + 2] === 67 ? 0 : Number.NaN;
  if (sign !== 43 && sign !== 45) return Number.NaN;
  let minute = 0;
  if (length === 5) minute = twoDigits(bytes, at + 3);
  else if (length === 6 && bytes[at + 3] === 58) minute = twoDigits(bytes, at + 4);
  else if (length !== 3) return Number.NaN;
  const hour = twoDigits(bytes, at + 1);
  if (hour < 0 || hour > 23 || minute < 0 || minute > 59) return Number.NaN;
  return (sign === 43 ? 1 : -1) * (hour * 60 + minute) * 60_000;
}

/** The number of two digits, -1 where they are none. */
function twoDigits(bytes: Uint8Array, at: number): number {
  const tens = bytes[at] - zero;
  const ones = bytes[at + 1] - zero;
  return tens >>> 0 > 9 || ones >>> 0 > 9 ? -1 : tens * 10 + ones;
}

function daysInMonth(year: number, month: number): number {
  if (month === 2) return year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0) ? 29 : 28;
  return month === 4 || month === 6 || month === 9 || month === 11 ? 30 : 31;
}

/** Days since 1970-01-01 of a date of the proleptic Gregorian calendar. */
function daysFromCivil(year: number, month: number, day: number): number {
  const shifted = month <= 2 ? year - 1 : year;
  const era = Math.floor(shifted / 400);
  const yearOfEra = shifted - era * 400;
  const dayOfYear = (((153 * (month + (month > 2 ? -3 : 9)) + 2) / 5) | 0) + day - 1;
  const dayOfEra = yearOfEra * 365 + ((yearOfEra / 4) | 0) - ((yearOfEra / 100) | 0) + dayOfYear;
  return era * 146_097 + dayOfEra - 719_468;
}
