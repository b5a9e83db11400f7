import { z } from "zod";
import { LeadlineError } from "../../errors.js";
import { columnNamed } from "../compile.js";
import { didYouMean } from "../expression/suggest.js";
import type { DataStatistics } from "../statistics.js";
import { attributeName, attribute as attributeText, conditions, divides, literal, roundNumber } from "./parts.js";
import type { Template } from "./template.js";

/** Hypotheses of the grid, and values of one attribute. */
const MOST = 60;
const MOST_VALUES = 8;

/** Parameters of `attribute-predicate`: values, or a bound or two of numbers. */
export interface AttributePredicateParameters {
  readonly attribute: string;
  readonly values?: readonly string[] | undefined;
  /** More than this. */
  readonly above?: number | undefined;
  /** At most this. */
  readonly at_most?: number | undefined;
}

/** Zeroth-order predicates: a value, some values, or a bin between quantiles. */
export const attributePredicate: Template<AttributePredicateParameters> = {
  name: "attribute-predicate",
  description: "an attribute of the session has one of some values, or lies above or below a bound",
  parameters: z
    .strictObject({
      attribute: attributeName,
      values: z.array(z.coerce.string()).min(1).max(20).optional(),
      above: z.number().optional(),
      at_most: z.number().optional(),
    })
    .refine(({ values, above, at_most }) => (values === undefined) !== (above === undefined && at_most === undefined), {
      message: "allowed: values, or above and at_most",
    }),
  grid(data) {
    const { grid, attributes } = data;
    const values = attributes.flatMap((attribute) =>
      (grid.values[attribute] ?? [])
        .filter(({ count }) => divides(count, grid.sessions))
        .slice(0, MOST_VALUES)
        .map(({ value }) => ({ attribute, values: [String(value)] })),
    );
    const bins = Object.entries(grid.numbers).flatMap(([attribute, { q10, q75, q90 }]) =>
      q10 < q90
        ? [
            { attribute, at_most: roundNumber(q10) },
            { attribute, above: roundNumber(q75) },
            { attribute, above: roundNumber(q90) },
          ]
        : [],
    );
    return [...values, ...bins].slice(0, MOST);
  },
  compile({ attribute, values, above, at_most }, data) {
    const name = attributeText(attribute);
    if (values !== undefined) {
      const known = values.map((value) => literalOf(attribute, value, data));
      return conditions(known.length === 1 ? `${name} == ${known[0]}` : `${name} in (${known.join(", ")})`);
    }
    const bounds = [
      ...(above === undefined ? [] : [`${name} > ${above}`]),
      ...(at_most === undefined ? [] : [`${name} <= ${at_most}`]),
    ];
    return conditions(bounds.join(" and "));
  },
};

/** A value as it stands in an expression: of the type that the column has. */
function literalOf(attribute: string, text: string, data: DataStatistics): string {
  const column = columnNamed(attribute, data)?.column;
  if (column === undefined) {
    const known = data.columns.map(({ name }) => name);
    throw new LeadlineError(
      "study-invalid",
      `attribute-predicate: unknown attribute: ${attribute};${didYouMean(attribute, known)} the data have ${known.join(", ")}`,
    );
  }
  if (column.kind === "numeric") return text;
  return literal(column.dictionary.find((value) => String(value) === text) ?? text);
}
