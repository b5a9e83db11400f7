// Writes docs/images/terminal.svg: the beginning of a run on the sample's subscription service, as the built code prints it on a
// terminal with colours.
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { findOpportunities, formatResult, generateSample, parseStudy, writeWhole } from "../dist/index.js";

const COLUMNS = 96;
const LINES = 38;
const ROW = 19;
const COLUMN = 8.43;
const PAD = 20;
const BAR = 34;
/** Classes by the ANSI codes of report/layout.ts. */
const classes = { 1: "b", 2: "f", 33: "w" };

const folder = mkdtempSync(join(tmpdir(), "leadline-terminal-"));
try {
  await generateSample({ out: folder, users: 20_000, seed: 1, format: "parquet", service: "subscription" });
  const study = parseStudy(readFileSync(join(folder, "subscription.yaml"), "utf8"), "subscription.yaml");
  const text = formatResult(await findOpportunities(study, folder), { width: COLUMNS, colour: true });
  const lines = ["$ leadline run sample-data/subscription.yaml", ...text.split("\n")].slice(0, LINES);
  const width = Math.ceil(2 * PAD + COLUMNS * COLUMN);
  const height = BAR + 2 * PAD + lines.length * ROW;
  const rows = lines.map((line, index) => {
    const y = BAR + PAD + 13 + index * ROW;
    return `<text x="${PAD}" y="${y}" xml:space="preserve">${spans(line)}</text>`;
  });
  writeWhole(
    fileURLToPath(new URL("../docs/images/terminal.svg", import.meta.url)),
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img" aria-label="leadline run in a terminal">
<style>text{font:14px/1 ui-monospace,"SF Mono",Menlo,Consolas,"DejaVu Sans Mono",monospace;fill:#d7dce2}.b{font-weight:700;fill:#fff}.f{fill:#8b949e}.w{fill:#e3b341}</style>
<rect width="100%" height="100%" rx="8" fill="#14181d"/>
<g fill="#3b434c"><circle cx="22" cy="19" r="6"/><circle cx="42" cy="19" r="6"/><circle cx="62" cy="19" r="6"/></g>
${rows.join("\n")}
</svg>
`,
  );
} finally {
  rmSync(folder, { recursive: true, force: true });
}

/** A line with its ANSI colours as spans, each as wide as its columns: fonts differ. */
function spans(line) {
  const [plain, ...coloured] = line.split("\u001b[");
  const parts = [
    ["", plain],
    ...coloured.map((part) => [part.slice(0, part.indexOf("m")), part.slice(part.indexOf("m") + 1)]),
  ];
  let column = 0;
  return parts
    .map(([code, text]) => {
      const x = (PAD + column * COLUMN).toFixed(1);
      column += [...text].length;
      if (text === "") return "";
      const kind = code in classes ? ` class="${classes[code]}"` : "";
      return `<tspan x="${x}" textLength="${([...text].length * COLUMN).toFixed(1)}"${kind}>${escaped(text)}</tspan>`;
    })
    .join("");
}

function escaped(text) {
  return text.replace(/[&<>]/g, (character) => ({ "&": "&amp;", "<": "&lt;", ">": "&gt;" })[character]);
}
