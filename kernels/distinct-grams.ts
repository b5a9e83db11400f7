/**
 * How many different k-grams the sessions hold: exactly, by a bitmap of all of them, or by a HyperLogLog where that is too big.
 *
 * Flajolet, Fusy, Gandouet & Meunier 2007 (the sketch); Heule, Nunkesser & Hall 2013 (a 64-bit hash needs no correction for
 * large counts); Ertl, "New cardinality estimation algorithms for HyperLogLog sketches", arXiv:1702.01284, 2017, algorithm 6
 * (the estimator: unbiased over the whole range without the tables of empirical bias that Heule et al. need).
 */

/** Bits of a bitmap that is still worth it: 1 MiB, which a core's cache holds; beyond, every gram would wait for memory. */
const bitmapBits = 2 ** 23;

/** 2^14 registers: a standard error of 1.04 / 128 = 0.8 %. */
const precision = 14;

/** Length of a HyperLogLog: one byte a register. */
export const hyperLogLogLength: number = 1 << precision;

/**
 * Length of the bitmap of all grams, in words of 32 bits, or 0 where it would be more than 1 MiB and a HyperLogLog has to do.
 * @param alphabetSize - symbols are 0 .. alphabetSize - 1
 * @param length - symbols of a gram
 */
export function gramBitmapLength(alphabetSize: number, length: number): number {
  const bits = alphabetSize ** length;
  return bits <= bitmapBits ? Math.ceil(bits / 32) : 0;
}

/**
 * Sets the bit of every gram that lies within a session. O(n) time. Bitmaps of parts merge by `|`.
 *
 * Shorter grams need no pass of their own: where a session has as many events as a longer gram, they are parts of those, see `markParts`.
 * @param symbols - Uint16Array(n), below `alphabetSize`
 * @param sessionOffsets - Uint32Array(S + 1), CSR offsets into `symbols`; sessions [start, end) are read
 * @param length - symbols of a gram, at least 1
 * @param below - sessions with so many events or more are passed over; infinite: none is
 * @param bitmap - Uint32Array(gramBitmapLength), added to
 */
export function markGrams(
  symbols: Uint16Array,
  sessionOffsets: Uint32Array,
  start: number,
  end: number,
  alphabetSize: number,
  length: number,
  below: number,
  bitmap: Uint32Array,
): void {
  const top = alphabetSize ** (length - 1);
  for (let sessionIdx = start; sessionIdx < end; sessionIdx++) {
    const first = sessionOffsets[sessionIdx];
    const stop = sessionOffsets[sessionIdx + 1];
    if (stop - first >= below) continue;
    const full = Math.min(stop, first + length - 1);
    let gram = 0;
    for (let position = first; position < full; position++) gram = gram * alphabetSize + symbols[position];
    for (let position = full; position < stop; position++) {
      gram = Math.imul(gram, alphabetSize) + symbols[position];
      // hardly any gram is new: writing each would make the next read of its word wait
      const word = bitmap[gram >>> 5];
      const bit = 1 << gram;
      if ((word & bit) === 0) bitmap[gram >>> 5] = word | bit;
      // Subtracting the symbol that leaves spares a modulo.
      gram -= Math.imul(symbols[position - length + 1], top);
    }
  }
}

/**
 * Sets the bit of every part, of adjacent symbols, of the grams whose bits are set. O(grams × parts) time.
 * @param grams - Uint32Array(gramBitmapLength) of grams of `length` symbols
 * @param partLength - symbols of a part, fewer
 * @param parts - Uint32Array(gramBitmapLength) of the parts, added to
 */
export function markParts(
  grams: Uint32Array,
  alphabetSize: number,
  length: number,
  partLength: number,
  parts: Uint32Array,
): void {
  const all = alphabetSize ** partLength;
  for (let word = 0; word < grams.length; word++) {
    for (let bits = grams[word]; bits !== 0; bits &= bits - 1) {
      let gram = word * 32 + 31 - Math.clz32(bits & -bits);
      for (let shift = partLength; shift <= length; shift++) {
        const part = gram % all;
        parts[part >>> 5] |= 1 << part;
        gram = (gram / alphabetSize) | 0;
      }
    }
  }
}

/**
 * Enters every gram that lies within a session in a HyperLogLog. O(n) time.
 *
 * A gram's hash rolls along: two polynomials over scrambled symbols (Karp & Rabin 1987), modulo 2^32 with odd bases, mixed once a
 * gram. Hashing each gram anew took four times as long for five symbols.
 * @param symbols - Uint16Array(n)
 * @param sessionOffsets - Uint32Array(S + 1), CSR offsets into `symbols`; sessions [start, end) are read
 * @param length - symbols of a gram, at least 1
 * @param registers - Uint8Array(hyperLogLogLength), added to
 */
export function sketchGrams(
  symbols: Uint16Array,
  sessionOffsets: Uint32Array,
  start: number,
  end: number,
  length: number,
  registers: Uint8Array,
): void {
  const firstBase = 0x9e3779b1;
  const secondBase = 0x85ebca77;
  let firstTop = 1;
  let secondTop = 1;
  for (let i = 0; i < length; i++) {
    firstTop = Math.imul(firstTop, firstBase);
    secondTop = Math.imul(secondTop, secondBase);
  }
  for (let sessionIdx = start; sessionIdx < end; sessionIdx++) {
    const first = sessionOffsets[sessionIdx];
    const stop = sessionOffsets[sessionIdx + 1];
    let one = 0;
    let two = 0;
    for (let position = first; position < stop; position++) {
      const entering = scramble(symbols[position]);
      one = (Math.imul(one, firstBase) + entering) | 0;
      two = (Math.imul(two, secondBase) + entering) | 0;
      if (position - first >= length) {
        const leaving = scramble(symbols[position - length]);
        one = (one - Math.imul(leaving, firstTop)) | 0;
        two = (two - Math.imul(leaving, secondTop)) | 0;
      }
      if (position - first < length - 1) continue;
      const high = mix(one ^ Math.imul(two, 0xcc9e2d51));
      const low = mix(two + Math.imul(one, 0x1b873593));
      // 14 bits choose the register; the rank is the place of the first 1 in the other 50, 51 where there is none.
      const register = high >>> (32 - precision);
      const rest = high << precision;
      const rank =
        rest !== 0 ? Math.clz32(rest) + 1 : low !== 0 ? 32 - precision + Math.clz32(low) + 1 : 64 - precision + 1;
      if (rank > registers[register]) registers[register] = rank;
    }
  }
}

/**
 * Enters every gram that lies within a session in a HyperLogLog, where all grams are numbers of 32 bits: three times as fast as
 * `sketchGrams`, since a number is its own rolling hash and hardly any needs a second word. O(n) time.
 *
 * What is left of a gram without its first symbol is a gram as well, so that the next shorter ones cost no pass of their own.
 * @param symbols - Uint16Array(n), below `alphabetSize`
 * @param sessionOffsets - Uint32Array(S + 1), CSR offsets into `symbols`; sessions [start, end) are read
 * @param alphabetSize - alphabetSize ** length <= 2 ** 32
 * @param length - symbols of a gram, at least 2
 * @param registers - Uint8Array(hyperLogLogLength), added to
 * @param shorter - Uint8Array(hyperLogLogLength) of the grams of `length - 1` symbols, added to; null: they are not wanted
 */
export function sketchNumberedGrams(
  symbols: Uint16Array,
  sessionOffsets: Uint32Array,
  start: number,
  end: number,
  alphabetSize: number,
  length: number,
  registers: Uint8Array,
  shorter: Uint8Array | null,
): void {
  const top = (alphabetSize ** (length - 1)) | 0;
  for (let sessionIdx = start; sessionIdx < end; sessionIdx++) {
    const first = sessionOffsets[sessionIdx];
    const stop = sessionOffsets[sessionIdx + 1];
    const full = first + length - 1;
    if (stop < full) continue;
    let gram = 0;
    for (let position = first; position < full; position++) {
      gram = (Math.imul(gram, alphabetSize) + symbols[position]) | 0;
    }
    if (shorter !== null) enter(gram, shorter);
    for (let position = full; position < stop; position++) {
      gram = (Math.imul(gram, alphabetSize) + symbols[position]) | 0;
      enter(gram, registers);
      gram = (gram - Math.imul(symbols[position - length + 1], top)) | 0;
      if (shorter !== null) enter(gram, shorter);
    }
  }
}

/** Enters one gram, by its number. */
function enter(gram: number, registers: Uint8Array): void {
  // a constant keeps 0 from being its own hash
  const high = mix(gram ^ 0x2545f491);
  const register = high >>> (32 - precision);
  const rest = high << precision;
  const rank = rest !== 0 ? Math.clz32(rest) + 1 : rankBeyond(gram);
  if (rank > registers[register]) registers[register] = rank;
}

/** The rank where the first word has no 1 left: one gram in 2^18. */
function rankBeyond(gram: number): number {
  const low = mix(Math.imul(gram, 0x9e3779b1) ^ 0x85ebca77);
  return low !== 0 ? 32 - precision + Math.clz32(low) + 1 : 64 - precision + 1;
}

/** A symbol as 32 bits without pattern. */
function scramble(symbol: number): number {
  let h = Math.imul(symbol + 1, 0xcc9e2d51);
  h ^= h >>> 15;
  return Math.imul(h, 0x1b873593);
}

/**
 * Merges a sketch into another: the result is that of the two inputs together.
 * @param into - Uint8Array(hyperLogLogLength)
 * @param from - Uint8Array(hyperLogLogLength)
 */
export function combineSketches(into: Uint8Array, from: Uint8Array): void {
  for (let register = 0; register < into.length; register++) {
    if (from[register] > into[register]) into[register] = from[register];
  }
}

/**
 * Estimates how many different grams were entered.
 * @param registers - Uint8Array(hyperLogLogLength)
 */
export function estimateDistinct(registers: Uint8Array): number {
  const m = registers.length;
  const most = 64 - precision + 1;
  const withRank = new Uint32Array(most + 1);
  for (let register = 0; register < m; register++) withRank[registers[register]]++;
  let z = m * tau(1 - withRank[most] / m);
  for (let rank = most - 1; rank >= 1; rank--) z = 0.5 * (z + withRank[rank]);
  z += m * sigma(withRank[0] / m);
  return (m * m) / (2 * Math.LN2 * z);
}

/** The finalizer of MurmurHash3 (Appleby): a bijection of 32 bits. */
function mix(h: number): number {
  h ^= h >>> 16;
  h = Math.imul(h, 0x85ebca6b);
  h ^= h >>> 13;
  h = Math.imul(h, 0xc2b2ae35);
  return h ^ (h >>> 16);
}

/** Ertl 2017, equation 13: x + the sum of x^(2^k) 2^(k - 1). */
function sigma(x: number): number {
  if (x === 1) return Number.POSITIVE_INFINITY;
  let power = x;
  let weight = 1;
  let sum = x;
  for (let before = -1; sum !== before; weight *= 2) {
    before = sum;
    power *= power;
    sum += power * weight;
  }
  return sum;
}

/** Ertl 2017, equation 18: (1 - x - the sum of (1 - x^(2^-k))^2 2^-k) / 3. */
function tau(x: number): number {
  if (x === 0 || x === 1) return 0;
  let root = x;
  let weight = 1;
  let sum = 1 - x;
  for (let before = -1; sum !== before; ) {
    before = sum;
    root = Math.sqrt(root);
    weight *= 0.5;
    sum -= (1 - root) ** 2 * weight;
  }
  return sum / 3;
}
