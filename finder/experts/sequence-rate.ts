import type { Opinion } from "../findings.js";

/**
 * Expert 1 (paper, 5.1): a pattern is an opportunity if at least a tenth of the failing sessions hold it, and its rate
 * there is at least twice its rate in normal sessions.
 */
export interface SequenceRateSettings {
  /** Share of the failing sessions. @default 0.1 */
  readonly sequence_min_support: number;
  /** Rate in failing ÷ rate in normal sessions. @default 2 */
  readonly sequence_min_ratio: number;
}

/** Whether the expert lets a pattern through; without allocation, since every tally is asked. */
export function passesSequenceRate(
  membersFailing: number,
  membersNormal: number,
  failing: number,
  normal: number,
  settings: SequenceRateSettings,
): boolean {
  // products instead of quotients: exact for counts, and a rate of 0 in normal sessions needs no case of its own
  return (
    membersFailing > 0 &&
    membersFailing >= leastRateSupport(failing, settings) &&
    membersFailing * normal >= settings.sequence_min_ratio * membersNormal * failing
  );
}

/** Failing members that a pattern takes at least, of so many failing sessions; it may have a fraction. */
export function leastRateSupport(
  failing: number,
  settings: Pick<SequenceRateSettings, "sequence_min_support">,
): number {
  return settings.sequence_min_support * failing * (1 - 1e-12);
}

/** What the expert says, with the rates it goes by. */
export function judgeSequenceRate(
  membersFailing: number,
  membersNormal: number,
  failing: number,
  normal: number,
  settings: SequenceRateSettings,
): Opinion {
  const rateFailing = failing === 0 ? null : membersFailing / failing;
  const rateNormal = normal === 0 ? null : membersNormal / normal;
  return {
    name: "sequence-rate",
    says: passesSequenceRate(membersFailing, membersNormal, failing, normal, settings)
      ? "opportunity"
      : "no opportunity",
    evidence: {
      rate_failing: rateFailing,
      rate_normal: rateNormal,
      ratio: rateFailing !== null && rateNormal !== null && rateNormal > 0 ? rateFailing / rateNormal : null,
    },
  };
}
