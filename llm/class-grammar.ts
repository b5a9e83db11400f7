import { z } from "zod";
import { LeadlineError } from "../errors.js";
import type { DataStatistics } from "../planner/statistics.js";
import type { HypothesisClass } from "../planner/templates/library.js";
import { printGrammar } from "./gbnf.js";
import { grammarOf, type JsonSchema } from "./grammar-schema.js";
import { holdsOf, isMeant, propertiesOf, type SomeTemplate, type Values } from "./some-template.js";

/** What the values of an answer are drawn from, besides the grids of the templates. */
export interface Choices {
  /** Names of events; the whole vocabulary where it is small, else those worth asking about. */
  readonly events: readonly string[];
  readonly attributes: readonly string[];
  readonly kpis: readonly string[];
  /** Numbers and durations of the prompt: tried wherever a template takes such. */
  readonly numbers: readonly number[];
  readonly durations: readonly string[];
  /** Classes of one answer, at most. */
  readonly mostClasses: number;
}

/** A closed space of answers: each is one to `mostClasses` hypothesis classes that mean something in the data. */
export interface AnswerSpace {
  readonly schema: JsonSchema;
  /** In GBNF. */
  readonly grammar: string;
}

/**
 * Every template's parameters closed over the data: names by what they stand for, all else by what the template's grid draws
 * from the data, and the prompt's numbers. Each value is tried on the template, and left out where it means nothing; a
 * template that means nothing in these data is left out whole.
 * @throws LeadlineError `model-invalid` when no template is left
 */
export function answerSpace(library: readonly SomeTemplate[], data: DataStatistics, choices: Choices): AnswerSpace {
  const options = library.flatMap((template) =>
    variantsOf(template, data, choices).map((variant) => classSchema(template, variant)),
  );
  if (options.length === 0)
    throw new LeadlineError("model-invalid", "missing templates: none means anything in these data");
  const schema = object({
    classes: { type: "array", minItems: 1, maxItems: choices.mostClasses, items: { oneOf: options } },
  });
  return { schema, grammar: printGrammar(grammarOf(schema)) };
}

/**
 * The classes of an answer, each checked by its template's own schema; the grammar is never trusted alone.
 * @returns null where the text is no answer, or names what the library does not have
 */
export function parseAnswer(
  text: string,
  library: readonly SomeTemplate[],
  round: number,
): readonly HypothesisClass[] | null {
  const parsed = answerForm.safeParse(jsonOf(text));
  if (!parsed.success) return null;
  const classes = new Map<string, HypothesisClass>();
  for (const { template: name, parameters } of parsed.data.classes) {
    const template = library.find((candidate) => candidate.name === name);
    if (template === undefined || !template.parameters.safeParse(parameters).success) return null;
    classes.set(JSON.stringify([name, parameters]), { template: name, parameters, chosenBy: "model", round });
  }
  return [...classes.values()];
}

const answerForm = z.strictObject({
  classes: z.array(z.strictObject({ template: z.string(), parameters: z.record(z.string(), z.unknown()) })).min(1),
});

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function classSchema({ name }: SomeTemplate, variant: ReadonlyMap<string, readonly unknown[]>): JsonSchema {
  const parameters = Object.fromEntries([...variant].map(([property, values]) => [property, { enum: values }]));
  return object({ template: { const: name }, parameters: object(parameters) });
}

function object(properties: Readonly<Record<string, JsonSchema>>): JsonSchema {
  return { type: "object", properties, required: Object.keys(properties), additionalProperties: false };
}

/** A parameter's values; those of several parameters may be combined freely. */
type Variant = ReadonlyMap<string, readonly unknown[]>;

/**
 * The grid's rows as few tables of free choices. Names of events, KPIs and durations may be put for each other; other
 * parameters hang together (a value and its attribute), so all but the last of those are held fast, row by row.
 */
function variantsOf(template: SomeTemplate, data: DataStatistics, choices: Choices): readonly Variant[] {
  const properties = propertiesOf(template);
  const groups = new Map<
    string,
    { readonly rows: Values[]; readonly fixed: readonly string[]; readonly free: readonly string[] }
  >();
  for (const row of rowsOf(template, properties, data, choices)) {
    const present = Object.keys(properties).filter((name) => row[name] !== undefined);
    const tied = present.filter((name) => !exchangeable.has(holdsOf(properties[name])));
    const fixed = tied.slice(0, -1);
    const key = JSON.stringify([present, fixed.map((name) => row[name])]);
    const group = groups.get(key);
    if (group === undefined)
      groups.set(key, { rows: [row], fixed, free: present.filter((name) => !fixed.includes(name)) });
    else group.rows.push(row);
  }
  return [...groups.values()].map(({ rows, fixed, free }) => {
    const [base = {}] = rows;
    return new Map(
      Object.keys(properties).flatMap((name): [string, readonly unknown[]][] => {
        if (fixed.includes(name)) return [[name, [base[name]]]];
        if (!free.includes(name)) return [];
        const seen = rows.map((row) => row[name]);
        const candidates = distinct([...seen, ...candidatesFor(properties[name], choices)]);
        return [
          [
            name,
            candidates.filter((value) => seen.includes(value) || isMeant(template, { ...base, [name]: value }, data)),
          ],
        ];
      }),
    );
  });
}

const exchangeable: ReadonlySet<string> = new Set(["event", "kpi", "duration"]);

/** The grid's rows, and each first row of a form with one more name where the template takes it. */
function rowsOf(
  template: SomeTemplate,
  properties: Readonly<Record<string, JsonSchema>>,
  data: DataStatistics,
  choices: Choices,
): readonly Values[] {
  const grid = template.grid(data).filter((row) => isMeant(template, row, data));
  const more = Object.entries(properties).flatMap(([name, property]) => {
    const holds = holdsOf(property);
    if (!exchangeable.has(holds)) return [];
    const [value] = candidatesFor(property, choices);
    if (value === undefined) return [];
    return grid.filter((row) => row[name] === undefined).map((row) => ({ ...row, [name]: value }));
  });
  return [...grid, ...more.filter((row) => isMeant(template, row, data))];
}

function candidatesFor(property: JsonSchema | undefined, choices: Choices): readonly unknown[] {
  switch (holdsOf(property)) {
    case "event":
      return choices.events;
    case "attribute":
      return choices.attributes;
    case "kpi":
      return choices.kpis;
    case "duration":
      return choices.durations;
    default:
      if (property?.["enum"] !== undefined) return [];
      if (property?.["type"] === "integer" || property?.["type"] === "number") return choices.numbers;
      return property?.["type"] === "string" ? choices.durations : [];
  }
}

function distinct(values: readonly unknown[]): readonly unknown[] {
  return [...new Map(values.map((value) => [JSON.stringify(value), value])).values()];
}
