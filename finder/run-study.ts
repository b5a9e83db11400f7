import type { AuxiliaryColumn, AuxiliaryTable } from "../engine/columns/auxiliary-table.js";
import type { DerivedTable } from "../engine/columns/derived-table.js";
import type { EventStore, SessionTable } from "../engine/event-store.js";
import { gridStatistics } from "../engine/grid-statistics.js";
import type { WorkerPool } from "../engine/pool.js";
import type { ReadOutcome, ReadProgress, ReadRequest, StoreOutcome } from "../engine/read.js";
import { readStore } from "../engine/read-store.js";
import { readTable } from "../engine/read-tables.js";
import { LeadlineError } from "../errors.js";
import { type Choice, chooseClasses } from "../llm/choose.js";
import type { Proposer } from "../llm/proposer.js";
import { fillHoles } from "../planner/expression/holes.js";
import { parseExpression } from "../planner/expression/parse.js";
import { attributesOf } from "../planner/expression/walk.js";
import { lifecycleStart } from "../planner/lifecycle.js";
import { planRun, type RunPlan } from "../planner/run-plan.js";
import type { ColumnStatistics, DataStatistics } from "../planner/statistics.js";
import { type Study, type StudyTemplate, standIns } from "../planner/study.js";
import { type AnyTemplate, libraryOf } from "../planner/templates/library.js";
import { mapTokens, type TokenMap } from "../planner/tokens.js";
import { failingEvents } from "./failing-events.js";
import type { FindOptions, Found } from "./find.js";
import type { Findings } from "./findings.js";
import { beliefsOf, type RoundsFound, type RoundsRequest, runRounds } from "./rounds.js";
import type { Verdict } from "./verdicts.js";

/** How far a run is. */
export interface Progress {
  /** `read`, `choose` where a model is asked, `evaluate`, `mine`, `count` or `judge`; a phase may be entered again. */
  readonly phase: string;
  readonly done: number;
  readonly total: number;
  readonly unit: "events" | "sessions" | "steps";
}

/** How a study is run. */
export interface RunOptions {
  /** Worker threads. @default as many as there are cores */
  readonly threads?: number;
  /** `paper`: experts 1 and 2 on whole sessions, as the paper's prototype. @default "all" */
  readonly experts?: "all" | "paper";
  /** Take whole users, by a hash of their id, until they have this many sessions. @default all */
  readonly sample?: number;
  /** Session starts, half-open, ms since the epoch; instead of the study's. */
  readonly fromMs?: number;
  readonly toMs?: number;
  /**
   * Memory that the run may use: events that would not fit are kept on disk, with the same result.
   * @default 60 % of the memory of the machine, or of what a container allows
   */
  readonly memoryBytes?: number;
  /** Folder that keeps the event table, so that the next run on the same files and columns need not read them. @default none */
  readonly cacheFolder?: string;
  /** Rounds of choosing classes and testing them, each by what those before it found. @default 1 */
  readonly rounds?: number;
  /** Seed of everything random, kept in the result. @default 0 */
  readonly seed?: number;
  /** What people said of earlier opportunities: it weighs in what is chosen, and what is known is not shown again unless it gets worse. @default nothing */
  readonly verdicts?: readonly Verdict[];
  /** Proposes classes beside the selector, such as a model. @default nobody */
  readonly proposer?: Proposer;
  /** Ends the run with a `LeadlineError` of code `aborted`. */
  readonly signal?: AbortSignal;
  /** Called with the derived columns of what is found: see `derivedTable`. @default they are not made */
  readonly onDerived?: (table: DerivedTable) => void;
  /** Called often while reading, and when a phase begins and ends. */
  readonly onProgress?: (progress: Progress) => void;
}

/** A study with its data read and its plan made. */
export interface PlannedStudy {
  readonly store: EventStore;
  /** The sessions of `store`. */
  readonly table: SessionTable;
  readonly tables: readonly AuxiliaryTable[];
  readonly read: Pick<ReadOutcome, "dropped">;
  readonly tokens: TokenMap;
  readonly data: DataStatistics;
  /** Templates, the study's own among them. */
  readonly library: readonly AnyTemplate[];
  /** ms, of `planRun` */
  readonly lifecycleStartMs: number | null;
  /** The classes of the first round, and the plan of them. */
  readonly choice: Choice;
  readonly plan: RunPlan;
  /** Share of users that `sample` kept; null: all */
  readonly sampledShare: number | null;
  readonly warnings: readonly string[];
  /** Removes what is on disk for this run. */
  readonly close: () => void;
}

/**
 * Reads a study's data and makes its plan.
 * @param base - folder that the study's paths are relative to
 * @param also - columns that are read beside those of the study, where the data have them
 * @throws LeadlineError `source-invalid`, `study-invalid`, `expression-invalid`, `unsupported`
 */
export async function planStudy(
  study: Study,
  base: string,
  pool: WorkerPool,
  options: RunOptions,
  also: readonly string[] = [],
): Promise<PlannedStudy> {
  const { onProgress } = options;
  const request: ReadRequest = {
    files: study.events.files,
    base,
    columns: study.events.columns,
    sessionGapMs: study.events.sessionGapMs ?? study.settings.session_gap_default,
    needed: neededColumns(study),
    ...(also.length === 0 ? {} : { welcome: also }),
    coded: tokenColumns(study),
    attributes: study.events.attributes,
    attributeMaxValues: study.settings.attribute_max_values,
  };
  const onRead: ReadProgress = (done, total) => onProgress?.({ phase: "read", done, total, unit: "events" });
  const read = await readStore(request, pool, {
    onProgress: onRead,
    ...(options.cacheFolder === undefined ? {} : { cacheFolder: options.cacheFolder }),
    ...(options.memoryBytes === undefined ? {} : { memoryBytes: options.memoryBytes }),
  });
  try {
    return await planEvents(study, base, read, pool, options);
  } catch (error) {
    read.close();
    throw error;
  }
}

/** The plan of a study whose events are read. */
async function planEvents(
  study: Study,
  base: string,
  read: StoreOutcome,
  pool: WorkerPool,
  options: RunOptions,
): Promise<PlannedStudy> {
  // while the plan is made here; what fails of it fails again with the first pass
  pool.runEach("loadPasses", null, "the passes").catch(() => {});
  const { store, share } =
    options.sample === undefined ? { store: read.store, share: null } : sampled(read.store, options.sample);
  const table = store.sessions;
  const seen = table.columns.find(({ name }) => name === study.events.history?.firstSeen);
  if (seen?.kind === "numeric" && seen.type !== "time") {
    throw new LeadlineError(
      "study-invalid",
      `events.history.first_seen: invalid column: ${seen.name} holds numbers; times or ISO 8601 texts are allowed`,
    );
  }
  const tokens = mapTokens(table.names, study.events.tokens, study.events.ignore, (name) => {
    const column = table.columns.find((candidate) => candidate.name === name);
    return column?.kind === "coded" ? column.dictionary : undefined;
  });
  const tables: AuxiliaryTable[] = [];
  for (const each of study.tables) tables.push(await readTable({ ...each, base }, pool));
  const known = await statisticsOf(store, tables, tokens, study, options, pool);
  const isAsked = options.proposer !== undefined && study.hypotheses === null;
  const data = isAsked
    ? {
        ...known,
        failing: await failingEvents(store, study, known, { tokens, tables }, pool, windowOf(study, options)),
      }
    : known;
  const start = lifecycleOf(table, data, study);
  const library = libraryOf(study.hypotheses);
  const weights = options.verdicts === undefined ? null : beliefsOf(library, options.verdicts);
  // a model may take its time
  if (isAsked) options.onProgress?.({ phase: "choose", done: 0, total: 0, unit: "steps" });
  const choice = await chooseClasses({
    ...{ hypotheses: study.hypotheses, data, library, prompt: study.prompt },
    ...{ round: 1, proposer: options.proposer ?? null, weights, history: [] },
  });
  const lifecycleStartMs = start?.startMs ?? null;
  const plan = planRun(study.kpis, choice.classes, data, lifecycleStartMs, library);
  const hasLifecycle = plan.conditions.some(({ population }) => population !== null);
  const warnings = [...read.warnings, ...choice.warnings];
  if (start !== null && hasLifecycle) warnings.push(`lifecycle: ${start.reason}`);
  const planned = { library, lifecycleStartMs, choice, plan };
  return { store, table, tables, read, tokens, data, ...planned, sampledShare: share, warnings, close: read.close };
}

/**
 * Runs a study: reads, plans, evaluates, judges.
 * @param base - folder that the study's paths are relative to
 * @throws LeadlineError as `planStudy`; `worker-failed`; `aborted`
 */
export async function runStudy(
  study: Study,
  base: string,
  pool: WorkerPool,
  options: RunOptions & Pick<FindOptions, "onThreadsDone">,
): Promise<Findings> {
  const start = performance.now();
  const planned = await planStudy(study, base, pool, options);
  const seconds = (performance.now() - start) / 1000;
  try {
    return await runPlanned(study, planned, seconds, pool, options);
  } finally {
    planned.close();
  }
}

async function runPlanned(
  study: Study,
  planned: PlannedStudy,
  seconds: number,
  pool: WorkerPool,
  options: RunOptions & Pick<FindOptions, "onThreadsDone">,
): Promise<Findings> {
  const { table, data, read } = planned;
  const { fromMs, toMs } = windowOf(study, options);
  const judging = judgeInRounds(study, planned, pool, options);
  // while the threads evaluate
  const inWindow = countWindow(table, fromMs, toMs);
  const { found, history, budget, warnings } = await judging;
  return {
    ...found,
    data: {
      ...inWindow,
      hasUsers: data.hasUsers,
      timeZone: study.timeZone,
      dropped: { ...read.dropped },
      sampledShare: planned.sampledShare,
    },
    rounds: history.length,
    budget,
    warnings: [...planned.warnings, ...warnings, ...found.warnings],
    phases: [{ name: "read", seconds }, ...found.phases],
  };
}

/**
 * The rounds of a planned study.
 * @param draw - how hypotheses are drawn under a budget: see `RoundsRequest`
 * @param onRound - called with what each round found
 * @throws LeadlineError as `find`
 */
export function judgeInRounds(
  study: Study,
  planned: PlannedStudy,
  pool: WorkerPool,
  options: RunOptions & Pick<FindOptions, "onThreadsDone">,
  draw: RoundsRequest["draw"] = "belief",
  onRound?: (round: number, found: Found) => void,
): Promise<RoundsFound> {
  const { store, tables, tokens, data, library, lifecycleStartMs, choice, plan } = planned;
  const { fromMs, toMs } = windowOf(study, options);
  const request: RoundsRequest = {
    ...{ study, store, tokens, data, library, lifecycleStartMs, choice, plan, draw },
    proposer: options.proposer ?? null,
    verdicts: options.verdicts ?? [],
    rounds: options.rounds ?? 1,
    seed: options.seed ?? 0,
  };
  const judging: FindOptions = {
    experts: options.experts ?? "all",
    fromMs,
    toMs,
    settings: study.settings,
    timeZone: study.timeZone,
    tables,
    ...(options.onDerived === undefined ? {} : { onDerived: options.onDerived }),
    ...(options.onThreadsDone === undefined ? {} : { onThreadsDone: options.onThreadsDone }),
    onPhase: (phase, done) => options.onProgress?.({ phase, done: done ? 1 : 0, total: 1, unit: "steps" }),
  };
  return runRounds(request, pool, judging, onRound);
}

/** The window of session starts: what the caller says, else the study. */
export function windowOf(study: Study, options: RunOptions): { readonly fromMs: number; readonly toMs: number } {
  return {
    fromMs: options.fromMs ?? study.events.fromMs ?? Number.NEGATIVE_INFINITY,
    toMs: options.toMs ?? study.events.toMs ?? Number.POSITIVE_INFINITY,
  };
}

/** Columns that expressions, tokens and history read. */
function neededColumns(study: Study): string[] {
  const { kpis, events, hypotheses, tables } = study;
  const names = new Set<string>();
  for (const entry of hypotheses ?? []) {
    if (entry.kind === "expression") for (const name of attributesOfTemplate(entry)) names.add(name);
    else if (typeof entry.parameters["attribute"] === "string") names.add(entry.parameters["attribute"]);
  }
  for (const kpi of kpis) {
    const expressions = [kpi.among, kpi.kind === "binary" ? kpi.failure : kpi.value];
    for (const part of expressions)
      if (part !== null) for (const name of attributesOf(part.expression)) names.add(name);
  }
  for (const name of tokenColumns(study)) names.add(name);
  for (const name of [events.history?.firstSeen, events.history?.sessions]) {
    if (name !== null && name !== undefined) names.add(name);
  }
  for (const { name: table, columns } of tables) for (const column of columns) names.delete(`${table}.${column}`);
  for (const { on } of tables) for (const { attribute } of on) names.add(attribute);
  return [...names];
}

/** Columns that a template of the study's own reads whatever fills it, and those that its lists name. */
function attributesOfTemplate({ text, parameters }: StudyTemplate): string[] {
  const typeOf = new Map(parameters.map(({ name, type }) => [name, type]));
  const filled = fillHoles(text, (name) => standIns[typeOf.get(name) ?? "text"](name));
  const fixed = attributesOf(parseExpression(filled)).filter((name) => !name.startsWith("$"));
  return [...fixed, ...parameters.flatMap(({ type, values }) => (type === "attribute" ? (values ?? []) : []))];
}

/** Columns whose values are part of tokens. */
function tokenColumns({ events }: Study): string[] {
  return events.tokens.flatMap((rule) => (rule.kind === "attributes" ? rule.attributes : []));
}

/** Whole users in the table's order, which is that of a hash of their ids, until they have enough sessions. */
function sampled(store: EventStore, sessions: number): { readonly store: EventStore; readonly share: number } {
  const table = store.sessions;
  let users = 0;
  while (users < table.users && (table.userOffsets[users] as number) < sessions) users++;
  return { store: store.first(users), share: table.users === 0 ? 1 : users / table.users };
}

async function statisticsOf(
  store: EventStore,
  tables: readonly AuxiliaryTable[],
  tokens: TokenMap,
  study: Study,
  options: RunOptions,
  pool: WorkerPool,
): Promise<DataStatistics> {
  const table = store.sessions;
  const { fromMs, toMs } = windowOf(study, options);
  let [from, to] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (let session = 0; session < table.sessions; session++) {
    const start = table.starts[session] as number;
    if (start < fromMs || start >= toMs) continue;
    if (start < from) from = start;
    if (start > to) to = start;
  }
  return {
    events: table.events,
    sessions: table.sessions,
    users: table.users,
    hasUsers: table.hasUsers,
    names: table.names,
    tokens: tokens.tokens,
    tables: tables.map(({ name, columns }) => ({ name, columns: columns.map(auxiliaryStatistics) })),
    kpis: study.kpis.map(({ name }) => name),
    timeZone: study.timeZone,
    columns: table.columns,
    grid: await gridStatistics(
      store,
      {
        ignored: tokens.ignored,
        tables,
        history: [study.events.history?.firstSeen, study.events.history?.sessions].filter(
          (name) => typeof name === "string",
        ),
        countedBySession: study.prompt === null ? attributesAsked(study) : null,
        asks: { eventValues: mayTry(study, "top-values"), load: mayTry(study, "load") },
      },
      pool,
    ),
    attributes: table.attributes.map(({ name }) => name),
    history: { firstSeen: study.events.history?.firstSeen ?? null, sessions: study.events.history?.sessions ?? null },
    from: from <= to ? from : Number.NaN,
    to: from <= to ? to : Number.NaN,
  };
}

/** Whether a run may try a template: a study that names its classes tries no other, unless a prompt adds some. */
function mayTry({ hypotheses, prompt }: Study, template: string): boolean {
  const isNamed = hypotheses?.some((entry) => entry.kind === "template" && entry.template === template);
  return prompt !== null || isNamed !== false;
}

/** Columns that the study's own classes name: `top-values` may be asked of any. */
function attributesAsked({ hypotheses }: Study): Set<string> {
  const asked = (hypotheses ?? []).map((entry) => (entry.kind === "expression" ? null : entry.parameters["attribute"]));
  return new Set(asked.filter((name) => typeof name === "string"));
}

/** A value of an auxiliary table may change with every event. */
function auxiliaryStatistics(column: AuxiliaryColumn): ColumnStatistics {
  return column.kind === "coded"
    ? { kind: "coded", name: column.name, grain: "event", dictionary: column.dictionary }
    : { kind: "numeric", name: column.name, grain: "event", type: column.type };
}

/** From when on a first session in the data is a first session; null where it always is. */
function lifecycleOf(
  table: SessionTable,
  data: DataStatistics,
  study: Study,
): ReturnType<typeof lifecycleStart> | null {
  if (!data.hasUsers || data.history.sessions !== null) return null;
  let [from, to] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  const firstStarts = new Float64Array(table.users);
  for (let user = 0; user < table.users; user++) {
    const first = table.userOffsets[user] as number;
    const last = (table.userOffsets[user + 1] as number) - 1;
    const start = table.starts[first] as number;
    firstStarts[user] = start;
    from = Math.min(from, start);
    to = Math.max(to, table.starts[last] as number);
  }
  if (data.history.firstSeen !== null) {
    return { startMs: from, reason: "only users first seen within the data are compared, by their history" };
  }
  return lifecycleStart(firstStarts, from, to, study.settings.burn_in);
}

/** What starts in a half-open window of session starts, ms: events and users of these sessions, and when they were; NaN without any. */
export function countWindow(
  table: SessionTable,
  fromMs: number,
  toMs: number,
): { events: number; sessions: number; users: number; fromMs: number; toMs: number } {
  const isIn = new Uint8Array(table.sessions);
  const sessions = markStarts(table.starts, fromMs, toMs, isIn);
  const users = countUsersIn(table.userOffsets, isIn);
  const events = countEventsIn(table.sessionOffsets, isIn);
  const first = firstIn(table.starts, isIn);
  const last = lastIn(table.ends, isIn);
  const none = sessions === 0;
  return { events, sessions, users, fromMs: none ? Number.NaN : first, toMs: none ? Number.NaN : last };
}

/** Tells which sessions start in the window; returns how many. */
function markStarts(starts: Float64Array, fromMs: number, toMs: number, isIn: Uint8Array): number {
  let count = 0;
  for (let session = 0; session < isIn.length; session++) {
    const start = starts[session] as number;
    const own = start < fromMs || start >= toMs ? 0 : 1;
    isIn[session] = own;
    count += own;
  }
  return count;
}

function countUsersIn(userOffsets: Uint32Array, isIn: Uint8Array): number {
  let users = 0;
  for (let user = 0; user + 1 < userOffsets.length; user++) {
    const end = userOffsets[user + 1] as number;
    let session = userOffsets[user] as number;
    while (session < end && isIn[session] === 0) session++;
    if (session < end) users++;
  }
  return users;
}

function countEventsIn(sessionOffsets: Uint32Array, isIn: Uint8Array): number {
  let events = 0;
  for (let session = 0; session < isIn.length; session++) {
    events +=
      (isIn[session] as number) * ((sessionOffsets[session + 1] as number) - (sessionOffsets[session] as number));
  }
  return events;
}

function firstIn(starts: Float64Array, isIn: Uint8Array): number {
  let first = Number.POSITIVE_INFINITY;
  for (let session = 0; session < isIn.length; session++) {
    if ((starts[session] as number) < first && isIn[session] === 1) first = starts[session] as number;
  }
  return first;
}

function lastIn(ends: Float64Array, isIn: Uint8Array): number {
  let last = Number.NEGATIVE_INFINITY;
  for (let session = 0; session < isIn.length; session++) {
    if ((ends[session] as number) > last && isIn[session] === 1) last = ends[session] as number;
  }
  return last;
}
