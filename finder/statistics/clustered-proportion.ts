/**
 * Interval of a proportion over clusters: Wilson's (JASA 22, 1927) at the effective number of sessions, which Dean & Pagano (Journal of
 * Survey Statistics and Methodology 3, 2015) found to keep its level where rates are small and clusters few.
 */

const Z = 1.959_963_985;

/** Sums over clusters u of n_u sessions, y_u of them failing. */
export interface ClusterSums {
  readonly clusters: number;
  readonly y: number;
  readonly n: number;
  readonly yy: number;
  readonly yn: number;
  readonly nn: number;
}

/**
 * 95 % interval of y / n. The design effect is the variance clustered by user over the binomial one, 1 at the least; where all or none
 * fail, which tells nothing of it, sessions of a user count as one.
 * @returns null without sessions
 */
export function clusteredProportion({ clusters, y, n, yy, yn, nn }: ClusterSums): readonly [number, number] | null {
  if (n === 0) return null;
  const rate = y / n;
  const alike = nn / n;
  const binomial = (rate * (1 - rate)) / n;
  const clustered =
    clusters < 2 ? Number.NaN : ((clusters / (clusters - 1)) * (yy - 2 * rate * yn + rate * rate * nn)) / (n * n);
  const designEffect = binomial > 0 && clusters >= 2 ? Math.max(1, clustered / binomial) : alike;
  const effective = n / designEffect;
  const centre = (rate + (Z * Z) / (2 * effective)) / (1 + (Z * Z) / effective);
  const half =
    (Z / (1 + (Z * Z) / effective)) *
    Math.sqrt((rate * (1 - rate)) / effective + (Z * Z) / (4 * effective * effective));
  return [Math.max(0, centre - half), Math.min(1, centre + half)];
}
