import { BURN_IN_END_MS, DAY_MS, isBot, isLaunchUser, PERIOD_START_MS, type VisitModel } from "../calendar.js";
import { Choice } from "../random.js";
import type { Planted } from "../truth.js";
import { Browsing, codesOf, frailty, type Scene, type Service } from "./service.js";

const STEPS = [
  "app_open",
  "home_view",
  "server_error",
  "login_start",
  "captcha_shown",
  "captcha_failed",
  "otp_request",
  "otp_submit",
  "otp_error",
  "otp_ok",
  "password_submit",
  "password_error",
  "login_success",
  "form_view",
  "form_submit",
  "input_error_address",
  "input_error_card",
  "input_error_phone",
  "cart_add",
  "cart_view",
  "checkout_start",
  "instalment_offer_view",
  "shipping_select",
  "order_complete",
  "app_background",
] as const;
const EVENT = codesOf(STEPS);
const INPUT_ERRORS = [EVENT.input_error_address, EVENT.input_error_card, EVENT.input_error_phone];

const browsing = new Browsing(STEPS.length, [
  ["category_view", "category_scroll", "filter_open", "filter_apply", "sort_change", "subcategory_view"],
  ["product_view", "product_image_swipe", "product_zoom", "size_guide_view", "stock_check", "product_video_play"],
  ["search_open", "search_type", "search_result_view", "search_suggestion_tap", "barcode_scan", "search_no_result"],
  ["review_view", "review_sort", "question_view", "seller_view", "rating_filter"],
  ["offer_view", "coupon_view", "coupon_copy", "flash_sale_view", "countdown_view", "banner_tap"],
  ["wishlist_view", "wishlist_add", "wishlist_remove", "wishlist_share", "recently_viewed"],
  ["order_list_view", "order_track", "return_view", "invoice_download", "reorder_tap"],
  ["help_view", "chat_open", "chat_message", "store_finder_view", "store_map_view"],
  ["profile_view", "notification_view", "notification_tap", "language_switch", "currency_switch", "loyalty_view"],
  ["ad_view", "recommendation_view", "recommendation_tap", "image_load_slow", "compare_add", "compare_view"],
]);

const COUNTRIES = ["US", "BR", "IN", "DE", "GB", "MX", "FR", "ES", "PL", "NO"];
const country = new Choice([20, 22, 14, 9, 9, 8, 7, 5, 4, 2]);
const BRAZIL = COUNTRIES.indexOf("BR");
const OS = ["android", "ios", "web"];
const os = new Choice([48, 28, 24]);
const DEVICES = ["phone", "tablet", "desktop"];
const APP_VERSIONS = ["4.8", "4.9", "5.0", "5.1"];
const oldAppVersion = new Choice([10, 30, 60]);
const CHANNELS = ["direct", "search", "social", "email", "ads", "partner_launch"];
const channel = new Choice([36, 28, 14, 10, 12]);
const PARTNER_LAUNCH = CHANNELS.indexOf("partner_launch");
const TEXT = codesOf(["status"]);
const STATUS = codesOf(["400", "500", "503"]);
const NUMBER = codesOf(["amount"]);

/** 3 November 2026 */
const BAD_DAY = 15;
const VISITS: VisitModel = {
  returningShare: 0.3,
  tail: 1.4,
  botVisitsPerUser: 0.02,
  launch: { every: 67, day: BAD_DAY },
};
const LATER_USERS = "users whose first session in the data starts on or after 26 October 2026 (the burn-in rule)";

const PLANTED = [
  {
    kpi: "login_success",
    cohort: {},
    lead: "High error rate in Step 1 of Login (OTP verification)",
    hypothesis: "otp_error",
    alternatives: ["otp_submit => otp_error", "otp_request => otp_submit => otp_error", "login_start -> otp_error"],
    template: "event-pattern",
    decoy: false,
    why: "9 % of one-time passwords (more for users prone to fail) are refused at first; half of these logins end there. Of the other logins 5 % are given up.",
  },
  {
    kpi: "user_error",
    cohort: {},
    lead: "Higher error rate for first-time users",
    hypothesis: "session.index <= 1",
    alternatives: ["session.index == 1", "user.sessions <= 1"],
    template: "user-lifecycle",
    population: LATER_USERS,
    decoy: false,
    why: "Of the forms in a user's first session ever 22 % are filled in wrongly, of those in later sessions 7 % (more for users prone to fail).",
  },
  {
    kpi: "checkout",
    cohort: {},
    lead: null,
    hypothesis: "instalment_offer_view",
    alternatives: ["checkout_start => instalment_offer_view"],
    template: "event-pattern",
    decoy: true,
    why: "Simpson's paradox: 80 % of checkouts in Brazil show the offer, 10 % elsewhere, and 62 % of Brazil's checkouts fail, 20 % elsewhere. Within a country the offer makes no difference.",
  },
  {
    kpi: "login_success",
    cohort: {},
    lead: null,
    hypothesis: "captcha_shown => captcha_failed",
    alternatives: ["captcha_failed", "captcha_shown", "login_start => captcha_shown"],
    template: "event-pattern",
    decoy: true,
    why: "One heavy user: a machine that tries stolen passwords, and no one else, has this pattern.",
  },
  {
    kpi: "site_error",
    cohort: { channel: "partner_launch" },
    lead: null,
    hypothesis: "session.index <= 1",
    alternatives: ["session.index == 1", "user.sessions <= 1"],
    template: "user-lifecycle",
    population: LATER_USERS,
    decoy: true,
    why: "Launch day: all first sessions of this channel are on 3 November, on which 30 % of everyone's sessions met a server error (2 % on other days). On that day first sessions are no worse than others.",
  },
  {
    kpi: "site_error",
    cohort: {},
    lead: null,
    hypothesis: "weekday(start) == 2",
    alternatives: [],
    template: "time-of-session",
    decoy: true,
    why: "One bad day: 3 November was a Tuesday; on the other three Tuesdays nothing was the matter.",
  },
  {
    kpi: "checkout",
    cohort: {},
    lead: null,
    hypothesis: "cart_view => checkout_start",
    alternatives: [],
    template: "event-pattern",
    decoy: true,
    why: "Noise: nine in ten checkouts begin at the cart, whatever becomes of them.",
  },
] as const satisfies readonly Planted[];
/** Positions in the list above. */
const LEAD = { otp: 0, firstTime: 1, instalments: 2, bot: 3, launch: 4, tuesday: 5, cart: 6 } as const;

/** A shop's app and site. Nothing is known of users before the data begin. */
export const shop: Service = {
  name: "shop",
  columns: {
    events: [...STEPS, ...browsing.names],
    eventTexts: [{ name: "status", values: ["400", "500", "503"] }],
    eventNumbers: ["amount"],
    attributes: [
      { name: "country", values: COUNTRIES },
      { name: "os", values: OS },
      { name: "device", values: DEVICES },
      { name: "app_version", values: APP_VERSIONS },
      { name: "channel", values: CHANNELS },
    ],
    history: false,
  },
  visits: VISITS,
  planted: PLANTED,
  study,
  simulate,
};

function study(file: string): string {
  return `# A shop, four weeks. Made by \`leadline sample\`; truth.json says what was planted.
title: Shop, 19 October to 15 November 2026
events:
  files: [${file}]
  columns: {user: user_id, session: session_id, time: ts, event: event}
  # The period, by session start. Nothing is known of users before it (no \`history\`), so a user's first session here may
  # not be the first: lifecycle questions are asked of users first seen after a quarter of it.
  from: 2026-10-19
  to: 2026-11-16
  # Patterns see one kind of input error; a step may still name input_error_card.
  tokens:
    - {match: "input_error_*", token: input_error}
  attributes: [country, os, device, app_version, channel]
kpis:
  - name: login_success
    description: Logins that never succeed
    among: login_start
    failure: not (login_start -> login_success)
  - name: user_error
    description: Sessions in which the user enters something that a form refuses
    among: form_view
    failure: count(input_error) >= 1
  - name: checkout
    description: Checkouts that do not end in an order
    among: checkout_start
    failure: not (checkout_start -> order_complete)
  - name: site_error
    description: Sessions that meet an error of the shop's servers
    failure: server_error
`;
}

function simulate(scene: Scene): void {
  const { visit, user, random, batch, tally } = scene;
  const prone = frailty(user);
  const bot = isBot(VISITS, visit.userIdx);
  const launched = isLaunchUser(VISITS, visit.userIdx);
  const userCountry = country.pick(user);
  const userOs = os.pick(user);
  const day = (visit.startMs - PERIOD_START_MS) / DAY_MS;
  batch.attribute(0, userCountry);
  batch.attribute(1, userOs);
  batch.attribute(2, userOs === 2 ? 2 : user.chance(0.12) ? 1 : 0);
  const oldVersion = oldAppVersion.pick(user);
  batch.attribute(3, user.uniform() < 0.1 + day / 40 ? 3 : oldVersion);
  batch.attribute(4, launched ? PARTNER_LAUNCH : channel.pick(random));
  const { startMs } = visit;
  if (bot) {
    attack(scene);
    return;
  }

  batch.emit(EVENT.app_open, random.heavyTailed(1_000));
  batch.emit(EVENT.home_view, random.heavyTailed(3_000));
  browsing.browse(batch, random, random.heavyTailed(2), 5_000);
  const unserved = random.chance(Math.floor(day) === BAD_DAY ? 0.3 : 0.02 * prone);
  if (unserved) {
    batch.emit(EVENT.server_error, random.heavyTailed(4_000));
    batch.text(TEXT.status, random.chance(0.7) ? STATUS["500"] : STATUS["503"]);
  }
  if (random.chance(0.35)) logIn(scene, prone);
  if (random.chance(0.6)) fillForm(scene, prone);
  browsing.browse(batch, random, random.heavyTailed(2), 6_000);
  if (random.chance(0.3)) checkOut(scene, userCountry, prone);
  browsing.browse(batch, random, random.heavyTailed(1), 5_000);
  batch.emit(EVENT.app_background, 0);

  tally.add(LEAD.tuesday, startMs, isTuesday(day), unserved);
  if (launched) tally.add(LEAD.launch, startMs, visit.ordinal <= 1, unserved);
}

/** The machine: login, captcha, no success. */
function attack({ visit, random, batch, tally }: Scene): void {
  batch.emit(EVENT.login_start, 200 + random.below(100));
  const tries = 2 + random.below(4);
  for (let i = 0; i < tries; i++) {
    batch.emit(EVENT.captcha_shown, 300 + random.below(200));
    batch.emit(EVENT.captcha_failed, 100 + random.below(100));
  }
  batch.emit(EVENT.app_background, 0);
  tally.add(LEAD.otp, visit.startMs, false, true);
  tally.add(LEAD.bot, visit.startMs, true, true);
  tally.add(LEAD.tuesday, visit.startMs, isTuesday((visit.startMs - PERIOD_START_MS) / DAY_MS), false);
}

function isTuesday(day: number): boolean {
  return Math.floor(day) % 7 === 1;
}

function logIn({ visit, random, batch, tally }: Scene, prone: number): void {
  batch.emit(EVENT.login_start, random.heavyTailed(3_000));
  batch.emit(EVENT.otp_request, random.heavyTailed(9_000));
  batch.emit(EVENT.otp_submit, random.heavyTailed(600));
  const refused = random.chance(0.09 * prone);
  let verified = true;
  if (refused) {
    batch.emit(EVENT.otp_error, random.heavyTailed(4_000));
    batch.text(TEXT.status, STATUS["400"]);
    verified = random.chance(0.5);
    if (verified) batch.emit(EVENT.otp_submit, random.heavyTailed(600));
  }
  let entered = false;
  if (verified) {
    batch.emit(EVENT.otp_ok, random.heavyTailed(1_500));
    batch.emit(EVENT.password_submit, random.heavyTailed(700));
    if (random.chance(0.06)) {
      batch.emit(EVENT.password_error, random.heavyTailed(4_000));
      batch.emit(EVENT.password_submit, random.heavyTailed(700));
    }
    entered = !random.chance(0.05 * prone);
    if (entered) batch.emit(EVENT.login_success, random.heavyTailed(2_000));
  }
  tally.add(LEAD.otp, visit.startMs, refused, !entered);
  tally.add(LEAD.bot, visit.startMs, false, !entered);
}

function fillForm({ visit, random, batch, tally }: Scene, prone: number): void {
  const first = visit.visitsBefore + visit.ordinal <= 1;
  batch.emit(EVENT.form_view, random.heavyTailed(7_000));
  const misfilled = random.chance((first ? 0.22 : 0.07) * prone);
  if (misfilled) {
    batch.emit(INPUT_ERRORS[random.below(INPUT_ERRORS.length)] ?? EVENT.input_error_address, random.heavyTailed(5_000));
  }
  if (random.chance(0.85)) batch.emit(EVENT.form_submit, random.heavyTailed(1_500));
  if (visit.firstStartMs >= BURN_IN_END_MS) tally.add(LEAD.firstTime, visit.startMs, visit.ordinal <= 1, misfilled);
}

function checkOut({ visit, random, batch, tally }: Scene, userCountry: number, prone: number): void {
  batch.emit(EVENT.cart_add, random.heavyTailed(5_000));
  const fromCart = random.chance(0.9);
  if (fromCart) batch.emit(EVENT.cart_view, random.heavyTailed(6_000));
  else browsing.browse(batch, random, 1, 5_000);
  batch.emit(EVENT.checkout_start, random.heavyTailed(4_000));
  const offered = random.chance(userCountry === BRAZIL ? 0.8 : 0.1);
  if (offered) batch.emit(EVENT.instalment_offer_view, random.heavyTailed(4_000));
  const failed = random.chance(userCountry === BRAZIL ? 0.62 : 0.2 * prone);
  if (random.chance(failed ? 0.5 : 1)) batch.emit(EVENT.shipping_select, random.heavyTailed(6_000));
  if (!failed) {
    batch.emit(EVENT.order_complete, random.heavyTailed(3_000));
    batch.number(NUMBER.amount, Math.floor(5 + random.heavyTailed(40)));
  }
  tally.add(LEAD.instalments, visit.startMs, offered, failed);
  tally.add(LEAD.cart, visit.startMs, fromCart, failed);
}
