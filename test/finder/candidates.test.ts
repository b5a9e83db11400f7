import fc from "fast-check";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import type { Cohorts } from "../../engine/cohorts.js";
import {
  type Candidate,
  excessOf,
  foldPatterns,
  hasEffect,
  type PatternShape,
  resolveCohorts,
} from "../../finder/candidates.js";

const test = suite("candidates");

function candidate(
  cohort: number,
  [membersFailing, membersNormal, failing, normal]: readonly number[],
  index = 0,
): Candidate {
  return {
    subject: { kind: "pattern", index },
    scenario: { cohort, kpi: 0, failing: failing!, normal: normal! },
    membersFailing: membersFailing!,
    membersNormal: membersNormal!,
    failing: failing!,
    normal: normal!,
    folded: [],
  };
}

test("excess is the failing members beyond what the others' rate would give", () => {
  // 20 of 50 members fail, 30 of 150 others: 50 × 0.2 = 10 would
  assert.is(excessOf(candidate(0, [20, 30, 50, 150])), 10);
  assert.is(excessOf(candidate(0, [10, 40, 40, 160])), 0);
  assert.is(excessOf(candidate(0, [5, 45, 50, 150])), -10);
  // without others there is nothing to compare with
  assert.is(excessOf(candidate(0, [50, 150, 50, 150])), 0);
});

test("an effect is more than 1.25 times the others' rate, and beyond chance", () => {
  const many = 1_000_000;
  assert.not(hasEffect(0.25 * many, many, 0.2 * many, many), "the floor itself is none");
  assert.ok(hasEffect(0.25 * many + 1, many, 0.2 * many, many));
  assert.not(hasEffect(6, 10, 10, 20), "ten sessions are too few for 60 against 50 %");
  assert.not(hasEffect(2, 4, 100, 500), "nor four for 50 against 20 %");
  assert.ok(hasEffect(20, 40, 100, 500));
  assert.not(hasEffect(10, 100, 30, 100), "better is no effect");
  assert.not(hasEffect(0, 0, 5, 10));
  assert.not(hasEffect(5, 10, 0, 0));
});

const [all, ios, android, iosNorway, norway] = [0, 1, 2, 3, 4];
const os = (code: number) => ({ attribute: 0, code });
const country = { attribute: 1, code: 1 };
const cohorts: Cohorts = {
  cohorts: [[], [os(1)], [os(2)], [os(1), country], [country]].map((values) => ({ values, users: 0, sessions: 0 })),
  cellOf: new Uint32Array(0),
  cells: 0,
  cohortOffsets: new Uint32Array(1),
  cohortsOfCell: new Uint32Array(0),
};
const shown = (found: readonly Candidate[]) =>
  found.map(({ scenario, folded }) => [scenario.cohort, folded.map((inner) => inner.scenario.cohort).sort()]);

const resolutions: readonly (readonly [name: string, given: Record<number, readonly number[]>, expected: unknown])[] = [
  [
    "the broadest stands where the effect is the same in its parts",
    { [all]: [200, 200, 400, 1600], [ios]: [100, 100, 200, 800], [android]: [100, 100, 200, 800] },
    [[all, [ios, android]]],
  ],
  [
    "a narrower one stands where the effect is all in it",
    // outside of ios members fail like the others: 20 of 100 to 180 of 900
    { [all]: [120, 180, 400, 1600], [ios]: [100, 100, 200, 800] },
    [[ios, [all]]],
  ],
  [
    "the narrowest of a chain stands where the effect is all in it",
    { [all]: [130, 270, 400, 1600], [ios]: [115, 185, 250, 950], [iosNorway]: [100, 100, 200, 800] },
    [[iosNorway, [all, ios]]],
  ],
  [
    "a narrower one with part of the effect is folded",
    // outside of ios members fail in 60 of 100, the others in 180 of 900
    { [all]: [160, 140, 400, 1600], [ios]: [100, 100, 200, 800] },
    [[all, [ios]]],
  ],
  [
    "a rest that chance makes a little worse does not keep the effect from where it is",
    // outside of ios members fail in 60 of 1000, the others in 400 of 9000: 2.2 standard errors among five cohorts
    { [all]: [260, 1140, 700, 10500], [ios]: [200, 200, 240, 960] },
    [[ios, [all]]],
  ],
  [
    "the broadest stands where a small rest shows nothing, for it shows no difference either",
    // 5 of 20 members outside of ios fail and 16 of 80 others, in ios 200 of 400 and 160 of 800
    { [all]: [205, 215, 381, 919], [ios]: [200, 200, 360, 840] },
    [[all, [ios]]],
  ],
  [
    "where members are found in the narrower one alone, it stands",
    { [all]: [200, 200, 400, 1600], [ios]: [200, 200, 300, 900] },
    [[ios, [all]]],
  ],
  [
    "cohorts that are not part of one another stand side by side",
    { [ios]: [100, 100, 200, 800], [norway]: [50, 50, 100, 400] },
    [
      [ios, []],
      [norway, []],
    ],
  ],
  [
    "a pair is folded under both of its values' cohort with more excess",
    { [ios]: [100, 100, 200, 800], [norway]: [50, 50, 100, 400], [iosNorway]: [40, 40, 60, 300] },
    [
      [ios, [iosNorway]],
      [norway, []],
    ],
  ],
  ["nothing comes of nothing", {}, []],
];

for (const [name, given, expected] of resolutions) {
  test(`resolveCohorts: ${name}`, () => {
    const candidates = Object.entries(given).map(([cohort, counts]) => candidate(Number(cohort), counts));
    assert.equal(shown(resolveCohorts(candidates, cohorts, 0.9)), expected);
    assert.equal(shown(resolveCohorts(candidates.reverse(), cohorts, 0.9)), expected);
  });
}

test("resolveCohorts: a narrower one must hold the kept share of the excess, as far as chance can tell", () => {
  // in the rest members fail in 12 %, others in 10: no effect by the floor, and a sixth of all excess
  const counts = (times: number) => [
    candidate(
      all,
      [220, 980, 420, 2780].map((count) => count * times),
    ),
    candidate(
      ios,
      [100, 100, 200, 1000].map((count) => count * times),
    ),
  ];
  assert.equal(shown(resolveCohorts(counts(1), cohorts, 0.9)), [[ios, [all]]]);
  assert.equal(shown(resolveCohorts(counts(100), cohorts, 0.9)), [[all, [ios]]]);
  assert.equal(shown(resolveCohorts(counts(100), cohorts, 0.5)), [[ios, [all]]]);
});

const [a, b, c] = [1, 2, 3];
type Pattern = readonly [tokens: readonly number[], membersFailing: number, membersNormal: number];

const next = (tokens: readonly number[]): PatternShape => ({ tokens, adjacency: "next", withinMs: null });

/** Heads with what is folded under them, of patterns in 1000 failing and 9000 normal sessions. */
function folded(patterns: readonly Pattern[]): [string, string[]][] {
  const text = (tokens: readonly number[]) => tokens.map((token) => "?abc"[token]).join("");
  const candidates = patterns.map(([, failing, normal], index) => candidate(0, [failing, normal, 1000, 9000], index));
  const tokensOf = ({ subject }: Candidate) => patterns[subject.index]![0];
  return foldPatterns(candidates, (each) => next(tokensOf(each))).map((head) => [
    text(tokensOf(head)),
    head.folded.map((inner) => text(tokensOf(inner))).sort(),
  ]);
}

const folds: readonly (readonly [name: string, patterns: readonly Pattern[], expected: readonly unknown[]])[] = [
  [
    "a longer pattern of the same sessions is folded under the shorter",
    [
      [[a], 300, 300],
      [[a, b], 300, 300],
    ],
    [["a", ["ab"]]],
  ],
  [
    "a longer pattern that fails no more often is folded",
    [
      [[a], 300, 300],
      [[a, b], 150, 150],
    ],
    [["a", ["ab"]]],
  ],
  [
    "a shorter pattern that says nothing without the longer is folded under it",
    // without ab, a fails in 70 of 1000, the rest in 630 of 8500
    [
      [[a], 370, 1130],
      [[a, b], 300, 200],
    ],
    [["ab", ["a"]]],
  ],
  [
    "both stand where each adds something",
    [
      [[a], 400, 800],
      [[a, b], 200, 50],
    ],
    [
      ["a", []],
      ["ab", []],
    ],
  ],
  [
    "a chain of lengths is one opportunity",
    [
      [[a], 300, 300],
      [[a, b], 300, 300],
      [[a, b, c], 300, 300],
    ],
    [["a", ["ab", "abc"]]],
  ],
  [
    "patterns that share no part stand side by side",
    [
      [[a], 300, 300],
      [[b, c], 300, 300],
    ],
    [
      ["a", []],
      ["bc", []],
    ],
  ],
];

for (const [name, patterns, expected] of folds) {
  test(`foldPatterns: ${name}`, () => assert.equal(folded(patterns), expected));
}

test("foldPatterns keeps every candidate once: as a head, or under one", () => {
  const grams = [[a], [b], [c], [a, a], [a, b], [b, c], [a, b, c], [a, b, a], [b, c, a, b], [a, b, c, a, b]];
  fc.assert(
    fc.property(
      fc.subarray(grams, { minLength: 1 }),
      fc.array(fc.tuple(fc.double({ min: 0.05, max: 1, noNaN: true }), fc.double({ min: 0.05, max: 1, noNaN: true })), {
        minLength: grams.length,
        maxLength: grams.length,
      }),
      (chosen, shares) => {
        // a pattern has at most the sessions of its parts
        const counts = new Map<string, [number, number]>();
        const countsOf = (gram: readonly number[]): [number, number] => {
          const known = counts.get(gram.join());
          if (known !== undefined) return known;
          const parts = gram.length === 1 ? [[900, 5000] as const] : [gram.slice(1), gram.slice(0, -1)].map(countsOf);
          const [x, y] = shares[counts.size % shares.length]!;
          const own: [number, number] = [
            Math.ceil(x * Math.min(...parts.map(([failing]) => failing))),
            Math.ceil(y * Math.min(...parts.map(([, normal]) => normal))),
          ];
          counts.set(gram.join(), own);
          return own;
        };
        const candidates = chosen.map((gram, index) => candidate(0, [...countsOf(gram), 1000, 9000], index));
        const heads = foldPatterns(candidates, ({ subject }) => next(chosen[subject.index]!));
        const found = heads.flatMap((head) => [head, ...head.folded]).map(({ subject }) => subject.index);
        assert.equal(
          found.sort((x, y) => x - y),
          [...chosen.keys()],
        );
      },
    ),
    { seed: 1, numRuns: 2_000 },
  );
});

test.run();
