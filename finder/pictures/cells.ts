import { FAILING } from "../../engine/passes/segment.js";
import type { Context } from "../context.js";
import { clusteredProportion } from "../statistics/clustered-proportion.js";
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
  readonly #singles: readonly SingleCohort[];
  /** CSR: indexes into `#singles` by cell. */
  readonly #offsets: Uint32Array;
  readonly #singlesOf: Uint32Array;

  constructor(context: Context) {
    this.#context = context;
    const { cohorts, cells, cohortOffsets, cohortsOfCell } = context.cohorts;
    const singleAt = new Map<number, number>();
    this.#singles = cohorts.flatMap(({ values: [value, ...more] }, cohort) => {
      if (value === undefined || more.length > 0) return [];
      singleAt.set(cohort, singleAt.size);
      return [value];
    });
    const ofCell = Array.from({ length: cells }, (_, cell) => {
      const own = cohortsOfCell.subarray(cohortOffsets[cell], cohortOffsets[cell + 1]);
      return Array.from(own).flatMap((cohort) => singleAt.get(cohort) ?? []);
    });
    this.#offsets = new Uint32Array(cells + 1);
    for (const [cell, own] of ofCell.entries()) {
      this.#offsets[cell + 1] = (this.#offsets[cell] as number) + own.length;
    }
    this.#singlesOf = Uint32Array.from(ofCell.flat());
  }

  /**
   * The cells of an opportunity. O(sessions × attributes).
   * @param members - ascending sessions
   * @param compared - ascending sessions, members among them
   */
  of(kpi: number, cohort: number, members: Uint32Array, compared: Uint32Array): PictureCell[] {
    const { cohorts, table } = this.#context;
    const told = new Set((cohorts.cohorts[cohort]?.values ?? []).map(({ attribute }) => attribute));
    const all = this.#totals(kpi, compared);
    const inside = this.#sums(kpi, members);
    const cells = this.#singles.flatMap(({ attribute, code }, at): (PictureCell & { attributeAt: number })[] => {
      const whole = { n: all.sessions[at] as number, y: all.failing[at] as number };
      const own = inside[at] as Sums;
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

  /** Sessions and failing ones, by single cohort. */
  #totals(kpi: number, sessions: Uint32Array): { readonly sessions: Float64Array; readonly failing: Float64Array } {
    const { cellOf, cells } = this.#context.cohorts;
    const { state } = this.#context.kpis[kpi] as Context["kpis"][number];
    const [cellSessions, cellFailing] = [new Float64Array(cells), new Float64Array(cells)];
    countByCell(sessions, cellOf, state, cellSessions, cellFailing);
    const total = { sessions: new Float64Array(this.#singles.length), failing: new Float64Array(this.#singles.length) };
    for (let cell = 0; cell < cells; cell++) {
      for (let at = this.#offsets[cell] as number; at < (this.#offsets[cell + 1] as number); at++) {
        const single = this.#singlesOf[at] as number;
        total.sessions[single] = (total.sessions[single] as number) + (cellSessions[cell] as number);
        total.failing[single] = (total.failing[single] as number) + (cellFailing[cell] as number);
      }
    }
    return total;
  }

  /** Sums over users, by single cohort. */
  #sums(kpi: number, sessions: Uint32Array): Sums[] {
    const { table, cohorts } = this.#context;
    const { state } = this.#context.kpis[kpi] as Context["kpis"][number];
    const singles = this.#singles.length;
    const user: UserSums = {
      y: new Float64Array(singles),
      n: new Float64Array(singles),
      touched: new Uint32Array(singles),
      sums: new Float64Array(singles * SUMS),
    };
    sumUsers(sessions, table.userOffsets, state, cohorts.cellOf, this.#offsets, this.#singlesOf, user);
    return this.#singles.map((_, single) => {
      const [clusters = 0, y = 0, n = 0, yy = 0, yn = 0, nn = 0] = user.sums.subarray(single * SUMS);
      return { clusters, y, n, yy, yn, nn };
    });
  }
}

/** Numbers of a `Sums`. */
const SUMS = 6;

/** What the user at hand has in each single cohort, and which of them it has; and the sums over users before. */
interface UserSums {
  readonly y: Float64Array;
  readonly n: Float64Array;
  readonly touched: Uint32Array;
  readonly sums: Float64Array;
}

function sumUsers(
  sessions: Uint32Array,
  userOffsets: Uint32Array,
  state: Uint8Array,
  cellOf: Uint32Array,
  offsets: Uint32Array,
  singlesOf: Uint32Array,
  own: UserSums,
): void {
  const { y, n, touched } = own;
  let [user, userEnd, count] = [-1, 0, 0];
  for (let i = 0; i < sessions.length; i++) {
    const session = sessions[i] as number;
    if (session >= userEnd) {
      closeUser(own, count);
      count = 0;
      while ((userOffsets[user + 1] as number) <= session) user++;
      userEnd = userOffsets[user + 1] as number;
    }
    const fails = state[session] === FAILING ? 1 : 0;
    const cell = cellOf[session] as number;
    const end = offsets[cell + 1] as number;
    for (let at = offsets[cell] as number; at < end; at++) {
      const single = singlesOf[at] as number;
      if (n[single] === 0) touched[count++] = single;
      n[single] = (n[single] as number) + 1;
      y[single] = (y[single] as number) + fails;
    }
  }
  closeUser(own, count);
}

/** Adds a user to the sums. */
function closeUser({ y: userY, n: userN, touched, sums }: UserSums, count: number): void {
  for (let i = 0; i < count; i++) {
    const single = touched[i] as number;
    const y = userY[single] as number;
    const n = userN[single] as number;
    const at = single * SUMS;
    sums[at] = (sums[at] as number) + 1;
    sums[at + 1] = (sums[at + 1] as number) + y;
    sums[at + 2] = (sums[at + 2] as number) + n;
    sums[at + 3] = (sums[at + 3] as number) + y * y;
    sums[at + 4] = (sums[at + 4] as number) + y * n;
    sums[at + 5] = (sums[at + 5] as number) + n * n;
    userY[single] = 0;
    userN[single] = 0;
  }
}

function countByCell(
  sessions: Uint32Array,
  cellOf: Uint32Array,
  state: Uint8Array,
  counts: Float64Array,
  failing: Float64Array,
): void {
  for (let at = 0; at < sessions.length; at++) {
    const session = sessions[at] as number;
    const cell = cellOf[session] as number;
    counts[cell] = (counts[cell] as number) + 1;
    failing[cell] = (failing[cell] as number) + (state[session] === FAILING ? 1 : 0);
  }
}

interface Sums {
  clusters: number;
  y: number;
  n: number;
  yy: number;
  yn: number;
  nn: number;
}
