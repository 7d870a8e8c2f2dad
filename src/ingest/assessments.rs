//! Assessments: rows → coded scores, each from its own subject's rows alone.

use std::collections::{HashMap, HashSet};

use rayon::prelude::*;

use super::batch::{Declared, Kind};
use super::cells::{Row, codes};
use super::context::Context;
use super::dates::{self, day_of};
use super::error::IngestError;
use super::facts::PeriodFacts;
use super::key::Domain;
use super::parts::of_part;
use super::report::{Fault, Reason, SourceReport};
use super::waves;
use crate::config::{Instrument, PrivacyUnit, RaterGroup, Wave};

/// The columns, in the order of the constants below.
const COLUMNS: [Declared<'_>; 9] = [
    Declared::required("subject_id", Kind::Text),
    Declared::required("competency", Kind::Text),
    Declared::required("instrument", Kind::Text),
    Declared::required("score", Kind::Number),
    Declared::required("assessed_on", Kind::Date),
    Declared::optional("wave", Kind::Text),
    Declared::optional("rater_id", Kind::Text),
    Declared::optional("rater_group", Kind::Text),
    Declared::optional("item", Kind::Text),
];
const SUBJECT: usize = 0;
const COMPETENCY: usize = 1;
const INSTRUMENT: usize = 2;
const SCORE: usize = 3;
const ASSESSED: usize = 4;
const WAVE: usize = 5;
const RATER: usize = 6;
const GROUP: usize = 7;
const ITEM: usize = 8;

/// A sound row.
#[derive(Clone, Copy, Debug)]
pub(super) struct Assessment {
    /// Pseudonym of whom the score is about.
    pub(super) person: u128,
    /// Keyed hash of all that the row says.
    pub(super) content: u64,
    /// Pseudonym, if the rater has an id.
    pub(super) rater: Option<u64>,
    /// Within the instrument's scale.
    pub(super) score: f64,
    /// Day since 1970-01-01.
    pub(super) day: i32,
    pub(super) file: u32,
    pub(super) competency: u16,
    pub(super) instrument: u16,
    /// Index in the instrument's items.
    pub(super) item: Option<u16>,
    pub(super) wave: Option<Wave>,
    pub(super) group: RaterGroup,
}

/// What tells a row from others of a person. Where each person's rows of one
/// period are protected nothing changes: the day is part of it.
type NaturalKey = (
    u128,
    u16,
    u16,
    RaterGroup,
    Option<Wave>,
    i32,
    Option<u64>,
    Option<u16>,
);

impl Assessment {
    fn key(&self) -> NaturalKey {
        (
            self.person,
            self.competency,
            self.instrument,
            self.group,
            self.wave,
            self.day,
            self.rater,
            self.item,
        )
    }
}

/// A manager or coach who rated a person in a month: person, rater, month.
pub(super) type Rated = (u128, u64, i32);

/// All accepted rows, person by person.
#[derive(Default)]
pub(super) struct Assessed {
    rows: Vec<Assessment>,
    /// Managers and coaches who rated, in all rows.
    pub(super) raters: HashSet<Rated>,
}

impl Assessed {
    /// Reads the source, if there is one and one of its files is wanted. Of rows
    /// of one natural key the one with the smallest content hash counts; only
    /// rows of one person are ever compared.
    pub(super) fn load(context: &Context<'_>) -> Result<(Self, Option<SourceReport>), IngestError> {
        let source = context.project.sources.assessments.as_ref();
        let reader = Reader::new(context);
        let parse = |cells: Row<'_>, file, raters: &mut HashSet<Rated>| {
            let row = reader.row(cells, raters)?;
            Ok(Assessment { file, ..row })
        };
        let mut raters = HashSet::new();
        let noted = |part: HashSet<Rated>| raters.extend(part);
        let Some((mut rows, mut report)) = context.rows(source, &COLUMNS, parse, noted)? else {
            return Ok((Self::default(), None));
        };
        rows.par_sort_unstable_by_key(|row| (row.key(), row.content, row.file));
        report.settle(&mut rows, |row| row.file, |a, b| a.key() == b.key());
        Ok((Self { rows, raters }, Some(report)))
    }

    /// The days of the accepted rows.
    pub(super) fn days(&self) -> impl Iterator<Item = i32> {
        self.rows.iter().map(|row| row.day)
    }

    /// How many accepted rows are of each of so many instruments.
    pub(super) fn by_instrument(&self, instruments: usize) -> Vec<u64> {
        let mut counts = vec![0; instruments];
        for row in &self.rows {
            counts[usize::from(row.instrument)] += 1;
        }
        counts
    }

    /// The rows about the people of a part.
    pub(super) fn of_part(&self, part: usize) -> OfPart<'_> {
        OfPart(&self.rows[of_part(&self.rows, part, |row| row.person)])
    }
}

/// Accepted rows about some people, person by person.
pub(super) struct OfPart<'a>(&'a [Assessment]);

impl<'a> OfPart<'a> {
    fn people(&self) -> impl Iterator<Item = &'a [Assessment]> + use<'a> {
        self.0.chunk_by(|a, b| a.person == b.person)
    }

    /// Who was assessed from one day to another: pseudonyms.
    pub(super) fn persons(&self, first: i32, last: i32) -> impl Iterator<Item = u128> + use<'a> {
        let inside = move |row: &Assessment| (first..=last).contains(&row.day);
        let people = self.people().filter(move |rows| rows.iter().any(inside));
        people.map(|rows| rows[0].person)
    }

    /// Adds what is said of the members of a period. Where each person's rows
    /// of one period are protected, rows of other periods say nothing.
    pub(super) fn add_to(
        &self,
        facts: &mut PeriodFacts,
        unit: PrivacyUnit,
        instruments: &[Instrument],
    ) {
        let span = (day_of(facts.period.start()), day_of(facts.period.end()));
        for rows in self.people() {
            let Some(member) = facts.position(rows[0].person) else {
                continue;
            };
            let scores = match unit {
                PrivacyUnit::Person => waves::scores(member, rows, span, instruments),
                PrivacyUnit::PersonPeriod => {
                    let inside = |row: &&Assessment| (span.0..=span.1).contains(&row.day);
                    let rows: Vec<Assessment> = rows.iter().filter(inside).copied().collect();
                    waves::scores(member, &rows, span, instruments)
                }
            };
            facts.pairs.extend(scores.pairs);
            facts.levels.extend(scores.levels);
            facts.answers.extend(scores.answers);
            facts.ratings.extend(scores.ratings);
        }
    }
}

/// What rows are read with.
struct Reader<'a> {
    context: &'a Context<'a>,
    competencies: HashMap<&'a str, u16>,
    instruments: HashMap<&'a str, u16>,
    /// The items of each instrument.
    items: Vec<HashMap<&'a str, u16>>,
}

impl<'a> Reader<'a> {
    fn new(context: &'a Context<'a>) -> Self {
        let project = context.project;
        let items = |instrument: &'a Instrument| codes(&instrument.items);
        Self {
            context,
            competencies: codes(&project.framework.competencies),
            instruments: codes(project.instruments.iter().map(|one| &one.label)),
            items: project.instruments.iter().map(items).collect(),
        }
    }

    /// A row, its file being the caller's, or its first fault in the order of the columns. Who rated
    /// whom is noted whatever else is wrong: more coaches only hide more.
    fn row(&self, cells: Row<'_>, raters: &mut HashSet<Rated>) -> Result<Assessment, Fault> {
        cells.batch.whole(cells.at)?;
        let context = self.context;
        let person = context.person(cells, SUBJECT);
        let day = cells.event_day(ASSESSED);
        let rater = cells.text(RATER).map(|id| id.map(|id| context.coach(id)));
        let group = cells.choice(GROUP, &RaterGroup::ALL.map(|group| (group.name(), group)));
        let group = group.map(|group| group.unwrap_or(RaterGroup::SelfRated));
        if let (Ok(person), Ok(day), Ok(Some(rater)), Ok(group)) = (person, day, rater, group)
            && matches!(group, RaterGroup::Manager | RaterGroup::Coach)
            && context.wants_coaches_of(day)
        {
            raters.insert((person, rater, dates::month_of(day)));
        }
        let person = person?;
        let competency = cells.code(COMPETENCY, &self.competencies)?;
        let instrument = cells.code(INSTRUMENT, &self.instruments)?;
        let score = score(cells, &context.project.instruments[usize::from(instrument)])?;
        let day = day?;
        let wave = cells.choice(WAVE, &Wave::ALL.map(|wave| (wave.name(), wave)))?;
        let (rater, group) = (rater?, group?);
        let item = cells.code_if_given(ITEM, &self.items[usize::from(instrument)])?;
        context.placed(person, &context.standing(day), SUBJECT)?;
        let mut row = Assessment {
            person,
            content: 0,
            rater,
            score,
            day,
            file: 0,
            competency,
            instrument,
            item,
            wave,
            group,
        };
        row.content = self.content(&row);
        Ok(row)
    }

    /// Keyed hash of all that a row says, but for whom it is about.
    fn content(&self, row: &Assessment) -> u64 {
        let mut said = Vec::with_capacity(64);
        said.extend(row.score.to_bits().to_le_bytes());
        said.extend(row.day.to_le_bytes());
        said.extend(row.competency.to_le_bytes());
        said.extend(row.instrument.to_le_bytes());
        said.extend(row.item.map_or(0, |item| 1 + u32::from(item)).to_le_bytes());
        said.push(row.wave.map_or(0, |wave| 1 + wave as u8));
        said.push(row.group as u8);
        said.extend(row.rater.iter().flat_map(|rater| rater.to_le_bytes()));
        self.context.hash(Domain::Content, &said)
    }
}

/// A score within the scale; it need not lie on a step.
fn score(cells: Row<'_>, instrument: &Instrument) -> Result<f64, Fault> {
    let score = cells
        .number(SCORE)?
        .ok_or_else(|| Fault::at(SCORE, Reason::Missing))?;
    let sound = (instrument.min..=instrument.max).contains(&score);
    if flaw!(not_a_number: sound || score.is_nan(); sound) {
        // No negative zero: it would say something else.
        Ok(score + 0.0)
    } else {
        Err(Fault::at(SCORE, Reason::Range))
    }
}
