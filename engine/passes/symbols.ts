import type { Codes } from "../columns/event-table.js";

/** A column whose codes refine some names into tokens. */
export interface RefiningColumn {
  readonly grain: "event" | "session";
  readonly codes: Codes;
}

/** How the events of a range of sessions become tokens, and tokens symbols. */
export interface SymbolsInput {
  readonly start: number;
  readonly end: number;
  readonly sessionOffsets: Uint32Array;
  readonly name: Codes;
  /** Uint32Array(names): token of each name */
  readonly tokenOfName: Uint32Array;
  /** Names whose tokens depend on the event's attributes. */
  readonly refined: readonly {
    readonly name: number;
    readonly base: number;
    readonly columns: readonly (RefiningColumn & { readonly stride: number })[];
  }[];
  /** Uint16Array(tokens): symbol of each token; 0: of no pattern */
  readonly symbolOfToken: Uint16Array;
  /** Uint8Array(names): 1 where the study's filter ignores the name */
  readonly ignored: Uint8Array;
  /** The symbol of ignored events, which automata step over. */
  readonly skip: number;
  /** Uint16Array(N) */
  readonly out: Uint16Array;
}

/** Writes the symbol of every event of sessions [start, end). O(events). */
export function writeSymbols(input: SymbolsInput): null {
  const { start, end, sessionOffsets, name, tokenOfName, refined, symbolOfToken, ignored, skip, out } = input;
  // negative: -1 - rule
  const ofName = new Int32Array(tokenOfName.length);
  for (let code = 0; code < ofName.length; code++) {
    ofName[code] = ignored[code] === 1 ? skip : (symbolOfToken[tokenOfName[code] as number] as number);
  }
  for (const [index, rule] of refined.entries()) if (ignored[rule.name] !== 1) ofName[rule.name] = -1 - index;
  for (let session = start; session < end; session++) {
    const to = sessionOffsets[session + 1] as number;
    for (let at = sessionOffsets[session] as number; at < to; at++) {
      const symbol = ofName[name[at] as number] as number;
      if (symbol >= 0) out[at] = symbol;
      else {
        const rule = refined[-1 - symbol] as SymbolsInput["refined"][number];
        out[at] = symbolOfToken[refinedToken(rule, at, session)] as number;
      }
    }
  }
  return null;
}

/** The token of an event of a refined name. */
export function refinedToken(
  rule: { readonly base: number; readonly columns: readonly (RefiningColumn & { readonly stride: number })[] },
  position: number,
  session: number,
): number {
  let token = rule.base;
  for (const column of rule.columns) {
    token += (column.codes[column.grain === "event" ? position : session] as number) * column.stride;
  }
  return token;
}
