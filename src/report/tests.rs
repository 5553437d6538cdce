//! What every format must keep to, on the fixture.

use super::{FORMATS, Look, Report, explorer, fixture, format, page};
use crate::source::{Problem, Source, unseen};
use std::sync::Arc;
use unicode_width::UnicodeWidthStr;

fn shipped(path: &str) -> Result<Arc<Source>, Problem> {
    let file = format!("{}/{path}", env!("CARGO_MANIFEST_DIR"));
    Ok(Arc::new(Source::new(
        path,
        std::fs::read_to_string(file).unwrap(),
    )))
}

fn look(width: usize) -> Look<'static> {
    Look {
        width,
        color: false,
        part: &shipped,
    }
}

fn render(name: &str, report: &Report, width: usize) -> Vec<u8> {
    (format(name).unwrap().render)(report, &look(width)).unwrap()
}

fn text_of(name: &str, report: &Report) -> String {
    String::from_utf8(render(name, report, 80)).unwrap()
}

fn text(name: &str, width: usize) -> String {
    String::from_utf8(render(name, &fixture::report(), width)).unwrap()
}

#[test]
fn terminal_80() {
    insta::assert_snapshot!(text("terminal", 80));
}

#[test]
fn terminal_140() {
    insta::assert_snapshot!(text("terminal", 140));
}

#[test]
fn markdown() {
    insta::assert_snapshot!(text("markdown", 80));
}

#[test]
fn summary_view() {
    let mut view = super::view(&fixture::report());
    for line in &mut view.candidates {
        for shown in line.others.iter_mut().chain([&mut line.score]) {
            shown.strip.clear();
        }
    }
    insta::assert_snapshot!(serde_json::to_string_pretty(&view).unwrap());
}

#[test]
fn the_terminal_is_never_overrun() {
    let mut report = fixture::report();
    report.summary.candidates[1].name = "請求\u{1b}[31m".repeat(30);
    report
        .summary
        .scorers
        .extend((0..9).map(|n| format!("another_scorer_{n}")));
    for width in [0, 40, 57, 80, 123, 200] {
        let text = String::from_utf8(render("terminal", &report, width)).unwrap();
        let widest = text.lines().map(UnicodeWidthStr::width).max().unwrap();
        assert!(
            widest <= width.max(40),
            "{widest} columns at {width}:\n{text}"
        );
    }
}

#[test]
fn colour_is_only_ours_and_only_when_asked() {
    let mut report = fixture::report();
    report
        .summary
        .notes
        .push("\u{1b}[31mred \u{9b}2J \u{202e}".to_owned());
    let plain = String::from_utf8(render("terminal", &report, 80)).unwrap();
    assert!(!plain.contains(unseen));
    assert!(plain.contains(r"\u{1b}[31mred \u{9b}2J \u{202e}"));
    let look = Look {
        color: true,
        ..look(80)
    };
    let painted = (format("terminal").unwrap().render)(&report, &look).unwrap();
    let painted = String::from_utf8(painted).unwrap();
    assert!(painted.contains("\u{1b}[1m"));
    assert!(!painted.contains("\u{1b}[31mred"));
}

#[test]
fn the_same_report_makes_the_same_bytes() {
    for format in FORMATS {
        let twice = [0, 1].map(|_| render(format.name, &fixture::report(), 80));
        assert!(twice[0] == twice[1], "{}", format.name);
    }
}

#[test]
fn formats_have_their_own_names_and_files() {
    for (at, format) in FORMATS.iter().enumerate() {
        let others = || FORMATS[..at].iter();
        assert!(others().all(|o| o.name != format.name));
        assert!(others().all(|o| o.file.is_empty() || o.file != format.file));
    }
}

#[test]
fn hostile_text_is_inert_in_the_page() {
    let mut report = fixture::report();
    let evil =
        "</script></style><script>alert(1)</script><img src=x onerror=alert(1)>\" onload='x'";
    report.summary.suite = evil.to_owned();
    report.summary.notes.push(evil.to_owned());
    for row in &mut report.summary.candidates {
        row.model = evil.to_owned();
    }
    report.summary.candidates[3].name = evil.to_owned();
    for case in &mut report.cases {
        case.id += evil;
        case.tags.push(evil.to_owned());
        for trial in &mut case.trials {
            trial.text = Some(evil.to_owned());
        }
    }
    let page = text_of("html", &report);
    assert!(!page.contains("<script>alert"));
    assert!(!page.contains("<img"));
    assert!(!page.contains(unseen));
    let islands = page.matches("<script type=\"application/json\"").count();
    assert_eq!(islands, 3, "head, index, one part");
    assert_eq!(page.matches("<script").count(), islands + 1);
    assert_eq!(page.matches("</script").count(), islands + 1);
    assert_eq!(page.matches("<style").count(), 1);
}

#[test]
fn nothing_is_fetched() {
    let page = text("html", 80);
    assert!(page.contains("default-src &#x27;none&#x27;") || page.contains("default-src 'none'"));
    for fetch in ["src=\"", "<link", "@import", "url(", "fetch(", "XMLHttp"] {
        assert!(!page.contains(fetch), "{fetch}");
    }
}

#[test]
fn the_page_stays_small() {
    let page = render("html", &fixture::large(200, 600), 80);
    assert!(page.len() < 2_000_000, "{} bytes", page.len());
}

#[test]
fn a_large_page_keeps_its_cases_in_islands() {
    let report = fixture::large(300, 400);
    let room = |shown, kept| {
        let room = explorer::Room { shown, kept };
        page::render(&report, &look(80), room).unwrap()
    };
    let island = |page: &str, begin: &str| -> Vec<serde_json::Value> {
        let found = page.split("<script type=\"application/json\" ").skip(1);
        let found = found.filter_map(|it| it.strip_prefix(begin)?.split("</script>").next());
        let lists = found.map(|it| serde_json::from_str::<Vec<_>>(it).unwrap());
        lists.flatten().collect()
    };
    let shown = |page: &str| page.matches("<details class=\"case\"").count();
    let page = room(60_000, 10_000_000);
    let index = island(&page, "id=\"cases-index\">");
    assert_eq!(index.len(), 300);
    assert_eq!(island(&page, "class=\"cases-part\">").len(), 300);
    assert!((4..60).contains(&shown(&page)), "{}", shown(&page));
    assert!(page.contains(&format!("{} more are in this page", 300 - shown(&page))));
    let page = room(1, 100_000);
    let kept = island(&page, "class=\"cases-part\">").len();
    assert_eq!(shown(&page), 1);
    assert!(kept > 3 && kept == island(&page, "id=\"cases-index\">").len());
    assert!(page.contains(&format!("{} more cases have no room", 300 - kept)));
}

#[test]
fn a_project_may_bring_its_own_page() {
    let own = |path: &str| match path {
        "reports/summary.html.hbs" => Ok(Arc::new(Source::new(path, "{{suite}}: {{headline}}"))),
        "reports/summary.md.hbs" => Ok(Arc::new(Source::new(path, "ok\n{{#if}}"))),
        other => shipped(other),
    };
    let look = Look {
        part: &own,
        ..look(80)
    };
    let mut report = fixture::report();
    report.summary.suite = "<b>".to_owned();
    let page = (format("html").unwrap().render)(&report, &look).unwrap();
    assert!(page.starts_with(b"&lt;b&gt;: openai"));
    let problem = (format("markdown").unwrap().render)(&report, &look).unwrap_err();
    assert_eq!(problem.at.unwrap().source.name, "reports/summary.md.hbs");
}

#[test]
fn markdown_stays_below_the_limit_and_mentions_nobody() {
    let mut report = fixture::large(400, 5000);
    report.summary.notes = vec!["ask @everyone about #1 | <b>".to_owned(); 900];
    let text = String::from_utf8(render("markdown", &report, 80)).unwrap();
    assert!(text.len() <= 60_000, "{} bytes", text.len());
    let mut inside = false;
    let outside = text.lines().filter(|line| {
        let fence = line.starts_with("```");
        inside ^= fence;
        !inside && !fence
    });
    for line in outside {
        assert!(
            !line.contains("@everyone") && !line.contains("<b>"),
            "{line}"
        );
    }
    assert!(!super::tests::text("markdown", 80).contains(unseen));
}

#[test]
fn csv_has_a_row_a_trial_and_no_formula() {
    let bytes = render("csv", &fixture::report(), 80);
    let mut reader = ::csv::Reader::from_reader(bytes.as_slice());
    let headers = reader.headers().unwrap().clone();
    let at = |name: &str| headers.iter().position(|h| h == name).unwrap();
    let rows: Vec<_> = reader.records().map(Result::unwrap).collect();
    assert_eq!(rows.len(), 48);
    assert_eq!(&rows[28][at("text")], "'=cmd|' /C calc'!A0");
    assert_eq!(&rows[9][at("outcome")], "failed");
    assert_eq!(&rows[9][at("failure")], "rate_limit");
    assert_eq!(&rows[9][at("exact")], "");
    assert_eq!(&rows[2][at("cost_usd")], "");
    assert_eq!(&rows[3][at("cost_usd")], "0");
    for cell in rows.iter().flatten() {
        assert!(
            !cell.starts_with(['=', '+', '-', '@', '\t', '\r']),
            "{cell}"
        );
    }
}

#[test]
fn json_is_the_summary_again() {
    let mut report = fixture::report();
    report
        .summary
        .notes
        .push("\u{9b}2J\u{202e}\u{e0041}".to_owned());
    let bytes = render("json", &report, 80);
    assert!(!String::from_utf8(bytes.clone()).unwrap().contains(unseen));
    let again: crate::summary::Summary = serde_json::from_slice(&bytes).unwrap();
    assert_eq!(again, report.summary);
}

#[test]
fn parquet_is_parquet() {
    let bytes = render("parquet", &fixture::report(), 80);
    assert_eq!(
        (&bytes[..4], &bytes[bytes.len() - 4..]),
        (&b"PAR1"[..], &b"PAR1"[..])
    );
}

#[test]
fn a_run_without_anything_can_be_shown() {
    let mut report = fixture::report();
    report.cases.clear();
    report.summary.candidates.clear();
    report.summary.contrasts.clear();
    report.summary.best.name = None;
    report.summary.best.tied.clear();
    for format in FORMATS {
        render(format.name, &report, 80);
        render(format.name, &crowd(40), 80);
    }
    assert!(super::words::headline(&report.summary).starts_with("Nothing was scored"));
}

#[test]
#[ignore = "writes the fixture's reports into the temporary folder, to look at"]
fn to_look_at() {
    let folder = std::env::temp_dir().join("bakeoff-look");
    std::fs::create_dir_all(&folder).unwrap();
    for format in FORMATS {
        let name = if format.file.is_empty() {
            "terminal.txt"
        } else {
            format.file
        };
        let bytes = render(format.name, &fixture::report(), 100);
        std::fs::write(folder.join(name), bytes).unwrap();
    }
    let large = render("html", &fixture::large(2000, 500), 80);
    std::fs::write(folder.join("large.html"), large).unwrap();
    let many = render("html", &crowd(14), 80);
    std::fs::write(folder.join("crowd.html"), many).unwrap();
}

/// One with this many candidates, close to each other.
fn crowd(candidates: usize) -> Report {
    let mut report = fixture::report();
    let rows = std::mem::take(&mut report.summary.candidates);
    report.summary.candidates = (0..candidates)
        .map(|n| {
            let mut row = rows[n % 3].clone();
            row.name = format!("{}-{n}", row.name);
            let shift = (n * 37 % 11) as f64 / 100.0;
            let cell = row.scores.get_mut("exact").expect("the fixture scores it");
            for value in [&mut cell.value, &mut cell.low, &mut cell.high] {
                *value = value.map(|v| v * 0.9 + shift);
            }
            let cost = &mut row.cost_usd.per_case;
            *cost = cost.map(|usd| usd * (1.0 + shift * 9.0));
            row
        })
        .collect();
    let best = &mut report.summary.best;
    best.name = Some("llama-fast-8".to_owned());
    best.tied = ["llama-fast-8", "openai/gpt-4o-12", "llama-fast-2"]
        .map(str::to_owned)
        .to_vec();
    report
}
