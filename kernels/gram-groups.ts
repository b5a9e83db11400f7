/**
 * Sequences of adjacent events, each as the group of the positions where it ends, grown symbol by symbol: prefix projection (Pei et al.,
 * "PrefixSpan", ICDE 2001) of sequences without gaps, where the projection of an occurrence is the event after it.
 */

/**
 * Groups all positions by symbol, ascending within a group. O(n + alphabet) time.
 * @param symbols - Uint16Array(n), below the size of the alphabet
 * @param offsets - Uint32Array(alphabet + 1), written: symbol s has `positions[offsets[s], offsets[s + 1])`
 * @param positions - Uint32Array(n), written
 */
export function groupBySymbol(symbols: Uint16Array, offsets: Uint32Array, positions: Uint32Array): void {
  offsets.fill(0);
  for (let at = 0; at < symbols.length; at++) offsets[symbols[at] + 1]++;
  for (let symbol = 1; symbol < offsets.length; symbol++) offsets[symbol] += offsets[symbol - 1];
  for (let at = 0; at < symbols.length; at++) positions[offsets[symbols[at]]++] = at;
  // each offset has moved to where the next one was
  offsets.copyWithin(1, 0, offsets.length - 1);
  offsets[0] = 0;
}

/**
 * Writes the symbol of the event after each one in its session, and one; 0 after a session's last. O(n) time.
 * @param symbols - Uint16Array(n)
 * @param sessionOffsets - Uint32Array(S + 1), CSR offsets into `symbols`
 * @param out - Uint32Array(n), written
 */
export function followingSymbols(symbols: Uint16Array, sessionOffsets: Uint32Array, out: Uint32Array): void {
  for (let at = 0; at + 1 < symbols.length; at++) out[at] = symbols[at + 1] + 1;
  for (let session = 1; session < sessionOffsets.length; session++) {
    if (sessionOffsets[session] > sessionOffsets[session - 1]) out[sessionOffsets[session] - 1] = 0;
  }
}

/** Groups of one length, of sequences that begin alike. */
export interface GramGroups {
  /** Uint32Array: group g has `positions[offsets[g], offsets[g + 1])`, ascending */
  readonly positions: Uint32Array;
  /** Uint32Array(alphabet + 2) */
  readonly offsets: Uint32Array;
  /** Uint32Array(alphabet + 1): the last symbol of each group, and one; 0 where the session ends, which is no sequence */
  readonly symbols: Uint32Array;
}

/**
 * Groups the events right after the occurrences of a sequence by symbol, in the order in which symbols first appear. O(occurrences) time.
 * @param following - from `followingSymbols`
 * @param positions - Uint32Array: the occurrences' last events are [start, end) of it, ascending
 * @param counts - Uint32Array(alphabet + 1), zeros; left so
 * @param out - written; its positions hold end - start
 * @returns how many groups there are
 */
export function extendGroup(
  following: Uint32Array,
  positions: Uint32Array,
  start: number,
  end: number,
  counts: Uint32Array,
  out: GramGroups,
): number {
  const groups = countFollowing(following, positions, start, end, counts, out.symbols);
  let offset = 0;
  for (let group = 0; group < groups; group++) {
    const count = counts[out.symbols[group]];
    out.offsets[group] = offset;
    counts[out.symbols[group]] = offset;
    offset += count;
  }
  out.offsets[groups] = offset;
  placeFollowing(following, positions, start, end, counts, out.positions);
  for (let group = 0; group < groups; group++) counts[out.symbols[group]] = 0;
  return groups;
}

/** Counts by symbol, and lists the symbols. */
function countFollowing(
  following: Uint32Array,
  positions: Uint32Array,
  start: number,
  end: number,
  counts: Uint32Array,
  symbols: Uint32Array,
): number {
  let groups = 0;
  for (let at = start; at < end; at++) {
    const symbol = following[positions[at]];
    if (counts[symbol]++ === 0) symbols[groups++] = symbol;
  }
  return groups;
}

function placeFollowing(
  following: Uint32Array,
  positions: Uint32Array,
  start: number,
  end: number,
  places: Uint32Array,
  out: Uint32Array,
): void {
  for (let at = start; at < end; at++) {
    const last = positions[at];
    out[places[following[last]]++] = last + 1;
  }
}

/** Sessions of some positions, which ascend. O(positions) time. */
export function countSessions(positions: Uint32Array, start: number, end: number, sessionOf: Uint32Array): number {
  let sessions = 0;
  let previous = -1;
  for (let at = start; at < end; at++) {
    const session = sessionOf[positions[at]];
    sessions += session === previous ? 0 : 1;
    previous = session;
  }
  return sessions;
}

/** Which rows each session counts in. */
export interface SessionRows {
  /** Uint32Array(S): kind of a session */
  readonly kindOf: Uint32Array;
  /** Uint32Array(kinds + 1), CSR offsets into `rows`, the rows of each kind */
  readonly rowOffsets: Uint32Array;
  readonly rows: Uint32Array;
  /** Uint32Array(S), ascending */
  readonly userOf: Uint32Array;
}

/** Counts by row: Uint32Array(rows) each. */
export interface RowCounts {
  readonly sessions: Uint32Array;
  readonly users: Uint32Array;
  /** The last user met and one; scratch */
  readonly lastUser: Uint32Array;
}

/**
 * Counts the sessions of some positions, and their users, by row. O(positions + sessions × rows of each) time.
 * @param positions - Uint32Array: [start, end) of it, ascending
 * @param counts - written
 */
export function countByRow(
  positions: Uint32Array,
  start: number,
  end: number,
  sessionOf: Uint32Array,
  { kindOf, rowOffsets, rows, userOf }: SessionRows,
  { sessions, users, lastUser }: RowCounts,
): void {
  sessions.fill(0);
  users.fill(0);
  lastUser.fill(0);
  let previous = -1;
  for (let at = start; at < end; at++) {
    const session = sessionOf[positions[at]];
    if (session === previous) continue;
    previous = session;
    const user = userOf[session] + 1;
    const stop = rowOffsets[kindOf[session] + 1];
    for (let row = rowOffsets[kindOf[session]]; row < stop; row++) {
      const own = rows[row];
      sessions[own]++;
      if (lastUser[own] !== user) {
        lastUser[own] = user;
        users[own]++;
      }
    }
  }
}
