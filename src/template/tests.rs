use super::*;
use serde_json::json;

fn parse(text: &str, syntax: Syntax) -> Result<Template, Problem> {
    let source = Arc::new(Source::new("prompt.hbs", text));
    Template::parse(text, &source, 0..text.len(), syntax)
}

fn bars(text: &str) -> Template {
    parse(text, Syntax::Handlebars).unwrap_or_else(|problem| panic!("{}", problem.draw(false)))
}

fn jinja(text: &str) -> Template {
    parse(text, Syntax::Jinja).unwrap_or_else(|problem| panic!("{}", problem.draw(false)))
}

fn fill(template: &Template, vars: Value) -> String {
    let vars = vars.as_object().expect("a map").clone();
    let rendered = template.render(&vars);
    rendered.unwrap_or_else(|problem| panic!("{}", problem.draw(false)))
}

fn fails(template: &Template, vars: Value) -> String {
    let vars = vars.as_object().expect("a map").clone();
    template.render(&vars).expect_err("fails").draw(false)
}

fn names(template: &Template) -> Vec<&str> {
    let names = template.names().iter();
    names.map(|name| name.name.as_str()).collect()
}

#[test]
fn values_go_in_as_they_are() {
    let vars = json!({
        "t": "a<b && \"q\" 'z' = `x`\n  {{y}} {{> z}} {% for %}", "n": 5, "f": 0.5, "b": true, "z": null,
        "l": ["a", 1], "m": {"k": "v"}, "len": "no helper"
    });
    let text = "{{t}}|{{{t}}}|{{n}}|{{f}}|{{b}}|{{z}}|{{l}}|{{m}}|{{m.k}}|{{len}}|{{json t}}";
    let t = vars["t"].as_str().unwrap();
    let expected = format!(
        "{t}|{t}|5|0.5|true||[\"a\",1]|{{\"k\":\"v\"}}|v|no helper|{}",
        vars["t"]
    );
    assert_eq!(fill(&bars(text), vars.clone()), expected);
    let text = "{{t}}|{{n}}|{{f}}|{{b}}|{{z}}|{{l}}|{{m}}|{{m.k}}";
    let expected = format!("{t}|5|0.5|true||[\"a\",1]|{{\"k\":\"v\"}}|v");
    assert_eq!(fill(&jinja(text), vars), expected);
}

#[test]
fn loops_and_conditions() {
    let text = "{{#each examples}}{{@index}}: {{q}} -> {{a}} ({{../lang}})\n{{/each}}{{#if note}}N: {{note}}{{else}}-{{/if}}";
    let vars =
        json!({"lang": "en", "note": "", "examples": [{"q": "x", "a": "1"}, {"q": "y", "a": "2"}]});
    let template = bars(text);
    assert_eq!(names(&template), ["examples", "lang", "note"]);
    assert_eq!(
        fill(&template, vars.clone()),
        "0: x -> 1 (en)\n1: y -> 2 (en)\n-"
    );
    let text = "{% for e in examples %}{{ loop.index0 }}: {{ e.q }} -> {{ e.a }} ({{ lang }})\n{% endfor %}{% if note %}N{% else %}-{% endif %}";
    let template = jinja(text);
    assert_eq!(names(&template), ["examples", "lang", "note"]);
    assert_eq!(fill(&template, vars), "0: x -> 1 (en)\n1: y -> 2 (en)\n-");
}

#[test]
fn names_are_the_top_level_variables() {
    let text = "{{a.b}} {{#each c as |x i|}}{{x}} {{i}} {{this.d}} {{./e}} {{../f}} {{@root.g}}{{/each}}\
        {{#with h}}{{inner}}{{else}}{{j}}{{/with}}{{#if (eq k \"l\")}}{{lookup m n}}{{/if}}{{#unless o}}{{p}}{{/unless}}\
        {{[odd name]}}{{! {{comment}} }} \\{{escaped}} {{@root/q}} {{this.r}}";
    let wanted = [
        "a", "c", "f", "g", "h", "j", "k", "m", "n", "o", "p", "odd name", "q", "r",
    ];
    assert_eq!(names(&bars(text)), wanted);
}

#[test]
fn an_unknown_variable_points_at_the_template_line() {
    let file = "messages:\n  - user: |\n      Hello,\n      {{name}}: {{tiket}}\n";
    let source = Arc::new(Source::new("prompts/triage.yaml", file));
    let span = file.find('|').unwrap()..file.len();
    let text = "Hello,\n{{name}}: {{tiket}}\n";
    let template = Template::parse(text, &source, span, Syntax::Handlebars).unwrap();
    let problems = template.check(["name", "ticket", "lang"]);
    insta::assert_snapshot!(problems[0].draw(false), @r"
    error: unknown variable `tiket`
     --> prompts/triage.yaml:4:19
      |
    4 |       {{name}}: {{tiket}}
      |                   ^^^^^ no such column
      |
      = help: did you mean `ticket`?
      = help: known here: name, ticket, lang
    ");
    assert_eq!(problems.len(), 1);
}

#[test]
fn mistakes_are_located() {
    let drawn = |text: &str, syntax| {
        let problem = parse(text, syntax).expect_err(text);
        let place = problem.at.as_ref().expect("has a place");
        let (line, column) = place.source.line_column(place.span.start);
        format!(
            "{line}:{column} {} | {}",
            problem.title,
            problem.help.join(" / ")
        )
    };
    let bars = |text| drawn(text, Syntax::Handlebars);
    let jinja = |text| drawn(text, Syntax::Jinja);
    insta::assert_snapshot!(bars("a\n {{#if x}}y"), @r"2:2 `{{#if …}}` is not closed | write `{{/if}}` where it ends");
    insta::assert_snapshot!(bars("a\n {{#if x}}y{{/each}}"), @r"2:12 `{{#if …}}` is closed by `{{/each}}` | write `{{/if}}`");
    insta::assert_snapshot!(bars("{{x"), @r"1:1 `{{` without its `}}` | `{{name}}` puts a value in, `\{{` writes two braces");
    insta::assert_snapshot!(bars("a {{lenn x}}"), @r"1:5 unknown helper `lenn` | did you mean `len`?");
    insta::assert_snapshot!(bars("é\né {{#items}}{{/items}}"), @r"2:6 unknown helper `items` | helpers here: if, unless, each, with");
    insta::assert_snapshot!(bars("{{#each}}{{/each}}"), @r"1:1 `each` needs a value to work on |");
    insta::assert_snapshot!(bars("a\n{{> other}}"), @r"2:1 partials and decorators (`{{> …}}`, `{{* …}}`) are not allowed | write the text here, or put it into a column");
    insta::assert_snapshot!(bars("{{#*inline \"x\"}}{{> x}}{{/inline}}"), @r"1:1 partials and decorators (`{{> …}}`, `{{* …}}`) are not allowed | write the text here, or put it into a column");
    insta::assert_snapshot!(jinja("a\n{% if x %}"), @r"2:1 syntax error: unexpected end of input, expected end of block |");
    insta::assert_snapshot!(jinja("a\n{% include 'x' %}"), @r"2:4 `{% include %}` is not allowed: a prompt is one file |");
    insta::assert_snapshot!(jinja("{{ x | nofilter }}\n{{ y"), @r"2:1 syntax error: unexpected end of input, expected end of variable block |");
}

#[test]
fn a_value_that_a_row_lacks_is_an_error_with_its_place() {
    let drawn = fails(&bars("a\n{{x.y}}"), json!({"x": {}}));
    assert!(
        drawn.contains("`x.y` has no value here") && drawn.contains("prompt.hbs:2:1"),
        "{drawn}"
    );
    let drawn = fails(&jinja("a\n{{ x.y }}"), json!({"x": {}}));
    assert!(
        drawn.contains("no value") && drawn.contains("prompt.hbs:2:1"),
        "{drawn}"
    );
    let drawn = fails(&jinja("{{ ''.__class__.__mro__ }}"), json!({}));
    assert!(drawn.contains("error"), "{drawn}");
    assert_eq!(fill(&bars("{{#if x}}a{{else}}b{{/if}}"), json!({})), "b");
}

#[test]
fn bombs_are_refused_before_they_are_parsed() {
    let nested = |open: &str, close: &str, n| format!("{}x{}", open.repeat(n), close.repeat(n));
    for text in [
        nested("{{#if a}}", "{{/if}}", 20_000),
        nested("{{^a}}", "{{/a}}", 20_000),
        format!("{{{{x {}}}}}", nested("(len ", ")", 5_000)),
        format!("{{{{x {}}}}}", nested("[", "]", 5_000)),
        format!("{{{{x {{\"a\":{{}}}} {}", "[".repeat(5_000)),
        format!("{{{{x \"}}}}\" {}", "(a ".repeat(5_000)),
        format!("{{{{!-- }}}}{{{{len {}", "(len ".repeat(5_000)),
        format!("\\{{{{ \" {{{{len {}", "(len ".repeat(5_000)),
        format!(
            "{{{{{{{{raw}}}}}}}} {{{{ \" {{{{{{{{/raw}}}}}}}}{{{{len {}",
            "(len ".repeat(5_000)
        ),
        format!("{{{{[']}}}}{{{{len {}", "(len ".repeat(5_000)),
        format!("{{{{x [\"]\"] '}}}}' {}", "(len ".repeat(5_000)),
        format!("\\\\{{{{len {}", "(len ".repeat(5_000)),
        format!(
            "{{{{#if a}}}}{}{{{{/if}}}}",
            "{{else if b}}x".repeat(20_000)
        ),
        "{{#if a}}".repeat(20_000),
        "x".repeat(300_000),
    ] {
        let started = std::time::Instant::now();
        parse(&text, Syntax::Handlebars).expect_err(&text[..40]);
        assert!(started.elapsed().as_secs() < 2, "{}", &text[..40]);
    }
    for text in [
        nested("(", ")", 20_000),
        nested("[", "]", 20_000),
        nested("not ", "", 20_000),
    ] {
        parse(&format!("{{{{ {text} }}}}"), Syntax::Jinja).expect_err(&text[..40]);
    }
    parse(&nested("{% if a %}", "{% endif %}", 20_000), Syntax::Jinja).expect_err("nested");
    let deep = bars(&nested("{{#if a}}", "{{/if}}", 64));
    assert_eq!(fill(&deep, json!({"a": 1})), "x");
    let comment = "{{!-- {{#if a}} {{#if a}} --}}{{! {{#if }}".repeat(100);
    assert_eq!(fill(&bars(&comment), json!({})), "");
    assert_eq!(
        fill(&bars(&"{{#if a}}x{{/if}} :( ".repeat(500)), json!({"a": 1})).len(),
        2_500
    );
}

#[test]
fn loops_end_and_output_is_capped() {
    let list: Vec<usize> = (0..60).collect();
    let four = format!(
        "{}word{}",
        "{{#each @root.l}}".repeat(4),
        "{{/each}}".repeat(4)
    );
    assert!(fails(&bars(&four), json!({"l": list})).contains("rounds"));
    let silent = format!("{}{}", "{{#each @root.l}}".repeat(6), "{{/each}}".repeat(6));
    let started = std::time::Instant::now();
    assert!(fails(&bars(&silent), json!({"l": list})).contains("rounds"));
    assert!(started.elapsed().as_secs() < 20);
    let long = "{{#each l}}{{../t}}{{/each}}";
    assert!(fails(&bars(long), json!({"l": list, "t": "x".repeat(100_000)})).contains("4 MiB"));
    let endless = "{% for a in range(10000) %}{% for b in range(10000) %}x{% endfor %}{% endfor %}";
    fails(&jinja(endless), json!({}));
    fails(
        &jinja("{% macro m() %}{{ m() }}{% endmacro %}{{ m() }}"),
        json!({}),
    );
    fails(&jinja("{{ 'a' * 1000000 * 1000 }}"), json!({}));
}

#[test]
fn pages_escape_by_their_ending() {
    let data = json!({"v": "<b>&</b>", "l": [1, 2], "none": null});
    let html = render_page("summary.html.hbs", "{{v}} {{{json v}}} {{missing}}", &data).unwrap();
    assert_eq!(
        html,
        "&lt;b&gt;&amp;&lt;/b&gt; \"\\u003cb\\u003e&\\u003c/b\\u003e\" "
    );
    let plain = render_page(
        "summary.md.hbs",
        "{{v}}{{#each l}} {{this}}{{/each}}",
        &data,
    )
    .unwrap();
    assert_eq!(plain, "<b>&</b> 1 2");
    let problem = render_page("x.md.hbs", "a\n{{#if v}}", &data).expect_err("unclosed");
    assert!(problem.draw(false).contains("x.md.hbs:"));
    for partial in [
        "{{> x}}",
        "{{~ > x}}",
        "{{# > x}}{{/x}}",
        "{{#*inline \"x\"}}{{/inline}}",
    ] {
        render_page("x.md.hbs", partial, &data).expect_err("a partial");
    }
}

mod any_input {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn never_panics(text in "\\PC*") {
            check(&text);
        }

        #[test]
        fn never_panics_on_near_misses(
            text in "(\\{\\{|\\}\\}|\\{%|%\\}|#if |#each |/if|/each|else|\\^|>|&|!--|[(){}\\[\\]\"'|@./~\\\\=]|as |x|é|this|\n| |1|null|raw|for |in |endfor|set ){0,40}",
        ) {
            check(&text);
        }
    }

    fn check(text: &str) {
        let vars = json!({"x": [{"a": 1}], "é": "y"});
        for syntax in [Syntax::Handlebars, Syntax::Jinja] {
            match parse(text, syntax) {
                Ok(template) => drop(template.render(vars.as_object().unwrap())),
                Err(problem) => drop(problem.draw(false)),
            }
        }
        let _ = render_page("x.html.hbs", text, &vars);
    }
}

#[test]
fn templates_can_be_shared_between_threads() {
    fn shared<T: Send + Sync + Clone>() {}
    shared::<Template>();
}

#[test]
fn raw_blocks_and_escapes_are_text() {
    let text = "{{{{raw}}}}{{#if}} {{{{/raw}}}}\\{{x}} {{x}} {{!-- {{#if }} --}}";
    assert_eq!(fill(&bars(text), json!({"x": 1})), "{{#if}} {{x}} 1 ");
    let text = "{% raw %}{{ x }}{% endraw %}{# {{ #}{{ x }}";
    assert_eq!(fill(&jinja(text), json!({"x": 1})), "{{ x }}1");
}
