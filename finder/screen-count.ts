import type { Cohorts } from "../engine/cohorts.js";
import { PartitionError } from "../engine/passes/partition-error.js";
import { FAILING } from "../engine/passes/segment.js";
import { listNonZero } from "../kernels/list-non-zero.js";

/** Conditions to be counted on users with sessions of one kind alone. */
export interface ScreenInput {
  /** Uint32Array(U + 1), CSR: user u is sessions [userOffsets[u], userOffsets[u + 1]) */
  readonly userOffsets: Uint32Array;
  /** Uint32Array(P + 1), users */
  readonly partitions: Uint32Array;
  readonly cohorts: Pick<Cohorts, "cells" | "cellOf" | "cohortOffsets" | "cohortsOfCell">;
  /** How many cohorts there are. */
  readonly width: number;
  /** Uint8Array(S) of each KPI: what each session is to it */
  readonly states: readonly Uint8Array[];
  readonly questions: readonly ScreenQuestion[];
  /** Int32Array(1) on shared memory: the next partition. */
  readonly next: Int32Array;
}

/** A condition on a KPI. */
export interface ScreenQuestion {
  /** Index into `states`. */
  readonly kpi: number;
  /** Uint8Array(S): bit `bit` is 1 for members */
  readonly members: Uint8Array;
  readonly bit: number;
  /** Uint8Array(S): 0 for sessions that are not compared; null: all that count are */
  readonly population: Uint8Array | null;
}

/** Of each question, Uint32Array(cohorts × 4): others that are normal, members that are, and the failing ones of both */
export type ScreenOutput = readonly Uint32Array[];

/** Numbers of a cohort, or a cell: by failing, then by membership. */
export const SCREEN_WIDTH = 4;

/**
 * Counts the members of conditions and the others, by cohort, of the users whose sessions are all one or all the other. Counts add over
 * threads. O(questions × sessions that count + questions × cells of all cohorts).
 */
export function countOneKind(input: ScreenInput): ScreenOutput {
  const { partitions, cohorts, width, questions, next } = input;
  const counts = questions.map(() => new Uint32Array(cohorts.cells * SCREEN_WIDTH));
  const scratch = new Scratch(input);
  for (;;) {
    const partition = Atomics.add(next, 0, 1);
    if (partition + 1 >= partitions.length) break;
    try {
      countPartition(input, partition, scratch, counts);
    } catch (error) {
      throw new PartitionError(partition, partitions.length - 1, error);
    }
  }
  return counts.map((own) => foldCells(own, cohorts, new Uint32Array(width * SCREEN_WIDTH)));
}

/** Arrays of a thread that hold one partition after the other, as wide as the largest. */
class Scratch {
  /** Uint32Array(sessions): users numbered from 0 */
  readonly userOf: Uint32Array;
  /** Uint32Array(sessions): those that are compared, counted from the partition's first */
  readonly listed: Uint32Array;
  /** Uint32Array(sessions): of each of these, the user, and where others like it are counted */
  readonly users: Uint32Array;
  readonly places: Uint32Array;

  constructor({ userOffsets, partitions }: Pick<ScreenInput, "userOffsets" | "partitions">) {
    let most = 0;
    for (let part = 0; part + 1 < partitions.length; part++) {
      const [start, end] = [partitions[part] as number, partitions[part + 1] as number];
      most = Math.max(most, (userOffsets[end] as number) - (userOffsets[start] as number));
    }
    this.userOf = new Uint32Array(most);
    this.listed = new Uint32Array(most);
    this.users = new Uint32Array(most);
    this.places = new Uint32Array(most);
  }
}

function countPartition(
  { userOffsets, partitions, cohorts: { cellOf }, states, questions }: ScreenInput,
  partition: number,
  { userOf, listed, users, places }: Scratch,
  counts: readonly Uint32Array[],
): void {
  const [from, to] = [partitions[partition] as number, partitions[partition + 1] as number];
  const [start, end] = [userOffsets[from] as number, userOffsets[to] as number];
  numberUsers(userOffsets, from, to, userOf);
  let before: ScreenQuestion | null = null;
  let count = 0;
  for (const [index, question] of questions.entries()) {
    const { kpi, members, bit, population } = question;
    if (before === null || before.kpi !== kpi || before.population !== population) {
      const state = (states[kpi] as Uint8Array).subarray(start, end);
      count = listNonZero(state, listed);
      if (population !== null) count = keepWithin(population.subarray(start, end), listed, count);
      place(listed, count, userOf, state, cellOf.subarray(start, end), users, places);
      before = question;
    }
    countRuns(listed, count, users, places, members.subarray(start, end), bit, counts[index] as Uint32Array);
  }
}

// Loops are functions of their own: V8 optimises those well, and a function of many again and again.

function numberUsers(userOffsets: Uint32Array, userStart: number, userEnd: number, userOf: Uint32Array): void {
  const first = userOffsets[userStart] as number;
  let session = 0;
  for (let user = userStart; user < userEnd; user++) {
    for (const end = (userOffsets[user + 1] as number) - first; session < end; session++) {
      userOf[session] = user - userStart;
    }
  }
}

function keepWithin(population: Uint8Array, listed: Uint32Array, listedCount: number): number {
  let count = 0;
  for (let at = 0; at < listedCount; at++) {
    const session = listed[at] as number;
    listed[count] = session;
    count += population[session] === 0 ? 0 : 1;
  }
  return count;
}

function place(
  listed: Uint32Array,
  count: number,
  userOf: Uint32Array,
  state: Uint8Array,
  cellOf: Uint32Array,
  users: Uint32Array,
  places: Uint32Array,
): void {
  for (let at = 0; at < count; at++) {
    const session = listed[at] as number;
    users[at] = userOf[session] as number;
    places[at] = (cellOf[session] as number) * SCREEN_WIDTH + (state[session] === FAILING ? 2 : 0);
  }
}

/** Counts the sessions of the users whose sessions are all members or all others. */
function countRuns(
  listed: Uint32Array,
  count: number,
  users: Uint32Array,
  places: Uint32Array,
  members: Uint8Array,
  bit: number,
  counts: Uint32Array,
): void {
  for (let at = 0; at < count; ) {
    const user = users[at] as number;
    const kind = ((members[listed[at] as number] as number) >>> bit) & 1;
    let isMixed = 0;
    let end = at + 1;
    for (; end < count && users[end] === user; end++) {
      isMixed |= (((members[listed[end] as number] as number) >>> bit) & 1) ^ kind;
    }
    if (isMixed === 0) {
      for (let own = at; own < end; own++) {
        const to = (places[own] as number) + kind;
        counts[to] = (counts[to] as number) + 1;
      }
    }
    at = end;
  }
}

/** Adds the numbers of each cell to its cohorts. */
function foldCells(
  counts: Uint32Array,
  { cells, cohortOffsets, cohortsOfCell }: ScreenInput["cohorts"],
  out: Uint32Array,
): Uint32Array {
  for (let cell = 0; cell < cells; cell++) {
    const end = cohortOffsets[cell + 1] as number;
    for (let at = cohortOffsets[cell] as number; at < end; at++) {
      const to = (cohortsOfCell[at] as number) * SCREEN_WIDTH;
      for (let of = 0; of < SCREEN_WIDTH; of++) {
        out[to + of] = (out[to + of] as number) + (counts[cell * SCREEN_WIDTH + of] as number);
      }
    }
  }
  return out;
}
