import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { buildProgram } from "../../cli/program.js";
import { settingDefinitions } from "../../planner/settings.js";
import { parseStudy } from "../../planner/study.js";
import { templates } from "../../planner/templates/library.js";
import { blocksOf, pages, root, textOf } from "./blocks.js";

const test = suite("README and docs");

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
  const [, full] = blocksOf("docs/STUDY.md").filter(({ language }) => language === "yaml");
  const study = parseStudy(full?.text ?? "", "full.yaml");
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

test("what INSTALL.md says of the packages that running needs is so", () => {
  interface Locked {
    readonly packages: Readonly<Record<string, { dev?: true; optional?: true; peer?: true; devOptional?: true }>>;
  }
  const { packages }: Locked = JSON.parse(readFileSync(join(root, "package-lock.json"), "utf8"));
  const needed = Object.entries(packages)
    .filter(([path, { dev, optional, peer, devOptional }]) => path !== "" && !(dev || optional || peer || devOptional))
    .map(([path]) => join(root, path));
  const [, count, megabytes] = /: (\d+) packages +\| (\d+) MB/.exec(textOf("docs/INSTALL.md")) ?? [];
  assert.is(Number(count), needed.length);
  const onDisk = needed.map(bytesOnDisk).reduce((sum, bytes) => sum + bytes, 0) / 2 ** 20;
  assert.ok(Math.abs(onDisk - Number(megabytes)) < 2, `${onDisk}`);
});

/** As `du` counts: whole blocks. */
function bytesOnDisk(path: string): number {
  const { blocks } = statSync(path);
  const inside = statSync(path).isDirectory() ? readdirSync(path).map((name) => bytesOnDisk(join(path, name))) : [];
  return inside.reduce((sum, bytes) => sum + bytes, blocks * 512);
}

test("the index of the pages lists every page", () => {
  const listed = [...textOf("docs/README.md").matchAll(/\]\((\w+\.md)\)/g)].map(([, name]) => `docs/${name}`);
  for (const page of pages) {
    if (page.startsWith("docs/") && page !== "docs/README.md") assert.ok(listed.includes(page), page);
  }
});

test("the README lists every command", () => {
  const program = buildProgram({ signal: new AbortController().signal });
  const listed = [...textOf("README.md").matchAll(/^\| `leadline (\w+)/gm)].map(([, name]) => name);
  assert.equal(listed.sort(), program.commands.map((command) => command.name()).sort());
});

test.run();
