/**
 * A thousand distinct derived attributes over the sample's subscription service, made from a seed: every construct of the language in
 * turn, each with the SQL that an expert would write for it over the tables of `peers/attributes.ts`.
 */

import { Random } from "../sample/random.js";
import { subscription } from "../sample/services/subscription.js";

/** One derived attribute: a condition on sessions. */
export interface BenchAttribute {
  /** The construct that it is about. */
  readonly construct: string;
  readonly expression: string;
  /** A query for the sessions `s` in which it holds, each once. */
  readonly sql: string;
}

const STREAM = 0xa77;
const COUNTRIES = ["US", "IN", "BR", "GB", "DE", "MX", "FR", "ID", "ES", "SE", "PL", "NO"] as const;
const OSES = ["windows", "macos", "linux", "android", "ios"] as const;
const BROWSERS = ["chrome", "safari", "firefox", "edge", "samsung"] as const;
const CHANNELS = ["direct", "search", "social", "email", "partner", "ads"] as const;
const PLANS = ["basic", "standard", "family"] as const;

/** Draws the parts of expressions. */
class Draw {
  readonly #random = new Random();

  constructor(seed: number) {
    this.#random.reseed(seed, STREAM, 0, 0);
  }

  of<T>(values: readonly T[]): T {
    return values[this.#random.below(values.length)] as T;
  }

  whole(from: number, to: number): number {
    return from + this.#random.below(to - from + 1);
  }

  /** Different events. */
  events(count: number): readonly string[] {
    const drawn = new Set<string>();
    while (drawn.size < count) drawn.add(this.of(subscription.columns.events));
    return [...drawn];
  }

  /** Different values. */
  some<T>(values: readonly T[], count: number): readonly T[] {
    const drawn = new Set<T>();
    while (drawn.size < count) drawn.add(this.of(values));
    return values.filter((value) => drawn.has(value));
  }
}

type Family = (draw: Draw) => Omit<BenchAttribute, "construct">;

const quoted = (values: readonly string[], mark: string): string =>
  values.map((value) => `${mark}${value}${mark}`).join(", ");
const holders = (event = ""): string => `SELECT DISTINCT s FROM events WHERE event = '${event}'`;
/** Sessions with a later B after an A, and of the user's or the session's columns: the last B stands behind the first A. */
const followed = (a = "", b = "", also = "true"): string =>
  `SELECT s FROM sessions WHERE (${also}) AND len(names) + 1 - list_position(list_reverse(names), '${b}') > list_position(names, '${a}')`;

/** Every construct that needs a session's events, or its user's sessions. */
const FAMILIES: Readonly<Record<string, Family>> = {
  "step with predicate on text": (draw) => {
    const [a, b] = draw.events(2);
    const [event, column, value] = draw.of([
      ["subscription_api_response", "status", "ok"],
      ["subscription_api_response", "status", "unexpected"],
      ["subscription_page_view", "ui", "v1"],
      ["subscription_page_view", "ui", "v2"],
      ...PLANS.map((plan) => ["buy_plan", "plan", plan] as const),
    ]);
    return {
      expression: `${event}[${column} == "${value}"] and (${a} or ${b})`,
      sql: `SELECT s FROM events WHERE (event = '${event}' AND ${column} = '${value}') OR event IN ('${a}', '${b}')
        GROUP BY s HAVING bool_or(event = '${event}' AND ${column} = '${value}') AND bool_or(event IN ('${a}', '${b}'))`,
    };
  },
  "step with predicate on number": (draw) => {
    const [a] = draw.events(1);
    const ms = draw.whole(100, 1500);
    return {
      expression: `subscription_api_response[ms > ${ms} and status == "ok"] -> ${a}`,
      sql: `SELECT s FROM events WHERE (event = 'subscription_api_response' AND ms > ${ms} AND status = 'ok') OR event = '${a}'
        GROUP BY s HAVING max(ts) FILTER (event = '${a}') > min(ts) FILTER (event = 'subscription_api_response' AND ms > ${ms} AND status = 'ok')`,
    };
  },
  "step with predicate on session's columns": (draw) => {
    const [a, b] = draw.events(2);
    const countries = draw.some(COUNTRIES, 3);
    const os = draw.of(OSES);
    return {
      expression: `${a}[os == "${os}" or country in (${quoted(countries, '"')})] -> ${b}`,
      sql: followed(a, b, `os = '${os}' OR country IN (${quoted(countries, "'")})`),
    };
  },
  "sequence of two": (draw) => {
    const [a, b] = draw.events(2);
    return { expression: `${a} -> ${b}`, sql: followed(a, b) };
  },
  "sequence of three": (draw) => {
    const [a, b, c] = draw.events(3);
    return {
      expression: `${a} -> ${b} -> ${c}`,
      sql: `WITH a AS (SELECT s, min(ts) AS t FROM events WHERE event = '${a}' GROUP BY s),
        b AS (SELECT s, min(ts) AS t FROM events JOIN a USING (s) WHERE event = '${b}' AND ts > t GROUP BY s)
        SELECT DISTINCT s FROM events JOIN b USING (s) WHERE event = '${c}' AND ts > t`,
    };
  },
  "sequence within": (draw) => {
    const [a, b] = draw.events(2);
    const seconds = draw.whole(3, 60);
    return {
      expression: `${a} -> ${b} within ${seconds}s`,
      sql: `SELECT DISTINCT s FROM (
          SELECT s, event, ts, max(ts) FILTER (event = '${a}') OVER (PARTITION BY s ORDER BY ts) AS t FROM events WHERE event IN ('${a}', '${b}'))
        WHERE event = '${b}' AND ts - t <= ${seconds * 1000}`,
    };
  },
  "next event": (draw) => {
    const [a, b] = draw.events(2);
    return {
      expression: `${a} => ${b}`,
      sql: `SELECT DISTINCT b.s FROM events a JOIN events b ON b.s = a.s AND b.pos = a.pos + 1 WHERE a.event = '${a}' AND b.event = '${b}'`,
    };
  },
  "mixed links within": (draw) => {
    const [a, b, c] = draw.events(3);
    const seconds = draw.whole(10, 120);
    return {
      expression: `${a} => ${b} -> ${c} within ${seconds}s`,
      sql: `WITH ab AS (
          SELECT a.s, a.ts AS first, b.ts AS t FROM events a JOIN events b ON b.s = a.s AND b.pos = a.pos + 1 WHERE a.event = '${a}' AND b.event = '${b}')
        SELECT DISTINCT s FROM events JOIN ab USING (s) WHERE event = '${c}' AND ts > t AND ts - first <= ${seconds * 1000}`,
    };
  },
  "absence within": (draw) => {
    const [a, b] = draw.events(2);
    const seconds = draw.whole(3, 60);
    return {
      expression: `${a} -> not ${b} within ${seconds}s`,
      sql: `SELECT DISTINCT s FROM (
          SELECT s, event, ts, min(ts) FILTER (event = '${b}') OVER (PARTITION BY s ORDER BY ts DESC) AS t FROM events WHERE event IN ('${a}', '${b}'))
        WHERE event = '${a}' AND (t IS NULL OR t - ts > ${seconds * 1000})`,
    };
  },
  "absence to the end": (draw) => {
    const [a, b, c] = draw.events(3);
    return {
      expression: `${a} -> not ${b} and ${c}`,
      sql: `SELECT s FROM events WHERE event IN ('${a}', '${b}', '${c}') GROUP BY s
        HAVING bool_or(event = '${c}') AND max(ts) FILTER (event = '${a}') > coalesce(max(ts) FILTER (event = '${b}'), 0)`,
    };
  },
  until: (draw) => {
    const [a, b, c] = draw.events(3);
    return {
      expression: `${c} -> ${a} until ${b}`,
      sql: `SELECT DISTINCT a.s FROM events a JOIN events b ON b.s = a.s AND b.pos = a.pos + 1
          JOIN (SELECT s, min(ts) AS t FROM events WHERE event = '${c}' GROUP BY s) c ON c.s = a.s
        WHERE a.event = '${a}' AND b.event = '${b}' AND a.ts > c.t`,
    };
  },
  "count of runs": (draw) => {
    const [a, b, c] = draw.events(3);
    return {
      expression: `count(${a} until ${b}) >= 1 and not ${c}`,
      sql: `SELECT DISTINCT b.s FROM events a JOIN events b ON b.s = a.s AND b.pos = a.pos + 1 ANTI JOIN (${holders(c)}) c ON c.s = a.s
        WHERE a.event = '${a}' AND b.event = '${b}'`,
    };
  },
  count: (draw) => {
    const [a] = draw.events(1);
    const counts = draw.some([1, 2, 3, 4, 5], 2);
    return {
      expression: `count(${a}) in (${counts.join(", ")})`,
      sql: `SELECT s FROM events WHERE event = '${a}' GROUP BY s HAVING count(*) IN (${counts.join(", ")})`,
    };
  },
  "window counter": (draw) => {
    const [a] = draw.events(1);
    const [n, seconds] = [draw.whole(2, 5), draw.of([5, 10, 15, 20, 30, 45, 60, 90, 120])];
    return {
      expression: `count(${a}) in ${seconds}s >= ${n}`,
      sql: `SELECT DISTINCT s FROM (SELECT s, ts - lag(ts, ${n - 1}) OVER (PARTITION BY s ORDER BY ts) AS span FROM events WHERE event = '${a}')
        WHERE span <= ${seconds * 1000}`,
    };
  },
  retries: (draw) => {
    const [a, b] = draw.events(2);
    const n = draw.whole(1, 3);
    return {
      expression: `retries(${a}, ${b}) >= ${n}`,
      sql: `SELECT s FROM events JOIN (SELECT s, min(ts) AS t FROM events WHERE event = '${b}' GROUP BY s) USING (s)
        WHERE event = '${a}' AND ts < t GROUP BY s HAVING count(*) >= ${n}`,
    };
  },
  elapsed: (draw) => {
    const [a, b] = draw.events(2);
    const seconds = draw.whole(2, 90);
    return {
      expression: `elapsed(${a}, ${b}) > ${seconds}s`,
      sql: `SELECT s FROM events JOIN (SELECT s, min(ts) AS t FROM events WHERE event = '${a}' GROUP BY s) USING (s)
        WHERE event = '${b}' AND ts > t GROUP BY s HAVING min(ts) - any_value(t) > ${seconds * 1000}`,
    };
  },
  "elapsed since the start": (draw) => {
    const [a] = draw.events(1);
    const seconds = draw.whole(2, 120);
    return {
      expression: `elapsed(start, ${a}) > ${seconds}s`,
      sql: `SELECT s FROM (SELECT s, min(ts) AS t FROM events WHERE event = '${a}' GROUP BY s) JOIN sessions USING (s) WHERE t - start > ${seconds * 1000}`,
    };
  },
  "time in a state": (draw) => {
    const [a, b] = draw.events(2);
    const seconds = draw.whole(5, 120);
    return {
      expression: `time_in(${a}, ${b}) > ${seconds}s`,
      sql: `WITH changes AS (
          SELECT s, ts, event FROM (SELECT s, ts, event, lag(event) OVER (PARTITION BY s ORDER BY ts) AS before FROM events WHERE event IN ('${a}', '${b}'))
          WHERE event IS DISTINCT FROM before),
        states AS (SELECT s, event, ts, lead(ts) OVER (PARTITION BY s ORDER BY ts) AS t FROM changes)
        SELECT s FROM states JOIN sessions USING (s) WHERE event = '${a}' GROUP BY s
        HAVING sum(coalesce(t, start + duration) - ts) > ${seconds * 1000}`,
    };
  },
  aggregate: (draw) => {
    const [a] = draw.events(1);
    const fn = draw.of(["sum", "mean", "min", "max", "first", "last"] as const);
    const sql = {
      sum: "sum(ms)",
      mean: "avg(ms)",
      min: "min(ms)",
      max: "max(ms)",
      first: "arg_min(ms, ts)",
      last: "arg_max(ms, ts)",
    };
    const ms = draw.whole(100, 1500);
    return {
      expression: `${fn}(subscription_api_response.ms) > ${ms} and not ${a}`,
      sql: `SELECT s FROM events WHERE event = 'subscription_api_response' GROUP BY s HAVING ${sql[fn]} > ${ms} EXCEPT ${holders(a)}`,
    };
  },
  "last text": (draw) => {
    const [a] = draw.events(1);
    const plan = draw.of(PLANS);
    const fn = draw.of(["first", "last"] as const);
    return {
      expression: `${fn}(buy_plan.plan) == "${plan}" and ${a}`,
      sql: `SELECT s FROM events WHERE event = 'buy_plan' GROUP BY s HAVING ${fn === "first" ? "arg_min" : "arg_max"}(plan, ts) = '${plan}' INTERSECT ${holders(a)}`,
    };
  },
  "shape of the session": (draw) => {
    const [a] = draw.events(1);
    const field = draw.of(["duration", "longest_gap"] as const);
    const [seconds, most] = [draw.whole(10, 150), draw.whole(8, 20)];
    return {
      expression: `session.${field} > ${seconds}s and session.events <= ${most} and ${a}`,
      sql: `SELECT s FROM sessions SEMI JOIN (${holders(a)}) USING (s) WHERE ${field} > ${seconds * 1000} AND events <= ${most}`,
    };
  },
  "life of the user": (draw) => {
    const [a, b] = draw.events(2);
    const days = draw.whole(1, 20);
    return {
      expression: `user.days_since_last > ${days} and ${a} -> ${b}`,
      sql: followed(a, b, `since > ${days}`),
    };
  },
  "index of the session": (draw) => {
    const [a] = draw.events(1);
    const index = draw.whole(1, 6);
    const day = draw.whole(20, 31);
    return {
      expression: `session.index <= ${index} and user.first_seen >= "2026-10-${day}" and not ${a}`,
      sql: `SELECT s FROM sessions ANTI JOIN (${holders(a)}) USING (s) WHERE index <= ${index} AND first_seen >= epoch_ms(TIMESTAMP '2026-10-${day}')`,
    };
  },
  "hour and weekday": (draw) => {
    const [a, b] = draw.events(2);
    const [hour, day] = [draw.whole(1, 22), draw.whole(2, 7)];
    return {
      expression: `hour(start) >= ${hour} and weekday(start) < ${day} and ${a} => ${b}`,
      sql: `SELECT DISTINCT b.s FROM events a JOIN events b ON b.s = a.s AND b.pos = a.pos + 1
          SEMI JOIN (SELECT s FROM sessions WHERE hour >= ${hour} AND weekday < ${day}) c ON c.s = b.s
        WHERE a.event = '${a}' AND b.event = '${b}'`,
    };
  },
  previous: (draw) => {
    const [a] = draw.events(1);
    const channels = draw.some(CHANNELS, 2);
    return {
      expression: `previous(channel) != channel and channel in (${quoted(channels, '"')}) and ${a}`,
      sql: `${holders(a)} INTERSECT SELECT s FROM sessions WHERE previous_channel <> channel AND channel IN (${quoted(channels, "'")})`,
    };
  },
  "ratio of counts": (draw) => {
    const [a] = draw.events(1);
    const percent = draw.whole(5, 40);
    return {
      expression: `count(${a}) / session.events > 0.${String(percent).padStart(2, "0")}`,
      sql: `SELECT s FROM (SELECT s, count(*) AS n FROM events WHERE event = '${a}' GROUP BY s) JOIN sessions USING (s) WHERE n / events > 0.${String(percent).padStart(2, "0")}::DOUBLE`,
    };
  },
  "difference of counts": (draw) => {
    const [a, b] = draw.events(2);
    const n = draw.whole(1, 3);
    return {
      expression: `count(${a}) - count(${b}) >= ${n}`,
      sql: `SELECT s FROM events WHERE event IN ('${a}', '${b}') GROUP BY s HAVING count(*) FILTER (event = '${a}') - count(*) FILTER (event = '${b}') >= ${n}`,
    };
  },
  "comparison of counts": (draw) => {
    const [a, b] = draw.events(2);
    const browser = draw.of(BROWSERS);
    return {
      expression: `count(${a}) > count(${b}) and browser == "${browser}"`,
      sql: `SELECT s FROM events WHERE event IN ('${a}', '${b}') GROUP BY s HAVING count(*) FILTER (event = '${a}') > count(*) FILTER (event = '${b}')
        INTERSECT SELECT s FROM sessions WHERE browser = '${browser}'`,
    };
  },
};

/** How many constructs there are: attributes come in rounds of this length. */
export const CONSTRUCTS: number = Object.keys(FAMILIES).length;

/** The first attributes of an endless list that depends on the seed alone: all different, every construct once in each round. */
export function benchAttributes(count: number, seed: number): readonly BenchAttribute[] {
  const draw = new Draw(seed);
  const made = new Map<string, BenchAttribute>();
  for (;;) {
    for (const [construct, family] of Object.entries(FAMILIES)) {
      if (made.size === count) return [...made.values()];
      let attribute = family(draw);
      while (made.has(attribute.expression)) attribute = family(draw);
      made.set(attribute.expression, { construct, ...attribute });
    }
  }
}
