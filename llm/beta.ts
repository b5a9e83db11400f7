/** A stream of random numbers. */
export interface Uniform {
  /** A number in [0, 1). */
  uniform(): number;
}

/** Belief about a share, as wins and losses seen: both above 0. */
export interface Beta {
  readonly wins: number;
  readonly losses: number;
}

/** The expected share. */
export function meanOf({ wins, losses }: Beta): number {
  return wins / (wins + losses);
}

/** A share drawn from a belief: of two gamma variates, the first over both. */
export function drawBeta({ wins, losses }: Beta, random: Uniform): number {
  const first = drawGamma(wins, random);
  const second = drawGamma(losses, random);
  // both are 0 where the parameters are so small that a double cannot tell
  return first + second === 0 ? meanOf({ wins, losses }) : first / (first + second);
}

/**
 * A gamma variate of scale 1 (Marsaglia & Tsang, ACM Transactions on Mathematical Software 26, 2000); below shape 1 by one of
 * shape + 1 times u^(1 / shape).
 * @param shape - above 0
 */
export function drawGamma(shape: number, random: Uniform): number {
  if (shape < 1) return drawGamma(shape + 1, random) * random.uniform() ** (1 / shape);
  const d = shape - 1 / 3;
  const c = 1 / Math.sqrt(9 * d);
  for (;;) {
    const x = drawNormal(random);
    const v = (1 + c * x) ** 3;
    if (v <= 0) continue;
    if (Math.log(1 - random.uniform()) < 0.5 * x * x + d - d * v + d * Math.log(v)) return d * v;
  }
}

/** A standard normal variate (Box & Muller, 1958). */
export function drawNormal(random: Uniform): number {
  return Math.sqrt(-2 * Math.log(1 - random.uniform())) * Math.cos(2 * Math.PI * random.uniform());
}
