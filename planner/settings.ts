import type { z } from "zod";
import { parseDuration, printDuration } from "./duration.js";
import { readBy, strictMapping } from "./schema.js";

/** Every threshold of templates, experts and methods; `settingDefinitions` has units, defaults, ranges and meanings. */
export interface Settings {
  readonly top: number;
  readonly sequence_min_support: number;
  readonly sequence_min_ratio: number;
  readonly sequence_most_gapped: number;
  readonly cohort_min_difference: number;
  readonly outlier_z: number;
  readonly cohort_min_share: number;
  readonly cohort_min_failing: number;
  readonly attribute_max_values: number;
  readonly min_users: number;
  readonly burn_in: number;
  readonly numeric_failing_quantile: number;
  readonly leak_precision: number;
  readonly leak_coverage: number;
  readonly fold_jaccard: number;
  readonly fold_keep: number;
  readonly fdr: number;
  readonly fdr_any_dependence: number;
  readonly floor_ratio: number;
  readonly floor_difference: number;
  readonly within_min_users: number;
  readonly trend_min_sessions: number;
  readonly similarity_max_difference: number;
  readonly adjusted_max_trimmed: number;
  readonly adjusted_ridge: number;
  readonly numeric_winsor_quantile: number;
  readonly cross_budget: number;
  readonly hypothesis_budget: number;
  readonly round_classes: number;
  readonly session_gap_default: number;
  readonly model_deadline: number;
  readonly model_prompt_tokens: number;
  readonly model_answer_tokens: number;
}

/** One row of the table of settings. */
export interface SettingDefinition {
  /** What the number counts or measures; `ms` is written as a duration, a count is a whole number. */
  readonly unit:
    | "opportunities"
    | "sequences"
    | "sessions"
    | "users"
    | "values"
    | "crosses"
    | "hypotheses"
    | "classes"
    | "tokens"
    | "share"
    | "ratio"
    | "deviations"
    | "flag"
    | "ms";
  readonly default: number;
  /** Smallest and largest allowed, both included. */
  readonly range: readonly [number, number];
  readonly meaning: string;
}

const dayMs = 86_400_000;
const most = Number.MAX_SAFE_INTEGER;

/** The one table of settings: the schema of a study's `settings` and docs/SETTINGS.md are made from it. */
export const settingDefinitions: Readonly<Record<keyof Settings, SettingDefinition>> = {
  top: {
    unit: "opportunities",
    default: 5,
    range: [1, most],
    meaning: "Most opportunities reported for a scenario (a KPI in a cohort).",
  },
  sequence_min_support: {
    unit: "share",
    default: 0.1,
    range: [0, 1],
    meaning: "Expert sequence-rate: smallest share of the failing sessions that hold the pattern.",
  },
  sequence_min_ratio: {
    unit: "ratio",
    default: 2,
    range: [1, most],
    meaning: "Expert sequence-rate: smallest ratio of the pattern's rate in failing to that in normal sessions.",
  },
  sequence_most_gapped: {
    unit: "sequences",
    default: 10_000,
    range: [1, 1_000_000],
    meaning:
      "Most sequences of one length, with gaps or within some time, that are followed: the most frequent in failing sessions.",
  },
  cohort_min_difference: {
    unit: "share",
    default: 0.25,
    range: [0, most],
    meaning:
      "Expert cohort-difference: the members' KPI differs from everyone's by more than this share of the latter.",
  },
  outlier_z: {
    unit: "deviations",
    default: 3.5,
    range: [0, most],
    meaning: "Expert outlier: a cell is one beyond this modified z-score, 0.6745 |x − median| / MAD.",
  },
  cohort_min_share: {
    unit: "share",
    default: 0.05,
    range: [0, 1],
    meaning:
      "Smallest share of the users (of the sessions, where the data have no user) for a static value, or a pair of them, to be a cohort.",
  },
  cohort_min_failing: {
    unit: "sessions",
    default: 30,
    range: [0, most],
    meaning: "Fewest failing sessions of a scenario.",
  },
  attribute_max_values: {
    unit: "values",
    default: 50,
    range: [1, most],
    meaning: "Most distinct values of a column that counts as a static attribute without being listed.",
  },
  min_users: {
    unit: "users",
    default: 20,
    range: [1, most],
    meaning:
      "Fewest users with member sessions for an opportunity; without a user column each session is a user of its own.",
  },
  burn_in: {
    unit: "share",
    default: 0.25,
    range: [0, 0.9],
    meaning: "Share of the period whose first-seen users lifecycle hypotheses leave out, where older users are likely.",
  },
  numeric_failing_quantile: {
    unit: "share",
    default: 0.9,
    range: [0.5, 1],
    meaning: "Sessions of a numeric KPI fail strictly beyond this quantile, towards the worse.",
  },
  leak_precision: {
    unit: "share",
    default: 0.95,
    range: [0.5, 1],
    meaning: "Leak of the outcome: at least this share of the members fail (or: are normal) …",
  },
  leak_coverage: {
    unit: "share",
    default: 0.9,
    range: [0, 1],
    meaning: "… and they make up at least this share of the failing (or: of the normal) sessions.",
  },
  fold_jaccard: {
    unit: "share",
    default: 0.8,
    range: [0, 1],
    meaning: "Two sets of members are one opportunity from this Jaccard index on.",
  },
  fold_keep: {
    unit: "share",
    default: 0.9,
    range: [0, 1],
    meaning: "The simplest of folded hypotheses stands for them if it keeps this share of the recoverable failures.",
  },
  fdr: {
    unit: "share",
    default: 0.05,
    range: [0, 1],
    meaning:
      "False discovery rate over all hypotheses of a run, in two levels: families (kind of hypothesis × KPI), then within.",
  },
  fdr_any_dependence: {
    unit: "flag",
    default: 0,
    range: [0, 1],
    meaning: "1: the false discovery rate holds under any dependence (Benjamini & Yekutieli), with fewer findings.",
  },
  floor_ratio: {
    unit: "ratio",
    default: 1.25,
    range: [1, most],
    meaning: "Effect floor: the near end of the interval of members' to others' KPI is at least this ratio, or …",
  },
  floor_difference: {
    unit: "share",
    default: 0.02,
    range: [0, 1],
    meaning: "… the near end of the difference of their failure rates is at least this.",
  },
  within_min_users: {
    unit: "users",
    default: 30,
    range: [2, most],
    meaning: "Users with member and other sessions from which on an effect must hold within users too.",
  },
  trend_min_sessions: {
    unit: "sessions",
    default: 20,
    range: [1, most],
    meaning: "Experts trend and change-point: fewest members, and fewest others, in a bin of time.",
  },
  similarity_max_difference: {
    unit: "deviations",
    default: 0.25,
    range: [0, most],
    meaning:
      "Expert cohort-similarity: members and others are alike in an attribute up to this standardised difference (Stuart 2010).",
  },
  adjusted_max_trimmed: {
    unit: "share",
    default: 0.2,
    range: [0, 1],
    meaning:
      "Expert adjusted-effect: with a larger share of members that have hardly any others alike (propensity above 0.98), nothing is told.",
  },
  adjusted_ridge: {
    unit: "ratio",
    default: 1,
    range: [0, most],
    meaning:
      "Expert adjusted-effect: penalty on the squares of its models' coefficients (le Cessie & van Houwelingen 1992).",
  },
  numeric_winsor_quantile: {
    unit: "share",
    default: 0.995,
    range: [0.5, 1],
    meaning: "Values of a numeric KPI beyond this quantile, or the same share from below, count as it; 1: none.",
  },
  cross_budget: {
    unit: "crosses",
    default: 1000,
    range: [0, 100_000],
    meaning:
      "Most crosses (a pattern in a state of the user or the session, such as `session.index >= 2 and buy => error`) that are counted for a KPI, best first by what their parts promise; 0: none.",
  },
  hypothesis_budget: {
    unit: "hypotheses",
    default: 0,
    range: [0, most],
    meaning:
      "Most hypotheses that are tested in a run, over all its rounds: an expression on a KPI is one, whatever the cohorts; crosses are not tried then. 0: no bound.",
  },
  round_classes: {
    unit: "classes",
    default: 40,
    range: [0, 10_000],
    meaning:
      "Most classes that each round after the first adds near what was found, where there is no hypothesis_budget.",
  },
  session_gap_default: {
    unit: "ms",
    default: 1_800_000,
    range: [1, 365 * dayMs],
    meaning: "Inactivity that ends a session, where the data have no session column and the study no session_gap.",
  },
  model_deadline: {
    unit: "ms",
    default: 20_000,
    range: [1, dayMs],
    meaning: "A round of questions to the model, with its loading, ends then; the run goes on with what was answered.",
  },
  model_prompt_tokens: {
    unit: "tokens",
    default: 1500,
    range: [100, 1_000_000],
    meaning: "Most tokens of a prompt to the model, counted as three characters each: what matters least is left out.",
  },
  model_answer_tokens: {
    unit: "tokens",
    default: 200,
    range: [10, 100_000],
    meaning: "Most tokens of an answer of the model; one that is longer is dropped.",
  },
};

const definitions = Object.entries(settingDefinitions);

/** Schema of a study's `settings`: any of the table, completed with the defaults. */
export const settingsSchema: z.ZodType<Settings> = strictMapping(
  Object.fromEntries(definitions.map(([name, definition]) => [name, valueSchema(definition).optional()])),
).transform((given) => ({ ...defaultSettings(), ...given }));

/** The table's defaults. */
export function defaultSettings(): Settings {
  const defaults = definitions.map(([name, definition]) => [name, definition.default]);
  return Object.fromEntries(defaults) as Settings;
}

/** docs/SETTINGS.md, as text, its table aligned as the formatter wants it. */
export function settingsMarkdown(): string {
  const head = ["setting", "unit", "default", "allowed", "meaning"];
  const rows = definitions.map(([name, definition]) => [
    `\`${name}\``,
    definition.unit,
    written(definition.default, definition),
    printRange(definition),
    definition.meaning.replaceAll("|", "\\|"),
  ]);
  const widths = head.map((title, column) =>
    Math.max(...[title, ...rows.map((row) => row[column] ?? "")].map(({ length }) => length)),
  );
  const line = (cells: readonly string[]) =>
    `| ${cells.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join(" | ")} |`;
  return `# Settings

Every threshold of templates, experts and methods, set under \`settings\` of the study, such as \`settings: {min_users: 50}\`.
Shares are parts of 1; durations are written as in expressions. This page is made from the table in \`planner/settings.ts\`
by \`node tools/write-settings.mjs\`.

${[line(head), line(widths.map((width) => "-".repeat(width))), ...rows.map(line)].join("\n")}
`;
}

function valueSchema(definition: SettingDefinition): z.ZodType<number> {
  const [min, max] = definition.range;
  return readBy(describeAllowed(definition), (input) => {
    const value = definition.unit === "ms" ? (typeof input === "string" ? parseDuration(input) : null) : input;
    if (typeof value !== "number" || !(value >= min && value <= max)) return null;
    return isCount(definition) && !Number.isInteger(value) ? null : value;
  });
}

function describeAllowed(definition: SettingDefinition): string {
  const kind = definition.unit === "ms" ? "a duration" : isCount(definition) ? "a whole number" : "a number";
  return `${kind}, ${printRange(definition)}`;
}

function printRange(definition: SettingDefinition): string {
  const [min, max] = definition.range;
  const from = written(min, definition);
  return max === most ? `${from} or more` : `${from} to ${written(max, definition)}`;
}

function written(value: number, { unit }: SettingDefinition): string {
  return unit === "ms" ? printDuration(value) : String(value);
}

function isCount({ unit }: SettingDefinition): boolean {
  return (
    unit === "opportunities" ||
    unit === "sequences" ||
    unit === "sessions" ||
    unit === "users" ||
    unit === "values" ||
    unit === "crosses" ||
    unit === "hypotheses" ||
    unit === "classes" ||
    unit === "tokens" ||
    unit === "flag"
  );
}
