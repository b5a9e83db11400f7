import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { readMetadata, relevantPassages } from "../../llm/metadata.js";

const folder = mkdtempSync(join(tmpdir(), "leadline-metadata-"));
test.after(() => rmSync(folder, { recursive: true }));

function write(name: string, content: string | Buffer): void {
  writeFileSync(join(folder, name), content);
}

mkdirSync(join(folder, "reviews"));
write("plan.md", "# Tracking plan\n\nbuy_plan is sent when the button is pressed.\n\n- login: the form\n- logout\n");
write("reviews/a.txt", "The app crashes when I pay with my card.\u001b[31m\n\nNice colours.");
write("reviews/b.txt", "It is fine.");
write("code.ts", `function pay() {\n${"  retry();\n".repeat(200)}}\n`);
write("picture.bin", Buffer.from([0x89, 0x50, 0x4e, 0x47, 0xff, 0xfe, 0]));
write("null.txt", "text\0text");
write("large.txt", Buffer.alloc((4 << 20) + 1, 97));
write("empty.txt", "");

test("texts come as passages, by file, on a line each and without characters that steer", async () => {
  const { passages, warnings } = await readMetadata(["reviews/*.txt", "plan.md", "plan.md", "empty.txt"], folder);
  assert.equal(warnings, []);
  assert.equal(passages, [
    {
      file: "plan.md",
      text: "# Tracking plan buy_plan is sent when the button is pressed. - login: the form - logout",
    },
    { file: "reviews/a.txt", text: "The app crashes when I pay with my card. [31m Nice colours." },
    { file: "reviews/b.txt", text: "It is fine." },
  ]);
});

test("long texts are cut into passages that hold every word", async () => {
  const { passages } = await readMetadata(["code.ts"], folder);
  assert.ok(passages.length > 2 && passages.every(({ text }) => text.length <= 400));
  const text = passages.map((passage) => passage.text).join(" ");
  assert.is(text.match(/retry\(\);/g)?.length, 200);
});

const refused: readonly (readonly [entry: string, warning: RegExp])[] = [
  ["missing.md", /^metadata: missing file: missing\.md matches nothing, so it is not read$/],
  ["none/*.md", /^metadata: missing file: none\/\*\.md matches nothing/],
  ["picture.bin", /^metadata: picture\.bin is no text in UTF-8, so it is not read$/],
  ["null.txt", /^metadata: null\.txt is no text, so it is not read$/],
  ["large.txt", /^metadata: large\.txt is too large: 4194305 bytes; at most 4194304 are read, so it is not read$/],
  ["reviews", /^metadata: reviews is a folder; a glob such as reviews\/\*\.md is allowed, so it is not read$/],
];
for (const [entry, warning] of refused) {
  test(`${entry} is left out with a sentence, and the others are read`, async () => {
    const { passages, warnings } = await readMetadata([entry, "reviews/b.txt"], folder);
    assert.is(warnings.length, 1);
    assert.match(warnings[0] ?? "", warning);
    assert.equal(passages, [{ file: "reviews/b.txt", text: "It is fine." }]);
  });
}

test("the passages that fit a question best come first, within so many characters", () => {
  const texts = ["the weather is nice", "payment by card fails often", "cards", "card payment fails after the update"];
  const passages = texts.map((text) => ({ file: "a", text }));
  const chosen = relevantPassages("why do card payments fail?", passages, 60);
  assert.equal(chosen[0]?.text, "payment by card fails often");
  assert.ok(chosen.every(({ text }) => text !== "the weather is nice"));
  assert.ok(chosen.reduce((sum, { text }) => sum + text.length, 0) <= 60);
  assert.equal(relevantPassages("weather", passages, 5), []);
});

test.run();
