/** How far something has come. */
export interface ProgressState {
  readonly phase: string;
  readonly done: number;
  /** 0: unknown */
  readonly total: number;
  readonly unit: string;
}

/** Drawing more often than ten times a second only costs. */
const redrawMs = 100;
/** Before this a rate is noise. */
const settledMs = 1000;

const grouped = new Intl.NumberFormat("en-US", { maximumFractionDigits: 0 });

/** One line on a terminal that says how far a run has come; nothing where there is no terminal to redraw. */
export class ProgressLine {
  readonly #stream: NodeJS.WriteStream;
  readonly #shown: boolean;
  #phase = "";
  #phaseStart = 0;
  #drawn = 0;

  /** @param shown - false: draws nothing */
  constructor(stream: NodeJS.WriteStream, shown: boolean) {
    this.#stream = stream;
    this.#shown = shown;
  }

  /** Draws, if the last drawing was long enough ago. */
  update(progress: ProgressState): void {
    if (!this.#shown) return;
    const now = performance.now();
    if (progress.phase !== this.#phase) {
      this.#phase = progress.phase;
      this.#phaseStart = now;
    } else if (now - this.#drawn < redrawMs) {
      return;
    }
    this.#drawn = now;
    const line = describeProgress(progress, now - this.#phaseStart);
    this.#stream.write(`\r\u001b[K${line.slice(0, (this.#stream.columns || 80) - 1)}`);
  }

  /** Takes the line away again. */
  clear(): void {
    if (this.#shown && this.#phase !== "") this.#stream.write("\r\u001b[K");
    this.#phase = "";
  }
}

/**
 * `read  1,200,000 of 10,000,000 events  12 %  813,000 events/s  11 s left`
 * @param elapsedMs - since the phase began
 */
export function describeProgress({ phase, done, total, unit }: ProgressState, elapsedMs: number): string {
  // A phase of one step is told by its name alone.
  if (unit === "steps" && total <= 1) return phase;
  const whole = total > 0 ? ` of ${grouped.format(total)}` : "";
  const parts = [phase, `${grouped.format(done)}${whole} ${unit}`];
  if (total > 0) parts.push(`${Math.floor((100 * done) / total)} %`);
  if (elapsedMs >= settledMs && done > 0) {
    const perSecond = (1000 * done) / elapsedMs;
    if (unit !== "steps") parts.push(`${grouped.format(perSecond)} ${unit}/s`);
    if (done < total) parts.push(`${Math.ceil((total - done) / perSecond)} s left`);
  }
  return parts.join("  ");
}

/** Progress on standard error: on a terminal that is not told to be quiet, or where `LEADLINE_PROGRESS` is set. */
export function progressOnStderr(quiet: boolean | undefined): ProgressLine {
  const isForced = (process.env["LEADLINE_PROGRESS"] ?? "") !== "";
  return new ProgressLine(process.stderr, quiet !== true && (isForced || process.stderr.isTTY === true));
}
