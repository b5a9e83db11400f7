import { type Candidate, excessOf } from "./candidates.js";

/** Candidates of a KPI whose evidence is collected: many times what is reported, and few enough to keep their members. */
const MOST_CANDIDATES = 200;

/**
 * The candidates of each KPI with the most excess failures, each template in its turn: many patterns that tell the same
 * do not crowd out what only another template can say.
 */
export function shortlist(candidates: readonly Candidate[], templateOf: (candidate: Candidate) => string): Candidate[] {
  const byKpi = new Map<number, Map<string, { candidate: Candidate; excess: number }[]>>();
  for (const candidate of candidates) {
    const { kpi } = candidate.scenario;
    const templates = byKpi.get(kpi) ?? new Map<string, { candidate: Candidate; excess: number }[]>();
    byKpi.set(kpi, templates);
    const list = templates.get(templateOf(candidate)) ?? [];
    templates.set(templateOf(candidate), list);
    list.push({ candidate, excess: excessOf(candidate) });
  }
  return [...byKpi.values()].flatMap((templates) => {
    const lists = [...templates.values()].map((list) => list.sort((a, b) => b.excess - a.excess));
    const taken: Candidate[] = [];
    for (let turn = 0; taken.length < MOST_CANDIDATES && lists.some((list) => turn < list.length); turn++) {
      const next = lists.flatMap((list) => list[turn] ?? []).sort((a, b) => b.excess - a.excess);
      taken.push(...next.slice(0, MOST_CANDIDATES - taken.length).map(({ candidate }) => candidate));
    }
    return taken;
  });
}
