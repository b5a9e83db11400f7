import fc from "fast-check";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { ByteDictionaryBuilder } from "../../../engine/sources/byte-dictionary.js";
import { CodedBytes } from "../../../engine/sources/coded-bytes.js";
import { DecoderMemory } from "../../../engine/sources/decoder-memory.js";

const memory = new DecoderMemory();

/** Values that share beginnings and ends, of every length about 16, and some that are long. */
const values = fc.array(
  fc.oneof(
    { weight: 5, arbitrary: fc.nat(40).map((length) => "abcdefgh".repeat(6).slice(0, length)) },
    {
      weight: 5,
      arbitrary: fc.tuple(fc.nat(30), fc.constantFrom("", "\0", "x", "é")).map(([n, end]) => `${"-".repeat(n)}${end}`),
    },
    { weight: 2, arbitrary: fc.nat(2000).map(String) },
    { weight: 1, arbitrary: fc.nat(3000).map((length) => "long ".repeat(length / 5)) },
  ),
  { maxLength: 400 },
);

/** What the plain builder makes of the same values, codes from 1. */
function expected(texts: readonly Uint8Array[]): { readonly codes: number[]; readonly values: string[] } {
  const builder = new ByteDictionaryBuilder();
  const codes = texts.map((text) => builder.insert(text, 0, text.length) + 1);
  return { codes, values: textsOf(builder.finish()) };
}

function textsOf({ bytes, offsets }: { readonly bytes: Uint8Array; readonly offsets: Uint32Array }): string[] {
  return Array.from({ length: offsets.length - 1 }, (_, at) =>
    Buffer.from(bytes.subarray(offsets[at], offsets[at + 1])).toString(),
  );
}

test("values after their lengths are coded as ByteDictionaryBuilder codes them, in as many calls as there are", () => {
  fc.assert(
    fc.property(values, fc.nat(400), (texts, split) => {
      const encoded = texts.map((text) => new TextEncoder().encode(text));
      const page = Buffer.concat(
        encoded.flatMap((text) => {
          const length = Buffer.alloc(4);
          length.writeUInt32LE(text.length);
          return [length, text];
        }),
      );
      const coded = new CodedBytes(memory);
      const target = memory.reserve("codes", 4 * texts.length);
      const address = memory.reserve("file", page.length);
      memory.bytes(address, page.length).set(page);
      const first = Math.min(split, texts.length);
      const middle = address + encoded.slice(0, first).reduce((sum, text) => sum + 4 + text.length, 0);
      coded.codePrefixed(address, address + page.length, target, first);
      coded.codePrefixed(middle, address + page.length, target + 4 * first, texts.length - first);
      const { codes, values: distinct } = expected(encoded);
      assert.equal([...memory.words(target, texts.length)], codes);
      assert.is(coded.size, distinct.length);
      assert.equal(textsOf(coded.finish()), distinct);
    }),
    { seed: 1, numRuns: 150 },
  );
});

test("cells and values of one length are coded so too; an empty cell is a value where it is said to be", () => {
  fc.assert(
    fc.property(values, fc.boolean(), fc.integer({ min: 1, max: 40 }), (texts, emptyIsValue, width) => {
      const encoded = texts.map((text) => new TextEncoder().encode(text));
      const bytes = Buffer.concat(encoded);
      const address = memory.reserve("file", bytes.length);
      const bounds = memory.reserve("bounds", 4 * (texts.length + 1));
      const target = memory.reserve("codes", 4 * Math.max(texts.length, bytes.length));
      memory.bytes(address, bytes.length).set(bytes);
      let at = 0;
      const offsets = memory.words(bounds, texts.length + 1);
      offsets[0] = 0;
      encoded.forEach((text, i) => {
        at += text.length;
        offsets[i + 1] = at;
      });
      const cells = new CodedBytes(memory);
      cells.codeCells(address, { starts: bounds, ends: bounds + 4, step: 4 }, target, texts.length, emptyIsValue);
      const kept = encoded.filter((text) => emptyIsValue || text.length > 0);
      const plain = expected(kept);
      let next = 0;
      const codes = encoded.map((text) => (emptyIsValue || text.length > 0 ? (plain.codes[next++] as number) : 0));
      assert.equal([...memory.words(target, texts.length)], codes);
      assert.equal(textsOf(cells.finish()), plain.values);

      const count = Math.floor(bytes.length / width);
      const fixed = new CodedBytes(memory);
      fixed.codeFixed(address, width, target, count);
      const cut = Array.from({ length: count }, (_, i) => bytes.subarray(width * i, width * (i + 1)));
      const builder = new ByteDictionaryBuilder();
      assert.equal(
        [...memory.words(target, count)],
        cut.map((text) => builder.insert(text, 0, width) + 1),
      );
      assert.equal(fixed.finish(), builder.finish());
    }),
    { seed: 1, numRuns: 100 },
  );
});

test("a value that does not lie within the page is refused", () => {
  const address = memory.reserve("file", 16);
  memory.words(address, 1)[0] = 13;
  const coded = new CodedBytes(memory);
  const target = memory.reserve("codes", 8);
  assert.throws(() => coded.codePrefixed(address, address + 16, target, 1), /beyond their page/);
  assert.throws(() => coded.codePrefixed(address, address + 3, target, 1), /beyond their page/);
});

test.run();
