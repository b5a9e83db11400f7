// Brings the outputs that the pages show up to date: runs their commands with the built code, as the tests do, and writes what
// they print into the text blocks below them. `node tools/write-outputs.mjs README.md` does one page.
import { rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { begunBy, blocksOf, masked, PageFolder, pages, root, shownOf, textOf } from "../dist/test/docs/blocks.js";

const asked = process.argv.slice(2);
const wanted = asked.length > 0 ? asked : pages;
const needed = new Set(wanted.flatMap((page) => (page in begunBy ? [begunBy[page], page] : [page])));
const folders = new Map();
for (const page of needed) {
  const folder = new PageFolder(folders.get(begunBy[page]));
  folders.set(page, folder);
  let output = "";
  let text = textOf(page);
  for (const block of blocksOf(page)) {
    if ("not checked" in block.marks) continue;
    if (block.language === "yaml" && block.marks.file !== undefined) folder.write(block.marks.file, block.text);
    if (block.language === "sh") {
      const ran = folder.run(block.text);
      if (ran.status !== 0) throw new Error(`${page}, line ${block.line}: ${ran.output}`);
      output = ran.output;
    }
    if (block.language !== "text") continue;
    const shown = shownOf(output, block.marks.shows);
    if (masked(shown) === masked(block.text)) continue;
    const at = text.indexOf(`\`\`\`text\n${block.text}\`\`\``, 0);
    if (at < 0) throw new Error(`${page}, line ${block.line}: the block is not found again`);
    text = `${text.slice(0, at)}\`\`\`text\n${shown}${text.slice(at + 8 + block.text.length)}`;
    console.log(`${page}, line ${block.line}: brought up to date`);
  }
  if (wanted.includes(page) && text !== textOf(page)) writeFileSync(join(root, page), text);
}
for (const { path } of folders.values()) rmSync(path, { recursive: true });
