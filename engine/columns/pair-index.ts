import type { Slab } from "./slab.js";

const plain: Pick<Slab, "uint32"> = { uint32: (length) => new Uint32Array(length) };

/**
 * Numbers distinct pairs of codes from 0, in the order in which they first appear.
 *
 * The first pair of a left code is found by one array look-up, which is all there is where session ids are unique. Pairs
 * beyond it stand in a hash table: where sessions are numbered per user, a million users share the id 1.
 */
export class PairIndex {
  /** One more than the number of the first pair of each left code; 0: none. */
  private readonly first: Uint32Array;
  private lefts: Uint32Array;
  private rights: Uint32Array;
  private pairs = 0;
  /** One more than a pair's number, by hash; linear probing, at most half full. */
  private table: Uint32Array = new Uint32Array(0);
  private tabled = 0;

  /**
   * @param lefts - left codes are below it
   * @param memory - where the index is made
   */
  constructor(lefts: number, memory: Pick<Slab, "uint32"> = plain) {
    this.first = memory.uint32(lefts);
    this.lefts = memory.uint32(Math.max(16, lefts));
    this.rights = memory.uint32(Math.max(16, lefts));
  }

  /** How many different pairs there are. */
  get count(): number {
    return this.pairs;
  }

  /** The number of a pair, new or known. O(1) expected. */
  numberOf(left: number, right: number): number {
    const first = this.first[left] as number;
    if (first === 0) {
      const pair = this.add(left, right);
      this.first[left] = pair + 1;
      return pair;
    }
    return this.rights[first - 1] === right ? first - 1 : this.beyondFirst(left, right);
  }

  /** The left code of a pair. */
  leftOf(pair: number): number {
    return this.lefts[pair] as number;
  }

  /** The right code of a pair. */
  rightOf(pair: number): number {
    return this.rights[pair] as number;
  }

  private beyondFirst(left: number, right: number): number {
    if (2 * (this.tabled + 1) > this.table.length) this.growTable();
    const slot = this.slotOf(left, right);
    const known = this.table[slot] as number;
    if (known !== 0) return known - 1;
    const pair = this.add(left, right);
    this.table[slot] = pair + 1;
    this.tabled++;
    return pair;
  }

  /** Where a pair stands in the table, or where it would. */
  private slotOf(left: number, right: number): number {
    const mask = this.table.length - 1;
    const mixed = Math.imul(Math.imul(left, 0x9e3779b1) ^ right, 0x85ebca6b);
    let slot = (mixed ^ (mixed >>> 15)) & mask;
    for (;;) {
      const pair = this.table[slot] as number;
      if (pair === 0 || (this.lefts[pair - 1] === left && this.rights[pair - 1] === right)) return slot;
      slot = (slot + 1) & mask;
    }
  }

  private add(left: number, right: number): number {
    if (this.pairs === this.lefts.length) {
      this.lefts = grown(this.lefts);
      this.rights = grown(this.rights);
    }
    this.lefts[this.pairs] = left;
    this.rights[this.pairs] = right;
    return this.pairs++;
  }

  private growTable(): void {
    const old = this.table;
    this.table = new Uint32Array(Math.max(256, 2 * old.length));
    for (const pair of old) {
      if (pair !== 0) this.table[this.slotOf(this.lefts[pair - 1] as number, this.rights[pair - 1] as number)] = pair;
    }
  }
}

function grown(array: Uint32Array): Uint32Array {
  const larger = new Uint32Array(2 * array.length);
  larger.set(array);
  return larger;
}
