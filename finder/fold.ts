import { bitsOf, countBits } from "../kernels/bits.js";
import { type Candidate, hasEffect } from "./candidates.js";
import type { Evidence } from "./collect.js";
import type { Effect, Opinion } from "./findings.js";
import { countsP } from "./significance.js";

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
    const near = nearest(item, groups, settings.fold_jaccard);
    if (near !== null) {
      near.folded.push(item);
      const keeps = item.effect.excessFailures >= settings.fold_keep * near.head.effect.excessFailures;
      if (keeps && item.complexity < near.head.complexity) {
        near.folded[near.folded.length - 1] = near.head;
        near.head = item;
      }
      continue;
    }
    if (groups.length > 0 && !effectLeft(item, covered)) {
      const shares = mostShared(item, groups);
      if (item.candidate.interactionZ === undefined || !adds(item, groups, settings.fold_keep)) {
        shares.folded.push(item);
        continue;
      }
    }
    groups.push({ head: item, folded: [] });
    const { members } = item.evidence;
    for (let word = 0; word < covered.length; word++) {
      covered[word] = (covered[word] as number) | (members[word] as number);
    }
  }
  for (const broad of narrowerOf.keys()) {
    const narrow = last(narrowerOf, broad);
    groups.find(({ head, folded }) => head === narrow || folded.includes(narrow))?.folded.push(broad);
  }
  return groups;
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
  const sizes = new Map(judged.map((item) => [item, countBits(item.evidence.members)]));
  for (const broad of judged) {
    const members = sizes.get(broad) as number;
    let sides: Sides | undefined;
    for (const narrow of judged) {
      if (narrow === broad || last(narrowerOf, narrow) === broad) continue;
      const inside = insideOf(narrow, broad, (1 - keep) * (sizes.get(narrow) as number));
      // what lies mostly outside is no part
      if (inside === null) continue;
      const { inner, shared } = inside;
      if (inner === 0 || inner >= members) continue;
      // what has nearly the same members is one, and the simpler is told
      const isSame = shared >= jaccard * (members + inner - shared);
      if (isSame || shared < keep * inner) continue;
      sides ??= sidesOf(broad.evidence);
      if (!isBy(broad, sides, narrow, keep)) continue;
      narrowerOf.set(broad, narrow);
      break;
    }
  }
  return narrowerOf;
}

/**
 * Of the narrower one's members those in the cohort of the broader, and those that are its members too; null as soon as more than so
 * many are not, which most pairs show in a tenth of their words.
 */
function insideOf(
  { evidence: { members: narrow } }: Judged,
  { evidence: { members, compared } }: Judged,
  mostOutside: number,
): { readonly inner: number; readonly shared: number } | null {
  let [outside, shared] = [0, 0];
  for (let word = 0; word < narrow.length; word++) {
    const inner = (narrow[word] as number) & (compared[word] as number);
    if (inner === 0) continue;
    const both = inner & (members[word] as number);
    shared += bitsOf(both);
    outside += bitsOf(inner ^ both);
    if (outside > mostOutside) return null;
  }
  return { inner: outside + shared, shared };
}

function last(narrowerOf: ReadonlyMap<Judged, Judged>, item: Judged): Judged {
  let narrow = item;
  for (let next = narrowerOf.get(narrow); next !== undefined; next = narrowerOf.get(narrow)) narrow = next;
  return narrow;
}

/** Whether a cross is clearly worse than the rest of each opportunity that it lies in: then it stands beside them. */
function adds({ evidence }: Judged, groups: readonly { readonly head: Judged }[], keep: number): boolean {
  const own = countBits(evidence.members);
  return groups.every(({ head }) => {
    if (overlap(evidence.members, head.evidence.members) < keep * own) return true;
    const inside = new Counts();
    const rest = new Counts();
    for (let at = 0; at < evidence.members.length; at++) {
      const whole = head.evidence.members[at] as number;
      inside.add(whole & (evidence.members[at] as number), evidence.failing[at] as number);
      rest.add(whole & ~(evidence.members[at] as number), evidence.failing[at] as number);
    }
    return hasEffect(inside.failing, inside.sessions, rest.failing, rest.sessions);
  });
}

/** Whether a broad one, of so many members and others, has its effect by a narrower one, which lies in it. */
function isBy({ evidence, mostP }: Judged, { own, others }: Sides, narrow: Judged, keep: number): boolean {
  const { members, compared, failing } = evidence;
  const inner = narrow.evidence.members;
  const both = new Counts();
  const beside = new Counts();
  for (let at = 0; at < members.length; at++) {
    const part = (inner[at] as number) & (compared[at] as number);
    if (part === 0) continue;
    const fails = failing[at] as number;
    both.add(part & (members[at] as number), fails);
    beside.add(part & ~(members[at] as number), fails);
  }
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

/** Members and others. */
interface Sides {
  readonly own: Counts;
  readonly others: Counts;
}

function sidesOf({ members, compared, failing }: Evidence): Sides {
  const [own, others] = [new Counts(), new Counts()];
  for (let at = 0; at < members.length; at++) {
    const all = compared[at] as number;
    if (all === 0) continue;
    own.add(members[at] as number, failing[at] as number);
    others.add(all & ~(members[at] as number), failing[at] as number);
  }
  return { own, others };
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

/** The group whose head has nearly the same members. */
function nearest<G extends { readonly head: Judged }>(item: Judged, groups: readonly G[], jaccard: number): G | null {
  const own = countBits(item.evidence.members);
  for (const group of groups) {
    const shared = overlap(item.evidence.members, group.head.evidence.members);
    const union = own + countBits(group.head.evidence.members) - shared;
    if (union > 0 && shared >= jaccard * union) return group;
  }
  return null;
}

function mostShared<G extends { readonly head: Judged }>(item: Judged, groups: readonly G[]): G {
  let best = groups[0] as G;
  let most = -1;
  for (const group of groups) {
    const shared = overlap(item.evidence.members, group.head.evidence.members);
    if (shared > most) {
      most = shared;
      best = group;
    }
  }
  return best;
}

/**
 * Whether members are still clearly worse where no accepted opportunity holds: by the effect floor, and as clear of chance as the
 * looks of the run demand, since of many candidates some have a remainder that chance alone makes worse.
 */
function effectLeft({ evidence, effect, mostP }: Judged, covered: Uint32Array): boolean {
  const { members, compared, failing } = evidence;
  const inside = new Counts();
  const outside = new Counts();
  for (let at = 0; at < members.length; at++) {
    const open = (compared[at] as number) & ~(covered[at] as number);
    if (open === 0) continue;
    inside.add(open & (members[at] as number), failing[at] as number);
    outside.add(open & ~(members[at] as number), failing[at] as number);
  }
  return isLeft(inside, outside, effect.q === null || effect.q === 0 ? 1 : mostP);
}

/** Whether what is left of the members is clearly worse than what is left of the others. */
function isLeft(members: Rates, others: Rates, mostP: number): boolean {
  if (!hasEffect(members.failing, members.sessions, others.failing, others.sessions)) return false;
  const [fails, all] = [members.failing + others.failing, members.sessions + others.sessions];
  return countsP(members.failing, members.sessions, fails, all) <= mostP;
}

function overlap(a: Uint32Array, b: Uint32Array): number {
  let bits = 0;
  for (let word = 0; word < a.length; word++) bits += bitsOf((a[word] as number) & (b[word] as number));
  return bits;
}
