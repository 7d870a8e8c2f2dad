//! Text → text in which what reads the same is the same.

use std::borrow::Cow;

use caseless::Caseless;
use unicode_normalization::{IsNormalized, UnicodeNormalization, is_nfkc_quick};

use crate::eight;

/// The text in compatibility form (NFKC), folded (in full: ß is ss), without what
/// is not seen (joiners, soft hyphens, marks of direction, variation selectors). A
/// zero-width space is a space, for it parts words; an apostrophe is the
/// typewriter's.
///
/// `turkic`: I and ı, İ and i are pairs, as in Turkish.
#[cfg(test)]
pub(crate) fn normalise(text: &str, turkic: bool) -> String {
    let mut normal = String::new();
    normalise_into(text, turkic, &mut normal);
    normal
}

/// The same, put into `normal`, in place of what it held.
pub(crate) fn normalise_into(text: &str, turkic: bool, normal: &mut String) {
    normal.clear();
    if text.is_ascii() && !turkic {
        normal.push_str(text);
        normal.make_ascii_lowercase();
        return;
    }
    let seen = text.chars().filter(|c| !is_unseen(*c)).map(spaced);
    if !turkic && text.chars().all(is_plain) {
        let letters = text.chars().map(plain_apostrophe);
        normal.extend(letters.flat_map(char::to_lowercase));
        return;
    }
    if turkic {
        // Composed first, for an I may be written with its dot apart.
        normal.extend(folded(seen.nfc().map(turkic_lowercase)));
    } else {
        normal.extend(folded(seen));
    }
}

/// The text as it will be read, but for its case: in compatibility form (NFKC), without
/// what is not seen, a zero-width space being a space. Most text is so already.
pub(crate) fn composed(text: &str) -> Cow<'_, str> {
    // Of other letters than À to ÿ the first byte is another: most notes have none.
    if !eight::any(text, |byte| byte >= 0xc0 && byte != 0xc3) {
        return Cow::Borrowed(text);
    }
    composed_of_others(text)
}

#[inline(never)]
fn composed_of_others(text: &str) -> Cow<'_, str> {
    let is_seen = |c: char| !is_unseen(c) && spaced(c) == c;
    let is_so = |part: &str| {
        part.is_ascii()
            || part.chars().all(|c| is_plain(c) || c == 'ß')
            || part.chars().all(is_seen) && is_nfkc_quick(part.chars()) == IsNormalized::Yes
    };
    if is_so(text) {
        return Cow::Borrowed(text);
    }
    // Spaces part what is composed, and most of a text needs nothing.
    let mut composed = String::with_capacity(text.len());
    for part in text.split_inclusive(' ') {
        if is_so(part) {
            composed.push_str(part);
        } else {
            let seen = part.chars().filter(|c| !is_unseen(*c)).map(spaced);
            composed.extend(seen.nfkc().filter(|c| !is_unseen(*c)));
        }
    }
    Cow::Owned(composed)
}

/// Compatibility caseless matching as the Unicode Standard defines it (D146), but
/// composed: stemmers know composed letters.
fn folded(chars: impl Iterator<Item = char>) -> impl Iterator<Item = char> {
    let once = chars.nfd().default_case_fold().nfkc();
    once.default_case_fold().nfkc().map(plain_apostrophe)
}

/// ASCII, Latin letters with a mark that have a code point of their own, and the
/// commonest quotes and dashes: of these small letters are all there is to make.
fn is_plain(c: char) -> bool {
    let is_mark = matches!(
        c,
        '\u{2013}' | '\u{2014}' | '\u{2018}' | '\u{2019}' | '\u{201c}' | '\u{201d}'
    );
    c.is_ascii() || ('À'..='ÿ').contains(&c) && c != 'ß' || is_mark
}

fn spaced(c: char) -> char {
    if c == '\u{200b}' { ' ' } else { c }
}

fn turkic_lowercase(c: char) -> char {
    match c {
        'I' => 'ı',
        'İ' => 'i',
        _ => c,
    }
}

pub(crate) fn plain_apostrophe(c: char) -> char {
    if matches!(c, '\u{2019}' | '\u{2018}' | '\u{2bc}') {
        '\''
    } else {
        c
    }
}

/// Code points that are ignored by default, but for the zero-width space.
pub(crate) fn is_unseen(c: char) -> bool {
    matches!(c,
        '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}'..='\u{1160}' | '\u{17b4}'..='\u{17b5}'
        | '\u{180b}'..='\u{180f}' | '\u{200c}'..='\u{200f}' | '\u{202a}'..='\u{202e}'
        | '\u{2060}'..='\u{206f}' | '\u{3164}' | '\u{fe00}'..='\u{fe0f}' | '\u{feff}'
        | '\u{ffa0}' | '\u{fff0}'..='\u{fff8}' | '\u{1bca0}'..='\u{1bca3}'
        | '\u{1d173}'..='\u{1d17a}' | '\u{e0000}'..='\u{e0fff}')
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn what_reads_the_same_is_the_same() {
        for (text, same) in [
            ("Straße STRASSE straſſe", "strasse strasse strasse"),
            ("ﬁnance eﬀort", "finance effort"),
            ("cafe\u{301} CAFÉ", "café café"),
            ("ＦＵＬＬ　ｗｉｄｔｈ", "full width"),
            ("co\u{ad}op\u{200d}er\u{feff}ate", "cooperate"),
            ("two\u{200b}words", "two words"),
            ("don’t DON'T", "don't don't"),
            ("ΣΊΣΥΦΟΣ", "σίσυφοσ"),
            ("Ⅳ №5 ½", "iv no5 1⁄2"),
            ("İstanbul", "i\u{307}stanbul"),
            ("ᾳ ΑΙ", "αι αι"),
        ] {
            assert_eq!(normalise(text, false), same);
        }
        assert_eq!(normalise("Isı İL I\u{307}", true), "ısı il i");
    }

    proptest! {
        #[test]
        fn it_is_done_once_for_all(text in "\\PC{0,30}", turkic in any::<bool>()) {
            let once = normalise(&text, turkic);
            // Apostrophes and unseen letters may come of what they stand beside.
            let twice = normalise(&once, turkic);
            prop_assert_eq!(&normalise(&twice, turkic), &twice);
        }

        #[test]
        fn plain_letters_are_done_as_others_are(text in "[ -~À-ÞàáâäçéèêëïñóöøúüýþÿŸſß–—‘’“”]{0,20}") {
            let full: String = folded(text.chars()).collect();
            prop_assert_eq!(normalise(&text, false), full);
        }

        #[test]
        fn text_is_composed_once_and_reads_the_same(text in "[ -~À-ÿ\u{a0}\u{ad}\u{b8}\u{200b}\u{202f}\u{308}’ﬁ]{0,20}|\\PC{0,20}") {
            let once = composed(&text);
            prop_assert_eq!(&*composed(&once), &*once);
            let seen: String = text.chars().filter(|c| !is_unseen(*c)).map(spaced).collect();
            if once == text {
                prop_assert_eq!(seen.nfkc().collect::<String>(), &*text);
            }
            prop_assert_eq!(normalise(&once, false), normalise(&text, false));
        }

        #[test]
        fn parts_between_spaces_are_done_alone(parts in prop::collection::vec("\\PC{0,12}", 0..4)) {
            let apart: Vec<_> = parts.iter().map(|part| normalise(part, false)).collect();
            prop_assert_eq!(normalise(&parts.join(" "), false), apart.join(" "));
        }
    }
}
