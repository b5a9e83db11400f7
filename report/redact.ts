import type { ExpressionExplanation } from "../finder/explain-expression.js";
import type { Result, ResultModel } from "./result.js";

/**
 * The result without the ids of its users: user and session ids become numbers, in the order in which they are met, that mean nothing
 * outside this result. Sessions too, since a session id leads to its user, and where sessions are cut by inactivity holds the user's id.
 * What a model read is left out: no id of the data is in it, but the study's texts, such as reviews, may name people.
 */
export function redactUsers(result: Result): Result {
  const [users, sessions] = [new Map<string, string>(), new Map<string, string>()];
  return {
    ...result,
    data: { ...result.data, redacted: true },
    ...(result.model === undefined ? {} : { model: withoutPrompts(result.model) }),
    opportunities: result.opportunities.map((opportunity) => ({
      ...opportunity,
      examples: opportunity.examples.map((id) => numberOf(sessions, "session", id)),
      ...(opportunity.timelines === undefined
        ? {}
        : {
            timelines: opportunity.timelines.map((timeline) => ({
              ...timeline,
              session: numberOf(sessions, "session", timeline.session),
              ...(timeline.user === undefined ? {} : { user: numberOf(users, "user", timeline.user) }),
            })),
          }),
    })),
  };
}

function withoutPrompts(model: ResultModel): ResultModel {
  const rounds = model.rounds.map(({ round, asked, scores, answers, warnings }) => {
    return { round, asked, scores, answers, warnings };
  });
  return { ...model, rounds };
}

/** What an expression means and where it holds, without the ids of its examples, as `redactUsers` makes it of a result. */
export function redactExplanation(explanation: ExpressionExplanation): ExpressionExplanation {
  const [users, sessions] = [new Map<string, string>(), new Map<string, string>()];
  return {
    ...explanation,
    data: { ...explanation.data, redacted: true },
    examples: explanation.examples.map((example) => ({
      ...example,
      session: numberOf(sessions, "session", example.session),
      user: example.user === null ? null : numberOf(users, "user", example.user),
    })),
  };
}

/** The number that stands for an id, in the order in which ids are met. */
function numberOf(known: Map<string, string>, noun: string, id: string): string {
  const number = known.get(id) ?? `${noun} ${known.size + 1}`;
  known.set(id, number);
  return number;
}
