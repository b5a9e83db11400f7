/** Steps between ticks, of a power of ten. */
const STEPS = [1, 2, 2.5, 5, 10];

/**
 * Round numbers from 0 (or the least round one below a negative `from`) to at least `to`, so that a scale ends on one.
 * @param count - ticks, about
 */
export function niceTicks(from: number, to: number, count: number): number[] {
  const span = to - from;
  if (!(span > 0) || !Number.isFinite(span)) return [from, from + 1];
  const power = 10 ** Math.floor(Math.log10(span / count));
  const step = power * (STEPS.find((each) => each * power * count >= span) ?? 10);
  const first = Math.floor(from / step + 1e-9);
  const last = Math.ceil(to / step - 1e-9);
  return Array.from({ length: last - first + 1 }, (_, at) => Number(((first + at) * step).toPrecision(12)));
}

/** A place on a line from 0 to 1, as SVG takes it: `12.5%`. */
export function percent(share: number): string {
  return `${Math.round(share * 1000) / 10}%`;
}

/** A coordinate, to a tenth of a pixel. */
export function coordinate(value: number): number {
  return Math.round(value * 10) / 10;
}

/** Interval of a share of independent sessions (Wilson, JASA 22, 1927), 95 %; null without sessions. */
export function wilson(part: number, whole: number): readonly [number, number] | null {
  if (whole === 0) return null;
  const z2 = 1.959_963_985 ** 2;
  const rate = part / whole;
  const centre = (rate + z2 / (2 * whole)) / (1 + z2 / whole);
  const half = (Math.sqrt(z2) / (1 + z2 / whole)) * Math.sqrt((rate * (1 - rate)) / whole + z2 / (4 * whole * whole));
  return [Math.max(0, centre - half), Math.min(1, centre + half)];
}
