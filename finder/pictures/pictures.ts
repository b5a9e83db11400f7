import type { Expression } from "../../planner/expression/ast.js";
import type { Candidate } from "../candidates.js";
import type { Evidence, NamedPatterns } from "../collect.js";
import type { Context } from "../context.js";
import type { SessionSets } from "../session-sets.js";
import { Cells } from "./cells.js";
import { EventTexts } from "./event-texts.js";
import { flowOf } from "./flow.js";
import { Matcher } from "./match.js";
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
  readonly #drawn = new Map<Candidate, Picture>();

  constructor(context: Context, sets: SessionSets, patterns: NamedPatterns | null) {
    this.#context = context;
    this.#sets = sets;
    this.#patterns = patterns;
    this.#texts = new EventTexts({ ...context.events, names: context.table.names }, context.tokens);
    this.#cells = new Cells(context, sets);
  }

  /** The picture of one opportunity, drawn once. O(sessions × attributes). */
  of(candidate: Candidate, evidence: Evidence, expression: Expression): Picture {
    const picture = this.#drawn.get(candidate) ?? this.#draw(candidate, evidence, expression);
    this.#drawn.set(candidate, picture);
    return picture;
  }

  #draw(candidate: Candidate, evidence: Evidence, expression: Expression): Picture {
    const { kpi, cohort } = candidate.scenario;
    const { state } = this.#context.kpis[kpi] as Context["kpis"][number];
    const matcher = new Matcher(this.#context, candidate, expression, this.#patterns, this.#texts);
    const looked = this.#sets.firstOf(evidence.members, FLOW_SESSIONS);
    return {
      cells: this.#cells.of(cohort, evidence),
      flow: flowOf(this.#context.table, this.#texts, looked, matcher.find(looked), state),
      timelines: this.#timelines(kpi, matcher, evidence),
    };
  }

  /** Failing members, and of the others that do not fail those that hold most of what the hypothesis names, each of another user. */
  #timelines(kpi: number, matcher: Matcher, { members, compared, failing }: Evidence): Timeline[] {
    const { table, events, kpis } = this.#context;
    const own = kpis[kpi] as Context["kpis"][number];
    const source = { table, time: events.time, texts: this.#texts, kpi: own, matcher };
    const bits = new Uint32Array(members.length);
    keepBoth(members, failing, bits);
    const found = this.#firstOfUsers(bits, EXAMPLES);
    keepNormal(compared, members, failing, bits);
    const normal = this.#firstOfUsers(bits, LOOKED_AT);
    const likeness = new Map(normal.map((session) => [session, this.#named(matcher, session)]));
    const alike = normal.sort((a, b) => (likeness.get(b) ?? 0) - (likeness.get(a) ?? 0) || a - b).slice(0, EXAMPLES);
    const matches = matcher.find(Uint32Array.from(found));
    return [
      ...found.map((session, at) => timelineOf(source, session, true, matcher.matchAt(matches, at))),
      ...alike.map((session) => timelineOf(source, session, false, null)),
    ];
  }

  #firstOfUsers(bits: Uint32Array, most: number): number[] {
    const { userOffsets } = this.#context.table;
    const found: number[] = [];
    let [user, userEnd] = [-1, 0];
    this.#sets.forEach(bits, (session) => {
      if (session < userEnd) return true;
      while ((userOffsets[user + 1] as number) <= session) user++;
      userEnd = userOffsets[user + 1] as number;
      found.push(session);
      return found.length < most;
    });
    return found;
  }

  /** How many of the named events a session has. */
  #named({ named }: Matcher, session: number): number {
    const { sessionOffsets } = this.#context.table;
    const found = new Set<number>();
    const end = sessionOffsets[session + 1] as number;
    for (let position = sessionOffsets[session] as number; position < end; position++) {
      if (this.#texts.isNamed(named, position, session)) found.add(this.#texts.token(position, session));
    }
    return found.size;
  }
}

function keepBoth(a: Uint32Array, b: Uint32Array, out: Uint32Array): void {
  for (let word = 0; word < out.length; word++) out[word] = (a[word] as number) & (b[word] as number);
}

function keepNormal(compared: Uint32Array, members: Uint32Array, failing: Uint32Array, out: Uint32Array): void {
  for (let word = 0; word < out.length; word++) {
    out[word] = (compared[word] as number) & ~(members[word] as number) & ~(failing[word] as number);
  }
}
