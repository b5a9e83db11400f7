import { readdirSync, readFileSync } from "node:fs";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { LeadlineError } from "../../errors.js";
import { formatCsv } from "../../report/csv.js";
import { formatHtml } from "../../report/html/page.js";
import { readResult, serialiseResult } from "../../report/json.js";
import { formatMarkdown } from "../../report/markdown.js";
import type { Result } from "../../report/result.js";
import { formatResult } from "../../report/terminal.js";
import { formatOpportunity } from "../../report/terminal-opportunity.js";
import { aFullResult } from "./a-full-result.js";

const test = suite("results of other versions");

/** Results as versions wrote them, named by the version: they are never written again. */
const folder = new URL("../../../test/report/results/", import.meta.url);
const layout = { width: 100, colour: false };

const forms: Readonly<Record<string, (result: Result) => string>> = {
  HTML: formatHtml,
  Markdown: formatMarkdown,
  CSV: formatCsv,
  terminal: (result) => formatResult(result, layout),
  show: (result) => result.opportunities.map((one) => formatOpportunity(result, one, layout)).join("\n"),
};

for (const name of readdirSync(folder)) {
  test(`the result that ${name.replace(".json", "")} wrote opens in every form, and keeps all that it holds`, () => {
    const text = readFileSync(new URL(name, folder), "utf8");
    const result = readResult(text, name);
    assert.equal(JSON.parse(serialiseResult(result)), JSON.parse(text));
    const [first] = result.opportunities;
    assert.ok(first !== undefined);
    for (const [form, format] of Object.entries(forms)) {
      assert.ok(format(result).includes(form === "HTML" ? first.id : "country"), form);
    }
  });
}

/** The value with a field that no version knows in every object of fixed keys. */
function withMore(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withMore);
  if (typeof value !== "object" || value === null) return value;
  const open = ["cohort", "dropped", "evidence", "parameters", "settings"];
  const own = Object.entries(value).map(([key, inner]) => [key, open.includes(key) ? inner : withMore(inner)]);
  return { ...Object.fromEntries(own), of_a_later_version: { some: ["thing"] } };
}

test("fields that a later version added, at any depth, change no form and are kept", () => {
  const result = aFullResult(2);
  const later = withMore(result);
  const read = readResult(JSON.stringify(later), "later.json");
  assert.equal(read, later);
  for (const [form, format] of Object.entries(forms)) assert.is(format(read), format(result), form);
});

test("a later schema, and an earlier one, are refused in one sentence that names both", () => {
  for (const schema of ["leadline/result@0", "leadline/result@2", "leadline/result@10"]) {
    try {
      readResult(JSON.stringify({ ...aFullResult(2), schema }), "r.json");
      assert.unreachable();
    } catch (error) {
      assert.instance(error, LeadlineError);
      const { message } = error as LeadlineError;
      assert.is(message, `r.json: unsupported schema: ${schema}; this version reads leadline/result@1`);
    }
  }
});

test.run();
