// What is shown, as it stands in the address: #cases?q=refund&candidate=openai%2Fgpt-4o&show=wrong&case=t-12.
// So a view can be linked from the page's figures, sent to someone, and is there again after a reload.

const DEFAULTS = { q: "", candidate: "", show: "all", scorer: head?.scorers[0] ?? "", tag: "", sort: "flips", against: "", case: "" };

const state = { ...DEFAULTS };

const recall = () => {
  Object.assign(state, DEFAULTS);
  const [place, words] = location.hash.slice(1).split(/\?(.*)/s);
  const anchor = /^case-(\d+)$/.exec(place);
  if (anchor) state.case = index.find((entry) => entry.n === Number(anchor[1]))?.id ?? "";
  if (place === "cases" && words)
    for (const [name, value] of new URLSearchParams(words)) if (Object.hasOwn(DEFAULTS, name)) state[name] = value;
  return Boolean(anchor || place === "cases");
};

const address = () => {
  const words = Object.entries(state).filter(([name, value]) => value && value !== DEFAULTS[name]);
  return words.length ? "#cases?" + words.map((pair) => pair.map(encodeURIComponent).join("=")).join("&") : "";
};

// The address follows what is shown. It is replaced, not added to: Back leads off the page, not through every key.
const remember = () => {
  const hash = address();
  const ours = /^#cases?[-?]/.test(location.hash);
  if (hash === location.hash || (!hash && !ours)) return;
  history.replaceState(null, "", hash || location.pathname + location.search);
};

// Which candidates a filter is about: the chosen one, else all.
const whom = () => {
  const chosen = head.candidates.indexOf(state.candidate);
  return chosen < 0 ? [...head.candidates.keys()] : [chosen];
};

const BITS = { wrong: WRONG | PART, failed: FAILED, refused: REFUSED, cut: CUT, empty: EMPTY, unscored: UNSCORED };
const APART = 0.25; // scores that differ by less are no flip

// A test for one case. A flip is held against the candidate that all are compared with, else against the best one.
const filter = () => {
  const scorer = Math.max(0, head.scorers.indexOf(state.scorer));
  const who = whom();
  const named = head.candidates.indexOf(state.against);
  const base = named < 0 ? head.best : named;
  const one = who.length === 1 && who[0] !== base && base !== null;
  const gain = (entry, other) => {
    const [from, to] = [worth(entry, scorer, base), worth(entry, scorer, other)];
    return from === null || to === null ? 0 : to - from;
  };
  const shown = {
    flips: (entry) => {
      if (one) return Math.abs(gain(entry, who[0])) >= APART;
      const known = head.candidates.map((_, at) => worth(entry, scorer, at)).filter((value) => value !== null);
      return known.length > 1 && Math.max(...known) - Math.min(...known) >= APART;
    },
    gains: (entry) => who.some((at) => gain(entry, at) > 0),
    losses: (entry) => who.some((at) => gain(entry, at) < 0),
    right: (entry) => who.every((at) => entry.marks[scorer][at] & RIGHT),
    none: (entry) => !head.candidates.some((_, at) => entry.marks[scorer][at] & RIGHT),
  };
  const bits = BITS[state.show];
  const fits = shown[state.show] ?? (bits ? (entry) => who.some((at) => entry.marks[scorer][at] & bits) : () => true);
  return (entry) => (!state.tag || (entry.tags || []).includes(state.tag)) && fits(entry);
};

const collator = new Intl.Collator(undefined, { numeric: true });

// A comparison for sorting, or nothing for the order of the index: the most telling first.
const order = () => {
  const scorer = Math.max(0, head.scorers.indexOf(state.scorer));
  const who = whom();
  const by = (of, least) => {
    const key = index.map((entry) => {
      const known = who.map((at) => of(entry, at)).filter((value) => value !== null && value !== undefined);
      // what is not known comes last
      return known.length ? (least ? Math.min(...known) : -Math.max(...known)) : Infinity;
    });
    return (a, b) => (key[a.at] === key[b.at] ? a.at - b.at : key[a.at] - key[b.at]);
  };
  if (state.sort === "id") return (a, b) => collator.compare(a.id, b.id);
  if (state.sort === "data") return (a, b) => a.n - b.n;
  if (state.sort === "score") return by((entry, at) => entry.scores[scorer][at], true);
  if (state.sort === "cost") return by((entry, at) => entry.costs[at], false);
  if (state.sort === "latency") return by((entry, at) => entry.times[at], false);
  return null;
};

// The words that are looked for, in small letters; "several words" in quotes are one.
const needles = (q) => (q.toLowerCase().match(/"[^"]+"?|[^\s"]+/g) || []).map((word) => word.replaceAll('"', "").trim()).filter(Boolean);
