import { explainStudy, safeText } from "../../index.js";
import { type Context, print, type ReadingOptions } from "../context.js";
import { progressOnStderr } from "../progress.js";
import { loadStudy } from "../study-file.js";

/** `leadline check`: whether a study is valid, its files and columns exist and its expressions mean something there. */
export async function check(path: string, { threads, quiet }: ReadingOptions, { signal }: Context): Promise<void> {
  const { study, base } = await loadStudy(path);
  const progress = progressOnStderr(quiet);
  try {
    const { data, kpis, classes, warnings } = await explainStudy(study, base, {
      signal,
      onProgress: (state) => progress.update(state),
      ...(threads === undefined ? {} : { threads }),
    });
    progress.clear();
    const counts = [
      count(data.events, "event"),
      count(data.sessions, "session"),
      count(kpis.length, "KPI"),
      `${classes.length} hypothesis ${classes.length === 1 ? "class" : "classes"}`,
    ];
    const lines = [`${path} is valid: ${counts.join(", ")}.`, ...warnings.map((text) => `Warning: ${safeText(text)}`)];
    print(`${lines.join("\n")}\n`);
  } finally {
    progress.clear();
  }
}

function count(value: number, noun: string): string {
  return `${value.toLocaleString("en-US")} ${noun}${value === 1 ? "" : "s"}`;
}
