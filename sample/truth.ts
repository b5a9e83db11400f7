import { DAY_MS, PERIOD_DAYS, PERIOD_START_MS } from "./calendar.js";

const WEEKS = PERIOD_DAYS / 7;

/** Something planted in a service: a lead to be found, or a decoy that looks like one. */
export interface Planted {
  readonly kpi: string;
  /** Attribute values that all sessions in question share; empty for all sessions. */
  readonly cohort: Readonly<Record<string, string>>;
  /** In the words of the paper's table 2; null for a decoy. */
  readonly lead: string | null;
  /** In the expression language. */
  readonly hypothesis: string;
  /** Hypotheses that hold in the same sessions, or all but a few. */
  readonly alternatives: readonly string[];
  readonly template: string;
  /** Which users the counts are of, where not all. */
  readonly population?: string;
  readonly decoy: boolean;
  /** How it was planted, and for a decoy why it is no opportunity. */
  readonly why: string;
}

/** Sessions on one side of a hypothesis. */
export interface SideCounts {
  readonly sessions: number;
  readonly failing: number;
  /** failing / sessions; null without sessions */
  readonly rate: number | null;
}

/** One entry of `truth.json`: what was planted, and what became of it in these data. */
export interface TruthEntry extends Planted {
  readonly service: string;
  /** Sessions that count for the KPI, in the cohort (and population), in which the hypothesis holds at any time. */
  readonly inside: SideCounts;
  /** Those in which it does not. */
  readonly outside: SideCounts;
  /** The same by weeks of the period. */
  readonly weeks: readonly { readonly inside: SideCounts; readonly outside: SideCounts }[];
}

/** Counts of sessions inside and outside of each planted hypothesis, kept while the data are generated. */
export class Tally {
  /** Float64Array(planted × weeks × 4): outside, outside failing, inside, inside failing */
  private readonly counts: Float64Array;
  private readonly planted: readonly Planted[];

  /** @param planted - the entries of `add` are positions in it */
  constructor(planted: readonly Planted[]) {
    this.planted = planted;
    this.counts = new Float64Array(planted.length * WEEKS * 4);
  }

  /** Counts a session that counts for the entry's KPI, in its cohort and population. */
  add(entry: number, startMs: number, inside: boolean, failing: boolean): void {
    const week = Math.floor((startMs - PERIOD_START_MS) / (7 * DAY_MS));
    const cell = (entry * WEEKS + week) * 4 + (inside ? 2 : 0);
    this.counts[cell] = (this.counts[cell] as number) + 1;
    if (failing) this.counts[cell + 1] = (this.counts[cell + 1] as number) + 1;
  }

  /** The entries of `truth.json` for this service. */
  entries(service: string): TruthEntry[] {
    return this.planted.map((planted, entry) => {
      const weeks = Array.from({ length: WEEKS }, (_, week) => {
        const cell = (entry * WEEKS + week) * 4;
        return { inside: this.side([cell + 2]), outside: this.side([cell]) };
      });
      const cells = weeks.map((_, week) => (entry * WEEKS + week) * 4);
      const inside = this.side(cells.map((cell) => cell + 2));
      return { service, ...planted, inside, outside: this.side(cells), weeks };
    });
  }

  private side(cells: readonly number[]): SideCounts {
    const sum = (offset: number) => cells.reduce((total, cell) => total + (this.counts[cell + offset] as number), 0);
    const sessions = sum(0);
    const failing = sum(1);
    return { sessions, failing, rate: sessions === 0 ? null : Number((failing / sessions).toPrecision(6)) };
  }
}
