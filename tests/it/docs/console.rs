//! Every `console` block of the documentation is run, in order, a page in one folder.
//!
//! Comments steer it, each on a line of its own:
//! `<!-- folder: shipped -->` begins a new folder with this repository's suite, `<!-- folder: empty -->` an empty one;
//! `<!-- not run: REASON -->` before a block leaves it out, and the reason is counted and printed;
//! `<!-- file: NAME -->` before a block of another language writes that block to the folder.
//! `cargo run --release --` and `cargo install --path .` stand for the binary under test.
//! `$ ` begins a command, `# exits N` at its end is its exit code; lines below it are what it prints, where
//! `…` stands for anything, on a line of its own for any lines. Without such lines only the exit counts.

use super::{name, pages, root};
use std::fs;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::process::Command;

/// What a page does, in order.
#[derive(Debug, PartialEq)]
enum Step {
    Folder(String),
    File(String, String),
    Block(usize, Vec<Typed>),
    Left(usize, String),
}

/// A command and what it should print.
#[derive(Debug, PartialEq)]
struct Typed {
    command: String,
    exits: i32,
    prints: Vec<String>,
}

fn steps(text: &str) -> Vec<Step> {
    let mut steps = Vec::new();
    let (mut left, mut file) = (None, None);
    let mut lines = text.lines().enumerate();
    while let Some((at, line)) = lines.next() {
        let said = |word: &str| {
            let inner = line.trim().strip_prefix("<!-- ")?.strip_suffix(" -->")?;
            Some(inner.strip_prefix(word)?.trim().to_owned())
        };
        if let Some(kind) = said("folder:") {
            steps.push(Step::Folder(kind));
        } else if let Some(reason) = said("not run:") {
            left = Some(reason);
        } else if let Some(path) = said("file:") {
            file = Some(path);
        } else if let Some(language) = line.trim_start().strip_prefix("```") {
            let indent = line.len() - line.trim_start().len();
            let body = lines.by_ref().map(|(_, line)| line);
            let body: Vec<&str> = body
                .map(|line| line.get(indent..).unwrap_or_else(|| line.trim_start()))
                .take_while(|line| !line.starts_with("```"))
                .collect();
            if let Some(path) = file.take() {
                steps.push(Step::File(path, body.join("\n") + "\n"));
            } else if language == "console" {
                steps.push(match left.take() {
                    Some(reason) => Step::Left(at + 1, reason),
                    None => Step::Block(at + 1, typed(&body)),
                });
            }
        }
    }
    steps
}

fn typed(body: &[&str]) -> Vec<Typed> {
    let mut all: Vec<Typed> = Vec::new();
    let mut open = false;
    for line in body {
        if let Some(command) = line.strip_prefix("$ ") {
            let (command, exits) = match command.rsplit_once("# exits ") {
                Some((command, code)) => (command.trim_end(), code.trim().parse().unwrap()),
                None => (command, 0),
            };
            // as if it were built and installed
            let command = command.replace("cargo run --release --", "bakeoff");
            let command = command.replace("cargo install --path .", "true");
            let prints = Vec::new();
            all.push(Typed {
                command,
                exits,
                prints,
            });
        } else if let Some(last) = all.last_mut() {
            if open {
                last.command.push('\n');
                last.command.push_str(line);
            } else {
                last.prints.push((*line).to_owned());
            }
        }
        let command = all.last().map_or("", |typed| &typed.command);
        open = command.ends_with('\\') && all.last().is_some_and(|typed| typed.prints.is_empty());
    }
    all
}

/// Whether what was printed is what the page shows.
fn alike(shown: &[String], printed: &[&str]) -> bool {
    match shown {
        [] => printed.iter().all(|line| line.trim().is_empty()),
        [dots, rest @ ..] if dots.trim() == "…" => {
            (0..=printed.len()).any(|skip| alike(rest, &printed[skip..]))
        }
        [blank, rest @ ..] if blank.trim().is_empty() => match printed {
            [first, more @ ..] if first.trim().is_empty() => alike(rest, more),
            [] => alike(rest, printed),
            _ => false,
        },
        [line, rest @ ..] => match printed {
            [first, more @ ..] => fits(line.trim_end(), first.trim_end()) && alike(rest, more),
            [] => false,
        },
    }
}

fn fits(shown: &str, printed: &str) -> bool {
    match shown.split_once('…') {
        None => shown == printed,
        Some((before, after)) => printed.strip_prefix(before).is_some_and(|rest| {
            let cuts = rest.char_indices().map(|(at, _)| at).chain([rest.len()]);
            cuts.into_iter().any(|at| fits(after, &rest[at..]))
        }),
    }
}

/// A folder to type in, with the binary on its path.
struct Desk {
    folder: tempfile::TempDir,
    bin: PathBuf,
}

impl Desk {
    fn new(kind: &str) -> Desk {
        let folder = tempfile::tempdir().unwrap();
        let bin = folder.path().join(".path");
        fs::create_dir(&bin).unwrap();
        let named = std::env::var_os("BAKEOFF_BIN");
        let binary = named.map_or_else(|| env!("CARGO_BIN_EXE_bakeoff").into(), PathBuf::from);
        symlink(binary, bin.join("bakeoff")).unwrap();
        match kind {
            "empty" => (),
            "shipped" => {
                let suite = root().join("bakeoff.yaml");
                fs::copy(suite, folder.path().join("bakeoff.yaml")).unwrap();
            }
            other => panic!("there is no folder {other:?}: empty or shipped"),
        }
        Desk { folder, bin }
    }

    /// What the shell says, and with which exit code; `cd` and `export` last for the page.
    fn enter(&self, command: &str) -> (i32, String) {
        let state = self.bin.join("state");
        let script = format!(
            "cd \"$DESK\"; [ -f '{s}' ] && . '{s}'\n{command}\ncode=$?\n{{ export -p; echo \"cd '$PWD'\"; }} >'{s}'\nexit $code",
            s = state.display()
        );
        let mut path = self.bin.clone().into_os_string();
        path.push(":");
        path.push(std::env::var_os("PATH").unwrap_or_default());
        let mut shell = Command::new("sh");
        shell.arg("-c").arg(format!("exec 2>&1\n{script}"));
        shell.env_clear().env("PATH", path).env("COLUMNS", "80");
        shell.env("HOME", self.folder.path());
        shell.env("DESK", self.folder.path());
        shell.current_dir(self.folder.path());
        let output = shell.output().unwrap();
        let said = String::from_utf8_lossy(&output.stdout).into_owned();
        (output.status.code().unwrap_or(-1), said)
    }
}

/// How many commands of a page were run, and the reasons of those that were not.
fn walk(page: &Path, faults: &mut Vec<String>) -> (usize, Vec<String>) {
    let (mut run, mut left) = (0, Vec::new());
    let mut desk: Option<Desk> = None;
    for step in steps(&fs::read_to_string(page).unwrap()) {
        match step {
            Step::Folder(kind) => desk = Some(Desk::new(&kind)),
            Step::File(path, text) => {
                let desk = desk.get_or_insert_with(|| Desk::new("shipped"));
                let path = desk.folder.path().join(path);
                fs::create_dir_all(path.parent().unwrap()).unwrap();
                fs::write(path, text).unwrap();
            }
            Step::Left(at, reason) => left.push(format!("{}:{at}: {reason}", name(page))),
            Step::Block(at, block) => {
                let desk = desk.get_or_insert_with(|| Desk::new("shipped"));
                for typed in block {
                    run += 1;
                    let (code, said) = desk.enter(&typed.command);
                    let lines: Vec<&str> = said.trim_end().lines().collect();
                    let shown = typed.prints.is_empty() || alike(&typed.prints, &lines);
                    if code != typed.exits || !shown {
                        faults.push(format!(
                            "{}:{at}: $ {}\nexits {code}, not {}, and prints\n{said}",
                            name(page),
                            typed.command,
                            typed.exits
                        ));
                    }
                }
            }
        }
    }
    (run, left)
}

#[test]
fn console_blocks_do_what_they_show() {
    let mut faults = Vec::new();
    let (mut run, mut left) = (0, Vec::new());
    for page in pages() {
        let (some, reasons) = walk(&page, &mut faults);
        run += some;
        left.extend(reasons);
    }
    println!(
        "{run} commands of the documentation run; {} blocks not run:",
        left.len()
    );
    for reason in &left {
        println!("  {reason}");
    }
    assert!(run > 0);
    assert!(faults.is_empty(), "{}", faults.join("\n\n"));
}

#[test]
fn a_block_is_read_as_it_is_typed() {
    let text = "<!-- folder: empty -->\n```console\n$ a b # exits 4\nout … x\n$ c \\\n  d\n```\n<!-- not run: no key -->\n```console\n$ e\n```\n";
    let typed = |command: &str, exits, prints: &[&str]| Typed {
        command: command.into(),
        exits,
        prints: prints.iter().map(|line| (*line).to_owned()).collect(),
    };
    assert_eq!(
        steps(text),
        [
            Step::Folder("empty".into()),
            Step::Block(
                2,
                vec![typed("a b", 4, &["out … x"]), typed("c \\\n  d", 0, &[])]
            ),
            Step::Left(9, "no key".into()),
        ]
    );
    let shown = |lines: &[&str]| {
        lines
            .iter()
            .map(|line| (*line).to_owned())
            .collect::<Vec<_>>()
    };
    assert!(alike(
        &shown(&["a", "…", "c … d"]),
        &["a", "b", "b", "c x d"]
    ));
    assert!(!alike(&shown(&["a", "c"]), &["a", "b", "c"]));
    assert!(!alike(&shown(&["a"]), &["a", "b"]));
}
