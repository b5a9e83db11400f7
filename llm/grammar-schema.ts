import { LeadlineError } from "../errors.js";
import { asciiJson, choiceOfTexts, type Grammar, type GrammarNode, textNode } from "./gbnf.js";

/** A JSON schema, or a part of one. */
export type JsonSchema = Readonly<Record<string, unknown>>;

/** Most entries of an array that a grammar spells out. */
const MOST_ENTRIES = 64;
/** What a schema may say besides, by the kind of its node; it has no bearing on what is allowed. */
const REMARKS: ReadonlySet<string> = new Set(["$schema", "title", "description"]);

/**
 * The grammar of the JSON texts that a closed schema allows, written without blanks and with properties in the schema's
 * order. Closed: every value is one of a finite list, or an object or bounded array of such. What a grammar would ignore or
 * get wrong is refused instead, so that every sentence of the grammar is valid under the schema.
 * @throws LeadlineError `model-invalid`, such as `unsupported schema keyword: anyOf at /u`
 */
export function grammarOf(schema: JsonSchema): Grammar {
  const rules = new Map<string, GrammarNode>();
  const builder: Builder = { rules, names: new Map() };
  // first, for people who read it
  rules.set("root", textNode(""));
  rules.set("root", nodeOf(schema, "", builder));
  return rules;
}

interface Builder {
  readonly rules: Map<string, GrammarNode>;
  /** Rule names by the schema that they stand for, so that equal lists are written once. */
  readonly names: Map<string, string>;
}

function nodeOf(schema: JsonSchema, path: string, builder: Builder): GrammarNode {
  if ("const" in schema) {
    allow(schema, ["const", "type"], path);
    return textNode(asciiJson(schema["const"]));
  }
  if ("enum" in schema) {
    allow(schema, ["enum", "type"], path);
    const values = schema["enum"] as readonly unknown[];
    if (values.length === 0) throw unsupported("schema", "empty enum", path);
    return named("list", schema, builder, () => choiceOfTexts(values.map(asciiJson)));
  }
  if ("oneOf" in schema) {
    allow(schema, ["oneOf"], path);
    const options = schema["oneOf"] as readonly JsonSchema[];
    if (options.length === 0) throw unsupported("schema", "empty oneOf", path);
    return { kind: "choice", options: options.map((option, index) => nodeOf(option, `${path}/${index}`, builder)) };
  }
  switch (schema["type"]) {
    case "object":
      return objectNode(schema, path, builder);
    case "array":
      return arrayNode(schema, path, builder);
    case "boolean":
      allow(schema, ["type"], path);
      return choiceOfTexts(["true", "false"]);
    case "null":
      allow(schema, ["type"], path);
      return textNode("null");
    default:
      // keywords first: they say more than the type
      allow(schema, ["type"], path);
      throw unsupported("schema", `open ${String(schema["type"] ?? "value")}`, path);
  }
}

function objectNode(schema: JsonSchema, path: string, builder: Builder): GrammarNode {
  allow(schema, ["type", "properties", "required", "additionalProperties"], path);
  if (schema["additionalProperties"] !== false) throw unsupported("schema", "additional properties", path);
  const properties = Object.entries((schema["properties"] ?? {}) as Readonly<Record<string, JsonSchema>>);
  const required = new Set((schema["required"] ?? []) as readonly string[]);
  const parts: GrammarNode[] = [];
  for (const [index, [name, property]] of properties.entries()) {
    const at = `${path}/${name}`;
    if (!required.has(name)) throw unsupported("schema", "optional property", at);
    parts.push(textNode(`${index === 0 ? "{" : ","}${asciiJson(name)}:`), nodeOf(property, at, builder));
  }
  for (const name of required) {
    if (!properties.some(([property]) => property === name))
      throw unsupported("schema", "open value", `${path}/${name}`);
  }
  return { kind: "sequence", parts: [...parts, textNode(properties.length === 0 ? "{}" : "}")] };
}

function arrayNode(schema: JsonSchema, path: string, builder: Builder): GrammarNode {
  allow(schema, ["type", "items", "minItems", "maxItems"], path);
  const {
    items,
    minItems: least = 0,
    maxItems: most,
  } = schema as { items?: JsonSchema; minItems?: number; maxItems?: number };
  if (most === undefined || most > MOST_ENTRIES) throw unsupported("schema", "unbounded array", path);
  if (items === undefined) throw unsupported("schema", "open value", path);
  if (least > most) throw unsupported("schema", `array of ${least} to ${most} entries`, path);
  if (most === 0) return textNode("[]");
  const node = nodeOf(items, `${path}/items`, builder);
  const entry = node.kind === "rule" ? node : named("entry", items, builder, () => node);
  // from the last entry inwards: an entry is optional where the ones before it are enough
  let rest: GrammarNode | null = null;
  for (let index = most - 1; index >= 1; index--) {
    const parts: GrammarNode[] = [textNode(","), entry, ...(rest === null ? [] : [rest])];
    rest = index >= least ? { kind: "optional", part: { kind: "sequence", parts } } : { kind: "sequence", parts };
  }
  const all: GrammarNode = { kind: "sequence", parts: [entry, ...(rest === null ? [] : [rest])] };
  const inside: GrammarNode = least === 0 ? { kind: "optional", part: all } : all;
  return { kind: "sequence", parts: [textNode("["), inside, textNode("]")] };
}

/** A node as a rule of its own, one for equal schemas. */
function named(prefix: string, schema: JsonSchema, { rules, names }: Builder, build: () => GrammarNode): GrammarNode {
  const key = JSON.stringify(schema);
  const known = names.get(key);
  if (known !== undefined) return { kind: "rule", name: known };
  const name = `${prefix}-${names.size + 1}`;
  names.set(key, name);
  rules.set(name, build());
  return { kind: "rule", name };
}

function allow(schema: JsonSchema, keywords: readonly string[], path: string): void {
  for (const keyword of Object.keys(schema)) {
    if (!keywords.includes(keyword) && !REMARKS.has(keyword)) throw unsupported("schema keyword", keyword, path);
  }
  if (Array.isArray(schema["type"])) throw unsupported("schema", "several types", path);
}

function unsupported(what: string, which: string, path: string): LeadlineError {
  return new LeadlineError("model-invalid", `unsupported ${what}: ${which} at ${path === "" ? "/" : path}`);
}
