import { createHash } from "node:crypto";
import fc from "fast-check";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { Html, html, nameOf, shorten } from "../../../report/html/html.js";
import { formatHtml } from "../../../report/html/page.js";
import { script } from "../../../report/html/script.js";
import { displayWidth } from "../../../report/safe-text.js";
import { aFullOpportunity, aFullResult, hostileName, longName } from "../a-full-result.js";
import { anOpportunity, aResult } from "../a-result.js";

const test = suite("the report as HTML");

test("what is put into markup is text, whatever it is", () => {
  fc.assert(
    fc.property(fc.string({ unit: "binary", maxLength: 60 }), (text) => {
      const made = html`<p title="${text}">${text}</p>`.toString();
      assert.match(made, /^<p title="[^"<>]*">[^<>]*<\/p>$/);
      // biome-ignore lint/suspicious/noControlCharactersInRegex: nothing that commands or hides is let through
      assert.not.match(made, /[\u0000-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069\u200b\ufeff]/);
      const known = { "&amp;": "&", "&lt;": "<", "&gt;": ">", "&quot;": '"', "&#39;": "'" } as const;
      assert.not.match(made.replace(/&(amp|lt|gt|quot|#39);/g, ""), /&/);
      assert.ok(Object.keys(known).length === 5);
    }),
    { seed: 1, numRuns: 500 },
  );
  assert.is(html`${new Html("<b>")}${null}${[1, "<"]}`.toString(), "<b>1&lt;");
});

test("a long name is shortened, with more of it to point at, and one from right to left kept apart", () => {
  assert.is(nameOf("abc").toString(), "abc");
  assert.match(nameOf("x".repeat(200), 20).toString(), /^<span title="x+…?x*">x{10}…x{9}<\/span>$/);
  assert.match(nameOf("שלום").toString(), /^<bdi>/);
  assert.ok(displayWidth(shorten(hostileName.repeat(50), 40)) <= 41);
});

test("the policy lets in the file's own style and script and nothing else", () => {
  const page = formatHtml(aFullResult(2));
  const policy = /http-equiv="Content-Security-Policy" content="([^"]*)"/.exec(page)?.[1] ?? "";
  const hash = (text = ""): string => `'sha256-${createHash("sha256").update(text).digest("base64")}'`;
  const style = /<style>([\s\S]*?)<\/style>/.exec(page)?.[1];
  const inlined = /<script>([\s\S]*?)<\/script>/.exec(page)?.[1];
  assert.is(
    policy,
    `default-src 'none'; style-src ${hash(style)}; script-src ${hash(inlined)}; base-uri 'none'; form-action 'none'; require-trusted-types-for 'script'`,
  );
  assert.is([...page.matchAll(/<script/g)].length, 1);
  assert.is([...page.matchAll(/<style/g)].length, 1);
  assert.not.match(page, /\sstyle=|\son\w+=|https?:|<link|<img|@import|url\(/);
  // the script makes no markup
  assert.not.match(script, /innerHTML|outerHTML|insertAdjacent|document\.write|eval\(|fetch|XMLHttp/);
});

for (const [what, name] of [
  ["hostile", hostileName],
  ["endless", longName],
] as const) {
  test(`${what} names become no markup and no attribute`, () => {
    const page = formatHtml(aFullResult(3, name));
    assert.is([...page.matchAll(/<script/g)].length, 1);
    // biome-ignore lint/suspicious/noControlCharactersInRegex: no control gets through
    assert.not.match(page, /<img|onerror="|onmouseover='|\u202e|\u001b/);
    const tags = new Set([...page.matchAll(/<([a-z][a-z0-9]*)/gi)].map(([, tag]) => tag));
    for (const tag of ["img", "iframe", "object", "b1"]) assert.not.ok(tags.has(tag), tag);
  });
}

test("headings go down one step at a time, ids are unique, and every link within leads somewhere", () => {
  const page = formatHtml(aFullResult(4));
  const levels = [...page.matchAll(/<h([1-6])/g)].map(([, level]) => Number(level));
  assert.is(levels[0], 1);
  for (const [at, level] of levels.entries()) assert.ok(at === 0 || level <= (levels[at - 1] ?? 0) + 1, `${at}`);
  const ids = [...page.matchAll(/\sid="([^"]*)"/g)].map(([, id]) => id);
  assert.is(new Set(ids).size, ids.length);
  for (const [, target] of page.matchAll(/href="#([^"]*)"/g)) assert.ok(ids.includes(target), target);
  for (const [, target] of page.matchAll(/aria-labelledby="([^"]*)"/g)) assert.ok(ids.includes(target), target);
});

test("an id that cannot be linked to gives way to the rank", () => {
  for (const id of ['"><b>', "", "s-main", "1a", "a b"]) {
    const page = formatHtml(aResult({ opportunities: [anOpportunity({ id, rank: 7 })] }));
    assert.match(page, /<article class="op" id="rank-7"/);
  }
});

test("everything that the issue of a report is about stands in it", () => {
  const page = formatHtml(aFullResult(2));
  for (const part of [
    /<h1>Checkout buy_plan<\/h1>/,
    /123,456 events, 7,890 sessions, 4,321 users/,
    /1,234 hypotheses tested/,
    /let through by an expert/,
    /not explained away/,
    /Settings \(4\)/,
    /To know/,
    /How much worse/,
    />floor</,
    /Over time/,
    /began 2026-11-02/,
    /Where it concentrates/,
    /What comes before and after/,
    /Example sessions/,
    /What every expert says/,
    /of-a-later-version/,
    /Folded into it: 405 hypotheses/,
    /Explained away/,
    /Gone since the earlier result[\s\S]*no longer found/,
    /Since the earlier result the difference changed by \+2\.0 points/,
    /Members: mean 3\.2, median 1\.1, the worst tenth beyond 9/,
    /differs between users, not within \(134\)|differs between users, not within \(100\)/,
    /class="badge ongoing">ongoing/,
    /2026-11-16 – 2026-11-22/,
  ]) {
    assert.match(page, part);
  }
});

test("a file of an earlier version, without pictures, makes a page of what it has", () => {
  const page = formatHtml(aResult());
  assert.match(page, /buy_plan =&gt; cors_error/);
  assert.not.match(page, /Where it concentrates|Example sessions|What comes before|undefined|NaN/);
});

test("finding nothing is told as an answer", () => {
  const page = formatHtml(aResult({ opportunities: [], explained: [] }));
  assert.match(page, /No opportunities<\/h2><p>None of the 1,234 hypotheses/);
  assert.not.match(page, /<table id="list"/);
});

test("a hundred opportunities with everything take 2 MB at most; the same result gives the same page", () => {
  const page = formatHtml(aFullResult(100));
  assert.ok(Buffer.byteLength(page) <= 2_000_000, String(Buffer.byteLength(page)));
  assert.is(formatHtml(aFullResult(100)), page);
});

test("no number is undefined, infinite or none, and every opportunity is there", () => {
  const result = aFullResult(1);
  const odd = {
    ...aFullOpportunity(2, "a"),
    trend: [],
    cells: [],
    timelines: [],
    folded: [],
    experts: [],
    examples: [],
  };
  const page = formatHtml({ ...result, opportunities: [...result.opportunities, odd] });
  assert.not.match(page.replace(script, ""), /NaN|undefined|Infinity/);
  assert.is([...page.matchAll(/<article/g)].length, 2);
});

test.run();
