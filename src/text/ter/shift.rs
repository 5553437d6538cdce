//! The greedy search for shifts: Tercom's heuristics and limits, as sacreBLEU has them.

/// The longest block that is shifted.
const LONGEST: usize = 10;
/// How far apart two equal blocks may begin.
const FARTHEST: usize = 50;
/// Cells on either side of the diagonal.
const BEAM: usize = 25;
/// Shifts tried for one sentence.
const TRIES: usize = 1000;

/// Edits and shifts that turn `found` into `expected`.
pub(super) fn edits(found: &[u32], expected: &[u32]) -> usize {
    if expected.is_empty() {
        return found.len();
    }
    let mut words = found.to_vec();
    let (mut shifts, mut tried) = (0, 0);
    loop {
        let table = Table::of(&words, expected);
        let best = best_shift(&words, expected, &table, &mut tried);
        match best {
            Some((gain, shifted)) if gain > 0 && tried < TRIES => {
                shifts += 1;
                words = shifted;
            }
            _ => return shifts + table.distance(),
        }
    }
}

/// What is saved, how long the block is, from where and to where, the last two negated.
type Rank = (i64, usize, i64, i64);

/// The shift that saves most; of equals the longest, then the earliest, then to the earliest place.
fn best_shift(
    words: &[u32],
    expected: &[u32],
    table: &Table,
    tried: &mut usize,
) -> Option<(i64, Vec<u32>)> {
    let path = Path::of(table, words.len(), expected.len());
    let mut best: Option<(Rank, Vec<u32>)> = None;
    let before = table.distance() as i64;
    'all: for from in 0..words.len() {
        let nearest = from.saturating_sub(FARTHEST);
        for to in nearest..expected.len().min(from + FARTHEST + 1) {
            let alike = words[from..].iter().zip(&expected[to..]);
            let alike = alike.take(LONGEST).take_while(|(a, b)| a == b).count();
            for length in 1..=alike {
                let both_wrong = path.word_wrong[from..from + length].contains(&true)
                    && path.expected_wrong[to..to + length].contains(&true);
                let inside = (from as i64..(from + length) as i64).contains(&path.at[to]);
                if both_wrong && !inside {
                    let mut last = None;
                    for place in path.places(to, length) {
                        if last == Some(place) {
                            continue;
                        }
                        last = Some(place);
                        let shifted = shifted(words, from, length, place);
                        let gain = before - table.distance_of(words, &shifted, expected) as i64;
                        *tried += 1;
                        let rank = (gain, length, -(from as i64), -(place as i64));
                        if best.as_ref().is_none_or(|(most, _)| rank > *most) {
                            best = Some((rank, shifted));
                        }
                    }
                    if *tried >= TRIES {
                        break 'all;
                    }
                }
            }
        }
    }
    best.map(|((gain, ..), shifted)| (gain, shifted))
}

/// The words with a block moved to before `place`.
fn shifted(words: &[u32], from: usize, length: usize, place: usize) -> Vec<u32> {
    let end = from + length;
    let block = &words[from..end];
    let parts = if place < from {
        [&words[..place], block, &words[place..from], &words[end..]]
    } else if place > end {
        [&words[..from], &words[end..place], block, &words[place..]]
    } else {
        let behind = (length + place).min(words.len());
        [&words[..from], &words[end..behind], block, &words[behind..]]
    };
    parts.concat()
}

/// One step of an edit path.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
enum Step {
    #[default]
    Unknown,
    Same,
    Substitute,
    Delete,
    Insert,
}

const FAR: u32 = u32::MAX / 2;

/// The edit distances of all beginnings of both, near the diagonal.
struct Table {
    /// Row by word, column by expected word, both from 0 for nothing.
    cells: Vec<(u32, Step)>,
    width: usize,
}

impl Table {
    fn of(words: &[u32], expected: &[u32]) -> Self {
        let width = expected.len() + 1;
        let mut cells = vec![(FAR, Step::Unknown); width * (words.len() + 1)];
        for (column, cell) in cells[..width].iter_mut().enumerate() {
            *cell = (column as u32, Step::Insert);
        }
        let beam = Beam::of(words.len(), expected.len());
        for row in 1..=words.len() {
            let (above, rest) = cells.split_at_mut(row * width);
            let above = &above[(row - 1) * width..];
            fill(
                above,
                &mut rest[..width],
                words[row - 1],
                expected,
                beam.columns(row),
            );
        }
        Table { cells, width }
    }

    fn distance(&self) -> usize {
        self.cells.last().map_or(0, |cell| cell.0 as usize)
    }

    /// The distance of other words of the same length, from the first row on in which they differ.
    fn distance_of(&self, words: &[u32], other: &[u32], expected: &[u32]) -> usize {
        let same = words.iter().zip(other).take_while(|(a, b)| a == b).count();
        if same == other.len() {
            return self.distance();
        }
        let mut above = self.cells[same * self.width..(same + 1) * self.width].to_vec();
        let mut row = vec![(FAR, Step::Unknown); self.width];
        let beam = Beam::of(words.len(), expected.len());
        for at in same + 1..=other.len() {
            // what the next row will read of this one, and no more
            let reach = beam.columns(at).end.max(beam.columns(at + 1).end);
            row[beam.columns(at).start.saturating_sub(1)..reach].fill((FAR, Step::Unknown));
            fill(&above, &mut row, other[at - 1], expected, beam.columns(at));
            std::mem::swap(&mut above, &mut row);
        }
        above.last().map_or(0, |cell| cell.0 as usize)
    }
}

/// One row; of equal costs a match or substitution goes first, then a deletion, then an insertion.
fn fill(
    above: &[(u32, Step)],
    row: &mut [(u32, Step)],
    word: u32,
    expected: &[u32],
    columns: std::ops::Range<usize>,
) {
    for column in columns {
        let mut best = (FAR, Step::Unknown);
        let mut take = |cost: u32, step: Step| {
            if cost < best.0 {
                best = (cost, step);
            }
        };
        if column > 0 {
            let same = word == expected[column - 1];
            let step = if same { Step::Same } else { Step::Substitute };
            take(above[column - 1].0 + u32::from(!same), step);
        }
        take(above[column].0 + 1, Step::Delete);
        if column > 0 {
            take(row[column - 1].0 + 1, Step::Insert);
        }
        row[column] = best;
    }
}

/// Which cells of a row are looked at.
struct Beam {
    rows: usize,
    columns: usize,
    ratio: f64,
    width: usize,
}

impl Beam {
    fn of(words: usize, expected: usize) -> Self {
        let ratio = if words > 0 {
            expected as f64 / words as f64
        } else {
            1.0
        };
        let wide = (ratio / 2.0 + BEAM as f64).ceil() as usize;
        Beam {
            rows: words,
            columns: expected + 1,
            ratio,
            width: if (BEAM as f64) < ratio / 2.0 {
                wide
            } else {
                BEAM
            },
        }
    }

    fn columns(&self, row: usize) -> std::ops::Range<usize> {
        let diagonal = (row as f64 * self.ratio).floor() as usize;
        let end = match row == self.rows {
            true => self.columns,
            false => self.columns.min(diagonal + self.width),
        };
        diagonal.saturating_sub(self.width).min(end)..end
    }
}

/// The cheapest path through a table.
struct Path {
    /// Of each expected word the last word that stands at or before it; -1 before the first.
    at: Vec<i64>,
    /// Expected words that are not met.
    expected_wrong: Vec<bool>,
    /// Words that meet nothing.
    word_wrong: Vec<bool>,
}

impl Path {
    fn of(table: &Table, words: usize, expected: usize) -> Self {
        let (mut row, mut column) = (words, expected);
        let mut path = Path {
            at: vec![-1; expected],
            expected_wrong: vec![true; expected],
            word_wrong: vec![true; words],
        };
        while row > 0 || column > 0 {
            match table.cells[row * table.width + column].1 {
                step @ (Step::Same | Step::Substitute) => {
                    (row, column) = (row - 1, column - 1);
                    path.at[column] = row as i64;
                    path.expected_wrong[column] = step == Step::Substitute;
                    path.word_wrong[row] = step == Step::Substitute;
                }
                Step::Insert => {
                    column -= 1;
                    path.at[column] = row as i64 - 1;
                }
                Step::Delete => row -= 1,
                // outside the beam: no path goes there
                Step::Unknown => break,
            }
        }
        path
    }

    /// Where the block that belongs at `to` may go: before the expected word, then after each of its
    /// own.
    fn places(&self, to: usize, length: usize) -> Vec<usize> {
        let first = match to {
            0 => 0,
            to => (self.at[to - 1] + 1) as usize,
        };
        let rest = self.at[to..].iter().take(length);
        std::iter::once(first)
            .chain(rest.map(|at| (at + 1) as usize))
            .collect()
    }
}
