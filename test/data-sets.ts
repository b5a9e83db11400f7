import { readFileSync } from "node:fs";
import { join } from "node:path";
import { parseExpression } from "../planner/expression/parse.js";
import { printExpression } from "../planner/expression/print.js";
import { parseStudy, type Study } from "../planner/study.js";

/** Where the public data sets lie; unset: tests of them are skipped. */
export const dataSets: string | undefined = process.env["LEADLINE_DATA"];

/** The sets, by the name of their folder. */
export const names: readonly string[] = [
  ...["hdfs", "hdfs_blocks", "google_jobs", "google_tasks"],
  ...["lumos", "tau_bench", "helpdesk", "bpic2013"],
];

/** What a set's expected.json says of a hypothesis. */
export interface Expected {
  readonly kpi: string;
  readonly cohort: Readonly<Record<string, unknown>>;
  readonly hypothesis: string;
  readonly must: "find" | "must not find";
  readonly why: string;
  readonly optional?: boolean;
  readonly template?: string;
  readonly expert?: string;
  readonly k?: number;
  readonly alternative_of?: string;
  readonly sessions?: {
    readonly members: number;
    readonly others: number;
    readonly members_failing?: number;
    readonly others_failing?: number;
  };
}

/** A set's study, with settings instead of its own. */
export function studyOf(folder: string, settings: Partial<Study["settings"]> = {}): Study {
  const file = join(folder, "study.yaml");
  const study = parseStudy(readFileSync(file, "utf8"), file);
  return { ...study, settings: { ...study.settings, ...settings } };
}

/** What is expected of a set. */
export function expectedOf(folder: string): Expected[] {
  return JSON.parse(readFileSync(join(folder, "expected.json"), "utf8"));
}

/** The template that a hypothesis belongs to. */
export function templateOf(hypothesis: string): string {
  const expression = parseExpression(hypothesis);
  if (expression.kind === "sequence") {
    const isPattern =
      expression.steps.length <= 5 &&
      !expression.absent &&
      expression.withinMs === null &&
      expression.links.every((link) => link === "=>") &&
      expression.steps.every((step) => step.kind === "step" && step.predicate === null);
    return isPattern ? "event-pattern" : "a later template";
  }
  if (expression.kind !== "compare") return "a later template";
  const { left, right, op } = expression;
  if (right.kind !== "literal") return "a later template";
  if (left.kind === "session" && left.field === "index") return "user-lifecycle";
  if (left.kind === "user" && left.field === "days_since_last" && op === ">") return "user-lifecycle";
  return left.kind === "attribute"
    ? "attribute-predicate"
    : left.kind === "session"
      ? "session-shape"
      : "a later template";
}

/** A hypothesis as it prints. */
export function canonical(hypothesis: string): string {
  return printExpression(parseExpression(hypothesis));
}
