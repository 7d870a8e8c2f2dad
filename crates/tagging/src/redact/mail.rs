//! E-mail addresses, and handles: what stands around an @ without a space.

use memchr::memchr_iter;

use super::left::Span;
use super::{Kind, beginning, ending};

pub(super) fn find(text: &str, spans: &mut Vec<Span>) {
    let mut done = 0;
    for at in memchr_iter(b'@', text.as_bytes()) {
        if at < done {
            continue;
        }
        let local = ending(&text[done..at], is_local);
        let local = local.trim_start_matches(|c: char| !c.is_alphanumeric());
        let host = beginning(&text[at + 1..], is_host);
        let host = host.trim_end_matches(|c: char| !c.is_alphanumeric());
        // "@ten" may be a handle; "@" and "5 @ 3" are none.
        let is_one = host.starts_with(char::is_alphanumeric)
            && (!local.is_empty() || host.chars().nth(1).is_some());
        if is_one {
            done = at + 1 + host.len();
            spans.push(Span {
                range: at - local.len()..done,
                kind: Kind::Mail,
            });
        }
    }
}

fn is_local(c: char) -> bool {
    c.is_alphanumeric() || matches!(c, '.' | '_' | '%' | '+' | '-' | '\'')
}

fn is_host(c: char) -> bool {
    c.is_alphanumeric() || matches!(c, '.' | '-' | '_')
}
