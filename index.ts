/** Leadline's public API: what the command line does, as functions. */

export { type BenchmarkOptions, benchmark } from "./benchmark.js";
export type { DerivedTable, SessionColumn } from "./engine/columns/derived-table.js";
export {
  type EventTable,
  type IdColumn,
  type SessionAttribute,
  sessionId,
  type TableColumn,
  type Value,
} from "./engine/columns/event-table.js";
export { eventsOf, type PlainEvent, userId } from "./engine/columns/session-events.js";
export { type ProfileOptions, profileEvents } from "./engine/profile.js";
export type { ReadOutcome } from "./engine/read.js";
export { type ReadEventsOptions, readEvents } from "./engine/read-files.js";
export type { Roles } from "./engine/sources/roles.js";
export { type ErrorCode, LeadlineError } from "./errors.js";
export type { Side, SideComparison } from "./finder/compare-sides.js";
export type { ExampleSession, ExplainedGroup, ExplainedKpi } from "./finder/explain-expression.js";
export type { Spread } from "./finder/value-spread.js";
export type { Verdict, VerdictWord } from "./finder/verdicts.js";
export { checkModel, type ModelCheck } from "./llm/check-model.js";
export { missingPackage } from "./llm/package.js";
export { type KnownModel, knownModels, type PullOptions, pullModel } from "./llm/pull-model.js";
export type { ExplainedNode, ExplainedPass, PlanExplanation } from "./planner/explain.js";
export type { Expression } from "./planner/expression/ast.js";
export { describeExpression } from "./planner/expression/describe.js";
export { parseExpression } from "./planner/expression/parse.js";
export { printExpression } from "./planner/expression/print.js";
export { parseInstant } from "./planner/instant.js";
export type { Profile } from "./planner/profile.js";
export { starterStudy } from "./planner/starter-study.js";
export { parseStudy, type Study } from "./planner/study.js";
export { templates } from "./planner/templates/library.js";
export { formatCsv } from "./report/csv.js";
export { formatExplanation } from "./report/explanation.js";
export { formatExpressionExplanation } from "./report/expression-explanation.js";
export { formatHtml } from "./report/html/page.js";
export { readResult, serialiseResult } from "./report/json.js";
export type { LayoutOptions } from "./report/layout.js";
export { formatMarkdown } from "./report/markdown.js";
export { formatProfile } from "./report/profile.js";
export { redactExplanation, redactUsers } from "./report/redact.js";
export type { Result, ResultOpportunity } from "./report/result.js";
export { safeText } from "./report/safe-text.js";
export { sessionCsv, sessionParquet } from "./report/session-files.js";
export { compareResults } from "./report/since.js";
export { formatTemplates } from "./report/templates.js";
export { formatResult } from "./report/terminal.js";
export { formatOpportunity } from "./report/terminal-opportunity.js";
export {
  applyVerdicts,
  type GivenVerdict,
  giveVerdict,
  noVerdicts,
  readVerdicts,
  serialiseVerdicts,
  type Verdicts,
  verdictWords,
} from "./report/verdicts.js";
export { assertWritable, writeWhole } from "./report/write-whole.js";
export {
  type ExpressionExplanation,
  explainExpression,
  explainStudy,
  type FindOpportunitiesOptions,
  findOpportunities,
  type Progress,
  type RunOptions,
  type SessionColumns,
  sessionColumns,
} from "./run.js";
export { generateSample, type SampledService, type SampleOptions, type SampleSummary } from "./sample/generate.js";
export type { ServiceName } from "./sample/services/service.js";
