import { alignedTable } from "../markdown.js";
import type { Judgement } from "./judge-report.js";

/** A planted lead over the seeds. */
export interface LeadRanks {
  readonly service: string;
  readonly kpi: string;
  readonly cohort: Readonly<Record<string, string>>;
  readonly hypothesis: string;
  /** By seed: rank in its scenario, itself or as what stands for it; null where it is not told there. */
  readonly ranks: readonly (number | null)[];
  /** By seed: whether it is told on its KPI in any cohort. */
  readonly anywhere: readonly boolean[];
}

/** What was reported over the seeds. */
export interface SeedsPart {
  readonly date: string;
  readonly users: number;
  readonly seeds: number;
  readonly leads: readonly LeadRanks[];
  readonly reported: number;
  readonly planted: number;
  readonly explainedByPlanted: number;
  /** No leads, but so in the simulation. */
  readonly true: number;
  readonly decoys: number;
  readonly wrong: number;
  readonly notPlanted: readonly (Judgement & { readonly seed: number; readonly service: string })[];
}

/** A data set whose outcomes were permuted. */
export interface NullSet {
  readonly date: string;
  readonly name: string;
  readonly exchange: string;
  readonly permutations: number;
  /** Permutations in which anything was reported. */
  readonly reporting: number;
  readonly reported: readonly { readonly permutation: number; readonly kpi: string; readonly hypothesis: string }[];
}

/** A service in which some KPIs kept their outcomes. */
export interface MixedSet {
  readonly date: string;
  readonly name: string;
  readonly permutations: number;
  readonly reported: number;
  readonly false: number;
  readonly onPermuted: number;
  /** Mean over the runs of the share of false ones among what was reported, 0 where nothing was. */
  readonly fdr: number;
}

/** What `npm run truth` measured. */
export interface TruthRecord {
  readonly node: string;
  readonly cpu: string;
  readonly cores: number;
  readonly seeds?: SeedsPart;
  readonly nulls?: readonly NullSet[];
  readonly mixed?: readonly MixedSet[];
}

/** docs/TRUTH.md, from a record. */
export function truthPage(record: TruthRecord, file: string): string {
  const { seeds, nulls, mixed } = record;
  const parts = [
    `# How true it is

What a run reports, where the answers are known. This page is made from \`bench/record/${file}\` by \`npm run truth -- --write-docs\`; what is counted as
right is said at each table, and what was not right is listed.`,
    ...(seeds === undefined ? [] : seedsText(seeds)),
    ...(nulls === undefined ? [] : nullsText(nulls)),
    ...(mixed === undefined ? [] : mixedText(mixed)),
  ];
  return `${parts.join("\n\n")}\n`;
}

function seedsText(part: SeedsPart): string[] {
  const { seeds, users, leads, reported, planted, explainedByPlanted, decoys, wrong, notPlanted } = part;
  const right = planted + explainedByPlanted + part.true;
  const rows = leads.map(({ service, kpi, cohort, hypothesis, ranks, anywhere }) => [
    service,
    kpi,
    cohortText(cohort),
    code(hypothesis),
    `${ranks.filter((rank) => rank !== null && rank <= 5).length} of ${seeds}`,
    `${anywhere.filter((is) => is).length} of ${seeds}`,
  ]);
  const counts = new Map<string, number>();
  for (const { service, kpi, cohort, hypothesis, is } of notPlanted) {
    const key = JSON.stringify([service, kpi, cohortText(cohort), code(hypothesis), is]);
    counts.set(key, (counts.get(key) ?? 0) + 1);
  }
  const others = [...counts]
    .sort(([a, m], [b, n]) => n - m || (a < b ? -1 : 1))
    .map(([key, count]) => [...(JSON.parse(key) as string[]), String(count)]);
  return [
    `## The sample, ${seeds} seeds

The three services of \`leadline sample --users ${users}\` for each of ${seeds} seeds (${part.date.slice(0, 10)}). A lead is found where it, or one of its alternatives, stands among the first
five of its scenario (its KPI in its cohort), itself or under \`folded\`; _in any cohort_ counts those told in another one, too.`,
    alignedTable(["service", "KPI", "cohort", "lead", "found", "in any cohort"], rows),
    `Reported in all: ${reported}. A report is right where it is a lead or stands for one (${planted}), or where at least half of its excess failures are gone once the
sessions of a lead on the same KPI are taken out (${explainedByPlanted}), or where the simulation makes it so beside its leads (${part.true}: checkouts in Brazil, of which 62 % fail and 20 %
elsewhere). Planted decoys: ${decoys}. None of these: ${wrong}. So ${right} of ${reported} are right: precision ${(right / reported).toFixed(3)}.`,
    ...(others.length === 0
      ? []
      : [
          "All that is no lead itself:",
          alignedTable(["service", "KPI", "cohort", "hypothesis", "what it is", "reports"], others),
        ]),
  ];
}

function nullsText(sets: readonly NullSet[]): string[] {
  const rows = sets.map(({ name, exchange, permutations, reporting, reported }) => [
    name,
    exchange,
    String(permutations),
    String(reporting),
    String(reported.length),
  ]);
  return [
    `## Where there is nothing

Outcomes permuted: users with like numbers of sessions exchange theirs, then each user's sessions among themselves; on \`tau_bench\`, whose user is the task,
within the user alone. A session gets another's outcome, and is decided at the same age. Bar: nothing reported in 95 of 100.`,
    alignedTable(["data", "exchanged", "permutations", "report something", "reports"], rows),
  ];
}

function mixedText(sets: readonly MixedSet[]): string[] {
  const rows = sets.map(({ name, permutations, reported, false: wrong, onPermuted, fdr }) => [
    name,
    String(permutations),
    String(reported),
    String(onPermuted),
    String(wrong),
    fdr.toFixed(4),
  ]);
  return [
    `## Where there is something in some

Each KPI keeps its outcomes or has them permuted, by the toss of a coin. False is what is reported on a permuted KPI, and what is not right (as above) on the others.
The rate is the mean over runs of the false share of what is reported; the nominal one is 0.05 (setting \`fdr\`).`,
    alignedTable(["data", "runs", "reported", "on permuted KPIs", "false", "false discovery rate"], rows),
  ];
}

function cohortText(cohort: Readonly<Record<string, string | number | boolean>>): string {
  const values = Object.entries(cohort).map(([name, value]) => `${name} ${String(value)}`);
  return values.length === 0 ? "all" : values.join(", ");
}

function code(text: string): string {
  return `\`${text.replaceAll("|", "\\|")}\``;
}
