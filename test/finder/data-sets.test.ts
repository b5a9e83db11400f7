/** What the notes of the public data sets say must be found is found, and what tells of the outcome never is. */
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { parseExpression } from "../../planner/expression/parse.js";
import { attributesOf, eventNamesOf } from "../../planner/expression/walk.js";
import type { Result } from "../../report/result.js";
import { findOpportunities } from "../../run.js";
import { canonical, dataSets, type Expected, expectedOf, names, studyOf, templateOf } from "../data-sets.js";

const test = suite("data sets");
const say = (line: string): boolean => process.stdout.write(`${line}\n`);

/** Whether an opportunity is a hypothesis, or lists it under `folded`. */
function tells({ hypothesis, folded }: Result["opportunities"][number], text: string): boolean {
  return hypothesis === text || folded.includes(text);
}

/** Whether a run that is asked for nothing else can have found it: by these two templates, over their grids. */
const isExpressible = ({ hypothesis }: Expected): boolean =>
  ["event-pattern", "user-lifecycle"].includes(templateOf(hypothesis));

if (dataSets === undefined) say("skipped: findings of the data sets, because LEADLINE_DATA is not set");
else {
  const root = dataSets;
  for (const name of names) {
    test(name, async () => {
      const folder = join(root, name);
      const study = studyOf(folder);
      const { opportunities } = await findOpportunities(study, folder, { threads: 2 });
      const of = (kpi: string) => opportunities.filter((opportunity) => opportunity.kpi === kpi);
      const expected = expectedOf(folder);

      for (const entry of expected.filter(({ must, optional }) => must === "find" && optional !== true)) {
        const { kpi, hypothesis } = entry;
        if (!isExpressible(entry)) {
          say(`${name}: ${hypothesis} is for ${templateOf(hypothesis)}, which a study has to ask for`);
          continue;
        }
        const alternatives = expected.filter((other) => other.alternative_of === hypothesis);
        const texts = [entry, ...alternatives].map((own) => canonical(own.hypothesis));
        assert.ok(
          of(kpi).some((opportunity) => texts.some((text) => tells(opportunity, text))),
          `${kpi}: ${hypothesis} is not found`,
        );
      }

      for (const { kpi, hypothesis } of expected.filter(({ why }) => why.startsWith("LEAK"))) {
        const text = canonical(hypothesis);
        const leak = parseExpression(hypothesis);
        const [event] = leak.kind === "sequence" && leak.steps.length === 1 ? eventNamesOf(leak) : [];
        const hasPredicate = leak.kind === "sequence" && attributesOf(leak).length > 0;
        for (const opportunity of of(kpi)) {
          assert.not(tells(opportunity, text), `${kpi}: ${hypothesis} is told by ${opportunity.hypothesis}`);
          if (event === undefined || hasPredicate) continue;
          for (const told of [opportunity.hypothesis, ...opportunity.folded]) {
            assert.not(eventNamesOf(parseExpression(told)).includes(event), `${kpi}: ${told} holds ${event}`);
          }
        }
      }

      for (const kpi of study.kpis) {
        const { expression } = kpi.kind === "binary" ? kpi.failure : kpi.value;
        for (const { cohort, folded } of of(kpi.name)) {
          const told = [...Object.keys(cohort), ...folded.flatMap((text) => attributesOf(parseExpression(text)))];
          for (const column of attributesOf(expression)) assert.not(told.includes(column), `${kpi.name}: ${column}`);
        }
      }

      for (const { kpi, hypothesis, why } of expected.filter(
        ({ must, why }) => must === "must not find" && !why.startsWith("LEAK"),
      )) {
        if (hypothesis === "*") continue;
        const told = of(kpi).find((opportunity) => tells(opportunity, canonical(hypothesis)));
        assert.is(told, undefined, `${kpi}: ${hypothesis} is told by ${told?.hypothesis} (${why})`);
      }

      for (const { kpi, hypothesis, template, expert, k } of expected) {
        if (hypothesis !== "*") continue;
        const found = of(kpi).filter(
          (own) =>
            own.template === template &&
            (k === undefined || own.parameters["k"] === k) &&
            (expert === undefined || own.experts.some(({ name, says }) => name === expert && says === "opportunity")),
        );
        assert.equal(
          found.map((own) => own.hypothesis),
          [],
        );
      }
    });
  }
}

test.run();
