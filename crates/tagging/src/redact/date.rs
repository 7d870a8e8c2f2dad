//! Days with their years, as people are born on; and, after a word that tells of a
//! birth, a day without its year, or a year.
//!
//! A day is taken out whatever happened on it: no term is a date, and notes seldom
//! say what a date is for.

use std::ops::Range;

use super::beginning;
use super::number::{Group, Here};

/// Names of months, and what they are shortened to, in the languages whose negations
/// are known.
const MONTHS: [&str; 105] = [
    "jan",
    "january",
    "januar",
    "jänner",
    "janvier",
    "gennaio",
    "enero",
    "janeiro",
    "januari",
    "feb",
    "february",
    "februar",
    "februari",
    "février",
    "febbraio",
    "febrero",
    "fevereiro",
    "mar",
    "march",
    "mär",
    "märz",
    "mars",
    "marzo",
    "março",
    "maart",
    "marts",
    "apr",
    "april",
    "avril",
    "aprile",
    "abril",
    "may",
    "mai",
    "maggio",
    "mayo",
    "maio",
    "mei",
    "maj",
    "jun",
    "june",
    "juni",
    "juin",
    "giugno",
    "junio",
    "junho",
    "jul",
    "july",
    "juli",
    "juillet",
    "luglio",
    "julio",
    "julho",
    "aug",
    "august",
    "août",
    "agosto",
    "augustus",
    "augusti",
    "sep",
    "sept",
    "september",
    "septembre",
    "settembre",
    "septiembre",
    "setembro",
    "oct",
    "october",
    "okt",
    "oktober",
    "octobre",
    "ottobre",
    "octubre",
    "outubro",
    "nov",
    "november",
    "novembre",
    "noviembre",
    "novembro",
    "dec",
    "december",
    "dez",
    "dezember",
    "décembre",
    "dicembre",
    "diciembre",
    "dezembro",
    "desember",
    "févr",
    "janv",
    "avr",
    "juil",
    "gen",
    "giu",
    "lug",
    "ago",
    "set",
    "ott",
    "dic",
    "fev",
    "abr",
    "out",
    "mrt",
    "ene",
    "des",
    "déc",
];

/// What may stand between a day and its month, or a month and its year.
const BETWEEN: [&str; 8] = ["st", "nd", "rd", "th", "of", "de", "del", "do"];

/// Words that tell of a birth.
const BIRTHS: [&str; 27] = [
    "birth",
    "birthday",
    "birthdate",
    "born",
    "dob",
    "geb",
    "geboren",
    "geborene",
    "geburt",
    "geburtsdatum",
    "geburtsjahr",
    "geburtstag",
    "naissance",
    "né",
    "née",
    "nacido",
    "nacida",
    "nacimiento",
    "nascita",
    "nato",
    "nata",
    "nascido",
    "nascida",
    "født",
    "född",
    "fødselsdag",
    "födelsedag",
];

/// How far before a day or year such a word may stand, in bytes.
const NEAR: usize = 40;

pub(super) fn at(here: &Here<'_>) -> Option<Range<usize>> {
    in_numbers(here)
        .or_else(|| in_words(here))
        .or_else(|| of_birth(here))
}

/// 3.5.1985, 03/05/85, 1985-05-03.
fn in_numbers(here: &Here<'_>) -> Option<Range<usize>> {
    let [a, b, c] = here.groups.get(..3)? else {
        return None;
    };
    let between = here.gap(1)?.trim();
    let is_between = matches!(between, "." | "/" | "-" | "–");
    // Of four parts and more it is something else: 192.168.1.10.
    let goes_on = here.gap(3) == Some(between) || here.is_fraction();
    if !is_between || here.gap(2)?.trim() != between || goes_on {
        return None;
    }
    let is_day_and_month = |day: &Group, month: &Group| is_day(day) && is_month(month);
    let short_or_long = |year: &Group| year.is_year() || year.size == 2;
    let is_one = a.is_year() && is_day_and_month(c, b)
        || short_or_long(c) && (is_day_and_month(a, b) || is_day_and_month(b, a));
    is_one.then_some(a.range.start..c.range.end)
}

/// 3rd of May 1985, 3. Mai 1985, May 3, 1985.
fn in_words(here: &Here<'_>) -> Option<Range<usize>> {
    let (day, year) = (here.groups.first()?, here.groups.get(1)?);
    let gap = here.gap(1)?;
    if !is_day(day) || gap.len() > NEAR {
        return None;
    }
    let short = year.size == 2 && gap.ends_with(['\'', '’']);
    let (months, others) = words_between(gap)?;
    if !year.is_year() && !short || others > 2 {
        return None;
    }
    match months {
        1 => Some(day.range.start..year.range.end),
        0 => Some(month_before(here)?..year.range.end),
        _ => None,
    }
}

/// How many months a text names, and how many words beside them that may stand in a
/// date; `None`: it has others, too.
fn words_between(gap: &str) -> Option<(usize, usize)> {
    let (mut months, mut others) = (0, 0);
    for word in gap.split(|c: char| !c.is_alphabetic()) {
        match word {
            "" => {}
            word if BETWEEN.contains(&word) => others += 1,
            word if is_month_name(word) => months += 1,
            _ => return None,
        }
    }
    Some((months, others))
}

/// Where the month begins that stands right before the first group.
fn month_before(here: &Here<'_>) -> Option<usize> {
    let word = here.word_before();
    let space = here.before(NEAR).len() - here.before(NEAR).trim_end().len();
    is_month_name(word).then_some(here.first().range.start - space - word.len())
}

/// A day or a year soon after a word that tells of a birth.
fn of_birth(here: &Here<'_>) -> Option<Range<usize>> {
    let first = here.first();
    if !first.is_year() && !is_day(first) {
        return None;
    }
    let before = here.before(NEAR);
    let mut words = before.split(|c: char| !c.is_alphabetic());
    if !words.any(|word| is_one_of(word, &BIRTHS)) {
        return None;
    }
    if first.is_year() {
        return Some(first.range.clone());
    }
    if let Some(start) = month_before(here) {
        return Some(start..first.range.end);
    }
    let next = here.groups.get(1).filter(|month| is_month(month));
    if let (Some(month), Some("." | "/" | "-" | ". ")) = (next, here.gap(1)) {
        return Some(first.range.start..month.range.end);
    }
    let after = here.from(first.range.end);
    let gap = beginning(after, |c| matches!(c, ' ' | '.'));
    let word = beginning(&after[gap.len()..], char::is_alphabetic);
    let end = first.range.end + gap.len() + word.len();
    is_month_name(word).then_some(first.range.start..end)
}

fn is_day(group: &Group) -> bool {
    group.size <= 2 && (1..=31).contains(&group.value)
}

fn is_month(group: &Group) -> bool {
    group.size <= 2 && (1..=12).contains(&group.value)
}

fn is_month_name(word: &str) -> bool {
    is_one_of(word, &MONTHS)
}

fn is_one_of(word: &str, list: &[&str]) -> bool {
    // Longer than any of them: it need not be folded.
    word.len() <= 16 && list.contains(&word.to_lowercase().as_str())
}
