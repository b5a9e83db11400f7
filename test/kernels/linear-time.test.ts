import { suite } from "uvu";
import * as assert from "uvu/assert";
import { elapsed, elapsedSinceStart, retries, type SessionValues, timeIn } from "../../kernels/pair-measures.js";
import { firstOfSessions, listByName, mergePostings, type Postings } from "../../kernels/postings.js";
import { type Ends, sequence, stepLink } from "../../kernels/sequence.js";
import { longestGap } from "../../kernels/session-shape.js";
import { untilEnds } from "../../kernels/until-ends.js";
import { windowCount } from "../../kernels/window-count.js";

/**
 * Linear time on input that is made to hurt: one session of nothing but the events that a construct asks for. What is counted is how
 * often elements are read and written, so that no clock is needed.
 */
const test = suite("linear time");

/** Counts how often elements of typed arrays are touched. */
class Meter {
  touched = 0;

  watch<T extends object>(array: T): T {
    return new Proxy(array, {
      get: (target, key): unknown => {
        if (typeof key === "string" && /^\d+$/.test(key)) this.touched++;
        const value: unknown = Reflect.get(target, key, target);
        return typeof value === "function" ? value.bind(target) : value;
      },
      set: (target, key, value): boolean => {
        this.touched++;
        return Reflect.set(target, key, value, target);
      },
    });
  }

  postings(positions: Uint32Array): Postings {
    return { positions: this.watch(positions), sessions: this.watch(new Uint32Array(positions.length)) };
  }

  /** Every k-th event of one session. */
  every(events: number, step: number, from = 0): Postings {
    const count = Math.ceil((events - from) / step);
    return this.postings(Uint32Array.from({ length: count }, (_, at) => from + at * step));
  }

  ends(size: number): Ends {
    return { ...this.postings(new Uint32Array(size)), starts: this.watch(new Float64Array(size)) };
  }
}

const second = (events: number): Float64Array => Float64Array.from({ length: events }, (_, at) => at * 1000);
const { gap, next, until } = stepLink;

/** Work on one session of so many events, of so many steps where that means something. */
type Work = (meter: Meter, events: number, steps: number) => void;

function chain(link: number, withinMs: number, negated: boolean): Work {
  return (meter, events, steps) => {
    const all = meter.every(events, 1);
    sequence(
      {
        steps: new Array<Postings>(steps).fill(all),
        links: new Uint8Array(steps - 1).fill(link),
        withinMs,
        negated: negated ? { events: all, from: all.positions, firsts: firstsOf(all) } : null,
      },
      meter.watch(second(events)),
      undefined,
      [meter.ends(events), meter.ends(events)],
      meter.postings(new Uint32Array(events)),
    );
  };
}

/** Where the one session begins in a list. */
function firstsOf({ sessions }: Postings): Uint32Array {
  const firsts = new Uint32Array(1);
  firstOfSessions(sessions, firsts);
  return firsts;
}

/** Values of the one session. */
function ofOne(meter: Meter): SessionValues {
  return { sessions: meter.watch(new Uint32Array(1)), values: meter.watch(new Float64Array(1)) };
}

const works: Readonly<Record<string, Work>> = {
  "a -> a -> a … within": chain(gap, 1, false),
  "a -> a -> a …": chain(gap, Number.POSITIVE_INFINITY, false),
  "a => a => a … within": chain(next, 1, false),
  "a until a until a … within": chain(until, 1, false),
  "a -> a … -> not a within": chain(gap, 5000, true),
  "a -> b of a frequent and a rare event": (meter, events) => {
    const [all, few] = [meter.every(events, 1), meter.every(events, 97)];
    const out = meter.postings(new Uint32Array(events));
    for (const steps of [
      [all, few, all],
      [few, all, few],
    ]) {
      const work = [meter.ends(events), meter.ends(events)] as const;
      sequence(
        { steps, links: Uint8Array.of(gap, gap), withinMs: 1, negated: null },
        second(events),
        undefined,
        work,
        out,
      );
    }
  },
  "count(a until a)": (meter, events) => {
    const all = meter.every(events, 1);
    untilEnds(all, all, undefined, meter.postings(new Uint32Array(events)), meter.watch(new Uint32Array(events)));
  },
  "count(a) in a window that holds all": (meter, events) => {
    windowCount(meter.every(events, 1), meter.watch(second(events)), 1e12, ofOne(meter));
  },
  "count(a) in a window that holds half": (meter, events) => {
    windowCount(meter.every(events, 1), meter.watch(second(events)), events * 500, ofOne(meter));
  },
  "retries(a, b), b last": (meter, events) => {
    const end = meter.postings(Uint32Array.of(events - 1));
    const all = meter.every(events, 1);
    retries(all, firstsOf(all), end, ofOne(meter));
  },
  "elapsed(a, b), every b before the a": (meter, events) => {
    const end = meter.postings(Uint32Array.of(events - 1));
    const all = meter.every(events, 1);
    elapsed(end, all, firstsOf(all), meter.watch(second(events)), ofOne(meter));
    elapsedSinceStart(meter.every(events, 1), second(events), Uint32Array.of(0, events), 0, ofOne(meter));
  },
  "time_in(a, b), turn by turn": (meter, events) => {
    const [enters, leaves] = [meter.every(events, 2), meter.every(events, 2, 1)];
    timeIn(enters, leaves, meter.watch(second(events)), Uint32Array.of(0, events), 0, ofOne(meter));
  },
  "time_in(a, a)": (meter, events) => {
    const all = meter.every(events, 1);
    timeIn(all, all, meter.watch(second(events)), Uint32Array.of(0, events), 0, ofOne(meter));
  },
  "session.longest_gap": (meter, events) => {
    longestGap(meter.watch(second(events)), Uint32Array.of(0, events), 0, 1, meter.watch(new Float64Array(1)));
  },
  "an index of every name": (meter, events) => {
    const names = meter.watch(Uint8Array.from({ length: events }, (_, at) => at % 7));
    const [codeOf, offsets] = [Uint16Array.of(1, 2, 3, 4, 5, 6, 7), meter.watch(new Uint32Array(9))];
    const out = meter.postings(new Uint32Array(events));
    listByName(names, codeOf, Uint32Array.of(0, events), 0, 1, new Uint32Array(events), offsets, out);
  },
  "a step of two names": (meter, events) => {
    mergePostings(meter.every(events, 2), meter.every(events, 2, 1), meter.postings(new Uint32Array(events)));
  },
};

function touchedBy(work: Work, events: number, steps: number): number {
  const meter = new Meter();
  work(meter, events, steps);
  return meter.touched;
}

for (const [name, work] of Object.entries(works)) {
  test(`${name}: twice the events are at most twice the work`, () => {
    const [once, twice] = [touchedBy(work, 2000, 5), touchedBy(work, 4000, 5)];
    assert.ok(once > 100, `only ${once} elements touched`);
    assert.ok(twice <= 2.2 * once, `${once} elements touched for 2000 events, ${twice} for 4000`);
    // at most some 20 for each event and step
    assert.ok(twice <= 20 * 4000 * 5, `${twice} elements touched`);
  });
}

for (const name of ["a -> a -> a … within", "a => a => a … within", "a until a until a … within"]) {
  test(`${name}: twice the steps are at most twice the work`, () => {
    const work = works[name] as Work;
    const [once, twice] = [touchedBy(work, 1000, 10), touchedBy(work, 1000, 20)];
    assert.ok(twice <= 2.2 * once, `${once} elements touched for 10 steps, ${twice} for 20`);
  });
}

test.run();
