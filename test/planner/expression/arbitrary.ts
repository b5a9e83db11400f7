import fc from "fast-check";
import type {
  Attribute,
  EventStep,
  Expression,
  Link,
  Literal,
  Sequence,
  Step,
} from "../../../planner/expression/ast.js";
import { aggregateWords, fieldWords, reservedWords } from "../../../planner/expression/words.js";

/** Names that have broken printers: words, spaces, marks, escapes, controls, surrogates, digits, dots, the empty one. */
export const hostileName: fc.Arbitrary<string> = fc.oneof(
  { weight: 3, arbitrary: fc.constantFrom("buy_plan", "call:book", "a.b", "a.", "rebuffer", "session", "user", "x1") },
  { weight: 2, arbitrary: fc.constantFrom(...reservedWords, ...[...reservedWords].map((word) => `${word}.x`)) },
  fc.constantFrom(
    "",
    " ",
    '"',
    "`",
    "\\",
    '\\"',
    "\\`",
    "\n",
    "a\nb",
    "404_error",
    "-> x",
    "a -> b",
    "$hole",
    "é",
    "\ud800",
  ),
  fc.constantFrom(
    "constructor",
    "__proto__",
    "2026-11-16",
    "\u2028",
    "\u007f",
    "“",
    "/<*> x",
    'a`b"c\\d',
    "10s",
    "true ",
  ),
  { weight: 2, arbitrary: fc.string({ unit: "binary", maxLength: 8 }) },
  fc.string({ unit: "grapheme", maxLength: 12 }),
);

const finite = fc
  .oneof(fc.integer({ min: -100, max: 1000 }), fc.double({ noNaN: true, noDefaultInfinity: true }))
  .map((value) => (value === 0 ? 0 : value));
const durationMs = fc.oneof(
  fc.constantFrom(0, 1, 500, 1000, 60_000, 5_400_000, 86_400_000, 1_246_421_000, 0.5),
  fc.nat(),
  fc.double({ noNaN: true, min: 0, max: 1e300 }).map(Math.abs),
);
const within = fc.option(durationMs, { nil: null });

const literal: fc.Arbitrary<Literal> = fc.oneof(
  finite.map((value): Literal => ({ kind: "literal", value, at: 0 })),
  fc
    .tuple(durationMs, fc.boolean())
    .map(([ms, negative]): Literal => ({ kind: "literal", value: negative && ms > 0 ? -ms : ms, unit: "ms", at: 0 })),
  hostileName.map((value): Literal => ({ kind: "literal", value, at: 0 })),
  fc.boolean().map((value): Literal => ({ kind: "literal", value, at: 0 })),
);

const attribute: fc.Arbitrary<Attribute> = hostileName.map((name) => ({ kind: "attribute", name, at: 0 }));

/** Conditions and values over leaves, in the shapes that the tree's contract allows. */
function grammar(leafValue: fc.Arbitrary<Expression>, leafCondition: fc.Arbitrary<Expression>, depth: number) {
  return fc.letrec<{ condition: Expression; value: Expression }>((tie) => ({
    condition: fc.oneof(
      { maxDepth: depth, depthIdentifier: "condition" },
      leafCondition,
      logical("or", tie("condition")),
      logical("and", tie("condition")),
      tie("condition").map((item): Expression => ({ kind: "not", item, at: 0 })),
      fc
        .tuple(fc.constantFrom("==", "!=", "<", "<=", ">", ">="), tie("value"), tie("value"))
        .map(([op, left, right]): Expression => ({ kind: "compare", op, left, right, at: 0 })),
      fc
        .tuple(tie("value"), fc.array(literal, { minLength: 1, maxLength: 3 }))
        .map(([item, values]): Expression => ({ kind: "in", item, values, at: 0 })),
    ),
    value: fc.oneof(
      { maxDepth: depth, depthIdentifier: "value" },
      leafValue,
      fc
        .tuple(fc.constantFrom("+", "-", "*", "/"), tie("value"), tie("value"))
        .map(([op, left, right]): Expression => ({ kind: "arithmetic", op, left, right, at: 0 })),
      tie("value").map((item): Expression => (item.kind === "literal" ? item : { kind: "negate", item, at: 0 })),
    ),
  }));
}

function logical(kind: "or" | "and", item: fc.Arbitrary<Expression>): fc.Arbitrary<Expression> {
  return fc.array(item, { minLength: 2, maxLength: 3 }).map(
    (items): Expression => ({
      kind,
      items: items.flatMap((each) => (each.kind === kind ? each.items : [each])),
      at: 0,
    }),
  );
}

const truth = fc.boolean().map((value): Expression => ({ kind: "literal", value, at: 0 }));

const predicate = grammar(fc.oneof(literal, attribute), fc.oneof(truth, attribute), 2).condition;

const eventStep: fc.Arbitrary<EventStep> = fc
  .tuple(hostileName, fc.oneof({ weight: 3, arbitrary: fc.constant(null) }, predicate))
  .map(([event, condition]) => ({ kind: "step", event, predicate: condition, at: 0 }));

const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 4, arbitrary: eventStep },
  fc.tuple(eventStep, eventStep).map(([repeat, end]): Step => ({ kind: "until", repeat, end, at: 0 })),
);

const link = fc.constantFrom<Link>("->", "=>");

const sequence: fc.Arbitrary<Sequence> = fc
  .record({
    steps: fc.array(step, { minLength: 1, maxLength: 4 }),
    drawn: fc.tuple(link, link, link),
    wantsAbsent: fc.boolean(),
    bound: within,
  })
  .map(({ steps, drawn, wantsAbsent, bound }) => {
    const absent = wantsAbsent && steps.length > 1;
    const links = drawn.slice(0, steps.length - 1);
    if (absent) links[links.length - 1] = "->";
    return { kind: "sequence", steps, links, absent, withinMs: steps.length > 1 ? bound : null, at: 0 };
  });

const measure: fc.Arbitrary<Expression> = fc.oneof(
  attribute,
  literal,
  fc.tuple(step, within).map(([of, windowMs]): Expression => ({ kind: "count", step: of, windowMs, at: 0 })),
  fc
    .tuple(fc.constantFrom("retries", "elapsed", "time_in"), eventStep, eventStep)
    .map(([kind, first, second]): Expression => ({ kind, first, second, at: 0 })),
  fc
    .tuple(fc.constantFrom(...aggregateWords), fc.option(eventStep, { nil: null }), hostileName)
    .map(([fn, of, name]) => ({ kind: "aggregate", fn, step: of, attribute: name, at: 0 }) as Expression),
  fc.constantFrom(...fieldWords.values()).map((field): Expression => ({ ...field, at: 0 })),
  fc.constantFrom("hour", "weekday").map((field): Expression => ({ kind: "clock", field, at: 0 })),
  hostileName.map((name): Expression => ({ kind: "previous", attribute: name, at: 0 })),
  hostileName.map((kpi): Expression => ({ kind: "load", field: "failure_rate", kpi, at: 0 })),
);

const expressions = grammar(measure, fc.oneof({ weight: 4, arbitrary: sequence }, truth), 3);

/** What a boolean position holds. */
export const condition: fc.Arbitrary<Expression> = expressions.condition;

/** What a value position holds: there, one bare event would be an attribute. */
export const value: fc.Arbitrary<Expression> = fc.oneof(
  expressions.value,
  expressions.condition.filter((each) => each.kind !== "sequence" || each.steps.length > 1),
);
