import { bitsOf } from "../kernels/bits.js";
import { type Candidate, hasEffect } from "./candidates.js";
import type { Evidence } from "./collect.js";
import { countsP } from "./counts-p.js";
import type { Effect, Opinion } from "./findings.js";

/** A candidate with all that decides whether it is reported. */
export interface Judged {
  readonly candidate: Candidate;
  readonly evidence: Evidence;
  readonly effect: Effect;
  /** Largest one-sided p-value that is no chance among all that the run looks at. */
  readonly mostP: number;
  /** Whether the effect is that within users. */
  readonly isWithin: boolean;
  /** Steps, conditions and cohort values of its expression: the fewer the simpler. */
  readonly complexity: number;
  readonly opinions: readonly Opinion[];
}

/** An opportunity and what it stands for. */
export interface Folded {
  readonly head: Judged;
  readonly folded: readonly Judged[];
}

/** Settings of folding; see `settingDefinitions`. */
export interface FoldSettings {
  readonly fold_jaccard: number;
  readonly fold_keep: number;
}

/** Two-sided 95 %. */
const Z = 1.96;

/**
 * One cause, one opportunity (METHODS, 7). What has an effect only by a narrower one, in a cohort or under a further condition, is
 * folded under that one, which says where to look. Then best first: a later one is judged again among the sessions in which no
 * accepted one holds, and folded under the one that it overlaps most where no effect is left, or where their members are nearly
 * the same. Then the simplest stands that keeps nearly all recoverable failures. O(judged² × sessions / 32).
 * @param judged - of one KPI, best first
 */
export function foldJudged(judged: readonly Judged[], settings: FoldSettings): Folded[] {
  const narrowerOf = narrowed(judged, settings);
  const groups: { head: Judged; readonly folded: Judged[] }[] = [];
  const covered = new Uint32Array(judged[0]?.evidence.members.length ?? 0);
  for (const item of judged) {
    if (narrowerOf.has(item)) continue;
    const { near, most } = nearestOf(item, groups, settings.fold_jaccard);
    if (near !== null) {
      near.folded.push(item);
      const keeps = item.effect.excessFailures >= settings.fold_keep * near.head.effect.excessFailures;
      if (keeps && item.complexity < near.head.complexity) {
        near.folded[near.folded.length - 1] = near.head;
        near.head = item;
      }
      continue;
    }
    if (most !== null && !effectLeft(item, covered)) {
      if (item.candidate.interactionZ === undefined || !adds(item, groups, settings.fold_keep)) {
        most.folded.push(item);
        continue;
      }
    }
    groups.push({ head: item, folded: [] });
    addBits(covered, item.evidence.members);
  }
  for (const broad of narrowerOf.keys()) {
    const narrow = last(narrowerOf, broad);
    groups.find(({ head, folded }) => head === narrow || folded.includes(narrow))?.folded.push(broad);
  }
  return groups;
}

function addBits(to: Uint32Array, bits: Uint32Array): void {
  for (let word = 0; word < to.length; word++) to[word] = (to[word] as number) | (bits[word] as number);
}

/**
 * For each that has an effect only by a narrower one: the narrower one that holds most of it. The narrower is clearly worse than the
 * rest of the broader; that rest shows no effect, and holds but a small share of the broader one's excess failures, as far as
 * chance can tell.
 */
function narrowed(
  judged: readonly Judged[],
  { fold_jaccard: jaccard, fold_keep: keep }: FoldSettings,
): Map<Judged, Judged> {
  const narrowerOf = new Map<Judged, Judged>();
  const wordsOf = new Map(judged.map((item) => [item, filledWords(item.evidence.members)]));
  for (const broad of judged) {
    const { members } = broad.evidence.contrast;
    for (const narrow of judged) {
      if (narrow === broad || last(narrowerOf, narrow) === broad) continue;
      // compared in the same sessions all of its members are inside, and too many
      const isWithin = narrow.evidence.compared === broad.evidence.compared;
      const { members: own } = narrow.evidence.contrast;
      if (isWithin && own >= members) continue;
      const words = wordsOf.get(narrow) as Uint32Array;
      const inside = insideOf(narrow, words, broad, (1 - keep) * own);
      // what lies mostly outside is no part
      if (inside === null) continue;
      const { inner, shared } = inside;
      if (inner === 0 || inner >= members) continue;
      // what has nearly the same members is one, and the simpler is told
      const isSame = shared >= jaccard * (members + inner - shared);
      if (isSame || shared < keep * inner) continue;
      if (!isBy(broad, narrow, words, inside, keep)) continue;
      narrowerOf.set(broad, narrow);
      break;
    }
  }
  return narrowerOf;
}

/** Uint32Array, ascending: the words that are not 0 */
function filledWords(bits: Uint32Array): Uint32Array {
  const words = new Uint32Array(bits.length);
  return words.slice(0, listFilled(bits, words));
}

function listFilled(bits: Uint32Array, out: Uint32Array): number {
  let count = 0;
  for (let word = 0; word < bits.length; word++) {
    out[count] = word;
    count += bits[word] === 0 ? 0 : 1;
  }
  return count;
}

/** Of the narrower one's members those in the cohort of the broader, and those that are its members too. */
interface Inside {
  readonly inner: number;
  readonly shared: number;
}

/** Null as soon as more than so many are in the cohort and no members, which most pairs show in a tenth of their words. */
function insideOf(
  { evidence: narrow }: Judged,
  words: Uint32Array,
  { evidence: { members, compared } }: Judged,
  mostOutside: number,
): Inside | null {
  const outside = countOutside(words, narrow.members, compared, members, mostOutside);
  if (outside > mostOutside) return null;
  // compared in the same sessions all of its members are in the cohort
  if (narrow.compared === compared)
    return { inner: narrow.contrast.members, shared: narrow.contrast.members - outside };
  const shared = countShared(words, narrow.members, members);
  return { inner: outside + shared, shared };
}

/**
 * Counts the sessions of two sets that are not in a third, until they are more than so many.
 * @param words - of the first set, those that are not 0
 */
function countOutside(words: Uint32Array, a: Uint32Array, b: Uint32Array, not: Uint32Array, most: number): number {
  let outside = 0;
  for (let i = 0; i < words.length && outside <= most; i++) {
    const word = words[i] as number;
    outside += bitsOf((a[word] as number) & (b[word] as number) & ~(not[word] as number));
  }
  return outside;
}

function countShared(words: Uint32Array, a: Uint32Array, b: Uint32Array): number {
  let shared = 0;
  for (let i = 0; i < words.length; i++) {
    const word = words[i] as number;
    shared += bitsOf((a[word] as number) & (b[word] as number));
  }
  return shared;
}

function countSharedFailing(words: Uint32Array, a: Uint32Array, b: Uint32Array, failing: Uint32Array): number {
  let shared = 0;
  for (let i = 0; i < words.length; i++) {
    const word = words[i] as number;
    shared += bitsOf((a[word] as number) & (b[word] as number) & (failing[word] as number));
  }
  return shared;
}

function last(narrowerOf: ReadonlyMap<Judged, Judged>, item: Judged): Judged {
  let narrow = item;
  for (let next = narrowerOf.get(narrow); next !== undefined; next = narrowerOf.get(narrow)) narrow = next;
  return narrow;
}

/** Whether a cross is clearly worse than the rest of each opportunity that it lies in: then it stands beside them. */
function adds({ evidence }: Judged, groups: readonly { readonly head: Judged }[], keep: number): boolean {
  const own = evidence.contrast.members;
  return groups.every(({ head }) => {
    if (overlap(evidence.members, head.evidence.members) < keep * own) return true;
    const [inside, rest] = [new Counts(), new Counts()];
    const whole = head.evidence.members;
    countSides(whole, whole, evidence.members, evidence.failing, inside, rest);
    return hasEffect(inside.failing, inside.sessions, rest.failing, rest.sessions);
  });
}

/** Whether a broad one has its effect by a narrower one, which lies in it. */
function isBy(
  { evidence, mostP }: Judged,
  narrow: Judged,
  words: Uint32Array,
  { inner, shared }: Inside,
  keep: number,
): boolean {
  const { members, compared, failing, contrast } = evidence;
  const own = { sessions: contrast.members, failing: contrast.membersFailing };
  const others = { sessions: contrast.others, failing: contrast.othersFailing };
  const set = narrow.evidence.members;
  const both = { sessions: shared, failing: countSharedFailing(words, set, members, failing) };
  const innerFailing = countSharedFailing(words, set, compared, failing);
  const beside = { sessions: inner - shared, failing: innerFailing - both.failing };
  const rest = { sessions: own.sessions - both.sessions, failing: own.failing - both.failing };
  const othersBeside = { sessions: others.sessions - beside.sessions, failing: others.failing - beside.failing };
  if (!hasEffect(both.failing, both.sessions, rest.failing, rest.sessions)) return false;
  if (isLeft(rest, othersBeside, mostP)) return false;
  if (rest.sessions === 0 || others.sessions === 0 || othersBeside.sessions === 0) return false;
  const excess = both.failing + rest.failing - ((both.sessions + rest.sessions) * others.failing) / others.sessions;
  const [n1, n0] = [rest.sessions, othersBeside.sessions];
  const left = rest.failing - (n1 * othersBeside.failing) / n0;
  const rate = (rest.failing + othersBeside.failing) / (n1 + n0);
  const error = n1 * Math.sqrt(rate * (1 - rate) * (1 / n1 + 1 / n0));
  return left <= (1 - keep) * excess + Z * error;
}

/**
 * Counts the sessions in both of two sets by whether they are members. A loop of its own: V8 optimises that well, and a function that goes on
 * after one again and again.
 */
function countSides(
  a: Uint32Array,
  b: Uint32Array,
  members: Uint32Array,
  failing: Uint32Array,
  inside: Counts,
  outside: Counts,
): void {
  for (let at = 0; at < a.length; at++) {
    const all = (a[at] as number) & (b[at] as number);
    if (all === 0) continue;
    const own = all & (members[at] as number);
    inside.add(own, failing[at] as number);
    outside.add(all ^ own, failing[at] as number);
  }
}

type Rates = Pick<Counts, "sessions" | "failing">;

/** Sessions of a set, and failing ones among them. */
class Counts {
  sessions = 0;
  failing = 0;

  add(bits: number, fails: number): void {
    this.sessions += bitsOf(bits);
    this.failing += bitsOf(bits & fails);
  }
}

/** The first group whose head has nearly the same members; where there is none, the group whose head shares most of them. */
function nearestOf<G extends { readonly head: Judged }>(
  item: Judged,
  groups: readonly G[],
  jaccard: number,
): { readonly near: G | null; readonly most: G | null } {
  const own = item.evidence.contrast.members;
  let [most, mostShared]: [G | null, number] = [null, -1];
  for (const group of groups) {
    const shared = overlap(item.evidence.members, group.head.evidence.members);
    const union = own + group.head.evidence.contrast.members - shared;
    if (union > 0 && shared >= jaccard * union) return { near: group, most: null };
    if (shared > mostShared) [most, mostShared] = [group, shared];
  }
  return { near: null, most };
}

/**
 * Whether members are still clearly worse where no accepted opportunity holds: by the effect floor, and as clear of chance as the
 * looks of the run demand, since of many candidates some have a remainder that chance alone makes worse.
 */
function effectLeft({ evidence, effect, mostP }: Judged, covered: Uint32Array): boolean {
  const { members, compared, failing, contrast } = evidence;
  const [inside, outside] = [new Counts(), new Counts()];
  countSides(compared, covered, members, failing, inside, outside);
  const left = {
    sessions: contrast.members - inside.sessions,
    failing: contrast.membersFailing - inside.failing,
  };
  const othersLeft = {
    sessions: contrast.others - outside.sessions,
    failing: contrast.othersFailing - outside.failing,
  };
  return isLeft(left, othersLeft, effect.q === null || effect.q === 0 ? 1 : mostP);
}

/** Whether what is left of the members is clearly worse than what is left of the others. */
function isLeft(members: Rates, others: Rates, mostP: number): boolean {
  if (!hasEffect(members.failing, members.sessions, others.failing, others.sessions)) return false;
  const [fails, all] = [members.failing + others.failing, members.sessions + others.sessions];
  return countsP(members.failing, members.sessions, fails, all) <= mostP;
}

function overlap(a: Uint32Array, b: Uint32Array): number {
  let bits = 0;
  for (let word = 0; word < a.length; word++) {
    const both = (a[word] as number) & (b[word] as number);
    if (both !== 0) bits += bitsOf(both);
  }
  return bits;
}
