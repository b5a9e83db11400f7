import { readFile } from "node:fs/promises";
import { basename, dirname, relative, resolve, sep } from "node:path";
import { LeadlineError } from "../errors.js";
import {
  type Profile,
  parseStudy,
  profileEvents,
  type Result,
  readResult,
  type Study,
  starterStudy,
} from "../index.js";
import type { Context, ReadingOptions } from "./context.js";
import { progressOnStderr } from "./progress.js";

/** A study, and the folder that its paths are relative to. */
export interface LoadedStudy {
  readonly study: Study;
  readonly base: string;
}

/** Whether a path names a study rather than data, by its ending. */
export function isStudyFile(path: string): boolean {
  return /\.(?:ya?ml|json)$/i.test(path);
}

/**
 * Reads a study file.
 * @throws LeadlineError `study-invalid` where it cannot be read or breaks the schema
 */
export async function loadStudy(path: string): Promise<LoadedStudy> {
  const text = await readText(path, "study");
  return { study: parseStudy(text, path), base: dirname(resolve(path)) };
}

/**
 * Reads a result file, of this version's schema.
 * @throws LeadlineError `result-invalid` where it cannot be read, or is no result, or one of another schema
 */
export async function loadResult(path: string): Promise<Result> {
  return readResult(await readText(path, "result"), path);
}

async function readText(path: string, what: "study" | "result"): Promise<string> {
  try {
    return await readFile(path, "utf8");
  } catch (cause) {
    const code = cause instanceof Error && "code" in cause ? cause.code : "";
    const problem =
      code === "ENOENT" ? "missing file" : code === "EISDIR" ? `invalid ${what}, a folder` : "unreadable file";
    throw new LeadlineError(`${what}-invalid`, `${problem}: ${path}`, { cause });
  }
}

/**
 * Profiles data and writes the study that `init` gives for them.
 * @param folder - where the study is to lie, as its paths are relative to it
 */
export async function makeStarter(
  files: readonly string[],
  folder: string,
  { threads, quiet }: ReadingOptions,
  { signal }: Context,
): Promise<{ readonly profile: Profile; readonly text: string }> {
  const progress = progressOnStderr(quiet);
  try {
    const profile = await profileEvents(files, process.cwd(), {
      signal,
      onProgress: (state) => progress.update(state),
      ...(threads === undefined ? {} : { threads }),
    });
    const relativeFiles = files.map((file) => relative(folder, resolve(file)).split(sep).join("/"));
    const title = basename(files[0] ?? "data").replace(/(?<=[^.])\..*$/, "");
    return { profile, text: starterStudy(profile, relativeFiles, title) };
  } finally {
    progress.clear();
  }
}
