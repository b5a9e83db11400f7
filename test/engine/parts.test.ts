/** Events that are kept on disk in parts are those of the table in memory. */
import { existsSync, mkdirSync, readdirSync } from "node:fs";
import { tmpdir } from "node:os";
import fc from "fast-check";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import type { Codes, TableColumn } from "../../engine/columns/event-table.js";
import { type EventStore, storeOf } from "../../engine/event-store.js";
import { WorkerPool } from "../../engine/pool.js";
import { planRead, type ReadRequest, readEvents } from "../../engine/read.js";
import { readParts } from "../../engine/read-parts.js";
import { readStore } from "../../engine/read-store.js";
import { columnNames, type Row, rowsArbitrary, type Shape, shapeArbitrary } from "./columns/naive-table.js";
import { failsWith, temporaryFolder } from "./sources/chunk-values.js";

const test = suite("events in parts");
const folder = temporaryFolder();
const pools = [new WorkerPool(1), new WorkerPool(2)];
const usual = process.env["TMPDIR"];
test.before(() => {
  // parts of this test alone
  mkdirSync(`${folder.path}/parts`);
  process.env["TMPDIR"] = `${folder.path}/parts`;
});
test.after(async () => {
  if (usual === undefined) delete process.env["TMPDIR"];
  else process.env["TMPDIR"] = usual;
  for (const pool of pools) await pool.close();
  folder.remove();
});

/** How times are written. */
type Clock = "ISO" | "ms" | "µs";

function timeOf(time: number, clock: Clock): string | number {
  const ms = Date.UTC(2026, 0, 1) + time;
  if (clock === "ISO") return new Date(ms).toISOString();
  // a fraction of a millisecond, which whole offsets cannot tell
  return clock === "ms" ? ms : ms * 1000 + (time % 7) * 100;
}

function ndjsonOf(rows: readonly Row[], shape: Shape, clock: Clock): string {
  const line = ({ user, session, time, event, values }: Row): string =>
    JSON.stringify({
      ...(shape.hasUsers ? { who: user } : {}),
      ...(shape.hasSessions ? { sitting: session } : {}),
      at: time === null ? null : timeOf(time, clock),
      what: event,
      ...Object.fromEntries(columnNames.map((name, at) => [name, values[at]])),
    });
  return rows.map((row) => `${line(row)}\n`).join("");
}

function request(files: readonly string[], shape: Shape, rest: Partial<ReadRequest> = {}): ReadRequest {
  return {
    files,
    base: folder.path,
    columns: {
      time: "at",
      event: "what",
      ...(shape.hasUsers ? { user: "who" } : {}),
      ...(shape.hasSessions ? { session: "sitting" } : {}),
    },
    sessionGapMs: shape.gapMs,
    needed: columnNames,
    attributes: null,
    attributeMaxValues: 50,
    ...rest,
  };
}

const valuesOf = (column: TableColumn): Codes | Float64Array =>
  column.kind === "coded" ? column.codes : column.values;

/** Everything that a store tells, its parts put together. */
async function told(store: EventStore): Promise<unknown> {
  const { sessions } = store;
  const { idOf, userIdOf, columns, attributes, starts, ends, entry, sessionOffsets, userOffsets, ...counts } = sessions;
  const [time, name]: [number[], number[]] = [[], []];
  const values = columns.map((): number[] => []);
  for (const [index, range] of store.parts.entries()) {
    const part = await store.part(index);
    assert.is(part.time.length, range.eventEnd - range.eventStart);
    assert.is(part.sessionOffsets.length, range.sessionEnd - range.sessionStart + 1);
    assert.is(part.userOffsets.length, range.userEnd - range.userStart + 1);
    time.push(...part.time);
    name.push(...part.name);
    for (const [at, column] of part.columns.entries()) {
      assert.is(column.grain, columns[at]!.grain);
      assert.is(column.kind, columns[at]!.kind);
      values[at]!.push(...valuesOf(column));
    }
    const offsets = Array.from(part.sessionOffsets, (event) => event + range.eventStart);
    assert.equal(offsets, [...sessionOffsets.subarray(range.sessionStart, range.sessionEnd + 1)]);
    const users = Array.from(part.userOffsets, (session) => session + range.sessionStart);
    assert.equal(users, [...userOffsets.subarray(range.userStart, range.userEnd + 1)]);
  }
  const whole = await store.whole();
  assert.equal([...whole.time], time);
  assert.equal([...whole.name], name);
  assert.equal(
    whole.columns.map((column) => [...valuesOf(column)]),
    values,
  );
  return {
    ...counts,
    time,
    name,
    values,
    columns: columns.map((column) => ({ ...column, codes: undefined, values: undefined })),
    attributes: attributes.map(({ codes, ...rest }) => ({ ...rest, codes: [...codes] })),
    starts: [...starts],
    ends: [...ends],
    entry: [...entry],
    sessionOffsets: [...sessionOffsets],
    userOffsets: [...userOffsets],
    ids: Array.from({ length: sessions.sessions }, (_, session) => [idOf(session), userIdOf(session)]),
  };
}

const clock = fc.constantFrom<Clock>("ISO", "ms", "µs");

test("any number of parts hold the users, sessions, values and ids of the table in memory, on one thread or two", async () => {
  let run = 0;
  let parted = 0;
  await fc.assert(
    fc.asyncProperty(
      fc.array(rowsArbitrary, { minLength: 1, maxLength: 3 }),
      shapeArbitrary,
      clock,
      fc.integer({ min: 2, max: 7 }),
      fc.constantFrom<Partial<ReadRequest>>({}, { coded: ["size"] }, { attributes: ["size", "plan"] }),
      fc.nat(5),
      async (files, shape, written, parts, rest, users) => {
        run++;
        // the column whose type only all files together tell comes as numbers in one and as text in another
        for (const [at, rows] of files.entries()) folder.write(`${run}-${at}.ndjson`, ndjsonOf(rows, shape, written));
        const names = files.flatMap((rows, at) => (rows.length > 0 ? [`${run}-${at}.ndjson`] : []));
        const first: Row = { user: "u0", session: "s", time: 5, event: "open", values: ["pro", 7, true] };
        folder.write(`${run}-first.ndjson`, ndjsonOf([first], shape, written));
        const asked = request([`${run}-first.ndjson`, ...names], shape, rest);
        const whole = await readEvents(asked, pools[0]!);
        const expected = await told(storeOf(whole.table));
        const few = Math.min(users, whole.table.users);
        for (const pool of pools) {
          const { store, close, dropped } = await readParts(asked, await planRead(asked), parts, pool);
          try {
            assert.equal(await told(store), expected);
            assert.equal(await told(store.first(few)), await told(storeOf(whole.table).first(few)));
            assert.equal(dropped, whole.dropped);
            assert.ok(store.parts.length <= parts);
            if (store.parts.length > 1) parted++;
          } finally {
            close();
          }
        }
      },
    ),
    { seed: 1, numRuns: 12 },
  );
  assert.ok(parted > 12);
});

test("columns of one type in one file and another in the next are what all files make of them", async () => {
  const shape: Shape = { hasUsers: true, hasSessions: true, gapMs: 0 };
  const row = (user: number, value: string | number): Row => ({
    user: `u${user}`,
    session: "1",
    time: user,
    event: "open",
    values: [value, user, null],
  });
  folder.write("numbers.ndjson", ndjsonOf([row(1, 1.5), row(2, 2)], shape, "ISO"));
  folder.write("texts.ndjson", ndjsonOf([row(3, "x"), row(4, 1.5)], shape, "ISO"));
  const asked = request(["numbers.ndjson", "texts.ndjson"], shape);
  const { table } = await readEvents(asked, pools[1]!);
  const { store, close } = await readParts(asked, await planRead(asked), 4, pools[1]!);
  assert.equal(await told(store), await told(storeOf(table)));
  close();
});

test("what fits in memory is held there, what does not is not, and nothing is left on disk", async () => {
  const shape: Shape = { hasUsers: true, hasSessions: true, gapMs: 0 };
  const rows = Array.from(
    { length: 400 },
    (_, at): Row => ({ user: `u${at % 90}`, session: "1", time: at, event: `e${at % 3}`, values: ["pro", at, true] }),
  );
  folder.write("many.ndjson", ndjsonOf(rows, shape, "ISO"));
  const asked = request(["many.ndjson"], shape);
  const small = await readStore(asked, pools[1]!, {});
  assert.is(small.store.parts.length, 1);
  assert.ok(small.store.table !== null);
  const large = await readStore(asked, pools[1]!, { memoryBytes: 10_000 });
  assert.ok(large.store.parts.length > 3);
  assert.is(large.store.table, null);
  assert.equal(await told(large.store), await told(small.store));
  const left = (): string[] => readdirSync(tmpdir()).filter((name) => name.startsWith("leadline-parts-"));
  assert.ok(left().length > 0);
  const before = left().length;
  large.close();
  assert.is(left().length, before - 1);
});

test("a folder for temporary files that cannot be written to is named", async () => {
  const shape: Shape = { hasUsers: true, hasSessions: true, gapMs: 0 };
  folder.write(
    "one.ndjson",
    ndjsonOf([{ user: "u", session: "1", time: 1, event: "a", values: ["p", 1, true] }], shape, "ISO"),
  );
  const missing = `${folder.path}/no-such-folder`;
  assert.not(existsSync(missing));
  process.env["TMPDIR"] = missing;
  await failsWith(readStore(request(["one.ndjson"], shape), pools[0]!, { memoryBytes: 1 }), "output-invalid", "TMPDIR");
});

test.run();
