import type { SessionAttribute } from "./columns/event-table.js";
import { sharedUint32 } from "./columns/shared.js";
import type { SessionTable } from "./event-store.js";
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

/** A table of this many cells is looked up instead of hashed. */
const MOST_TABLED_CELLS = 1 << 24;

/** The values of an attribute that are cohorts. */
interface KeptAttribute {
  readonly attribute: number;
  readonly codes: ReadonlySet<number>;
}

/**
 * Finds the cohorts of one and of two static attributes by their share of users (paper, 5.2: "user-cohorts based on static
 * attributes with significant number of users"). O(sessions × attributes²).
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
  const sizes = (groupings: readonly Grouping[]): Promise<readonly GroupSizes[]> =>
    sizesOf(table, counted, groupings, pool);
  const everyone: Grouping = { first: counted, second: null, width: 0, groups: 1 };
  const [whole, ...singles] = await sizes([
    everyone,
    ...attributes.map(
      ({ codes, dictionary }): Grouping => ({ first: codes, second: null, width: 1, groups: dictionary.length + 1 }),
    ),
  ]);
  const users = whole?.users[0] ?? 0;
  const all = whole?.sessions[0] ?? 0;
  const enough = Math.max(1, minShare * users);
  const cohorts: Cohort[] = [{ values: [], users, sessions: all }];
  const kept: KeptAttribute[] = [];
  for (const [attribute, size] of singles.entries()) {
    const large = new Set<number>();
    for (let code = 1; code < size.users.length; code++) {
      const inCode = size.users[code] as number;
      if (inCode < enough) continue;
      large.add(code);
      // a value that every session has is no cohort
      if (size.sessions[code] === all) continue;
      cohorts.push({ values: [{ attribute, code }], users: inCode, sessions: size.sessions[code] as number });
    }
    if (large.size > 0) kept.push({ attribute, codes: large });
  }
  const pairs = kept.flatMap((a, at) => kept.slice(at + 1).map((b) => [a, b] as const));
  const pairSizes = await sizes(
    pairs.map(([a, b]): Grouping => {
      const [first, second] = [attributes[a.attribute], attributes[b.attribute]] as [
        SessionAttribute,
        SessionAttribute,
      ];
      const width = second.dictionary.length + 1;
      return { first: first.codes, second: second.codes, width, groups: (first.dictionary.length + 1) * width };
    }),
  );
  for (const [at, [a, b]] of pairs.entries()) {
    const width = (attributes[b.attribute]?.dictionary.length ?? 0) + 1;
    const size = pairSizes[at] as GroupSizes;
    for (const codeA of a.codes) {
      for (const codeB of b.codes) {
        const inGroup = size.users[codeA * width + codeB] as number;
        if (inGroup < enough) continue;
        const sessions = size.sessions[codeA * width + codeB] as number;
        // where one value implies the other, the pair is the single one by another name
        if (sessions === singles[a.attribute]?.sessions[codeA] || sessions === singles[b.attribute]?.sessions[codeB]) {
          continue;
        }
        const values = [
          { attribute: a.attribute, code: codeA },
          { attribute: b.attribute, code: codeB },
        ];
        cohorts.push({ values, users: inGroup, sessions });
      }
    }
  }
  return { cohorts, ...findCells(attributes, kept, cohorts, table.sessions) };
}

/** The sizes of each group, the users shared out among the threads. */
async function sizesOf(
  { userOffsets, users }: Pick<SessionTable, "users" | "userOffsets">,
  counted: Uint8Array,
  groupings: readonly Grouping[],
  pool: WorkerPool,
): Promise<readonly GroupSizes[]> {
  const share = Math.ceil(users / pool.threads);
  const inputs = Array.from({ length: pool.threads }, (_, thread) => ({
    userOffsets,
    userStart: Math.min(users, thread * share),
    userEnd: Math.min(users, (thread + 1) * share),
    counted,
    groupings,
  }));
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

/** Refines cells attribute by attribute; a cell knows the values that it has. Cells are numbered as they appear. */
function findCells(
  attributes: readonly SessionAttribute[],
  kept: readonly KeptAttribute[],
  cohorts: readonly Cohort[],
  sessions: number,
): Omit<Cohorts, "cohorts"> {
  const cellOf = sharedUint32(sessions);
  // by cell, the value of each attribute
  let cells: Uint32Array[] = [new Uint32Array(attributes.length)];
  /** What `cellOf` holds: a cell, and then a value of each of these. */
  let open: { readonly attribute: number; readonly width: number }[] = [];
  let keys = 1;
  const number = (found: readonly number[]): void => {
    if (sessions > 0) cells = found.map((key) => valuesOfKey(key, open, cells));
    open = [];
    keys = cells.length;
  };
  for (const { attribute, codes: large } of kept) {
    const { codes, dictionary } = attributes[attribute] as SessionAttribute;
    const width = dictionary.length + 1;
    const keptValue = Uint32Array.from({ length: width }, (_, code) => (large.has(code) ? code : 0));
    if (keys * width > MOST_TABLED_CELLS && open.length > 0) number(numberKeys(cellOf, keys));
    open.push({ attribute, width });
    if (keys * width > MOST_TABLED_CELLS) {
      number(hashKeys(cellOf, codes, keptValue, width));
      continue;
    }
    addValues(cellOf, codes, keptValue, width);
    keys *= width;
  }
  if (open.length > 0) number(numberKeys(cellOf, keys));
  const cohortOffsets = sharedUint32(cells.length + 1);
  const belongs: number[] = [];
  for (const [cell, own] of cells.entries()) {
    listCohorts(own, cohorts, belongs);
    cohortOffsets[cell + 1] = belongs.length;
  }
  const cohortsOfCell = sharedUint32(belongs.length);
  cohortsOfCell.set(belongs);
  return { cellOf, cells: cells.length, cohortOffsets, cohortsOfCell };
}

/** The values of a cell that is known by an older cell and the values of some attributes. */
function valuesOfKey(
  key: number,
  open: readonly { readonly attribute: number; readonly width: number }[],
  cells: readonly Uint32Array[],
): Uint32Array {
  const own: { readonly attribute: number; readonly value: number }[] = [];
  let rest = key;
  for (const { attribute, width } of [...open].reverse()) {
    own.push({ attribute, value: rest % width });
    rest = Math.floor(rest / width);
  }
  const values = Uint32Array.from(cells[rest] ?? []);
  for (const { attribute, value } of own) values[attribute] = value;
  return values;
}

/** Adds the cohorts that a cell belongs to: no cohort is of the value 0, which stands for all that are none. */
function listCohorts(own: Uint32Array, cohorts: readonly Cohort[], belongs: number[]): void {
  for (let cohort = 0; cohort < cohorts.length; cohort++) {
    const { values } = cohorts[cohort] as Cohort;
    let at = 0;
    while (at < values.length && own[values[at]?.attribute ?? 0] === values[at]?.code) at++;
    if (at === values.length) belongs.push(cohort);
  }
}

/** Makes each session's key `key × width + value`. One loop a function: see `orderKeys`. */
function addValues(keyOf: Uint32Array, codes: SessionAttribute["codes"], keptValue: Uint32Array, width: number): void {
  for (let session = 0; session < keyOf.length; session++) {
    keyOf[session] = (keyOf[session] as number) * width + (keptValue[codes[session] as number] as number);
  }
}

/** Numbers keys as they appear, in place. Returns each number's key. */
function numberKeys(keyOf: Uint32Array, keys: number): number[] {
  const found: number[] = [];
  // one more than the number of each key
  const numberAt = new Uint32Array(keys);
  for (let session = 0; session < keyOf.length; session++) {
    const key = keyOf[session] as number;
    if (numberAt[key] === 0) numberAt[key] = found.push(key);
    keyOf[session] = (numberAt[key] as number) - 1;
  }
  return found;
}

/** Splits cells by a value, where a table of all keys would be too long. Returns each new cell's `old cell × width + value`. */
function hashKeys(
  cellOf: Uint32Array,
  codes: SessionAttribute["codes"],
  keptValue: Uint32Array,
  width: number,
): number[] {
  const found: number[] = [];
  const cellAt = new Map<number, number>();
  for (let session = 0; session < cellOf.length; session++) {
    const key = (cellOf[session] as number) * width + (keptValue[codes[session] as number] as number);
    let cell = cellAt.get(key);
    if (cell === undefined) {
      cell = found.push(key) - 1;
      cellAt.set(key, cell);
    }
    cellOf[session] = cell;
  }
  return found;
}
