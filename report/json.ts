import { z } from "zod";
import { LeadlineError } from "../errors.js";
import { describeIssues, found } from "../planner/schema.js";
import type { Result } from "./result.js";

/** The only schema that this version reads and writes. */
const schemaName = "leadline/result@1";

/** Objects whose keys come from the data or a template, in whatever order they were met. */
const openRecords: ReadonlySet<string> = new Set(["cohort", "dropped", "evidence", "parameters", "settings"]);

/**
 * The text of a result file: the same result gives the same text, whatever order the keys of its open records came in.
 * @throws RangeError for NaN and infinities, which JSON cannot hold: a result never has them
 */
export function serialiseResult(result: Result): string {
  const written = JSON.stringify(
    result,
    (key, value: unknown) => {
      if (typeof value === "number" && !Number.isFinite(value)) throw new RangeError(`invalid ${key}: ${value}`);
      return openRecords.has(key) && isRecord(value) ? sortedKeys(value) : value;
    },
    2,
  );
  return `${written}\n`;
}

/**
 * Reads a result file; what a later version added stays, unread.
 * @param file - its name, for messages
 * @throws LeadlineError `result-invalid` where the text is no result, or one of another schema
 */
export function readResult(text: string, file: string): Result {
  let input: unknown;
  try {
    input = JSON.parse(text);
  } catch (cause) {
    throw new LeadlineError("result-invalid", `${file}: invalid JSON: ${describeNoJson(text, cause)}`, { cause });
  }
  const schema = isRecord(input) ? input["schema"] : undefined;
  if (schema !== schemaName) {
    const what =
      typeof schema === "string" && schema.startsWith("leadline/result@")
        ? `unsupported schema: ${schema}; this version reads ${schemaName}`
        : `invalid result: schema: ${found(schema)}; allowed: ${schemaName}`;
    throw new LeadlineError("result-invalid", `${file}: ${what}`);
  }
  const parsed = resultSchema.safeParse(input);
  if (!parsed.success) throw new LeadlineError("result-invalid", describeIssues(parsed.error, input, file));
  return parsed.data;
}

/** What is wrong with a text that is no JSON: most often it is cut short, or another file. */
function describeNoJson(text: string, cause: unknown): string {
  const allowed = "allowed: a result that leadline run --json wrote";
  if (text.trim() === "") return `an empty file; ${allowed}`;
  if (text.startsWith("PAR1")) return `Parquet data; ${allowed}`;
  if (/^\s*[{[]/.test(text)) {
    const problem = cause instanceof Error ? cause.message : String(cause);
    const isCut = /end of JSON|unterminated/i.test(problem) || problem.includes(`position ${text.length}`);
    // the engine's own words quote the text, which may be long
    return isCut
      ? `cut short after ${text.length} characters; ${allowed}`
      : (problem.split("\n", 1)[0]?.slice(0, 200) ?? "");
  }
  const line = text.slice(0, 2000).split(/\r?\n/, 1)[0] ?? "";
  if (/^[\w"'#-][\w"' -]*:(\s|$)/.test(line)) return `a study or other YAML; ${allowed}`;
  return /[,;\t]/.test(line) ? `a table of text, such as CSV; ${allowed}` : `something else; ${allowed}`;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function sortedKeys(record: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(record).sort(([a], [b]) => (a < b ? -1 : 1)));
}

const count = z.int().min(0);
const scalar = z.union([z.string(), z.number(), z.boolean()]);
const cohort = z.record(z.string(), scalar);
const evidence = z.record(z.string(), scalar.nullable());
const parameters = z.record(z.string(), z.unknown());
const sessions = { members: count, members_failing: count, others: count, others_failing: count };

const flowNode = z.looseObject({
  kind: z.enum(["event", "edge", "rest"]),
  event: z.string().exactOptional(),
  sessions: count,
  failing: count,
});
const distribution = z.looseObject({ mean: z.number(), median: z.number(), worst_tenth: z.number() });

const opportunity = z.looseObject({
  rank: count,
  id: z.string(),
  kpi: z.string(),
  cohort,
  template: z.string(),
  parameters,
  hypothesis: z.string(),
  statement: z.string(),
  sessions: z.looseObject(sessions),
  effect: z.looseObject({
    ratio: z.number().nullable(),
    difference: z.number(),
    low: z.number(),
    high: z.number(),
    p: z.number(),
    q: z.number().nullable(),
    excess_failures: z.number(),
  }),
  experts: z.array(z.looseObject({ name: z.string(), says: z.enum(["opportunity", "no opportunity"]), evidence })),
  users: count,
  first_seen: z.string(),
  last_seen: z.string(),
  trend: z.array(z.looseObject({ from: z.string(), ...sessions })),
  trend_bucket: z.string().exactOptional(),
  began: z.string().exactOptional(),
  values: z.looseObject({ members: distribution, others: distribution }).exactOptional(),
  status: z.enum(["new", "ongoing", "worse", "better"]).exactOptional(),
  change: z.looseObject({ difference: z.number(), low: z.number(), high: z.number() }).exactOptional(),
  verdict: z.enum(["useful", "noise", "known"]).exactOptional(),
  folded: z.array(z.string()),
  examples: z.array(z.string()),
  cells: z
    .array(
      z.looseObject({
        attribute: z.string(),
        value: scalar,
        ...sessions,
        low: z.number().nullable(),
        high: z.number().nullable(),
      }),
    )
    .exactOptional(),
  flow: z
    .looseObject({
      sessions: count,
      columns: z.array(z.looseObject({ offset: z.int(), nodes: z.array(flowNode) })),
      links: z.array(z.looseObject({ offset: z.int(), from: count, to: count, sessions: count })),
    })
    .exactOptional(),
  timelines: z
    .array(
      z.looseObject({
        session: z.string(),
        user: z.string().exactOptional(),
        member: z.boolean(),
        failing: z.boolean(),
        value: z.number().exactOptional(),
        start: z.string(),
        before: count,
        after: count,
        events: z.array(
          z.looseObject({
            at_ms: z.number(),
            event: z.string(),
            match: z.literal(true).exactOptional(),
            after_outcome: z.literal(true).exactOptional(),
          }),
        ),
      }),
    )
    .exactOptional(),
});

const knownSchema = opportunity.pick({
  id: true,
  kpi: true,
  cohort: true,
  hypothesis: true,
  statement: true,
  effect: true,
});

const resultSchema: z.ZodType<Result> = z.looseObject({
  schema: z.literal(schemaName),
  title: z.string(),
  data: z.looseObject({
    events: count,
    sessions: count,
    users: count,
    has_users: z.literal(false).exactOptional(),
    redacted: z.literal(true).exactOptional(),
    from: z.string().nullable(),
    to: z.string().nullable(),
    time_zone: z.string().exactOptional(),
    dropped: z.record(z.string(), count),
    sampled: z.looseObject({ sessions_asked: count, user_share: z.number() }).exactOptional(),
  }),
  run: z.looseObject({
    hypotheses: count,
    hypotheses_rare: count.exactOptional(),
    hypotheses_bounded: count,
    crosses: z.looseObject({ counted: count, ruled_out: count, left_out: count, budget: count }).exactOptional(),
    guarantee: z.string().exactOptional(),
    experts: z.enum(["all", "paper"]),
    became: z
      .looseObject({ supported: count, measured: count, significant: count, not_explained: count, reported: count })
      .exactOptional(),
    settings: z.record(z.string(), z.number()).exactOptional(),
    seconds: z.number(),
    threads: count,
    seed: z.int(),
    prompt: z.string().exactOptional(),
    rounds: count,
    budget: z.looseObject({ hypotheses: count, tested: count, left_out: count }).exactOptional(),
    phases: z.array(z.looseObject({ name: z.string(), seconds: z.number() })),
  }),
  kpis: z.array(
    z.looseObject({
      name: z.string(),
      description: z.string().exactOptional(),
      kind: z.enum(["binary", "numeric"]).exactOptional(),
      worse: z.enum(["higher", "lower"]).exactOptional(),
      expression: z.string().exactOptional(),
      among: z.string().exactOptional(),
      sessions: count,
      failing: count,
      value: z.number().nullable(),
      series: z
        .array(z.looseObject({ from: z.string(), sessions: count, failing: count, value: z.number().nullable() }))
        .exactOptional(),
      limits: z.looseObject({ low: z.number(), high: z.number(), sessions: count }).exactOptional(),
    }),
  ),
  classes: z.array(
    z.looseObject({
      template: z.string(),
      parameters,
      chosen_by: z.enum(["grid", "selector", "model", "study", "feedback"]),
      why: z.string().exactOptional(),
      round: count,
      hypotheses: count,
    }),
  ),
  opportunities: z.array(opportunity),
  explained: z.array(z.looseObject({ kpi: z.string(), cohort, hypothesis: z.string(), by: z.string(), evidence })),
  known: z.array(knownSchema).exactOptional(),
  verdicts: z
    .array(
      z.looseObject({
        ...opportunity.pick({ id: true, kpi: true, cohort: true, template: true, parameters: true, hypothesis: true })
          .shape,
        verdict: z.enum(["useful", "noise", "known"]),
        effect: z.looseObject({ difference: z.number(), low: z.number(), high: z.number() }),
      }),
    )
    .exactOptional(),
  since: z
    .looseObject({
      title: z.string(),
      from: z.string().nullable(),
      to: z.string().nullable(),
      gone: z.array(
        z.looseObject({
          id: z.string(),
          kpi: z.string(),
          cohort,
          hypothesis: z.string(),
          statement: z.string(),
          why: z.string(),
        }),
      ),
    })
    .exactOptional(),
  model: z
    .looseObject({
      name: z.string().nullable(),
      file: z.string(),
      sha256: z.string().nullable(),
      package: z.string().nullable(),
      seed: z.int(),
      rounds: z.array(
        z.looseObject({
          round: count,
          asked: z.string(),
          prompt: z.looseObject({ system: z.string(), text: z.string() }).exactOptional(),
          scores: z.array(z.looseObject({ template: z.string(), log_probability: z.number() })),
          answers: z.array(z.string()),
          warnings: z.array(z.string()),
        }),
      ),
    })
    .exactOptional(),
  warnings: z.array(z.string()),
});
