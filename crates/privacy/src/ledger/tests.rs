mod damage;

use super::*;
use crate::example::{self, Someone};
use crate::lock::LockError;
use crate::noisy::{Files, Noisy};
use crate::release::release;
use crate::tally::Tally;
use rusqlite::Connection;
use std::path::PathBuf;

fn terms() -> Terms {
    Terms {
        organisation: "Ro\not \u{e9}".to_owned(),
        unit: "person".to_owned(),
        every: "quarter".to_owned(),
        year_starts: 1,
        window: "year".to_owned(),
        synthetic: true,
    }
}

fn open(state: &Path) -> Result<Ledger, LedgerError> {
    Ledger::open(state, &terms(), Lock::take(state).unwrap())
}

fn encode(noisy: &Noisy, public: &Public) -> Files {
    let text = format!("{} {:?}", public.release_id(), noisy.cost);
    Files {
        manifest: text.into_bytes(),
        tables: vec![("t.parquet".to_owned(), vec![1, 2, 3])],
    }
}

fn public_of(period: &str, revision: u32) -> Public {
    let mut public = example::public();
    period.clone_into(&mut public.period.name);
    public.revision = revision;
    public
}

fn tally_of(public: &Public) -> Tally {
    let people: Vec<_> = (0..400)
        .map(|p| {
            (
                p,
                Someone {
                    leaf: 3 + (p % 4) as u32,
                    keys: vec![0],
                    coaches: vec![],
                },
            )
        })
        .collect();
    example::tally_of(public, &people).unwrap()
}

fn finished(ledger: &Ledger, public: &Public, purpose: Purpose) -> Finished {
    let periods = ["2024-Q1", "2024-Q2"].map(|name| public_of(name, 0));
    let released = ledger.records().released_periods();
    let owed: Vec<_> = periods
        .iter()
        .map(|p| (p, !released.contains(p.period.name.as_str())))
        .collect();
    let grant = ledger
        .grant(public, &Owed::new(&owed).unwrap(), purpose)
        .unwrap();
    let tally = tally_of(public);
    release(tally, grant).unwrap().finish(encode)
}

fn commit(ledger: &mut Ledger, period: &str) -> Released {
    let finished = finished(ledger, &public_of(period, 0), Purpose::Planned);
    ledger.commit(finished).unwrap()
}

fn state() -> (tempfile::TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().to_owned();
    (folder, path)
}

#[test]
fn a_release_is_stored_charged_once_and_read_back() {
    let (_folder, state) = state();
    let mut ledger = open(&state).unwrap();
    let released = commit(&mut ledger, "2024-Q1");
    assert_eq!(released.release_id(), "2024-Q1");
    drop(ledger);
    let ledger = open(&state).unwrap();
    let [stored] = &ledger.released().unwrap()[..] else {
        panic!("one release");
    };
    assert_eq!(stored.files(), released.files());
    assert!(released.drawn().is_some() && stored.drawn().is_none());
    let spent = ledger.records().spent("2024");
    assert!(spent.rho_micro > 0 && spent.delta_femto > 0 && !spent.spare_used);
    assert_eq!(ledger.records().terms, Some(terms()));
    assert_eq!(
        Records::inspect(&state).unwrap().charges,
        ledger.records().charges
    );
}

#[test]
fn a_period_is_released_once() {
    let (_folder, state) = state();
    let mut ledger = open(&state).unwrap();
    let again = finished(&ledger, &public_of("2024-Q1", 0), Purpose::Planned);
    commit(&mut ledger, "2024-Q1");
    // Even a release that was granted before the other was paid for.
    assert!(matches!(ledger.commit(again), Err(LedgerError::Refused(_))));
    assert_eq!(ledger.records().charges.len(), 1);
    let public = public_of("2024-Q1", 0);
    let owed = Owed::new(&[(&public, true)]).unwrap();
    assert!(matches!(
        ledger.grant(&public, &owed, Purpose::Planned),
        Err(GrantError::Revision)
    ));
    let skip = public_of("2024-Q1", 2);
    assert!(matches!(
        ledger.grant(&skip, &owed, Purpose::Revision),
        Err(GrantError::Revision)
    ));
    let revision = finished(&ledger, &public_of("2024-Q1", 1), Purpose::Revision);
    assert_eq!(ledger.commit(revision).unwrap().release_id(), "2024-Q1-r1");
    assert!(ledger.records().spent("2024").spare_used);
}

#[test]
fn two_grants_from_one_balance_cannot_both_be_paid_beyond_the_purse() {
    let (_folder, state) = state();
    let mut ledger = open(&state).unwrap();
    let public = public_of("2024-Q1", 0);
    // Each was granted everything that is left (nothing else is owed, no spare).
    let all = |ledger: &Ledger, public: &Public| {
        let mut allotment_all = finished(ledger, public, Purpose::Planned);
        allotment_all.grant.allotment.cells[0][0] = allotment_all.grant.purse.rho_micro / 2;
        allotment_all
    };
    let (first, second) = (
        all(&ledger, &public),
        all(&ledger, &public_of("2024-Q2", 0)),
    );
    ledger.commit(first).unwrap();
    assert!(matches!(ledger.commit(second), Err(LedgerError::Overspent)));
    assert_eq!(ledger.records().charges.len(), 1);
}

#[test]
fn a_changed_dropped_or_rolled_back_ledger_is_refused() {
    let tampers = [
        "DROP TRIGGER entries_stay; UPDATE entries SET text = replace(text, 'rho_micro=', 'rho_micro=0') WHERE seq = 2",
        "DROP TRIGGER entries_remain; DELETE FROM entries WHERE seq = 1",
        "DROP TRIGGER charges_remain; DELETE FROM charges",
        "DROP TRIGGER charges_stay; UPDATE charges SET revision = 7",
        "DROP TRIGGER entries_remain; DELETE FROM entries WHERE seq = 2",
    ];
    for tamper in tampers {
        let (_folder, state) = state();
        commit(&mut open(&state).unwrap(), "2024-Q1");
        Connection::open(state.join("ledger.sqlite"))
            .unwrap()
            .execute_batch(tamper)
            .unwrap();
        assert!(
            matches!(open(&state), Err(LedgerError::Refused(_))),
            "{tamper}"
        );
        assert!(
            matches!(Records::inspect(&state), Err(LedgerError::Refused(_))),
            "{tamper}"
        );
    }
}

#[test]
fn entries_are_append_only() {
    let (_folder, state) = state();
    commit(&mut open(&state).unwrap(), "2024-Q1");
    let connection = Connection::open(state.join("ledger.sqlite")).unwrap();
    for statement in [
        "DELETE FROM entries",
        "UPDATE entries SET text = ''",
        "DELETE FROM charges",
    ] {
        assert!(connection.execute(statement, []).is_err(), "{statement}");
    }
}

#[test]
fn changed_bytes_are_not_published() {
    let (_folder, state) = state();
    commit(&mut open(&state).unwrap(), "2024-Q1");
    let connection = Connection::open(state.join("ledger.sqlite")).unwrap();
    connection
        .execute(
            "UPDATE files SET bytes = x'00' WHERE name = 't.parquet'",
            [],
        )
        .unwrap();
    drop(connection);
    assert!(matches!(
        open(&state).unwrap().released(),
        Err(LedgerError::Refused(_))
    ));
}

#[test]
fn what_is_published_must_be_known() {
    let (_folder, state) = state();
    let mut ledger = open(&state).unwrap();
    let released = commit(&mut ledger, "2024-Q1");
    let published = ("2024-Q1".to_owned(), released.manifest_sha256());
    let records = ledger.records();
    assert!(records.know_all(std::slice::from_ref(&published)).is_ok());
    assert!(
        records
            .know_all(&[("2024-Q1".to_owned(), [0; 32])])
            .is_err()
    );
    assert!(
        records
            .know_all(&[published.clone(), ("2024-Q2".to_owned(), [0; 32])])
            .is_err()
    );
    assert!(Records::default().know_all(&[published]).is_err());
}

#[test]
fn garbage_other_terms_and_a_held_lock_are_refused() {
    let (_folder, state) = state();
    drop(open(&state).unwrap());
    let other = Terms {
        every: "month".to_owned(),
        ..terms()
    };
    let lock = Lock::take(&state).unwrap();
    assert!(matches!(Lock::take(&state), Err(LockError::Held)));
    let refused = Ledger::open(&state, &other, lock).unwrap_err();
    let said = refused.to_string();
    let differ = "begun with every quarter, the configuration says every month; these";
    assert!(
        said.contains(differ),
        "what is the same is not said: {said}"
    );
    std::fs::write(
        state.join("ledger.sqlite"),
        b"this is not a database, is it",
    )
    .unwrap();
    assert!(matches!(open(&state), Err(LedgerError::Refused(_))));
}

#[test]
fn epsilon_of_a_charged_window_stays() {
    let (_folder, state) = state();
    let mut ledger = open(&state).unwrap();
    commit(&mut ledger, "2024-Q1");
    let mut public = public_of("2024-Q2", 0);
    public.policy.epsilon = 9.0;
    let owed = Owed::new(&[(&public, true)]).unwrap();
    assert!(matches!(
        ledger.grant(&public, &owed, Purpose::Planned),
        Err(GrantError::Policy)
    ));
    assert_eq!(
        ledger.records().window_policy("2024"),
        Some((8.0, 1_000_000_000))
    );
    let kept = purse(ledger.records(), &public).unwrap();
    assert_eq!(kept.epsilon.to_bits(), 8f64.to_bits());
}

#[test]
fn a_grant_from_before_the_window_was_fixed_is_not_paid() {
    let (_folder, state) = state();
    let mut ledger = open(&state).unwrap();
    let mut generous = public_of("2024-Q2", 0);
    generous.policy.epsilon = 100.0;
    let generous = finished(&ledger, &generous, Purpose::Planned);
    commit(&mut ledger, "2024-Q1");
    assert!(matches!(
        ledger.commit(generous),
        Err(LedgerError::Overspent)
    ));
    assert_eq!(ledger.records().charges.len(), 1);
}

#[test]
fn what_was_spent_is_the_sum_of_all_charges() {
    let (_folder, state) = state();
    let mut ledger = open(&state).unwrap();
    commit(&mut ledger, "2024-Q1");
    let first = ledger.records().spent("2024");
    commit(&mut ledger, "2024-Q2");
    let [one, two] = &ledger.records().charges[..] else {
        panic!("two charges");
    };
    assert!(one.delta_femto > 0 && two.delta_femto > 0);
    assert_eq!(first.delta_femto, one.delta_femto);
    let both = ledger.records().spent("2024");
    assert_eq!(both.delta_femto, one.delta_femto + two.delta_femto);
    assert_eq!(both.rho_micro, one.rho_micro + two.rho_micro);
    let purse = purse(ledger.records(), &public_of("2024-Q1", 0)).unwrap();
    assert!(both.delta_femto <= purse.selection_femto);
}

/// Small charges until nothing is left: exactly as many are paid as fit, and none is
/// once one was refused. Two thousand, not some:
///
/// ```text
/// LODESTAR_TESTS=full cargo test -p lodestar-privacy --lib small_charges
/// ```
#[test]
fn small_charges_never_add_up_to_more_than_the_purse() {
    let (_folder, state) = state();
    let mut ledger = open(&state).unwrap();
    let many = match std::env::var("LODESTAR_TESTS") {
        Ok(asked) if asked == "full" => 2_000,
        _ => 40,
    };
    let public = public_of("2024-Q1", 0);
    let purse = purse(ledger.records(), &public).unwrap();
    let each = purse.rho_micro / many;
    let small = |ledger: &Ledger, revision: u32| {
        let mut finished = finished(ledger, &public, Purpose::Planned);
        finished.grant.public.revision = revision;
        let allotment = &mut finished.grant.allotment;
        allotment
            .selections
            .iter_mut()
            .flatten()
            .for_each(|part| *part = (0, 0));
        if revision == 0 {
            allotment.selections[0][0].1 = purse.selection_femto;
        }
        let others = allotment.sizes.iter_mut().chain(&mut allotment.cells);
        others.flatten().for_each(|rho| *rho = 0);
        allotment.cells[0][0] = each;
        finished
    };
    let all = (0..).map(|revision| small(&ledger, revision));
    let all: Vec<Finished> = all.take(many as usize + 3).collect();
    let (mut paid, mut refused) = (0, 0);
    for finished in all {
        match ledger.commit(finished) {
            Ok(_) => paid += 1,
            Err(LedgerError::Overspent) => refused += 1,
            Err(error) => panic!("{error}"),
        }
        assert!(refused == 0 || paid == purse.rho_micro / each);
    }
    assert_eq!(paid, purse.rho_micro / each);
    assert!(refused > 0 && ledger.records().spent("2024").rho_micro <= purse.rho_micro);
}
