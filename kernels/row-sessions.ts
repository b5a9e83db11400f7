/** The sessions of a chunk's rows, where every session id belongs to one user. */

/** What is told of each session, numbered as they appear; arrays of at least as many entries as there are rows. */
export interface RowSessions {
  /** Uint32Array: codes of its id and of its user */
  readonly sessionCode: Uint32Array;
  readonly userCode: Uint32Array;
  /** Float64Array: its earliest time; infinite where none is finite */
  readonly start: Float64Array;
  /** Uint32Array: the first row with that time (0 where it is infinite), its first row, its last row, and its number of rows */
  readonly startRow: Uint32Array;
  readonly firstRow: Uint32Array;
  readonly lastRow: Uint32Array;
  readonly rowsOf: Uint32Array;
}

/**
 * Numbers rows' sessions by first appearance. O(rows), no allocation.
 * @param session - Uint32Array(rows), codes
 * @param user - Uint32Array(rows), codes
 * @param time - Float64Array(rows), without NaN
 * @param firstOf - Uint32Array(codes of sessions), zero before: scratch
 * @param sessionOf - Uint32Array(rows): the number of the row's session
 * @param previous - Uint32Array(rows): the session's row before, or the row itself
 * @returns the number of sessions; -1 where a session id has two users, all else then being nothing
 */
export function groupRows(
  session: Uint32Array,
  user: Uint32Array,
  time: Float64Array,
  rows: number,
  firstOf: Uint32Array,
  sessionOf: Uint32Array,
  previous: Uint32Array,
  { sessionCode, userCode, start, startRow, firstRow, lastRow, rowsOf }: RowSessions,
): number {
  let count = 0;
  for (let row = 0; row < rows; row++) {
    const code = session[row];
    let local = firstOf[code] - 1;
    if (local < 0) {
      local = count++;
      firstOf[code] = count;
      sessionCode[local] = code;
      userCode[local] = user[row];
      start[local] = Number.POSITIVE_INFINITY;
      startRow[local] = 0;
      firstRow[local] = row;
      lastRow[local] = row;
      rowsOf[local] = 0;
    } else if (userCode[local] !== user[row]) return -1;
    if (time[row] < start[local]) {
      start[local] = time[row];
      startRow[local] = row;
    }
    previous[row] = lastRow[local];
    lastRow[local] = row;
    rowsOf[local]++;
    sessionOf[row] = local;
  }
  return count;
}

/**
 * Whether some row's value is not that of its session's row before, bit by bit. O(rows).
 * @param previous - Uint32Array(rows), from `groupRows`
 */
export function hasChange(values: Uint32Array | BigUint64Array, previous: Uint32Array, rows: number): boolean {
  for (let row = 0; row < rows; row++) if (values[row] !== values[previous[row]]) return true;
  return false;
}

/**
 * Where rows go so that they stand session by session, those of a session as they stand. O(rows + sessions), no allocation.
 * @param sessionOf - Uint32Array(rows), from `groupRows`
 * @param places - Uint32Array(sessions): the place of each session
 * @param rowsAt - Uint32Array(sessions): the rows of the session at each place
 * @param next - Uint32Array(2 × sessions): scratch
 * @param out - Uint32Array(rows); may be `sessionOf` itself
 */
export function placeRows(
  sessionOf: Uint32Array,
  rows: number,
  places: Uint32Array,
  rowsAt: Uint32Array,
  sessions: number,
  next: Uint32Array,
  out: Uint32Array,
): void {
  let sum = 0;
  for (let place = 0; place < sessions; place++) {
    next[sessions + place] = sum;
    sum += rowsAt[place];
  }
  for (let session = 0; session < sessions; session++) next[session] = next[sessions + places[session]];
  for (let row = 0; row < rows; row++) out[row] = next[sessionOf[row]]++;
}
