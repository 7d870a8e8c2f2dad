//! What vouches for published files, made to fit changed ones.

use std::fmt::Write as _;

use sha2::{Digest as _, Sha256};

/// What stands before a manifest's digest of itself.
const FIELD: &str = "\"self_sha256\": \"";

/// A SHA-256 as manifests write it.
pub fn hex(bytes: &[u8]) -> String {
    let mut text = String::new();
    for byte in Sha256::digest(bytes) {
        let _ = write!(text, "{byte:02x}");
    }
    text
}

/// A manifest with the digest of itself that it then has; as it is, where it has no
/// place for one.
pub fn signed(text: &str) -> String {
    let mut bare = text.to_owned();
    let Some(start) = text.find(FIELD).map(|at| at + FIELD.len()) else {
        return bare;
    };
    let digits = start..start + 64;
    if text.get(digits.clone()).is_some() {
        bare.replace_range(digits.clone(), &"0".repeat(64));
        let digest = hex(bare.as_bytes());
        bare.replace_range(digits, &digest);
    }
    bare
}

/// A manifest, signed, that lists a file with these bytes where it listed one with
/// those; `None`: it lists none such.
pub fn listing(text: &str, old: &[u8], new: &[u8]) -> Option<String> {
    let at = text.find(&hex(old))?;
    let start = text[..at].rfind("\"bytes\": ")?;
    let end = start + text[start..].find(',')?;
    let length = format!("\"bytes\": {}", new.len());
    let listed = format!("{}{length}{}", &text[..start], &text[end..]);
    Some(signed(&listed.replace(&hex(old), &hex(new))))
}
