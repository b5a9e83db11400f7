/**
 * SQL for bar 3: all distinct 3-grams with their failing and normal sessions, for the KPI "the session never views the page of
 * plans". Grams are packed into one integer, 7 bits an event.
 *
 * Tried on the resident table (11.5 M events, two threads, s): windows partitioned by session 1.2; `lead() OVER ()` over the
 * sorted table 1.5 to 1.8; POSITIONAL JOIN with the table shifted 1.4 to 1.6; `count(DISTINCT s)` in place of DISTINCT 1.6 to 2.1; a
 * self-join on the row id slower still. On a table of one list of codes a session, which no longer is a table of events:
 * `list_distinct` of `list_transform` 0.7 to 0.9, of `list_zip` 0.8 to 1.1. The first and the best list are what the bench runs.
 *
 * Tried from the file: `list_sort` of time and code in one integer, grouped by session 2.1; windows 3.5 to 3.8;
 * `list(e ORDER BY ts)` 9 to 12.
 */

const packed = (step: (i: number) => string): string => `(${step(0)} * 128 + ${step(1)}) * 128 + ${step(2)}`;
const ofLists = `unnest(list_distinct(list_transform(range(1, len(es) - 1), i -> ${packed((i) => `es[i + ${i}]`)})))`;

const names = (file: string): string =>
  `CREATE TABLE names AS SELECT event, (row_number() OVER (ORDER BY event))::INTEGER AS e FROM (SELECT DISTINCT event FROM '${file}')`;

/** Tables that lie in memory before the clock starts: events sorted by session and time, and sessions with their codes as a list. */
export function residentTables(file: string): readonly string[] {
  return [
    names(file),
    `CREATE TABLE sessions AS
       SELECT session_id, (row_number() OVER (ORDER BY user_id, t0))::UINTEGER AS s, failing
       FROM (SELECT session_id, any_value(user_id) AS user_id, min(ts) AS t0, NOT bool_or(event = 'subscription_page_view') AS failing
             FROM '${file}' GROUP BY session_id)`,
    `CREATE TABLE events AS
       SELECT s, failing, ts, e FROM '${file}' JOIN sessions USING (session_id) JOIN names USING (event) ORDER BY s, ts`,
    "CREATE TABLE lists AS SELECT s, any_value(failing) AS failing, list(e ORDER BY ts) AS es FROM events GROUP BY s ORDER BY s",
  ];
}

/** One row a gram: gram, failing, normal. */
export function countSql(from: "events" | "lists"): string {
  const grams =
    from === "lists"
      ? `SELECT failing, ${ofLists} AS gram FROM lists`
      : `SELECT DISTINCT s, failing, ${packed((i) => `lead(e, ${i}) OVER w`)} AS gram
         FROM events WINDOW w AS (PARTITION BY s ORDER BY ts) QUALIFY lead(e, 2) OVER w IS NOT NULL`;
  return counted(grams);
}

/** From the file to the same rows. */
export function fromFileSql(file: string): readonly string[] {
  return [
    names(file),
    counted(`
      SELECT failing, ${ofLists} AS gram FROM (
        SELECT failing, list_transform(sorted, each -> each % 128) AS es FROM (
          SELECT session_id, NOT bool_or(event = 'subscription_page_view') AS failing, list_sort(list(epoch_ms(ts) * 128 + e)) AS sorted
          FROM '${file}' JOIN names USING (event) GROUP BY session_id))`),
  ];
}

/** Sums over the rows of `counts`. */
export const GRAMS_ANSWER: string = `
  SELECT count(*) AS grams, sum(failing)::BIGINT AS failing, sum(normal)::BIGINT AS normal,
    sum(failing * (gram % 1000003))::BIGINT AS "failingCheck", sum(normal * (gram % 999983))::BIGINT AS "normalCheck"
  FROM counts`;

function counted(grams: string): string {
  return `CREATE OR REPLACE TABLE counts AS
    SELECT gram, count(*) FILTER (failing) AS failing, count(*) FILTER (NOT failing) AS normal FROM (${grams}) GROUP BY gram`;
}
