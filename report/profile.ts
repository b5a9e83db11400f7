import { printDuration } from "../planner/duration.js";
import { distinctLimit, type Profile, type ProfiledColumn } from "../planner/profile.js";
import { type LayoutOptions, layOutList, layOutTable, layOutText, leastWidth, palette } from "./layout.js";
import { printCount, printCountOf, printNumber, printShare, printTime } from "./numbers.js";
import { safeText } from "./safe-text.js";

/** The most common events that are shown; the rest are counted. */
const shownNames = 15;

/** What the data look like, as a person reads it: period, columns, events, and what to look at before trusting them. */
export function formatProfile(profile: Profile, options: LayoutOptions): string {
  const width = Math.max(options.width, leastWidth);
  const { bold, faint, warn } = palette(options.colour);
  const { columns, names, suspicions, unread } = profile;
  const table = (...parts: Parameters<typeof layOutTable>): string[] => {
    const [head = "", ...rows] = layOutTable(...parts);
    return [faint(head), ...rows];
  };
  const lines = [
    bold("Data"),
    ...layOutText(describeCounts(profile), width, "  "),
    ...layOutText(describeRoles(profile), width, "  "),
    "",
    bold(`Events (${printCountOf(names.length, "name")})`),
    ...table(
      [
        { title: "Event", align: "left", least: 16 },
        { title: "Events", align: "right" },
        { title: "In sessions", align: "right" },
      ],
      names
        .slice(0, shownNames)
        .map(({ name, events, sessions }) => [
          safeText(name),
          printCount(events),
          printShare(sessions, profile.sessions),
        ]),
      width,
    ),
    ...(names.length > shownNames ? [faint(`and ${printCount(names.length - shownNames)} more`)] : []),
  ];
  if (columns.length > 0) {
    lines.push("", bold("Other columns"));
    lines.push(
      ...table(
        [
          { title: "Column", align: "left", least: 8 },
          { title: "Type", align: "left" },
          { title: "Of", align: "left" },
          { title: "Missing", align: "right" },
          { title: "Different", align: "right" },
          { title: "Typical values", align: "left", least: 14, elide: "end" },
        ],
        columns.map((column) => [
          safeText(column.name),
          typeOf(column),
          column.grain,
          printShare(column.missing, 1),
          printCount(column.distinct) + (column.distinct >= distinctLimit ? "+" : ""),
          typicalValues(column),
        ]),
        width,
      ),
    );
  }
  if (unread.length > 0) {
    lines.push(
      ...layOutText(`Not read, being of no type that Leadline knows: ${unread.map(safeText).join(", ")}.`, width),
    );
  }
  if (suspicions.length > 0) {
    lines.push("", bold("Look at this first"));
    lines.push(...suspicions.flatMap((text) => layOutList(safeText(text), width)).map(warn));
  }
  return `${lines.join("\n")}\n`;
}

function describeCounts({ events, sessions, users, roles, fromMs, toMs }: Profile): string {
  const owners = roles.user === undefined ? "no user column" : printCountOf(users, "user");
  const iso = (ms: number): string => printTime(new Date(ms).toISOString());
  const period = fromMs === null || toMs === null ? "" : `, ${iso(fromMs)} to ${iso(toMs)} UTC`;
  return `${printCountOf(events, "event")}, ${printCountOf(sessions, "session")}, ${owners}${period}.`;
}

function describeRoles({ roles, sessionGapMs }: Profile): string {
  const parts = Object.entries(roles).map(([role, column]) => `${role} is ${safeText(column)}`);
  const cut = sessionGapMs !== null ? `; sessions end at ${printDuration(sessionGapMs)} of inactivity` : "";
  return `By the columns' names: ${parts.join(", ")}${cut}.`;
}

function typeOf(column: ProfiledColumn): string {
  if (column.kind === "numeric") return column.type;
  const isBoolean = column.common.length > 0 && column.common.every(({ value }) => typeof value === "boolean");
  return isBoolean ? "boolean" : "text";
}

function typicalValues(column: ProfiledColumn): string {
  if (column.kind === "coded") {
    return column.common.map(({ value, share }) => `${safeText(String(value))} ${printShare(share, 1)}`).join(", ");
  }
  if (column.range === null) return "";
  const { least, median, greatest } = column.range;
  const print = (value: number): string =>
    column.type === "time" ? printTime(new Date(value).toISOString()) : printNumber(value);
  return `${print(least)} to ${print(greatest)}, median ${print(median)}`;
}
