/**
 * Learns what the selector knows of the ways in which templates are asked for (`llm/template-weights.ts`) from the prompts of the
 * building half that are not held out and those of the selector's author; and how well it does on each part of the building half when that part is left
 * out of what it learns.
 *
 * node dist/bench/prompts/fit.js [--cross]: `--cross` writes the latter to the record of the prompts, and no weights
 *
 * Data sets are looked for in the folder that LEADLINE_DATA names; all of them have to be there.
 */

import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { selectClasses } from "../../llm/select.js";
import { NOTHING } from "../../llm/template-model.js";
import { templates } from "../../planner/templates/library.js";
import { readPromptData } from "./data.js";
import { examplesOf } from "./examples.js";
import { type BenchPrompt, isHeldOut, judge } from "./judge.js";
import { type Example, learn, packed } from "./learn.js";
import type { LeftOut } from "./page.js";

const root = fileURLToPath(new URL("../../..", import.meta.url));
const { values } = parseArgs({ options: { cross: { type: "boolean", default: false } } });
const building = JSON.parse(await readFile(join(root, "bench", "prompts", "building.json"), "utf8")) as BenchPrompt[];
const author = authored(await readFile(join(root, "bench", "prompts", "author.tsv"), "utf8"));
const prompts = [...building.filter((prompt) => !isHeldOut(prompt)), ...author];
const data = await readPromptData(prompts.map((prompt) => prompt.data));
const examples = prompts.map((prompt): readonly Example[] => {
  const set = data.get(prompt.data);
  if (set === undefined) throw new RangeError(`missing data set: ${prompt.data}; LEADLINE_DATA names its folder`);
  return examplesOf(prompt, set.statistics);
});
const labels = [...templates.map(({ name }) => name), NOTHING];

if (values.cross) {
  const parts = new Set(building.flatMap((prompt) => (isHeldOut(prompt) ? [] : (prompt.part ?? []))));
  const file = join(root, "bench", "record", "prompts.json");
  const record: object = JSON.parse(await readFile(file, "utf8"));
  const measured = Object.fromEntries([...parts].sort().map((part) => [part, cross(part)]));
  await writeFile(file, `${JSON.stringify({ ...record, left_out_parts: measured }, null, 2)}\n`);
} else {
  const lines = packed(learn(examples.flat(), labels));
  const text = lines.map((line) => `  ${JSON.stringify(line)},`).join("\n");
  await writeFile(
    join(root, "llm", "template-weights.ts"),
    `/**\n * Learnt by \`bench/prompts/fit.ts\`: the labels; then, feature by feature, the hundredths that it adds to each label by its place.\n */\nexport const templateWeights: readonly string[] = [\n${text}\n];\n`,
  );
  process.stdout.write(`${lines.length} lines\n`);
}

/** The selector on a part, as learnt from all others. */
function cross(part: string): LeftOut {
  const model = learn(
    examples.flatMap((one, at) => (prompts[at]?.part === part ? [] : one)),
    labels,
  );
  const judged = prompts
    .filter((prompt) => prompt.part === part)
    .flatMap((prompt) => {
      const set = data.get(prompt.data);
      return set === undefined
        ? []
        : [judge(prompt, selectClasses(prompt.prompt, templates, set.statistics, model), 1)];
    });
  const share = (of: "template" | "full"): number =>
    judged.reduce((sum, one) => sum + one[of], 0) / judged.reduce((sum, { units }) => sum + units, 0);
  return { template: share("template"), full: share("full") };
}

/** The selector's author's own prompts: lot, data, templates of each intent, prompt. */
function authored(text: string): readonly BenchPrompt[] {
  return text
    .trimEnd()
    .split("\n")
    .slice(1)
    .map((line, at) => {
      const [part = "", set = "", right = "", prompt = ""] = line.split("\t");
      const intents =
        right === NOTHING
          ? []
          : right.split(" + ").map((one) => ({
              acceptable: one.split(",").map((template) => ({ template })),
            }));
      return { id: `author-${at}`, data: set, part, kind: "author", prompt, intents };
    });
}
