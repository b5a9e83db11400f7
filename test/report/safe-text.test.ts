import fc from "fast-check";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { displayWidth, elideEnd, elideMiddle, padTo, safeText, wrapText } from "../../report/safe-text.js";

const test = suite("safe-text");
const anyText = fc.string({ unit: "binary", maxLength: 60 });
const runs = { seed: 1, numRuns: 500 };

const escapes: readonly (readonly [string, string, string])[] = [
  ["plain text", "buy_plan -> pay", "buy_plan -> pay"],
  ["letters of any script", "købt 支払い оплата", "købt 支払い оплата"],
  ["an ANSI escape", "\u001b[2Jx", "\\u001b[2Jx"],
  ["a C1 control", "\u009b31m", "\\u009b31m"],
  ["ends of lines", "a\r\nb\u2028c", "a\\u000d\\u000ab\\u2028c"],
  ["a bidi override", "\u202egnp.exe", "\\u202egnp.exe"],
  ["zero-width characters", "a\u200bb\ufeffc\u00add", "a\\u200bb\\ufeffc\\u00add"],
  ["half a pair", "a\ud800b", "a\\ud800b"],
  ["a tag character", "a\u{e0041}b", "a\\udb40\\udc41b"],
  ["marks piled on a letter", `e${"\u0301".repeat(9)}`, `e${"\u0301".repeat(4)}`],
];
for (const [what, text, expected] of escapes) {
  test(`safeText: ${what}`, () => assert.is(safeText(text), expected));
}

const widths: readonly (readonly [string, number])[] = [
  ["abc", 3],
  ["日本", 4],
  ["ｆｕｌｌ", 8],
  ["한국", 4],
  ["e\u0301", 1],
  ["🎉", 2],
  ["🇳🇴", 2],
  ["", 0],
];
for (const [text, width] of widths) {
  test(`displayWidth of ${JSON.stringify(text)} is ${width}`, () => assert.is(displayWidth(text), width));
}

test("safeText leaves nothing that a terminal obeys, and doing it twice changes nothing", () => {
  fc.assert(
    fc.property(anyText, (text) => {
      const safe = safeText(text);
      assert.not.match(safe, /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}]/u);
      assert.is(safeText(safe), safe);
    }),
    runs,
  );
});

test("an elided text fits, keeps its ends, and is itself where it fits", () => {
  fc.assert(
    fc.property(anyText, fc.integer({ min: 1, max: 40 }), (text, width) => {
      const safe = safeText(text);
      for (const elide of [elideMiddle, elideEnd]) {
        const elided = elide(safe, width);
        assert.ok(displayWidth(elided) <= width);
        assert.is(elided.includes("…") && !safe.includes("…"), displayWidth(safe) > width && !safe.includes("…"));
      }
    }),
    runs,
  );
  assert.is(elideMiddle("subscription_page_payment", 10), "subsc…ment");
  assert.is(elideEnd("ok 72 %, failed 28 %", 10), "ok 72 %,…");
});

test("wrapped lines fit, and hold the words in order", () => {
  fc.assert(
    fc.property(anyText, fc.integer({ min: 1, max: 40 }), (text, width) => {
      const lines = wrapText(safeText(text), width);
      for (const line of lines) assert.ok(displayWidth(line) <= width);
    }),
    runs,
  );
  assert.equal(wrapText("fails in 96 %, not 5", 11), ["fails in", "96 %, not 5"]);
  assert.equal(wrapText('"a  b" => c', 40), ['"a  b" => c']);
  assert.equal(wrapText("", 10), []);
});

test("padding fills by what a terminal shows", () => {
  assert.is(padTo("日本", 6, "right"), "  日本");
  assert.is(padTo("e\u0301", 3, "left"), "e\u0301  ");
});

test.run();
