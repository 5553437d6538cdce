//! Addresses within a page: from a number to the cases behind it.

use std::fmt::Write;

/// The address of some cases: `#cases?candidate=local&show=failed`, as the page's script reads it.
pub fn cases(show: &str, candidate: &str) -> String {
    format!("#cases?candidate={}&show={show}", encoded(candidate))
}

/// The same, where there is something to see.
pub fn cases_if(some: usize, show: &str, candidate: &str) -> String {
    match some {
        0 => String::new(),
        _ => cases(show, candidate),
    }
}

/// Percent-encoded (RFC 3986, 2.1): all but letters, digits and `-._~`.
fn encoded(text: &str) -> String {
    let mut out = String::new();
    for byte in text.bytes() {
        match byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            true => out.push(byte.into()),
            false => write!(out, "%{byte:02X}").expect("a String takes every write"),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whatever_a_candidate_is_called_its_address_is_one() {
        assert_eq!(
            cases("flips", "openai/gpt-4o é&\"#"),
            "#cases?candidate=openai%2Fgpt-4o%20%C3%A9%26%22%23&show=flips"
        );
        assert_eq!(cases_if(0, "failed", "a"), "");
    }
}
