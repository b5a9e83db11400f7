import type { EventTable } from "../../engine/columns/event-table.js";
import type { WorkerPool } from "../../engine/pool.js";
import { readEvents } from "../../engine/read.js";

/** Reads a file of the four columns. */
export async function readFour(file: string, pool: WorkerPool): Promise<EventTable> {
  const outcome = await readEvents(
    {
      files: [file],
      base: "/",
      columns: { user: "user_id", session: "session_id", time: "ts", event: "event" },
      sessionGapMs: 1_800_000,
      needed: [],
      attributes: [],
      attributeMaxValues: 50,
    },
    pool,
  );
  return outcome.table;
}

/** Bytes of a table's buffers. */
export function residentBytes(table: EventTable): number {
  const arrays: ArrayBufferView[] = [
    table.time,
    table.name,
    table.sessionOffsets,
    table.userOffsets,
    ...[table.sessionIds, table.userIds].flatMap((ids) => (ids === null ? [] : [ids.bytes, ids.offsets])),
    ...table.columns.map((column) => (column.kind === "coded" ? column.codes : column.values)),
    ...table.attributes.map((attribute) => attribute.codes),
  ];
  const buffers = new Set(arrays.map((array) => array.buffer));
  return [...buffers].reduce((sum, buffer) => sum + buffer.byteLength, 0);
}

/** What a sorted, sessionised table must be, whatever the order of its users: sums that change with any event's place. */
export interface TableAnswer {
  readonly events: number;
  readonly sessions: number;
  readonly users: number;
  /** Sum of (place in its session from 1) × (rank of the event's name from 1). */
  readonly places: number;
  /** Sum over sessions that follow another of their user of the seconds from its start to theirs, whole. */
  readonly pauses: number;
}

/** The answer of a table of ours. */
export function tableAnswer(table: EventTable): TableAnswer {
  const { sessions, users, time, name, sessionOffsets, userOffsets } = table;
  let places = 0;
  for (let session = 0; session < sessions; session++) {
    const start = sessionOffsets[session] as number;
    const end = sessionOffsets[session + 1] as number;
    for (let at = start; at < end; at++) places += (at - start + 1) * ((name[at] as number) + 1);
  }
  let pauses = 0;
  for (let user = 0; user < users; user++) {
    const end = userOffsets[user + 1] as number;
    for (let session = (userOffsets[user] as number) + 1; session < end; session++) {
      const before = time[sessionOffsets[session - 1] as number] as number;
      pauses += Math.floor(((time[sessionOffsets[session] as number] as number) - before) / 1000);
    }
  }
  return { events: table.events, sessions, users, places, pauses };
}
