//! Two hundred terminal sequences in every text that comes from outside, through everything that is shown.

use crate::project::{Project, Said};
use crate::server::{Request, Server, chat, error};
use serde_json::json;

/// Every kind of sequence that a terminal obeys or hides.
fn sequences() -> Vec<String> {
    let mut all: Vec<String> = Vec::new();
    all.extend(('\x40'..='\x7e').map(|end| format!("\u{1b}[1;2{end}")));
    for number in [0, 1, 2, 4, 7, 8, 9, 10, 11, 52, 104, 133, 633, 777, 1337] {
        all.extend(["\u{7}", "\u{1b}\\"].map(|end| format!("\u{1b}]{number};c;cHduZWQ={end}")));
    }
    for start in ['P', '_', '^', 'X'] {
        all.extend(["\u{7}", "\u{9c}"].map(|end| format!("\u{1b}{start}1;pwned{end}")));
    }
    all.extend(('\u{80}'..='\u{9f}').map(|c| format!("{c}31m")));
    all.extend("cDEHMNOZ78=>#(".chars().map(|c| format!("\u{1b}{c}")));
    let c0 = ('\u{1}'..='\u{1f}').filter(|c| !['\n', '\t'].contains(c));
    all.extend(c0.chain(['\u{7f}']).map(|c| format!("over{c}written")));
    let turned = ('\u{202a}'..='\u{202e}').chain('\u{2066}'..='\u{2069}');
    let turned = turned.chain(['\u{200e}', '\u{200f}', '\u{61c}']);
    let hidden = ('\u{2060}'..='\u{2064}').chain('\u{200b}'..='\u{200d}');
    let hidden = hidden.chain(['\u{feff}', '\u{ad}', '\u{180e}', '\u{2028}', '\u{2029}']);
    let odd = ['\u{fff9}', '\u{fffa}', '\u{fffb}', '\u{e0001}', '\u{e0041}'];
    all.extend(turned.chain(hidden).chain(odd).map(|c| format!("a{c}b")));
    all
}

/// A text as YAML has it in double quotes, where nothing odd may stand as it is.
fn quoted(text: &str) -> String {
    let spelled = |c: char| match c {
        '"' | '\\' => format!("\\{c}"),
        ' '..='~' => c.to_string(),
        _ => format!("\\U{:08x}", u32::from(c)),
    };
    format!("\"{}\"", text.chars().map(spelled).collect::<String>())
}

/// Whether a terminal or a reader's eye would obey it instead of seeing it; written apart from the program's own list.
fn obeyed(c: char) -> bool {
    (c.is_control() && c != '\n' && c != '\t')
        || matches!(
            c,
            '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}'
        )
        || matches!(c, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}')
        || matches!(c, '\u{e0000}'..='\u{e0fff}')
}

fn clean(what: &str, said: &Said) {
    for (stream, text) in [("stdout", &said.out), ("stderr", &said.err)] {
        let found = text.char_indices().find(|(_, c)| obeyed(*c));
        if let Some((at, c)) = found {
            let near: String = text[..at].chars().rev().take(60).collect();
            let near: String = near.chars().rev().collect();
            panic!("{what}: {c:?} in {stream} after {near:?}");
        }
    }
}

/// A server that says every sequence: in answers, in the model's name, in errors.
fn server(all: String) -> Server {
    Server::start(move |request: &Request| {
        let prompt = request.prompt();
        if prompt.contains("fail") {
            return error(400, &format!("{all}{prompt}"));
        }
        chat(&format!("m{all}"), &format!("{prompt}{all}"))
    })
}

fn project(server: &Server, all: &[String]) -> Project {
    let rows = all.chunks(10).enumerate().map(|(at, some)| {
        let some = some.concat();
        let fail = if at % 5 == 4 { "fail" } else { "" };
        let target = if at % 2 == 0 {
            json!(some)
        } else {
            json!(format!("{fail}{some}"))
        };
        let row = json!({"id": format!("c{at}{some}"), "q": format!("{fail}{some}"),
            "target": target, "group": some, "tags": format!("t{at} {some}")});
        format!("{row}\n")
    });
    let name = quoted(&all.concat());
    let url = server.base_url();
    let suite = format!(
        "name: {name}\ndataset: data.jsonl\nprompts:\n  - {{name: \"p\\e[2J\", messages: [{{user: \"{{{{q}}}}\"}}]}}\n\
         models:\n  - {{name: \"a\\e[2J\\u202e\", api: openai-chat, base_url: \"{url}\", model: a, price: {{input: 1, output: 2}}}}\n\
         \x20 - {{name: b, api: openai-chat, base_url: \"{url}\", model: b}}\n\
         scorers: [{{name: \"s\\u202ex\", exact: {{}}}}, {{contains: x}}]\nlimits: {{max_failed: 0.9}}\n"
    );
    let rows: String = rows.collect();
    let table = "case,candidate,score\n\"\u{1b}[2J1\",\"x\u{1b}]0;y\u{7}\",1\n\"\u{1b}[2J1\",z,0\n2,\"x\u{1b}]0;y\u{7}\",1\n2,z,0.5\n";
    Project::new(&[
        ("data.jsonl", &rows),
        ("bakeoff.yaml", &suite),
        ("table.csv", table),
    ])
}

#[test]
fn nothing_that_is_shown_moves_a_terminal() {
    let all = sequences();
    assert!(all.len() >= 200, "{}", all.len());
    let server = server(all.concat());
    let project = project(&server, &all);
    let run = |args: &[&str]| {
        let said = project.run(args);
        clean(&args.join(" "), &said);
        said
    };
    let checked = run(&["check"]);
    assert_eq!(checked.code, 0, "{}", checked.err);
    let said = run(&["run", "--events", "events.jsonl"]);
    assert_eq!(said.code, 0, "{}", said.err);
    assert!(
        project
            .read("bakeoff-report/trials.csv")
            .contains("\u{1b}["),
        "the sequences did come in"
    );
    let formats = "terminal json markdown html junit github codequality";
    for format in formats.split(' ') {
        let said = run(&["report", "--format", format]);
        assert_eq!(said.code, 0, "{}", said.err);
        assert!(!said.out.is_empty());
    }
    let listed = run(&["report", "--format", "json"]).json();
    let (a, run_id) = (
        listed["candidates"][0]["name"].clone(),
        listed["run"].clone(),
    );
    let (a, run_id) = (a.as_str().unwrap(), run_id.as_str().unwrap());
    run(&["show"]);
    for (at, some) in all.chunks(10).enumerate() {
        let id = format!("c{at}{}", some.concat());
        assert_eq!(run(&["show", "latest", &id]).code, 0);
        assert_eq!(run(&["show", "latest", &id, "--format", "json"]).code, 0);
    }
    run(&["show", "latest", "c0\u{1b}[2J"]);
    assert_eq!(run(&["compare"]).code, 0);
    assert_eq!(run(&["compare", a, "b", "--format", "markdown"]).code, 0);
    for format in ["terminal", "json", "markdown", "junit", "github"] {
        run(&["compare", "--table", "table.csv", "--format", format]);
        run(&["compare", run_id, run_id, "--format", format]);
    }
    run(&[
        "compare",
        "--table",
        "table.csv",
        "--reference",
        "\u{1b}[2J",
    ]);
    run(&["select"]);
    run(&["select", "--min-quality", "0.1", "--format", "json"]);
    run(&["plan"]);
    run(&["plan", "--table", "table.csv"]);
    for what in [
        "models",
        "providers",
        "scorers",
        "reports",
        "datasets",
        "runs",
    ] {
        run(&["list", what]);
        run(&["list", what, "--format", "json"]);
    }
    assert_eq!(run(&["baseline", "set"]).code, 0);
    for format in [
        "terminal",
        "json",
        "markdown",
        "junit",
        "github",
        "codequality",
    ] {
        run(&["gate", "--format", format]);
        run(&[
            "port",
            "--from",
            a,
            "--to",
            "b",
            "--no-control",
            "--format",
            format,
        ]);
        run(&[
            "port",
            "--from",
            "b",
            "--to",
            a,
            "--lint-only",
            "--format",
            format,
        ]);
    }
    run(&["explain", "\u{1b}[2J"]);
    run(&["doctor"]);
    run(&["score"]);
    run(&["resume"]);
    run(&["merge"]);
}

#[test]
fn nothing_that_is_wrong_moves_a_terminal() {
    let all = sequences().concat();
    let server = server(all.clone());
    let quoted = quoted(&all);
    let project = Project::new(&[]);
    let run = |args: &[&str]| {
        let said = project.run(args);
        clean(&args.join(" "), &said);
        said
    };
    for (data, suite) in [
        (
            format!("id,q\na\"{all}\",b\n"),
            "dataset: data.csv".to_owned(),
        ),
        (format!("id,q\n{all}\n"), "dataset: data.csv".to_owned()),
        ("id,q\na,b\n".into(), format!("dataset: {quoted}")),
        (
            "id,q\na,b\n".into(),
            format!("dataset: {{path: data.csv, id: {quoted}}}"),
        ),
        (
            "id,q\na,b\n".into(),
            format!("{quoted}: 1\ndataset: data.csv"),
        ),
        (
            "id,q\na,b\n".into(),
            format!("dataset: data.csv\nscorers: [{quoted}]"),
        ),
        (
            "id,q\na,b\n".into(),
            format!("dataset: data.csv\nmodels: [{quoted}]"),
        ),
        (
            "id,q\na,b\n".into(),
            "dataset: data.csv\nprompts: [{name: x, messages: [{user: \"{{z\\e[2J}}\"}]}]"
                .to_owned(),
        ),
        (
            "id,q\na,b\n".into(),
            format!("dataset: data.csv # {all}\nprompts: [1"),
        ),
    ] {
        project.write("data.csv", &data);
        project.write("bakeoff.yaml", &format!("name: x\n{suite}\n"));
        assert_eq!(run(&["check"]).code, 2, "{suite}");
        assert_eq!(run(&["run"]).code, 2, "{suite}");
    }
    let lines = [
        json!({"scorer": "exact", "output": all, "target": "x"}),
        json!({"scorer": {"contains": all}, "output": "x", "target": "x"}),
        json!({"scorer": {"regex": format!("({all}")}, "output": "x"}),
        json!({"scorer": all, "output": "x"}),
        json!({"scorer": {"json": {"fields": ["/a"]}}, "output": all, "target": {"a": 1}}),
    ];
    let lines: String = lines.iter().map(|line| format!("{line}\n")).collect();
    project.write("lines.jsonl", &format!("{lines}{all}\n"));
    run(&["score", "--try", "lines.jsonl"]);
    let url = server.base_url();
    for prompt in ["hello", "fail"] {
        for format in ["json", "text"] {
            let call = [
                "call",
                "m",
                "--api",
                "openai-chat",
                "--base-url",
                &url,
                "--attempts",
                "1",
            ];
            run(&[&call[..], &["--prompt", prompt, "--format", format]].concat());
        }
    }
    project.write("call.json", &format!("{{\"{}\": 1}}", "x\\u001b[2J\\u202e"));
    run(&["call", "openai/gpt-4o", "--request", "call.json"]);
    run(&["show", &all.replace('\0', "")]);
    run(&["prices", "show", &all]);
    run(&["init", "new", "--model", "x\u{1b}[2J/y"]);
}
