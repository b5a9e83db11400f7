import { assertWritable, formatCsv, formatHtml, formatMarkdown, writeWhole } from "../../index.js";
import { print, tell } from "../context.js";
import { type RedactOptions, redacted } from "../redact.js";
import { loadResult } from "../study-file.js";
import { UsageError } from "../usage-error.js";

/** Options of `leadline report`: paths; `-`: standard output. */
export interface ReportCommandOptions extends RedactOptions {
  readonly html?: string;
  readonly markdown?: string;
  readonly csv?: string;
  readonly quiet?: boolean;
}

/** `leadline report`: other forms of a result file. */
export async function report(file: string, options: ReportCommandOptions): Promise<void> {
  const wanted = [
    { path: options.html, format: formatHtml },
    { path: options.markdown, format: formatMarkdown },
    { path: options.csv, format: formatCsv },
  ].flatMap(({ path, format }) => (path === undefined ? [] : [{ path, format }]));
  if (wanted.length === 0)
    throw new UsageError("missing option: --html, --markdown or --csv with a file, or - for standard output");
  if (wanted.filter(({ path }) => path === "-").length > 1) {
    throw new UsageError("invalid options: - twice; one form at a time goes to standard output");
  }
  for (const { path } of wanted) if (path !== "-") assertWritable(path);
  const result = redacted(await loadResult(file), options);
  for (const { path, format } of wanted) {
    if (path === "-") {
      print(format(result));
      continue;
    }
    writeWhole(path, format(result));
    tell(`Wrote ${path}.`, options);
  }
}
