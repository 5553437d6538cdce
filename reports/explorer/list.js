// The list: which cases are found, and of those as many rows as someone looks at.

const ROWS = 60; // are made at first, and again each time the end is reached

const form = document.querySelector("form.tools");
const list = document.querySelector(".list");
const end = document.querySelector(".tools.end");

let found = [];
let drawn = 0; // so many of them, from the first on, have a row in the list
let turn = 0; // a search that is no longer wanted stops at its next pause

// Rows that exist, by the case's place: an open case stays open through a change of the filter.
let rows = new Map();
const rowOf = (entry) => {
  if (!rows.has(entry.at)) rows.set(entry.at, row(entry));
  return rows.get(entry.at);
};

const fill = (item) => {
  if (item.open && item.childElementCount === 1) item.append(inside(owner.get(item)));
};

const pause = () => new Promise((go) => setTimeout(go));

// The cases that are wanted, in the order that is wanted. Every 12 ms the browser gets a chance to paint and to type.
const search = async () => {
  const mine = ++turn;
  const words = needles(state.q);
  const [fits, by] = [filter(), order()];
  const sorted = by ? [...index].sort(by) : index;
  const kept = [];
  let since = performance.now();
  for (const entry of sorted) {
    if (!fits(entry)) continue;
    if (words.length) {
      const text = haystack(entry);
      if (words.every((word) => text.includes(word))) kept.push(entry);
      if (performance.now() - since > 12) {
        await pause();
        if (mine !== turn) return null;
        since = performance.now();
      }
    } else kept.push(entry);
  }
  return mine === turn ? kept : null;
};

// The case of the address is among the rows: in its place, or on top where that is far down.
const draw = () => {
  const at = state.case ? found.findIndex((entry) => entry.id === state.case) : -1;
  const far = at >= ROWS * 5;
  drawn = far ? ROWS : Math.max(ROWS, at + 1);
  list.replaceChildren(...(far ? [rowOf(found[at])] : []), ...found.slice(0, drawn).map(rowOf));
  end.hidden = drawn >= found.length;
  highlight();
};

const further = () => {
  if (drawn >= found.length) return;
  list.append(...found.slice(drawn, drawn + ROWS).map(rowOf));
  drawn += ROWS;
  end.hidden = drawn >= found.length;
  highlight();
};

const plural = (n, noun) => `${n.toLocaleString("en-US")} ${noun}${n === 1 ? "" : "s"}`;

const say = () => {
  const all = plural(head.total, "case");
  form.count.value = found.length === head.total ? all : `${found.length.toLocaleString("en-US")} of ${all}`;
  form.clear.hidden = !address();
  document.querySelector(".none").hidden = found.length > 0;
};

// Shows what the state asks for. What was opened before stays so; what another scorer or comparison has changed is
// made again.
let painted = "";
const apply = async () => {
  remember();
  const paint = `${state.scorer} ${state.against}`;
  if (paint !== painted) {
    const open = [...rows].filter(([, item]) => item.open).map(([at]) => at);
    rows = new Map();
    for (const at of open) rowOf(index[at]).open = true;
    painted = paint;
  }
  const kept = await search();
  if (!kept) return;
  found = kept;
  draw();
  rows.forEach(fill);
  say();
};

// Marks the words that were looked for, without a change to the text (CSS Custom Highlight API), where there is one.
const highlight = () => {
  if (!window.Highlight) return;
  const words = needles(state.q);
  const ranges = [];
  if (words.length)
    for (const item of list.querySelectorAll(".case[open] .inside, .excerpt")) {
      const walker = document.createTreeWalker(item, NodeFilter.SHOW_TEXT);
      for (let node = walker.nextNode(); node && ranges.length < 2000; node = walker.nextNode()) {
        const text = node.data.toLowerCase();
        if (text.length !== node.data.length) continue; // some letters change their length
        for (const word of words)
          for (let at = text.indexOf(word); at >= 0; at = text.indexOf(word, at + word.length)) {
            const range = new Range();
            range.setStart(node, at);
            range.setEnd(node, at + word.length);
            ranges.push(range);
          }
      }
    }
  CSS.highlights.set("found", new Highlight(...ranges));
};

// Opens the case of the address, and brings it into view.
const arrive = () => {
  const entry = state.case && found.find((it) => it.id === state.case);
  if (!entry) return false;
  const item = rowOf(entry);
  item.open = true;
  fill(item);
  item.firstElementChild.focus({ preventScroll: true });
  item.scrollIntoView({ block: "start", behavior: "instant" });
  return true;
};
