import { readFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { LeadlineError } from "../errors.js";

/** The optional package that runs models, where it was found. */
export interface ModelPackage {
  readonly version: string;
  readonly folder: string;
  /** Of its entry, for `import`. */
  readonly url: string;
}

const NAME = "node-llama-cpp";

/** What to say where the package is missing: it names the command that adds it. */
export const missingPackage: string =
  "missing package: node-llama-cpp; add it with: npm install node-llama-cpp@3.21.1 (for one processor's binary alone, see docs/MODEL.md)";

/**
 * Finds the package as Node resolves it from here, or in the folder that `LEADLINE_MODEL_PACKAGE` names; nothing of it is loaded.
 * @returns null where it is not installed
 */
export function findPackage(): ModelPackage | null {
  const named = process.env["LEADLINE_MODEL_PACKAGE"] ?? "";
  try {
    const url = named === "" ? import.meta.resolve(NAME) : pathToFileURL(join(resolve(named), "dist", "index.js")).href;
    const folder = folderOf(fileURLToPath(url));
    const manifest: { readonly version?: unknown } = JSON.parse(readFileSync(join(folder, "package.json"), "utf8"));
    return { version: String(manifest.version), folder, url };
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    if (code === "ERR_MODULE_NOT_FOUND" || code === "ENOENT" || code === "ENOTDIR") return null;
    throw error;
  }
}

/** The package's folder, given its entry `dist/index.js`. */
function folderOf(entry: string): string {
  return dirname(dirname(entry));
}

/**
 * Loads the package; to be called in a process of its own.
 * @throws LeadlineError `model-invalid` when it is not installed
 */
export async function importPackage(): Promise<typeof import("node-llama-cpp")> {
  const found = findPackage();
  if (found === null) throw new LeadlineError("model-invalid", missingPackage);
  return (await import(found.url)) as typeof import("node-llama-cpp");
}
