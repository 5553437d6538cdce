// The explorer on a page of forty cases whose outcomes are known, and the page of the shipped suite.
import { address, check, done, flaws, open, same, task, truth } from "./harness.mjs";

const url = (hash) => address(task.page, hash);
const ids = (page) => page.$$eval(".list .id", (all) => all.map((it) => it.textContent));
const settled = (page) => page.waitForTimeout(150);
const hash = (page) => page.evaluate(() => decodeURIComponent(location.hash));
const focused = (page) => page.evaluate(() => document.activeElement.closest(".case")?.querySelector(".id").textContent ?? document.activeElement.name);

for (const [which, path] of [["mixed", task.page], ["triage", task.triage]])
  await check(`opens from a file, fetches nothing, says nothing on the console: ${which}`, async () => {
    const page = await open(address(path));
    for (const summary of (await page.$$(".case:not([open]) > summary")).slice(0, 20)) await summary.click();
    await settled(page);
    same(page.seen, []);
    same(await page.evaluate(() => window.breaches), []);
    await page.close_all();
  });

for (const [words, wanted] of task.lists)
  await check(`lists what is so: ${words || "everything"}`, async () => {
    const page = await open(url("cases?" + words));
    await settled(page);
    same((await ids(page)).sort(), wanted);
    const n = wanted.length === 40 ? "40 cases" : `${wanted.length} of 40 cases`;
    same(await page.$eval("output", (it) => it.value), n);
    same(await page.$eval(".none", (it) => it.hidden), wanted.length > 0);
    same(page.seen, []);
    await page.close_all();
  });

const page = await open(url());
const choose = async (name, value) => (await page.selectOption(`form.tools [name=${name}]`, value), await settled(page));

await check("the most telling case is first, and the order can be changed", async () => {
  const first = await ids(page);
  await choose("sort", "id");
  const sorted = [...first].sort();
  same(await ids(page), sorted);
  truth(first.join() !== sorted.join(), "the default order is another");
  await choose("sort", "score");
  await choose("candidate", "bad");
  const marks = await page.$$eval(".list .marks", (all) => all.map((it) => it.children[1].textContent));
  same(marks, [...marks].sort((a, b) => (a === "✗" ? 0 : 1) - (b === "✗" ? 0 : 1)), "the wrong ones first");
  await choose("sort", "latency");
  const slow = await ids(page);
  await choose("sort", "data");
  same(await ids(page), sorted);
  truth(slow.length === 40, "none is lost by sorting");
  await page.click("button[name=clear]");
  await settled(page);
  same(await ids(page), first);
});

await check("the address follows the controls, and a reload restores them", async () => {
  await page.fill("[name=q]", "quince + 1%");
  await choose("candidate", "good");
  await choose("show", "wrong");
  same(await hash(page), "#cases?q=quince + 1%&candidate=good&show=wrong");
  await page.fill("[name=q]", "quince");
  await settled(page);
  const before = await ids(page);
  await page.reload();
  await settled(page);
  same(await ids(page), before);
  same(await page.inputValue("[name=q]"), "quince");
  same(await page.inputValue("[name=show]"), "wrong");
  await page.click("button[name=clear]");
  await settled(page);
  same(await hash(page), "");
});

await check("an address that is changed, or is of a case, is obeyed; one that is nonsense is not", async () => {
  await page.evaluate(() => (location.hash = "#cases?case=q007&against=target"));
  await settled(page);
  same(await focused(page), "q007");
  same(await page.$eval("#case-8", (it) => it.open), true);
  await page.evaluate(() => (location.hash = "#case-12"));
  await settled(page);
  same(await focused(page), "q011");
  await page.evaluate(() => (location.hash = "#cases?show=nonsense&candidate=nobody&sort=%E0%A4&case=none&__proto__=x&toString=y"));
  await settled(page);
  same((await ids(page)).length, 40);
  same(page.seen, []);
});

await check("keys: find, next and previous, open, close, help", async () => {
  await page.evaluate(() => (location.hash = "#cases?sort=id"));
  await settled(page);
  for (const item of await page.$$(".case[open] > summary")) await item.click();
  await page.evaluate(() => document.activeElement.blur());
  await page.keyboard.press("j");
  same(await focused(page), "q000");
  await page.keyboard.press("j");
  await page.keyboard.press("ArrowDown");
  same(await focused(page), "q002");
  await page.keyboard.press("k");
  await page.keyboard.press("ArrowUp");
  await page.keyboard.press("k");
  same(await focused(page), "q000");
  await page.keyboard.press("Enter");
  await settled(page);
  same(await page.$eval("#case-1", (it) => it.open), true);
  same(await hash(page), "#cases?sort=id&case=q000");
  await page.keyboard.press("Escape");
  await settled(page);
  same(await page.$eval("#case-1", (it) => it.open), false);
  const outline = await page.evaluate(() => getComputedStyle(document.activeElement).outlineStyle);
  truth(outline !== "none", "the focus can be seen");
  await page.keyboard.press("?");
  same(await page.$eval("dialog", (it) => it.open), true);
  await page.keyboard.press("Escape");
  same(await page.$eval("dialog", (it) => it.open), false);
  await page.keyboard.press("/");
  same(await focused(page), "q");
  await page.keyboard.type("medlar?j");
  await settled(page);
  same(await page.inputValue("[name=q]"), "medlar?j");
  await page.keyboard.press("Escape");
  same(await page.inputValue("[name=q]"), "");
  await page.keyboard.press("Escape");
  await settled(page);
  same((await ids(page)).length, 40);
});

const of = async (id, selector, read = "textContent") => {
  await page.evaluate((id) => (location.hash = "#cases?case=" + id), id);
  await settled(page);
  return page.$$eval(`#case-${Number(id.slice(1)) + 1} ${selector}`, (all, read) => all.map((it) => it[read]), read);
};

await check("a case shows prompt, replies, reasons, tool calls, refusals, attempts and commands", async () => {
  same(await of("q005", ".prompt dd"), ["Be brief.", "Please what is 5 + 1?"]);
  same(await of("q005", ".answer h3"), ["✓ good right", "✗ bad wrong", "✓ odd right"]);
  const tries = await of("q005", ".tries td");
  same(tries.length, 10);
  same([tries[0], tries[4], tries[5], tries[9]], ["1", "overloaded: come again later", "2", "answered"]);
  truth(/^\d.* m?s$/.test(tries[7]) && tries[8].startsWith("$0.0000"), tries.join());
  const why = await of("q000", ".why");
  truth(why.some((it) => it.includes("quince")), why.join());
  truth((await of("q010", ".instead")).join().includes("the medlar was refused"), "the error is shown");
  truth((await of("q021", ".text")).includes("I would rather not."), "the refusal is shown");
  same(await of("q014", ".call"), ["tool call: add_up"]);
  truth((await of("q014", ".call + pre"))[0].includes('"of": [\n'), "arguments are laid out");
  const commands = await of("q014", ".command code");
  truth(/^bakeoff show [0-9a-f-]{8,} q014$/.test(commands[0]), commands[0]);
  same(commands[1], "bakeoff run --fresh --only q014");
});

await check("words that differ are marked, and the text stays what it was", async () => {
  await page.evaluate(() => (location.hash = "#cases?case=q001&against=good"));
  await settled(page);
  const marked = await page.$eval("#case-2 .answers", (it) => [it.children[1].querySelectorAll("ins").length, it.children[1].querySelectorAll("del").length, it.children[0].querySelectorAll("ins, del").length]);
  truth(marked[0] > 0 && marked[1] > 0 && marked[2] === 0, marked.join());
  const kept = await page.$eval("#case-2 .answers > :nth-child(2) .text", (it) => [...it.childNodes].filter((node) => node.nodeName !== "DEL").map((node) => node.textContent).join(""));
  same(kept, "it is the quince that I would rather speak of");
  await page.evaluate(() => (location.hash = "#cases?case=q001&against=target"));
  await settled(page);
  same(await page.$$eval("#case-2 .answers > :nth-child(1) .text :is(ins, del)", (all) => all.length), 0, "a right answer does not differ");
});

await check("a command can be copied", async () => {
  await page.context().grantPermissions(["clipboard-read", "clipboard-write"]);
  await page.click("#case-2 .copy");
  await settled(page);
  same(await page.$eval("#case-2 .copy", (it) => it.textContent), "copied");
});

await check("nothing was fetched or complained about by all that", async () => {
  same(page.seen, []);
  same(await page.evaluate(() => window.breaches), []);
  await page.close_all();
});

await check("without script every case can be read, and no dead control is shown", async () => {
  const page = await open(url(), { javaScriptEnabled: false });
  same((await page.$$(".case")).length, 40);
  same(await page.isVisible("form.tools"), false);
  same(await page.isVisible("dialog"), false);
  const closed = page.locator(".case:not([open])", { hasText: "the medlar was refused" }).last();
  const id = await closed.getAttribute("id");
  await page.click(`#${id} > summary`);
  truth((await page.innerText(`#${id} .inside`)).includes("the medlar was refused"), "an opened case has its texts");
  same(page.seen, []);
  await page.close_all();
});

await check("on paper: no controls, every listed case whole", async () => {
  const page = await open(url("cases?show=failed"));
  await settled(page);
  await page.emulateMedia({ media: "print" });
  await page.evaluate(() => dispatchEvent(new Event("beforeprint")));
  same(await page.isVisible("form.tools"), false);
  same(await page.$$eval(".case .inside", (all) => all.map((it) => it.getBoundingClientRect().height > 50)), [true, true, true, true]);
  const pdf = await page.pdf();
  truth(pdf.length > 20000, `${pdf.length} bytes of PDF`);
  same(page.seen, []);
  await page.close_all();
});

for (const colorScheme of ["light", "dark"])
  for (const [which, path] of [["mixed", task.page], ["triage", task.triage]])
    await check(`axe finds nothing serious: ${which}, ${colorScheme}`, async () => {
      const page = await open(address(path, "cases?against=target&q=e"), { colorScheme });
      for (const summary of (await page.$$(".case:not([open]) > summary")).slice(0, 12)) await summary.click();
      for (const summary of await page.$$(".more > summary")) await summary.click();
      await page.evaluate(() => document.activeElement.blur());
      same(await flaws(page), []);
      await page.keyboard.press("?");
      same(await flaws(page), []);
      const [r, g, b] = await page.evaluate(() => getComputedStyle(document.body).backgroundColor.match(/\d+/g).map(Number));
      truth(colorScheme === "dark" ? r + g + b < 150 : r + g + b > 700, "the colours follow the reader's");
      await page.close_all();
    });

for (const [which, path] of [["mixed", task.page], ["triage", task.triage]])
  for (const width of [390, 768, 1280])
    await check(`nothing sticks out: ${which} at ${width}`, async () => {
      const page = await open(address(path, "cases?against=target"), { viewport: { width, height: 844 } });
      for (const summary of (await page.$$(".case:not([open]) > summary")).slice(0, 12)) await summary.click();
      const [wide, room] = await page.evaluate(() => [document.documentElement.scrollWidth, innerWidth]);
      truth(wide <= room, `${wide} of ${room} pixels`);
      await page.close_all();
    });

if (task.pictures)
  for (const width of [1280, 390])
    for (const colorScheme of ["light", "dark"])
      await check(`pictures at ${width}, ${colorScheme}`, async () => {
        const size = { width, height: width === 390 ? 844 : 900 };
        const page = await open(address(task.triage), { viewport: size, colorScheme });
        await page.screenshot({ path: `${task.pictures}/page-${width}-${colorScheme}.png` });
        await page.evaluate(() => (location.hash = "#cases?candidate=qwen2.5-coder-1.5b&show=wrong&against=target&case=ticket-006"));
        await settled(page);
        await page.evaluate(() => scrollTo({ top: document.querySelector("#cases").offsetTop, behavior: "instant" }));
        await settled(page);
        await page.screenshot({ path: `${task.pictures}/cases-${width}-${colorScheme}.png` });
        await page.close_all();
      });

await done();
