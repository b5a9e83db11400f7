import { nameOn } from "../llm/weights.js";
import { EVERY_SESSION } from "./conditions.js";
import type { Context } from "./context.js";
import type { Counted } from "./find.js";
import { outcomeKey } from "./outcomes.js";
import { sequenceName } from "./patterns.js";

/** Members that fail so many times as often as others are as strong a sign as there is. */
const FULL_RATIO = 8;
/** Standard errors that a ratio is lowered by, so that few sessions tell little. */
const CAUTION = 1;

/**
 * How much worse the sessions with an event, or with a value of an attribute, are on a KPI, from 0 (no worse) to 1, by name and KPI as
 * `nameOn` joins them: a cheap first look at what is worth asking about. Of events, what came before the outcome. Names that too few
 * sessions have to be judged are missing.
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
    for (const [pattern, gram] of mined.patterns.entries()) {
      if (gram.length !== 1 || ((mined.barred[pattern] as number) & (1 << kpi)) !== 0) continue;
      const lift = liftOf(at(failingRow, pattern + 1), at(normalRow, pattern + 1), failing, normal, context);
      raise(`event:${tokens.tokens[gram[0] as number]?.text ?? ""}`, kpi, lift);
    }
  }
  for (const { cohort, kpi, failing, normal } of scenarios) {
    const values = cohorts.cohorts[cohort]?.values ?? [];
    const [value] = values;
    if (value === undefined || values.length > 1) continue;
    const allFailing = at(conditionTally.row(0, kpi, true), EVERY_SESSION);
    const allNormal = at(conditionTally.row(0, kpi, false), EVERY_SESSION);
    const name = `attribute:${table.attributes[value.attribute]?.name ?? ""}`;
    raise(name, kpi, liftOf(failing, normal, allFailing, allNormal, context));
  }
  return lifts;
}

/** The same of hypotheses, by `outcomeKey`: the most over all cohorts. */
export function strengthsOf({ context, conditionTally, mining }: Counted): ReadonlyMap<string, number> {
  const { scenarios, plan } = context;
  const strengths = new Map<string, number>();
  const raise = (kpi: number, name: string, strength: number): void => {
    const key = outcomeKey(kpi, name);
    strengths.set(key, Math.max(strength, strengths.get(key) ?? 0));
  };
  for (const { cohort, kpi, failing, normal } of scenarios) {
    const [failingRow, normalRow] = [conditionTally.row(cohort, kpi, true), conditionTally.row(cohort, kpi, false)];
    for (const [index, { text, barred }] of plan.conditions.entries()) {
      if (barred[kpi] === true) continue;
      const cell = EVERY_SESSION + 1 + 2 * index;
      const all = [at(failingRow, cell + 1), at(normalRow, cell + 1)] as const;
      raise(kpi, text, liftOf(at(failingRow, cell), at(normalRow, cell), ...all, context));
    }
    if (mining === null) continue;
    const { mined, tally, gapped } = mining;
    for (const [index, tokens] of mined.patterns.entries()) {
      const own = tally.row(cohort, kpi, true);
      const lift = liftOf(at(own, index + 1), at(tally.row(cohort, kpi, false), index + 1), failing, normal, context);
      raise(kpi, sequenceName({ tokens, adjacency: "next", withinMs: null }), lift);
    }
    for (const { first, count, tally: counts } of gapped.counts) {
      const [f, n] = [counts.row(cohort, kpi, true), counts.row(cohort, kpi, false)];
      for (let index = 0; index < count; index++) {
        const pattern = gapped.patterns[first + index];
        if (pattern === undefined) continue;
        raise(kpi, sequenceName(pattern), liftOf(at(f, index + 1), at(n, index + 1), failing, normal, context));
      }
    }
  }
  return strengths;
}

function at(row: Uint32Array, cell: number): number {
  return row[cell] as number;
}

/**
 * By the lower end of the ratio of failure rates, and by what share of the failing sessions there is to explain: a tenth, or what
 * expert 1 asks for, is enough.
 */
function liftOf(
  membersFailing: number,
  membersNormal: number,
  failing: number,
  normal: number,
  { settings }: Pick<Context, "settings">,
): number {
  const members = membersFailing + membersNormal;
  const others = failing + normal - members;
  if (membersFailing === 0 || others === 0) return 0;
  const othersFailing = Math.max(0.5, failing - membersFailing);
  const rate = membersFailing / members;
  const usual = othersFailing / others;
  const error = Math.sqrt((1 - rate) / membersFailing + (1 - Math.min(1, usual)) / othersFailing);
  const ratio = Math.log(rate / usual) - CAUTION * error;
  const enough = settings.sequence_min_support;
  const support = enough === 0 ? 1 : Math.min(1, membersFailing / failing / enough);
  return support * Math.min(1, Math.max(0, ratio / Math.log(FULL_RATIO)));
}
