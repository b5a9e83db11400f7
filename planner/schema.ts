import { z } from "zod";
import { didYouMean } from "./expression/suggest.js";

/** Characters of a wrong value that a message shows. */
const shownValue = 60;

/** Issues that one message lists; the rest are counted. */
const shownIssues = 8;

/**
 * A schema of a mapping that refuses unknown keys, naming the nearest and all that are allowed.
 * @param shape - as for `z.strictObject`
 */
export function strictMapping<Shape extends z.ZodRawShape>(shape: Shape): z.ZodObject<Shape, z.core.$strict> {
  const keys = Object.keys(shape);
  return z.strictObject(shape, {
    error: (issue) => {
      if (issue.code !== "unrecognized_keys") return undefined;
      const unknown = issue.keys.map((key) => `unknown key: ${key};${didYouMean(key, keys)}`).join(" ");
      return `${unknown} allowed: ${keys.join(", ")}`;
    },
  });
}

/**
 * A schema of one value that is read from what stands in a file.
 * @param allowed - what it may be, for messages
 * @param read - null where the input is none
 */
export function readBy<T>(allowed: string, read: (input: unknown) => T | null): z.ZodType<T> {
  return z.unknown().transform((input, context): T => {
    const value = read(input);
    if (value !== null) return value;
    context.addIssue({ code: "custom", message: `${found(input)}; allowed: ${allowed}` });
    return z.NEVER;
  });
}

/** The issues of a failed parse: where in `input`, and what was found and is allowed. */
export function issuesOf(
  error: z.ZodError,
  input: unknown,
): readonly { readonly path: PropertyKey[]; readonly message: string }[] {
  return error.issues.map((issue) => ({ path: issue.path, message: describe(issue, valueAt(input, issue.path)) }));
}

/**
 * The issues of a failed parse as lines `where: path: what was found; allowed: …`.
 * @param input - what was parsed, to show the values that are wrong
 * @param where - the file, or what else the input is
 */
export function describeIssues(error: z.ZodError, input: unknown, where: string): string {
  const issues = issuesOf(error, input);
  const lines = issues
    .slice(0, shownIssues)
    .map(({ path, message }) => [where, ...printPath(path), message].join(": "));
  if (issues.length > shownIssues) lines.push(`${where}: and ${issues.length - shownIssues} more`);
  return lines.join("\n");
}

/** `found …`, or `missing`, as messages begin. */
export function found(input: unknown): string {
  if (input === undefined) return "missing";
  const json = JSON.stringify(input) ?? String(input);
  const shown = json.length > shownValue ? `${json.slice(0, shownValue)}…` : json;
  return `found ${shown}${typeof input === "number" || typeof input === "boolean" ? ` (a ${typeof input})` : ""}`;
}

function describe(issue: z.core.$ZodIssue, input: unknown): string {
  switch (issue.code) {
    case "invalid_type":
      return `${found(input)}; allowed: ${typeNames[issue.expected] ?? issue.expected}`;
    case "invalid_value":
      return `${found(input)}; allowed: ${issue.values.map(String).join(", ")}`;
    case "too_small":
      return `${found(input)}; allowed: ${issue.inclusive === false ? "more than" : "at least"} ${issue.minimum}${unitOf(issue.origin)}`;
    case "too_big":
      return `${found(input)}; allowed: ${issue.inclusive === false ? "less than" : "at most"} ${issue.maximum}${unitOf(issue.origin)}`;
    default:
      return issue.message;
  }
}

const typeNames: Readonly<Record<string, string>> = {
  string: "a text (quoted, if it looks like something else)",
  number: "a number",
  int: "a whole number",
  boolean: "true or false",
  array: "a list",
  object: "a mapping of keys to values",
  record: "a mapping of keys to values",
};

function unitOf(origin: string): string {
  return origin === "string" ? " characters" : origin === "array" ? " in the list" : "";
}

/** The path as one text, or none at the root. */
function printPath(path: readonly PropertyKey[]): readonly string[] {
  if (path.length === 0) return [];
  const parts = path.map((key) => (typeof key === "number" ? `[${key}]` : `.${String(key)}`));
  return [parts.join("").replace(/^\./, "")];
}

function valueAt(input: unknown, path: readonly PropertyKey[]): unknown {
  let value = input;
  for (const key of path) {
    if (typeof value !== "object" || value === null || !Object.hasOwn(value, key)) return undefined;
    value = Reflect.get(value, key);
  }
  return value;
}
