/**
 * SQL for the bar of derived attributes. Both sides are resident. DuckDB has what an expert would prepare once for a thousand questions,
 * and its making is not timed: events with names as an ENUM, whole numbers for sessions and times, and their place in the session, sorted;
 * and a row a session with its names as a list, its start, shape, index, pauses, clock and columns, those of the user's session before among them.
 *
 * Each attribute is a query of its own, as every attribute asks for other events. Tried, processor time at 1.0 million events: 40 counts
 * 0.24 s, as filters of one query 0.56 s (every row meets every filter), on lists of a session's names 0.46 s; 39 chains of two
 * 0.65 s by grouping, as filters of one query 2.9 s, on lists 0.45 s, which is what stands here.
 */

import type { BenchAttribute } from "../attributes.js";
import type { Duck } from "./duckdb.js";

const STATIC = ["country", "os", "device", "browser", "channel"] as const;

/** Makes the resident tables. */
export async function attributeTables(duck: Duck, file: string): Promise<void> {
  await duck.run(`CREATE TYPE name AS ENUM (SELECT DISTINCT event FROM '${file}' ORDER BY event)`);
  // ids of the sample are eight hexadecimal digits, no two sessions have the same
  await duck.run(`CREATE TABLE events AS
    SELECT s, row_number() OVER (PARTITION BY s ORDER BY ts) AS pos, ts, event::name AS event, ui, status, plan, ms FROM (
      SELECT ('0x' || session_id[2:])::UINTEGER AS s, epoch_ms(ts) AS ts, event, ui, status, plan, ms FROM '${file}')
    ORDER BY s, ts`);
  await duck.run(`CREATE TABLE sessions AS
    WITH base AS (
      SELECT ('0x' || session_id[2:])::UINTEGER AS s, any_value(user_id) AS u, min(ts) AS t0, any_value(visits_before) AS visits,
        epoch_ms(any_value(first_seen)) AS seen, ${STATIC.map((name) => `any_value(${name}) AS ${name}`).join(", ")}
      FROM '${file}' GROUP BY session_id),
    shape AS (
      SELECT s, list(event ORDER BY ts) AS names, max(ts) - min(ts) AS duration, count(*) AS events, coalesce(max(gap), 0) AS longest_gap
      FROM (SELECT s, ts, event, ts - lag(ts) OVER (PARTITION BY s ORDER BY ts) AS gap FROM events) GROUP BY s)
    SELECT s, names, epoch_ms(t0) AS start, duration, events, longest_gap, hour(t0) AS hour, isodow(t0) AS weekday,
      first_value(visits) OVER own + row_number() OVER own AS index,
      (epoch_ms(t0) - lag(epoch_ms(t0)) OVER own) / 86400000 AS since,
      least(first_value(seen) OVER own, epoch_ms(first_value(t0) OVER own)) AS first_seen,
      ${STATIC.join(", ")}, lag(channel) OVER own AS previous_channel
    FROM base JOIN shape USING (s) WINDOW own AS (PARTITION BY u ORDER BY t0) ORDER BY s`);
}

/** How many sessions an attribute holds in, and the sum of their ids, which says which they are. */
export type AttributeAnswer = readonly [sessions: number, ids: number];

/** Computes an attribute. */
export async function attributeAnswer(duck: Duck, { sql }: BenchAttribute): Promise<AttributeAnswer> {
  const [row] = await duck.rows(`SELECT count(*) AS n, coalesce(sum(s), 0)::BIGINT AS ids FROM (${sql})`);
  return [Number(row?.["n"]), Number(row?.["ids"])];
}
