import type { CodedColumn, EventTable } from "../../engine/columns/event-table.js";
import type { Token, TokenMap } from "../../planner/tokens.js";

/** What of a table tells events apart. */
type NamedEvents = Pick<EventTable, "name" | "names" | "columns">;

/** Which tokens and which names of events are named: 1. */
export interface NamedBy {
  /** Uint8Array(tokens) */
  readonly isToken: Uint8Array;
  /** Uint8Array(names) */
  readonly isName: Uint8Array;
}

/** The events of a table as patterns see them. */
export class EventTexts {
  readonly #table: NamedEvents;
  readonly #tokens: TokenMap;
  readonly #isIgnored: Uint8Array;
  /** By name; of most there is none */
  readonly #refined: readonly (RefinedName | undefined)[];

  constructor(table: NamedEvents, tokens: TokenMap) {
    this.#table = table;
    this.#tokens = tokens;
    this.#isIgnored = Uint8Array.from(tokens.ignored, Number);
    const refined: (RefinedName | undefined)[] = new Array(table.names.length).fill(undefined);
    for (const { name, base, columns } of tokens.refined) {
      refined[name] = {
        base,
        columns: columns.map(({ name: column, stride }) => ({ column: codedColumn(table, column), stride })),
      };
    }
    this.#refined = refined;
  }

  /** Whether the study's filter lets the event at a position through. */
  isVisible(position: number): boolean {
    return this.#isIgnored[this.#table.name[position] as number] === 0;
  }

  /** Number of tokens. */
  get tokens(): number {
    return this.#tokens.tokens.length;
  }

  /** The token of the event at a position. */
  token(position: number, session: number): number {
    const name = this.#table.name[position] as number;
    const refined = this.#refined[name];
    if (refined === undefined) return this.#tokens.ofName[name] as number;
    let token = refined.base;
    for (const { column, stride } of refined.columns) {
      token += (column.codes[column.grain === "event" ? position : session] as number) * stride;
    }
    return token;
  }

  /** A token as it prints. */
  textOf(token: number): string {
    return (this.#tokens.tokens[token] as Token).text;
  }

  /** The token of the event at a position, as it prints. */
  text(position: number, session: number): string {
    return this.textOf(this.token(position, session));
  }

  /** What is named by some texts, tokens or names. */
  namedBy(texts: ReadonlySet<string>): NamedBy {
    const isIn = (text: string): number => (texts.has(text) ? 1 : 0);
    return {
      isToken: Uint8Array.from(this.#tokens.tokens, ({ text }) => isIn(text)),
      isName: Uint8Array.from(this.#table.names, isIn),
    };
  }

  /** Whether the event at a position is named. */
  isNamed({ isToken, isName }: NamedBy, position: number, session: number): boolean {
    return isName[this.#table.name[position] as number] === 1 || isToken[this.token(position, session)] === 1;
  }
}

interface RefinedName {
  readonly base: number;
  readonly columns: readonly RefinedColumn[];
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
