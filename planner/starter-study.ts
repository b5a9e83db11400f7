import { printDuration } from "./duration.js";
import { printAttribute, printEvent, printExpression, printLiteral } from "./expression/print.js";
import { failingValues, namesAKind, namesALabel, namesAnError, wordsOf, worseDirection } from "./name-words.js";
import type { Profile, ProfiledColumn, ProfiledPair } from "./profile.js";
import { defaultSettings } from "./settings.js";

/** KPIs of each kind that a starter study states; a reader has to judge every one. */
const mostPairs = 4;
const mostErrors = 3;
const mostLabels = 3;
/** Measures whose names tell which way they get worse. */
const mostDirected = 2;
/** Measures that are suggested in a comment. */
const mostMeasures = 5;

/** A column that more events than this lack belongs to some kinds of events. */
const mostMissing = 0.5;

/** Columns that usually tell of users before the data begin, as folded words. */
const firstSeenNames: ReadonlySet<string> = new Set([
  ...["first seen", "firstseen", "first seen at", "signup at", "signed up at", "signup date", "registered at"],
  ...["registration date", "user created at", "account created at", "joined at"],
]);
const visitsBeforeNames: ReadonlySet<string> = new Set([
  ...["visits before", "sessions before", "previous sessions", "previous visits", "prior sessions", "prior visits"],
]);

/** Events that programs send of themselves. */
const machineWords: ReadonlySet<string> = new Set(["heartbeat", "ping", "keepalive", "tick", "poll"]);

/** A KPI of a starter study. */
interface StarterKpi {
  readonly name: string;
  readonly description: string;
  readonly among?: string;
  readonly failure?: string;
  readonly value?: string;
  readonly worse?: "higher" | "lower";
  /** Column that it reads. */
  readonly column?: string;
  readonly comment: string;
}

/**
 * A study for data of which only the profile is known: YAML with comments, which parses and runs as it is. KPIs are guessed
 * from names: label columns, pairs of events that begin and complete the same thing, events that tell of an error; where
 * there are none, the longest sessions fail.
 * @param files - as the study should name them: relative to the folder that it will lie in
 */
export function starterStudy(profile: Profile, files: readonly string[], title: string): string {
  const kpis = guessKpis(profile);
  const history = guessHistory(profile.columns);
  const taken = new Set([...kpis.map(({ column }) => column), history.firstSeen, history.sessions]);
  const attributes = profile.columns.filter((column) => isAttribute(column) && !taken.has(column.name));
  const columns = Object.entries(profile.roles).map(([role, column]) => `${role}: ${scalar(column)}`);
  const machine = profile.names.filter(({ name }) => wordsOf(name).some((word) => machineWords.has(word)));
  const measures = profile.columns.filter((column) => isMeasure(column) && !taken.has(column.name));
  const lines = [
    "# A starter study, made from the data by `leadline init`. Everything in it is a guess from names: read it, change it,",
    "# and run it with `leadline run`. docs/EXPRESSIONS.md has the language of KPIs, docs/SETTINGS.md every setting.",
    `title: ${line(title)}`,
    "events:",
    `  files: [${files.map(scalar).join(", ")}]`,
    `  columns: {${columns.join(", ")}}`,
    ...(profile.roles.user === undefined
      ? ["  # No user column was found: every session counts as a user of its own, and user-lifecycle does not apply."]
      : []),
    ...(profile.sessionGapMs === null
      ? []
      : [
          "  # No session column was found: sessions end at this inactivity.",
          `  session_gap: ${printDuration(profile.sessionGapMs)}`,
        ]),
    ...periodLines(profile),
    ...(machine.length === 0
      ? []
      : [
          "  # Programs send these by themselves; patterns are clearer without them:",
          `  # ignore: [${machine.map(({ name }) => scalar(name)).join(", ")}]`,
        ]),
    "  # What cohorts are made of: columns of few values. A label or a measure of the outcome does not belong here.",
    `  attributes: [${attributes.map(({ name }) => scalar(name)).join(", ")}]`,
    ...historyLines(history),
    "kpis:",
    ...kpis.flatMap(kpiLines),
    ...(measures.length === 0
      ? []
      : ["  # Numbers that could be KPIs too; whether higher is worse is for you to say:"]),
    ...measures
      .slice(0, mostMeasures)
      .map((column) => `  # - {name: ${scalar(column.name)}, value: ${scalar(measureOf(column))}, worse: higher}`),
    "# Left out, every template is tried over a grid drawn from the data; `leadline templates` lists them:",
    "# hypotheses:",
    "#   - {template: event-pattern, k: 3}",
    "# Hours and weekdays are UTC without this:",
    "# time_zone: Europe/Oslo",
    `# settings: {min_users: ${defaultSettings().min_users}}`,
  ];
  return `${lines.join("\n")}\n`;
}

function periodLines({ fromMs, toMs }: Profile): string[] {
  if (fromMs === null || toMs === null) return [];
  const day = (ms: number): string => new Date(ms).toISOString().slice(0, 10);
  return [
    `  # The events are from ${day(fromMs)} to ${day(toMs)}; only sessions that start in a window count:`,
    `  # from: ${day(fromMs)}`,
    `  # to: ${day(toMs + 86_400_000)}`,
  ];
}

function historyLines({ firstSeen, sessions }: ReturnType<typeof guessHistory>): string[] {
  const parts = [
    ...(firstSeen === null ? [] : [`first_seen: ${scalar(firstSeen)}`]),
    ...(sessions === null ? [] : [`sessions: ${scalar(sessions)}`]),
  ];
  if (parts.length === 0) return [];
  return ["  # What is known of users before the data begin.", `  history: {${parts.join(", ")}}`];
}

function guessHistory(columns: readonly ProfiledColumn[]): {
  readonly firstSeen: string | null;
  readonly sessions: string | null;
} {
  const find = (names: ReadonlySet<string>, type: "number" | "time"): string | null =>
    columns.find((column) => {
      return column.kind === "numeric" && column.type === type && names.has(wordsOf(column.name).join(" "));
    })?.name ?? null;
  return { firstSeen: find(firstSeenNames, "time"), sessions: find(visitsBeforeNames, "number") };
}

function guessKpis(profile: Profile): StarterKpi[] {
  const guessed = [...labelKpis(profile), ...pairKpis(profile), ...errorKpis(profile), ...directedKpis(profile)];
  const named = new Map<string, StarterKpi>();
  for (const kpi of guessed) if (!named.has(kpi.name)) named.set(kpi.name, kpi);
  return named.size > 0 ? [...named.values()] : [profile.ending === null ? slowSessions : endingKpi(profile.ending)];
}

function endingKpi({ start, end, sessions, failing }: ProfiledPair): StarterKpi {
  return {
    name: `${start} to ${end}`,
    description: `${start} to ${end}, at any time in the session`,
    among: printEvent(start),
    failure: `not (${printEvent(start)} -> ${printEvent(end)})`,
    comment: `No name told of success or failure. Sessions often end with ${quoted(end)}, mostly right after ${quoted(start)}; ${failing} of ${sessions} do not get there.`,
  };
}

const slowSessions: StarterKpi = {
  name: "session_duration",
  description: "Sessions that take long, in ms",
  value: "session.duration",
  worse: "higher",
  comment: "No name told of success or failure. State here what matters to you; the longest sessions are a stopgap.",
};

/** Labels of sessions; those of single events where there are none, as they mostly tell the same less well. */
function labelKpis({ columns }: Profile): StarterKpi[] {
  const of = (grain: "event" | "session"): StarterKpi[] =>
    columns.filter((column) => column.grain === grain).flatMap((column) => labelKpi(column) ?? []);
  const ofSessions = of("session");
  return (ofSessions.length > 0 ? ofSessions : of("event")).slice(0, mostLabels);
}

function labelKpi(column: ProfiledColumn): StarterKpi | null {
  const { name, grain } = column;
  if (column.distinct < 2) return null;
  if (column.kind === "numeric") {
    if (!namesALabel(name) || column.type !== "number" || column.range === null) return null;
    const { least, greatest } = column.range;
    if (column.distinct === 2 && least === 0 && greatest === 1) {
      const [failing] = failingValues(name, [0, 1]);
      return label(
        name,
        `${grain === "session" ? printAttribute(name) : aggregate("max", name)} == ${failing ?? 1}`,
        "The column holds 0 and 1.",
      );
    }
    const isHttp = wordsOf(name).includes("status") && least >= 100 && greatest < 600 && greatest >= 500;
    return isHttp ? label(name, `${aggregate("max", name)} >= 500`, "Status codes from 500 on are errors.") : null;
  }
  if (column.distinct > column.common.length) return null;
  const values = column.common.map(({ value }) => value);
  const told = failingValues(name, values);
  const isNamed = namesALabel(name);
  if (grain === "event") {
    if (!isNamed || told.length === 0) return null;
    const last = aggregate("last", name);
    const conditions = told.map((value) => `${last} == ${printLiteral({ value })}`);
    return label(
      name,
      conditions.join(" or "),
      "A label of events, by its name: the last one of the session is taken.",
    );
  }
  const [rarest] = values.slice(-1);
  const failing = told.length > 0 ? told : isNamed && values.length === 2 && rarest !== undefined ? [rarest] : [];
  if (failing.length === 0) return null;
  const conditions = failing.map((value) => `${printAttribute(name)} == ${printLiteral({ value })}`);
  const comment =
    told.length > 0
      ? `A label of the session, by its ${isNamed ? "name" : "values"}.`
      : "A label of the session, by its name; that its rarer value is the failure is a guess.";
  return label(name, conditions.join(" or "), comment);
}

function label(column: string, failure: string, comment: string): StarterKpi {
  return { name: column, description: `Sessions labelled so by the column ${column}`, failure, column, comment };
}

function pairKpis({ pairs }: Profile): StarterKpi[] {
  const seen = new Set<string>();
  const kept = pairs.filter(({ start, sessions, failing }) => {
    if (failing === 0 || failing === sessions || seen.has(start)) return false;
    seen.add(start);
    return true;
  });
  return kept.slice(0, mostPairs).map(({ start, end, sessions, failing }) => ({
    name: `${start}${/\s/.test(start) ? " " : "_"}completion`,
    description: `${start} to ${end}, at any time in the session`,
    among: printEvent(start),
    failure: `not (${printEvent(start)} -> ${printEvent(end)})`,
    comment: `${failing} of ${sessions} sessions with ${quoted(start)} fail. A deadline makes it sharper: ${quoted("-> … within 10s")}.`,
  }));
}

function errorKpis({ names, sessions }: Profile): StarterKpi[] {
  const errors = names.filter(({ name, sessions: held }) => namesAnError(name) && held < sessions);
  const enough = errors.filter(({ sessions: held }) => held >= defaultSettings().cohort_min_failing);
  // Rare errors can only be told from chance together with others; the most common is stated where nothing else is.
  return (enough.length > 0 ? enough.slice(0, mostErrors) : errors.slice(0, 1)).map(
    ({ name, sessions: held, among }) => ({
      name,
      description: `Sessions in which ${name} happens`,
      ...(among === undefined ? {} : { among: printEvent(among) }),
      failure: printEvent(name),
      comment: `In ${held} of ${sessions} sessions, by its name an error${among === undefined ? "" : `; hardly ever without ${quoted(among)} before it`}.`,
    }),
  );
}

/** Numbers whose names tell which way they get worse. */
function directedKpis({ columns }: Profile): StarterKpi[] {
  return columns
    .flatMap((column) => {
      const worse = isMeasure(column) ? worseDirection(column.name) : null;
      return worse === null ? [] : [{ column, worse }];
    })
    .slice(0, mostDirected)
    .map(({ column, worse }) => ({
      name: column.name,
      description: `Sessions in which ${column.name} is ${worse === "higher" ? "high" : "low"}`,
      value: measureOf(column),
      worse,
      column: column.name,
      comment: `A measure, by its name worse when ${worse}: the sessions beyond the worst tenth's bound fail.`,
    }));
}

function kpiLines({ name, description, among, failure, value, worse, comment }: StarterKpi): string[] {
  const field = (key: string, text: string | undefined): string[] =>
    text === undefined ? [] : [`    ${key}: ${line(text)}`];
  return [
    `  # ${comment}`,
    `  - name: ${line(name)}`,
    ...field("description", description),
    ...field("among", among),
    ...field("failure", failure),
    ...field("value", value),
    ...field("worse", worse),
  ];
}

/** Few values, which sessions rather than single events have, and no label; numbers only where they name kinds. */
function isAttribute(column: ProfiledColumn): boolean {
  if (namesALabel(column.name)) return false;
  if (column.kind !== "coded" && (column.type !== "number" || column.grain === "event" || !namesAKind(column.name)))
    return false;
  if (column.grain === "event" && column.missing > mostMissing) return false;
  return column.distinct >= 2 && column.distinct <= defaultSettings().attribute_max_values;
}

function isMeasure(column: ProfiledColumn): boolean {
  if (column.kind !== "numeric" || column.type !== "number" || namesALabel(column.name)) return false;
  return column.distinct > 2 && !namesAKind(column.name) && !visitsBeforeNames.has(wordsOf(column.name).join(" "));
}

/** A number of the session: the column's own, or the mean of its events'. */
function measureOf({ name, grain }: ProfiledColumn): string {
  return grain === "session" ? printAttribute(name) : aggregate("mean", name);
}

/** The attribute over all events of a session, as an expression. */
function aggregate(fn: "mean" | "max" | "last", attribute: string): string {
  return printExpression({ kind: "aggregate", fn, step: null, attribute, at: 0 });
}

/** Words that YAML reads as something other than text, in one version or another. */
const yamlWords = /^(?:true|false|yes|no|on|off|null|y|n|~)$/i;

/** A text as a YAML scalar that ends a line: plain where that is safe, else in quotes. */
function line(text: string): string {
  if (/^[A-Za-z_][ -~]*$/.test(text) && !/: |:$| #| $/.test(text) && !yamlWords.test(text)) return text;
  // in single quotes double ones stand as they are, which a quoted event is easier to read in
  return /^[ -~]+$/.test(text) && text.includes('"') && !text.includes("'") ? `'${text}'` : quoted(text);
}

/** A text as a YAML scalar inside brackets: plain where that is safe, else in JSON's quotes. */
function scalar(text: string): string {
  const isPlain = /^[A-Za-z_][\w./ -]*$/.test(text) && !text.endsWith(" ") && !yamlWords.test(text);
  return isPlain ? text : quoted(text);
}

/** In double quotes, as JSON and YAML read them; nothing in it can end a line or turn one round. */
function quoted(text: string): string {
  return JSON.stringify(text).replace(
    /[\p{Cc}\p{Cf}\p{Co}\p{Cn}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}]/gu,
    (unsafe) =>
      Array.from(
        { length: unsafe.length },
        (_, at) => `\\u${unsafe.charCodeAt(at).toString(16).padStart(4, "0")}`,
      ).join(""),
  );
}
