import fc from "fast-check";
import { compressors } from "hyparquet-compressors";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { DecoderMemory } from "../../../engine/sources/decoder-memory.js";
import { snappySlack } from "../../../kernels/wasm/layouts.js";

/** An element of a block, and the forms in which it may be written. */
type Element =
  | { readonly kind: "literal"; readonly bytes: readonly number[]; readonly lengthBytes: number }
  | { readonly kind: "copy"; readonly back: number; readonly length: number; readonly offsetBytes: 1 | 2 | 4 };

const memory = new DecoderMemory();

/** What the kernel gives for a block, and the bytes that it wrote. */
function uncompress(block: Uint8Array, size: number): { readonly status: number; readonly bytes: Uint8Array } {
  const source = memory.reserve("file", block.length);
  const target = memory.reserve("page", size + snappySlack + 64);
  memory.bytes(source, block.length).set(block);
  memory.bytes(target, size + snappySlack + 64).fill(0xa5);
  memory.bytes(target - 16, 16).fill(0xa5);
  const status = memory.kernels.snappy(source, source + block.length, target, target + size);
  assert.ok(
    memory.bytes(target - 16, 16).every((byte) => byte === 0xa5),
    "written before the target",
  );
  const beyond = memory.bytes(target + size + snappySlack, 64);
  assert.ok(
    beyond.every((byte) => byte === 0xa5),
    "written beyond the slack",
  );
  return { status, bytes: memory.bytes(target, size).slice() };
}

function varint(value: number): number[] {
  return value < 0x80 ? [value] : [(value % 0x80) + 0x80, ...varint(Math.floor(value / 0x80))];
}

const littleEndian = (value: number, bytes: number): number[] =>
  Array.from({ length: bytes }, (_, i) => Math.floor(value / 256 ** i) % 256);

/** The block of some elements, and what they mean by the format's definition. */
function build(elements: readonly Element[]): { readonly block: Uint8Array; readonly plain: number[] } {
  const plain: number[] = [];
  const body: number[] = [];
  for (const element of elements) {
    if (element.kind === "literal") {
      const { bytes, lengthBytes } = element;
      if (bytes.length === 0) continue;
      const more = bytes.length > 60 ? Math.max(lengthBytes, bytes.length > 256 ? 2 : 1) : lengthBytes;
      if (more === 0) body.push((bytes.length - 1) << 2);
      else body.push((59 + more) << 2, ...littleEndian(bytes.length - 1, more));
      body.push(...bytes);
      plain.push(...bytes);
      continue;
    }
    if (plain.length === 0) continue;
    const back = 1 + (element.back % plain.length);
    const short = element.offsetBytes === 1 && back < 2048 && element.length >= 4 && element.length <= 11;
    if (short) body.push(1 | ((element.length - 4) << 2) | ((back >> 8) << 5), back & 255);
    else if (element.offsetBytes < 4 && back < 65536)
      body.push(2 | ((element.length - 1) << 2), ...littleEndian(back, 2));
    else body.push(3 | ((element.length - 1) << 2), ...littleEndian(back, 4));
    for (let i = 0; i < element.length; i++) plain.push(plain[plain.length - back] as number);
  }
  return { block: Uint8Array.from([...varint(plain.length), ...body]), plain };
}

const elements: fc.Arbitrary<Element[]> = fc.array(
  fc.oneof(
    fc.record({
      kind: fc.constant("literal" as const),
      bytes: fc.oneof(
        fc.array(fc.nat(255), { maxLength: 70 }),
        fc.array(fc.nat(255), { minLength: 250, maxLength: 300 }),
      ),
      lengthBytes: fc.nat(4),
    }),
    fc.record({
      kind: fc.constant("copy" as const),
      back: fc.oneof(fc.nat(20), fc.nat(100_000)),
      length: fc.integer({ min: 1, max: 64 }),
      offsetBytes: fc.constantFrom(1 as const, 2 as const, 4 as const),
    }),
  ),
  { maxLength: 30 },
);

test("snappy: every form of literal and copy means what the format says", () => {
  fc.assert(
    fc.property(elements, (given) => {
      const { block, plain } = build(given);
      const { status, bytes } = uncompress(block, plain.length);
      assert.is(status, plain.length);
      assert.equal([...bytes], plain);
    }),
    { seed: 1, numRuns: 400 },
  );
});

test("snappy: a block that is damaged or cut off is told, or is another block of its size; nothing beyond is written", () => {
  fc.assert(
    fc.property(elements, fc.array(fc.tuple(fc.nat(), fc.nat(255)), { maxLength: 4 }), fc.nat(), (given, hits, cut) => {
      const { block, plain } = build(given);
      for (const [at, byte] of hits) block[at % block.length] = byte;
      const { status } = uncompress(block.subarray(0, 1 + (cut % block.length)), plain.length);
      assert.ok(status >= -1 && status <= plain.length);
    }),
    { seed: 1, numRuns: 400 },
  );
});

test("snappy: reads what another implementation refuses or gives just as that one", () => {
  const other = compressors.SNAPPY;
  fc.assert(
    fc.property(elements, fc.nat(), fc.nat(255), (given, at, byte) => {
      const { block, plain } = build(given);
      if (plain.length === 0) return;
      // beyond the size, which callers check
      const head = varint(plain.length).length;
      if (block.length > head) block[head + (at % (block.length - head))] = byte;
      let expected: Uint8Array | undefined;
      try {
        expected = other?.(block, plain.length);
      } catch {
        expected = undefined;
      }
      const { status, bytes } = uncompress(block, plain.length);
      if (status === plain.length) assert.equal(bytes, expected);
    }),
    { seed: 2, numRuns: 300 },
  );
});

test.run();
