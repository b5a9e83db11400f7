import fc from "fast-check";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { copyBytes, equalBytes, hashBytes } from "../../kernels/byte-hash.js";

test("equalBytes equals its definition, and equal bytes hash alike wherever they stand", () => {
  const bytes = fc.uint8Array({ maxLength: 14 });
  fc.assert(
    fc.property(bytes, bytes, fc.nat(3), fc.boolean(), (a, other, lead, same) => {
      const b = same ? a : other.slice(0, a.length);
      const moved = new Uint8Array(lead + b.length);
      moved.set(b, lead);
      const view = new DataView(a.buffer, a.byteOffset, a.length);
      const movedView = new DataView(moved.buffer);
      const length = Math.min(a.length, b.length);
      const expected = Buffer.compare(a.subarray(0, length), b.subarray(0, length)) === 0;
      assert.is(equalBytes(view, 0, movedView, lead, length), expected);
      if (expected) assert.is(hashBytes(view, 0, length), hashBytes(movedView, lead, lead + length));
    }),
    { seed: 1, numRuns: 500 },
  );
});

test("hashBytes tells lengths and every byte's change apart, and fills its low bits", () => {
  const hashes = new Set<number>();
  const buckets = new Set<number>();
  for (let i = 0; i < 4096; i++) {
    const text = new TextEncoder().encode(`user_${i}`);
    const hash = hashBytes(new DataView(text.buffer), 0, text.length);
    assert.ok(Number.isInteger(hash) && hash >= 0 && hash < 2 ** 32);
    hashes.add(hash);
    buckets.add(hash & 4095);
  }
  assert.is(hashes.size, 4096);
  // Random hashing fills 1 - 1/e of the buckets.
  assert.ok(buckets.size > 2500, String(buckets.size));
  const zeros = new DataView(new ArrayBuffer(8));
  assert.is(new Set([0, 1, 2, 3, 4, 5, 6, 7, 8].map((length) => hashBytes(zeros, 0, length))).size, 9);
});

test("copyBytes copies that range and no more", () => {
  const to = new Uint8Array(9).fill(7);
  copyBytes(new DataView(Uint8Array.of(1, 2, 3, 4, 5, 6).buffer), 1, new DataView(to.buffer), 2, 5);
  assert.equal([...to], [7, 7, 2, 3, 4, 5, 6, 7, 7]);
});

test.run();
