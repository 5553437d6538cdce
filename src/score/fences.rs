//! Markdown's fenced code blocks (CommonMark 0.31, section 4.5), at any indentation, since models
//! write them into lists.

/// A fenced block.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Fence {
    /// The first word after the opening fence, in lower case; empty where there is none.
    pub language: String,
    /// What stands between the fences.
    pub text: String,
    /// Whether there is a closing fence; without one the block goes on to the end.
    pub closed: bool,
}

/// Languages with several names, the first of which stands for all.
const NAMES: &[&[&str]] = &[
    &["bash", "sh", "shell", "zsh", "console"],
    &["cpp", "c++", "cc"],
    &["csharp", "c#", "cs"],
    &["javascript", "js", "node"],
    &["markdown", "md"],
    &["python", "py", "python3"],
    &["rust", "rs"],
    &["typescript", "ts"],
    &["yaml", "yml"],
];

/// One name for all names of a language.
pub(super) fn language(name: &str) -> String {
    let name = name.trim().to_lowercase();
    let known = NAMES.iter().find(|names| names.contains(&name.as_str()));
    known.map_or(name, |names| names[0].to_owned())
}

/// Every fenced block of a text, in order.
pub(super) fn fences(text: &str) -> Vec<Fence> {
    let mut blocks = Vec::new();
    let mut lines = text.lines();
    while let Some(line) = lines.next() {
        let Some((fence, indent, info)) = opening(line) else {
            continue;
        };
        let mut inside = Vec::new();
        let mut closed = false;
        for line in lines.by_ref() {
            if closes(line, fence) {
                closed = true;
                break;
            }
            inside.push(without_indent(line, indent));
        }
        let word = info.split_whitespace().next().unwrap_or_default();
        blocks.push(Fence {
            language: language(word.trim_matches(['{', '}', '.'])),
            text: inside.join("\n"),
            closed,
        });
    }
    blocks
}

/// The fence that a line opens: its characters, its indentation, and what stands after it.
fn opening(line: &str) -> Option<(&str, usize, &str)> {
    let start = line.trim_start();
    let mark = start.chars().next().filter(|mark| "`~".contains(*mark))?;
    let end = start.find(|c| c != mark).unwrap_or(start.len());
    let (fence, info) = start.split_at(end);
    // a line of backticks that close again is inline code
    let inline = mark == '`' && info.contains('`');
    (end >= 3 && !inline).then_some((fence, line.len() - start.len(), info.trim()))
}

fn closes(line: &str, fence: &str) -> bool {
    let line = line.trim();
    let mark = fence.chars().next();
    line.len() >= fence.len() && line.chars().all(|c| Some(c) == mark)
}

/// The line without the white space that its block is indented by.
fn without_indent(line: &str, indent: usize) -> &str {
    let blank = line.len() - line.trim_start_matches([' ', '\t']).len();
    &line[blank.min(indent)..]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blocks_of_every_shape() {
        let text = "Here:\n```py\nprint(1)\n```\n- so\n  ~~~~ json title=x\n  {\"a\":\n    1}\n  ~~~\n  ~~~~\n```not` code```\n````\n```\n````\n``` {.rs}\ncut";
        let found = fences(text);
        let told: Vec<_> = found
            .iter()
            .map(|block| (block.language.as_str(), block.text.as_str(), block.closed))
            .collect();
        assert_eq!(
            told,
            [
                ("python", "print(1)", true),
                ("json", "{\"a\":\n  1}\n~~~", true),
                ("", "```", true),
                ("rust", "cut", false),
            ]
        );
        assert!(fences("none, not even `here`").is_empty());
    }
}
