// What every check needs: a browser, a page that is watched, and a count of what passed.
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { pathToFileURL } from "node:url";

const need = createRequire(process.env.BROWSER_MODULES + "/from-here.js");
const { chromium } = need("playwright-core");
const axe = readFileSync(need.resolve("axe-core/axe.min.js"), "utf8");

export const task = JSON.parse(readFileSync(process.argv[2], "utf8"));
export const address = (path, hash = "") => pathToFileURL(path).href + (hash && "#" + hash);

const browser = await chromium.launch({ executablePath: process.env.CHROMIUM, args: ["--no-sandbox"] });

// A page in a context of its own, with all that it must not do written down: requests but for itself, errors on the
// console, breaches of its policy, dialogs, windows, calls of hit().
export const open = async (url, { ready = true, ...options } = {}) => {
  const context = await browser.newContext({ viewport: { width: 1280, height: 900 }, ...options });
  const page = await context.newPage();
  const seen = [];
  const own = url.split("#")[0];
  page.on("request", (it) => it.url().split("#")[0] === own || seen.push("request " + it.url().slice(0, 200)));
  page.on("console", (it) => ["error", "warning"].includes(it.type()) && seen.push("console " + it.text().slice(0, 300)));
  page.on("pageerror", (it) => seen.push("error " + it.message));
  page.on("dialog", (it) => (seen.push("dialog " + it.message()), it.dismiss()));
  context.on("page", (it) => it !== page && seen.push("window " + it.url()));
  await page.addInitScript(() => {
    window.hits = [];
    window.hit = (n) => void window.hits.push(n);
    window.breaches = [];
    addEventListener("securitypolicyviolation", (it) => window.breaches.push(`${it.violatedDirective} ${it.sample}`));
  });
  await page.goto(url, { waitUntil: "load" });
  page.seen = seen;
  page.close_all = () => context.close();
  if (ready && options.javaScriptEnabled !== false) await page.waitForFunction(() => document.querySelector("form.tools")?.count?.value !== "");
  return page;
};

let passed = 0;
const failed = [];

export const check = async (name, work) => {
  try {
    await work();
    passed++;
    console.log("ok      " + name);
  } catch (error) {
    failed.push(name);
    console.log(`FAILED  ${name}: ${error.stack || error}`);
  }
};

export const same = (found, wanted, what = "") => {
  const [a, b] = [found, wanted].map((it) => JSON.stringify(it));
  if (a !== b) throw new Error(`${what}\n   found ${a}\n  wanted ${b}`);
};

export const truth = (is, what) => {
  if (!is) throw new Error(what);
};

// Serious and critical findings of axe-core; minor ones are matters of taste.
export const flaws = async (page) => {
  await page.evaluate(axe); // over the debugger: the page's own policy would not let it in
  return page.evaluate(async () => {
    const result = await window.axe.run(document, { resultTypes: ["violations"] });
    const bad = result.violations.filter((it) => ["serious", "critical"].includes(it.impact));
    return bad.map((it) => `${it.id}: ${it.nodes.slice(0, 3).map((node) => node.html.slice(0, 160)).join(" | ")}`);
  });
};

export const done = async (about) => {
  await browser.close();
  console.log(`browser: ${passed} checks passed${about ? ", " + about : ""}`);
  if (failed.length) {
    console.log(`${failed.length} failed: ${failed.join("; ")}`);
    process.exitCode = 1;
  }
};
