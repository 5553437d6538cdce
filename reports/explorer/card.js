// One case as elements. What models, datasets and scorers said gets in as text nodes only: it is never read as markup.

const el = (tag, attributes, ...children) => {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes || {}))
    if (value || value === 0) node.setAttribute(name, value === true ? "" : value);
  node.append(...children.flat().filter((child) => child || child === 0));
  return node;
};

const scorerNow = () => Math.max(0, head.scorers.indexOf(state.scorer));

const marks = (entry) =>
  head.candidates.map((name, at) => {
    const [sign, kind, label] = mark(entry, scorerNow(), at);
    const says = `${name}: ${label}`;
    return el("span", { class: `mark ${kind}`, role: "img", title: says, "aria-label": says }, sign);
  });

// The closed case: a line. Its inside is made when it is opened.
const row = (entry) => {
  const item = line(entry);
  owner.set(item, entry);
  return item;
};

const owner = new WeakMap(); // the case that a row is of

const line = (entry) =>
  el(
    "details",
    { class: "case", id: `case-${entry.n}` },
    el(
      "summary",
      {},
      el("span", { class: "id" }, entry.id),
      el("span", { class: "excerpt", dir: "auto" }, entry.text),
      entry.target && el("span", { class: "target", dir: "auto" }, el("span", { class: "quiet" }, "expected"), " ", entry.target),
      el("span", { class: "marks" }, marks(entry)),
    ),
  );

const box = (tag, name, field) =>
  el(tag, { class: field.long ? `${name} long`.trim() : name, dir: "auto", tabindex: field.long && "0" }, field.text);

const more = (title, ...inside) => el("details", { class: "more" }, el("summary", {}, title), ...inside);

// The text of an answer, with what differs from the text that it is compared with.
const reply = (said, base) => {
  const pre = box("pre", "text", said);
  if (base === null || base === said.text) return [pre];
  const pieces = difference(base, said.text);
  if (!pieces) return [pre, el("p", { class: "quiet" }, "too long to compare word by word")];
  const tags = { same: null, gone: "del", new: "ins" };
  pre.replaceChildren(...pieces.map(([kind, text]) => (tags[kind] ? el(tags[kind], {}, text) : text)));
  return [pre];
};

const point = (score) =>
  el(
    "li",
    {},
    el("span", { class: `value ${score.class}` }, score.value),
    el("span", { class: "name" }, score.name),
    score.why && el("span", { class: "why", dir: "auto" }, score.why),
  );

const attempts = (tries) =>
  more(
    tries.length === 1 ? "1 attempt" : `${tries.length} attempts`,
    el(
      "table",
      { class: "tries" },
      el("thead", {}, el("tr", {}, ["#", "sent after", "took", "cost", "outcome"].map((name) => el("th", { scope: "col" }, name)))),
      el("tbody", {}, tries.map((t) => el("tr", {}, [t.name, t.sent, t.time, t.cost, t.how].map((cell) => el("td", {}, cell))))),
    ),
  );

const answer = (said, base) =>
  el(
    "div",
    { class: "said" },
    said.repeat && el("p", { class: "quiet" }, said.repeat),
    said.instead && el("p", { class: "instead" }, said.instead),
    said.text && reply(said, base),
    (said.more || []).map((field) =>
      // a tool call is the answer itself; the rest is beside it
      field.name.startsWith("tool call") ? [el("p", { class: "quiet call" }, field.name), box("pre", "", field)] : more(field.name, box("pre", "", field)),
    ).flat(),
    said.scores && el("ul", { class: "scores" }, said.scores.map(point)),
    el("p", { class: "facts" }, said.facts),
    said.details && el("p", { class: "facts" }, said.details),
    said.tries && attempts(said.tries),
  );

// What the answers of a candidate are compared with: the expected answer, or another's; null where with nothing.
const baseOf = (case_, candidate, repeat) => {
  if (state.against === "target") return case_.target || null;
  const other = head.candidates.indexOf(state.against);
  if (other < 0 || other === candidate) return null;
  return case_.answers[other][repeat]?.text ?? null;
};

const prompt = (entry, at) => {
  const { name, candidates } = head.prompts[at];
  const whose = head.prompts.length > 1 ? ` ${name}, for ${candidates.map((who) => head.candidates[who]).join(", ")}` : "";
  const lines = asked(entry, at).map(([role, text]) => [
    el("dt", {}, role === "reply" ? "(the model answers)" : role),
    el("dd", {}, el("pre", { dir: "auto" }, text)),
  ]);
  return more(`prompt${whose}`, el("dl", { class: "prompt" }, lines.flat()));
};

const command = (line, about) =>
  el("p", { class: "command" }, el("code", {}, line), el("button", { type: "button", class: "copy", "aria-label": `Copy: ${about}` }, "copy"), el("span", { class: "quiet" }, about));

// The inside of an open case.
const inside = (entry) => {
  const it = texts(entry);
  const fields = it.fields.map((field) => [el("dt", {}, field.name), box("dd", "", field)]);
  const answers = head.candidates.map((name, at) => {
    const [sign, kind, label] = mark(entry, scorerNow(), at);
    return el(
      "section",
      { class: `answer ${kind}` },
      el("h3", {}, el("span", { class: `mark ${kind}`, "aria-hidden": "true" }, sign), " ", name, " ", el("span", { class: "quiet" }, label)),
      it.answers[at].map((said, repeat) => answer(said, baseOf(it, at, repeat))),
    );
  });
  return el(
    "div",
    { class: "inside" },
    el(
      "dl",
      { class: "input" },
      fields.flat(),
      it.target && [el("dt", {}, "expected"), el("dd", { dir: "auto" }, it.target)],
      entry.tags && [el("dt", {}, "tags"), el("dd", {}, entry.tags.join(", "))],
    ),
    head.prompts.map((_, at) => prompt(entry, at)),
    el("div", { class: "answers" }, answers),
    command(it.show, "shows it in the terminal"),
    command(it.again, "asks it again"),
  );
};
