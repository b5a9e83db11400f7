/**
 * SQL for bar 4: the counts of the main job. Sessions of one list of token codes each, the KPIs as columns, then one query per length
 * of pattern, KPIs as FILTER clauses, cohorts as GROUPING SETS; lists, since they were the fastest formulation of bar 3.
 *
 * Two forms. `all` counts every sequence, as the question is put. `bounded` is what an expert adds on seeing its time: expert 1 only
 * takes a pattern in at least a tenth of the failing sessions, so a first aggregate without cohorts keeps the sequences that some
 * cohort's smallest such number allows, and only these are counted by cohort, from counts by all attributes at once (11.5 M events,
 * k = 2: 7.2 s with the latter, 14 s without).
 */

import type { Duck } from "./duckdb.js";

/** Static attributes of the study, in its order. */
const ATTRIBUTES = ["country", "os", "device", "browser", "channel"] as const;
const KPIS = [1, 2, 3, 4, 5] as const;
/** Lengths of patterns. */
export const LENGTHS = [1, 2, 3, 4, 5] as const;
/** Expert 1's support, and the least failing and normal sessions and users of a scenario: the settings' defaults. */
const SUPPORT = 0.1;
const LEAST_SESSIONS = 30;
const LEAST_SHARE = 0.05;

/** Lifecycle conditions as the study's grid prints them, and as columns. */
const CONDITIONS: Readonly<Record<string, string>> = {
  "session.index <= 1": "session_index <= 1",
  "session.index > 1": "session_index > 1",
  "session.index <= 2": "session_index <= 2",
  "session.index > 2": "session_index > 2",
  "session.index == 2": "session_index = 2",
  "session.index <= 5": "session_index <= 5",
  "session.index > 5": "session_index > 5",
  "session.index == 5": "session_index = 5",
  "user.days_since_last > 7": "coalesce(since_last > INTERVAL 7 DAYS, false)",
  "user.days_since_last > 30": "coalesce(since_last > INTERVAL 30 DAYS, false)",
};

const kpiCounts = KPIS.map((i) => `count(*) FILTER (k${i}) AS f${i}, count(*) FILTER (NOT k${i}) AS n${i}`).join(", ");
const kpiSums = KPIS.map((i) => `sum(f${i})::BIGINT AS f${i}, sum(n${i})::BIGINT AS n${i}`).join(", ");
const cohortSets: readonly (readonly string[])[] = [
  [],
  ...ATTRIBUTES.map((name) => [name]),
  ...ATTRIBUTES.flatMap((name, at) => ATTRIBUTES.slice(at + 1).map((other) => [name, other])),
];
const setsWith = (...first: readonly string[]): string =>
  cohortSets.map((names) => `(${[...first, ...names].join(", ")})`).join(", ");

/** From the file to sessions: token codes in order, attributes, KPIs (NULL: does not count), lifecycle. */
function sessionTables(file: string): readonly string[] {
  return [
    `CREATE TABLE raw AS
       SELECT user_id, session_id, ts, event, ${ATTRIBUTES.join(", ")}, visits_before,
         CASE event WHEN 'subscription_page_view' THEN event || '{ui=' || ui || '}'
           WHEN 'subscription_api_response' THEN event || '{status=' || status || '}' ELSE event END AS token
       FROM '${file}'`,
    "CREATE TABLE tokens AS SELECT token, row_number() OVER (ORDER BY token) AS e FROM (SELECT DISTINCT token FROM raw)",
    `CREATE TABLE sessions AS
       WITH base AS (
         SELECT session_id, any_value(user_id) AS user_id, min(ts) AS t0, any_value(visits_before) AS visits_before,
           ${ATTRIBUTES.map((name) => `any_value(${name}) AS ${name}`).join(", ")},
           list_sort(list(epoch_ms(ts) * 128 + e)) AS sorted,
           bool_or(event = 'buy_plan') AS buys,
           bool_or(event = 'subscription_page_view') AS views,
           max(ts) FILTER (event = 'payment_complete') > min(ts) FILTER (event = 'subscription_page_view') AS pays,
           bool_or(event = 'subscription_start') AS starts,
           max(ts) FILTER (event = 'subscription_finish') > min(ts) FILTER (event = 'subscription_start') AS finishes,
           bool_or(event = 'trailer_play') AS plays,
           bool_or(event = 'trailer_error') AS errs
         FROM raw JOIN tokens USING (token) GROUP BY session_id),
       in_time AS (
         SELECT session_id, bool_or(ts - clicked <= INTERVAL 10 SECONDS) AS paid FROM (
           SELECT session_id, ts, event, max(ts) FILTER (event = 'buy_plan') OVER (PARTITION BY session_id ORDER BY ts) AS clicked
           FROM raw WHERE event IN ('buy_plan', 'payment_complete'))
         WHERE event = 'payment_complete' GROUP BY session_id)
       SELECT ${ATTRIBUTES.join(", ")}, user_id, list_transform(sorted, each -> each % 128) AS es,
         visits_before + row_number() OVER own AS session_index, t0 - lag(t0) OVER own AS since_last,
         CASE WHEN buys THEN NOT coalesce(paid, false) END AS k1,
         CASE WHEN views THEN NOT coalesce(pays, false) END AS k2,
         CASE WHEN starts THEN NOT coalesce(finishes, false) END AS k3,
         CASE WHEN plays THEN errs END AS k4,
         NOT views AS k5
       FROM base LEFT JOIN in_time USING (session_id)
       WINDOW own AS (PARTITION BY user_id ORDER BY t0)`,
    `CREATE TABLE cohorts AS
       SELECT ${ATTRIBUTES.join(", ")}, count(DISTINCT user_id) AS users, ${kpiCounts} FROM sessions GROUP BY GROUPING SETS (${setsWith()})`,
  ];
}

/** One row for each session and different sequence of k tokens in it, packed by 7 bits a token. */
function grams(k: number): string {
  const packed = Array.from({ length: k }, (_, i) => `es[i + ${i}] * ${128 ** (k - 1 - i)}`).join(" + ");
  return `SELECT ${ATTRIBUTES.join(", ")}, ${KPIS.map((i) => `k${i}`).join(", ")},
      unnest(list_distinct(list_transform(range(1, len(es) + ${2 - k}), i -> ${packed}))) AS gram
    FROM sessions WHERE len(es) >= ${k}`;
}

function allOf(k: number): string {
  return `CREATE TABLE grams${k} AS
    SELECT gram, ${ATTRIBUTES.join(", ")}, ${kpiCounts} FROM (${grams(k)}) GROUP BY GROUPING SETS (${setsWith("gram")})`;
}

function boundedOf(k: number, least: readonly number[]): string {
  const enough = KPIS.map((i) => `count(*) FILTER (k${i}) >= ${least[i - 1]}`).join(" OR ");
  const attributes = ATTRIBUTES.join(", ");
  return `CREATE TABLE grams${k} AS
    WITH g AS MATERIALIZED (${grams(k)}),
    kept AS (SELECT gram FROM g GROUP BY gram HAVING ${enough}),
    cells AS MATERIALIZED (
      SELECT gram, ${attributes}, ${kpiCounts} FROM g SEMI JOIN kept USING (gram) GROUP BY gram, ${attributes})
    SELECT gram, ${attributes}, ${kpiSums} FROM cells GROUP BY GROUPING SETS (${setsWith("gram")})`;
}

/** Seconds of each query. */
export type Told = (name: string, seconds: number) => void;

/** Runs all queries of the job. */
export async function countMainJob(duck: Duck, file: string, form: "all" | "bounded", told: Told): Promise<void> {
  const time = async (name: string, work: () => Promise<void>): Promise<void> => {
    const start = performance.now();
    await work();
    told(name, (performance.now() - start) / 1000);
  };
  await time("sessions", async () => {
    for (const sql of sessionTables(file)) await duck.run(sql);
  });
  await time("lifecycle", () => duck.run(conditionsSql()));
  const [row] = await duck.rows(
    `SELECT ${KPIS.map((i) => `coalesce(ceil(${SUPPORT} * min(f${i}) FILTER (${isScenario(i)})), 1)::BIGINT AS b${i}`).join(", ")} FROM cohorts`,
  );
  const least = KPIS.map((i) => Number(row?.[`b${i}`]));
  for (const k of LENGTHS) await time(`k${k}`, () => duck.run(form === "all" ? allOf(k) : boundedOf(k, least)));
}

function isScenario(kpi: number): string {
  return `f${kpi} >= ${LEAST_SESSIONS} AND n${kpi} >= ${LEAST_SESSIONS} AND users >= ${LEAST_SHARE} * (SELECT max(users) FROM cohorts)`;
}

/** One row for each session and condition that holds in it, counted as patterns are, by all attributes at once first. */
function conditionsSql(): string {
  const conditions = Object.values(CONDITIONS).map((sql, at) => `CASE WHEN ${sql} THEN ${at} END`);
  const attributes = ATTRIBUTES.join(", ");
  return `CREATE TABLE conditions AS
    WITH cells AS MATERIALIZED (
      SELECT condition, ${attributes}, ${kpiCounts} FROM (
        SELECT ${attributes}, ${KPIS.map((i) => `k${i}`).join(", ")},
          unnest(list_filter([${conditions.join(", ")}], each -> each IS NOT NULL)) AS condition
        FROM sessions)
      GROUP BY condition, ${attributes})
    SELECT condition, ${attributes}, ${kpiSums} FROM cells GROUP BY GROUPING SETS (${setsWith("condition")})`;
}

/** What the check compared. */
export interface Checked {
  readonly patternTallies: number;
  readonly conditionTallies: number;
  /** Of DuckDB's counts, those with expert 1's support in a scenario of ours. */
  readonly supported: number;
}

/**
 * Compares our tallies with DuckDB's, both ways: every count of ours must be DuckDB's, and every sequence that DuckDB counts in at
 * least a tenth of a scenario's failing sessions, no token of it barred, must be among ours.
 * @param ours - path of the CSV files of `runners/tallies.ts`, without their endings
 * @throws Error with the first differences
 */
export async function checkMainJob(duck: Duck, ours: string): Promise<Checked> {
  const same = ATTRIBUTES.map((name) => `o.${name} IS NOT DISTINCT FROM d.${name}`).join(" AND ");
  const options = `header = true, all_varchar = false, types = {${ATTRIBUTES.map((name) => `'${name}': 'VARCHAR'`).join(", ")}}`;
  await duck.run(`CREATE TABLE ours AS FROM read_csv('${ours}-patterns.csv', ${options}, quote = '"')`);
  await duck.run(`CREATE TABLE our_conditions AS FROM read_csv('${ours}-conditions.csv', ${options})`);
  await duck.run(
    `CREATE TABLE barred AS SELECT kpi, e FROM read_csv('${ours}-barred.csv', header = true, types = {'kpi': 'BIGINT', 'token': 'VARCHAR'}) JOIN tokens USING (token)`,
  );
  // our texts become packed codes, once for each different text
  await duck.run(`CREATE TABLE packed AS
    SELECT gram AS text, list_reduce(list(e ORDER BY place), (sum, e) -> sum * 128 + e) AS gram FROM (
      SELECT gram, unnest(string_split(gram, '>')) AS token, generate_subscripts(string_split(gram, '>'), 1) AS place
      FROM (SELECT DISTINCT gram FROM ours))
    JOIN tokens USING (token) GROUP BY gram`);
  await duck.run(`CREATE TABLE scenarios AS SELECT DISTINCT kpi, ${ATTRIBUTES.join(", ")}, failing, normal FROM ours`);
  const byKpi = (column: string): string =>
    `CASE o.kpi ${KPIS.map((i) => `WHEN ${i - 1} THEN ${column}${i}`).join(" ")} END`;

  const scenarios = await duck.rows(`SELECT count(*) AS wrong FROM scenarios o LEFT JOIN cohorts d ON ${same}
    WHERE ${byKpi("f")} IS DISTINCT FROM o.failing OR ${byKpi("n")} IS DISTINCT FROM o.normal`);
  expectNone(scenarios, "sizes of scenarios");

  let supported = 0;
  await duck.run(`CREATE VIEW all_grams AS ${LENGTHS.map((k) => `SELECT * FROM grams${k}`).join(" UNION ALL ")}`);
  await duck.run(
    `CREATE TABLE ours_packed AS SELECT o.* EXCLUDE (gram), p.gram FROM ours o JOIN packed p ON o.gram = p.text`,
  );
  // sequences of different lengths never pack to the same number, since codes begin at 1
  const wrong =
    await duck.rows(`SELECT count(*) AS wrong FROM ours_packed o LEFT JOIN (SELECT * FROM all_grams SEMI JOIN packed USING (gram)) d
    ON o.gram = d.gram AND ${same} WHERE coalesce(${byKpi("d.f")}, 0) <> o.f OR coalesce(${byKpi("d.n")}, 0) <> o.n`);
  expectNone(wrong, "tallies of patterns");
  const missing = await duck.rows(`
    WITH held AS (
      SELECT o.kpi, d.gram, ${ATTRIBUTES.map((name) => `o.${name}`).join(", ")} FROM all_grams d JOIN scenarios o ON ${same}
      WHERE ${byKpi("d.f")} >= ${SUPPORT} * o.failing),
    allowed AS (
      SELECT * FROM held WHERE NOT EXISTS (
        SELECT 1 FROM barred b WHERE b.kpi = held.kpi AND list_contains([gram % 128, (gram // 128) % 128, (gram // 16384) % 128,
          (gram // 2097152) % 128, gram // 268435456], b.e)))
    SELECT count(*) AS supported, count(*) FILTER (o.gram IS NULL) AS wrong
    FROM allowed d LEFT JOIN ours_packed o ON o.gram = d.gram AND o.kpi = d.kpi AND ${same}`);
  expectNone(missing, "supported patterns that are not among ours");
  supported = Number(missing[0]?.["supported"]);

  const conditions = Object.keys(CONDITIONS);
  for (const [at, text] of conditions.entries()) {
    const rows =
      await duck.rows(`SELECT count(*) AS wrong FROM our_conditions o LEFT JOIN (FROM conditions WHERE condition = ${at}) d ON ${same}
      WHERE o.condition = '${text}' AND (coalesce(${byKpi("d.f")}, 0) <> o.f OR coalesce(${byKpi("d.n")}, 0) <> o.n)`);
    expectNone(rows, text);
  }
  const [counts] =
    await duck.rows(`SELECT (SELECT count(*) FROM ours) AS patterns, (SELECT count(*) FROM ours_packed) AS packed,
    (SELECT count(*) FROM our_conditions) AS conditions,
    (SELECT count(*) FROM our_conditions WHERE condition NOT IN (${conditions.map((text) => `'${text}'`).join(", ")})) AS unknown`);
  if (counts?.["patterns"] !== counts?.["packed"])
    throw new Error("check: patterns of ours hold tokens that DuckDB does not know");
  if (counts?.["unknown"] !== 0) throw new Error("check: conditions of ours that DuckDB did not count");
  return { patternTallies: Number(counts["patterns"]), conditionTallies: Number(counts["conditions"]), supported };
}

function expectNone(rows: readonly Readonly<Record<string, unknown>>[], what: string): void {
  const wrong = Number(rows[0]?.["wrong"]);
  if (wrong !== 0) throw new Error(`check failed: ${what}: ${wrong} differ`);
}
