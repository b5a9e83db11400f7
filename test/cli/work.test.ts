import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { readResult } from "../../report/json.js";
import { leadline } from "./leadline.js";

const test = suite("leadline at work");
let folder = "";

test.before(async () => {
  folder = mkdtempSync(join(tmpdir(), "leadline-work-"));
  const made = await leadline(["sample", "--out", "s", "--users", "2000", "--service", "subscription"], {
    cwd: folder,
  });
  assert.is(made.code, 0, made.err);
});
test.after(() => rmSync(folder, { recursive: true }));

/** A result without what may differ from run to run. */
function steady(text: string): unknown {
  const { run, ...rest } = readResult(text, "r.json");
  const { seconds: _, threads: __, phases: ___, ...steadyRun } = run;
  return { ...rest, run: steadyRun };
}

test("sample makes data, a study and the truth, once", async () => {
  const made = ["subscription.parquet", "subscription.yaml", "truth.json"];
  assert.equal(readdirSync(join(folder, "s")).sort(), made);
  const before = readFileSync(join(folder, "s", "truth.json"));
  const args = ["sample", "--out", "s", "--users", "10", "--service", "subscription", "--if-missing"];
  const again = await leadline(args, { cwd: folder });
  assert.equal([again.code, again.out], [0, "s has its sample data already.\n"]);
  assert.equal(readFileSync(join(folder, "s", "truth.json")), before);
});

test("run finds what was planted, and writes the same result on any number of threads", async () => {
  const one = await leadline(["run", "s/subscription.yaml", "--json", "r.json", "--threads", "1"], { cwd: folder });
  assert.is(one.code, 0, one.err);
  assert.match(one.out, /Opportunities \(\d+\), best first[\s\S]*web_cors_error => timeout_error/);
  assert.match(one.err, /^Wrote r\.json\.\n[\d.]+ s, [\d,]+ events\/s\.\n$/);
  const two = await leadline(["run", "s/subscription.yaml", "--json", "-", "--threads", "2", "--quiet"], {
    cwd: folder,
  });
  assert.equal([two.code, two.err], [0, ""]);
  assert.equal(steady(two.out), steady(readFileSync(join(folder, "r.json"), "utf8")));
  assert.equal(readdirSync(folder).sort(), ["r.json", "s"]);
});

test("a run and its result file give the same page; every form comes from the file alone", async () => {
  mkdirSync(join(folder, "f"));
  const ran = await leadline(["run", "s/subscription.yaml", "--json", "f/p.json", "--html", "f/p.html"], {
    cwd: folder,
  });
  assert.is(ran.code, 0, ran.err);
  const forms = ["--html", "f/again.html", "--markdown", "-", "--csv", "f/o.csv"];
  const reported = await leadline(["report", "f/p.json", ...forms], { cwd: folder });
  assert.is(reported.code, 0, reported.err);
  assert.is(reported.err, "Wrote f/again.html.\nWrote f/o.csv.\n");
  const text = (name: string): string => readFileSync(join(folder, "f", name), "utf8");
  assert.is(text("again.html"), text("p.html"));
  assert.match(reported.out, /^# Subscription site/);
  assert.is(text("o.csv").trimEnd().split("\r\n").length, readResult(text("p.json"), "p").opportunities.length + 1);
  const shown = await leadline(["show", "1", "f/p.json"], { cwd: folder });
  assert.match(shown.out, /^1 {2}\S[\s\S]*What every expert says[\s\S]*A failing session/);
  const { id } = readResult(text("p.json"), "p").opportunities[0] ?? { id: "" };
  assert.is((await leadline(["show", id, "f/p.json"], { cwd: folder })).out, shown.out);
});

test("redacted, no user or session of the data is told anywhere", async () => {
  const ids = new Set(
    readResult(readFileSync(join(folder, "f", "p.json"), "utf8"), "p").opportunities.flatMap(({ timelines = [] }) =>
      timelines.flatMap(({ session, user = "" }) => [session, user]),
    ),
  );
  assert.ok(ids.size > 4);
  const args = ["run", "s/subscription.yaml", "--redact", "users", "--json", "f/red.json", "--html", "f/red.html"];
  const { code, out, err } = await leadline(args, { cwd: folder });
  assert.is(code, 0, err);
  const told = [out, err, ...["red.json", "red.html"].map((name) => readFileSync(join(folder, "f", name), "utf8"))];
  for (const id of ids) for (const text of told) assert.not.ok(text.includes(id), id);
  assert.match(told[2] ?? "", /"session 1"/);
});
test("run --since marks what was found before, in the file, the report and the sentences", async () => {
  const again = await leadline(["run", "s/subscription.yaml", "--since", "r.json", "--json", "-"], { cwd: folder });
  assert.is(again.code, 0, again.err);
  const { opportunities, since } = readResult(again.out, "r.json");
  assert.ok(opportunities.length > 0 && opportunities.every(({ status }) => status === "ongoing"));
  assert.equal(since?.gone, []);
  const part = ["--from", "2026-10-19", "--to", "2026-10-20"];
  const day = await leadline(["run", "s/subscription.yaml", "--since", "r.json", ...part], { cwd: folder });
  assert.is(day.code, 0, day.err);
  assert.match(day.out, /Gone since the earlier result \(\d+\)/);
});

test("explain of an expression says what it means and where it holds, as text and as JSON, and hides ids when asked", async () => {
  const expression = "buy_plan => web_cors_error";
  const shown = await leadline(["explain", expression, "s/subscription.yaml"], { cwd: folder });
  assert.equal([shown.code, shown.err], [0, ""]);
  assert.match(shown.out, /^buy_plan => web_cors_error\nSessions in which some buy_plan is followed directly by/);
  assert.match(
    shown.out,
    /payment_conversion: share that fails\n[\s\S]*whole sessions +\d+[\s\S]*before the outcome +\d+/,
  );
  const args = ["explain", expression, "s/subscription.yaml", "--from", "2026-10-26", "--threads", "1", "--quiet"];
  const window = await leadline([...args, "--json", "-"], { cwd: folder });
  const open = JSON.parse(window.out);
  assert.equal([open.schema, open.expression, open.examples.length], ["leadline/explanation@1", expression, 5]);
  assert.ok(open.data.from >= "2026-10-26");
  const hidden = await leadline([...args, "--redact", "users", "--json", "e.json"], { cwd: folder });
  assert.equal([hidden.code, hidden.err], [0, ""]);
  const file = readFileSync(join(folder, "e.json"), "utf8");
  rmSync(join(folder, "e.json"));
  for (const { session, user } of open.examples) {
    for (const text of [hidden.out, file]) assert.not.ok(text.includes(session) || text.includes(user));
  }
  assert.match(file, /"session 1"/);
  const plan = await leadline(["explain", "s/subscription.yaml", "--json", "-"], { cwd: folder });
  assert.ok(JSON.parse(plan.out).nodes.length > 10);
  const swapped = await leadline(["explain", "s/subscription.yaml", expression], { cwd: folder });
  assert.is(swapped.code, 2);
  assert.match(swapped.err, /^error: invalid study: .*; the expression stands before the study\n/);
});

const bad: readonly (readonly [name: string, text: string | null, message: RegExp])[] = [
  ["a missing one", null, /^missing file: since\.json\n/],
  ["one that is no JSON", "{", /^since\.json: invalid JSON/],
  ["one of a later schema", '{"schema": "leadline/result@9"}', /^since\.json: unsupported schema: leadline\/result@9/],
  ["one that is something else", "[]", /^since\.json: invalid result/],
];
for (const [name, text, message] of bad) {
  test(`run --since refuses ${name} in a sentence, before it reads the data`, async () => {
    if (text !== null) writeFileSync(join(folder, "since.json"), text);
    const { code, out, err } = await leadline(["run", "s/subscription.yaml", "--since", "since.json"], { cwd: folder });
    rmSync(join(folder, "since.json"), { force: true });
    assert.equal([code, out], [1, ""]);
    assert.match(err, message);
  });
}

test("a window and a sample read less, and say so", async () => {
  const args = ["--from", "2026-10-26", "--to", "2026-11-02", "--sample", "500", "--seed", "7", "--json", "-"];
  const { code, out } = await leadline(["run", "s/subscription.yaml", ...args], { cwd: folder });
  assert.is(code, 0);
  const { data, run } = readResult(out, "r.json");
  assert.ok(data.sessions > 0 && data.sessions < 500, String(data.sessions));
  assert.ok((data.from ?? "") >= "2026-10-26" && (data.to ?? "") < "2026-11-03");
  assert.is(data.sampled?.sessions_asked, 500);
  assert.is(run.seed, 7);
});

test("check and explain tell of a valid study without running it", async () => {
  const checked = await leadline(["check", "s/subscription.yaml"], { cwd: folder });
  assert.is(checked.code, 0, checked.err);
  assert.match(
    checked.out,
    /^s\/subscription\.yaml is valid: [\d,]+ events, [\d,]+ sessions, 4 KPIs, \d+ hypothesis classes\.\n/,
  );
  const explained = await leadline(["explain", "s/subscription.yaml"], { cwd: folder });
  assert.is(explained.code, 0, explained.err);
  assert.match(explained.out, /payment_conversion: not \(buy_plan -> payment_complete within 10s\)/);
  assert.match(explained.out, /step buy_plan +event/);
});

test("check finds what only the data can tell", async () => {
  const study = readFileSync(join(folder, "s", "subscription.yaml"), "utf8");
  writeFileSync(join(folder, "s", "wrong.yaml"), study.replace("attributes: [country,", "attributes: [county,"));
  const { code, err } = await leadline(["check", "s/wrong.yaml"], { cwd: folder });
  rmSync(join(folder, "s", "wrong.yaml"));
  assert.is(code, 1);
  assert.match(err, /unknown column: county/);
});

test("init writes a study that checks and runs as it is; data files alone run the same one", async () => {
  const made = await leadline(["init", "s/*.parquet", "--out", "s/mine.yaml"], { cwd: folder });
  assert.is(made.code, 0, made.err);
  assert.match(made.out, /^Data\n[\s\S]*\nEvents \(\d+ names\)[\s\S]*\nOther columns\n/);
  assert.match(made.err, /Wrote s\/mine\.yaml\. .* leadline run s\/mine\.yaml/);
  const checked = await leadline(["check", "s/mine.yaml"], { cwd: folder });
  assert.is(checked.code, 0, checked.err);
  const own = await leadline(["run", "s/mine.yaml", "--json", "-"], { cwd: folder });
  assert.is(own.code, 0, own.err);
  const automatic = await leadline(["run", "s/*.parquet", "--json", "-"], { cwd: folder });
  assert.is(automatic.code, 0, automatic.err);
  assert.match(automatic.err, /No study given, so KPIs were guessed from names: .*subscription_start_completion/);
  const { opportunities } = readResult(own.out, "own");
  assert.equal(readResult(automatic.out, "automatic").opportunities, opportunities);
  rmSync(join(folder, "s", "mine.yaml"));
});

test("progress is shown where it is forced, and taken away again", async () => {
  const env = { LEADLINE_PROGRESS: "1" };
  const { err } = await leadline(["check", "s/subscription.yaml"], { cwd: folder, env });
  // biome-ignore lint/suspicious/noControlCharactersInRegex: the escape is what is looked for
  assert.match(err, /^\r\u001b\[Kread {2}[\d,]+ of [\d,]+ events {2}\d+ %[\s\S]*\r\u001b\[K$/);
});

test("an interrupt ends a run with 130 and leaves no file", async () => {
  const options = { cwd: folder, env: { LEADLINE_PROGRESS: "1" }, interrupt: "SIGINT" } as const;
  const { code, out, err } = await leadline(["run", "s/subscription.yaml", "--json", "never.json"], options);
  assert.is(code, 130, err);
  assert.is(out, "");
  assert.match(err, /Interrupted\.\n$/);
  assert.equal(readdirSync(folder).sort(), ["f", "r.json", "s"]);
});

test("a sample that is terminated leaves no half file", async () => {
  const options = { cwd: folder, env: { LEADLINE_PROGRESS: "1" }, interrupt: "SIGTERM" } as const;
  const { code } = await leadline(["sample", "--out", "big", "--users", "500000"], options);
  assert.is(code, 143);
  assert.equal(readdirSync(join(folder, "big")), []);
});

test.run();
