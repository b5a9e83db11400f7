import { z } from "zod";
import { LeadlineError } from "../../errors.js";
import {
  attributeName,
  attribute as attributeText,
  conditions,
  divides,
  eventName,
  event as eventText,
  literal,
} from "./parts.js";
import type { Template } from "./template.js";

/** Classes of the grid, and values of each. */
const MOST = 10;
const N = 5;

/** Parameters of `top-values`. */
export interface TopValuesParameters {
  readonly event: string;
  readonly attribute: string;
  readonly n: number;
}

/** The most frequent values of an event's attribute over all sessions, each a hypothesis. */
export const topValues: Template<TopValuesParameters> = {
  name: "top-values",
  description: "an event has one of the n values that its attribute has most often over all sessions",
  parameters: z.strictObject({ event: eventName, attribute: attributeName, n: z.int().min(1).max(20) }),
  grid({ grid, columns, attributes }) {
    // what is a session's own, by its column or by being an attribute, is a matter of attribute-predicate
    const varying = new Set(
      columns.filter(({ grain, name }) => grain === "event" && !attributes.includes(name)).map(({ name }) => name),
    );
    const sessionsOf = new Map(grid.events.map(({ name, sessions }) => [name, sessions]));
    return grid.eventValues
      .filter(({ event, attribute, values }) => {
        return varying.has(attribute) && values.length > 1 && divides(sessionsOf.get(event) ?? 0, grid.sessions);
      })
      .sort((a, b) => (sessionsOf.get(b.event) ?? 0) - (sessionsOf.get(a.event) ?? 0))
      .slice(0, MOST)
      .map(({ event, attribute }) => ({ event, attribute, n: N }));
  },
  compile({ event, attribute, n }, { grid }) {
    const known = grid.eventValues.find((each) => each.event === event && each.attribute === attribute);
    if (known === undefined) {
      throw new LeadlineError(
        "study-invalid",
        `top-values: unknown attribute: ${attribute} of ${event}; allowed: columns with at most 2000 values, on events that have them`,
      );
    }
    return conditions(
      ...known.values
        .slice(0, n)
        .map(({ value }) => `${eventText(event)}[${attributeText(attribute)} == ${literal(value)}]`),
    );
  },
};
