import { randomBytes } from "node:crypto";
import { accessSync, constants, realpathSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { LeadlineError } from "../errors.js";

/**
 * Writes a file whole or not at all: into a neighbour first, which then takes its name. Synchronous, so that no signal's
 * handler can run half-way; a link is followed, and what is no plain file (a pipe, a device) is written to as it is.
 * @throws LeadlineError `output-invalid` where it cannot be written; what stood there before still does
 */
export function writeWhole(path: string, contents: string | Uint8Array): void {
  const place = placeOf(path);
  if (place.kind === "stream") {
    attempt(path, () => writeFileSync(place.path, contents));
    return;
  }
  const partial = join(dirname(place.path), `.${basename(place.path)}.${randomBytes(4).toString("hex")}.partial`);
  try {
    attempt(path, () => {
      writeFileSync(partial, contents, { flag: "wx", flush: true });
      renameSync(partial, place.path);
    });
  } finally {
    rmSync(partial, { force: true });
  }
}

/**
 * Whether a file can be written there, to be asked before the work that fills it.
 * @throws LeadlineError `output-invalid` where the folder is missing or closed, or the path is a folder
 */
export function assertWritable(path: string): void {
  const place = placeOf(path);
  attempt(path, () => accessSync(place.kind === "stream" ? place.path : dirname(place.path), constants.W_OK));
}

function placeOf(path: string): { readonly kind: "file" | "stream"; readonly path: string } {
  const stats = attempt(path, () => statSync(path, { throwIfNoEntry: false }));
  if (stats?.isDirectory() === true) {
    throw new LeadlineError("output-invalid", `invalid output file: ${path} is a folder; a file is allowed`);
  }
  if (stats === undefined) return { kind: "file", path };
  return stats.isFile() ? { kind: "file", path: realpathSync(path) } : { kind: "stream", path };
}

function attempt<T>(path: string, action: () => T): T {
  try {
    return action();
  } catch (cause) {
    const code = cause instanceof Error && "code" in cause ? String(cause.code) : String(cause);
    const reason = reasons[code] ?? `the system says ${code}`;
    throw new LeadlineError("output-invalid", `invalid output file: ${path}: ${reason}`, { cause });
  }
}

const reasons: Readonly<Record<string, string>> = {
  ENOENT: "its folder does not exist",
  ENOTDIR: "its folder is a file",
  EACCES: "its folder may not be written to",
  EPERM: "its folder may not be written to",
  EROFS: "its folder may not be written to",
  ENOSPC: "the disk is full",
};
