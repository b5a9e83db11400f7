import { DAY_MS, PERIOD_DAYS, PERIOD_START_MS } from "../calendar.js";
import { Choice } from "../random.js";
import type { Planted } from "../truth.js";
import { Browsing, codesOf, frailty, type Scene, type Service } from "./service.js";

const STEPS = [
  "app_open",
  "location_request",
  "location_ok",
  "location_api_error",
  "app_crash",
  "login_start",
  "login_form_submit",
  "login_error",
  "login_success",
  "app_error",
  "error_dialog_shown",
  "error_dialog_closed",
  "play_start",
  "pause",
  "play_resume",
  "seek_forward",
  "seek_back",
  "volume_change",
  "subtitle_toggle",
  "quality_change",
  "rebuffer_start",
  "rebuffer_end",
  "heartbeat",
  "playback_failed",
  "play_end",
  "app_background",
] as const;
const EVENT = codesOf(STEPS);

const browsing = new Browsing(STEPS.length, [
  ["home_scroll", "row_scroll", "tile_focus", "tile_open", "hero_view", "hero_swipe", "continue_watching_view"],
  ["title_view", "trailer_autoplay", "cast_view", "episode_list_view", "similar_titles_view", "rating_add"],
  ["search_open", "search_type", "voice_search", "search_result_view", "search_clear"],
  ["live_guide_view", "channel_switch", "reminder_add", "sports_hub_view", "score_view"],
  ["download_start", "download_done", "download_delete", "storage_view", "offline_list_view"],
  ["profile_switch", "profile_edit", "kids_mode_on", "kids_mode_off", "pin_enter"],
  ["settings_open", "settings_quality", "settings_subtitle", "settings_network", "cast_device_search"],
  ["watchlist_view", "watchlist_add", "watchlist_remove", "share_open", "notification_open"],
  ["ad_start", "ad_quartile", "ad_end", "ad_skip", "promo_view", "whats_new_view", "rate_app_prompt"],
]);

const COUNTRIES = ["US", "IN", "BR", "GB", "DE", "MX", "FR", "ID", "ES", "SE"];
const country = new Choice([24, 18, 10, 9, 8, 7, 7, 7, 5, 5]);
const OS = ["android", "ios", "tv"];
const os = new Choice([58, 30, 12]);
const OS_VERSIONS = ["Android 12", "Android 13", "Android 14", "iOS 16", "iOS 17", "iOS 18", "TV 6", "TV 7"];
const ANDROID_14 = OS_VERSIONS.indexOf("Android 14");
const osVersion = [
  { first: 0, choice: new Choice([13, 22, 65]) },
  { first: 3, choice: new Choice([15, 40, 45]) },
  { first: 6, choice: new Choice([40, 60]) },
];
const APP_VERSIONS = ["7.3.2", "7.4.0", "7.4.1", "8.0.0"];
const oldAppVersion = new Choice([12, 33, 55]);
const NEW_APP_VERSION = APP_VERSIONS.indexOf("8.0.0");
const DEVICES = ["phone", "tablet", "tv"];
const NETWORKS = ["wifi", "4g", "5g"];
const network = new Choice([60, 25, 15]);
/** Positions of the event texts and numbers in the columns below. */
const TEXT = codesOf(["status"]);
const STATUS = codesOf(["ok", "denied", "unavailable"]);
const NUMBER = codesOf(["ms"]);

const PLANTED = [
  {
    kpi: "session_crash",
    cohort: {},
    lead: "API to retrieve user location fails",
    hypothesis: "location_api_error",
    alternatives: ["location_request => location_api_error", "location_request -> location_api_error"],
    template: "event-pattern",
    decoy: false,
    why: "4 % of location requests fail, and 35 % of these sessions crash within the next few events; 1.2 % of the others crash.",
  },
  {
    kpi: "global_error",
    cohort: { os_version: "Android 14" },
    lead: "High error rate in second and later sessions",
    hypothesis: "session.index > 1",
    alternatives: ["session.index >= 2", "user.sessions > 1"],
    template: "user-lifecycle",
    decoy: false,
    why: "On Android 14 a session that is not the user's first gets an application error with 10 % more probability; elsewhere, and in first sessions, 4 % do. About 35 % of Android's sessions are affected.",
  },
  {
    kpi: "login_error",
    cohort: { app_version: "8.0.0" },
    lead: "Gradual increase in error rate for first-time users on new app version",
    hypothesis: "session.index <= 1",
    alternatives: ["session.index == 1", "user.sessions <= 1"],
    template: "user-lifecycle",
    decoy: false,
    why: "On version 8.0.0, which reaches more users every day, the login of first-time users fails with an extra probability that grows from 2 % on the first day to 28 % on the last; of other logins 5 % fail.",
  },
  {
    kpi: "global_error",
    cohort: {},
    lead: null,
    hypothesis: "error_dialog_closed",
    alternatives: ["error_dialog_shown", "error_dialog_shown => error_dialog_closed"],
    template: "event-pattern",
    decoy: true,
    why: "Outcome: the dialog is shown because of the error, and never otherwise.",
  },
  {
    kpi: "playback_failure",
    cohort: {},
    lead: null,
    hypothesis: "subtitle_toggle",
    alternatives: [],
    template: "event-pattern",
    decoy: true,
    why: "Length: every event of a playback fails with the same small probability and toggles subtitles with another, so long sessions have more of both; at equal length there is no relation.",
  },
  {
    kpi: "session_crash",
    cohort: {},
    lead: null,
    hypothesis: "app_open",
    alternatives: [],
    template: "event-pattern",
    decoy: true,
    why: "Noise: every session begins with it.",
  },
] as const satisfies readonly Planted[];
/** Positions in the list above. */
const LEAD = { location: 0, later: 1, trend: 2, dialog: 3, subtitles: 4, open: 5 } as const;

/** A video player's app. */
export const player: Service = {
  name: "player",
  columns: {
    events: [...STEPS, ...browsing.names],
    eventTexts: [{ name: "status", values: ["ok", "denied", "unavailable"] }],
    eventNumbers: ["ms"],
    attributes: [
      { name: "country", values: COUNTRIES },
      { name: "os", values: OS },
      { name: "os_version", values: OS_VERSIONS },
      { name: "app_version", values: APP_VERSIONS },
      { name: "device", values: DEVICES },
      { name: "network", values: NETWORKS },
    ],
    history: true,
  },
  visits: { returningShare: 0.2, tail: 1.65 },
  planted: PLANTED,
  study,
  simulate,
};

function study(file: string): string {
  return `# A video player's app, four weeks. Made by \`leadline sample\`; truth.json says what was planted.
title: Video player, 19 October to 15 November 2026
events:
  files: [${file}]
  columns: {user: user_id, session: session_id, time: ts, event: event}
  ignore: [heartbeat] # says nothing, and would stand between any two events of a pattern
  attributes: [country, os, os_version, app_version, device, network]
  # What is known of users before the data begin: session.index counts on from it.
  history: {first_seen: first_seen, sessions: visits_before}
kpis:
  - name: session_crash
    description: Sessions in which the app crashes
    failure: app_crash
  - name: global_error
    description: Sessions with an application error of any kind
    failure: app_error
  - name: login_error
    description: Sessions in which a login meets an error, even if a later attempt succeeds
    among: login_start
    failure: login_error
  - name: playback_failure
    description: Playbacks that fail
    among: play_start
    failure: playback_failed
  - name: rebuffering
    description: Share of the session's time spent waiting for video
    among: play_start
    value: sum(rebuffer_end.ms) / session.duration
    worse: higher
    outcome: [rebuffer_start] # every wait begins with one
`;
}

function simulate(scene: Scene): void {
  const { visit, user, random, batch, tally } = scene;
  const prone = frailty(user);
  const userOs = os.pick(user);
  const versions = osVersion[userOs];
  const userOsVersion = versions === undefined ? 0 : versions.first + versions.choice.pick(user);
  const day = (visit.startMs - PERIOD_START_MS) / DAY_MS;
  const appVersion = version(user.uniform(), oldAppVersion.pick(user), day);
  const userDevice = userOs === 2 ? 2 : user.chance(0.15) ? 1 : 0;
  batch.attribute(0, country.pick(user));
  batch.attribute(1, userOs);
  batch.attribute(2, userOsVersion);
  batch.attribute(3, appVersion);
  batch.attribute(4, userDevice);
  batch.attribute(5, userOs === 2 ? 0 : network.pick(random));
  const first = visit.visitsBefore + visit.ordinal <= 1;

  batch.emit(EVENT.app_open, random.heavyTailed(1_200));
  const unlocated = random.chance(0.55) && !locate(scene);
  let crashed = false;
  let erred = false;
  if (unlocated && random.chance(0.35)) {
    browsing.browse(batch, random, random.below(4), 3_000);
    batch.emit(EVENT.app_crash, 0);
    crashed = true;
  } else {
    if (random.chance(first ? 0.55 : 0.25)) {
      const extra = first && appVersion === NEW_APP_VERSION ? 0.02 + (0.26 * day) / PERIOD_DAYS : 0;
      const failed = logIn(scene, 0.05 * prone + extra);
      if (appVersion === NEW_APP_VERSION) tally.add(LEAD.trend, visit.startMs, first, failed);
    }
    browsing.browse(batch, random, 1 + random.heavyTailed(2), 5_000);
    erred = random.chance(0.04 * prone) || (!first && userOsVersion === ANDROID_14 && random.chance(0.1));
    const dialogClosed = erred && err(scene);
    tally.add(LEAD.dialog, visit.startMs, dialogClosed, erred);
    crashed = !unlocated && random.chance(0.012 * prone);
    if (crashed) {
      browsing.browse(batch, random, random.below(6), 5_000);
      batch.emit(EVENT.app_crash, 0);
    } else {
      if (random.chance(0.6)) play(scene);
      browsing.browse(batch, random, random.heavyTailed(1), 5_000);
      batch.emit(EVENT.app_background, 0);
    }
  }
  tally.add(LEAD.location, visit.startMs, unlocated, crashed);
  tally.add(LEAD.open, visit.startMs, true, crashed);
  if (unlocated && crashed) tally.add(LEAD.dialog, visit.startMs, false, false);
  if (userOsVersion === ANDROID_14) tally.add(LEAD.later, visit.startMs, !first, erred);
}

/** The version that a user has on a day: the new one reaches users in a fixed order, 15 % at first, 60 % at last. */
function version(turn: number, oldVersion: number, day: number): number {
  return turn < 0.15 + (0.45 * day) / PERIOD_DAYS ? NEW_APP_VERSION : oldVersion;
}

/** Asks where the user is. Returns whether it is known. */
function locate({ random, batch }: Scene): boolean {
  batch.emit(EVENT.location_request, 0);
  const ms = Math.floor(40 + random.heavyTailed(160));
  batch.advanceTo(batch.nowMs + ms);
  const failed = random.chance(0.04);
  batch.emit(failed ? EVENT.location_api_error : EVENT.location_ok, random.heavyTailed(900));
  batch.text(TEXT.status, failed ? STATUS.unavailable : STATUS.ok);
  batch.number(NUMBER.ms, ms);
  return !failed;
}

/** Returns whether an error was met. */
function logIn({ random, batch }: Scene, errorProbability: number): boolean {
  batch.emit(EVENT.login_start, random.heavyTailed(4_000));
  batch.emit(EVENT.login_form_submit, random.heavyTailed(700));
  const failed = random.chance(errorProbability);
  if (failed) {
    batch.emit(EVENT.login_error, random.heavyTailed(3_000));
    batch.text(TEXT.status, STATUS.denied);
    if (random.chance(0.4)) return true;
    batch.emit(EVENT.login_form_submit, random.heavyTailed(700));
  }
  batch.emit(EVENT.login_success, random.heavyTailed(1_000));
  return failed;
}

/** Returns whether the error's dialog was closed. */
function err({ random, batch }: Scene): boolean {
  batch.emit(EVENT.app_error, 150 + random.below(200));
  batch.emit(EVENT.error_dialog_shown, random.heavyTailed(2_500));
  const closed = random.chance(0.97);
  if (closed) batch.emit(EVENT.error_dialog_closed, random.heavyTailed(1_500));
  return closed;
}

function play({ visit, random, batch, tally }: Scene): void {
  let failed = false;
  let subtitles = false;
  batch.emit(EVENT.play_start, 500 + random.heavyTailed(1_500));
  const length = Math.min(300, Math.floor(random.heavyTailed(6)));
  for (let i = 0; i < length; i++) {
    if (random.chance(0.005)) {
      failed = true;
      batch.emit(EVENT.playback_failed, random.heavyTailed(2_000));
    }
    const u = random.uniform();
    if (u < 0.46) {
      batch.emit(EVENT.heartbeat, 10_000);
    } else if (u < 0.48) {
      subtitles = true;
      batch.emit(EVENT.subtitle_toggle, random.heavyTailed(8_000));
    } else if (u < 0.56) {
      const ms = Math.floor(random.heavyTailed(1_800));
      batch.emit(EVENT.rebuffer_start, ms);
      batch.emit(EVENT.rebuffer_end, random.heavyTailed(8_000));
      batch.number(NUMBER.ms, ms);
    } else if (u < 0.66) {
      batch.emit(EVENT.pause, random.heavyTailed(15_000));
      batch.emit(EVENT.play_resume, random.heavyTailed(8_000));
    } else if (u < 0.8) {
      batch.emit(EVENT.seek_forward, random.heavyTailed(5_000));
    } else if (u < 0.88) {
      batch.emit(EVENT.seek_back, random.heavyTailed(5_000));
    } else if (u < 0.95) {
      batch.emit(EVENT.volume_change, random.heavyTailed(8_000));
    } else {
      batch.emit(EVENT.quality_change, random.heavyTailed(8_000));
    }
  }
  batch.emit(EVENT.play_end, random.heavyTailed(2_000));
  tally.add(LEAD.subtitles, visit.startMs, subtitles, failed);
}
