import { type Beta, drawBeta, meanOf, type Uniform } from "./beta.js";
import { keyOf } from "./combine.js";
import type { ClassWeights } from "./rounds.js";
import { holdsOf, propertiesOf, type SomeTemplate, type Values } from "./some-template.js";

/** How a test of a class came out: 1 where it was reported, 0 where nothing came of it. */
export interface Observation {
  readonly template: string;
  readonly parameters: Values;
  /** 0 to 1 */
  readonly reward: number;
  /** Tests that it counts as. @default 1 */
  readonly trials?: number;
}

/** Of a class, tests that the belief in its template and names counts as against its own. */
const CLASS_TRIALS = 2;
/** What is not known is as likely as this: few hypotheses are reported. */
const BASE: Beta = { wins: 0.5, losses: 2 };

const measuredEvent = "time_to:";

/** The events, attributes and KPIs that a class names, each with its kind, such as `event:search`. */
export function namesOf(template: SomeTemplate, parameters: Values): readonly string[] {
  const kinds = kindsOf(template);
  const names = Object.entries(parameters).flatMap(([parameter, value]) => {
    if (typeof value !== "string") return [];
    if (parameter === "measure" && value.startsWith(measuredEvent))
      return [`event:${value.slice(measuredEvent.length)}`];
    const kind = kinds.get(parameter);
    return kind === undefined ? [] : [`${kind}:${value}`];
  });
  return [...new Set(names)];
}

const kindsByTemplate = new WeakMap<SomeTemplate, ReadonlyMap<string, string>>();

function kindsOf(template: SomeTemplate): ReadonlyMap<string, string> {
  const known = kindsByTemplate.get(template);
  if (known !== undefined) return known;
  const kinds = new Map(
    Object.entries(propertiesOf(template)).flatMap(([parameter, property]): [string, string][] => {
      const kind = holdsOf(property);
      return ["event", "attribute", "kpi"].includes(kind) ? [[parameter, kind]] : [];
    }),
  );
  kindsByTemplate.set(template, kinds);
  return kinds;
}

/**
 * Beliefs about which classes are worth testing: a Beta distribution for each template, for each event, attribute and KPI, and
 * for each class, of which the last leans on the others where it has few tests of its own. Classes are drawn by Thompson
 * sampling (Thompson, Biometrika 25, 1933): first the template, then the class in it, each by a draw from its belief, so that
 * what is little known is tried as long as it may be the best.
 */
export class ClassBeliefs implements ClassWeights {
  readonly #library: ReadonlyMap<string, SomeTemplate>;
  readonly #seen = new Map<string, { wins: number; losses: number }>();

  constructor(library: readonly SomeTemplate[]) {
    this.#library = new Map(library.map((template) => [template.name, template]));
  }

  /** Learns from a test: its template, all that it names, and the class itself. */
  observe({ template, parameters, reward, trials = 1 }: Observation): void {
    for (const key of [...this.#keysOf(template, parameters), keyOf(template, parameters)]) {
      this.#add(key, reward, trials);
    }
  }

  /** Learns of a name alone, such as `event:search`, that stands in what was found. */
  observeName(name: string, reward: number): void {
    this.#add(name, reward, 1);
  }

  /** How much a class is worth trying by what was observed alone: above 0; 1 where nothing of it was. */
  weightOf(template: string, parameters: Values): number {
    const gains = this.#keysOf(template, parameters).map((key) => meanOf(this.#after(key)) / meanOf(BASE));
    return gains.length === 0 ? 1 : Math.exp(gains.reduce((sum, gain) => sum + Math.log(gain), 0) / gains.length);
  }

  /** A draw of how likely a template is to give what is reported. */
  drawTemplate(template: string, random: Uniform): number {
    return drawBeta(this.#after(templateKey(template)), random);
  }

  /** The same of a class among those of its template. */
  drawClass(template: string, parameters: Values, random: Uniform): number {
    const names = this.#keysOf(template, parameters).slice(1);
    const beliefs = names.length === 0 ? [BASE] : names.map((name) => this.#after(name));
    let [sum, weight] = [0, 0];
    for (const belief of beliefs) {
      // the more is known of a part, the more it says
      const trials = belief.wins + belief.losses;
      sum += trials * logit(drawBeta(belief, random));
      weight += trials;
    }
    const centre = logistic(sum / weight);
    const own = this.#seen.get(keyOf(template, parameters)) ?? { wins: 0, losses: 0 };
    return drawBeta(
      { wins: CLASS_TRIALS * centre + own.wins, losses: CLASS_TRIALS * (1 - centre) + own.losses },
      random,
    );
  }

  #add(key: string, reward: number, trials: number): void {
    const { wins, losses } = this.#seen.get(key) ?? { wins: 0, losses: 0 };
    this.#seen.set(key, { wins: wins + reward * trials, losses: losses + (1 - reward) * trials });
  }

  /** The template's key, then those of its names. */
  #keysOf(template: string, parameters: Values): readonly string[] {
    const known = this.#library.get(template);
    return [templateKey(template), ...(known === undefined ? [] : namesOf(known, parameters))];
  }

  #after(key: string): Beta {
    const { wins, losses } = this.#seen.get(key) ?? { wins: 0, losses: 0 };
    return { wins: BASE.wins + wins, losses: BASE.losses + losses };
  }
}

function templateKey(template: string): string {
  return `template:${template}`;
}

/** Away from 0 and 1, where it has no value. */
function logit(share: number): number {
  const inside = Math.min(1 - 1e-9, Math.max(1e-9, share));
  return Math.log(inside / (1 - inside));
}

function logistic(value: number): number {
  return 1 / (1 + Math.exp(-value));
}
