/**
 * Moments of users for `twoProportions`: the user is the unit, so what is summed are products of a user's sums.
 */

/** Numbers in the moments: users, y1, n1, y0, n0, and the ten products of these four in that order. */
export const userMomentsLength = 15;

/**
 * Adds one user's sums to the moments. Users without sessions on either side do not count. No allocation.
 * @param moments - Float64Array, added to in [at, at + 15)
 * @param y1 - failures, or the sum, of the user's member sessions
 * @param n1 - the user's member sessions
 * @param y0 - of the other sessions
 * @param n0 - the user's other sessions
 */
export function insertUser(moments: Float64Array, y1: number, n1: number, y0: number, n0: number, at = 0): void {
  if (n1 + n0 === 0) return;
  moments[at] += 1;
  moments[at + 1] += y1;
  moments[at + 2] += n1;
  moments[at + 3] += y0;
  moments[at + 4] += n0;
  moments[at + 5] += y1 * y1;
  moments[at + 6] += y1 * n1;
  moments[at + 7] += y1 * y0;
  moments[at + 8] += y1 * n0;
  moments[at + 9] += n1 * n1;
  moments[at + 10] += n1 * y0;
  moments[at + 11] += n1 * n0;
  moments[at + 12] += y0 * y0;
  moments[at + 13] += y0 * n0;
  moments[at + 14] += n0 * n0;
}

/**
 * The same for users without members, all at once. No allocation.
 * @param moments - Float64Array, added to in [at, at + 15)
 * @param y - Float64Array(users), failures, or the sum, of each user's sessions
 * @param n - Float64Array(users), sessions of each
 */
export function insertOthers(moments: Float64Array, y: Float64Array, n: Float64Array, at = 0): void {
  let users = 0;
  let sumY = 0;
  let sumN = 0;
  let yy = 0;
  let yn = 0;
  let nn = 0;
  for (let user = 0; user < n.length; user++) {
    const sessions = n[user];
    if (sessions === 0) continue;
    const sum = y[user];
    users++;
    sumY += sum;
    sumN += sessions;
    yy += sum * sum;
    yn += sum * sessions;
    nn += sessions * sessions;
  }
  moments[at] += users;
  moments[at + 3] += sumY;
  moments[at + 4] += sumN;
  moments[at + 12] += yy;
  moments[at + 13] += yn;
  moments[at + 14] += nn;
}

/**
 * Takes one user's other sessions out of the moments that count him as having no members: what is left, with `insertUser` of his
 * true sums, counts him as he is. No allocation.
 * @param moments - Float64Array, taken from in [at, at + 15)
 * @param y - failures, or the sum, of all the user's sessions
 * @param n - all the user's sessions
 */
export function removeOthers(moments: Float64Array, y: number, n: number, at = 0): void {
  moments[at] -= 1;
  moments[at + 3] -= y;
  moments[at + 4] -= n;
  moments[at + 12] -= y * y;
  moments[at + 13] -= y * n;
  moments[at + 14] -= n * n;
}
