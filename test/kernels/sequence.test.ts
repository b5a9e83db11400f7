import fc from "fast-check";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { type Chain, noPosition, sequence, stepLink } from "../../kernels/sequence.js";
import { flat } from "./sessions.js";

/** An event: its time, and its symbol; symbol 9 is ignored (invisible). */
interface Event {
  readonly time: number;
  readonly symbol: number;
}
const ignored = 9;

/** A chain in terms of symbols: a step matches one of a set. */
interface Question {
  readonly steps: readonly (readonly number[])[];
  readonly links: readonly number[];
  readonly withinMs: number;
  readonly negated?: readonly number[];
}

interface Answer {
  readonly completedAt: number;
  readonly lastAnchorAt: number;
}

/** The kernel on sessions, over the slices of sessions between the cuts. */
function answer(sessions: readonly (readonly Event[])[], question: Question, cuts: readonly number[]): Answer[] {
  const events = sessions.flat();
  const { offsets } = flat(sessions.map((session) => session.map((event) => event.symbol)));
  const time = Float64Array.from(events, (event) => event.time);
  const listOf = (symbols: readonly number[]): Uint32Array =>
    Uint32Array.from(events.flatMap(({ symbol }, position) => (symbols.includes(symbol) ? [position] : [])));
  const chain: Chain = {
    steps: question.steps.map(listOf),
    links: Uint8Array.from(question.links),
    withinMs: question.withinMs,
    ...(question.negated === undefined ? {} : { negated: listOf(question.negated) }),
  };
  let visible = 0;
  const rank = Uint32Array.from(events, ({ symbol }) => (symbol === ignored ? visible : visible++));
  const ranks = events.some(({ symbol }) => symbol === ignored) ? rank : undefined;
  const answers: Answer[] = [];
  for (let i = 0; i + 1 < cuts.length; i++) {
    const [start, end] = [cuts[i]!, cuts[i + 1]!];
    const completedAt = new Uint32Array(end - start);
    const lastAnchorAt = new Uint32Array(end - start);
    sequence(chain, time, ranks, offsets, start, end, completedAt, lastAnchorAt);
    for (let s = 0; s < end - start; s++) {
      const base = offsets[start + s]!;
      const local = (position: number): number => (position === noPosition ? -1 : position - base);
      answers.push({ completedAt: local(completedAt[s]!), lastAnchorAt: local(lastAnchorAt[s]!) });
    }
  }
  return answers;
}

/** Every choice of events for the steps, by enumeration: [first position, last position]. */
function choices(session: readonly Event[], { steps, links }: Question): [number, number][] {
  const found: [number, number][] = [];
  const nextVisible = (position: number): number => {
    let next = position + 1;
    while (next < session.length && session[next]!.symbol === ignored) next++;
    return next;
  };
  const matches = (position: number, step: number): boolean =>
    position < session.length && steps[step]!.includes(session[position]!.symbol);
  const extend = (first: number, position: number, step: number): void => {
    if (step === steps.length - 1) {
      found.push([first, position]);
      return;
    }
    const link = links[step];
    if (link === stepLink.gap) {
      for (let next = position + 1; next < session.length; next++)
        if (matches(next, step + 1)) extend(first, next, step + 1);
      return;
    }
    const next = nextVisible(position);
    if (matches(next, step + 1)) extend(first, next, step + 1);
    // Another event of a run belongs to the same step.
    if (link === stepLink.until && matches(next, step)) extend(first, next, step);
  };
  for (let first = 0; first < session.length; first++) if (matches(first, 0)) extend(first, first, 0);
  return found;
}

function answerByDefinition(session: readonly Event[], question: Question): Answer {
  const { withinMs, negated, steps } = question;
  const timeOf = (position: number): number => session[position]!.time;
  const completions = choices(session, question)
    .filter(([first, last]) => {
      if (negated === undefined) return timeOf(last) - timeOf(first) <= withinMs;
      return !session.some(
        ({ symbol, time }, i) => i > last && negated.includes(symbol) && time - timeOf(last) <= withinMs,
      );
    })
    .map(([, last]) => last);
  return {
    completedAt: completions.length === 0 ? -1 : Math.min(...completions),
    lastAnchorAt: session.findLastIndex(({ symbol }) => steps[0]!.includes(symbol)),
  };
}

const symbol = fc.constantFrom(0, 0, 0, 1, 1, 1, 2, ignored);
const session = fc
  .array(fc.record({ time: fc.nat(8), symbol }), { maxLength: 9 })
  .map((events) => events.sort((a, b) => a.time - b.time));
const sessions = fc.array(session, { minLength: 1, maxLength: 4 });
const stepSet = fc.constantFrom([0], [1], [0, 1], [2], [1, 2]);
const question: fc.Arbitrary<Question> = fc
  .record({
    steps: fc.array(stepSet, { minLength: 1, maxLength: 4 }),
    links: fc.array(fc.constantFrom(stepLink.gap, stepLink.gap, stepLink.next, stepLink.until), {
      minLength: 3,
      maxLength: 3,
    }),
    withinMs: fc.constantFrom(0, 1, 2, 3, 5, Infinity),
    negated: fc.option(stepSet, { nil: undefined }),
  })
  .map(({ steps, links, withinMs, negated }) => ({
    steps,
    links: links.slice(0, steps.length - 1),
    withinMs,
    ...(negated === undefined ? {} : { negated }),
  }));

test("sequence equals the enumeration of every choice of events, whatever the partition", () => {
  fc.assert(
    fc.property(sessions, question, fc.nat(4), (rows, asked, cut) => {
      const expected = rows.map((row) => answerByDefinition(row, asked));
      assert.equal(answer(rows, asked, [0, Math.min(cut, rows.length), rows.length]), expected);
    }),
    { seed: 1, numRuns: 5000 },
  );
});

/** `a0 b3` is symbol 0 at 0 ms, symbol 1 at 3 ms; `x` is ignored. */
function parse(text: string): Event[] {
  return text
    .split(" ")
    .filter((word) => word !== "")
    .map((word) => ({ symbol: word[0] === "x" ? ignored : word.charCodeAt(0) - 97, time: Number(word.slice(1)) }));
}

const { gap, next, until } = stepLink;
// [name, session, question, completedAt, lastAnchorAt]
const rows: [string, string, Question, number, number][] = [
  [
    "the span is that of some choice, not of the first",
    "a0 a5 b8",
    { steps: [[0], [1]], links: [gap], withinMs: 3 },
    2,
    1,
  ],
  ["spans are inclusive", "a0 b3", { steps: [[0], [1]], links: [gap], withinMs: 3 }, 1, 0],
  ["just beyond the span", "a0 b4", { steps: [[0], [1]], links: [gap], withinMs: 3 }, -1, 0],
  ["ties keep input order", "b0 a0", { steps: [[0], [1]], links: [gap], withinMs: 3 }, -1, 1],
  ["an event serves one step", "a0", { steps: [[0], [0]], links: [gap], withinMs: 9 }, -1, 0],
  ["next skips what is ignored", "a0 x1 b2", { steps: [[0], [1]], links: [next], withinMs: 9 }, 2, 0],
  ["next is the very next", "a0 c1 b2", { steps: [[0], [1]], links: [next], withinMs: 9 }, -1, 0],
  [
    "next after a gap need not be the first",
    "a0 b1 c2 b3 a4",
    { steps: [[0], [1], [0]], links: [gap, next], withinMs: 9 },
    4,
    4,
  ],
  ["until takes a run", "c0 a1 a2 a3 b4", { steps: [[2], [0], [1]], links: [next, until], withinMs: 9 }, 4, 0],
  [
    "until: nothing else between",
    "c0 a1 c2 a3 b4",
    { steps: [[2], [0], [1]], links: [next, until], withinMs: 2 },
    4,
    2,
  ],
  ["until needs one", "c0 b1", { steps: [[2], [0], [1]], links: [next, until], withinMs: 9 }, -1, 0],
  ["an absence: some A has no B", "a0 b2 a4", { steps: [[0]], links: [], withinMs: 3, negated: [1] }, 2, 2],
  ["an absence: every A has a B", "a0 a1 b3", { steps: [[0]], links: [], withinMs: 3, negated: [1] }, -1, 1],
  ["an absence to the end", "a0 b9 a10", { steps: [[0]], links: [], withinMs: Infinity, negated: [1] }, 2, 2],
  [
    "an absence waits from the last step",
    "a0 b9 c12",
    { steps: [[0], [1]], links: [gap], withinMs: 3, negated: [2] },
    -1,
    0,
  ],
  ["an absence of the same event", "a0 a2 a9", { steps: [[0]], links: [], withinMs: 3, negated: [0] }, 1, 2],
  ["an empty session", "", { steps: [[0]], links: [], withinMs: 3, negated: [0] }, -1, -1],
];
for (const [name, text, asked, completedAt, lastAnchorAt] of rows) {
  test(`sequence: ${name}`, () => {
    assert.equal(answer([parse(text)], asked, [0, 1]), [{ completedAt, lastAnchorAt }]);
  });
}

test("a chain of a's over 200 000 a's is found at once, or never", () => {
  const n = 200_000;
  const positions = Uint32Array.from({ length: n }, (_, i) => i);
  const time = Float64Array.from(positions, (i) => i * 1000);
  const completedAt = new Uint32Array(1);
  const chain = { steps: new Array<Uint32Array>(6).fill(positions), links: new Uint8Array(5) };
  sequence({ ...chain, withinMs: 5000 }, time, undefined, Uint32Array.of(0, n), 0, 1, completedAt, new Uint32Array(1));
  assert.is(completedAt[0], 5);
  sequence({ ...chain, withinMs: 4999 }, time, undefined, Uint32Array.of(0, n), 0, 1, completedAt, new Uint32Array(1));
  assert.is(completedAt[0], noPosition);
});

test.run();
