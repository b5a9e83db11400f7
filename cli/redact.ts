import { type Result, redactUsers } from "../index.js";

/** Options of every command that prints a result. */
export interface RedactOptions {
  /** Whose ids become numbers of this result alone. */
  readonly redact?: "users";
}

/** The result as it may be shown. */
export function redacted(result: Result, { redact }: RedactOptions): Result {
  return redact === "users" ? redactUsers(result) : result;
}
