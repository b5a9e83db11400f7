import { suite } from "uvu";
import * as assert from "uvu/assert";
import { WorkerPool } from "../../engine/pool.js";
import type { Candidate } from "../../finder/candidates.js";
import { count } from "../../finder/find.js";
import { planStudy } from "../../finder/run-study.js";
import { type Screen, screenLifecycle } from "../../finder/screen.js";
import { Families } from "../../finder/significance.js";
import { parseStudy } from "../../planner/study.js";
import { temporaryFolder } from "../engine/sources/chunk-values.js";

const test = suite("screenLifecycle");
const folder = temporaryFolder();
const pool = new WorkerPool(2);
test.after(async () => {
  await pool.close();
  folder.remove();
});

const TESTS = 2;
const DAY_MS = 86_400_000;
const START_MS = Date.UTC(2026, 9, 19);

interface Given {
  /** One in so many first, and later, sessions of users with one session fails. */
  readonly first: number;
  readonly later: number;
  /** Whether the second sessions of those with two fail, and not their first. */
  readonly secondFails?: boolean;
  readonly kpi?: string;
}

/** 300 users with their first session alone, as many with a later one alone, and 60 with both. */
async function screened({ first, later, secondFails = false, kpi = "failure: label == 1" }: Given): Promise<Screen> {
  const rows: string[] = [];
  const add = (user: string, day: number, before: number, fails: boolean): void => {
    const ts = new Date(START_MS + day * DAY_MS).toISOString();
    rows.push(`${user},${user}-${day},${ts},open,${before},${fails ? 1 : 0}`);
  };
  for (let user = 0; user < 300; user++) {
    add(`first${user}`, user % 20, 0, user % first === 0);
    add(`later${user}`, user % 20, 5, user % later === 0);
    if (user >= 60) continue;
    add(`both${user}`, 1, 0, !secondFails);
    add(`both${user}`, 9, 0, secondFails);
  }
  folder.write("events.csv", ["user_id,session_id,ts,name,before,label", ...rows].join("\n"));
  const study = parseStudy(
    `
title: A case
events: {files: [events.csv], columns: {user: user_id, session: session_id, time: ts, event: name}, attributes: [], history: {sessions: before}}
hypotheses: [{template: user-lifecycle, boundary: 1}]
kpis: [{name: bad, ${kpi}}]`,
    "study.yaml",
  );
  const { store, plan, tokens } = await planStudy(study, folder.path, pool, {});
  const { context, members, conditionTally } = await count(store, plan, tokens, pool, {
    ...{ experts: "all", fromMs: Number.NEGATIVE_INFINITY, toMs: Number.POSITIVE_INFINITY, settings: study.settings },
  });
  assert.equal(
    plan.conditions.map(({ text }) => text),
    ["session.index <= 1", "session.index > 1"],
  );
  const families = new Families(1);
  families.add("user-lifecycle", 0, TESTS);
  return await screenLifecycle(context, members, conditionTally, families);
}

const [firstSessions, laterSessions] = [0, 1].map(
  (index): Candidate => ({
    subject: { kind: "condition", index },
    scenario: { cohort: 0, kpi: 0, failing: 0, normal: 0 },
    ...{ membersFailing: 0, membersNormal: 0, failing: 0, normal: 0, folded: [] },
  }),
) as [Candidate, Candidate];
const weightOf = (screen: Screen, candidate: Candidate, isWithin = true): number =>
  screen.weightOf(candidate, "user-lifecycle", isWithin);

test("what passes has half of the weight beside its share, and all weights of a family are 1 on average", async () => {
  const screen = await screened({ first: 2, later: 10 });
  assert.is(weightOf(screen, firstSessions), 0.5 + (0.5 * TESTS) / 1);
  assert.is(weightOf(screen, laterSessions), 0.5);
  assert.is(weightOf(screen, firstSessions) + weightOf(screen, laterSessions), TESTS);
});

test("users with sessions of both kinds have no say, for they are who tests", async () => {
  for (const secondFails of [false, true]) {
    const screen = await screened({ first: 2, later: 10, secondFails });
    assert.is(weightOf(screen, firstSessions), 1.5);
    const none = await screened({ first: 10, later: 10, secondFails });
    assert.is(weightOf(none, firstSessions), 1);
    assert.is(weightOf(none, laterSessions), 1);
  }
});

test("what is not tested within users, other templates and numeric KPIs gain nothing", async () => {
  const screen = await screened({ first: 2, later: 10 });
  assert.is(weightOf(screen, firstSessions, false), 0.5);
  assert.is(screen.weightOf(firstSessions, "time-of-session", true), 1);
  const numeric = await screened({ first: 2, later: 10, kpi: "value: label, worse: higher" });
  assert.is(weightOf(numeric, firstSessions), 1);
});

test.run();
