import type { Opinion } from "../findings.js";
import { normalUpper } from "../statistics/distributions.js";
import type { Breakdown } from "./contrasts.js";
import { judgeOutlier, type OutlierSettings } from "./outlier.js";

/** Members of a cell, and others, from which on it counts: below, a rate says little. */
const FEWEST = 20;
/** One-sided, over all cells looked at. */
const CHANCE = 0.05;

/**
 * Where a finding concentrates: expert 4 over the values of each static attribute, on the members' KPI less that of others with the same value, so
 * that a value that is bad for everyone is none. Outliers are told of only where the cell is worse than the other cells' members beyond
 * chance, by a z-test shared among all cells looked at (Bonferroni), for the spread of cells knows nothing of how few sessions one has.
 * @param sign - 1 where higher is worse, −1 where lower is
 */
export function judgeConcentration(
  breakdowns: readonly Breakdown[],
  isBinary: boolean,
  sign: 1 | -1,
  settings: OutlierSettings,
): Opinion {
  const all = breakdowns.flatMap((breakdown) => cellsOf(breakdown));
  let found: { readonly cell: Cell; readonly opinion: Opinion; readonly z: number } | null = null;
  for (const breakdown of breakdowns) {
    const cells = cellsOf(breakdown);
    const values = Float64Array.from(cells, ({ difference }) => difference);
    const sessions = Float64Array.from(cells, ({ n1 }) => n1);
    for (const [own, cell] of cells.entries()) {
      const opinion = judgeOutlier({ values, sessions }, own, sign, settings);
      const z = opinion.evidence["z"];
      if (opinion.says !== "opportunity" || typeof z !== "number" || (found !== null && z <= found.z)) continue;
      if (isBinary && chanceOf(cell, cells, sign) * all.length > CHANCE) continue;
      found = { cell, opinion, z };
    }
  }
  const evidence = { attributes: breakdowns.length, cells: all.length };
  if (found === null) {
    return {
      name: "outlier",
      says: "no opportunity",
      evidence: { ...evidence, attribute: null, value: null, difference: null, median: null, z: null, members: null },
    };
  }
  const { cell, opinion, z } = found;
  return {
    name: "outlier",
    says: "opportunity",
    evidence: {
      ...evidence,
      attribute: cell.attribute,
      value: cell.value,
      difference: cell.difference,
      median: opinion.evidence["median"] ?? null,
      z,
      members: cell.n1,
    },
  };
}

interface Cell {
  readonly attribute: string;
  readonly value: string | number | boolean;
  readonly y1: number;
  readonly n1: number;
  readonly y0: number;
  readonly n0: number;
  readonly difference: number;
}

function cellsOf({ attribute, values, y1, n1, y0, n0 }: Breakdown): Cell[] {
  return values.flatMap((value, code) => {
    const own = { y1: y1[code] as number, n1: n1[code] as number, y0: y0[code] as number, n0: n0[code] as number };
    if (value === null || own.n1 < FEWEST || own.n0 < FEWEST) return [];
    return [{ attribute, value, ...own, difference: own.y1 / own.n1 - own.y0 / own.n0 }];
  });
}

/** P that the cell's difference is as far beyond that of the other cells together. */
function chanceOf(cell: Cell, cells: readonly Cell[], sign: 1 | -1): number {
  const rest = cells.filter((other) => other !== cell);
  const sum = (of: (cell: Cell) => number): number => rest.reduce((total, other) => total + of(other), 0);
  const [y1, n1, y0, n0] = [sum((c) => c.y1), sum((c) => c.n1), sum((c) => c.y0), sum((c) => c.n0)];
  const variance =
    varianceOf(cell.y1, cell.n1) + varianceOf(cell.y0, cell.n0) + varianceOf(y1, n1) + varianceOf(y0, n0);
  return normalUpper((sign * (cell.difference - (y1 / n1 - y0 / n0))) / Math.sqrt(variance));
}

/** A success and a failure more, so that it is never 0 (Agresti & Caffo 2000). */
function varianceOf(failing: number, sessions: number): number {
  const rate = (failing + 1) / (sessions + 2);
  return (rate * (1 - rate)) / sessions;
}
