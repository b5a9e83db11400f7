import { readFileSync } from "node:fs";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { parseExpression } from "../../../planner/expression/parse.js";
import { printExpression } from "../../../planner/expression/print.js";
import { isCondition } from "../../../planner/expression/walk.js";
import { reservedWords } from "../../../planner/expression/words.js";

const test = suite("docs/EXPRESSIONS.md");

const page = readFileSync(new URL("../../../../docs/EXPRESSIONS.md", import.meta.url), "utf8");

/** The first cells of the table under a heading. */
function examples(heading: string): readonly string[] {
  const section = page.split(`\n## ${heading}\n`)[1]?.split("\n## ")[0] ?? "";
  return [...section.matchAll(/^\| (?:`` ?(?<double>.+?) ?``|`(?<single>[^`]+)`) +\|/gm)].map(
    ({ groups }) => groups?.["double"] ?? groups?.["single"] ?? "",
  );
}

test("its conditions are conditions that print as themselves", () => {
  const texts = examples("Conditions");
  assert.ok(texts.length > 15);
  for (const text of texts) {
    const expression = parseExpression(text);
    assert.ok(isCondition(expression), text);
    assert.is(printExpression(expression), text);
  }
});

test("its values are values", () => {
  const texts = examples("Values");
  assert.ok(texts.length > 20);
  for (const text of texts) assert.not(isCondition(parseExpression(text, { position: "value" })), text);
});

test("it names every word of the language", () => {
  for (const word of reservedWords) assert.ok(page.includes(`"${word}"`), word);
});

test.run();
