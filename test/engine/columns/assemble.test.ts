import fc from "fast-check";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { type KeyRunner, layOut } from "../../../engine/columns/assemble.js";
import { cutSessions } from "../../../engine/columns/cut-sessions.js";
import { mergeKeys } from "../../../engine/columns/merge-keys.js";
import { placeKeys } from "../../../engine/columns/place-keys.js";
import { prepareChunk, sumDropped } from "../../../engine/columns/prepare.js";
import { scatterChunk, sortSessions } from "../../../engine/columns/scatter.js";
import { Slab } from "../../../engine/columns/slab.js";
import type { Chunk, ChunkColumn } from "../../../engine/sources/chunk.js";
import {
  columnNames,
  expectedOf,
  isPerSession,
  type Row,
  rowsArbitrary,
  sessionsOf,
  shapeArbitrary,
} from "./naive-table.js";

const test = suite("event table");

/** Codes in a dictionary of the values' own order of appearance, reversed in odd chunks. */
function codesOf(values: readonly (string | null)[], type: "text" | "boolean", reversed: boolean): ChunkColumn {
  const distinct = [...new Set(values.filter((value) => value !== null))];
  if (reversed) distinct.reverse();
  const bytes = distinct.map((entry) => Buffer.from(entry));
  const offsets = Uint32Array.from([0, ...bytes.map((_, at) => Buffer.concat(bytes.slice(0, at + 1)).length)]);
  const codes = values.map((value) => (value === null ? 0 : distinct.indexOf(value) + 1));
  return { kind: "codes", type, codes: Uint16Array.from(codes), dictionary: { bytes: Buffer.concat(bytes), offsets } };
}

function numbersOf(values: readonly (number | null)[], type: "number" | "time"): ChunkColumn {
  return { kind: "numbers", type, values: Float64Array.from(values, (value) => value ?? Number.NaN) };
}

function chunkOf(rows: readonly Row[], index: number): Chunk {
  const reversed = index % 2 === 1;
  const text = (cells: readonly (string | null)[]) => codesOf(cells, "text", reversed);
  return {
    rows: rows.length,
    columns: [
      numbersOf(
        rows.map(({ time }) => time),
        "time",
      ),
      text(rows.map(({ event }) => event)),
      text(rows.map(({ user }) => user)),
      text(rows.map(({ session }) => session)),
      text(rows.map(({ values }) => values[0] as string | null)),
      numbersOf(
        rows.map(({ values }) => values[1] as number | null),
        "number",
      ),
      codesOf(
        rows.map(({ values }) => (values[2] === null ? null : String(values[2]))),
        "boolean",
        reversed,
      ),
    ],
  };
}

/** Merges and places on this thread; ranges are drawn one after the other. */
const run: KeyRunner = {
  merge: (input) => Promise.resolve(mergeKeys(input, new Slab(0))),
  place: (input) => Promise.resolve(placeKeys(input)),
};

/** Chunks of rows, cut at random places, possibly empty. */
const chunkedRows = fc.tuple(rowsArbitrary, fc.array(fc.nat(40), { maxLength: 4 })).map(([rows, cuts]) => {
  const bounds = [0, ...cuts.map((cut) => Math.min(cut, rows.length)).sort((a, b) => a - b), rows.length];
  return bounds.slice(1).map((end, at) => rows.slice(bounds[at], end));
});

test("layOut, scatterChunk, sortSessions and cutSessions equal the definition of the event table", async () => {
  await fc.assert(
    fc.asyncProperty(chunkedRows, shapeArbitrary, fc.boolean(), async (parts, shape, backwards) => {
      const roles = {
        time: 0,
        event: 1,
        user: shape.hasUsers ? 2 : -1,
        session: shape.hasSessions ? 3 : -1,
        others: [4, 5, 6],
      };
      const chunks = parts.map((rows, index) => prepareChunk(chunkOf(rows, index), roles));
      const layout = await layOut(chunks, run);
      const order = [...chunks.keys()];
      // chunks go to disjoint places, so their order is free
      if (backwards) order.reverse();
      for (const at of order) scatterChunk(chunks[at]!, layout.chunks[at]!, layout.time, layout.name, layout.columns);
      sortSessions(layout.sessionOffsets, 0, layout.sessions, layout.time, layout.name, layout.columns);
      const table = shape.hasSessions ? layout : cutSessions(layout, shape.gapMs);
      const columns = table.columns.map((column, at) => ({ ...column, name: columnNames[at]! }));
      const expected = expectedOf(parts.flat(), shape);
      assert.equal(sessionsOf({ ...table, columns, attributes: [], hasUsers: shape.hasUsers }), expected.sessions);
      assert.equal(sumDropped(chunks), expected.dropped);
      assert.is(table.sessions, expected.sessions.length);
      assert.is(
        table.events,
        expected.sessions.reduce((sum, { rows }) => sum + rows.length, 0),
      );
      assert.is(table.users, new Set(expected.sessions.map(({ user }) => user)).size);
      for (const [at, { grain }] of columns.entries()) {
        assert.is(grain, isPerSession(expected.sessions, at) ? "session" : "event");
      }
    }),
    { seed: 1, numRuns: 600 },
  );
});

test("codes do not depend on which chunk or value came first", async () => {
  const row = (user: string, event: string, plan: string): Row => ({
    user,
    session: "1",
    time: 1,
    event,
    values: [plan, 1, true],
  });
  const rows = [row("u1", "b", "pro"), row("u2", "a", "free"), row("u3", "c", "basic")];
  const roles = { time: 0, event: 1, user: 2, session: 3, others: [4] };
  const laid: unknown[][] = [];
  for (const order of [rows, [...rows].reverse()]) {
    const chunks = order.map((one, index) => prepareChunk(chunkOf([one], index), roles));
    const layout = await layOut(chunks, run);
    const [column] = layout.columns;
    laid.push([layout.names, column?.kind === "coded" ? [column.dictionary, [...column.codes]] : null]);
  }
  assert.equal(laid[0], laid[1]);
  assert.equal(laid[0]?.[0], ["a", "b", "c"]);
});

test("many sessions of a user, each in several chunks and out of order, are told apart by their ids", async () => {
  const roles = { time: 0, event: 1, user: 2, session: 3, others: [] };
  const shape = { hasUsers: true, hasSessions: true, gapMs: 0 };
  // three chunks hold each of 60 sessions of one user, the later ones backwards; another user has one
  const rows = [0, 1, 2].map((chunk) =>
    Array.from({ length: 61 }, (_, at): Row => {
      const session = chunk === 0 ? at : 60 - at;
      const user = session === 60 ? "light" : "heavy";
      return {
        user,
        session: `s${session}`,
        time: ((session * 37) % 61) + chunk * 100,
        event: "e",
        values: ["v", 1, true],
      };
    }),
  );
  const chunks = rows.map((own, index) => prepareChunk(chunkOf(own, index), roles));
  const layout = await layOut(chunks, run);
  for (const [at, chunk] of chunks.entries()) {
    scatterChunk(chunk, layout.chunks[at]!, layout.time, layout.name, layout.columns);
  }
  sortSessions(layout.sessionOffsets, 0, layout.sessions, layout.time, layout.name, layout.columns);
  const found = sessionsOf({ ...layout, columns: [], attributes: [], hasUsers: true });
  const expected = expectedOf(rows.flat(), shape).sessions;
  const plain = (sessions: readonly (typeof found)[number][]) =>
    sessions.map(({ user, id, rows: own }) => [user, id, own.map(({ time, event }) => [time, event])]);
  assert.equal(plain(found), plain(expected));
});

test.run();
