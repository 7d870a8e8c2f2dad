//! Accepted rows → the core's integer codes.

use lodestar_privacy::bound::Sketch;
use rayon::prelude::*;

use super::{Facts, Kind, Measure, share};
use crate::config::Framework;
use crate::ingest::{PeriodFacts, SessionFact};

/// Sessions that a task codes.
const SESSIONS_A_TASK: usize = 16_384;

/// Codes one period's facts for all measures. The result is the same for any
/// order of rows and number of threads, for sketches merge.
///
/// The coachees are in the one kind of cohort that there is; `measures` are
/// the release's blocks, in order.
pub fn sketch(
    facts: &PeriodFacts,
    empty: &Sketch,
    measures: &[Measure],
    framework: &Framework,
) -> Sketch {
    let keys: Vec<_> = measures
        .iter()
        .map(|measure| measure.keys(framework))
        .collect();
    let empty = || empty.clone();
    let person = |member: u32| facts.members[member as usize].person;
    let code = |mut sketch: Sketch, session: &SessionFact| {
        let mut codes = Vec::new();
        for (block, (measure, keys)) in measures.iter().zip(&keys).enumerate() {
            match measure.facts {
                Facts::Sessions => {
                    keys.code(
                        facts.competencies(session),
                        facts.themes(session),
                        &mut codes,
                    );
                }
            }
            let person = person(session.member);
            match measure.kind {
                Kind::Share => share::touch(&mut sketch, block, person, &codes),
            }
        }
        sketch
    };
    let sessions = facts.sessions.par_chunks(SESSIONS_A_TASK);
    let touched = sessions
        .map(|part| part.iter().fold(empty(), code))
        .reduce(empty, Sketch::merge);
    let mut members = empty();
    let coached = |member: u32| facts.members[member as usize].coached;
    for member in facts.members.iter().filter(|member| member.coached) {
        members.join(member.person, 0, member.unit);
    }
    let coaches = facts.coaches.iter().filter(|(member, _)| coached(*member));
    for &(member, coach) in coaches {
        members.coached_by(person(member), coach);
    }
    members.merge(touched)
}
