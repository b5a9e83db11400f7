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
  const names: Neighbour[] = [null];
  const rows = neighbourCodes(table, texts, sessions, names);
  const fails = Uint8Array.from(sessions, ({ session }) => (isFailing(session) ? 1 : 0));
  const columns = OFFSETS.map((offset, at): FlowColumn & { readonly nodeOf: Uint32Array } => {
    const [counts, failures] = [new Uint32Array(names.length), new Uint32Array(names.length)];
    countColumn(rows, at, fails, counts, failures);
    const ordered = Array.from(names.keys())
      .filter((code) => counts[code] !== 0)
      .sort((a, b) => (counts[b] as number) - (counts[a] as number) || ((names[a] ?? "") < (names[b] ?? "") ? -1 : 1));
    const kept = ordered.slice(0, MOST_NAMES);
    const countOf = (code: number): { sessions: number; failing: number } => {
      return { sessions: counts[code] as number, failing: failures[code] as number };
    };
    const nodes = kept.map((code): FlowNode => {
      const event = names[code] ?? null;
      return event === null ? { kind: "edge", ...countOf(code) } : { kind: "event", event, ...countOf(code) };
    });
    const rest = ordered.slice(MOST_NAMES).map(countOf);
    if (rest.length > 0) {
      nodes.push({
        kind: "rest",
        sessions: rest.reduce((sum, count) => sum + count.sessions, 0),
        failing: rest.reduce((sum, count) => sum + count.failing, 0),
      });
    }
    const nodeOf = new Uint32Array(names.length).fill(kept.length);
    for (const [index, code] of kept.entries()) nodeOf[code] = index;
    return { offset, nodes, nodeOf };
  });
  const links = [0, 2].flatMap((left): FlowLink[] => {
    const [from, to] = [columns[left], columns[left + 1]];
    if (from === undefined || to === undefined) return [];
    const width = MOST_NAMES + 1;
    const counts = new Uint32Array(width * width);
    countLinks(rows, left, from.nodeOf, to.nodeOf, width, counts);
    return Array.from(counts, (count, link): FlowLink => {
      return { offset: from.offset, from: Math.floor(link / width), to: link % width, sessions: count };
    }).filter((link) => link.sessions > 0);
  });
  return { sessions: sessions.length, columns: columns.map(({ offset, nodes }) => ({ offset, nodes })), links };
}

/**
 * Uint32Array(sessions × offsets): what stands next to each match, as indices into `names`
 * @param names - null for what lies beyond a session's ends; added to
 */
function neighbourCodes(
  table: Pick<SessionTable, "sessionOffsets">,
  texts: EventTexts,
  sessions: readonly { readonly session: number; readonly match: Match }[],
  names: Neighbour[],
): Uint32Array {
  const codeOf = new Map<Neighbour, number>([[null, 0]]);
  const rows = new Uint32Array(sessions.length * OFFSETS.length);
  const put = (at: number, name: Neighbour): void => {
    let code = codeOf.get(name);
    if (code === undefined) {
      code = names.push(name) - 1;
      codeOf.set(name, code);
    }
    rows[at] = code;
  };
  let row = 0;
  for (const { session, match } of sessions) {
    const [before, twoBefore] = neighbours(table, texts, session, match.start, -1);
    const [after, twoAfter] = neighbours(table, texts, session, match.end - 1, 1);
    put(row, twoBefore);
    put(row + 1, before);
    put(row + 2, after);
    put(row + 3, twoAfter);
    row += OFFSETS.length;
  }
  return rows;
}

// Loops of their own: they are done before V8 has optimised a function around them.

function countColumn(
  rows: Uint32Array,
  column: number,
  fails: Uint8Array,
  counts: Uint32Array,
  failures: Uint32Array,
): void {
  for (let row = 0; row < fails.length; row++) {
    const code = rows[row * OFFSETS.length + column] as number;
    counts[code] = (counts[code] as number) + 1;
    failures[code] = (failures[code] as number) + (fails[row] as number);
  }
}

function countLinks(
  rows: Uint32Array,
  left: number,
  from: Uint32Array,
  to: Uint32Array,
  width: number,
  counts: Uint32Array,
): void {
  for (let at = left; at < rows.length; at += OFFSETS.length) {
    const link = (from[rows[at] as number] as number) * width + (to[rows[at + 1] as number] as number);
    counts[link] = (counts[link] as number) + 1;
  }
}

/** The two events next to a position, the nearer first. */
function neighbours(
  { sessionOffsets }: Pick<SessionTable, "sessionOffsets">,
  texts: EventTexts,
  session: number,
  position: number,
  step: 1 | -1,
): readonly [Neighbour, Neighbour] {
  const [start, end] = [sessionOffsets[session] as number, sessionOffsets[session + 1] as number];
  let first: Neighbour = null;
  for (let at = position + step; at >= start && at < end; at += step) {
    if (!texts.isVisible(at)) continue;
    const text = texts.text(at, session);
    if (first !== null) return [first, text];
    first = text;
  }
  return [first, null];
}
