import { bitsOf } from "./bits.js";

/**
 * Counts the members of a condition by KPI. 8 sessions × 8 KPIs are a block of 64 bits; turned round (Warren, Hacker's Delight,
 * 7-3), the members of 32 sessions are one word a KPI, and words are counted by their bits (5-1).
 */

/**
 * Counts members among some sessions, by KPI and by how they stand on it. O(sessions), no allocation.
 * @param members - Uint8Array(S): bit k is 1 where the condition holds on what is evidence for KPI k
 * @param sessions - Uint32Array(32 * words), sessions, any where there is none
 * @param normal - Uint32Array(kpis * words): bit i of word w of a KPI is 1 where session 32 w + i is normal for it
 * @param failing - Uint32Array(kpis * words)
 * @param words - of a KPI; [start, end) of them are looked at
 * @param kpis - at most 8
 * @param counts - Uint32Array(kpis * 2), written: normal members of KPI k at 2k, failing ones at 2k + 1
 */
export function countMembers(
  members: Uint8Array,
  sessions: Uint32Array,
  normal: Uint32Array,
  failing: Uint32Array,
  start: number,
  end: number,
  words: number,
  kpis: number,
  counts: Uint32Array,
): void {
  for (let at = 0; at < kpis * 2; at++) counts[at] = 0;
  for (let word = start; word < end; word++) {
    let [k0, k1, k2, k3, k4, k5, k6, k7] = [0, 0, 0, 0, 0, 0, 0, 0];
    for (let shift = 0; shift < 32; shift += 8) {
      const first = word * 32 + shift;
      let x =
        (members[sessions[first + 7]] << 24) |
        (members[sessions[first + 6]] << 16) |
        (members[sessions[first + 5]] << 8) |
        members[sessions[first + 4]];
      let y =
        (members[sessions[first + 3]] << 24) |
        (members[sessions[first + 2]] << 16) |
        (members[sessions[first + 1]] << 8) |
        members[sessions[first]];
      if ((x | y) === 0) continue;
      let t = (x ^ (x >>> 7)) & 0x00aa00aa;
      x = x ^ t ^ (t << 7);
      t = (y ^ (y >>> 7)) & 0x00aa00aa;
      y = y ^ t ^ (t << 7);
      t = (x ^ (x >>> 14)) & 0x0000cccc;
      x = x ^ t ^ (t << 14);
      t = (y ^ (y >>> 14)) & 0x0000cccc;
      y = y ^ t ^ (t << 14);
      t = (x & 0xf0f0f0f0) | ((y >>> 4) & 0x0f0f0f0f);
      y = ((x << 4) & 0xf0f0f0f0) | (y & 0x0f0f0f0f);
      k0 |= (y & 255) << shift;
      k1 |= ((y >>> 8) & 255) << shift;
      k2 |= ((y >>> 16) & 255) << shift;
      k3 |= (y >>> 24) << shift;
      k4 |= (t & 255) << shift;
      k5 |= ((t >>> 8) & 255) << shift;
      k6 |= ((t >>> 16) & 255) << shift;
      k7 |= (t >>> 24) << shift;
    }
    add(counts, 0, kpis, k0, normal, failing, words, word);
    add(counts, 1, kpis, k1, normal, failing, words, word);
    add(counts, 2, kpis, k2, normal, failing, words, word);
    add(counts, 3, kpis, k3, normal, failing, words, word);
    add(counts, 4, kpis, k4, normal, failing, words, word);
    add(counts, 5, kpis, k5, normal, failing, words, word);
    add(counts, 6, kpis, k6, normal, failing, words, word);
    add(counts, 7, kpis, k7, normal, failing, words, word);
  }
}

function add(
  counts: Uint32Array,
  kpi: number,
  kpis: number,
  bits: number,
  normal: Uint32Array,
  failing: Uint32Array,
  words: number,
  word: number,
): void {
  if (bits === 0 || kpi >= kpis) return;
  counts[2 * kpi] += bitsOf(bits & normal[kpi * words + word]);
  counts[2 * kpi + 1] += bitsOf(bits & failing[kpi * words + word]);
}
