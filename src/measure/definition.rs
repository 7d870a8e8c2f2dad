//! What a statistic is, in words: published beside the numbers.

use super::vector::instrument;
use super::{Cohort, Condition, Dimension, Kind, Measure, Quantity, Statistic, ThemeSource, Value};
use crate::config::Project;

/// The definition of a statistic.
pub(super) fn text(project: &Project, measure: &Measure, statistic: &Statistic) -> String {
    let text = if measure.cohort.is_of_sessions() {
        of_sessions(measure, statistic)
    } else {
        of_people(project, measure, statistic)
    };
    text + themes(project, measure, statistic)
}

/// Which themes count, where it makes a difference.
fn themes(project: &Project, measure: &Measure, statistic: &Statistic) -> &'static str {
    let is_basic = matches!(
        statistic.kind,
        Kind::Count(_) | Kind::Share(_) | Kind::Mean { .. } | Kind::MeanOf(_) | Kind::Difference(_)
    );
    let by_theme = measure.dimensions.contains(&Dimension::Theme);
    if !is_basic || !by_theme || project.framework.tagger.is_empty() {
        return "";
    }
    match measure.theme_source {
        ThemeSource::Either => {
            " Themes are those that coaches listed and those whose terms are in their notes."
        }
        ThemeSource::Coach => " Themes are those that coaches listed.",
        ThemeSource::Codebook => " Themes are those whose terms are in coaches' notes.",
    }
}

/// Of what sessions say.
fn of_sessions(measure: &Measure, statistic: &Statistic) -> String {
    let only = if statistic.only.is_empty() {
        String::new()
    } else {
        format!(" ({})", statistic.only.text())
    };
    let of_key = if measure.is_keyed() {
        " with the row's key (without one 0)"
    } else {
        ""
    };
    match statistic.kind {
        Kind::Count(condition) => {
            let keys = if measure.is_keyed() {
                format!("; each person counts under {}", most_keys(measure))
            } else {
                String::new()
            };
            format!(
                "People of the cohort {}{only}{keys}.",
                holds(measure, condition)
            )
        }
        Kind::Share(condition) => {
            format!(
                "Share of the cohort's people {}{only}.",
                holds(measure, condition)
            )
        }
        Kind::Mean { of, clip } => format!(
            "Mean over all people of the cohort of their {}{of_key}{only}, each person's clipped to {} \
             to {}.",
            words(of),
            clip.0,
            clip.1
        ),
        Kind::Ratio { of, per, clip } => format!(
            "{}{of_key}{only} of all people of the cohort ÷ their {}, of sessions in which the former \
             {} known; a person with more than {clip} {} counts as with {clip}.",
            capitalised(words(of)),
            words(per),
            if of == per { "are" } else { "is" },
            per.unit()
        ),
        Kind::Lift if measure.is_by_term() => {
            "Share of the term among all that is counted of the competency's terms in its \
             sessions ÷ its share among all that is counted of the same terms anywhere."
                .to_owned()
        }
        Kind::Lift => "Share ÷ the share in the whole organisation.".to_owned(),
        Kind::Rise => "Share less that of the same row in the period before.".to_owned(),
        Kind::LogOdds => "How far the odds of the key are from those in the rest of the \
                          organisation, in standard deviations (log-odds with an informative \
                          Dirichlet prior: the organisation's shares × 100)."
            .to_owned(),
        Kind::Trend => "Whether the change of the share stands out among those of the same \
                        people in this release: rising, falling, or steady (Benjamini and Hochberg, \
                        false discovery rate 5 %)."
            .to_owned(),
        _ => String::new(),
    }
}

/// Of what assessments and outcomes say.
fn of_people(project: &Project, measure: &Measure, statistic: &Statistic) -> String {
    let of_sessions = matches!(statistic.kind, Kind::Focus { .. });
    let raters = match measure.cohort {
        _ if of_sessions => "",
        Cohort::Paired if measure.dimensions.contains(&Dimension::RaterGroup) => "",
        Cohort::Asked | Cohort::Rated | Cohort::Outcome | Cohort::Arms => "",
        _ => " Of the manager's rating, else the person's own.",
    };
    let keys = if of_sessions {
        String::new()
    } else {
        format!(" Each person counts under {}.", most_keys(measure))
    };
    let text = match statistic.kind {
        Kind::MeanOf(value) => format!(
            "Mean over the {} of their {}.",
            whom(measure, statistic),
            value_words(value)
        ),
        Kind::Count(Condition::Flag(value)) => {
            format!(
                "People of the cohort {}.",
                holds_flag(project, measure, value)
            )
        }
        Kind::Share(Condition::Flag(value)) => {
            format!(
                "Share of the cohort's people {}.",
                holds_flag(project, measure, value)
            )
        }
        Kind::Count(_) => {
            "People of the cohort who went from the one band to the other.".to_owned()
        }
        Kind::Share(_) => {
            "Share of the cohort's people who went from the one band to the other.".to_owned()
        }
        Kind::Gap => "Target less mean level (mean less target, where less is better): above 0 \
                      where the cohort falls short."
            .to_owned(),
        Kind::Change => "Mean of follow-up − baseline.".to_owned(),
        Kind::EffectSize => "Hedges' g: mean change ÷ the standard deviation of baseline and \
                             follow-up (root of their mean variance), corrected for small groups."
            .to_owned(),
        Kind::Difference(value) => format!(
            "Over the cohort's people the mean of their {}, less that of the people of the other \
             cohort: a difference, not an effect.",
            value_words(value)
        ),
        Kind::Effect => {
            "Mean change of the metric from the period before the programme started to \
                         this one, of its people with a value in both, less that of the people of \
                         the comparison: difference-in-differences."
                .to_owned()
        }
        Kind::ShareOfPeople => "People of the cohort at the target ÷ all people of the unit, \
                                assessed or not."
            .to_owned(),
        Kind::Focus { clip } => format!(
            "Minutes of the competency (of all targets in `(all)`) ÷ all minutes of the unit's \
             coachees; a session's minutes are shared out over its competencies; a person with \
             more than {clip} minutes counts as with {clip}."
        ),
        Kind::Tipping => "Whether the share at the target has reached the tipping point: reached \
                          if its interval is above, below if it is below, else uncertain."
            .to_owned(),
        Kind::Pace => "Growth of the share at the target a year, at its present height: weighted \
                       least squares on the logit of the released shares."
            .to_owned(),
        Kind::ReachedBy => {
            "The day on which the share at the target reaches the tipping point, if \
                            it goes on so."
                .to_owned()
        }
        _ => String::new(),
    };
    format!("{text}{raters}{keys}")
}

/// How many keys one person counts under.
fn most_keys(measure: &Measure) -> String {
    match measure.max_cells {
        1 => "one key".to_owned(),
        most => format!("at most {most} keys"),
    }
}

fn whom(measure: &Measure, statistic: &Statistic) -> String {
    match measure.cohort.other() {
        Some(other) if statistic.of_other => {
            format!("people of the other cohort ({})", other.replace('_', " "))
        }
        _ => "cohort's people".to_owned(),
    }
}

fn value_words(value: Value) -> &'static str {
    match value {
        Value::Baseline => "score at the baseline",
        Value::FollowUp => "score at the follow-up",
        Value::Gain => "follow-up − baseline",
        Value::Level => "score in the last wave",
        Value::Outcome => "mean of the metric in the span, clipped",
        Value::Answer => "answer",
        Value::SelfOtherGap => "own score less the mean of the others'",
        Value::Agreement => "raters' agreement r_wg (James, Demaree and Wolf 1984)",
        Value::Since(_) => "change since the programme started",
        Value::Beyond => "mean of the metric above its clip",
        Value::Improved | Value::Declined | Value::AtTarget | Value::TopBox => "flag",
    }
}

fn holds_flag(project: &Project, measure: &Measure, value: Value) -> String {
    let norms = || {
        let one = instrument(project, measure);
        let of = one.and_then(|one| Some((one.norm_sd?, one.reliability?)));
        of.map_or_else(String::new, |(sd, r)| {
            format!(" (norm SD {sd}, reliability {r})")
        })
    };
    match value {
        Value::Improved => format!(
            "who improved reliably: by more than 1.96 standard errors of a difference{}",
            norms()
        ),
        Value::Declined => format!(
            "who declined reliably: by more than 1.96 standard errors of a difference{}",
            norms()
        ),
        Value::AtTarget => {
            let targets = project.targets().iter().map(|target| {
                let competency = &project.framework.competencies[usize::from(target.competency)];
                format!(
                    "{} {} (weight {})",
                    competency.id, target.level, target.weight
                )
            });
            format!(
                "whose level is at the target or beyond; in `(all)` those who reached at least half \
                 of the weight of the targets that they were assessed in. Targets: {}",
                targets.collect::<Vec<_>>().join(", ")
            )
        }
        _ => "whose answer is in the top box".to_owned(),
    }
}

fn holds(measure: &Measure, condition: Condition) -> String {
    match condition {
        Condition::Row if measure.is_by_term() => {
            "in whose notes the term stands, with the competency's sessions or anywhere".to_owned()
        }
        Condition::Row if measure.is_keyed() => "with the row's key".to_owned(),
        Condition::Row | Condition::Flag(_) => "with a session".to_owned(),
        Condition::AtLeast { of, least } => format!("with at least {least} {}", words(of)),
        Condition::Within { of, per, low, high } => format!(
            "whose {} are {low} to {high} of their {}, both inclusive",
            words(of),
            words(per)
        ),
    }
}

fn words(quantity: Quantity) -> &'static str {
    match quantity {
        Quantity::Sessions => "sessions",
        Quantity::Minutes => "minutes",
        Quantity::CoachingMinutes => "minutes of coaching",
        Quantity::ProactiveSessions => "proactive sessions",
        Quantity::Cost => "cost of sessions",
    }
}

fn capitalised(text: &str) -> String {
    let mut chars = text.chars();
    let first = chars.next().into_iter().flat_map(char::to_uppercase);
    first.chain(chars).collect()
}

/// The unit of a statistic.
pub(super) fn unit(project: &Project, measure: &Measure, statistic: &Statistic) -> String {
    let of_scale = || match measure.cohort {
        Cohort::Outcome | Cohort::Arms => "the metric's".to_owned(),
        Cohort::Asked => "points".to_owned(),
        _ => instrument(project, measure).map_or_else(
            || "points".to_owned(),
            |one| format!("points of {}", one.label.id),
        ),
    };
    let text = match statistic.kind {
        Kind::Count(_) => "people",
        Kind::Mean { of, .. } => of.unit(),
        Kind::MeanOf(Value::Agreement) => "agreement",
        Kind::MeanOf(_) | Kind::Gap | Kind::Change | Kind::Difference(_) | Kind::Effect => {
            return of_scale();
        }
        Kind::EffectSize | Kind::LogOdds => "standard deviations",
        Kind::Pace => "share a year",
        Kind::ReachedBy => "day",
        Kind::Tipping | Kind::Trend => "word",
        Kind::Lift => "times",
        Kind::Share(_)
        | Kind::Ratio { .. }
        | Kind::ShareOfPeople
        | Kind::Focus { .. }
        | Kind::Rise => "share",
    };
    text.to_owned()
}
