/** What a session, or a user, is to a hypothesis. */
export const NOT_COMPARED = 0;
export const OTHER = 1;
export const MEMBER = 2;

/** Users that are modelled, and how many each stands for. */
export interface Chosen {
  readonly users: Uint32Array;
  readonly weights: Uint32Array;
}

/**
 * Takes every k-th user of each kind in order, by the kind's own k, and none that is not compared. O(users).
 * @param kindOf - Uint8Array(users)
 * @param steps - Uint32Array(kinds): the k of each
 * @param users - Uint32Array(users), written: those that are taken
 * @param weights - Uint32Array(users), written: how many each of these stands for
 * @returns how many are taken
 */
export function chooseUsers(kindOf: Uint8Array, steps: Uint32Array, users: Uint32Array, weights: Uint32Array): number {
  const toNext = new Uint32Array(steps.length);
  let count = 0;
  for (let user = 0; user < kindOf.length; user++) {
    const kind = kindOf[user] as number;
    if (kind === NOT_COMPARED) continue;
    const left = toNext[kind] as number;
    if (left > 0) {
      toNext[kind] = left - 1;
      continue;
    }
    const step = steps[kind] as number;
    toNext[kind] = step - 1;
    users[count] = user;
    weights[count++] = step;
  }
  return count;
}

/** Sessions that are modelled, in order. */
export interface SessionRows {
  readonly session: Uint32Array;
  /** Place of the user among those that are chosen. */
  readonly user: Uint32Array;
  /** Uint8Array: 1 where it counts to the members */
  readonly member: Uint8Array;
  readonly weight: Uint32Array;
}

/** Room for all sessions of some users. */
function listOfRows(users: Uint32Array, userOffsets: Uint32Array): SessionRows {
  let most = 0;
  for (let place = 0; place < users.length; place++) {
    const user = users[place] as number;
    most += (userOffsets[user + 1] as number) - (userOffsets[user] as number);
  }
  return {
    session: new Uint32Array(most),
    user: new Uint32Array(most),
    member: new Uint8Array(most),
    weight: new Uint32Array(most),
  };
}

function firstRows({ session, user, member, weight }: SessionRows, count: number): SessionRows {
  return {
    session: session.subarray(0, count),
    user: user.subarray(0, count),
    member: member.subarray(0, count),
    weight: weight.subarray(0, count),
  };
}

/** The sessions that are compared, of the users that are chosen. */
export function gatherCompared(chosen: Chosen, userOffsets: Uint32Array, kinds: Uint8Array): SessionRows {
  const rows = listOfRows(chosen.users, userOffsets);
  return firstRows(rows, putCompared(chosen.users, chosen.weights, userOffsets, kinds, rows));
}

function putCompared(
  users: Uint32Array,
  weights: Uint32Array,
  userOffsets: Uint32Array,
  kinds: Uint8Array,
  { session: sessions, user: places, member, weight }: SessionRows,
): number {
  let count = 0;
  for (let place = 0; place < users.length; place++) {
    const user = users[place] as number;
    const end = userOffsets[user + 1] as number;
    for (let session = userOffsets[user] as number; session < end; session++) {
      const kind = kinds[session] as number;
      if (kind === NOT_COMPARED) continue;
      sessions[count] = session;
      places[count] = place;
      member[count] = kind === MEMBER ? 1 : 0;
      weight[count++] = weights[place] as number;
    }
  }
  return count;
}

/** Of each pair of sessions that follow each other, up to a user's first member, the earlier one, by what the later one is. */
export function gatherBefore(chosen: Chosen, userOffsets: Uint32Array, kinds: Uint8Array): SessionRows {
  const rows = listOfRows(chosen.users, userOffsets);
  return firstRows(rows, putBefore(chosen.users, chosen.weights, userOffsets, kinds, rows));
}

function putBefore(
  users: Uint32Array,
  weights: Uint32Array,
  userOffsets: Uint32Array,
  kinds: Uint8Array,
  { session: sessions, user: places, member, weight }: SessionRows,
): number {
  let count = 0;
  for (let place = 0; place < users.length; place++) {
    const user = users[place] as number;
    const end = userOffsets[user + 1] as number;
    let previous = -1;
    for (let session = userOffsets[user] as number; session < end; session++) {
      const kind = kinds[session] as number;
      if (kind === NOT_COMPARED) continue;
      if (previous >= 0) {
        sessions[count] = previous;
        places[count] = place;
        member[count] = kind === MEMBER ? 1 : 0;
        weight[count++] = weights[place] as number;
      }
      if (kind === MEMBER) break;
      previous = session;
    }
  }
  return count;
}

/** Whether there are members and others. */
export function hasBoth({ member }: SessionRows): boolean {
  const members = countOf(member, 1);
  return members > 0 && members < member.length;
}

/** How many are of a kind. */
export function countOf(kinds: Uint8Array, kind: number): number {
  let count = 0;
  for (let at = 0; at < kinds.length; at++) count += kinds[at] === kind ? 1 : 0;
  return count;
}
