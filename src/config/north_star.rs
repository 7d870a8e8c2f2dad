//! `[north_star]`: the shared objective, as text and as levels to reach.

use super::periods::or;
use super::reader::{Field, Table};
use super::{Framework, Instrument, NorthStar, Target, framework};

/// Longest text, in characters.
const LONGEST: usize = 500;

/// The share of people who have changed at which an organisation may tip.
const TIPPING_SHARE: f64 = 0.25;

/// Reads `[north_star]`; absent: none.
pub(super) fn read(
    root: &mut Table<'_>,
    framework: &Framework,
    instruments: &[Instrument],
) -> Option<NorthStar> {
    let mut table = root.get("north_star")?.table("expected a table")?;
    let mut text = |key| {
        let field = table.get(key)?;
        let text = field.text("expected text")?;
        if text.chars().count() > LONGEST {
            let message = format!("`{}` is too long", field.name());
            field.refuse(message, format!("expected at most {LONGEST} characters"));
        } else if text.chars().any(|c| c.is_control() && c != '\n') {
            let message = format!("`{}` holds a control character", field.name());
            field.refuse(message, "expected plain text");
        }
        Some(text.to_owned())
    };
    let (r#where, how, why) = (text("where"), text("how"), text("why"));
    let tipping_share = or(table.get("tipping_share"), TIPPING_SHARE, |field| {
        let expected = "expected a share above 0 and below 1";
        field.number(expected, |share| share > 0.0 && share < 1.0)
    });
    let targets = or(table.get("targets"), Vec::new(), |field| {
        targets(field, framework, instruments)
    });
    table.finish();
    Some(NorthStar {
        r#where: r#where.unwrap_or_default(),
        how: how.unwrap_or_default(),
        why: why.unwrap_or_default(),
        tipping_share: tipping_share?,
        targets: targets?,
    })
}

/// The levels to reach, each competency once.
fn targets(
    field: &Field<'_>,
    framework: &Framework,
    instruments: &[Instrument],
) -> Option<Vec<Target>> {
    let scores: Vec<String> = instruments
        .iter()
        .map(|one| format!("{} to {} of `{}`", one.min, one.max, one.label.id))
        .collect();
    let score = match scores.as_slice() {
        [] => "expected a score, in the unit of the instrument".to_owned(),
        some => format!("expected a score of an instrument: {}", some.join(", ")),
    };
    let within = |one: &Instrument, level: f64| (one.min..=one.max).contains(&level);
    let expected = "expected a list of { competency = …, level = … }";
    let mut targets: Vec<Target> = Vec::new();
    for item in field.items(expected)? {
        let mut table = item.table(expected)?;
        let competency = table
            .require("competency", "expected the id of a competency")
            .and_then(|field| {
                let code = framework::competency(&field, framework)?;
                if targets.iter().any(|target| target.competency == code) {
                    field.refuse("this competency has a target already", "expected one");
                }
                Some(code)
            });
        let level = table.require("level", &score).and_then(|field| {
            let on_a_scale = |level| instruments.iter().any(|one| within(one, level));
            field.number(&score, |level| instruments.is_empty() || on_a_scale(level))
        });
        let weight = or(table.get("weight"), 1.0, |field| {
            field.number("expected a number above 0, at most 1e6", |weight| {
                weight > 0.0 && weight <= 1e6
            })
        });
        table.finish();
        targets.push(Target {
            competency: competency?,
            level: level?,
            weight: weight?,
        });
    }
    Some(targets)
}
