/** A run whose events do not fit in the memory that it may use gives the bits of one whose events do. */
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import type { DerivedTable } from "../engine/columns/derived-table.js";
import { LeadlineError } from "../errors.js";
import { parseStudy } from "../planner/study.js";
import type { Result } from "../report/result.js";
import { sessionCsv } from "../report/session-files.js";
import { explainStudy, type FindOpportunitiesOptions, findOpportunities, sessionColumns } from "../run.js";
import { generateSample } from "../sample/generate.js";
import { mix32 } from "../sample/random.js";

const test = suite("a run in parts");
const folder = mkdtempSync(join(tmpdir(), "leadline-memory-"));
const before = process.env["TMPDIR"];
test.before(() => {
  mkdirSync(join(folder, "parts"));
  process.env["TMPDIR"] = join(folder, "parts");
});
test.after(() => {
  if (before === undefined) delete process.env["TMPDIR"];
  else process.env["TMPDIR"] = before;
  rmSync(folder, { recursive: true, force: true });
});

/** Few enough that every study here goes in parts. */
const LITTLE = { memoryBytes: 1e6 };

/** A result as text, but for how it was run. */
async function resultOf(study: ReturnType<typeof parseStudy>, options: FindOpportunitiesOptions): Promise<string> {
  const { run, ...rest }: Result = await findOpportunities(study, folder, options);
  const { seconds: _seconds, threads: _threads, phases: _phases, ...told } = run;
  assert.equal(readdirSync(join(folder, "parts")), [], "nothing is left on disk");
  return JSON.stringify({ run: told, ...rest }, null, 1);
}

const next = (() => {
  let state = 0;
  return (below: number): number => mix32(++state) % below;
})();

/** Events that every part of the language has something to say of: 600 users, most with several sessions. */
function writeEvents(): void {
  const start = Date.parse("2026-10-01T00:00:00Z");
  const lines: string[] = [];
  for (let session = 0; session < 1500; session++) {
    const user = next(600);
    let at = start + next(20 * 86_400) * 1000;
    const region = ["eu", "us", ""][user % 3];
    const slow = next(3) === 0;
    const fails = next(10) < (slow ? 7 : 2);
    const names = ["open", ...Array.from({ length: next(4) }, () => (slow ? "stall" : "tap")), "beat", "buy"];
    if (!fails) names.push("paid");
    names.push("beat", "close");
    for (const [index, name] of names.entries()) {
      at += next(20_000);
      const status = name === "tap" ? [200, 404, 500][next(3)] : "";
      const cells = [
        `u${user}`,
        `s${session}`,
        new Date(at).toISOString(),
        name,
        region,
        status,
        index * next(5),
        start - (user % 40) * 86_400_000,
      ];
      lines.push(cells.join());
    }
  }
  writeFileSync(join(folder, "events.csv"), `user,session,ts,event,region,status,bytes,signup\n${lines.join("\n")}\n`);
  const hours = Array.from({ length: 480 }, (_, hour) =>
    ["eu", "us"].map((area) => `${new Date(start + hour * 3_600_000).toISOString()},${area},${next(100)}`),
  );
  writeFileSync(join(folder, "cpu.csv"), `hour,area,cpu\n${hours.flat().join("\n")}\n`);
}

const everything = `
title: Everything
events:
  files: [events.csv]
  columns: { user: user, session: session, time: ts, event: event }
  ignore: [beat]
  tokens:
    - { event: tap, with: [status] }
  attributes: [region, bytes]
tables:
  backend: { file: cpu.csv, time: hour, on: { region: area }, columns: [cpu], within: 1h }
kpis:
  - name: paid
    among: buy
    failure: not (buy -> paid within 30s)
  - name: later
    among: user.sessions > 1
    failure: not paid
  - name: busy
    failure: load.failure_rate("paid") > 0.4 or backend.cpu > 95
  - name: size
    value: sum(tap.bytes) + sum(stall.bytes)
    worse: higher
hypotheses:
  - { template: event-pattern, k: 2 }
  - { template: event-pattern, k: 2, adjacency: gap, within: 20s }
  - { template: user-lifecycle, inactivity: 3 }
  - { template: user-lifecycle, boundary: 2 }
  - { template: time-of-session, hours: [8, 9, 10, 11] }
  - name: slow-and-loaded
    expression: count(stall) >= 2 and (load.sessions >= 0 or backend.cpu > 50) and user.days_since_last < 5
settings: { cohort_min_failing: 20, min_users: 10 }
`;

test("everything that a study can ask, by 1 and by 2 threads, of all sessions and of a sample", async () => {
  writeEvents();
  const study = parseStudy(everything, "everything.yaml");
  for (const experts of ["all", "paper"] as const) {
    const expected = await resultOf(study, { threads: 2, experts });
    for (const threads of experts === "all" ? [1, 2] : [2]) {
      assert.ok(
        (await resultOf(study, { threads, experts, ...LITTLE })) === expected,
        `${experts}, ${threads} threads`,
      );
    }
  }
  const sampled = await resultOf(study, { threads: 2, sample: 700 });
  assert.ok((await resultOf(study, { threads: 2, sample: 700, ...LITTLE })) === sampled, "a sample");
});

test("derived columns, with their ids once the disk is clean again", async () => {
  for (const columns of ["user: user, session: session", "user: user"]) {
    const text = everything.replace("user: user, session: session", columns);
    const study = parseStudy(text, "everything.yaml");
    const files: string[][] = [];
    for (const limit of [{}, LITTLE, { ...LITTLE, sample: 700 }, { sample: 700 }]) {
      const tables: DerivedTable[] = [];
      const onDerived = (table: DerivedTable) => tables.push(table);
      await findOpportunities(study, folder, { threads: 2, experts: "paper", onDerived, ...limit });
      const asked = ["region", "previous(region)", "count(stall)", "stall -> paid within 20s", "backend.cpu"];
      tables.push((await sessionColumns(study, folder, asked, { threads: 2, ...limit })).table);
      assert.equal(readdirSync(join(folder, "parts")), [], "nothing is left on disk");
      files.push(await Promise.all(tables.map(async (table) => Buffer.from(await sessionCsv(table)).toString())));
    }
    const [whole, little, littleSample, sample] = files;
    assert.ok((whole?.[0]?.length ?? 0) > 10_000 && (whole?.[1]?.length ?? 0) > 10_000);
    for (const at of [0, 1]) {
      assert.ok(little?.[at] === whole?.[at], `all, ${columns}, ${at}`);
      assert.ok(littleSample?.[at] === sample?.[at], `a sample, ${columns}, ${at}`);
    }
  }
});

test("sessions that are cut by inactivity, and numbers whose values are told apart", async () => {
  const study = parseStudy(
    everything
      .replace("session: session, ", "")
      .replace("with: [status]", "with: [status, bytes]")
      .replace("sum(tap.bytes) + sum(stall.bytes)", "session.duration"),
    "cut.yaml",
  );
  const expected = await resultOf(study, { threads: 2 });
  assert.ok((await resultOf(study, { threads: 2, ...LITTLE })) === expected);
});

test("Parquet, with users known from before the data", async () => {
  await generateSample({ out: folder, users: 900, seed: 3, format: "parquet", service: "subscription" });
  const path = join(folder, "subscription.yaml");
  const study = parseStudy(readFileSync(path, "utf8"), path);
  const expected = await resultOf(study, { threads: 2 });
  for (const memoryBytes of [1e6, 3e6]) {
    assert.ok((await resultOf(study, { threads: 2, memoryBytes })) === expected, `${memoryBytes} bytes`);
  }
  const plain = await explainStudy(study, folder, { threads: 2 });
  assert.equal(await explainStudy(study, folder, { threads: 2, ...LITTLE }), plain);
});

test("an interrupt and an error leave nothing on disk", async () => {
  const study = parseStudy(everything, "everything.yaml");
  const interrupt = new AbortController();
  const run = findOpportunities(study, folder, {
    threads: 2,
    ...LITTLE,
    signal: interrupt.signal,
    onProgress: ({ phase }) => {
      if (phase === "evaluate") interrupt.abort();
    },
  });
  try {
    await run;
    assert.unreachable("the run goes on");
  } catch (error) {
    assert.instance(error, LeadlineError);
    assert.is((error as LeadlineError).code, "aborted");
  }
  assert.equal(readdirSync(join(folder, "parts")), []);
  const wrong = parseStudy(everything.replace("user.sessions > 1", "no_such_attribute > 1"), "wrong.yaml");
  try {
    await findOpportunities(wrong, folder, { threads: 2, ...LITTLE });
    assert.unreachable("the study is wrong");
  } catch (error) {
    assert.instance(error, LeadlineError);
  }
  assert.equal(readdirSync(join(folder, "parts")), []);
});

test.run();
