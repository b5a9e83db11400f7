import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { LeadlineError } from "../../errors.js";
import { type ChoiceRequest, chooseClasses } from "../../llm/choose.js";
import { ModelProposer, type ModelProposerOptions } from "../../llm/model-proposer.js";
import { hashOf } from "../../llm/proposer.js";
import type { ModelRecord } from "../../llm/record.js";
import { ReplayProposer } from "../../llm/replay.js";
import { compileClass, templates } from "../../planner/templates/library.js";
import { shopData } from "./shop-data.js";
import { writeTinyModel } from "./tiny-model.js";

const folder = mkdtempSync(join(tmpdir(), "leadline-proposer-"));
const file = join(folder, "tiny.gguf");
writeTinyModel(file);
test.after(() => rmSync(folder, { recursive: true }));

const program = new URL("./fake-model.js", import.meta.url);
const options: ModelProposerOptions = {
  ...{ file, seed: 7, kpis: [], metadata: [], base: folder },
  ...{ deadlineMs: 20_000, promptTokens: 1500, answerTokens: 200 },
  host: { program, graceMs: 200 },
};
const request: ChoiceRequest = {
  ...{ hypotheses: null, data: shopData, library: templates, prompt: "search more than 3 times within a minute" },
  ...{ round: 1, proposer: null, weights: null, history: [] },
};

/** The choice with a model's process that behaves in some way. */
async function choose(how: string, answer = "", more: Partial<ModelProposerOptions> = {}) {
  process.env["FAKE_MODEL"] = how;
  process.env["FAKE_ANSWER"] = answer;
  try {
    const proposer = new ModelProposer({ ...options, ...more });
    return { ...(await chooseClasses({ ...request, proposer })), record: proposer.record() };
  } finally {
    delete process.env["FAKE_MODEL"];
    delete process.env["FAKE_ANSWER"];
  }
}

const without = await chooseClasses(request);
const plain = ({ template, parameters }: { template: string; parameters: unknown }) => ({ template, parameters });

const troubles: readonly (readonly [how: string, warning: RegExp, more?: Partial<ModelProposerOptions>])[] = [
  [
    "hangs while it loads",
    /^model: it was not done within 300ms \(setting model_deadline\); the run/,
    { deadlineMs: 300 },
  ],
  ["crashes while it loads", /^model: the model's process crashed \(SIGSEGV\); the run goes on without it$/],
  ["loads garbage", /^model: .+; the run goes on without it$/],
  ["hangs over a score", /^model: it was not done within 1s .+; the run goes on without it$/, { deadlineMs: 1000 }],
  ["scores garbage", /replied with something else than an answer; the run goes on without it$/],
  ["hangs over an answer", /^model: it was not done within 2s .+; what it had answered by then/, { deadlineMs: 2000 }],
  ["is killed in an answer", /was killed, most likely for want of memory.*; what it had answered by then is used$/],
  ["crashes in its second answer", /crashed \(SIGABRT\); what it had answered by then is used$/],
  ["replies with garbage", /replied with something else than an answer; what it had/],
];
for (const [how, warning, more] of troubles) {
  test(`a model that ${how} costs a warning, and every class of the selector is still chosen`, async () => {
    const { classes, warnings, record } = await choose(how, "", more);
    assert.is(warnings.length, 1, warnings.join("; "));
    assert.match(warnings[0] ?? "", warning);
    assert.equal(classes.map(plain), without.classes.map(plain));
    const replayed = await chooseClasses({ ...request, proposer: new ReplayProposer(record) });
    assert.equal(replayed.classes, classes);
    assert.equal(replayed.warnings, warnings);
  });
}

for (const how of ["answers nonsense", "is cut"]) {
  test(`an answer that ${how} adds nothing`, async () => {
    const { classes, warnings } = await choose(how);
    assert.equal(warnings, []);
    assert.equal(classes.map(plain), without.classes.map(plain));
  });
}

const files: readonly (readonly [name: string, content: string | null, warning: RegExp])[] = [
  ["missing.gguf", null, /^model: missing model file: .*missing\.gguf; the run goes on without it$/],
  ["text.gguf", "hello, I am text", /^model: invalid model file: .*text\.gguf is no GGUF file/],
];
for (const [name, content, warning] of files) {
  test(`${name} costs a warning`, async () => {
    const path = join(folder, name);
    if (content !== null) writeFileSync(path, content);
    const { classes, warnings, record } = await choose("", "", { file: path });
    assert.match(warnings.join("; "), warning);
    assert.equal(classes, without.classes);
    assert.equal([record.file, record.sha256], [name, null]);
  });
}

const answer = JSON.stringify({
  classes: [
    { template: "retries", parameters: { event: "login", success: "logout", n: 2 } },
    { template: "event-pattern", parameters: { k: 2 } },
    { template: "until", parameters: { event: "search", end: "login" } },
    { template: "repetition", parameters: { event: "no such event", n: 3 } },
    { template: "repetition", parameters: { event: "search", n: 4, window: "1m" } },
  ],
});

test("what the model alone proposes is added, with why, where its scores speak for it; names that the data lack are not", async () => {
  const { classes, ranked, warnings, record } = await choose("", answer);
  assert.equal(warnings, []);
  const chosen = classes.filter(({ chosenBy }) => chosenBy === "model");
  assert.equal(chosen.map(({ template }) => template).sort(), ["event-pattern", "retries"]);
  const liked = chosen.find(({ template }) => template === "retries");
  assert.match(liked?.why ?? "", /^the model proposes it; it finds these words \d+ times as likely/);
  for (const one of classes) compileClass(one, "test", shopData, templates);
  for (const { why } of ranked) assert.ok(why.length > 0);
  const sure = without.ranked.filter(({ score }) => score >= 0.5).map(plain);
  assert.ok(sure.length > 0);
  assert.equal(ranked.slice(0, sure.length).map(plain), sure);
  const both = ranked.find(({ parameters }) => parameters["n"] === 4);
  assert.is(both?.chosenBy, "selector");
  assert.match(both?.why ?? "", /the model proposes it too$/);
  for (const one of without.ranked)
    assert.ok(ranked.some((other) => JSON.stringify(plain(other)) === JSON.stringify(plain(one))));
  assert.is(record.seed, 7);
  assert.match(record.sha256 ?? "", /^[0-9a-f]{64}$/);
  assert.equal(
    record.rounds[0]?.scores.map(({ template }) => template),
    templates.map(({ name }) => name),
  );
});

test("a record replayed is the same choice, bit for bit, and the same record, after JSON too", async () => {
  const { classes, ranked, warnings, record } = await choose("", answer);
  const stored = JSON.parse(JSON.stringify(record)) as ModelRecord;
  const replay = new ReplayProposer(stored);
  assert.equal(await chooseClasses({ ...request, proposer: replay }), { classes, ranked, warnings });
  assert.equal(replay.record(), record);
});

test("a replay for other data or words, or of a round that is not recorded, says so and goes on", async () => {
  const { record } = await choose("", answer);
  const proposer = new ReplayProposer(record);
  const words = await chooseClasses({ ...request, prompt: "at night", proposer });
  assert.match(words.warnings.join(), /^replay: round 1 was recorded for another study, other data or another version/);
  const names = ["a", "b"];
  const data = { ...shopData, names, tokens: names.map((text, name) => ({ text, names: [name] })), attributes: [] };
  const other = await chooseClasses({ ...request, data, proposer });
  assert.is(other.warnings.length, 1);
  for (const one of other.classes) compileClass(one, "test", data, templates);
  const later = await chooseClasses({ ...request, round: 2, proposer });
  assert.match(later.warnings.join(), /^replay: the result records nothing of round 2/);
});

test("equal requests have one hash; other words, data, rounds and findings another", () => {
  const base = { prompt: "a", data: shopData, library: templates, round: 1, selected: [], history: [] };
  const others = [
    { ...base, prompt: "b" },
    { ...base, prompt: null },
    { ...base, round: 2 },
    { ...base, data: { ...shopData, sessions: 1 } },
    { ...base, library: templates.slice(1) },
    { ...base, history: [{ round: 1, classes: [] }] },
  ];
  assert.is(new Set([base, ...others].map(hashOf)).size, 7);
  assert.is(hashOf({ ...base, selected: [] }), hashOf(base));
});

test("an abort ends the choice as aborted", async () => {
  const controller = new AbortController();
  setTimeout(() => controller.abort(), 100);
  try {
    await choose("hangs over a score", "", { signal: controller.signal });
    assert.unreachable();
  } catch (error) {
    assert.instance(error, LeadlineError);
    assert.is((error as LeadlineError).code, "aborted");
  }
});

test("what a study lists stands, and the model is not asked", async () => {
  const hypotheses = [{ kind: "template" as const, template: "event-pattern", parameters: { k: 2 } }];
  const proposer = new ModelProposer({ ...options, file: "none.gguf" });
  const { classes, warnings } = await chooseClasses({ ...request, hypotheses, proposer });
  assert.is(classes.length, 1);
  assert.equal(warnings, ["the study lists its hypotheses, so no model is asked for more"]);
  assert.equal(proposer.record().rounds, []);
});

test.run();
