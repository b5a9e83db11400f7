/** What experts 4 to 8 say of a run's findings, and what they refuse. */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { WorkerPool } from "../../engine/pool.js";
import type { Findings, Opinion } from "../../finder/findings.js";
import { runStudy } from "../../finder/run-study.js";
import { Random } from "../../finder/statistics/random.js";
import { parseStudy } from "../../planner/study.js";
import { statementOf } from "../../report/statement.js";
import { temporaryFolder } from "../engine/sources/chunk-values.js";

const test = suite("experts on what is reported");
const folder = temporaryFolder();
const pool = new WorkerPool(2);
test.after(async () => {
  await pool.close();
  folder.remove();
});

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const START_MS = Date.UTC(2026, 9, 19);

interface Session {
  readonly user: number;
  readonly startMs: number;
  readonly hit: boolean;
  readonly attributes: readonly string[];
  readonly value: number;
}

const noise = ["a", "b", "c", "d"];

/** Runs a study on sessions in which `x` happens where they are hit, among noise. */
async function run(sessions: readonly Session[], kpi: string, seed: number): Promise<Findings> {
  const random = new Random(seed);
  const rows = sessions.flatMap(({ user, startMs, hit, attributes, value }, session) => {
    const names = Array.from({ length: 5 }, () => noise[random.below(noise.length)] as string);
    if (hit) names.splice(1 + random.below(4), 0, "x");
    return names.map(
      (name, at) =>
        `u${user},s${session},${new Date(startMs + at * 1000).toISOString()},${name},${attributes.join(",")},${value}`,
    );
  });
  const columns = sessions[0]?.attributes.map((_, at) => `attribute${at}`) ?? [];
  folder.write("events.csv", [`user_id,session_id,ts,name,${columns.join(",")},measure`, ...rows].join("\n"));
  const study = `
title: A case
events: {files: [events.csv], columns: {user: user_id, session: session_id, time: ts, event: name}, attributes: [${columns.join(", ")}]}
hypotheses: [{template: event-pattern, k: 1}]
kpis: [${kpi}]`;
  return await runStudy(parseStudy(study, "study.yaml"), folder.path, pool, {});
}

const BAD = '{name: bad, failure: "measure == 1"}';
const told = ({ opportunities }: Findings) => opportunities.map(({ hypothesis }) => hypothesis);
const explainedBy = ({ explained }: Findings, hypothesis: string) =>
  explained.filter((each) => each.hypothesis === hypothesis).map(({ by }) => by);
const opinionOf = ({ opportunities }: Findings, name: string): Opinion | undefined =>
  opportunities.find(({ hypothesis }) => hypothesis === "x")?.opinions.find((opinion) => opinion.name === name);

/** 500 users with 6 sessions each over four weeks. */
function sessionsOf(
  seed: number,
  fill: (random: Random, user: number, startMs: number) => Pick<Session, "hit" | "attributes" | "value">,
): Session[] {
  const random = new Random(seed);
  return Array.from({ length: 3000 }, (_, at) => {
    const user = Math.floor(at / 6);
    const startMs = START_MS + ((at % 6) * 112 + random.below(100)) * HOUR_MS;
    return { user, startMs, ...fill(random, user, startMs) };
  });
}

const chance = (random: Random, p: number): boolean => random.uniform() < p;
const country = (random: Random): string => ["NO", "SE", "DK", "FI", "IS", "EE"][random.below(6)] as string;

test("an effect that rises on a day is dated, in the evidence and in the sentence", async () => {
  const releaseMs = START_MS + 15 * DAY_MS;
  const findings = await run(
    sessionsOf(1, (random, _user, startMs) => {
      const hit = chance(random, 0.3);
      return {
        hit,
        attributes: [country(random)],
        value: chance(random, hit ? (startMs >= releaseMs ? 0.8 : 0.3) : 0.1) ? 1 : 0,
      };
    }),
    BAD,
    1,
  );
  assert.equal(told(findings), ["x"]);
  const change = opinionOf(findings, "change-point");
  assert.is(change?.says, "opportunity");
  assert.ok(Math.abs((change?.evidence["began_ms"] as number) - releaseMs) <= 2 * DAY_MS);
  assert.match(
    statementOf(findings.opportunities[0]!, findings),
    /, since 2026-11-0[2-5], when their failures rose from /,
  );
});

test("an effect that grows is said to grow", async () => {
  const findings = await run(
    sessionsOf(2, (random, _user, startMs) => {
      const hit = chance(random, 0.4);
      const share = (startMs - START_MS) / (28 * DAY_MS);
      return { hit, attributes: [country(random)], value: chance(random, hit ? 0.15 + 0.5 * share : 0.1) ? 1 : 0 };
    }),
    BAD,
    2,
  );
  const trend = opinionOf(findings, "trend");
  assert.is(trend?.says, "opportunity");
  assert.is(trend?.evidence["bucket"], "day");
  const slope = trend?.evidence["slope_per_day"] as number;
  assert.ok(Math.abs(slope - 0.5 / 28) < 0.01, `${slope}`);
});

test("where a finding concentrates is named", async () => {
  const findings = await run(
    sessionsOf(3, (random) => {
      const hit = chance(random, 0.4);
      const own = country(random);
      return { hit, attributes: [own], value: chance(random, hit ? (own === "DK" ? 0.9 : 0.35) : 0.1) ? 1 : 0 };
    }),
    BAD,
    3,
  );
  const outlier = opinionOf(findings, "outlier");
  assert.is(outlier?.says, "opportunity");
  assert.is(outlier?.evidence["attribute"], "attribute0");
  assert.is(outlier?.evidence["value"], "DK");
});

test("what three attributes explain together is the make-up of members, though no pair of them explains it", async () => {
  const findings = await run(
    sessionsOf(4, (random) => {
      const risks = [chance(random, 0.5), chance(random, 0.5), chance(random, 0.5)];
      const count = risks.filter((is) => is).length;
      const hit = chance(random, [0.02, 0.1, 0.35, 0.85][count] as number);
      const value = chance(random, [0.02, 0.08, 0.3, 0.8][count] as number) ? 1 : 0;
      return { hit, attributes: risks.map((is) => (is ? "yes" : "no")), value };
    }),
    BAD,
    4,
  );
  assert.equal(told(findings), []);
  assert.match(
    explainedBy(findings, "x").join(" "),
    /make-up of members: no effect is left among sessions alike in attribute0, attribute1, attribute2|among sessions that share it/,
  );
});

test("a numeric effect under heavy tails is found with its means and quantiles, and a single giant value makes none", async () => {
  const pareto = (random: Random): number => (1 - random.uniform()) ** (-1 / 1.1);
  const kpi = "{name: wait, value: measure, worse: higher}";
  const planted = await run(
    sessionsOf(5, (random) => {
      const hit = chance(random, 0.2);
      return { hit, attributes: [country(random)], value: pareto(random) * (hit ? 3 : 1) };
    }),
    kpi,
    5,
  );
  assert.equal(told(planted), ["x"]);
  const [found] = planted.opportunities;
  assert.ok(found!.values !== null && found!.values.members.median > 2.4 * found!.values.others.median);
  assert.ok(found!.values.members.worstTenth > 2 * found!.values.others.worstTenth);
  assert.ok(planted.kpis[0]?.limits !== null);
  assert.is(opinionOf(planted, "adjusted-effect")?.says, "opportunity");
  assert.match(statementOf(found!, planted), /have a mean wait of /);
  const giant = await run(
    sessionsOf(6, (random, user) => {
      const hit = chance(random, 0.2);
      return { hit, attributes: [country(random)], value: hit && user === 7 ? 1e9 : pareto(random) };
    }),
    kpi,
    6,
  );
  assert.equal(told(giant), []);
});

test("where lower is worse, a numeric effect downwards is found", async () => {
  const findings = await run(
    sessionsOf(7, (random) => {
      const hit = chance(random, 0.2);
      return { hit, attributes: [country(random)], value: 100 * random.uniform() * (hit ? 0.4 : 1) };
    }),
    "{name: score, value: measure, worse: lower}",
    7,
  );
  assert.equal(told(findings), ["x"]);
  assert.ok(findings.opportunities[0]!.effect.high < 0);
  assert.is(opinionOf(findings, "adjusted-effect")?.says, "opportunity");
  assert.is(opinionOf(findings, "without-largest-user")?.says, "opportunity");
});

test("what anyone does next, success or not, is no finding on the success", async () => {
  const random = new Random(9);
  const rows: string[] = [];
  for (let session = 0; session < 3000; session++) {
    const at = (step: number): string => new Date(START_MS + session * 600_000 + step * 1000).toISOString();
    const names = ["begin", "submit"];
    const succeeds = chance(random, 0.85);
    if (succeeds) names.push("success");
    if (chance(random, 0.6)) names.push("form");
    names.push("end");
    for (const [step, name] of names.entries()) rows.push(`u${session % 900},s${session},${at(step)},${name}`);
  }
  folder.write("events.csv", ["user_id,session_id,ts,name", ...rows].join("\n"));
  const study = `
title: A case
events: {files: [events.csv], columns: {user: user_id, session: session_id, time: ts, event: name}}
hypotheses: [{template: event-pattern, k: 2}]
kpis: [{name: success, among: begin, failure: "not (begin -> success)"}]`;
  const findings = await runStudy(parseStudy(study, "study.yaml"), folder.path, pool, {});
  assert.not(told(findings).includes("submit => form"));
  assert.match(explainedBy(findings, "submit => form").join(" "), /stepped over|as common|waiting/);
});

test("what one user of a few carries is not reported", async () => {
  const findings = await run(
    sessionsOf(8, (random, user) => {
      // 25 users have it, in one session or so each; one of them all the time, and fails
      const isHeavy = user === 3;
      const hit = isHeavy || (user < 30 && chance(random, 0.3));
      return { hit, attributes: [country(random)], value: chance(random, isHeavy ? 1 : 0.1) ? 1 : 0 };
    }).flatMap((session) =>
      session.user === 3
        ? Array.from({ length: 60 }, (_, at) => ({ ...session, startMs: session.startMs + at * HOUR_MS }))
        : [session],
    ),
    BAD,
    8,
  );
  assert.not(told(findings).includes("x"));
});

test.run();
