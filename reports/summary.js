"use strict";
// Filters, order, search and word comparison. Without this script the page shows the same cases, unfiltered.
(() => {
  const list = document.querySelector(".list");
  const tools = document.querySelector("form.tools");
  const more = document.querySelector("button[name=more]");
  const island = document.getElementById("kept");
  const PAGE = 100;
  let shown = [...list.children];
  let packed = island !== null; // the island is parsed when first needed
  let limit = PAGE * 3;
  document.querySelectorAll(".tools[hidden]").forEach((part) => (part.hidden = false));

  const state = () => ({
    show: tools.show.value,
    order: tools.order.value,
    find: tools.find.value.trim().toLowerCase(),
    with: tools.with.value,
  });

  // A kept case becomes an element only when it is to be seen.
  const element = (html) => {
    const holder = document.createElement("template");
    holder.innerHTML = html;
    return holder.content.firstElementChild;
  };
  const unpack = () => {
    if (!packed) return;
    packed = false;
    shown = shown.concat(JSON.parse(island.textContent).map(element));
  };

  const fits = (item, s) =>
    (!s.show || item.dataset.kinds.split(" ").includes(s.show)) &&
    (!s.find || item.textContent.toLowerCase().includes(s.find));

  const apply = () => {
    const s = state();
    if (s.show || s.find || s.order) unpack();
    const found = shown.filter((item) => fits(item, s));
    if (s.order === "data") found.sort((a, b) => a.dataset.at - b.dataset.at);
    const now = found.slice(0, limit);
    list.replaceChildren(...now);
    more.parentElement.hidden = !packed && found.length === now.length;
    const all = Number(tools.dataset.cases) || shown.length;
    tools.count.value = s.show || s.find ? `${found.length} of ${all} cases` : `${all} cases`;
    compare(s);
    remember(s);
  };

  // The state lives in the address, so that a view can be sent to someone.
  const remember = (s) => {
    const words = new URLSearchParams(Object.entries(s).filter(([, value]) => value));
    const hash = words.toString();
    if (hash || location.hash.includes("=")) history.replaceState(null, "", hash ? "#" + hash : location.pathname + location.search);
  };
  const recall = () => {
    if (!location.hash.includes("=")) return;
    const words = new URLSearchParams(location.hash.slice(1));
    for (const name of ["show", "order", "find", "with"]) tools[name].value = words.get(name) || "";
  };

  // Marks the words of every answer that are not in the chosen candidate's (longest common subsequence).
  const extra = (from, to) => {
    const width = to.length + 1;
    const best = new Uint16Array((from.length + 1) * width);
    for (let i = from.length - 1; i >= 0; i--)
      for (let j = to.length - 1; j >= 0; j--)
        best[i * width + j] =
          from[i] === to[j]
            ? best[(i + 1) * width + j + 1] + 1
            : Math.max(best[(i + 1) * width + j], best[i * width + j + 1]);
    const only = new Set();
    for (let i = 0, j = 0; j < to.length; ) {
      if (i < from.length && from[i] === to[j]) i++, j++;
      else if (i < from.length && best[(i + 1) * width + j] >= best[i * width + j + 1]) i++;
      else only.add(j++);
    }
    return only;
  };
  const words = (pre) => pre.textContent.split(/(\s+)/).filter((word) => word);
  const paint = (item, who) => {
    if (item.dataset.with === who) return;
    item.dataset.with = who;
    const answers = [...item.querySelectorAll(".answer")].map((a) => a.querySelector(".text"));
    const base = who && answers[who] ? words(answers[who]) : null;
    answers.forEach((pre, at) => {
      if (!pre) return;
      const mine = words(pre);
      const too = base && (mine.length > 1500 || base.length > 1500);
      const only = base && String(at) !== who && !too ? extra(base, mine) : new Set();
      pre.replaceChildren(
        ...mine.map((word, n) => {
          if (!only.has(n) || !word.trim()) return word;
          const mark = document.createElement("mark");
          mark.textContent = word;
          return mark;
        }),
      );
    });
  };
  const compare = (s) => list.querySelectorAll(".case[open]").forEach((item) => paint(item, s.with));
  list.addEventListener("toggle", (event) => event.target.open && event.target.matches(".case") && paint(event.target, tools.with.value), true);

  let timer;
  tools.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(apply, 120);
  });
  tools.addEventListener("submit", (event) => event.preventDefault());
  more.addEventListener("click", () => {
    unpack();
    limit += PAGE;
    apply();
  });
  addEventListener("hashchange", () => (recall(), apply()));

  const step = (by) => {
    const rows = [...list.querySelectorAll(".case > summary")];
    const at = rows.indexOf(document.activeElement?.closest?.(".case")?.firstElementChild);
    rows[Math.min(rows.length - 1, Math.max(0, at < 0 ? 0 : at + by))]?.focus();
  };
  addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.target.matches("input, select, textarea")) {
      if (event.key === "Escape") {
        if (event.target === tools.find) (tools.find.value = ""), apply();
        event.target.blur();
      }
      return;
    }
    if (event.key === "/") tools.find.focus();
    else if (event.key === "j") step(1);
    else if (event.key === "k") step(-1);
    else if (event.key === "e") {
      const all = [...list.children];
      const open = !all.every((item) => item.open);
      all.forEach((item) => (item.open = open));
    } else return;
    event.preventDefault();
  });

  // A click on a column's head sorts the candidates; what is unknown comes last.
  const table = document.querySelector("table.candidates");
  const amount = (cell) => {
    const text = cell.firstChild.textContent.replace(/[$,]/g, "");
    const number = parseFloat(text.replace("−", "-"));
    return Number.isNaN(number) ? null : number * (/ min/.test(text) ? 60000 : / s$/.test(text) ? 1000 : 1);
  };
  const order = (at, down) => (a, b) => {
    if (at === 0) return a.cells[0].textContent.localeCompare(b.cells[0].textContent) * (down ? -1 : 1);
    const [x, y] = [amount(a.cells[at]), amount(b.cells[at])];
    return x === null || y === null ? (x === null) - (y === null) : (x - y) * (down ? -1 : 1);
  };
  const heads = [...table.tHead.rows[0].cells];
  heads.forEach((head, at) => {
    const button = document.createElement("button");
    button.type = "button";
    button.className = "sort";
    button.append(...head.childNodes);
    head.append(button);
    button.addEventListener("click", () => {
      const down = head.getAttribute("aria-sort") === "ascending";
      heads.forEach((other) => other.removeAttribute("aria-sort"));
      head.setAttribute("aria-sort", down ? "descending" : "ascending");
      // the primary score's head stands over two cells
      const rows = [...table.tBodies[0].rows].sort(order(at > 1 ? at + 1 : at, down));
      table.tBodies[0].append(...rows);
    });
  });

  recall();
  apply();
})();
