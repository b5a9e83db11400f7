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

/** Bytes of a unit, by its first letter: powers of 1000, or of 1024 with an `i`. */
const UNITS = ["", "K", "M", "G", "T"];
/** Less holds no run. */
const LEAST_MEMORY_BYTES = 1e6;

/** Reads a size of memory for commander, such as `4GB`, `512M` or `1.5GiB`. */
export function memorySize(text: string): number {
  const [, digits = "", unit = "", binary] = /^(\d+(?:\.\d+)?)\s*([KMGT]?)(i?)B?$/i.exec(text) ?? [];
  const power = UNITS.indexOf(unit.toUpperCase());
  const bytes = Math.round(Number(digits || Number.NaN) * (binary?.toLowerCase() === "i" ? 1024 : 1000) ** power);
  if (bytes >= LEAST_MEMORY_BYTES && bytes <= Number.MAX_SAFE_INTEGER) return bytes;
  throw new InvalidArgumentError("A size of 1MB or more is allowed, such as 4GB, 512MB or 1.5GiB.");
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
