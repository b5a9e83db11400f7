import { attributePredicate, change, topValues } from "./interpret-attributes.js";
import { eventPattern, repetition } from "./interpret-events.js";
import { absence, elapsed, retries, timeInState, until } from "./interpret-pairs.js";
import { externalContext, load, sessionShape, timeOfSession, userLifecycle } from "./interpret-sessions.js";
import type { Interpreter } from "./interpretation.js";

/** How each template of the library is read; others are judged by their description. */
export const interpreters: Readonly<Record<string, Interpreter>> = {
  "event-pattern": eventPattern,
  "user-lifecycle": userLifecycle,
  "time-of-session": timeOfSession,
  "attribute-predicate": attributePredicate,
  "session-shape": sessionShape,
  repetition,
  retries,
  "time-in-state": timeInState,
  elapsed,
  absence,
  until,
  change,
  "external-context": externalContext,
  "top-values": topValues,
  load,
};
