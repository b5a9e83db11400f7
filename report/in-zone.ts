import type { Result, ResultOpportunity } from "./result.js";

/** A moment as the clocks of a time zone show it, in the shape of an ISO time: its zone is the reader's to name. */
type Clock = (iso: string) => string;

const UTC = "UTC";

/** The time zone that a result's days and times are shown in. */
export function zoneOf({ data }: Pick<Result, "data">): string {
  return data.time_zone !== undefined && clockOf(data.time_zone) !== null ? data.time_zone : UTC;
}

/**
 * The result with its moments as the clocks of the study's time zone show them: days in sentences, tables and pictures are then the same
 * days. For what people read; a file keeps UTC.
 */
export function inZone(result: Result): Result {
  const clock = clockOf(zoneOf(result));
  if (clock === null) return result;
  const { data, since } = result;
  return {
    ...result,
    data: { ...data, from: data.from && clock(data.from), to: data.to && clock(data.to) },
    kpis: result.kpis.map((kpi) =>
      kpi.series === undefined
        ? kpi
        : { ...kpi, series: kpi.series.map((each) => ({ ...each, from: clock(each.from) })) },
    ),
    opportunities: result.opportunities.map((opportunity) => withClock(opportunity, clock)),
    ...(since === undefined
      ? {}
      : { since: { ...since, from: since.from && clock(since.from), to: since.to && clock(since.to) } }),
  };
}

/** The same of one opportunity of a result. */
export function opportunityInZone(opportunity: ResultOpportunity, result: Pick<Result, "data">): ResultOpportunity {
  const clock = clockOf(zoneOf(result));
  return clock === null ? opportunity : withClock(opportunity, clock);
}

function withClock(opportunity: ResultOpportunity, clock: Clock): ResultOpportunity {
  const { experts, began, timelines, trend } = opportunity;
  return {
    ...opportunity,
    first_seen: clock(opportunity.first_seen),
    last_seen: clock(opportunity.last_seen),
    trend: trend.map((each) => ({ ...each, from: clock(each.from) })),
    experts: experts.map((expert) => {
      const at = expert.evidence["began"];
      return typeof at === "string" ? { ...expert, evidence: { ...expert.evidence, began: clock(at) } } : expert;
    }),
    ...(typeof began === "string" ? { began: clock(began) } : {}),
    ...(timelines === undefined ? {} : { timelines: timelines.map((each) => ({ ...each, start: clock(each.start) })) }),
  };
}

/** Null for UTC, whose moments are as they should be, and where the zone is none that is known here. */
function clockOf(zone: string): Clock | null {
  if (zone === UTC) return null;
  let format: Intl.DateTimeFormat;
  try {
    format = new Intl.DateTimeFormat("en-US", {
      timeZone: zone,
      hourCycle: "h23",
      year: "numeric",
      month: "2-digit",
      day: "2-digit",
      hour: "2-digit",
      minute: "2-digit",
      second: "2-digit",
    });
  } catch {
    return null;
  }
  return (iso) => {
    const ms = Date.parse(iso);
    if (Number.isNaN(ms)) return iso;
    const part = new Map(format.formatToParts(ms).map(({ type, value }) => [type, value]));
    const date = `${part.get("year")?.padStart(4, "0")}-${part.get("month")}-${part.get("day")}`;
    return `${date}T${part.get("hour")}:${part.get("minute")}:${part.get("second")}.000Z`;
  };
}
