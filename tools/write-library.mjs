// Writes the last section of docs/LIBRARY.md, every export, from index.ts and the comments of the built code's sources.
import { readFileSync, writeFileSync } from "node:fs";
import { exportsSection } from "../dist/test/docs/exports.js";

const page = new URL("../docs/LIBRARY.md", import.meta.url);
const [kept] = readFileSync(page, "utf8").split("## Every export");
writeFileSync(page, `${kept}${exportsSection()}`);
