import type { Codes } from "../columns/event-table.js";

/** Groups of sessions by the values of an attribute. */
export interface Grouping {
  /** The group of each session. */
  readonly codes: Codes;
  readonly groups: number;
}

/** A range of users and how to group their sessions. */
export interface GroupUsersInput {
  readonly userOffsets: Uint32Array;
  readonly userStart: number;
  readonly userEnd: number;
  /** Uint8Array(S): 1 for sessions that count */
  readonly counted: Uint8Array;
  readonly groupings: readonly Grouping[];
}

/** Sizes of groups: Uint32Array(groups) each. */
export interface GroupSizes {
  readonly users: Uint32Array;
  readonly sessions: Uint32Array;
}

/** Counts users and sessions of each group of each grouping. O(groupings × sessions). */
export function groupUsers(input: GroupUsersInput): readonly GroupSizes[] {
  return input.groupings.map((grouping) => sizesOf(grouping, input));
}

function sizesOf({ codes, groups }: Grouping, input: GroupUsersInput): GroupSizes {
  const { userOffsets, userStart, userEnd, counted } = input;
  const users = new Uint32Array(groups);
  const sessions = new Uint32Array(groups);
  // one more than the last user that was counted
  const last = new Uint32Array(groups);
  for (let user = userStart; user < userEnd; user++) {
    const end = userOffsets[user + 1] as number;
    for (let session = userOffsets[user] as number; session < end; session++) {
      if (counted[session] === 0) continue;
      const group = codes[session] as number;
      sessions[group] = (sessions[group] as number) + 1;
      if (last[group] === user + 1) continue;
      last[group] = user + 1;
      users[group] = (users[group] as number) + 1;
    }
  }
  return { users, sessions };
}
