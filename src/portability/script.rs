//! The script that a text is mostly written in: the part of its language that can be told without a
//! model. French and English share one, so a change between these is not seen.

/// A script, or several that one language mixes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Script {
    Latin,
    Greek,
    Cyrillic,
    Armenian,
    Hebrew,
    Arabic,
    Indic,
    Thai,
    Georgian,
    Korean,
    /// Han without kana.
    Chinese,
    /// Kana, with or without Han.
    Japanese,
}

const SCRIPTS: usize = 12;
/// Fewer letters than this say nothing.
const FEWEST: usize = 4;
/// Letters looked at.
const MOST: usize = 10_000;

/// The script of more than half of the letters, of which there must be at least four.
pub(super) fn dominant(text: &str) -> Option<Script> {
    let mut counts = [0usize; SCRIPTS];
    let mut letters = 0;
    for c in text.chars().filter(|c| c.is_alphabetic()).take(MOST) {
        letters += 1;
        if let Some(script) = of(c) {
            counts[script as usize] += 1;
        }
    }
    let kana = counts[Script::Japanese as usize];
    if kana > 0 {
        counts[Script::Japanese as usize] += std::mem::take(&mut counts[Script::Chinese as usize]);
    }
    let all = [
        Script::Latin,
        Script::Greek,
        Script::Cyrillic,
        Script::Armenian,
        Script::Hebrew,
        Script::Arabic,
        Script::Indic,
        Script::Thai,
        Script::Georgian,
        Script::Korean,
        Script::Chinese,
        Script::Japanese,
    ];
    all.into_iter()
        .find(|script| letters >= FEWEST && 2 * counts[*script as usize] > letters)
}

/// By the blocks of the Unicode Standard (Blocks.txt), letters only.
fn of(c: char) -> Option<Script> {
    Some(match c {
        'A'..='Z' | 'a'..='z' | 'ª' | 'º' | '\u{c0}'..='\u{24f}' => Script::Latin,
        '\u{1e00}'..='\u{1eff}' | '\u{2c60}'..='\u{2c7f}' | '\u{a720}'..='\u{a7ff}' => {
            Script::Latin
        }
        '\u{ff21}'..='\u{ff3a}' | '\u{ff41}'..='\u{ff5a}' => Script::Latin,
        '\u{370}'..='\u{3ff}' | '\u{1f00}'..='\u{1fff}' => Script::Greek,
        '\u{400}'..='\u{52f}' | '\u{1c80}'..='\u{1c8f}' => Script::Cyrillic,
        '\u{530}'..='\u{58f}' => Script::Armenian,
        '\u{590}'..='\u{5ff}' | '\u{fb1d}'..='\u{fb4f}' => Script::Hebrew,
        '\u{600}'..='\u{6ff}' | '\u{750}'..='\u{77f}' | '\u{8a0}'..='\u{8ff}' => Script::Arabic,
        '\u{fb50}'..='\u{fdff}' | '\u{fe70}'..='\u{feff}' => Script::Arabic,
        '\u{900}'..='\u{dff}' => Script::Indic,
        '\u{e00}'..='\u{e7f}' => Script::Thai,
        '\u{10a0}'..='\u{10ff}' => Script::Georgian,
        '\u{1100}'..='\u{11ff}' | '\u{3130}'..='\u{318f}' | '\u{ac00}'..='\u{d7ff}' => {
            Script::Korean
        }
        '\u{3040}'..='\u{30ff}' | '\u{31f0}'..='\u{31ff}' | '\u{ff66}'..='\u{ff9f}' => {
            Script::Japanese
        }
        '\u{3400}'..='\u{4dbf}' | '\u{4e00}'..='\u{9fff}' | '\u{f900}'..='\u{faff}' => {
            Script::Chinese
        }
        '\u{20000}'..='\u{3ffff}' => Script::Chinese,
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn most_letters_decide_and_few_say_nothing() {
        let cases = [
            ("The order is late.", Some(Script::Latin)),
            ("Größe, façade, łódź", Some(Script::Latin)),
            ("Заказ опаздывает", Some(Script::Cyrillic)),
            ("订单迟到了", Some(Script::Chinese)),
            ("注文が遅れています", Some(Script::Japanese)),
            ("주문이 늦습니다", Some(Script::Korean)),
            ("الطلب متأخر", Some(Script::Arabic)),
            ("ההזמנה מאחרת", Some(Script::Hebrew)),
            ("आदेश देर से है", Some(Script::Indic)),
            ("42 €, 7:30 !!", None),
            ("ok", None),
            ("", None),
            ("abcde где же", None),
        ];
        for (text, script) in cases {
            assert_eq!(dominant(text), script, "{text}");
        }
    }
}
