use record::{Digest, Entry, Origin, SignedCheckpoint};
use serde::{Deserialize, Serialize};

/// `register.json`: that this record stands in the centre's register (中心登记簿), so that no shadow evaluation can be
/// swapped in (protocol 2).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Register {
    /// A checkpoint of the register that covers every line.
    pub checkpoint: SignedCheckpoint,
    /// `register.record_created` and, of an archived record, `register.record_closed`.
    pub entries: Vec<RegisterLine>,
}

/// An entry of the register with its proof.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RegisterLine {
    /// The entry, its body disclosed.
    pub entry: Entry,
    /// Inclusion proof under the checkpoint (RFC 9162 2.1.3.1).
    pub inclusion: Vec<Digest>,
}

/// Payload of `register.record_created`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RegisterCreated {
    /// The record.
    pub origin: Origin,
    /// Hash of its leaf 0.
    pub first_leaf: Digest,
}

/// Payload of `register.record_closed`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RegisterClosed {
    /// The record.
    pub origin: Origin,
    /// Number of its leaves, `archived` included.
    pub size: u64,
    /// Root over them.
    pub root: Digest,
}

impl Register {
    /// The canonical bytes of `register.json`.
    pub fn to_json_bytes(&self) -> Vec<u8> {
        serde_json::to_vec(self).expect("strings, numbers and lists always serialise")
    }
}
