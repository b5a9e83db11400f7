import { readFile, writeFile } from "node:fs/promises";
import type { Row } from "./bars/bar.js";
import { alignedTable } from "./markdown.js";

const BEGIN = "<!-- table: written by node dist/bench/main.js --write-docs -->";
const END = "<!-- table ends -->";

/** Rows as a Markdown table. */
export function markdownTable(rows: readonly Row[]): string {
  const head = ["bar", "what was measured", "asked", "came", "met", "load"];
  const body = rows.map(({ bar, what, asked, came, met, load }) => [
    bar,
    what,
    asked,
    came,
    met === null ? "" : met ? "yes" : "**no**",
    load,
  ]);
  return alignedTable(head, body);
}

/**
 * Puts a text between the two marks of the benchmarks' page, in place of what was there.
 * @throws Error when the page has no marks
 */
export async function writeTable(path: string, text: string): Promise<void> {
  const page = await readFile(path, "utf8");
  const begin = page.indexOf(BEGIN);
  const end = page.indexOf(END);
  if (begin < 0 || end < begin) throw new Error(`${path}: missing the marks of the table`);
  await writeFile(path, `${page.slice(0, begin + BEGIN.length)}\n\n${text}\n\n${page.slice(end)}`);
}
