import type { SessionTable } from "../../engine/event-store.js";
import { FAILING } from "../../engine/passes/segment.js";
import { NOWHERE } from "../../engine/passes/sequences.js";
import type { EventTexts } from "./event-texts.js";
import type { Matches } from "./match.js";
import type { Flow, FlowColumn, FlowLink, FlowNode } from "./picture.js";

/** Names of a column; the rest are one node. */
const MOST_NAMES = 5;
/** Steps on either side of a match. */
const OFFSETS = [-2, -1, 1, 2] as const;

/** The code of what lies beyond a session's ends. */
const EDGE = 0;

/** What stands at one offset: a name, or null beyond the session's ends. */
type Neighbour = string | null;

/**
 * What stands next to the match in each session, ignored events left out: what comes after the outcome too. O(sessions).
 * @param sessions - Uint32Array
 * @param matches - of these; those without one are left out
 * @param state - Uint8Array(S): how sessions stand on the KPI
 */
export function flowOf(
  table: Pick<SessionTable, "sessionOffsets">,
  texts: EventTexts,
  sessions: Uint32Array,
  matches: Matches,
  state: Uint8Array,
): Flow | null {
  const rows = new Uint32Array(sessions.length * OFFSETS.length);
  const fails = new Uint8Array(sessions.length);
  const matched = putRows(table.sessionOffsets, texts, sessions, matches, state, rows, fails);
  if (matched === 0) return null;
  const codes = texts.tokens + 1;
  const nameOf = (code: number): Neighbour => (code === EDGE ? null : texts.textOf(code - 1));
  const columns = OFFSETS.map((offset, at): FlowColumn & { readonly nodeOf: Uint32Array } => {
    const [counts, failures] = [new Uint32Array(codes), new Uint32Array(codes)];
    countColumn(rows, at, fails, matched, counts, failures);
    const ordered = Array.from(counts.keys())
      .filter((code) => counts[code] !== 0)
      .sort(
        (a, b) => (counts[b] as number) - (counts[a] as number) || ((nameOf(a) ?? "") < (nameOf(b) ?? "") ? -1 : 1),
      );
    const kept = ordered.slice(0, MOST_NAMES);
    const countOf = (code: number): { sessions: number; failing: number } => {
      return { sessions: counts[code] as number, failing: failures[code] as number };
    };
    const nodes = kept.map((code): FlowNode => {
      const event = nameOf(code);
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
    const nodeOf = new Uint32Array(codes).fill(kept.length);
    for (const [index, code] of kept.entries()) nodeOf[code] = index;
    return { offset, nodes, nodeOf };
  });
  const links = [0, 2].flatMap((left): FlowLink[] => {
    const [from, to] = [columns[left], columns[left + 1]];
    if (from === undefined || to === undefined) return [];
    const width = MOST_NAMES + 1;
    const counts = new Uint32Array(width * width);
    countLinks(rows, left, matched, from.nodeOf, to.nodeOf, width, counts);
    return Array.from(counts, (count, link): FlowLink => {
      return { offset: from.offset, from: Math.floor(link / width), to: link % width, sessions: count };
    }).filter((link) => link.sessions > 0);
  });
  return { sessions: matched, columns: columns.map(({ offset, nodes }) => ({ offset, nodes })), links };
}

// Loops of their own: they are done before V8 has optimised a function around them.

function countColumn(
  rows: Uint32Array,
  column: number,
  fails: Uint8Array,
  matched: number,
  counts: Uint32Array,
  failures: Uint32Array,
): void {
  for (let row = 0; row < matched; row++) {
    const code = rows[row * OFFSETS.length + column] as number;
    counts[code] = (counts[code] as number) + 1;
    failures[code] = (failures[code] as number) + (fails[row] as number);
  }
}

function countLinks(
  rows: Uint32Array,
  left: number,
  matched: number,
  from: Uint32Array,
  to: Uint32Array,
  width: number,
  counts: Uint32Array,
): void {
  for (let at = left; at < matched * OFFSETS.length; at += OFFSETS.length) {
    const link = (from[rows[at] as number] as number) * width + (to[rows[at + 1] as number] as number);
    counts[link] = (counts[link] as number) + 1;
  }
}

/**
 * Writes what stands next to each match, as a token and one, or `EDGE`, and whether the session fails. Returns how many have a match.
 * @param rows - Uint32Array(sessions × offsets), 0 throughout
 */
function putRows(
  sessionOffsets: Uint32Array,
  texts: EventTexts,
  sessions: Uint32Array,
  { firsts, lasts }: Matches,
  state: Uint8Array,
  rows: Uint32Array,
  fails: Uint8Array,
): number {
  let matched = 0;
  for (let i = 0; i < sessions.length; i++) {
    const last = lasts[i] as number;
    if (last === NOWHERE) continue;
    const session = sessions[i] as number;
    fails[matched] = state[session] === FAILING ? 1 : 0;
    // the nearer one first, on either side
    let [place, stop] = [matched * OFFSETS.length + 1, matched * OFFSETS.length];
    const start = sessionOffsets[session] as number;
    for (let at = (firsts[i] as number) - 1; at >= start && place >= stop; at--) {
      if (texts.isVisible(at)) rows[place--] = texts.token(at, session) + 1;
    }
    place = matched * OFFSETS.length + 2;
    stop = matched * OFFSETS.length + 3;
    const end = sessionOffsets[session + 1] as number;
    for (let at = last + 1; at < end && place <= stop; at++) {
      if (texts.isVisible(at)) rows[place++] = texts.token(at, session) + 1;
    }
    matched++;
  }
  return matched;
}
