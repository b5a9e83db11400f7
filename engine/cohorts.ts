import type { SessionAttribute } from "./columns/event-table.js";
import { sharedUint32 } from "./columns/shared.js";
import type { SessionTable } from "./event-store.js";
import { type CellAttribute, type CellCounts, MOST_TABLED_KEYS, type PairedAttributes } from "./passes/cells.js";
import type { Grouping, GroupSizes } from "./passes/group-users.js";
import type { WorkerPool } from "./pool.js";

/** Sessions that share values of one or two static attributes; without values: all. */
export interface Cohort {
  readonly values: readonly { readonly attribute: number; readonly code: number }[];
  /** Users with at least one session in it that counts. */
  readonly users: number;
  readonly sessions: number;
}

/** The cohorts that are big enough to matter, and the cell of every session. */
export interface Cohorts {
  /** The first is all sessions. */
  readonly cohorts: readonly Cohort[];
  /** Sessions with the same values of all attributes, as far as cohorts tell them apart, are a cell: Uint32Array(S) */
  readonly cellOf: Uint32Array;
  readonly cells: number;
  /** Uint32Array(cells + 1), CSR offsets into `cohortsOfCell` */
  readonly cohortOffsets: Uint32Array;
  readonly cohortsOfCell: Uint32Array;
}

/** The values of an attribute that are cohorts. */
interface KeptAttribute extends CellAttribute {
  readonly attribute: number;
  /** Codes of its values by their numbers, from 1. */
  readonly codeOf: readonly number[];
}

/** A range of users, and of their sessions: what one thread looks at. */
interface UserRange {
  readonly userStart: number;
  readonly userEnd: number;
  readonly start: number;
  readonly end: number;
}

/**
 * Finds the cohorts of one and of two static attributes by their share of users (paper, 5.2: "user-cohorts based on static
 * attributes with significant number of users"). O(sessions × attributes + cells of users × attributes²).
 * @param counted - Uint8Array(S) on shared memory: 1 for sessions that count for some KPI; the others are in no cohort's numbers
 * @param minShare - share of all users that a cohort must hold
 */
export async function findCohorts(
  table: Pick<SessionTable, "attributes" | "sessions" | "users" | "userOffsets">,
  counted: Uint8Array,
  minShare: number,
  pool: WorkerPool,
): Promise<Cohorts> {
  const { attributes } = table;
  const ranges = userRanges(table, pool.threads);
  const everyone: Grouping = { codes: counted, groups: 2 };
  const groupings = [
    everyone,
    ...attributes.map(({ codes, dictionary }) => ({ codes, groups: dictionary.length + 1 })),
  ];
  const [whole, ...singles] = await sizesOf(table, counted, groupings, ranges, pool);
  const users = whole?.users[1] ?? 0;
  const all = whole?.sessions[1] ?? 0;
  const enough = Math.max(1, minShare * users);
  const cohorts: Cohort[] = [{ values: [], users, sessions: all }];
  const kept: KeptAttribute[] = [];
  // the cohort of each value of a kept attribute; 0: none
  const cohortOfValue: Uint32Array[] = [];
  for (const [attribute, size] of singles.entries()) {
    const { codes } = attributes[attribute] as SessionAttribute;
    const keptOf = sharedUint32(size.users.length);
    const codeOf = [0];
    const cohortOf = new Uint32Array(size.users.length);
    for (let code = 1; code < size.users.length; code++) {
      const inCode = size.users[code] as number;
      if (inCode < enough) continue;
      keptOf[code] = codeOf.push(code) - 1;
      // a value that every session has is no cohort
      if (size.sessions[code] === all) continue;
      const cohort = { values: [{ attribute, code }], users: inCode, sessions: size.sessions[code] as number };
      cohortOf[keptOf[code] as number] = cohorts.push(cohort) - 1;
    }
    if (codeOf.length === 1) continue;
    kept.push({ attribute, codes, keptOf, width: codeOf.length, codeOf });
    cohortOfValue.push(cohortOf);
  }
  const { cellOf, found, cells, values } = await findCells(kept, ranges, table.sessions, pool);
  const { pairs, groups } = pairsOf(kept);
  const shared = { userOffsets: table.userOffsets, counted, cellOf, cells, values, pairs, groups };
  const counts = await pool.runAll(
    "countCells",
    ranges.map((range, index) => ({ ...shared, ...range, found: found[index] ?? null })),
    (index) => `users from ${ranges[index]?.userStart ?? 0}`,
  );
  const sizes = pairSizes(counts, cells, values, pairs, groups);
  const cohortOfGroup = new Uint32Array(groups);
  for (const { first, second, width, offset } of pairs) {
    const [a, b] = [kept[first], kept[second]] as [KeptAttribute, KeptAttribute];
    for (let valueA = 1; valueA < a.width; valueA++) {
      for (let valueB = 1; valueB < b.width; valueB++) {
        const group = offset + valueA * width + valueB;
        const inGroup = sizes.users[group] as number;
        if (inGroup < enough) continue;
        const sessions = sizes.sessions[group] as number;
        const [codeA, codeB] = [a.codeOf[valueA] as number, b.codeOf[valueB] as number];
        // where one value implies the other, the pair is the single one by another name
        if (sessions === singles[a.attribute]?.sessions[codeA] || sessions === singles[b.attribute]?.sessions[codeB]) {
          continue;
        }
        const own = [
          { attribute: a.attribute, code: codeA },
          { attribute: b.attribute, code: codeB },
        ];
        cohortOfGroup[group] = cohorts.push({ values: own, users: inGroup, sessions }) - 1;
      }
    }
  }
  return { cohorts, cellOf, cells, ...cohortsOfCells(cells, values, cohortOfValue, pairs, cohortOfGroup) };
}

/** The users, shared out among the threads. */
function userRanges(
  { users, userOffsets }: Pick<SessionTable, "users" | "userOffsets">,
  threads: number,
): readonly UserRange[] {
  const share = Math.ceil(users / threads);
  return Array.from({ length: threads }, (_, thread) => {
    const [userStart, userEnd] = [Math.min(users, thread * share), Math.min(users, (thread + 1) * share)];
    return { userStart, userEnd, start: userOffsets[userStart] ?? 0, end: userOffsets[userEnd] ?? 0 };
  });
}

/** The sizes of each group. */
async function sizesOf(
  { userOffsets }: Pick<SessionTable, "userOffsets">,
  counted: Uint8Array,
  groupings: readonly Grouping[],
  ranges: readonly UserRange[],
  pool: WorkerPool,
): Promise<readonly GroupSizes[]> {
  const inputs = ranges.map(({ userStart, userEnd }) => ({ userOffsets, userStart, userEnd, counted, groupings }));
  const parts = await pool.runAll("groupUsers", inputs, (index) => `users from ${inputs[index]?.userStart ?? 0}`);
  return groupings.map((_, index) => parts.map((part) => part[index] as GroupSizes).reduce(addSizes));
}

function addSizes(sum: GroupSizes, part: GroupSizes): GroupSizes {
  for (let group = 0; group < sum.users.length; group++) {
    sum.users[group] = (sum.users[group] as number) + (part.users[group] as number);
    sum.sessions[group] = (sum.sessions[group] as number) + (part.sessions[group] as number);
  }
  return sum;
}

/** Cells as they are found: numbered as they appear. */
interface FoundCells {
  /** Uint32Array(S): each range's own numbers */
  readonly cellOf: Uint32Array;
  /** By range, the cell of each of its numbers; without an attribute none */
  readonly found: readonly Uint32Array[];
  readonly cells: number;
  /** Uint32Array(cells × attributes) on shared memory: the values of each cell */
  readonly values: Uint32Array;
}

/** Splits the sessions into cells by the kept attributes, as many at a time as keys can be looked up. */
async function findCells(
  kept: readonly KeptAttribute[],
  ranges: readonly UserRange[],
  sessions: number,
  pool: WorkerPool,
): Promise<FoundCells> {
  const cellOf = sharedUint32(sessions);
  let found: Uint32Array[] = [];
  let cells: readonly (readonly number[])[] = [[]];
  for (let at = 0; at < kept.length; ) {
    const attributes = [kept[at++] as KeptAttribute];
    let keys = cells.length * (attributes[0]?.width ?? 1);
    for (let next = kept[at]; next !== undefined && keys * next.width <= MOST_TABLED_KEYS; next = kept[++at]) {
      attributes.push(next);
      keys *= next.width;
    }
    const plain = attributes.map(({ codes, keptOf, width }) => ({ codes, keptOf, width }));
    const own = { cellOf, cells: cells.length, attributes: plain };
    const inputs = ranges.map(({ start, end }, index) => ({ ...own, start, end, found: found[index] ?? null }));
    const parts = await pool.runAll("splitCells", inputs, (index) => `users from ${ranges[index]?.userStart ?? 0}`);
    const numberOf = new Map<number, number>();
    const before = cells;
    const split: number[][] = [];
    found = parts.map((part) =>
      Uint32Array.from(part, (key) => {
        const known = numberOf.get(key);
        if (known !== undefined) return known;
        numberOf.set(key, split.length);
        return split.push(valuesOfKey(key, plain, before)) - 1;
      }),
    );
    cells = split;
  }
  const values = sharedUint32(cells.length * kept.length);
  values.set(cells.flat());
  return { cellOf, found, cells: cells.length, values };
}

/** The values of a cell that is known by an older cell and the values of some attributes. */
function valuesOfKey(
  key: number,
  attributes: readonly CellAttribute[],
  cells: readonly (readonly number[])[],
): number[] {
  const own: number[] = [];
  let rest = key;
  for (const { width } of attributes.toReversed()) {
    own.unshift(rest % width);
    rest = Math.floor(rest / width);
  }
  return [...(cells[rest] ?? []), ...own];
}

/** Every two attributes, and how many pairs of values they have. */
function pairsOf(kept: readonly KeptAttribute[]): { readonly pairs: PairedAttributes[]; readonly groups: number } {
  const pairs: PairedAttributes[] = [];
  let groups = 0;
  for (const [first, a] of kept.entries()) {
    for (let second = first + 1; second < kept.length; second++) {
      const { width } = kept[second] as KeptAttribute;
      pairs.push({ first, second, width, offset: groups });
      groups += a.width * width;
    }
  }
  return { pairs, groups };
}

/** Users and sessions of every pair of values. */
function pairSizes(
  counts: readonly CellCounts[],
  cells: number,
  values: Uint32Array,
  pairs: readonly PairedAttributes[],
  groups: number,
): GroupSizes {
  const sizes = { users: new Uint32Array(groups), sessions: new Uint32Array(groups) };
  const attributes = values.length / cells;
  for (const { sessions, firstUsers, laterUsers } of counts) {
    for (let group = 0; group < groups; group++) {
      sizes.users[group] = (sizes.users[group] as number) + (laterUsers[group] as number);
    }
    for (const { first, second, width, offset } of pairs) {
      for (let cell = 0; cell < cells; cell++) {
        const own = cell * attributes;
        const group = offset + (values[own + first] as number) * width + (values[own + second] as number);
        sizes.users[group] = (sizes.users[group] as number) + (firstUsers[cell] as number);
        sizes.sessions[group] = (sizes.sessions[group] as number) + (sessions[cell] as number);
      }
    }
  }
  return sizes;
}

/** Lists the cohorts that each cell belongs to: no cohort is of the value 0, which stands for all that are none. */
function cohortsOfCells(
  cells: number,
  values: Uint32Array,
  cohortOfValue: readonly Uint32Array[],
  pairs: readonly PairedAttributes[],
  cohortOfGroup: Uint32Array,
): Pick<Cohorts, "cohortOffsets" | "cohortsOfCell"> {
  const cohortOffsets = sharedUint32(cells + 1);
  const belongs: number[] = [];
  const attributes = cohortOfValue.length;
  for (let cell = 0; cell < cells; cell++) {
    const own = cell * attributes;
    belongs.push(0);
    for (let at = 0; at < attributes; at++) {
      const cohort = cohortOfValue[at]?.[values[own + at] as number] as number;
      if (cohort !== 0) belongs.push(cohort);
    }
    for (const { first, second, width, offset } of pairs) {
      const cohort = cohortOfGroup[offset + (values[own + first] as number) * width + (values[own + second] as number)];
      if (cohort !== undefined && cohort !== 0) belongs.push(cohort);
    }
    cohortOffsets[cell + 1] = belongs.length;
  }
  const cohortsOfCell = sharedUint32(belongs.length);
  cohortsOfCell.set(belongs);
  return { cohortOffsets, cohortsOfCell };
}
