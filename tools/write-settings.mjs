// Writes docs/SETTINGS.md from the table of settings of the built code; a test fails where the page is stale.
import { writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { settingsMarkdown } from "../dist/planner/settings.js";

writeFileSync(fileURLToPath(new URL("../docs/SETTINGS.md", import.meta.url)), settingsMarkdown());
