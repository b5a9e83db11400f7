import type { NumberSlot, Partition } from "./partition.js";

const DAY_MS = 86_400_000;
const HOUR_MS = 3_600_000;
/** Clocks change on a quarter of an hour; the offset is asked for once per day, and once per quarter on days of a change. */
const QUARTER_MS = 900_000;

const clocks = new Map<string, ZoneClock>();

/** A time zone's offsets from UTC. `Intl` costs some microseconds a question, so each is asked once per day and thread. */
export class ZoneClock {
  /** Null: of UTC, of which nothing is asked. */
  readonly #format: Intl.DateTimeFormat | null;
  readonly #days = new Map<number, number | Float64Array>();

  /** @throws RangeError when there is no such zone */
  constructor(timeZone: string) {
    // making a format takes longer than a partition's hours
    this.#format = timeZone === "UTC" ? null : formatOf(timeZone);
  }

  /** ms to add to UTC for local time. */
  offsetAt(moment: number): number {
    if (this.#format === null) return 0;
    const day = Math.floor(moment / DAY_MS);
    const known = this.#days.get(day) ?? this.#day(day, this.#format);
    return typeof known === "number" ? known : (known[Math.floor((moment - day * DAY_MS) / QUARTER_MS)] as number);
  }

  #day(day: number, format: Intl.DateTimeFormat): number | Float64Array {
    const [first, last] = [askOffset(format, day * DAY_MS), askOffset(format, (day + 1) * DAY_MS - 1)];
    const offsets =
      first === last
        ? first
        : Float64Array.from({ length: DAY_MS / QUARTER_MS }, (_, at) =>
            askOffset(format, day * DAY_MS + at * QUARTER_MS),
          );
    this.#days.set(day, offsets);
    return offsets;
  }
}

function formatOf(timeZone: string): Intl.DateTimeFormat {
  return new Intl.DateTimeFormat("en-US", {
    timeZone,
    hourCycle: "h23",
    calendar: "gregory",
    era: "short",
    year: "numeric",
    month: "numeric",
    day: "numeric",
    hour: "numeric",
    minute: "numeric",
    second: "numeric",
  });
}

function askOffset(format: Intl.DateTimeFormat, moment: number): number {
  const parts = new Map(format.formatToParts(moment).map(({ type, value }) => [type, value]));
  const part = (type: Intl.DateTimeFormatPartTypes): number => Number(parts.get(type));
  const year = parts.get("era") === "BC" ? 1 - part("year") : part("year");
  const local = new Date(0);
  local.setUTCFullYear(year, part("month") - 1, part("day"));
  local.setUTCHours(part("hour"), part("minute"), part("second"));
  return local.getTime() - Math.floor(moment / 1000) * 1000;
}

/** The hour (0 to 23) or ISO weekday (Monday 1) at which each session starts, in a time zone. O(sessions). */
export function clockField(partition: Partition, field: "hour" | "weekday", timeZone: string): NumberSlot {
  const { table, sessionStart, sessionEnd } = partition;
  const clock = clocks.get(timeZone) ?? new ZoneClock(timeZone);
  clocks.set(timeZone, clock);
  const values = partition.buffers.numbers();
  for (let session = sessionStart; session < sessionEnd; session++) {
    const start = table.time[table.sessionOffsets[session] as number] as number;
    const local = start + clock.offsetAt(start);
    const day = Math.floor(local / DAY_MS);
    // the epoch was a Thursday
    values[session - sessionStart] =
      field === "hour" ? Math.floor((local - day * DAY_MS) / HOUR_MS) : ((((day + 3) % 7) + 7) % 7) + 1;
  }
  return { type: "number", values, listed: null };
}
