import { FAILING } from "../../engine/passes/segment.js";
import type { Expression } from "../../planner/expression/ast.js";
import type { Candidate } from "../candidates.js";
import type { Evidence, NamedPatterns } from "../collect.js";
import type { Context } from "../context.js";
import type { SessionSets } from "../session-sets.js";
import { Cells } from "./cells.js";
import { EventTexts } from "./event-texts.js";
import { flowOf } from "./flow.js";
import { type Matcher, matcherOf } from "./match.js";
import type { Picture, Timeline } from "./picture.js";
import { timelineOf } from "./timelines.js";

/** Member sessions whose neighbours are counted: users stand in the order of a hash, so the first are a fair sample. */
const FLOW_SESSIONS = 5000;
/** Timelines of each kind. */
const EXAMPLES = 3;
/** Sessions that are looked at for good examples. */
const LOOKED_AT = 400;

/** Draws what was found: for the few opportunities that are reported, from the sessions themselves. */
export class Pictures {
  readonly #context: Context;
  readonly #sets: SessionSets;
  readonly #patterns: NamedPatterns | null;
  readonly #texts: EventTexts;
  readonly #cells: Cells;

  constructor(context: Context, sets: SessionSets, patterns: NamedPatterns | null) {
    this.#context = context;
    this.#sets = sets;
    this.#patterns = patterns;
    this.#texts = new EventTexts({ ...context.events, names: context.table.names }, context.tokens);
    this.#cells = new Cells(context);
  }

  /** The picture of one opportunity. O(sessions × attributes). */
  of(candidate: Candidate, evidence: Evidence, expression: Expression): Picture {
    const { kpi, cohort } = candidate.scenario;
    const { state } = this.#context.kpis[kpi] as Context["kpis"][number];
    const isFailing = (session: number): boolean => state[session] === FAILING;
    const matcher = matcherOf(this.#context, candidate, expression, this.#patterns, this.#texts);
    const members = this.#sets.sessionsOf(evidence.members);
    const compared = this.#sets.sessionsOf(evidence.compared);
    const looked = members.subarray(0, FLOW_SESSIONS);
    const matched = matcher.find(looked).flatMap((match, at) => {
      return match === null ? [] : [{ session: looked[at] as number, match }];
    });
    return {
      cells: this.#cells.of(kpi, cohort, members, compared),
      flow: flowOf(this.#context.table, this.#texts, matched, isFailing),
      timelines: this.#timelines(kpi, matcher, evidence, isFailing),
    };
  }

  /** Failing members, and of the others that do not fail those that hold most of what the hypothesis names, each of another user. */
  #timelines(kpi: number, matcher: Matcher, evidence: Evidence, isFailing: (session: number) => boolean): Timeline[] {
    const { table } = this.#context;
    const { time } = this.#context.events;
    const source = {
      table,
      time,
      texts: this.#texts,
      kpi: this.#context.kpis[kpi] as Context["kpis"][number],
      matcher,
    };
    const failing = this.#firstOfUsers(
      evidence.members.map((word, at) => word & (evidence.failing[at] as number)),
      EXAMPLES,
      isFailing,
    );
    const normal = this.#firstOfUsers(
      evidence.compared.map((word, at) => word & ~(evidence.members[at] as number) & ~(evidence.failing[at] as number)),
      LOOKED_AT,
      (session) => !isFailing(session),
    );
    const likeness = new Map(Array.from(normal, (session) => [session, this.#named(matcher, session)]));
    const alike = normal.sort((a, b) => (likeness.get(b) ?? 0) - (likeness.get(a) ?? 0) || a - b).slice(0, EXAMPLES);
    const matches = matcher.find(Uint32Array.from(failing));
    return [
      ...failing.map((session, at) => timelineOf(source, session, true, matches[at] ?? null)),
      ...alike.map((session) => timelineOf(source, session, false, null)),
    ];
  }

  #firstOfUsers(bits: Uint32Array, most: number, keep: (session: number) => boolean): number[] {
    const { userOffsets } = this.#context.table;
    const found: number[] = [];
    let [user, userEnd] = [-1, 0];
    this.#sets.forEach(bits, (session) => {
      if (session < userEnd || !keep(session)) return true;
      while ((userOffsets[user + 1] as number) <= session) user++;
      userEnd = userOffsets[user + 1] as number;
      found.push(session);
      return found.length < most;
    });
    return found;
  }

  /** How many of the named events a session has. */
  #named({ names, isNamed }: Matcher, session: number): number {
    if (names.size === 0) return 0;
    const { sessionOffsets } = this.#context.table;
    const found = new Set<string>();
    const end = sessionOffsets[session + 1] as number;
    for (let position = sessionOffsets[session] as number; position < end; position++) {
      if (isNamed(position, session)) found.add(this.#texts.text(position, session));
    }
    return found.size;
  }
}
