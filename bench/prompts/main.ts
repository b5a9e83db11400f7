/**
 * How often templates and parameters that are chosen for a prompt are those that its writer meant: docs/PROMPTS.md is made from it.
 *
 * node dist/bench/prompts/main.js [--half building|judging] [--only grid,selector,model,both] [--model FILE.gguf] [--details] [--write-docs]
 *
 * Data sets are looked for in the folder that LEADLINE_DATA names; a prompt whose data are not there is left out and counted. `--details`
 * lists what went wrong, of the building half alone and without the parts that are held out: nobody looks at the others to tune anything.
 */

import { spawnSync } from "node:child_process";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { chooseClasses } from "../../llm/choose.js";
import { ModelProposer } from "../../llm/model-proposer.js";
import { selectClasses } from "../../llm/select.js";
import type { Study } from "../../planner/study.js";
import { gridClasses, templates } from "../../planner/templates/library.js";
import { machine } from "../harness.js";
import { type PromptData, readPromptData } from "./data.js";
import { type BenchPrompt, type Choice, isHeldOut, type Judged, judge } from "./judge.js";
import { type Figures, type PromptsRecord, promptsPage } from "./page.js";

/** Chooses classes for a prompt, best first. */
type Chooser = (prompt: string, data: PromptData) => Promise<readonly Choice[]>;

const root = fileURLToPath(new URL("../../..", import.meta.url));
const { values } = parseArgs({
  options: {
    half: { type: "string", default: "building" },
    only: { type: "string" },
    model: { type: "string", default: process.env["LEADLINE_MODEL"] ?? "" },
    /** Of a prompt, loading included; what is late is left out, as in a run. */
    deadline: { type: "string", default: "120" },
    /** Of the model; fewer than there are cores where the machine is busy. */
    threads: { type: "string" },
    /** A file that keeps the model's choices as they come, so that a run that was broken off can go on. */
    answers: { type: "string" },
    /** Only so many prompts, to try something. */
    first: { type: "string", default: "1000000" },
    details: { type: "boolean", default: false },
    "write-docs": { type: "boolean", default: false },
  },
});
const half = values.half === "judging" ? "judging" : "building";
const prompts = JSON.parse(
  await readFile(join(root, "bench", "prompts", `${half}.json`), "utf8"),
) as readonly BenchPrompt[];
const data = await readPromptData(prompts.map((prompt) => prompt.data));
const asked = prompts.filter((prompt) => data.has(prompt.data)).slice(0, Number(values.first));

const choosers: Readonly<Record<string, Chooser>> = {
  grid: async (_, { statistics }) => gridClasses(statistics),
  selector: async (prompt, { statistics }) => selectClasses(prompt, templates, statistics),
  model: async (prompt, { study, statistics }) => {
    const request = { prompt, data: statistics, library: templates, round: 1, selected: [], history: [] };
    const { classes, warnings } = await proposerFor(study).propose(request);
    late += Math.min(1, warnings.length);
    return classes;
  },
  both: async (prompt, set) => {
    const proposer = proposerFor(set.study);
    const { ranked, warnings } = await chooseClasses({
      ...{ hypotheses: null, data: set.statistics, library: templates, prompt },
      ...{ round: 1, proposer, weights: null, history: [] },
    });
    late += Math.min(1, warnings.length);
    return ranked;
  },
};
const wanted =
  values.only?.split(",") ?? Object.keys(choosers).filter((name) => values.model !== "" || !/model|both/.test(name));
/** Answers of the model that came with a warning, such as that it was late. */
let late = 0;

/** As in a run. */
function proposerFor({ settings, kpis }: Study): ModelProposer {
  return new ModelProposer({
    ...{ file: values.model, seed: 1, metadata: [], base: root },
    kpis: kpis.map((kpi) => ({
      name: kpi.name,
      description: kpi.description,
      expression: kpi.kind === "binary" ? kpi.failure.text : kpi.value.text,
    })),
    deadlineMs: 1000 * Number(values.deadline),
    promptTokens: settings.model_prompt_tokens,
    answerTokens: settings.model_answer_tokens,
    ...(values.threads === undefined ? {} : { host: { threads: Number(values.threads) } }),
  });
}

const file = join(root, "bench", "record", "prompts.json");
const known = await readFile(file, "utf8").catch(() => "{}");
const record: { -readonly [K in keyof PromptsRecord]: PromptsRecord[K] } = { ...JSON.parse(known), ...machine() };
const figures: Record<string, Figures> = { ...record[half]?.figures };
const parts: Record<string, Figures> = { ...record[half]?.parts };
for (const name of wanted) {
  const chooser = choosers[name];
  if (chooser === undefined) throw new RangeError(`unknown chooser: ${name}; ${Object.keys(choosers).join(", ")}`);
  figures[name] = await measure(name, chooser, asked);
  for (const part of new Set(asked.flatMap((prompt) => (name === "selector" ? (prompt.part ?? []) : [])))) {
    parts[part] = await measure(
      name,
      chooser,
      asked.filter((prompt) => prompt.part === part),
      true,
    );
  }
  process.stdout.write(`${name}: ${JSON.stringify(figures[name])}\n`);
}
record[half] = {
  date: new Date().toISOString(),
  prompts: asked.length,
  left_out: prompts.length - asked.length,
  figures,
  ...(Object.keys(parts).length === 0 ? {} : { parts }),
};
if (values["write-docs"]) {
  await mkdir(join(root, "bench", "record"), { recursive: true });
  await writeFile(file, `${JSON.stringify(record, null, 2)}\n`);
  const page = join(root, "docs", "PROMPTS.md");
  await writeFile(page, promptsPage(record));
  // as the linter wants committed files
  spawnSync(process.execPath, [join(root, "node_modules/@biomejs/biome/bin/biome"), "format", "--write", file]);
}

async function measure(
  name: string,
  chooser: Chooser,
  of: readonly BenchPrompt[],
  isQuiet: boolean = false,
): Promise<Figures> {
  // a grid has no first choice: what it covers is counted, and it never chooses nothing
  const depths = name === "grid" ? [Number.POSITIVE_INFINITY] : [1, 3];
  const rows = depths.map(() => [] as Judged[]);
  const byKind: Record<string, [right: number, of: number]> = {};
  const start = performance.now();
  late = 0;
  for (const prompt of of) {
    const set = data.get(prompt.data);
    if (set === undefined) continue;
    const choices = await kept(`${half} ${name} ${prompt.id}`, () => chooser(prompt.prompt, set));
    for (const [at, depth] of depths.entries()) rows[at]?.push(judge(prompt, choices, depth));
    const judged = rows[0]?.at(-1);
    if (judged === undefined) continue;
    const kind = byKind[prompt.kind] ?? [0, 0];
    byKind[prompt.kind] = [kind[0] + judged.full, kind[1] + judged.units];
    const isRead = half === "building" && !isHeldOut(prompt) && !isQuiet;
    if (values.details && isRead && judged.full < judged.units) tell(prompt, judged, choices);
  }
  const [top1 = [], top3] = rows;
  const share = (of: readonly Judged[], part: (one: Judged) => number, whole: (one: Judged) => number): number =>
    of.reduce((sum, one) => sum + part(one), 0) / of.reduce((sum, one) => sum + whole(one), 0);
  const units = (one: Judged): number => one.units;
  return {
    template: share(top1, (one) => one.template, units),
    full: share(top1, (one) => one.full, units),
    determined: share(
      top1,
      (one) => one.determinedFull,
      (one) => one.determined,
    ),
    template_top3: top3 === undefined ? null : share(top3, (one) => one.template, units),
    full_top3: top3 === undefined ? null : share(top3, (one) => one.full, units),
    units: top1.reduce((sum, one) => sum + one.units, 0),
    units_determined: top1.reduce((sum, one) => sum + one.determined, 0),
    by_kind: byKind,
    ms_per_prompt: Math.round((performance.now() - start) / of.length),
    warned: late,
  };
}

async function kept(key: string, choose: () => Promise<readonly Choice[]>): Promise<readonly Choice[]> {
  const { answers } = values;
  if (answers === undefined) return await choose();
  const known: Record<string, readonly Choice[]> = JSON.parse(await readFile(answers, "utf8").catch(() => "{}"));
  const before = known[key];
  if (before !== undefined) return before;
  const choices = await choose();
  known[key] = choices.map(({ template, parameters }) => ({ template, parameters }));
  await writeFile(answers, JSON.stringify(known));
  return choices;
}

function tell({ id, prompt, intents }: BenchPrompt, judged: Judged, choices: readonly Choice[]): void {
  const right = intents.map(({ acceptable }) => JSON.stringify(acceptable.slice(0, 2)).slice(0, 300));
  const chosen = choices.slice(0, 4).map((choice) => {
    const scored = choice as Choice & { readonly score?: number; readonly reason?: string };
    return `  ${scored.score ?? ""} ${choice.template} ${JSON.stringify(choice.parameters)} ${scored.reason ?? ""}`;
  });
  process.stdout.write(
    `${id} ${judged.template}/${judged.full} of ${judged.units}: ${prompt}\n  right: ${right.join(" AND ")}\n${chosen.join("\n")}\n`,
  );
}
