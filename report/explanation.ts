import type { PlanExplanation } from "../planner/explain.js";
import { type LayoutOptions, layOutList, layOutTable, layOutText, leastWidth, palette } from "./layout.js";
import { printCount, printCountOf, printSize } from "./numbers.js";
import { safeText } from "./safe-text.js";

/** The merged plan as a person reads it: KPIs, classes, nodes with what they take and how often they serve, and passes. */
export function formatExplanation(explanation: PlanExplanation, title: string, options: LayoutOptions): string {
  const width = Math.max(options.width, leastWidth);
  const { bold, faint, warn } = palette(options.colour);
  const { data, kpis, classes, nodes, nodesBefore, nodesAfter, passes, partitions, warnings } = explanation;
  const { workBefore, workAfter, live } = explanation;
  const table = (...parts: Parameters<typeof layOutTable>): string[] => {
    const [head = "", ...rows] = layOutTable(...parts);
    return [faint(head), ...rows];
  };
  const counts = [
    printCountOf(data.events, "event"),
    printCountOf(data.sessions, "session"),
    printCountOf(data.users, "user"),
  ].join(", ");
  const lines = [
    ...layOutText(safeText(title), width).map(bold),
    `${counts}, in ${printCountOf(partitions, "partition")}`,
    "",
    bold("KPIs"),
    ...kpis.flatMap(({ name, text }) => layOutList(`${safeText(name)}: ${safeText(text)}`, width)),
    "",
    bold(`Hypothesis classes (${printCount(classes.length)})`),
    ...table(
      [
        { title: "Template", align: "left", least: 10 },
        { title: "Parameters", align: "left", least: 10 },
        { title: "Chosen by", align: "left" },
      ],
      classes.map(({ template, parameters, chosenBy }) => [
        safeText(template),
        safeText(printParameters(parameters)),
        safeText(chosenBy),
      ]),
      width,
    ),
    ...classes.flatMap(({ template, parameters, chosenBy, why }) => {
      if (why === undefined) return [];
      const what = `${template}, ${printParameters(parameters)}`;
      return layOutList(safeText(`${chosenBy} chose ${what}: ${why}`), width);
    }),
    "",
    bold("Plan"),
    ...layOutText(
      `${printCountOf(nodesAfter, "node")}, where the expressions ask for ${printCount(nodesBefore)}: equal ones are computed once, which goes through some ${printCount(workAfter)} events and sessions instead of ${printCount(workBefore)}. Values are dropped after their last use: a thread holds those of ${printCountOf(live.nodes, "node")} at once at most (${printSize(live.bytes)}).`,
      width,
    ),
    ...table(
      [
        { title: "Node", align: "right" },
        { title: "Operation", align: "left", least: 16 },
        { title: "Grain", align: "left" },
        { title: "Type", align: "left" },
        { title: "Inputs", align: "left", least: 8 },
        { title: "Uses", align: "right" },
        { title: "Work", align: "right" },
      ],
      nodes.map(({ id, operation, grain, type, inputs, uses, work }) => [
        String(id),
        safeText(operation),
        grain,
        type,
        inputs.join(" "),
        printCount(uses),
        printCount(work),
      ]),
      width,
    ),
    "",
    bold("Passes"),
    ...passes.flatMap(({ name, what, bytes }) => {
      return layOutList(`${safeText(name)}: ${safeText(what)}${bytes === 0 ? "" : ` (${printSize(bytes)})`}`, width);
    }),
  ];
  if (warnings.length > 0) {
    lines.push("", bold("To know"), ...warnings.flatMap((text) => layOutList(safeText(text), width)).map(warn));
  }
  return `${lines.join("\n")}\n`;
}

function printParameters(parameters: Readonly<Record<string, unknown>>): string {
  const parts = Object.entries(parameters).map(([name, value]) => {
    return `${name}: ${typeof value === "string" ? value : JSON.stringify(value)}`;
  });
  return parts.join(", ");
}
