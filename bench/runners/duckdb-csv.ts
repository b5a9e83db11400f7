/** Bar 2, DuckDB: CSV to a table in its memory. The types are given, so nothing is guessed. */

import { openDuck } from "../peers/duckdb.js";
import { serve, timed } from "./runner.js";

const NUMBERS: Readonly<Record<string, string>> = {
  ts: "TIMESTAMP",
  first_seen: "TIMESTAMP",
  ms: "INTEGER",
  visits_before: "INTEGER",
};

await serve(
  async ({
    file,
    columns,
    texts,
  }: {
    readonly file: string;
    readonly columns: readonly string[];
    readonly texts: readonly string[];
  }) => {
    const duck = await openDuck();
    const types = columns.map((name) => `'${name}': '${NUMBERS[name] ?? "VARCHAR"}'`).join(", ");
    const { seconds, cpuSeconds, peakRssBytes } = await timed(() =>
      duck.run(
        `CREATE TABLE events AS FROM read_csv('${file}', header = true, auto_detect = false, quote = '"', escape = '"', columns = {${types}})`,
      ),
    );
    const bytes = texts.map((name, index) => `sum(strlen("${name}") + 1)::BIGINT AS t${index}`).join(", ");
    const [row] = await duck.rows(
      `SELECT count(*) AS rows, sum(epoch_ms(ts) % 1000003)::BIGINT AS time, ${bytes} FROM events`,
    );
    duck.close();
    const answer = { rows: row?.["rows"], time: row?.["time"], texts: texts.map((_, index) => row?.[`t${index}`]) };
    return { seconds: [seconds], cpuSeconds: [cpuSeconds], peakRssBytes, answer, numbers: {} };
  },
);
