import { LeadlineError } from "../../errors.js";
import { didYouMean } from "../expression/suggest.js";
import type { DataStatistics } from "../statistics.js";
import { eventPattern } from "./event-pattern.js";
import type { ClassPlan, Template } from "./template.js";
import { userLifecycle } from "./user-lifecycle.js";

/** A template whose parameters are checked when it is used. */
type AnyTemplate = Template<Readonly<Record<string, unknown>>>;

/** The library T (paper, 4.1). */
export const templates: readonly AnyTemplate[] = [
  eventPattern as unknown as AnyTemplate,
  userLifecycle as unknown as AnyTemplate,
];

/** A template with its parameters filled in. */
export interface HypothesisClass {
  readonly template: string;
  readonly parameters: Readonly<Record<string, unknown>>;
  readonly chosenBy: "grid" | "selector" | "model" | "study";
  readonly round: number;
}

/** Every template over its grid. */
export function gridClasses(data: DataStatistics): HypothesisClass[] {
  return templates.flatMap((template) =>
    template
      .grid(data)
      .map((parameters) => ({ template: template.name, parameters, chosenBy: "grid" as const, round: 1 })),
  );
}

/**
 * Compiles a class, its parameters checked against the template's schema.
 * @param where - for messages, such as `hypotheses[0]`
 * @throws LeadlineError `study-invalid` when there is no such template or a parameter is not allowed
 */
export function compileClass(chosen: HypothesisClass, where: string, data: DataStatistics): ClassPlan {
  const template = templates.find((candidate) => candidate.name === chosen.template);
  if (template === undefined) {
    const known = templates.map((candidate) => candidate.name);
    throw new LeadlineError(
      "study-invalid",
      `${where}: unknown template: ${chosen.template};${didYouMean(chosen.template, known)} this version has ${known.join(", ")}`,
    );
  }
  const parsed = template.parameters.safeParse(chosen.parameters);
  if (!parsed.success) {
    const issue = parsed.error.issues[0];
    const path = [where, ...(issue?.path ?? []).map(String)].join(".");
    throw new LeadlineError("study-invalid", `${path}: ${issue?.message ?? "invalid parameters"}`);
  }
  return template.compile(parsed.data, data);
}
