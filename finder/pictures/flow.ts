import type { SessionTable } from "../../engine/event-store.js";
import type { EventTexts } from "./event-texts.js";
import type { Match } from "./match.js";
import type { Flow, FlowColumn, FlowLink, FlowNode } from "./picture.js";

/** Names of a column; the rest are one node. */
const MOST_NAMES = 5;
/** Steps on either side of a match. */
const OFFSETS = [-2, -1, 1, 2] as const;

/** What stands at one offset: a name, or null beyond the session's ends. */
type Neighbour = string | null;

/**
 * What stands next to the match in each session, ignored events left out: what comes after the outcome too. O(sessions).
 * @param sessions - with a match each
 * @param isFailing - by session
 */
export function flowOf(
  table: Pick<SessionTable, "sessionOffsets">,
  texts: EventTexts,
  sessions: readonly { readonly session: number; readonly match: Match }[],
  isFailing: (session: number) => boolean,
): Flow | null {
  if (sessions.length === 0) return null;
  const rows = sessions.map(({ session, match }) => ({
    isFailing: isFailing(session),
    neighbours: [
      ...neighbours(table, texts, session, match.start, -1).reverse(),
      ...neighbours(table, texts, session, match.end - 1, 1),
    ],
  }));
  const columns = OFFSETS.map((offset, at): FlowColumn & { readonly indexOf: (name: Neighbour) => number } => {
    const counts = new Map<Neighbour, { sessions: number; failing: number }>();
    for (const row of rows) {
      const name = row.neighbours[at] ?? null;
      const count = counts.get(name) ?? { sessions: 0, failing: 0 };
      count.sessions++;
      if (row.isFailing) count.failing++;
      counts.set(name, count);
    }
    const ordered = [...counts].sort(
      ([a, one], [b, other]) => other.sessions - one.sessions || ((a ?? "") < (b ?? "") ? -1 : 1),
    );
    const kept = ordered.slice(0, MOST_NAMES);
    const nodes = kept.map(
      ([name, count]): FlowNode =>
        name === null ? { kind: "edge", ...count } : { kind: "event", event: name, ...count },
    );
    const rest = ordered.slice(MOST_NAMES);
    if (rest.length > 0) {
      nodes.push({
        kind: "rest",
        sessions: rest.reduce((sum, [, count]) => sum + count.sessions, 0),
        failing: rest.reduce((sum, [, count]) => sum + count.failing, 0),
      });
    }
    const indexByName = new Map(kept.map(([name], index) => [name, index]));
    return { offset, nodes, indexOf: (name) => indexByName.get(name) ?? kept.length };
  });
  const links = [0, 2].flatMap((left): FlowLink[] => {
    const [from, to] = [columns[left], columns[left + 1]];
    if (from === undefined || to === undefined) return [];
    const counts = new Map<string, { from: number; to: number; sessions: number }>();
    for (const row of rows) {
      const ends = {
        from: from.indexOf(row.neighbours[left] ?? null),
        to: to.indexOf(row.neighbours[left + 1] ?? null),
      };
      const key = `${ends.from}:${ends.to}`;
      const link = counts.get(key) ?? { ...ends, sessions: 0 };
      link.sessions++;
      counts.set(key, link);
    }
    return [...counts.values()]
      .sort((a, b) => a.from - b.from || a.to - b.to)
      .map((link) => ({ offset: from.offset, ...link }));
  });
  return { sessions: sessions.length, columns: columns.map(({ offset, nodes }) => ({ offset, nodes })), links };
}

/** The two events next to a position, the nearer first. */
function neighbours(
  { sessionOffsets }: Pick<SessionTable, "sessionOffsets">,
  texts: EventTexts,
  session: number,
  position: number,
  step: 1 | -1,
): Neighbour[] {
  const [start, end] = [sessionOffsets[session] as number, sessionOffsets[session + 1] as number];
  const found: Neighbour[] = [];
  for (let at = position + step; at >= start && at < end && found.length < 2; at += step) {
    if (texts.isVisible(at)) found.push(texts.text(at, session));
  }
  while (found.length < 2) found.push(null);
  return found;
}
