// What differs between two texts, word by word.

const MOST_WORDS = 1200; // of each text, less what both begin and end with: the table is their product

const split = (text) => text.match(/\s+|[\p{L}\p{N}_]+|[^\s\p{L}\p{N}_]/gu) || [];

// Pieces of [kind, text] that lead from one text to the other: "same", "gone" or "new". Null if they are too long.
// The longest common subsequence (Wagner & Fischer 1974), after the common beginning and end are taken off.
const difference = (from, to) => {
  const [a, b] = [split(from), split(to)];
  let start = 0;
  while (start < a.length && start < b.length && a[start] === b[start]) start++;
  let [endA, endB] = [a.length, b.length];
  while (endA > start && endB > start && a[endA - 1] === b[endB - 1]) endA--, endB--;
  const [rows, columns] = [endA - start, endB - start];
  if (rows > MOST_WORDS || columns > MOST_WORDS) return null;
  const width = columns + 1;
  const longest = new Uint16Array((rows + 1) * width);
  for (let i = rows - 1; i >= 0; i--)
    for (let j = columns - 1; j >= 0; j--)
      longest[i * width + j] =
        a[start + i] === b[start + j]
          ? longest[(i + 1) * width + j + 1] + 1
          : Math.max(longest[(i + 1) * width + j], longest[i * width + j + 1]);
  const pieces = [];
  const push = (kind, word) => {
    const last = pieces.at(-1);
    if (last && last[0] === kind) last[1] += word;
    else pieces.push([kind, word]);
  };
  a.slice(0, start).forEach((word) => push("same", word));
  let [i, j] = [0, 0];
  while (i < rows || j < columns) {
    if (i < rows && j < columns && a[start + i] === b[start + j]) push("same", a[start + i++]), j++;
    else if (j >= columns || (i < rows && longest[(i + 1) * width + j] >= longest[i * width + j + 1])) push("gone", a[start + i++]);
    else push("new", b[start + j++]);
  }
  a.slice(endA).forEach((word) => push("same", word));
  return pieces;
};
