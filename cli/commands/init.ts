import { existsSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { LeadlineError } from "../../errors.js";
import { assertWritable, formatProfile, parseStudy, type Study, safeText, writeWhole } from "../../index.js";
import { type Context, layoutOf, print, type ReadingOptions, tell } from "../context.js";
import { makeStarter } from "../study-file.js";

/** Options of `leadline init`. */
export interface InitOptions extends ReadingOptions {
  readonly out: string;
}

/** `leadline init`: prints a profile of the data and writes a starter study; one that is there already is never replaced. */
export async function init(files: readonly string[], options: InitOptions, context: Context): Promise<void> {
  const { out } = options;
  if (existsSync(out)) {
    throw new LeadlineError(
      "output-invalid",
      `invalid output file: ${out} exists; name another with --out, or move it`,
    );
  }
  assertWritable(out);
  const { profile, text } = await makeStarter(files, dirname(resolve(out)), options, context);
  writeWhole(out, text);
  const shown = [
    formatProfile(profile, layoutOf(process.stdout)),
    "KPIs guessed from names, to be read and corrected",
    ...parseStudy(text, out).kpis.map((kpi) => `  ${safeText(kpi.name)}: ${safeText(meaningOf(kpi))}`),
  ];
  print(`${shown.join("\n")}\n`);
  tell(`\nWrote ${out}. Correct its KPIs, then: leadline run ${shellWord(out)}`, options);
}

/** When a session fails a KPI, in the study's own words. */
function meaningOf(kpi: Study["kpis"][number]): string {
  const among = kpi.among === null ? "" : ` (among sessions with ${kpi.among.text})`;
  return kpi.kind === "binary"
    ? `fails where ${kpi.failure.text}${among}`
    : `${kpi.value.text}, worse when ${kpi.worse}${among}`;
}

/** A path as a shell takes it for one word. */
function shellWord(path: string): string {
  return /^[\w./+:@%-]+$/.test(path) ? path : `'${path.replaceAll("'", "'\\''")}'`;
}
