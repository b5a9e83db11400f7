/**
 * Belief about what things are worth, as a sum over what they share: worth = Σ value × coefficient, each coefficient normal before
 * anything is seen, and each observation normal around its sum. So one observation tells of all that share a feature with it.
 * Draws are exact draws from the posterior without a matrix over the features: a draw from the prior is corrected by what it gets
 * wrong at the observations (Matheron's rule; Wilson et al., JMLR 22, 2021), with conjugate gradients (Hestenes & Stiefel, 1952).
 */
import { drawNormal, type Uniform } from "./beta.js";

/** A coefficient before anything is seen. */
export interface Coefficient {
  readonly mean: number;
  /** Standard deviation. */
  readonly deviation: number;
}

/** What a thing is described by: values by feature; what is missing is 0. */
export type Features = ReadonlyMap<string, number>;

/** A thing with its features as numbers of coefficients. */
export interface Thing {
  /** Int32Array(features), indices of coefficients */
  readonly columns: Int32Array;
  /** Float64Array(features) */
  readonly values: Float64Array;
}

/** Steps of conjugate gradients after which a draw is taken as it is, and the share of the first error that ends them sooner. */
const MOST_STEPS = 100;
const TOLERANCE = 1e-6;

interface Row {
  readonly thing: Thing;
  readonly worth: number;
  readonly variance: number;
}

/** A linear model of worth under normal priors, from which coefficients are drawn. */
export class LinearBelief {
  readonly #priorOf: (feature: string) => Coefficient;
  readonly #columns = new Map<string, number>();
  readonly #priors: Coefficient[] = [];
  readonly #rows: Row[] = [];

  /** @param priorOf - what is believed of the coefficient of a feature */
  constructor(priorOf: (feature: string) => Coefficient) {
    this.#priorOf = priorOf;
  }

  /** A thing of these features; all that a draw is asked for is described before it. */
  thing(features: Features): Thing {
    const columns = Int32Array.from([...features.keys()], (feature) => this.#columnOf(feature));
    return { columns, values: Float64Array.from(features.values()) };
  }

  /**
   * Learns what a thing was worth.
   * @param variance - of the observation around the worth, above 0
   */
  observe(thing: Thing, worth: number, variance: number): void {
    this.#rows.push({ thing, worth, variance });
  }

  /**
   * Draws all coefficients at once, so that things which share a feature are over- or underrated together.
   * O(coefficients + observations × features of each × steps).
   * @returns the worth of a thing by this draw
   */
  draw(random: Uniform): (thing: Thing) => number {
    const drawn = Float64Array.from(this.#priors, ({ mean, deviation }) => mean + deviation * drawNormal(random));
    const wrong = Float64Array.from(
      this.#rows,
      ({ thing, worth, variance }) => worth - dot(thing, drawn) - Math.sqrt(variance) * drawNormal(random),
    );
    const moves = this.#spread(this.#solve(wrong));
    for (const [column, move] of moves.entries()) drawn[column] = (drawn[column] as number) + move;
    return (thing) => dot(thing, drawn);
  }

  #columnOf(feature: string): number {
    const known = this.#columns.get(feature);
    if (known !== undefined) return known;
    const column = this.#priors.length;
    this.#columns.set(feature, column);
    this.#priors.push(this.#priorOf(feature));
    return column;
  }

  /** What weights on the observations move each coefficient by: prior variance × featuresᵀ × weights. */
  #spread(weights: Float64Array): Float64Array {
    const moves = new Float64Array(this.#priors.length);
    for (const [at, { thing }] of this.#rows.entries()) {
      const weight = weights[at] as number;
      for (const [entry, column] of thing.columns.entries()) {
        moves[column] = (moves[column] as number) + (thing.values[entry] as number) * weight;
      }
    }
    for (const [column, { deviation }] of this.#priors.entries()) {
      moves[column] = (moves[column] as number) * deviation ** 2;
    }
    return moves;
  }

  /** Weights on the observations that explain a target: (features × prior variance × featuresᵀ + noise) × weights = target. */
  #solve(target: Float64Array): Float64Array {
    const weights = new Float64Array(target.length);
    const rest = target.slice();
    let way = target.slice();
    let error = squares(rest);
    const enough = error * TOLERANCE ** 2;
    for (let step = 0; step < MOST_STEPS && error > enough; step++) {
      const spread = this.#spread(way);
      const image = Float64Array.from(
        this.#rows,
        ({ thing, variance }, at) => dot(thing, spread) + variance * (way[at] as number),
      );
      let along = 0;
      for (const [at, value] of way.entries()) along += value * (image[at] as number);
      const length = error / along;
      for (const [at, value] of way.entries()) {
        weights[at] = (weights[at] as number) + length * value;
        rest[at] = (rest[at] as number) - length * (image[at] as number);
      }
      const next = squares(rest);
      way = rest.map((value, at) => value + (next / error) * (way[at] as number));
      error = next;
    }
    return weights;
  }
}

function dot({ columns, values }: Thing, by: Float64Array): number {
  let sum = 0;
  for (let entry = 0; entry < columns.length; entry++) {
    sum += (values[entry] as number) * (by[columns[entry] as number] as number);
  }
  return sum;
}

function squares(values: Float64Array): number {
  let sum = 0;
  for (const value of values) sum += value * value;
  return sum;
}
