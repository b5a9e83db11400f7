import type { Cohorts } from "../engine/cohorts.js";
import type { Scenario } from "../engine/mine.js";
import { PartitionError } from "../engine/passes/partition-error.js";
import type { Settings } from "../planner/settings.js";
import { type Candidate, FLOOR_RATIO } from "./candidates.js";
import type { CellLayout } from "./cell-layout.js";
import { CellSets, type CohortCounts, intersect } from "./cell-sets.js";
import { countsP } from "./counts-p.js";
import { judgeCohortDifference } from "./experts/cohort-difference.js";
import { judgeSequenceRate } from "./experts/sequence-rate.js";
import type { Opinion } from "./findings.js";
import { isLeak } from "./leaks.js";
import { normalUpper } from "./statistics/distributions.js";
import { type Cell, interaction } from "./statistics/interaction.js";

/** A cross of two parts nearly as clear of chance as this is one that a third part may make clear. */
export const NEARLY_Z = 1.96;
/** Crosses of one turn: neighbours share parts. */
const CROSSES_PER_TURN = 16;

/** Crosses of one KPI to be counted, and what they are counted by. */
export interface CrossInput {
  readonly layout: CellLayout;
  readonly cohorts: Cohorts;
  /** Of the KPI; the first is that of all cohorts. */
  readonly scenarios: readonly Scenario[];
  /** Float64Array(S) of a numeric KPI */
  readonly outcome: Float64Array | null;
  /** 1 where higher is worse, −1 where lower is */
  readonly sign: 1 | -1;
  readonly settings: Settings;
  /** `among`: index into `amongs` of the sessions that are compared; null: all that count */
  readonly parts: readonly { readonly isPattern: boolean; readonly among: number | null }[];
  /** Uint32Array(words) of each part */
  readonly bits: readonly Uint32Array[];
  readonly amongs: readonly Uint32Array[];
  /** Uint32Array(crosses × width): indices of their parts */
  readonly crosses: Uint32Array;
  readonly width: 2 | 3;
  /** Int32Array(1) on shared memory: the next turn. */
  readonly next: Int32Array;
}

/** A scenario in which an expert lets a cross through, by its counts. */
export interface CrossScenario {
  /** Its subject is to be numbered. */
  readonly candidate: Candidate;
  readonly opinion: Opinion;
  /** The larger of: chance that members fail as often; chance that the parts explain it. */
  readonly p: number;
}

/** What is to be said of one cross. */
export interface CountedCross {
  readonly cross: number;
  /** How clear of chance it is in the scenario where it is clearest. */
  readonly bestZ: number;
  readonly found: readonly CrossScenario[];
  /** Counts over all cohorts. */
  readonly everywhere: Candidate | null;
}

/** Those of a thread's crosses that are found somewhere, or nearly. */
export type CrossOutput = readonly CountedCross[];

/** Counts crosses and lets the experts judge. O(words + scenarios) each. */
export function countCrosses(input: CrossInput): CrossOutput {
  const { crosses, width, next } = input;
  const counter = new Counter(input);
  const told: CountedCross[] = [];
  const count = crosses.length / width;
  for (;;) {
    const start = Atomics.add(next, 0, 1) * CROSSES_PER_TURN;
    if (start >= count) return told;
    const end = Math.min(count, start + CROSSES_PER_TURN);
    try {
      for (let cross = start; cross < end; cross++) {
        const own = counter.judge(cross, crosses.subarray(cross * width, (cross + 1) * width));
        if (own.found.length > 0 || own.bestZ >= NEARLY_Z / 2) told.push(own);
      }
    } catch (error) {
      throw new PartitionError(start / CROSSES_PER_TURN, Math.ceil(count / CROSSES_PER_TURN), error);
    }
  }
}

/** Counts the sessions of crosses and of their parts; what several crosses have in common is counted once. */
class Counter {
  readonly #input: CrossInput;
  readonly #sets: CellSets;
  /** By two parts, or one, or none, and what they are among. */
  readonly #known = new Map<number, CohortCounts>();

  /** By scenario: its cohort; how clear of chance a cross is, and by which ratio it exceeds what its parts explain. */
  readonly #cohortOf: Uint32Array;
  readonly #z: Float64Array;
  readonly #ratio: Float64Array;
  /** Those in which a cross may be found. */
  readonly #passing: Uint32Array;
  /** The scenario of all cohorts; null: it has too few sessions */
  readonly #root: Scenario | null;

  constructor(input: CrossInput) {
    this.#input = input;
    this.#cohortOf = Uint32Array.from(input.scenarios, ({ cohort }) => cohort);
    this.#z = new Float64Array(input.scenarios.length);
    this.#ratio = new Float64Array(input.scenarios.length);
    this.#passing = new Uint32Array(input.scenarios.length);
    this.#root = input.scenarios.find(({ cohort }) => cohort === 0) ?? null;
    this.#sets = new CellSets(input.layout, input.cohorts);
  }

  judge(cross: number, parts: Uint32Array): CountedCross {
    const among = this.#amongOf(parts);
    const all = this.#shared(among);
    const own = this.#count(parts, among);
    const [z, ratio] = [this.#z, this.#ratio];
    startScenarios(this.#cohortOf, own, all, z, ratio);
    // every way to take one part from the others
    if (parts.length === 2) this.#takeApart(parts, 1, among, own, all);
    else for (let part = 0; part < parts.length; part++) this.#takeApart(parts, part, among, own, all);
    const passing = this.#passing.subarray(0, listPassing(z, ratio, this.#passing));
    const found = passing.length === 0 ? [] : this.#found(parts, passing, among, own, all);
    return {
      cross,
      bestZ: largest(z),
      found,
      everywhere: this.#root === null ? null : candidateOf(this.#root, own, all),
    };
  }

  /** The sessions that a cross is compared in, those of a part that is limited to some. */
  #amongOf(parts: Uint32Array): number | null {
    for (let at = 0; at < parts.length; at++) {
      const among = this.#input.parts[parts[at] as number]?.among ?? null;
      if (among !== null) return among;
    }
    return null;
  }

  #takeApart(parts: Uint32Array, at: number, among: number | null, own: CohortCounts, all: CohortCounts): void {
    const rest = this.#shared(among, ...parts.filter((_, other) => other !== at));
    const part = this.#shared(among, parts[at] as number);
    addInteractions(this.#cohortOf, own, all, rest, part, this.#z, this.#ratio);
  }

  #found(
    parts: Uint32Array,
    passing: Uint32Array,
    among: number | null,
    own: CohortCounts,
    all: CohortCounts,
  ): CrossScenario[] {
    return Array.from(passing).flatMap((at) => {
      const candidate = candidateOf(this.#input.scenarios[at] as Scenario, own, all);
      return this.#opinion(parts, { ...candidate, interactionZ: this.#z[at] as number }, among) ?? [];
    });
  }

  #opinion(parts: Uint32Array, candidate: Candidate, among: number | null): CrossScenario | null {
    const { settings, parts: known } = this.#input;
    const { membersFailing, membersNormal, failing, normal } = candidate;
    if (isLeak(membersFailing, membersNormal, failing, normal, settings)) return null;
    const opinion = parts.some((part) => known[part]?.isPattern === true)
      ? judgeSequenceRate(membersFailing, membersNormal, failing, normal, settings)
      : this.#cohortDifference(parts, candidate, among);
    if (opinion.says !== "opportunity") return null;
    const chance = countsP(membersFailing, membersFailing + membersNormal, failing, failing + normal);
    const p = Math.max(chance, normalUpper(candidate.interactionZ ?? 0));
    return p <= settings.fdr ? { candidate, opinion, p } : null;
  }

  #cohortDifference(parts: Uint32Array, candidate: Candidate, among: number | null): Opinion {
    const { settings, outcome, sign, cohorts } = this.#input;
    const { membersFailing, membersNormal, failing, normal, scenario } = candidate;
    if (outcome === null) {
      const rate = membersFailing / (membersFailing + membersNormal);
      return judgeCohortDifference(rate, failing / (failing + normal), 1, null, settings);
    }
    const meanOf = (set: Uint32Array): number => {
      let [sum, count] = [0, 0];
      this.#sets.forEach(set, (session) => {
        const cell = cohorts.cellOf[session] as number;
        const own = cohorts.cohortsOfCell.subarray(cohorts.cohortOffsets[cell], cohorts.cohortOffsets[cell + 1]);
        if (!own.includes(scenario.cohort)) return;
        sum += outcome[session] as number;
        count++;
      });
      return sum / count;
    };
    const compared = this.#among(among);
    const members = Array.from(parts, (part) => this.#bits(part)).reduce(intersect, compared);
    return judgeCohortDifference(meanOf(members), meanOf(compared), sign, null, settings);
  }

  /** Counts of the sessions in which all of at most two parts hold, each combination once. */
  #shared(among: number | null, ...parts: readonly number[]): CohortCounts {
    const { length } = this.#input.parts;
    const [first, second] = [Math.max(-1, ...parts), parts.length < 2 ? -1 : Math.min(...parts)];
    const key = ((among ?? -1) + 1) * (length + 1) ** 2 + (first + 1) * (length + 1) + second + 1;
    let counts = this.#known.get(key);
    if (counts === undefined) {
      counts = this.#count(parts, among);
      this.#known.set(key, counts);
    }
    return counts;
  }

  #count(parts: ArrayLike<number>, among: number | null): CohortCounts {
    const compared = this.#among(among);
    const [first = compared, second = compared, ...others] = Array.from(parts, (part) => this.#bits(part));
    return this.#sets.count(others.reduce(intersect, first), second, compared);
  }

  #bits(part: number): Uint32Array {
    return this.#input.bits[part] as Uint32Array;
  }

  #among(among: number | null): Uint32Array {
    return among === null ? this.#input.layout.counted : (this.#input.amongs[among] as Uint32Array);
  }
}

/** A cross in a scenario by its counts, to be numbered. */
function candidateOf(scenario: Scenario, own: CohortCounts, all: CohortCounts): Candidate {
  const whole = cellOf(own, scenario.cohort);
  const total = cellOf(all, scenario.cohort);
  return {
    subject: { kind: "condition", index: -1 },
    scenario,
    membersFailing: whole.failing,
    membersNormal: whole.sessions - whole.failing,
    failing: total.failing,
    normal: total.sessions - total.failing,
    folded: [],
  };
}

/** Lists the scenarios in which a cross is nearly clear of chance and above the floor. Returns how many there are. */
function listPassing(z: Float64Array, ratio: Float64Array, out: Uint32Array): number {
  let count = 0;
  for (let at = 0; at < z.length; at++) {
    out[count] = at;
    count += (z[at] as number) < NEARLY_Z || (ratio[at] as number) < FLOOR_RATIO ? 0 : 1;
  }
  return count;
}

/** Where a cross holds nowhere among failing sessions, or everywhere, there is nothing to compare. */
function startScenarios(
  cohortOf: Uint32Array,
  own: CohortCounts,
  all: CohortCounts,
  z: Float64Array,
  ratio: Float64Array,
): void {
  for (let at = 0; at < cohortOf.length; at++) {
    const cohort = cohortOf[at] as number;
    const isNone = own.failing[cohort] === 0 || own.sessions[cohort] === all.sessions[cohort];
    z[at] = isNone ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY;
    ratio[at] = Number.POSITIVE_INFINITY;
  }
}

/** Takes the least of what was and what one way to take a part from the others gives. */
function addInteractions(
  cohortOf: Uint32Array,
  own: CohortCounts,
  all: CohortCounts,
  rest: CohortCounts,
  part: CohortCounts,
  z: Float64Array,
  ratio: Float64Array,
): void {
  for (let at = 0; at < cohortOf.length; at++) {
    if (z[at] === Number.NEGATIVE_INFINITY) continue;
    const cohort = cohortOf[at] as number;
    const whole = cellOf(own, cohort);
    const total = cellOf(all, cohort);
    const first = cellOf(rest, cohort);
    const second = cellOf(part, cohort);
    const none = minus(minus(total, first), minus(second, whole));
    const result = interaction(whole, minus(first, whole), minus(second, whole), none);
    z[at] = Math.min(z[at] as number, result.z);
    ratio[at] = Math.min(ratio[at] as number, result.ratio);
  }
}

function largest(values: Float64Array): number {
  let most = Number.NEGATIVE_INFINITY;
  for (let at = 0; at < values.length; at++) most = Math.max(most, values[at] as number);
  return most;
}

function cellOf({ sessions, failing }: CohortCounts, cohort: number): Cell {
  return { sessions: sessions[cohort] as number, failing: failing[cohort] as number };
}

function minus(a: Cell, b: Cell): Cell {
  return { sessions: a.sessions - b.sessions, failing: a.failing - b.failing };
}
