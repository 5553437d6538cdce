//! Sixty things that a log of GitHub's runner, a page of Markdown or a spreadsheet would obey, said by a model.

use super::Step;
use crate::project::Project;
use crate::server::{Request, Server, chat, error};
use serde_json::json;

/// Commands, at the beginning of a line, in the middle, behind what is no line break for everyone.
const COMMANDS: [&str; 34] = [
    "::error::PWNED",
    " ::add-mask::PWNED",
    "\t::set-output name=x::PWNED",
    "::set-env name=PATH::PWNED",
    "::add-path::PWNED",
    "::save-state name=x::PWNED",
    "::stop-commands::PWNED",
    "::PWNED::",
    "::echo::on",
    "::group::PWNED",
    "::endgroup::",
    "::debug::PWNED",
    "::notice file=a,line=1::PWNED",
    "::warning ::PWNED",
    "::add-matcher::PWNED.json",
    "x\n::error::PWNED",
    "x\r::error::PWNED",
    "x\r\n::error::PWNED",
    "x\u{b}::error::PWNED",
    "x\u{c}::error::PWNED",
    "x\u{85}::error::PWNED",
    "x\u{2028}::error::PWNED",
    "\u{a0}::error::PWNED",
    "\u{3000}::error::PWNED",
    "%0A::error::PWNED",
    "##[error]PWNED",
    "x ##[add-mask]PWNED",
    "###[group]PWNED",
    "##[set-output name=x;]PWNED",
    "x\n##[endgroup]",
    "##vso[task.setvariable variable=PATH]PWNED",
    "##teamcity[buildStop comment='PWNED']",
    "::ERROR::PWNED",
    "]]>\n::error::PWNED",
];

/// Markdown that would fold, mention, link, load or break out.
pub const MARKDOWN: [&str; 30] = [
    "@everyone",
    "x @octocat y",
    "#1",
    "octo/repo#1",
    "GH-1",
    "octo/repo@0123456789012345678901234567890123456789",
    "```\n@everyone #1\n</details>",
    "````\n@everyone",
    "~~~\n@everyone",
    "\n\n# heading\n",
    "</details></table>@everyone",
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "<a href=\"http://evil.example\">x</a>",
    "[x](javascript:alert(1))",
    "[x](http://evil.example)",
    "![x](http://evil.example/x.png)",
    "http://evil.example",
    "www.evil.example",
    "ftp://evil.example",
    "<https://evil.example>",
    "me@evil.example",
    "<!-- x",
    "-->",
    "a|b|c\n|-|-|",
    "`@everyone`",
    "\\@everyone",
    "[x]: http://evil.example\n\n[x]",
    "> @everyone",
    "- [ ] task #2",
];

/// What a spreadsheet would run.
const FORMULAS: [&str; 30] = [
    "=1+1",
    "=cmd|' /C calc'!A0",
    "+1+1",
    "-1+1",
    "-2+3+cmd|' /C calc'!A0",
    "@SUM(1+1)",
    "=HYPERLINK(\"http://evil.example\",\"x\")",
    "=IMPORTXML(\"http://evil.example\",\"//a\")",
    "\t=1+1",
    "\r=1+1",
    "\n=1+1",
    "\"=1+1\"",
    "'=1+1",
    " =1+1",
    "  =1+1",
    "＝1+1",
    "＋1",
    "－1",
    "＠SUM(1)",
    "=\u{0}1",
    "%0A=1+1",
    "=1+1\n=2+2",
    "\"\"=1+1",
    "' =1+1",
    "\u{a0}=1+1",
    "\u{feff}=1+1",
    "=DDE(\"cmd\";\"/C calc\";\"x\")",
    "@=1+1",
    "+cmd|' /C calc'!A0",
    "-@SUM(1)",
];

/// What GitHub's runner would obey in this log: it looks for `::name::` after any blanks at the beginning of a
/// line and for `##[name]` anywhere, and heeds nothing between `::stop-commands::TOKEN` and `::TOKEN::`.
pub fn obeyed(log: &str) -> Vec<String> {
    const KNOWN: &str = " add-mask debug error warning notice group endgroup echo save-state set-output set-env \
        add-path add-matcher remove-matcher stop-commands vso teamcity ";
    let known = |name: &str| {
        let name = name.split(' ').next().unwrap_or_default().to_lowercase();
        !name.is_empty() && KNOWN.contains(&format!(" {name} "))
    };
    let mut stopped: Option<String> = None;
    let mut found = Vec::new();
    for line in log.split(['\n', '\r']) {
        if let Some(token) = &stopped {
            if line.trim() == format!("::{token}::") {
                stopped = None;
            }
            continue;
        }
        let command = line.trim_start().strip_prefix("::");
        let command = command.and_then(|rest| rest.split_once("::"));
        if let Some((_, token)) = command.filter(|(name, _)| *name == "stop-commands") {
            stopped = Some(token.to_owned());
        }
        let anywhere = line.split("##").skip(1).filter_map(|rest| {
            let (name, inner) = rest.split_once('[')?;
            let inner = inner.split_once(']')?.0;
            Some(if name.is_empty() { inner } else { name })
        });
        let mut names = command.map(|(name, _)| name).into_iter().chain(anywhere);
        if names.any(known) {
            found.push(line.to_owned());
        }
    }
    found
}

fn server() -> Server {
    Server::start(|request: &Request| {
        let prompt = request.prompt();
        match prompt.strip_prefix("fail ") {
            Some(rest) => error(400, rest),
            None => chat(request.model(), &prompt),
        }
    })
}

/// A project whose cases are these texts: asked, answered, expected, named, tagged and failed with.
pub fn project(server: &Server, texts: &[&str]) -> Project {
    let rows = texts.iter().enumerate().map(|(at, text)| {
        let fail = if at % 6 == 5 { "fail " } else { "" };
        let row = json!({"id": format!("{text} {at}"), "q": format!("{fail}{text}"), "target": "other", "tags": text});
        format!("{row}\n")
    });
    let url = server.base_url();
    let model = |name: &str| {
        format!(
            "  - {{name: {name}, api: openai-chat, base_url: \"{url}\", model: m, price: {{input: 1, output: 2}}}}\n"
        )
    };
    let suite = format!(
        "name: \"@everyone --> ::error::\"\ndataset: data.jsonl\nprompts:\n  - {{name: p, messages: [{{user: \"{{{{q}}}}\"}}]}}\n\
         models:\n{}{}scorers: [exact]\nlimits: {{max_failed: 0.9}}\n",
        model("a"),
        model("b"),
    );
    let table: String =
        texts
            .iter()
            .enumerate()
            .fold("case,candidate,score\n".into(), |all, (at, text)| {
                let cell = text.replace('"', "\"\"");
                all + &format!("\"{cell}{at}\",\"{cell}\",1\n\"{cell}{at}\",z,0\n")
            });
    let rows: String = rows.collect();
    Project::new(&[
        ("data.jsonl", &rows),
        ("bakeoff.yaml", &suite),
        ("table.csv", &table),
    ])
}

#[test]
fn a_log_obeys_nothing_that_was_said() {
    let heard = obeyed(&COMMANDS.join("\n")).len();
    assert!(
        heard > 20,
        "only {heard} are obeyed where nobody sees to it"
    );
    let server = server();
    let texts = [&COMMANDS[..], &MARKDOWN[..]].concat();
    let project = project(&server, &texts);
    let step = Step::new();
    let run = |args: &[&str], own: usize| {
        let said = step.run(&project, args);
        let ours = |line: &String| {
            let levels = ["::error ", "::warning ", "::notice "];
            let rest = levels.iter().find_map(|level| line.strip_prefix(level));
            line.starts_with("::stop-commands::")
                || rest.is_some_and(|rest| rest.starts_with("file=") || rest.starts_with("title="))
        };
        let (out, err) = (obeyed(&said.out), obeyed(&said.err));
        assert!(
            out.len() <= own && out.iter().all(ours),
            "{args:?}: {out:#?}"
        );
        assert!(err.is_empty(), "{args:?}: {err:#?}");
        let first = said.out.lines().take(own.saturating_sub(1));
        assert!(
            own == 0 || first.filter(|it| it.starts_with("::")).count() > 0,
            "{args:?}"
        );
        said
    };
    assert_eq!(run(&["run"], 0).code, 0);
    assert_eq!(run(&["baseline", "set"], 0).code, 0);
    for (format, own) in [
        ("terminal", 0),
        ("json", 0),
        ("markdown", 0),
        ("junit", 0),
        ("codequality", 0),
        ("github", 11),
    ] {
        run(&["report", "--format", format], own);
        run(&["gate", "--format", format], own);
        run(
            &[
                "port",
                "--from",
                "a",
                "--to",
                "b",
                "--no-control",
                "--format",
                format,
            ],
            own,
        );
        if format != "codequality" {
            run(
                &["compare", "--table", "table.csv", "--format", format],
                own,
            );
            run(&["compare", "--format", format], own);
        }
    }
    for (at, text) in texts.iter().enumerate() {
        let id = format!("{text} {at}");
        assert_eq!(run(&["show", "--", "latest", &id], 0).code, 0);
        run(&["show", "--", "latest", &format!("{id}?")], 0);
    }
    run(&["show", "latest", "x", "--format", "json"], 0);
    run(&["list", "runs"], 0);
    run(&["select"], 0);
    let url = server.base_url();
    for text in texts {
        let call = [
            "call",
            "m",
            "--api",
            "openai-chat",
            "--base-url",
            &url,
            "--prompt",
            text,
        ];
        run(&[&call[..], &["--format", "text"]].concat(), 0);
        run(&call, 0);
    }
    for line in step.summary().lines() {
        assert!(obeyed(line).is_empty(), "{line}");
    }
    let outputs = step.outputs();
    let names: Vec<&str> = outputs.keys().map(String::as_str).collect();
    assert_eq!(names, ["cost", "report", "verdict"]);
}

#[test]
fn a_spreadsheet_runs_nothing_that_was_said_unless_it_is_asked_for() {
    let server = server();
    let texts: Vec<&str> = FORMULAS.iter().chain(&COMMANDS[..30]).copied().collect();
    assert!(texts.len() >= 60);
    let project = project(&server, &texts);
    let suite = project.read("bakeoff.yaml");
    project.write(
        "bakeoff.yaml",
        &suite.replace("scorers: [exact]", "scorers: [{name: \"=1+1\", exact: {}}]"),
    );
    assert_eq!(project.run(&["run", "-q"]).code, 0);
    let formulas = |text: &str| {
        let mut reader = csv::ReaderBuilder::new()
            .has_headers(false)
            .from_reader(text.as_bytes());
        let cells: Vec<String> = reader
            .records()
            .flat_map(|row| row.unwrap().iter().map(str::to_owned).collect::<Vec<_>>())
            .collect();
        assert!(cells.len() > 1000);
        let runs = |cell: &&String| {
            // Programs drop blanks, marks and quotes before they look.
            let bare =
                cell.trim_start_matches(|c: char| c.is_whitespace() || c == '"' || c == '\u{feff}');
            let number = cell.parse::<f64>().is_ok();
            bare.starts_with(['=', '+', '-', '@', '＝', '＋', '－', '＠']) && !number
        };
        cells.iter().filter(runs).cloned().collect::<Vec<_>>()
    };
    let kept = project.read("bakeoff-report/trials.csv");
    assert_eq!(formulas(&kept), Vec::<String>::new());
    assert_eq!(kept, project.run(&["report", "--format", "csv"]).out);
    let raw = project.run(&["report", "--format", "csv", "--raw-csv"]).out;
    assert!(formulas(&raw).len() > 100, "{}", formulas(&raw).len());
    assert!(
        raw.contains(",\"=1+1\n=2+2\"") || raw.contains("=cmd|' /C calc'!A0"),
        "{raw}"
    );
}
