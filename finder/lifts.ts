import { nameOn, withValue } from "../llm/worth.js";
import { EVERY_SESSION } from "./conditions.js";
import type { Context } from "./context.js";
import type { Counted } from "./find.js";
import { outcomeKey } from "./outcomes.js";
import { sequenceName } from "./patterns.js";

/** Members that fail so many times as often as others are as strong a sign as there is. */
const FULL_RATIO = 8;
/** Of a test, so many times as often is a sign to follow: what expert 1 asks for. */
const CLEAR_RATIO = 2;
/** Standard errors that a ratio is lowered by, so that few sessions tell little. */
const CAUTION = 1;

/**
 * How much worse the sessions with an event, or with a value of an attribute, are on a KPI, from 0 (no worse) to 1, by name and KPI as
 * `nameOn` joins them: a cheap first look at what is worth asking about. Of events, what came before the outcome, beyond what all events
 * have there. Attributes are as bad as their worst value. Names that too few sessions have to be judged are missing.
 */
export function liftsOf({ context, conditionTally, mining }: Counted): ReadonlyMap<string, number> {
  const { scenarios, cohorts, table, tokens, plan } = context;
  const lifts = new Map<string, number>();
  const raise = (name: string, kpi: number, lift: number): void => {
    const key = nameOn(name, plan.kpis[kpi]?.name ?? "");
    lifts.set(key, Math.max(lift, lifts.get(key) ?? 0));
  };
  for (const { cohort, kpi, failing, normal } of scenarios) {
    if (cohort !== 0 || mining === null) continue;
    const { mined, tally } = mining;
    const [failingRow, normalRow] = [tally.row(0, kpi, true), tally.row(0, kpi, false)];
    const own = [...mined.patterns.entries()].filter(
      ([pattern, gram]) => gram.length === 1 && ((mined.barred[pattern] as number) & (1 << kpi)) === 0,
    );
    const sides = own.map(([pattern]): Sides => {
      const members = { membersFailing: at(failingRow, pattern + 1), membersNormal: at(normalRow, pattern + 1) };
      return { ...members, failing, normal };
    });
    // where failing sessions go on for longer they have more of every event: what all events share is no sign
    const usual = Math.max(0, medianOf(sides.map(logRatioOf).filter(Number.isFinite)));
    for (const [index, [, gram]] of own.entries()) {
      const lift = liftOf(sides[index] as Sides, context, { caution: CAUTION, usual, full: FULL_RATIO });
      raise(`event:${tokens.tokens[gram[0] as number]?.text ?? ""}`, kpi, lift);
    }
  }
  for (const { cohort, kpi, failing, normal } of scenarios) {
    const values = cohorts.cohorts[cohort]?.values ?? [];
    const [value] = values;
    if (value === undefined || values.length > 1) continue;
    const sides: Sides = {
      membersFailing: failing,
      membersNormal: normal,
      failing: at(conditionTally.row(0, kpi, true), EVERY_SESSION),
      normal: at(conditionTally.row(0, kpi, false), EVERY_SESSION),
    };
    const attribute = table.attributes[value.attribute];
    const name = `attribute:${attribute?.name ?? ""}`;
    const lift = liftOf(sides, context, { caution: CAUTION, usual: 0, full: FULL_RATIO });
    raise(name, kpi, lift);
    raise(withValue(name, attribute?.dictionary[value.code - 1]), kpi, lift);
  }
  return lifts;
}

/** How clearly the sessions of hypotheses are worse, from 0 to 1, by `outcomeKey`: the most over all cohorts. */
export function strengthsOf({ context, conditionTally, mining }: Counted): ReadonlyMap<string, number> {
  const { scenarios, plan } = context;
  const strengths = new Map<string, number>();
  const cohorts = new Map<number, number>();
  for (const { kpi } of scenarios) cohorts.set(kpi, (cohorts.get(kpi) ?? 0) + 1);
  const raise = (kpi: number, name: string, sides: Sides): void => {
    // of many cohorts the best is good by chance: the highest of m normals is about the square root of 2 ln m
    const caution = CAUTION + Math.sqrt(2 * Math.log(cohorts.get(kpi) ?? 1));
    const strength = liftOf(sides, context, { caution, usual: 0, full: CLEAR_RATIO });
    const key = outcomeKey(kpi, name);
    strengths.set(key, Math.max(strength, strengths.get(key) ?? 0));
  };
  for (const { cohort, kpi, failing, normal } of scenarios) {
    const [failingRow, normalRow] = [conditionTally.row(cohort, kpi, true), conditionTally.row(cohort, kpi, false)];
    for (const [index, { text, barred }] of plan.conditions.entries()) {
      if (barred[kpi] === true) continue;
      const cell = EVERY_SESSION + 1 + 2 * index;
      const members = { membersFailing: at(failingRow, cell), membersNormal: at(normalRow, cell) };
      raise(kpi, text, { ...members, failing: at(failingRow, cell + 1), normal: at(normalRow, cell + 1) });
    }
    if (mining === null) continue;
    const { mined, tally, gapped } = mining;
    const [ownFailing, ownNormal] = [tally.row(cohort, kpi, true), tally.row(cohort, kpi, false)];
    for (const [index, tokens] of mined.patterns.entries()) {
      const members = { membersFailing: at(ownFailing, index + 1), membersNormal: at(ownNormal, index + 1) };
      const name = sequenceName({ tokens, adjacency: "next", withinMs: null });
      raise(kpi, name, { ...members, failing, normal });
    }
    for (const { first, count, tally: counts } of gapped.counts) {
      const [f, n] = [counts.row(cohort, kpi, true), counts.row(cohort, kpi, false)];
      for (let index = 0; index < count; index++) {
        const pattern = gapped.patterns[first + index];
        if (pattern === undefined) continue;
        const members = { membersFailing: at(f, index + 1), membersNormal: at(n, index + 1) };
        raise(kpi, sequenceName(pattern), { ...members, failing, normal });
      }
    }
  }
  return strengths;
}

/** Sessions that have something, and all of them. */
interface Sides {
  readonly membersFailing: number;
  readonly membersNormal: number;
  readonly failing: number;
  readonly normal: number;
}

function at(row: Uint32Array, cell: number): number {
  return row[cell] as number;
}

function medianOf(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[sorted.length >> 1] ?? 0;
}

/** Logarithm of the ratio of the members' failure rate to that of the others; infinite or none where either is without a failure. */
function logRatioOf({ membersFailing, membersNormal, failing, normal }: Sides): number {
  const members = membersFailing + membersNormal;
  const othersFailing = Math.max(0.5, failing - membersFailing);
  return Math.log(membersFailing / members / (othersFailing / (failing + normal - members)));
}

/**
 * By the lower end of the ratio of failure rates, and by what share of the failing sessions there is to explain: a tenth, or what
 * expert 1 asks for, is enough.
 * @param caution - standard errors that the ratio is lowered by
 * @param usual - logarithm of the ratio that is no sign
 * @param full - ratio that is as strong a sign as there is
 */
function liftOf(
  sides: Sides,
  { settings }: Pick<Context, "settings">,
  { caution, usual, full }: { readonly caution: number; readonly usual: number; readonly full: number },
): number {
  const { membersFailing, membersNormal, failing, normal } = sides;
  const members = membersFailing + membersNormal;
  const others = failing + normal - members;
  if (membersFailing === 0 || others === 0) return 0;
  const othersFailing = Math.max(0.5, failing - membersFailing);
  const error = Math.sqrt(
    (1 - membersFailing / members) / membersFailing + (1 - Math.min(1, othersFailing / others)) / othersFailing,
  );
  const ratio = logRatioOf(sides) - usual - caution * error;
  const enough = settings.sequence_min_support;
  const support = enough === 0 ? 1 : Math.min(1, membersFailing / failing / enough);
  return support * Math.min(1, Math.max(0, ratio / Math.log(full)));
}
