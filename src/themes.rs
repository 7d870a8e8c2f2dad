//! The codebook beside the notes: which of its terms find something, and which of them
//! do not what whoever wrote them may have meant.
//!
//! All of it is exact, and for the private side alone.

use std::collections::HashSet;

use lodestar_tagging::{Fate, Reader, Redacted, Tagger};

use crate::config::Project;
use crate::ingest::{self, Found, IngestError};
use crate::progress::Progress;

/// Fewest notes of which a share is a finding.
pub const LEAST: u64 = 10;

/// From which shares on something is a finding.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Limits {
    /// Of the notes, those that a term or theme is in: it is too broad. Above 0, at
    /// most 1.
    pub broad: f64,
    /// Of the notes of the rarer of two themes, those with the other: they come
    /// together. Above 0, at most 1.
    pub together: f64,
    /// Of the notes that a term is in, those where it is negated. Above 0, at most 1.
    pub negated: f64,
}

/// What is known of a codebook and its notes. Entries and themes are known by number.
#[derive(Clone, Debug)]
pub struct Checked {
    /// Exact counts.
    pub found: Found,
    /// What the entries' own words say of each other.
    pub beside: Beside,
    /// What somebody should look at.
    pub findings: Findings,
}

/// Entries beside each other, whatever notes say.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Beside {
    /// By entry: the longer entries that it does not count within.
    pub covered_by: Vec<Vec<usize>>,
    /// Terms that are found in the same places, by their stems.
    pub same: Vec<Vec<usize>>,
}

/// What somebody should look at; entries in order.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Findings {
    /// Terms and exceptions that are in no note.
    pub unmatched: Vec<usize>,
    /// Terms that are in notes, and count in none.
    pub idle: Vec<usize>,
    /// Terms that count in [`LEAST`] notes or more, in each beside another of their
    /// theme, though none of it is the same: without them nothing would be found less.
    pub redundant: Vec<usize>,
    /// Terms that count in too many notes.
    pub broad: Vec<usize>,
    /// Themes that too many notes are about.
    pub broad_themes: Vec<u16>,
    /// Terms that are in [`LEAST`] notes or more, and mostly negated.
    pub negated: Vec<usize>,
    /// Themes that come together, the most constant pair first.
    pub together: Vec<Together>,
}

/// Two themes that come together.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Together {
    /// The one that fewer notes are about; [`LEAST`] or more.
    pub theme: u16,
    /// The other.
    pub with: u16,
    /// Notes about both.
    pub notes: u64,
    /// Of the first's notes.
    pub share: f64,
}

/// Reads the notes of all sessions, and holds the codebook against them.
pub fn check(
    project: &Project,
    limits: &Limits,
    progress: &dyn Progress,
) -> Result<Checked, IngestError> {
    let found = ingest::terms(project, progress)?;
    let tagger = &project.framework.tagger;
    let beside = beside(tagger);
    Ok(Checked {
        findings: findings(tagger, &found, &beside, limits),
        beside,
        found,
    })
}

/// A part of a whole; 0 of nothing.
pub fn share(part: u64, whole: u64) -> f64 {
    if whole == 0 {
        return 0.0;
    }
    part as f64 / whole as f64
}

/// Reads every entry's text as if it were a note in its language: what is found
/// there is what it covers, or says the same.
fn beside(tagger: &Tagger) -> Beside {
    let mut reader = Reader::new(tagger);
    let mut covered_by = vec![Vec::new(); tagger.len()];
    let mut same: Vec<Vec<usize>> = Vec::new();
    for (number, entry) in tagger.entries().enumerate() {
        let mut alike = Vec::new();
        reader.find(
            &Redacted::of_nobody(entry.text),
            Some(entry.language),
            |other, fate| {
                match (entry.excepted, fate) {
                    (false, Fate::Within) | (true, Fate::Excepted) => {
                        covered_by[other].push(number);
                    }
                    // Nothing else of its length has other words.
                    (false, Fate::Counts) => alike.push(other),
                    _ => {}
                }
            },
        );
        alike.sort_unstable();
        // Of all that are alike the first says so.
        if alike.len() > 1 && alike[0] == number {
            same.push(alike);
        }
    }
    for covers in &mut covered_by {
        covers.dedup();
    }
    Beside { covered_by, same }
}

fn findings(tagger: &Tagger, found: &Found, beside: &Beside, limits: &Limits) -> Findings {
    let is_broad = |notes| notes > 0 && share(notes, found.notes) >= limits.broad;
    let twins = twins(tagger, beside);
    let mut findings = Findings::default();
    if found.notes == 0 {
        return findings;
    }
    for (number, (entry, count)) in tagger.entries().zip(&found.entries).enumerate() {
        let notes = count.notes();
        if notes == 0 {
            findings.unmatched.push(number);
            continue;
        }
        if entry.excepted {
            continue;
        }
        if count.counts == 0 {
            findings.idle.push(number);
        } else if count.counts >= LEAST && count.alone == 0 && !twins.contains(&number) {
            findings.redundant.push(number);
        }
        if is_broad(count.counts) {
            findings.broad.push(number);
        }
        if notes >= LEAST && share(count.negated, notes) >= limits.negated {
            findings.negated.push(number);
        }
    }
    let themes = found.themes.iter().enumerate();
    let broad = themes.filter(|(_, theme)| is_broad(theme.notes));
    findings.broad_themes = broad.map(|(theme, _)| theme as u16).collect();
    findings.together = together(found, limits, &findings.broad_themes);
    findings
}

/// Terms that are the same as another of their theme.
fn twins(tagger: &Tagger, beside: &Beside) -> HashSet<usize> {
    let themes: Vec<u16> = tagger.entries().map(|entry| entry.theme).collect();
    let mut twins = HashSet::new();
    for same in &beside.same {
        let is_twin = |one: &&usize| {
            let mut others = same.iter().filter(|other| other != one);
            others.any(|other| themes[*other] == themes[**one])
        };
        twins.extend(same.iter().filter(is_twin));
    }
    twins
}

/// Pairs of themes of which neither is too broad: one that is comes with every other.
fn together(found: &Found, limits: &Limits, broad: &[u16]) -> Vec<Together> {
    let notes = |theme: u16| found.themes[usize::from(theme)].notes;
    let pairs = found.pairs.iter().filter_map(|(&(a, b), &both)| {
        let (theme, with) = if notes(b) < notes(a) { (b, a) } else { (a, b) };
        let is_pair = notes(theme) >= LEAST && !broad.contains(&a) && !broad.contains(&b);
        let share = share(both, notes(theme));
        (is_pair && share >= limits.together).then_some(Together {
            theme,
            with,
            notes: both,
            share,
        })
    });
    let mut pairs: Vec<_> = pairs.collect();
    pairs.sort_by(|a, b| {
        let by_share = b.share.total_cmp(&a.share);
        by_share.then((a.theme, a.with).cmp(&(b.theme, b.with)))
    });
    pairs
}

#[cfg(test)]
mod tests {
    use lodestar_tagging::{Entry, Language};

    use super::*;
    use crate::ingest::{EntryFound, ThemeFound};

    const LIMITS: Limits = Limits {
        broad: 0.3,
        together: 0.8,
        negated: 0.5,
    };

    /// Themes, texts, and whether they are exceptions.
    fn tagger(entries: &[(u16, &str, bool)]) -> Tagger {
        let mut tagger = Tagger::default();
        for &(theme, text, excepted) in entries {
            let language = Language::ENGLISH;
            let entry = Entry {
                theme,
                language,
                text,
                excepted,
            };
            tagger.add(&entry).expect("a term");
        }
        tagger
    }

    #[test]
    fn what_entries_cover_and_which_are_the_same_follows_from_their_words() {
        let tagger = tagger(&[
            (0, "feedback", false),
            (1, "asking for feedback", false),
            (2, "priority", false),
            (2, "PRIORITIES", false),
            (3, "priorities", false),
            (2, "priority seating", true),
            (0, "no time", false),
        ]);
        let Beside { covered_by, same } = beside(&tagger);
        let none = Vec::new;
        let expected = [vec![1], none(), vec![5], vec![5], none(), none(), none()];
        assert_eq!(covered_by, expected);
        assert_eq!(same, [[2, 3, 4]]);
    }

    #[test]
    fn findings_are_what_the_limits_say() {
        let tagger = tagger(&[
            (0, "a", false),
            (0, "b", false),
            (1, "c", false),
            (1, "d", false),
            (1, "e", true),
            (2, "f", false),
            (3, "g", false),
        ]);
        let counts = |counts, alone, within, negated| EntryFound {
            counts,
            alone,
            within,
            negated,
            ..EntryFound::default()
        };
        let themes = [20, 12, 30, 9].map(|notes| ThemeFound { notes, negated: 0 });
        let found = Found {
            notes: 100,
            unread: 0,
            themes: themes.into(),
            entries: vec![
                counts(20, 10, 0, 0),
                counts(10, 0, 0, 10),
                counts(0, 0, 3, 0),
                counts(12, 12, 0, 5),
                EntryFound::default(),
                counts(30, 30, 0, 0),
                counts(9, 0, 0, 9),
            ],
            pairs: [((0, 1), 10), ((0, 2), 20), ((0, 3), 9), ((1, 3), 9)].into(),
        };
        let apart = beside(&tagger);
        let told = findings(&tagger, &found, &apart, &LIMITS);
        let together = Together {
            theme: 1,
            with: 0,
            notes: 10,
            share: 10.0 / 12.0,
        };
        assert_eq!(
            told,
            Findings {
                unmatched: vec![4],
                idle: vec![2],
                redundant: vec![1],
                broad: vec![5],
                broad_themes: vec![2],
                negated: vec![1, 6],
                together: vec![together],
            }
        );
        // Of twins both would be redundant: it is said that they are the same.
        let twins = Beside {
            same: vec![vec![0, 1]],
            ..apart.clone()
        };
        let told = findings(&tagger, &found, &twins, &LIMITS);
        assert_eq!(told.redundant, Vec::<usize>::new());
        let nothing = Found { notes: 0, ..found };
        let told = findings(&tagger, &nothing, &apart, &LIMITS);
        assert_eq!(told, Findings::default());
    }
}
