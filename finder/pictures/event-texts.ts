import type { CodedColumn, EventTable } from "../../engine/columns/event-table.js";
import type { TokenMap } from "../../planner/tokens.js";

/** What of a table tells events apart. */
type NamedEvents = Pick<EventTable, "name" | "names" | "columns">;

/** The events of a table as patterns see them. */
export class EventTexts {
  readonly #table: NamedEvents;
  readonly #tokens: TokenMap;
  readonly #refined: ReadonlyMap<number, { readonly base: number; readonly columns: readonly RefinedColumn[] }>;

  constructor(table: NamedEvents, tokens: TokenMap) {
    this.#table = table;
    this.#tokens = tokens;
    this.#refined = new Map(
      tokens.refined.map(({ name, base, columns }) => [
        name,
        { base, columns: columns.map(({ name: column, stride }) => ({ column: codedColumn(table, column), stride })) },
      ]),
    );
  }

  /** Whether the study's filter lets the event at a position through. */
  isVisible(position: number): boolean {
    return this.#tokens.ignored[this.#table.name[position] as number] !== true;
  }

  /** The token of the event at a position, as it prints. */
  text(position: number, session: number): string {
    const name = this.#table.name[position] as number;
    const refined = this.#refined.get(name);
    let token = this.#tokens.ofName[name] as number;
    if (refined !== undefined) {
      token = refined.base;
      for (const { column, stride } of refined.columns) {
        token += (column.codes[column.grain === "event" ? position : session] as number) * stride;
      }
    }
    return this.#tokens.tokens[token]?.text ?? this.rawName(position);
  }

  /** The event's name in the data. */
  rawName(position: number): string {
    return this.#table.names[this.#table.name[position] as number] ?? "";
  }
}

interface RefinedColumn {
  readonly column: CodedColumn;
  readonly stride: number;
}

function codedColumn(table: NamedEvents, name: string): CodedColumn {
  const column = table.columns.find((each): each is CodedColumn => each.kind === "coded" && each.name === name);
  if (column === undefined) throw new RangeError(`unknown column: ${name}`);
  return column;
}
