import { Calendar, DAY_MS, PERIOD_DAYS, PERIOD_START_MS, type Visit } from "./calendar.js";
import { EventBatch, type EventWriter } from "./event-batch.js";
import { Random } from "./random.js";
import type { Service } from "./services/service.js";
import type { Tally } from "./truth.js";

/** What the random streams of a user are for; a session's stream has its ordinal (from 1) instead. */
const TRAITS = 0;
/** Fields of a visit as a day's list has them. */
const FIELDS = 7;

/** What came of simulating a service. */
export interface Simulated {
  readonly rows: number;
  readonly sessions: number;
}

/**
 * Plays a service's four weeks and writes them.
 *
 * Sessions are played in the order of their starts, and rows written in time order within a batch of some 130,000 rows. A
 * session stays whole in the batch it began in, so batches overlap by as much as sessions last: the file is in time order
 * but for that. Memory holds one batch and the list of one day's visits, nothing for each user.
 *
 * @param stream - the service's own number, so that services do not share their users' luck
 * @param onBatch - called after each batch with its number of events; may throw to stop
 */
export async function simulate(
  service: Service,
  options: { readonly users: number; readonly seed: number; readonly stream: number },
  tally: Tally,
  writer: EventWriter,
  onBatch: (events: number) => void,
): Promise<Simulated> {
  const { users, seed, stream } = options;
  const calendar = new Calendar(service.visits, users, seed, stream);
  const visits = new DayVisits();
  const batch = new EventBatch(service.columns);
  const scene = { visit: visits.visit, user: new Random(), random: new Random(), batch, tally };
  let events = 0;

  const flush = async () => {
    const { rows } = batch;
    if (rows === 0) return;
    await writer.write(batch, batch.byTime());
    events += rows;
    batch.clear();
    onBatch(rows);
  };

  for (let day = 0; day < PERIOD_DAYS; day++) {
    visits.collect(calendar, users, PERIOD_START_MS + day * DAY_MS);
    while (visits.next()) {
      const { visit } = visits;
      scene.user.reseed(seed, stream, visit.userIdx, TRAITS);
      scene.random.reseed(seed, stream, visit.userIdx, visit.ordinal);
      batch.begin(visit);
      service.simulate(scene);
      if (batch.full) await flush();
    }
  }
  await flush();
  return { rows: events, sessions: batch.firstSession };
}

/** The visits of one day, by start; ties by user. */
class DayVisits {
  readonly visit: Visit = {
    userIdx: 0,
    startMs: 0,
    ordinal: 0,
    visitsBefore: 0,
    habit: 1,
    firstStartMs: 0,
    firstSeenMs: 0,
  };
  private fields = new Float64Array(FIELDS * 1024);
  private order = new Float64Array(0);
  private count = 0;
  private place = 0;

  /** Looks through all users' calendars for visits that start in the day that begins then. */
  collect(calendar: Calendar, users: number, dayStartMs: number): void {
    const dayEndMs = dayStartMs + DAY_MS;
    this.count = 0;
    this.place = 0;
    for (let userIdx = 0; userIdx < users; userIdx++) {
      let coming = calendar.begin(userIdx);
      while (coming && calendar.visit.startMs < dayEndMs) {
        if (calendar.visit.startMs >= dayStartMs) this.add(calendar.visit);
        coming = calendar.next();
      }
    }
    // Time of day (under 2^27 ms) and place in the list (under 2^26) share one exact double; see EventBatch.byTime.
    this.order = new Float64Array(this.count);
    for (let i = 0; i < this.count; i++) {
      this.order[i] = ((this.fields[i * FIELDS] as number) - dayStartMs) * 2 ** 26 + i;
    }
    this.order.sort();
  }

  /** Fills `visit` with the day's next. Returns false after the last. */
  next(): boolean {
    if (this.place === this.count) return false;
    const at = ((this.order[this.place++] as number) % 2 ** 26) * FIELDS;
    const { visit, fields } = this;
    visit.startMs = fields[at] as number;
    visit.userIdx = fields[at + 1] as number;
    visit.ordinal = fields[at + 2] as number;
    visit.visitsBefore = fields[at + 3] as number;
    visit.habit = fields[at + 4] as number;
    visit.firstStartMs = fields[at + 5] as number;
    visit.firstSeenMs = fields[at + 6] as number;
    return true;
  }

  private add(visit: Visit): void {
    const at = this.count++ * FIELDS;
    if (at + FIELDS > this.fields.length) {
      const larger = new Float64Array(this.fields.length * 2);
      larger.set(this.fields);
      this.fields = larger;
    }
    this.fields[at] = visit.startMs;
    this.fields[at + 1] = visit.userIdx;
    this.fields[at + 2] = visit.ordinal;
    this.fields[at + 3] = visit.visitsBefore;
    this.fields[at + 4] = visit.habit;
    this.fields[at + 5] = visit.firstStartMs;
    this.fields[at + 6] = visit.firstSeenMs;
  }
}
