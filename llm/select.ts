import type { DataStatistics } from "../planner/statistics.js";
import { cues } from "./cues.js";
import { factsOf, type PromptFacts } from "./prompt-facts.js";
import { type Mention, mentionsIn, shortlist, type Words, wordsIn } from "./shortlist.js";
import { holdsOf, isMeant, propertiesOf, type SomeTemplate, type Values } from "./some-template.js";

/** A hypothesis class that a prompt speaks of. */
export interface SelectedClass {
  readonly template: string;
  readonly parameters: Values;
  /** 0 to 1: how surely the prompt means it. */
  readonly score: number;
  /** Why, in words. */
  readonly reason: string;
}

/** Share of a name's words that a prompt has to cover to speak of it. */
const NAMED_FROM = 0.45;
/** Vocabularies beyond this are shortlisted before anything is compared in detail. */
const MOST_NAMES = 300;
const MOST_VALUES = 200;
/** Templates and classes below this are not proposed. */
const LEAST_SCORE = 0.3;
/** Scores of what a prompt names, without any phrase that points to a template. */
const BY_EVENT = 0.45;
const BY_COUNTED_EVENT = 0.5;
const BY_ATTRIBUTE = 0.4;
const BY_VALUE = 0.75;
const BY_TABLE = 0.75;
/** Of a template chosen by its description alone, at full cover. */
const BY_DESCRIPTION = 0.6;
/** Rows that name nothing of the prompt's are worth this share. */
const UNNAMED = 0.6;
/** Where one event is asked for, each further one in the prompt is worth this share of the one before it. */
const LATER_EVENT = 0.85;
const MOST_ROWS = 12;
const MOST_CLASSES = 40;

/** All that is read from a prompt. */
interface Reading {
  readonly facts: PromptFacts;
  readonly words: Words;
  /** Alternatives of one place in the prompt together, in the order in which things happen. */
  readonly events: readonly (readonly string[])[];
  readonly attributes: readonly string[];
  readonly values: readonly { readonly attribute: string; readonly value: string }[];
  readonly kpis: readonly string[];
  readonly tables: readonly string[];
}

/**
 * The classes that a prompt in plain words speaks of, without a model: cue words and descriptions choose templates; names
 * of events, attributes and KPIs (misspelt ones too), numbers and times fill in parameters; what the prompt leaves open is
 * taken from the templates' grids. Deterministic; best first, at most 40.
 * @param library - the templates to choose from
 */
export function selectClasses(
  prompt: string,
  library: readonly SomeTemplate[],
  data: DataStatistics,
): readonly SelectedClass[] {
  const reading = readPrompt(prompt, data);
  const selected = library.flatMap((template) => {
    const { score, because } = templateScore(template, reading);
    if (score < LEAST_SCORE) return [];
    return rowsFor(template, reading, data).map(({ parameters, named, share }): SelectedClass => {
      const why = [...because, ...(named.length === 0 ? [] : [`names ${named.join(", ")}`])];
      return {
        template: template.name,
        parameters,
        score: round(score * share),
        reason: `the prompt ${why.join("; ")}`,
      };
    });
  });
  return selected
    .filter(({ score }) => score >= LEAST_SCORE)
    .sort((a, b) => b.score - a.score)
    .slice(0, MOST_CLASSES);
}

function round(score: number): number {
  return Math.round(score * 1000) / 1000;
}

function readPrompt(prompt: string, data: DataStatistics): Reading {
  const facts = factsOf(prompt);
  const words = wordsIn(facts.text);
  const named = (names: readonly string[]): readonly Mention[] =>
    mentionsIn(words, names.length > MOST_NAMES ? shortlist(words, names, MOST_NAMES) : names, NAMED_FROM);
  const kpis = named(data.kpis);
  // a KPI that is named in full is no talk of the events that its name is made of
  const taken = new Set(kpis.filter(({ score }) => score > 0.95).flatMap(({ places }) => places));
  const events = named(data.tokens.map(({ text }) => text)).filter(
    ({ places, score }) => score > 0.95 || !places.every((at) => taken.has(at)),
  );
  return {
    facts,
    words,
    events: inOrder(events, words),
    attributes: named(data.columns.map(({ name }) => name)).map(({ name }) => name),
    values: valuesIn(facts.text, data),
    kpis: kpis.map(({ name }) => name),
    tables: named(data.tables.map(({ name }) => name)).map(({ name }) => name),
  };
}

/** `x after y` and `no x after y` both speak of y first. */
function inOrder(mentions: readonly Mention[], { plain }: Words): readonly (readonly string[])[] {
  const spots = new Map<number, Mention[]>();
  for (const mention of mentions) {
    const spot = spots.get(mention.at) ?? [];
    spot.push(mention);
    spots.set(mention.at, spot);
  }
  const turn = (at: number): number => {
    for (const word of plain.slice(Math.max(0, at - 3), at).reverse()) {
      if (/^(after|following|since|from|once|when|entering)$/.test(word)) return -1;
      if (/^(before|until|till|to|no|not|never|without|missing|leaving)$/.test(word)) return 1;
    }
    return /^(never|not)$/.test(plain[at + 1] ?? "") ? 1 : 0;
  };
  return [...spots].sort(([a], [b]) => turn(a) - turn(b) || a - b).map(([, spot]) => spot.map(({ name }) => name));
}

function valuesIn(text: string, { columns, attributes }: DataStatistics): Reading["values"] {
  return columns.flatMap((column) => {
    if (column.kind !== "coded" || !attributes.includes(column.name) || column.dictionary.length > MOST_VALUES)
      return [];
    return column.dictionary.flatMap((value) => {
      const word = String(value).toLowerCase();
      // numbers, yes and no stand for too much else
      if (
        typeof value !== "string" ||
        word.length < 2 ||
        /^[\d.]+$/.test(word) ||
        ["true", "false", "no", "yes"].includes(word)
      ) {
        return [];
      }
      return isWordOf(word, text) ? [{ attribute: column.name, value }] : [];
    });
  });
}

function isWordOf(word: string, text: string): boolean {
  for (let at = text.indexOf(word); at >= 0; at = text.indexOf(word, at + 1)) {
    const around = `${text[at - 1] ?? " "}${text[at + word.length] ?? " "}`;
    if (!/[\p{L}\p{N}_]/u.test(around)) return true;
  }
  return false;
}

/** Probabilities that do not depend on each other: each further cue makes a template surer. */
function templateScore(template: SomeTemplate, reading: Reading): { score: number; because: string[] } {
  const because: string[] = [];
  let doubt = 1;
  const row = cues.find((each) => each.template === template.name);
  for (const [phrase, weight] of row?.phrases ?? []) {
    const found = phrase.exec(reading.facts.text)?.[0];
    if (found === undefined) continue;
    doubt *= 1 - weight;
    because.push(`says “${readable(found)}”`);
  }
  const { events, values, attributes, tables, facts } = reading;
  const known: Readonly<Record<string, number>> = {
    "event-pattern": events.length > 0 ? BY_EVENT : 0,
    repetition: events.length > 0 && facts.times !== null && !/\bbefore\b/.test(facts.text) ? BY_COUNTED_EVENT : 0,
    "attribute-predicate": values.length > 0 ? BY_VALUE : attributes.length > 0 ? BY_ATTRIBUTE : 0,
    "external-context": tables.length > 0 ? BY_TABLE : 0,
  };
  doubt *= 1 - (known[template.name] ?? 0);
  if (row === undefined) {
    const [described] = mentionsIn(reading.words, [`${template.name} ${template.description}`], 0);
    doubt *= 1 - BY_DESCRIPTION * Math.min(1, 2 * (described?.score ?? 0));
    if (described !== undefined) because.push(`speaks of what ${template.name} is about`);
  }
  return { score: 1 - doubt, because };
}

/** A piece of the prompt as read, its ordinals as people write them. */
function readable(piece: string): string {
  const endings: Readonly<Record<string, string>> = { 1: "st", 2: "nd", 3: "rd" };
  return piece
    .trim()
    .slice(0, 60)
    .replaceAll(/\b(\d+)th\b/g, (_, number: string) => `${number}${endings[number] ?? "th"}`);
}

/** Parameters, what of the prompt's they name, and how well they fit: 0 to 1. */
interface Row {
  readonly parameters: Values;
  readonly named: readonly string[];
  readonly share: number;
}

function rowsFor(template: SomeTemplate, reading: Reading, data: DataStatistics): readonly Row[] {
  const properties = propertiesOf(template);
  const slots = Object.keys(properties).filter((name) => holdsOf(properties[name]) === "event");
  const grid = template.grid(data);
  const named = withEvents(grid, slots, reading);
  const rows = new Map<string, Row>();
  for (const row of named.flatMap((each) => withAttributes(each, properties, reading))) {
    for (const filled of withFacts(row.parameters, template.name, properties, reading)) {
      const key = JSON.stringify(filled);
      if (rows.has(key) || !isMeant(template, filled, data)) continue;
      rows.set(key, { ...row, parameters: filled });
    }
  }
  return [...rows.values()].sort((a, b) => b.share - a.share).slice(0, MOST_ROWS);
}

/** Rows with the prompt's events in their places: those of the grid where it has them, else made from one of the grid. */
function withEvents(grid: readonly Values[], slots: readonly string[], { events }: Reading): readonly Row[] {
  const plain = (): readonly Row[] =>
    grid.map((parameters) => ({
      parameters,
      named: [],
      share: slots.length > 0 && events.length > 0 ? UNNAMED / 2 : events.length > 0 ? UNNAMED : 1,
    }));
  if (slots.length === 0 || events.length === 0) return plain();
  const fill = (names: readonly string[]): readonly Row[] => {
    const share = names.length === slots.length ? 1 : UNNAMED;
    const inPlace = grid.filter((row) => names.every((name, at) => row[slots[at] ?? ""] === name));
    // of one shape with a duration and one without, both are kept; a name that the grid leaves open goes into every row
    const isOpen = grid.every((row) => slots.every((slot) => row[slot] === undefined));
    const shapes = inPlace.length > 0 ? inPlace : isOpen ? grid : oneOfEachShape(grid);
    const missing = shapes.length > 0 ? shapes : [{}];
    return missing.map((row) => ({
      parameters: { ...row, ...Object.fromEntries(names.map((name, at) => [slots[at] ?? "", name])) },
      named: names,
      share,
    }));
  };
  if (slots.length === 1) {
    const later = (row: Row, at: number): Row => ({ ...row, share: row.share * LATER_EVENT ** at });
    const rows = events
      .slice(0, 4)
      .flatMap((spot, at) => spot.flatMap((name) => fill([name]).map((row) => later(row, at))));
    return [...rows, ...plain()];
  }
  const [first = [], second] = events;
  if (second !== undefined) {
    const pairs = first.flatMap((a) => second.filter((b) => b !== a).map((b) => [a, b]));
    return pairs.slice(0, 6).flatMap(fill);
  }
  const touched = grid.filter((row) => slots.some((slot) => first.includes(String(row[slot]))));
  const byGrid = touched.map((parameters): Row => {
    const names = slots.map((slot) => String(parameters[slot])).filter((name) => first.includes(name));
    return { parameters, named: names, share: names.length === slots.length ? 1 : 0.85 };
  });
  const [a, b] = first;
  return byGrid.length > 0 || a === undefined || b === undefined ? byGrid : [...fill([a, b]), ...fill([b, a])];
}

function oneOfEachShape(rows: readonly Values[]): readonly Values[] {
  return [...new Map(rows.map((row) => [Object.keys(row).join(), row])).values()];
}

/** Rows narrowed to the attributes, values, tables and KPIs of the prompt. */
function withAttributes(
  row: Row,
  properties: Readonly<Record<string, unknown>>,
  { attributes, values, kpis, tables, events }: Reading,
): readonly Row[] {
  const { parameters, named, share } = row;
  const [event] = events.flat();
  if (event !== undefined && String(parameters["measure"]).startsWith(TIME_TO)) {
    return [{ parameters: { ...parameters, measure: TIME_TO + event }, named: [event], share: 1 }];
  }
  if ("values" in properties && values.length > 0) {
    return values.map(({ attribute, value }) => ({
      parameters: { attribute, values: [value] },
      named: [`${attribute} ${value}`],
      share: 1,
    }));
  }
  const checks: readonly (readonly [property: string, wanted: readonly string[]])[] = [
    ["attribute", attributes],
    ["column", attributes],
    ["kpi", kpis],
    ["table", tables],
  ];
  for (const [property, wanted] of checks) {
    if (!(property in parameters) || wanted.length === 0) continue;
    const value = String(parameters[property]);
    return wanted.includes(value)
      ? [{ parameters, named: [...named, value], share: 1 }]
      : [{ ...row, share: share * UNNAMED * UNNAMED }];
  }
  return [row];
}

const TIME_TO = "time_to:";
/** Which measure a prompt means, by template. */
const MEASURES: Readonly<Record<string, readonly (readonly [measure: RegExp, cue: RegExp])[]>> = {
  "session-shape": [
    [/^time_to:/, /\b(time to|time until|reach\w*|to get to)\b/],
    [/^longest_gap$/, /\b(idle|idling|gaps?|pauses?|silence|quiet|breaks?|do nothing|inactive)\b/],
    [/^events$/, /\b(events|actions|clicks|steps)\b/],
    [/^duration$/, /./],
  ],
  load: [
    [/^failure_rate$/, /\b(fail\w*|errors?)\b/],
    [/^sessions$/, /./],
  ],
};

/** A row with the prompt's numbers and times in the places that take them; none where the prompt means another measure. */
function withFacts(
  row: Values,
  template: string,
  properties: Readonly<Record<string, unknown>>,
  { facts }: Reading,
): readonly Values[] {
  const { text, durations, times, steps, bound, ceiling, hours, weekdays } = facts;
  const top = /\btop (\d+)/.exec(text)?.[1];
  const duration = durations[0];
  if (template === "user-lifecycle") return lifecycle(row, facts);
  if (template === "time-of-session" && (hours !== null || weekdays !== null)) {
    return [{ ...(hours === null ? {} : { hours }), ...(weekdays === null ? {} : { weekdays }) }];
  }
  const meant = MEASURES[template]?.find(([, cue]) => cue.test(text))?.[0];
  if (meant !== undefined && !meant.test(String(row["measure"]))) return [];
  if (bound === null ? "above" in row && ceiling !== null : "at_most" in row) return [];
  const changed: Record<string, unknown> = { ...row };
  const put = (name: string, value: unknown): void => {
    if (value !== null && value !== undefined) changed[name] = value;
  };
  for (const name of Object.keys(properties)) {
    const isDuration = holdsOf(properties[name] as Values) === "duration";
    // a time in a prompt that speaks of patterns is seldom one between their steps
    if (isDuration && (template !== "event-pattern" || name in row)) put(name, duration?.text);
    else if (name === "n" && template === "top-values") put(name, top === undefined ? null : Number(top));
    else if (name === "n") put(name, times ?? bound);
    else if (name === "k" && !("contains" in row)) put(name, steps);
    else if (name === "threshold" && typeof row[name] === "string")
      put(name, row["measure"] === "events" ? bound?.toString() : duration?.text);
    else if (name === "threshold" || (name === "above" && name in row)) put(name, bound);
    else if (name === "at_most" && name in row) put(name, ceiling);
  }
  return [changed];
}

/** New, long-term and nth session by index; back after a pause by days. */
function lifecycle(row: Values, { boundary, durations, text }: PromptFacts): readonly Values[] {
  const isPause = /\b(return\w*|back|lapsed|dormant|inactiv\w+|pause|break|absence|away|not been)\b/.test(text);
  if (boundary !== null) return [{ boundary }];
  if (isPause) {
    const days = durations.find(({ ms }) => ms >= 3_600_000);
    if (days !== undefined) return [{ inactivity: days.ms / 86_400_000 }];
    return "inactivity" in row ? [row] : [];
  }
  return "boundary" in row ? [row] : [];
}
