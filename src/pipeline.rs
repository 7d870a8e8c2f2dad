//! The story of a run; the only file that names every stage.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use jiff::civil::Date;
use lodestar_privacy::bound::Seed;
use lodestar_privacy::budget::{Purpose, femto};
use lodestar_privacy::ledger::{GrantError, Ledger, LedgerError, Records, Terms};
use lodestar_privacy::parts::PARTS;
use lodestar_privacy::public::Span;
use lodestar_privacy::release::{Grant, Pending, ReleaseError, Released, release};
use lodestar_privacy::tally::{Tally, TallyError};
use lodestar_privacy::{Lock, LockError, Public, Secret};

use crate::calendar::{Period, PeriodError};
use crate::config::Project;
use crate::declare;
use crate::ingest::{self, Arms, IngestError, Intake, Key, Mine, Org, Request};
use crate::measure::code::{Beside, Coder, Codes, Scratch};
use crate::measure::family::Family;
use crate::measure::vector::Vectors;
use crate::night::Night;
use crate::progress::Progress;
use crate::publish::{self, PublishError, ReportError};
use crate::restore::{self, RestoreError};
use crate::schedule::{self, Window};
use crate::state::{State, StateError};

/// What a run is asked to do.
#[derive(Clone, Debug)]
pub struct Options {
    /// The day that the run takes place on.
    pub as_of: Date,
    /// Only this period.
    pub period: Option<String>,
    /// Release the period again, at the spare's cost.
    pub revise: bool,
    /// Stop before anything is drawn.
    pub dry_run: bool,
    /// See [`Request::memory`].
    pub memory: Option<usize>,
    /// Who waits.
    pub progress: &'static dyn Progress,
}

/// Why a run ended early. What had been published before is intact.
#[derive(Debug, thiserror::Error)]
pub enum RunError {
    /// The request makes no sense.
    #[error("{0}")]
    Usage(String),
    /// What is configured can't be released.
    #[error("{0}")]
    Configured(String),
    /// See [`PeriodError`].
    #[error(transparent)]
    Period(#[from] PeriodError),
    /// The input can't be read, or breaks too many rules.
    #[error(transparent)]
    Ingest(#[from] IngestError),
    /// A due period has no session.
    #[error(
        "{0} is due, but sessions has no accepted row in it: deliver its file, or set `first` \
         or `last` so that it is not due"
    )]
    NoRows(String),
    /// See [`GrantError`].
    #[error("{period}: {error}{next}")]
    Grant {
        /// The period that can't be paid for.
        period: String,
        /// Why.
        error: GrantError,
        /// What the next window pays for, if that is why; else nothing.
        next: String,
    },
    /// See [`LockError`].
    #[error(transparent)]
    Lock(#[from] LockError),
    /// See [`LedgerError`].
    #[error(transparent)]
    Ledger(#[from] LedgerError),
    /// See [`PublishError`].
    #[error(transparent)]
    Publish(#[from] PublishError),
    /// See [`ReportError`].
    #[error(transparent)]
    Report(#[from] ReportError),
    /// See [`RestoreError`].
    #[error(transparent)]
    Restore(#[from] RestoreError),
    /// See [`StateError`].
    #[error("{0}")]
    State(#[from] StateError),
    /// See [`TallyError`].
    #[error(transparent)]
    Tally(#[from] TallyError),
    /// See [`ReleaseError`].
    #[error(transparent)]
    Release(#[from] ReleaseError),
}

impl RunError {
    /// The program's exit code.
    pub fn exit_code(&self) -> u8 {
        match self {
            Self::Usage(_) | Self::Configured(_) | Self::Period(_) => 2,
            Self::Ingest(error) => error.exit_code(),
            Self::Restore(error) => error.exit_code(),
            Self::Report(error) => error.exit_code(),
            Self::NoRows(_) => 3,
            Self::Grant {
                error: GrantError::Budget(_),
                ..
            }
            | Self::Ledger(LedgerError::Overspent) => 4,
            Self::Lock(LockError::Held) => 5,
            Self::Ledger(LedgerError::Storage(_))
            | Self::Lock(LockError::Io(_))
            | Self::Publish(_)
            | Self::State(_) => 7,
            Self::Grant { .. } | Self::Ledger(_) => 6,
            Self::Tally(_) | Self::Release(_) => 1,
        }
    }
}

/// An open project: nobody else can run it meanwhile, and everything that was
/// paid for is published.
#[derive(Debug)]
pub struct Run<'a> {
    project: &'a Project,
    state: State,
    secret: Secret<[u8; 32]>,
    ledger: Ledger,
    /// Releases that were paid for before, and published when this was opened.
    caught_up: Vec<String>,
}

/// One night: validates what is new, releases what is due. `night` tells what
/// happened, up to the error if there is one; `status.json` says so too.
pub fn run(project: &Project, options: &Options, night: &mut Night) -> Result<(), RunError> {
    let (run, done) = match Run::open(project) {
        Ok(mut run) => {
            night.caught_up.clone_from(&run.caught_up);
            let done = run.night(options, night);
            (Some(run), done)
        }
        Err(error) => (None, Err(error)),
    };
    night.end(&done);
    // Whoever holds the lock says how the project stands; a refused command line nothing.
    let says_nothing = |error: &RunError| {
        use RunError::{Lock, Period, Usage};
        matches!(error, Lock(_) | Period(_) | Usage(_))
    };
    if !done.as_ref().is_err_and(says_nothing) {
        let records = run.as_ref().map(|run| run.ledger.records());
        let status = night.status(project, records, options.as_of)?;
        status.store(&State::open(&project.state)?)?;
    }
    done
}

impl<'a> Run<'a> {
    /// Takes the lock, opens the ledger, publishes what a crash left unpublished.
    pub fn open(project: &'a Project) -> Result<Self, RunError> {
        let state = State::open(&project.state)?;
        let lock = Lock::take(state.folder())?;
        state.tidy()?;
        let published = publish::published(&project.publish)?;
        Records::inspect(state.folder())?.know_all(&published)?;
        let ledger = Ledger::open(state.folder(), &terms(project), lock)?;
        let secret = state.secret()?;
        let mut run = Self {
            project,
            state,
            secret,
            ledger,
            caught_up: Vec::new(),
        };
        run.catch_up()?;
        Ok(run)
    }

    fn catch_up(&mut self) -> Result<(), RunError> {
        flaw!(drawn_anew => return Ok(()));
        let (folder, charges) = (&self.project.publish, &self.ledger.records().charges);
        let missing = publish::missing(folder, charges);
        if !missing.is_empty() || !publish::current_holds(folder, charges) {
            publish::publish_all(&self.ledger.released()?, folder)?;
        }
        self.caught_up = missing;
        Ok(())
    }

    fn night(&mut self, options: &Options, night: &mut Night) -> Result<(), RunError> {
        let due = self.due(options)?;
        let looked = night.look(&self.state, self.project);
        // No input helps a window that can't pay for a revision: that comes first.
        let first = due.first().filter(|_| options.revise);
        let revised = first.map(|period| {
            let org = Org::load(self.project)?;
            let granted = self.grant(&org, period, true)?;
            Ok::<_, RunError>((org, granted))
        });
        let revised = revised.transpose()?;
        looked?;
        if due.is_empty() && night.quiet {
            return Ok(());
        }
        // Rows are coded by the org that the grant is for.
        let (org, mut granted) = match revised {
            Some((org, granted)) => (org, Some(granted)),
            None => (Org::load(self.project)?, None),
        };
        let intake = self.take_in(&org, &due, options, night)?;
        for period in &due {
            if intake.sessions_in(period) == 0 {
                return Err(RunError::NoRows(period.name()));
            }
            let (public, grant) = match granted.take() {
                Some(granted) => granted,
                None => self.grant(&org, period, options.revise)?,
            };
            let window = &public.period.window;
            if options.revise && !self.ledger.records().spent(window).spare_used {
                night.spare_of = Some(window.clone());
            }
            let tally = self.tally(&org, public, period, &intake)?;
            if options.dry_run {
                night.would_release(*period);
                continue;
            }
            let pending = release(tally, grant)?;
            let released = self.commit(pending)?;
            may_fail!(paid);
            night.paid(&intake, *period);
            night.seen.store(&self.state)?;
            let folder = self.publish(&released)?;
            may_fail!(published);
            night.released(&released, folder);
        }
        Ok(())
    }

    /// The periods to be released, oldest first.
    fn due(&self, options: &Options) -> Result<Vec<Period>, RunError> {
        let calendar = &self.project.calendar;
        let closed = schedule::closed(self.project, options.as_of);
        let released = self.ledger.records().released_periods();
        let is_out = |period: &Period| {
            flaw!(drawn_anew => return publish::published(&self.project.publish)
                .is_ok_and(|all| all.iter().any(|(id, _)| *id == period.name())));
            released.contains(period.name().as_str())
        };
        let Some(name) = &options.period else {
            if options.revise {
                return Err(RunError::Usage("--revise needs --period".to_owned()));
            }
            return Ok(closed
                .into_iter()
                .filter(|period| !is_out(period))
                .collect());
        };
        let period = Period::parse(name, calendar.every, calendar.year_starts)?;
        let usage = |text: String| Err(RunError::Usage(text));
        if !closed.contains(&period) {
            usage(format!(
                "{name} can't be released on {}: only periods between `first` and `last` that \
                 ended more than {} days before are",
                options.as_of, calendar.settle_days
            ))
        } else if options.revise && !is_out(&period) {
            usage(format!(
                "{name} was never released, so there is nothing to revise"
            ))
        } else if options.revise || !is_out(&period) {
            Ok(vec![period])
        } else {
            Ok(vec![])
        }
    }

    /// Reads and validates: everything if a period is due or a known file has
    /// changed, else what is new.
    fn take_in(
        &self,
        org: &Org,
        due: &[Period],
        options: &Options,
        night: &mut Night,
    ) -> Result<Intake, RunError> {
        let key = self.key();
        let only = night.only_new.as_ref().filter(|_| due.is_empty());
        let only_new = only.is_some();
        let (periods, outcome_spans) = wanted(self.project, org, due);
        let request = Request {
            periods: &periods,
            outcome_spans: &outcome_spans,
            only,
            memory: options.memory,
            progress: Some(options.progress),
        };
        let intake = ingest::read(self.project, org, &key, &request)?;
        ingest::write_quarantine(&intake, self.state.folder())?;
        night.took_in(&intake, self.ledger.records(), only_new);
        if let Some(refusal) = intake.refusal(self.project) {
            return Err(refusal.into());
        }
        night.accept();
        night.seen.store(&self.state)?;
        Ok(intake)
    }

    /// The key of the pseudonyms.
    pub fn key(&self) -> Key {
        pseudonym_key(&self.secret)
    }

    /// Declares the release and has it granted: from configuration, public
    /// files and the ledger alone.
    pub fn grant(
        &self,
        org: &Org,
        period: &Period,
        revise: bool,
    ) -> Result<(Public, Grant), RunError> {
        let records = self.ledger.records();
        let window = Window::of(self.project, org, records, period)?;
        let declared = window.periods.iter().find(|(mine, ..)| mine == period);
        let (Some((_, public, _)), Some(owed)) = (declared, window.owed()) else {
            let problem = format!("{} is not planned", period.name());
            return Err(RunError::Configured(problem));
        };
        if let Some(problem) = declare::unmeasured(public) {
            return Err(RunError::Configured(problem));
        }
        let mut public = public.clone();
        let (asked, kept) = (&self.project.privacy, &public.policy);
        if (asked.epsilon, femto(asked.delta)) != (kept.epsilon, femto(kept.delta)) {
            tracing::warn!(
                "window {} keeps ε {} and δ {:e}, which its first release fixed; the configured ε \
                 and δ apply from the next window on",
                public.period.window,
                kept.epsilon,
                kept.delta
            );
        }
        public.revision = records.next_revision(&period.name());
        public.past = publish::past(&self.ledger.released()?, &public)
            .map_err(|error| RunError::Publish(error.into()))?;
        let purpose = if flaw!(drawn_anew: public.revision > 0; revise) {
            Purpose::Revision
        } else {
            Purpose::Planned
        };
        let grant = self.ledger.grant(&public, &owed, purpose);
        let grant = grant.map_err(|error| RunError::Grant {
            period: period.name(),
            next: next(&error, window.window.next()),
            error,
        })?;
        Ok((public, grant))
    }

    /// Bounds and counts what the release describes.
    pub fn tally(
        &self,
        org: &Org,
        public: Public,
        period: &Period,
        intake: &Intake,
    ) -> Result<Tally, RunError> {
        count(self.project, &self.secret, org, public, period, intake)
    }

    /// The seed of what a release bounds people by.
    pub fn seed(&self, public: &Public) -> Seed {
        seed(&self.secret, public)
    }

    /// Encodes and pays. From here on the release's bytes are fixed.
    pub fn commit(&mut self, pending: Pending) -> Result<Released, RunError> {
        Ok(self.ledger.commit(pending.finish(publish::encode))?)
    }

    /// Publishes paid bytes, and makes `current` of all that was paid for.
    pub fn publish(&self, released: &Released) -> Result<PathBuf, RunError> {
        let all = self.ledger.released()?;
        Ok(publish::publish(released, &all, &self.project.publish)?)
    }
}

/// What the next window pays for, of a period that the one before can't pay for.
fn next(error: &GrantError, window: Period) -> String {
    match error {
        GrantError::Budget(_) => format!(
            "; the next window, {}, pays for periods from {} on",
            window.name(),
            window.start()
        ),
        _ => String::new(),
    }
}

/// Bounds and counts: the facts of the period and of the longer spans that its
/// release describes.
pub fn count(
    project: &Project,
    secret: &Secret<[u8; 32]>,
    org: &Org,
    public: Public,
    period: &Period,
    intake: &Intake,
) -> Result<Tally, RunError> {
    let seed = seed(secret, &public);
    // The tally keeps the declaration.
    let declared = public.clone();
    let told = Told::new(project, org, &declared, *period);
    let progress = intake.progress;
    progress.begin("counting", PARTS as u64);
    let tally = Tally::count(public, &seed, |part| {
        told.part(intake, part.number(), |id, teller| {
            Ok(part.person(id, |person| teller.tell(person))?)
        })?;
        progress.add(1);
        Ok(())
    });
    progress.end();
    tally.map(|tally: Tally| tally.with_words(intake.words()))
}

fn seed(secret: &Secret<[u8; 32]>, public: &Public) -> Seed {
    Seed::derive(secret, &public.period.name, public.revision)
}

/// What a release is told of people.
pub struct Told<'a> {
    project: &'a Project,
    vectors: Vectors,
    /// Each with what people of it take part in.
    spans: Vec<(Period, Arms<'a>)>,
    period: Period,
}

/// Tells all that is known of one person, span by span.
pub struct Teller<'a, 'b> {
    known: &'b [(&'b Coder<'a>, Mine<'b>)],
    scratch: &'b mut Scratch,
}

impl Teller<'_, '_> {
    /// Tells it.
    pub fn tell(self, codes: &mut impl Codes) {
        for (coder, mine) in self.known {
            coder.tell(mine, codes, self.scratch);
        }
    }
}

impl<'a> Told<'a> {
    /// Of the release that describes a period as is declared.
    pub fn new(project: &'a Project, org: &'a Org, public: &'a Public, period: Period) -> Self {
        let programmes = org.programmes();
        let vectors = declare::due_vectors(project, programmes, &period);
        let spans = declare::spans(project, &vectors, &period).into_iter();
        let arms = |(span, declared): (Period, &Span)| (span, programmes.arms(&declared.tree));
        Self {
            project,
            spans: spans.zip(&public.spans).map(arms).collect(),
            vectors,
            period,
        }
    }

    /// The people of a part, in the order of their pseudonyms.
    pub fn part(
        &self,
        intake: &Intake,
        number: usize,
        mut person: impl FnMut(u128, Teller<'_, '_>) -> Result<(), RunError>,
    ) -> Result<(), RunError> {
        let mut spans = Vec::new();
        for (span, arms) in &self.spans {
            let Some(facts) = intake.facts(number, span)? else {
                continue;
            };
            let beside = Beside {
                before: &intake.outcomes_before,
                arms,
            };
            let every = |family: &Family| declare::span(self.project, family.every, &self.period);
            let mine = |family: &Family| every(family) == *span;
            let coder = Coder::new(self.project, beside, &self.vectors, mine);
            spans.push((coder, facts));
        }
        let people = spans
            .iter()
            .map(|(coder, facts)| (coder, facts.people().peekable()));
        let mut people: Vec<_> = people.collect();
        let (mut known, mut scratch) = (Vec::new(), Scratch::default());
        loop {
            let heads = people.iter_mut().filter_map(|(_, people)| people.peek());
            let Some(next) = heads.map(|mine| mine.member.person).min() else {
                return Ok(());
            };
            known.clear();
            for (coder, people) in &mut people {
                let mine = people.next_if(|mine| mine.member.person == next);
                known.extend(mine.map(|mine| (*coder, mine)));
            }
            let (known, scratch) = (&known[..], &mut scratch);
            person(next, Teller { known, scratch })?;
        }
    }
}

/// Reads everything and tells what became of it; releases nothing.
pub fn check(
    project: &Project,
    memory: Option<usize>,
    progress: &'static dyn Progress,
) -> Result<Intake, RunError> {
    let state = State::open(&project.state)?;
    let _lock = Lock::take(state.folder())?;
    let org = Org::load(project)?;
    let secret = state.secret()?;
    let key = pseudonym_key(&secret);
    let request = Request {
        memory,
        progress: Some(progress),
        ..Request::default()
    };
    let intake = ingest::read(project, &org, &key, &request)?;
    ingest::write_quarantine(&intake, state.folder())?;
    Ok(intake)
}

/// Rebuilds a lost ledger from the folder of its releases; what it then holds.
/// `started` names the period before which nothing was released, if somebody
/// says so.
pub fn restore(
    project: &Project,
    releases: &Path,
    started: Option<&str>,
) -> Result<Records, RunError> {
    let calendar = &project.calendar;
    let parse = |name| Period::parse(name, calendar.every, calendar.year_starts);
    let first = started.map(parse).transpose()?;
    let state = State::open(&project.state)?;
    let lock = Lock::take(state.folder())?;
    let terms = terms(project);
    let found = restore::found(project, &terms, releases, first)?;
    let ledger = Ledger::restore(state.folder(), &terms, lock, releases, found, started)?;
    Ok(ledger.records().clone())
}

/// Makes the page of what is published anew, from its tables alone; whether it was
/// another.
pub fn report(project: &Project) -> Result<bool, RunError> {
    let state = State::open(&project.state)?;
    let _lock = Lock::take(state.folder())?;
    Ok(publish::refresh(&project.publish)?)
}

/// The spans whose facts the releases of some periods describe, and the earlier
/// ones whose outcomes they compare with.
pub fn wanted(project: &Project, org: &Org, due: &[Period]) -> (Vec<Period>, Vec<Period>) {
    let (mut spans, mut earlier) = (BTreeSet::new(), BTreeSet::new());
    for period in due {
        let vectors = declare::due_vectors(project, org.programmes(), period);
        spans.extend(declare::spans(project, &vectors, period));
        earlier.extend(declare::bases(&vectors));
    }
    let sorted = |all: BTreeSet<Period>| all.into_iter().collect();
    (sorted(spans), sorted(earlier))
}

/// The first half of the secret; cells are drawn with a hash of all of it.
pub(crate) fn pseudonym_key(secret: &Secret<[u8; 32]>) -> Key {
    let mut key = [0; 16];
    key.copy_from_slice(&secret.expose_private()[..16]);
    Key::new(key)
}

/// What the ledger's first entry fixes.
fn terms(project: &Project) -> Terms {
    Terms {
        organisation: project.organisation.clone(),
        unit: project.privacy.unit.name().to_owned(),
        every: project.calendar.every.name().to_owned(),
        year_starts: project.calendar.year_starts as u8,
        window: project.privacy.window.name().to_owned(),
        synthetic: project.synthetic(),
    }
}
