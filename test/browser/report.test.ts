import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import type { Browser, Page } from "playwright-core";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { formatHtml } from "../../report/html/page.js";
import { aFullResult, hostileName, longName } from "../report/a-full-result.js";
import { aResult } from "../report/a-result.js";
import { openBrowser } from "./browser.js";

const test = suite("the report in a browser");

const folder = mkdtempSync(join(tmpdir(), "leadline-browser-"));
test.after(() => rmSync(folder, { recursive: true }));

/** Pages by what is in them. */
const pages: Readonly<Record<string, string>> = {
  usual: write("usual", formatHtml(aFullResult(6))),
  hostile: write("hostile", formatHtml(aFullResult(4, hostileName))),
  long: write("long", formatHtml(aFullResult(3, longName))),
  many: write("many", formatHtml(aFullResult(100))),
  bare: write("bare", formatHtml(aResult())),
  nothing: write("nothing", formatHtml(aResult({ opportunities: [], explained: [], warnings: [] }))),
};

function write(name: string, text: string): string {
  const path = join(folder, `${name}.html`);
  writeFileSync(path, text);
  return pathToFileURL(path).href;
}

const browser: Browser | null = await openBrowser();
if (browser === null) {
  process.stdout.write("skipped: the report in a browser (no Chromium or Chrome found; LEADLINE_BROWSER names one)\n");
} else {
  test.after(() => browser.close());
  addTests(browser);
}

interface Look {
  readonly width: number;
  readonly scheme: "light" | "dark";
  readonly script?: boolean;
}

/** A page that is open, with all that went wrong in it. */
interface Opened {
  readonly page: Page;
  readonly problems: string[];
}

async function open(browser: Browser, url: string | undefined, look: Look): Promise<Opened> {
  const context = await browser.newContext({
    viewport: { width: look.width, height: 900 },
    colorScheme: look.scheme,
    javaScriptEnabled: look.script ?? true,
  });
  const page = await context.newPage();
  const problems: string[] = [];
  page.on("console", (message) => {
    if (message.type() === "error" || message.type() === "warning") problems.push(message.text());
  });
  page.on("pageerror", (error) => problems.push(error.message));
  page.on("dialog", async (dialog) => {
    problems.push(`dialog: ${dialog.message()}`);
    await dialog.dismiss();
  });
  page.on("request", (request) => {
    if (request.url() !== url && !request.url().startsWith(`${url}#`)) problems.push(`request: ${request.url()}`);
  });
  await page.goto(url ?? "");
  return { page, problems };
}

function addTests(browser: Browser): void {
  const light: Look = { width: 400, scheme: "light" };
  const dark: Look = { width: 1600, scheme: "dark" };
  const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
  for (const [name, url] of Object.entries(pages)) {
    for (const look of [light, dark]) {
      test(`${name}, ${look.width} px, ${look.scheme}: fits, asks for nothing, and nothing of the data runs`, async () => {
        const { page, problems } = await open(browser, url, look);
        const width = await page.evaluate<number>("document.documentElement.scrollWidth");
        assert.is(width, look.width);
        assert.equal(problems, []);
        await page.context().close();
      });
    }
  }
  for (const [name, looked] of [
    ["usual", [light, dark, { width: 400, scheme: "dark" }, { width: 1600, scheme: "light" }]],
    ["hostile", [light, dark]],
    ["nothing", [light]],
  ] satisfies [string, Look[]][]) {
    for (const look of looked) {
      test(`${name}, ${look.width} px, ${look.scheme}: axe finds nothing serious`, async () => {
        const { page } = await open(browser, pages[name], look);
        await page.evaluate("for (const each of document.querySelectorAll('details')) each.open = true");
        // by the debugger's own way in, which the page's policy does not stop
        await page.evaluate(axe);
        const { violations } = await page.evaluate<{
          violations: { id: string; impact: string; nodes: { html: string }[] }[];
        }>("axe.run(document, { resultTypes: ['violations'] })");
        const told = violations.map(({ id, impact, nodes }) => `${impact}: ${id}: ${nodes[0]?.html.slice(0, 200)}`);
        assert.equal(told, []);
        await page.context().close();
      });
    }
  }

  const wide: Look = { width: 1600, scheme: "light" };

  test("the filter leaves what fits, in the list, the contents and the page, and says how many", async () => {
    const { page } = await open(browser, pages["usual"], wide);
    await page.getByLabel("Find").fill("error_4");
    assert.is(await page.locator("#list tbody tr:visible").count(), 1);
    assert.is(await page.locator("article.op:visible").count(), 1);
    assert.is(await page.locator("nav ol li:visible").count(), 1);
    assert.is(await page.locator("form.find output").textContent(), "1 of 6 shown");
    await page.getByLabel("Find").fill("");
    await page.getByRole("combobox", { name: "KPI" }).selectOption({ label: "rebuffering" });
    assert.is(await page.locator("article.op:visible").count(), 2);
    await page.getByRole("combobox", { name: "KPI" }).selectOption("");
    await page.getByLabel("Since the last run").selectOption("worse");
    assert.is(await page.locator("article.op:visible").count(), 2);
    await page.context().close();
  });

  test("a heading sorts the list and the page, by keyboard too, and says so", async () => {
    const { page } = await open(browser, pages["usual"], wide);
    const order = (): Promise<string[]> => page.locator("#list tbody tr td:first-child").allTextContents();
    const button = page.getByRole("button", { name: "Ratio" });
    await button.focus();
    await page.keyboard.press("Enter");
    assert.equal(await order(), ["2", "6", "5", "4", "3", "1"]);
    assert.is(await page.locator("th[aria-sort=descending]").count(), 1);
    await page.keyboard.press("Enter");
    assert.equal(await order(), ["1", "3", "4", "5", "6", "2"]);
    const kicks = await page.locator("article.op .kick b").allTextContents();
    assert.equal(kicks, await order());
    await page.context().close();
  });

  test("a link leads to its opportunity, also where a filter hides it", async () => {
    const { page } = await open(browser, `${pages["usual"]}#k000000003`, wide);
    const isInView = (id: string): Promise<boolean> =>
      page.evaluate<boolean>(`Math.abs(document.getElementById("${id}").getBoundingClientRect().top) < 300`);
    assert.ok(await isInView("k000000003"));
    await page.getByLabel("Find").fill("error_1");
    await page.evaluate("location.hash = '#k000000005'");
    await page.waitForFunction("!document.getElementById('k000000005').hidden");
    assert.ok(await isInView("k000000005"));
    await page.locator("#list a").first().click();
    assert.ok(await isInView("k000000001"));
    await page.context().close();
  });

  test("an expression is copied as it is", async () => {
    const { page } = await open(browser, pages["usual"], wide);
    await page.context().grantPermissions(["clipboard-read", "clipboard-write"]);
    await page.getByRole("button", { name: "Copy the expression" }).first().click();
    await page.getByText("Copied").first().waitFor();
    assert.is(await page.evaluate("navigator.clipboard.readText()"), '"buy_plan" => pay => error_1');
    await page.context().close();
  });

  test("without script all is there to read, and no control that does nothing", async () => {
    const { page } = await open(browser, pages["usual"], { ...wide, script: false });
    assert.is(await page.locator("article.op").count(), 6);
    assert.is(await page.locator("form.find").isVisible(), false);
    assert.is(await page.locator("button").count(), 0);
    await page.context().close();
  });

  test("the first thing that the keyboard reaches skips the contents", async () => {
    const { page } = await open(browser, pages["usual"], wide);
    await page.keyboard.press("Tab");
    assert.is(await page.evaluate("document.activeElement.textContent"), "Skip to the report");
    await page.keyboard.press("Enter");
    assert.is(await page.evaluate("location.hash"), "#s-main");
    await page.context().close();
  });

  test("on paper everything is unfolded and no control is printed", async () => {
    const { page } = await open(browser, pages["usual"], { width: 800, scheme: "dark" });
    await page.emulateMedia({ media: "print", colorScheme: "light" });
    assert.is(await page.locator("nav").isVisible(), false);
    assert.is(await page.locator(".copy").first().isVisible(), false);
    const hidden = await page.evaluate<number>(
      "[...document.querySelectorAll('details:not([open]) > ul')].filter((list) => list.getBoundingClientRect().height === 0).length",
    );
    assert.is(hidden, 0);
    await page.context().close();
  });

  test("hostile names are text: no element, attribute or link is made of them", async () => {
    const { page } = await open(browser, pages["hostile"], wide);
    const found = await page.evaluate<number>(
      "document.querySelectorAll('img, iframe, object, b > script, [onerror], [onmouseover], a:not([href^=\"#\"])').length",
    );
    assert.is(found, 0);
    assert.is(await page.locator("script").count(), 1);
    assert.match((await page.locator("h1").textContent()) ?? "", /<script>alert\(1\)<\/script>/);
    await page.context().close();
  });
}

test.run();
