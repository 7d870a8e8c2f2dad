//! What an entry says, as text: lines of `name=value`, in a fixed order.

use std::fmt::Write as _;

use sha2::{Digest, Sha256};

use crate::release::Released;

/// Settings that the first entry fixes for the ledger's life.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Terms {
    /// The organisation's name.
    pub organisation: String,
    /// Privacy unit: `person`.
    pub unit: String,
    /// Length of a period: `quarter`.
    pub every: String,
    /// Month in which fiscal years start.
    pub year_starts: u8,
    /// Length of a window: `year`.
    pub window: String,
    /// Every source is declared synthetic. Real people never share a ledger,
    /// and so a window's ε, with a demonstration.
    pub synthetic: bool,
}

impl Terms {
    /// The settings that differ from another's, as each of both has them.
    pub(crate) fn differences(&self, other: &Self) -> (String, String) {
        let both = self.parts().into_iter().zip(other.parts());
        let differ = both.filter(|(mine, theirs)| mine != theirs);
        let (mine, theirs): (Vec<_>, Vec<_>) = differ.unzip();
        (mine.join(", "), theirs.join(", "))
    }

    fn parts(&self) -> [String; 6] {
        let Self {
            organisation,
            unit,
            every,
            year_starts,
            window,
            synthetic,
        } = self;
        [
            format!("organisation {organisation:?}"),
            format!("unit {unit}"),
            format!("every {every}"),
            format!("year_starts {year_starts}"),
            format!("window {window}"),
            format!("synthetic {synthetic}"),
        ]
    }
}

/// One charge: a release and what it cost.
#[derive(Clone, Debug, PartialEq)]
pub struct Charge {
    /// `2024-Q1`.
    pub period: String,
    /// 0 for the first release.
    pub revision: u32,
    /// The window that pays.
    pub window: String,
    /// ε of the window.
    pub window_epsilon: f64,
    /// δ of the window, in 1e-15.
    pub window_delta_femto: u64,
    /// ρ in 1e-6.
    pub rho_micro: u64,
    /// δ of the selections, in 1e-15.
    pub delta_femto: u64,
    /// It took the window's spare.
    pub took_spare: bool,
    /// How the ledger knows of it.
    pub evidence: Evidence,
}

/// How a ledger knows of a charge.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Evidence {
    /// It was drawn and paid for under this ledger, which holds its bytes.
    Drawn(Digests),
    /// The ledger was rebuilt, and its bytes read from the release's folder.
    Restored(Digests),
    /// The ledger was rebuilt without the release's folder, but `current` lists
    /// it with what it cost. The SHA-256 is that of its manifest.
    Listed([u8; 32]),
    /// The ledger was rebuilt, and nothing tells what the release cost: the
    /// charge is all that was left of its window, which is closed.
    Lost,
}

/// What stored bytes are recognised by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Digests {
    /// SHA-256 of the manifest.
    pub manifest_sha256: [u8; 32],
    /// SHA-256 over all names and bytes.
    pub files_sha256: [u8; 32],
}

impl Evidence {
    /// What the stored bytes must be; `None` where none are stored.
    pub fn digests(&self) -> Option<&Digests> {
        match self {
            Self::Drawn(digests) | Self::Restored(digests) => Some(digests),
            Self::Listed(_) | Self::Lost => None,
        }
    }

    /// `drawn`, `restored`, `listed`, `lost`.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Drawn(_) => "drawn",
            Self::Restored(_) => "restored",
            Self::Listed(_) => "listed",
            Self::Lost => "lost",
        }
    }
}

impl Charge {
    /// `2024-Q1`, `2024-Q1-r1`.
    pub fn release_id(&self) -> String {
        match self.revision {
            0 => self.period.clone(),
            n => format!("{}-r{n}", self.period),
        }
    }

    /// SHA-256 of the release's manifest, if it is known.
    pub fn manifest_sha256(&self) -> Option<[u8; 32]> {
        match &self.evidence {
            Evidence::Drawn(digests) | Evidence::Restored(digests) => Some(digests.manifest_sha256),
            Evidence::Listed(manifest_sha256) => Some(*manifest_sha256),
            Evidence::Lost => None,
        }
    }

    pub(crate) fn into_released(self, digests: Digests, files: Vec<(String, Vec<u8>)>) -> Released {
        Released {
            release_id: self.release_id(),
            period: self.period,
            revision: self.revision,
            manifest_sha256: digests.manifest_sha256,
            files,
            drawn: None,
        }
    }
}

/// An entry of the chain.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Entry {
    Begin(Terms),
    /// The ledger was rebuilt on somebody's word: nothing was released before
    /// this period.
    Started(String),
    Charge(Charge),
}

impl Entry {
    pub(crate) fn to_text(&self) -> String {
        match self {
            Self::Begin(terms) => format!(
                "begin 1\norganisation={}\nunit={}\nevery={}\nyear_starts={}\nwindow={}\nsynthetic={}\n",
                terms.organisation.escape_default(),
                terms.unit,
                terms.every,
                terms.year_starts,
                terms.window,
                terms.synthetic
            ),
            Self::Started(period) => format!("{STARTED}\nperiod={period}\n"),
            Self::Charge(charge) => charge_text(charge),
        }
    }

    /// Reads what [`Entry::to_text`] wrote; `None` for anything else.
    pub(crate) fn from_text(text: &str) -> Option<Self> {
        let mut lines = text.lines();
        let kind = lines.next()?;
        let mut value = |name: &str| lines.next()?.strip_prefix(name)?.strip_prefix('=');
        match kind {
            "begin 1" => Some(Self::Begin(Terms {
                organisation: unescape(value("organisation")?)?,
                unit: value("unit")?.to_owned(),
                every: value("every")?.to_owned(),
                year_starts: value("year_starts")?.parse().ok()?,
                window: value("window")?.to_owned(),
                synthetic: value("synthetic")?.parse().ok()?,
            })),
            STARTED => Some(Self::Started(value("period")?.to_owned())),
            CHARGE | RESTORED | LISTED | LOST => Some(Self::Charge(Charge {
                period: value("period")?.to_owned(),
                revision: value("revision")?.parse().ok()?,
                window: value("window")?.to_owned(),
                window_epsilon: value("window_epsilon")?.parse().ok()?,
                window_delta_femto: value("window_delta_femto")?.parse().ok()?,
                rho_micro: value("rho_micro")?.parse().ok()?,
                delta_femto: value("delta_femto")?.parse().ok()?,
                took_spare: value("took_spare")?.parse().ok()?,
                evidence: evidence(kind, value)?,
            })),
            _ => None,
        }
    }

    /// The hash of the entry after `previous`.
    pub(crate) fn hash(text: &str, previous: &[u8; 32]) -> [u8; 32] {
        let mut digest = Sha256::new();
        digest.update(previous);
        digest.update(text.as_bytes());
        digest.finalize().into()
    }
}

const STARTED: &str = "started 1";
/// First lines of the entries that charge.
const CHARGE: &str = "charge 1";
const RESTORED: &str = "restored 1";
const LISTED: &str = "listed 1";
const LOST: &str = "lost 1";

fn charge_text(charge: &Charge) -> String {
    let (kind, digests) = match &charge.evidence {
        Evidence::Drawn(digests) => (CHARGE, digests_text(digests)),
        Evidence::Restored(digests) => (RESTORED, digests_text(digests)),
        Evidence::Listed(manifest) => (LISTED, format!("manifest_sha256={}\n", hex(manifest))),
        Evidence::Lost => (LOST, String::new()),
    };
    format!(
        "{kind}\nperiod={}\nrevision={}\nwindow={}\nwindow_epsilon={}\nwindow_delta_femto={}\n\
         rho_micro={}\ndelta_femto={}\ntook_spare={}\n{digests}",
        charge.period,
        charge.revision,
        charge.window,
        charge.window_epsilon,
        charge.window_delta_femto,
        charge.rho_micro,
        charge.delta_femto,
        charge.took_spare,
    )
}

fn digests_text(digests: &Digests) -> String {
    format!(
        "manifest_sha256={}\nfiles_sha256={}\n",
        hex(&digests.manifest_sha256),
        hex(&digests.files_sha256)
    )
}

/// Reads the lines in which the kinds of charges differ.
fn evidence<'a>(kind: &str, mut value: impl FnMut(&str) -> Option<&'a str>) -> Option<Evidence> {
    if kind == LOST {
        return Some(Evidence::Lost);
    }
    let manifest_sha256 = unhex(value("manifest_sha256")?)?;
    if kind == LISTED {
        return Some(Evidence::Listed(manifest_sha256));
    }
    let digests = Digests {
        manifest_sha256,
        files_sha256: unhex(value("files_sha256")?)?,
    };
    Some(match kind {
        CHARGE => Evidence::Drawn(digests),
        _ => Evidence::Restored(digests),
    })
}

/// One hash over names and bytes; lengths keep them apart.
pub(crate) fn files_sha256(files: &[(String, Vec<u8>)]) -> [u8; 32] {
    let mut digest = Sha256::new();
    for (name, bytes) in files {
        digest.update((name.len() as u64).to_le_bytes());
        digest.update(name.as_bytes());
        digest.update((bytes.len() as u64).to_le_bytes());
        digest.update(bytes);
    }
    digest.finalize().into()
}

fn hex(bytes: &[u8; 32]) -> String {
    bytes
        .iter()
        .fold(String::with_capacity(64), |mut text, byte| {
            // Writing to a String can't fail.
            let _ = write!(text, "{byte:02x}");
            text
        })
}

fn unhex(text: &str) -> Option<[u8; 32]> {
    let mut bytes = [0; 32];
    if text.len() != 64 || !text.is_ascii() {
        return None;
    }
    for (place, byte) in bytes.iter_mut().enumerate() {
        *byte = u8::from_str_radix(&text[2 * place..2 * place + 2], 16).ok()?;
    }
    Some(bytes)
}

/// Undoes [`str::escape_default`].
fn unescape(text: &str) -> Option<String> {
    let mut out = String::new();
    let mut chars = text.chars();
    while let Some(c) = chars.next() {
        out.push(match c {
            '\\' => match chars.next()? {
                'n' => '\n',
                'r' => '\r',
                't' => '\t',
                'u' => {
                    let code: String = chars
                        .by_ref()
                        .skip(1)
                        .take_while(|&digit| digit != '}')
                        .collect();
                    char::from_u32(u32::from_str_radix(&code, 16).ok()?)?
                }
                plain => plain,
            },
            plain => plain,
        });
    }
    Some(out)
}
