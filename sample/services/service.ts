import type { Visit, VisitModel } from "../calendar.js";
import type { EventBatch, EventColumns } from "../event-batch.js";
import { Choice, type Random } from "../random.js";
import type { Planted, Tally } from "../truth.js";

/** Names of the services, in the order in which they are written. */
export type ServiceName = "subscription" | "player" | "shop";

/** One session about to be simulated. One object is used again and again. */
export interface Scene {
  readonly visit: Visit;
  /** The user's own stream, the same in each of the user's sessions: traits. */
  readonly user: Random;
  /** The session's stream. */
  readonly random: Random;
  /** Where the session's attributes and events go; the session has been begun. */
  readonly batch: EventBatch;
  readonly tally: Tally;
}

/** A service that is made up: who comes, what they do, what was planted. */
export interface Service {
  readonly name: ServiceName;
  readonly columns: EventColumns;
  readonly visits: VisitModel;
  readonly planted: readonly Planted[];
  /** The study file's text, for events in this file (relative to the study). */
  study(file: string): string;
  /** Plays one session. */
  simulate(scene: Scene): void;
}

/** Positions of names in a list, by name. */
export function codesOf<const Name extends string>(names: readonly Name[]): Readonly<Record<Name, number>> {
  return Object.fromEntries(names.map((name, code) => [name, code])) as Record<Name, number>;
}

/**
 * A user's proneness to fail, on everything: a random effect of mean 1 whose 95th percentile is near 2.
 */
export function frailty(user: Random): number {
  // The power 0.6 makes the log-logistic's shape parameter 0.3, whose mean is 0.3π / sin(0.3π) = 1.165.
  return user.heavyTailed(1) ** 0.6 / 1.165;
}

/**
 * What people do between the steps that matter: they stay with a topic for a while, and within a topic a few events are
 * common and most are rare.
 */
export class Browsing {
  /** Names of its events; their codes are `firstEvent` and on. */
  readonly names: readonly string[];
  private readonly topics: readonly { readonly first: number; readonly choice: Choice }[];

  constructor(firstEvent: number, topics: readonly (readonly string[])[]) {
    this.names = topics.flat();
    let first = firstEvent;
    this.topics = topics.map((names) => {
      const topic = { first, choice: new Choice(names.map((_, rank) => 1 / (rank + 1))) };
      first += names.length;
      return topic;
    });
  }

  /** Emits `count` events with heavy-tailed pauses of this median. */
  browse(batch: EventBatch, random: Random, count: number, medianPauseMs: number): void {
    let topic = this.topics[random.below(this.topics.length)];
    for (let i = 0; i < count && topic !== undefined; i++) {
      if (random.chance(0.25)) topic = this.topics[random.below(this.topics.length)] ?? topic;
      batch.emit(topic.first + topic.choice.pick(random), random.heavyTailed(medianPauseMs));
    }
  }
}
