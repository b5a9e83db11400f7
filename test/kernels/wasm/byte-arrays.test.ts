import fc from "fast-check";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { DecoderMemory } from "../../../engine/sources/decoder-memory.js";
import { byteArrayOffsets, copyByteArrays } from "../../../kernels/plain-values.js";
import { digitBytes } from "../../../kernels/wasm/layouts.js";

const memory = new DecoderMemory();
const { kernels } = memory;

const value = fc.uint8Array({ maxLength: 40 });

/** Values, each after its length, and a few bytes of them cut off. */
const pages = fc.tuple(fc.array(value, { maxLength: 20 }), fc.constantFrom(0, 0, 0, 1, 5)).map(([values, cut]) => {
  const whole = Buffer.concat(values.flatMap((own) => [new Uint8Array(Uint32Array.of(own.length).buffer), own]));
  return { count: values.length, page: whole.subarray(0, Math.max(0, whole.length - cut)) };
});

test("splitByteArrays equals the plain kernels, on damaged pages too", () => {
  fc.assert(
    fc.property(pages, ({ count, page }) => {
      const view = new DataView(page.buffer, page.byteOffset, page.byteLength);
      const offsets = new Uint32Array(count + 1);
      const isWhole = byteArrayOffsets(view, 0, page.length, count, offsets);
      const [source, table] = [memory.reserve("page", 1000), memory.reserve("bounds", 100)];
      const target = memory.reserve("lookup", 1000);
      memory.bytes(source, page.length).set(page);
      const size = kernels.splitByteArrays(source, source + page.length, count, table, target);
      assert.is(size, isWhole ? offsets[count] : -1);
      if (!isWhole) return;
      const bytes = new Uint8Array(size);
      copyByteArrays(view, 0, count, offsets, new DataView(bytes.buffer));
      assert.equal([...memory.words(table, count + 1)], [...offsets]);
      assert.equal(memory.bytes(target, size).slice(), bytes);
    }),
    { seed: 1, numRuns: 500 },
  );
});

test("hasRepeat tells whether two values are the same", () => {
  const short = fc.uint8Array({ maxLength: 3, max: 2 });
  const arrays = fc.oneof(fc.array(value, { maxLength: 30 }), fc.array(short, { maxLength: 8 }));
  fc.assert(
    fc.property(arrays, (values) => {
      const whole = Buffer.concat(values);
      const [table, bytes] = [memory.reserve("bounds", 200), memory.reserve("lookup", 2000)];
      const offsets = memory.words(table, values.length + 1);
      offsets[0] = 0;
      for (const [index, own] of values.entries()) offsets[index + 1] = (offsets[index] as number) + own.length;
      memory.bytes(bytes, whole.length).set(whole);
      const slots = memory.reserve("repeats", 8 * 64);
      const distinct = new Set(values.map((own) => own.join())).size;
      assert.is(kernels.hasRepeat(table, bytes, values.length, slots, 63), distinct < values.length ? 1 : 0);
    }),
    { seed: 1, numRuns: 500 },
  );
});

test("sortByHash is a stable sort of unsigned numbers", () => {
  const hash = fc.oneof(fc.constantFrom(0, 1, 2 ** 31, 2 ** 32 - 1), fc.nat(2 ** 32 - 1));
  fc.assert(
    fc.property(fc.array(hash, { maxLength: 60 }), (hashes) => {
      const [pairs, other] = [memory.reserve("keys", 1000), memory.reserve("picked", 1000)];
      memory.words(pairs, 2 * hashes.length).set(hashes.flatMap((own, index) => [own, index]));
      kernels.sortByHash(pairs, other, hashes.length, memory.reserve("next", digitBytes));
      const expected = hashes.map((own, index) => [own, index] as const).sort(([a, i], [b, j]) => a - b || i - j);
      assert.equal([...memory.words(other, 2 * hashes.length)], expected.flat());
    }),
    { seed: 1, numRuns: 300 },
  );
});

test.run();
