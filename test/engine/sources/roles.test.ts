import { test } from "uvu";
import * as assert from "uvu/assert";
import type { SourceSchema } from "../../../engine/sources/chunk.js";
import { guessRoles, type Roles } from "../../../engine/sources/roles.js";
import { failsWith } from "./chunk-values.js";

const schemaOf = (...names: string[]): SourceSchema => ({
  columns: names.map((name) => ({ name, type: "unknown", detail: "CSV" })),
});

const table: readonly (readonly [names: string[], stated: Partial<Roles>, expected: Roles])[] = [
  [["user_id", "session_id", "ts", "name"], {}, { user: "user_id", session: "session_id", time: "ts", event: "name" }],
  [
    ["userId", "sessionId", "eventTime", "eventName"],
    {},
    { user: "userId", session: "sessionId", time: "eventTime", event: "eventName" },
  ],
  [["USER ID", "Timestamp", "Event"], {}, { user: "USER ID", time: "Timestamp", event: "Event" }],
  [["case_id", "activity", "timestamp"], {}, { session: "case_id", time: "timestamp", event: "activity" }],
  [["trace_id", "name", "time", "type"], {}, { session: "trace_id", time: "time", event: "name" }],
  [["name", "event", "uid", "created_at", "ts"], {}, { user: "uid", time: "ts", event: "event" }],
  [["user.id", "at", "type"], {}, { user: "user.id", time: "at", event: "type" }],
  [["device_id", "user_id", "ts", "event"], {}, { user: "user_id", time: "ts", event: "event" }],
  [["ts", "event", "user_id", "who"], { user: "who" }, { user: "who", time: "ts", event: "event" }],
  [
    ["ts", "event", "action", "user_id"],
    { session: "event" },
    { user: "user_id", session: "event", time: "ts", event: "action" },
  ],
];

for (const [names, stated, expected] of table) {
  test(`guessRoles of ${names.join(", ")} with ${JSON.stringify(stated)}`, () => {
    assert.equal({ ...guessRoles(schemaOf(...names), stated) }, expected);
  });
}

test("the order of the columns does not matter", () => {
  const names = ["name", "type", "event", "ts", "time", "uid", "client_id", "sid", "request_id"];
  assert.equal(guessRoles(schemaOf(...names), {}), guessRoles(schemaOf(...names.reverse()), {}));
});

const failures: readonly (readonly [name: string, names: string[], stated: Partial<Roles>, ...fragments: string[]])[] =
  [
    ["no time", ["user_id", "event"], {}, "missing column: the event's time", "user_id, event"],
    ["no event", ["user_id", "ts"], {}, "missing column: the event's name", "user_id, ts"],
    ["neither user nor session", ["event", "ts"], {}, "missing column: user or session"],
    [
      "a stated column that is not there",
      ["user_id", "ts", "event"],
      { time: "when" },
      "missing column: when",
      "events.columns.time",
      "user_id, ts, event",
    ],
  ];

for (const [name, names, stated, ...fragments] of failures) {
  test(`${name} is an error that lists the columns`, async () => {
    await failsWith(
      Promise.resolve().then(() => guessRoles(schemaOf(...names), stated)),
      "study-invalid",
      ...fragments,
    );
  });
}

test("a column that cannot be read has no role", async () => {
  const schema: SourceSchema = {
    columns: [...schemaOf("ts", "user_id").columns, { name: "event", type: "unsupported", detail: "a list" }],
  };
  await failsWith(
    Promise.resolve().then(() => guessRoles(schema, {})),
    "study-invalid",
    "the event's name",
  );
});

test.run();
