import { readFileSync } from "node:fs";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import {
  defaultSettings,
  type Settings,
  settingDefinitions,
  settingsMarkdown,
  settingsSchema,
} from "../../planner/settings.js";

const test = suite("settings");

test("docs/SETTINGS.md is what the table says", () => {
  const page = readFileSync(new URL("../../../docs/SETTINGS.md", import.meta.url), "utf8");
  assert.is(page, settingsMarkdown(), "run node tools/write-settings.mjs");
});

test("every default lies in its own range", () => {
  const written = Object.entries(defaultSettings()).map(([name, value]) => [
    name,
    settingDefinitions[name as keyof Settings].unit === "ms" ? `${value}ms` : value,
  ]);
  assert.equal(settingsSchema.parse(Object.fromEntries(written)), defaultSettings());
});

test("what is not given has its default", () => {
  assert.equal(settingsSchema.parse({ min_users: 7, session_gap_default: "1h" }), {
    ...defaultSettings(),
    min_users: 7,
    session_gap_default: 3_600_000,
  });
});

const refused: readonly (readonly [name: string, value: unknown, ...fragments: readonly string[]])[] = [
  ["min_usres", 5, "unknown key: min_usres; did you mean min_users?", "allowed: top, "],
  ["min_users", 1.5, "found 1.5", "a whole number, 1 or more"],
  ["min_users", 0, "found 0"],
  ["min_users", "20", 'found "20"'],
  ["burn_in", 0.95, "a number, 0 to 0.9"],
  ["leak_precision", Number.NaN, "a number, 0.5 to 1"],
  ["sequence_min_ratio", Number.POSITIVE_INFINITY, "a number, 1 or more"],
  ["session_gap_default", 1800, "a duration, 1ms to 365d"],
  ["session_gap_default", "0s", "a duration"],
];

for (const [name, value, ...fragments] of refused) {
  test(`refused: ${name} = ${JSON.stringify(value)}`, () => {
    const message = settingsSchema.safeParse({ [name]: value }).error?.issues[0]?.message ?? "accepted";
    for (const fragment of fragments) assert.ok(message.includes(fragment), message);
  });
}

test.run();
