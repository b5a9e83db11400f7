import { printShare } from "../numbers.js";
import type { ResultFlow, ResultFlowNode } from "../result.js";
import { Html, html, nameInBox } from "./html.js";
import { coordinate } from "./scale.js";

/** Pixels of a node's row, as the style sheet has it. */
const ROW = 44;
/** The thickest band, in pixels. */
const THICK = 34;
const MOST_LETTERS = 44;

/** A band from one height to another. */
interface Band {
  readonly fromY: number;
  readonly toY: number;
  readonly thickness: number;
}

/**
 * What comes before and after the match: lists of events by how many members have them there, with bands as thick between them. The
 * lists alone tell it all; the bands are for the eye.
 * @param match - the events of the match, in order
 * @param steps - on either side of it
 */
export function flowChart(flow: ResultFlow, match: readonly string[], steps: 1 | 2): Html {
  const at = (offset: number): readonly ResultFlowNode[] =>
    Math.abs(offset) > steps ? [] : (flow.columns.find((column) => column.offset === offset)?.nodes ?? []);
  const rows = Math.max(1, ...[-2, -1, 1, 2].map((offset) => at(offset).length));
  const height = rows * ROW;
  const left =
    steps === 1 ? null : [list(flow, at(-2), "Two before", "far"), between(flow, at(-2), at(-1), -2, height)];
  const right = steps === 1 ? null : [between(flow, at(1), at(2), 1, height), list(flow, at(2), "Two after", "far")];
  return html`<div class="flow${steps === 1 ? " near" : ""}">${left}${list(flow, at(-1), "Just before", "")}${toMatch(at(-1), height, flow.sessions, false)}<div class="hit"><h5>Match</h5><ol>${match.map(
    (step) => html`<li>${nameInBox(step, MOST_LETTERS)}</li>`,
  )}</ol></div>${toMatch(at(1), height, flow.sessions, true)}${list(flow, at(1), "Just after", "")}${right}</div>`;
}

function list(flow: ResultFlow, nodes: readonly ResultFlowNode[], title: string, kind: "far" | ""): Html {
  return html`<div class="col ${kind}"><h5>${title}</h5><ol>${nodes.map(
    (node) =>
      html`<li><span class="n">${nodeName(node, title)}</span><span class="s">${printShare(node.sessions, flow.sessions)}</span></li>`,
  )}</ol></div>`;
}

function nodeName(node: ResultFlowNode, title: string): Html {
  if (node.kind === "rest") return html`<i>any other</i>`;
  if (node.kind === "edge") return html`<i>${title.endsWith("before") ? "session starts" : "session ends"}</i>`;
  return nameInBox(node.event ?? "", MOST_LETTERS);
}

/** Bands between two lists. */
function between(
  flow: ResultFlow,
  left: readonly ResultFlowNode[],
  right: readonly ResultFlowNode[],
  offset: number,
  height: number,
): Html {
  const fromY = tops(left, flow.sessions, height);
  const toY = tops(right, flow.sessions, height);
  const bands = flow.links
    .filter((link) => link.offset === offset)
    .map(({ from, to, sessions }): Band => {
      const size = thickness(sessions, flow.sessions);
      const band = { fromY: fromY[from] ?? 0, toY: toY[to] ?? 0, thickness: size };
      fromY[from] = band.fromY + size;
      toY[to] = band.toY + size;
      return band;
    });
  return ribbons(bands, height, "far");
}

/** Bands from a list to the match, or from it. */
function toMatch(nodes: readonly ResultFlowNode[], height: number, sessions: number, isAfter: boolean): Html {
  const rowTops = tops(nodes, sessions, height);
  let y = (height - THICK) / 2;
  const bands = nodes.map((node, row): Band => {
    const size = thickness(node.sessions, sessions);
    const own = rowTops[row] ?? 0;
    const band = isAfter ? { fromY: y, toY: own, thickness: size } : { fromY: own, toY: y, thickness: size };
    y += size;
    return band;
  });
  return ribbons(bands, height, "");
}

/** Where the bands of a list's rows begin; a list stands in the middle of the height. */
function tops(nodes: readonly ResultFlowNode[], sessions: number, height: number): number[] {
  const first = (height - nodes.length * ROW) / 2;
  return nodes.map((node, row) => first + row * ROW + ROW / 2 - thickness(node.sessions, sessions) / 2);
}

function thickness(sessions: number, all: number): number {
  return all === 0 ? 0 : (THICK * sessions) / all;
}

function ribbons(bands: readonly Band[], height: number, kind: "far" | ""): Html {
  const path = bands
    .map(({ fromY, toY, thickness: size }) => {
      const [a, b] = [coordinate(fromY), coordinate(toY)];
      const [c, d] = [coordinate(toY + size), coordinate(fromY + size)];
      return `M0 ${a}C50 ${a} 50 ${b} 100 ${b}V${c}C50 ${c} 50 ${d} 0 ${d}Z`;
    })
    .join("");
  return html`<svg class="rib ${kind}" aria-hidden="true" height="${height}" viewBox="0 0 100 ${height}" preserveAspectRatio="none"><path d="${new Html(path)}"/></svg>`;
}
