import type { DataStatistics } from "../planner/statistics.js";
import { readWritten } from "./clause-reading.js";
import { cutsOf, isOtherRequest } from "./clauses.js";
import { fallbackRows } from "./fallback.js";
import { unframed } from "./frames.js";
import { interpreters } from "./interpret.js";
import type { Interpretation } from "./interpretation.js";
import { type Reading, vocabularyOf } from "./reading.js";
import { mentionsIn } from "./shortlist.js";
import { isMeant, type SomeTemplate, type Values } from "./some-template.js";
import { templateFeatures } from "./template-features.js";
import { labelScores, learntModel, NOTHING, type TemplateModel } from "./template-model.js";

/** A hypothesis class that a prompt speaks of. */
export interface SelectedClass {
  readonly template: string;
  readonly parameters: Values;
  /** 0 to 1: how surely the prompt means it. */
  readonly score: number;
  /** Why, in words. */
  readonly reason: string;
}

/** Classes below this are not proposed. */
const LEAST_SCORE = 0.3;
/** From here a clause speaks of something by itself. */
const CLAUSE_FROM = 0.54;
/** From here an item of a list does: that it is one is said. */
const ITEM_FROM = 0.4;
/** And from here it does so even where only a comma or an `and` sets it apart. */
const HALF_FROM = 0.8;
/** Of a template chosen by its description alone, at full cover. */
const BY_DESCRIPTION = 0.6;
/** Templates that a sentence can hold the first half of. */
const OF_TWO_EVENTS: ReadonlySet<string> = new Set([
  "absence",
  "elapsed",
  "until",
  "retries",
  "time-in-state",
  "event-pattern",
]);
/** What reading a template from its phrases is worth beside what was learnt, and its share of the score. */
const OWN_WORTH = 4;
const SHARE_WORTH = 0.5;
/** Share of what was learnt from which a template is asked for that no known phrase speaks of. */
const UNREAD_FROM = 0.4;
/** Share of what was learnt from which nothing in the library is asked for. */
const NOTHING_FROM = 0.7;
const MOST_ROWS = 12;
const MOST_CLASSES = 40;

/**
 * The classes that a prompt in plain words speaks of, without a model. The prompt is cut in clauses where each of them speaks of
 * something by itself; in each, mistakes of spelling are mended, numbers, times and names of the data are read, and every
 * template says how well it fits and with which parameters. What the prompt leaves open is taken from the templates' grids. Deterministic;
 * the best of each clause first, then best first, at most 40.
 * @param library - the templates to choose from
 * @param model - what was learnt of the ways in which templates are asked for
 */
export function selectClasses(
  prompt: string,
  library: readonly SomeTemplate[],
  data: DataStatistics,
  model: TemplateModel = learntModel,
): readonly SelectedClass[] {
  if (isOtherRequest(prompt.toLowerCase())) return [];
  const selector = new Selector(library, data, model);
  const clauses = selector.clausesOf(prompt);
  const first = clauses.flatMap(({ classes }) => classes.slice(0, 1));
  const rest = clauses.flatMap(({ classes }) => classes.slice(1));
  const byScore = (a: SelectedClass, b: SelectedClass): number => b.score - a.score;
  const sorted = [...first.sort(byScore), ...rest.sort(byScore)];
  const seen = new Set<string>();
  const distinct = sorted.filter((one) => !seen.has(keyOf(one)) && seen.add(keyOf(one)));
  let most = 1;
  return distinct.slice(0, MOST_CLASSES).map((one) => {
    // who orders by score finds the same order
    most = Math.min(most, one.score);
    return { ...one, score: most };
  });
}

function keyOf({ template, parameters }: SelectedClass): string {
  return JSON.stringify([template, parameters]);
}

/** A part of a prompt and what it speaks of, best first. */
interface Clause {
  readonly classes: readonly SelectedClass[];
}

class Selector {
  readonly #library: readonly SomeTemplate[];
  readonly #data: DataStatistics;
  readonly #vocabulary: readonly string[];
  readonly #model: TemplateModel;
  readonly #grids = new Map<string, readonly Values[]>();

  constructor(library: readonly SomeTemplate[], data: DataStatistics, model: TemplateModel) {
    this.#library = library;
    this.#model = model;
    this.#data = data;
    this.#vocabulary = vocabularyOf(data);
  }

  /** The prompt as a whole, or its sentences and halves of sentences, where each of them speaks of something by itself. */
  clausesOf(prompt: string): readonly Clause[] {
    const { sentences: written, isList, halves } = cutsOf(prompt);
    const sentences = written.map(unframed);
    const read = sentences.map((sentence) => ({ sentence, clause: this.#classesIn(sentence) }));
    const items = read.filter(({ clause }) => bestOf(clause) >= ITEM_FROM);
    if (isList && items.length > 1) return items.map(({ clause }) => clause);
    const speaking = read.filter(({ clause }) => bestOf(clause) >= CLAUSE_FROM);
    if (speaking.length <= 1 && sentences.length > 1) {
      const whole = this.#classesIn(prompt);
      const template = whole.classes[0]?.template ?? "";
      // what takes two events may find one in each sentence; else a sentence that says it all is clearer alone
      const isBound = OF_TWO_EVENTS.has(template) && bestOf(whole) > bestOf(speaking[0]?.clause ?? { classes: [] });
      if (speaking.length === 0 || isBound) return [whole];
    }
    return read.flatMap(({ sentence, clause }) => this.#halved(sentence, clause, halves));
  }

  #halved(
    sentence: string,
    whole: Clause,
    halves: (sentence: string) => readonly (readonly [string, string])[],
  ): readonly Clause[] {
    let best: { readonly clauses: readonly Clause[]; readonly worth: number } | null = null;
    for (const [left, right] of halves(sentence)) {
      const clauses = [this.#classesIn(left), this.#classesIn(right)];
      const worth = Math.min(...clauses.map(bestOf));
      const templates = new Set(clauses.map(({ classes }) => classes[0]?.template));
      if (worth < HALF_FROM || templates.size < 2) continue;
      if (best === null || worth > best.worth) best = { clauses, worth };
    }
    return best === null ? [whole] : best.clauses;
  }

  #classesIn(clause: string): Clause {
    const reading = readWritten(clause, this.#data, this.#vocabulary);
    const read = this.#library.map((template) => ({ template, rows: this.#rowsOf(template, reading) }));
    const shares = this.#sharesOf(read, reading);
    const isNothing = (shares.get(NOTHING) ?? 0) > NOTHING_FROM;
    const classes = read.flatMap(({ template, rows }): SelectedClass[] => {
      const { name } = template;
      const share = shares.get(name);
      // of a study's own template nothing was learnt
      if (isNothing && share !== undefined) return [];
      const isUnread = rows.length === 0 && (share ?? 0) >= UNREAD_FROM;
      return (isUnread ? this.#unreadRows(template, reading) : rows).map(({ parameters, score, because }) => ({
        template: name,
        parameters,
        score: round((1 - SHARE_WORTH) * score + SHARE_WORTH * (share ?? score)),
        reason: `the prompt ${because.length === 0 ? "speaks of it" : because.join("; ")}`,
      }));
    });
    return { classes: classes.sort((a, b) => b.score - a.score) };
  }

  /** How likely each template that the model knows is meant, and nothing of them, from how it was read and what was learnt: 1 together. */
  #sharesOf(
    read: readonly { readonly template: SomeTemplate; readonly rows: readonly Interpretation[] }[],
    reading: Reading,
  ): ReadonlyMap<string, number> {
    const own = new Map(read.map(({ template, rows }) => [template.name, rows[0]?.score ?? 0]));
    own.set(NOTHING, LEAST_SCORE);
    const labels = labelScores(this.#model, templateFeatures(reading));
    const worth = [...labels].flatMap(([label, learnt]): [string, number][] => {
      const score = own.get(label);
      return score === undefined ? [] : [[label, learnt + OWN_WORTH * score]];
    });
    const most = Math.max(...worth.map(([, one]) => one));
    const weights = worth.map(([label, one]): [string, number] => [label, Math.exp(one - most)]);
    const all = weights.reduce((sum, [, weight]) => sum + weight, 0);
    return new Map(weights.map(([label, weight]) => [label, weight / all]));
  }

  #rowsOf(template: SomeTemplate, reading: Reading): readonly Interpretation[] {
    return this.#interpretations(template, reading)
      .filter(({ score, parameters }) => score >= LEAST_SCORE && isMeant(template, parameters, this.#data))
      .slice(0, MOST_ROWS);
  }

  #unreadRows(template: SomeTemplate, reading: Reading): readonly Interpretation[] {
    return fallbackRows(template.name, reading, this.#gridOf(template))
      .filter((parameters) => isMeant(template, parameters, this.#data))
      .map((parameters, at) => ({
        parameters,
        score: LEAST_SCORE * 0.97 ** at,
        because: [`is worded as others that ask for ${template.name}`],
      }));
  }

  #interpretations(template: SomeTemplate, reading: Reading): readonly Interpretation[] {
    const interpreter = interpreters[template.name];
    if (interpreter !== undefined) return interpreter(reading, this.#data, this.#gridOf(template));
    const [described] = mentionsIn(reading.words, [`${template.name} ${template.description}`], 0);
    const score = BY_DESCRIPTION * Math.min(1, 2 * (described?.score ?? 0));
    if (score < LEAST_SCORE) return [];
    const because = [`speaks of what ${template.name} is about`];
    return this.#gridOf(template).map((parameters) => ({ parameters, score, because }));
  }

  #gridOf(template: SomeTemplate): readonly Values[] {
    const known = this.#grids.get(template.name) ?? template.grid(this.#data);
    this.#grids.set(template.name, known);
    return known;
  }
}

function bestOf({ classes }: Clause): number {
  return classes[0]?.score ?? 0;
}

function round(score: number): number {
  return Math.round(score * 1000) / 1000;
}
