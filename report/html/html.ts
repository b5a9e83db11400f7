import { elideMiddle, safeText } from "../safe-text.js";

/**
 * HTML that is safe to write out: made by `html` alone, which escapes every text that is put into it. So nothing of the data becomes
 * markup unless this file lets it.
 */
export class Html {
  readonly #text: string;

  /** @param text - markup of our own making */
  constructor(text: string) {
    this.#text = text;
  }

  toString(): string {
    return this.#text;
  }
}

/** What `html` takes. */
export type HtmlPart = Html | string | number | null | readonly HtmlPart[];

/** Markup with values in it. Texts are made safe to look at, then escaped for elements and for quoted attributes. */
export function html(strings: TemplateStringsArray, ...values: readonly HtmlPart[]): Html {
  let text = strings[0] ?? "";
  for (const [at, value] of values.entries()) text += print(value) + (strings[at + 1] ?? "");
  return new Html(text);
}

function print(value: HtmlPart): string {
  if (value === null) return "";
  if (value instanceof Html) return value.toString();
  if (typeof value === "number") return String(value);
  if (typeof value === "string") return escapeHtml(safeText(value));
  return value.map(print).join("");
}

/** Characters that HTML reads, in elements and in quoted attributes. */
const special = /[&<>"']/g;
const entities: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
};

function escapeHtml(text: string): string {
  return text.replace(special, (character) => entities[character] ?? "");
}

/** Letters that run from right to left; what holds some is kept apart from the text around it. */
const rightToLeft = /[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc\u{10800}-\u{10fff}\u{1e800}-\u{1eeff}]/u;

/**
 * A name of the data, shortened in its middle where it is long: the whole of it is then what a pointer shows, up to a limit.
 * @param most - columns
 */
export function nameOf(text: string, most = 90): Html {
  return named(text, most, (short) => html`${short}`);
}

/** The same where there is little room: lines break where a name's words end. */
export function nameInBox(text: string, most: number): Html {
  return named(text, most, (short) => {
    const words = short.split(/(?<=[_.:/{=-])(?=[^_.:/{=-])/);
    return html`${words.map((word, at) => (at === 0 ? html`${word}` : html`<wbr>${word}`))}`;
  });
}

function named(text: string, most: number, print: (short: string) => Html): Html {
  const short = shorten(text, most);
  const shown = rightToLeft.test(short) ? html`<bdi>${print(short)}</bdi>` : print(short);
  return short === safeText(text) ? shown : html`<span title="${shorten(text, TITLE)}">${shown}</span>`;
}

/** A sentence of ours: dates, and numbers with their sign of percent, are not broken over lines. */
export function prose(text: string, most = 700): Html {
  const parts = shorten(text, most)
    .replace(/(?<=\d) %/g, "\u00a0%")
    .split(/(\b\d{4}-\d\d-\d\d\b)/);
  return html`${parts.map((part, at) => (at % 2 === 1 ? html`<span class="nb">${part}</span>` : html`${part}`))}`;
}

/** Columns of what a pointer shows. */
const TITLE = 200;

/** Safe text in at most so many columns. What is very long is cut before it is looked at letter by letter. */
export function shorten(text: string, most: number): string {
  const cut = text.length > 8 * most ? `${text.slice(0, 4 * most)}${text.slice(-4 * most)}` : text;
  const safe = elideMiddle(safeText(cut), most);
  return cut === text || safe.includes("…") ? safe : `${safe}…`;
}
