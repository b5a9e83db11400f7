import { InvalidArgumentError } from "commander";
import { UsageError } from "./usage-error.js";

/** A reader of whole numbers for commander. */
export function wholeNumber(least: number, greatest: number): (text: string) => number {
  return (text) => {
    const value = /^-?\d+$/.test(text) ? Number(text) : Number.NaN;
    if (value >= least && value <= greatest) return value;
    const most = greatest === Number.MAX_SAFE_INTEGER ? ` of ${least} or more` : ` from ${least} to ${greatest}`;
    throw new InvalidArgumentError(`A whole number${most} is allowed.`);
  };
}

/** Options `--from` and `--to`, as they were given. */
export interface WindowOptions {
  readonly from?: string;
  readonly to?: string;
}

/**
 * The window of session starts in ms.
 * @param parse - reads a moment; null where the text is none
 * @throws UsageError where an option is no moment, or the window is empty
 */
export function readWindow(
  { from, to }: WindowOptions,
  parse: (text: string) => number | null,
): { readonly fromMs?: number; readonly toMs?: number } {
  const read = (option: string, text: string | undefined): number | undefined => {
    if (text === undefined) return undefined;
    const ms = parse(text);
    if (ms !== null) return ms;
    throw new UsageError(
      `invalid ${option}: ${text}; an ISO date or time is allowed, such as 2026-11-16 or 2026-11-16T08:30:00+01:00`,
    );
  };
  const fromMs = read("--from", from);
  const toMs = read("--to", to);
  if (fromMs !== undefined && toMs !== undefined && fromMs >= toMs) {
    throw new UsageError(`invalid --to: ${to}; a moment after --from (${from}) is allowed`);
  }
  return { ...(fromMs === undefined ? {} : { fromMs }), ...(toMs === undefined ? {} : { toMs }) };
}
