import fc from "fast-check";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { formatCsv } from "../../report/csv.js";
import { formatHtml } from "../../report/html/page.js";
import { readResult, serialiseResult } from "../../report/json.js";
import { formatMarkdown } from "../../report/markdown.js";
import { redactUsers } from "../../report/redact.js";
import { displayWidth } from "../../report/safe-text.js";
import { formatOpportunity } from "../../report/terminal-opportunity.js";
import { aFullOpportunity, aFullResult, hostileName, longName } from "./a-full-result.js";
import { anOpportunity, aResult } from "./a-result.js";

const test = suite("forms of a result");

/** RFC 4180, as far as a test needs it. */
function parseCsv(text: string): string[][] {
  const rows: string[][] = [[]];
  let at = 0;
  while (at < text.length) {
    let value = "";
    if (text[at] === '"') {
      at++;
      for (; !(text[at] === '"' && text[at + 1] !== '"'); at++) {
        if (text[at] === '"') at++;
        value += text[at];
      }
      at++;
    } else for (; at < text.length && text[at] !== "," && text[at] !== "\r"; at++) value += text[at];
    rows.at(-1)?.push(value);
    if (text[at] === ",") at++;
    else {
      at += 2;
      if (at < text.length) rows.push([]);
    }
  }
  return rows;
}

test("CSV: whatever the names are, each opportunity is a row of as many cells, and no text begins a formula", () => {
  fc.assert(
    fc.property(fc.array(fc.string({ unit: "binary", maxLength: 20 }), { minLength: 1, maxLength: 4 }), (names) => {
      const opportunities = names.map((name, at) => anOpportunity({ rank: at + 1, hypothesis: name, kpi: `=${name}` }));
      const rows = parseCsv(formatCsv(aResult({ opportunities })));
      assert.is(rows.length, names.length + 1);
      for (const row of rows) assert.is(row.length, 24);
      for (const row of rows.slice(1)) {
        assert.match(row[3] ?? "", /^'=/);
        assert.not.match(row[6] ?? "", /^\s*[=+\-@|%]/);
      }
    }),
    { seed: 1, numRuns: 200 },
  );
});

const formulas = ["=1+1", "+1", "-1+cmd|' /C calc'!A0", "@SUM(A1)", "\t=1", "  =1", "＝1", "|calc", "%0A"];
for (const formula of formulas) {
  test(`CSV: ${JSON.stringify(formula)} is no formula`, () => {
    const [, row] = parseCsv(formatCsv(aResult({ opportunities: [anOpportunity({ hypothesis: formula })] })));
    assert.match(row?.[6] ?? "", /^['\\]/);
  });
}

test("CSV: a negative number stays a number", () => {
  const effect = { ...anOpportunity().effect, difference: -0.5 };
  assert.match(formatCsv(aResult({ opportunities: [anOpportunity({ effect })] })), /,-0\.5,/);
});

test("Markdown: hostile names stand in code or escaped, and every table keeps its columns", () => {
  const text = formatMarkdown(aFullResult(3, hostileName));
  // biome-ignore lint/suspicious/noControlCharactersInRegex: no control gets through
  assert.not.match(text, /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202e\u2066]/);
  const outside = text.replace(/^(`{3,})\n[\s\S]*?\n\1$/gm, "").replace(/(`+)(?!`)[\s\S]*?[^`]\1(?!`)/g, "");
  assert.not.match(outside, /<script|<img|(^|[^\\])\[a\]\(|@team|#12\b|https:\/\/|www\.x|:tada:/);
  for (const row of text.split("\n").filter((line) => line.startsWith("| ") && line.includes("payment"))) {
    const cells = row.replace(/\\\|/g, "").split("|").length;
    assert.ok(cells === 4 || cells === 11, `${cells}: ${row.slice(0, 200)}`);
  }
});

test("Markdown says what a ticket needs", () => {
  const text = formatMarkdown(aFullResult(2));
  assert.match(text, /^# Checkout buy\\_plan\n/);
  assert.match(text, /\| 1 \| `"buy_plan" => pay => error_1` \| `payment` \|/);
  assert.match(text, /```\n"buy_plan" => pay => error_1\n```/);
  assert.match(text, /- Effect: \+86 points \(95 % interval \+81 to \+90 points\)/);
  assert.match(text, /and 395 more/);
  assert.match(text, /## Explained away \(400\)/);
  assert.match(formatMarkdown(aResult({ opportunities: [] })), /## No opportunities/);
});

for (const [what, name] of [
  ["usual", "buy_plan"],
  ["hostile", hostileName],
  ["endless", longName],
] as const) {
  test(`show: ${what} names fit 80 and 140 columns and command nothing`, () => {
    const result = aFullResult(1, name);
    for (const width of [80, 140]) {
      const text = formatOpportunity(result, aFullOpportunity(1, name), { width, colour: false });
      for (const line of text.split("\n")) assert.ok(displayWidth(line) <= width, line);
      // biome-ignore lint/suspicious/noControlCharactersInRegex: no control gets through
      assert.not.match(text, /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202e\u2066]/);
    }
  });
}

test("what is known, and what is gone, is listed by the page and by Markdown, and no name in it is markup", () => {
  const { id, kpi, cohort, statement, effect } = anOpportunity({ id: "known-id" });
  const result = aResult({
    known: [{ id, kpi, cohort, hypothesis: hostileName, statement, effect }],
    since: {
      title: "Last week",
      from: null,
      to: null,
      gone: [{ id: "gone-id", kpi, cohort, hypothesis: `${hostileName} gone`, statement, why: "no longer reported" }],
    },
  });
  const markdown = formatMarkdown(result);
  const page = formatHtml(result);
  assert.match(markdown, "## Known, and no worse (1)");
  assert.match(markdown, "## Gone since the earlier result (1)");
  assert.match(page, "Known, and no worse");
  for (const form of [markdown, page]) assert.match(form, "known-id");
  assert.not.match(page, "<script>alert");
  assert.not.match(markdown, /^(?!- `)[^`\n]*<script>/m);
});

test("show tells all of an opportunity, and one of an earlier version as far as it goes", () => {
  const text = formatOpportunity(aFullResult(1), aFullOpportunity(1, "buy_plan"), { width: 100, colour: false });
  for (const part of [
    /How much worse[\s\S]*\+86 points/,
    /What every expert says[\s\S]*\(adds nothing\)/,
    /Over time[\s\S]*█/,
    /Where it concentrates[\s\S]*and 20 more values/,
    /A failing session: buy_plan s0 of user buy_plan u0[\s\S]*> event_6/,
    /One that does not fail/,
    /Folded into it \(405 hypotheses\)[\s\S]*and 385 more/,
  ]) {
    assert.match(text, part);
  }
  const bare = formatOpportunity(aResult(), anOpportunity(), { width: 80, colour: false });
  assert.not.match(bare, /NaN|undefined|Where it concentrates/);
});

test("show in colour is the same text", () => {
  const [plain, coloured] = [false, true].map((colour) =>
    formatOpportunity(aFullResult(1), aFullOpportunity(1, "a"), { width: 80, colour }),
  );
  // biome-ignore lint/suspicious/noControlCharactersInRegex: the escapes are what is looked for
  assert.is((coloured ?? "").replace(/\u001b\[\d+m/g, ""), plain);
});

test("redacted: no id of a user or a session is left in any form, and the same id is the same number", () => {
  const secret = "ada@example.org";
  const result = aFullResult(3);
  const opportunities = result.opportunities.map((each) => ({
    ...each,
    examples: [`${secret}#1`, `${secret}#2`],
    timelines: (each.timelines ?? []).map((timeline) => ({ ...timeline, session: `${secret}#1`, user: secret })),
  }));
  const redacted = redactUsers({ ...result, opportunities });
  for (const text of [
    serialiseResult(redacted),
    formatHtml(redacted),
    formatMarkdown(redacted),
    formatCsv(redacted),
    formatOpportunity(redacted, redacted.opportunities[0] ?? anOpportunity(), { width: 80, colour: false }),
  ]) {
    assert.not.match(text, /ada|example\.org/);
  }
  assert.equal(redacted.opportunities[2]?.examples, ["session 1", "session 2"]);
  assert.is(redacted.opportunities[1]?.timelines?.[3]?.user, "user 1");
  assert.is(redacted.data.redacted, true);
  assert.equal(readResult(serialiseResult(redacted), "r.json"), redacted);
});

test("a result with every picture is written and read again as the same, hostile or not", () => {
  for (const result of [aFullResult(2), aFullResult(2, hostileName.replaceAll("\ud800", ""))]) {
    assert.equal(readResult(serialiseResult(result), "r.json"), result);
  }
});

test.run();
