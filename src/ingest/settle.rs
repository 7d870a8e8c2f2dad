//! The rows of a part, put together: duplicates taken out, sorted, and counted.

use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::{Mutex, MutexGuard, PoisonError};

use rayon::prelude::*;

use super::Said;
use super::batch::Pool;
use super::chunk::{Block, Columns, ROWS, Small, Wide, of_day, of_modes};
use super::context::Context;
use super::dates::month_of;
use super::days::Days;
use super::error::IngestError;
use super::key::Domain;
use super::parts::{PARTS, part_of};
use super::report::{Fault, Reason, Reject};
use super::sessions::{COACHEE, Names};
use super::shelf::{Room, Shelf};

/// Stands for whoever is nobody's number.
const NOBODY: u32 = u32::MAX;

/// 2000-01-01, and days from then on that most rows are of.
const USUAL: i32 = 10_957;
const MANY: usize = 1 << 15;

/// How many rows are of each day.
#[derive(Debug, Default, PartialEq)]
pub(super) struct ByDay {
    /// From [`USUAL`] on.
    usual: Vec<u64>,
    /// All others, for a date may be as far away as a typing error.
    others: BTreeMap<i32, u64>,
}

impl ByDay {
    fn add(&mut self, day: i32, rows: u64) {
        let place = day.checked_sub(USUAL).map(usize::try_from);
        if let Some(Ok(place)) = place
            && place < MANY
        {
            if self.usual.len() <= place {
                self.usual.resize(place + 1, 0);
            }
            self.usual[place] += rows;
        } else {
            *self.others.entry(day).or_default() += rows;
        }
    }

    /// In their order, those alone that have rows.
    pub(super) fn all(&self) -> Vec<(i32, u64)> {
        let usual = (USUAL..).zip(self.usual.iter().copied());
        let others = self.others.iter().map(|(day, rows)| (*day, *rows));
        let mut all: Vec<_> = usual.filter(|(_, rows)| *rows > 0).chain(others).collect();
        all.sort_unstable();
        all
    }
}

/// What became of the rows, over some parts.
#[derive(Debug, Default, PartialEq)]
pub(super) struct Settled {
    /// By file: accepted rows, and duplicates.
    pub(super) files: Vec<(u64, u64)>,
    /// Accepted rows by day.
    pub(super) days: ByDay,
    pub(super) unknown_themes: u64,
    /// By theme: accepted rows whose note is about it, up to the last that has some.
    in_notes: Vec<u64>,
    pub(super) said: Said,
}

impl Settled {
    /// One more of a file: accepted, or a duplicate.
    fn file(&mut self, file: u32, accepted: bool) {
        let file = file as usize;
        if self.files.len() <= file {
            self.files.resize(file + 1, (0, 0));
        }
        let (accepted_rows, duplicates) = &mut self.files[file];
        *if accepted { accepted_rows } else { duplicates } += 1;
    }

    /// Counts rows as duplicates; they are sound no more.
    fn leave_out(&mut self, duplicates: &[(u64, u32)], rows: &mut Columns) {
        for (_, at) in duplicates {
            self.file(rows.small(Small::File)[*at as usize], false);
            rows.small_mut(Small::Minutes)[*at as usize] = 0;
        }
    }

    /// Counts the rows that are still sound when duplicates are not.
    fn accept(&mut self, rows: &Columns, tagged: &Pool<u16>) {
        let minutes = rows.small(Small::Minutes);
        let sound = |column: Small| {
            let said = minutes.iter().zip(rows.small(column));
            said.filter(|(minutes, _)| **minutes > 0)
                .map(|(_, said)| *said)
        };
        let said = |column: Small| sound(column).filter(|said| *said > 0).count();
        sound(Small::File).for_each(|file| self.file(file, true));
        sound(Small::Held).for_each(|held| self.days.add(of_day(held), 1));
        self.unknown_themes += sound(Small::UnknownThemes).map(u64::from).sum::<u64>();
        let has_trigger = |modes: &u32| of_modes(*modes).1.is_some();
        self.said.trigger += sound(Small::Modes).filter(has_trigger).count();
        self.said.coaching += said(Small::Coaching);
        self.said.format += said(Small::Format);
        self.said.cost += said(Small::Cost);
        for list in sound(Small::Tagged).filter_map(|number| number.checked_sub(1)) {
            let themes = tagged.list(list);
            self.said.note += 1;
            self.said.theme_in_note += usize::from(!themes.is_empty());
            for theme in themes {
                at_least(&mut self.in_notes, usize::from(*theme) + 1);
                self.in_notes[usize::from(*theme)] += 1;
            }
        }
    }

    /// By theme, of so many: accepted rows whose note is about it.
    pub(super) fn themes_in_notes(&self, themes: usize) -> Vec<u64> {
        let mut counts = self.in_notes.clone();
        counts.resize(themes, 0);
        counts
    }

    fn merge(mut self, other: Self) -> Self {
        if self.files.len() < other.files.len() {
            self.files.resize(other.files.len(), (0, 0));
        }
        for (day, rows) in other.days.all() {
            self.days.add(day, rows);
        }
        for (mine, theirs) in self.files.iter_mut().zip(other.files) {
            *mine = (mine.0 + theirs.0, mine.1 + theirs.1);
        }
        self.unknown_themes += other.unknown_themes;
        self.said.coaching += other.said.coaching;
        self.said.trigger += other.said.trigger;
        self.said.format += other.said.format;
        self.said.cost += other.said.cost;
        self.said.note += other.said.note;
        self.said.theme_in_note += other.said.theme_in_note;
        at_least(&mut self.in_notes, other.in_notes.len());
        for (mine, theirs) in self.in_notes.iter_mut().zip(other.in_notes) {
            *mine += theirs;
        }
        self
    }
}

/// Makes counts at least so many.
fn at_least(counts: &mut Vec<u64>, length: usize) {
    counts.resize(counts.len().max(length), 0);
}

/// What is kept of a part of the people.
#[derive(Debug, Default)]
pub(super) struct Part {
    /// Without a people source: pseudonyms, ascending.
    pub(super) persons: Vec<u128>,
    /// Accepted rows of the periods that are wanted, person by person in the order
    /// of pseudonyms, and then by id.
    pub(super) rows: Shelf,
    /// By window of coaches: person and coach by number, person by person.
    pub(super) coaches: Vec<Vec<(u32, u32)>>,
}

/// What became of the rows of all parts.
type All = (Vec<Part>, Settled, Vec<Reject>);

/// Settles all parts. `raters`: person, coach by number, and month.
pub(super) fn settle(
    context: &Context<'_>,
    room: &Room,
    names: &Names,
    shelves: Vec<Shelf>,
    raters: Vec<(u128, u32, i32)>,
) -> Result<All, IngestError> {
    let mut rated = vec![Vec::new(); PARTS];
    for one in raters {
        rated[part_of(one.0)].push(one);
    }
    let parts: Vec<_> = (0..PARTS).zip(shelves.into_iter().zip(rated)).collect();
    let shared = Shared {
        context,
        room,
        names,
        scratch: Mutex::default(),
    };
    let progress = context.progress();
    progress.begin("duplicates", PARTS as u64);
    let one = |(number, (shelf, rated))| {
        let part = shared.part(number, shelf, rated);
        progress.add(1);
        part
    };
    let parts = parts.into_par_iter().with_max_len(1).map(one);
    let parts = parts.collect::<Result<Vec<_>, IngestError>>();
    progress.end();
    let parts = parts?;
    let (mut kept, mut all, mut rejects) = (Vec::new(), Settled::default(), Vec::new());
    for (part, settled, rejected) in parts {
        kept.push(part);
        all = all.merge(settled);
        rejects.extend(rejected);
    }
    Ok((kept, all, rejects))
}

/// What all parts are settled with.
struct Shared<'a> {
    context: &'a Context<'a>,
    room: &'a Room,
    names: &'a Names,
    /// What threads use again.
    scratch: Mutex<Vec<Scratch>>,
}

/// Memory for the rows of a part: as they were read, and person by person.
#[derive(Default)]
struct Scratch {
    read: Columns,
    rows: Columns,
}

impl Shared<'_> {
    fn scratch(&self) -> MutexGuard<'_, Vec<Scratch>> {
        self.scratch.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn part(
        &self,
        number: usize,
        mut shelf: Shelf,
        rated: Vec<(u128, u32, i32)>,
    ) -> Result<(Part, Settled, Vec<Reject>), IngestError> {
        let (context, room) = (self.context, self.room);
        if u32::try_from(shelf.rows()).is_err() {
            return Err(IngestError::Path {
                table: "sessions",
                path: context.project.sources.sessions.paths.join(", "),
                problem: "has more rows of some people than can be counted",
            });
        }
        let mut scratch = self.scratch().pop().unwrap_or_default();
        let Scratch { read, rows } = &mut scratch;
        read.clear();
        shelf.each(room, |chunk| read.add(chunk))?;
        shelf.clear(room);
        let mut days = Days::new(context);
        let who = Who::new(context, number, read, rated);
        let rejects = unplaced(context, &mut days, &who, read);
        let (ends, order) = by_person(&who.numbers, who.people);
        rows.take(&order, read);
        let mut part = Part {
            coaches: vec![Vec::new(); context.windows().len()],
            ..Part::default()
        };
        let mut settled = Settled::default();
        let (mut start, mut rated) = (0, &who.rated[..]);
        let (mut ids, mut kept, mut coached) = (Vec::new(), Vec::new(), Vec::new());
        #[cfg(flawed)]
        let mut anybodys = std::collections::HashSet::new();
        for (person, &end) in (0..).zip(&ends) {
            let ratings = rated.partition_point(|(rated, ..)| *rated == person);
            let mine = &rated[..ratings];
            rated = &rated[ratings..];
            let met = (&*rows, start..end);
            coaches(context, met, mine, person, &mut part.coaches, &mut coached);
            self.by_id(rows, start..end, &mut ids);
            start = end;
            for same in ids.chunk_by(|a, b| a.0 == b.0) {
                settled.leave_out(&same[1..], rows);
                let (_, first) = same[0];
                flaw!(ids_of_all => if !anybodys.insert(same[0].0) {
                    continue;
                });
                let held = of_day(rows.small(Small::Held)[first as usize]);
                if days.of(held).wanted {
                    kept.push((person, first));
                }
            }
        }
        let mut block = Block::new();
        for chunk in kept.chunks(ROWS) {
            block.settled(chunk, rows);
            part.rows.put(chunk.len(), block.pack(), room)?;
        }
        settled.accept(rows, &self.names.lists.tagged);
        part.persons = who.persons;
        self.scratch().push(scratch);
        Ok((part, settled, rejects))
    }

    /// A person's sound rows by the hash of their id, those of one id in the order
    /// in which they count: the latest, then that of the smallest content hash.
    fn by_id(&self, rows: &Columns, places: Range<u32>, ids: &mut Vec<(u64, u32)>) {
        let sound = |at: &u32| rows.small(Small::Minutes)[*at as usize] > 0;
        let id = |at: u32| (rows.wide(Wide::Id)[at as usize], at);
        ids.clear();
        ids.extend(places.filter(sound).map(id));
        ids.sort_unstable();
        for same in ids.chunk_by_mut(|a, b| a.0 == b.0) {
            if same.len() > 1 {
                same.sort_by_cached_key(|(_, at)| {
                    let updated = rows.wide(Wide::Updated)[*at as usize] as i64;
                    let file = rows.small(Small::File)[*at as usize];
                    (Reverse(updated), self.content(rows, *at as usize), file)
                });
            }
        }
    }

    /// Keyed hash of all that a row says, but for its ids.
    fn content(&self, rows: &Columns, at: usize) -> u64 {
        let small = |column: Small| rows.small(column)[at];
        let coach = self.names.coaches[small(Small::Coach) as usize - 1];
        let lists = &self.names.lists;
        let competencies = lists.competencies.list(small(Small::Competencies));
        let themes = lists.themes.list(small(Small::Themes));
        let theme = |theme: &Option<u16>| theme.map_or(0, |code| 1 + u32::from(code));
        // Told apart from what coaches listed; without a note, nothing.
        let note = small(Small::Tagged).checked_sub(1);
        let note = note.map(|list| lists.tagged.list(list).iter());
        let note = note.into_iter().flat_map(|themes| {
            std::iter::once(u32::MAX).chain(themes.map(|code| u32::from(*code)))
        });
        let numbers = [
            small(Small::Held),
            small(Small::Minutes),
            small(Small::Coaching),
            small(Small::Cost),
            small(Small::Format),
            small(Small::UnknownThemes),
            small(Small::Modes),
            competencies.len() as u32,
        ];
        let heard = small(Small::Heard).checked_sub(1);
        let heard = heard.map(|number| lists.heard.hash(number));
        let numbers = numbers.into_iter();
        let numbers = numbers
            .chain(competencies.iter().map(|code| u32::from(*code)))
            .chain(themes.iter().map(theme))
            .chain(note);
        let wide = [coach, rows.wide(Wide::Updated)[at]].into_iter();
        let wide = wide.chain(heard);
        let said: Vec<u8> = wide
            .flat_map(u64::to_le_bytes)
            .chain(numbers.flat_map(u32::to_le_bytes))
            .collect();
        self.context.hash(Domain::Content, &said)
    }
}

/// Who rows of a part are about.
struct Who {
    /// Without a people source: pseudonyms, ascending.
    persons: Vec<u128>,
    /// The number of the part's first person, if people are known.
    first: Option<u32>,
    /// How many people the part has.
    people: usize,
    /// By row: the person's number within the part, or [`NOBODY`].
    numbers: Vec<u32>,
    /// Ascending: person and coach by number, and month.
    rated: Vec<(u32, u32, i32)>,
}

impl Who {
    fn new(
        context: &Context<'_>,
        number: usize,
        rows: &Columns,
        rated: Vec<(u128, u32, i32)>,
    ) -> Self {
        let all = (0..rows.len()).map(|at| rows.person(at));
        let mut persons: Vec<u128> = Vec::new();
        let known = context.people.of_part(number);
        if known.is_none() {
            persons.extend(all.clone().chain(rated.iter().map(|one| one.0)));
            persons.sort_unstable();
            persons.dedup();
        }
        let number = |person: u128| match known {
            Some((first, _)) => Some(context.people.number(person)? - first),
            None => Some(persons.binary_search(&person).ok()? as u32),
        };
        let numbers = all.map(|person| number(person).unwrap_or(NOBODY)).collect();
        let rated = rated.into_iter();
        let rated =
            rated.filter_map(|(person, coach, month)| Some((number(person)?, coach, month)));
        let mut rated: Vec<_> = rated.collect();
        rated.sort_unstable();
        Self {
            first: known.map(|(first, _)| first),
            people: known.map_or(persons.len(), |(_, persons)| persons.len()),
            persons,
            numbers,
            rated,
        }
    }
}

/// Rows of people of whom nobody knows where they belong on the row's day. They are
/// sound no more, and tell who coached whom alone.
fn unplaced(
    context: &Context<'_>,
    days: &mut Days<'_>,
    who: &Who,
    rows: &mut Columns,
) -> Vec<Reject> {
    let mut rejects = Vec::new();
    let Some(first) = who.first else {
        // Without people everybody has a place: the root.
        return rejects;
    };
    for (at, number) in who.numbers.iter().enumerate() {
        if rows.small(Small::Minutes)[at] == 0 {
            continue;
        }
        let day = days.of(of_day(rows.small(Small::Held)[at]));
        let place = |number: u32| context.people.place_of(first + number, &day.standing);
        if *number != NOBODY && place(*number).is_some() {
            continue;
        }
        rejects.push(Reject {
            file: rows.small(Small::File)[at],
            row: rows.row(at),
            fault: Fault::at(COACHEE, Reason::NoPerson),
        });
        rows.small_mut(Small::Minutes)[at] = 0;
    }
    rejects
}

/// The rows' places, person by person; and where each person's end.
fn by_person(numbers: &[u32], people: usize) -> (Vec<u32>, Vec<u32>) {
    let mut next = vec![0_u32; people + 1];
    let somebodys = (0..).zip(numbers).filter(|(_, number)| **number != NOBODY);
    for (_, number) in somebodys.clone() {
        next[*number as usize + 1] += 1;
    }
    for person in 0..people {
        next[person + 1] += next[person];
    }
    let mut order = vec![0; next[people] as usize];
    for (at, number) in somebodys {
        let next = &mut next[*number as usize];
        order[*next as usize] = at;
        *next += 1;
    }
    next.truncate(people);
    (next, order)
}

/// Who coached or rated a person, window by window: each once.
fn coaches(
    context: &Context<'_>,
    (rows, places): (&Columns, Range<u32>),
    ratings: &[(u32, u32, i32)],
    person: u32,
    all: &mut [Vec<(u32, u32)>],
    mine: &mut Vec<u32>,
) {
    for (&(first, last), known) in context.windows().iter().zip(all) {
        let met = places.clone().filter(|at| {
            let held = of_day(rows.small(Small::Held)[*at as usize]);
            (first..=last).contains(&held)
        });
        mine.extend(met.map(|at| rows.small(Small::Coach)[at as usize]));
        if !ratings.is_empty() {
            let months = month_of(first)..=month_of(last);
            let rated = ratings.iter().filter(|(.., month)| months.contains(month));
            mine.extend(rated.map(|(_, coach, _)| *coach));
        }
        mine.sort_unstable();
        mine.dedup();
        known.extend(mine.drain(..).map(|coach| (person, coach)));
    }
}
