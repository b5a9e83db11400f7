// Writes docs/images/report.png: the top of the report on the sample's subscription service, as the built code makes it and
// Chromium shows it. Needs a browser (LEADLINE_BROWSER names one).
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { findOpportunities, formatHtml, generateSample, parseStudy, writeWhole } from "../dist/index.js";
import { openBrowser } from "../dist/test/browser/browser.js";

const folder = mkdtempSync(join(tmpdir(), "leadline-screenshot-"));
const browser = await openBrowser();
try {
  if (browser === null) throw new Error("no browser found; LEADLINE_BROWSER names one");
  await generateSample({ out: folder, users: 20_000, seed: 1, format: "parquet", service: "subscription" });
  const study = parseStudy(readFileSync(join(folder, "subscription.yaml"), "utf8"), "subscription.yaml");
  const page = join(folder, "report.html");
  writeWhole(page, formatHtml(await findOpportunities(study, folder)));
  const tab = await browser.newPage({ viewport: { width: 1180, height: 900 }, colorScheme: "light" });
  await tab.goto(pathToFileURL(page).href);
  // from the second opportunity's heading on stands what README speaks of
  const second = tab.locator("article.op").nth(1);
  const top = (await second.boundingBox())?.y ?? 0;
  await tab.screenshot({
    path: fileURLToPath(new URL("../docs/images/report.png", import.meta.url)),
    fullPage: true,
    clip: { x: 0, y: top - 10, width: 1180, height: 1560 },
  });
  await tab.setViewportSize({ width: 1180, height: 720 });
  await tab.screenshot({ path: fileURLToPath(new URL("../docs/images/report-list.png", import.meta.url)) });
} finally {
  await browser?.close();
  rmSync(folder, { recursive: true, force: true });
}
