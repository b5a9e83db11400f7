// Reads events as a table, writes derived columns of any expressions as Parquet, and asks what an expression means and where it
// holds.
//
//   node examples/columns-and-explain.mjs [COLUMNS]
//
// It works on sample data, which it makes in sample-data/.
import { readFile, writeFile } from "node:fs/promises";
import { dirname } from "node:path";
import {
  eventsOf,
  explainExpression,
  formatExpressionExplanation,
  generateSample,
  parseStudy,
  readEvents,
  sessionColumns,
  sessionId,
  sessionParquet,
} from "leadline";

const [out = "columns.parquet"] = process.argv.slice(2);
const { services } = await generateSample({
  out: "sample-data",
  users: 2000,
  seed: 1,
  format: "parquet",
  service: "subscription",
});
const [{ events, study: path }] = services;

// the events of one session, as they were read
const { table, roles } = await readEvents([events], ".");
console.log(
  `${table.events} events of ${table.users} users; the time is in ${roles.time}. Session ${sessionId(table, 0)}:`,
);
for (const { time, name } of eventsOf(table, 0)) console.log(`  ${new Date(time).toISOString()}  ${name}`);

// a row a session, a column an expression
const study = parseStudy(await readFile(path, "utf8"), path);
const base = dirname(path);
const expression = "buy_plan => web_cors_error";
const columns = await sessionColumns(study, base, [expression, "count(buy_plan)", "session.duration"]);
await writeFile(out, await sessionParquet(columns.table));
console.log(`\n${columns.table.rows} rows of ${columns.table.columns.length} columns in ${out}.\n`);

// the same expression in words, and each KPI inside and outside
const explanation = await explainExpression(study, base, expression);
console.log(formatExpressionExplanation(explanation, { width: 100, colour: false }));
const { kpi, whole } = explanation.groups[0].kpis[0];
console.log(`${kpi}: ${whole.members.failing} of ${whole.members.sessions} sessions fail inside.`);
