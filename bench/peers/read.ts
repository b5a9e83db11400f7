/**
 * SQL for bar 1. Codes by joins with small dictionary tables was the fastest of what was tried (11.5 M events, two threads):
 * joins 4.5 s; ENUM for the event and joins for the rest 3.9 to 7.3 s; `dense_rank()` 8.1 s, ENUM for all ids 27 s; without any
 * codes, `ORDER BY` on the texts 7.0 s.
 */

/** Dictionary-coded, sorted by user, session start and time: tables `sessions(session_id, u, s)`, `names(event, e)`, `events(u, s, ts, e)`. */
export function codedTables(file: string): readonly string[] {
  return [
    `CREATE TABLE users AS
       SELECT user_id, (row_number() OVER ())::UINTEGER AS u FROM (SELECT DISTINCT user_id FROM '${file}')`,
    `CREATE TABLE sessions AS
       SELECT session_id, u, t0, (row_number() OVER (ORDER BY u, t0))::UINTEGER AS s
       FROM (SELECT session_id, any_value(user_id) AS user_id, min(ts) AS t0 FROM '${file}' GROUP BY session_id)
       JOIN users USING (user_id)`,
    `CREATE TABLE names AS
       SELECT event, (row_number() OVER (ORDER BY event))::UTINYINT AS e FROM (SELECT DISTINCT event FROM '${file}')`,
    `CREATE TABLE events AS
       SELECT u, s, ts, e FROM '${file}' JOIN sessions USING (session_id) JOIN names USING (event) ORDER BY s, ts`,
  ];
}

/** The texts sorted, without codes. */
export function sortedTexts(file: string): readonly string[] {
  return [
    `CREATE TABLE sorted AS SELECT user_id, session_id, ts, event FROM '${file}' ORDER BY user_id, session_id, ts`,
  ];
}

/** The sums of `TableAnswer` over the coded tables. */
export const CODED_ANSWER: string = `
  SELECT
    (SELECT count(*) FROM events) AS events,
    (SELECT count(*) FROM sessions) AS sessions,
    (SELECT count(*) FROM users) AS users,
    (SELECT sum(place * e)::BIGINT FROM (SELECT e, row_number() OVER (PARTITION BY s ORDER BY ts) AS place FROM events)) AS places,
    (SELECT sum(floor((epoch_ms(t0) - before) / 1000))::BIGINT
     FROM (SELECT t0, lag(epoch_ms(t0)) OVER (PARTITION BY u ORDER BY t0) AS before FROM sessions)) AS pauses`;
