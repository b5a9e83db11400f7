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
      "A study that names none tries them all, over grids drawn from the data. To choose, state them in it:",
      width,
    ),
    "  hypotheses:",
    "    - {template: event-pattern, k: 3}",
    "    - {template: user-lifecycle, boundary: 1}",
  );
  return `${lines.join("\n")}\n`;
}

/** docs/TEMPLATES.md, as text: every template with its parameters and an example of the study's line. */
export function templatesMarkdown(library: typeof templates): string {
  const sections = library.flatMap(({ name, description, parameters }) => [
    `## ${name}`,
    "",
    `${description[0]?.toUpperCase()}${description.slice(1)}.`,
    "",
    ...describeParameters(parameters).map((line) => `- \`${line.replace(": ", "`: ")}`),
    "",
  ]);
  return `# Templates

A template is a class of hypotheses with parameters. A study names those that it wants under \`hypotheses\`, such as
\`{template: repetition, event: error, n: 3, window: 60s}\`; without parameters, as \`{template: retries}\`, a template is tried over
a grid drawn from the data: frequent events, pairs of them that usually follow each other, quantiles of measures, values that
some but not nearly all sessions have. A study that names none tries all of them, over these grids. What a KPI itself reads is never
tried on it (METHODS: its columns, its outcome's events, measures that hang together with its own). Where a template is tried by
default, some more is left out: columns that any KPI reads, on all of them; and on a KPI whose outcome has no moment what only says how
much of a session there is: its length, how late an event comes in it, what is missing from it. This page is made from the library by \`node tools/write-templates.mjs\`; how a study
states a template of its own is in [EXPRESSIONS.md](EXPRESSIONS.md).

${sections.join("\n").trimEnd()}
`;
}

/** One line a parameter, by the schema that judges them. */
function describeParameters(schema: z.ZodType): string[] {
  const { properties = {}, required = [] } = z.toJSONSchema(schema, { unrepresentable: "any" });
  return Object.entries(properties).map(([name, property]) => {
    const allowed = typeof property === "boolean" ? "any" : describeType(property);
    return `${name}: ${allowed}${required.includes(name) ? "" : ", optional"}`;
  });
}

/** What a text stands for. */
const holdings: Readonly<Record<string, string>> = {
  event: "an event",
  attribute: "an attribute",
  duration: "a duration such as 10s",
  kpi: "a KPI",
};

function describeType(property: z.core.JSONSchema.BaseSchema): string {
  if (property.const !== undefined) return JSON.stringify(property.const);
  if (property.enum !== undefined) return property.enum.map((value) => JSON.stringify(value)).join(" or ");
  if (property.type === "array" && typeof property.items === "object" && !Array.isArray(property.items)) {
    return `a list, each ${describeType(property.items as z.core.JSONSchema.BaseSchema)}`;
  }
  const held = holdings[String(property["holds"])];
  if (held !== undefined) return held;
  const { minimum, exclusiveMinimum, maximum } = property;
  const bounds = [
    ...(minimum === undefined ? [] : [`from ${minimum}`]),
    ...(exclusiveMinimum === undefined ? [] : [`more than ${exclusiveMinimum}`]),
    ...(maximum === undefined ? [] : [`up to ${maximum}`]),
  ];
  const types: Readonly<Record<string, string>> = { integer: "a whole number", number: "a number", string: "a text" };
  return [types[String(property.type)] ?? String(property.type ?? "any"), ...bounds].join(" ");
}
