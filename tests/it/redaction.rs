//! What is taken out of notes, of text that people wrote.
//!
//! The data is no part of the project. Where it is absent the test says so.

use std::fs;
use std::path::Path;

use lodestar_tagging::{Names, Own, Redactor, Tagger};

/// Questions and answers, each a text.
fn counsel_chat() -> Option<Vec<String>> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let path = root.join("../shared/data/counsel_chat/20200325_counsel_chat.csv");
    let Ok(file) = fs::read(path) else {
        eprintln!("skipped: ../shared/data/counsel_chat is absent");
        return None;
    };
    let mut reader = csv::Reader::from_reader(&file[..]);
    let header = reader.headers().unwrap().clone();
    let texts = ["questionTitle", "questionText", "answerText"];
    let columns = texts.map(|name| header.iter().position(|own| own == name).unwrap());
    let rows = reader.records().map(Result::unwrap);
    Some(
        rows.flat_map(|row| columns.map(|column| row[column].to_owned()))
            .collect(),
    )
}

/// Ten digits, or eleven after a 1, with at most two of `-. ()` between any of them:
/// how telephone numbers look to somebody who knows no other rule.
fn phone_like(text: &str) -> usize {
    let letters: Vec<char> = text.chars().collect();
    let (mut found, mut at) = (0, 0);
    while at < letters.len() {
        let (mut digits, mut between, mut end) = (String::new(), 0, at);
        for (place, letter) in letters.iter().enumerate().skip(at) {
            match letter {
                digit if digit.is_ascii_digit() => {
                    digits.push(*digit);
                    (between, end) = (0, place + 1);
                }
                '-' | '.' | ' ' | '(' | ')' if between < 2 && !digits.is_empty() => between += 1,
                _ => break,
            }
        }
        let is_one = digits.len() == 10 || digits.len() == 11 && digits.starts_with('1');
        found += usize::from(is_one);
        at = end.max(at + 1);
    }
    found
}

/// What has a scheme, `www.`, or ends as hosts in America do.
fn url_like(text: &str) -> usize {
    let text = text.to_lowercase();
    // "equivocada.Como" is none.
    let ends = |part: &str, end: &str| {
        let mut ends = part.match_indices(end);
        ends.any(|(at, _)| !part[at + end.len()..].starts_with(char::is_alphabetic))
    };
    let is_one = |part: &str| {
        part.contains("://")
            || part.contains("www.")
            || [".com", ".org", ".net", ".gov"]
                .iter()
                .any(|end| ends(part, end))
    };
    let parts = text.split(char::is_whitespace);
    parts.filter(|part| is_one(part)).count()
}

#[test]
fn no_telephone_number_and_no_web_address_of_counsel_chat_is_left() {
    let Some(texts) = counsel_chat() else {
        return;
    };
    let count = |of: fn(&str) -> usize, texts: &[String]| -> usize {
        texts.iter().map(|text| of(text)).sum()
    };
    let tagger = Tagger::default();
    let names = Names::new(&tagger);
    let mut redactor = Redactor::new(&names);
    let left: Vec<String> = texts
        .iter()
        .map(|text| redactor.redact(text, Own::default()).text().to_owned())
        .collect();
    let (phones, urls) = (count(phone_like, &texts), count(url_like, &texts));
    assert!(phones > 20 && urls > 100, "{phones} {urls}");
    assert_eq!((count(phone_like, &left), count(url_like, &left)), (0, 0));
    let length = |texts: &[String]| texts.iter().map(String::len).sum::<usize>();
    // Little else is: two in a hundred letters would be.
    assert!(length(&left) * 100 > length(&texts) * 98);
}
