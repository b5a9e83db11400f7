import { printCount, printCountOf, printNumber, printShare } from "./numbers.js";
import type { Result, ResultExpert, ResultExplained, ResultKpi, ResultOpportunity } from "./result.js";
import { safeText } from "./safe-text.js";
import { byName, isRate, printDay, printDifference, printInterval, printP } from "./words.js";

type Evidence = ResultExpert["evidence"];

/** What an expert is called and what it looks at, for someone who has never heard of it. */
export interface ExpertWords {
  readonly title: string;
  /** Sentences, safe text. */
  readonly text: string;
}

/** An expert's evidence in words. Experts of a later version are told by their fields. */
export function describeExpert(expert: ResultExpert, kpi: ResultKpi | undefined, run: Result["run"]): ExpertWords {
  const known = experts[expert.name];
  const text = known?.describe(new Facts(expert.evidence, kpi, run.settings ?? {})) ?? listFacts(expert.evidence);
  return { title: known?.title ?? safeText(expert.name), text };
}

/** The numbers behind an entry of `explained`, in brief; empty where there is nothing to say. */
export function describeExplained({ evidence }: ResultExplained, kpi: ResultKpi | undefined): string {
  const facts = new Facts(evidence, kpi, {});
  const pooled = facts.number("pooled_difference");
  const within = facts.number("within_difference") ?? facts.number("difference");
  if (pooled !== null && within !== null) {
    return `${facts.difference(pooled)} over all sessions, ${facts.difference(within)} within`;
  }
  const [failing, normal] = [facts.number("members_failing"), facts.number("members_normal")];
  if (failing !== null && normal !== null)
    return `${printCount(failing)} failing and ${printCount(normal)} normal members`;
  const [hazardFailing, hazardSucceeding] = [
    facts.number("hazard_ratio_failing"),
    facts.number("hazard_ratio_succeeding"),
  ];
  const parts = [
    ...(hazardFailing === null ? [] : [`at the same age ${printNumber(hazardFailing)} times as fast to fail`]),
    ...(hazardSucceeding === null ? [] : [`${printNumber(hazardSucceeding)} times as fast to succeed`]),
  ];
  return parts.join(", ");
}

/** When members became worse, by the change-point expert; null where it says nothing. */
export function beganAt({ began: told, experts: all }: ResultOpportunity): Beginning | null {
  const evidence = all.find(({ name }) => name === "change-point")?.evidence ?? {};
  const at = told ?? evidence["began"];
  if (typeof at !== "string" || !Number.isFinite(Date.parse(at))) return null;
  return { at, isOneOfSeveral: typeof evidence["changes"] === "number" && evidence["changes"] > 1 };
}

/** A change for the worse. */
export interface Beginning {
  /** ISO time */
  readonly at: string;
  /** The largest of several, so not the beginning of it all. */
  readonly isOneOfSeveral: boolean;
}

/** An expert's evidence, read with care: a file may hold anything under these names. */
class Facts {
  readonly #evidence: Evidence;
  readonly #kpi: ResultKpi | undefined;
  readonly #settings: Readonly<Record<string, number>>;

  constructor(evidence: Evidence, kpi: ResultKpi | undefined, settings: Readonly<Record<string, number>>) {
    this.#evidence = evidence;
    this.#kpi = kpi;
    this.#settings = settings;
  }

  number(key: string): number | null {
    const value = this.#evidence[key];
    return typeof value === "number" ? value : null;
  }

  text(key: string): string | null {
    const value = this.#evidence[key];
    return typeof value === "string" ? safeText(value) : null;
  }

  /** A value of the data. */
  plain(key: string): string | null {
    const value = this.#evidence[key];
    return value === null || value === undefined ? null : safeText(String(value));
  }

  flag(key: string): boolean {
    return this.#evidence[key] === true;
  }

  setting(name: string): number | null {
    return this.#settings[name] ?? null;
  }

  /** A value of the KPI. */
  value(value: number): string {
    return isRate(this.#kpi) ? printShare(value, 1) : printNumber(value);
  }

  difference(value: number): string {
    return printDifference(value, isRate(this.#kpi));
  }

  interval(low: string, high: string): string {
    const [a, b] = [this.number(low), this.number(high)];
    return a === null || b === null ? "" : ` (95 % interval ${printInterval(a, b, isRate(this.#kpi))})`;
  }
}

const experts: Readonly<
  Record<string, { readonly title: string; readonly describe: (facts: Facts) => string | undefined }>
> = {
  "sequence-rate": {
    title: "How often it comes before failures",
    describe(facts) {
      const [failing, normal, ratio] = [
        facts.number("rate_failing"),
        facts.number("rate_normal"),
        facts.number("ratio"),
      ];
      if (failing === null || normal === null) return undefined;
      const [support, least] = [facts.setting("sequence_min_support"), facts.setting("sequence_min_ratio")];
      const times = ratio === null ? "" : `, ${printNumber(ratio)} times as often`;
      const asked =
        support === null || least === null
          ? ""
          : ` Asked for: ${printShare(support, 1)} of the failing sessions, ${printNumber(least)} times as often.`;
      return `It is in ${printShare(failing, 1)} of the failing sessions and in ${printShare(normal, 1)} of the normal ones${times}.${asked}`;
    },
  },
  "cohort-difference": {
    title: "How much worse members are than all",
    describe(facts) {
      const [members, all] = [facts.number("members"), facts.number("all")];
      const [relative, z] = [facts.number("relative_difference"), facts.number("outlier_z")];
      if (members === null || all === null) return undefined;
      const least = facts.setting("cohort_min_difference");
      const share = relative === null ? "" : `, ${printShare(Math.abs(relative), 1)} ${relative < 0 ? "less" : "more"}`;
      const outlier =
        z === null ? "" : ` Among the values of its attribute it has a modified z-score of ${printNumber(z)}.`;
      const asked = least === null ? "" : ` Asked for: ${printShare(least, 1)}.`;
      return `The KPI of members is ${facts.value(members)}, of all sessions ${facts.value(all)}${share}.${outlier}${asked}`;
    },
  },
  significance: {
    title: "Whether it could be chance",
    describe(facts) {
      const [p, q, tests] = [facts.number("p_worse"), facts.number("q"), facts.number("tests")];
      if (p === null || q === null) return undefined;
      const pooled = facts.number("pooled_difference");
      const looks = tests === null ? "everything that was looked at" : `${printCountOf(tests, "look")} of its kind`;
      const weight = facts.number("weight");
      const weighted =
        weight === null
          ? ""
          : `, with ${printNumber(weight)} times the weight of the average one by what the other users show`;
      const [low, high] = [facts.number("ratio_low"), facts.number("ratio_high")];
      const ratio =
        low === null || high === null ? "" : ` The ratio lies in ${printNumber(low)} to ${printNumber(high)}.`;
      const size =
        pooled === null
          ? ""
          : ` Over all sessions the difference is ${facts.difference(pooled)}${facts.interval("pooled_low", "pooled_high")}, with users as the unit.`;
      return `By chance alone a difference as large would come with probability ${printP(p)}; adjusted for ${looks}${weighted}, ${printP(q)}.${size}${ratio}`;
    },
  },
  "within-users": {
    title: "Whether the same users do worse with it",
    describe(facts) {
      const [users, within] = [facts.number("users"), facts.number("within_difference")];
      const pooled = facts.number("pooled_difference");
      if (users === null || within === null) return undefined;
      const over = pooled === null ? "" : ` Over all sessions it is ${facts.difference(pooled)}.`;
      return `${printCountOf(users, "user")} ${users === 1 ? "has" : "have"} sessions of both kinds. Within them the difference is ${facts.difference(within)}${facts.interval("within_low", "within_high")}.${over}`;
    },
  },
  exposure: {
    title: "Whether it only takes time",
    describe(facts) {
      const [failing, failures] = [facts.number("hazard_ratio_failing"), facts.number("failures_while_on")];
      const [succeeding, successes] = [facts.number("hazard_ratio_succeeding"), facts.number("successes_while_on")];
      const parts = [
        ...(failing === null
          ? []
          : [
              `come to fail ${printNumber(failing)} times as fast${failures === null ? "" : ` (${printCountOf(failures, "failure")})`}`,
            ]),
        ...(succeeding === null
          ? []
          : [
              `succeed ${printNumber(succeeding)} times as fast${successes === null ? "" : ` (${printCount(successes)} of them)`}`,
            ]),
      ];
      if (parts.length === 0) return undefined;
      return `At the same age, sessions in which it has happened ${parts.join(" and ")}, against those in which it has not yet.`;
    },
  },
  "without-largest-user": {
    title: "Whether one user carries it",
    describe(facts) {
      const [difference, sessions] = [facts.number("difference"), facts.number("sessions_of_largest")];
      if (difference === null) return undefined;
      const largest =
        sessions === null
          ? "the user who contributes most"
          : `the user who contributes most (${printCountOf(sessions, "session")})`;
      return `Without ${largest} the difference is ${facts.difference(difference)}${facts.interval("low", "high")}.`;
    },
  },
  outlier: {
    title: "Where it stands out",
    describe(facts) {
      const [cells, z, median] = [facts.number("cells"), facts.number("z"), facts.number("median")];
      const [attribute, value, difference] = [
        facts.text("attribute"),
        facts.plain("value"),
        facts.number("difference"),
      ];
      if (cells === null) return undefined;
      if (attribute === null || value === null || difference === null || median === null || z === null) {
        return `Nowhere more than elsewhere, among ${printCountOf(cells, "group")} by attribute.`;
      }
      return `Where ${attribute} is ${value} the difference is ${facts.difference(difference)}, against ${facts.difference(median)} at the median of such groups. Modified z-score: ${printNumber(z)}.`;
    },
  },
  trend: {
    title: "Whether it grows",
    describe(facts) {
      const [direction, p, bins] = [facts.text("direction"), facts.number("p"), facts.number("bins")];
      if (bins === null) return undefined;
      if (direction === null || p === null) return `Too few stretches of time to tell (${printCount(bins)}).`;
      const slope = facts.number("slope_per_day");
      const [low, high] = [facts.number("slope_low"), facts.number("slope_high")];
      const range = low === null || high === null ? "" : ` (${facts.difference(low)} to ${facts.difference(high)})`;
      const daily = slope === null ? "" : `: ${facts.difference(slope)} a day${range}`;
      return `The difference between members and others is ${direction}${daily}, over ${printCountOf(bins, "stretch").replace("stretchs", "stretches")} of time (Mann–Kendall, p ${printP(p)}).`;
    },
  },
  "change-point": {
    title: "When it began",
    describe(facts) {
      const bins = facts.number("bins");
      const [began, before, after] = [facts.text("began"), facts.number("before"), facts.number("after")];
      if (bins === null) return undefined;
      if (began === null || before === null || after === null)
        return "No moment at which it began: it was there all along, or too little is known.";
      // what grows in several steps did not begin at the largest of them
      const verb = (facts.number("changes") ?? 1) > 1 ? "rose most" : "began";
      const since = facts.flag("ongoing") ? "It is still so." : "It is over by now.";
      return `It ${verb} about ${printDay(began)}: members were ${facts.difference(before)} from the others before and ${facts.difference(after)} after. ${since}`;
    },
  },
  "cohort-similarity": {
    title: "Whether members are like the others",
    describe(facts) {
      const [attributes, unlike] = [facts.number("attributes"), facts.number("unlike")];
      const [most, difference] = [facts.text("most_different"), facts.number("standardised_difference")];
      if (attributes === null || unlike === null) return undefined;
      if (attributes === 0) return "There is no attribute to compare them by.";
      const largest =
        most === null || difference === null
          ? ""
          : ` They differ most in ${most} (standardised difference ${printNumber(difference)}).`;
      return unlike === 0
        ? `Members and others are alike in all ${printCountOf(attributes, "attribute")}.${largest}`
        : `Members and others are unlike in ${printCount(unlike)} of ${printCountOf(attributes, "attribute")}.${largest}`;
    },
  },
  "adjusted-effect": {
    title: "Against others like them",
    describe(facts) {
      const difference = facts.number("difference");
      const [rate, expected] = [facts.number("rate"), facts.number("expected_rate")];
      const against = facts.text("against");
      if (difference === null) return against === null ? undefined : `It cannot be said: ${against}.`;
      const rates =
        rate === null || expected === null
          ? ""
          : ` Members fail in ${printShare(rate, 1)}; like others of their kind they would in ${printShare(expected, 1)}.`;
      const placebo = facts.number("placebo_difference");
      const control = facts.number("control_difference");
      const checks = [
        ...(placebo === null ? [] : [`a placebo shows ${facts.difference(placebo)}`]),
        ...(control === null ? [] : [`earlier sessions of the same users ${facts.difference(control)}`]),
      ].join(", ");
      const verdict = against === null ? "" : ` It does not hold up: ${against}.`;
      return `Among sessions alike in ${facts.text("alike_in") ?? "static attributes, entry, hour and day"} the difference is ${facts.difference(difference)}${facts.interval("low", "high")}.${rates}${checks === "" ? "" : ` As a check, ${checks}.`}${verdict}`;
    },
  },
};

/** Facts by name, as they stand. */
function listFacts(evidence: Evidence): string {
  const parts = byName(evidence).map(([name, value]) => {
    const words = safeText(name.replaceAll("_", " "));
    if (value === null) return `${words}: none`;
    return `${words}: ${typeof value === "number" ? printNumber(value) : safeText(String(value))}`;
  });
  return parts.length === 0 ? "No evidence is kept." : `${parts.join("; ")}.`;
}
