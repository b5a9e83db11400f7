/** Leadline's public API: what the command line does, as functions. */

export type { EventTable, SessionAttribute, TableColumn, Value } from "./engine/columns/event-table.js";
export { profileEvents } from "./engine/profile.js";
export { type ErrorCode, LeadlineError } from "./errors.js";
export type { ExplainedNode, ExplainedPass, PlanExplanation } from "./planner/explain.js";
export { parseExpression } from "./planner/expression/parse.js";
export { printExpression } from "./planner/expression/print.js";
export { parseInstant } from "./planner/instant.js";
export type { Profile } from "./planner/profile.js";
export { starterStudy } from "./planner/starter-study.js";
export { parseStudy, type Study } from "./planner/study.js";
export { templates } from "./planner/templates/library.js";
export { formatExplanation } from "./report/explanation.js";
export { readResult, serialiseResult } from "./report/json.js";
export { formatProfile } from "./report/profile.js";
export type { Result, ResultOpportunity } from "./report/result.js";
export { safeText } from "./report/safe-text.js";
export { compareResults } from "./report/since.js";
export { formatTemplates } from "./report/templates.js";
export { formatResult } from "./report/terminal.js";
export { assertWritable, writeWhole } from "./report/write-whole.js";
export {
  explainStudy,
  type FindOpportunitiesOptions,
  findOpportunities,
  type Progress,
  type RunOptions,
} from "./run.js";
export { generateSample, type SampledService } from "./sample/generate.js";
export type { ServiceName } from "./sample/services/service.js";
