import { z } from "zod";
import { LeadlineError } from "../errors.js";
import { changeSince } from "../finder/since.js";
import type { Verdict, VerdictWord } from "../finder/verdicts.js";
import { describeIssues, found } from "../planner/schema.js";
import type { Result, ResultKnown, ResultOpportunity, ResultVerdict } from "./result.js";

/** What people said of a study's opportunities: a file beside it, `leadline/verdicts@1`. */
export interface Verdicts {
  readonly schema: "leadline/verdicts@1";
  /** One an id. */
  readonly verdicts: readonly GivenVerdict[];
}

/** A verdict and when it was given. */
export interface GivenVerdict extends Verdict {
  /** ISO time */
  readonly given: string;
}

/** The only schema that this version reads and writes. */
const schemaName = "leadline/verdicts@1";
/** The words of verdicts. */
export const verdictWords: readonly VerdictWord[] = ["useful", "noise", "known"];

/** No verdicts. */
export const noVerdicts: Verdicts = { schema: schemaName, verdicts: [] };

const value = z.union([z.string(), z.number(), z.boolean()]);
const verdictsSchema: z.ZodType<Verdicts> = z.looseObject({
  schema: z.literal(schemaName),
  verdicts: z.array(
    z.looseObject({
      id: z.string().min(1),
      verdict: z.enum(["useful", "noise", "known"]),
      given: z.iso.datetime(),
      kpi: z.string(),
      cohort: z.record(z.string(), value),
      template: z.string(),
      parameters: z.record(z.string(), z.unknown()),
      hypothesis: z.string(),
      effect: z.looseObject({ difference: z.number(), low: z.number(), high: z.number() }),
    }),
  ),
});

/**
 * Reads a file of verdicts; what a later version added stays, unread.
 * @param file - its name, for messages
 * @throws LeadlineError `verdicts-invalid` when the text is no such file, or one of another schema, or has two verdicts of one id
 */
export function readVerdicts(text: string, file: string): Verdicts {
  let input: unknown;
  try {
    input = JSON.parse(text);
  } catch (cause) {
    const problem = text.trim() === "" ? "an empty file" : cause instanceof Error ? cause.message : String(cause);
    throw invalid(`${file}: invalid JSON: ${problem}; allowed: a file that leadline verdict wrote`, cause);
  }
  const schema = typeof input === "object" && input !== null && "schema" in input ? input.schema : undefined;
  if (schema !== schemaName) {
    throw invalid(`${file}: invalid verdicts: schema: ${found(schema)}; allowed: ${schemaName}`);
  }
  const parsed = verdictsSchema.safeParse(input);
  if (!parsed.success) throw invalid(describeIssues(parsed.error, input, file));
  const ids = parsed.data.verdicts.map(({ id }) => id);
  const twice = ids.find((id, at) => ids.indexOf(id) !== at);
  if (twice !== undefined) throw invalid(`${file}: invalid verdicts: two of ${twice}; one an id is allowed`);
  return parsed.data;
}

/** The text of a file of verdicts. */
export function serialiseVerdicts(verdicts: Verdicts): string {
  return `${JSON.stringify(verdicts, null, 2)}\n`;
}

/**
 * Verdicts with one more, in place of an earlier one of the same id.
 * @param id - of an opportunity of the result, or of one that a verdict was given on before
 * @param result - that reports it; null: the verdicts tell what it is
 * @param given - when
 * @throws LeadlineError `verdicts-invalid` where neither knows the id
 */
export function giveVerdict(
  verdicts: Verdicts,
  id: string,
  word: VerdictWord,
  result: Result | null,
  given: Date,
): Verdicts {
  const opportunity = result?.opportunities.find((each) => each.id === id) ?? null;
  const known = verdicts.verdicts.find((each) => each.id === id);
  const about = opportunity === null ? known : aboutOf(opportunity);
  if (about === undefined) {
    const allowed =
      result === null
        ? "no verdict was given on it before, so the result that reports it has to be named"
        : `the result has ${result.opportunities.map((each) => each.id).join(", ") || "none"}`;
    throw invalid(`unknown opportunity: ${id}; ${allowed}`);
  }
  const one: GivenVerdict = { ...about, id, verdict: word, given: given.toISOString() };
  const others = verdicts.verdicts.filter((each) => each.id !== id);
  return { schema: schemaName, verdicts: [...others, one] };
}

function aboutOf(opportunity: ResultOpportunity): Omit<GivenVerdict, "verdict" | "given"> {
  const { id, kpi, cohort, template, parameters, hypothesis, effect } = opportunity;
  const { difference, low, high } = effect;
  return { id, kpi, cohort, template, parameters, hypothesis, effect: { difference, low, high } };
}

/**
 * A result as people who gave these verdicts want it: what is known stands under `known`, unless it is worse than when that was said, by
 * the interval of the change; what is useful or noise is marked, and stays where it is.
 */
export function applyVerdicts(result: Result, verdicts: readonly Verdict[]): Result {
  const byId = new Map(verdicts.map((verdict) => [verdict.id, verdict]));
  const shown: ResultOpportunity[] = [];
  const known: ResultKnown[] = [];
  for (const opportunity of result.opportunities) {
    const verdict = byId.get(opportunity.id);
    if (verdict === undefined) {
      shown.push(opportunity);
      continue;
    }
    const isWorse = changeSince(opportunity.effect, verdict.effect).status === "worse";
    if (verdict.verdict === "known" && !isWorse) {
      const { id, kpi, cohort, hypothesis, statement, effect } = opportunity;
      known.push({ id, kpi, cohort, hypothesis, statement, effect });
      continue;
    }
    const statement = `${opportunity.statement.replace(/\.$/, "")}; ${phrases[verdict.verdict]}.`;
    shown.push({ ...opportunity, verdict: verdict.verdict, statement });
  }
  const opportunities = shown.map((opportunity, at) => ({ ...opportunity, rank: at + 1 }));
  return {
    ...result,
    opportunities,
    ...(known.length === 0 ? {} : { known }),
    ...(verdicts.length === 0 ? {} : { verdicts: verdicts.map(plain) }),
  };
}

/** Without the time at which it was given, which changes nothing. */
function plain({ id, verdict, kpi, cohort, template, parameters, hypothesis, effect }: Verdict): ResultVerdict {
  const { difference, low, high } = effect;
  return { id, verdict, kpi, cohort, template, parameters, hypothesis, effect: { difference, low, high } };
}

const phrases: Readonly<Record<VerdictWord, string>> = {
  useful: "called useful before",
  noise: "called noise before",
  known: "known, and worse than when that was said",
};

function invalid(message: string, cause?: unknown): LeadlineError {
  return new LeadlineError("verdicts-invalid", message, { cause });
}
