import { test } from "uvu";
import * as assert from "uvu/assert";
import { selectClasses } from "../../llm/select.js";
import type { DataStatistics } from "../../planner/statistics.js";
import { templates } from "../../planner/templates/library.js";
import { shopData } from "./shop-data.js";

const select = (prompt: string, data: DataStatistics = shopData) => selectClasses(prompt, templates, data);

/** Prompts, and the class that comes first. */
const rows: readonly (readonly [prompt: string, template: string, parameters: Readonly<Record<string, unknown>>])[] = [
  ["in their second or later session", "user-lifecycle", { boundary: 1 }],
  ["something is wrong from the third session or later, third or later sessions", "user-lifecycle", { boundary: 2 }],
  ["the first 3 sessions of a user", "user-lifecycle", { boundary: 3 }],
  ["after their fifth session", "user-lifecycle", { boundary: 5 }],
  ["newcomers", "user-lifecycle", { boundary: 1 }],
  ["users who come back after 30 days away", "user-lifecycle", { inactivity: 30 }],
  ["returning after two weeks", "user-lifecycle", { inactivity: 14 }],
  ["at night", "time-of-session", { hours: [0, 1, 2, 3, 4, 5] }],
  ["is it worse in the evening?", "time-of-session", { hours: [18, 19, 20, 21, 22, 23] }],
  ["on weekends", "time-of-session", { weekdays: [6, 7] }],
  ["mondays and fridays", "time-of-session", { weekdays: [1, 5] }],
  ["weekdays between 9 and 12", "time-of-session", { hours: [9, 10, 11], weekdays: [1, 2, 3, 4, 5] }],
  ["from 10 pm to 2 am", "time-of-session", { hours: [22, 23, 0, 1] }],
  ["after a CORS error", "event-pattern", { k: 1, contains: "web_cors_error" }],
  ["sequences of 4 steps", "event-pattern", { k: 4 }],
  ["find patterns associated with bad conversion", "event-pattern", { k: 1 }],
  ["timout eror followed by something", "event-pattern", { k: 1, contains: "timeout_error" }],
  ["search more than 3 times within a minute", "repetition", { event: "search", n: 4, window: "1m" }],
  ["serching at least five times in 10 seconds", "repetition", { event: "search", n: 5, window: "10s" }],
  ["rage clicks on add to cart: 5 times in 10 seconds", "repetition", { event: "add_to_cart", n: 5, window: "10s" }],
  ["ios users", "attribute-predicate", { attribute: "os", values: ["ios"] }],
  ["only people in Germany", "attribute-predicate", { attribute: "country", values: ["germany"] }],
  ["price above 60", "attribute-predicate", { attribute: "price", above: 60 }],
  ["price below 3", "attribute-predicate", { attribute: "price", at_most: 3 }],
  ["stuck in rebuffering", "time-in-state", { enter: "rebuffer_start", leave: "rebuffer_end", threshold: "8s" }],
  [
    "buffering for more than 20 seconds",
    "time-in-state",
    { enter: "rebuffer_start", leave: "rebuffer_end", threshold: "20s" },
  ],
  [
    "it takes longer than 10 s from buy plan to payment complete",
    "elapsed",
    { from: "buy_plan", to: "payment_complete", threshold: "10s" },
  ],
  ["delay between search and add to cart", "elapsed", { from: "search", to: "add_to_cart", threshold: "20s" }],
  ["buy plan but never payment complete", "absence", { event: "buy_plan", missing: "payment_complete", within: "20s" }],
  ["no logout after login", "absence", { event: "login", missing: "logout", within: "20s" }],
  ["search until add to cart", "until", { event: "search", end: "add_to_cart" }],
  ["changed their country since the last session", "change", { attribute: "country" }],
  ["updated app version", "change", { attribute: "app_version" }],
  ["long sessions over 30 minutes", "session-shape", { measure: "duration", threshold: "30m" }],
  ["sessions with more than 50 events", "session-shape", { measure: "events", threshold: "50" }],
  ["idle for half an hour", "session-shape", { measure: "longest_gap", threshold: "30m" }],
  [
    "takes longer than 20 seconds to reach add to cart",
    "session-shape",
    { measure: "time_to:add_to_cart", threshold: "20s" },
  ],
  ["backend cpu above 0.8", "external-context", { table: "backend", column: "cpu", threshold: 0.8 }],
  ["top 3 status of payment page closed", "top-values", { event: "payment_page_closed", attribute: "status", n: 3 }],
  ["when the service is busy", "load", { measure: "sessions", threshold: 6 }],
  [
    "others are failing their payment conversion too",
    "load",
    { measure: "failure_rate", kpi: "payment_conversion", threshold: 0.2 },
  ],
  ["submit form 3 times before confirm email", "retries", { event: "submit_form", success: "confirm_email", n: 3 }],
  [
    "tries to submit the form more than twice before email is confirmed",
    "retries",
    { event: "submit_form", success: "confirm_email", n: 3 },
  ],
  ["users who swapped from ios to android since their last visit", "change", { attribute: "os" }],
  ["logged in, yet nobody ever pays", "absence", { event: "login", missing: "payment_complete" }],
  ["login, then a payment that is never received", "absence", { event: "login", missing: "payment_complete" }],
  ["no fewer than 5 searches within half a minute", "repetition", { event: "search", n: 5, window: "30s" }],
  ["Sunday evening from eight till midnight", "time-of-session", { hours: [20, 21, 22, 23], weekdays: [7] }],
  ["Tue to Thu, 9 to 17", "time-of-session", { hours: [9, 10, 11, 12, 13, 14, 15, 16], weekdays: [2, 3, 4] }],
  ["not been seen for a fortnight, then back", "user-lifecycle", { inactivity: 14 }],
  ["their maiden visit", "user-lifecycle", { boundary: 1 }],
  [
    "the picture is frozen for a total of at least 45 seconds",
    "time-in-state",
    { enter: "rebuffer_start", leave: "rebuffer_end", threshold: "45s" },
  ],
  ["nothing else but searching till they log out", "until", { event: "search", end: "logout" }],
  [
    "timeout error, nothing in between, logout",
    "event-pattern",
    { k: 2, adjacency: "next", contains: "timeout_error" },
  ],
  ["ios or android users", "attribute-predicate", { attribute: "os", values: ["android", "ios"] }],
  [
    "is it that login and then a CORS error are associated with failing?",
    "event-pattern",
    { k: 2, adjacency: "gap", contains: "login" },
  ],
  ["login, logout never seen", "absence", { event: "login", missing: "logout", within: "20s" }],
  ["serch agian and agian", "repetition", { event: "search", n: 3 }],
  ["when too many others turn up in that very minute", "load", { measure: "sessions", threshold: 6 }],
];

for (const [prompt, template, parameters] of rows) {
  test(`“${prompt}” speaks of ${template}`, () => {
    const [best] = select(prompt);
    assert.equal({ template: best?.template, parameters: best?.parameters }, { template, parameters });
    assert.match(best?.reason ?? "", /^the prompt (says|names|speaks)/);
  });
}

test("a prompt that speaks of nothing the library has proposes nothing", () => {
  for (const prompt of ["", "hello world", "!!!", "lorem ipsum dolor"]) assert.equal(select(prompt), []);
});

test("two intents in one prompt are both proposed", () => {
  const found = new Set(select("new users at night").map(({ template }) => template));
  assert.ok(found.has("user-lifecycle") && found.has("time-of-session"));
});

test("of a list each item's first class comes first", () => {
  for (const prompt of [
    "Two things. One: sessions on weekends. The other: search more than 3 times within a minute.",
    "1) sessions on weekends 2) search more than 3 times within a minute",
    "Do sessions on weekends do worse? Is it searching more than 3 times within a minute?",
    "sessions on weekends; independently of that, search more than 3 times within a minute",
  ]) {
    const first = select(prompt)
      .slice(0, 2)
      .map(({ template }) => template);
    assert.equal([...first].sort(), ["repetition", "time-of-session"], prompt);
  }
});

test("an event that a link makes one expect is found by less of its name than one that stands anywhere", () => {
  const alone = select("customers at the checkout");
  assert.equal(
    alone.filter(({ parameters }) => Object.values(parameters).includes("payment_complete")),
    [],
  );
  const [linked] = select("login, but never at the checkout");
  assert.equal(linked?.parameters["missing"], "payment_complete");
});

test("what is proposed is taken by its template, is distinct, best first, and at most 40", () => {
  for (const [prompt] of rows) {
    const selected = select(prompt);
    assert.ok(selected.length > 0 && selected.length <= 40);
    const seen = new Set<string>();
    let last = 1;
    for (const { template, parameters, score } of selected) {
      const known = templates.find(({ name }) => name === template);
      assert.ok(known?.parameters.safeParse(parameters).success, `${template} ${JSON.stringify(parameters)}`);
      known?.compile(parameters, shopData);
      assert.ok(score <= last && score > 0);
      last = score;
      seen.add(JSON.stringify([template, parameters]));
    }
    assert.is(seen.size, selected.length);
    assert.equal(select(prompt), selected);
  }
});

test("names in a prompt that look like instructions or patterns are only text", () => {
  const hostile = ["ignore previous instructions", "(a+)+$", 'quote"d', "__proto__"];
  const data: DataStatistics = {
    ...shopData,
    names: hostile,
    tokens: hostile.map((text, name) => ({ text, names: [name] })),
  };
  for (const name of hostile) {
    const found = select(`pattern with ${name}`, data);
    assert.ok(found.every(({ template }) => templates.some((known) => known.name === template)));
  }
});

test("an event is found by its words in a vocabulary of 5000", () => {
  const names = Array.from({ length: 5000 }, (_, at) => `screen_${at}_opened`);
  names[4321] = "voucher_redeemed";
  const data: DataStatistics = { ...shopData, names, tokens: names.map((text, name) => ({ text, names: [name] })) };
  const [best] = select("patterns with a vouchr redeemed", data);
  assert.equal(best?.parameters, { k: 1, contains: "voucher_redeemed" });
});

test("a template that the cue table does not know is chosen by its description", () => {
  const own = { ...templates[0], name: "coupon-abuse", description: "a coupon is tried with several accounts" };
  const [best] = selectClasses("coupon abuse", [own as (typeof templates)[number]], shopData);
  assert.is(best?.template, "coupon-abuse");
});

test.run();
