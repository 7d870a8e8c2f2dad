//! What a synthetic organisation's truth expects of statistics that compare.

use std::collections::BTreeMap;
use std::path::Path;

use jiff::civil::date;
use lodestar::config::Project;

use crate::exact_support::Table;

/// A unit, and the ids of a row's keys in a fixed order: the columns of a truth
/// are in no table's.
pub(super) type Place = (String, Vec<String>);

pub(super) fn place(unit: &str, ids: impl IntoIterator<Item = String>) -> Place {
    let mut ids: Vec<String> = ids.into_iter().collect();
    ids.sort_unstable();
    (unit.to_owned(), ids)
}

/// A statistic of a table in a span.
type Of = (String, String, String);

/// Expected numbers by statistic and row.
#[derive(Default)]
pub(super) struct Planted {
    all: BTreeMap<Of, BTreeMap<Place, f64>>,
}

/// Table, statistic, column of the expected number, columns of the keys.
const EXPECTED: [(&str, &str, &str, &[&str]); 5] = [
    (
        "competency_progress",
        "change",
        "expected_change",
        &["competency", "rater_group"],
    ),
    (
        "competency_progress",
        "hedges_g",
        "expected_hedges_g",
        &["competency", "rater_group"],
    ),
    (
        "business_outcomes",
        "difference",
        "expected_difference",
        &["metric"],
    ),
    (
        "programme_effect",
        "effect",
        "expected_effect",
        &["programme", "metric", "start_cohort", "periods_since_start"],
    ),
    (
        "theme_outcome",
        "difference",
        "expected_difference",
        &["competency", "theme"],
    ),
];

/// Competencies in which somebody gains: their themes are not alike in what
/// goes with them, as who has more sessions gains more.
const GAINING: f64 = 1e-3;

impl Planted {
    /// Of a project and the folder of its truth.
    pub(super) fn read(folder: &Path, project: &Project) -> Self {
        let mut planted = Self::default();
        let table = |name: &str| Table::read_all(&[folder.join("truth").join(name)]);
        for (name, statistic, number, keys) in EXPECTED {
            planted.add(
                &table(&format!("{name}.csv")),
                name,
                statistic,
                number,
                keys,
            );
        }
        planted.themes(&table("theme_rates.csv"));
        planted.without_gain(folder);
        planted.targets(&table("skill_gap.csv"), project);
        planted
    }

    fn put(&mut self, of: (&str, &str, &str), place: Place, expected: f64) {
        let of = (of.0.to_owned(), of.1.to_owned(), of.2.to_owned());
        self.all.entry(of).or_default().insert(place, expected);
    }

    fn add(&mut self, rows: &Table, name: &str, statistic: &str, number: &str, keys: &[&str]) {
        let at = |column: &str| rows.at(column).unwrap();
        for row in &rows.rows {
            let ids = keys.iter().map(|key| row[at(key)].clone());
            let place = place(&row[at("org_unit")], ids);
            if let Ok(expected) = row[at(number)].parse() {
                self.put((name, statistic, &row[at("period")]), place, expected);
            }
        }
    }

    /// How a share of themes compares with the organisation's and with that of the
    /// quarter before.
    fn themes(&mut self, rows: &Table) {
        let at = |column: &str| rows.at(column).unwrap();
        let mut shares: BTreeMap<String, BTreeMap<Place, f64>> = BTreeMap::new();
        for row in &rows.rows {
            let ids = ["competency", "theme"].map(|key| row[at(key)].clone());
            let place = place(&row[at("org_unit")], ids);
            if let Ok(share) = row[at("expected_share")].parse() {
                let span = row[at("period")].clone();
                shares.entry(span).or_default().insert(place, share);
            }
        }
        let mut before: Option<&BTreeMap<Place, f64>> = None;
        for (span, now) in &shares {
            for (place, share) in now {
                let whole = now[&(ORGANISATION.to_owned(), place.1.clone())];
                if place.0 != ORGANISATION {
                    let lift = share / whole;
                    self.put((THEMES, "lift", span), place.clone(), lift);
                    self.put((THEMES, "log_odds_z", span), place.clone(), lift.ln());
                }
                if let Some(before) = before {
                    let change = share - before[place];
                    self.put((THEMES, "change", span), place.clone(), change);
                    self.put((THEMES, "trend", span), place.clone(), change);
                }
            }
            before = Some(now);
        }
    }

    /// Where nobody gains, people with any theme change as others do.
    fn without_gain(&mut self, folder: &Path) {
        let rates = Table::read_all(&[folder.join("truth/theme_rates.csv")]);
        let at = |column: &str| rates.at(column).unwrap();
        let years = self.spans("theme_outcome");
        let changes = self.all.iter().filter(|(of, _)| of.1 == "change");
        let changes = changes.filter(|(of, _)| of.0 == "competency_progress");
        let gaining: Vec<String> = changes
            .flat_map(|(_, rows)| rows)
            .filter(|(place, change)| place.0 == ORGANISATION && change.abs() > GAINING)
            .flat_map(|(place, _)| place.1.clone())
            .collect();
        for row in &rates.rows {
            let (competency, theme) = (&row[at("competency")], &row[at("theme")]);
            if row[at("org_unit")] == ORGANISATION && !gaining.contains(competency) {
                for year in &years {
                    let place = place(ORGANISATION, [competency.clone(), theme.clone()]);
                    self.put(("theme_outcome", "difference", year), place, 0.0);
                }
            }
        }
    }

    /// How a share at its target stands to the share that tips, and where it is
    /// going: half-years, along a line through the logits of what is expected.
    fn targets(&mut self, rows: &Table, project: &Project) {
        let at = |column: &str| rows.at(column).unwrap();
        let north_star = project.north_star.as_ref().unwrap();
        let competencies = &project.framework.competencies;
        let has_target = |id: &str| {
            let mut targets = north_star.targets.iter();
            targets.any(|target| competencies[usize::from(target.competency)].id == id)
        };
        let mut shares: BTreeMap<Place, Vec<f64>> = BTreeMap::new();
        let mut rows = rows.rows.iter();
        while let Some(row) = rows.find(|row| has_target(&row[at("competency")])) {
            let Ok(share) = row[at("expected_share_at_target")].parse::<f64>() else {
                continue;
            };
            let place = place(&row[at("org_unit")], [row[at("competency")].clone()]);
            let so_far = shares.entry(place.clone()).or_default();
            so_far.push(share);
            let span = &row[at("period")];
            if so_far.len() >= 3 {
                let line = Line::through(so_far);
                let pace = line.slope * share * (1.0 - share);
                self.put(("north_star", "pace_per_year", span), place.clone(), pace);
                if let Some(years) = line.reaches(north_star.tipping_share) {
                    let day = last_day(span) + years * 365.2425;
                    self.put(("north_star", "reached_by", span), place.clone(), day);
                }
            }
            let above = share - north_star.tipping_share;
            self.put(("north_star", "tipping", span), place, above);
        }
    }

    fn spans(&self, table: &str) -> Vec<String> {
        let own = self.all.keys().filter(|of| of.0 == table);
        let mut spans: Vec<String> = own.map(|of| of.2.clone()).collect();
        spans.dedup();
        spans
    }

    pub(super) fn of(&self, table: &str, statistic: &str, span: &str) -> &BTreeMap<Place, f64> {
        static NOTHING: BTreeMap<Place, f64> = BTreeMap::new();
        let of = (table.to_owned(), statistic.to_owned(), span.to_owned());
        self.all.get(&of).unwrap_or(&NOTHING)
    }
}

/// A line through the logits of half-yearly shares; time is in years from the last.
struct Line {
    slope: f64,
    /// At the last.
    logit: f64,
}

impl Line {
    fn through(shares: &[f64]) -> Self {
        let middle = (shares.len() - 1) as f64 / 2.0;
        let points = (0..).zip(shares);
        let points = points.map(|(at, share)| ((f64::from(at) - middle) / 2.0, logit(*share)));
        let slope = points.clone().map(|(time, y)| time * y).sum::<f64>();
        let spread = points.clone().map(|(time, _)| time * time).sum::<f64>();
        let mean = points.map(|(_, y)| y).sum::<f64>() / shares.len() as f64;
        let slope = slope / spread;
        Self {
            slope,
            logit: mean + slope * middle / 2.0,
        }
    }

    /// In how many years it is at a share, if it is below and goes there.
    fn reaches(&self, share: f64) -> Option<f64> {
        let years = (logit(share) - self.logit) / self.slope;
        (self.slope > 0.0 && years > 0.0).then_some(years)
    }
}

fn logit(share: f64) -> f64 {
    (share / (1.0 - share)).ln()
}

/// Days from the first of 1970 to the end of a half-year.
fn last_day(half: &str) -> f64 {
    let (year, half) = half.split_once("-H").unwrap();
    let end = if half == "1" { (6, 30) } else { (12, 31) };
    let end = date(year.parse().unwrap(), end.0, end.1);
    end.duration_since(date(1970, 1, 1)).as_hours() as f64 / 24.0
}

pub(super) const ORGANISATION: &str = "Acme";
pub(super) const THEMES: &str = "theme_prevalence";

/// What is to be said of an expected number.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Claim {
    /// Nothing: there is no effect.
    None,
    /// An effect with this name, on this side.
    Effect(String, bool),
    /// An effect so small that nobody planted it.
    Slight,
}

impl Claim {
    /// Table, statistic and span; the row, and what it is set to.
    pub(super) fn of(of: (&str, &str, &str), place: &Place, expected: f64) -> Self {
        let effect = |name: &str, upwards| Self::Effect(name.to_owned(), upwards);
        let (table, statistic, span) = of;
        match (table, statistic) {
            (THEMES, "lift") => Self::of((table, "log_odds_z", span), place, expected.ln()),
            // Weights of 2 and a half; the others lose a few hundredths by it.
            (THEMES, "log_odds_z") if expected.abs() < 0.05 => Self::None,
            (THEMES, "log_odds_z") if expected > 0.4 => effect("twice the weight", true),
            (THEMES, "log_odds_z") if expected < -0.4 => effect("half the weight", false),
            (THEMES, "log_odds_z") => Self::Slight,
            (THEMES, _) if expected.abs() < 0.002 => Self::None,
            (THEMES, _) if expected > 0.01 => effect("what rises", true),
            (THEMES, _) => Self::Slight,
            ("north_star", "tipping") if expected.abs() < 0.02 => Self::Slight,
            ("north_star", _) => {
                let name = format!("{}, {span}", place.1.join(", "));
                effect(&name, expected > 0.0)
            }
            _ if expected == 0.0 => Self::None,
            ("competency_progress", _) if expected.abs() < 0.1 => Self::Slight,
            _ => effect(&place.1.join(", "), expected > 0.0),
        }
    }
}
