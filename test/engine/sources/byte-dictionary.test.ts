import fc from "fast-check";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { ByteDictionaryBuilder, mergeDictionaries } from "../../../engine/sources/byte-dictionary.js";
import type { ByteDictionary } from "../../../engine/sources/chunk.js";

const encoder = new TextEncoder();
const decoder = new TextDecoder();

function build(values: readonly string[]): { codes: number[]; dictionary: ByteDictionary } {
  const builder = new ByteDictionaryBuilder();
  const codes = values.map((value) => {
    const bytes = encoder.encode(`<${value}>`);
    return builder.insert(bytes, 1, bytes.length - 1);
  });
  assert.is(builder.size, new Set(values).size);
  return { codes, dictionary: builder.finish() };
}

const valuesOf = ({ bytes, offsets }: ByteDictionary): string[] =>
  Array.from({ length: offsets.length - 1 }, (_, i) => decoder.decode(bytes.slice(offsets[i], offsets[i + 1])));

const texts = fc.array(fc.oneof(fc.string({ unit: "binary", maxLength: 9 }), fc.constantFrom("", "a", "ab")), {
  maxLength: 80,
});

test("codes are the positions of the distinct values in order of first appearance", () => {
  fc.assert(
    fc.property(texts, (values) => {
      const { codes, dictionary } = build(values);
      const distinct = [...new Set(values)];
      assert.equal(valuesOf(dictionary), distinct);
      assert.equal(
        codes,
        values.map((value) => distinct.indexOf(value)),
      );
    }),
    { seed: 1, numRuns: 300 },
  );
});

test("growing through many values, short and long, loses none", () => {
  const values = Array.from({ length: 20_000 }, (_, i) => `${i}${"x".repeat(i % 100)}`);
  const { codes, dictionary } = build([...values, ...values]);
  assert.equal(codes.slice(20_000), codes.slice(0, 20_000));
  assert.equal(valuesOf(dictionary), values);
  const { merged, remaps } = mergeDictionaries([build(["0", "none"]).dictionary, dictionary]);
  assert.equal(valuesOf(merged), ["0", "none", ...values.slice(1)]);
  assert.equal([...(remaps[1] ?? [])].slice(0, 3), [0, 2, 3]);
});

test("a dictionary stands on SharedArrayBuffers, and the builder goes on after finish", () => {
  const builder = new ByteDictionaryBuilder(4);
  builder.insert(encoder.encode("one"), 0, 3);
  const first = builder.finish();
  assert.instance(first.bytes.buffer, SharedArrayBuffer);
  assert.instance(first.offsets.buffer, SharedArrayBuffer);
  assert.is(builder.insert(encoder.encode("two"), 0, 3), 1);
  assert.equal(valuesOf(first), ["one"]);
  assert.equal(valuesOf(builder.finish()), ["one", "two"]);
  assert.equal(valuesOf(new ByteDictionaryBuilder().finish()), []);
});

test("mergeDictionaries: every value keeps its text through its remap, and no text stands twice", () => {
  fc.assert(
    fc.property(fc.array(texts, { maxLength: 5 }), (lists) => {
      const dictionaries = lists.map((list) => build(list).dictionary);
      const { merged, remaps } = mergeDictionaries(dictionaries);
      const all = valuesOf(merged);
      assert.equal(all, [...new Set(lists.flat())]);
      dictionaries.forEach((dictionary, i) => {
        assert.equal(
          valuesOf(dictionary),
          [...(remaps[i] ?? [])].map((code) => all[code]),
        );
      });
    }),
    { seed: 1, numRuns: 100 },
  );
});

test("mergeDictionaries makes distinct what one dictionary holds twice", () => {
  const twice: ByteDictionary = { bytes: encoder.encode("abab"), offsets: Uint32Array.of(0, 2, 4) };
  const { merged, remaps } = mergeDictionaries([twice]);
  assert.equal(valuesOf(merged), ["ab"]);
  assert.equal([...(remaps[0] ?? [])], [0, 0]);
});

test.run();
