//! What a template may be before a parser sees it. Both parsers recurse, and Handlebars aborts the
//! process on deep nesting, which nothing can catch. So this reads tags the way the parsers do; where
//! it could be led to see less than they see, it refuses.

use super::{Fault, Syntax};

/// Longest template, in bytes.
const MAX_SOURCE: usize = 256 << 10;
/// Deepest nesting of blocks, `else` chains counted, and of brackets within a tag.
const MAX_DEPTH: usize = 64;
/// Most names, numbers, texts and signs in one Jinja tag, and most `elif` in a template.
const MAX_PARTS: usize = 1_000;

/// Refuses what is too long or nested too deep.
pub(super) fn check(text: &str, syntax: Syntax) -> Result<(), Fault> {
    if text.len() > MAX_SOURCE {
        let title = "the template is longer than 256 kB";
        return Err(Fault::new(title, 0..0).help("put large texts into the dataset's columns"));
    }
    match syntax {
        Syntax::Handlebars => handlebars(text),
        Syntax::Jinja => jinja(text),
    }
}

/// Walks the tags of a Handlebars template and counts how deep blocks and brackets nest.
pub(super) fn handlebars(text: &str) -> Result<(), Fault> {
    let mut blocks: Vec<usize> = Vec::new();
    let mut depth = 0;
    let mut at = 0;
    while let Some(found) = text[at..].find("{{") {
        let start = at + found;
        if escaped(&text[at..start]) {
            at = start + 2;
            continue;
        }
        let braces = text[start..]
            .bytes()
            .take_while(|byte| *byte == b'{')
            .count();
        let inside = &text[start + braces..];
        if inside.starts_with('!') {
            let long = inside.strip_prefix("!--").and_then(|_| inside.find("--}}"));
            let end = match long {
                Some(end) => Some(end + 4),
                None => inside.find("}}").map(|end| end + 2),
            };
            at = text.len() - inside.len() + end.unwrap_or(inside.len());
            continue;
        }
        at = start + braces + tag(inside).ok_or_else(|| too_deep(start))?;
        if braces >= 4 {
            // a raw block's content is no template
            at += text[at..].find("{{{{").unwrap_or(text.len() - at);
            if text[at..].starts_with("{{{{/") {
                at += tag(&text[at + 4..]).unwrap_or(0) + 4;
            }
            continue;
        }
        let word = inside.strip_prefix('~').unwrap_or(inside);
        if word.starts_with(['#', '^']) {
            blocks.push(1);
            depth += 1;
        } else if word.starts_with('/') {
            depth -= blocks.pop().unwrap_or(0);
        } else if let (Some(chain), true) =
            (blocks.last_mut(), word.trim_start().starts_with("else"))
        {
            *chain += 1;
            depth += 1;
        }
        if depth > MAX_DEPTH {
            return Err(too_deep(start));
        }
    }
    Ok(())
}

/// Whether what follows this text is written, not a tag: after one backslash, not after two.
fn escaped(before: &str) -> bool {
    before.ends_with('\\') && !before.ends_with("\\\\")
}

/// The length of a tag after its opening braces, closing ones included; nothing if its brackets nest
/// too deep, or hold a quote (in a path segment that is a sign like any other, in a list it opens a
/// text, and only the parser knows which it is).
fn tag(text: &str) -> Option<usize> {
    let bytes = text.as_bytes();
    let (mut depth, mut square, mut quote) = (0_usize, 0_usize, None);
    let mut at = 0;
    while let Some(byte) = bytes.get(at) {
        match (quote, byte) {
            (Some(_), b'\\') => at += 1,
            (Some(open), byte) if open == *byte => quote = None,
            (Some(_), _) => {}
            (None, b'"' | b'\'') if square > 0 => return None,
            (None, b'"' | b'\'') => quote = Some(*byte),
            (None, b'[') => (depth, square) = (depth + 1, square + 1),
            (None, b'(' | b'{') => depth += 1,
            (None, b'}') if depth == 0 => {
                let rest = &bytes[at..];
                return Some(at + rest.iter().take_while(|byte| **byte == b'}').count());
            }
            (None, b']') => (depth, square) = (depth.saturating_sub(1), square.saturating_sub(1)),
            (None, b')' | b'}') => depth = depth.saturating_sub(1),
            _ => {}
        }
        if depth > MAX_DEPTH {
            return None;
        }
        at += 1;
    }
    Some(bytes.len())
}

fn too_deep(at: usize) -> Fault {
    let title = "the template nests too deep here (64 levels), or quotes stand in brackets";
    Fault::new(title, at..at + 2)
}

/// Counts what each tag of a Jinja template holds: minijinja limits how deep brackets and blocks
/// nest, but a chain (`not not …`, `a + a + …`, `elif`) recurses as well.
fn jinja(text: &str) -> Result<(), Fault> {
    let mut elifs = 0;
    let mut at = 0;
    while let Some(found) = text[at..].find(['{']) {
        let start = at + found;
        let inside = match text.as_bytes().get(start + 1) {
            Some(b'{' | b'%') => &text[start + 2..],
            Some(b'#') => {
                let end = text[start + 2..].find("#}");
                at = end.map_or(text.len(), |end| start + 2 + end + 2);
                continue;
            }
            _ => {
                at = start + 1;
                continue;
            }
        };
        let (parts, length) = parts(inside);
        at = start + 2 + length;
        let word = inside.trim_start_matches(['-', '+']).trim_start();
        elifs += usize::from(word.starts_with("elif"));
        if parts > MAX_PARTS || elifs > MAX_PARTS {
            let title = "this tag is too long: it has more than 1,000 parts";
            return Err(Fault::new(title, start..start + 2));
        }
        if word.starts_with("raw") {
            at += text[at..].find("endraw").unwrap_or(text.len() - at);
        }
    }
    Ok(())
}

/// How many names, numbers, texts and signs a Jinja tag has, and its length with the closing braces.
fn parts(inside: &str) -> (usize, usize) {
    let (mut count, mut depth, mut quote, mut word, mut last) = (0, 0_usize, None, false, ' ');
    let mut chars = inside.char_indices();
    while let Some((at, c)) = chars.next() {
        let in_word = c.is_alphanumeric() || c == '_';
        match quote {
            Some(_) if c == '\\' => drop(chars.next()),
            Some(open) if c == open => quote = None,
            Some(_) => {}
            None if c == '}' && depth == 0 && matches!(last, '}' | '%') => return (count, at + 1),
            None if in_word && word || c.is_whitespace() => {}
            None => {
                count += 1;
                quote = matches!(c, '"' | '\'').then_some(c);
                match c {
                    '{' => depth += 1,
                    '}' => depth = depth.saturating_sub(1),
                    _ => {}
                }
            }
        }
        (word, last) = (in_word, c);
    }
    (count, inside.len())
}
