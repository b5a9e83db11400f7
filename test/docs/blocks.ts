import { spawnSync } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { program } from "../cli/leadline.js";

/** The project's folder. */
export const root: string = fileURLToPath(new URL("../../..", import.meta.url));

/** Every page of the project, as paths from its folder. */
export const pages: readonly string[] = [
  "README.md",
  "CHANGELOG.md",
  ...readdirSync(join(root, "docs"))
    .filter((name) => name.endsWith(".md"))
    .map((name) => `docs/${name}`),
];

/** The text of a page. */
export function textOf(page: string): string {
  return readFileSync(join(root, page), "utf8");
}

/** Pages whose blocks are run in a folder as another page left it; the others begin in an empty one. */
export const begunBy: Readonly<Record<string, string>> = {
  "docs/REPORT.md": "docs/GUIDE.md",
  "docs/EXPERTS.md": "docs/GUIDE.md",
  "docs/EXPRESSIONS.md": "docs/GUIDE.md",
  "docs/PERFORMANCE.md": "docs/GUIDE.md",
};

/** What may stand in a comment above a block, `<!-- mark: value -->`, and what it means. */
const marks = [
  // the block is not run, or not looked at, for this reason
  "not checked",
  // this test looks at it
  "checked by",
  // the block is this file of the folder
  "file",
  // the block is the beginning of this file of the folder
  "begins",
  // of the output above, these lines
  "shows",
] as const;
type Mark = (typeof marks)[number];

/** A fenced block of a page. */
export interface Block {
  readonly page: string;
  /** Of its first fence, from 1. */
  readonly line: number;
  readonly language: string;
  readonly text: string;
  readonly marks: Readonly<Partial<Record<Mark, string>>>;
}

/**
 * The fenced blocks of a page, in order.
 * @throws Error for a mark that is none
 */
export function blocksOf(page: string): readonly Block[] {
  const text = textOf(page);
  return [...text.matchAll(/((?:^<!--[^\n]*-->\n\n?)*)^```(\w*)\n([\s\S]*?)^```$/gm)].map((match) => {
    const [, comments = "", language = "", body = ""] = match;
    const own = [...comments.matchAll(/^<!-- ([\w ]+?)(?:: (.*?))? -->$/gm)].map(([, mark = "", value = ""]) => {
      if (!marks.some((known) => known === mark)) throw new Error(`${page}: unknown mark: ${mark}`);
      return [mark, value];
    });
    const line = text.slice(0, match.index + comments.length).split("\n").length;
    return { page, line, language, text: body, marks: Object.fromEntries(own) };
  });
}

/** What running a block gave. */
export interface Ran {
  readonly status: number | null;
  /** Standard output and standard error, as a terminal shows them. */
  readonly output: string;
}

/** A folder in which the blocks of a page are run, one after the other. */
export class PageFolder {
  readonly path: string;

  constructor(begun?: PageFolder) {
    this.path = mkdtempSync(join(tmpdir(), "leadline-page-"));
    if (begun !== undefined) cpSync(begun.path, this.path, { recursive: true });
  }

  /** Runs a block of commands as a shell does, with `leadline` the built one. */
  run(commands: string): Ran {
    const script = `exec 2>&1\nleadline() { "${process.execPath}" "${program}" "$@"; }\n${commands}`;
    const { NO_COLOR: _, LEADLINE_DEBUG: __, LEADLINE_PROGRESS: ___, ...env } = process.env;
    const { status, stdout } = spawnSync("sh", ["-e", "-c", script], { cwd: this.path, env, encoding: "utf8" });
    return { status, output: stdout };
  }

  write(name: string, text: string): void {
    mkdirSync(dirname(join(this.path, name)), { recursive: true });
    writeFileSync(join(this.path, name), text);
  }

  read(name: string): string {
    return readFileSync(join(this.path, name), "utf8");
  }
}

/** Times differ from run to run; on a page they stand for any. */
export function masked(output: string): string {
  return output.replace(/^\d+\.\d s, [\d,]+ events\/s\.$/gm, "0.0 s, 0 events/s.");
}

/**
 * The lines that a page shows of an output: `"A" to "B", "C" to end` is from the first line that begins with A up to, not with, the
 * next that begins with B, then likewise; `…` stands for what is left out between.
 * @param shows - everything where it is absent
 * @throws Error where no line begins so
 */
export function shownOf(output: string, shows: string | undefined): string {
  if (shows === undefined) return output;
  const lines = output.trimEnd().split("\n");
  const shown: string[] = [];
  let at = 0;
  for (const [, from = "", to] of shows.matchAll(/"([^"]+)" to (?:"([^"]+)"|end)/g)) {
    const start = lines.findIndex((line, index) => index >= at && line.startsWith(from));
    if (start < 0) throw new Error(`no line begins with ${from}`);
    const next =
      to === undefined ? lines.length : lines.findIndex((line, index) => index > start && line.startsWith(to));
    if (next < 0) throw new Error(`no line after ${from} begins with ${to}`);
    if (shown.length > 0 && start > at) shown.push("…");
    shown.push(...lines.slice(start, next));
    at = next;
  }
  return `${shown.join("\n").trimEnd()}\n`;
}
