//! Web addresses: with a scheme, with `www.`, with a name that ends as hosts do, or
//! with a path after a name with a dot.

use memchr::memchr_iter;

use super::left::Span;
use super::{Kind, MARK, beginning, ending};

/// Last parts of hosts that are no words of their own, so that "the end.The next"
/// is none.
const ENDINGS: [&str; 37] = [
    "app", "au", "biz", "br", "ca", "ch", "cloud", "cn", "com", "cz", "dev", "dk", "edu", "eu",
    "gov", "gr", "hu", "ie", "info", "int", "jp", "kr", "lu", "mil", "mx", "net", "nl", "nz",
    "online", "org", "pl", "ru", "shop", "sk", "tv", "uk", "xyz",
];

/// Those that are words of some language: a sentence may begin with one, so they
/// count in small letters alone. What is a common word even then ("at", "it", "is")
/// takes a path or `www.` to be told.
const SMALL_ENDINGS: [&str; 12] = [
    "ai", "co", "de", "es", "fi", "fr", "io", "li", "pt", "ro", "se", "tr",
];

pub(super) fn find(text: &str, spans: &mut Vec<Span>) {
    schemes(text, spans);
    hosts(text, spans);
}

fn schemes(text: &str, spans: &mut Vec<Span>) {
    let mut done = 0;
    for at in memchr_iter(b':', text.as_bytes()) {
        if at < done || !text[at..].starts_with("://") {
            continue;
        }
        let is_scheme = |c: char| c.is_ascii_alphanumeric() || matches!(c, '+' | '-' | '.');
        let scheme = ending(&text[done..at], is_scheme);
        let end = path_end(text, at + 3);
        if !scheme.is_empty() && end > at + 3 {
            done = end;
            spans.push(url(at - scheme.len(), end));
        }
    }
}

fn hosts(text: &str, spans: &mut Vec<Span>) {
    let mut done = 0;
    for at in memchr_iter(b'.', text.as_bytes()) {
        let is_between = |c: Option<char>| c.is_some_and(char::is_alphanumeric);
        if at < done
            || !is_between(text[..at].chars().next_back())
            || !is_between(text[at + 1..].chars().next())
        {
            continue;
        }
        let start = at - ending(&text[done..at], is_host).len();
        let host = beginning(&text[start..], is_host);
        let (first, end) = (start, start + host.len());
        done = end;
        let after = &text[end..];
        let has_path = after.starts_with(['/', '?', '#'])
            && after[1..].starts_with(|c: char| !c.is_whitespace() && c != MARK);
        if begins_as_host(host) || ends_as_host(host) || has_path && could_be_host(host) {
            let host = host.trim_end_matches(['.', '-', '_']);
            done = if has_path {
                path_end(text, end)
            } else {
                first + host.len()
            };
            spans.push(url(first, done));
        }
    }
}

fn begins_as_host(host: &str) -> bool {
    host.get(..4)
        .is_some_and(|start| start.eq_ignore_ascii_case("www."))
}

/// Whether a part but the first is an ending: the next sentence may stand right after
/// it.
fn ends_as_host(host: &str) -> bool {
    host.split('.').skip(1).any(|part| {
        let part = beginning(part, char::is_alphabetic);
        let mut endings = ENDINGS.iter();
        endings.any(|ending| part.eq_ignore_ascii_case(ending)) || SMALL_ENDINGS.contains(&part)
    })
}

/// Whether its last part has two small letters or more, and nothing else.
fn could_be_host(host: &str) -> bool {
    let last = host.rsplit('.').next().unwrap_or_default();
    last.len() > 1 && last.bytes().all(|byte| byte.is_ascii_lowercase())
}

/// Where a path ends: at a space or quote, without the punctuation of the sentence.
fn path_end(text: &str, from: usize) -> usize {
    let is_path = |c: char| {
        !c.is_whitespace() && !matches!(c, '<' | '>' | '"' | '“' | '”' | '„' | '«' | '»' | MARK)
    };
    let path = beginning(&text[from..], is_path);
    from + path
        .trim_end_matches(|c: char| !c.is_alphanumeric() && !matches!(c, '/' | '=' | '#'))
        .len()
}

fn is_host(c: char) -> bool {
    c.is_alphanumeric() || matches!(c, '.' | '-' | '_')
}

fn url(start: usize, end: usize) -> Span {
    Span {
        range: start..end,
        kind: Kind::Url,
    }
}
