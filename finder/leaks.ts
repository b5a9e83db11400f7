/** Settings of the rule; see `settingDefinitions`. */
export interface LeakSettings {
  readonly leak_precision: number;
  readonly leak_coverage: number;
}

/** A hair below 1, lest the rounding of a product turn away a count that is the exact share. */
const ROUNDING = 1 - 1e-12;

/**
 * Whether membership as good as is the outcome (METHODS, 1): nearly all members fail and they are nearly all failing
 * sessions; or the mirror image, nearly all others fail and members are nearly all normal ones.
 *
 * Beyond the rule's letter a leak must leave nearly all sessions of the other outcome outside. Without that, any event that
 * every session has would be the mirror image of a leak wherever failing is rare, and a leak wherever it is the rule.
 */
export function isLeak(
  membersFailing: number,
  membersNormal: number,
  failing: number,
  normal: number,
  settings: LeakSettings,
): boolean {
  const { leak_precision: precision, leak_coverage: coverage } = settings;
  const isShare = (part: number, share: number, whole: number): boolean => part >= share * whole * ROUNDING;
  const equals = (inside: number, insideOther: number, all: number, allOther: number): boolean =>
    inside > 0 &&
    isShare(inside, precision, inside + insideOther) &&
    isShare(inside, coverage, all) &&
    isShare(allOther - insideOther, coverage, allOther);
  return (
    equals(membersFailing, membersNormal, failing, normal) ||
    equals(failing - membersFailing, normal - membersNormal, failing, normal)
  );
}
