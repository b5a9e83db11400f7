import { LeadlineError } from "../../errors.js";
import { didYouMean } from "../expression/suggest.js";
import type { DataStatistics } from "../statistics.js";
import type { StudyHypotheses } from "../study.js";
import { absence } from "./absence.js";
import { attributePredicate } from "./attribute-predicate.js";
import { change } from "./change.js";
import { elapsed } from "./elapsed.js";
import { eventPattern } from "./event-pattern.js";
import { externalContext } from "./external-context.js";
import { load } from "./load.js";
import { repetition } from "./repetition.js";
import { retries } from "./retries.js";
import { sessionShape } from "./session-shape.js";
import type { ClassPlan, Template } from "./template.js";
import { timeInState } from "./time-in-state.js";
import { timeOfSession } from "./time-of-session.js";
import { topValues } from "./top-values.js";
import { until } from "./until.js";
import { userLifecycle } from "./user-lifecycle.js";
import { userTemplate } from "./user-template.js";

/** A template whose parameters are checked when it is used. */
export type AnyTemplate = Template<Readonly<Record<string, unknown>>>;

/** The library T (paper, 4.1). */
export const templates: readonly AnyTemplate[] = [
  eventPattern,
  userLifecycle,
  timeOfSession,
  attributePredicate,
  sessionShape,
  repetition,
  retries,
  timeInState,
  elapsed,
  absence,
  until,
  change,
  externalContext,
  topValues,
  load,
] as readonly unknown[] as readonly AnyTemplate[];

/**
 * The library with the templates of a study's own.
 * @throws LeadlineError `study-invalid` when one has a name that is taken
 */
export function libraryOf(hypotheses: readonly StudyHypotheses[] | null): readonly AnyTemplate[] {
  const own: AnyTemplate[] = [];
  for (const [index, entry] of (hypotheses ?? []).entries()) {
    if (entry.kind !== "expression") continue;
    if ([...templates, ...own].some(({ name }) => name === entry.name)) {
      throw new LeadlineError(
        "study-invalid",
        `hypotheses[${index}].name: ${entry.name} is the name of another template`,
      );
    }
    own.push(userTemplate(entry) as unknown as AnyTemplate);
  }
  return [...templates, ...own];
}

/** A template with its parameters filled in. */
export interface HypothesisClass {
  readonly template: string;
  readonly parameters: Readonly<Record<string, unknown>>;
  /** `feedback`: it lies near what an earlier round found. */
  readonly chosenBy: "grid" | "selector" | "model" | "study" | "feedback";
  readonly round: number;
  /** Why the selector or the model chose it, in words. */
  readonly why?: string;
}

/** What a run tries where the study names nothing: every template over its grid. */
export function gridClasses(data: DataStatistics): HypothesisClass[] {
  return templates.flatMap((template) => classesOf(template, data, "grid"));
}

/** A template over its grid. */
export function classesOf(
  template: AnyTemplate,
  data: DataStatistics,
  chosenBy: HypothesisClass["chosenBy"],
): HypothesisClass[] {
  return template.grid(data).map((parameters) => ({ template: template.name, parameters, chosenBy, round: 1 }));
}

/**
 * Compiles a class, its parameters checked against the template's schema.
 * @param where - for messages, such as `hypotheses[0]`
 * @throws LeadlineError `study-invalid` when there is no such template or a parameter is not allowed
 */
export function compileClass(
  chosen: HypothesisClass,
  where: string,
  data: DataStatistics,
  library: readonly AnyTemplate[] = templates,
): ClassPlan {
  const template = library.find((candidate) => candidate.name === chosen.template);
  if (template === undefined) {
    const known = library.map((candidate) => candidate.name);
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
