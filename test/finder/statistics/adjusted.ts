import type { AdjustedRows } from "../../../finder/statistics/aipw.js";
import type { Design } from "../../../finder/statistics/design.js";
import { Random } from "../../../finder/statistics/random.js";

/** A session as the adjusted estimators see it. */
export interface Session {
  readonly user: number;
  readonly pattern: number;
  readonly member: number;
  readonly failing: number;
}

/** A matrix, row by row, by what is not 0. */
export function designOf(matrix: ArrayLike<number>, columns: number): Design {
  const places = Array.from(matrix).flatMap((x, at) => (x === 0 ? [] : [at]));
  return {
    columns,
    starts: Uint32Array.from({ length: matrix.length / columns + 1 }, (_, row) => {
      return places.filter((at) => at < row * columns).length;
    }),
    column: Uint16Array.from(places, (at) => at % columns),
    value: Float64Array.from(places, (at) => matrix[at]!),
  };
}

/** Rows of sessions that are in order of user; users take the folds in turn. */
export function rowsOf(sessions: readonly Session[], design: Design, folds: number): AdjustedRows {
  const rows = new Map<string, { user: number; pattern: number; counts: number[] }>();
  for (const { user, pattern, member, failing } of sessions) {
    const key = `${user}:${pattern}`;
    const row = rows.get(key) ?? { user, pattern, counts: [0, 0, 0, 0] };
    rows.set(key, row);
    row.counts[member === 1 ? 0 : 2]! += failing;
    row.counts[member === 1 ? 1 : 3]! += 1;
  }
  const all = [...rows.values()];
  const column = (index: number): Float64Array => Float64Array.from(all, ({ counts }) => counts[index]!);
  const users = (sessions.at(-1)?.user ?? -1) + 1;
  return {
    design,
    fold: Uint8Array.from({ length: users }, (_, user) => user % folds),
    folds,
    user: Uint32Array.from(all, ({ user }) => user),
    pattern: Uint32Array.from(all, ({ pattern }) => pattern),
    y1: column(0),
    n1: column(1),
    y0: column(2),
    n0: column(3),
  };
}

/** Six patterns of two attributes, as dummies; failures and membership both grow with them, so the plain difference is too large. */
export function simulate(users: number, effect: number, seed: number, membership = 0.2): AdjustedRows {
  const random = new Random(seed * 7919);
  const design = new Float64Array(24);
  for (let pattern = 0; pattern < 6; pattern++) {
    const [a, b] = [pattern % 3, pattern < 3 ? 0 : 1];
    design.set([1, a === 1 ? 1 : 0, a === 2 ? 1 : 0, b], pattern * 4);
  }
  const sessions: Session[] = [];
  for (let user = 0; user < users; user++) {
    const taste = 0.1 * (random.uniform() - 0.5);
    for (let more = 1 + random.below(4); more > 0; more--) {
      const pattern = random.below(6);
      const hard = (pattern % 3) / 2 + (pattern < 3 ? 0 : 1);
      const member = random.uniform() < 0.15 + membership * hard ? 1 : 0;
      const failing = random.uniform() < 0.1 + 0.2 * hard + taste + effect * member ? 1 : 0;
      sessions.push({ user, pattern, member, failing });
    }
  }
  return rowsOf(sessions, designOf(design, 4), 2);
}
