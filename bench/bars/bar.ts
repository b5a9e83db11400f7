import type { DataSet, SizeName } from "../data.js";
import type { Outcome } from "../harness.js";

/** What all bars are measured with. */
export interface BenchContext {
  /** The size that the bars name. */
  readonly size: SizeName;
  /** The size at which DuckDB's queries of the main job end in time. */
  readonly peerSize: SizeName;
  /** Also what takes more than a few minutes: DuckDB's main job at the full size, and 100 M events. */
  readonly long: boolean;
  readonly rounds: number;
  data(size: SizeName): Promise<DataSet>;
  /** Path of a study beside a size's files: the main job's, or the same with everything that is tried by default. */
  study(size: SizeName, name?: "main" | "all"): Promise<string>;
  readonly log: (line: string) => void;
}

/** A row of the table. */
export interface Row {
  readonly bar: string;
  readonly what: string;
  readonly asked: string;
  readonly came: string;
  /** Whether the bar is met; null where the row is for information. */
  readonly met: boolean | null;
  /** Load averages while it was measured. */
  readonly load: string;
}

/** What a bar gives: rows for the table, and all its numbers for the record. */
export interface BarResult {
  readonly rows: readonly Row[];
  readonly outcomes: readonly Outcome[];
}

/** One bar of the table. */
export interface Bar {
  readonly name: string;
  readonly title: string;
  measure(context: BenchContext): Promise<BarResult>;
}

/** Least and largest load average of some outcomes. */
export function loadOf(...outcomes: readonly Outcome[]): string {
  const loads = outcomes.flatMap(({ load }) => load);
  return loads.length === 0 ? "" : `${Math.min(...loads).toFixed(1)}–${Math.max(...loads).toFixed(1)}`;
}

/** Seconds as a person reads them: least, median, and least processor time of all threads where it is known. */
export function told({ minSeconds, medianSeconds, minCpuSeconds }: Outcome): string {
  const cpu = Number.isNaN(minCpuSeconds) ? "" : `, CPU ${seconds(minCpuSeconds)}`;
  return `${seconds(minSeconds)} (median ${seconds(medianSeconds)}${cpu})`;
}

/** A number of seconds, in ms below a tenth. */
export function seconds(value: number): string {
  return value < 0.1 ? `${(value * 1000).toFixed(1)} ms` : `${value.toFixed(2)} s`;
}

/** How many times as long the second takes, by least times. */
export function ratio(ours: Outcome, peer: Outcome): number {
  return peer.minSeconds / ours.minSeconds;
}

/** A ratio as it stands in the table. */
export function times(value: number): string {
  return `${value.toFixed(value < 10 ? 2 : 1)} ×`;
}

/** How many times as long the second takes, by least times, and the same by processor time. */
export function ratios(ours: Outcome, peer: Outcome): string {
  return `${times(ratio(ours, peer))} (CPU ${times(peer.minCpuSeconds / ours.minCpuSeconds)})`;
}
