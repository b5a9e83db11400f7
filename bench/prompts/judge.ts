import { parseDuration } from "../../planner/duration.js";
import { templates } from "../../planner/templates/library.js";

/** A value that is right: itself, a range of numbers, or a list whose order says nothing. */
export type AcceptableValue =
  | string
  | number
  | { readonly min: number; readonly max: number }
  | readonly (string | number)[];

/** A choice that is right. */
export interface Acceptable {
  readonly template: string;
  /** What the prompt determines: by parameter, the values that are right. */
  readonly parameters?: Readonly<Record<string, readonly AcceptableValue[]>>;
}

/** A prompt and what it means; bench/prompts/README.md tells more. */
export interface BenchPrompt {
  readonly id: string;
  readonly data: string;
  /** Of the building half: when it was written, and whether anybody read it while the selector was improved. */
  readonly part?: string;
  readonly kind: string;
  readonly prompt: string;
  /** Empty where nothing fits. */
  readonly intents: readonly { readonly acceptable: readonly Acceptable[] }[];
}

/** Whether nobody reads a prompt of the building half: only totals of such are looked at. */
export function isHeldOut({ part }: BenchPrompt): boolean {
  return part?.startsWith("held-out") ?? false;
}

/** A template with its parameters, as anyone chose it. */
export interface Choice {
  readonly template: string;
  readonly parameters: Readonly<Record<string, unknown>>;
}

/** What was right about the choices for one prompt. */
export interface Judged {
  /** Intents, or 1 where nothing fits. */
  readonly units: number;
  /** Of them, met by a template; where nothing fits, 1 if nothing was chosen. */
  readonly template: number;
  /** Of them, met with every parameter that the prompt determines. */
  readonly full: number;
  /** Intents that determine any parameter, and those of them that were met in full. */
  readonly determined: number;
  readonly determinedFull: number;
}

/**
 * Judges ranked choices. Of a prompt with m intents the first `depth` × m choices count, and each may meet one intent: as many
 * intents are met as can be with such choices. Where nothing fits, only choosing nothing is right.
 * @param depth - 1: the first choice an intent has to be right
 */
export function judge({ intents }: BenchPrompt, choices: readonly Choice[], depth: number): Judged {
  if (intents.length === 0) {
    const right = choices.length === 0 ? 1 : 0;
    return { units: 1, template: right, full: right, determined: 0, determinedFull: 0 };
  }
  const counted = choices.slice(0, depth * intents.length).map(withDefaults);
  const meets = (parameters: boolean) => (choice: Choice, intent: number) =>
    (intents[intent]?.acceptable ?? []).some((one) => isMet(one, choice, parameters));
  const determined = intents.flatMap(({ acceptable }, intent) =>
    acceptable.every(({ parameters }) => Object.keys(parameters ?? {}).length > 0) ? [intent] : [],
  );
  const all = intents.map((_, intent) => intent);
  const full = matched(all, counted, meets(true));
  return {
    units: intents.length,
    template: matched(all, counted, meets(false)).size,
    full: full.size,
    determined: determined.length,
    determinedFull: determined.filter((intent) => full.has(intent)).length,
  };
}

/** Intents that can be met at once, each by a choice of its own (augmenting paths). */
function matched(
  intents: readonly number[],
  choices: readonly Choice[],
  meets: (choice: Choice, intent: number) => boolean,
): ReadonlySet<number> {
  const takenBy = new Map<number, number>();
  const place = (intent: number, tried: Set<number>): boolean => {
    for (const [at, choice] of choices.entries()) {
      if (tried.has(at) || !meets(choice, intent)) continue;
      tried.add(at);
      const before = takenBy.get(at);
      if (before !== undefined && !place(before, tried)) continue;
      takenBy.set(at, intent);
      return true;
    }
    return false;
  };
  return new Set(intents.filter((intent) => place(intent, new Set())));
}

/** Parameters that a class leaves out are what its template takes for them. */
function withDefaults(choice: Choice): Choice {
  const template = templates.find(({ name }) => name === choice.template);
  const parsed = template?.parameters.safeParse(choice.parameters);
  return { ...choice, parameters: parsed?.success ? parsed.data : choice.parameters };
}

function isMet({ template, parameters = {} }: Acceptable, choice: Choice, withParameters: boolean): boolean {
  if (template !== choice.template) return false;
  if (!withParameters) return true;
  return Object.entries(parameters).every(([name, values]) =>
    values.some((value) => isRight(value, choice.parameters[name], name, choice)),
  );
}

function isRight(right: AcceptableValue, value: unknown, name: string, { template, parameters }: Choice): boolean {
  // adjacency is `next` where a pattern of events does not say otherwise
  if (name === "adjacency" && value === undefined) return right === "next";
  if (Array.isArray(right)) return isSameSet(right, value);
  if (typeof right === "object") {
    const number = numberOf(value);
    return number !== null && "min" in right && number >= right.min && number <= right.max;
  }
  if (template === "session-shape" && name === "measure") return measureOf(String(right)) === value;
  if (template === "session-shape" && parameters["measure"] === "events") return numberOf(value) === Number(right);
  if (typeof right === "number") return numberOf(value) === right;
  return value === right || (typeof value === "string" && isSameDuration(right, value));
}

function isSameSet(right: readonly (string | number)[], value: unknown): boolean {
  if (!Array.isArray(value) || value.length !== right.length) return false;
  const texts = new Set(value.map(String));
  return right.every((each) => texts.has(String(each)));
}

function isSameDuration(a: string, b: string): boolean {
  const left = parseDuration(a);
  return left !== null && left === parseDuration(b);
}

/** A measure as docs/EXPRESSIONS.md writes it, as the template takes it. */
function measureOf(expression: string): string {
  const [, event] = /^elapsed\(start, (.+)\)$/.exec(expression) ?? [];
  return event === undefined ? expression.replace(/^session\./, "") : `time_to:${event}`;
}

function numberOf(value: unknown): number | null {
  if (typeof value === "number") return value;
  return typeof value === "string" && /^\d+(\.\d+)?$/.test(value) ? Number(value) : null;
}
