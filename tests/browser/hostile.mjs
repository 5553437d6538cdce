// Pages of runs in which every text tries to be obeyed. Each is opened as it is, and once more without its policy, so
// that escaping is seen to hold on its own; then a page that does not escape, to see that these texts do bite.
import { readFileSync, writeFileSync } from "node:fs";
import { address, check, done, open, same, task, truth } from "./harness.mjs";

const POLICY = /<meta http-equiv="Content-Security-Policy"[^>]*>/;

const without_policy = (path) => {
  const text = readFileSync(path, "utf8");
  truth(POLICY.test(text), "the page has a policy");
  const bare = path.replace(/\.html$/, "-bare.html");
  writeFileSync(bare, text.replace(POLICY, ""));
  return bare;
};

// Every row, opened, with its differences marked and its words looked for.
const unfold = (page) =>
  page.evaluate(async () => {
    const pause = (ms) => new Promise((go) => setTimeout(go, ms));
    const more = document.querySelector(".tools.end");
    for (let turn = 0; turn < 100 && !more.hidden; turn++) more.querySelector("button").click(), await pause(0);
    const all = [...document.querySelectorAll("details")];
    for (let turn = 0; turn < 3; turn++) {
      for (const item of document.querySelectorAll("details:not([open])")) item.open = true;
      await pause(30);
    }
    const against = document.querySelector("[name=against]");
    against.value = "target";
    against.dispatchEvent(new Event("input", { bubbles: true }));
    await pause(250);
    for (const item of document.querySelectorAll("details:not([open])")) item.open = true;
    await pause(100);
    document.querySelectorAll("[autofocus]").forEach((it) => it.focus());
    return all.length;
  });

const what_happened = async (page) => [...(await page.evaluate(() => window.hits.map((n) => "hit " + n))), ...page.seen];

let shown = 0;
for (const path of task.pages)
  for (const [kind, file] of [["as it is", path], ["without its policy", without_policy(path)]])
    await check(`nothing is obeyed: ${path.split("/").at(-3)}, ${kind}`, async () => {
      const page = await open(address(file));
      await unfold(page);
      await page.waitForTimeout(200);
      same(await what_happened(page), []);
      same(await page.evaluate(() => window.breaches), [], "breaches of the policy");
      const made = await page.evaluate(() => {
        const bad = "img,iframe,object,embed,video,audio,marquee,math,base,a:not(.skip):not(.wrap a),link,style:not(head style),.list svg,.list form,.list input";
        const handlers = [...document.querySelectorAll("*")].filter((it) => [...it.attributes].some((a) => /^on/i.test(a.name)));
        return [...document.querySelectorAll(bad), ...handlers].map((it) => it.outerHTML.slice(0, 120));
      });
      same(made, [], "elements that came out of a text");
      if (kind === "as it is") {
        const text = await page.evaluate(() => document.body.textContent + [...document.querySelectorAll("[title],[value]")].map((it) => it.title + it.getAttribute("value")).join());
        shown += task.payloads.filter((_, n) => text.includes(`hit(${n})`)).length;
      }
      await page.close_all();
    });

await check("every payload was on a page of texts and on a page of names", async () => same(shown, 2 * task.payloads.length));

await check("where nothing is escaped and no policy stands, they bite", async () => {
  const page = await open(address(without_policy(task.control)), { ready: false });
  await page.waitForTimeout(500);
  const happened = await what_happened(page);
  const hits = happened.filter((it) => it.startsWith("hit ")).length;
  truth(hits >= 1, "no payload fired: these checks see nothing");
  console.log(`        ${hits} calls, ${happened.length - hits} requests and errors`);
  await page.close_all();
});

await check("where nothing is escaped, the policy holds alone", async () => {
  const page = await open(address(task.control), { ready: false });
  await page.waitForTimeout(500);
  same(await page.evaluate(() => window.hits), []);
  truth((await page.evaluate(() => window.breaches)).length > 0, "the policy had something to stop");
  await page.close_all();
});

await done(`${task.payloads.length} texts in 11 places`);
