import { displayWidth, elideEnd, elideMiddle, padTo, wrapText } from "./safe-text.js";

/** Narrower than this, a table of four columns says nothing. */
export const leastWidth = 60;

/** How text is set out for a terminal. */
export interface LayoutOptions {
  /** Columns of the terminal; 60 where it has fewer. */
  readonly width: number;
  /** Whether to use ANSI colours. */
  readonly colour: boolean;
}

/** One column of a table. */
export interface TableColumn {
  readonly title: string;
  readonly align: "left" | "right";
  /** Columns below which it is not narrowed; absent: it is as wide as its widest cell. */
  readonly least?: number;
  /**
   * What gives way where a cell does not fit.
   * @default "middle"
   */
  readonly elide?: "middle" | "end";
}

/** Two spaces between columns. */
const gap = "  ";

/**
 * Lines of a table, its head first. Columns that may be narrowed share what the others leave, the widest giving most; what
 * does not fit is elided.
 * @param rows - cells in the order of the columns, safe text
 * @param width - of the whole table
 */
export function layOutTable(
  columns: readonly TableColumn[],
  rows: readonly (readonly string[])[],
  width: number,
): readonly string[] {
  const wanted = columns.map(({ title }, column) =>
    Math.max(displayWidth(title), ...rows.map((row) => displayWidth(row[column] ?? ""))),
  );
  const widths = narrowed(columns, wanted, width - gap.length * (columns.length - 1));
  const line = (cells: readonly string[]): string => {
    const row = columns
      .map(({ align, elide }, column) => {
        const room = widths[column] ?? 0;
        const cell = cells[column] ?? "";
        return padTo(elide === "end" ? elideEnd(cell, room) : elideMiddle(cell, room), room, align);
      })
      .join(gap)
      .trimEnd();
    // Numbers are never narrowed, so that only a terminal too narrow for them loses their end.
    return elideEnd(row, width);
  };
  return [line(columns.map(({ title }) => title)), ...rows.map(line)];
}

/** A paragraph in lines of at most `width` columns, each behind `indent`. */
export function layOutText(text: string, width: number, indent = ""): string[] {
  return wrapText(text, width - indent.length).map((line) => indent + line);
}

/** An entry of a list, its lines after the first further in. */
export function layOutList(text: string, width: number): string[] {
  return layOutText(text, width - 2, "  ").map((line, index) => (index === 0 ? line : `  ${line}`));
}

function narrowed(columns: readonly TableColumn[], wanted: readonly number[], room: number): number[] {
  const widths = [...wanted];
  const total = (): number => widths.reduce((sum, width) => sum + width, 0);
  for (let over = total() - room; over > 0; over--) {
    let widest = -1;
    for (const [column, { least }] of columns.entries()) {
      if (least === undefined || (widths[column] ?? 0) <= least) continue;
      if (widest < 0 || (widths[column] ?? 0) > (widths[widest] ?? 0)) widest = column;
    }
    if (widest < 0) break;
    widths[widest] = (widths[widest] ?? 0) - 1;
  }
  return widths;
}

/** Functions that put text in a colour, or leave it as it is. */
export interface Palette {
  readonly bold: (text: string) => string;
  readonly faint: (text: string) => string;
  readonly warn: (text: string) => string;
}

/** The palette of a terminal that shows colours, or of one that does not. */
export function palette(colour: boolean): Palette {
  const code = (on: number, off: number) => (text: string) =>
    colour && text !== "" ? `\u001b[${on}m${text}\u001b[${off}m` : text;
  return { bold: code(1, 22), faint: code(2, 22), warn: code(33, 39) };
}
