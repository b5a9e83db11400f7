// Writes docs/TEMPLATES.md from the library of the built code; a test fails where the page is stale.
import { writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { templates } from "../dist/planner/templates/library.js";
import { templatesMarkdown } from "../dist/report/templates.js";

writeFileSync(fileURLToPath(new URL("../docs/TEMPLATES.md", import.meta.url)), templatesMarkdown(templates));
