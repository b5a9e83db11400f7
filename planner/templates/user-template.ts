import { z } from "zod";
import { LeadlineError } from "../../errors.js";
import { compileBoolean } from "../compile.js";
import { fillHoles } from "../expression/holes.js";
import { parseExpression } from "../expression/parse.js";
import { PlanBuilder } from "../plan.js";
import type { DataStatistics } from "../statistics.js";
import type { HoleType, StudyTemplate } from "../study.js";
import { attribute, conditions, dividingEvents, event, roundDuration } from "./parts.js";
import type { Template } from "./template.js";

/** Classes that one template of a study is filled to, at most; lists of candidates are cut to it, the longest first. */
export const MOST_FILLED = 64;
/** Candidates for a hole without a list of its own. */
const MOST_EVENTS = 8;
const MOST_TEXTS = 8;
const NUMBERS = ["1", "3", "10"];

/** How a value stands in the hole of each type. */
const written: Readonly<Record<HoleType, (value: string) => string>> = {
  event,
  attribute,
  duration: (value) => value,
  number: (value) => value,
  text: event,
};

/** A template that a study states as a condition with holes: filled from lists of the study's, or from the data. */
export function userTemplate(template: StudyTemplate): Template<Readonly<Record<string, string>>> {
  const { name, text, parameters } = template;
  const fill = (values: Readonly<Record<string, string>>): string =>
    fillHoles(text, (hole) => {
      const type = parameters.find((parameter) => parameter.name === hole)?.type ?? "text";
      return written[type](values[hole] ?? "");
    });
  return {
    name,
    description: text,
    parameters: z.strictObject(Object.fromEntries(parameters.map((parameter) => [parameter.name, z.coerce.string()]))),
    grid(data) {
      const filled = fillings(template, data);
      const failures: LeadlineError[] = [];
      const meaningful = filled.filter((values) => {
        const written = fill(values);
        try {
          const source = { expression: parseExpression(written), text: written, where: name };
          compileBoolean(source, new PlanBuilder(), data);
          return true;
        } catch (error) {
          if (!(error instanceof LeadlineError)) throw error;
          failures.push(error);
          return false;
        }
      });
      const [failure] = failures;
      if (meaningful.length === 0 && failure !== undefined) throw failure;
      return meaningful;
    },
    compile: (values) => conditions(fill(values)),
  };
}

/** Every choice of candidates, two event holes never with the same event. */
function fillings({ parameters }: StudyTemplate, data: DataStatistics): readonly Readonly<Record<string, string>>[] {
  const lists = parameters.map(({ type, values }) => [...(values ?? candidates(type, data))]);
  const product = (): number => lists.reduce((size, list) => size * list.length, 1);
  while (product() > MOST_FILLED) {
    const longest = lists.reduce((most, list) => (list.length > most.length ? list : most));
    longest.pop();
  }
  let filled: Record<string, string>[] = [{}];
  for (const [index, { name, type }] of parameters.entries()) {
    filled = filled.flatMap((values) =>
      (lists[index] ?? []).flatMap((value) => {
        const isTaken =
          type === "event" && parameters.some((other) => other.type === "event" && values[other.name] === value);
        return isTaken ? [] : [{ ...values, [name]: value }];
      }),
    );
  }
  return filled;
}

function candidates(type: HoleType, data: DataStatistics): readonly string[] {
  const { grid, columns } = data;
  switch (type) {
    case "event":
      return dividingEvents(data, MOST_EVENTS);
    case "attribute":
      return columns.filter(({ kind, name }) => kind === "coded" || name in grid.numbers).map(({ name }) => name);
    case "duration": {
      const { duration, longest_gap: gap } = grid.measures;
      const bounds = [gap.q50, gap.q90, duration.q50].map(roundDuration);
      return [...new Set(bounds)].filter((bound) => bound !== null);
    }
    case "number":
      return NUMBERS;
    case "text":
      return data.attributes
        .flatMap((name) => (grid.values[name] ?? []).slice(0, 2))
        .map(({ value }) => String(value))
        .slice(0, MOST_TEXTS);
  }
}
