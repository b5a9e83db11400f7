import { lex } from "./lex.js";

/** A `$name` in the text of a user's template. */
export interface Hole {
  readonly name: string;
  /** UTF-16 offset of the `$` */
  readonly at: number;
}

/**
 * The holes of a template's text, in order; one name may stand several times. A `$` in quotes is none.
 * @throws LeadlineError `expression-invalid` where the text has characters that no expression has
 */
export function holesOf(text: string, where?: string): readonly Hole[] {
  return lex(text, where).flatMap((token) => (token.kind === "hole" ? [{ name: token.value, at: token.at }] : []));
}

/**
 * Puts texts into the holes of a template; the result is an expression's text, to be parsed.
 * @param fill - from a hole's name to what stands there: print events with `quoteEvent`, attributes with
 *   `quoteAttribute`, since a bare name with dots would split anew beside a dot of the template
 * @throws LeadlineError `expression-invalid` where the text has characters that no expression has
 */
export function fillHoles(text: string, fill: (name: string) => string): string {
  let filled = "";
  let from = 0;
  for (const { name, at } of holesOf(text)) {
    filled += text.slice(from, at) + fill(name);
    from = at + 1 + name.length;
  }
  return filled + text.slice(from);
}
