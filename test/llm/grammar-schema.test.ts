import fc from "fast-check";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { z } from "zod";
import { LeadlineError } from "../../errors.js";
import { asciiJson, choiceOfTexts, printGrammar } from "../../llm/gbnf.js";
import { grammarOf, type JsonSchema } from "../../llm/grammar-schema.js";
import { allSentences, randomSentence } from "./sentences.js";
import { mulberry32 } from "./tiny-model.js";

const jsonSchema = (schema: z.ZodType): JsonSchema => z.toJSONSchema(schema) as JsonSchema;

const refused: readonly (readonly [name: string, schema: JsonSchema, message: string])[] = [
  ["anyOf", jsonSchema(z.strictObject({ u: z.union([z.literal(1), z.literal("a")]) })), "keyword: anyOf at /u"],
  ["allOf", jsonSchema(z.strictObject({ u: z.intersection(z.enum(["a"]), z.enum(["a"])) })), "keyword: allOf at /u"],
  ["not", jsonSchema(z.strictObject({ u: z.never() })), "keyword: not at /u"],
  ["a pattern", jsonSchema(z.strictObject({ u: z.string().regex(/a/) })), "keyword: pattern at /u"],
  ["a minimum", jsonSchema(z.strictObject({ u: z.number().min(1) })), "keyword: minimum at /u"],
  ["a maximum", jsonSchema(z.strictObject({ u: z.number().max(1) })), "keyword: maximum at /u"],
  ["bounds of an integer", jsonSchema(z.strictObject({ u: z.int() })), "keyword: minimum at /u"],
  ["an open number", jsonSchema(z.strictObject({ u: z.number() })), "schema: open number at /u"],
  ["an open string", jsonSchema(z.strictObject({ u: z.string() })), "schema: open string at /u"],
  ["a string bounded in length", jsonSchema(z.strictObject({ u: z.string().max(9) })), "keyword: maxLength at /u"],
  ["a format", jsonSchema(z.strictObject({ u: z.iso.date() })), "keyword: format at /u"],
  [
    "an optional property",
    jsonSchema(z.strictObject({ u: z.enum(["a"]).optional() })),
    "schema: optional property at /u",
  ],
  ["an open object", jsonSchema(z.looseObject({ u: z.literal(1) })), "schema: additional properties at /"],
  ["a record", jsonSchema(z.record(z.string(), z.literal(1))), "keyword: propertyNames at /"],
  ["an unbounded array", jsonSchema(z.array(z.literal(1))), "schema: unbounded array at /"],
  ["an array of too many", jsonSchema(z.array(z.literal(1)).max(65)), "schema: unbounded array at /"],
  ["a tuple", jsonSchema(z.tuple([z.literal(1)])), "keyword: prefixItems at /"],
  ["a reference", { $ref: "#/definitions/x" }, "keyword: $ref at /"],
  ["definitions", { type: "null", definitions: {} }, "keyword: definitions at /"],
  ["unique items", { type: "array", maxItems: 2, items: { const: 1 }, uniqueItems: true }, "keyword: uniqueItems at /"],
  ["an array of anything", { type: "array", maxItems: 2 }, "schema: open value at /"],
  [
    "bounds that cross",
    { type: "array", minItems: 3, maxItems: 2, items: { const: 1 } },
    "array of 3 to 2 entries at /",
  ],
  ["anything", {}, "schema: open value at /"],
  ["an empty enum", { enum: [] }, "schema: empty enum at /"],
  ["an empty oneOf", { oneOf: [] }, "schema: empty oneOf at /"],
  ["several types", jsonSchema(z.enum(["a"]).nullable()), "unsupported schema"],
  [
    "a required property without a schema",
    { type: "object", required: ["u"], additionalProperties: false },
    "open value at /u",
  ],
  [
    "a keyword deep inside",
    jsonSchema(
      z.strictObject({
        a: z.array(z.discriminatedUnion("t", [z.strictObject({ t: z.literal(1), b: z.string() })])).max(2),
      }),
    ),
    "schema: open string at /a/items/0/b",
  ],
];

for (const [name, schema, message] of refused) {
  test(`${name} is refused when the grammar is built`, () => {
    try {
      grammarOf(schema);
      assert.unreachable(`taken: ${JSON.stringify(schema)}`);
    } catch (error) {
      assert.instance(error, LeadlineError);
      assert.is((error as LeadlineError).code, "model-invalid");
      assert.match((error as LeadlineError).message, message);
    }
  });
}

test("a grammar prints as GBNF, equal lists once, properties in order", () => {
  const names = z.enum(['a"b', "c\\d"]);
  const schema = z.strictObject({ t: z.literal("x"), from: names, to: names, all: z.array(names).min(1).max(2) });
  assert.is(
    printGrammar(grammarOf(jsonSchema(schema))),
    [
      `root ::= "{\\"t\\":" "\\"x\\"" ",\\"from\\":" list-1 ",\\"to\\":" list-1 ",\\"all\\":" "[" list-1 ("," list-1)? "]" "}"`,
      `list-1 ::= ("\\"a\\\\\\"b\\"" | "\\"c\\\\\\\\d\\"")`,
      "",
    ].join("\n"),
  );
});

test("every sentence of a grammar is JSON that the schema's zod accepts, 1000 of 1000", () => {
  const schema = z.strictObject({
    flag: z.boolean(),
    none: z.null(),
    classes: z
      .array(
        z.discriminatedUnion("template", [
          z.strictObject({
            template: z.literal("a"),
            n: z.literal([1, 2.5, -3]),
            text: z.enum(["é\u0000", "\ud83d\ude00", '"', "\\"]),
          }),
          z.strictObject({
            template: z.literal("b"),
            inner: z.strictObject({
              m: z
                .array(z.enum(["x", "y"]))
                .min(2)
                .max(4),
            }),
          }),
          z.strictObject({ template: z.literal("c"), empty: z.strictObject({}), none: z.array(z.literal(1)).max(0) }),
        ]),
      )
      .max(5),
  });
  const grammar = grammarOf(jsonSchema(schema));
  const random = mulberry32(1);
  for (let round = 0; round < 1000; round++) schema.parse(JSON.parse(randomSentence(grammar, random)));
});

test("a choice of texts, factored or not, has exactly those texts", () => {
  const name = fc.oneof(
    fc.string({ maxLength: 6 }),
    fc.string({ unit: "grapheme", maxLength: 6 }),
    fc.stringMatching(/^[ab]{0,9}$/),
  );
  const law = fc.property(fc.uniqueArray(name, { minLength: 1, maxLength: 600 }), (names) => {
    const texts = names.map(asciiJson);
    assert.equal([...allSentences(choiceOfTexts(texts))].sort(), [...texts].sort());
    assert.equal(
      texts.map((text) => JSON.parse(text)),
      names,
    );
  });
  fc.assert(law, { seed: 1, numRuns: 60 });
});

test("from 200 names on a choice is a trie: no branch offers two texts with one beginning", () => {
  const names = Array.from({ length: 1000 }, (_, at) => `event_${at}`);
  const node = choiceOfTexts(names);
  const printed = JSON.stringify(node);
  assert.is(printed.split("event_").length - 1, 1);
  assert.equal([...allSentences(node)].sort(), [...names].sort());
  assert.is(choiceOfTexts(names.slice(0, 199)).kind, "choice");
});

test("texts that are no printable ASCII, and choices of nothing, are mistakes of the caller", () => {
  assert.throws(() => choiceOfTexts(["é"]), /invalid grammar text/);
  assert.throws(() => choiceOfTexts([]), /invalid choice/);
});

test.run();
