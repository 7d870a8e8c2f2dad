//! Manifests: bytes that vouch for themselves and for every file beside them.

pub(super) mod bounds;
pub mod v1;
pub(super) mod vectors;

use serde::Serialize;
use serde_json::Value;
use sha2::{Digest, Sha256};

const ZEROS: &str = "0000000000000000000000000000000000000000000000000000000000000000";
const SELF_FIELD: &str = "\"self_sha256\": \"";

/// A manifest of either kind.
#[derive(Clone, Debug, PartialEq)]
pub enum Manifest {
    /// Of one release.
    Release(Box<v1::Release>),
    /// Of `current/`.
    Current(Box<v1::Current>),
}

/// Why bytes are no manifest. Holds nothing of them.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ManifestError {
    /// Not JSON, or not the fields of the schema.
    #[error(
        "manifest.json does not follow docs/manifest.schema.json (line {line}, column {column})"
    )]
    Malformed {
        /// 1-based.
        line: usize,
        /// 1-based.
        column: usize,
    },
    /// A format or version that this engine does not know.
    #[error("manifest.json is of a format or version that this engine does not know")]
    Unknown,
    /// The bytes are not those that were written.
    #[error("manifest.json was changed: its self_sha256 does not fit its bytes")]
    Changed,
}

/// Lower-case hexadecimal SHA-256.
pub(super) fn sha256_hex(bytes: &[u8]) -> String {
    hex(&sha256(bytes))
}

/// SHA-256.
pub(super) fn sha256(bytes: &[u8]) -> [u8; 32] {
    Sha256::digest(bytes).into()
}

/// Lower-case hexadecimal.
pub(super) fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write;
    bytes.iter().fold(String::new(), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

/// What `self_sha256` has while a manifest is made.
pub(super) fn unsigned() -> String {
    ZEROS.to_owned()
}

/// The manifest's bytes, `self_sha256` filled in.
pub(super) fn to_bytes<T: Serialize>(manifest: &T) -> Vec<u8> {
    let mut bytes = serde_json::to_vec_pretty(manifest)
        .expect("structs of texts and numbers with string keys always become JSON");
    bytes.push(b'\n');
    signed(bytes)
}

/// The manifest of a `current/` with another page. All else stays as it is, byte for
/// byte: a number that was read could be written otherwise. `None`: these are not
/// [`to_bytes`] of one.
pub(super) fn with_page(manifest: &[u8], page: &v1::Page) -> Option<Vec<u8>> {
    let text = std::str::from_utf8(manifest).ok()?;
    // Line breaks within texts are escaped, and further fields indented more.
    let kept = match text.split_once(",\n  \"page\": {") {
        Some((before, _)) => before,
        None => text.strip_suffix("\n}\n")?,
    };
    let page = serde_json::to_string_pretty(page).ok()?;
    let page = page.replace('\n', "\n  ");
    let mut bytes = format!("{kept},\n  \"page\": {page}\n}}\n").into_bytes();
    let at = self_digest_at(&bytes)?;
    bytes[at..at + ZEROS.len()].copy_from_slice(ZEROS.as_bytes());
    Some(signed(bytes))
}

/// `self_sha256` filled in.
fn signed(mut bytes: Vec<u8>) -> Vec<u8> {
    let digest = sha256_hex(&bytes);
    if let Some(at) = self_digest_at(&bytes) {
        bytes[at..at + ZEROS.len()].copy_from_slice(digest.as_bytes());
    }
    bytes
}

/// Where the digits of `self_sha256` start. The pattern's inner quotes would be
/// escaped inside a text, so only the field itself can match.
fn self_digest_at(bytes: &[u8]) -> Option<usize> {
    let field = SELF_FIELD.as_bytes();
    let mut found = (0..bytes.len().saturating_sub(field.len() + ZEROS.len()))
        .filter(|&at| bytes[at..].starts_with(field));
    let at = found.next()? + field.len();
    found.next().is_none().then_some(at)
}

/// Whether `self_sha256` fits the bytes.
fn vouches_for_itself(bytes: &[u8]) -> bool {
    let Some(at) = self_digest_at(bytes) else {
        return false;
    };
    let mut unsigned = bytes.to_vec();
    let digits = &mut unsigned[at..at + ZEROS.len()];
    let stated = digits.to_vec();
    digits.copy_from_slice(ZEROS.as_bytes());
    sha256_hex(&unsigned).as_bytes() == stated
}

/// A SHA-256 from its 64 hex digits.
pub fn from_hex(text: &str) -> Option<[u8; 32]> {
    let digits = text.as_bytes().chunks(2).map(|pair| {
        let pair = std::str::from_utf8(pair).ok()?;
        u8::from_str_radix(pair, 16).ok()
    });
    digits.collect::<Option<Vec<u8>>>()?.try_into().ok()
}

/// Reads a manifest and checks that its bytes are unchanged.
pub fn parse(bytes: &[u8]) -> Result<Manifest, ManifestError> {
    let malformed = |error: serde_json::Error| ManifestError::Malformed {
        line: error.line(),
        column: error.column(),
    };
    if !vouches_for_itself(bytes) {
        return Err(ManifestError::Changed);
    }
    let head: Value = serde_json::from_slice(bytes).map_err(malformed)?;
    let version = head.get("format_version").and_then(Value::as_u64);
    if version != Some(u64::from(v1::VERSION)) {
        return Err(ManifestError::Unknown);
    }
    match head.get("format").and_then(Value::as_str) {
        Some(v1::RELEASE) => serde_json::from_slice(bytes)
            .map(|release| Manifest::Release(Box::new(release)))
            .map_err(malformed),
        Some(v1::CURRENT) => serde_json::from_slice(bytes)
            .map(|current| Manifest::Current(Box::new(current)))
            .map_err(malformed),
        _ => Err(ManifestError::Unknown),
    }
}

/// What every Parquet file beside the manifest says of itself: each field of
/// the manifest as `lodestar.<field>`, but for the digests, lists of files and page.
/// Objects become dotted names, lists stay JSON. In order of name.
pub(super) fn claims<T: Serialize>(manifest: &T) -> Vec<(String, Value)> {
    let mut claims = Vec::new();
    let value = serde_json::to_value(manifest).unwrap_or_default();
    for (field, value) in value.as_object().into_iter().flatten() {
        let of_files = ["self_sha256", "tables", "dimensions", "page"];
        if !of_files.contains(&field.as_str()) {
            flatten(format!("lodestar.{field}"), value, &mut claims);
        }
    }
    claims.sort_by(|a, b| a.0.cmp(&b.0));
    claims
}

/// What a table's file says of the table: `lodestar.measure…` and
/// `lodestar.parameters…`, likewise.
pub(super) fn table_claims(table: &v1::Table) -> Vec<(String, Value)> {
    let mut claims = Vec::new();
    let measure = serde_json::to_value(&table.measure).unwrap_or_default();
    flatten("lodestar.measure".to_owned(), &measure, &mut claims);
    if let Some(parameters) = &table.parameters {
        let parameters = serde_json::to_value(parameters).unwrap_or_default();
        flatten("lodestar.parameters".to_owned(), &parameters, &mut claims);
    }
    claims.push((
        "lodestar.table".to_owned(),
        Value::String(table.name.clone()),
    ));
    claims.sort_by(|a, b| a.0.cmp(&b.0));
    claims
}

fn flatten(name: String, value: &Value, claims: &mut Vec<(String, Value)>) {
    match value {
        Value::Object(fields) => {
            for (field, value) in fields {
                flatten(format!("{name}.{field}"), value, claims);
            }
        }
        other => claims.push((name, other.clone())),
    }
}

/// A claim as the text that stands in Parquet metadata.
pub(super) fn claim_text(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

/// Whether a text of Parquet metadata makes this claim. Numbers are compared
/// after parsing both texts the same way.
pub(super) fn claim_matches(claim: &Value, text: &str) -> bool {
    match claim {
        Value::String(claimed) => claimed == text,
        other => serde_json::from_str::<Value>(text).is_ok_and(|stated| stated == *other),
    }
}

#[cfg(test)]
#[path = "tests.rs"]
mod tests;
