/**
 * A hash of the keys and the nesting of a line of JSON: lines of one shape have the same keys, so that only one of them need be parsed
 * to know its columns. FNV-1a, twice with different seeds, for 53 bits (Fowler, Noll, Vo; public domain).
 */

/**
 * The shape of the JSON text in bytes [start, end). O(end - start), no allocation. Values do not matter, nor do array lengths except by
 * the objects inside; text that is no JSON has some shape too.
 * @param bytes - Uint8Array, UTF-8
 * @returns an integer below 2^53
 */
export function jsonShape(bytes: Uint8Array, start: number, end: number): number {
  let low = 0x811c9dc5;
  let high = 0x9747b28c;
  let at = start;
  while (at < end) {
    const byte = bytes[at];
    if (byte === 34) {
      const open = ++at;
      while (at < end && bytes[at] !== 34) at += bytes[at] === 92 ? 2 : 1;
      let next = at + 1;
      while (next < end && (bytes[next] === 32 || bytes[next] === 9)) next++;
      // A string before a colon is a key; the closing quote stands for the end of the key.
      if (next < end && bytes[next] === 58) {
        for (let key = open; key <= at; key++) {
          low = Math.imul(low ^ bytes[key], 0x01000193);
          high = Math.imul(high ^ bytes[key], 0x01000193);
        }
        at = next;
      }
    } else if (byte === 123 || byte === 125 || byte === 91 || byte === 93) {
      low = Math.imul(low ^ byte, 0x01000193);
      high = Math.imul(high ^ byte, 0x01000193);
    }
    at++;
  }
  return (high & 0x1fffff) * 0x1_0000_0000 + (low >>> 0);
}
