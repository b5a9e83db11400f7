import { durationForm, nearestUnit, parseDuration } from "../duration.js";
import { expressionError, quoteSource } from "./message.js";

/** A piece of an expression's text, `[at, end)` in UTF-16 units. */
export type Token = { readonly at: number; readonly end: number } & (
  | { readonly kind: "name" | "attribute" | "string" | "hole" | "symbol"; readonly value: string }
  | { readonly kind: "number" | "duration"; readonly value: number }
  | { readonly kind: "end"; readonly value: null }
);

const spacePattern = /\s+/y;
const namePattern = /[A-Za-z_][\w.:]*/y;
const datePattern = /\d{4}-\d{2}-\d{2}/y;
const numberPattern = /\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/y;
const wordPattern = /\w+/y;
const holePattern = /\$([A-Za-z_]\w*)/y;
const symbolPattern = /->|=>|==|!=|<=|>=|[<>+\-*/()[\],.]/y;

/** What people write by habit, and what it is called here. */
const habits: readonly (readonly [string, string])[] = [
  ["&&", "and"],
  ["||", "or"],
  ["<>", "!="],
  ["=<", "<="],
  ["=", "=="],
  ["!", "not"],
  ["'", '"…"'],
  ["“", '"…"'],
  ["”", '"…"'],
  ["→", "->"],
];

/** Escapes of one letter in quotes and backticks. */
const escapes: Readonly<Record<string, string>> = {
  '"': '"',
  "`": "`",
  "\\": "\\",
  "/": "/",
  b: "\b",
  f: "\f",
  n: "\n",
  r: "\r",
  t: "\t",
};

/**
 * Cuts a text into tokens, the last one `end`. O(length).
 * @throws LeadlineError `expression-invalid` at the first character that starts no token
 */
export function lex(text: string, where?: string): readonly Token[] {
  const tokens: Token[] = [];
  let at = 0;
  while (true) {
    at += match(spacePattern, text, at)?.length ?? 0;
    if (at >= text.length) break;
    const token = nextToken(text, at, where);
    tokens.push(token);
    at = token.end;
  }
  tokens.push({ kind: "end", value: null, at: text.length, end: text.length });
  return tokens;
}

function nextToken(text: string, at: number, where: string | undefined): Token {
  const first = text[at];
  if (first === '"') return quoted("string", '"', text, at, where);
  if (first === "`") return quoted("attribute", "`", text, at, where);
  const name = match(namePattern, text, at);
  if (name !== null) return { kind: "name", value: name, at, end: at + name.length };
  const number = match(numberPattern, text, at);
  if (number !== null) return numeral(number, text, at, where);
  const hole = match(holePattern, text, at);
  if (hole !== null) return { kind: "hole", value: hole.slice(1), at, end: at + hole.length };
  const symbol = text.startsWith("<>", at) ? null : match(symbolPattern, text, at);
  if (symbol !== null) return { kind: "symbol", value: symbol, at, end: at + symbol.length };
  const habit = habits.find(([written]) => text.startsWith(written, at));
  const found = habit?.[0] ?? String.fromCodePoint(text.codePointAt(at) ?? 0);
  const help =
    habit === undefined
      ? 'names, numbers and operators; an event of another shape is quoted ("…"), an attribute in backticks (`…`)'
      : habit[1];
  throw expressionError(text, at, `found ${quoteSource(found)}; allowed: ${help}`, where);
}

/** A number, or a duration where a unit follows it. */
function numeral(number: string, text: string, at: number, where: string | undefined): Token {
  const date = match(datePattern, text, at);
  if (date !== null) {
    // Bare, it would be two subtractions.
    throw expressionError(text, at, `found the date ${date} without quotes; allowed: "${date}"`, where);
  }
  const end = at + number.length;
  const unit = match(wordPattern, text, end) ?? "";
  const value = unit === "" ? Number(number) : parseDuration(number + unit);
  if (value === null || !Number.isFinite(value)) {
    const written = number + unit;
    const meant = unit === "" ? null : nearestUnit(unit);
    if (meant !== null) {
      const hint = `did you mean ${number}${meant}?`;
      throw expressionError(
        text,
        at,
        `invalid number: ${quoteSource(written)}; allowed: ${durationForm}; ${hint}`,
        where,
      );
    }
    const allowed = `finite numbers, durations (ms, s, m, h, d); a name that starts with a digit is quoted: "${written}"`;
    throw expressionError(text, at, `invalid number: ${quoteSource(written)}; allowed: ${allowed}`, where);
  }
  return { kind: unit === "" ? "number" : "duration", value, at, end: end + unit.length };
}

/** Text between two equal marks. */
function quoted(
  kind: "string" | "attribute",
  mark: string,
  text: string,
  at: number,
  where: string | undefined,
): Token {
  const parts: string[] = [];
  let index = at + 1;
  let from = index;
  while (index < text.length) {
    const character = text[index];
    if (character === mark) {
      parts.push(text.slice(from, index));
      return { kind, value: parts.join(""), at, end: index + 1 };
    }
    if (character === "\n") break;
    if (character !== "\\") {
      index++;
      continue;
    }
    parts.push(text.slice(from, index));
    const hex = /^u[0-9a-fA-F]{4}/.exec(text.slice(index + 1, index + 6))?.[0];
    const escaped =
      hex === undefined ? escapes[text[index + 1] ?? ""] : String.fromCharCode(parseInt(hex.slice(1), 16));
    if (escaped === undefined) {
      const found = quoteSource(text.slice(index, index + 2));
      const allowed = 'allowed: \\" \\` \\\\ \\/ \\b \\f \\n \\r \\t and \\u with four hexadecimal digits';
      throw expressionError(text, index, `invalid escape: ${found}; ${allowed}`, where);
    }
    parts.push(escaped);
    index += 1 + (hex?.length ?? 1);
    from = index;
  }
  throw expressionError(text, at, `missing closing ${mark}; allowed: one on the same line`, where);
}

function match(pattern: RegExp, text: string, at: number): string | null {
  pattern.lastIndex = at;
  return pattern.exec(text)?.[0] ?? null;
}
