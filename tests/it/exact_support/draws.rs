//! Releases drawn as `run` draws them, with their numbers before anything is
//! masked.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use lodestar::calendar::Period;
use lodestar::config::Project;
use lodestar::ingest::{self, Intake, Org, Request};
use lodestar::measure::code::Codes;
use lodestar::pipeline::{self, Run, RunError, Told};
use lodestar::schedule::Window;
use lodestar_privacy::ledger::Records;
use lodestar_privacy::noisy::Noisy;
use lodestar_privacy::parts::{PARTS, part_of};
use lodestar_privacy::rehearsal::{Rehearsal, Script};
use lodestar_privacy::release::release;
use lodestar_privacy::tally::Tally;
use lodestar_privacy::{Public, Secret};
use tempfile::TempDir;

use super::SECRET;
use super::project::keep_secret;
use super::published::Manifest;

/// From `first` to `last`.
pub(crate) fn periods(project: &Project) -> Vec<Period> {
    let all = std::iter::successors(Some(project.calendar.first), |period| Some(period.next()));
    all.take_while(|period| Some(*period) <= project.calendar.last)
        .collect()
}

/// The same project with nothing released yet, in folders of its own.
pub(crate) fn fresh(project: &Project) -> (TempDir, Project) {
    let folder = tempfile::tempdir().unwrap();
    let project = Project {
        state: folder.path().join("state"),
        publish: folder.path().join("published"),
        ..project.clone()
    };
    keep_secret(&project.state);
    (folder, project)
}

/// A project's inputs, read once: with one secret they are the same for all
/// draws.
pub(crate) struct Inputs {
    pub(crate) org: Org,
    pub(crate) intake: Intake,
}

impl Inputs {
    pub(crate) fn read(project: &Project) -> Self {
        let (_folder, project) = fresh(project);
        let org = Org::load(&project).unwrap();
        let key = Run::open(&project).unwrap().key();
        let (spans, earlier) = pipeline::wanted(&project, &org, &periods(&project));
        let request = Request {
            periods: &spans,
            outcome_spans: &earlier,
            ..Request::default()
        };
        let intake = ingest::read(&project, &org, &key, &request).unwrap();
        assert!(intake.refusal(&project).is_none());
        Self { org, intake }
    }
}

/// What a period's releases are drawn from again and again, declared as if nothing had
/// been released yet.
pub(crate) fn rehearsal(project: &Project, inputs: &Inputs, period: Period) -> (Rehearsal, Script) {
    let Inputs { org, intake } = inputs;
    let window = Window::of(project, org, &Records::default(), &period).unwrap();
    let owed = window.owed().unwrap();
    let mut periods = window.periods.into_iter();
    let (_, public, _) = periods.find(|(mine, ..)| *mine == period).unwrap();
    let script = Script::new(public.clone(), &owed).unwrap();
    let secret = Secret::new(SECRET);
    let tally = pipeline::count(project, &secret, org, public, &period, intake);
    (Rehearsal::new(tally.unwrap()).unwrap(), script)
}

/// A release before anything is masked.
pub(crate) struct Drawn {
    pub(crate) noisy: Noisy,
    pub(crate) public: Public,
    /// What its manifest says.
    pub(crate) manifest: Manifest,
}

/// What was coded of a project's inputs, by period: with one secret it is the
/// same for all draws.
#[derive(Default)]
pub(crate) struct Coded(Mutex<BTreeMap<String, Arc<People>>>);

/// What is told of each person, in the order of pseudonyms.
type People = Vec<(u128, Said)>;

/// What is told of one person.
#[derive(Default)]
struct Said(Vec<Word>);

enum Word {
    Join(usize, u32, u32),
    Enter(usize, u32),
    Touch(usize, u32, u32, Box<[i64]>),
    Say(usize, Box<[u16]>, Box<[u64]>),
    Coach(u64),
}

impl Codes for Said {
    fn join(&mut self, kind: usize, unit: u32, cell: u32) {
        self.0.push(Word::Join(kind, unit, cell));
    }

    fn enter(&mut self, kind: usize, key: u32) {
        self.0.push(Word::Enter(kind, key));
    }

    fn touch(&mut self, block: usize, within: u32, key: u32, amounts: &[i64]) {
        self.0.push(Word::Touch(block, within, key, amounts.into()));
    }

    fn say(&mut self, block: usize, sections: &[u16], words: &[u64]) {
        self.0.push(Word::Say(block, sections.into(), words.into()));
    }

    fn coached_by(&mut self, coach: u64) {
        self.0.push(Word::Coach(coach));
    }
}

impl Said {
    fn tell(&self, person: &mut impl Codes) {
        for word in &self.0 {
            match word {
                Word::Join(kind, unit, cell) => person.join(*kind, *unit, *cell),
                Word::Enter(kind, key) => person.enter(*kind, *key),
                Word::Touch(block, within, key, amounts) => {
                    person.touch(*block, *within, *key, amounts);
                }
                Word::Say(block, sections, words) => person.say(*block, sections, words),
                Word::Coach(coach) => person.coached_by(*coach),
            }
        }
    }
}

impl Coded {
    fn of(&self, period: Period, told: &Told<'_>, intake: &Intake) -> Arc<People> {
        let known = self.0.lock().unwrap().get(&period.name()).cloned();
        known.unwrap_or_else(|| {
            let mut people = People::new();
            for part in 0..PARTS {
                let done: Result<(), RunError> = told.part(intake, part, |id, teller| {
                    let mut said = Said::default();
                    teller.tell(&mut said);
                    people.push((id, said));
                    Ok(())
                });
                done.unwrap();
            }
            let people = Arc::new(people);
            let copy = Arc::clone(&people);
            self.0.lock().unwrap().insert(period.name(), copy);
            people
        })
    }
}

/// What was told of everybody, counted.
fn count(public: Public, run: &Run<'_>, people: &People) -> Tally {
    let seed = run.seed(&public);
    let tally = Tally::count(public, &seed, |part| -> Result<(), RunError> {
        let number = part.number();
        let start = people.partition_point(|(id, _)| part_of(*id) < number);
        let mut mine = people[start..]
            .iter()
            .take_while(|(id, _)| part_of(*id) == number);
        mine.try_for_each(|(id, said)| Ok(part.person(*id, |person| said.tell(person))?))
    });
    tally.unwrap()
}

/// Draws and pays for a release of every period of a fresh project, by the
/// steps of a run. Only the copying to the published side is left out.
pub(crate) fn releases(project: &Project, inputs: &Inputs) -> Vec<Drawn> {
    releases_of(project, inputs, &Coded::default())
}

/// The same of what other draws of the project have coded.
pub(crate) fn releases_of(project: &Project, inputs: &Inputs, coded: &Coded) -> Vec<Drawn> {
    let mut run = Run::open(project).unwrap();
    let one = |period: &Period| {
        let (public, grant) = run.grant(&inputs.org, period, false).unwrap();
        let told = Told::new(project, &inputs.org, &public, *period);
        let people = coded.of(*period, &told, &inputs.intake);
        let tally = count(public.clone(), &run, &people);
        let pending = release(tally, grant).unwrap();
        let (noisy, public) = (pending.noisy().unwrap().clone(), pending.public().clone());
        let released = run.commit(pending).unwrap();
        let mut files = released.files().iter();
        let manifest = files.find(|(name, _)| name == "manifest.json").unwrap();
        Drawn {
            noisy,
            public,
            manifest: Manifest::parse(&manifest.1),
        }
    };
    periods(project).iter().map(one).collect()
}
