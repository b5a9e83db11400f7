import {
  assertWritable,
  explainExpression,
  explainStudy,
  formatExplanation,
  formatExpressionExplanation,
  parseInstant,
  type RunOptions,
  redactExplanation,
  writeWhole,
} from "../../index.js";
import { readWindow, type WindowOptions } from "../arguments.js";
import { type Context, layoutOf, print, type ReadingOptions, tell } from "../context.js";
import { progressOnStderr } from "../progress.js";
import type { RedactOptions } from "../redact.js";
import { isStudyFile, type LoadedStudy, loadStudy } from "../study-file.js";
import { UsageError } from "../usage-error.js";

/** Options of `leadline explain`. */
export interface ExplainOptions extends ReadingOptions, WindowOptions, RedactOptions {
  /** A path; `-`: standard output. */
  readonly json?: string;
}

/** What is printed, as text or as JSON. */
interface Explained {
  readonly text: string;
  readonly json: unknown;
}

/** `leadline explain`: prints the merged plan of a study, or what one expression means and where it holds. */
export async function explain(
  first: string,
  second: string | undefined,
  options: ExplainOptions,
  { signal }: Context,
): Promise<void> {
  const window = readWindow(options, parseInstant);
  const { json, threads, quiet } = options;
  if (second !== undefined && !isStudyFile(second)) {
    const hint = isStudyFile(first) ? "; the expression stands before the study" : "";
    throw new UsageError(`invalid study: ${second}; a file ending in .yaml, .yml or .json is allowed${hint}`);
  }
  if (json !== undefined && json !== "-") assertWritable(json);
  const loaded = await loadStudy(second ?? first);
  const progress = progressOnStderr(quiet);
  try {
    const run: RunOptions = {
      ...window,
      signal,
      onProgress: (state) => progress.update(state),
      ...(threads === undefined ? {} : { threads }),
    };
    const { text, json: data } =
      second === undefined ? await ofStudy(loaded, run) : await ofExpression(first, loaded, run, options);
    progress.clear();
    const written = `${JSON.stringify(data, null, 2)}\n`;
    if (json !== undefined && json !== "-") writeWhole(json, written);
    print(json === "-" ? written : text);
    if (json !== undefined && json !== "-") tell(`Wrote ${json}.`, options);
  } finally {
    progress.clear();
  }
}

async function ofStudy({ study, base }: LoadedStudy, run: RunOptions): Promise<Explained> {
  const explanation = await explainStudy(study, base, run);
  return { text: formatExplanation(explanation, study.title, layoutOf(process.stdout)), json: explanation };
}

async function ofExpression(
  expression: string,
  { study, base }: LoadedStudy,
  run: RunOptions,
  { redact }: RedactOptions,
): Promise<Explained> {
  const found = await explainExpression(study, base, expression, run);
  const explanation = redact === "users" ? redactExplanation(found) : found;
  return { text: formatExpressionExplanation(explanation, layoutOf(process.stdout)), json: explanation };
}
