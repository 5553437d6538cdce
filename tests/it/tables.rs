//! The tables of trials: every column is documented, and DuckDB, Polars and pandas read them and agree.

use crate::project::Project;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

fn shipped() -> Project {
    let suite = fs::read_to_string(root().join("bakeoff.yaml")).unwrap();
    let project = Project::new(&[("bakeoff.yaml", &suite)]);
    assert_eq!(project.run(&["run"]).code, 0);
    project
}

#[test]
fn every_column_is_documented() {
    let project = shipped();
    let table = project.read("bakeoff-report/trials.csv");
    let page = fs::read_to_string(root().join("docs/data.md")).unwrap();
    let header = table.lines().next().unwrap();
    let scorers = ["label", "priority", "order", "valid"];
    let mut count = 0;
    for column in header.split(',') {
        let scorer = column.strip_suffix("_passed").unwrap_or(column);
        if scorers.contains(&scorer) {
            continue;
        }
        count += 1;
        assert!(
            page.contains(&format!("`{column}`")),
            "{column} is not in docs/data.md"
        );
    }
    println!("{count} columns beside the scorers'");
}

/// What a program prints in the project's folder; `None` if it is not there.
fn says(folder: &Path, python: &str, args: &[&str]) -> String {
    let output = Command::new(python)
        .args(args)
        .current_dir(folder)
        .output()
        .unwrap();
    let error = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{args:?}: {error}");
    String::from_utf8_lossy(&output.stdout).into_owned()
}

#[test]
fn other_tools_read_the_tables() {
    let python = std::env::var("BAKEOFF_PYTHON").unwrap_or_else(|_| "python3".to_owned());
    let has = Command::new(&python)
        .args(["-c", "import duckdb, polars, pandas, pyarrow"])
        .output()
        .is_ok_and(|output| output.status.success());
    if !has {
        println!(
            "not run: no duckdb, polars, pandas and pyarrow for {python} (BAKEOFF_PYTHON names another)"
        );
        return;
    }
    let project = shipped();
    let examples = root().join("examples/data");
    let script = |name: &str| examples.join(name).display().to_string();
    let mut said = vec![
        says(project.path(), &python, &[&script("trials_polars.py")]),
        says(project.path(), &python, &[&script("trials_pandas.py")]),
    ];
    let sql = fs::read_to_string(examples.join("trials.sql")).unwrap();
    for query in sql.split(';').filter(|query| query.contains("SELECT")) {
        let code = format!("import duckdb\nprint(duckdb.sql('''{query}'''))");
        said.push(says(project.path(), &python, &["-c", &code]));
    }
    let all = said.join("\n");
    for number in ["0.63", "0.16", "0.17", "ticket-003"] {
        let times = all.matches(number).count();
        assert!(
            times >= 3,
            "{number} is there {times} times, not in each of three:\n{all}"
        );
    }
}
