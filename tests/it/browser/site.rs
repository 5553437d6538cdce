//! Pages to look at: of the shipped suite, and of runs in which every text is hostile.

use crate::project::Project;
use crate::server::{Server, chat, error};
use std::path::{Path, PathBuf};

/// Runs the command in the project; the path of the page that it wrote.
pub fn page(project: &Project, command: &[&str]) -> PathBuf {
    let said = project.run(&[command, &["--out", "out"]].concat());
    assert!(matches!(said.code, 0 | 3), "{}\n{}", said.err, said.out);
    project.path().join("out/summary.html")
}

/// The shipped suite, run offline into a folder of its own.
pub fn triage() -> Project {
    let project = Project::new(&[]);
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let suite = root.join("bakeoff.yaml");
    let suite = suite.to_string_lossy();
    let out = project.path().join("out");
    let out = out.to_string_lossy();
    let store = project.path().join("store.db");
    let store = store.to_string_lossy();
    let said = project.run(&["run", "-q", "-f", &suite, "--store", &store, "--out", &out]);
    assert_eq!(said.code, 0, "{}", said.err);
    project
}

/// Runs in which every text is hostile.
pub struct Site {
    /// Their pages.
    pub pages: Vec<PathBuf>,
    /// A page made by templates of a project that do not escape.
    pub control: PathBuf,
    _projects: Vec<Project>,
}

/// Cases of one page: all of them have room in its HTML.
const CASES: usize = 150;
/// Candidates of one page.
const CANDIDATES: usize = 60;

impl Site {
    /// Each payload is, on some page: a case's input, target, tag and id, a reply and the model that served it, a
    /// scorer's reason, an error; and a candidate's name, its prompt's name and its prompt's text.
    pub fn hostile(payloads: &[String]) -> Site {
        let texts = payloads.chunks(CASES).map(of_texts);
        let names = payloads.chunks(CANDIDATES).map(of_names);
        let mut projects: Vec<Project> = texts.chain(names).collect();
        let pages = projects.iter().map(|it| it.path().join("out/summary.html"));
        let pages = pages.collect();
        let control = of_texts(&payloads[..CASES]);
        unescape(&control);
        let again = control.run(&["report", "--format", "html", "--out", "raw"]);
        assert_eq!(again.code, 0, "{}", again.err);
        let page = control.path().join("raw/summary.html");
        projects.push(control);
        Site {
            pages,
            control: page,
            _projects: projects,
        }
    }
}

/// The project's own templates, in which a case's texts are not escaped.
fn unescape(project: &Project) {
    let shipped = Path::new(env!("CARGO_MANIFEST_DIR")).join("reports/case.html.hbs");
    let card = std::fs::read_to_string(shipped).unwrap();
    let raw = card.replace("{{text}}", "{{{text}}}");
    assert_ne!(raw, card);
    project.write("reports/case.html.hbs", &raw);
}

fn of_texts(payloads: &[String]) -> Project {
    let all = payloads.to_vec();
    // the case says its number; the payload itself may be cut up by what reads the request
    let server = Server::start(move |request| {
        let prompt = request.prompt();
        let number = prompt.split_whitespace().next().unwrap_or_default();
        let payload: &String = &all[number.parse::<usize>().expect("a number comes first")];
        match request.model() {
            "says" => chat(payload, payload),
            _ => error(400, payload),
        }
    });
    let mut rows = csv::Writer::from_writer(Vec::new());
    rows.write_record(["id", "n", "text", "target", "tag"])
        .unwrap();
    for (at, payload) in payloads.iter().enumerate() {
        let id = format!("{at} {payload}");
        rows.write_record([&id, &at.to_string(), payload, payload, payload])
            .unwrap();
    }
    let rows = String::from_utf8(rows.into_inner().unwrap()).unwrap();
    let url = server.base_url();
    let models = ["says", "fails"].map(|model| {
        format!("  - {{name: {model}, api: openai-chat, base_url: \"{url}\", model: {model}, price: {{input: 1, output: 2}}}}\n")
    });
    let suite = format!(
        "name: texts\ndataset: {{path: data.csv, id: id, target: target, tags: [tag]}}\n\
         prompts:\n  - {{name: ask, messages: [{{user: \"{{{{n}}}} {{{{text}}}}\"}}]}}\nmodels:\n{}\
         scorers: [{{name: reasons, contains: \"{{{{text}}}} is not there\"}}]\nlimits: {{attempts: 1}}\n",
        models.concat()
    );
    let project = Project::new(&[("data.csv", &rows), ("bakeoff.yaml", &suite)]);
    page(&project, &["run", "-q"]);
    project
}

fn of_names(payloads: &[String]) -> Project {
    let server = Server::start(|request| chat(request.model(), "yes"));
    let url = server.base_url();
    let models = payloads.iter().enumerate().map(|(at, payload)| {
        let name = serde_json::to_string(&format!("{at} {payload}")).unwrap();
        // a template that says the payload, braces and all
        let text = serde_json::to_string(&payload.replace("{{", "\\{{")).unwrap();
        format!(
            "  - {{name: {name}, api: openai-chat, base_url: \"{url}\", model: m, price: {{input: 1, output: 2}}, \
             prompt: {{name: {name}, messages: [{{system: {text}}}, {{user: \"{{{{text}}}}\"}}]}}}}\n"
        )
    });
    let suite = format!(
        "name: {}\ndataset: data.csv\nmodels:\n{}scorers: [exact]\n",
        serde_json::to_string(&payloads[0]).unwrap(),
        models.collect::<String>()
    );
    let rows = "id,text,target\na,one,yes\nb,two,no\n";
    let project = Project::new(&[("data.csv", rows), ("bakeoff.yaml", &suite)]);
    page(&project, &["run", "-q"]);
    project
}
