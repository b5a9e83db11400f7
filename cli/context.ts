/** What every command is given beside its own arguments. */
export interface Context {
  /** Fires when the person interrupts. */
  readonly signal: AbortSignal;
}

/** Options of every command that reads data. */
export interface ReadingOptions {
  readonly threads?: number;
  readonly quiet?: boolean;
}

/** Columns where standard output is no terminal, as files and pipes are. */
const usualWidth = 80;

/** How text is set out on standard output: as wide as the terminal, in colour only on one, and where nobody said no. */
export function layoutOf(stream: NodeJS.WriteStream): { readonly width: number; readonly colour: boolean } {
  const isPlain = (process.env["NO_COLOR"] ?? "") !== "" || process.env["TERM"] === "dumb";
  return { width: stream.columns || usualWidth, colour: stream.isTTY === true && !isPlain };
}

/** Writes to standard output. */
export function print(text: string): void {
  process.stdout.write(text);
}

/** Says something on standard error, unless `quiet`. */
export function tell(text: string, { quiet }: ReadingOptions): void {
  if (quiet !== true) process.stderr.write(`${text}\n`);
}
