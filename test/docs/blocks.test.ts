import { existsSync, rmSync } from "node:fs";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { parseExpression } from "../../planner/expression/parse.js";
import { printExpression } from "../../planner/expression/print.js";
import { parseStudy } from "../../planner/study.js";
import { type Block, begunBy, blocksOf, masked, PageFolder, pages, type Ran, root, shownOf, textOf } from "./blocks.js";

const test = suite("blocks of the pages");

const folders = new Map<string, PageFolder>();
test.after(() => {
  for (const { path } of folders.values()) rmSync(path, { recursive: true });
});

/** The last commands of each page and what they gave, and what all of them printed. */
const ran = new Map<string, Ran>();
const outputs = new Map<string, string>();

const first = pages.filter((page) => !(page in begunBy));
for (const page of [...first, ...pages.filter((one) => !first.includes(one))]) {
  for (const block of blocksOf(page))
    test(`${page}, line ${block.line}: ${check(block)}`, () => checks[check(block)](block));
}

/** Which check a block gets. */
function check({ language, marks }: Block): keyof typeof checks {
  if ("not checked" in marks) return "says why it is not checked";
  if ("checked by" in marks) return "is checked by a test that is there";
  if (language === "sh") return "runs as it is written";
  if (language === "text") return "is what the commands above it print";
  if (language === "yaml") return "is a study, or part of one";
  if (language === "csv") return "is the beginning of a file";
  if (language === "leadline") return "is expressions that print as themselves";
  return "has a check";
}

const checks = {
  "says why it is not checked": ({ marks }: Block): void => assert.ok((marks["not checked"] ?? "").length > 15),
  "is checked by a test that is there": ({ marks }: Block): void =>
    assert.ok(existsSync(join(root, marks["checked by"] ?? ""))),
  "runs as it is written": ({ page, text }: Block): void => {
    const outcome = folderOf(page).run(text);
    assert.is(outcome.status, 0, outcome.output);
    ran.set(page, outcome);
    outputs.set(page, `${outputs.get(page) ?? ""}${outcome.output}`);
  },
  "is what the commands above it print": ({ page, text, marks }: Block): void => {
    const output = ran.get(page)?.output;
    assert.ok(output !== undefined, "no commands above it");
    // the whole output helps who has to bring the page up to date; `node tools/write-outputs.mjs` does it
    assert.is(masked(text), masked(shownOf(output, marks.shows)), output);
  },
  "is a study, or part of one": ({ page, line, text, marks }: Block): void => {
    const rest = `${/^events:/m.test(text) ? "" : "events: { files: a.csv }\n"}${/^kpis:/m.test(text) ? "" : "kpis: [{ name: k, failure: e }]\n"}`;
    parseStudy(rest + text, `${page}:${line}.yaml`);
    if (marks.file !== undefined) folderOf(page).write(marks.file, text);
  },
  "is the beginning of a file": ({ page, text, marks }: Block): void => {
    assert.ok(
      folderOf(page)
        .read(marks.begins ?? "")
        .startsWith(text),
    );
  },
  "is expressions that print as themselves": ({ text }: Block): void => {
    for (const line of text.trim().split("\n")) assert.is(printExpression(parseExpression(line)), line);
  },
  "has a check": ({ language }: Block): void => {
    assert.unreachable(
      `no check for a block of ${language === "" ? "no language" : language}: mark it "not checked: why"`,
    );
  },
};

function folderOf(page: string): PageFolder {
  const known = folders.get(page);
  if (known !== undefined) return known;
  const begun = begunBy[page];
  const made = new PageFolder(begun === undefined ? undefined : folderOf(begun));
  folders.set(page, made);
  return made;
}

test("the pages have blocks of every kind", () => {
  const kinds = new Set(pages.flatMap(blocksOf).map(check));
  for (const kind of Object.keys(checks))
    assert.is(kinds.has(kind as keyof typeof checks), kind !== "has a check", kind);
});

/** Pages whose text quotes numbers of what was printed on them, in backticks. */
for (const page of ["README.md", "docs/EXPERTS.md"]) {
  test(`the numbers that the text of ${page} quotes stand in what was printed there`, () => {
    const text = textOf(page).replace(/^```[\s\S]*?^```$/gm, "");
    const quoted = [...text.matchAll(/`([+−]?\d[^`]*)`/g)].map(([, number = ""]) => number);
    const printed = (outputs.get(page) ?? "").replace(/\s+/g, " ");
    assert.ok(quoted.length > 4, `${quoted.length}`);
    for (const number of quoted) assert.ok(printed.includes(number), number);
  });
}

test("what the examples of COMMANDS.md write is there, and there is one of every command", () => {
  const commands = blocksOf("docs/COMMANDS.md").flatMap(({ text }) => text.split("\n"));
  for (const command of ["sample", "run", "report", "show", "init", "check", "explain", "templates", "columns"]) {
    assert.ok(
      commands.some((line) => line.startsWith(`leadline ${command}`)),
      command,
    );
  }
  for (const file of ["result.json", "sampled.json"]) {
    assert.is(JSON.parse(folderOf("docs/COMMANDS.md").read(file)).schema, "leadline/result@1");
  }
});

test.run();
