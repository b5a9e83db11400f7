import type { Cohorts } from "../engine/cohorts.js";
import { PartitionError } from "../engine/passes/partition-error.js";
import { FAILING } from "../engine/passes/segment.js";
import { listNonZero } from "../kernels/list-non-zero.js";
import { numberUsers } from "../kernels/number-users.js";

/** Conditions to be counted on users with sessions of both kinds. */
export interface ScreenInput {
  /** Uint32Array(U + 1), CSR: user u is sessions [userOffsets[u], userOffsets[u + 1]) */
  readonly userOffsets: Uint32Array;
  /** Uint32Array(P + 1), users */
  readonly partitions: Uint32Array;
  readonly cohorts: Pick<Cohorts, "cells" | "cellOf" | "cohortOffsets" | "cohortsOfCell">;
  /** How many cohorts there are. */
  readonly width: number;
  /** At most 32 questions each, numbered one after the other. */
  readonly groups: readonly ScreenGroup[];
  /** Int32Array(1) on shared memory: the next turn. */
  readonly next: Int32Array;
}

/** Conditions that are compared in the same sessions, on one KPI. */
export interface ScreenGroup {
  /** Uint8Array(S): what each session is to the KPI */
  readonly state: Uint8Array;
  /** Uint8Array(S): 0 for sessions that are not compared; null: all that count are */
  readonly population: Uint8Array | null;
  /** Of each Uint8Array(S): bit `bit` is 1 for members */
  readonly conditions: readonly { readonly members: Uint8Array; readonly bit: number }[];
}

/** Partitions of one turn: what goes from partition to partition is not worth compiling, and is as soon as it is called often. */
const PARTITIONS_AT_ONCE = 8;

/** Numbers of a question in a cohort: other sessions that are normal, members that are, and the failing ones of both. */
export const SCREEN_WIDTH = 4;

/**
 * Uint32Array(cohorts × questions × SCREEN_WIDTH): the sessions of users who have members and others. They add over threads, and what they lack
 * of all sessions is of users with one kind alone, who are many more.
 */
export type ScreenOutput = Uint32Array;

/**
 * Counts the members of conditions and the others, by cohort, of users who have both. What a user's sessions have in common, and what some of
 * them have, tells of all conditions of a group at once. O(questions × sessions that count of users with several + questions × cells of all cohorts).
 */
export function countBothKinds(input: ScreenInput): ScreenOutput {
  const { partitions, cohorts, width, groups, next } = input;
  const numbers = groups.reduce((sum, { conditions }) => sum + conditions.length, 0) * SCREEN_WIDTH;
  const counts = new Uint32Array(cohorts.cells * numbers);
  const scratch = new Scratch(input);
  for (;;) {
    const turn = Atomics.add(next, 0, 1);
    const [from, to] = usersOf(partitions, turn);
    if (from === to) break;
    try {
      countUsers(input, from, to, scratch, counts, numbers);
    } catch (error) {
      throw new PartitionError(turn, Math.ceil((partitions.length - 1) / PARTITIONS_AT_ONCE), error);
    }
  }
  const out = new Uint32Array(width * numbers);
  foldCells(counts, cohorts, numbers, out);
  return out;
}

/** The users of a turn; none once all are drawn. */
function usersOf(partitions: Uint32Array, turn: number): readonly [number, number] {
  const last = partitions.length - 1;
  const at = (part: number): number => partitions[Math.min(part, last)] as number;
  return [at(turn * PARTITIONS_AT_ONCE), at((turn + 1) * PARTITIONS_AT_ONCE)];
}

/** Arrays of a thread that hold one turn after the other, as wide as the largest. */
class Scratch {
  /** Uint32Array(sessions): users numbered from 0 */
  readonly userOf: Uint32Array;
  /** Uint32Array(sessions): those that are compared, counted from the first of the turn */
  readonly listed: Uint32Array;
  /** Uint32Array(sessions): bit i is 1 where a listed session is a member of condition i of the group */
  readonly held: Uint32Array;

  constructor({ userOffsets, partitions }: Pick<ScreenInput, "userOffsets" | "partitions">) {
    let most = 0;
    for (let turn = 0; turn * PARTITIONS_AT_ONCE + 1 < partitions.length; turn++) {
      const [start, end] = usersOf(partitions, turn);
      most = Math.max(most, (userOffsets[end] as number) - (userOffsets[start] as number));
    }
    this.userOf = new Uint32Array(most);
    this.listed = new Uint32Array(most);
    this.held = new Uint32Array(most);
  }
}

function countUsers(
  { userOffsets, cohorts, groups }: ScreenInput,
  from: number,
  to: number,
  { userOf, listed, held }: Scratch,
  counts: Uint32Array,
  numbers: number,
): void {
  const [start, end] = [userOffsets[from] as number, userOffsets[to] as number];
  const cellOf = cohorts.cellOf.subarray(start, end);
  numberUsers(userOffsets, from, to, userOf);
  let question = 0;
  for (const { state: all, population, conditions } of groups) {
    const state = all.subarray(start, end);
    let count = listNonZero(state, listed);
    if (population !== null) count = keepWithin(population.subarray(start, end), listed, count);
    count = keepSeveral(userOf, listed, count);
    held.fill(0, 0, count);
    for (const [at, { members, bit }] of conditions.entries()) {
      addHeld(members.subarray(start, end), bit, at, listed, count, held);
    }
    countMixed(listed, count, held, userOf, state, cellOf, numbers, question * SCREEN_WIDTH, counts);
    question += conditions.length;
  }
}

// Loops are functions of their own: V8 optimises those well, and a function of many again and again.

function keepWithin(population: Uint8Array, listed: Uint32Array, listedCount: number): number {
  let count = 0;
  for (let at = 0; at < listedCount; at++) {
    const session = listed[at] as number;
    listed[count] = session;
    count += population[session] === 0 ? 0 : 1;
  }
  return count;
}

/** Keeps the sessions of users of whom several are listed. */
function keepSeveral(userOf: Uint32Array, listed: Uint32Array, listedCount: number): number {
  let count = 0;
  let before = -1;
  let user = listedCount === 0 ? -1 : (userOf[listed[0] as number] as number);
  for (let at = 0; at < listedCount; at++) {
    const session = listed[at] as number;
    const after = at + 1 < listedCount ? (userOf[listed[at + 1] as number] as number) : -1;
    listed[count] = session;
    count += user === before || user === after ? 1 : 0;
    before = user;
    user = after;
  }
  return count;
}

function addHeld(
  members: Uint8Array,
  bit: number,
  condition: number,
  listed: Uint32Array,
  count: number,
  held: Uint32Array,
): void {
  for (let at = 0; at < count; at++) {
    const holds = ((members[listed[at] as number] as number) >>> bit) & 1;
    held[at] = (held[at] as number) | (holds << condition);
  }
}

/** Counts the sessions of each user for the conditions that hold in some of them and not in all. */
function countMixed(
  listed: Uint32Array,
  count: number,
  held: Uint32Array,
  userOf: Uint32Array,
  state: Uint8Array,
  cellOf: Uint32Array,
  numbers: number,
  first: number,
  counts: Uint32Array,
): void {
  for (let at = 0; at < count; ) {
    const user = userOf[listed[at] as number] as number;
    let some = held[at] as number;
    let all = some;
    let end = at + 1;
    for (; end < count && userOf[listed[end] as number] === user; end++) {
      some |= held[end] as number;
      all &= held[end] as number;
    }
    const mixed = some & ~all;
    for (; at < end; at++) {
      const session = listed[at] as number;
      const own = held[at] as number;
      const place = (cellOf[session] as number) * numbers + first + (state[session] === FAILING ? 2 : 0);
      for (let rest = mixed; rest !== 0; rest &= rest - 1) {
        const condition = 31 - Math.clz32(rest & -rest);
        const to = place + condition * SCREEN_WIDTH + ((own >>> condition) & 1);
        counts[to] = (counts[to] as number) + 1;
      }
    }
  }
}

/** Adds the numbers of each cell to its cohorts. */
function foldCells(
  counts: Uint32Array,
  { cells, cohortOffsets, cohortsOfCell }: ScreenInput["cohorts"],
  numbers: number,
  out: Uint32Array,
): void {
  for (let cell = 0; cell < cells; cell++) {
    const end = cohortOffsets[cell + 1] as number;
    for (let at = cohortOffsets[cell] as number; at < end; at++) {
      addRow(counts, cell * numbers, numbers, out, (cohortsOfCell[at] as number) * numbers);
    }
  }
}

function addRow(from: Uint32Array, first: number, numbers: number, to: Uint32Array, toFirst: number): void {
  for (let at = 0; at < numbers; at++) {
    to[toFirst + at] = (to[toFirst + at] as number) + (from[first + at] as number);
  }
}
