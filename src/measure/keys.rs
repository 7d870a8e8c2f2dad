//! Public keys of measures, and how a session is coded in them.

use lodestar_privacy::public::{Label, Search};

use super::{Dimension, ThemeSource};
use crate::config::{Framework, OTHER};
use crate::ingest::SessionThemes;

/// The keys of some dimensions; they follow from the configuration alone.
///
/// By competency and theme they are the codebook's pairs and one `other` a
/// competency; formats multiply them. Without any dimension there is one key,
/// which every session has.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Keys {
    /// By code: a label a dimension, in the measure's order.
    labels: Vec<Vec<Label>>,
    by: By,
    /// Number of formats; 0: not by format.
    formats: u32,
}

/// What sessions are told apart by, beside the format.
#[derive(Clone, Debug, PartialEq, Eq)]
enum By {
    /// Nothing.
    All,
    /// The competency.
    Competency,
    /// The competency and the theme.
    Theme(Themes),
    /// The bands of a baseline and of its follow-up: which of the two.
    Bands(bool, bool),
    /// The unit that was assigned with them.
    Units,
    /// Terms of notes, which are looked for: anywhere, and by competency.
    Terms(Vec<Label>),
}

/// Most words, phrases or terms by competency of one person that are looked at
/// together: more than most people's notes of a period have. All of one person weigh
/// as much as one alone, so it costs them nothing (docs/statistics.md).
const ENTRIES: u32 = 256;

/// Most words that a round finds, and most phrases of a length.
const TERMS_MOST: u32 = 500;

/// The bands of a scale.
const BANDS: [&str; 3] = ["weakness", "middle", "strength"];

#[derive(Clone, Debug, PartialEq, Eq)]
struct Themes {
    source: ThemeSource,
    /// By competency: the code of its `other`.
    other: Vec<u32>,
    /// By theme: the competencies that list it, with the code of the pair.
    pairs: Vec<Vec<(u16, u32)>>,
}

impl Keys {
    /// The keys of a measure's dimensions: competency after competency in
    /// declared order, of each its themes in declared order, then `other`; of
    /// each the formats in declared order. Dimensions of people have no part.
    pub fn new(
        framework: &Framework,
        formats: &[Label],
        dimensions: &[Dimension],
        source: ThemeSource,
    ) -> Self {
        let has = |dimension: &Dimension| dimensions.contains(dimension);
        if has(&Dimension::Term) {
            return Self {
                labels: Vec::new(),
                by: By::Terms(framework.competencies.clone()),
                formats: 0,
            };
        }
        let (by, base) = if has(&Dimension::Theme) {
            let (themes, base) = pairs(framework, source);
            (By::Theme(themes), base)
        } else if has(&Dimension::Competency) {
            let base = framework.competencies.iter().map(|one| (Some(one), None));
            (By::Competency, base.collect())
        } else {
            (By::All, vec![(None, None)])
        };
        let bands = [Dimension::FromBand, Dimension::ToBand].map(|band| has(&band));
        if let [from, to] = bands
            && (from || to)
        {
            let place = |band| dimensions.iter().position(|one| *one == band);
            let to_first = place(Dimension::ToBand) < place(Dimension::FromBand);
            return Self::bands(from, to, to_first);
        }
        let by_format = has(&Dimension::Format);
        let every: Vec<Option<&Label>> = if by_format {
            formats.iter().map(Some).collect()
        } else {
            vec![None]
        };
        let label = |(competency, theme): &(Option<&Label>, Option<Label>),
                     format: Option<&Label>| {
            let one = |dimension: &Dimension| match dimension {
                Dimension::Competency => competency.cloned(),
                Dimension::Theme => theme.clone(),
                Dimension::Format => format.cloned(),
                _ => None,
            };
            dimensions.iter().filter_map(one).collect()
        };
        let labels = base
            .iter()
            .flat_map(|base| every.iter().map(|format| label(base, *format)));
        Self {
            labels: labels.collect(),
            by,
            formats: if by_format { formats.len() as u32 } else { 0 },
        }
    }

    /// The keys of a change: the baseline's band, then the follow-up's, or one.
    fn bands(from: bool, to: bool, to_first: bool) -> Self {
        let bands = BANDS.map(Label::plain);
        let one = |given: bool| if given { bands.len() } else { 1 };
        let label = |given: bool, at: usize| given.then(|| bands[at].clone());
        let of_from = |a: usize| (0..one(to)).map(move |b| (a, b));
        let all = (0..one(from)).flat_map(of_from);
        let labels = all.map(|(a, b)| {
            let mut both = [label(from, a), label(to, b)];
            if to_first && from {
                both.reverse();
            }
            both.into_iter().flatten().collect()
        });
        Self {
            labels: labels.collect(),
            by: By::Bands(from, to),
            formats: 0,
        }
    }

    /// The keys of units, in order.
    pub(super) fn units(labels: impl Iterator<Item = Label>) -> Self {
        Self {
            labels: labels.map(|label| vec![label]).collect(),
            by: By::Units,
            formats: 0,
        }
    }

    /// Whether people are told apart by the unit that was assigned with them.
    pub(super) fn is_of_units(&self) -> bool {
        self.by == By::Units
    }

    /// Whether they are not declared, but looked for in what rows say.
    pub(super) fn are_found(&self) -> bool {
        matches!(self.by, By::Terms(_))
    }

    /// How they are looked for, if they are not declared.
    pub(super) fn search(&self) -> Option<Search> {
        let By::Terms(sections) = &self.by else {
            return None;
        };
        Some(Search {
            entries: ENTRIES,
            most: TERMS_MOST,
            sections: sections.clone(),
        })
    }

    /// Whether everybody has exactly one.
    pub(super) fn tell_apart(&self) -> bool {
        matches!(self.by, By::Bands(..))
    }

    /// The key of a person whose two scores are in these bands.
    pub fn of_bands(&self, baseline: usize, follow_up: usize) -> u32 {
        let key = match self.by {
            By::Bands(true, true) => baseline * BANDS.len() + follow_up,
            By::Bands(true, false) => baseline,
            By::Bands(false, true) => follow_up,
            _ => 0,
        };
        key as u32
    }

    /// All keys by code.
    pub fn labels(&self) -> &[Vec<Label>] {
        &self.labels
    }

    /// Whether there is more than one key, by nature.
    pub fn is_keyed(&self) -> bool {
        self.by != By::All || self.formats > 0
    }

    /// Whether a session's amounts are shared out over its keys.
    pub fn splits(&self) -> bool {
        self.by == By::Competency
    }

    /// Writes the codes of one session to `out`, ascending, each once;
    /// whatever `out` held is gone.
    ///
    /// `competencies` and `themes` are indices in the framework. A theme counts under
    /// each of the session's competencies that lists it, else, as an unknown theme does,
    /// in `other` of the first. A session without themes has no keys by theme, one
    /// without a format none by format.
    pub fn code(
        &self,
        competencies: &[u16],
        themes: SessionThemes<'_>,
        format: Option<u16>,
        out: &mut Vec<u32>,
    ) {
        out.clear();
        match &self.by {
            By::All => out.push(0),
            // Sessions have no bands, and are not assigned; what notes say is told as it is.
            By::Bands(..) | By::Units | By::Terms(_) => {}
            By::Competency => out.extend(competencies.iter().map(|&code| u32::from(code))),
            By::Theme(by_theme) => by_theme.code(competencies, themes, out),
        }
        if self.formats > 0 {
            match format {
                None => out.clear(),
                Some(format) => {
                    let keys = out.iter_mut();
                    keys.for_each(|key| *key = *key * self.formats + u32::from(format));
                }
            }
        }
        out.sort_unstable();
        out.dedup();
    }
}

impl Themes {
    fn code(&self, competencies: &[u16], themes: SessionThemes<'_>, out: &mut Vec<u32>) {
        let Some(&first) = competencies.first() else {
            return;
        };
        for theme in self.source.of(themes) {
            let before = out.len();
            if let Some(theme) = theme {
                let listed = self.pairs[usize::from(theme)].iter();
                let listed = listed.filter(|(competency, _)| competencies.contains(competency));
                out.extend(listed.map(|(_, code)| code));
            }
            if out.len() == before {
                out.push(self.other[usize::from(first)]);
            }
        }
    }
}

/// A competency and a theme.
type Pair<'a> = (Option<&'a Label>, Option<Label>);

/// The codebook's pairs, and `other`s, by code.
fn pairs(framework: &Framework, source: ThemeSource) -> (Themes, Vec<Pair<'_>>) {
    let mut labels = Vec::new();
    let mut other = Vec::new();
    let mut pairs = vec![Vec::new(); framework.themes.len()];
    for (index, competency) in framework.competencies.iter().enumerate() {
        for (theme, pairs) in framework.themes.iter().zip(&mut pairs) {
            if theme.competencies.contains(&index) {
                pairs.push((index as u16, labels.len() as u32));
                labels.push((Some(competency), Some(theme.label.clone())));
            }
        }
        other.push(labels.len() as u32);
        labels.push((Some(competency), Some(Label::plain(OTHER))));
    }
    let themes = Themes {
        source,
        other,
        pairs,
    };
    (themes, labels)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Theme;
    use proptest::prelude::*;

    fn label(id: String) -> Label {
        Label {
            label: id.to_uppercase(),
            id,
        }
    }

    /// Competencies c0, c1, …; themes t0, t1, … listed as given.
    fn framework(competencies: usize, listed: &[Vec<usize>]) -> Framework {
        let theme = |(at, listed): (usize, &Vec<usize>)| Theme {
            label: label(format!("t{at}")),
            competencies: listed.clone(),
        };
        Framework {
            competencies: (0..competencies)
                .map(|at| label(format!("c{at}")))
                .collect(),
            themes: listed.iter().enumerate().map(theme).collect(),
            ..Framework::default()
        }
    }

    fn by_theme(framework: &Framework) -> Keys {
        let dimensions = [Dimension::Competency, Dimension::Theme];
        Keys::new(framework, &[], &dimensions, ThemeSource::Either)
    }

    fn listed(coach: &[Option<u16>]) -> SessionThemes<'_> {
        SessionThemes { coach, note: &[] }
    }

    #[test]
    fn formats_multiply_keys_and_competencies_are_keys_of_their_own() {
        let framework = framework(2, &[vec![1]]);
        let formats = ["single", "team"].map(Label::plain);
        let keys = |dimensions: &[Dimension]| {
            Keys::new(&framework, &formats, dimensions, ThemeSource::Either)
        };
        let code = |keys: &Keys, competencies: &[u16], format| {
            let mut out = Vec::new();
            keys.code(competencies, listed(&[]), format, &mut out);
            out
        };
        let both = keys(&[Dimension::Format, Dimension::Competency]);
        assert_eq!(ids(&both)[1], "team c0");
        assert_eq!(code(&both, &[1, 0], Some(1)), [1, 3]);
        assert!(code(&both, &[1, 0], None).is_empty());
        let none = keys(&[Dimension::People("level".to_owned())]);
        assert_eq!((none.labels().len(), none.is_keyed()), (1, false));
        assert_eq!(code(&none, &[1], None), [0]);
        assert!(keys(&[Dimension::Competency]).splits() && both.splits());
    }

    fn ids(keys: &Keys) -> Vec<String> {
        keys.labels()
            .iter()
            .map(|key| format!("{} {}", key[0].id, key[1].id))
            .collect()
    }

    #[test]
    fn keys_are_in_declared_order_with_other_last() {
        let keys = by_theme(&framework(3, &[vec![1], vec![1, 0]]));
        assert_eq!(
            ids(&keys),
            [
                "c0 t1", "c0 other", "c1 t0", "c1 t1", "c1 other", "c2 other"
            ]
        );
        assert_eq!(keys.labels()[0][1].label, "T1");
        assert_eq!(keys.labels()[1][1].label, "other");
    }

    #[test]
    fn a_theme_counts_where_it_is_listed_else_in_other_of_the_first() {
        let keys = by_theme(&framework(3, &[vec![1], vec![1, 0]]));
        for (competencies, themes, expected) in [
            (vec![0, 1], vec![Some(1)], vec![0, 3]),
            (vec![2, 1], vec![Some(0)], vec![2]),
            (vec![2, 0], vec![Some(0)], vec![5]),
            (vec![1, 2], vec![None], vec![4]),
            (
                vec![1],
                vec![Some(1), None, Some(0), Some(1)],
                vec![2, 3, 4],
            ),
            (vec![1], vec![], vec![]),
            (vec![], vec![Some(0)], vec![]),
        ] {
            let mut out = vec![9];
            keys.code(&competencies, listed(&themes), None, &mut out);
            assert_eq!(out, expected, "{competencies:?} {themes:?}");
        }
    }

    #[test]
    fn themes_of_notes_count_as_those_of_coaches_do_where_they_are_asked_for() {
        let framework = framework(2, &[vec![0], vec![0], vec![1]]);
        let dimensions = [Dimension::Competency, Dimension::Theme];
        let themes = SessionThemes {
            coach: &[Some(0), None],
            note: &[0, 1, 2],
        };
        for (source, expected) in [
            // The third theme is not of the session's competency.
            (ThemeSource::Either, vec![0, 1, 2]),
            (ThemeSource::Coach, vec![0, 2]),
            (ThemeSource::Codebook, vec![0, 1, 2]),
        ] {
            let keys = Keys::new(&framework, &[], &dimensions, source);
            let mut out = Vec::new();
            keys.code(&[0], themes, None, &mut out);
            assert_eq!(out, expected, "{source:?}");
        }
        let themes = SessionThemes {
            note: &[1],
            ..themes
        };
        let keys = Keys::new(&framework, &[], &dimensions, ThemeSource::Codebook);
        let mut out = Vec::new();
        keys.code(&[0], themes, None, &mut out);
        assert_eq!(out, [1]);
    }

    /// The rule, said by name: which keys a session has.
    fn by_the_rule(
        framework: &Framework,
        competencies: &[u16],
        themes: &[Option<u16>],
    ) -> Vec<String> {
        let mut found = Vec::new();
        for theme in themes {
            let mut counted = false;
            for &competency in competencies {
                let theme = theme.map(|theme| &framework.themes[usize::from(theme)]);
                if let Some(theme) = theme
                    && theme.competencies.contains(&usize::from(competency))
                {
                    found.push(format!("c{competency} {}", theme.label.id));
                    counted = true;
                }
            }
            if !counted && !competencies.is_empty() {
                found.push(format!("c{} other", competencies[0]));
            }
        }
        found.sort();
        found.dedup();
        found
    }

    proptest! {
        #[test]
        fn codes_are_what_the_rule_says(
            listed in prop::collection::vec(prop::collection::btree_set(0..3_usize, 1..4), 4),
            competencies in prop::collection::vec(0..3_u16, 0..4),
            themes in prop::collection::vec(prop::option::of(0..4_u16), 0..5),
        ) {
            let listed: Vec<Vec<usize>> =
                listed.into_iter().map(|set| set.into_iter().collect()).collect();
            let framework = framework(3, &listed);
            let keys = by_theme(&framework);
            let names = ids(&keys);
            prop_assert_eq!(names.len(), 3 + listed.iter().map(Vec::len).sum::<usize>());
            let mut out = Vec::new();
            keys.code(&competencies, super::tests::listed(&themes), None, &mut out);
            prop_assert!(out.is_sorted_by(|a, b| a < b));
            let mut coded: Vec<String> = out.iter().map(|&c| names[c as usize].clone()).collect();
            coded.sort();
            prop_assert_eq!(coded, by_the_rule(&framework, &competencies, &themes));
        }
    }
}
