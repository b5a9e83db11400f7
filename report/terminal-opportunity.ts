import { describeExpert } from "./evidence.js";
import { opportunityInZone, zoneOf } from "./in-zone.js";
import { type LayoutOptions, layOutList, layOutTable, layOutText, leastWidth, palette } from "./layout.js";
import { printCount, printCountOf, printNumber, printShare, printTime } from "./numbers.js";
import type { Result, ResultOpportunity, ResultTimeline } from "./result.js";
import { elideMiddle, safeText } from "./safe-text.js";
import {
  describeEffect,
  describeValues,
  failingShare,
  isOfSameUsers,
  isRate,
  printCohort,
  printDay,
  printDifference,
  printHypotheses,
  printInterval,
} from "./words.js";

/** Lists end here; the rest is counted. */
const SHOWN_FOLDED = 20;
const SHOWN_CELLS = 12;
const SHOWN_EVENTS = 14;
/** Columns of a bar of the trend. */
const BAR = 20;
/** Columns of an id in a heading. */
const LONGEST_ID = 22;

/** One opportunity in full, as a person reads it in a terminal. */
export function formatOpportunity(result: Result, given: ResultOpportunity, options: LayoutOptions): string {
  const opportunity = opportunityInZone(given, result);
  const width = Math.max(options.width, leastWidth);
  const { bold, faint } = palette(options.colour);
  const { sessions, effect, folded, examples, status, trend, cells = [], timelines = [], values, change } = opportunity;
  const kpi = result.kpis.find(({ name }) => name === opportunity.kpi);
  const section = (title: string, lines: readonly string[]): string[] =>
    lines.length === 0 ? [] : ["", bold(title), ...lines];
  const table = (...parts: Parameters<typeof layOutTable>): string[] => {
    const [head = "", ...rows] = layOutTable(...parts);
    return [faint(head), ...rows];
  };
  const users = result.data.has_users === false ? "" : ` by ${printCountOf(opportunity.users, "user")}`;
  const lines = [
    ...layOutText(`${opportunity.rank}  ${safeText(opportunity.hypothesis)}`, width).map(bold),
    ...layOutText(
      `${safeText(opportunity.kpi)}, ${printCohort(opportunity.cohort)}; id ${safeText(opportunity.id)}${status === undefined ? "" : `; ${safeText(status)} since the last run`}`,
      width,
    ).map(faint),
    "",
    ...layOutText(safeText(opportunity.statement), width),
    ...section("How much worse", [
      ...layOutList(
        `${failingShare(sessions, "members")} of ${printCountOf(sessions.members, "member session")}${users} fail, ${failingShare(sessions, "others")} of ${printCountOf(sessions.others, "other")}`,
        width,
      ),
      ...layOutList(`difference ${describeEffect(opportunity, kpi)}`, width),
      ...(values === undefined ? [] : layOutList(describeValues(values), width)),
      ...(change === undefined
        ? []
        : layOutList(
            `since the earlier result ${printDifference(change.difference, isRate(kpi))} (95 % interval ${printInterval(change.low, change.high, isRate(kpi))})`,
            width,
          )),
      ...layOutList(
        `ratio ${effect.ratio === null ? "unbounded" : printNumber(effect.ratio)}${isOfSameUsers(opportunity) ? " within these users" : ""}; recoverable failures ${printCount(Math.floor(effect.excess_failures))}`,
        width,
      ),
      ...layOutList(
        `seen ${printDay(opportunity.first_seen)} to ${printDay(opportunity.last_seen)} (days of ${safeText(zoneOf(result))})`,
        width,
      ),
    ]),
    ...section(
      "What every expert says",
      opportunity.experts.flatMap((expert) => {
        const { title, text } = describeExpert(expert, kpi, result.run);
        return layOutList(`${title}${expert.says === "opportunity" ? "" : " (adds nothing)"}: ${text}`, width);
      }),
    ),
    ...section(
      "Over time",
      trend.length < 2
        ? []
        : table(
            [
              { title: "From", align: "left" },
              { title: "Members", align: "right" },
              { title: "Fail", align: "right" },
              { title: "", align: "left" },
              { title: "Others fail", align: "right" },
            ],
            trend.map((each) => [
              printTime(safeText(each.from)),
              printCount(each.members),
              failingShare(each, "members"),
              bar(each.members === 0 ? 0 : each.members_failing / each.members),
              failingShare(each, "others"),
            ]),
            width,
          ),
    ),
    ...section(
      "Where it concentrates",
      cells.length === 0
        ? []
        : [
            ...table(
              [
                { title: "Attribute", align: "left", least: 10 },
                { title: "Value", align: "left", least: 10 },
                { title: "Members", align: "right" },
                { title: "Fail", align: "right" },
                { title: "95 % interval", align: "right" },
                { title: "Others fail", align: "right" },
              ],
              cells
                .slice(0, SHOWN_CELLS)
                .map((cell) => [
                  safeText(cell.attribute),
                  safeText(String(cell.value)),
                  printCount(cell.members),
                  failingShare(cell, "members"),
                  cell.low === null || cell.high === null
                    ? "–"
                    : `${printShare(cell.low, 1)} to ${printShare(cell.high, 1)}`,
                  failingShare(cell, "others"),
                ]),
              width,
            ),
            ...(cells.length > SHOWN_CELLS ? [faint(`and ${printCount(cells.length - SHOWN_CELLS)} more values`)] : []),
          ],
    ),
    ...timelines
      .filter((each, at) => timelines.findIndex(({ failing }) => failing === each.failing) === at)
      .flatMap((each) => section(timelineTitle(each), timelineLines(each, width, bold, faint))),
    ...section(
      `Folded into it (${printHypotheses(folded.length)})`,
      folded.length === 0
        ? []
        : [
            ...folded.slice(0, SHOWN_FOLDED).flatMap((text) => layOutList(safeText(text), width)),
            ...(folded.length > SHOWN_FOLDED ? [`  and ${printCount(folded.length - SHOWN_FOLDED)} more`] : []),
          ],
    ),
    ...section(
      "Sessions to look at",
      examples.length === 0 ? [] : layOutList(examples.map(safeText).join(", "), width),
    ),
  ];
  return `${lines.join("\n")}\n`;
}

/** A bar of blocks for a share, in eighths of a column. */
function bar(share: number): string {
  const eighths = Math.round(Math.min(1, share) * BAR * 8);
  const part = " ▏▎▍▌▋▊▉"[eighths % 8] ?? "";
  return `${"█".repeat(Math.floor(eighths / 8))}${eighths % 8 === 0 ? "" : part}`;
}

function timelineTitle({ failing, session, user }: ResultTimeline): string {
  const whose = user === undefined ? "" : ` of user ${elideMiddle(safeText(user), LONGEST_ID)}`;
  return `${failing ? "A failing session" : "One that does not fail"}: ${elideMiddle(safeText(session), LONGEST_ID)}${whose}`;
}

function timelineLines(
  { events, before, after }: ResultTimeline,
  width: number,
  bold: (text: string) => string,
  faint: (text: string) => string,
): string[] {
  const first = events.findIndex(({ match }) => match === true);
  const from = Math.max(0, Math.min(first < 0 ? events.length : first - 4, events.length - SHOWN_EVENTS));
  const shown = events.slice(from, from + SHOWN_EVENTS);
  const earlier = before + from;
  const later = after + events.length - from - shown.length;
  return [
    ...(earlier > 0 ? [faint(`  ${printCountOf(earlier, "event")} before`)] : []),
    ...shown.flatMap(({ at_ms: atMs, event, match, after_outcome: afterOutcome }) => {
      const offset = `${(atMs / 1000).toFixed(1)} s`.padStart(10);
      const line = layOutText(`${match === true ? ">" : " "} ${safeText(event)}`, width - 14).map((text, at) =>
        at === 0 ? `${offset}  ${text}` : `${" ".repeat(14)}${text}`,
      );
      return match === true ? line.map(bold) : afterOutcome === true ? line.map(faint) : line;
    }),
    ...(later > 0 ? [faint(`  ${printCountOf(later, "event")} after`)] : []),
  ];
}
