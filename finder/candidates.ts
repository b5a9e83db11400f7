import type { Cohorts } from "../engine/cohorts.js";
import type { Scenario } from "../engine/mine.js";
import { contains } from "./scenarios.js";
import { normalQuantile } from "./statistics/distributions.js";

/** A hypothesis in a scenario that an expert lets through, by its counts. */
export interface Candidate {
  /** Patterns, and those with gaps or within some time: index among the mined; conditions: index among the planned. */
  readonly subject: { readonly kind: "pattern" | "gapped" | "condition"; readonly index: number };
  readonly scenario: Scenario;
  readonly membersFailing: number;
  readonly membersNormal: number;
  /** Sessions that members are compared with, members included. */
  readonly failing: number;
  readonly normal: number;
  /** The same hypothesis in other cohorts, and longer or shorter patterns, that this one stands for. */
  readonly folded: readonly Candidate[];
  /** Of a cross: how far it exceeds what its parts explain, in standard errors of independent sessions. */
  readonly interactionZ?: number;
}

/** Names a hypothesis in a scenario. */
export function scenarioKey({ subject, scenario }: Candidate): string {
  return `${subject.kind}:${subject.index}:${scenario.kpi}:${scenario.cohort}`;
}

/** Failing members beyond what there would be if members failed like the others. */
export function excessOf({ membersFailing, membersNormal, failing, normal }: Candidate): number {
  const others = failing + normal - membersFailing - membersNormal;
  if (others === 0) return 0;
  return membersFailing - ((membersFailing + membersNormal) * (failing - membersFailing)) / others;
}

/** Members are this many times worse at the least, or there is no effect left (METHODS, 6: the effect floor). */
export const FLOOR_RATIO = 1.25;
/** Two-sided 95 %. */
const Z = 1.96;

/**
 * Whether members of a remainder are still clearly worse: ratio above the floor, and the difference beyond chance when
 * sessions count as independent. A quick look that only decides what is folded; what is reported is judged by user.
 */
export function hasEffect(
  membersFailing: number,
  members: number,
  othersFailing: number,
  others: number,
  leastZ: number = Z,
): boolean {
  if (members === 0 || others === 0) return false;
  const inside = membersFailing / members;
  const outside = othersFailing / others;
  if (inside <= FLOOR_RATIO * outside) return false;
  const pooled = (membersFailing + othersFailing) / (members + others);
  const error = Math.sqrt(pooled * (1 - pooled) * (1 / members + 1 / others));
  return inside - outside > leastZ * error;
}

/** Two-sided, over all cohorts that a hypothesis could be told in. */
const COHORT_LEVEL = 0.05;

/**
 * One cause, one cohort: of a hypothesis that passes in several cohorts the broadest stands for those within it, unless the
 * effect is all in one of them. Then that one stands, for it says where to look. That its effect is larger than in the rest of the broader one
 * must be clear (Cochran's test of two strata, Biometrics 10, 1954; the difference of two estimates: Altman & Bland, BMJ 326, 2003), for
 * that a small rest shows none is no evidence; and the rest must show none. The cohort is chosen from many, and of so many some rest
 * looks so by chance: both are held to 5 % divided by the number of cohorts.
 * @param candidates - of one KPI and one hypothesis
 * @param keep - share of the broader one's excess that a narrower one must hold, as far as chance can tell
 */
export function resolveCohorts(candidates: readonly Candidate[], cohorts: Cohorts, keep: number): Candidate[] {
  const width = (candidate: Candidate): number => cohorts.cohorts[candidate.scenario.cohort]?.values.length ?? 0;
  const leastZ = leastZOf(cohorts.cohorts.length);
  let open = [...candidates].sort((a, b) => width(a) - width(b) || excessOf(b) - excessOf(a));
  const chosen: Candidate[] = [];
  while (open.length > 0) {
    let head = open[0] as Candidate;
    for (;;) {
      const broad = head;
      const inner = open.filter(
        (candidate) => candidate !== broad && contains(cohorts, broad.scenario.cohort, candidate.scenario.cohort),
      );
      const all = inner.filter((candidate) => isWhereItIs(broad, candidate, keep, leastZ));
      const narrower = all.sort((a, b) => width(a) - width(b) || excessOf(b) - excessOf(a))[0];
      if (narrower === undefined) break;
      head = narrower;
    }
    const stands = head;
    const folded = open.filter(
      (candidate) =>
        candidate !== stands &&
        (contains(cohorts, stands.scenario.cohort, candidate.scenario.cohort) ||
          contains(cohorts, candidate.scenario.cohort, stands.scenario.cohort)),
    );
    chosen.push({ ...stands, folded: [...stands.folded, ...folded] });
    open = open.filter((candidate) => candidate !== stands && !folded.includes(candidate));
  }
  return chosen;
}

const leastZs = new Map<number, number>();

/** Standard errors of what is clear among so many cohorts; asked for each hypothesis, and made once. */
function leastZOf(cohorts: number): number {
  const known = leastZs.get(cohorts);
  if (known !== undefined) return known;
  const z = normalQuantile(COHORT_LEVEL / 2 / Math.max(1, cohorts));
  leastZs.set(cohorts, z);
  return z;
}

/**
 * Whether a narrower cohort shows clearly more of an effect than the rest of a broader one, and that rest none: not clearly worse, and with no more
 * than a small share of the excess beyond chance.
 */
function isWhereItIs(broad: Candidate, narrow: Candidate, keep: number, leastZ: number): boolean {
  const inside = sidesOf(narrow);
  const whole = sidesOf(broad);
  const members = less(whole.members, inside.members);
  const others = less(whole.others, inside.others);
  // members in the narrower one alone, or others alone: there is no rest that could be compared
  if (members.sessions === 0 || others.sessions === 0) return excessOf(narrow) >= keep * excessOf(broad);
  if (hasEffect(members.failing, members.sessions, others.failing, others.sessions, leastZ)) return false;
  const pooled = (members.failing + others.failing) / (members.sessions + others.sessions);
  const error = Math.sqrt(pooled * (1 - pooled) * (1 / members.sessions + 1 / others.sessions));
  const left = members.failing / members.sessions - others.failing / others.sessions;
  if (members.sessions * (left - Z * error) > (1 - keep) * excessOf(broad)) return false;
  const [own, rest] = [differenceOf(inside.members, inside.others), differenceOf(members, others)];
  return own.value - rest.value > leastZ * Math.sqrt(own.variance + rest.variance);
}

interface Side {
  readonly failing: number;
  readonly sessions: number;
}

function sidesOf({ membersFailing, membersNormal, failing, normal }: Candidate): {
  readonly members: Side;
  readonly others: Side;
} {
  const members = { failing: membersFailing, sessions: membersFailing + membersNormal };
  return { members, others: less({ failing, sessions: failing + normal }, members) };
}

function less(whole: Side, part: Side): Side {
  return { failing: whole.failing - part.failing, sessions: whole.sessions - part.sessions };
}

/** Members' failure rate less the others', with a failure and a success more on each side (Agresti & Caffo, The American Statistician 54, 2000). */
function differenceOf(members: Side, others: Side): { readonly value: number; readonly variance: number } {
  const [own, other] = [rateOf(members), rateOf(others)];
  return { value: own.rate - other.rate, variance: own.variance + other.variance };
}

function rateOf({ failing, sessions }: Side): { readonly rate: number; readonly variance: number } {
  const rate = (failing + 1) / (sessions + 2);
  return { rate, variance: (rate * (1 - rate)) / (sessions + 2) };
}

/** A pattern's steps and how they lie. */
export interface PatternShape {
  /** Token codes. */
  readonly tokens: readonly number[];
  /** `next`: nothing but ignored events lies between two steps; `gap`: anything may. */
  readonly adjacency: "next" | "gap";
  /** ms from the first step to the last; null: no bound */
  readonly withinMs: number | null;
}

/**
 * Sub- and super-patterns by their counts alone: the sessions of a longer or stricter pattern are among those of each of its
 * parts. The longer stays only if it adds to the shorter, and the shorter only if it holds without the longer.
 * @param candidates - patterns of one scenario
 * @param shapeOf - the pattern of a candidate
 */
export function foldPatterns(
  candidates: readonly Candidate[],
  shapeOf: (candidate: Candidate) => PatternShape,
): Candidate[] {
  const byKey = new Map(candidates.map((candidate) => [shapeKey(shapeOf(candidate)), candidate]));
  const spacings = [
    ...new Map(candidates.map(shapeOf).map((shape) => [shapeKey({ ...shape, tokens: [] }), shape])).values(),
  ].sort(stricterFirst);
  const headOf = new Map<Candidate, Candidate>();
  // longest and strictest first, so that what a pattern stands for is known when it is folded itself
  const ordered = [...candidates].sort((a, b) => {
    const [x, y] = [shapeOf(a), shapeOf(b)];
    return (
      y.tokens.length - x.tokens.length ||
      stricterFirst(x, y) ||
      excessOf(b) - excessOf(a) ||
      a.subject.index - b.subject.index
    );
  });
  for (const long of ordered) {
    for (const key of partsOf(shapeOf(long), spacings)) {
      if (headOf.has(long)) break;
      const short = byKey.get(key);
      if (short === undefined || follow(headOf, short) === long) continue;
      if (!addsTo(long, short)) headOf.set(long, short);
      else if (!headOf.has(short) && !holdsWithout(short, long)) headOf.set(short, long);
    }
  }
  const folded = new Map<Candidate, Candidate[]>();
  for (const candidate of candidates) {
    const head = follow(headOf, candidate);
    if (head === candidate) continue;
    const list = folded.get(head) ?? [];
    list.push(candidate, ...candidate.folded);
    folded.set(head, list);
  }
  return candidates
    .filter((candidate) => !headOf.has(candidate))
    .map((candidate) => ({ ...candidate, folded: [...candidate.folded, ...(folded.get(candidate) ?? [])] }));
}

function shapeKey({ tokens, adjacency, withinMs }: PatternShape): string {
  return `${adjacency}:${withinMs}:${tokens.join(",")}`;
}

function stricterFirst(a: PatternShape, b: PatternShape): number {
  const widthOf = ({ withinMs }: PatternShape): number => withinMs ?? Number.MAX_VALUE;
  return Number(a.adjacency === "gap") - Number(b.adjacency === "gap") || widthOf(a) - widthOf(b);
}

/** Keys of the patterns that hold wherever a pattern does, the longest and strictest first. O(2^steps × spacings). */
function* partsOf({ tokens, adjacency, withinMs }: PatternShape, spacings: readonly PatternShape[]): Generator<string> {
  for (let length = tokens.length; length >= 1; length--) {
    for (const spacing of spacings) {
      const isSame = spacing.adjacency === adjacency && spacing.withinMs === withinMs;
      if (isSame && length === tokens.length) continue;
      // one step has nothing between and takes no time
      const isWider = spacing.withinMs === null || length === 1 || (withinMs !== null && withinMs <= spacing.withinMs);
      const isLooser = spacing.adjacency === "gap" || adjacency === "next" || length === 1;
      if (!isWider || !isLooser) continue;
      const choices = spacing.adjacency === "next" ? stretchesOf(tokens, length) : selectionsOf(tokens, length, 0);
      for (const chosen of choices) yield shapeKey({ ...spacing, tokens: chosen });
    }
  }
}

function* stretchesOf(tokens: readonly number[], length: number): Generator<readonly number[]> {
  for (let start = 0; start + length <= tokens.length; start++) yield tokens.slice(start, start + length);
}

function* selectionsOf(tokens: readonly number[], length: number, from: number): Generator<readonly number[]> {
  if (length === 0) yield [];
  else {
    for (let at = from; at + length <= tokens.length; at++) {
      for (const rest of selectionsOf(tokens, length - 1, at + 1)) yield [tokens[at] as number, ...rest];
    }
  }
}

function follow(headOf: ReadonlyMap<Candidate, Candidate>, candidate: Candidate): Candidate {
  let head = candidate;
  for (let next = headOf.get(head); next !== undefined; next = headOf.get(head)) head = next;
  return head;
}

/** Among the sessions with the shorter pattern, those with the longer one are clearly worse. */
function addsTo(long: Candidate, short: Candidate): boolean {
  const longMembers = long.membersFailing + long.membersNormal;
  const shortMembers = short.membersFailing + short.membersNormal;
  return hasEffect(
    long.membersFailing,
    longMembers,
    short.membersFailing - long.membersFailing,
    shortMembers - longMembers,
  );
}

/** Without the sessions of the longer pattern, those with the shorter one are still clearly worse than the rest. */
function holdsWithout(short: Candidate, long: Candidate): boolean {
  const membersFailing = short.membersFailing - long.membersFailing;
  const members = membersFailing + short.membersNormal - long.membersNormal;
  const othersFailing = short.failing - short.membersFailing;
  const others = othersFailing + short.normal - short.membersNormal;
  return hasEffect(membersFailing, members, othersFailing, others);
}
