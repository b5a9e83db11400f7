import { type Beta, drawBeta, meanOf, type Uniform } from "./beta.js";
import { keyOf } from "./combine.js";
import type { ClassWeights } from "./rounds.js";
import { holdsOf, propertiesOf, type SomeTemplate, type Values } from "./some-template.js";

/** How a test of a class came out: 1 where it was reported, 0 where nothing came of it. */
export interface Observation {
  readonly template: string;
  readonly parameters: Values;
  /** The KPI that it was tested on; absent: any. */
  readonly kpi?: string;
  /** 0 to 1 */
  readonly reward: number;
  /** Tests that it counts as. @default 1 */
  readonly trials?: number;
}

/** What is believed of classes before anything is tested, each from 0 to 1; what is missing is not known. */
export interface Priors {
  /** By name and KPI as `nameOn` joins them: how much worse sessions with it are. */
  readonly names: ReadonlyMap<string, number>;
  /** By `keyOf`: how surely the prompt means the class. */
  readonly classes: ReadonlyMap<string, number>;
}

/** Tests that a belief from the prompt or from rates in the data counts as. */
const PRIOR_TRIALS = 4;
/** Of a class, tests that the belief in its template and names counts as against its own. */
const CLASS_TRIALS = 2;
/** What a KPI, and a name on it, are worth once something was found there: a little more than what is not known. */
const FOUND = 0.25;
/** What is not known is as likely as this: few hypotheses are reported. */
const BASE: Beta = { wins: 0.5, losses: 2 };

const measuredEvent = "time_to:";

/** A name where it is about one KPI. */
export function nameOn(name: string, kpi: string): string {
  return `${name} on ${kpi}`;
}

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
  readonly #priors: Priors;
  readonly #seen = new Map<string, { wins: number; losses: number }>();
  readonly #wanted = new Map<string, number>();

  constructor(library: readonly SomeTemplate[], priors: Priors) {
    this.#library = new Map(library.map((template) => [template.name, template]));
    this.#priors = priors;
    for (const [key, score] of priors.classes) {
      const [template] = JSON.parse(key) as [string];
      this.#wanted.set(template, Math.max(score, this.#wanted.get(template) ?? 0));
    }
  }

  /**
   * Learns from a test: its template, all that it names, and the class itself. What was found on a KPI is found: on that KPI the same
   * names are worth a hint at most, for what they give next is most likely the same cause.
   */
  observe({ template, parameters, kpi, reward, trials = 1 }: Observation): void {
    const known = this.#library.get(template);
    const names = known === undefined ? [] : namesOf(known, parameters);
    for (const key of [templateKey(template), ...names, ownKey(template, parameters, kpi)]) {
      this.#add(key, reward, trials);
    }
    if (kpi === undefined) return;
    for (const key of [kpiKey(kpi), ...[templateKey(template), ...names].map((name) => nameOn(name, kpi))]) {
      this.#add(key, Math.min(reward, FOUND), trials);
    }
  }

  /** Learns of a name alone, such as `event:search`, that stands in what was found. */
  observeName(name: string, reward: number): void {
    this.#add(name, reward, 1);
  }

  /** How much a class is worth trying by what was observed alone: above 0; 1 where nothing of it was. */
  weightOf(template: string, parameters: Values): number {
    const gains = this.#keysOf(template, parameters).map((key) => meanOf(this.#after(key, BASE)) / meanOf(BASE));
    return gains.length === 0 ? 1 : Math.exp(gains.reduce((sum, gain) => sum + Math.log(gain), 0) / gains.length);
  }

  /** A draw of how likely a template is to give what is reported. */
  drawTemplate(template: string, random: Uniform): number {
    const wanted = this.#wanted.get(template);
    return drawBeta(this.#after(templateKey(template), wanted === undefined ? BASE : leaning(wanted)), random);
  }

  /** The same of a class among those of its template. @param kpi - on which it is tested; null: on any */
  drawClass(template: string, parameters: Values, kpi: string | null, random: Uniform): number {
    const beliefs = this.#keysOf(template, parameters, kpi ?? undefined)
      .slice(1)
      .map((name) => {
        const lift = this.#priors.names.get(name);
        return this.#after(name, lift === undefined ? BASE : leaning(lift));
      });
    const wanted = this.#priors.classes.get(keyOf(template, parameters));
    if (wanted !== undefined) beliefs.push(leaning(wanted));
    if (beliefs.length === 0) beliefs.push(BASE);
    let [sum, weight] = [0, 0];
    for (const belief of beliefs) {
      // the more is known of a part, the more it says
      const trials = belief.wins + belief.losses;
      sum += trials * logit(drawBeta(belief, random));
      weight += trials;
    }
    const centre = logistic(sum / weight);
    const own = this.#seen.get(ownKey(template, parameters, kpi ?? undefined)) ?? { wins: 0, losses: 0 };
    return drawBeta(
      { wins: CLASS_TRIALS * centre + own.wins, losses: CLASS_TRIALS * (1 - centre) + own.losses },
      random,
    );
  }

  #add(key: string, reward: number, trials: number): void {
    const { wins, losses } = this.#seen.get(key) ?? { wins: 0, losses: 0 };
    this.#seen.set(key, { wins: wins + reward * trials, losses: losses + (1 - reward) * trials });
  }

  /** The template's key first, then those of its names, alone and on the KPI. */
  #keysOf(template: string, parameters: Values, kpi?: string): readonly string[] {
    const known = this.#library.get(template);
    const names = known === undefined ? [] : namesOf(known, parameters);
    const own = templateKey(template);
    const onKpi = kpi === undefined ? [] : [kpiKey(kpi), ...[own, ...names].map((name) => nameOn(name, kpi))];
    return [own, ...names, ...onKpi];
  }

  #after(key: string, prior: Beta): Beta {
    const { wins, losses } = this.#seen.get(key) ?? { wins: 0, losses: 0 };
    return { wins: prior.wins + wins, losses: prior.losses + losses };
  }
}

function kpiKey(kpi: string): string {
  return `kpi:${kpi}`;
}

function ownKey(template: string, parameters: Values, kpi: string | undefined): string {
  return `${keyOf(template, parameters)} on ${kpi ?? ""}`;
}

function templateKey(template: string): string {
  return `template:${template}`;
}

/** The base, leaning towards a score from 0 to 1. */
function leaning(score: number): Beta {
  return { wins: BASE.wins + PRIOR_TRIALS * score, losses: BASE.losses + PRIOR_TRIALS * (1 - score) };
}

/** Away from 0 and 1, where it has no value. */
function logit(share: number): number {
  const inside = Math.min(1 - 1e-9, Math.max(1e-9, share));
  return Math.log(inside / (1 - inside));
}

function logistic(value: number): number {
  return 1 / (1 + Math.exp(-value));
}
