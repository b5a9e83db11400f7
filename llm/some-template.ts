import { z } from "zod";
import { LeadlineError } from "../errors.js";
import { compileBoolean } from "../planner/compile.js";
import { PlanBuilder } from "../planner/plan.js";
import type { DataStatistics } from "../planner/statistics.js";
import type { templates } from "../planner/templates/library.js";
import type { JsonSchema } from "./grammar-schema.js";

/** A template of the library, or of a study's own. */
export type SomeTemplate = (typeof templates)[number];

/** Parameters by name. */
export type Values = Readonly<Record<string, unknown>>;

/** A template's parameters as JSON schemas, in its order. */
export function propertiesOf({ parameters }: SomeTemplate): Readonly<Record<string, JsonSchema>> {
  const schema = z.toJSONSchema(parameters, { io: "input", unrepresentable: "any" });
  return (schema.properties ?? {}) as Readonly<Record<string, JsonSchema>>;
}

/** What a parameter stands for (`event`, `attribute`, `kpi`, `duration`), as its schema remarks; empty where it does not. */
export function holdsOf(property: JsonSchema | undefined): string {
  return String(property?.["holds"] ?? "");
}

/** Whether a template takes the parameters, and they mean something in the data. */
export function isMeant(template: SomeTemplate, parameters: Values, data: DataStatistics): boolean {
  const parsed = template.parameters.safeParse(parameters);
  if (!parsed.success) return false;
  try {
    const plan = template.compile(parsed.data, data);
    if (plan.kind === "sessions") {
      for (const { expression } of plan.hypotheses) {
        compileBoolean({ expression, text: "", where: template.name }, new PlanBuilder(), data);
      }
    }
    return true;
  } catch (error) {
    if (error instanceof LeadlineError) return false;
    throw error;
  }
}
