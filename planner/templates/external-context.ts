import { z } from "zod";
import { attribute, attributeName, conditions, literal, roundNumber } from "./parts.js";
import type { Template } from "./template.js";

/** Hypotheses of the grid, and values of one column of text. */
const MOST = 16;
const MOST_VALUES = 4;

/** Parameters of `external-context`: a threshold of numbers, or a value of text. */
export interface ExternalContextParameters {
  readonly table: string;
  readonly column: string;
  /** Exceeded. */
  readonly threshold?: number | undefined;
  readonly value?: string | undefined;
}

/** State of the backend, by an auxiliary table of the study. */
export const externalContext: Template<ExternalContextParameters> = {
  name: "external-context",
  description: "a column of an auxiliary table exceeds a bound, or has a value, when the session starts",
  parameters: z
    .strictObject({
      table: z.string().min(1).max(100),
      column: attributeName,
      threshold: z.number().optional(),
      value: z.coerce.string().optional(),
    })
    .refine(({ threshold, value }) => (threshold === undefined) !== (value === undefined), {
      message: "allowed: threshold or value",
    }),
  grid: ({ tables, grid }) =>
    tables
      .flatMap(({ name: table, columns }) =>
        columns.flatMap((column): ExternalContextParameters[] => {
          if (column.kind === "coded") {
            const values = column.dictionary.slice(0, MOST_VALUES);
            return values.map((value) => ({ table, column: column.name, value: String(value) }));
          }
          const quantiles = grid.tableNumbers[`${table}.${column.name}`];
          if (quantiles === undefined || !(quantiles.q10 < quantiles.q90)) return [];
          return [quantiles.q75, quantiles.q90].map((q) => ({ table, column: column.name, threshold: roundNumber(q) }));
        }),
      )
      .slice(0, MOST),
  compile({ table, column, threshold, value }) {
    const name = attribute(`${table}.${column}`);
    return conditions(value === undefined ? `${name} > ${threshold}` : `${name} == ${literal(value)}`);
  },
};
