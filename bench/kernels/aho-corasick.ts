/**
 * Matching over seeded sessions: ns a token of the transitions alone and of the whole count, on one thread.
 *
 * node dist/bench/kernels/aho-corasick.js [patterns] [tokens a session] [million tokens]
 */

import { cpus, loadavg } from "node:os";
import { Bench } from "tinybench";
import { buildAutomaton, countSessions } from "../../kernels/aho-corasick.js";
import { walk, walkFour } from "./transitions.js";

const alphabetSize = 80;
const columns = 4;
const wanted = Number(process.argv[2] ?? 400);
const sessionLength = Number(process.argv[3] ?? 10);
const n = Number(process.argv[4] ?? 10) * 1_000_000;

const random = mulberry32(1);
const { symbols, sessionOffsets } = makeSessions();
const sessions = sessionOffsets.length - 1;
const identity = Uint32Array.from({ length: sessions + 1 }, (_, i) => i);
const columnOf = Uint32Array.from({ length: sessions }, () => Math.floor(random() * columns));
const patterns = frequentGrams();
const automaton = buildAutomaton(Uint16Array.from(patterns.flat()), offsetsOf(patterns), alphabetSize);
const stamp = new Int32Array(automaton.states);
const counts = new Uint32Array(columns * automaton.states);

function count(): void {
  stamp.fill(0);
  counts.fill(0);
  countSessions(
    automaton,
    symbols,
    sessionOffsets,
    identity,
    sessionOffsets.subarray(1),
    columnOf,
    identity,
    0,
    sessions,
    stamp,
    counts,
  );
}

/** The definition, with a set of strings a session. */
function checkCounts(): void {
  const stateOf = new Map(patterns.map((pattern, p) => [pattern.join(), p + 1]));
  const expected = new Uint32Array(counts.length);
  for (let sessionIdx = 0; sessionIdx < sessions; sessionIdx++) {
    const found = new Set<number>();
    const end = sessionOffsets[sessionIdx + 1] as number;
    for (let position = sessionOffsets[sessionIdx] as number; position < end; position++) {
      for (let length = 1; length <= 3 && position + length <= end; length++) {
        const state = stateOf.get(symbols.subarray(position, position + length).join());
        if (state !== undefined) found.add(state);
      }
    }
    for (const state of found) (expected[(columnOf[sessionIdx] as number) * automaton.states + state] as number)++;
  }
  // The root's cells mean nothing.
  const isWrong = (sessionsWith: number, cell: number): boolean =>
    cell % automaton.states !== 0 && sessionsWith !== counts[cell];
  if (expected.some(isWrong)) throw new Error("wrong counts");
}

const { next } = automaton;
if (walk(next, symbols, sessionOffsets) !== walkFour(next, symbols, sessionOffsets)) throw new Error("wrong walk");
count();
checkCounts();

const bench = new Bench({ time: 0, iterations: 15, warmupIterations: 3, warmupTime: 0 });
bench.add("transitions, one session at a time", () => {
  walk(next, symbols, sessionOffsets);
});
bench.add("transitions, four sessions in flight", () => {
  walkFour(next, symbols, sessionOffsets);
});
bench.add("countSessions", count);
await bench.run();

console.log(`node ${process.version}, ${cpus()[0]?.model}, load ${loadavg()[0]?.toFixed(2)}`);
console.log(
  `${n} tokens, ${sessions} sessions, ${patterns.length} patterns, table ${(automaton.next.byteLength / 1024).toFixed(0)} KiB`,
);
for (const task of bench.tasks) {
  if (task.result.state !== "completed") throw new Error(`${task.name}: ${task.result.state}`);
  const { min, p50 } = task.result.latency;
  console.log(
    `${task.name}: min ${((min * 1e6) / n).toFixed(2)} ns/token (${(n / min / 1e3).toFixed(0)} M/s), median ${((p50 * 1e6) / n).toFixed(2)} ns/token`,
  );
}

/** Sessions of exponential length; half of the transitions are a name's usual successor, the rest skewed to the low symbols. */
function makeSessions(): { symbols: Uint16Array; sessionOffsets: Uint32Array } {
  const skewed = (): number => 1 + Math.floor(random() * random() * (alphabetSize - 1));
  const all = new Uint16Array(new SharedArrayBuffer(2 * n));
  const offsets = [0];
  for (let position = 0; position < n; ) {
    const end = Math.min(n, position + 1 + Math.floor(-Math.log(1 - random()) * (sessionLength - 0.5)));
    let symbol = skewed();
    for (; position < end; position++) {
      all[position] = symbol;
      symbol = random() < 0.5 ? 1 + ((symbol * 7 + 3) % (alphabetSize - 1)) : skewed();
    }
    offsets.push(end);
  }
  return { symbols: all, sessionOffsets: Uint32Array.from(offsets) };
}

function offsetsOf(rows: readonly (readonly number[])[]): Uint32Array {
  let end = 0;
  return Uint32Array.from([0, ...rows.map((row) => (end += row.length))]);
}

/** The most frequent grams of one to three symbols. */
function frequentGrams(): number[][] {
  const frequency = new Map<string, number>();
  for (let position = 0; position + 3 < n; position += 20) {
    for (let length = 1; length <= 3; length++) {
      const gram = symbols.subarray(position, position + length).join();
      frequency.set(gram, (frequency.get(gram) ?? 0) + 1);
    }
  }
  return [...frequency]
    .sort(([, a], [, b]) => b - a)
    .slice(0, wanted)
    .map(([gram]) => gram.split(",").map(Number))
    .sort((a, b) => a.length - b.length);
}

/** Tommy Ettinger's generator: 32 bits of state, good enough for data. */
function mulberry32(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}
