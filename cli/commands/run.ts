import { join } from "node:path";
import {
  assertWritable,
  type DerivedTable,
  findOpportunities,
  formatHtml,
  formatResult,
  noVerdicts,
  parseInstant,
  parseStudy,
  type Result,
  safeText,
  serialiseResult,
  writeWhole,
} from "../../index.js";
import { readWindow, type WindowOptions } from "../arguments.js";
import { type Context, layoutOf, print, type ReadingOptions, tell } from "../context.js";
import { progressOnStderr, runShares } from "../progress.js";
import { type RedactOptions, redacted } from "../redact.js";
import { assertSessionFile, writeSessionFile } from "../session-file.js";
import { isStudyFile, type LoadedStudy, loadResult, loadStudy, makeStarter } from "../study-file.js";
import { UsageError } from "../usage-error.js";
import { loadVerdicts } from "../verdicts-file.js";

/** Options of `leadline run`. */
export interface RunCommandOptions extends ReadingOptions, WindowOptions, RedactOptions {
  /** Paths; `-`: standard output. */
  readonly json?: string;
  readonly html?: string;
  /** A path ending in .parquet or .csv. */
  readonly derived?: string;
  readonly experts: "all" | "paper";
  readonly sample?: number;
  readonly seed: number;
  /** Bytes. */
  readonly memory?: number;
  /** Path of an earlier result. */
  readonly since?: string;
  /** Absent: one, or as many as the result to repeat had. */
  readonly rounds?: number;
  /** In plain words. */
  readonly prompt?: string;
  /** Path of a GGUF file. */
  readonly model?: string;
  /** Path of the result to repeat. */
  readonly replay?: string;
  /** Keep the event table beside the study for the next run. */
  readonly cache?: boolean;
}

/** `leadline run`: tests a study's hypotheses, or those of an automatic study, and prints what was found. */
export async function run(targets: readonly string[], options: RunCommandOptions, context: Context): Promise<void> {
  const window = readWindow(options, parseInstant);
  const { experts, sample, seed, threads, quiet, derived } = options;
  const outputs = [
    { path: options.json, format: serialiseResult },
    { path: options.html, format: formatHtml },
  ].flatMap(({ path, format }) => (path === undefined ? [] : [{ path, format }]));
  const files = outputs.filter(({ path }) => path !== "-");
  const streams = outputs.filter(({ path }) => path === "-");
  if (streams.length > 1) throw new UsageError("invalid options: - twice; one form at a time goes to standard output");
  if (derived !== undefined && options.redact !== undefined) {
    throw new UsageError(
      "invalid options: --derived with --redact; derived columns are joined by the ids of users and sessions",
    );
  }
  if (options.replay !== undefined && (options.model !== undefined || options.prompt !== undefined)) {
    throw new UsageError("invalid options: --replay with --prompt or --model; a replay takes both from the result");
  }
  if (options.replay !== undefined && options.rounds !== undefined) {
    throw new UsageError("invalid options: --replay with --rounds; a replay takes them from the result");
  }
  if (options.prompt?.trim() === "") throw new UsageError("invalid option: --prompt is empty");
  for (const { path } of files) assertWritable(path);
  if (derived !== undefined) assertSessionFile("--derived", derived);
  const since = options.since === undefined ? undefined : await loadResult(options.since);
  const replay = options.replay === undefined ? undefined : await loadResult(options.replay);
  const { study: written, base } = await studyOf(targets, options, context);
  const study = options.prompt === undefined ? written : { ...written, prompt: options.prompt };
  const model = options.model ?? (study.prompt === null ? undefined : process.env["LEADLINE_MODEL"] || undefined);
  const [only] = targets;
  const { verdicts } = only !== undefined && isStudyFile(only) ? await loadVerdicts(only) : noVerdicts;
  const progress = progressOnStderr(quiet, runShares);
  const start = performance.now();
  let table: DerivedTable | null = null;
  try {
    const found = await findOpportunities(study, base, {
      ...window,
      experts,
      seed,
      signal: context.signal,
      onProgress: (state) => progress.update(state),
      ...(sample === undefined ? {} : { sample }),
      ...(options.memory === undefined ? {} : { memoryBytes: options.memory }),
      ...(since === undefined ? {} : { since }),
      ...(options.rounds === undefined ? {} : { rounds: options.rounds }),
      ...(verdicts.length === 0 ? {} : { verdicts }),
      ...(model === undefined ? {} : { model }),
      ...(replay === undefined ? {} : { replay }),
      ...(options.cache === true ? { cacheFolder: join(base, ".leadline") } : {}),
      ...(threads === undefined ? {} : { threads }),
      ...(derived === undefined
        ? {}
        : {
            onDerived: (made) => {
              table = made;
            },
          }),
    });
    progress.clear();
    const result = redacted(found, options);
    // The files first: a reader that closes standard output early still gets them.
    for (const { path, format } of files) writeWhole(path, format(result));
    if (derived !== undefined && table !== null) await writeSessionFile(derived, table, hypothesesOf(result));
    print(streams[0]?.format(result) ?? formatResult(result, layoutOf(process.stdout)));
    for (const { path } of files) tell(`Wrote ${path}.`, options);
    if (derived !== undefined) tell(`Wrote ${derived}.`, options);
    const seconds = (performance.now() - start) / 1000;
    const rate = (result.data.events / seconds).toLocaleString("en-US", { maximumSignificantDigits: 3 });
    tell(`${seconds.toFixed(1)} s, ${rate} events/s.`, options);
  } finally {
    progress.clear();
  }
}

/** What the footer says of the columns of opportunities: the hypothesis by id. */
function hypothesesOf({ opportunities }: Result): Record<string, string> {
  return Object.fromEntries(opportunities.map(({ id, hypothesis }) => [`leadline:${id}`, hypothesis]));
}

async function studyOf(targets: readonly string[], options: RunCommandOptions, context: Context): Promise<LoadedStudy> {
  const studies = targets.filter(isStudyFile);
  const [only] = targets;
  if (studies.length > 0) {
    if (only !== undefined && targets.length === 1) return loadStudy(only);
    throw new UsageError(
      `invalid arguments: ${targets.join(" ")}; one study, or data files without a study, are allowed`,
    );
  }
  const base = process.cwd();
  const { profile, text } = await makeStarter(targets, base, options, context);
  const study = parseStudy(text, "the automatic study");
  const names = study.kpis.map(({ name }) => safeText(name)).join(", ");
  tell(
    `No study given, so KPIs were guessed from names: ${names}. leadline init writes that study, to be corrected.`,
    options,
  );
  // they may name a user
  const suspicions = options.redact === "users" ? [] : profile.suspicions;
  for (const suspicion of suspicions) tell(`Look at this first: ${safeText(suspicion)}`, options);
  return { study, base };
}
