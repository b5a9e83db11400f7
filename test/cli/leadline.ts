import { spawn } from "node:child_process";
import { fileURLToPath } from "node:url";

/** The built command line. */
export const program: string = fileURLToPath(new URL("../../cli/main.js", import.meta.url));

/** What a command left behind. */
export interface Outcome {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

/** How a command is run. */
export interface CommandOptions {
  readonly cwd?: string;
  readonly env?: Readonly<Record<string, string>>;
  /** Is sent when standard error first says something. */
  readonly interrupt?: NodeJS.Signals;
  /** Nobody reads standard output. */
  readonly deaf?: boolean;
}

/** Runs the built command line in a process of its own, in a pipe. */
export function leadline(args: readonly string[], options: CommandOptions = {}): Promise<Outcome> {
  const { NO_COLOR: _, LEADLINE_DEBUG: __, LEADLINE_PROGRESS: ___, ...env } = process.env;
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [program, ...args], {
      cwd: options.cwd,
      env: { ...env, ...options.env },
      stdio: ["ignore", "pipe", "pipe"],
    });
    let out = "";
    let err = "";
    child.stdout.setEncoding("utf8").on("data", (text: string) => {
      out += text;
    });
    if (options.deaf === true) child.stdout.destroy();
    child.stderr.setEncoding("utf8").on("data", (text: string) => {
      if (err === "" && options.interrupt !== undefined) child.kill(options.interrupt);
      err += text;
    });
    child.on("error", reject);
    child.on("close", (code) => resolve({ code, out, err }));
  });
}
