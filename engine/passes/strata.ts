import { countBits, listBits } from "../../kernels/bits.js";
import { insertStratum, stratumSumsLength } from "../../kernels/stratum-sums.js";
import type { Codes } from "../columns/event-table.js";
import { PartitionError } from "./partition-error.js";
import { FAILING } from "./segment.js";

/** A way to divide sessions into strata. */
export interface StrataCodes {
  /** (S), below `levels` */
  readonly codes: Codes;
  /** Null: `codes` alone; else a stratum is `codes × width + second`. */
  readonly second: { readonly codes: Codes; readonly width: number } | null;
  readonly levels: number;
}

/** Sessions that are compared, the ways in which they are stratified, and the hypotheses that are. */
export interface StrataTotal {
  readonly kpi: number;
  /** Uint32Array(words) */
  readonly compared: Uint32Array;
  /** Indices of `stratifications`. */
  readonly by: readonly number[];
  /** Uint32Array(words) each: members, all of them compared */
  readonly members: readonly Uint32Array[];
}

/** What is summed within strata. */
export interface StrataInput {
  /** `outcome`: Float64Array(S) of a numeric KPI; null: 1 where it fails, else 0 */
  readonly kpis: readonly { readonly state: Uint8Array; readonly outcome: Float64Array | null }[];
  readonly stratifications: readonly StrataCodes[];
  readonly totals: readonly StrataTotal[];
  /** Uint32Array(P + 1): partition p has sessions [sessionStarts[p], sessionStarts[p + 1]) */
  readonly sessionStarts: Uint32Array;
  /** Uint32Array(P + 1): and words [wordOffsets[p], wordOffsets[p + 1]) of each set */
  readonly wordOffsets: Uint32Array;
  /** Int32Array(1) on shared memory: the next turn. */
  readonly next: Int32Array;
  /** Float64Array(pairs), by total, then stratification: share of the outcome's variance that the strata take, of totals without members */
  readonly taken: Float64Array;
  /** Float64Array(pairs and their members × 9), by total, stratification, then members: sums of `insertStratum` */
  readonly sums: Float64Array;
}

/** Numbers of a level in a table: y, n. */
const WIDTH = 2;
/** Combinations of values that sessions are summed by at first: tables of more would leave the second-level cache. */
const MOST_COMBINATIONS = 1 << 16;

/** What is done in one turn: one stratification of a total, or all that go by the same columns. */
interface Turn {
  readonly total: StrataTotal;
  /** Number of the total's first pair. */
  readonly firstPair: number;
  /** Places in `by`. */
  readonly places: readonly number[];
  /** Null: of one stratification, by its own codes. */
  readonly combined: Combined | null;
}

/**
 * Sums outcomes of members and others within strata. Stratifications by attributes and by their pairs go by the same few columns: sessions
 * are summed by the combination of all of these once, and each stratification is made of the combinations, which are far fewer. Every sum is
 * made by one thread in the order in which sessions come. O(compared + members) for each total and each stratification that is no such
 * combination, and O(combinations) for each that is.
 */
export function sumStrata(input: StrataInput): null {
  const { totals, next, stratifications } = input;
  const most = Math.max(0, ...stratifications.map(({ levels }) => levels));
  const tables: Tables = {
    all: new Float64Array(most * WIDTH),
    own: new Float64Array(most * WIDTH),
    touched: new Uint32Array(most),
    combinations: new Float64Array(MOST_COMBINATIONS * WIDTH),
    met: new Uint32Array(MOST_COMBINATIONS),
  };
  const { turns, sumsAt } = turnsOf(totals, stratifications);
  const room = new Room();
  let gathered: Gathered | undefined;
  for (;;) {
    const at = Atomics.add(next, 0, 1);
    const turn = turns[at];
    if (turn === undefined) return null;
    try {
      // turns go from total to total, so that a thread meets each once
      if (gathered?.total !== turn.total) gathered = new Gathered(input, turn.total, room);
      sumTurn(input, turn, gathered, tables, sumsAt);
    } catch (error) {
      throw new PartitionError(at, turns.length, error);
    }
  }
}

/** The turns of all totals, and where the sums of each pair of a total and a stratification begin. */
function turnsOf(
  totals: readonly StrataTotal[],
  stratifications: readonly StrataCodes[],
): { readonly turns: readonly Turn[]; readonly sumsAt: Uint32Array } {
  const turns: Turn[] = [];
  const sumsAt: number[] = [];
  const known = new Map<string, Combined>();
  let sums = 0;
  for (const total of totals) {
    const firstPair = sumsAt.length;
    for (const _ of total.by) {
      sumsAt.push(sums);
      sums += total.members.length * stratumSumsLength;
    }
    const key = total.by.join();
    const combined = known.get(key) ?? new Combined(total.by.map((by) => stratifications[by] as StrataCodes));
    known.set(key, combined);
    const places = [...total.by.keys()];
    const folded = places.filter((place) => combined.holds(place));
    if (folded.length > 0) turns.push({ total, firstPair, places: folded, combined });
    for (const place of places) {
      if (!folded.includes(place)) turns.push({ total, firstPair, places: [place], combined: null });
    }
  }
  return { turns, sumsAt: Uint32Array.from(sumsAt) };
}

/** Tables that a thread writes into again and again. */
interface Tables {
  /** y and n by level: of all that are compared, and of members */
  readonly all: Float64Array;
  readonly own: Float64Array;
  /** Levels of members, in order of appearance. */
  readonly touched: Uint32Array;
  /** y and n by combination, 0 between uses, and combinations in order of appearance. */
  readonly combinations: Float64Array;
  readonly met: Uint32Array;
}

function sumTurn(
  { stratifications, taken, sums }: StrataInput,
  { total, firstPair, places, combined }: Turn,
  gathered: Gathered,
  tables: Tables,
  sumsAt: Uint32Array,
): void {
  const { all, own, touched } = tables;
  const summed = (list: SessionList): Summed | null =>
    combined === null ? null : summedBy(list, gathered.levelsBy(combined.columns, list), tables);
  const compared = summed(gathered.compared);
  const members = gathered.members.map((list) => ({ list, summed: summed(list) }));
  for (const place of places) {
    const strata = stratifications[total.by[place] as number] as StrataCodes;
    const pair = firstPair + place;
    const add = (list: SessionList, by: Summed | null, table: Float64Array): number => {
      if (by === null || combined === null) return addLevels(list, gathered.levelsOf(strata, list), table, touched);
      return addCombinations(by, combined.levelsOf(place, by.combinations), table, touched);
    };
    all.fill(0, 0, strata.levels * WIDTH);
    add(gathered.compared, compared, all);
    if (members.length === 0) taken[pair] = shareTaken(gathered.compared, strata.levels, all);
    for (const [index, { list, summed: by }] of members.entries()) {
      const count = add(list, by, own);
      sumTouched(touched, count, own, all, sums, (sumsAt[pair] as number) + index * stratumSumsLength);
    }
  }
}

/** A column of codes, and below which number they are. */
interface Column {
  readonly codes: Codes;
  readonly levels: number;
}

/** The columns that several stratifications go by, the first of them as far as a table of all their combinations goes. */
class Combined {
  readonly columns: readonly Column[];
  readonly #stratifications: readonly StrataCodes[];
  /** By column: Uint16Array(combinations), the column's code in each combination */
  readonly #codeIn = new Map<Codes, Uint16Array>();

  constructor(stratifications: readonly StrataCodes[]) {
    this.#stratifications = stratifications;
    const uses = new Map<Codes, { readonly levels: number; uses: number }>();
    for (const { codes, second, levels } of stratifications) {
      const width = second?.width ?? 1;
      for (const column of [
        { codes, levels: levels / width },
        ...(second === null ? [] : [{ ...second, levels: width }]),
      ]) {
        const known = uses.get(column.codes) ?? { levels: column.levels, uses: 0 };
        known.uses++;
        uses.set(column.codes, known);
      }
    }
    const columns: Column[] = [];
    let combinations = 1;
    for (const [codes, { levels, uses: count }] of uses) {
      if (count < 2 || combinations * levels > MOST_COMBINATIONS) continue;
      columns.push({ codes, levels });
      combinations *= levels;
    }
    this.columns = columns;
    let rest = combinations;
    for (const { codes, levels } of columns) {
      rest /= levels;
      const below = rest;
      const codeIn = new Uint16Array(combinations);
      for (let at = 0; at < combinations; at++) codeIn[at] = Math.floor(at / below) % levels;
      this.#codeIn.set(codes, codeIn);
    }
  }

  /** Whether a stratification goes by nothing else. */
  holds(place: number): boolean {
    const { codes, second } = this.#stratifications[place] as StrataCodes;
    return this.#codeIn.has(codes) && (second === null || this.#codeIn.has(second.codes));
  }

  /** Uint32Array: the level of a stratification that it holds, of each of some combinations */
  levelsOf(place: number, combinations: Uint32Array): Uint32Array {
    const { codes, second } = this.#stratifications[place] as StrataCodes;
    const first = this.#codeIn.get(codes) as Uint16Array;
    const levels = new Uint32Array(combinations.length);
    for (let at = 0; at < levels.length; at++) levels[at] = first[combinations[at] as number] as number;
    if (second === null) return levels;
    const other = this.#codeIn.get(second.codes) as Uint16Array;
    for (let at = 0; at < levels.length; at++) {
      levels[at] = (levels[at] as number) * second.width + (other[combinations[at] as number] as number);
    }
    return levels;
  }
}

/** Sessions of a set, in order, with their outcomes. */
interface SessionList {
  readonly sessions: Uint32Array;
  readonly y: Float64Array;
}

/** Sums of a list by combination, in order of appearance. */
interface Summed {
  readonly combinations: Uint32Array;
  readonly y: Float64Array;
  readonly n: Float64Array;
}

function summedBy(list: SessionList, combinationOf: Uint32Array, { combinations: table, met }: Tables): Summed {
  const count = addLevels(list, combinationOf, table, met);
  const combinations = met.slice(0, count);
  const [y, n] = [new Float64Array(count), new Float64Array(count)];
  for (let at = 0; at < count; at++) {
    const place = (combinations[at] as number) * WIDTH;
    y[at] = table[place] as number;
    n[at] = table[place + 1] as number;
    table[place] = 0;
    table[place + 1] = 0;
  }
  return { combinations, y, n };
}

/** Room for the sessions of one total after the other: made anew for each, every page of it would be. */
class Room {
  #sessions = new Uint32Array(0);
  #y = new Float64Array(0);
  #levels = new Uint32Array(0);

  /** Makes room for so many sessions in all, and so many levels; what was there is gone. */
  reserve(sessions: number, levels: number): void {
    if (this.#sessions.length < sessions) {
      this.#sessions = new Uint32Array(sessions);
      this.#y = new Float64Array(sessions);
    }
    if (this.#levels.length < levels) this.#levels = new Uint32Array(levels);
  }

  get levels(): Uint32Array {
    return this.#levels;
  }

  list(from: number, count: number): SessionList {
    return { sessions: this.#sessions.subarray(from, from + count), y: this.#y.subarray(from, from + count) };
  }
}

/** What a total's turns share: its sessions as lists, and the levels of one list at a time. */
class Gathered {
  readonly total: StrataTotal;
  readonly compared: SessionList;
  readonly members: readonly SessionList[];
  readonly #levels: Uint32Array;

  /** @param room - of the thread; what was gathered there before is gone */
  constructor(input: StrataInput, total: StrataTotal, room: Room) {
    const counts = [total.compared, ...total.members].map(countBits);
    room.reserve(
      counts.reduce((sum, count) => sum + count, 0),
      counts[0] as number,
    );
    let used = 0;
    const listOf = (set: Uint32Array, at: number): SessionList => {
      const list = room.list(used, counts[at] as number);
      used += counts[at] as number;
      fillList(input, total.kpi, set, list);
      return list;
    };
    this.total = total;
    this.compared = listOf(total.compared, 0);
    this.members = total.members.map((set, at) => listOf(set, at + 1));
    this.#levels = room.levels;
  }

  /** Uint32Array, as long as the list at the least: valid up to the next call */
  levelsOf({ codes, second }: StrataCodes, { sessions }: SessionList): Uint32Array {
    const levels = this.#levels;
    copyCodes(codes, sessions, levels);
    if (second !== null) addCodes(second.codes, second.width, sessions, levels);
    return levels;
  }

  /** The same by combinations of some columns, the first column's code weighing most. */
  levelsBy(columns: readonly Column[], { sessions }: SessionList): Uint32Array {
    const levels = this.#levels;
    levels.fill(0, 0, sessions.length);
    for (const { codes, levels: width } of columns) addCodes(codes, width, sessions, levels);
    return levels;
  }
}

function fillList(
  { kpis, sessionStarts, wordOffsets }: StrataInput,
  kpi: number,
  set: Uint32Array,
  { sessions, y }: SessionList,
): void {
  const { state, outcome } = kpis[kpi] as StrataInput["kpis"][number];
  let count = 0;
  for (let part = 0; part + 1 < wordOffsets.length; part++) {
    const [first, end] = [wordOffsets[part] as number, wordOffsets[part + 1] as number];
    count = listBits(set, first, end, sessionStarts[part] as number, sessions, count);
  }
  if (outcome === null) failuresAt(state, sessions, y);
  else valuesAt(outcome, sessions, y);
}

function failuresAt(state: Uint8Array, sessions: Uint32Array, out: Float64Array): void {
  for (let at = 0; at < sessions.length; at++) out[at] = state[sessions[at] as number] === FAILING ? 1 : 0;
}

function valuesAt(values: Float64Array, sessions: Uint32Array, out: Float64Array): void {
  for (let at = 0; at < sessions.length; at++) out[at] = values[sessions[at] as number] as number;
}

/** Adds y and n to strata; the strata that were empty, in order of appearance, go to `touched`. */
function addLevels({ y }: SessionList, levels: Uint32Array, table: Float64Array, touched: Uint32Array): number {
  let count = 0;
  for (let at = 0; at < y.length; at++) {
    const place = (levels[at] as number) * WIDTH;
    if (table[place + 1] === 0) touched[count++] = levels[at] as number;
    table[place] = (table[place] as number) + (y[at] as number);
    table[place + 1] = (table[place + 1] as number) + 1;
  }
  return count;
}

/** The same of sums by combination. */
function addCombinations({ y, n }: Summed, levels: Uint32Array, table: Float64Array, touched: Uint32Array): number {
  let count = 0;
  for (let at = 0; at < y.length; at++) {
    const place = (levels[at] as number) * WIDTH;
    if (table[place + 1] === 0) touched[count++] = levels[at] as number;
    table[place] = (table[place] as number) + (y[at] as number);
    table[place + 1] = (table[place + 1] as number) + (n[at] as number);
  }
  return count;
}

/** Brings the strata of members together, and empties their table for the next. */
function sumTouched(
  touched: Uint32Array,
  count: number,
  own: Float64Array,
  all: Float64Array,
  sums: Float64Array,
  at: number,
): void {
  for (let i = 0; i < count; i++) {
    const level = (touched[i] as number) * WIDTH;
    const y1 = own[level] as number;
    const n1 = own[level + 1] as number;
    insertStratum(sums, y1, n1, (all[level] as number) - y1, (all[level + 1] as number) - n1, at);
    own[level] = 0;
    own[level + 1] = 0;
  }
}

/** Share of the variance of the outcome that lies between strata; 0 where it has none. */
function shareTaken({ y: values }: SessionList, levels: number, table: Float64Array): number {
  let [n, y, between] = [0, 0, 0];
  for (let at = 0; at < levels * WIDTH; at += WIDTH) {
    const count = table[at + 1] as number;
    if (count === 0) continue;
    const sum = table[at] as number;
    n += count;
    y += sum;
    between += (sum * sum) / count;
  }
  const yy = squaresOf(values);
  const variance = yy - (y * y) / n;
  return variance > 0 ? (between - (y * y) / n) / variance : 0;
}

function squaresOf(values: Float64Array): number {
  let sum = 0;
  for (let at = 0; at < values.length; at++) sum += (values[at] as number) * (values[at] as number);
  return sum;
}

// a loop for each class of array: one for all of them would be slow in every one

function copyCodes(codes: Codes, sessions: Uint32Array, levels: Uint32Array): void {
  if (codes instanceof Uint8Array)
    for (let at = 0; at < sessions.length; at++) levels[at] = codes[sessions[at] as number] as number;
  else if (codes instanceof Uint16Array)
    for (let at = 0; at < sessions.length; at++) levels[at] = codes[sessions[at] as number] as number;
  else for (let at = 0; at < sessions.length; at++) levels[at] = codes[sessions[at] as number] as number;
}

function addCodes(codes: Codes, width: number, sessions: Uint32Array, levels: Uint32Array): void {
  if (codes instanceof Uint8Array) {
    for (let at = 0; at < sessions.length; at++) {
      levels[at] = (levels[at] as number) * width + (codes[sessions[at] as number] as number);
    }
  } else if (codes instanceof Uint16Array) {
    for (let at = 0; at < sessions.length; at++) {
      levels[at] = (levels[at] as number) * width + (codes[sessions[at] as number] as number);
    }
  } else {
    for (let at = 0; at < sessions.length; at++) {
      levels[at] = (levels[at] as number) * width + (codes[sessions[at] as number] as number);
    }
  }
}
