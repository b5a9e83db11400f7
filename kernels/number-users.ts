/**
 * Writes each session's user, numbered from the first of the range. O(sessions) time.
 * @param userOffsets - Uint32Array(U + 1), CSR: user u is sessions [userOffsets[u], userOffsets[u + 1])
 * @param userStart - the range is the users [userStart, userEnd)
 * @param userOf - Uint32Array, written; by session, counted from the range's first
 */
export function numberUsers(userOffsets: Uint32Array, userStart: number, userEnd: number, userOf: Uint32Array): void {
  let session = 0;
  const first = userOffsets[userStart];
  for (let user = userStart; user < userEnd; user++) {
    for (const end = userOffsets[user + 1] - first; session < end; session++) userOf[session] = user - userStart;
  }
}
