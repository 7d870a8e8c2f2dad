//! What a committed release is: stored bytes, and nothing else.

/// The stored bytes of one committed release: the only thing that may be
/// written to the published side.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Released {
    release_id: String,
    period: String,
    revision: u32,
    manifest_sha256: [u8; 32],
    files: Vec<(String, Vec<u8>)>,
}

impl Released {
    /// `2024-Q1`, or `2024-Q1-r1` for the first revision.
    pub fn release_id(&self) -> &str {
        &self.release_id
    }

    /// `2024-Q1`.
    pub fn period(&self) -> &str {
        &self.period
    }

    /// 0 for the first release of the period; n for its n-th revision.
    pub fn revision(&self) -> u32 {
        self.revision
    }

    /// SHA-256 of `manifest.json`, as the ledger remembers it.
    pub fn manifest_sha256(&self) -> [u8; 32] {
        self.manifest_sha256
    }

    /// Plain names and bytes, `manifest.json` included.
    pub fn files(&self) -> &[(String, Vec<u8>)] {
        &self.files
    }
}
