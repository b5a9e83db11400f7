import {
  type DerivedTable,
  FALSE,
  identityColumns,
  type SessionColumn,
  sessionsFrom,
  TRUE,
  withUniqueNames,
} from "../engine/columns/derived-table.js";
import { Execution, type NodeValues } from "../engine/execution.js";
import type { WorkerPool } from "../engine/pool.js";
import { compileAny } from "../planner/compile.js";
import type { Expression } from "../planner/expression/ast.js";
import { parseExpression } from "../planner/expression/parse.js";
import { printExpression } from "../planner/expression/print.js";
import { attributesOf } from "../planner/expression/walk.js";
import { compileKpi } from "../planner/kpi.js";
import { PlanBuilder } from "../planner/plan.js";
import type { Study } from "../planner/study.js";
import { meantBy } from "./asked-expression.js";
import { type PlannedStudy, planStudy, type RunOptions, windowOf } from "./run-study.js";

/** Session columns of some expressions, and what a reader should know of them. */
export interface SessionColumns {
  readonly table: DerivedTable;
  readonly warnings: readonly string[];
}

/**
 * Computes expressions over a study's data: a row a session that starts in the study's window, in the order of the event table,
 * with its user, its id, its start, and a column an expression, named by the expression as it prints. A condition is a boolean, never
 * missing; a value is a number or a text. As a whole, a bare name is an attribute, and an event where no attribute has it; a
 * quoted text is an event.
 * @param base - folder that the study's paths are relative to
 * @throws LeadlineError as `planStudy`; `expression-invalid` with the number of the expression and the place in it
 */
export async function computeSessionColumns(
  study: Study,
  base: string,
  expressions: readonly string[],
  pool: WorkerPool,
  options: RunOptions,
): Promise<SessionColumns> {
  const parsed = expressions.map((text, index) => parseExpression(text, { position: "value", where: placeOf(index) }));
  const read = parsed.flatMap((expression) => attributesOf(expression));
  const planned = await planStudy(study, base, pool, options, read);
  try {
    return await columnsOf(study, expressions, parsed, planned, pool, options);
  } finally {
    planned.close();
  }
}

async function columnsOf(
  study: Study,
  expressions: readonly string[],
  parsed: readonly Expression[],
  { store, table, tables, tokens, data, warnings }: PlannedStudy,
  pool: WorkerPool,
  options: RunOptions,
): Promise<SessionColumns> {
  const plan = new PlanBuilder();
  const kpis = study.kpis.map((kpi, index) => compileKpi(kpi, index, plan, data));
  const seen = new Set<string>();
  const wanted: { readonly name: string; readonly node: number }[] = [];
  for (const [index, text] of expressions.entries()) {
    const where = placeOf(index);
    const expression = meantBy(parsed[index] as Expression, text, where, data);
    const name = printExpression(expression);
    if (seen.has(name)) continue;
    seen.add(name);
    wanted.push({ name, node: compileAny({ expression, text, where }, plan, data).node });
  }
  const execution = new Execution(store, tokens, pool, tables);
  const { fromMs, toMs } = windowOf(study, options);
  await execution.evaluate(plan.nodes, kpis, [], {
    fromMs,
    toMs,
    failingQuantile: study.settings.numeric_failing_quantile,
    outcomeTime: false,
  });
  const values = await execution.values(
    plan.nodes,
    wanted.map(({ node }) => node),
  );
  const rows = sessionsFrom(table, fromMs, toMs);
  const columns = wanted.map(({ name, node }) => columnOf(name, values.get(node) as NodeValues, rows));
  return {
    table: { rows: rows.length, columns: withUniqueNames([...identityColumns(table, rows), ...columns]) },
    warnings: [...warnings, ...plan.warnings],
  };
}

function placeOf(index: number): string {
  return `expression ${index + 1}`;
}

function columnOf(name: string, values: NodeValues, rows: Uint32Array): SessionColumn {
  switch (values.type) {
    case "boolean":
      return {
        name,
        kind: "boolean",
        values: Uint8Array.from(rows, (session) => (values.value[session] === 1 ? TRUE : FALSE)),
      };
    case "number":
      return { name, kind: "number", values: Float64Array.from(rows, (session) => values.values[session] as number) };
    case "text":
      return {
        name,
        kind: "text",
        codes: rows.map((session) => values.codes[session] as number),
        text: (code) => String(values.dictionary[code - 1]),
      };
  }
}
