import { Random } from "./random.js";

const HOUR_MS = 3_600_000;
/** Milliseconds in a day. */
export const DAY_MS: number = 24 * HOUR_MS;
/** A Monday, midnight UTC. */
export const PERIOD_START_MS: number = Date.UTC(2026, 9, 19);
/** Days of data. */
export const PERIOD_DAYS = 28;
/** Where the data end (exclusive, by session start). */
export const PERIOD_END_MS: number = PERIOD_START_MS + PERIOD_DAYS * DAY_MS;
/** Users first seen from here on serve lifecycle questions where nothing is known of earlier visits. */
export const BURN_IN_END_MS: number = PERIOD_START_MS + (PERIOD_DAYS / 4) * DAY_MS;

/** Two visits of a user start at least this far apart, so that they do not overlap. */
const APART_MS = 1.5 * HOUR_MS;
/** The most visits of an ordinary user in the period. */
const MOST_VISITS = 250;
/** A part of a user's randomness that is no session: sessions have their ordinals, traits 0. */
const RHYTHM = -1;
/** Relative traffic by hour of day: a night low, a lunch bump, an evening peak. */
const HOURLY = [3, 2, 1, 1, 1, 2, 4, 6, 7, 8, 8, 9, 10, 9, 8, 8, 9, 10, 12, 14, 15, 13, 9, 5];
/** The chance that a visit meant for this weekday (from Monday) takes place on it rather than a day later. */
const WEEKDAY_KEPT = [0.85, 0.8, 0.8, 0.85, 0.95, 1, 0.95];

const NIGHT_END_HOUR = 6;

const TIME_OF_DAY_STEPS = 4096;
const TIME_OF_DAY_MS: Float64Array = inverseDiurnal();

/** How often the users of a service come. */
export interface VisitModel {
  /** The share of users who came before the data begin. */
  readonly returningShare: number;
  /** A user means to come at least n times with probability n^-tail: the smaller, the heavier the tail. */
  readonly tail: number;
  /** A user who is a machine: user 0 comes this many times per user of the service. */
  readonly botVisitsPerUser?: number;
  /** Users who all come for the first time on one day: every `every`-th user, on day `day`. */
  readonly launch?: { readonly every: number; readonly day: number };
}

/** What a service is told of one visit. One object is used again and again: copy what you keep. */
export interface Visit {
  userIdx: number;
  startMs: number;
  /** 1 for the user's first visit in the data. */
  ordinal: number;
  /** The user's visits before the data begin. */
  visitsBefore: number;
  /** How often the user means to come in the period: a trait, not a count. */
  habit: number;
  /** Start of the user's first visit in the data. */
  firstStartMs: number;
  /** Start of the user's first visit ever. */
  firstSeenMs: number;
}

/** True for the service's machine among users. */
export function isBot(model: VisitModel, userIdx: number): boolean {
  return model.botVisitsPerUser !== undefined && userIdx === 0;
}

/** True for a user who came with the launch. */
export function isLaunchUser(model: VisitModel, userIdx: number): boolean {
  return model.launch !== undefined && userIdx % model.launch.every === 1;
}

/**
 * All visits of one user after another, by need: a user's calendar depends on the seed, the service and the user alone, so
 * each day's pass computes it again instead of keeping anything for each user.
 */
export class Calendar {
  readonly visit: Visit = {
    userIdx: 0,
    startMs: 0,
    ordinal: 0,
    visitsBefore: 0,
    habit: 1,
    firstStartMs: 0,
    firstSeenMs: 0,
  };
  private readonly model: VisitModel;
  private readonly seed: number;
  private readonly stream: number;
  private readonly random = new Random();
  private readonly botGapMs: number;
  private gapMs = 0;

  /**
   * @param users - users of the service
   * @param stream - the service's own number
   */
  constructor(model: VisitModel, users: number, seed: number, stream: number) {
    this.model = model;
    this.seed = seed;
    this.stream = stream;
    this.botGapMs = (PERIOD_DAYS * DAY_MS) / Math.max(1, users * (model.botVisitsPerUser ?? 0));
  }

  /** Turns to a user; `visit` is then the user's first visit. Returns false if there is none in the period. */
  begin(userIdx: number): boolean {
    const { visit, model, random } = this;
    random.reseed(this.seed, this.stream, userIdx, RHYTHM);
    visit.userIdx = userIdx;
    visit.ordinal = 1;
    visit.visitsBefore = 0;
    visit.habit = Math.min(MOST_VISITS, Math.floor((1 - random.uniform()) ** (-1 / model.tail)));
    this.gapMs = Math.min(5 * DAY_MS, (24 * DAY_MS) / visit.habit);
    if (isBot(model, userIdx)) {
      this.gapMs = this.botGapMs;
      visit.startMs = PERIOD_START_MS + random.uniform() * this.gapMs;
      visit.firstSeenMs = visit.startMs;
    } else if (isLaunchUser(model, userIdx)) {
      visit.startMs = PERIOD_START_MS + (model.launch?.day ?? 0) * DAY_MS + timeOfDay(random);
      visit.firstSeenMs = visit.startMs;
    } else if (random.chance(model.returningShare)) {
      visit.startMs = this.rhythm(PERIOD_START_MS + random.exponential(this.gapMs), PERIOD_START_MS);
      visit.visitsBefore = 1 + Math.floor(random.exponential(1.5 * visit.habit));
      visit.firstSeenMs = PERIOD_START_MS - DAY_MS - Math.floor(random.exponential(60 * DAY_MS));
    } else {
      visit.startMs = this.rhythm(PERIOD_START_MS + random.uniform() * PERIOD_DAYS * DAY_MS, PERIOD_START_MS);
      visit.firstSeenMs = Math.floor(visit.startMs);
    }
    visit.startMs = Math.floor(visit.startMs);
    visit.firstSeenMs = Math.floor(visit.firstSeenMs);
    visit.firstStartMs = visit.startMs;
    return visit.startMs < PERIOD_END_MS;
  }

  /** Moves `visit` to the user's next visit. Returns false if there is none in the period. */
  next(): boolean {
    const { visit, random } = this;
    if (isBot(this.model, visit.userIdx)) {
      visit.startMs += Math.floor(this.gapMs * (0.75 + 0.5 * random.uniform()));
    } else {
      if (visit.ordinal >= visit.habit) return false;
      const soonestMs = visit.startMs + APART_MS;
      visit.startMs = Math.floor(this.rhythm(soonestMs + random.exponential(this.gapMs), soonestMs));
    }
    visit.ordinal++;
    return visit.startMs < PERIOD_END_MS;
  }

  /** Moves a wish to come to an hour and a weekday at which people come, never before `soonestMs`. */
  private rhythm(wishMs: number, soonestMs: number): number {
    const day = Math.floor((wishMs - PERIOD_START_MS) / DAY_MS);
    // Who comes several times a day only keeps the night free: one draw from the whole day would space the visits out.
    if (this.gapMs < DAY_MS) {
      const hour = (wishMs - PERIOD_START_MS - day * DAY_MS) / HOUR_MS;
      return hour < NIGHT_END_HOUR ? wishMs + NIGHT_END_HOUR * HOUR_MS : wishMs;
    }
    const kept = this.random.chance(WEEKDAY_KEPT[day % 7] as number);
    const shiftedMs = PERIOD_START_MS + (kept ? day : day + 1) * DAY_MS + timeOfDay(this.random);
    return shiftedMs >= soonestMs ? shiftedMs : wishMs;
  }
}

function timeOfDay(random: Random): number {
  const step = random.bits() & (TIME_OF_DAY_STEPS - 1);
  return (TIME_OF_DAY_MS[step] as number) + random.below(20_000);
}

function inverseDiurnal(): Float64Array {
  const total = HOURLY.reduce((sum, weight) => sum + weight, 0);
  const table = new Float64Array(TIME_OF_DAY_STEPS);
  let hour = 0;
  let below = 0;
  for (let step = 0; step < TIME_OF_DAY_STEPS; step++) {
    const target = (step / TIME_OF_DAY_STEPS) * total;
    while (below + (HOURLY[hour] as number) <= target) below += HOURLY[hour++] as number;
    table[step] = (hour + (target - below) / (HOURLY[hour] as number)) * HOUR_MS;
  }
  return table;
}
