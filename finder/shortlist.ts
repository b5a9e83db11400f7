import { type Candidate, excessOf } from "./candidates.js";

/**
 * Candidates of a KPI whose evidence is collected, of patterns and of all other templates: many times what is reported, and few
 * enough to keep their members.
 */
const MOST_CANDIDATES = 200;

/**
 * The candidates of each KPI with the most excess failures: of patterns so many, and as many of the other templates together,
 * each in its turn, so that those that ask many questions do not crowd out the others.
 */
export function shortlist(candidates: readonly Candidate[], templateOf: (candidate: Candidate) => string): Candidate[] {
  const lists = new Map<string, Map<string, Ranked[]>>();
  for (const candidate of candidates) {
    const { subject, scenario } = candidate;
    const key = `${scenario.kpi}:${subject.kind}`;
    const templates = lists.get(key) ?? new Map<string, Ranked[]>();
    lists.set(key, templates);
    const template = templateOf(candidate);
    const list = templates.get(template) ?? [];
    templates.set(template, list);
    list.push({ candidate, excess: excessOf(candidate) });
  }
  return [...lists.values()].flatMap((templates) => inTurn([...templates.values()].map(best)));
}

interface Ranked {
  readonly candidate: Candidate;
  readonly excess: number;
}

function best(list: readonly Ranked[]): Ranked[] {
  return [...list].sort((a, b) => b.excess - a.excess);
}

/** The first of every list, best first, then the second of every list, and so on. */
function inTurn(lists: readonly (readonly Ranked[])[]): Candidate[] {
  const longest = Math.max(0, ...lists.map(({ length }) => length));
  const turns = Array.from({ length: longest }, (_, turn) => best(lists.flatMap((list) => list[turn] ?? [])));
  return turns
    .flat()
    .slice(0, MOST_CANDIDATES)
    .map(({ candidate }) => candidate);
}
