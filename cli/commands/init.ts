import { existsSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { LeadlineError } from "../../errors.js";
import { assertWritable, formatProfile, writeWhole } from "../../index.js";
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
  print(formatProfile(profile, layoutOf(process.stdout)));
  tell(`\nWrote ${out}. Read its KPIs, which are guesses, then: leadline run ${out}`, options);
}
