"use strict";
// The table of candidates. Without this script the page shows the same, in the suite's order.
(() => {
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
  if (!table) return;
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
})();
