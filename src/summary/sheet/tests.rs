use super::*;

fn table(text: &str) -> Result<Sheet, Vec<Problem>> {
    read("scores.csv", Layout::Csv, text.as_bytes())
}

fn titles(text: &str) -> Vec<(String, usize)> {
    let problems = table(text).unwrap_err();
    let line = |p: &Problem| p.at.as_ref().map_or(0, |at| at.source.first_line);
    problems
        .iter()
        .map(|p| (p.title.clone(), line(p)))
        .collect()
}

#[test]
fn rows_become_sides_over_shared_cases() {
    let sheet = table(
        "case,candidate,score,repeat,group,cost_usd,latency_ms,model\n\
         a,x,1,0,g,0.1,100,z\na,x,0,1,g,0.3,400,z\na,y,1,0,g,,,\nb,y,,0,,,,\n",
    )
    .unwrap();
    assert_eq!((sheet.rows, sheet.unused), (4, vec!["model".to_owned()]));
    let [x, y] = &sheet.sides[..] else { panic!() };
    assert_eq!((x.cells[0].score(), x.cells[0].tries.n), (Some(0.5), 2));
    assert!((x.cells[0].cost.unwrap() - 0.2).abs() < 1e-12);
    assert!((x.cells[0].latency.unwrap() - 200.0).abs() < 1e-9);
    assert_eq!((x.cells[1].score(), x.cells[1].missing), (None, 0));
    assert_eq!((y.cells[1].score(), y.cells[1].missing), (None, 1));
    assert_eq!(x.cases[0].group.as_deref(), Some("g"));
}

#[test]
fn every_problem_has_its_line() {
    let found = titles(
        "case,candidate,score,cost_usd,group\na,x,NaN,1,g\nb,x,inf,1,\nc,x,1.5,1,\nd,x,1,-1,\n,x,1,1,\n\
         e,x,1\na,x,1,1,g\na,x,0,1,g\na,y,1,1,h\n\"f\",x,yes,1,\n",
    );
    let expected = [
        ("\"NaN\" is no number", 2),
        ("\"inf\" is no number", 3),
        ("score is out of range: 1.5", 4),
        ("cost_usd is out of range: -1", 5),
        ("this row names no case", 6),
        ("this row has 3 cells, the header 5", 7),
        ("case \"a\" is in group \"h\" here and in \"g\" before", 10),
        ("\"yes\" is no number", 11),
        ("case \"a\" has two rows for candidate \"x\"", 9),
    ];
    let expected: Vec<_> = expected.map(|(t, l)| (t.to_owned(), l)).to_vec();
    assert_eq!(found, expected);
}

#[test]
fn a_missing_column_is_named_with_what_was_meant() {
    let problems = table("case,candidates,score\na,x,1\n").unwrap_err();
    assert!(problems[0].title.contains("no column candidate"));
    assert!(problems[0].help[0].contains("candidates"));
    assert!(table("").unwrap_err()[0].title.contains("no rows"));
    assert!(table("case,candidate,score\n").is_err());
}

#[test]
fn a_thousand_problems_are_counted_not_shown() {
    let rows: String = (0..1_000).map(|i| format!("c{i},x,NaN\n")).collect();
    let found = titles(&format!("case,candidate,score\n{rows}"));
    assert_eq!(found.len(), 51);
    assert!(found[50].0.starts_with("950 more"));
}

#[test]
fn json_lines_say_the_same() {
    let text = "{\"case\": \"a\", \"candidate\": \"x\", \"score\": true, \"tags\": [\"de\"]}\n\n\
        {\"case\": 7, \"candidate\": \"x\", \"score\": 0.25, \"seed\": 1}\n";
    let sheet = read("s.jsonl", Layout::Jsonl, text.as_bytes()).unwrap();
    assert_eq!(sheet.sides[0].cells[0].score(), Some(1.0));
    assert_eq!(sheet.sides[0].cases[1].id, "7");
    assert_eq!(sheet.sides[0].cases[0].tags, ["de"]);
    let bad = read("s.jsonl", Layout::Jsonl, "{\"case\": \n[1]\n".as_bytes()).unwrap_err();
    assert_eq!(bad.len(), 2);
}
