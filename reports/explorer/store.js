// The cases: an index of all of them, and their texts in parts that are parsed when first needed.

// What is true of a candidate's answers to a case; src/report/explorer/entry.rs has the same list.
const RIGHT = 1, PART = 2, WRONG = 4, FAILED = 8, UNSCORED = 16, REFUSED = 32, CUT = 64, EMPTY = 128, UNASKED = 256;

const island = (id) => JSON.parse(document.getElementById(id)?.textContent || "null");
const head = island("cases-head");
const index = island("cases-index") || [];
index.forEach((entry, at) => (entry.at = at));

const parts = document.querySelectorAll("script.cases-part");
const parsed = [];

// The texts of a case. A part stays parsed: searching goes over all of them again and again.
const texts = (entry) => {
  const part = Math.floor(entry.at / head.part);
  parsed[part] ??= JSON.parse(parts[part].textContent);
  return parsed[part][entry.at % head.part];
};

// The prompt as a case was asked it: role and text, those that are the same for all cases filled in.
const asked = (entry, prompt) => {
  const own = (texts(entry).asked?.[prompt] || []).values();
  return head.prompts[prompt].lines.map(([role, text]) => [role, text ?? own.next().value ?? ""]);
};

// All that can be searched of a case, in small letters.
const hay = [];
const haystack = (entry) => {
  if (hay[entry.at] !== undefined) return hay[entry.at];
  const words = [entry.id, ...(entry.tags || [])];
  const walk = (value) => {
    if (typeof value === "string") words.push(value);
    else if (value && typeof value === "object") Object.values(value).forEach(walk);
  };
  const { show, again, ...said } = texts(entry);
  walk(said);
  return (hay[entry.at] = words.join("\n").toLowerCase());
};

// How much of a candidate's answer is right, from 0 to 1; null where that is not known.
const worth = (entry, scorer, candidate) => {
  const bits = entry.marks[scorer]?.[candidate] ?? 0;
  if (bits & RIGHT) return 1;
  if (bits & WRONG) return 0;
  return bits & PART ? entry.scores[scorer][candidate] : null;
};

// Sign, class and words for a candidate's mark.
const mark = (entry, scorer, candidate) => {
  const bits = entry.marks[scorer]?.[candidate] ?? 0;
  if (bits & RIGHT) return ["✓", "right", "right"];
  if (bits & WRONG) return ["✗", "wrong", "wrong"];
  if (bits & PART) return ["◐", "part", "scored " + entry.scores[scorer][candidate]];
  if (bits & FAILED) return ["!", "failed", "no reply"];
  return ["?", "unscored", bits & UNASKED ? "not asked" : "not scored"];
};
