import type { Evidence } from "../collect.js";
import type { Context } from "../context.js";
import type { SessionSets } from "../session-sets.js";
import { type ClusterSums, clusteredProportion } from "../statistics/clustered-proportion.js";
import type { PictureCell } from "./picture.js";

/** Values of an attribute that are drawn: those with most sessions. */
const MOST_VALUES = 8;

/** A cohort of one value. */
interface SingleCohort {
  readonly attribute: number;
  readonly code: number;
}

/** Members and others of a scenario by the values of every attribute that its cohort leaves open. */
export class Cells {
  readonly #context: Context;
  readonly #sets: SessionSets;
  readonly #singles: readonly SingleCohort[];
  /** CSR: indexes into `#singles` by cell. */
  readonly #offsets: Uint32Array;
  readonly #singlesOf: Uint32Array;
  /** By the set of what is compared, which hypotheses share. */
  readonly #totals = new Map<Uint32Array, Totals>();

  constructor(context: Context, sets: SessionSets) {
    this.#context = context;
    this.#sets = sets;
    const { cohorts, cells, cohortOffsets, cohortsOfCell } = context.cohorts;
    const singleAt = new Int32Array(cohorts.length).fill(-1);
    const singles: SingleCohort[] = [];
    for (const [cohort, { values }] of cohorts.entries()) {
      const [value, ...more] = values;
      if (value === undefined || more.length > 0) continue;
      singleAt[cohort] = singles.push(value) - 1;
    }
    this.#singles = singles;
    this.#offsets = new Uint32Array(cells + 1);
    const found = new Uint32Array(cohortsOfCell.length);
    this.#singlesOf = found.subarray(0, listSingles(cohortOffsets, cohortsOfCell, singleAt, this.#offsets, found));
  }

  /** The cells of an opportunity. O(sessions × attributes). */
  of(cohort: number, { members, compared, failing }: Evidence): PictureCell[] {
    const { cohorts, table } = this.#context;
    const told = new Set((cohorts.cohorts[cohort]?.values ?? []).map(({ attribute }) => attribute));
    const all = this.#totals.get(compared) ?? this.#totalsOf(compared, failing);
    this.#totals.set(compared, all);
    const inside = this.#sumsOf(members, failing);
    const cells = this.#singles.flatMap(({ attribute, code }, at): (PictureCell & { attributeAt: number })[] => {
      const whole = { n: all.sessions[at] as number, y: all.failing[at] as number };
      const own = inside[at] as ClusterSums;
      const { name = "", dictionary = [] } = table.attributes[attribute] ?? {};
      if (told.has(attribute) || whole.n === 0) return [];
      return [
        {
          attributeAt: attribute,
          attribute: name,
          value: dictionary[code - 1] ?? "",
          members: own.n,
          membersFailing: own.y,
          others: whole.n - own.n,
          othersFailing: whole.y - own.y,
          interval: clusteredProportion(own),
        },
      ];
    });
    const byAttribute = new Map<number, PictureCell[]>();
    for (const { attributeAt, ...cell } of cells) {
      byAttribute.set(attributeAt, [...(byAttribute.get(attributeAt) ?? []), cell]);
    }
    const sizeOf = (cell: PictureCell): number => cell.members + cell.others;
    return [...byAttribute.values()].flatMap((values) =>
      values.sort((a, b) => sizeOf(b) - sizeOf(a)).slice(0, MOST_VALUES),
    );
  }

  #totalsOf(compared: Uint32Array, failing: Uint32Array): Totals {
    const { cellOf, cells } = this.#context.cohorts;
    const { sessionStarts, wordOffsets } = this.#sets;
    const [cellSessions, cellFailing] = [new Float64Array(cells), new Float64Array(cells)];
    for (let part = 0; part + 1 < wordOffsets.length; part++) {
      const [from, to] = [wordOffsets[part] as number, wordOffsets[part + 1] as number];
      countByCell(compared, failing, from, to, sessionStarts[part] as number, cellOf, cellSessions, cellFailing);
    }
    const total = { sessions: new Float64Array(this.#singles.length), failing: new Float64Array(this.#singles.length) };
    addCells(this.#offsets, this.#singlesOf, cellSessions, total.sessions);
    addCells(this.#offsets, this.#singlesOf, cellFailing, total.failing);
    return total;
  }

  /** Sums over users, by single cohort. */
  #sumsOf(members: Uint32Array, failing: Uint32Array): ClusterSums[] {
    const { table, cohorts } = this.#context;
    const { sessionStarts, wordOffsets } = this.#sets;
    const singles = this.#singles.length;
    const work: UserWork = {
      userOffsets: table.userOffsets,
      cellOf: cohorts.cellOf,
      offsets: this.#offsets,
      singlesOf: this.#singlesOf,
      y: new Float64Array(singles),
      n: new Float64Array(singles),
      touched: new Uint32Array(singles),
      sums: new Float64Array(singles * SUMS),
    };
    let user = 0;
    for (let part = 0; part + 1 < wordOffsets.length; part++) {
      const [from, to] = [wordOffsets[part] as number, wordOffsets[part + 1] as number];
      user = sumUsers(members, failing, from, to, sessionStarts[part] as number, user, work);
    }
    return this.#singles.map((_, single) => {
      const [clusters = 0, y = 0, n = 0, yy = 0, yn = 0, nn = 0] = work.sums.subarray(single * SUMS);
      return { clusters, y, n, yy, yn, nn };
    });
  }
}

/** Sessions and failing ones, by single cohort. */
interface Totals {
  readonly sessions: Float64Array;
  readonly failing: Float64Array;
}

/** The single cohorts among the cohorts of each cell, and where those of each begin. Returns how many there are. */
function listSingles(
  cohortOffsets: Uint32Array,
  cohortsOfCell: Uint32Array,
  singleAt: Int32Array,
  offsets: Uint32Array,
  singles: Uint32Array,
): number {
  let count = 0;
  for (let cell = 0; cell + 1 < cohortOffsets.length; cell++) {
    const end = cohortOffsets[cell + 1] as number;
    for (let at = cohortOffsets[cell] as number; at < end; at++) {
      const single = singleAt[cohortsOfCell[at] as number] as number;
      if (single >= 0) singles[count++] = single;
    }
    offsets[cell + 1] = count;
  }
  return count;
}

/** Adds up the numbers of cells by single cohort. */
function addCells(offsets: Uint32Array, singlesOf: Uint32Array, ofCell: Float64Array, ofSingle: Float64Array): void {
  for (let cell = 0; cell < ofCell.length; cell++) {
    const own = ofCell[cell] as number;
    if (own === 0) continue;
    const end = offsets[cell + 1] as number;
    for (let at = offsets[cell] as number; at < end; at++) {
      const single = singlesOf[at] as number;
      ofSingle[single] = (ofSingle[single] as number) + own;
    }
  }
}

/** Counts the sessions of a set in a partition, and failing ones, by cell. */
function countByCell(
  set: Uint32Array,
  failing: Uint32Array,
  from: number,
  to: number,
  start: number,
  cellOf: Uint32Array,
  sessions: Float64Array,
  fails: Float64Array,
): void {
  for (let word = from; word < to; word++) {
    const failingOnes = failing[word] as number;
    for (let rest = set[word] as number; rest !== 0; rest &= rest - 1) {
      const bit = 31 - Math.clz32(rest & -rest);
      const cell = cellOf[start + ((word - from) << 5) + bit] as number;
      sessions[cell] = (sessions[cell] as number) + 1;
      fails[cell] = (fails[cell] as number) + ((failingOnes >>> bit) & 1);
    }
  }
}

/** Numbers of a `ClusterSums`. */
const SUMS = 6;

/** Where users and cells are, what the user at hand has in each single cohort, which of them it has, and the sums over users before. */
interface UserWork {
  readonly userOffsets: Uint32Array;
  readonly cellOf: Uint32Array;
  readonly offsets: Uint32Array;
  readonly singlesOf: Uint32Array;
  readonly y: Float64Array;
  readonly n: Float64Array;
  readonly touched: Uint32Array;
  readonly sums: Float64Array;
}

/**
 * Adds the users with members in a partition to the sums. Most users have all of theirs in one cell, whose cohorts then have the same sums.
 * @param user - at or before the first with members
 * @returns the last user with members
 */
function sumUsers(
  members: Uint32Array,
  failing: Uint32Array,
  from: number,
  to: number,
  start: number,
  user: number,
  work: UserWork,
): number {
  const { userOffsets, cellOf, offsets, singlesOf, sums } = work;
  let [own, userEnd, cell, isMixed] = [user, 0, 0, false];
  let [n, y] = [0, 0];
  for (let word = from; word <= to; word++) {
    const failingOnes = word < to ? (failing[word] as number) : 0;
    // past the last word a session of no user closes the last one
    for (let rest = word < to ? (members[word] as number) : 1; rest !== 0; rest &= rest - 1) {
      const bit = 31 - Math.clz32(rest & -rest);
      const session = word < to ? start + ((word - from) << 5) + bit : -1;
      if (session >= userEnd || session < 0) {
        if (isMixed) addMixed(members, failing, from, start, own, work);
        else if (n > 0) addToCell(offsets, singlesOf, cell, y, n, sums);
        if (session < 0) break;
        while ((userOffsets[own + 1] as number) <= session) own++;
        userEnd = userOffsets[own + 1] as number;
        cell = cellOf[session] as number;
        isMixed = false;
        n = 0;
        y = 0;
      }
      if (cellOf[session] !== cell) isMixed = true;
      n++;
      y += (failingOnes >>> bit) & 1;
    }
  }
  return own;
}

/** Adds a user whose members are all in one cell. */
function addToCell(
  offsets: Uint32Array,
  singlesOf: Uint32Array,
  cell: number,
  y: number,
  n: number,
  sums: Float64Array,
): void {
  const end = offsets[cell + 1] as number;
  for (let at = offsets[cell] as number; at < end; at++) addSums(sums, (singlesOf[at] as number) * SUMS, y, n);
}

/** Adds a user whose members are in several cells. */
function addMixed(
  members: Uint32Array,
  failing: Uint32Array,
  base: number,
  start: number,
  user: number,
  { userOffsets, cellOf, offsets, singlesOf, y, n, touched, sums }: UserWork,
): void {
  let count = 0;
  const end = userOffsets[user + 1] as number;
  for (let session = userOffsets[user] as number; session < end; session++) {
    const place = session - start;
    const [word, bit] = [base + (place >>> 5), place & 31];
    if ((((members[word] as number) >>> bit) & 1) === 0) continue;
    const fails = ((failing[word] as number) >>> bit) & 1;
    const cell = cellOf[session] as number;
    const last = offsets[cell + 1] as number;
    for (let at = offsets[cell] as number; at < last; at++) {
      const single = singlesOf[at] as number;
      if (n[single] === 0) touched[count++] = single;
      n[single] = (n[single] as number) + 1;
      y[single] = (y[single] as number) + fails;
    }
  }
  for (let i = 0; i < count; i++) {
    const single = touched[i] as number;
    addSums(sums, single * SUMS, y[single] as number, n[single] as number);
    y[single] = 0;
    n[single] = 0;
  }
}

function addSums(sums: Float64Array, at: number, y: number, n: number): void {
  sums[at] = (sums[at] as number) + 1;
  sums[at + 1] = (sums[at + 1] as number) + y;
  sums[at + 2] = (sums[at + 2] as number) + n;
  sums[at + 3] = (sums[at + 3] as number) + y * y;
  sums[at + 4] = (sums[at + 4] as number) + y * n;
  sums[at + 5] = (sums[at + 5] as number) + n * n;
}
