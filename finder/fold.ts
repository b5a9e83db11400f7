import { countBits } from "../kernels/distinct-grams.js";
import { type Candidate, hasEffect } from "./candidates.js";
import type { Evidence } from "./collect.js";
import type { Effect, Opinion } from "./findings.js";

/** A candidate with all that decides whether it is reported. */
export interface Judged {
  readonly candidate: Candidate;
  readonly evidence: Evidence;
  readonly effect: Effect;
  /** Whether the effect is that within users. */
  readonly isWithin: boolean;
  /** Steps and cohort values of its expression: the fewer the simpler. */
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

/**
 * One cause, one opportunity (METHODS, 7). Best first; a later one is judged again among the sessions in which no accepted
 * one holds, and folded under the one that it overlaps most where no effect is left, or where their members are nearly the
 * same. Then the simplest stands that keeps nearly all recoverable failures. O(judged² × sessions / 32).
 * @param judged - of one KPI, best first
 */
export function foldJudged(judged: readonly Judged[], settings: FoldSettings): Folded[] {
  const groups: { head: Judged; readonly folded: Judged[] }[] = [];
  const covered = new Uint32Array(judged[0]?.evidence.members.length ?? 0);
  for (const item of judged) {
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
      mostShared(item, groups).folded.push(item);
      continue;
    }
    groups.push({ head: item, folded: [] });
    const { members } = item.evidence;
    for (let word = 0; word < covered.length; word++) {
      covered[word] = (covered[word] as number) | (members[word] as number);
    }
  }
  return groups;
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

/** Whether members are still clearly worse where no accepted opportunity holds. */
function effectLeft({ evidence }: Judged, covered: Uint32Array): boolean {
  const { members, compared, failing } = evidence;
  let [inside, insideFailing, outside, outsideFailing] = [0, 0, 0, 0];
  const word = new Uint32Array(1);
  const count = (bits: number): number => {
    word[0] = bits;
    return countBits(word);
  };
  for (let at = 0; at < members.length; at++) {
    const open = (compared[at] as number) & ~(covered[at] as number);
    if (open === 0) continue;
    const m = open & (members[at] as number);
    const o = open & ~(members[at] as number);
    const f = failing[at] as number;
    inside += count(m);
    insideFailing += count(m & f);
    outside += count(o);
    outsideFailing += count(o & f);
  }
  return hasEffect(insideFailing, inside, outsideFailing, outside);
}

function overlap(a: Uint32Array, b: Uint32Array): number {
  const both = new Uint32Array(a.length);
  for (let word = 0; word < a.length; word++) both[word] = (a[word] as number) & (b[word] as number);
  return countBits(both);
}
