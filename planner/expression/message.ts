import { LeadlineError } from "../../errors.js";

/** Characters of the text that a message shows on either side of the place. */
const shownBefore = 60;
const shownAfter = 40;

/** Characters of a token that a message shows. */
const shownToken = 40;

/**
 * An error of an expression: one sentence, then the line of the text with a caret under the place.
 * @param sentence - what was found, what is allowed
 * @param at - UTF-16 offset in the text
 * @param where - what the expression is of, such as a file and path
 */
export function expressionError(text: string, at: number, sentence: string, where?: string): LeadlineError {
  const lineStart = text.lastIndexOf("\n", at - 1) + 1;
  const newline = text.indexOf("\n", at);
  const lineEnd = newline < 0 ? text.length : newline;
  const from = Math.max(lineStart, at - shownBefore);
  const to = Math.min(lineEnd, at + shownAfter);
  const before = `${from > lineStart ? "…" : ""}${visible(text.slice(from, at))}`;
  const shown = `${before}${visible(text.slice(at, to))}${to < lineEnd ? "…" : ""}`;
  const head = where === undefined ? sentence : `${where}: ${sentence}`;
  return new LeadlineError("expression-invalid", `${head}\n  ${shown}\n  ${" ".repeat([...before].length)}^`);
}

/** A piece of the text in a sentence, in backticks, shortened. */
export function quoteSource(source: string): string {
  return `\`${visible(source.length > shownToken ? `${source.slice(0, shownToken)}…` : source)}\``;
}

/** One column per character, so that the caret stands right and a terminal is not steered by the text. */
function visible(text: string): string {
  return text.replace(/[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu, " ");
}
