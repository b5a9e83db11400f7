import { LeadlineError } from "../errors.js";
import type { TokenRule } from "./study.js";

/** The integer that stands for an event in pattern kernels, and what it stands for. */
export interface Token {
  /** As it prints: an event's name, a mapped name, or `api_call{status=500}`. */
  readonly text: string;
  /** The names that become this token. */
  readonly names: readonly number[];
  /** For a token of a `with` rule: the code of each of the rule's attributes. */
  readonly values?: readonly { readonly column: string; readonly code: number }[];
}

/** How events become tokens. */
export interface TokenMap {
  readonly tokens: readonly Token[];
  /** Name code → token code; for names of a `with` rule, the token without values (all codes 0). */
  readonly ofName: readonly number[];
  /**
   * Names with a `with` rule: the token code is `base + Σ code(column) × stride`, the columns' codes being those of the
   * event table (0 = missing).
   */
  readonly refined: readonly {
    readonly name: number;
    readonly base: number;
    readonly columns: readonly { readonly name: string; readonly stride: number }[];
  }[];
  /** Name code → whether the study's filter F ignores it. */
  readonly ignored: readonly boolean[];
}

/** Tokens that one `with` rule may make; more would be no vocabulary but an id. */
const MOST_TOKENS_PER_RULE = 10_000;

/**
 * Applies the study's mapping M and filter F to the event names of the data. First match wins; a name without a rule is its
 * own token. Tokens are numbered in name order, so that equal data give equal codes.
 * @param dictionaryOf - the values of a column by its name; undefined where there is no such column with codes
 * @throws LeadlineError `study-invalid` when a `with` rule names a column that the data do not have as an attribute, or when two
 * rules, or a rule and the name of an event, make different tokens of the same text
 */
export function mapTokens(
  names: readonly string[],
  rules: readonly TokenRule[],
  ignore: readonly string[],
  dictionaryOf: (column: string) => readonly (string | number | boolean)[] | undefined,
): TokenMap {
  const tokens: { text: string; names: number[]; values?: { column: string; code: number }[] }[] = [];
  const codeOf = new Map<string, number>();
  const refined: { name: number; base: number; columns: { name: string; stride: number }[] }[] = [];
  const ofName = names.map((name, nameCode) => {
    const rule = rules.find((candidate) =>
      candidate.kind === "match" ? globMatches(candidate.pattern, name) : candidate.event === name,
    );
    if (rule?.kind === "attributes") {
      const columns = rule.attributes.map((column) => {
        const dictionary = dictionaryOf(column);
        if (dictionary === undefined) {
          throw new LeadlineError(
            "study-invalid",
            `events.tokens: unknown attribute: ${column}; with takes columns of the data`,
          );
        }
        return { name: column, dictionary };
      });
      const base = tokens.length;
      refined.push({ name: nameCode, base, columns: refine(name, nameCode, columns, tokens) });
      return base;
    }
    const text = rule === undefined ? name : rule.token;
    const known = codeOf.get(text);
    if (known !== undefined) {
      tokens[known]?.names.push(nameCode);
      return known;
    }
    codeOf.set(text, tokens.length);
    return tokens.push({ text, names: [nameCode] }) - 1;
  });
  const texts = new Set<string>();
  for (const { text } of tokens) {
    if (texts.has(text)) {
      throw new LeadlineError(
        "study-invalid",
        `events.tokens: two rules make the token ${JSON.stringify(text)}; name one of them otherwise`,
      );
    }
    texts.add(text);
  }
  const ignored = names.map((name) => ignore.some((pattern) => globMatches(pattern, name)));
  return { tokens, ofName, refined, ignored };
}

interface TokenDraft {
  text: string;
  names: number[];
  values?: { column: string; code: number }[];
}

function refine(
  event: string,
  nameCode: number,
  columns: readonly { readonly name: string; readonly dictionary: readonly (string | number | boolean)[] }[],
  tokens: TokenDraft[],
): { name: string; stride: number }[] {
  const strides: { name: string; stride: number }[] = [];
  let count = 1;
  for (const column of columns) {
    strides.push({ name: column.name, stride: count });
    count *= column.dictionary.length + 1;
    if (count > MOST_TOKENS_PER_RULE) {
      throw new LeadlineError(
        "study-invalid",
        `events.tokens: ${event} with ${columns.map((each) => each.name).join(", ")} would make over ` +
          `${MOST_TOKENS_PER_RULE} tokens; take attributes of few values`,
      );
    }
  }
  for (let index = 0; index < count; index++) {
    const values = columns.map((column, at) => {
      const stride = strides[at]?.stride ?? 1;
      return { column: column.name, code: Math.floor(index / stride) % (column.dictionary.length + 1) };
    });
    const parts = values
      .map((value, at) => ({ ...value, text: columns[at]?.dictionary[value.code - 1] }))
      .filter((value) => value.code > 0)
      .map((value) => `${value.column}=${valueText(String(value.text))}`);
    tokens.push({ text: parts.length === 0 ? event : `${event}{${parts.join(",")}}`, names: [nameCode], values });
  }
  return strides;
}

/** A value inside a token: in quotes where it could be taken for more than one. */
function valueText(text: string): string {
  return /[,={}"]/.test(text) ? JSON.stringify(text) : text;
}

/** Whether a pattern with `*` for any run of characters matches the whole text. O(pattern × text), no backtracking blow-up. */
function globMatches(pattern: string, text: string): boolean {
  const parts = pattern.split("*");
  const first = parts[0] ?? "";
  if (parts.length === 1) return pattern === text;
  const last = parts[parts.length - 1] ?? "";
  if (text.length < first.length + last.length || !text.startsWith(first) || !text.endsWith(last)) return false;
  let at = first.length;
  const end = text.length - last.length;
  for (const part of parts.slice(1, -1)) {
    const found = text.indexOf(part, at);
    if (found < 0 || found + part.length > end) return false;
    at = found + part.length;
  }
  return true;
}
