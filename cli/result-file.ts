import { readFile } from "node:fs/promises";
import { LeadlineError } from "../errors.js";
import { type Result, readResult, redactUsers } from "../index.js";

/** Options of every command that prints a result. */
export interface RedactOptions {
  /** Whose ids become numbers of this result alone. */
  readonly redact?: "users";
}

/**
 * Reads a result that a run wrote.
 * @throws LeadlineError `result-invalid` where the file cannot be read, or is none
 */
export async function loadResult(path: string, { redact }: RedactOptions = {}): Promise<Result> {
  let text: string;
  try {
    text = await readFile(path, "utf8");
  } catch (cause) {
    const code = cause instanceof Error && "code" in cause ? cause.code : "";
    const problem =
      code === "ENOENT" ? "missing file" : code === "EISDIR" ? "invalid result, a folder" : "unreadable file";
    throw new LeadlineError("result-invalid", `${problem}: ${path}`, { cause });
  }
  return redacted(readResult(text, path), redact);
}

/** The result as it may be shown. */
export function redacted(result: Result, redact: RedactOptions["redact"]): Result {
  return redact === "users" ? redactUsers(result) : result;
}
