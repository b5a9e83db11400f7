import { readFileSync } from "node:fs";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { templates } from "../../planner/templates/library.js";
import { templatesMarkdown } from "../../report/templates.js";

const test = suite("templates page");

test("docs/TEMPLATES.md is what the library says", () => {
  const page = readFileSync(new URL("../../../docs/TEMPLATES.md", import.meta.url), "utf8");
  assert.is(page, templatesMarkdown(templates));
});

test.run();
