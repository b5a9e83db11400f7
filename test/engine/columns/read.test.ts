import fc from "fast-check";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { type EventTable, firstUsers } from "../../../engine/columns/event-table.js";
import { WorkerPool } from "../../../engine/pool.js";
import { type ReadOutcome, type ReadRequest, readEvents } from "../../../engine/read.js";
import { openDuck } from "../../sample/duck.js";
import { failsWith, temporaryFolder } from "../sources/chunk-values.js";
import {
  columnNames,
  expectedOf,
  isPerSession,
  type Row,
  rowsArbitrary,
  type Shape,
  sessionsOf,
  shapeArbitrary,
} from "./naive-table.js";

const test = suite("readEvents");
const folder = temporaryFolder();
const pool = new WorkerPool(2);
test.after(async () => {
  await pool.close();
  folder.remove();
});

const roles = { user: "who", session: "sitting", time: "at", event: "what" } as const;

function request(files: readonly string[], shape: Shape, rest: Partial<ReadRequest> = {}): ReadRequest {
  const { user, session, time, event } = roles;
  return {
    files,
    base: folder.path,
    columns: { time, event, ...(shape.hasUsers ? { user } : {}), ...(shape.hasSessions ? { session } : {}) },
    sessionGapMs: shape.gapMs,
    needed: columnNames,
    attributes: null,
    attributeMaxValues: 50,
    ...rest,
  };
}

/** The cells of a row by column; a role that the shape lacks is no column. */
function cellsOf(row: Row, { hasUsers, hasSessions }: Shape): [string, string | number | boolean | null][] {
  return [
    ...(hasUsers ? [[roles.user, row.user] as [string, string | null]] : []),
    [columnNames[0], row.values[0]!],
    [roles.time, row.time === null ? null : new Date(Date.UTC(2026, 0, 1) + row.time).toISOString()],
    ...(hasSessions ? [[roles.session, row.session] as [string, string | null]] : []),
    [columnNames[1], row.values[1]!],
    [roles.event, row.event],
    [columnNames[2], row.values[2]!],
  ];
}

function csvOf(rows: readonly Row[], shape: Shape): string {
  const quoted = (cell: string | number | boolean | null): string => {
    const text = cell === null ? "" : String(cell);
    return /[",]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
  };
  const none: Row = { user: null, session: null, time: null, event: null, values: [null, null, null] };
  const header = cellsOf(none, shape).map(([name]) => name);
  return [header, ...rows.map((row) => cellsOf(row, shape).map(([, cell]) => quoted(cell)))]
    .map((cells) => `${cells.join()}\n`)
    .join("");
}

function ndjsonOf(rows: readonly Row[], shape: Shape): string {
  return rows.map((row) => `${JSON.stringify(Object.fromEntries(cellsOf(row, shape)))}\n`).join("");
}

/** Times of expected sessions as they stand in files. */
const moved = (sessions: ReturnType<typeof sessionsOf>) =>
  sessions.map(({ rows, ...rest }) => ({
    ...rest,
    rows: rows.map((row) => ({ ...row, time: row.time + Date.UTC(2026, 0, 1) })),
  }));

function check({ table, dropped }: ReadOutcome, rows: readonly Row[], shape: Shape): void {
  const expected = expectedOf(rows, shape);
  const place = columnNames.map((name) => table.columns.findIndex((column) => column.name === name));
  const found = sessionsOf(table).map(({ rows: own, ...rest }) => ({
    ...rest,
    rows: own.map(({ values, ...event }) => ({ ...event, values: place.map((at) => values[at] ?? null) })),
  }));
  assert.equal(found, moved([...expected.sessions]));
  assert.equal(dropped, expected.dropped);
  assert.is(table.hasUsers, shape.hasUsers);
  for (const [at, index] of place.entries()) {
    const column = table.columns[index]!;
    assert.is(column.grain, isPerSession(expected.sessions, at) ? "session" : "event");
    if (column.kind !== "coded") continue;
    const sorted = [...new Set(column.dictionary)].sort((a, b) => (a < b ? -1 : 1));
    assert.equal(column.dictionary, sorted);
  }
}

/** Usable values in every column, so that each format tells the same types. */
const typed: Row[] = [
  { user: "u1", session: "1", time: 3, event: "open", values: ["pro", 7, true] },
  { user: "u1", session: "1", time: 3, event: "close", values: ["free", 2.5, false] },
];

test("CSV and NDJSON files, one or several, give the table of their rows", async () => {
  let run = 0;
  await fc.assert(
    fc.asyncProperty(rowsArbitrary, shapeArbitrary, fc.nat(40), async (rest, shape, cut) => {
      const rows = [...typed, ...rest];
      const parts = [rows.slice(0, cut), rows.slice(cut)].filter((part) => part.length > 0);
      run++;
      parts.forEach((part, at) => {
        folder.write(`${run}-${at}.csv`, csvOf(part, shape));
        folder.write(`${run}-${at}.ndjson`, ndjsonOf(part, shape));
      });
      // the first part as CSV and the second as NDJSON, which sort in this order
      const mixed = parts.map((_, at) => `${run}-${at}.${at === 0 ? "csv" : "ndjson"}`);
      for (const files of [[`${run}-*.csv`], [`${run}-*.ndjson`], mixed]) {
        check(await readEvents(request(files, shape), pool), rows, shape);
      }
    }),
    { seed: 1, numRuns: 40 },
  );
});

test("Parquet files of several row groups give the table of their rows", async () => {
  const duck = await openDuck();
  let run = 0;
  await fc.assert(
    fc.asyncProperty(rowsArbitrary, shapeArbitrary, async (rest, shape) => {
      run++;
      // a row group of DuckDB's holds 2048 rows at the least
      const rows = Array.from({ length: 2_500 }, (_, at) => [...typed, ...rest][at % (rest.length + 2)]!);
      folder.write(`rows-${run}.ndjson`, ndjsonOf(rows, shape));
      const file = `${folder.path}/rows-${run}`;
      const { user, session, time, event } = roles;
      const texts = [event, "plan", ...(shape.hasUsers ? [user] : []), ...(shape.hasSessions ? [session] : [])];
      const types = texts.map((name) => `"${name}": 'VARCHAR'`);
      await duck.rows(`copy (select * from read_json('${file}.ndjson', columns = {${types.join()},
        "${time}": 'TIMESTAMP', size: 'DOUBLE', beta: 'BOOLEAN'})) to '${file}.parquet' (format parquet, row_group_size 2048)`);
      check(await readEvents(request([`rows-${run}.parquet`], shape), pool), rows, shape);
    }),
    { seed: 2, numRuns: 8 },
  );
});

test("static attributes hold the first event's value, whatever the column's type and grain", async () => {
  await fc.assert(
    fc.asyncProperty(rowsArbitrary, shapeArbitrary, async (rest, shape) => {
      const rows = [...typed, ...rest];
      folder.write("attributes.ndjson", ndjsonOf(rows, shape));
      const asked = request(["attributes.ndjson"], shape, { attributes: ["beta", "size", "plan"], needed: [] });
      const { table } = await readEvents(asked, pool);
      const expected = expectedOf(rows, shape).sessions.map(({ rows: own }) => own[0]!.values);
      assert.equal(
        table.attributes.map(({ name }) => name),
        ["beta", "size", "plan"],
      );
      for (const [at, { codes, dictionary }] of table.attributes.entries()) {
        const values = Array.from(codes, (code) => (code === 0 ? null : dictionary[code - 1]!));
        assert.equal(
          values,
          expected.map((own) => own[2 - at]!),
        );
        const ascending = [...dictionary].sort((a, b) => (a < b ? -1 : 1));
        assert.equal(dictionary, ascending);
      }
    }),
    { seed: 3, numRuns: 25 },
  );
});

test("listed attributes of a format without types are what is written, so that version 5.10 is no 5.1", async () => {
  folder.write(
    "labels.csv",
    "who,at,what,version,zip,beta\nu1,2026-01-01,a,5.10,007,TRUE\nu2,2026-01-01,a,5.1,7,false\n",
  );
  const asked = { files: ["labels.csv"], columns: { user: roles.user, time: roles.time, event: roles.event } };
  const read = async (needed: readonly string[]) =>
    await readEvents(
      {
        ...request([], { hasUsers: true, hasSessions: false, gapMs: 1 }),
        ...asked,
        needed,
        attributes: ["version", "zip", "beta"],
      },
      pool,
    );
  const dictionaries = async (needed: readonly string[]) =>
    (await read(needed)).table.attributes.map(({ dictionary }) => dictionary);
  assert.equal(await dictionaries([]), [
    ["5.1", "5.10"],
    ["007", "7"],
    [false, true],
  ]);
  // an expression that computes with a column wants its numbers
  assert.equal(await dictionaries(["version"]), [[5.1], ["007", "7"], [false, true]]);
});

const people: Shape = { hasUsers: true, hasSessions: true, gapMs: 0 };

test("by default the text and boolean columns of few values are attributes, and no column that has a role", async () => {
  const rows = Array.from(
    { length: 60 },
    (_, at): Row => ({
      user: `u${at}`,
      session: "1",
      time: at,
      event: `e${at % 3}`,
      values: [`plan${at}`, at, at % 2 === 0],
    }),
  );
  folder.write("default.csv", csvOf(rows, people));
  const names = async (attributeMaxValues: number) =>
    (await readEvents(request(["default.csv"], people, { attributeMaxValues, needed: [] }), pool)).table.attributes.map(
      ({ name }) => name,
    );
  assert.equal(await names(60), ["plan", "beta"]);
  assert.equal(await names(59), ["beta"]);
});

test("numbers whose values are to be told apart come as codes, each as it is", async () => {
  await fc.assert(
    fc.asyncProperty(rowsArbitrary, shapeArbitrary, async (rest, shape) => {
      const rows = [...typed, ...rest];
      folder.write("coded.ndjson", ndjsonOf(rows, shape));
      const outcome = await readEvents(request(["coded.ndjson"], shape, { coded: ["size", "plan"] }), pool);
      assert.equal(
        columnNames.map((name) => outcome.table.columns.find((column) => column.name === name)?.kind),
        ["coded", "coded", "coded"],
      );
      // they are no static attributes for that
      assert.equal(outcome.table.attributes.map(({ name }) => name).sort(), ["beta", "plan"]);
      check(outcome, rows, shape);
    }),
    { seed: 5, numRuns: 15 },
  );
});

test("session ids that thousands of users share make a session for each of them", async () => {
  const users = 3_000;
  const rows = Array.from(
    { length: users * 4 },
    (_, at): Row => ({
      user: `u${at % users}`,
      session: String(Math.floor(at / users / 2)),
      time: at,
      event: "open",
      values: ["free", 1, true],
    }),
  );
  folder.write("shared.csv", csvOf(rows, people));
  const { table } = await readEvents(request(["shared.csv"], people), pool);
  assert.is(table.sessions, users * 2);
  assert.is(table.users, users);
});

test("the first users are the table of their rows alone", async () => {
  await fc.assert(
    fc.asyncProperty(rowsArbitrary, shapeArbitrary, async (rest, shape) => {
      const rows = [...typed, ...rest];
      folder.write("first.csv", csvOf(rows, shape));
      const { table } = await readEvents(request(["first.csv"], shape), pool);
      const all = sessionsOf(table);
      for (let users = 0; users <= table.users; users++) {
        const part = firstUsers(table, users);
        const sessions = sessionsOf(part);
        assert.equal(sessions, all.slice(0, sessions.length));
        assert.is(new Set(sessions.map(({ user }) => user)).size, users);
        assert.is(part.sessions, sessions.length);
        assert.is(part.events, part.time.length);
        for (const { codes } of part.attributes) assert.is(codes.length, part.sessions);
        const sizes = part.columns.map((column) => (column.kind === "coded" ? column.codes : column.values).length);
        assert.equal(
          sizes,
          part.columns.map(({ grain }) => (grain === "event" ? part.events : part.sessions)),
        );
      }
    }),
    { seed: 4, numRuns: 15 },
  );
});

test("a column that the data do not have is an error that names those they have", async () => {
  folder.write("known.csv", csvOf(typed, people));
  await failsWith(
    readEvents(request(["known.csv"], people, { needed: ["plann"] }), pool),
    "source-invalid",
    "unknown column: plann",
    "plan",
  );
  await failsWith(
    readEvents(request(["known.csv"], people, { attributes: ["region"] }), pool),
    "source-invalid",
    "unknown column: region",
  );
});

test("files without a single usable row give an empty table", async () => {
  folder.write("none.csv", csvOf([{ ...typed[0]!, user: null }], people));
  const { table, dropped } = await readEvents(request(["none.csv"], people), pool);
  const sizes = ({ events, sessions, users }: EventTable) => [events, sessions, users];
  assert.equal(sizes(table), [0, 0, 0]);
  assert.equal(dropped, { time: 0, event: 0, user: 1, session: 0 });
});

test.run();
