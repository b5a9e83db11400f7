import { readFileSync } from "node:fs";
import { join } from "node:path";
import { root } from "./blocks.js";

/** One name that index.ts exports. */
interface Exported {
  readonly name: string;
  readonly isType: boolean;
  /** Of the module it comes from, as index.ts writes it. */
  readonly path: string;
}

/** All names that index.ts exports, types too, which leave nothing behind that could be asked. */
export function exportedNames(): readonly Exported[] {
  const source = readFileSync(join(root, "index.ts"), "utf8");
  return [...source.matchAll(/export (type )?\{([^}]*)\} from "([^"]+)"/g)].flatMap(([, all, names = "", path = ""]) =>
    names
      .split(",")
      .map((name) => name.trim())
      .filter((name) => name !== "")
      .map((name) => ({
        name: name.replace(/^type /, ""),
        isType: all !== undefined || name.startsWith("type "),
        path,
      })),
  );
}

/** The last section of docs/LIBRARY.md: every function and value with the first sentence of its comment, and the names of the types. */
export function exportsSection(): string {
  const sorted = [...exportedNames()].sort((a, b) => a.name.localeCompare(b.name, "en"));
  const values = sorted.filter(({ isType }) => !isType).map((each) => `- \`${each.name}\`: ${firstSentence(each)}`);
  const types = sorted.filter(({ isType }) => isType).map(({ name }) => `\`${name}\``);
  return `## Every export\n\nFunctions and values, each with the first sentence of its comment:\n\n${values.join("\n")}\n\nTypes: ${types.join(", ")}.\n`;
}

/** Of the comment above a declaration. */
function firstSentence({ name, path }: Exported): string {
  const source = readFileSync(join(root, path.replace(/\.js$/, ".ts")), "utf8");
  const declared = new RegExp(`^export (?:async )?(?:function|const|class) ${name}\\b`, "m").exec(source);
  const comment = /\/\*\*((?:(?!\*\/)[\s\S])*)\*\/\s*$/.exec(source.slice(0, declared?.index ?? 0))?.[1];
  if (declared === null || comment === undefined) throw new Error(`${path}: ${name} has no comment`);
  const text = comment
    .replaceAll(/^\s*\* ?/gm, "")
    .split(/^@/m)[0]
    ?.replaceAll(/\s+/g, " ")
    .trim();
  return /^.*?\.(?= |$)/.exec(text ?? "")?.[0].replace(/\.$/, "") ?? text ?? "";
}
