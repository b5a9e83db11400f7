const grouped = new Intl.NumberFormat("en-US", { maximumFractionDigits: 0 });
const compact = new Intl.NumberFormat("en-US", { maximumSignificantDigits: 3 });

/** A count with its thousands apart: `12,345`. */
export function printCount(count: number): string {
  return grouped.format(count);
}

/** A count with its noun: `1 session`, `2 sessions`. */
export function printCountOf(count: number, noun: string): string {
  return `${printCount(count)} ${count === 1 ? noun : `${noun}s`}`;
}

/** A number in three digits or all that stand before the point: `0.0123`, `4.5`, `12,345`. */
export function printNumber(value: number): string {
  return Math.abs(value) >= 1000 ? grouped.format(value) : compact.format(value);
}

/** A share as `12.3 %`, small ones in two digits; `–` where there is none. */
export function printShare(part: number, whole: number): string {
  if (whole === 0) return "–";
  const percent = (100 * part) / whole;
  if (percent === 0 || percent === 100) return `${percent} %`;
  if (percent < 1) return `${Number(percent.toPrecision(2))} %`;
  // 99.97 must not read as all of them.
  return `${percent >= 99.95 ? Math.floor(percent * 100) / 100 : percent.toFixed(1)} %`;
}

/** An ISO time without what is zero: `2026-11-16`, `2026-11-16 08:30`, `2026-11-16 08:30:05`; UTC. */
export function printTime(iso: string): string {
  const text = iso.slice(0, 19).replace("T", " ");
  return text.replace(/ 00:00:00$|:00$/, "");
}

/** A size in memory: `512 B`, `3.2 MB` (of 1,000,000 bytes). */
export function printSize(bytes: number): string {
  const units = ["B", "kB", "MB", "GB"];
  const power = Math.min(units.length - 1, Math.max(0, Math.floor(Math.log10(Math.max(1, bytes)) / 3)));
  return `${compact.format(bytes / 1000 ** power)} ${units[power]}`;
}
