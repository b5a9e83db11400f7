import { suite } from "uvu";
import * as assert from "uvu/assert";
import { WorkerPool } from "../../engine/pool.js";
import type { Findings } from "../../finder/findings.js";
import { runStudy } from "../../finder/run-study.js";
import { parseStudy } from "../../planner/study.js";
import { Random } from "../../sample/random.js";
import { temporaryFolder } from "../engine/sources/chunk-values.js";

const test = suite("rules of honesty");
const folder = temporaryFolder();
const pool = new WorkerPool(2);
test.after(async () => {
  await pool.close();
  folder.remove();
});

const HOUR_MS = 3_600_000;
const START_MS = Date.UTC(2026, 9, 19);

interface Session {
  readonly user: string;
  readonly startMs: number;
  readonly events: readonly (readonly [name: string, offsetMs: number])[];
  readonly country: string;
  readonly label: 0 | 1;
}

/** A stream of random numbers in [0, 1). */
function stream(seed: number): () => number {
  const random = new Random();
  random.reseed(seed, 1, 2, 3);
  return () => random.bits() / 2 ** 32 + 0.5;
}

const patternsAndLifecycle =
  "{template: event-pattern, k: 1}, {template: event-pattern, k: 2}, {template: user-lifecycle, boundary: 1}";

async function run(
  sessions: readonly Session[],
  failure: string,
  extra = "",
  hypotheses = patternsAndLifecycle,
): Promise<Findings> {
  const rows = sessions.flatMap(({ user, startMs, events, country, label }, session) =>
    events.map(
      ([name, offset]) => `${user},s${session},${new Date(startMs + offset).toISOString()},${name},${country},${label}`,
    ),
  );
  folder.write("events.csv", ["user_id,session_id,ts,name,country,label", ...rows].join("\n"));
  const study = `
title: A case
events: {files: [events.csv], columns: {user: user_id, session: session_id, time: ts, event: name}, attributes: [country]}
hypotheses: [${hypotheses}]
kpis: [{name: bad, failure: "${failure}"${extra}}]`;
  return await runStudy(parseStudy(study, "study.yaml"), folder.path, pool, {});
}

const told = ({ opportunities }: Findings) => opportunities.map(({ hypothesis }) => hypothesis);
const explainedBy = ({ explained }: Findings, hypothesis: string) =>
  explained.filter((each) => each.hypothesis === hypothesis).map(({ by }) => by);

/** 400 users with 6 sessions each over four weeks; `fill` says what becomes of a session. */
function sessionsOf(
  seed: number,
  fill: (
    chance: () => number,
    user: number,
    index: number,
  ) => { readonly names: readonly string[]; readonly country?: string; readonly label: boolean },
): Session[] {
  const chance = stream(seed);
  return Array.from({ length: 2400 }, (_, at) => {
    const [user, index] = [Math.floor(at / 6), at % 6];
    const startMs = START_MS + (index * 112 + Math.floor(chance() * 100)) * HOUR_MS;
    const { names, country = "NO", label } = fill(chance, user, index);
    const events = names.map((name, place) => [name, place * 1000] as const);
    return { user: `u${user}`, startMs, events, country, label: label ? 1 : 0 };
  });
}

const noise = ["a", "b", "c", "d"] as const;
const some = (chance: () => number): string[] =>
  Array.from({ length: 6 }, () => noise[Math.floor(chance() * noise.length)] as string);

test("a pattern that makes sessions fail is an opportunity, with an adjusted p-value and what the rules say of it", async () => {
  const sessions = sessionsOf(1, (chance) => {
    const hit = chance() < 0.08;
    return { names: [...some(chance), ...(hit ? ["x"] : []), "a"], label: chance() < (hit ? 0.6 : 0.1) };
  });
  const findings = await run(sessions, "label == 1");
  assert.equal(told(findings), ["x"]);
  const [found] = findings.opportunities;
  assert.ok(found!.effect.q !== null && found!.effect.q < 1e-6);
  assert.equal(
    found!.opinions.map(({ name }) => name),
    [
      ...["sequence-rate", "significance", "within-users", "without-largest-user", "adjusted-effect"],
      ...["cohort-similarity", "outlier", "trend", "change-point"],
    ],
  );
  assert.match(findings.guarantee ?? "", "false discovery rate at most 0.05");
});

test("what goes with users who fail anyway differs between them, not within", async () => {
  const sessions = sessionsOf(2, (chance, user) => {
    const isBad = user % 5 === 0;
    const hit = chance() < (isBad ? 0.7 : 0.05);
    return { names: [...some(chance), ...(hit ? ["x"] : [])], label: chance() < (isBad ? 0.6 : 0.08) };
  });
  const findings = await run(sessions, "label == 1");
  assert.equal(told(findings), []);
  assert.match(explainedBy(findings, "x")[0] ?? "", "differs between users, not within");
});

test("what few users carry is listed with that reason, however clear it is", async () => {
  // 15 users of 400 meet "odd" in each of their sessions, which then mostly fail
  const found = await run(
    sessionsOf(5, (chance, user) => {
      const isOdd = user % 27 === 0;
      return { names: isOdd ? ["home", "odd"] : ["home", "buy"], label: chance() < (isOdd ? 0.9 : 0.03) };
    }),
    "label == 1",
  );
  assert.not.ok(told(found).some((hypothesis) => hypothesis.includes("odd")));
  assert.equal(explainedBy(found, "odd"), ["carried by few users: 15, where 20 are asked for (setting min_users)"]);
});

test("what an attribute explains is explained by it (Simpson)", async () => {
  const sessions = sessionsOf(3, (chance) => {
    const isBrazil = chance() < 0.2;
    const hit = chance() < (isBrazil ? 0.8 : 0.05);
    return {
      names: [...some(chance), ...(hit ? ["x"] : [])],
      country: isBrazil ? "BR" : "NO",
      label: chance() < (isBrazil ? 0.6 : 0.1),
    };
  });
  const findings = await run(sessions, "label == 1");
  assert.equal(told(findings), []);
  assert.match(explainedBy(findings, "x")[0] ?? "", "country");
});

test("what longer sessions hold more of is explained by their length, unless the KPI reads it", async () => {
  const sessions = sessionsOf(4, (chance) => {
    const length = 3 + Math.floor(chance() * 40);
    const names = Array.from({ length }, () => (chance() < 0.02 ? "x" : (noise[Math.floor(chance() * 4)] as string)));
    return { names, label: chance() < length / 60 };
  });
  const findings = await run(sessions, "label == 1");
  assert.equal(told(findings), []);
  const lengths = findings.explained.filter(({ by }) => by.startsWith("the length of the session"));
  assert.ok(lengths.length > 0 || explainedBy(findings, "x").length === 0);
});

/** Purchases that are given up after 10 s. The hazard of paying is lower after an error; polls come at random while it is open. */
function purchases(): Session[] {
  const chance = stream(5);
  return Array.from({ length: 3000 }, (_, at): Session => {
    const isSlow = chance() < 0.08;
    const takesMs = -Math.log(chance()) * (isSlow ? 30_000 : 4000);
    const events: [string, number][] = [["buy", 0]];
    if (isSlow) events.push(["error", 10]);
    const openMs = Math.min(takesMs, 10_000);
    const pause = () => 4000 * Math.log(1 / chance());
    for (let pollMs = 500; pollMs < openMs; pollMs += pause()) events.push(["poll", pollMs]);
    if (takesMs < 10_000) events.push(["paid", takesMs]);
    else events.push(["leave", 10_500]);
    const startMs = START_MS + Math.floor(chance() * 600) * HOUR_MS;
    return { user: `u${at % 1500}`, startMs, events, country: "NO", label: 0 };
  });
}

test("what happens while waiting is no cause; what slows a conversion at the same age is", async () => {
  const findings = await run(purchases(), "not (buy -> paid within 10s)", ", outcome: [leave]");
  const [found, ...others] = findings.opportunities;
  assert.equal(others, []);
  assert.ok([found?.hypothesis, ...(found?.folded ?? [])].includes("error"), "polls after it may stand for it");
  const waiting = findings.explained.filter(({ hypothesis }) => hypothesis.startsWith("poll"));
  assert.ok(waiting.length > 0, "two polls in a row are twice as common in failures");
  for (const { by } of waiting) assert.match(by, /waiting|as much time/);
});

test("conditions that come to hold while waiting are no causes either, and those that slow a conversion are", async () => {
  const hypotheses = [
    "{template: repetition, event: poll, n: 2}",
    "{template: repetition, event: error, n: 1}",
    // passes while what has not been paid in time has
    "{template: absence, event: buy, missing: poll, within: 6s}",
  ].join(", ");
  const findings = await run(purchases(), "not (buy -> paid within 10s)", ", outcome: [leave]", hypotheses);
  assert.equal(told(findings), ["count(error) >= 1"]);
  assert.match(explainedBy(findings, "count(poll) >= 2")[0] ?? "", /waiting|as much time/);
});

test("what only says that a session has lasted is no cause of its lasting", async () => {
  const chance = stream(6);
  const sessions = Array.from({ length: 2400 }, (_, at): Session => {
    const isStuck = chance() < 0.2;
    const lastsMs = -Math.log(chance()) * (isStuck ? 90_000 : 30_000);
    const events: [string, number][] = [["open", 0]];
    if (isStuck) events.push(["stuck", 5]);
    for (let atMs = 4000 * chance(); atMs < lastsMs; atMs += -Math.log(chance()) * 20_000) events.push(["beat", atMs]);
    events.push(["close", lastsMs]);
    const startMs = START_MS + Math.floor(chance() * 600) * HOUR_MS;
    return { user: `u${at % 1200}`, startMs, events: events.sort((a, b) => a[1] - b[1]), country: "NO", label: 0 };
  });
  const hypotheses =
    "{template: repetition, event: stuck, n: 1}, {template: repetition, event: beat, n: 3}, " +
    "{template: absence, event: open, missing: close, within: 58s}, {template: absence, event: open, missing: close, within: 70s}";
  const findings = await run(sessions, "session.duration > 60s", "", hypotheses);
  assert.equal(told(findings), ["count(stuck) >= 1"]);
  assert.match(explainedBy(findings, "count(beat) >= 3")[0] ?? "", "waiting");
});

test("what a rule dismisses lends no rank to what may be chance", async () => {
  const chance = stream(7);
  const polls = Array.from({ length: 8 }, (_, at) => `poll${at}`);
  const dealt = { failing: 30, paid: 70 };
  const sessions = Array.from({ length: 1500 }, (_, at): Session => {
    const takesMs = -Math.log(chance()) * 6000;
    const openMs = Math.min(takesMs, 10_000);
    // every kind of poll comes while a purchase is open, and a failing one is open for longer
    const events = [["buy", 0] as const, ...polls.map((poll) => [poll, -Math.log(chance()) * 6000] as const)]
      .filter(([, atMs]) => atMs < openMs)
      .sort((a, b) => a[1] - b[1]);
    const outcome = takesMs < 10_000 ? "paid" : "failing";
    events.push(outcome === "paid" ? ["paid", takesMs] : ["leave", 10_500]);
    // among sessions alike a hundred from one country, of which 30 fail where others have 18 of a hundred
    const country = at % 3 === 0 && dealt[outcome]-- > 0 ? "SE" : "NO";
    const startMs = START_MS + Math.floor(chance() * 600) * HOUR_MS;
    return { user: `u${at}`, startMs, events, country, label: 0 };
  });
  const country = "{template: attribute-predicate, attribute: country, values: [SE]}";
  const ofPolls = polls.map((event) => `{template: repetition, event: ${event}, n: 1}`);
  const failure = "not (buy -> paid within 10s)";
  const amongPolls = await run(sessions, failure, ", outcome: [leave]", [...ofPolls, country].join(", "));
  const waiting = amongPolls.explained.filter(({ hypothesis }) => hypothesis.startsWith("count(poll"));
  assert.ok(waiting.length >= polls.length, `${waiting.length} are explained`);
  assert.equal(told(amongPolls), [], "0.003 times 27 hypotheses is above 0.05, though over 9 discoveries it is not");
  const alone = await run(sessions, failure, ", outcome: [leave]", country);
  assert.equal(told(alone), ['country == "SE"'], "0.003 times 3 is not");
});

test("with outcomes permuted over users, at most one of twenty runs reports anything", async () => {
  let reported = 0;
  for (let seed = 100; seed < 120; seed++) {
    // users differ in what they do and in how often they fail; which user fails how often is dealt out anew by every seed
    const chance = stream(seed);
    const habits = Array.from({ length: 400 }, () => chance());
    const failing = Array.from({ length: 400 }, () => 0.3 * chance() ** 2);
    const sessions = sessionsOf(seed, (next, user) => ({
      names: [...some(next), ...(next() < (habits[user] as number) / 4 ? ["x"] : [])],
      country: next() < 0.5 ? "NO" : "SE",
      label: next() < (failing[user] as number),
    }));
    const { opportunities } = await run(sessions, "label == 1");
    if (opportunities.length > 0) reported++;
  }
  assert.ok(reported <= 1, `${reported} of 20 runs reported something`);
});

test.run();
