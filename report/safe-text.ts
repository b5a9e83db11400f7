/**
 * Text of the data made fit for a terminal: names in telemetry come from anywhere, and an escape sequence in one would
 * run in the reader's terminal, a bidi mark would turn the rest of the line round.
 */

/** Controls, marks that turn text round or take no room, halves of pairs, and what no font shows. */
const unsafe = /[\p{Cc}\p{Cf}\p{Cs}\p{Co}\p{Cn}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}]/gu;

/** More than four marks on one letter are no writing system's. */
const piledMarks = /(\p{M}{4})\p{M}+/gu;

/** Printable ASCII, the usual case, is its own width and safe. */
const plain = /^[ -~]*$/;

/** Marks that stand on the letter before, and the vowels and finals that complete a Hangul syllable. */
const zeroWidth = /[\p{Mn}\p{Me}\u1160-\u11ff]/u;

/**
 * Letters that take two columns: East Asian Wide and Fullwidth (UAX #11), by block, and characters shown as emoji.
 * Flags' letters take one each, two a flag.
 */
const doubleWidth =
  /(?![\u{1f1e6}-\u{1f1ff}])[\p{Emoji_Presentation}\u1100-\u115f\u2e80-\u303e\u3041-\u33ff\u3400-\u4dbf\u4e00-\ua4cf\ua960-\ua97c\uac00-\ud7a3\uf900-\ufaff\ufe10-\ufe19\ufe30-\ufe6f\uff01-\uff60\uffe0-\uffe6\u{16fe0}-\u{18cff}\u{1aff0}-\u{1b2ff}\u{1f200}-\u{1f265}\u{20000}-\u{3fffd}]/u;

const graphemes = new Intl.Segmenter("en", { granularity: "grapheme" });

/**
 * The text with everything that a terminal would obey, or not show, as JSON's `\uXXXX`, which the expression language
 * reads too; of marks piled on one letter, four stay. Idempotent.
 */
export function safeText(text: string): string {
  if (plain.test(text)) return text;
  return text.replace(unsafe, escaped).replace(piledMarks, "$1");
}

/**
 * Columns that a terminal gives a text: two for East Asian wide letters and emoji, none for combining marks.
 * @param text - safe
 */
export function displayWidth(text: string): number {
  if (plain.test(text)) return text.length;
  let width = 0;
  for (const character of text) width += zeroWidth.test(character) ? 0 : doubleWidth.test(character) ? 2 : 1;
  return width;
}

/**
 * The text in at most `width` columns: where it is longer its middle gives way to `…`, because names differ at their ends.
 * @param text - safe
 * @param width - 1 or more
 */
export function elideMiddle(text: string, width: number): string {
  if (displayWidth(text) <= width) return text;
  const tail = takeColumns(
    graphemesOf(text.slice(-mostUnits(width))).toReversed(),
    Math.floor((width - 1) / 2),
  ).toReversed();
  const head = takeColumns(graphemesOf(text.slice(0, mostUnits(width))), width - 1 - displayWidth(tail.join("")));
  return `${head.join("")}…${tail.join("")}`;
}

/** The text in at most `width` columns: where it is longer its end gives way to `…`, as lists and sentences want it. */
export function elideEnd(text: string, width: number): string {
  if (displayWidth(text) <= width) return text;
  return `${takeColumns(graphemesOf(text.slice(0, mostUnits(width))), width - 1)
    .join("")
    .trimEnd()}…`;
}

/** Fills up to `width` columns with spaces, on the right or on the left. */
export function padTo(text: string, width: number, align: "left" | "right"): string {
  const spaces = " ".repeat(Math.max(0, width - displayWidth(text)));
  return align === "left" ? text + spaces : spaces + text;
}

/**
 * Breaks a text at its spaces (but not before a `%`) into lines of at most `width` columns; a word that is longer gets its middle elided.
 * @param text - safe
 * @param width - 1 or more
 */
export function wrapText(text: string, width: number): string[] {
  const lines: string[] = [];
  let line: string | null = null;
  for (const word of text.split(/ (?!%)/)) {
    const fitted = elideMiddle(word, width);
    const longer: string = line === null ? fitted : `${line} ${fitted}`;
    if (line === null || displayWidth(longer) <= width) {
      line = longer;
    } else {
      lines.push(line.trimEnd());
      line = fitted;
    }
  }
  return line === null || line.trim() === "" ? lines : [...lines, line.trimEnd()];
}

/** Letters with all that belongs to them; a long text is cut before this, of which its middle alone is lost. */
function graphemesOf(text: string): string[] {
  return plain.test(text) ? [...text] : Array.from(graphemes.segment(text), ({ segment }) => segment);
}

/** UTF-16 units that surely hold so many columns of letters with their marks. */
function mostUnits(width: number): number {
  return 16 * (width + 1);
}

/** Those that fit `width` columns, from the first on. */
function takeColumns(parts: readonly string[], width: number): string[] {
  const taken: string[] = [];
  let used = 0;
  for (const part of parts) {
    used += displayWidth(part);
    if (used > width) break;
    taken.push(part);
  }
  return taken;
}

function escaped(character: string): string {
  const units = Array.from({ length: character.length }, (_, at) => character.charCodeAt(at));
  return units.map((unit) => `\\u${unit.toString(16).padStart(4, "0")}`).join("");
}
