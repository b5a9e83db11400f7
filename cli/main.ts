#!/usr/bin/env node
import { CommanderError } from "commander";
import { LeadlineError } from "../errors.js";
import { buildProgram } from "./program.js";
import { UsageError } from "./usage-error.js";

/** Exit codes; a signal's is 128 and its number. */
const exitCode = { done: 0, failed: 1, usage: 2 } as const;
/** Work that an interrupt did not end by then is left behind. */
const graceMs = 2000;
/** A second signal sooner than this is the same one: npm and timeout pass on what the terminal sends to all. */
const echoMs = 500;

const interrupt = new AbortController();
let interruptedBy = 0;
let interruptedAt = 0;

/** The first signal asks the work to end, the second does not ask. */
function onSignal(_signal: NodeJS.Signals, number: number): void {
  if (interruptedBy > 0) {
    if (performance.now() - interruptedAt > echoMs) process.exit(128 + number);
    return;
  }
  interruptedBy = number;
  interruptedAt = performance.now();
  interrupt.abort();
  setTimeout(() => process.exit(128 + number), graceMs).unref();
}

async function main(): Promise<number> {
  try {
    await buildProgram({ signal: interrupt.signal }).parseAsync();
    return exitCode.done;
  } catch (error) {
    if (interruptedBy > 0) {
      process.stderr.write("Interrupted.\n");
      return 128 + interruptedBy;
    }
    return await explainError(error);
  }
}

async function explainError(error: unknown): Promise<number> {
  if (error instanceof CommanderError) {
    // Commander has printed its message; asked-for help and the version end in an error too, of code 0.
    if (error.exitCode === 0) return exitCode.done;
    if (error.code !== "commander.help")
      process.stderr.write("leadline --help lists commands, leadline COMMAND --help options.\n");
    return exitCode.usage;
  }
  if (error instanceof UsageError) {
    process.stderr.write(`error: ${error.message}\n`);
    return exitCode.usage;
  }
  if (error instanceof LeadlineError && error.code !== "worker-failed") {
    // Messages quote the data, which must not command the terminal.
    const { safeText } = await import("../index.js");
    process.stderr.write(`${error.message.split("\n").map(safeText).join("\n")}\n`);
    return exitCode.failed;
  }
  if (error instanceof Error && "syscall" in error) {
    process.stderr.write(`The system refused: ${error.message}\n`);
    return exitCode.failed;
  }
  const details = error instanceof Error ? (error.stack ?? error.message) : String(error);
  const isDebugging = (process.env["LEADLINE_DEBUG"] ?? "") !== "";
  const what = error instanceof Error ? error.message : String(error);
  process.stderr.write(
    isDebugging
      ? `This is a bug in leadline:\n${details}\n`
      : `This is a bug in leadline: ${what.split("\n", 1)[0]} (LEADLINE_DEBUG=1 shows where)\n`,
  );
  return exitCode.failed;
}

// A reader that has seen enough, as `head` has, is no error.
for (const stream of [process.stdout, process.stderr]) {
  stream.on("error", (error: NodeJS.ErrnoException) => {
    if (error.code === "EPIPE") process.exit();
    throw error;
  });
}
process.on("SIGINT", onSignal);
process.on("SIGTERM", onSignal);

process.exitCode = await main();
