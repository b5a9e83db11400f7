import fc from "fast-check";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { buildAutomaton } from "../../kernels/aho-corasick.js";
import { EMPTY_SLOT, markSlots } from "../../kernels/mark-slots.js";

const test = suite("markSlots");
const symbol = fc.integer({ min: 1, max: 3 });

test("a bit is set where the pattern completes in the slot's session before its evidence ends", () => {
  const sessions = fc.array(fc.tuple(fc.array(fc.nat(3), { maxLength: 12 }), fc.nat(12)), { maxLength: 40 });
  const patterns = fc.uniqueArray(fc.array(symbol, { minLength: 1, maxLength: 3 }), {
    minLength: 1,
    maxLength: 6,
    selector: String,
  });
  fc.assert(
    fc.property(sessions, patterns, fc.integer(), (events, grams, shift) => {
      const offsets = [0];
      for (const [list] of events) offsets.push((offsets.at(-1) ?? 0) + list.length);
      const patternOffsets = [0];
      for (const gram of grams) patternOffsets.push((patternOffsets.at(-1) ?? 0) + gram.length);
      const automaton = buildAutomaton(Uint16Array.from(grams.flat()), Uint32Array.from(patternOffsets), 4);
      // two segments a session, of which the second is no evidence
      const segmentOffsets = Uint32Array.from({ length: events.length + 1 }, (_, at) => at * 2);
      const segmentEnd = Uint32Array.from(
        events.flatMap(([list, end], at) => [
          Math.min((offsets[at] ?? 0) + end, offsets[at + 1] ?? 0),
          (offsets[at] ?? 0) + list.length,
        ]),
      );
      const segmentColumn = segmentEnd.map((_, at) => at % 2);
      const isOpen = Uint8Array.of(1, 0);
      const own = new Uint32Array(automaton.states);
      // an order of the caller's, with gaps
      const words = 3;
      const slots = new Uint32Array(words * 32).fill(EMPTY_SLOT);
      for (const at of events.keys()) slots[(at * 5 + Math.abs(shift % 96)) % 96] = at;
      const bits = new Uint32Array(grams.length * words);
      const symbols = Uint16Array.from(events.flatMap(([list]) => list));
      for (let word = 0; word < words; word++) {
        const positions = Uint32Array.from(offsets);
        const [from, to] = [word, word + 1];
        const session = [symbols, positions, segmentOffsets, segmentEnd, segmentColumn, isOpen] as const;
        markSlots(automaton, ...session, slots, from, to, words, own, bits);
      }
      assert.ok(own.every((word) => word === 0));
      for (const [row, gram] of grams.entries()) {
        for (let slot = 0; slot < 96; slot++) {
          const session = slots[slot]!;
          const [list, end] = events[session] ?? [[], 0];
          const text = `,${list.slice(0, end).join(",")},`;
          const isSet = ((bits[row * words + (slot >>> 5)]! >>> (slot & 31)) & 1) === 1;
          assert.is(isSet, session !== EMPTY_SLOT && text.includes(`,${gram.join(",")},`));
        }
      }
    }),
    { seed: 1, numRuns: 200 },
  );
});

test.run();
