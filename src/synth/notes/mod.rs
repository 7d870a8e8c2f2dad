//! Coaches' notes of synthetic sessions, with what is true of them: which themes each
//! is about, and what in it tells who somebody is.
//!
//! Sentences are put together as people write them, of [`phrases`] whose words are
//! written out in their forms: nothing here knows how themes are found.

mod identifiers;
mod people;
mod phrases;
#[cfg(test)]
mod tests;

use std::collections::HashSet;

use self::identifiers::Planted;
use self::people::coach_name;
pub(super) use self::people::person_name;
use self::phrases::Phrases;
use super::codebook::Codebook;
use super::people::{Pool, person_id};
use super::rng::Draws;
use super::sessions::Session;
use super::world::World;
use super::write::{Csv, Folder};
use super::{SynthError, stream};

/// Codes of the languages, and of 100 notes how many are in each.
const LANGUAGES: [&str; 2] = ["en", "de"];
const IN_LANGUAGES: [u64; 2] = [60, 40];
/// Of 100 themes that a coach listed, how many the note is about, too.
const WRITTEN: u64 = 85;
/// Of 100 notes, how many are about a theme that the coach did not list; name a theme
/// to say that it was none; have something that tells who somebody is, and as much
/// again.
const UNLISTED: u64 = 10;
const NEGATED: u64 = 15;
const IDENTIFYING: u64 = 50;
/// Of 100 sentences about a theme, how many are misspelt, so that no word of five
/// letters or more is as it should be.
const MISSPELT: u64 = 2;
/// Of 100 sentences, how many break off at the end of a line.
const BROKEN: u64 = 20;
/// Of 100 notes, how many are lists.
const LISTS: u64 = 20;

/// What a coach wrote.
#[derive(Debug, Default)]
pub(super) struct Note {
    pub(super) text: String,
    pub(super) language: &'static str,
    /// Themes that it is about, ascending; and those of them that are misspelt.
    themes: Vec<u8>,
    misspelt: Vec<u8>,
    planted: Vec<Planted>,
}

/// Whose session it was.
#[derive(Clone, Copy)]
struct Who<'a> {
    person: &'a str,
    coach: &'a str,
    /// The person's id.
    id: &'a str,
}

/// The notes of a project, and the file of what is true of them.
pub(super) struct Noted<'a> {
    codebook: &'a Codebook,
    notes: Notes,
    truth: Csv,
    draws: Draws,
}

impl<'a> Noted<'a> {
    /// Writes `input/names.csv`, the coaches', and opens `truth/notes.csv`.
    pub(super) fn begin(
        folder: &Folder,
        world: &'a World,
        pool: &Pool,
    ) -> Result<Self, SynthError> {
        let mut names = folder.csv("input/names.csv", &["name"])?;
        let mut known = HashSet::new();
        for coach in (0..pool.len()).map(coach_name) {
            if known.insert(coach.clone()) {
                names.row(&[&coach])?;
            }
        }
        names.finish()?;
        let header = ["session_id", "themes", "misspelt", "identifiers"];
        Ok(Self {
            codebook: &world.codebook,
            notes: Notes::of(&world.codebook),
            truth: folder.csv("truth/notes.csv", &header)?,
            draws: Draws::new(0, stream::NOTES),
        })
    }

    /// Begins with a quarter's: its draws are its own.
    pub(super) fn begin_quarter(&mut self, seed: u64, number: u64) {
        self.draws = Draws::new(seed, stream::NOTES + number);
    }

    /// The notes of a person's sessions, given their ids.
    pub(super) fn write(
        &mut self,
        (person, coach): (usize, u32),
        sessions: &[Session],
        ids: impl Iterator<Item = String>,
    ) -> Result<Vec<Note>, SynthError> {
        let who = Who {
            person: &person_name(person),
            coach: &coach_name(coach),
            id: &person_id(person),
        };
        let mut notes = Vec::with_capacity(sessions.len());
        for (session, id) in sessions.iter().zip(ids) {
            let note = self.notes.write(session, who, &mut self.draws);
            let themes = |list: &[u8]| {
                let themes = list.iter();
                let themes = themes.map(|&theme| self.codebook.themes[usize::from(theme)].as_str());
                themes.collect::<Vec<_>>().join(";")
            };
            let planted = note.planted.iter();
            let planted = planted.map(|planted| format!("{}={}", planted.kind, planted.text));
            let row = [
                id,
                themes(&note.themes),
                themes(&note.misspelt),
                planted.collect::<Vec<_>>().join("|"),
            ];
            self.truth.rows(&[row])?;
            notes.push(note);
        }
        Ok(notes)
    }

    /// Closes the file.
    pub(super) fn finish(self) -> Result<(), SynthError> {
        self.truth.finish()
    }
}

/// Whoever writes notes.
struct Notes {
    phrases: Phrases,
}

impl Notes {
    fn of(codebook: &Codebook) -> Self {
        let phrases = Phrases::built_in(codebook);
        Self { phrases }
    }

    /// A note of a session.
    fn write(&self, session: &Session, who: Who<'_>, draws: &mut Draws) -> Note {
        let language = draws.weighted(&IN_LANGUAGES);
        let mut note = Note {
            language: LANGUAGES[language],
            themes: self.themes(session, draws),
            ..Note::default()
        };
        let mut sentences = Vec::new();
        for &theme in &note.themes {
            let mut sentence = self.phrases.about(language, theme, draws);
            if draws.chance(MISSPELT, 100) {
                sentence = misspelt(&sentence);
                note.misspelt.push(theme);
            }
            sentences.push(sentence);
        }
        if draws.chance(NEGATED, 100) {
            let other = self.phrases.any_theme(draws);
            if !note.themes.contains(&other) {
                sentences.push(self.phrases.not_about(language, other, draws));
            }
        }
        for _ in 0..=draws.below(3) {
            sentences.push(phrases::beside(language, draws));
        }
        while draws.chance(IDENTIFYING, 100) {
            let (sentence, planted) = identifiers::sentence(language, who, draws);
            sentences.push(sentence);
            note.planted.push(planted);
        }
        draws.shuffle(&mut sentences);
        note.text = put_together(sentences, draws);
        note
    }

    /// The themes that the note of a session is about, ascending.
    fn themes(&self, session: &Session, draws: &mut Draws) -> Vec<u8> {
        let listed = session.themes.iter().copied();
        let mut themes: Vec<u8> = listed.filter(|_| draws.chance(WRITTEN, 100)).collect();
        if draws.chance(UNLISTED, 100) {
            themes.push(self.phrases.any_theme(draws));
        }
        themes.sort_unstable();
        themes.dedup();
        themes
    }
}

/// The sentences, one after the other or as a list; some lines break.
fn put_together(sentences: Vec<String>, draws: &mut Draws) -> String {
    let is_list = draws.chance(LISTS, 100);
    let mut text = String::new();
    for sentence in sentences {
        if !text.is_empty() {
            text += if is_list || draws.chance(1, 6) {
                "\n"
            } else {
                " "
            };
        }
        if is_list {
            text += "- ";
        }
        if draws.chance(BROKEN, 100) {
            let spaces: Vec<usize> = sentence.match_indices(' ').map(|(at, _)| at).collect();
            let space = spaces.get(draws.below(spaces.len().max(1) as u64) as usize);
            let (start, end) = sentence.split_at(space.copied().unwrap_or(sentence.len()));
            text += start;
            text += "\n";
            text += end.trim_start();
        } else {
            text += &sentence;
        }
    }
    text
}

/// The sentence with two letters of every longer word in the wrong order.
fn misspelt(sentence: &str) -> String {
    let wrong = |word: &str| {
        let mut letters: Vec<char> = word.chars().collect();
        let inner = letters.iter().filter(|c| c.is_alphabetic()).count();
        // Neighbours that differ, behind the first letter.
        let place = (1..letters.len().saturating_sub(1))
            .find(|&at| letters[at] != letters[at + 1] && letters[at + 1].is_alphabetic());
        if let (Some(place), true) = (place, inner >= 5) {
            letters.swap(place, place + 1);
        }
        letters.into_iter().collect::<String>()
    };
    sentence.split(' ').map(wrong).collect::<Vec<_>>().join(" ")
}
