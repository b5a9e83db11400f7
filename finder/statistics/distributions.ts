/**
 * Tail probabilities to a relative error of 1e-12, each tail by itself: p-values rank the findings, and 1 - cdf has no digits
 * left where it matters.
 *
 * Incomplete beta and gamma: the continued fractions DLMF 8.17.22 and 8.9.2 and the series DLMF 8.11.4, evaluated by the
 * modified Lentz method (Thompson & Barnett 1986; Numerical Recipes, 3rd ed., sections 5.2, 6.2 and 6.4). Their leading
 * factors: Loader, "Fast and accurate computation of binomial probabilities", 2000, because the textbook's exp of log-gammas
 * loses the digits that the logs have before the point.
 */

const epsilon = 1e-16;
/** Stands in for a zero denominator (Lentz). */
const tiny = 1e-300;
/** The fractions converge in O(sqrt(largest parameter)) steps; this is enough for 1e9. */
const maxSteps = 200_000;

/** Coefficients of Stirling's series, B(2k) / (2k (2k - 1)): DLMF 5.11.1. */
const stirling: readonly number[] = [
  1 / 12,
  -1 / 360,
  1 / 1260,
  -1 / 1680,
  1 / 1188,
  -691 / 360_360,
  1 / 156,
  -3617 / 122_400,
];

/**
 * Regularised incomplete beta function I_x(a, b).
 * @param x - 0 .. 1
 * @param complement - 1 - x, given by itself because it may be known to more digits
 */
export function betaLower(x: number, complement: number, a: number, b: number): number {
  if (x <= 0) return 0;
  if (complement <= 0) return 1;
  return x <= (a + 1) / (a + b + 2) ? betaFraction(x, complement, a, b) : 1 - betaFraction(complement, x, b, a);
}

/**
 * Regularised upper incomplete gamma function Q(a, x).
 * @param a - above 0
 * @param x - at least 0
 */
export function gammaUpper(a: number, x: number): number {
  if (x <= 0) return 1;
  if (x === Number.POSITIVE_INFINITY) return 0;
  return x < a + 1 ? 1 - gammaSeries(a, x) : gammaFraction(a, x);
}

/**
 * P(Z > z) of the standard normal.
 * @param z - any number
 */
export function normalUpper(z: number): number {
  const tail = 0.5 * gammaUpper(0.5, 0.5 * z * z);
  return z >= 0 ? tail : 1 - tail;
}

/**
 * The z with P(Z > z) = p: the inverse of `normalUpper`.
 * @param p - above 0, below 1
 */
export function normalQuantile(p: number): number {
  if (p > 0.5) return -normalQuantile(1 - p);
  return invert(normalUpper, p);
}

/**
 * P(T > t) of Student's t.
 * @param df - degrees of freedom, above 0; infinite is the normal
 */
export function studentUpper(t: number, df: number): number {
  if (df === Number.POSITIVE_INFINITY) return normalUpper(t);
  const square = t * t;
  const tail = 0.5 * betaLower(df / (df + square), 1 / (1 + df / square), df / 2, 0.5);
  return t >= 0 ? tail : 1 - tail;
}

/**
 * The t with P(T > t) = p: the inverse of `studentUpper`.
 * @param p - above 0, below 1
 * @param df - degrees of freedom, above 0
 */
export function studentQuantile(p: number, df: number): number {
  if (p > 0.5) return -studentQuantile(1 - p, df);
  const known = quantiles.get(p) ?? new Map<number, number>();
  quantiles.set(p, known);
  let quantile = known.get(df);
  if (quantile === undefined) {
    quantile = invert((t) => studentUpper(t, df), p);
    if (known.size < MOST_KNOWN) known.set(df, quantile);
  }
  return quantile;
}

/** By p, then by df: an estimate and what is made of it are asked for the same few levels again and again, and each costs some fifty tails. */
const quantiles = new Map<number, Map<number, number>>();
/** Degrees of freedom whose quantile is kept, of a level. */
const MOST_KNOWN = 1 << 12;

/**
 * P(X > x) of chi-squared.
 * @param df - degrees of freedom, above 0
 */
export function chiSquaredUpper(x: number, df: number): number {
  return gammaUpper(df / 2, x / 2);
}

/**
 * P(X >= k) of the binomial.
 * @param k - successes
 * @param n - trials
 * @param p - of a success
 */
export function binomialUpper(k: number, n: number, p: number): number {
  if (k <= 0) return 1;
  if (k > n) return 0;
  return betaLower(p, 1 - p, k, n - k + 1);
}

/**
 * P(X = k) of the hypergeometric: k marked ones among n drawn from a total that has some marked.
 * @param k - marked ones drawn
 * @param drawn - n
 * @param marked - in the total
 * @param total - marked or not
 */
export function hypergeometric(k: number, drawn: number, marked: number, total: number): number {
  if (k < Math.max(0, drawn + marked - total) || k > Math.min(drawn, marked)) return 0;
  if (drawn === 0 || drawn === total) return 1;
  const p = drawn / total;
  const q = (total - drawn) / total;
  return (
    (binomialDensity(k, marked, p, q) * binomialDensity(drawn - k, total - marked, p, q)) /
    binomialDensity(drawn, total, p, q)
  );
}

/**
 * P(X >= k) of the hypergeometric. O(cells of the tail) time, and no more than the tail is long to the last digit.
 * @param k - marked ones drawn
 * @param drawn - n
 * @param marked - in the total
 * @param total - marked or not
 */
export function hypergeometricUpper(k: number, drawn: number, marked: number, total: number): number {
  const least = Math.max(0, drawn + marked - total);
  const most = Math.min(drawn, marked);
  if (k <= least) return 1;
  if (k > most) return 0;
  // The shorter tail in probability is summed away from the mode, where the terms only shrink.
  const mode = Math.floor(((drawn + 1) * (marked + 1)) / (total + 2));
  let sum = 0;
  if (k > mode) {
    let term = hypergeometric(k, drawn, marked, total);
    for (let i = k; i <= most && term > sum * epsilon; i++) {
      sum += term;
      term *= ((marked - i) * (drawn - i)) / ((i + 1) * (total - marked - drawn + i + 1));
    }
    return sum;
  }
  let term = hypergeometric(k - 1, drawn, marked, total);
  for (let i = k - 1; i >= least && term > sum * epsilon; i--) {
    sum += term;
    term *= (i * (total - marked - drawn + i)) / ((marked - i + 1) * (drawn - i + 1));
  }
  return 1 - sum;
}

/** I_x(a, b) where x is below the mean: DLMF 8.17.22, which converges fast there. */
function betaFraction(x: number, complement: number, a: number, b: number): number {
  let c = 1;
  let d = reciprocal(1 - ((a + b) * x) / (a + 1));
  let fraction = d;
  for (let m = 1; m <= maxSteps; m++) {
    const even = (m * (b - m) * x) / ((a + 2 * m - 1) * (a + 2 * m));
    d = reciprocal(1 + even * d);
    c = awayFromZero(1 + even / c);
    fraction *= c * d;
    const odd = (-(a + m) * (a + b + m) * x) / ((a + 2 * m) * (a + 2 * m + 1));
    d = reciprocal(1 + odd * d);
    c = awayFromZero(1 + odd / c);
    const factor = c * d;
    fraction *= factor;
    if (Math.abs(factor - 1) <= epsilon) break;
  }
  // x^a (1 - x)^b / (a B(a, b)), with the binomial density in the place of the beta function.
  return ((b * binomialDensity(a, a + b, x, complement)) / (a + b)) * fraction;
}

/** P(a, x) by its series, DLMF 8.11.4. */
function gammaSeries(a: number, x: number): number {
  let term = 1;
  let sum = 1;
  for (let n = 1; n <= maxSteps && term > sum * epsilon; n++) {
    term *= x / (a + n);
    sum += term;
  }
  return poissonDensity(a, x) * sum;
}

/** Q(a, x) by its continued fraction, DLMF 8.9.2 in even form. */
function gammaFraction(a: number, x: number): number {
  let b = x + 1 - a;
  let c = 1 / tiny;
  let d = reciprocal(b);
  let fraction = d;
  for (let n = 1; n <= maxSteps; n++) {
    const an = -n * (n - a);
    b += 2;
    d = reciprocal(an * d + b);
    c = awayFromZero(b + an / c);
    const factor = c * d;
    fraction *= factor;
    if (Math.abs(factor - 1) <= epsilon) break;
  }
  return poissonDensity(a, x) * a * fraction;
}

/** Gamma(n + 1) / (Gamma(x + 1) Gamma(n - x + 1)) p^x q^(n - x), for any 0 <= x <= n: Loader 2000, equation 5. */
function binomialDensity(x: number, n: number, p: number, q: number): number {
  if (x === 0) return Math.exp(n * (p < 0.5 ? Math.log1p(-p) : Math.log(q)));
  if (x === n) return Math.exp(n * (q < 0.5 ? Math.log1p(-q) : Math.log(p)));
  const exponent =
    stirlingError(n) - stirlingError(x) - stirlingError(n - x) - deviance(x, n * p) - deviance(n - x, n * q);
  return Math.exp(exponent) * Math.sqrt(n / (2 * Math.PI * x * (n - x)));
}

/** x^a e^-x / Gamma(a + 1): Loader 2000, equation 6. */
function poissonDensity(a: number, x: number): number {
  return Math.exp(-stirlingError(a) - deviance(a, x)) / Math.sqrt(2 * Math.PI * a);
}

/** Loader's D0: x ln(x / mean) + mean - x, without cancelling near the mean. */
function deviance(x: number, mean: number): number {
  if (Math.abs(x - mean) >= 0.1 * (x + mean)) return x * Math.log(x / mean) + mean - x;
  const v = (x - mean) / (x + mean);
  let sum = (x - mean) * v;
  let power = 2 * x * v;
  for (let j = 1; j < 1000; j++) {
    power *= v * v;
    const next = sum + power / (2 * j + 1);
    if (next === sum) break;
    sum = next;
  }
  return sum;
}

/** ln Gamma(x) - ((x - 1/2) ln x - x + ln sqrt(2 pi)), the error of Stirling's formula, x > 0. */
function stirlingError(x: number): number {
  // Below 16 the series has not enough digits: step up by the recurrence, each step an exact difference of the formula.
  let error = 0;
  let y = x;
  for (; y < 16; y++) error += (y + 0.5) * Math.log1p(1 / y) - 1;
  const square = y * y;
  let series = 0;
  for (let k = stirling.length - 1; k >= 0; k--) series = series / square + (stirling[k] ?? 0);
  return error + series / y;
}

/** Beyond this relative distance from a root on which tails agree, rounding does not decide on which side of it a point is. */
const NEAR = 1e-10;
/** Steps towards the root, at most: mostly six. */
const MOST_STEPS = 40;

/**
 * The point where a falling tail takes the value p, p <= 1/2: bracketed, then halved to the last digit. Tails cost much, so that a root is
 * sought first, and only points near it are asked for their side of it.
 */
function invert(tail: (point: number) => number, p: number): number {
  if (p === 0.5) return 0;
  let low = 0;
  let high = 1;
  let [above, below] = [0.5, tail(high)];
  while (below > p) {
    low = high;
    above = below;
    high *= 2;
    below = tail(high);
  }
  const root = rootBetween(tail, p, low, high, Math.log(above / p), Math.log(below / p));
  for (;;) {
    const middle = low + 0.5 * (high - low);
    if (middle <= low || middle >= high) return middle;
    const isAbove = Math.abs(middle - root) > NEAR * root ? middle < root : tail(middle) > p;
    if (isAbove) low = middle;
    else high = middle;
  }
}

/**
 * A root of the logarithm of a tail by p, which is nearly straight: the false position of the Illinois method (Dowell & Jarratt, BIT 11, 1971).
 * @param atLow - the logarithm there, above 0
 * @param atHigh - and there, at most 0
 * @returns NaN where it comes to none
 */
function rootBetween(
  tail: (point: number) => number,
  p: number,
  low: number,
  high: number,
  atLow: number,
  atHigh: number,
): number {
  let [a, fa, b, fb] = [low, atLow, high, atHigh];
  for (let step = 0; step < MOST_STEPS; step++) {
    const point = b - (fb * (b - a)) / (fb - fa);
    const at = Math.log(tail(point) / p);
    // the last two are on either side, or the end that stays weighs half
    if (at > 0 === fb > 0) fa /= 2;
    else [a, fa] = [b, fb];
    const isNear = Math.abs(point - b) <= 1e-3 * NEAR * point;
    [b, fb] = [point, at];
    if (isNear) return point;
    if (!(fa !== fb)) break;
  }
  return Number.NaN;
}

function reciprocal(x: number): number {
  return 1 / awayFromZero(x);
}

function awayFromZero(x: number): number {
  return Math.abs(x) < tiny ? tiny : x;
}
