import type { Opinion } from "../findings.js";
import { type AdjustedRows, aipw } from "../statistics/aipw.js";
import { permutedMembership } from "../statistics/placebo.js";
import { type Estimate, interval, pValue } from "../statistics/two-proportions.js";

/**
 * Expert 8: how much worse members are than others like them (AIPW over static attributes, entry, hour and day), with two checks of the
 * method on the same data: a placebo (membership permuted among users alike) must show nothing, and neither may a negative control,
 * sessions of the same users before what makes them members, half of the effect.
 */
export interface AdjustedEffectSettings {
  /** Share of sessions with hardly any counterpart on the other side, at most. @default 0.2 */
  readonly adjusted_max_trimmed: number;
  /** Of the models' coefficients, see `fitLogistic`. @default 1 */
  readonly adjusted_ridge: number;
}

const LEVEL = 0.95;
/** The placebo is to catch a broken adjustment, not one run in twenty. */
const PLACEBO_LEVEL = 0.99;
/** A control that shows this share of the effect explains it better than membership does. */
const CONTROL_SHARE = 0.5;

/**
 * What the expert says: an opportunity if the adjusted difference of members is above 0 with its interval, there are others like them, and
 * the checks show nothing; `against` names what fails first.
 * @param rows - sessions of members and others
 * @param control - earlier sessions of the same users, by what they are now; null: there are none
 * @param seed - of the placebo, a 32-bit integer
 */
export function judgeAdjustedEffect(
  rows: AdjustedRows,
  control: AdjustedRows | null,
  seed: number,
  settings: AdjustedEffectSettings,
): Opinion {
  const { overall, ofMembers, trimmedShare } = aipw(rows, settings.adjusted_ridge);
  const [low, high] = interval(ofMembers, LEVEL);
  const placebo = aipw(permutedMembership(rows, seed), settings.adjusted_ridge).ofMembers;
  const [placeboLow, placeboHigh] = interval(placebo, PLACEBO_LEVEL);
  const before = control === null ? null : aipw(control, settings.adjusted_ridge).ofMembers;
  const [beforeLow, beforeHigh] = before === null ? [Number.NaN, Number.NaN] : interval(before, LEVEL);
  const against = Number.isNaN(ofMembers.value)
    ? "too few sessions"
    : trimmedShare > settings.adjusted_max_trimmed
      ? "no overlap"
      : low <= 0
        ? "no effect left"
        : placeboLow > 0 || placeboHigh < 0
          ? "placebo"
          : before !== null && beforeLow > 0 && before.value >= CONTROL_SHARE * ofMembers.value
            ? "negative control"
            : null;
  const members = sum(rows.n1);
  const rate = sum(rows.y1) / members;
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
      trimmed_share: finite(trimmedShare),
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

function valueIn(estimate: Estimate | null): number {
  return estimate === null ? Number.NaN : estimate.value;
}

function finite(value: number): number | null {
  return Number.isFinite(value) ? value : null;
}

function sum(values: Float64Array): number {
  return values.reduce((total, value) => total + value, 0);
}
