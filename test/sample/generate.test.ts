import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { LeadlineError } from "../../errors.js";
import { generateSample } from "../../sample/generate.js";
import { openDuck } from "./duck.js";

interface Context {
  folder: string;
}

const test = suite<Context>("generateSample");
test.before.each(async (context) => {
  context.folder = await mkdtemp(join(tmpdir(), "leadline-sample-"));
});
test.after.each(async ({ folder }) => {
  await rm(folder, { recursive: true, force: true });
});

async function contents(folder: string): Promise<Map<string, string>> {
  const files = new Map<string, string>();
  for (const name of (await readdir(folder)).sort()) {
    files.set(name, (await readFile(join(folder, name))).toString("base64"));
  }
  return files;
}

for (const format of ["parquet", "csv"] as const) {
  test(`the same seed gives the same ${format} files byte for byte, another seed others`, async ({ folder }) => {
    for (const [name, seed] of [
      ["a", 11],
      ["b", 11],
      ["c", 12],
    ] as const) {
      await generateSample({ out: join(folder, name), users: 400, seed, format });
    }
    const [a, b, c] = await Promise.all(["a", "b", "c"].map((name) => contents(join(folder, name))));
    assert.equal(
      [...a!.keys()],
      [
        `player.${format}`,
        "player.yaml",
        `shop.${format}`,
        "shop.yaml",
        `subscription.${format}`,
        "subscription.yaml",
        "truth.json",
      ],
    );
    assert.ok([...a!].every(([name, bytes]) => b!.get(name) === bytes));
    assert.ok([...a!].every(([name, bytes]) => name.endsWith(".yaml") || c!.get(name) !== bytes));
  });
}

test("a service made alone is the same as among the others", async ({ folder }) => {
  await generateSample({ out: join(folder, "all"), users: 300, seed: 5, format: "parquet" });
  const alone = await generateSample({
    out: join(folder, "one"),
    users: 300,
    seed: 5,
    format: "parquet",
    service: "shop",
  });
  const [all, one] = await Promise.all([contents(join(folder, "all")), contents(join(folder, "one"))]);
  assert.equal([...one.keys()], ["shop.parquet", "shop.yaml", "truth.json"]);
  assert.is(one.get("shop.parquet"), all.get("shop.parquet"));
  assert.equal(
    alone.services.map(({ service }) => service),
    ["shop"],
  );
});

test("Parquet and CSV hold the same rows", async ({ folder }) => {
  const summary = await generateSample({ out: folder, users: 1_500, seed: 3, format: "parquet" });
  await generateSample({ out: folder, users: 1_500, seed: 3, format: "csv" });
  const duck = await openDuck();
  for (const { service, rows, sessions, events } of summary.services) {
    // DuckDB knows the Parquet's types; the CSV's texts are cast to them.
    const columns = (await duck.rows(`describe select * from '${events}'`)).map(
      ({ column_name, column_type }) => `${column_name}::${column_type} as ${column_name}`,
    );
    const csv = `(select ${columns} from read_csv('${events.replace(/parquet$/, "csv")}', all_varchar = true))`;
    assert.is(await duck.value(`select count(*) from (from '${events}' except all from ${csv})`), 0, service);
    assert.is(await duck.value(`select count(*) from ${csv}`), rows);
    assert.is(await duck.value(`select count(distinct session_id) from '${events}'`), sessions);
    // No two events of a session at the same time, and no session of two users.
    assert.is(await duck.value(`select count(distinct (session_id, ts)) from '${events}'`), rows);
    assert.is(await duck.value(`select count(distinct (session_id, user_id)) from '${events}'`), sessions);
  }
});

test("rows are in time order, but for sessions that go on when a batch ends", async ({ folder }) => {
  const { services } = await generateSample({
    out: folder,
    users: 15_000,
    seed: 3,
    format: "parquet",
    service: "player",
  });
  const file = services[0]?.events;
  const duck = await openDuck();
  assert.ok(
    ((await duck.value(`select count(distinct row_group_id) from parquet_metadata('${file}')`)) as number) >= 3,
  );
  const [row] = await duck.rows(`select max(highest - ms) late, max(lasting) longest from (
    select ms, max(ms) over (order by file_row_number) highest, ms - min(ms) over (partition by session_id) lasting
    from (select epoch_ms(ts) ms, session_id, file_row_number from read_parquet('${file}', file_row_number = true)))`);
  assert.ok((row?.["late"] as number) > 0);
  assert.ok((row?.["late"] as number) <= (row?.["longest"] as number));
});

test("files of one user and one session are whole", async ({ folder }) => {
  const duck = await openDuck();
  for (const users of [1, 2, 3]) {
    const { services } = await generateSample({ out: folder, users, seed: 5, format: "parquet" });
    for (const { events, rows, service } of services) {
      const counted = await duck.rows(
        `select count(*) n, count(user_id) u, count(event) e, count(country) c from '${events}'`,
      );
      assert.equal(counted, [{ n: rows, u: rows, e: rows, c: rows }], `${service} with ${users} users`);
    }
  }
});

test("an attribute is constant in a session, history constant in a user, and history ends where the data begin", async ({
  folder,
}) => {
  const { services } = await generateSample({ out: folder, users: 2_000, seed: 9, format: "parquet" });
  const duck = await openDuck();
  const per = (key: string, columns: readonly string[], file: string) =>
    duck.value(
      `select count(*) from (select ${key} from '${file}' group by ${key}
       having ${columns.map((column) => `count(distinct ${column}) > 1`).join(" or ")})`,
    );
  const [subscription, player, shop] = services.map(({ events }) => events);
  assert.is(await per("session_id", ["country", "os", "device", "browser", "channel"], subscription!), 0);
  assert.is(await per("session_id", ["country", "os", "os_version", "app_version", "device", "network"], player!), 0);
  assert.is(await per("session_id", ["country", "os", "device", "app_version", "channel"], shop!), 0);
  for (const file of [subscription!, player!]) {
    assert.is(await per("user_id", ["first_seen", "visits_before"], file), 0);
    const broken = `select count(*) from (select any_value(first_seen) as seen, any_value(visits_before) as visits, min(ts) as began
      from '${file}' group by user_id) where seen > began or (visits = 0) <> (seen = began)
      or (visits > 0 and seen >= timestamp '2026-10-19')`;
    assert.is(await duck.value(broken), 0);
  }
});

test("most users come once or twice, few very often, and a vocabulary has about 80 names", async ({ folder }) => {
  const { services } = await generateSample({ out: folder, users: 5_000, seed: 2, format: "parquet" });
  const duck = await openDuck();
  for (const { events, rows, sessions } of services) {
    const [visits] = await duck.rows(
      `select avg((n <= 3)::int) few, max(n) most from (select count(distinct session_id) n from '${events}' group by user_id)`,
    );
    assert.ok((visits?.["few"] as number) > 0.8);
    assert.ok((visits?.["most"] as number) > 60);
    const names = (await duck.value(`select count(distinct event) from '${events}'`)) as number;
    assert.ok(names >= 74 && names <= 90, `${names} names`);
    assert.ok(rows / sessions >= 10 && rows / sessions <= 30);
  }
});

test("progress counts all events, and an abort leaves no event file", async ({ folder }) => {
  const seen: number[] = [];
  const { services } = await generateSample({
    out: join(folder, "whole"),
    users: 300,
    seed: 1,
    format: "csv",
    onProgress: (events) => seen.push(events),
  });
  assert.is(
    seen.at(-1),
    services.reduce((sum, { rows }) => sum + rows, 0),
  );

  try {
    await generateSample({ out: join(folder, "cut"), users: 300, seed: 1, format: "csv", signal: AbortSignal.abort() });
    assert.unreachable();
  } catch (error) {
    assert.instance(error, LeadlineError);
    assert.is((error as LeadlineError).code, "aborted");
  }
  assert.equal(await readdir(join(folder, "cut")), []);
});

test("users and seeds out of range are refused", async ({ folder }) => {
  for (const [users, seed, message] of [
    [0, 1, /invalid users: 0/],
    [1.5, 1, /invalid users: 1.5/],
    [Number.NaN, 1, /invalid users: NaN/],
    [10, 2 ** 32, /invalid seed: 4294967296/],
    [10, 0.5, /invalid seed: 0.5/],
  ] as const) {
    try {
      await generateSample({ out: folder, users, seed, format: "csv" });
      assert.unreachable();
    } catch (error) {
      assert.instance(error, RangeError);
      assert.match((error as Error).message, message);
    }
  }
});

test.run();
