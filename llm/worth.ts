import type { Uniform } from "./beta.js";
import { keyOf } from "./combine.js";
import { type Coefficient, type Features, LinearBelief, type Thing } from "./linear-belief.js";
import { propertiesOf, type SomeTemplate, type Values } from "./some-template.js";
import { namesOf } from "./weights.js";

/** What is believed of hypotheses before anything is tested, each from 0 to 1; what is missing is not known. */
export interface Priors {
  /** By name, or name and value as `withValue` joins them, and KPI as `nameOn` joins them: how much worse sessions with it are. */
  readonly names: ReadonlyMap<string, number>;
  /** By `keyOf`: how surely the prompt means the class. */
  readonly classes: ReadonlyMap<string, number>;
}

/** How a test of a class came out. */
export interface TestOutcome {
  readonly template: string;
  readonly parameters: Values;
  /** The KPI that it was tested on; null: any. */
  readonly kpi: string | null;
  /** From 0, where nothing came of it, to 1, where it was reported. */
  readonly reward: number;
  /** Tests that it counts as. @default 1 */
  readonly trials?: number;
}

/** A class on a KPI, as `HypothesisWorth` sees it. */
export interface Prospect {
  readonly own: Thing;
  /** What rates in the data promise of it. */
  readonly promise: Thing;
  /** The name, on the KPI, whose rate promises it; null where none does. */
  readonly promisedBy: string | null;
}

/**
 * What is believed of the coefficient of each kind of feature. All are guesses, of the sizes that rewards have: one hypothesis in ten
 * or fewer comes to anything, a name with as high a rate as there is does so every other time, and what a feature adds is less
 * than that.
 */
const COEFFICIENTS = {
  /** What is not known. */
  base: { mean: 0.1, deviation: 0.03 },
  promise: { mean: 0.5, deviation: 0.2 },
  /** How much farther a promise goes for this template. */
  "promise of": { mean: 0, deviation: 0.2 },
  wanted: { mean: 0.5, deviation: 0.2 },
  template: { mean: 0, deviation: 0.05 },
  kpi: { mean: 0, deviation: 0.025 },
  /** The template with the same names on the same KPI: other numbers, other lengths. */
  kin: { mean: 0, deviation: 0.1 },
  name: { mean: 0, deviation: 0.05 },
  "name on": { mean: 0, deviation: 0.075 },
  /** A parameter that names nothing, such as a boundary. */
  value: { mean: 0, deviation: 0.05 },
  /** The class on all KPIs. */
  class: { mean: 0, deviation: 0.05 },
} satisfies Readonly<Record<string, Coefficient>>;

/** Each further step or name: longer hypotheses are more, rarer, and mostly say what a shorter one said. */
const DECAY = 0.5;
/** What is uncertain still of that whose rate is known. */
const MEASURED = 0.25;
/**
 * Standard deviation of a reward around its worth; and of one that is no more than was expected of anything, which says little: nothing
 * comes of most tests next to those of which something does.
 */
const NOISE = 0.1;
const NOISE_OF_NOTHING = 0.3;

/** A name where it is about one KPI. */
export function nameOn(name: string, kpi: string): string {
  return `${name} on ${kpi}`;
}

/** A value of a name, such as `attribute:os=ios`. */
export function withValue(name: string, value: unknown): string {
  return `${name}=${String(value)}`;
}

/**
 * Beliefs about what hypotheses are worth testing: a linear model over what classes share, so that a test tells of its template, of
 * the names in it here and on other KPIs, of the same names with other numbers, and of its values with other names (structured
 * bandits: Agrawal & Goyal, ICML 2013). Before anything is tested the rates of names promise something, and so does the prompt.
 */
export class HypothesisWorth {
  readonly #library: ReadonlyMap<string, SomeTemplate>;
  readonly #parameters = new Map<string, readonly string[]>();
  readonly #priors: Priors;
  readonly #belief = new LinearBelief(coefficientOf);

  constructor(library: readonly SomeTemplate[], priors: Priors) {
    this.#library = new Map(library.map((template) => [template.name, template]));
    this.#priors = priors;
  }

  /** Describes a class on a KPI; all are described before a draw. */
  prospect(template: string, parameters: Values, kpi: string): Prospect {
    const { promise, promisedBy } = this.#promiseOf(template, parameters, kpi);
    const own = this.#belief.thing(this.#featuresOf(template, parameters, kpi));
    return { own, promise: this.#belief.thing(promise), promisedBy };
  }

  /** Learns from a test. */
  observe({ template, parameters, kpi, reward, trials = 1 }: TestOutcome): void {
    const own = this.#featuresOf(template, parameters, kpi);
    const promise = kpi === null ? [] : this.#promiseOf(template, parameters, kpi).promise;
    const noise = reward > COEFFICIENTS.base.mean ? NOISE : NOISE_OF_NOTHING;
    this.#belief.observe(this.#belief.thing(new Map([...own, ...promise])), reward, noise ** 2 / trials);
  }

  /**
   * Draws what everything is worth, by Thompson sampling (Thompson, Biometrika 25, 1933).
   * @returns the worth of a hypothesis of a prospect: its own, and what is promised of it
   */
  draw(random: Uniform): (prospect: Prospect) => { readonly own: number; readonly promise: number } {
    const worth = this.#belief.draw(random);
    return ({ own, promise }) => ({ own: worth(own), promise: worth(promise) });
  }

  #featuresOf(template: string, parameters: Values, kpi: string | null): Features {
    const names = this.#namesOf(template, parameters);
    const steps = stepsOf(parameters, names);
    const isMeasured = kpi !== null && this.#ratesOf(parameters, names, kpi).isAll;
    // what is longer is less likely, and it is surer that it is
    const scale = isMeasured ? MEASURED : DECAY ** (steps - 1);
    const features = new Map<string, number>();
    const add = (kind: keyof typeof COEFFICIENTS, name: string, value = 1): void => {
      features.set(`${kind}/${name}`, value * scale);
    };
    if (!isMeasured) add("base", "");
    add("template", template);
    add("class", keyOf(template, parameters));
    // however many there are, they make no class more uncertain than others
    const ofName = 1 / Math.sqrt(names.length);
    for (const name of names) add("name", name, ofName);
    const values = this.#valuesOf(template, parameters, names);
    const ofValue = 1 / Math.sqrt(values.length);
    for (const value of values) add("value", `${template} ${value}`, ofValue);
    if (kpi !== null) {
      add("kpi", kpi);
      add("kin", nameOn([template, ...names].join(" "), kpi));
      for (const name of names) add("name on", nameOn(name, kpi), ofName);
    }
    const wanted = this.#priors.classes.get(keyOf(template, parameters));
    if (wanted !== undefined) features.set("wanted/", wanted);
    return features;
  }

  #promiseOf(
    template: string,
    parameters: Values,
    kpi: string,
  ): { readonly promise: Features; readonly promisedBy: string | null } {
    const names = this.#namesOf(template, parameters);
    const { most, by } = this.#ratesOf(parameters, names, kpi);
    if (by === null) return { promise: new Map(), promisedBy: null };
    const value = most * DECAY ** (stepsOf(parameters, names) - 1);
    const promise = new Map([
      ["promise/", value],
      [`promise of/${template}`, value],
    ]);
    return { promise, promisedBy: by };
  }

  /** The highest rate among what a class names, and whether the class says no more than what was measured. */
  #ratesOf(
    parameters: Values,
    names: readonly string[],
    kpi: string,
  ): { readonly most: number; readonly by: string | null; readonly isAll: boolean } {
    const { names: rates } = this.#priors;
    const values = parameters["values"];
    let [most, by] = [0, null as string | null];
    for (const name of names) {
      const measured = Array.isArray(values) ? values.map((value) => withValue(name, value)) : [name];
      const rate = Math.max(...measured.map((each) => rates.get(nameOn(each, kpi)) ?? 0));
      if (rate > most) [most, by] = [rate, nameOn(name, kpi)];
    }
    const isOneEvent = typeof parameters["k"] === "number" && stepsOf(parameters, names) === 1;
    return { most, by, isAll: names.length === 1 && (isOneEvent || Array.isArray(values)) };
  }

  #namesOf(template: string, parameters: Values): readonly string[] {
    const known = this.#library.get(template);
    return known === undefined ? [] : namesOf(known, parameters);
  }

  /** Parameters that name nothing, each with its value. */
  #valuesOf(template: string, parameters: Values, names: readonly string[]): readonly string[] {
    const of = this.#library.get(template);
    const known = this.#parameters.get(template) ?? (of === undefined ? [] : Object.keys(propertiesOf(of)));
    this.#parameters.set(template, known);
    const named = new Set(names.map((name) => name.slice(name.indexOf(":") + 1)));
    return known
      .filter((name) => parameters[name] !== undefined && !named.has(String(parameters[name])))
      .map((name) => `${name} ${JSON.stringify(parameters[name])}`);
  }
}

/** Steps of a sequence, one more with gaps and within some time; of conditions the names, at least one. */
function stepsOf({ k, adjacency, within }: Values, names: readonly string[]): number {
  if (typeof k !== "number") return Math.max(1, names.length);
  return k + (adjacency === "gap" ? 1 : 0) + (within === undefined ? 0 : 1);
}

function coefficientOf(feature: string): Coefficient {
  return COEFFICIENTS[feature.slice(0, feature.indexOf("/")) as keyof typeof COEFFICIENTS];
}
