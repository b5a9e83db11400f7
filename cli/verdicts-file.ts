import { readFile } from "node:fs/promises";
import { LeadlineError } from "../errors.js";
import { noVerdicts, readVerdicts, type Verdicts } from "../index.js";

/** The file of verdicts beside a study: `shop.verdicts.json` of `shop.yaml`. */
export function verdictsPath(study: string): string {
  return `${study.replace(/\.(?:ya?ml|json)$/i, "")}.verdicts.json`;
}

/**
 * Reads the verdicts beside a study; none where there is no such file.
 * @throws LeadlineError `verdicts-invalid` where it cannot be read or is no such file
 */
export async function loadVerdicts(study: string): Promise<Verdicts> {
  const path = verdictsPath(study);
  let text: string;
  try {
    text = await readFile(path, "utf8");
  } catch (cause) {
    const code = cause instanceof Error && "code" in cause ? cause.code : "";
    if (code === "ENOENT") return noVerdicts;
    const problem = code === "EISDIR" ? "invalid verdicts, a folder" : "unreadable file";
    throw new LeadlineError("verdicts-invalid", `${problem}: ${path}`, { cause });
  }
  return readVerdicts(text, path);
}
