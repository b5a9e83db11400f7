import type { SessionAttribute } from "./columns/event-table.js";

/** Sessions that share values of one or two static attributes; without values: all. */
export interface Cohort {
  readonly values: readonly { readonly attribute: number; readonly code: number }[];
  /** Users with at least one session in it. */
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

/**
 * Finds the cohorts of one and of two static attributes by their share of users (paper, 5.2: "user-cohorts based on static
 * attributes with significant number of users"). O(sessions × attributes²).
 * @param counted - Uint8Array(S): 1 for sessions that count for some KPI; the others are in no cohort's numbers
 * @param minShare - share of all users that a cohort must hold
 */
export function findCohorts(
  attributes: readonly SessionAttribute[],
  userOffsets: Uint32Array,
  counted: Uint8Array,
  minShare: number,
): Cohorts {
  const sessions = counted.length;
  const everyone = countGroups(userOffsets, counted, 1, () => 0);
  const users = everyone.users[0] as number;
  const all = everyone.sessions[0] as number;
  const enough = Math.max(1, minShare * users);
  const cohorts: Cohort[] = [{ values: [], users, sessions: all }];
  const kept: { attribute: number; codes: Set<number> }[] = [];
  for (const [attribute, { codes, dictionary }] of attributes.entries()) {
    const counts = countGroups(userOffsets, counted, dictionary.length + 1, (session) => codes[session] as number);
    const large = new Set<number>();
    for (let code = 1; code <= dictionary.length; code++) {
      const inCode = counts.users[code] as number;
      if (inCode < enough) continue;
      large.add(code);
      // a value that every session has is no cohort
      if (counts.sessions[code] === all) continue;
      cohorts.push({ values: [{ attribute, code }], users: inCode, sessions: counts.sessions[code] as number });
    }
    if (large.size > 0) kept.push({ attribute, codes: large });
  }
  const single = new Map(
    cohorts.slice(1).map((cohort) => [`${cohort.values[0]?.attribute}:${cohort.values[0]?.code}`, cohort.sessions]),
  );
  for (const [at, a] of kept.entries()) {
    for (const b of kept.slice(at + 1)) {
      const first = attributes[a.attribute] as SessionAttribute;
      const second = attributes[b.attribute] as SessionAttribute;
      const width = second.dictionary.length + 1;
      const counts = countGroups(
        userOffsets,
        counted,
        (first.dictionary.length + 1) * width,
        (session) => (first.codes[session] as number) * width + (second.codes[session] as number),
      );
      for (const codeA of a.codes) {
        for (const codeB of b.codes) {
          const group = codeA * width + codeB;
          const inGroup = counts.users[group] as number;
          if (inGroup < enough) continue;
          const size = counts.sessions[group] as number;
          // where one value implies the other, the pair is the single one by another name
          const same =
            size === (single.get(`${a.attribute}:${codeA}`) ?? all) ||
            size === (single.get(`${b.attribute}:${codeB}`) ?? all);
          if (same) continue;
          const values = [
            { attribute: a.attribute, code: codeA },
            { attribute: b.attribute, code: codeB },
          ];
          cohorts.push({ values, users: inGroup, sessions: size });
        }
      }
    }
  }
  return { cohorts, ...findCells(attributes, kept, cohorts, sessions) };
}

function countGroups(
  userOffsets: Uint32Array,
  counted: Uint8Array,
  groups: number,
  groupOf: (session: number) => number,
): { readonly users: Uint32Array; readonly sessions: Uint32Array } {
  const users = new Uint32Array(groups);
  const sessions = new Uint32Array(groups);
  // one more than the last user that was counted
  const last = new Uint32Array(groups);
  for (let user = 0; user + 1 < userOffsets.length; user++) {
    const end = userOffsets[user + 1] as number;
    for (let session = userOffsets[user] as number; session < end; session++) {
      if (counted[session] === 0) continue;
      const group = groupOf(session);
      sessions[group] = (sessions[group] as number) + 1;
      if (last[group] === user + 1) continue;
      last[group] = user + 1;
      users[group] = (users[group] as number) + 1;
    }
  }
  return { users, sessions };
}

function findCells(
  attributes: readonly SessionAttribute[],
  kept: readonly { readonly attribute: number; readonly codes: ReadonlySet<number> }[],
  cohorts: readonly Cohort[],
  sessions: number,
): Omit<Cohorts, "cohorts"> {
  const cellOf = new Uint32Array(new SharedArrayBuffer(sessions * 4));
  // cells are refined attribute by attribute; each knows its values
  let cells: { readonly codes: ReadonlyMap<number, number> }[] = [{ codes: new Map() }];
  for (const { attribute, codes: large } of kept) {
    const { codes, dictionary } = attributes[attribute] as SessionAttribute;
    const width = dictionary.length + 1;
    const cellAt = new Map<number, number>();
    const refined: { readonly codes: ReadonlyMap<number, number> }[] = [];
    for (let session = 0; session < sessions; session++) {
      const code = codes[session] as number;
      const value = large.has(code) ? code : 0;
      const key = (cellOf[session] as number) * width + value;
      let cell = cellAt.get(key);
      if (cell === undefined) {
        cell = refined.length;
        cellAt.set(key, cell);
        const known = cells[cellOf[session] as number]?.codes ?? new Map<number, number>();
        refined.push({ codes: new Map([...known, [attribute, value]]) });
      }
      cellOf[session] = cell;
    }
    if (sessions > 0) cells = refined;
  }
  const cohortOffsets = new Uint32Array(new SharedArrayBuffer((cells.length + 1) * 4));
  const belongs: number[] = [];
  for (const [cell, { codes }] of cells.entries()) {
    for (const [cohort, { values }] of cohorts.entries()) {
      if (values.every(({ attribute, code }) => codes.get(attribute) === code)) belongs.push(cohort);
    }
    cohortOffsets[cell + 1] = belongs.length;
  }
  const cohortsOfCell = new Uint32Array(new SharedArrayBuffer(Math.max(4, belongs.length * 4)));
  cohortsOfCell.set(belongs);
  return { cellOf, cells: cells.length, cohortOffsets, cohortsOfCell };
}
