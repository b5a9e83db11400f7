import { LineCounter, parseDocument } from "yaml";
import { z } from "zod";
import { LeadlineError } from "../errors.js";
import { durationForm, parseDuration } from "./duration.js";
import type { Expression } from "./expression/ast.js";
import { fillHoles, holesOf } from "./expression/holes.js";
import { parseExpression } from "./expression/parse.js";
import { didYouMean } from "./expression/suggest.js";
import { isCondition, visit } from "./expression/walk.js";
import { instantForm, parseInstant } from "./instant.js";
import { describeIssues, found, issuesOf, readBy, strictMapping } from "./schema.js";
import { defaultSettings, type Settings, settingsSchema } from "./settings.js";

/** A study file, validated: plain data. Paths are as written; nothing is resolved or read. */
export interface Study {
  /** As written, else the file's name without its folders and ending. */
  readonly title: string;
  readonly events: StudyEvents;
  readonly tables: readonly StudyTable[];
  /** One or more, of different names. */
  readonly kpis: readonly StudyKpi[];
  /** Null: the templates of the default run, over a grid drawn from the data. */
  readonly hypotheses: readonly StudyHypotheses[] | null;
  /** What to look for, in plain words. */
  readonly prompt: string | null;
  /** Files and globs of texts that the generator may draw on. */
  readonly metadata: readonly string[];
  /** An IANA name, for `hour` and `weekday`. */
  readonly timeZone: string;
  /** Complete: defaults stand where the study says nothing. */
  readonly settings: Settings;
}

/** Where the events are and how they are read. */
export interface StudyEvents {
  /** Paths and globs, relative to the study file; one or more. */
  readonly files: readonly string[];
  /** Columns by role; a role that is absent is guessed from usual names. */
  readonly columns: StudyColumns;
  /** Inactivity that ends a session; null where the study does not say. */
  readonly sessionGapMs: number | null;
  /** First moment of the window of session starts, ms since the epoch. */
  readonly fromMs: number | null;
  /** End of that window, not itself in it. */
  readonly toMs: number | null;
  /** F: names that patterns, `=>` and `until` do not see. */
  readonly ignore: readonly string[];
  /** M: the first that matches an event gives its token; without, its name. */
  readonly tokens: readonly TokenRule[];
  /** Null: every string column with few distinct values. */
  readonly attributes: readonly string[] | null;
  /** Columns that tell of users before the data begin. */
  readonly history: { readonly firstSeen: string | null; readonly sessions: string | null } | null;
}

/** Columns of the event files. */
export interface StudyColumns {
  readonly user?: string;
  readonly time?: string;
  readonly event?: string;
  readonly session?: string;
}

/** One entry of `events.tokens`. */
export type TokenRule =
  /** Names that match `pattern`, in which `*` stands for any characters, become `token`. */
  | { readonly kind: "match"; readonly pattern: string; readonly token: string }
  /** Events of this name become `name{attribute=value,…}`. */
  | { readonly kind: "attributes"; readonly event: string; readonly attributes: readonly string[] };

/** An auxiliary table; its columns are attributes called `name.column`. */
export interface StudyTable {
  readonly name: string;
  readonly file: string;
  /** Its column of moments. */
  readonly time: string;
  /** Attributes of the events and the columns of the table that equal them; empty: one series for all. */
  readonly on: readonly { readonly attribute: string; readonly column: string }[];
  readonly columns: readonly string[];
  /** Oldest row that still tells something; null: any. */
  readonly withinMs: number | null;
}

/** An expression as written, and its tree. */
export interface StudyExpression {
  readonly text: string;
  readonly expression: Expression;
}

/** A metric of sessions. */
export type StudyKpi = {
  readonly name: string;
  readonly description: string | null;
  /** The sessions that count; null: all. */
  readonly among: StudyExpression | null;
  /** More events that only tell of the outcome. */
  readonly outcome: readonly string[];
} & (
  | { readonly kind: "binary"; readonly failure: StudyExpression }
  | { readonly kind: "numeric"; readonly value: StudyExpression; readonly worse: "higher" | "lower" }
);

/** One entry of `hypotheses`. */
export type StudyHypotheses = StudyTemplateUse | StudyTemplate;

/** A template of the library with parameters, which the template's own schema judges. */
export interface StudyTemplateUse {
  readonly kind: "template";
  readonly template: string;
  readonly parameters: Readonly<Record<string, unknown>>;
}

/** What may stand in a hole of a user's template. */
export type HoleType = "event" | "attribute" | "duration" | "number" | "text";

/** A user's own template: a condition with holes. */
export interface StudyTemplate {
  readonly kind: "expression";
  readonly name: string;
  readonly text: string;
  /** One for every hole. */
  readonly parameters: readonly {
    readonly name: string;
    readonly type: HoleType;
    /** What to fill it with, as text; absent: what the data suggest. */
    readonly values?: readonly string[];
  }[];
}

/** What stands in a hole while a template has no values, to see that the rest parses; names show in its messages. */
export const standIns: Readonly<Record<HoleType, (name: string) => string>> = {
  event: (name) => `"$${name}"`,
  attribute: (name) => `\`$${name}\``,
  duration: () => "1s",
  number: () => "1",
  text: (name) => `"$${name}"`,
};

/** First parts of names that the language keeps for itself. */
const takenTableNames: ReadonlySet<string> = new Set(["session", "user", "load"]);

/**
 * Reads a study: JSON where the file's name ends so, else YAML (of which JSON is nearly a part). Pure: opens no files.
 * @param file - the file's name, for messages and the default title
 * @throws LeadlineError `study-invalid`, a line for every problem: file, path, what was found, what is allowed
 */
export function parseStudy(text: string, file: string): Study {
  const input = readDocument(text, file);
  const result = studySchema.safeParse(input);
  if (!result.success) throw new LeadlineError("study-invalid", describeIssues(result.error, input, file));
  const { title, ...study } = result.data;
  return { title: title ?? baseName(file), ...study };
}

function readDocument(text: string, file: string): unknown {
  const isJson = file.toLowerCase().endsWith(".json");
  try {
    return isJson ? JSON.parse(text) : readYaml(text);
  } catch (cause) {
    const problem = cause instanceof Error ? cause.message : String(cause);
    throw new LeadlineError("study-invalid", `${file}: invalid ${isJson ? "JSON" : "YAML"}: ${problem}`, { cause });
  }
}

function readYaml(text: string): unknown {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false });
  const [error] = document.errors;
  if (error === undefined) {
    const input: unknown = document.toJS();
    // Throws for an alias inside its own anchor: no study is circular, and a message could not show one.
    JSON.stringify(input);
    return input;
  }
  const { line, col } = lines.linePos(error.pos[0]);
  throw new SyntaxError(`line ${line}, column ${col}: ${error.message}`, { cause: error });
}

const text: z.ZodType<string> = readBy('text, such as "a name" (quote what looks like something else)', (input) =>
  typeof input === "string" && input.trim() !== "" ? input : null,
);
const texts: z.ZodType<string[]> = z.array(text);
const textOrTexts = z.union([text.transform((one) => [one]), z.array(text).min(1)], {
  error: ({ input }) => `${found(input)}; allowed: a text or a list of texts`,
});
const duration = readBy(durationForm, (input) => (typeof input === "string" ? parseDuration(input) : null));
const instant = readBy(instantForm, (input) => (typeof input === "string" ? parseInstant(input) : null));

/** An expression that stands in the file. */
function expressionAt(position: "boolean" | "value"): z.ZodType<StudyExpression> {
  return text.transform((written, context): StudyExpression => {
    try {
      const expression = parseExpression(written, { position });
      if (position === "value" && !isNumeric(expression)) {
        context.addIssue({
          code: "custom",
          message: `${found(written)}, no number; allowed: a numeric value (a condition is a failure)`,
        });
        return z.NEVER;
      }
      return { text: written, expression };
    } catch (error) {
      if (!(error instanceof LeadlineError)) throw error;
      context.addIssue({ code: "custom", message: error.message });
      return z.NEVER;
    }
  });
}

function isNumeric(expression: Expression): boolean {
  return !isCondition(expression) && !(expression.kind === "literal" && typeof expression.value === "string");
}

const tokenRule = strictMapping({
  match: text.optional(),
  token: text.optional(),
  event: text.optional(),
  with: z.array(text).min(1).optional(),
}).transform((entry, context): TokenRule => {
  const { match, token, event, with: attributes } = entry;
  if (match !== undefined && token !== undefined && event === undefined && attributes === undefined) {
    return { kind: "match", pattern: match, token };
  }
  if (event !== undefined && attributes !== undefined && match === undefined && token === undefined) {
    return { kind: "attributes", event, attributes };
  }
  const keys = Object.keys(entry).join(", ") || "nothing";
  context.addIssue({ code: "custom", message: `found ${keys}; allowed: match with token, or event with "with"` });
  return z.NEVER;
});

const events = strictMapping({
  files: textOrTexts,
  columns: strictMapping({
    user: text.optional(),
    time: text.optional(),
    event: text.optional(),
    session: text.optional(),
  }).optional(),
  session_gap: duration.optional(),
  from: instant.optional(),
  to: instant.optional(),
  ignore: texts.optional(),
  tokens: z.array(tokenRule).optional(),
  attributes: texts.optional(),
  history: strictMapping({ first_seen: text.optional(), sessions: text.optional() }).optional(),
}).transform((entry, context): StudyEvents => {
  const { from = null, to = null, history } = entry;
  if (from !== null && to !== null && from >= to) {
    context.addIssue({
      code: "custom",
      path: ["to"],
      message: "found a moment at or before from; allowed: a later one",
    });
  }
  if (history !== undefined && history.first_seen === undefined && history.sessions === undefined) {
    context.addIssue({
      code: "custom",
      path: ["history"],
      message: "found no column; allowed: first_seen, sessions, or both",
    });
  }
  return {
    files: entry.files,
    columns: withoutUndefined(entry.columns ?? {}),
    sessionGapMs: entry.session_gap ?? null,
    fromMs: from,
    toMs: to,
    ignore: entry.ignore ?? [],
    tokens: entry.tokens ?? [],
    attributes: entry.attributes ?? null,
    history:
      history === undefined ? null : { firstSeen: history.first_seen ?? null, sessions: history.sessions ?? null },
  };
});

const table = strictMapping({
  file: text,
  time: text,
  on: z.record(z.string(), text).optional(),
  columns: z.array(text).min(1),
  within: duration.optional(),
});

const tables = z.record(z.string(), table).transform((entries, context): StudyTable[] =>
  Object.entries(entries).map(([name, entry]) => {
    if (!/^[A-Za-z_]\w*$/.test(name) || takenTableNames.has(name)) {
      const allowed = `letters, digits and _, and not ${[...takenTableNames].join(", ")}`;
      context.addIssue({ code: "custom", path: [name], message: `invalid table name: ${name}; allowed: ${allowed}` });
    }
    return {
      name,
      file: entry.file,
      time: entry.time,
      on: Object.entries(entry.on ?? {}).map(([attribute, column]) => ({ attribute, column })),
      columns: entry.columns,
      withinMs: entry.within ?? null,
    };
  }),
);

const kpi = strictMapping({
  name: text,
  description: text.optional(),
  among: expressionAt("boolean").optional(),
  failure: expressionAt("boolean").optional(),
  value: expressionAt("value").optional(),
  worse: z.enum(["higher", "lower"]).optional(),
  outcome: texts.optional(),
}).transform((entry, context): StudyKpi => {
  const { failure, value, worse } = entry;
  const common = {
    name: entry.name,
    description: entry.description ?? null,
    among: entry.among ?? null,
    outcome: entry.outcome ?? [],
  };
  if (failure !== undefined && value === undefined && worse === undefined)
    return { ...common, kind: "binary", failure };
  if (failure === undefined && value !== undefined && worse !== undefined)
    return { ...common, kind: "numeric", value, worse };
  const problem =
    failure !== undefined && value !== undefined
      ? "found failure and value; allowed: one of them"
      : failure !== undefined
        ? "found worse with failure; allowed: worse with value alone"
        : value !== undefined
          ? "missing worse; allowed: higher, lower"
          : "found neither failure nor value; allowed: exactly one of them";
  context.addIssue({ code: "custom", message: problem });
  return z.NEVER;
});

const kpis = z
  .array(kpi)
  .min(1)
  .superRefine((entries, context) => {
    const names = entries.map(({ name }) => name);
    entries.forEach(({ name }, index) => {
      if (names.indexOf(name) < index) {
        context.addIssue({
          code: "custom",
          path: [index, "name"],
          message: `found ${name} twice; allowed: a name for one KPI`,
        });
      }
      for (const read of kpisReadBy(entries, index)) {
        if (!names.includes(read)) {
          const message = `unknown KPI: ${read};${didYouMean(read, names)} allowed: ${names.join(", ")}`;
          context.addIssue({ code: "custom", path: [index], message });
        } else if (reaches(entries, names.indexOf(read), index)) {
          const message = `found load.failure_rate(${read}), which depends on this KPI itself; allowed: other KPIs`;
          context.addIssue({ code: "custom", path: [index], message });
        }
      }
    });
  });

const holeType = z.enum(["event", "attribute", "duration", "number", "text"]);

/** A hole's type, or its type with the values to fill it with. */
const holeParameter = z.unknown().transform((input, context): Omit<StudyTemplate["parameters"][number], "name"> => {
  const isMapping = typeof input === "object" && input !== null;
  const parsed = isMapping ? holeWithValues.safeParse(input) : holeType.safeParse(input);
  if (parsed.success) return typeof parsed.data === "string" ? { type: parsed.data } : parsed.data;
  for (const { path, message } of issuesOf(parsed.error, input)) context.addIssue({ code: "custom", path, message });
  return z.NEVER;
});

const holeWithValues = strictMapping({
  type: holeType,
  values: z
    .array(z.union([z.string(), z.number()], { error: "allowed: texts and numbers" }))
    .min(1)
    .max(64),
}).transform(({ type, values }, context) => {
  for (const [index, value] of values.entries()) {
    const isWrong =
      (type === "duration" && parseDuration(String(value)) === null) ||
      (type === "number" && !Number.isFinite(Number(value)));
    if (!isWrong) continue;
    const allowed = type === "duration" ? durationForm : "a number";
    context.addIssue({ code: "custom", path: ["values", index], message: `${found(value)}; allowed: ${allowed}` });
  }
  return { type, values: values.map(String) };
});

const userTemplate = strictMapping({
  name: text,
  expression: text,
  parameters: z.record(z.string(), holeParameter).optional(),
}).transform((entry, context): StudyTemplate => {
  const parameters = Object.entries(entry.parameters ?? {}).map(([name, parameter]) => ({ name, ...parameter }));
  try {
    const problem = holeProblem(entry.expression, parameters);
    if (problem !== null) context.addIssue({ code: "custom", path: [problem.key], message: problem.message });
  } catch (error) {
    if (!(error instanceof LeadlineError)) throw error;
    context.addIssue({ code: "custom", path: ["expression"], message: error.message });
  }
  return { kind: "expression", name: entry.name, text: entry.expression, parameters };
});

const templateUse = z
  .looseObject({ template: text })
  .transform(({ template, ...parameters }): StudyTemplateUse => ({ kind: "template", template, parameters }));

/** A union would report both branches' problems; the key tells which branch was meant. */
const hypotheses = z.record(z.string(), z.unknown()).transform((entry, context): StudyHypotheses => {
  const schema: z.ZodType<StudyHypotheses> = Object.hasOwn(entry, "template") ? templateUse : userTemplate;
  const result = schema.safeParse(entry);
  if (result.success) return result.data;
  for (const { path, message } of issuesOf(result.error, entry)) context.addIssue({ code: "custom", path, message });
  return z.NEVER;
});

const timeZone = readBy("an IANA time zone such as Europe/Oslo or UTC", (input) =>
  typeof input === "string" && isTimeZone(input) ? input : null,
);

const studySchema = strictMapping({
  title: text.optional(),
  events,
  tables: tables.optional(),
  kpis,
  hypotheses: z.array(hypotheses).min(1).optional(),
  prompt: text.optional(),
  metadata: textOrTexts.optional(),
  time_zone: timeZone.optional(),
  settings: settingsSchema.optional(),
}).transform((entry) => ({
  title: entry.title,
  events: entry.events,
  tables: entry.tables ?? [],
  kpis: entry.kpis,
  hypotheses: entry.hypotheses ?? null,
  prompt: entry.prompt ?? null,
  metadata: entry.metadata ?? [],
  timeZone: entry.time_zone ?? "UTC",
  settings: entry.settings ?? defaultSettings(),
}));

/** What is wrong between a template's holes and its parameters, if anything. */
function holeProblem(
  expression: string,
  parameters: StudyTemplate["parameters"],
): { readonly key: "expression" | "parameters"; readonly message: string } | null {
  const types = new Map(parameters.map(({ name, type }) => [name, type]));
  const holes = new Set(holesOf(expression).map(({ name }) => name));
  for (const hole of holes) {
    if (types.has(hole)) continue;
    const allowed = [...types.keys()].map((name) => `$${name}`).join(", ") || "none, since there are no parameters";
    return {
      key: "expression",
      message: `unknown hole: $${hole};${didYouMean(hole, types.keys())} allowed: ${allowed}`,
    };
  }
  for (const { name } of parameters) {
    if (!holes.has(name))
      return {
        key: "parameters",
        message: `found ${name}, which no hole uses; allowed: ${[...holes].join(", ") || "none"}`,
      };
  }
  parseExpression(fillHoles(expression, (name) => standIns[types.get(name) ?? "text"](name)));
  return null;
}

/** KPIs whose failure rate a KPI's own definition reads. */
function kpisReadBy(entries: readonly StudyKpi[], index: number): readonly string[] {
  const entry = entries[index];
  if (entry === undefined) return [];
  const names = new Set<string>();
  for (const part of [entry.among, entry.kind === "binary" ? entry.failure : entry.value]) {
    if (part === null) continue;
    visit(part.expression, (node) => {
      if (node.kind === "load" && node.kpi !== null) names.add(node.kpi);
    });
  }
  return [...names];
}

/** Whether the definition of KPI `from` depends on KPI `to`, directly or not. */
function reaches(entries: readonly StudyKpi[], from: number, to: number): boolean {
  const seen = new Set<number>();
  const open = [from];
  for (let index = open.pop(); index !== undefined; index = open.pop()) {
    if (index === to) return true;
    if (seen.has(index)) continue;
    seen.add(index);
    for (const name of kpisReadBy(entries, index)) open.push(entries.findIndex((entry) => entry.name === name));
  }
  return false;
}

function isTimeZone(name: string): boolean {
  try {
    return new Intl.DateTimeFormat("en", { timeZone: name }).resolvedOptions().timeZone !== "";
  } catch {
    return false;
  }
}

function withoutUndefined(
  columns: { readonly [Role in keyof StudyColumns]: StudyColumns[Role] | undefined },
): StudyColumns {
  return Object.fromEntries(Object.entries(columns).filter(([, column]) => column !== undefined));
}

function baseName(file: string): string {
  return file.replace(/^.*[\\/]/s, "").replace(/\.[^.]+$/, "");
}
