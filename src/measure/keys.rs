//! Public keys of measures by competency and theme, and how a session is
//! coded in them.

use lodestar_privacy::public::Label;

use crate::config::{Framework, OTHER};

/// The codebook's (competency, theme) pairs and one `other` a competency.
/// They follow from the configuration alone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Keys {
    /// By code: a label a dimension.
    labels: Vec<Vec<Label>>,
    /// By competency: the code of its `other`.
    other: Vec<u32>,
    /// By theme: the competencies that list it, with the code of the pair.
    pairs: Vec<Vec<(u16, u32)>>,
}

impl Keys {
    /// The keys of a framework: competency after competency in declared
    /// order, of each its themes in declared order, then `other`.
    pub fn new(framework: &Framework) -> Self {
        let mut labels = Vec::new();
        let mut other = Vec::new();
        let mut pairs = vec![Vec::new(); framework.themes.len()];
        for (index, competency) in framework.competencies.iter().enumerate() {
            for (theme, pairs) in framework.themes.iter().zip(&mut pairs) {
                if theme.competencies.contains(&index) {
                    pairs.push((index as u16, labels.len() as u32));
                    labels.push(vec![competency.clone(), theme.label.clone()]);
                }
            }
            other.push(labels.len() as u32);
            let text = Label {
                id: OTHER.to_owned(),
                label: OTHER.to_owned(),
            };
            labels.push(vec![competency.clone(), text]);
        }
        Self {
            labels,
            other,
            pairs,
        }
    }

    /// All keys by code: a competency and a theme each.
    pub fn keys(&self) -> &[Vec<Label>] {
        &self.labels
    }

    /// Writes the codes of one session to `out`, ascending, each once;
    /// whatever `out` held is gone.
    ///
    /// `competencies` and `themes` are indices in the framework, as the
    /// session names them; `None` is a theme that the codebook does not know.
    /// A theme counts under each of the session's competencies that lists it,
    /// else, as an unknown theme does, in `other` of the first. A session
    /// without themes, or without competencies, has no keys.
    pub fn code(&self, competencies: &[u16], themes: &[Option<u16>], out: &mut Vec<u32>) {
        out.clear();
        let Some(&first) = competencies.first() else {
            return;
        };
        for theme in themes {
            let before = out.len();
            if let Some(theme) = theme {
                let listed = self.pairs[usize::from(*theme)].iter();
                let listed = listed.filter(|(competency, _)| competencies.contains(competency));
                out.extend(listed.map(|(_, code)| code));
            }
            if out.len() == before {
                out.push(self.other[usize::from(first)]);
            }
        }
        out.sort_unstable();
        out.dedup();
    }
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
        }
    }

    fn ids(keys: &Keys) -> Vec<String> {
        keys.keys()
            .iter()
            .map(|key| format!("{} {}", key[0].id, key[1].id))
            .collect()
    }

    #[test]
    fn keys_are_in_declared_order_with_other_last() {
        let keys = Keys::new(&framework(3, &[vec![1], vec![1, 0]]));
        assert_eq!(
            ids(&keys),
            [
                "c0 t1", "c0 other", "c1 t0", "c1 t1", "c1 other", "c2 other"
            ]
        );
        assert_eq!(keys.keys()[0][1].label, "T1");
        assert_eq!(keys.keys()[1][1].label, "other");
    }

    #[test]
    fn a_theme_counts_where_it_is_listed_else_in_other_of_the_first() {
        let keys = Keys::new(&framework(3, &[vec![1], vec![1, 0]]));
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
            keys.code(&competencies, &themes, &mut out);
            assert_eq!(out, expected, "{competencies:?} {themes:?}");
        }
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
            let keys = Keys::new(&framework);
            let names = ids(&keys);
            prop_assert_eq!(names.len(), 3 + listed.iter().map(Vec::len).sum::<usize>());
            let mut out = Vec::new();
            keys.code(&competencies, &themes, &mut out);
            prop_assert!(out.is_sorted_by(|a, b| a < b));
            let mut coded: Vec<String> = out.iter().map(|&c| names[c as usize].clone()).collect();
            coded.sort();
            prop_assert_eq!(coded, by_the_rule(&framework, &competencies, &themes));
        }
    }
}
