import {
  countByRow,
  countSessions,
  extendGroup,
  followingSymbols,
  type GramGroups,
  groupBySymbol,
  type RowCounts,
  type SessionRows,
} from "../../kernels/gram-groups.js";

/** Counting the sequences of adjacent tokens that enough sessions hold, failing or not. */
export interface CommonGramsInput {
  /** Uint16Array(N), without events that are ignored */
  readonly symbols: Uint16Array;
  /** Uint32Array(S + 1), CSR offsets into them */
  readonly sessionOffsets: Uint32Array;
  /** Uint32Array(N) */
  readonly sessionOf: Uint32Array;
  readonly alphabetSize: number;
  /** Ascending. */
  readonly lengths: readonly number[];
  /** The scenarios that each session counts in. */
  readonly rows: SessionRows;
  /** Uint32Array(scenarios): sessions that a sequence takes */
  readonly least: Uint32Array;
  /** Users that it takes, in every scenario. */
  readonly leastUsers: number;
  /** Uint32Array(alphabet): bit k is set where KPI k may not use the symbol, since it is its own */
  readonly ownOf: Uint32Array;
  /** Uint32Array(scenarios): the KPI's bit */
  readonly kpiBits: Uint32Array;
  /** Int32Array(1) on shared memory: the next turn. A turn is all sequences that begin with one symbol. */
  readonly next: Int32Array;
}

/** Counts the sequences that begin with the symbols that a thread draws. O(events × lengths × scenarios of a session). */
export function countCommonGrams(input: CommonGramsInput): Float64Array {
  const { symbols, alphabetSize, next } = input;
  const positions = new Uint32Array(symbols.length);
  const offsets = new Uint32Array(alphabetSize + 1);
  groupBySymbol(symbols, offsets, positions);
  const sizeOf = (symbol: number): number => (offsets[symbol + 1] as number) - (offsets[symbol] as number);
  // the largest first, so that no thread is left with one at the end
  const order = Uint32Array.from({ length: alphabetSize }, (_, symbol) => symbol).sort((a, b) => sizeOf(b) - sizeOf(a));
  const counter = new GramCounter(input);
  for (let turn = Atomics.add(next, 0, 1); turn < alphabetSize; turn = Atomics.add(next, 0, 1)) {
    const symbol = order[turn] as number;
    const own = input.ownOf[symbol] as number;
    counter.count(positions, offsets[symbol] as number, offsets[symbol + 1] as number, own, 1);
  }
  return counter.found;
}

class GramCounter {
  /** Float64Array(scenarios): sequences that enough of its sessions and users hold */
  readonly found: Float64Array;
  readonly #input: CommonGramsInput;
  readonly #longest: number;
  readonly #leastOfAll: number;
  readonly #counts: RowCounts;
  readonly #bySymbol: Uint32Array;
  readonly #following: Uint32Array;
  readonly #groups: (GramGroups | undefined)[] = [];

  constructor(input: CommonGramsInput) {
    const scenarios = input.least.length;
    this.#input = input;
    this.#longest = input.lengths.at(-1) ?? 0;
    this.#leastOfAll = input.least.reduce((least, own) => Math.min(least, own), Number.POSITIVE_INFINITY);
    this.#counts = {
      sessions: new Uint32Array(scenarios),
      users: new Uint32Array(scenarios),
      lastUser: new Uint32Array(scenarios),
    };
    this.#bySymbol = new Uint32Array(input.alphabetSize + 1);
    this.#following = new Uint32Array(input.symbols.length);
    followingSymbols(input.symbols, input.sessionOffsets, this.#following);
    this.found = new Float64Array(scenarios);
  }

  /**
   * Counts a sequence, and those that begin with it.
   * @param positions - its occurrences' last events are [start, end) of it
   * @param own - KPIs that may not use it
   */
  count(positions: Uint32Array, start: number, end: number, own: number, length: number): void {
    const { sessionOf, lengths, ownOf } = this.#input;
    if (countSessions(positions, start, end, sessionOf) < this.#leastOfAll) return;
    if (lengths.includes(length)) this.#add(positions, start, end, own);
    if (length === this.#longest) return;
    const groups = this.#groupsOf(length + 1, end - start);
    const count = extendGroup(this.#following, positions, start, end, this.#bySymbol, groups);
    for (let group = 0; group < count; group++) {
      const symbol = (groups.symbols[group] as number) - 1;
      if (symbol < 0) continue;
      const bars = own | (ownOf[symbol] as number);
      const [from, to] = [groups.offsets[group] as number, groups.offsets[group + 1] as number];
      this.count(groups.positions, from, to, bars, length + 1);
    }
  }

  #add(positions: Uint32Array, start: number, end: number, own: number): void {
    const { sessionOf, rows, least, leastUsers, kpiBits } = this.#input;
    const { sessions, users } = this.#counts;
    countByRow(positions, start, end, sessionOf, rows, this.#counts);
    for (let scenario = 0; scenario < least.length; scenario++) {
      const isEnough =
        (sessions[scenario] as number) >= (least[scenario] as number) && (users[scenario] as number) >= leastUsers;
      if (isEnough && (own & (kpiBits[scenario] as number)) === 0) {
        this.found[scenario] = (this.found[scenario] as number) + 1;
      }
    }
  }

  /** The groups of a length, which hold so many positions: one sequence of each length is grown at a time. */
  #groupsOf(length: number, most: number): GramGroups {
    const known = this.#groups[length];
    if (known !== undefined && known.positions.length >= most) return known;
    const { alphabetSize } = this.#input;
    const made = {
      positions: new Uint32Array(most),
      offsets: new Uint32Array(alphabetSize + 2),
      symbols: new Uint32Array(alphabetSize + 1),
    };
    this.#groups[length] = made;
    return made;
  }
}
