import fc from "fast-check";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { LeadlineError } from "../../errors.js";
import { mapTokens, type TokenMap } from "../../planner/tokens.js";

const test = suite("mapTokens");
const noColumn = (): undefined => undefined;

function matches(pattern: string, name: string): boolean {
  return (
    mapTokens([name], [{ kind: "match", pattern, token: "yes" }], [], noColumn).tokens[0]?.text === "yes" &&
    name !== "yes"
  );
}

const globs: readonly (readonly [pattern: string, name: string, matches: boolean])[] = [
  ["error", "error", true],
  ["error", "errors", false],
  ["error_*", "error_card", true],
  ["error_*", "error_", true],
  ["error_*", "error", false],
  ["*_error", "card_error", true],
  ["*_error", "card_errors", false],
  ["*", "", true],
  ["*", "anything", true],
  ["a*b*c", "abc", true],
  ["a*b*c", "a b b c", true],
  ["a*b*c", "acb", false],
  ["a*bc*c", "abc", false],
  ["aba*aba", "aba", false],
  ["a.c", "abc", false],
  ["a?c", "abc", false],
  ["[ab]", "a", false],
  ["(", "(", true],
  ["a*", "b a", false],
  ["*é*", "caféteria", true],
  ["**", "x", true],
  ["line*break", "line\nbreak", true],
];

for (const [pattern, name, expected] of globs) {
  test(`${pattern} ${expected ? "matches" : "does not match"} ${JSON.stringify(name)}`, () =>
    assert.is(matches(pattern, name), expected));
}

test("a pattern matches as the same regular expression does", () => {
  const letters = fc.string({ unit: fc.constantFrom("a", "b", "*", "."), maxLength: 7 });
  fc.assert(
    fc.property(letters, fc.string({ unit: fc.constantFrom("a", "b", "."), maxLength: 9 }), (pattern, name) => {
      const expression = pattern
        .split("*")
        .map((part) => part.replaceAll(".", "\\."))
        .join(".*");
      assert.is(matches(pattern, name), new RegExp(`^${expression}$`).test(name));
    }),
    { seed: 1, numRuns: 2_000 },
  );
});

test("a pattern of many stars takes no time that grows beyond its length", () => {
  assert.not(matches(`${"*a".repeat(200)}*b`, "a".repeat(20_000)));
});

test("the first rule that matches counts, and names without one are their own tokens", () => {
  const { tokens, ofName, ignored } = mapTokens(
    ["error_card", "error_form", "home", "ping"],
    [
      { kind: "match", pattern: "*_card", token: "card" },
      { kind: "match", pattern: "error_*", token: "error" },
    ],
    ["p*", "home"],
    noColumn,
  );
  assert.equal(
    tokens.map(({ text, names }) => [text, names]),
    [
      ["card", [0]],
      ["error", [1]],
      ["home", [2]],
      ["ping", [3]],
    ],
  );
  assert.equal(ofName, [0, 1, 2, 3]);
  assert.equal(ignored, [false, false, true, true]);
});

test("several names may become one token, and a name may become another's", () => {
  const { tokens, ofName } = mapTokens(["a", "b", "c"], [{ kind: "match", pattern: "b", token: "c" }], [], noColumn);
  assert.equal(
    tokens.map(({ text, names }) => [text, names]),
    [
      ["a", [0]],
      ["c", [1, 2]],
    ],
  );
  assert.equal(ofName, [0, 1, 1]);
});

/** The token of an event of a refined name, by the codes of its attributes. */
function refinedText({ tokens, refined }: TokenMap, codes: readonly number[]): string | undefined {
  const rule = refined[0]!;
  const offset = rule.columns.reduce((sum, { stride }, at) => sum + stride * codes[at]!, 0);
  return tokens[rule.base + offset]?.text;
}

test("a name with attributes has a token for each of their values, and one for each that is missing", () => {
  const dictionaries: Record<string, (string | number | boolean)[]> = { status: [200, 500], ok: [false, true] };
  const map = mapTokens(
    ["api", "home"],
    [{ kind: "attributes", event: "api", attributes: ["status", "ok"] }],
    [],
    (column) => dictionaries[column],
  );
  assert.is(map.tokens.length, 3 * 3 + 1);
  assert.is(map.ofName[0], map.refined[0]?.base);
  assert.is(refinedText(map, [0, 0]), "api");
  assert.is(refinedText(map, [1, 0]), "api{status=200}");
  assert.is(refinedText(map, [0, 2]), "api{ok=true}");
  assert.is(refinedText(map, [2, 1]), "api{status=500,ok=false}");
  assert.is(map.tokens[map.ofName[1]!]?.text, "home");
  assert.is(new Set(map.tokens.map(({ text }) => text)).size, map.tokens.length);
});

function refusal(make: () => unknown): LeadlineError {
  try {
    make();
  } catch (error) {
    assert.instance(error, LeadlineError);
    return error as LeadlineError;
  }
  throw new Error("no error");
}

test("an attribute that the data do not have, or of too many values, is refused", () => {
  const rules = [{ kind: "attributes" as const, event: "api", attributes: ["status", "path"] }];
  const unknown = refusal(() => mapTokens(["api"], rules, [], noColumn));
  assert.is(unknown.code, "study-invalid");
  assert.match(unknown.message, "unknown attribute: status");
  const values = Array.from({ length: 200 }, (_, at) => at);
  const many = refusal(() => mapTokens(["api"], rules, [], () => values));
  assert.is(many.code, "study-invalid");
  assert.match(many.message, "api with status, path would make over 10000 tokens");
  // a rule of an event that never happens is no reason to stop
  assert.is(mapTokens(["home"], rules, [], noColumn).tokens.length, 1);
});

test("tokens of different rules have different texts", () => {
  const clash = (): TokenMap =>
    mapTokens(
      ["api", "rest"],
      [
        { kind: "attributes", event: "api", attributes: ["status"] },
        { kind: "match", pattern: "rest", token: "api{status=500}" },
      ],
      [],
      () => [200, 500],
    );
  assert.throws(clash, (error: unknown) => error instanceof LeadlineError && error.code === "study-invalid");
});

test("values that look like more than one are told apart", () => {
  const dictionaries: Record<string, string[]> = { a: ["1,b=2", "1"], b: ["2"] };
  const { tokens } = mapTokens(
    ["e"],
    [{ kind: "attributes", event: "e", attributes: ["a", "b"] }],
    [],
    (column) => dictionaries[column],
  );
  assert.is(new Set(tokens.map(({ text }) => text)).size, tokens.length);
});

test.run();
