//! The HTML pages of a run, a gate, a port, a comparison and a selection: each needs nothing but itself,
//! every link within it leads somewhere, and what a model says is only ever text.

use crate::project::Project;
use crate::run::right;
use crate::server::{Server, chat};
use bakeoff::source::unseen;
use base64::Engine;
use sha2::{Digest, Sha256};
use std::collections::BTreeSet;

/// The shipped project in a folder of its own.
fn shipped() -> Project {
    let suite = concat!(env!("CARGO_MANIFEST_DIR"), "/bakeoff.yaml");
    Project::new(&[("bakeoff.yaml", &std::fs::read_to_string(suite).unwrap())])
}

/// The values of an attribute.
fn values<'a>(page: &'a str, attribute: &str) -> Vec<&'a str> {
    let begin = format!(" {attribute}=\"");
    let parts = page.split(&begin).skip(1);
    parts.map(|part| part.split('"').next().unwrap()).collect()
}

/// Holds a page to what every page keeps to.
fn sound(name: &str, page: &str) {
    let style = page.split("<style>").nth(1).unwrap();
    let style = style.split("</style>").next().unwrap();
    let digest = base64::engine::general_purpose::STANDARD.encode(Sha256::digest(style));
    let plain = |text: &str| text.replace("&#x27;", "'").replace("&#x3D;", "=");
    let policy = plain(
        page.split("Content-Security-Policy\" content=\"")
            .nth(1)
            .unwrap(),
    );
    let policy = policy.split('"').next().unwrap().to_owned();
    assert!(
        policy.starts_with("default-src 'none'; "),
        "{name}: {policy}"
    );
    assert!(
        policy.contains(&format!("style-src 'sha256-{digest}'")),
        "{name}: {policy}"
    );
    let scripts = page.matches("<script").count();
    assert_eq!(
        policy.contains("script-src"),
        scripts > 0,
        "{name}: {policy}"
    );
    for fetch in [
        "src=\"",
        "<link",
        "@import",
        "url(",
        " style=\"",
        " onclick=\"",
        "javascript:",
    ] {
        let outside = page.replace(style, "");
        assert!(!outside.contains(fetch), "{name}: {fetch}");
    }
    assert!(!page.contains(unseen), "{name}: something that nobody sees");
    let ids = values(page, "id");
    let known: BTreeSet<&str> = ids.iter().copied().collect();
    assert_eq!(ids.len(), known.len(), "{name}: an id is given twice");
    for link in values(page, "href") {
        let link = plain(link);
        assert!(
            link.starts_with('#'),
            "{name}: {link} leads out of the page"
        );
        let target = link[1..].split('?').next().unwrap();
        assert!(known.contains(target), "{name}: {link} leads nowhere");
    }
    for figure in page.split("<svg").skip(1) {
        let figure = figure.split('>').next().unwrap();
        let named = ["aria-labelledby", "aria-label=", "aria-hidden"];
        assert!(
            named.iter().any(|it| figure.contains(it)),
            "{name}: a figure without a name: {figure}"
        );
    }
    let marks = page.split("<script>").next().unwrap().replace(style, "");
    let tables = page.matches("<table").count();
    assert_eq!(
        tables,
        page.matches("<caption>").count(),
        "{name}: a table without a caption"
    );
    assert!(!marks.contains("NaN"), "{name}");
    assert!(
        page.ends_with("</html>\n"),
        "{name} ends with {:?}",
        &page[page.len() - 20..]
    );
}

#[test]
fn each_page_of_the_shipped_project_is_sound() {
    let project = shipped();
    assert_eq!(project.run(&["run"]).code, 0);
    assert_eq!(project.run(&["baseline", "set", "latest"]).code, 0);
    sound("summary", &project.read("bakeoff-report/summary.html"));
    let gate = project.run(&["gate", "--out", "there", "--format", "html"]);
    assert_eq!(gate.out, project.read("there/gate.html"));
    for (name, args) in [
        ("gate", "gate"),
        ("compare", "compare"),
        ("two", "compare smollm2-135m qwen2.5-coder-1.5b"),
        ("select", "select"),
        ("port", "port --from qwen2.5-coder-1.5b --to smollm2-135m"),
        (
            "ports",
            "port --from qwen2.5-coder-1.5b --to smollm2-135m --to smollm2-135m-q2k",
        ),
        (
            "lint",
            "port --from qwen2.5-coder-1.5b --to smollm2-135m --lint-only",
        ),
    ] {
        let args: Vec<&str> = args.split(' ').chain(["--format", "html"]).collect();
        let said = project.run(&args);
        assert!(
            said.out.starts_with("<!doctype html>"),
            "{name}: {}{}",
            said.out,
            said.err
        );
        sound(name, &said.out);
        assert!(said.out.contains("<h1>"), "{name}");
        let sections = said.out.matches("<section").count();
        assert!(sections > 0 || name == "lint", "{name} has no section");
    }
    let two = project.run(&[
        "compare",
        "smollm2-135m",
        "qwen2.5-coder-1.5b",
        "--format",
        "html",
    ]);
    for wanted in [
        "id=\"fig-differences-title\"",
        "method-cr2",
        "What moved the difference most",
        "prompt</th>",
    ] {
        assert!(two.out.contains(wanted), "{wanted} is missing");
    }
    let port = project.run(&[
        "port",
        "--from",
        "qwen2.5-coder-1.5b",
        "--to",
        "smollm2-135m",
        "--format",
        "html",
    ]);
    for wanted in [
        "Not portable",
        "id=\"fig-tags-0-title\"",
        "cases that moved",
        "href=\"#case-",
    ] {
        assert!(port.out.contains(wanted), "{wanted} is missing");
    }
}

#[test]
fn a_part_of_the_project_s_own_stands_in_every_page() {
    let project = shipped();
    assert_eq!(project.run(&["run"]).code, 0);
    project.write(
        "reports/parts/foot.html.hbs",
        "<footer>ours: {{#each made}}{{kind}} {{/each}}</footer>\n",
    );
    let page = project.run(&["report", "--format", "html"]).out;
    assert!(
        page.contains("<footer>ours: dataset prompt scorer"),
        "{page}"
    );
    let page = project.run(&["select", "--format", "html"]).out;
    assert!(page.contains("<footer>ours: dataset"), "{page}");
    project.write("reports/parts/foot.html.hbs", "<footer>\n{{/if}}\n");
    let said = project.run(&["compare", "--format", "html"]);
    assert_eq!(said.code, 2);
    assert!(
        said.err.contains("reports/parts/foot.html.hbs:2"),
        "{}",
        said.err
    );
}

#[test]
fn what_models_say_is_text_in_every_page() {
    let evil =
        "</script></style><script>alert(1)</script><img src=x onerror=alert(1)>\u{202e}\u{1b}[2J";
    let server = Server::start(move |request| match request.model() {
        "good" => chat("good", &right(request)),
        model => chat(model, evil),
    });
    let project = Project::arithmetic(&server.base_url(), &["good", "bad"], 12, "");
    let suite = project
        .read("bakeoff.yaml")
        .replace("name: bad", "name: \"<img src=x>\"");
    project.write("bakeoff.yaml", &suite);
    assert_eq!(project.run(&["run"]).code, 0);
    assert_eq!(project.run(&["baseline", "set", "latest"]).code, 0);
    for args in [
        "report",
        "gate",
        "compare",
        "select",
        "port --from good --to bad",
    ] {
        let args: Vec<&str> = args.split(' ').chain(["--format", "html"]).collect();
        let page = project.run(&args);
        assert!(
            page.out.starts_with("<!doctype html>"),
            "{args:?}: {}",
            page.err
        );
        assert!(
            !page.out.contains("<img") && !page.out.contains("<script>alert"),
            "{args:?}"
        );
        sound(args[0], &page.out);
    }
}
