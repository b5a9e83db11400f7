import type { Opinion } from "../findings.js";
import { type AdjustedRows, aipw, aipwOfMembers } from "../statistics/aipw.js";
import { permutedMembership } from "../statistics/placebo.js";
import { type Estimate, interval, pValue } from "../statistics/two-proportions.js";

/**
 * Expert 8: how much worse members are than others like them (AIPW over static attributes, entry, hour and day), with two checks of the
 * method on the same data: a placebo (membership permuted among users alike) must show nothing like the effect, and neither may a negative
 * control, sessions of the same users before what makes them members (Lipsitch, Tchetgen Tchetgen & Cohen, Epidemiology 21, 2010).
 */
export interface AdjustedEffectSettings {
  /** Share of member sessions with hardly any others alike, at most. @default 0.2 */
  readonly adjusted_max_trimmed: number;
  /** Of the models' coefficients, see `fitLogistic`. @default 1 */
  readonly adjusted_ridge: number;
  /** An effect below both is none. @default 1.25 */
  readonly floor_ratio: number;
  /** @default 0.02 */
  readonly floor_difference: number;
}

/** Why the adjusted effect speaks against an opportunity. */
export type AgainstEffect =
  /** It cannot be told: too few sessions, no others alike, an interval that holds zero, or a placebo that shows the same. */
  | "too few sessions"
  | "no overlap"
  | "not clear"
  | "placebo"
  /** It is none: what refuses a hypothesis. */
  | "no effect left"
  | "negative control";

const LEVEL = 0.95;
/** The placebo is to catch a broken adjustment, not one run in twenty. */
const PLACEBO_LEVEL = 0.99;
/** A check that shows this share of the effect explains it better than membership does. */
const CHECK_SHARE = 0.5;
/** Classes of like propensity within which the placebo is drawn: five take nine tenths of a bias away (Cochran, Biometrics 24, 1968). */
const CLASSES = 20;

/**
 * What the expert says: an opportunity if the adjusted difference of members is worse than 0 with its interval, there are others like them, and
 * the checks show nothing; `against` names what fails first. An effect vanishes where its interval excludes the plain difference and it loses its sign,
 * falls below the effect floor, or is no longer clear of zero: an interval that holds the plain difference does not speak against it. A placebo that
 * shows as much speaks against the method on these data, not against the hypothesis.
 * @param rows - sessions of members and others
 * @param control - earlier sessions of the same users, by what they are now; null: there are none
 * @param seed - of the placebo, a 32-bit integer
 * @param sign - 1 where higher is worse, −1 where lower is
 */
export function judgeAdjustedEffect(
  rows: AdjustedRows,
  control: AdjustedRows | null,
  seed: number,
  settings: AdjustedEffectSettings,
  sign: 1 | -1 = 1,
): Opinion {
  const { overall, ofMembers, trimmedMembers, propensity } = aipw(rows, settings.adjusted_ridge);
  const [low, high] = interval(ofMembers, LEVEL);
  const strata = propensity.length === 0 ? null : classesOf(propensity);
  const placebo = aipwOfMembers(permutedMembership(rows, seed, strata), settings.adjusted_ridge).ofMembers;
  const [placeboLow, placeboHigh] = interval(placebo, PLACEBO_LEVEL);
  const before = control === null ? null : aipwOfMembers(control, settings.adjusted_ridge).ofMembers;
  const [beforeLow, beforeHigh] = before === null ? [Number.NaN, Number.NaN] : interval(before, LEVEL);
  const members = sum(rows.n1);
  const rate = sum(rows.y1) / members;
  const plain = rate - sum(rows.y0) / sum(rows.n0);
  const worse = sign * ofMembers.value;
  const [near, far] = sign === 1 ? [low, high] : [-high, -low];
  const isBelowFloor = (): boolean => {
    const expected = rate - ofMembers.value;
    const ratio = sign === 1 ? rate / expected : expected / rate;
    if (rows.outcome !== "values" && worse >= settings.floor_difference) return false;
    // means below 0 have no ratio
    return expected > 0 && rate > 0 && ratio < settings.floor_ratio;
  };
  const shows = (check: number, checkLow: number, checkHigh: number): boolean =>
    (checkLow > 0 || checkHigh < 0) && sign * check >= CHECK_SHARE * worse;
  const against: AgainstEffect | null = Number.isNaN(ofMembers.value)
    ? "too few sessions"
    : trimmedMembers > settings.adjusted_max_trimmed
      ? "no overlap"
      : far < sign * plain && (near <= 0 || isBelowFloor())
        ? "no effect left"
        : near <= 0
          ? "not clear"
          : shows(placebo.value, placeboLow, placeboHigh)
            ? "placebo"
            : before !== null && shows(before.value, beforeLow, beforeHigh)
              ? "negative control"
              : null;
  return {
    name: "adjusted-effect",
    says: against === null ? "opportunity" : "no opportunity",
    evidence: {
      difference: finite(ofMembers.value),
      low: finite(low),
      high: finite(high),
      p: finite(pValue(ofMembers)),
      rate: finite(rate),
      expected_rate: finite(rate - ofMembers.value),
      overall_difference: finite(overall.value),
      trimmed_share: finite(trimmedMembers),
      placebo_difference: finite(placebo.value),
      placebo_low: finite(placeboLow),
      placebo_high: finite(placeboHigh),
      control_difference: finite(valueIn(before)),
      control_low: finite(beforeLow),
      control_high: finite(beforeHigh),
      against,
    },
  };
}

/** What adjusting leaves of a difference. */
export interface Adjusted {
  /** Sessions alike leave nothing: the interval reaches zero and excludes the plain difference. */
  readonly isNothing: boolean;
  readonly difference: number | null;
  readonly low: number | null;
  readonly high: number | null;
}

/** The adjusted effect alone, without its checks. */
export function adjustedEffect(rows: AdjustedRows, settings: AdjustedEffectSettings, sign: 1 | -1): Adjusted {
  const { ofMembers, trimmedMembers } = aipwOfMembers(rows, settings.adjusted_ridge);
  const [low, high] = interval(ofMembers, LEVEL);
  const plain = sum(rows.y1) / sum(rows.n1) - sum(rows.y0) / sum(rows.n0);
  const [near, far] = sign === 1 ? [low, high] : [-high, -low];
  const isNothing = trimmedMembers <= settings.adjusted_max_trimmed && near <= 0 && far < sign * plain;
  return { isNothing, difference: finite(ofMembers.value), low: finite(low), high: finite(high) };
}

/** Uint32Array(patterns): classes of like propensity, with as many patterns each; of equal ones the earlier come first */
function classesOf(propensity: Float64Array): Uint32Array {
  const sorted = propensity.slice().sort();
  const classes = new Uint32Array(propensity.length);
  putClasses(propensity, sorted, new Uint32Array(sorted.length), classes);
  return classes;
}

/** @param met - Uint32Array, 0 throughout: by the first place of a value, how many of it have been */
function putClasses(values: Float64Array, sorted: Float64Array, met: Uint32Array, classes: Uint32Array): void {
  for (let at = 0; at < values.length; at++) {
    const value = values[at] as number;
    let low = 0;
    let high = sorted.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((sorted[middle] as number) < value) low = middle + 1;
      else high = middle;
    }
    const place = low + (met[low] as number);
    met[low] = (met[low] as number) + 1;
    classes[at] = Math.floor((place * CLASSES) / sorted.length);
  }
}

function valueIn(estimate: Estimate | null): number {
  return estimate === null ? Number.NaN : estimate.value;
}

function finite(value: number): number | null {
  return Number.isFinite(value) ? value : null;
}

function sum(values: Float64Array): number {
  return values.reduce((total, value) => total + value, 0);
}
