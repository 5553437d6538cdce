//! What is wrong with Handlebars that its parser only calls invalid: the usual mistakes, told apart.

use super::Fault;
use std::ops::Range;

/// The first mistake that can be named.
pub(super) fn fault(text: &str) -> Option<Fault> {
    let mut open: Vec<(&str, Range<usize>)> = Vec::new();
    let mut from = 0;
    while let Some(found) = text[from..].find("{{") {
        let start = from + found;
        if text[..start].ends_with('\\') {
            from = start + 2;
            continue;
        }
        let rest = &text[start..];
        let Some(end) = rest.find("}}") else {
            let line = rest.lines().next().unwrap_or(rest);
            let title = "`{{` without its `}}`";
            let help = "`{{name}}` puts a value in, `\\{{` writes two braces";
            return Some(Fault::new(title, start..start + line.len()).help(help));
        };
        let tag = start..start + end + 2;
        let inside = rest[2..end].trim_matches(['{', '~']).trim();
        from = tag.end;
        if let Some(second) = rest[2..end].find("{{") {
            let title = "`{{` without its `}}`";
            return Some(
                Fault::new(title, start..start + 2 + second)
                    .help("close it before the next `{{` begins"),
            );
        }
        if inside.starts_with('!') {
            continue;
        }
        if inside.is_empty() {
            return Some(
                Fault::new("`{{}}` names no value", tag).help("`{{name}}` puts a value in"),
            );
        }
        if let Some(block) = inside.strip_prefix('#') {
            let name = block.split_whitespace().next().unwrap_or_default();
            open.push((name, tag));
            continue;
        }
        if let Some(name) = inside.strip_prefix('/') {
            match open.pop() {
                Some((opened, _)) if opened == name.trim() => continue,
                Some((opened, _)) => {
                    let title = format!(
                        "`{{{{#{opened} …}}}}` is closed by `{{{{/{}}}}}`",
                        name.trim()
                    );
                    return Some(Fault::new(title, tag).help(format!("write `{{{{/{opened}}}}}`")));
                }
                None => {
                    let title = format!("`{{{{/{}}}}}` closes nothing", name.trim());
                    return Some(Fault::new(title, tag).help("remove it, or open it before"));
                }
            }
        }
        if let Some(sign) = inside
            .find(['|', '%', '+', '*', '?', '='])
            .filter(|_| !inside.contains(['"', '\'']))
        {
            let sign = &inside[sign..=sign];
            let filter = if sign == "|" {
                "filters are Jinja's: "
            } else {
                ""
            };
            let title = format!("`{sign}` means nothing in Handlebars");
            let help = format!(
                "{filter}write the prompt as a `.j2` file for Jinja, or put the value ready into a column"
            );
            // `{{#each xs as |x|}}` was a block and is not seen here; `{{json x=1}}` is a call.
            if sign != "=" || !inside.contains(' ') {
                return Some(Fault::new(title, tag).help(help));
            }
        }
    }
    let (name, tag) = open.pop()?;
    let title = format!("`{{{{#{name} …}}}}` is not closed");
    Some(Fault::new(title, tag).help(format!("write `{{{{/{name}}}}}` where it ends")))
}
