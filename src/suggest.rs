//! Terms for a codebook, proposed from what was released of notes: nothing private is
//! looked at.

use std::collections::BTreeMap;

use lodestar_privacy::public::ANYWHERE;
use lodestar_tagging::{Entry, Language, Reader, Redacted, Tagger};

use crate::config::Project;
use crate::publish::ReleasedTerm;

/// Shorter words do not make terms alike.
const SHORTEST: usize = 4;

/// A term is peculiar to a competency whose lift's whole interval is above this.
const PECULIAR: f64 = 1.0;

/// A released term, and where it may belong.
#[derive(Clone, Debug, PartialEq)]
pub struct Proposal {
    /// The term anywhere.
    pub term: ReleasedTerm,
    /// Ids of the competencies that it is peculiar to, the most first, with its lift.
    pub competencies: Vec<(String, f64)>,
    /// Ids of themes that share a word with it, by their label or terms: of these
    /// competencies first.
    pub themes: Vec<String>,
}

/// Proposals of the latest period that has terms, the longest first, and the most
/// frequent of a length.
pub fn proposals(project: &Project, released: &[ReleasedTerm]) -> Vec<Proposal> {
    // Names of periods are in their order.
    let Some(latest) = released.iter().map(|one| &one.period).max() else {
        return Vec::new();
    };
    let mut peculiar: BTreeMap<&str, Vec<(String, f64)>> = BTreeMap::new();
    let of_latest = released.iter().filter(|one| one.period == *latest);
    for one in of_latest.clone().filter(|one| one.competency != ANYWHERE) {
        if let Some((lift, _)) = one.lift.filter(|(_, low)| *low > PECULIAR) {
            let mine = peculiar.entry(&one.term).or_default();
            mine.push((one.competency.clone(), lift));
        }
    }
    let words = words(project);
    let mut reader = Reader::new(&words);
    let anywhere = of_latest.filter(|one| one.competency == ANYWHERE);
    // What was added to the codebook since is proposed no more.
    let mut known = Reader::new(&project.framework.tagger);
    let anywhere = anywhere.filter(|one| {
        let term = Redacted::of_nobody(&one.term);
        known.tag(&term, None).is_empty()
    });
    let proposal = |one: &ReleasedTerm| {
        let mut competencies = peculiar.remove(one.term.as_str()).unwrap_or_default();
        competencies.sort_by(|a, b| b.1.total_cmp(&a.1));
        let alike = reader.tag(&Redacted::of_nobody(&one.term), None);
        let mut themes: Vec<u16> = alike.to_vec();
        themes.sort_by_key(|theme| !is_of(project, *theme, &competencies));
        let id = |theme: u16| {
            project.framework.themes[usize::from(theme)]
                .label
                .id
                .clone()
        };
        Proposal {
            term: one.clone(),
            themes: themes.into_iter().map(id).collect(),
            competencies,
        }
    };
    let mut all: Vec<Proposal> = anywhere.map(proposal).collect();
    let words = |one: &Proposal| one.term.term.split(' ').count();
    all.sort_by(|a, b| {
        let (longer, other) = (words(b), words(a));
        (longer, b.term.n, &a.term.term).cmp(&(other, a.term.n, &b.term.term))
    });
    all
}

fn is_of(project: &Project, theme: u16, competencies: &[(String, f64)]) -> bool {
    let framework = &project.framework;
    let mut mine = framework.themes[usize::from(theme)].competencies.iter();
    mine.any(|at| {
        let id = &framework.competencies[*at].id;
        competencies.iter().any(|(competency, _)| competency == id)
    })
}

/// The words of each theme's label and terms, each a term of its own.
fn words(project: &Project) -> Tagger {
    let framework = &project.framework;
    let mut words = Tagger::new(false);
    let labels = (0..).zip(&framework.themes);
    let labels = labels.map(|(theme, one)| (theme, one.label.label.as_str(), Language::ENGLISH));
    let terms = framework.tagger.entries().filter(|entry| !entry.excepted);
    let terms = terms.map(|entry| (entry.theme, entry.text, entry.language));
    for (theme, text, language) in labels.chain(terms) {
        let mine = text.split(|c: char| !c.is_alphanumeric());
        for text in mine.filter(|word| word.chars().count() >= SHORTEST) {
            // What can't be a term is like none.
            let _ = words.add(&Entry {
                theme,
                text,
                language,
                excepted: false,
            });
        }
    }
    words
}
