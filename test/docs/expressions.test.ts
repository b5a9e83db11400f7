import { rmSync } from "node:fs";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { PageFolder, textOf } from "./blocks.js";

const test = suite("the examples of docs/EXPRESSIONS.md over data");

const page = textOf("docs/EXPRESSIONS.md");
const folder = new PageFolder();
test.after(() => rmSync(folder.path, { recursive: true }));

/** The first cells of the table under a heading. */
function examples(heading: string): readonly string[] {
  const section = page.split(`\n## ${heading}\n`)[1]?.split("\n## ")[0] ?? "";
  return [...section.matchAll(/^\| (?:`` ?(?<double>.+?) ?``|`(?<single>[^`]+)`) +\|/gm)].map(
    ({ groups }) => groups?.["double"] ?? groups?.["single"] ?? "",
  );
}

// events and columns of all names that the examples use
const names = [
  ...["buy_plan", "Click on buy", "api_call", "search", "web_cors_error", "a", "b", "c", "rebuffer", "close", "play"],
  ...["rate", "payment_complete", "error", "retry", "crash", "pay", "rebuffer_start", "rebuffer_end", "login"],
];
const header = "user,session,ts,event,status,region,ok,os,failed,user agent,ms,cpu,method,price.net,x,y";
const rows = [0, 1, 2, 3].flatMap((session) =>
  names.map((event, at) => {
    const ts = new Date(Date.UTC(2026, 10, 16, session * 5) + (at * (session + 1) + session) * 1000).toISOString();
    const values = [500 + session, "eu", session % 2 === 0, session < 2 ? "ios" : "android", session === 1, "m"];
    return [`u${session % 2}`, `s${session}`, ts, event, ...values, at, at / 2, "sms", 9.5, session, 2].join(",");
  }),
);
folder.write("events.csv", `${[header, ...rows].join("\n")}\n`);
folder.write("backend.csv", "minute,cpu\n2026-11-16T00:00:00Z,80\n2026-11-16T05:00:00Z,40\n");
folder.write(
  "study.yaml",
  `events: { files: events.csv }
tables:
  backend: { file: backend.csv, time: minute, columns: [cpu], within: 1h }
kpis:
  - name: payment_conversion
    failure: not (buy_plan -> payment_complete within 10s)
`,
);

for (const heading of ["Conditions", "Values"]) {
  test(`${heading.toLowerCase()} are columns of the sessions`, () => {
    const texts = examples(heading);
    const quoted = texts.map((text) => `'${text}'`).join(" ");
    const { status, output } = folder.run(`leadline columns --out ${heading}.csv --quiet -- study.yaml ${quoted}`);
    assert.is(status, 0, output);
    assert.is(folder.read(`${heading}.csv`).trim().split("\n").length, 5);
  });
}

test.run();
