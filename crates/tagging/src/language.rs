//! Languages: their codes, stems, and the words that negate.

use std::borrow::Cow;

use frostem::{Algorithm, Stemmer};

/// Longest word that is stemmed, in bytes: a longer one is no word of a language,
/// and stemming takes time that grows faster than the word does.
const LONGEST: usize = 96;

/// A language that terms and notes may be in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Language(
    /// 0: [`Language::ANY`]; else 1 more than the place among what is known.
    u8,
);

/// What is known of a language.
struct Known {
    code: &'static str,
    algorithm: Algorithm,
    /// Words that negate what follows, as [`crate::normal`] leaves them.
    negations: &'static [&'static str],
    /// Words after a negation that take it back: "not only".
    softeners: &'static [&'static str],
    /// Words that end what a negation reaches.
    turns: &'static [&'static str],
    /// What may stand before an apostrophe and be no part of the word: "l'équipe".
    elisions: &'static [&'static str],
}

const fn plain(code: &'static str, algorithm: Algorithm) -> Known {
    Known {
        code,
        algorithm,
        negations: &[],
        softeners: &[],
        turns: &[],
        elisions: &[],
    }
}

/// In order of code.
const KNOWN: [Known; 21] = [
    plain("ar", Algorithm::Arabic),
    plain("cs", Algorithm::Czech),
    Known {
        negations: &["ikke", "ingen", "intet", "aldrig", "uden", "hverken"],
        softeners: &["kun", "bare"],
        turns: &["men", "dog"],
        ..plain("da", Algorithm::Danish)
    },
    Known {
        negations: &[
            "nicht", "nichts", "kein", "keine", "keinen", "keinem", "keiner", "keines", "nie",
            "niemals", "niemand", "ohne", "weder",
        ],
        softeners: &["nur", "bloss", "allein"],
        turns: &["aber", "doch", "jedoch", "sondern", "ausser"],
        ..plain("de", Algorithm::German)
    },
    plain("el", Algorithm::Greek),
    Known {
        negations: &[
            "no", "not", "never", "without", "none", "nobody", "nothing", "neither", "nor",
            "cannot", "cant", "dont", "doesnt", "didnt", "isnt", "wasnt", "wont",
        ],
        softeners: &["only", "just", "merely", "simply"],
        turns: &["but", "however", "although", "though", "except", "yet"],
        ..plain("en", Algorithm::English)
    },
    Known {
        negations: &[
            "no", "nunca", "jamas", "jamás", "sin", "ningun", "ningún", "ninguna", "nada", "ni",
        ],
        softeners: &["solo", "sólo", "solamente"],
        turns: &["pero", "sino", "aunque", "salvo"],
        ..plain("es", Algorithm::Spanish)
    },
    plain("fi", Algorithm::Finnish),
    Known {
        negations: &[
            "ne", "pas", "jamais", "sans", "aucun", "aucune", "ni", "rien",
        ],
        softeners: &["seulement", "uniquement"],
        turns: &["mais", "sauf", "cependant", "pourtant"],
        elisions: &[
            "l", "d", "j", "m", "t", "s", "n", "c", "qu", "jusqu", "lorsqu", "puisqu", "quoiqu",
        ],
        ..plain("fr", Algorithm::French)
    },
    plain("hi", Algorithm::Hindi),
    plain("hu", Algorithm::Hungarian),
    Known {
        negations: &[
            "non", "mai", "senza", "nessun", "nessuno", "nessuna", "niente", "né",
        ],
        softeners: &["solo", "soltanto", "solamente"],
        turns: &["ma", "però", "tranne"],
        elisions: &[
            "l", "d", "un", "all", "dall", "dell", "nell", "sull", "c", "quell",
        ],
        ..plain("it", Algorithm::Italian)
    },
    Known {
        negations: &[
            "niet", "niets", "geen", "nooit", "niemand", "zonder", "noch",
        ],
        softeners: &["alleen", "slechts", "enkel"],
        turns: &["maar", "echter", "behalve"],
        ..plain("nl", Algorithm::Dutch)
    },
    Known {
        negations: &["ikke", "ingen", "intet", "aldri", "uten", "verken"],
        softeners: &["bare", "kun"],
        turns: &["men", "dog"],
        ..plain("no", Algorithm::Norwegian)
    },
    plain("pl", Algorithm::Polish),
    Known {
        negations: &[
            "não", "nunca", "jamais", "sem", "nenhum", "nenhuma", "nada", "nem",
        ],
        softeners: &["só", "somente", "apenas"],
        turns: &["mas", "porém", "exceto"],
        ..plain("pt", Algorithm::Portuguese)
    },
    plain("ro", Algorithm::Romanian),
    plain("ru", Algorithm::Russian),
    Known {
        negations: &["inte", "ingen", "inget", "inga", "aldrig", "utan", "varken"],
        softeners: &["bara", "endast"],
        turns: &["men", "dock", "förutom"],
        ..plain("sv", Algorithm::Swedish)
    },
    plain("tr", Algorithm::Turkish),
    plain("uk", Algorithm::Ukrainian),
];

/// What a word does to what stands after it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Role {
    /// It negates.
    pub(crate) negates: bool,
    /// After a negation, it takes that back.
    pub(crate) softens: bool,
    /// It ends what a negation before it reaches.
    pub(crate) turns: bool,
}

impl Language {
    /// None in particular: words stand as they are, in notes of every language.
    pub const ANY: Self = Self(0);

    /// What is taken for granted where nothing is said.
    pub const ENGLISH: Self = Self(6);

    /// In which every noun has a capital.
    pub(crate) const GERMAN: Self = Self(4);

    /// The codes of all languages: `any`, then those with a stemmer (ISO 639-1).
    pub fn codes() -> impl Iterator<Item = &'static str> {
        std::iter::once("any").chain(KNOWN.iter().map(|known| known.code))
    }

    /// The language of a code such as `de`; `None`: there is none of that code.
    pub fn of(code: &str) -> Option<Self> {
        if code == "any" {
            return Some(Self::ANY);
        }
        let at = KNOWN.binary_search_by_key(&code, |known| known.code).ok()?;
        Some(Self(at as u8 + 1))
    }

    /// The language of a tag such as `de-CH` or `EN_us`, by what stands before its
    /// first hyphen or underscore. A tag of no known language is [`Language::ANY`].
    pub fn of_tag(tag: &str) -> Self {
        let primary = tag.split(['-', '_']).next().unwrap_or_default().trim();
        Self::of(&primary.to_ascii_lowercase()).unwrap_or(Self::ANY)
    }

    /// Its code.
    pub fn code(self) -> &'static str {
        self.known().map_or("any", |known| known.code)
    }

    fn known(self) -> Option<&'static Known> {
        KNOWN.get(usize::from(self.0.checked_sub(1)?))
    }

    /// Whether i and ı are two letters, each with a capital of its own.
    pub(crate) fn is_turkic(self) -> bool {
        self.code() == "tr"
    }

    /// Whether some language elides so before an apostrophe, in any case.
    pub(crate) fn any_elides(before: &str) -> bool {
        let mut elisions = KNOWN.iter().flat_map(|known| known.elisions);
        elisions.any(|word| before.eq_ignore_ascii_case(word))
    }

    /// The word without what is elided before its apostrophe.
    pub(crate) fn unelided(self, word: &str) -> &str {
        let elisions = self.known().map_or(&[][..], |known| known.elisions);
        match word.split_once('\'') {
            Some((before, rest)) if !rest.is_empty() && elisions.contains(&before) => rest,
            _ => word,
        }
    }

    /// The stem of a normalised word; of a word that is nothing but an ending, the
    /// word.
    pub(crate) fn stem(self, word: &str) -> Cow<'_, str> {
        let known = self.known().filter(|_| word.len() <= LONGEST);
        let stem = known.map(|known| Stemmer::new(known.algorithm).stem(word).into_owned());
        match stem {
            Some(stem) if !stem.is_empty() => Cow::Owned(stem),
            _ => Cow::Borrowed(word),
        }
    }

    /// What a normalised word does to what stands after it.
    pub(crate) fn role(self, word: &str) -> Role {
        let Some(known) = self.known() else {
            return Role::default();
        };
        // "didn't", and in French "n'avons pas".
        let contracted = match known.code {
            "en" => word.ends_with("n't"),
            "fr" => word.starts_with("n'"),
            _ => false,
        };
        Role {
            negates: contracted || known.negations.contains(&word),
            softens: known.softeners.contains(&word),
            turns: known.turns.contains(&word),
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::normal::normalise;

    #[test]
    fn codes_are_in_order_and_lead_back() {
        let codes: Vec<_> = Language::codes().skip(1).collect();
        assert!(codes.is_sorted());
        for code in Language::codes() {
            assert_eq!(Language::of(code).map(Language::code), Some(code));
        }
        assert_eq!(Language::of("xx"), None);
        assert_eq!(Language::ENGLISH.code(), "en");
        assert_eq!(Language::GERMAN.code(), "de");
    }

    #[test]
    fn a_tag_is_of_its_first_part() {
        for (tag, code) in [
            ("de-CH", "de"),
            ("EN_us", "en"),
            (" fr ", "fr"),
            ("ja", "any"),
        ] {
            assert_eq!(Language::of_tag(tag).code(), code);
        }
    }

    #[test]
    fn lists_are_written_as_words_are_compared() {
        for known in &KNOWN {
            let lists = [
                known.negations,
                known.softeners,
                known.turns,
                known.elisions,
            ];
            for word in lists.into_iter().flatten() {
                assert_eq!(normalise(word, false), *word);
            }
        }
    }

    proptest! {
        #[test]
        fn any_word_has_a_stem_in_any_language(word in "\\w{0,40}|\\PC{0,30}|[a-zäöüßəıйαčřع]{0,20}") {
            for code in Language::codes() {
                let Some(language) = Language::of(code) else { continue };
                let word = normalise(&word, language.is_turkic());
                let stem = language.stem(&word);
                prop_assert_eq!(stem.is_empty() && !word.is_empty(), false, "{} {}", code, word);
            }
        }
    }
}
