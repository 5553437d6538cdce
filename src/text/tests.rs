use super::words::code_points;
use super::*;
use proptest::prelude::*;

fn ids(text: &str) -> Vec<u32> {
    code_points(text)
}

/// The table of Wagner and Fischer, for the bit-parallel code to agree with.
fn by_table(a: &[u32], b: &[u32], swaps: bool) -> usize {
    let mut rows = vec![(0..=b.len()).collect::<Vec<_>>()];
    for i in 1..=a.len() {
        let mut row = vec![i];
        for j in 1..=b.len() {
            let step = usize::from(a[i - 1] != b[j - 1]);
            let mut best = (rows[i - 1][j - 1] + step).min(rows[i - 1][j] + 1);
            best = best.min(row[j - 1] + 1);
            if swaps && i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] {
                best = best.min(rows[i - 2][j - 2] + 1);
            }
            row.push(best);
        }
        rows.push(row);
    }
    rows[a.len()][b.len()]
}

/// Sequences of a few symbols, long enough for several words of bits.
fn sequence() -> impl Strategy<Value = Vec<u32>> {
    prop_oneof![
        prop::collection::vec(97_u32..100, 0..20),
        prop::collection::vec(97_u32..110, 0..300),
        prop::collection::vec(prop_oneof![97_u32..99, 0x4e00_u32..0x4e03], 100..260),
        // long enough for rare symbols to have no row of their own
        prop::collection::vec(
            prop_oneof![4 => 97_u32..99, 1 => 0x4e00_u32..0x4e40],
            1100..1200
        ),
    ]
}

/// Any text, with the letters that matter here more often.
fn text() -> impl Strategy<Value = String> {
    prop_oneof![
        "\\PC{0,60}",
        "(?s).{0,30}",
        "[a-c .,0-9\n-]{0,80}",
        "([a-z]{1,7} ){0,30}"
    ]
}

/// Long enough for rare symbols to have no row of their own.
fn long() -> impl Strategy<Value = Vec<u32>> {
    prop::collection::vec(
        prop_oneof![4 => 97_u32..99, 1 => 0x4e00_u32..0x4e40],
        1100..1200,
    )
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(16))]
    #[test]
    fn bits_count_as_tables_do_on_long_texts(a in long(), b in long()) {
        prop_assert_eq!(levenshtein::distance(&a, &b), by_table(&a, &b, false));
        prop_assert_eq!(levenshtein::osa(&a, &b), by_table(&a, &b, true));
        prop_assert_eq!(lcs::length(&a, &b), lcs::members(&a, &b).len());
        let mut near = a.clone();
        near.splice(500..520, b[..10].iter().copied());
        prop_assert_eq!(levenshtein::distance(&a, &near), by_table(&a, &near, false));
    }
}

proptest! {
    #[test]
    fn bits_count_as_tables_do(a in sequence(), b in sequence()) {
        prop_assert_eq!(levenshtein::distance(&a, &b), by_table(&a, &b, false));
        prop_assert_eq!(levenshtein::osa(&a, &b), by_table(&a, &b, true));
        prop_assert_eq!(lcs::length(&a, &b), lcs::members(&a, &b).len());
    }

    #[test]
    fn distances_are_distances(a in sequence(), b in sequence()) {
        let all = [levenshtein::distance, levenshtein::osa, damerau::distance, lcs::indel_distance];
        for distance in all {
            prop_assert_eq!(distance(&a, &a), 0);
            prop_assert_eq!(distance(&a, &b), distance(&b, &a));
        }
        // each allows more than the one before
        let [plain, restricted, free, _] = all.map(|distance| distance(&a, &b));
        prop_assert!(free <= restricted && restricted <= plain);
        prop_assert!(plain >= a.len().abs_diff(b.len()) && plain <= a.len().max(b.len()));
        prop_assert!(lcs::indel_distance(&a, &b) >= plain);
    }

    #[test]
    fn similarities_are_symmetric_and_within_bounds(a in sequence(), b in sequence()) {
        let all = [
            levenshtein::similarity, lcs::similarity, lcs::indel_similarity, jaro::jaro, jaro::jaro_winkler,
        ];
        for similarity in all {
            let value = similarity(&a, &b);
            prop_assert!((0.0..=1.0).contains(&value), "{value}");
            prop_assert!((value - similarity(&b, &a)).abs() < 1e-12);
            prop_assert_eq!(similarity(&a, &a), 1.0);
        }
    }

    #[test]
    fn overlaps_are_within_bounds_and_swap_their_sides(a in text(), b in text(), stemmer: bool) {
        use rouge::Variant::{L, Lsum, N};
        for variant in [N(1), N(2), L, Lsum] {
            let (there, back) = (rouge::rouge(variant, &a, &b, stemmer), rouge::rouge(variant, &b, &a, stemmer));
            prop_assert!((0.0..=1.0).contains(&there.f1));
            if variant != Lsum {
                prop_assert!((there.precision - back.recall).abs() < 1e-12);
                prop_assert!((there.f1 - back.f1).abs() < 1e-12);
            }
            let long = rouge::tokenized(&a, false).split_whitespace().count() >= 2;
            let same = rouge::rouge(variant, &a, &a, stemmer).f1;
            prop_assert!(!long || (same - 1.0).abs() < 1e-12 || a.contains('\n'), "{same}");
        }
        let squad = squad::overlap(&a, &b);
        prop_assert!((0.0..=1.0).contains(&squad.f1));
        prop_assert!((bag::cosine(&a, &b) - bag::cosine(&b, &a)).abs() < 1e-9);
        prop_assert!((0.0..=1.0 + 1e-9).contains(&bag::cosine(&a, &b)));
        prop_assert!((bag::jaccard(&a, &b) - bag::jaccard(&b, &a)).abs() < 1e-9);
        prop_assert!((bag::cosine(&a, &a) - 1.0).abs() < 1e-9);
    }

    #[test]
    fn translation_scores_are_within_bounds(a in text(), b in text(), c in text()) {
        use tokens::Tokenizer::{Char, Chinese, International, None, Western};
        for tokenizer in [Western, International, Chinese, Char, None] {
            let bleu = bleu::Bleu { tokenizer, effective_order: true, ..bleu::Bleu::default() };
            let of = |found: &str, expected: &[&str]| bleu.score(&bleu.counts(found, expected)).unwrap();
            prop_assert!((0.0..=100.0 + 1e-9).contains(&of(&a, &[&b, &c]).score));
            let same = of(&a, &[&a]);
            prop_assert!(same.found == 0.0 || (same.score - 100.0).abs() < 1e-9);
            // another reference can only add matches
            prop_assert!(of(&a, &[&b, &c]).matches >= of(&a, &[&b]).matches);
        }
        for words in [0, 2] {
            let chrf = chrf::Chrf { words, ..chrf::Chrf::default() };
            let of = |found: &str, expected: &[&str]| chrf.score(&chrf.counts(found, expected));
            prop_assert!((0.0..=100.0 + 1e-9).contains(&of(&a, &[&b])));
            prop_assert!(of(&a, &[&b, &c]) >= of(&a, &[&b]) - 1e-9);
            prop_assert!(a.chars().all(words::is_space) || (of(&a, &[&a]) - 100.0).abs() < 1e-9);
        }
        let (edits, length) = ter::Ter::default().edits(&a, &[&b]);
        prop_assert!(edits >= 0.0 && ter::Ter::score(edits, length) >= 0.0);
        prop_assert_eq!(ter::Ter::default().edits(&a, &[&a]).0, 0.0);
        // a shift is never worse than the edits it stands for
        prop_assert!(edits <= rates::words(&a.to_lowercase(), &b.to_lowercase()).edits as f64);
    }

    #[test]
    fn an_edit_costs_no_less_the_more_there_are(a in prop::collection::vec(97_u32..123, 1..80), at: prop::sample::Index) {
        let mut once = a.clone();
        once[at.index(a.len())] = 33;
        let mut twice = once.clone();
        twice.push(34);
        let far = |b: &[u32]| levenshtein::distance(&a, b);
        prop_assert!(far(&a) == 0 && far(&once) == 1 && far(&twice) == 2);
    }

    #[test]
    fn stems_do_not_grow_and_nothing_panics(word in "\\PC{0,12}", other in "[a-z]{1,12}") {
        let _ = stem(&word);
        prop_assert!(stem(&other).len() <= other.len() + 1);
        let _ = (gsm8k::strict(&word), gsm8k::flexible(&word).map(gsm8k::cleaned));
        prop_assert_eq!(form::casefold(&form::casefold(&word)), form::casefold(&word));
        prop_assert_eq!(form::nfc(&form::nfc(&word)), form::nfc(&word));
    }
}

#[test]
fn a_hundred_thousand_characters_are_no_matter() {
    let a = "the quick brown fox jumps over the lazy dog. ".repeat(2223);
    let b = a.replace("lazy", "sleepy");
    let started = std::time::Instant::now();
    assert_eq!(levenshtein::distance(&ids(&a), &ids(&b)), 2223 * 4);
    assert!(rouge::rouge(rouge::Variant::L, &a, &b, true).f1 > 0.8);
    let chrf = chrf::Chrf::default();
    assert!(chrf.score(&chrf.counts(&a, &[&b])) > 50.0);
    assert!(jaro::jaro(&ids(&a), &ids(&b)) > 0.5);
    let took = started.elapsed();
    assert!(took.as_secs() < 60, "{took:?}");
}
