import { EVERY_SESSION } from "./conditions.js";
import type { Context } from "./context.js";
import type { Counted } from "./find.js";

/** So much more often in failing sessions is as sure a sign as there is: twice what expert 1 asks for, squared. */
const FULL_RATIO = 8;
/** Standard errors that a ratio is lowered by, so that few sessions tell little. */
const CAUTION = 1;

/**
 * How much more often the failing sessions of some KPI have an event or a value of an attribute than its normal ones, from 0 (no more)
 * to 1, by name as `namesOf` gives it: a cheap first look at what is worth asking about. Of events, what came before the outcome.
 * Names that too few sessions have to be judged are missing.
 */
export function liftsOf({ context, conditionTally, mining }: Counted): ReadonlyMap<string, number> {
  const { scenarios, cohorts, table, tokens } = context;
  const lifts = new Map<string, number>();
  const raise = (name: string, lift: number): void => {
    lifts.set(name, Math.max(lift, lifts.get(name) ?? 0));
  };
  for (const { cohort, kpi, failing, normal } of scenarios) {
    if (cohort !== 0 || mining === null) continue;
    const { mined, tally } = mining;
    const [failingRow, normalRow] = [tally.row(0, kpi, true), tally.row(0, kpi, false)];
    for (const [pattern, gram] of mined.patterns.entries()) {
      if (gram.length !== 1 || ((mined.barred[pattern] as number) & (1 << kpi)) !== 0) continue;
      const text = tokens.tokens[gram[0] as number]?.text ?? "";
      raise(
        `event:${text}`,
        liftOf(failingRow[pattern + 1] as number, normalRow[pattern + 1] as number, failing, normal, context),
      );
    }
  }
  for (const { cohort, kpi, failing, normal } of scenarios) {
    const values = cohorts.cohorts[cohort]?.values ?? [];
    const [value] = values;
    if (value === undefined || values.length > 1) continue;
    const allFailing = conditionTally.row(0, kpi, true)[EVERY_SESSION] as number;
    const allNormal = conditionTally.row(0, kpi, false)[EVERY_SESSION] as number;
    raise(
      `attribute:${table.attributes[value.attribute]?.name ?? ""}`,
      liftOf(failing, normal, allFailing, allNormal, context),
    );
  }
  return lifts;
}

/** By the lower end of the ratio of rates, and by what share of the failing sessions there is to explain. */
function liftOf(
  membersFailing: number,
  membersNormal: number,
  failing: number,
  normal: number,
  { settings }: Pick<Context, "settings">,
): number {
  if (membersFailing === 0) return 0;
  const rate = membersFailing / failing;
  const usual = Math.max(0.5, membersNormal) / normal;
  const error = Math.sqrt(
    Math.max(0, 1 / membersFailing - 1 / failing) + Math.max(0, 1 / Math.max(0.5, membersNormal) - 1 / normal),
  );
  const ratio = Math.log(rate / usual) - CAUTION * error;
  const support = settings.sequence_min_support === 0 ? 1 : Math.min(1, rate / settings.sequence_min_support);
  return support * Math.min(1, Math.max(0, ratio / Math.log(FULL_RATIO)));
}
