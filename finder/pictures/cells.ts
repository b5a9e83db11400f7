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
  /** Indexes into `#singles` by cell. */
  readonly #ofCell: readonly (readonly number[])[];

  constructor(context: Context) {
    this.#context = context;
    const { cohorts, cells, cohortOffsets, cohortsOfCell } = context.cohorts;
    const singleAt = new Map<number, number>();
    this.#singles = cohorts.flatMap(({ values: [value, ...more] }, cohort) => {
      if (value === undefined || more.length > 0) return [];
      singleAt.set(cohort, singleAt.size);
      return [value];
    });
    this.#ofCell = Array.from({ length: cells }, (_, cell) => {
      const own = cohortsOfCell.subarray(cohortOffsets[cell], cohortOffsets[cell + 1]);
      return Array.from(own).flatMap((cohort) => singleAt.get(cohort) ?? []);
    });
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
    for (const [cell, singles] of this.#ofCell.entries()) {
      for (const single of singles) {
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
    const sums = this.#singles.map((): Sums => ({ clusters: 0, y: 0, n: 0, yy: 0, yn: 0, nn: 0 }));
    const userY = new Float64Array(sums.length);
    const userN = new Float64Array(sums.length);
    const touched: number[] = [];
    let user = -1;
    let userEnd = 0;
    const closeUser = (): void => {
      for (const at of touched) {
        const y = userY[at] as number;
        const n = userN[at] as number;
        const sum = sums[at] as Sums;
        sum.clusters++;
        sum.y += y;
        sum.n += n;
        sum.yy += y * y;
        sum.yn += y * n;
        sum.nn += n * n;
        userY[at] = 0;
        userN[at] = 0;
      }
      touched.length = 0;
    };
    for (const session of sessions) {
      if (session >= userEnd) {
        closeUser();
        while ((table.userOffsets[user + 1] as number) <= session) user++;
        userEnd = table.userOffsets[user + 1] as number;
      }
      const fails = state[session] === FAILING ? 1 : 0;
      for (const at of this.#ofCell[cohorts.cellOf[session] as number] as readonly number[]) {
        if (userN[at] === 0) touched.push(at);
        userN[at] = (userN[at] as number) + 1;
        userY[at] = (userY[at] as number) + fails;
      }
    }
    closeUser();
    return sums;
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
