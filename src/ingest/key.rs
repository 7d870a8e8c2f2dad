//! Keyed pseudonyms: ids are hashed as they are read, and never kept.

use std::fmt;
use std::hash::Hasher;

use siphasher::sip128::{Hasher128, SipHasher24};

/// The project's secret for pseudonyms (SipHash-2-4, 128 bits out).
#[derive(Clone)]
pub struct Key([u8; 16]);

/// What is hashed: equal texts of different domains have unrelated pseudonyms.
#[derive(Clone, Copy, Debug)]
pub(super) enum Domain {
    /// A person as subject.
    Person = 1,
    /// (person, session id).
    Session = 2,
    /// A coach.
    Coach = 3,
    /// What a row says.
    Content = 4,
}

impl Key {
    /// The secret, as drawn at random by the project.
    pub fn new(secret: [u8; 16]) -> Self {
        Self(secret)
    }

    /// The pseudonym of the concatenated parts.
    pub(super) fn hash(&self, domain: Domain, parts: &[&[u8]]) -> u128 {
        let mut hasher = SipHasher24::new_with_key(&self.0);
        hasher.write(&[domain as u8]);
        for part in parts {
            hasher.write(part);
        }
        hasher.finish128().as_u128()
    }
}

impl fmt::Debug for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Key(..)")
    }
}
