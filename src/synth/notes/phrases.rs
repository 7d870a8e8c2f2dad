//! What notes are made of, in each language.

use super::LANGUAGES;
use crate::synth::codebook::Codebook;
use crate::synth::rng::Draws;

const PHRASES: &str = include_str!("../data/notes.txt");

/// Sentences around what a theme may be called.
const ABOUT: [&[&str]; 2] = [
    &[
        "We talked about {}.",
        "Main topic: {}.",
        "Came back to {} twice.",
        "Most of the hour went to {}.",
        "On the agenda: {}.",
        "A lot about {}, and how it wears people down.",
        "Still wrestles with {}.",
    ],
    &[
        "Es ging um {}.",
        "Hauptthema: {}.",
        "Wieder ein Thema: {}.",
        "Viel Zeit für {}.",
        "Lange gesprochen über {}, und was das auslöst.",
        "Auf der Tagesordnung: {}.",
    ],
];

/// Sentences that name a theme to say that it was none.
const NOT_ABOUT: [&[&str]; 2] = [
    &[
        "This was not about {}.",
        "Not {} this time.",
        "It never was {}, so far.",
        "An hour without {}.",
    ],
    &[
        "Es ging nicht um {}.",
        "Diesmal nicht {}.",
        "Eine Stunde ohne {}.",
        "Nie {}, bisher.",
    ],
];

/// Sentences about nothing in particular; some have words that terms have, too.
const BESIDE: [&[&str]; 2] = [
    &[
        "Good session.",
        "Next meeting in two weeks.",
        "She arrived ten minutes late, traffic.",
        "I hope this will hold.",
        "He will bring examples next time.",
        "We agreed on two small homework items.",
        "Mood: better than in March.",
        "Told me this in strict confidence.",
        "They passed the stress test of the bank.",
        "The confidence interval on her slide was wrong.",
        "He moved house at the weekend.",
        "Version 3.2.1 of the plan is out, 24/7 support from Q3 2025.",
        "Started 14:30, ended 15:45; costs stayed at 1,500.00.",
        "Her daughter starts school in autumn.",
        "To be continued.",
        "We looked at page 12 of 40 and stopped there.",
        "The goal for May: one page, no more.",
        "Was a bit quiet at first, then warmed up.",
    ],
    &[
        "Gute Sitzung.",
        "Nächster Termin in zwei Wochen.",
        "Kam zehn Minuten zu spät, Stau.",
        "Er bringt nächstes Mal Beispiele mit.",
        "Zwei kleine Hausaufgaben vereinbart.",
        "Stimmung besser als im März.",
        "Wir haben auf Seite 12 von 40 aufgehört.",
        "Beginn 14:30, Ende 15:45, Kosten 1.500,00 wie immer.",
        "Der Urlaub war zu kurz.",
        "Ihre Tochter kommt im Herbst in die Schule.",
        "Fortsetzung folgt.",
        "Im Sommer zieht er um.",
        "Version 3.2.1 des Plans ist da, ab Q3 2025.",
        "Wirkte am Anfang still, taute dann auf.",
    ],
];

/// What a theme may be called, and sentences that tell of it.
#[derive(Default)]
struct Theme {
    about: Vec<&'static str>,
    says: Vec<&'static str>,
}

/// All of them, by index of theme and language.
pub(super) struct Phrases(Vec<[Theme; 2]>);

impl Phrases {
    /// Reads the built-in file; a test reads it, so that it holds no error.
    pub(super) fn built_in(codebook: &Codebook) -> Self {
        let mut themes: Vec<[Theme; 2]> = Vec::new();
        themes.resize_with(codebook.themes.len(), Default::default);
        let mut at = 0;
        for line in PHRASES.lines().filter(|line| !line.starts_with('#')) {
            let mut words = line.splitn(3, ' ');
            let (first, second, rest) = (words.next(), words.next(), words.next());
            let language = LANGUAGES.iter().position(|code| Some(*code) == first);
            if let (Some(language), Some(what), Some(rest)) = (language, second, rest) {
                let theme = &mut themes[at][language];
                let list = match what {
                    "about" => &mut theme.about,
                    _ => &mut theme.says,
                };
                list.extend(rest.split('|'));
            } else {
                let place = codebook.themes.iter().position(|id| id == line);
                at = place.unwrap_or(at);
            }
        }
        Self(themes)
    }

    pub(super) fn any_theme(&self, draws: &mut Draws) -> u8 {
        draws.below(self.0.len() as u64) as u8
    }

    /// A sentence about a theme.
    pub(super) fn about(&self, language: usize, theme: u8, draws: &mut Draws) -> String {
        let theme = &self.0[usize::from(theme)][language];
        if draws.chance(1, 2) {
            return one(&theme.says, draws).to_owned();
        }
        one(ABOUT[language], draws).replace("{}", one(&theme.about, draws))
    }

    /// A sentence that says that a theme was none.
    pub(super) fn not_about(&self, language: usize, theme: u8, draws: &mut Draws) -> String {
        let theme = &self.0[usize::from(theme)][language];
        one(NOT_ABOUT[language], draws).replace("{}", one(&theme.about, draws))
    }

    /// A theme of which something is missing, if there is one.
    #[cfg(test)]
    pub(super) fn missing(&self) -> Option<usize> {
        let is_whole = |theme: &Theme| theme.about.len() > 1 && theme.says.len() > 1;
        self.0.iter().position(|both| !both.iter().all(is_whole))
    }
}

/// A sentence about nothing in particular.
pub(super) fn beside(language: usize, draws: &mut Draws) -> String {
    one(BESIDE[language], draws).to_owned()
}

/// Any of a list that is not empty.
pub(super) fn one<'a>(list: &[&'a str], draws: &mut Draws) -> &'a str {
    list[draws.below(list.len() as u64) as usize]
}
