import { z } from "zod";
import type { templates } from "../planner/templates/library.js";
import { type LayoutOptions, layOutText, leastWidth, palette } from "./layout.js";

/** The library of templates as a person reads it: what each says, its parameters, and how a study uses it. */
export function formatTemplates(library: typeof templates, options: LayoutOptions): string {
  const width = Math.max(options.width, leastWidth);
  const { bold, faint } = palette(options.colour);
  const lines = library.flatMap(({ name, description, parameters }) => [
    bold(name),
    ...layOutText(description, width, "  "),
    ...describeParameters(parameters)
      .flatMap((text) => layOutText(text, width, "  "))
      .map(faint),
    "",
  ]);
  lines.push(
    ...layOutText(
      "A study that names none tries each over a grid drawn from the data. To choose, state them in it:",
      width,
    ),
    "  hypotheses:",
    "    - {template: event-pattern, k: 3}",
    "    - {template: user-lifecycle, boundary: 1}",
  );
  return `${lines.join("\n")}\n`;
}

/** One line a parameter, by the schema that judges them. */
function describeParameters(schema: z.ZodType): string[] {
  const { properties = {}, required = [] } = z.toJSONSchema(schema, { unrepresentable: "any" });
  return Object.entries(properties).map(([name, property]) => {
    const allowed = typeof property === "boolean" ? "any" : describeType(property);
    return `${name}: ${allowed}${required.includes(name) ? "" : ", optional"}`;
  });
}

function describeType(property: z.core.JSONSchema.BaseSchema): string {
  if (property.const !== undefined) return JSON.stringify(property.const);
  if (property.enum !== undefined) return property.enum.map((value) => JSON.stringify(value)).join(" or ");
  const { minimum, exclusiveMinimum, maximum } = property;
  const bounds = [
    ...(minimum === undefined ? [] : [`from ${minimum}`]),
    ...(exclusiveMinimum === undefined ? [] : [`more than ${exclusiveMinimum}`]),
    ...(maximum === undefined ? [] : [`up to ${maximum}`]),
  ];
  const types: Readonly<Record<string, string>> = { integer: "a whole number", number: "a number", string: "a text" };
  return [types[String(property.type)] ?? String(property.type ?? "any"), ...bounds].join(" ");
}
