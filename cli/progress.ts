/** How far something has come. */
export interface ProgressState {
  readonly phase: string;
  readonly done: number;
  /** 0: unknown */
  readonly total: number;
  readonly unit: string;
}

/** Phases of a command in their order, with the share of its time that each takes. */
export type PhaseShares = Readonly<Record<string, number>>;

/**
 * What a run's phases take of its time: those of the sample's services and of real data sets lie around it, within a factor of two, so
 * that the time left is a guess until half of it is over.
 */
export const runShares: PhaseShares = { read: 0.2, evaluate: 0.15, count: 0.15, mine: 0.15, judge: 0.35 };
/** Commands that read and then are all but done. */
export const readShares: PhaseShares = { read: 0.9, evaluate: 0.1 };

/** Drawing more often than ten times a second only costs. */
const redrawMs = 100;
/** A phase that tells nothing of itself is drawn anew, for its clock goes on. */
const tickMs = 500;
/** Before this a rate is noise. */
const settledMs = 1000;
/** A phase of unknown length is never taken for over before it says so. */
const mostOfPhase = 0.95;

const grouped = new Intl.NumberFormat("en-US", { maximumFractionDigits: 0 });

/**
 * One line on a terminal that says what is being done, how fast, and how long it will take; nothing where there is no terminal to redraw.
 */
export class ProgressLine {
  readonly #stream: NodeJS.WriteStream;
  readonly #shown: boolean;
  readonly #shares: PhaseShares;
  readonly #now: () => number;
  #state: ProgressState | null = null;
  #start = 0;
  #phaseStart = 0;
  /** When the phase began that lies furthest in the order. */
  #furthest = { index: -1, startMs: 0 };
  #drawn = 0;
  #timer: NodeJS.Timeout | null = null;

  /**
   * @param shown - false: draws nothing
   * @param shares - of the command's phases; others have no time left of the whole
   * @param now - ms
   */
  constructor(
    stream: NodeJS.WriteStream,
    shown: boolean,
    shares: PhaseShares = readShares,
    now: () => number = () => performance.now(),
  ) {
    this.#stream = stream;
    this.#shown = shown;
    this.#shares = shares;
    this.#now = now;
  }

  /** Draws, if the last drawing was long enough ago. */
  update(progress: ProgressState): void {
    if (!this.#shown) return;
    const now = this.#now();
    const isNew = progress.phase !== this.#state?.phase;
    if (this.#state === null) this.#start = now;
    this.#state = progress;
    if (isNew) {
      this.#phaseStart = now;
      const index = Object.keys(this.#shares).indexOf(progress.phase);
      if (index > this.#furthest.index) this.#furthest = { index, startMs: now };
    } else if (now - this.#drawn < redrawMs) {
      return;
    }
    if (this.#timer === null) {
      this.#timer = setInterval(() => this.#draw(), tickMs);
      this.#timer.unref();
    }
    this.#draw();
  }

  /** Takes the line away again. */
  clear(): void {
    if (this.#timer !== null) clearInterval(this.#timer);
    this.#timer = null;
    if (this.#state !== null) this.#stream.write("\r\u001b[K");
    this.#state = null;
    this.#furthest = { index: -1, startMs: 0 };
  }

  #draw(): void {
    if (this.#state === null) return;
    const now = this.#now();
    this.#drawn = now;
    const { index, startMs } = this.#furthest;
    const { done, total, unit } = this.#state;
    const left = leftOf(this.#shares, {
      index,
      fraction: unit === "steps" || total === 0 ? null : done / total,
      beforeMs: startMs - this.#start,
      phaseMs: now - startMs,
    });
    const line = describeProgress(this.#state, now - this.#phaseStart, left);
    this.#stream.write(`\r\u001b[K${line.slice(0, (this.#stream.columns || 80) - 1)}`);
  }
}

/** Where a command is. */
export interface Place {
  /** The phase that lies furthest in the order; -1: none that is known */
  readonly index: number;
  /** How much of it is done; null: it does not tell */
  readonly fraction: number | null;
  /** From the start to the beginning of that phase. */
  readonly beforeMs: number;
  /** Since then. */
  readonly phaseMs: number;
}

/**
 * Time that a command will still take, from what it took so far and what its phases usually take.
 * @returns ms; null where it is too early to tell
 */
export function leftOf(shares: PhaseShares, { index, fraction, beforeMs, phaseMs }: Place): number | null {
  const own = Object.values(shares);
  const share = own[index];
  const elapsed = beforeMs + phaseMs;
  if (share === undefined || elapsed < settledMs) return null;
  const before = own.slice(0, index).reduce((sum, each) => sum + each, 0);
  // a phase that does not tell is as far as its share of the time so far would have it
  const expectedMs = before > 0 ? (beforeMs / before) * share : 0;
  const part = fraction ?? (expectedMs > 0 ? Math.min(mostOfPhase, phaseMs / expectedMs) : 0);
  const whole = own.reduce((sum, each) => sum + each, 0);
  const done = (before + share * Math.min(1, part)) / whole;
  return done <= 0 ? null : (elapsed * (1 - done)) / done;
}

/**
 * `read  1,200,000 of 10,000,000 events  12 %  813,000 events/s  about 40 s left`, `judge  12 s  about 6 s left`
 * @param elapsedMs - since the phase began
 * @param leftMs - until the whole is done; null: by this phase alone
 */
export function describeProgress(
  { phase, done, total, unit }: ProgressState,
  elapsedMs: number,
  leftMs: number | null = null,
): string {
  const left = leftMs === null ? [] : [`about ${printWait(leftMs)} left`];
  // a phase of one step is told by its name and its clock
  if (unit === "steps" && total <= 1) {
    return [phase, ...(elapsedMs >= settledMs ? [`${Math.floor(elapsedMs / 1000)} s`] : []), ...left].join("  ");
  }
  const whole = total > 0 ? ` of ${grouped.format(total)}` : "";
  const parts = [phase, `${grouped.format(done)}${whole} ${unit}`];
  if (total > 0) parts.push(`${Math.floor((100 * Math.min(done, total)) / total)} %`);
  if (elapsedMs >= settledMs && done > 0) {
    const perSecond = (1000 * done) / elapsedMs;
    if (unit !== "steps") parts.push(`${grouped.format(perSecond)} ${unit}/s`);
    if (leftMs === null && done < total) parts.push(`${printWait((1000 * (total - done)) / perSecond)} left`);
  }
  return [...parts, ...left].join("  ");
}

/** `40 s`, `3 min` */
function printWait(ms: number): string {
  const seconds = Math.ceil(ms / 1000);
  return seconds < 100 ? `${seconds} s` : `${Math.round(seconds / 60)} min`;
}

/**
 * Progress on standard error: on a terminal that is not told to be quiet, or where `LEADLINE_PROGRESS` is set.
 * @param shares - of the command's phases
 */
export function progressOnStderr(quiet: boolean | undefined, shares: PhaseShares = readShares): ProgressLine {
  const isForced = (process.env["LEADLINE_PROGRESS"] ?? "") !== "";
  return new ProgressLine(process.stderr, quiet !== true && (isForced || process.stderr.isTTY === true), shares);
}
