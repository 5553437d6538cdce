//! Porter's stemmer (Program 14.3, 1980) with the changes that NLTK makes by default, which are
//! those that rouge-score's figures rest on.

/// The stem of a word, in lower case.
pub fn stem(word: &str) -> String {
    let word = word.to_lowercase();
    if word.is_ascii() {
        let mut bytes = word.into_bytes();
        stem_ascii(&mut bytes);
        return String::from_utf8(bytes).expect("ASCII in, ASCII out");
    }
    // other letters are consonants: each different one travels as a byte above ASCII
    let mut others: Vec<char> = Vec::new();
    let mut bytes = Vec::with_capacity(word.len());
    for c in word.chars() {
        if c.is_ascii() {
            bytes.push(c as u8);
            continue;
        }
        let at = others.iter().position(|other| *other == c);
        let at = at.unwrap_or_else(|| {
            others.push(c);
            others.len() - 1
        });
        match u8::try_from(at + 0x80) {
            Ok(byte) => bytes.push(byte),
            // more than 128 different letters are no word
            Err(_) => return word,
        }
    }
    stem_ascii(&mut bytes);
    let chars = bytes.iter().map(|byte| match byte.checked_sub(0x80) {
        Some(at) => others[usize::from(at)],
        None => char::from(*byte),
    });
    chars.collect()
}

/// Words that the rules would get wrong.
const IRREGULAR: [(&[u8], &[u8]); 16] = [
    (b"sky", b"sky"),
    (b"skies", b"sky"),
    (b"dying", b"die"),
    (b"lying", b"lie"),
    (b"tying", b"tie"),
    (b"news", b"news"),
    (b"innings", b"inning"),
    (b"inning", b"inning"),
    (b"outings", b"outing"),
    (b"outing", b"outing"),
    (b"cannings", b"canning"),
    (b"canning", b"canning"),
    (b"howe", b"howe"),
    (b"proceed", b"proceed"),
    (b"exceed", b"exceed"),
    (b"succeed", b"succeed"),
];

/// Suffix and what takes its place where something with a vowel and a consonant stands before it.
const STEP_2: [(&[u8], &[u8]); 21] = [
    (b"ational", b"ate"),
    (b"tional", b"tion"),
    (b"enci", b"ence"),
    (b"anci", b"ance"),
    (b"izer", b"ize"),
    (b"bli", b"ble"),
    (b"alli", b"al"),
    (b"entli", b"ent"),
    (b"eli", b"e"),
    (b"ousli", b"ous"),
    (b"ization", b"ize"),
    (b"ation", b"ate"),
    (b"ator", b"ate"),
    (b"alism", b"al"),
    (b"iveness", b"ive"),
    (b"fulness", b"ful"),
    (b"ousness", b"ous"),
    (b"aliti", b"al"),
    (b"iviti", b"ive"),
    (b"biliti", b"ble"),
    (b"fulli", b"ful"),
];

const STEP_3: [(&[u8], &[u8]); 7] = [
    (b"icate", b"ic"),
    (b"ative", b""),
    (b"alize", b"al"),
    (b"iciti", b"ic"),
    (b"ical", b"ic"),
    (b"ful", b""),
    (b"ness", b""),
];

/// In the order they are tried; `ion` only after `s` or `t`.
const STEP_4: [&[u8]; 19] = [
    b"al", b"ance", b"ence", b"er", b"ic", b"able", b"ible", b"ant", b"ement", b"ment", b"ent",
    b"ion", b"ou", b"ism", b"ate", b"iti", b"ous", b"ive", b"ize",
];

/// Takes a word of lower-case ASCII down to its stem.
pub(super) fn stem_ascii(word: &mut Vec<u8>) {
    if let Some((_, stem)) = IRREGULAR
        .iter()
        .find(|(known, _)| *known == word.as_slice())
    {
        word.clear();
        word.extend_from_slice(stem);
        return;
    }
    if word.len() <= 2 {
        return;
    }
    plurals(word);
    past(word);
    let stem = word.len() - 1;
    if word.ends_with(b"y") && stem > 1 && consonant(word, stem - 1) {
        word[stem] = b'i';
    }
    step_2(word);
    if let Some((suffix, by)) = first(&STEP_3, word) {
        replace(word, suffix, by, |stem| measure(stem) > 0);
    }
    if let Some(suffix) = STEP_4.iter().find(|suffix| ends(word, suffix)) {
        replace(word, suffix, b"", |stem| {
            let fits = *suffix != b"ion" || matches!(stem.last(), Some(b's' | b't'));
            fits && measure(stem) > 1
        });
    }
    if let Some(stem) = word.strip_suffix(b"e") {
        let m = measure(stem);
        if m > 1 || (m == 1 && !ends_cvc(stem)) {
            word.pop();
        }
    }
    if word.ends_with(b"ll") && measure(&word[..word.len() - 1]) > 1 {
        word.pop();
    }
}

/// Step 1a.
fn plurals(word: &mut Vec<u8>) {
    if word.ends_with(b"ies") {
        let kept = if word.len() == 4 { 1 } else { 2 };
        word.truncate(word.len() - kept);
    } else if word.ends_with(b"sses") {
        word.truncate(word.len() - 2);
    } else if word.ends_with(b"s") && !word.ends_with(b"ss") {
        word.pop();
    }
}

/// Step 1b.
fn past(word: &mut Vec<u8>) {
    if word.ends_with(b"ied") {
        let cut = if word.len() == 4 { 1 } else { 2 };
        word.truncate(word.len() - cut);
        return;
    }
    if word.ends_with(b"eed") {
        replace(word, b"eed", b"ee", |stem| measure(stem) > 0);
        return;
    }
    let suffixes: [&[u8]; 2] = [b"ed", b"ing"];
    let stem = suffixes
        .iter()
        .find_map(|suffix| word.strip_suffix(*suffix).filter(|stem| has_vowel(stem)));
    let Some(stem) = stem.map(<[u8]>::len) else {
        return;
    };
    word.truncate(stem);
    if [b"at", b"bl", b"iz"].iter().any(|end| word.ends_with(*end)) {
        word.push(b'e');
    } else if let [.., a, b] = word.as_slice()
        && a == b
        && consonant(word, stem - 1)
    {
        if !matches!(b, b'l' | b's' | b'z') {
            word.pop();
        }
    } else if measure(word) == 1 && ends_cvc(word) {
        word.push(b'e');
    }
}

fn step_2(word: &mut Vec<u8>) {
    // `alli` goes first and leaves a word for the other rules
    while let Some(stem) = word.strip_suffix(b"alli")
        && measure(stem) > 0
    {
        word.truncate(word.len() - 2);
    }
    match first(&STEP_2, word) {
        Some((suffix, by)) => replace(word, suffix, by, |stem| measure(stem) > 0),
        // the `l` counts with what stands before it
        None if word.ends_with(b"logi") && measure(&word[..word.len() - 3]) > 0 => {
            word.pop();
        }
        None => {}
    }
}

/// Whether the word ends so; the last byte first, which decides most.
fn ends(word: &[u8], suffix: &[u8]) -> bool {
    word.last() == suffix.last() && word.ends_with(suffix)
}

type Rule = (&'static [u8], &'static [u8]);

fn first(rules: &'static [Rule], word: &[u8]) -> Option<Rule> {
    rules.iter().find(|(suffix, _)| ends(word, suffix)).copied()
}

fn replace(word: &mut Vec<u8>, suffix: &[u8], by: &[u8], holds: impl Fn(&[u8]) -> bool) {
    let stem = word.len() - suffix.len();
    if holds(&word[..stem]) {
        word.truncate(stem);
        word.extend_from_slice(by);
    }
}

fn vowel(letter: u8) -> bool {
    matches!(letter, b'a' | b'e' | b'i' | b'o' | b'u')
}

/// Whether the letter is a consonant; `y` is one unless a consonant stands before it.
fn consonant(word: &[u8], at: usize) -> bool {
    let ys = word[..=at].iter().rev().take_while(|c| **c == b'y').count();
    let odd = ys % 2 == 1;
    if ys == 0 {
        !vowel(word[at])
    } else if ys > at {
        odd
    } else {
        vowel(word[at - ys]) == odd
    }
}

/// Porter's m: how often a consonant follows a vowel.
fn measure(stem: &[u8]) -> usize {
    let (mut after_vowel, mut count) = (false, 0);
    let mut before_consonant = false;
    for (at, letter) in stem.iter().enumerate() {
        let consonant = match letter {
            b'y' => at == 0 || !before_consonant,
            letter => !vowel(*letter),
        };
        count += usize::from(consonant && after_vowel);
        after_vowel = !consonant;
        before_consonant = consonant;
    }
    count
}

fn has_vowel(stem: &[u8]) -> bool {
    // a `y` is a vowel only after a consonant
    stem.iter().any(|c| vowel(*c))
        || stem.windows(2).any(|w| w[1] == b'y' && w[0] != b'y')
        || stem.starts_with(b"yy")
}

/// Consonant, vowel, consonant other than w, x, y; also a vowel and a consonant alone.
fn ends_cvc(word: &[u8]) -> bool {
    let at = |back: usize| consonant(word, word.len() - back);
    match word.len() {
        0 | 1 => false,
        2 => !at(2) && at(1),
        _ => {
            at(3)
                && !at(2)
                && at(1)
                && !word.ends_with(b"w")
                && !word.ends_with(b"x")
                && !word.ends_with(b"y")
        }
    }
}
