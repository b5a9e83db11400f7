import { DAY_MS, PERIOD_START_MS } from "../calendar.js";
import { Choice } from "../random.js";
import type { Planted } from "../truth.js";
import { Browsing, codesOf, frailty, type Scene, type Service } from "./service.js";

const STEPS = [
  "home_view",
  "banner_view",
  "trailer_play",
  "trailer_error",
  "trailer_complete",
  "subscription_page_view",
  "buy_plan",
  "web_cors_error",
  "timeout_error",
  "payment_poll",
  "payment_complete",
  "payment_page_closed",
  "voucher_redeem",
  "subscription_start",
  "account_form_view",
  "subscription_api_call",
  "subscription_api_response",
  "subscription_finish",
  "page_leave",
] as const;
const EVENT = codesOf(STEPS);

const browsing = new Browsing(STEPS.length, [
  ["title_view", "title_like", "title_share", "cast_view", "season_view", "episode_list_view", "rating_view"],
  ["search_open", "search_type", "search_result_view", "search_filter", "search_clear", "search_suggestion_tap"],
  ["catalogue_scroll", "genre_view", "collection_view", "top_ten_view", "new_titles_view", "leaving_soon_view"],
  ["faq_view", "faq_expand", "help_search", "chat_open", "chat_message", "contact_view", "terms_view", "privacy_view"],
  ["plan_compare", "price_info_view", "device_list_view", "offer_tooltip", "currency_switch", "student_offer_view"],
  ["menu_open", "menu_close", "language_switch", "footer_link", "theme_switch", "cookie_accept", "cookie_settings"],
  ["article_view", "article_scroll", "article_share", "newsletter_view", "newsletter_join", "video_teaser_view"],
  ["profile_view", "watchlist_view", "watchlist_add", "watchlist_remove", "notification_view", "history_view"],
  ["image_load_slow", "ad_view", "ad_skip", "ad_click", "consent_view", "script_warning"],
]);

const COUNTRIES = ["US", "IN", "BR", "GB", "DE", "MX", "FR", "ID", "ES", "SE", "PL", "NO"];
const country = new Choice([22, 16, 10, 9, 8, 7, 7, 6, 5, 4, 4, 2]);
const PLATFORMS = [
  ["windows", "desktop"],
  ["macos", "desktop"],
  ["linux", "desktop"],
  ["android", "mobile"],
  ["ios", "mobile"],
  ["ios", "tablet"],
] as const;
const platform = new Choice([26, 13, 2, 33, 21, 5]);
const OS = ["windows", "macos", "linux", "android", "ios"] as const;
const DEVICE = ["desktop", "mobile", "tablet"] as const;
const BROWSERS = ["chrome", "safari", "firefox", "edge", "samsung"];
const browser = new Choice([55, 24, 8, 9, 4]);
const CHANNELS = ["direct", "search", "social", "email", "partner", "ads"];
const channel = new Choice([34, 28, 14, 8, 6, 10]);
const UI = codesOf(["v1", "v2"]);
const STATUS = codesOf(["ok", "unexpected"]);
const PLANS = ["basic", "standard", "family"];
const plan = new Choice([5, 3, 2]);
/** Positions of the event texts and numbers in the columns below. */
const TEXT = codesOf(["ui", "status", "plan"]);
const NUMBER = codesOf(["ms"]);

const PLANTED = [
  {
    kpi: "payment_conversion",
    cohort: {},
    lead: "User sequence: Buy plan → CORS error → Timeout error leads to conversion failure",
    hypothesis: "buy_plan => web_cors_error => timeout_error",
    alternatives: [
      "web_cors_error => timeout_error",
      "buy_plan -> web_cors_error -> timeout_error",
      "web_cors_error -> timeout_error",
    ],
    template: "event-pattern",
    decoy: false,
    why: "6 % of payments (more for users prone to fail) meet a CORS error; three in four of these end in a timeout, after which 94 % are not paid in time. A CORS error alone only costs 1.5 s.",
  },
  {
    kpi: "subscription_completion",
    cohort: {},
    lead: "Subscription API returns failure (unexpected response)",
    hypothesis: '"subscription_api_response{status=unexpected}"',
    alternatives: [
      'subscription_api_response[status == "unexpected"]',
      'subscription_api_call => "subscription_api_response{status=unexpected}"',
    ],
    template: "event-pattern",
    decoy: false,
    why: "5 % of calls get an unexpected response, after which 80 % do not finish; of the others 10 % do not.",
  },
  {
    kpi: "subscription_page_payment",
    cohort: {},
    lead: "New UI version of subscription page leads to conversion failure",
    hypothesis: '"subscription_page_view{ui=v2}"',
    alternatives: ['subscription_page_view[ui == "v2"]'],
    template: "event-pattern",
    decoy: false,
    why: "The new page is rolled out to 10 % of users in the first week and 40 % in the last; 20 % of its viewers click on buy, of the old page's 45 %.",
  },
  {
    kpi: "payment_conversion",
    cohort: {},
    lead: null,
    hypothesis: "payment_poll => payment_poll => payment_poll",
    alternatives: ["count(payment_poll) >= 3"],
    template: "event-pattern",
    decoy: true,
    why: "Waiting: polls come at random times while a payment is open, and a payment that fails is open for longer. At the same age a payment with polls is no less likely to complete.",
  },
  {
    kpi: "payment_conversion",
    cohort: {},
    lead: null,
    hypothesis: "payment_page_closed",
    alternatives: [],
    template: "event-pattern",
    decoy: true,
    why: "Outcome: people close the page after the payment has failed; the study declares it under `outcome`.",
  },
  {
    kpi: "trailer_playback",
    cohort: {},
    lead: null,
    hypothesis: "session.index <= 1",
    alternatives: [],
    template: "user-lifecycle",
    decoy: true,
    why: "Pooling: users who come often have better lines (4 % errors against 18 %), so first sessions, which are mostly those of users who come seldom, look worse; no user gets better with time.",
  },
  {
    kpi: "subscription_page_payment",
    cohort: {},
    lead: null,
    hypothesis: "home_view => banner_view",
    alternatives: ["banner_view"],
    template: "event-pattern",
    decoy: true,
    why: "Noise: in three of five sessions, whatever becomes of them.",
  },
] as const satisfies readonly Planted[];
/** Positions in the list above. */
const LEAD = { cors: 0, api: 1, ui: 2, poll: 3, closed: 4, first: 5, banner: 6 } as const;

/** The payment has to be complete by then. */
const DEADLINE_MS = 10_000;

/** A site that sells subscriptions: visitors look at the page of plans, buy, pay, and set up their account. */
export const subscription: Service = {
  name: "subscription",
  columns: {
    events: [...STEPS, ...browsing.names],
    eventTexts: [
      { name: "ui", values: ["v1", "v2"] },
      { name: "status", values: ["ok", "unexpected"] },
      { name: "plan", values: PLANS },
    ],
    eventNumbers: ["ms"],
    attributes: [
      { name: "country", values: COUNTRIES },
      { name: "os", values: OS },
      { name: "device", values: DEVICE },
      { name: "browser", values: BROWSERS },
      { name: "channel", values: CHANNELS },
    ],
    history: true,
  },
  visits: { returningShare: 0.35, tail: 1.5 },
  planted: PLANTED,
  study,
  simulate,
};

function study(file: string): string {
  return `# A subscription site, four weeks. Made by \`leadline sample\`; truth.json says what was planted.
title: Subscription site, 19 October to 15 November 2026
events:
  files: [${file}]
  columns: {user: user_id, session: session_id, time: ts, event: event}
  # An event's own attributes can be part of its token, so that "subscription_page_view{ui=v2}" can stand in a pattern.
  tokens:
    - {event: subscription_page_view, with: [ui]}
    - {event: subscription_api_response, with: [status]}
  attributes: [country, os, device, browser, channel]
  # What is known of users before the data begin: session.index counts on from it.
  history: {first_seen: first_seen, sessions: visits_before}
kpis:
  - name: payment_conversion
    description: Buy plan click to payment complete within 10 s
    among: buy_plan
    failure: not (buy_plan -> payment_complete within 10s)
    outcome: [payment_page_closed] # follows from the failure
  - name: subscription_page_payment
    description: Subscription page viewed to payment complete, at any time in the session
    among: subscription_page_view
    failure: not (subscription_page_view -> payment_complete)
    outcome: [payment_page_closed]
  - name: subscription_completion
    description: Setting up the account after payment (or with a voucher), from start to finish
    among: subscription_start
    failure: not (subscription_start -> subscription_finish)
  - name: trailer_playback
    description: Trailers that stop with an error
    among: trailer_play
    failure: trailer_error
`;
}

function simulate({ visit, user, random, batch, tally }: Scene): void {
  const prone = frailty(user);
  const userPlatform = PLATFORMS[platform.pick(user)] ?? PLATFORMS[0];
  batch.attribute(0, country.pick(user));
  batch.attribute(1, OS.indexOf(userPlatform[0]));
  batch.attribute(2, DEVICE.indexOf(userPlatform[1]));
  batch.attribute(3, browser.pick(user));
  batch.attribute(4, channel.pick(random));
  const week = Math.floor((visit.startMs - PERIOD_START_MS) / (7 * DAY_MS));
  const newPage = user.chance(0.1 * (week + 1));

  batch.emit(EVENT.home_view, random.heavyTailed(2_500));
  const banner = random.chance(0.6);
  if (banner) batch.emit(EVENT.banner_view, random.heavyTailed(3_000));
  browsing.browse(batch, random, random.heavyTailed(2), 6_000);
  if (random.chance(0.3)) {
    batch.emit(EVENT.trailer_play, random.heavyTailed(20_000));
    const failed = random.chance(visit.habit >= 4 ? 0.04 : 0.18);
    if (failed) batch.emit(EVENT.trailer_error, random.heavyTailed(3_000));
    else if (random.chance(0.7)) batch.emit(EVENT.trailer_complete, random.heavyTailed(3_000));
    tally.add(LEAD.first, visit.startMs, visit.visitsBefore + visit.ordinal <= 1, failed);
  }
  let paid = false;
  let redeems = false;
  if (random.chance(0.42)) {
    const views = random.chance(0.2) ? 2 : 1;
    for (let view = 0; view < views; view++) {
      batch.emit(EVENT.subscription_page_view, random.heavyTailed(5_000));
      batch.text(TEXT.ui, newPage ? UI.v2 : UI.v1);
      browsing.browse(batch, random, random.below(3), 5_000);
    }
    if (random.chance(newPage ? 0.2 : 0.45)) paid = pay({ visit, user, random, batch, tally }, prone);
    tally.add(LEAD.ui, visit.startMs, newPage, !paid);
    tally.add(LEAD.banner, visit.startMs, banner, !paid);
  } else {
    // Who has a voucher goes past the page of plans, so a voucher says nothing of that page's payments.
    redeems = random.chance(0.08);
  }
  if (paid || redeems) {
    if (redeems) batch.emit(EVENT.voucher_redeem, random.heavyTailed(2_000));
    setUp({ visit, user, random, batch, tally }, prone);
  }
  browsing.browse(batch, random, random.heavyTailed(1), 6_000);
  batch.emit(EVENT.page_leave, 0);
}

/** From the click on buy to the payment, or not. Returns whether it was paid, in time or late. */
function pay({ visit, random, batch, tally }: Scene, prone: number): boolean {
  const startMs = clickBuy();
  let inTime = false;
  let paid = false;
  let hit = false;
  let polled = false;
  let closed = false;

  let delayMs = 0;
  if (random.chance(0.06 * prone)) {
    batch.advanceTo(startMs + 300 + random.below(1_200));
    batch.emit(EVENT.web_cors_error, 0);
    hit = random.chance(0.75);
    delayMs = 1_500;
  }
  if (hit) {
    // The client tries again in silence until it times out, well before the deadline.
    batch.advanceTo(startMs + 3_500 + random.below(4_000));
    batch.emit(EVENT.timeout_error, 400 + random.below(1_600));
    if (random.chance(0.06)) complete(startMs);
    else giveUp(startMs, false);
  } else {
    const declined = random.chance(0.09 * prone);
    const openMs = declined ? 10_500 + random.below(12_000) : delayMs + paymentMs();
    poll(startMs, openMs);
    batch.advanceTo(startMs + openMs);
    if (!declined) {
      complete(startMs);
    } else {
      const again = random.chance(0.25);
      giveUp(startMs, again);
      if (again) {
        const againMs = clickBuy();
        batch.advanceTo(againMs + paymentMs());
        complete(againMs);
      }
    }
  }
  tally.add(LEAD.cors, visit.startMs, hit, !inTime);
  tally.add(LEAD.poll, visit.startMs, polled, !inTime);
  tally.add(LEAD.closed, visit.startMs, closed, !inTime);
  return paid;

  function clickBuy(): number {
    const clickMs = batch.nowMs;
    batch.emit(EVENT.buy_plan, 0);
    batch.text(TEXT.plan, plan.pick(random));
    return clickMs;
  }

  /** Log-logistic with median 3.5 s; one in thirty takes more than 10 s. */
  function paymentMs(): number {
    const u = random.uniform();
    return 700 + 2_800 * (u / (1 - u)) ** 0.33;
  }

  /** A Poisson process while the payment is open, deaf to what will become of it. */
  function poll(fromMs: number, openMs: number): void {
    let run = 0;
    const glitchMs = random.chance(0.015) ? random.uniform() * 10_000 : Number.POSITIVE_INFINITY;
    let glitched = false;
    for (let at = 800 + random.exponential(2_200); at < Math.min(openMs, 30_000); at += random.exponential(2_200)) {
      if (!glitched && run > 0 && at > glitchMs) {
        glitched = true;
        run = 0;
        batch.emit(EVENT.timeout_error, 0);
      }
      batch.advanceTo(fromMs + at);
      batch.emit(EVENT.payment_poll, 0);
      run++;
      if (run >= 3) polled = true;
    }
  }

  function complete(clickMs: number): void {
    if (batch.nowMs - clickMs <= DEADLINE_MS) inTime = true;
    paid = true;
    batch.emit(EVENT.payment_complete, random.heavyTailed(2_000));
  }

  function giveUp(clickMs: number, again: boolean): void {
    batch.advanceTo(clickMs + DEADLINE_MS + 500 + random.below(8_000));
    if (!again && random.chance(0.96)) {
      closed = true;
      batch.emit(EVENT.payment_page_closed, random.heavyTailed(2_000));
    }
  }
}

/** Setting up the account. */
function setUp({ visit, random, batch, tally }: Scene, prone: number): void {
  batch.emit(EVENT.subscription_start, random.heavyTailed(4_000));
  batch.emit(EVENT.account_form_view, random.heavyTailed(8_000));
  let unexpected = false;
  let finished = false;
  if (!random.chance(0.07 * prone)) {
    batch.emit(EVENT.subscription_api_call, 0);
    const ms = Math.floor(80 + random.heavyTailed(220));
    batch.advanceTo(batch.nowMs + ms);
    unexpected = random.chance(0.05 * prone);
    batch.emit(EVENT.subscription_api_response, random.heavyTailed(1_500));
    batch.text(TEXT.status, unexpected ? STATUS.unexpected : STATUS.ok);
    batch.number(NUMBER.ms, ms);
    finished = !random.chance(unexpected ? 0.8 : 0.03);
    if (finished) batch.emit(EVENT.subscription_finish, random.heavyTailed(2_000));
  }
  tally.add(LEAD.api, visit.startMs, unexpected, !finished);
}
