//! The sessions of one person in one quarter.

use super::codebook::{Codebook, LISTED};
use super::rng::Draws;
use super::world::{Mix, World};

/// Thousandths of coachees with 1, 2, … sessions in a quarter.
pub(super) const SESSIONS: [u64; 5] = [120, 270, 300, 200, 110];
/// Mean number of sessions of a coachee in a quarter, in thousandths.
pub(super) const MEAN_SESSIONS_MILLI: u64 =
    SESSIONS[0] + 2 * SESSIONS[1] + 3 * SESSIONS[2] + 4 * SESSIONS[3] + 5 * SESSIONS[4];
/// Of 100 coachees with one session, how many bring 1, 2, 3 themes.
const ONE_SESSION: [u64; 3] = [20, 50, 30];
/// Of 100 coachees with more sessions, how many focus on two competencies.
const TWO_FOCUSES: u64 = 65;
/// Of 100 with one focus, how many bring 1, 2, 3 themes.
const ONE_FOCUS: [u64; 3] = [0, 25, 75];
/// Of 100 with two focuses, how many bring 3, 4, 5 themes.
const BOTH_FOCUSES: [u64; 3] = [20, 55, 25];
/// Of 100 sessions, how many come back to a theme of the agenda, if there is
/// room; and how many touch on a theme that the competency doesn't list.
const COME_BACK: u64 = 25;
const OFF_LIST: u64 = 4;
/// Lengths in minutes, and their shares.
const MINUTES: ([u16; 4], [u64; 4]) = ([30, 45, 60, 90], [15, 25, 50, 10]);
/// Of 100 sessions, how many are mentoring, and how many proactive.
const MENTORING: u64 = 20;
const PROACTIVE: u64 = 65;
/// Most themes of a session.
const THEMES: usize = 3;

/// Expected number of (competency, theme) pairs in a quarter of a coachee with
/// one session, and of one with more, in millionths: from the tables above.
pub(super) const KEYS_OF_ONE_PPM: u64 = mean(ONE_SESSION, 1) * 10_000;
pub(super) const KEYS_OF_MORE_PPM: u64 = {
    let one_focus = mean(ONE_FOCUS, 1);
    let both = mean(BOTH_FOCUSES, 3);
    (TWO_FOCUSES * both + (100 - TWO_FOCUSES) * one_focus) * 100
};

/// The same of a coachee with as many sessions as [`SESSIONS`] says.
pub(super) const EXPECTED_KEYS_PPM: u64 =
    (SESSIONS[0] * KEYS_OF_ONE_PPM + (1000 - SESSIONS[0]) * KEYS_OF_MORE_PPM) / 1000;

/// Hundred times the mean of a table whose first entry stands for `first`.
const fn mean(table: [u64; 3], first: u64) -> u64 {
    table[0] * first + table[1] * (first + 1) + table[2] * (first + 2)
}

/// One session.
pub(super) struct Session {
    /// When: index of the quarter's working days.
    pub(super) day: usize,
    pub(super) minutes: u16,
    pub(super) competency: u8,
    /// Indices of themes; one to three.
    pub(super) themes: Vec<u8>,
    pub(super) mentoring: bool,
    pub(super) proactive: bool,
}

/// What somebody works on within one competency in a quarter.
struct Strand {
    competency: u8,
    /// Pairs, at most as many as a session can have themes: even a single
    /// session covers them all.
    agenda: Vec<u8>,
}

/// The sessions of a coachee in a quarter, in order of time.
pub(super) fn quarter(
    world: &World,
    mix: &Mix,
    focus: u64,
    days: usize,
    draws: &mut Draws,
) -> Vec<Session> {
    let count = draws.weighted(&SESSIONS) + 1;
    held(world, mix, focus, (days, count), draws)
}

/// So many sessions of a coachee in a quarter of so many working days.
pub(super) fn held(
    world: &World,
    mix: &Mix,
    focus: u64,
    (days, count): (usize, usize),
    draws: &mut Draws,
) -> Vec<Session> {
    let strands = strands(world, mix, focus, count, draws);
    let mut sessions = Vec::with_capacity(count);
    for number in 0..count {
        // The sessions spread over the quarter: one in each of its parts.
        let day = (number * days + draws.below(days as u64) as usize) / count;
        let strand = &strands[number % strands.len()];
        let turn = number / strands.len();
        let turns = (count - number % strands.len()).div_ceil(strands.len());
        sessions.push(Session {
            day,
            minutes: MINUTES.0[draws.weighted(&MINUTES.1)],
            competency: strand.competency,
            themes: themes(world, strand, turn, turns, draws),
            mentoring: draws.chance(MENTORING, 100),
            proactive: draws.chance(PROACTIVE, 100),
        });
    }
    sessions
}

/// Decides on the competencies and on the agenda of each.
fn strands(world: &World, mix: &Mix, focus: u64, count: usize, draws: &mut Draws) -> Vec<Strand> {
    let sizes = if count == 1 {
        vec![draws.weighted(&ONE_SESSION) + 1]
    } else if draws.chance(TWO_FOCUSES, 100) {
        let both = draws.weighted(&BOTH_FOCUSES) + 3;
        vec![both - both / 2, both / 2]
    } else {
        vec![draws.weighted(&ONE_FOCUS) + 1]
    };
    // Which one comes first, or alone, must not depend on which was found first.
    let mut competencies = world.focus(mix, focus);
    draws.shuffle(&mut competencies);
    let strand = |(competency, size): (u8, usize)| {
        let agenda = mix.agenda(competency, size as u64, draws);
        Strand { competency, agenda }
    };
    competencies.into_iter().zip(sizes).map(strand).collect()
}

/// The themes of a strand's session number `turn` of `turns`. The agenda is
/// dealt out, so that all of it comes up by the last.
fn themes(world: &World, strand: &Strand, turn: usize, turns: usize, draws: &mut Draws) -> Vec<u8> {
    let agenda = &strand.agenda;
    let theme = |pair: u8| world.codebook.pairs[usize::from(pair)] as u8;
    let dealt = agenda.iter().skip(turn).step_by(turns);
    let mut themes: Vec<u8> = dealt.map(|&pair| theme(pair)).collect();
    if themes.is_empty() || (themes.len() < THEMES && draws.chance(COME_BACK, 100)) {
        let again = theme(agenda[draws.below(agenda.len() as u64) as usize]);
        if !themes.contains(&again) {
            themes.push(again);
        }
    }
    if themes.len() < THEMES && draws.chance(OFF_LIST, 100) {
        let other = draws.below(world.codebook.themes.len() as u64) as usize;
        if !world.codebook.lists(usize::from(strand.competency), other) {
            themes.push(other as u8);
        }
    }
    themes
}

/// The keys that sessions touch, sorted: pairs, and for each competency one
/// `other`, numbered from [`super::codebook::PAIRS`] on.
pub(super) fn keys(codebook: &Codebook, sessions: &[Session]) -> Vec<usize> {
    let mut keys = Vec::new();
    for session in sessions {
        let competency = usize::from(session.competency);
        let pairs = Codebook::of(competency);
        for &theme in &session.themes {
            let place = codebook.pairs[pairs.clone()]
                .iter()
                .position(|&own| own == usize::from(theme));
            keys.push(place.map_or(super::codebook::PAIRS + competency, |place| {
                competency * LISTED + place
            }));
        }
    }
    keys.sort_unstable();
    keys.dedup();
    keys
}
