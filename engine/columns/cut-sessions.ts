import type { Layout, TargetColumn } from "./assemble.js";
import { sharedCodes, sharedFloat64, sharedUint32 } from "./shared.js";

/**
 * Cuts each user's events into sessions at gaps longer than `gapMs`. The layout must hold one session per user, in order
 * of time. O(events).
 */
export function cutSessions(layout: Layout, gapMs: number): Layout {
  const { time, sessionOffsets: userEvents } = layout;
  const users = layout.users;
  const userOffsets = sharedUint32(users + 1);
  let sessions = 0;
  for (let user = 0; user < users; user++) {
    const end = userEvents[user + 1] as number;
    sessions++;
    for (let at = (userEvents[user] as number) + 1; at < end; at++) {
      if ((time[at] as number) - (time[at - 1] as number) > gapMs) sessions++;
    }
    userOffsets[user + 1] = sessions;
  }
  const sessionOffsets = sharedUint32(sessions + 1);
  const userOfSession = new Uint32Array(sessions);
  let session = 0;
  for (let user = 0; user < users; user++) {
    const start = userEvents[user] as number;
    const end = userEvents[user + 1] as number;
    for (let at = start; at < end; at++) {
      if (at > start && (time[at] as number) - (time[at - 1] as number) <= gapMs) continue;
      sessionOffsets[session] = at;
      userOfSession[session] = user;
      session++;
    }
  }
  sessionOffsets[sessions] = layout.events;
  return {
    ...layout,
    sessions,
    sessionOffsets,
    userOffsets,
    columns: layout.columns.map((column) => toSessions(column, sessionOffsets, userOfSession)),
    sessionIds: null,
  };
}

/** A column per user becomes one per session; an event column that is constant within the sessions is stored per session. */
function toSessions(column: TargetColumn, sessionOffsets: Uint32Array, userOfSession: Uint32Array): TargetColumn {
  const sessions = userOfSession.length;
  const bySession = column.grain === "session";
  if (column.kind === "coded") {
    const codes = sharedCodes(sessions, column.dictionary.length);
    for (let session = 0; session < sessions; session++) {
      codes[session] = column.codes[(bySession ? userOfSession : sessionOffsets)[session] as number] as number;
    }
    if (!bySession && !isConstant(column.codes, sessionOffsets)) return column;
    return { ...column, grain: "session", codes };
  }
  const values = sharedFloat64(sessions);
  for (let session = 0; session < sessions; session++) {
    values[session] = column.values[(bySession ? userOfSession : sessionOffsets)[session] as number] as number;
  }
  if (!bySession && !isConstant(column.values, sessionOffsets)) return column;
  return { ...column, grain: "session", values };
}

function isConstant(values: ArrayLike<number>, sessionOffsets: Uint32Array): boolean {
  for (let session = 0; session + 1 < sessionOffsets.length; session++) {
    const start = sessionOffsets[session] as number;
    const end = sessionOffsets[session + 1] as number;
    for (let at = start + 1; at < end; at++) if (!Object.is(values[at], values[start])) return false;
  }
  return true;
}
