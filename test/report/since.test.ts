import { suite } from "uvu";
import * as assert from "uvu/assert";
import { readResult, serialiseResult } from "../../report/json.js";
import { compareResults } from "../../report/since.js";
import { formatResult } from "../../report/terminal.js";
import { anOpportunity, aResult } from "./a-result.js";

const test = suite("compareResults");
const effect = (difference: number) => ({
  ...anOpportunity().effect,
  difference,
  low: difference - 0.05,
  high: difference + 0.05,
});

const earlier = aResult({
  title: "Last week",
  opportunities: [
    anOpportunity({ id: "same", effect: effect(0.2) }),
    anOpportunity({ id: "rose", effect: effect(0.2) }),
    anOpportunity({ id: "fell", effect: effect(0.4) }),
    anOpportunity({ id: "into", hypothesis: "short" }),
    anOpportunity({ id: "away", hypothesis: "page_leave", cohort: { os: "ios" } }),
    anOpportunity({ id: "moved", hypothesis: "elsewhere", cohort: {} }),
    anOpportunity({ id: "kpi", kpi: "dropped_kpi" }),
    anOpportunity({ id: "lost", hypothesis: "no_more" }),
  ],
});
const now = aResult({
  opportunities: [
    anOpportunity({ id: "same", effect: effect(0.22), folded: ["short"], hypothesis: "long => short" }),
    anOpportunity({ id: "rose", effect: effect(0.5) }),
    anOpportunity({ id: "fell", effect: effect(0.1) }),
    anOpportunity({ id: "fresh", hypothesis: "elsewhere" }),
  ],
});
const compared = compareResults(now, earlier);

test("each opportunity is new, ongoing, worse or better, by the interval of the change", () => {
  assert.equal(
    compared.opportunities.map(({ id, status }) => [id, status]),
    [
      ["same", "ongoing"],
      ["rose", "worse"],
      ["fell", "better"],
      ["fresh", "new"],
    ],
  );
  const [, rose, , fresh] = compared.opportunities;
  assert.ok(Math.abs((rose?.change?.difference ?? 0) - 0.3) < 1e-12);
  assert.is(fresh?.change, undefined);
  assert.match(rose?.statement ?? "", /; worse than in the earlier result\.$/);
});

test("what is gone is listed with where it went", () => {
  assert.equal(
    compared.since?.gone.map(({ id, why }) => [id, why]),
    [
      ["into", "folded into long => short (same) now"],
      ["away", "explained away now: tells of the outcome"],
      ["moved", "reported of other sessions now, as fresh"],
      ["kpi", "the KPI dropped_kpi is not in this study"],
      ["lost", "no longer found"],
    ],
  );
});

test("a compared result is written and read again, and the terminal lists what is gone", () => {
  assert.equal(readResult(serialiseResult(compared), "r.json"), compared);
  const text = formatResult(compared, { width: 100, colour: false });
  assert.match(text, "Gone since the earlier result (5)");
  assert.match(text, "no_more on payment among os=ios: no longer found");
});

test("against itself everything is ongoing and nothing is gone", () => {
  const { opportunities, since } = compareResults(now, now);
  assert.ok(opportunities.every(({ status }) => status === "ongoing"));
  assert.equal(since?.gone, []);
});

test.run();
