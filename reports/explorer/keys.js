// What someone does: types, chooses, opens, goes from case to case; and the beginning of it all.

const CHOICES = ["candidate", "show", "scorer", "tag", "sort", "against"];

const toForm = () => {
  form.q.value = state.q;
  for (const name of CHOICES) {
    if (!form[name]) continue;
    form[name].value = state[name];
    // an address may ask for what is not there
    if (form[name].selectedIndex < 0) form[name].value = state[name] = DEFAULTS[name];
  }
};

const fromForm = () => {
  state.q = form.q.value.trim();
  for (const name of CHOICES) if (form[name]) state[name] = form[name].value;
};

const tags = () => {
  const all = new Set(index.flatMap((entry) => entry.tags || []));
  if (!all.size) return;
  const sorted = [...all].sort(collator.compare).slice(0, 500);
  form.tag.append(...sorted.map((tag) => el("option", { value: tag }, tag)));
  form.tag.closest("label").hidden = false;
};

const clear = () => {
  Object.assign(state, DEFAULTS);
  toForm();
  apply();
};

// Goes to the row so many rows on; at the end of the rows more are made.
const step = (by) => {
  const here = document.activeElement?.closest?.(".case");
  const at = here ? [...list.children].indexOf(here) : -1;
  const to = at < 0 ? 0 : Math.max(0, at + by);
  if (to >= list.childElementCount) further();
  list.children[Math.min(to, list.childElementCount - 1)]?.firstElementChild.focus();
};

const close = (item) => {
  item.open = false;
  item.firstElementChild.focus();
};

const help = document.querySelector("dialog.keys");

const press = (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || help.open) return;
  const { key, target } = event;
  if (target.matches("input, select, textarea")) {
    if (key !== "Escape") return;
    if (target === form.q && form.q.value) (form.q.value = ""), fromForm(), apply();
    else target.blur();
    event.preventDefault();
    return;
  }
  const row = target.closest?.(".case");
  if (key === "/") form.q.focus(), form.q.select();
  else if (key === "j" || (key === "ArrowDown" && target.matches(".case > summary"))) step(1);
  else if (key === "k" || (key === "ArrowUp" && target.matches(".case > summary"))) step(-1);
  else if (key === "Escape" && row?.open) close(row);
  else if (key === "?") help.showModal();
  else return;
  event.preventDefault();
};

const copy = async (button) => {
  const line = button.previousElementSibling;
  try {
    await navigator.clipboard.writeText(line.textContent);
    button.textContent = "copied";
    setTimeout(() => (button.textContent = "copy"), 1500);
  } catch {
    getSelection().selectAllChildren(line); // no clipboard here: it is marked, to be copied by hand
  }
};

const begin = () => {
  document.querySelectorAll("form.tools").forEach((part) => (part.hidden = false));
  tags();
  const opened = [...list.querySelectorAll(".case[open]")].map((item) => Number(item.id.slice(5)));
  const asked = recall();
  toForm();
  // what the page shows unfolded stays so, unless the address asks for something else
  if (!asked) for (const entry of index.slice(0, opened.length)) if (opened.includes(entry.n)) rowOf(entry).open = true;
  painted = `${state.scorer} ${state.against}`;
  apply().then(() => asked && (arrive() || list.closest("section").scrollIntoView({ behavior: "instant" })));

  let timer;
  form.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(() => (fromForm(), apply()), 80);
  });
  form.addEventListener("submit", (event) => event.preventDefault());
  form.clear.addEventListener("click", clear);
  document.querySelector(".tools.end button").addEventListener("click", further);
  new IntersectionObserver((seen) => seen.some((it) => it.isIntersecting) && further(), { rootMargin: "600px" }).observe(end);
  // Only a person's opening goes into the address, not one of ours: those come with the state.
  list.addEventListener("click", (event) => {
    if (event.target.matches("button.copy")) return copy(event.target);
    const item = event.target.closest(".case > summary")?.parentElement;
    if (!item) return;
    const { id } = owner.get(item);
    state.case = item.open ? (state.case === id ? "" : state.case) : id;
    remember();
  });
  list.addEventListener("toggle", (event) => event.target.matches(".case") && (fill(event.target), highlight()), true);
  addEventListener("hashchange", () => {
    if (location.hash === address() || !recall()) return;
    toForm();
    apply().then(() => arrive() || list.closest("section").scrollIntoView({ behavior: "instant" }));
  });
  addEventListener("keydown", press);
  // On paper nothing can be unfolded: what is listed is printed whole.
  addEventListener("beforeprint", () => {
    for (const item of list.children) if (item.childElementCount === 1) item.append(inside(owner.get(item)));
  });
};

// Without script, or with a template of one's own that has no explorer, the page shows its cases as they stand.
if (head && form && list) begin();
