import { parseTimeBytes } from "../../kernels/parse-time.js";

/** The longest text that is a time, but for spaces around it: nanoseconds and a zone after a space. */
const longestTime = 64;
const scratch = new Uint8Array(longestTime);

/**
 * The moment that a text tells: an ISO 8601 date or date-time with `T` or a space, fractions down to ns, and `Z`, `+02`, `+0200` or
 * `+02:00`; no zone means UTC. Strict: month 13 and February 30 are no times.
 * @returns ms since the epoch, with the fraction of a ms as far as a double holds it (about 0.2 µs today); NaN where it is no time
 */
export function parseTime(text: string): number {
  const length = text.length;
  if (length > longestTime) return Number.NaN;
  for (let at = 0; at < length; at++) {
    const unit = text.charCodeAt(at);
    if (unit > 127) return Number.NaN;
    scratch[at] = unit;
  }
  return parseTimeBytes(scratch, 0, length);
}

/**
 * Where an epoch number stops being plausible as seconds, then ms, then µs: each is the year 5138 in its unit, and 1973 in the next.
 */
const bandLimits: readonly [number, number, number] = [1e11, 1e14, 1e17];
const bandToMs: readonly [number, number, number, number] = [1000, 1, 1e-3, 1e-6];

/**
 * The factor that turns a column of epoch numbers into ms, told by magnitude: |x| < 1e11 are seconds, < 1e14 ms, < 1e17 µs, else ns.
 *
 * The unit of most values wins (of two equally common ones the coarser), so that one absurd value cannot move a whole column. The answer
 * does not depend on how the column is cut into parts or on their order.
 * @param parts - the whole column of a file, NaN = missing
 * @returns 1000, 1, 1e-3 or 1e-6; 1000 where there is no value
 */
export function epochUnit(...parts: readonly Float64Array[]): number {
  const counts: [number, number, number, number] = [0, 0, 0, 0];
  const [seconds, milliseconds, microseconds] = bandLimits;
  for (const values of parts) {
    for (let at = 0; at < values.length; at++) {
      const size = Math.abs(values[at] as number);
      if (size < seconds) counts[0]++;
      else if (size < milliseconds) counts[1]++;
      else if (size < microseconds) counts[2]++;
      else if (size >= microseconds) counts[3]++;
    }
  }
  let best: 0 | 1 | 2 | 3 = 0;
  for (const band of [1, 2, 3] as const) if (counts[band] > counts[best]) best = band;
  return bandToMs[best];
}
