import fc from "fast-check";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { type FoldInput, foldOf, PlainFold } from "../../engine/passes/fold.js";

const test = suite("fold");

const sizes = fc.record({
  columns: fc.integer({ min: 1, max: 6 }),
  kpis: fc.integer({ min: 1, max: 4 }),
  // rows are padded to 16
  cells: fc.constantFrom(1, 2, 15, 16, 17, 40, 100),
  cohorts: fc.integer({ min: 1, max: 5 }),
  failingOnly: fc.boolean(),
});

/** By unit, what is added: numbers that say which column, cell and cohorts. */
const units = fc.array(fc.array(fc.nat(1 << 20), { maxLength: 40 }), { maxLength: 6 });

test("foldOf adds what PlainFold adds, and that is what the definition says", () => {
  fc.assert(
    fc.property(sizes, units, fc.array(fc.nat(2), { minLength: 24, maxLength: 24 }), (size, drawn, stands) => {
      const { columns, kpis, cells, cohorts, failingOnly } = size;
      const standing = Uint8Array.from({ length: columns * kpis }, (_, at) => stands[at % stands.length] as number);
      const input: FoldInput = { ...size, standing };
      const expected = new Uint32Array(cohorts * kpis * 2 * cells);
      const folds = [foldOf(input), new PlainFold(input)];
      for (const unit of drawn) {
        const used = new Uint8Array(columns);
        const own = Uint32Array.from(
          Array.from({ length: cohorts }, (_, cohort) => cohort).filter((cohort) => (unit.length + cohort) % 2 === 0),
        );
        for (const number of unit) {
          const [column, cell] = [number % columns, (number >>> 4) % cells];
          used[column] = 1;
          for (const { counts } of folds) counts[column * cells + cell] = (counts[column * cells + cell] as number) + 1;
          for (const cohort of own) {
            for (let kpi = 0; kpi < kpis; kpi++) {
              const what = standing[column * kpis + kpi] as number;
              if (what === 0 || (failingOnly && what === 1)) continue;
              const at = ((cohort * kpis + kpi) * 2 + what - 1) * cells + cell;
              expected[at] = (expected[at] as number) + 1;
            }
          }
        }
        for (const fold of folds) fold.add(used, own, 0, own.length);
        for (const { counts } of folds) assert.ok(counts.every((count) => count === 0));
      }
      for (const fold of folds) assert.equal([...fold.result()], [...expected]);
    }),
    { seed: 1, numRuns: 300 },
  );
});

test.run();
