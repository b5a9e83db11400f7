/** A unit as `factor × 10^power` ms: scaling by powers of ten in the text keeps fractions exact (`1.005s` is 1005). */
const units: Readonly<Record<string, { readonly factor: number; readonly power: number }>> = {
  ms: { factor: 1, power: 0 },
  s: { factor: 1, power: 3 },
  m: { factor: 6, power: 4 },
  h: { factor: 36, power: 5 },
  d: { factor: 864, power: 5 },
};

/** What a duration looks like, for messages. */
export const durationForm: string = "a duration such as 500ms, 10s, 5m, 2h or 30d";

/** What people write for the units. */
const unitWords: Readonly<Record<string, string>> = {
  msec: "ms",
  msecs: "ms",
  millis: "ms",
  millisecond: "ms",
  milliseconds: "ms",
  sec: "s",
  secs: "s",
  second: "s",
  seconds: "s",
  min: "m",
  mins: "m",
  minute: "m",
  minutes: "m",
  hr: "h",
  hrs: "h",
  hour: "h",
  hours: "h",
  day: "d",
  days: "d",
};

/** The unit that a word stands for, by itself or as people write it; null: none. */
export function nearestUnit(word: string): string | null {
  const written = word.toLowerCase();
  return written in units ? written : (unitWords[written] ?? null);
}

const durationPattern = /^(?<mantissa>\d+(?:\.\d+)?)(?:[eE](?<exponent>[+-]?\d+))?(?<unit>ms|s|m|h|d)$/;

/**
 * Reads `500ms`, `10s`, `5m`, `2h`, `30d` or a fraction such as `1.5h`.
 * @returns ms, 0 or more; null where the text is no duration
 */
export function parseDuration(text: string): number | null {
  const groups = durationPattern.exec(text)?.groups;
  const unit = units[groups?.["unit"] ?? ""];
  if (groups === undefined || unit === undefined) return null;
  const ms = Number(`${groups["mantissa"]}e${Number(groups["exponent"] ?? 0) + unit.power}`) * unit.factor;
  return Number.isFinite(ms) ? ms : null;
}

/**
 * Writes a duration in the largest unit that divides it: 90000 is `90s`.
 * @param ms - any finite number; a negative one gets a sign
 * @throws RangeError for NaN and infinities
 */
export function printDuration(ms: number): string {
  if (!Number.isFinite(ms)) throw new RangeError(`invalid duration: ${ms}`);
  if (ms === 0) return "0s";
  if (!Number.isSafeInteger(ms)) return `${ms}ms`;
  const [unit, size] = printed.find(([, unitMs]) => ms % unitMs === 0) ?? ["ms", 1];
  return `${ms / size}${unit}`;
}

const printed: readonly (readonly [string, number])[] = [
  ["d", 86_400_000],
  ["h", 3_600_000],
  ["m", 60_000],
  ["s", 1000],
  ["ms", 1],
];
