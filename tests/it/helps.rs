//! The help of every command.

use crate::project::Project;

/// The commands that a help names.
fn commands(help: &str) -> Vec<String> {
    let list = help.split("Commands:\n").nth(1).unwrap_or_default();
    let list = list.split("\n\n").next().unwrap_or_default();
    let names = list
        .lines()
        .filter(|line| line.starts_with("  ") && !line.starts_with("   "));
    let names = names.filter_map(|line| line.split_whitespace().next());
    let names = names.filter(|name| *name != "help");
    names.map(str::to_owned).collect()
}

#[test]
fn the_help_of_every_command() {
    let project = Project::new(&[]);
    let mut open: Vec<Vec<String>> = vec![Vec::new()];
    let mut seen = 0;
    while let Some(words) = open.pop() {
        let mut args: Vec<&str> = words.iter().map(String::as_str).collect();
        args.push("--help");
        let said = project.run(&args);
        assert_eq!(said.code, 0, "{words:?}: {}", said.err);
        let longest = said.out.lines().map(|line| line.chars().count()).max();
        assert!(longest <= Some(100), "{words:?} is wider than 100 columns");
        let name = match words.is_empty() {
            true => "bakeoff".to_owned(),
            false => words.join("-"),
        };
        insta::assert_snapshot!(name, said.out);
        let below = commands(&said.out).into_iter();
        open.extend(below.map(|name| [words.clone(), vec![name]].concat()));
        seen += 1;
    }
    assert!(seen > 25, "only {seen} commands were found");
}

#[test]
fn every_command_has_a_page_of_the_manual() {
    let project = Project::new(&[]);
    let said = project.run(&["man", "--out", "man"]);
    assert_eq!(said.code, 0, "{}", said.err);
    let top = project.run(&["--help"]).out;
    for name in commands(&top) {
        let page = project.read(&format!("man/bakeoff-{name}.1"));
        assert!(page.contains(".SH SYNOPSIS"), "{name}: {page}");
    }
    assert!(
        project
            .read("man/bakeoff-baseline-set.1")
            .contains("baseline")
    );
    let printed = project.run(&["man", "run"]).out;
    assert_eq!(printed, project.read("man/bakeoff-run.1"));
    let wrong = project.run(&["man", "chek"]);
    assert_eq!(wrong.code, 2);
    assert!(
        wrong.err.contains("did you mean \"check\""),
        "{}",
        wrong.err
    );
}
