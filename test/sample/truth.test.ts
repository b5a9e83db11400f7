/**
 * What is planted is there: for every entry of truth.json a query written by hand, without the generator, finds the same
 * counts in the files; leads pass the paper's experts; decoys have the property that they claim.
 */
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { generateSample } from "../../sample/generate.js";
import type { TruthEntry } from "../../sample/truth.js";
import { type Duck, openDuck } from "./duck.js";

const SEEDS = [1, 2, 3] as const;
const USERS = 20_000;

const PAYMENT = `group by session_id having bool_or(event = 'buy_plan')`;
const UNPAID_IN_TIME = `not coalesce(bool_or(event = 'payment_complete' and ts - last_buy <= interval 10 seconds), false)`;
const PAGE = `group by session_id having bool_or(event = 'subscription_page_view')`;
const UNPAID = `not coalesce(bool_or(event = 'payment_complete' and ts > first_page), false)`;
const LOGIN = `group by session_id having bool_or(event = 'login_start')`;
const LOGIN_FAILS = `not coalesce(min(ts) filter (event = 'login_start') < max(ts) filter (event = 'login_success'), false)`;
const CHECKOUT = `group by session_id having bool_or(event = 'checkout_start')`;
const CHECKOUT_FAILS = `not coalesce(min(ts) filter (event = 'checkout_start') < max(ts) filter (event = 'order_complete'), false)`;
/** Of users first seen after the burn-in, by their number in the data. */
const LATER_USERS = `any_value(user_start) >= timestamp '2026-10-26'`;

/** By service, KPI and hypothesis: a row per session that counts, whether it is inside, whether it fails. */
const QUERIES: Record<string, string> = {
  "subscription payment_conversion buy_plan => web_cors_error => timeout_error": `
    select bool_or(event = 'buy_plan' and next1 = 'web_cors_error' and next2 = 'timeout_error') inside,
    ${UNPAID_IN_TIME} failing from subscription ${PAYMENT}`,
  "subscription payment_conversion payment_poll => payment_poll => payment_poll": `
    select bool_or(event = 'payment_poll' and next1 = 'payment_poll' and next2 = 'payment_poll') inside,
    ${UNPAID_IN_TIME} failing from subscription ${PAYMENT}`,
  "subscription payment_conversion payment_page_closed": `
    select bool_or(event = 'payment_page_closed') inside, ${UNPAID_IN_TIME} failing from subscription ${PAYMENT}`,
  'subscription subscription_completion "subscription_api_response{status=unexpected}"': `
    select bool_or(event = 'subscription_api_response' and status = 'unexpected') inside,
    not coalesce(min(ts) filter (event = 'subscription_start') < max(ts) filter (event = 'subscription_finish'), false) failing
    from subscription group by session_id having bool_or(event = 'subscription_start')`,
  'subscription subscription_page_payment "subscription_page_view{ui=v2}"': `
    select bool_or(event = 'subscription_page_view' and ui = 'v2') inside, ${UNPAID} failing from subscription ${PAGE}`,
  "subscription subscription_page_payment home_view => banner_view": `
    select bool_or(event = 'home_view' and next1 = 'banner_view') inside, ${UNPAID} failing from subscription ${PAGE}`,
  "subscription trailer_playback session.index <= 1": `
    select any_value(visits_before) + any_value(visit) <= 1 inside, bool_or(event = 'trailer_error') failing
    from subscription group by session_id having bool_or(event = 'trailer_play')`,
  "player session_crash location_api_error": `
    select bool_or(event = 'location_api_error') inside, bool_or(event = 'app_crash') failing from player group by session_id`,
  "player session_crash app_open": `
    select bool_or(event = 'app_open') inside, bool_or(event = 'app_crash') failing from player group by session_id`,
  "player global_error session.index > 1": `
    select any_value(visits_before) + any_value(visit) > 1 inside, bool_or(event = 'app_error') failing
    from player where os_version = 'Android 14' group by session_id`,
  "player login_error session.index <= 1": `
    select any_value(visits_before) + any_value(visit) <= 1 inside, bool_or(event = 'login_error') failing
    from player where app_version = '8.0.0' ${LOGIN}`,
  "player global_error error_dialog_closed": `
    select bool_or(event = 'error_dialog_closed') inside, bool_or(event = 'app_error') failing from player group by session_id`,
  "player playback_failure subtitle_toggle": `
    select bool_or(event = 'subtitle_toggle') inside, bool_or(event = 'playback_failed') failing
    from player group by session_id having bool_or(event = 'play_start')`,
  "shop login_success otp_error": `
    select bool_or(event = 'otp_error') inside, ${LOGIN_FAILS} failing from shop ${LOGIN}`,
  "shop login_success captcha_shown => captcha_failed": `
    select bool_or(event = 'captcha_shown' and next1 = 'captcha_failed') inside, ${LOGIN_FAILS} failing from shop ${LOGIN}`,
  "shop user_error session.index <= 1": `
    select any_value(visit) <= 1 inside, bool_or(event like 'input\\_error\\_%' escape '\\') failing
    from shop group by session_id having bool_or(event = 'form_view') and ${LATER_USERS}`,
  "shop site_error weekday(start) == 2": `
    select isodow(any_value(session_start)) = 2 inside, bool_or(event = 'server_error') failing from shop group by session_id`,
  "shop site_error session.index <= 1": `
    select any_value(visit) <= 1 inside, bool_or(event = 'server_error') failing
    from shop where channel = 'partner_launch' group by session_id having ${LATER_USERS}`,
  "shop checkout instalment_offer_view": `
    select bool_or(event = 'instalment_offer_view') inside, ${CHECKOUT_FAILS} failing from shop ${CHECKOUT}`,
  "shop checkout cart_view => checkout_start": `
    select bool_or(event = 'cart_view' and next1 = 'checkout_start') inside, ${CHECKOUT_FAILS} failing from shop ${CHECKOUT}`,
};

interface Sample {
  readonly duck: Duck;
  readonly truth: readonly TruthEntry[];
}

interface Context {
  folders: string[];
  samples: Sample[];
}

const test = suite<Context>("sample truth");

test.before(async (context) => {
  context.folders = [];
  context.samples = [];
  for (const seed of SEEDS) {
    const out = await mkdtemp(join(tmpdir(), "leadline-truth-"));
    context.folders.push(out);
    const summary = await generateSample({ out, users: USERS, seed, format: "parquet" });
    const duck = await openDuck();
    for (const { service, events } of summary.services) {
      const helpers =
        service === "subscription"
          ? `max(ts) filter (event = 'buy_plan') over (partition by session_id order by ts) last_buy,
             min(ts) filter (event = 'subscription_page_view') over (partition by session_id) first_page,
             min(ts) filter (event = 'payment_complete') over (partition by session_id) first_paid,`
          : "";
      await duck.rows(`create table ${service} as
        select *, dense_rank() over (partition by user_id order by session_start, session_id) visit,
        min(session_start) over (partition by user_id) user_start from (
        select *, ${helpers} lead(event, 1) over session next1, lead(event, 2) over session next2, lead(ts, 1) over session next_at,
        min(ts) over (partition by session_id) session_start
        from '${events}' window session as (partition by session_id order by ts))`);
    }
    context.samples.push({ duck, truth: JSON.parse(await readFile(summary.truth, "utf8")) });
  }
});

test.after(async ({ folders }) => {
  for (const folder of folders) await rm(folder, { recursive: true, force: true });
});

/** Shares of failing and of normal sessions that are inside, and KPI inside against all: what the experts look at. */
function experts({ inside, outside }: TruthEntry) {
  const failing = inside.failing + outside.failing;
  const sessions = inside.sessions + outside.sessions;
  const inFailing = inside.failing / failing;
  const inNormal = (inside.sessions - inside.failing) / (sessions - failing);
  const all = failing / sessions;
  return {
    inFailing,
    inNormal,
    sequenceRate: inFailing >= 0.1 && inFailing >= 2 * inNormal,
    cohortDifference: (inside.failing / inside.sessions - all) / all > 0.25,
  };
}

const find = (truth: readonly TruthEntry[], hypothesis: string, kpi?: string): TruthEntry => {
  const entry = truth.find((planted) => planted.hypothesis === hypothesis && (kpi ?? planted.kpi) === planted.kpi);
  assert.ok(entry, hypothesis);
  return entry;
};

test("every planted count is what SQL counts in the files", async ({ samples }) => {
  for (const { duck, truth } of samples) {
    assert.equal(
      truth.map(({ service, kpi, hypothesis }) => `${service} ${kpi} ${hypothesis}`).sort(),
      Object.keys(QUERIES).sort(),
    );
    for (const entry of truth) {
      const name = `${entry.service} ${entry.kpi} ${entry.hypothesis}`;
      const counted = await duck.rows(`select count(*) filter (inside) i, count(*) filter (inside and failing) f,
        count(*) filter (not inside) o, count(*) filter (not inside and failing) g from (${QUERIES[name]})`);
      const { inside, outside } = entry;
      assert.equal(counted, [{ i: inside.sessions, f: inside.failing, o: outside.sessions, g: outside.failing }], name);
    }
  }
});

test("all eight leads of the paper are planted, and weeks add up", async ({ samples }) => {
  for (const { truth } of samples) {
    const leads = truth.filter(({ decoy }) => !decoy);
    assert.equal(
      leads.map(({ lead }) => lead),
      [
        "User sequence: Buy plan → CORS error → Timeout error leads to conversion failure",
        "Subscription API returns failure (unexpected response)",
        "New UI version of subscription page leads to conversion failure",
        "API to retrieve user location fails",
        "High error rate in second and later sessions",
        "Gradual increase in error rate for first-time users on new app version",
        "High error rate in Step 1 of Login (OTP verification)",
        "Higher error rate for first-time users",
      ],
    );
    assert.ok(truth.every(({ decoy, lead, why }) => decoy === (lead === null) && why.length > 0));
    for (const { inside, outside, weeks } of truth) {
      assert.is(weeks.length, 4);
      assert.is(
        weeks.reduce((sum, week) => sum + week.inside.failing, 0),
        inside.failing,
      );
      assert.is(
        weeks.reduce((sum, week) => sum + week.outside.sessions, 0),
        outside.sessions,
      );
    }
  }
});

test("pattern leads pass expert 1, lifecycle leads expert 2", async ({ samples }) => {
  for (const { truth } of samples) {
    for (const entry of truth.filter(({ decoy }) => !decoy)) {
      const found = experts(entry);
      const passes = entry.template === "event-pattern" ? found.sequenceRate : found.cohortDifference;
      assert.ok(passes, `${entry.hypothesis}: ${JSON.stringify(found)}`);
    }
  }
});

test("the CORS sequence meets 1 to 2 % of users, and second visits on Android 14 are about 35 % of Android's sessions", async ({
  samples,
}) => {
  for (const { duck } of samples) {
    const hit = await duck.value(`select count(distinct user_id) from subscription
      where event = 'buy_plan' and next1 = 'web_cors_error' and next2 = 'timeout_error'`);
    assert.ok((hit as number) / USERS > 0.01 && (hit as number) / USERS < 0.02, `${hit}`);
    const share = await duck.value(`select avg((os_name = 'Android 14' and visit_index > 1)::int) from (
      select any_value(os_version) as os_name, any_value(visits_before) + any_value(visit) as visit_index
      from player where os = 'android' group by session_id)`);
    assert.ok((share as number) > 0.32 && (share as number) < 0.38, `${share}`);
  }
});

test("the login errors of first-time users on the new version grow from week to week", async ({ samples }) => {
  for (const { truth } of samples) {
    const { weeks } = find(truth, "session.index <= 1", "login_error");
    const differences = weeks.map(({ inside, outside }) => inside.rate! - outside.rate!);
    assert.ok(differences.every((difference, week) => week === 0 || difference > differences[week - 1]!));
    assert.ok(differences[3]! - differences[0]! > 0.1, `${differences}`);
  }
});

test("planted triggers come before the outcome is decided", async ({ samples }) => {
  for (const { duck } of samples) {
    assert.is(
      await duck.value(`select count(*) from subscription where event = 'web_cors_error' and next1 = 'timeout_error'
        and (next_at - last_buy >= interval 10 seconds or first_paid <= next_at)`),
      0,
    );
    // A pattern counts only strictly before a failing session's end: a trigger is never the last event.
    for (const [service, trigger] of [
      ["player", "location_api_error"],
      ["shop", "otp_error"],
      ["subscription", "subscription_api_response"],
    ]) {
      assert.is(await duck.value(`select count(*) from ${service} where event = '${trigger}' and next1 is null`), 0);
    }
  }
});

test("decoy, waiting: polls look guilty, and say nothing at the same age of a payment", async ({ samples }) => {
  const open = { polled: 0, polledPaid: 0, unpolled: 0, unpolledPaid: 0 };
  for (const { duck, truth } of samples) {
    assert.ok(experts(find(truth, "payment_poll => payment_poll => payment_poll")).sequenceRate);
    const [row] = await duck.rows(`with first_buy as (select session_id, min(ts) as bought from subscription
        where event = 'buy_plan' group by session_id),
      payment as (select session_id,
        min(ts - bought) filter (event = 'payment_complete') paid_after,
        coalesce(bool_or(event = 'payment_poll' and ts - bought < interval 4 seconds), false) polled,
        bool_or(event = 'web_cors_error') hindered
        from subscription join first_buy using (session_id) where ts >= bought group by session_id)
      select count(*) filter (polled) polled, count(*) filter (polled and paid_after <= interval 10 seconds) "polledPaid",
      count(*) filter (not polled) unpolled, count(*) filter (not polled and paid_after <= interval 10 seconds) "unpolledPaid"
      from payment where not hindered and (paid_after is null or paid_after >= interval 4 seconds)`);
    for (const key of Object.keys(open) as (keyof typeof open)[]) open[key] += row?.[key] as number;
  }
  const ratio = open.polledPaid / open.polled / (open.unpolledPaid / open.unpolled);
  assert.ok(ratio > 0.93 && ratio < 1.07, `${ratio}`);
});

test("decoy, outcome: what only follows the failure", async ({ samples }) => {
  for (const { duck, truth } of samples) {
    for (const hypothesis of ["payment_page_closed", "error_dialog_closed"]) {
      const { inside } = find(truth, hypothesis);
      assert.is(inside.failing, inside.sessions);
    }
    assert.is(
      await duck.value(`select count(*) from subscription where event = 'payment_page_closed'
        and ts - last_buy <= interval 10 seconds`),
      0,
    );
    assert.is(
      await duck.value(`select count(*) from (select min(ts) filter (event = 'app_error') as failed,
        min(ts) filter (event like 'error_dialog%') as dialog from player group by session_id)
        where dialog is not null and (failed is null or dialog <= failed)`),
      0,
    );
  }
});

test("decoy, pooling: first sessions look worse, and no user gets better", async ({ samples }) => {
  let weighted = 0;
  let weights = 0;
  let pooled = 0;
  for (const { duck, truth } of samples) {
    const entry = find(truth, "session.index <= 1", "trailer_playback");
    assert.ok(experts(entry).cohortDifference);
    pooled += (entry.inside.rate! - entry.outside.rate!) / samples.length;
    const [row] = await duck.rows(`with one as (select any_value(user_id) user_id,
        any_value(visits_before) + any_value(visit) <= 1 as is_first, bool_or(event = 'trailer_error')::int failing
        from subscription group by session_id having bool_or(event = 'trailer_play')),
      both_kinds as (select count(*) filter (is_first) a, count(*) filter (not is_first) b,
        avg(failing) filter (is_first) x, avg(failing) filter (not is_first) y from one group by user_id)
      select sum(a * b / (a + b) * (x - y)) weighted, sum(a * b / (a + b)) weights from both_kinds where a > 0 and b > 0`);
    weighted += row?.["weighted"] as number;
    weights += row?.["weights"] as number;
  }
  assert.ok(pooled > 0.04, `${pooled}`);
  assert.ok(Math.abs(weighted / weights) < pooled / 3, `${weighted / weights} of ${pooled}`);
});

test("decoy, Simpson: the offer looks bad, and makes no difference within a country", async ({ samples }) => {
  const cells = new Map<string, { sessions: number; failing: number }>();
  for (const { duck, truth } of samples) {
    assert.ok(experts(find(truth, "instalment_offer_view")).sequenceRate);
    for (const row of await duck.rows(`select brazil, offered, count(*) sessions, sum(failing) failing from (
      select any_value(country) = 'BR' brazil, bool_or(event = 'instalment_offer_view') offered, (${CHECKOUT_FAILS})::int failing
      from shop ${CHECKOUT}) group by all`)) {
      const key = `${row["brazil"]} ${row["offered"]}`;
      const cell = cells.get(key) ?? { sessions: 0, failing: 0 };
      cells.set(key, {
        sessions: cell.sessions + (row["sessions"] as number),
        failing: cell.failing + (row["failing"] as number),
      });
    }
  }
  const rate = (key: string) => cells.get(key)!.failing / cells.get(key)!.sessions;
  for (const brazil of [true, false]) {
    const ratio = rate(`${brazil} true`) / rate(`${brazil} false`);
    assert.ok(ratio > 0.9 && ratio < 1.1, `${brazil}: ${ratio}`);
  }
});

test("decoy, heavy user: one user has the pattern, and always fails", async ({ samples }) => {
  for (const { duck, truth } of samples) {
    const entry = find(truth, "captcha_shown => captcha_failed");
    assert.ok(experts(entry).sequenceRate);
    assert.is(entry.inside.failing, entry.inside.sessions);
    assert.is(await duck.value("select count(distinct user_id) from shop where event = 'captcha_failed'"), 1);
  }
});

test("decoy, length: subtitles go with failures, and not at equal length", async ({ samples }) => {
  let observed = 0;
  let expected = 0;
  for (const { duck, truth } of samples) {
    assert.ok(experts(find(truth, "subtitle_toggle")).sequenceRate);
    // One of these events comes in each step of a playback: given their number, failing is independent of subtitles.
    const [row] = await duck.rows(`with playback as (select
        count(*) filter (event in ('heartbeat', 'subtitle_toggle', 'rebuffer_start', 'pause', 'seek_forward', 'seek_back',
          'volume_change', 'quality_change')) steps,
        bool_or(event = 'subtitle_toggle')::int subtitles, bool_or(event = 'playback_failed')::int failing
        from player group by session_id having bool_or(event = 'play_start'))
      select sum(both_hold) observed, sum(with_subtitles * failing / sessions) expected from (
        select sum(subtitles * failing) both_hold, sum(subtitles) with_subtitles, sum(failing) failing, count(*) sessions
        from playback group by steps)`);
    observed += row?.["observed"] as number;
    expected += row?.["expected"] as number;
  }
  assert.ok(observed / expected > 0.9 && observed / expected < 1.1, `${observed} / ${expected}`);
});

test("decoy, launch day: all first sessions on one day, on which everyone fared badly", async ({ samples }) => {
  let launched = 0;
  let others = 0;
  for (const { duck, truth } of samples) {
    const entry = find(truth, "session.index <= 1", "site_error");
    assert.ok(experts(entry).cohortDifference);
    assert.equal(
      await duck.rows(`select distinct strftime(session_start, '%Y-%m-%d') as "day" from shop
        where channel = 'partner_launch' and visit = 1`),
      [{ day: "2026-11-03" }],
    );
    launched += entry.inside.rate! / samples.length;
    others +=
      ((await duck.value(`select avg(failing) from (select bool_or(event = 'server_error')::int failing from shop
      where channel <> 'partner_launch' and session_start::date = date '2026-11-03' group by session_id)`)) as number) /
      samples.length;
  }
  assert.ok(launched / others > 0.85 && launched / others < 1.15, `${launched} to ${others}`);
});

test("decoy, bad day: Tuesdays look bad because of one", async ({ samples }) => {
  for (const { truth } of samples) {
    const entry = find(truth, "weekday(start) == 2");
    assert.ok(experts(entry).cohortDifference);
    for (const [week, { inside, outside }] of entry.weeks.entries()) {
      const ratio = inside.rate! / outside.rate!;
      assert.ok(week === 2 ? ratio > 5 : ratio > 0.6 && ratio < 1.6, `week ${week + 1}: ${ratio}`);
    }
  }
});

test("decoy, noise: as frequent in failing as in normal sessions", async ({ samples }) => {
  for (const { truth } of samples) {
    for (const hypothesis of ["home_view => banner_view", "cart_view => checkout_start", "app_open"]) {
      const { inFailing, inNormal } = experts(find(truth, hypothesis));
      assert.ok(inFailing > 0.5 && inNormal > 0.5, hypothesis);
      assert.ok(inFailing / inNormal > 0.95 && inFailing / inNormal < 1.05, hypothesis);
    }
  }
});

test.run();
