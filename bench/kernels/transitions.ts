/**
 * The transitions of an automaton alone, without any counting: what pattern kernels cannot do better than.
 */

/**
 * Walks all sessions, one after the other. O(n) time.
 * @param next - Int32Array(states << shift), of an `Automaton`
 * @param symbols - Uint16Array(n)
 * @param sessionOffsets - Uint32Array(S + 1), CSR offsets into `symbols`
 * @returns the sum of the rows in which sessions end, modulo 2^32
 */
export function walk(next: Int32Array, symbols: Uint16Array, sessionOffsets: Uint32Array): number {
  const sessions = sessionOffsets.length - 1;
  let sum = 0;
  for (let sessionIdx = 0; sessionIdx < sessions; sessionIdx++) {
    let row = 0;
    const end = sessionOffsets[sessionIdx + 1] ?? 0;
    for (let position = sessionOffsets[sessionIdx] ?? 0; position < end; position++) {
      row = next[row + (symbols[position] as number)] as number;
    }
    sum = (sum + row) | 0;
  }
  return sum;
}

/**
 * The same with four sessions in flight, a lane taking the next session when its own ends: hides the latency of the load.
 */
export function walkFour(next: Int32Array, symbols: Uint16Array, sessionOffsets: Uint32Array): number {
  const sessions = sessionOffsets.length - 1;
  let sum = 0;
  let sessionIdx = 0;
  let [a, b, c, d] = [0, 0, 0, 0];
  let [atA, atB, atC, atD] = [0, 0, 0, 0];
  let [endA, endB, endC, endD] = [0, 0, 0, 0];
  while (sessionIdx + 4 <= sessions) {
    if (atA === endA) {
      sum = (sum + a) | 0;
      a = 0;
      atA = sessionOffsets[sessionIdx++] as number;
      endA = sessionOffsets[sessionIdx] as number;
    }
    if (atB === endB) {
      sum = (sum + b) | 0;
      b = 0;
      atB = sessionOffsets[sessionIdx++] as number;
      endB = sessionOffsets[sessionIdx] as number;
    }
    if (atC === endC) {
      sum = (sum + c) | 0;
      c = 0;
      atC = sessionOffsets[sessionIdx++] as number;
      endC = sessionOffsets[sessionIdx] as number;
    }
    if (atD === endD) {
      sum = (sum + d) | 0;
      d = 0;
      atD = sessionOffsets[sessionIdx++] as number;
      endD = sessionOffsets[sessionIdx] as number;
    }
    for (let left = Math.min(endA - atA, endB - atB, endC - atC, endD - atD); left > 0; left--) {
      a = next[a + (symbols[atA++] as number)] as number;
      b = next[b + (symbols[atB++] as number)] as number;
      c = next[c + (symbols[atC++] as number)] as number;
      d = next[d + (symbols[atD++] as number)] as number;
    }
  }
  for (; atA < endA; atA++) a = next[a + (symbols[atA] as number)] as number;
  for (; atB < endB; atB++) b = next[b + (symbols[atB] as number)] as number;
  for (; atC < endC; atC++) c = next[c + (symbols[atC] as number)] as number;
  for (; atD < endD; atD++) d = next[d + (symbols[atD] as number)] as number;
  sum = (sum + a + b + c + d) | 0;
  for (; sessionIdx < sessions; sessionIdx++) {
    let row = 0;
    const end = sessionOffsets[sessionIdx + 1] as number;
    for (let position = sessionOffsets[sessionIdx] as number; position < end; position++) {
      row = next[row + (symbols[position] as number)] as number;
    }
    sum = (sum + row) | 0;
  }
  return sum;
}
