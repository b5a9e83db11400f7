import fc from "fast-check";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { countBoth } from "../../kernels/count-both.js";

const test = suite("countBoth");
const words = fc.integer({ min: 0, max: 0xffffffff });

test("counts the bits that are in all sets, cell by cell", () => {
  const sets = fc.array(fc.tuple(words, words, words, words), { maxLength: 12 });
  fc.assert(
    fc.property(sets, fc.array(fc.nat(12), { maxLength: 4 }), (rows, cuts) => {
      const column = (at: 0 | 1 | 2 | 3) => Uint32Array.from(rows, (row) => row[at]);
      const inner = cuts.map((cut) => Math.min(cut, rows.length)).sort((a, b) => a - b);
      const cellWords = Uint32Array.of(0, ...inner, rows.length);
      const out = new Uint32Array((cellWords.length - 1) * 2).fill(7);
      countBoth(column(0), column(1), column(2), column(3), cellWords, out);
      const expected = [...cellWords.keys()].slice(0, -1).flatMap((cell) => {
        const bits = rows
          .slice(cellWords[cell], cellWords[cell + 1])
          .flatMap(([a, b, among, failing]) =>
            Array.from({ length: 32 }, (_, bit) => {
              const has = (word: number): boolean => Math.floor(word / 2 ** bit) % 2 === 1;
              return has(a) && has(b) && has(among) ? (has(failing) ? "fails" : "holds") : "";
            }),
          )
          .filter((bit) => bit !== "");
        return [bits.length, bits.filter((bit) => bit === "fails").length];
      });
      assert.equal([...out], expected);
    }),
    { seed: 1, numRuns: 300 },
  );
});

test.run();
