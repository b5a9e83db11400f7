/** What a moment looks like, for messages. */
export const instantForm: string = "an ISO date or time such as 2026-11-16 or 2026-11-16T08:30:00+01:00";

const instantPattern =
  /^(?<date>\d{4}-\d{2}-\d{2})(?:[T ](?<clock>\d{2}:\d{2})(?<seconds>:\d{2}(?:\.\d+)?)?(?<zone>Z|[+-]\d{2}:\d{2})?)?$/;

/**
 * Reads an ISO date or time; UTC where no offset is given, midnight where no time is.
 * @returns ms since the epoch; null where the text is no such moment (30 February is none)
 */
export function parseInstant(text: string): number | null {
  const groups = instantPattern.exec(text)?.groups;
  if (groups === undefined) return null;
  const date = `${groups["date"]}`;
  const midnight = Date.parse(`${date}T00:00:00Z`);
  // Date.parse lets 30 February roll over into March.
  if (Number.isNaN(midnight) || new Date(midnight).toISOString().slice(0, 10) !== date) return null;
  if (groups["clock"] === undefined) return midnight;
  const ms = Date.parse(`${date}T${groups["clock"]}${groups["seconds"] ?? ":00"}${groups["zone"] ?? "Z"}`);
  return Number.isNaN(ms) ? null : ms;
}
