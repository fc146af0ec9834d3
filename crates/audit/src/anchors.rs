//! What a verifier, an expert's, a holder's or a bidder's client trusts: installed locally, never taken from the
//! centre or from the package to be judged (protocol 3). `docs/formats/anchors.schema.json`.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use record::{KeyAlgorithm, SignedCheckpoint, StrictError, VerifierKey};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// Format name of the anchors file.
pub const FORMAT: &str = "conclave.anchors/1";

/// Largest anchors file, in bytes.
pub const MAX_ANCHORS: usize = 256 * 1024;

/// Most CA roots and most log witnesses.
const MAX_ROOTS: usize = 32;
const MAX_WITNESSES: usize = 15;

/// Local anchors.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Anchors {
    /// DER of the CA roots under which function and identity certificates are issued.
    pub ca_roots: Vec<Vec<u8>>,
    /// Key of the centre's checkpoints.
    pub log_key: VerifierKey,
    /// Key of the register's checkpoints; usually the same.
    pub register_key: VerifierKey,
    /// Log witnesses (见证节点) and how many must cosign.
    pub witnesses: WitnessSet,
    /// Log witnesses that count in a record only once a `witness.replaced` there names them.
    pub further_witnesses: Vec<WitnessAnchor>,
}

/// A log witness as anchored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WitnessAnchor {
    /// Name, as in the first act of a record.
    pub name: String,
    /// Its cosignature key.
    pub key: VerifierKey,
    /// Organisation that runs it.
    pub organisation: String,
    /// Whether it runs outside the centre.
    pub outside: bool,
}

/// Log witnesses with their quorum.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WitnessSet {
    /// The witnesses; names and keys differ.
    pub witnesses: Vec<WitnessAnchor>,
    /// How many distinct witnesses must cosign, w.
    pub quorum: u8,
}

/// The valid cosignatures of a checkpoint by witnesses of a [`WitnessSet`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cosigned {
    /// Name and time in seconds since the Unix epoch, in order of time.
    pub times: Vec<(String, u64)>,
    /// Whether one of them is outside the centre.
    pub outside: bool,
    /// Names of witnesses whose signature line is there and does not verify.
    pub bad: Vec<String>,
    quorum: u8,
}

impl Cosigned {
    /// How many had to cosign, w.
    pub fn quorum(&self) -> u8 {
        self.quorum
    }

    /// Whether w distinct witnesses cosigned, one of them outside the centre (protocol 2).
    pub fn is_quorum(&self) -> bool {
        self.times.len() >= usize::from(self.quorum) && self.outside
    }

    /// The time, in seconds, at which w cosignatures were there; `None` without w.
    pub fn complete_at(&self) -> Option<u64> {
        let last = usize::from(self.quorum).checked_sub(1)?;
        self.times.get(last).map(|(_, time)| *time)
    }
}

impl WitnessSet {
    /// Judges the cosignatures of a note. Signatures by keys that are not in the set don't count.
    pub fn cosigned(&self, note: &SignedCheckpoint) -> Cosigned {
        let mut cosigned = Cosigned {
            times: Vec::new(),
            outside: false,
            bad: Vec::new(),
            quorum: self.quorum,
        };
        let mut counted = BTreeSet::new();
        for witness in &self.witnesses {
            match note.verify_cosignature(&witness.key) {
                // One key counts once, whatever names it goes by.
                Ok(time) if counted.insert(witness.key.key()) => {
                    cosigned.times.push((witness.name.clone(), time));
                    cosigned.outside |= witness.outside;
                }
                Ok(_) | Err(record::NoteError::NotSigned(_)) => {}
                Err(_) => cosigned.bad.push(witness.name.clone()),
            }
        }
        cosigned.times.sort_by_key(|(_, time)| *time);
        cosigned
    }
}

/// Why a file is not an anchors file.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum AnchorsError {
    /// Not strict JSON of the expected shape.
    #[error("anchors: {0}")]
    Json(#[from] StrictError),
    /// A field with a value that is not allowed.
    #[error("anchors, {at}: {what}")]
    Field {
        /// Path of the field: `witnesses[1].key`.
        at: String,
        /// What is wrong there.
        what: String,
    },
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct AnchorsJson {
    format: String,
    ca_roots: Vec<String>,
    log_key: String,
    register_key: String,
    witnesses: Vec<WitnessJson>,
    quorum: u8,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    further_witnesses: Vec<WitnessJson>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct WitnessJson {
    name: String,
    key: String,
    organisation: String,
    outside: bool,
}

fn field(at: impl Into<String>, what: impl Into<String>) -> AnchorsError {
    AnchorsError::Field {
        at: at.into(),
        what: what.into(),
    }
}

fn require(condition: bool, at: &str, what: &str) -> Result<(), AnchorsError> {
    if condition { Ok(()) } else { Err(field(at, what)) }
}

fn key(at: &str, text: &str, algorithm: KeyAlgorithm) -> Result<VerifierKey, AnchorsError> {
    let key: VerifierKey = text
        .parse()
        .map_err(|e: record::NoteError| field(at, e.to_string()))?;
    let wanted = match algorithm {
        KeyAlgorithm::LogEd25519 => "a log key (type 0x01)",
        KeyAlgorithm::Cosignature => "a cosignature key (type 0x04)",
    };
    require(key.algorithm() == algorithm, at, &format!("not {wanted}"))?;
    Ok(key)
}

impl Anchors {
    /// Reads an anchors file: strict JSON, all members but `further_witnesses` required, no other.
    ///
    /// # Errors
    /// [`AnchorsError`] with the byte or the path of the field.
    pub fn parse(bytes: &[u8]) -> Result<Anchors, AnchorsError> {
        let json: AnchorsJson = record::strict::from_slice_within(bytes, MAX_ANCHORS)?;
        require(json.format == FORMAT, "format", "not conclave.anchors/1")?;
        let number = (1..=MAX_ROOTS).contains(&json.ca_roots.len());
        require(number, "ca_roots", "1 to 32 certificates")?;
        let root = |(place, text): (usize, &String)| {
            let at = format!("ca_roots[{place}]");
            let der = STANDARD.decode(text).map_err(|e| field(&at, e.to_string()))?;
            // A certificate is an ASN.1 SEQUENCE; whether it can be an anchor shows when a chain is verified.
            require(der.first() == Some(&0x30), &at, "not a DER certificate")?;
            Ok(der)
        };
        let anchors = Anchors {
            ca_roots: json
                .ca_roots
                .iter()
                .enumerate()
                .map(root)
                .collect::<Result<_, AnchorsError>>()?,
            log_key: key("log_key", &json.log_key, KeyAlgorithm::LogEd25519)?,
            register_key: key("register_key", &json.register_key, KeyAlgorithm::LogEd25519)?,
            witnesses: WitnessSet {
                witnesses: witnesses("witnesses", &json.witnesses)?,
                quorum: json.quorum,
            },
            further_witnesses: witnesses("further_witnesses", &json.further_witnesses)?,
        };
        anchors.witnesses.check()?;
        anchors.check_further()?;
        Ok(anchors)
    }

    /// Further witnesses are others than the first, and differ.
    fn check_further(&self) -> Result<(), AnchorsError> {
        let all = || self.witnesses.witnesses.iter().chain(&self.further_witnesses);
        let count = all().count();
        let names: BTreeSet<_> = all().map(|w| &w.name).collect();
        let keys: BTreeSet<_> = all().map(|w| w.key.key()).collect();
        require(
            self.further_witnesses.len() <= MAX_WITNESSES,
            "further_witnesses",
            "15 at most",
        )?;
        require(
            names.len() == count && keys.len() == count,
            "further_witnesses",
            "names and keys must differ, from those of witnesses too",
        )
    }

    /// The file that [`Anchors::parse`] reads.
    pub fn to_json_bytes(&self) -> Vec<u8> {
        let witness = |witness: &WitnessAnchor| WitnessJson {
            name: witness.name.clone(),
            key: witness.key.to_string(),
            organisation: witness.organisation.clone(),
            outside: witness.outside,
        };
        let json = AnchorsJson {
            format: FORMAT.to_owned(),
            ca_roots: self.ca_roots.iter().map(|der| STANDARD.encode(der)).collect(),
            log_key: self.log_key.to_string(),
            register_key: self.register_key.to_string(),
            witnesses: self.witnesses.witnesses.iter().map(witness).collect(),
            quorum: self.witnesses.quorum,
            further_witnesses: self.further_witnesses.iter().map(witness).collect(),
        };
        serde_json::to_vec_pretty(&json).expect("strings, numbers and booleans always serialise")
    }
}

fn witnesses(member: &str, lines: &[WitnessJson]) -> Result<Vec<WitnessAnchor>, AnchorsError> {
    let line = |(place, line): (usize, &WitnessJson)| {
        let at = |name: &str| format!("{member}[{place}].{name}");
        require(!line.name.is_empty(), &at("name"), "empty")?;
        require(!line.organisation.is_empty(), &at("organisation"), "empty")?;
        Ok(WitnessAnchor {
            name: line.name.clone(),
            key: key(&at("key"), &line.key, KeyAlgorithm::Cosignature)?,
            organisation: line.organisation.clone(),
            outside: line.outside,
        })
    };
    lines.iter().enumerate().map(line).collect()
}

impl WitnessSet {
    /// m ≥ 3 witnesses that differ, w > m/2, at least one outside the centre (protocol 2).
    fn check(&self) -> Result<(), AnchorsError> {
        let count = self.witnesses.len();
        require(
            (3..=MAX_WITNESSES).contains(&count),
            "witnesses",
            "3 to 15 log witnesses",
        )?;
        let names: BTreeSet<_> = self.witnesses.iter().map(|w| &w.name).collect();
        let keys: BTreeSet<_> = self.witnesses.iter().map(|w| w.key.key()).collect();
        require(
            names.len() == count && keys.len() == count,
            "witnesses",
            "names and keys must differ",
        )?;
        let outside = self.witnesses.iter().any(|witness| witness.outside);
        require(outside, "witnesses", "one log witness must be outside the centre")?;
        let quorum = usize::from(self.quorum);
        require(
            2 * quorum > count && quorum <= count,
            "quorum",
            "must exceed half of the log witnesses",
        )
    }
}
