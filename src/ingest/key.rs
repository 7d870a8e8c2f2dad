//! Keyed pseudonyms: ids are hashed as they are read, and never kept.

use std::fmt;

use siphasher::sip::SipHasher13;
use siphasher::sip128::SipHasher24;

/// The project's secret for pseudonyms (SipHash-2-4, 128 bits out) and for what
/// tells rows of one person apart (SipHash-1-3, 64 bits): a key of its own for each
/// domain, derived from the secret.
#[derive(Clone)]
pub struct Key([[u8; 16]; Domain::ALL.len()]);

/// What is hashed: equal texts of different domains have unrelated pseudonyms.
#[derive(Clone, Copy, Debug)]
pub(super) enum Domain {
    /// A person as subject.
    Person = 1,
    /// A session's id.
    Session = 2,
    /// A coach.
    Coach = 3,
    /// What a row says.
    Content = 4,
    /// A list within it.
    List = 5,
    /// A word of a note.
    Word = 6,
}

impl Domain {
    const ALL: [Self; 6] = [
        Self::Person,
        Self::Session,
        Self::Coach,
        Self::Content,
        Self::List,
        Self::Word,
    ];
}

impl Key {
    /// The secret, as drawn at random by the project.
    pub fn new(secret: [u8; 16]) -> Self {
        let hasher = SipHasher24::new_with_key(&secret);
        let of_domain = |domain: Domain| hasher.hash(&[domain as u8]).as_u128().to_le_bytes();
        Self(Domain::ALL.map(of_domain))
    }

    fn of(&self, domain: Domain) -> &[u8; 16] {
        &self.0[domain as usize - 1]
    }

    /// The pseudonym of an id.
    pub(super) fn pseudonym(&self, domain: Domain, id: &str) -> u128 {
        let hasher = SipHasher24::new_with_key(self.of(domain));
        hasher.hash(id.as_bytes()).as_u128()
    }

    /// The hash of what tells a row from others.
    pub(super) fn hash(&self, domain: Domain, said: &[u8]) -> u64 {
        SipHasher13::new_with_key(self.of(domain)).hash(said)
    }
}

impl fmt::Debug for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Key(..)")
    }
}
