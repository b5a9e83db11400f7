import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { buildProgram } from "../../cli/program.js";
import { settingDefinitions } from "../../planner/settings.js";
import { parseStudy } from "../../planner/study.js";
import { templates } from "../../planner/templates/library.js";
import type { Result } from "../../report/result.js";
import { leadline } from "../cli/leadline.js";
import { ownEvents } from "./own-events.js";

const test = suite("README and docs");

const root = fileURLToPath(new URL("../../..", import.meta.url));
const pages = [
  "README.md",
  "CHANGELOG.md",
  ...readdirSync(join(root, "docs"))
    .filter((name) => name.endsWith(".md"))
    .map((name) => `docs/${name}`),
];
const textOf = (page: string): string => readFileSync(join(root, page), "utf8");

/** The code fences of a page in one language. */
function fences(page: string, language: string): readonly string[] {
  return [...textOf(page).matchAll(/^```(\w*)\n([\s\S]*?)^```$/gm)]
    .filter(([, name]) => name === language)
    .map(([, , block]) => block ?? "");
}

/** The commands of a page, one a line. */
function commands(page: string): readonly string[] {
  return fences(page, "sh").flatMap((block) => block.trim().split("\n"));
}

/** Commands of the pages that are not run here, and why. */
const notRun: Readonly<Record<string, string>> = {
  "npm start": "installs, builds and runs the main job, which the check of a fresh clone does",
  "npm test": "runs this test",
  "npm ci --offline": "needs an npm cache that holds the packages",
  'alias leadline="node $PWD/dist/cli/main.js"': "names the command that the tests run by its path",
};
/** Pages whose commands another test runs. */
const runElsewhere: Readonly<Record<string, string>> = { "docs/COMMANDS.md": "test/cli/commands-page.test.ts" };

/** Twenty thousand users take seconds; the commands are the same with fewer. */
const SAMPLE_USERS = "300";

const folder = mkdtempSync(join(tmpdir(), "leadline-docs-"));
test.after(() => rmSync(folder, { recursive: true }));
writeFileSync(join(folder, "events.csv"), ownEvents());
writeFileSync(join(folder, "study.yaml"), fences("README.md", "yaml")[0] ?? "");

test("every command is one of ours, and is run or has a reason not to be", () => {
  const listed = pages.filter((page) => !(page in runElsewhere)).flatMap(commands);
  assert.ok(listed.length > 8);
  for (const command of listed) assert.ok(command in notRun || command.startsWith("leadline "), command);
  for (const command of Object.keys(notRun)) assert.ok(listed.includes(command), `${command} stands on no page`);
  for (const [page, file] of Object.entries(runElsewhere)) {
    assert.ok(commands(page).length > 0, page);
    assert.ok(existsSync(join(root, file)), file);
  }
});

for (const page of pages.filter((name) => !(name in runElsewhere))) {
  for (const command of commands(page).filter((line) => line.startsWith("leadline "))) {
    test(`${page}: ${command}`, async () => {
      const args = command.replace(/--users \d+/, `--users ${SAMPLE_USERS}`).split(" ");
      const { code, out, err } = await leadline(args.slice(1), { cwd: folder });
      assert.is(code, 0, err);
      assert.ok(out.length > 0);
    });
  }
}

test("the first study has ten lines and finds what is wrong with the events that the README shows", () => {
  const [study = ""] = fences("README.md", "yaml");
  assert.is(study.trim().split("\n").length, 10);
  const [shown = ""] = fences("README.md", "csv");
  assert.ok(shown.split("\n").length > 3);
  assert.ok(ownEvents().startsWith(shown));
  const result: Result = JSON.parse(readFileSync(join(folder, "result.json"), "utf8"));
  assert.is(result.opportunities[0]?.hypothesis, "coupon_error");
  assert.is(result.opportunities[0]?.kpi, "payment_conversion");
});

test("every study parses", () => {
  let studies = 0;
  for (const page of pages) {
    for (const block of fences(page, "yaml")) {
      parseStudy(block, `${page}.yaml`);
      studies++;
    }
  }
  assert.ok(studies >= 3);
});

test("every relative link leads to a file, and to a heading of it", () => {
  let links = 0;
  for (const page of pages) {
    for (const [, target = ""] of textOf(page).matchAll(/\]\(([^)\s]+)\)/g)) {
      if (/^https?:/.test(target)) continue;
      const [path = "", anchor] = target.split("#");
      const file = path === "" ? page : join(dirname(page), path);
      assert.ok(existsSync(join(root, file)), `${page}: ${target}`);
      if (anchor !== undefined) assert.ok(headings(file).includes(anchor), `${page}: ${target}`);
      links++;
    }
  }
  assert.ok(links > 15);
});

/** The anchors of a page's headings: lower case, punctuation gone, spaces as hyphens. */
function headings(page: string): readonly string[] {
  return [...textOf(page).matchAll(/^#+ (.*)$/gm)].map(([, text = ""]) =>
    text
      .toLowerCase()
      .replace(/[^\p{L}\p{N} _-]/gu, "")
      .replaceAll(" ", "-"),
  );
}

test("every file that a page names in backticks is there", () => {
  let files = 0;
  for (const page of pages) {
    for (const [, file = ""] of textOf(page).matchAll(/`((?:[\w.-]+\/)+[\w-]+\.(?:ts|mjs|md))`/g)) {
      // the places of what a reader may add
      if (/\bNAME\b/.test(file)) continue;
      assert.ok(existsSync(join(root, file)), `${page}: ${file}`);
      files++;
    }
  }
  assert.ok(files > 40);
});

test("STUDY.md has every key of the schema, and every template", () => {
  const page = textOf("docs/STUDY.md");
  const [, full = ""] = fences("docs/STUDY.md", "yaml");
  const study = parseStudy(full, "full.yaml");
  for (const [name, value] of Object.entries({ ...study, ...study.events })) {
    const isGiven = Array.isArray(value) ? value.length > 0 : value !== null;
    assert.ok(isGiven, `${name} is not in the example of every key`);
  }
  for (const { name } of templates) assert.ok(page.includes(`| \`${name}\``), name);
});

test("every setting that STUDY.md and HONESTY.md name is one", () => {
  const names = Object.keys(settingDefinitions);
  const keysOfStudies =
    /^(?:session_gap|first_seen|time_zone|payment_\w+|api_call|buy_plan|user_id|session_id|at_most|longest_gap|failure_rate)$/;
  for (const page of ["docs/STUDY.md", "docs/HONESTY.md"]) {
    const named = [...textOf(page).matchAll(/`([a-z]+(?:_[a-z]+)+)`/g)].map(([, name = ""]) => name);
    assert.ok(named.length > 0);
    for (const name of named) assert.ok(names.includes(name) || keysOfStudies.test(name), `${page}: ${name}`);
  }
});

test("the rooms of ARCHITECTURE.md import what .dependency-cruiser.cjs allows", () => {
  const { forbidden }: { readonly forbidden: readonly { readonly name: string; readonly comment?: string }[] } =
    createRequire(import.meta.url)(join(root, ".dependency-cruiser.cjs"));
  const allowed = new Map(
    forbidden
      .filter(({ name }) => name.endsWith("-may-import"))
      .map(({ name, comment = "" }) => [
        name.replace("-may-import", ""),
        comment.replace(/^.* may import /, "").replaceAll("\\", ""),
      ]),
  );
  const [, section = ""] = textOf("docs/ARCHITECTURE.md").split("\n## The rooms\n");
  const rows = [...section.matchAll(/^\| `(\w+)` +\|.*\| ([^|]+?) +\|$/gm)].map(([, room, may]) => [room, may]);
  assert.equal(Object.fromEntries(rows), Object.fromEntries(allowed));
});

test("the README lists every command", () => {
  const program = buildProgram({ signal: new AbortController().signal });
  const listed = [...textOf("README.md").matchAll(/^\| `leadline (\w+)/gm)].map(([, name]) => name);
  assert.equal(listed.sort(), program.commands.map((command) => command.name()).sort());
});

test.run();
