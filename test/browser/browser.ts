import { existsSync } from "node:fs";
import { delimiter, join } from "node:path";
import { type Browser, chromium } from "playwright-core";

const names = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "microsoft-edge"];

/** The system's browser, or the one that LEADLINE_BROWSER names; null where there is none that starts. */
export async function openBrowser(): Promise<Browser | null> {
  const named = process.env["LEADLINE_BROWSER"];
  const folders = (process.env["PATH"] ?? "").split(delimiter);
  const known = names.flatMap((name) => folders.map((folder) => join(folder, name)));
  const executablePath = [...(named === undefined ? [] : [named]), ...known].find(existsSync);
  if (executablePath === undefined) return null;
  return await chromium.launch({ executablePath });
}
