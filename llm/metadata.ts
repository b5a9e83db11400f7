import { closeSync, fstatSync, openSync, readSync, statSync } from "node:fs";
import { basename, relative, resolve, sep } from "node:path";
import { glob } from "tinyglobby";
import { shortlist, wordsIn } from "./shortlist.js";

/** A piece of a text that tells of the data. */
export interface Passage {
  /** Relative to the study, with `/`. */
  readonly file: string;
  /** Printable, on one line. */
  readonly text: string;
}

/** The study's texts, and what could not be read of them. */
export interface Metadata {
  readonly passages: readonly Passage[];
  readonly warnings: readonly string[];
}

/** Beyond these a file is a dump, and a study a library. */
const MOST_FILE_BYTES = 4 << 20;
const MOST_FILES = 200;
const MOST_BYTES = 16 << 20;
/** Characters of a passage: a paragraph, a review, a function. */
const PASSAGE = 400;

/**
 * Reads the texts that a study names (Markdown, source code, reviews) as passages. What cannot be read is left out with a
 * sentence; a text is never a reason to end a run.
 * @param entries - paths and globs, relative to `base`
 */
export async function readMetadata(entries: readonly string[], base: string): Promise<Metadata> {
  const warnings: string[] = [];
  const files = new Set<string>();
  for (const entry of entries) {
    const found = await filesOf(entry, base);
    if (found.length === 0) warnings.push(`metadata: missing file: ${entry} matches nothing, so it is not read`);
    for (const file of found) files.add(file);
  }
  const sorted = [...files].sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
  const passages: Passage[] = [];
  let bytes = 0;
  for (const [index, path] of sorted.entries()) {
    const file = relative(base, path).split(sep).join("/");
    if (index >= MOST_FILES || bytes > MOST_BYTES) {
      const limit = `${MOST_FILES} files and ${MOST_BYTES >> 20} MB are read`;
      warnings.push(`metadata: ${sorted.length - index} of ${sorted.length} files are left out; at most ${limit}`);
      break;
    }
    const text = readText(path);
    if (typeof text !== "string") {
      warnings.push(`metadata: ${file} ${text.problem}, so it is not read`);
      continue;
    }
    bytes += text.length;
    for (const passage of passagesOf(text)) passages.push({ file, text: passage });
  }
  return { passages, warnings };
}

/**
 * The passages that fit a text best, by BM25 over their words.
 * @param most - characters of all of them together
 */
export function relevantPassages(query: string, passages: readonly Passage[], most: number): readonly Passage[] {
  const byText = new Map(passages.map((passage) => [passage.text, passage]));
  const chosen: Passage[] = [];
  let left = most;
  for (const text of shortlist(wordsIn(query), [...byText.keys()], MOST_PASSAGES)) {
    const passage = byText.get(text);
    if (passage === undefined || text.length > left) continue;
    chosen.push(passage);
    left -= text.length;
  }
  return chosen;
}

const MOST_PASSAGES = 40;

async function filesOf(entry: string, base: string): Promise<readonly string[]> {
  const path = resolve(base, entry);
  // a path that exists is that file, even when its name looks like a glob
  if (statSync(path, { throwIfNoEntry: false }) !== undefined) return [path];
  try {
    const found = await glob(entry, { cwd: base, absolute: true, expandDirectories: false });
    return found.map((file) => resolve(file));
  } catch {
    return [];
  }
}

function readText(path: string): string | { readonly problem: string } {
  let file: number;
  try {
    file = openSync(path, "r");
  } catch {
    return { problem: "cannot be opened" };
  }
  try {
    const stats = fstatSync(file);
    if (stats.isDirectory()) return { problem: `is a folder; a glob such as ${basename(path)}/*.md is allowed` };
    if (!stats.isFile()) return { problem: "is no file" };
    if (stats.size > MOST_FILE_BYTES) {
      return { problem: `is too large: ${stats.size} bytes; at most ${MOST_FILE_BYTES} are read` };
    }
    const bytes = Buffer.alloc(stats.size);
    const length = readSync(file, bytes, 0, bytes.length, 0);
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes.subarray(0, length)).includes("\0")
      ? { problem: "is no text" }
      : bytes.toString("utf8", 0, length);
  } catch (error) {
    return { problem: error instanceof TypeError ? "is no text in UTF-8" : "cannot be read" };
  } finally {
    closeSync(file);
  }
}

/** Paragraphs: short ones together, long ones cut at a blank. */
function passagesOf(text: string): readonly string[] {
  const passages: string[] = [];
  let open = "";
  const close = (): void => {
    if (open !== "") passages.push(open);
    open = "";
  };
  for (const paragraph of text.split(/\r?\n[ \t]*\r?\n|\r?\n(?=#|[-*] |\d+\. )/)) {
    let rest = printable(paragraph);
    if (open.length + rest.length + 1 > PASSAGE) close();
    while (rest.length > PASSAGE) {
      const blank = rest.lastIndexOf(" ", PASSAGE);
      const end = blank > PASSAGE / 2 ? blank : PASSAGE;
      passages.push(rest.slice(0, end));
      rest = rest.slice(end).trimStart();
    }
    if (rest !== "") open = open === "" ? rest : `${open} ${rest}`;
  }
  close();
  return passages;
}

/** On one line, without characters that steer a terminal or hide. */
function printable(text: string): string {
  return text.replaceAll(/[\p{C}\s]+/gu, " ").trim();
}
