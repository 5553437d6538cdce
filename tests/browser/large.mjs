// A page of ten thousand cases: how long until it can be used, how long a search takes, how large it is.
import { statSync } from "node:fs";
import { address, check, done, open, same, task, truth } from "./harness.mjs";

const figures = [];
const say = (name, value) => (figures.push(`${name} ${value}`), console.log(`        ${name}: ${value}`));

say("size", `${(statSync(task.page).size / 1e6).toFixed(1)} MB`);

const began = performance.now();
const page = await open(address(task.page));
const usable = performance.now() - began;

// Types into the search field and waits for the count to change.
const search = (q) =>
  page.evaluate(async (q) => {
    const form = document.querySelector("form.tools");
    const before = form.count.value;
    const began = performance.now();
    let longest = 0;
    let last = began;
    form.q.value = q;
    form.dispatchEvent(new Event("input", { bubbles: true }));
    while (form.count.value === before && performance.now() - began < 20000) {
      await new Promise((go) => setTimeout(go));
      const now = performance.now();
      longest = Math.max(longest, now - last);
      last = now;
    }
    return [performance.now() - began, longest, form.count.value];
  }, q);

await check("is usable soon", async () => {
  say("time to usable", `${Math.round(usable)} ms`);
  truth(usable < 5000, `${usable} ms`);
  same(await page.$eval("output", (it) => it.value), "10,000 cases");
});

await check("makes rows only for what is looked at", async () => {
  const rows = (await page.$$(".case")).length;
  truth(rows <= 200, `${rows} rows`);
});

await check("the first search reads everything, the next ones are quick", async () => {
  const [first, pause, found] = await search("case-00777");
  say("first search", `${Math.round(first)} ms, longest pause ${Math.round(pause)} ms`);
  same(found, "1 of 10,000 cases");
  truth(first < 8000, `${first} ms`);
  const [second, , none] = await search("no such words at all");
  say("next search", `${Math.round(second)} ms`);
  same(none, "0 of 10,000 cases");
  truth(second < 1500, `${second} ms`);
  const [third, , some] = await search("neither parcel");
  say("search of two words", `${Math.round(third)} ms`);
  same(some, "6,666 of 10,000 cases");
  await search("");
});

const timed = async (name, value) =>
  page.evaluate(
    async ([name, value]) => {
      const form = document.querySelector("form.tools");
      const list = document.querySelector(".list");
      const before = list.firstElementChild;
      const began = performance.now();
      form[name].value = value;
      form.dispatchEvent(new Event("input", { bubbles: true }));
      while (list.firstElementChild === before && performance.now() - began < 5000) await new Promise((go) => setTimeout(go));
      return performance.now() - began;
    },
    [name, value],
  );

await check("filters and sorts at once", async () => {
  const sorted = await timed("sort", "id");
  say("sort by id", `${Math.round(sorted)} ms`);
  const filtered = await timed("show", "flips");
  say("filter", `${Math.round(filtered)} ms`);
  truth(sorted < 1500 && filtered < 1500, `${sorted}, ${filtered} ms`);
  same(await page.$eval("output", (it) => it.value), "6,666 of 10,000 cases");
});

await check("opens a case far down by its address", async () => {
  const began = Date.now();
  await page.evaluate(() => (location.hash = "#cases?case=case-09999"));
  await page.waitForFunction(() => document.querySelector("#case-10000")?.open && document.querySelector("#case-10000 .answers"));
  say("jump to the last case", `${Date.now() - began} ms`);
  truth((await page.$$(".case")).length < 400, "and makes no rows for those before");
});

await check("uses a bounded amount of memory", async () => {
  const heap = await page.evaluate(() => performance.memory.usedJSHeapSize / 1e6);
  say("heap", `${Math.round(heap)} MB`);
  truth(heap < 500, `${heap} MB`);
});

await check("fetches nothing", async () => same(page.seen, []));

await check("has its most telling cases without script", async () => {
  const still = await open(address(task.page), { javaScriptEnabled: false });
  const cards = (await still.$$(".case")).length;
  say("cases without script", cards);
  truth(cards >= 50, `${cards} cases`);
  truth((await still.innerText("#cases")).includes(`${(10_000 - cards)} more are in this page`), "it says how many more there are");
  await still.close_all();
});

await done(figures.join(", "));
