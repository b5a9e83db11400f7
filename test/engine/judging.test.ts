/** The passes that judging is made of, against their definitions. */
import fc from "fast-check";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { ageOf, countExposure, type ExposureInput, originOf } from "../../engine/passes/exposure.js";
import { FAILING, NOT_COUNTED } from "../../engine/passes/segment.js";
import { type StrataInput, sumStrata } from "../../engine/passes/strata.js";
import { buildAutomaton } from "../../kernels/aho-corasick.js";
import { buildPrefixTree } from "../../kernels/prefix-span.js";
import { insertStratum, stratumSumsLength } from "../../kernels/stratum-sums.js";
import { compileBoolean } from "../../planner/compile.js";
import { parseExpression } from "../../planner/expression/parse.js";
import { knownAtStart } from "../../planner/known.js";
import { PlanBuilder } from "../../planner/plan.js";
import { type SmallEvent, smallTable } from "./operators/evaluating.js";

const settings = { seed: 1, numRuns: 150 };
const counter = (): Int32Array => new Int32Array(new SharedArrayBuffer(4));

/** Users with sessions, each with events some seconds apart, a state, and where in it that is decided. */
const worlds = fc.array(
  fc.array(
    fc.record({
      events: fc.array(fc.record({ name: fc.constantFrom("a", "b", "c"), seconds: fc.integer({ min: 1, max: 4 }) }), {
        minLength: 1,
        maxLength: 8,
      }),
      state: fc.constantFrom(NOT_COUNTED, 1, FAILING),
      decided: fc.nat(8),
      compared: fc.boolean(),
    }),
    { minLength: 1, maxLength: 4 },
  ),
  { minLength: 1, maxLength: 5 },
);

/** Bits of sessions, partition by partition of one user each. */
function bitsOf(users: readonly (readonly boolean[])[]): { words: Uint32Array; wordOffsets: Uint32Array } {
  const words = Uint32Array.from(users, (sessions) => sessions.reduce((sum, is, at) => sum + (is ? 2 ** at : 0), 0));
  return { words, wordOffsets: Uint32Array.from({ length: users.length + 1 }, (_, at) => at) };
}

test("at each age the sessions at risk and those decided are told apart by what has happened before it", () => {
  fc.assert(
    fc.property(worlds, fc.option(fc.integer({ min: 1, max: 20 })), fc.nat(12), (users, deadline, horizon) => {
      const sessions = users.flatMap((own, user) => own.map((session, at) => ({ ...session, user, at })));
      const table = smallTable(
        sessions.flatMap(({ events, user, at }) => {
          let time = at * 1_000_000;
          return events.map(({ name, seconds }): SmallEvent => {
            time += seconds * 1000;
            return { user: `u${user}`, session: `u${user}s${at}`, time, name, os: null, ms: null };
          });
        }),
      );
      const { view, data } = table;
      fc.pre(["a", "b"].every((name) => data.names.includes(name)));
      const plan = new PlanBuilder();
      const texts = ["count(a) >= 2", "not b", "a -> not b within 2500ms"];
      const nodes = texts.map((text) =>
        compileBoolean({ expression: parseExpression(text), text, where: "test" }, plan, data),
      );
      const state = Uint8Array.from(sessions, (session) => session.state);
      const offsets = view.sessionOffsets;
      const evidenceEnd = Uint32Array.from(
        sessions,
        ({ decided, events }, at) => offsets[at]! + Math.min(decided, events.length),
      );
      const deadlineMs = deadline === null ? null : deadline * 1000;
      const bounds = Float64Array.of(0, 2000, 5000, 9000);
      const kpi = { state, evidenceEnd, anchor: null, deadlineMs, bounds, horizonMs: horizon * 1000 };
      const { words, wordOffsets } = bitsOf(users.map((own) => own.map((s) => s.compared && s.state !== NOT_COUNTED)));
      const symbolOf = (name: string) => data.names.indexOf(name) + 1;
      const input: ExposureInput = {
        table: view,
        nodes: plan.nodes,
        atStart: knownAtStart(plan.nodes),
        given: [],
        partitions: Uint32Array.from({ length: users.length + 1 }, (_, at) => at),
        next: counter(),
        kpis: [kpi],
        automaton: buildAutomaton(
          Uint16Array.of(symbolOf("a"), symbolOf("b")),
          Uint32Array.of(0, 2),
          data.names.length + 1,
        ),
        sequences: [
          {
            tree: buildPrefixTree(Uint16Array.of(1, 2), Uint32Array.of(0, 2), 3),
            sequences: 1,
            spacing: { adjacent: false, withinMs: 3000 },
            symbolOf: Uint16Array.from([0, ...data.names, ""], (name) => ["a", "b"].indexOf(`${name}`) + 1),
            skip: data.names.length + 1,
          },
        ],
        symbols: Uint16Array.from(view.name, (code) => code + 1),
        subjects: [...nodes.map((node) => ({ node })), { pattern: 0 }, { set: 0, sequence: 0 }],
        totals: [{ kpi: 0, compared: words }],
        entries: [0, 1, 2, 3, 4].map((subject) => ({ subject, total: 0 })),
        wordOffsets,
        bins: 4,
      };
      const found = countExposure(input);
      const binOf = (age: number) => bounds.findLastIndex((bound) => bound <= age);
      // when each comes to hold, and when it ceases to
      const stretch = (subject: number, at: number): readonly [number, number] => {
        const rows = table.sessions[at]!.events;
        const as = rows.filter(({ name }) => name === "a").map(({ time }) => time);
        const bs = rows.filter(({ name }) => name === "b").map(({ time }) => time);
        const vain = as.find((time) => !bs.some((b) => b > time && b <= time + 2500));
        const pair = rows.find(({ name }, i) => name === "b" && rows[i - 1]?.name === "a");
        const apart = bs.find((b) => as.some((time) => time < b && b <= time + 3000));
        const never = Number.POSITIVE_INFINITY;
        if (subject === 4) return [apart ?? never, never];
        if (subject === 0) return [as[1] ?? never, never];
        if (subject === 1) return [Number.NEGATIVE_INFINITY, bs[0] ?? never];
        return [subject === 2 ? (vain === undefined ? never : vain + 2500) : (pair?.time ?? never), never];
      };
      for (let subject = 0; subject < 5; subject++) {
        const expected = { on: [0, 0, 0, 0], events: [0, 0, 0, 0, 0, 0, 0, 0], equal: [0, 0] };
        for (const [at, session] of sessions.entries()) {
          if (!session.compared || session.state === NOT_COUNTED) continue;
          const origin = originOf(kpi, view, at);
          const decidedIn = binOf(ageOf(kpi, view, at, origin));
          const [from, until] = stretch(subject, at);
          const fails = session.state === FAILING ? 1 : 0;
          // as a bin begins: what came in the bins before it has happened, and what came at the origin
          const began = (moment: number, bin: number) => moment - origin <= 0 || binOf(moment - origin) < bin;
          const isOn = (bin: number) => from < until && began(from, bin) && !began(until, bin);
          for (let bin = 0; bin <= decidedIn; bin++) if (isOn(bin)) expected.on[bin]!++;
          if (isOn(decidedIn)) expected.events[fails * 4 + decidedIn]!++;
          if (from - origin <= kpi.horizonMs && until - origin > kpi.horizonMs) {
            expected.equal[0]!++;
            expected.equal[1]! += fails;
          }
        }
        let on = 0;
        const atRisk = [...found.switched.subarray(subject * 5, subject * 5 + 4)].map((change) => (on += change | 0));
        assert.equal(atRisk, expected.on, `at risk: ${subject}`);
        assert.equal(
          [...found.decidedOn.subarray(subject * 8, subject * 8 + 8)],
          expected.events,
          `decided: ${subject}`,
        );
        assert.equal([...found.equalTime.subarray(subject * 2, subject * 2 + 2)], expected.equal, `equal: ${subject}`);
      }
      const counted = sessions.filter((session) => session.compared && session.state !== NOT_COUNTED).length;
      assert.is(
        found.decided.reduce((sum, count) => sum + count, 0),
        counted,
      );
    }),
    settings,
  );
});

test("sums within strata are those of their tables, whatever the turns", () => {
  const session = fc.record({
    first: fc.nat(2),
    second: fc.nat(3),
    value: fc.integer({ min: 0, max: 9 }),
    fails: fc.boolean(),
    compared: fc.boolean(),
    member: fc.boolean(),
  });
  const partitions = fc.array(fc.array(session, { minLength: 1, maxLength: 20 }), { minLength: 1, maxLength: 4 });
  fc.assert(
    fc.property(partitions, fc.boolean(), (parts, isNumeric) => {
      const all = parts.flat();
      const compared = bitsOf(parts.map((own) => own.map((each) => each.compared)));
      const members = bitsOf(parts.map((own) => own.map((each) => each.compared && each.member)));
      const sessionStarts = new Uint32Array(parts.length + 1);
      for (const [at, own] of parts.entries()) sessionStarts[at + 1] = sessionStarts[at]! + own.length;
      const first = Uint8Array.from(all, (each) => each.first);
      const second = Uint16Array.from(all, (each) => each.second);
      const input: StrataInput = {
        kpis: [
          {
            state: Uint8Array.from(all, ({ fails }) => (fails ? FAILING : 1)),
            outcome: isNumeric ? Float64Array.from(all, ({ value }) => value) : null,
          },
        ],
        stratifications: [
          { codes: first, second: null, levels: 3 },
          { codes: first, second: { codes: second, width: 4 }, levels: 12 },
          { codes: Uint32Array.from(second), second: null, levels: 4 },
          { codes: second, second: null, levels: 4 },
        ],
        totals: [
          { kpi: 0, compared: compared.words, by: [0, 1, 2, 3], members: [members.words, members.words] },
          { kpi: 0, compared: compared.words, by: [2], members: [] },
          { kpi: 0, compared: compared.words, by: [0, 1, 3], members: [] },
        ],
        sessionStarts,
        wordOffsets: compared.wordOffsets,
        next: counter(),
        taken: new Float64Array(8),
        sums: new Float64Array(8 * stratumSumsLength),
      };
      sumStrata(input);
      const y = (each: (typeof all)[number]) => (isNumeric ? each.value : each.fails ? 1 : 0);
      const level = [
        (each: (typeof all)[number]) => each.first,
        (each: (typeof all)[number]) => each.first * 4 + each.second,
        (each: (typeof all)[number]) => each.second,
        (each: (typeof all)[number]) => each.second,
      ];
      for (const [pair, of] of level.entries()) {
        const expected = new Float64Array(stratumSumsLength);
        const tables = new Map<number, number[]>();
        for (const each of all.filter((own) => own.compared)) {
          const table = tables.get(of(each)) ?? [0, 0, 0, 0];
          tables.set(of(each), table);
          const at = each.member ? 0 : 2;
          table[at]! += y(each);
          table[at + 1]!++;
        }
        for (const [y1, n1, y0, n0] of tables.values()) insertStratum(expected, y1!, n1!, y0!, n0!);
        for (let member = 0; member < 2; member++) {
          const at = (pair * 2 + member) * stratumSumsLength;
          for (let i = 0; i < stratumSumsLength; i++) assert.ok(Math.abs(input.sums[at + i]! - expected[i]!) < 1e-9);
        }
      }
      // the share of the variance between the levels of the second
      const own = all.filter((each) => each.compared).map((each) => [each.second, y(each)] as const);
      const mean = own.reduce((sum, [, value]) => sum + value, 0) / own.length;
      const variance = own.reduce((sum, [, value]) => sum + (value - mean) ** 2, 0);
      const between = own.reduce((sum, [code]) => {
        const same = own.filter(([other]) => other === code);
        return sum + (same.reduce((total, [, value]) => total + value, 0) / same.length - mean) ** 2;
      }, 0);
      // by its own codes, and by combinations with the first
      for (const pair of [4, 7]) {
        assert.ok(Math.abs(input.taken[pair]! - (variance > 0 ? between / variance : 0)) < 1e-9);
      }
    }),
    settings,
  );
});

test.run();
