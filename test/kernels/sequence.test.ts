import fc from "fast-check";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { firstOfSessions, type Postings } from "../../kernels/postings.js";
import { type Chain, type Ends, sequence, stepLink } from "../../kernels/sequence.js";

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
}

function workOf(size: number): readonly [Ends, Ends] {
  const ends = (): Ends => ({
    positions: new Uint32Array(size),
    sessions: new Uint32Array(size),
    starts: new Float64Array(size),
  });
  return [ends(), ends()];
}

/** Events that must not follow. */
function negatedOf(events: Postings, sessions: number): NonNullable<Chain["negated"]> {
  const firsts = new Uint32Array(sessions).fill(7);
  firstOfSessions(events.sessions, firsts);
  return { events, from: events.positions, firsts };
}

/** The kernel on sessions. */
function answer(sessions: readonly (readonly Event[])[], question: Question): Answer[] {
  const events = sessions.flatMap((session, at) => session.map((event) => ({ ...event, session: at })));
  const time = Float64Array.from(events, (event) => event.time);
  const listOf = (symbols: readonly number[]): Postings => {
    const positions = events.flatMap(({ symbol }, position) => (symbols.includes(symbol) ? [position] : []));
    return {
      positions: Uint32Array.from(positions),
      sessions: Uint32Array.from(positions, (at) => events[at]!.session),
    };
  };
  const chain: Chain = {
    steps: question.steps.map(listOf),
    links: Uint8Array.from(question.links),
    withinMs: question.withinMs,
    negated: question.negated === undefined ? null : negatedOf(listOf(question.negated), sessions.length),
  };
  let visible = 0;
  const rank = Uint32Array.from(events, ({ symbol }) => (symbol === ignored ? visible : visible++));
  const ranks = events.some(({ symbol }) => symbol === ignored) ? rank : undefined;
  const out = { positions: new Uint32Array(events.length), sessions: new Uint32Array(events.length) };
  const count = sequence(chain, time, ranks, workOf(events.length), out);
  const base = sessions.map((_, at) => events.findIndex(({ session }) => session === at));
  const answers = sessions.map((): Answer => ({ completedAt: -1 }));
  for (let at = 0; at < count; at++) {
    const session = out.sessions[at]!;
    assert.is(answers[session]!.completedAt, -1);
    answers[session] = { completedAt: out.positions[at]! - base[session]! };
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
  const { withinMs, negated } = question;
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

test("sequence equals the enumeration of every choice of events", () => {
  fc.assert(
    fc.property(sessions, question, (rows, asked) => {
      assert.equal(
        answer(rows, asked),
        rows.map((row) => answerByDefinition(row, asked)),
      );
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
// [name, session, question, completedAt]
const rows: [string, string, Question, number][] = [
  [
    "the span is that of some choice, not of the first",
    "a0 a5 b8",
    { steps: [[0], [1]], links: [gap], withinMs: 3 },
    2,
  ],
  ["spans are inclusive", "a0 b3", { steps: [[0], [1]], links: [gap], withinMs: 3 }, 1],
  ["just beyond the span", "a0 b4", { steps: [[0], [1]], links: [gap], withinMs: 3 }, -1],
  ["ties keep input order", "b0 a0", { steps: [[0], [1]], links: [gap], withinMs: 3 }, -1],
  ["an event serves one step", "a0", { steps: [[0], [0]], links: [gap], withinMs: 9 }, -1],
  ["next skips what is ignored", "a0 x1 b2", { steps: [[0], [1]], links: [next], withinMs: 9 }, 2],
  ["next is the very next", "a0 c1 b2", { steps: [[0], [1]], links: [next], withinMs: 9 }, -1],
  [
    "next after a gap need not be the first",
    "a0 b1 c2 b3 a4",
    { steps: [[0], [1], [0]], links: [gap, next], withinMs: 9 },
    4,
  ],
  ["until takes a run", "c0 a1 a2 a3 b4", { steps: [[2], [0], [1]], links: [next, until], withinMs: 9 }, 4],
  ["until: nothing else between", "c0 a1 c2 a3 b4", { steps: [[2], [0], [1]], links: [next, until], withinMs: 2 }, 4],
  ["until needs one", "c0 b1", { steps: [[2], [0], [1]], links: [next, until], withinMs: 9 }, -1],
  ["an absence: some A has no B", "a0 b2 a4", { steps: [[0]], links: [], withinMs: 3, negated: [1] }, 2],
  ["an absence: every A has a B", "a0 a1 b3", { steps: [[0]], links: [], withinMs: 3, negated: [1] }, -1],
  ["an absence to the end", "a0 b9 a10", { steps: [[0]], links: [], withinMs: Infinity, negated: [1] }, 2],
  [
    "an absence waits from the last step",
    "a0 b9 c12",
    { steps: [[0], [1]], links: [gap], withinMs: 3, negated: [2] },
    -1,
  ],
  ["an absence of the same event", "a0 a2 a9", { steps: [[0]], links: [], withinMs: 3, negated: [0] }, 1],
  ["an empty session", "", { steps: [[0]], links: [], withinMs: 3, negated: [0] }, -1],
];
for (const [name, text, asked, completedAt] of rows) {
  test(`sequence: ${name}`, () => {
    assert.equal(answer([parse(text)], asked), [{ completedAt }]);
  });
}

/** Events in one session, a second apart. */
function everySecond(count: number, of: number): Postings {
  return { positions: Uint32Array.from({ length: count }, (_, at) => at * of), sessions: new Uint32Array(count) };
}

test("a chain of a's over 200 000 a's is found at once, or never", () => {
  const n = 200_000;
  const list = everySecond(n, 1);
  const time = Float64Array.from({ length: n }, (_, i) => i * 1000);
  const out = { positions: new Uint32Array(n), sessions: new Uint32Array(n) };
  const chain = { steps: new Array<Postings>(6).fill(list), links: new Uint8Array(5), negated: null };
  assert.is(sequence({ ...chain, withinMs: 5000 }, time, undefined, workOf(n), out), 1);
  assert.is(out.positions[0], 5);
  assert.is(sequence({ ...chain, withinMs: 4999 }, time, undefined, workOf(n), out), 0);
});

test.run();
