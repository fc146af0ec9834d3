use super::{
    ActError, Body, Header, Opening, VerifiedAct,
    commitment::{commit_body, verify_signature},
    submission::disclosed_act,
};
use crate::{
    base64_bytes,
    ids::{Digest, MAX_SAFE_INTEGER, Millis, Salt, Signature},
    merkle,
};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// One line of the record as it is delivered: what the receiver may see of a leaf.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Entry {
    /// Index of the leaf, from 0.
    pub index: u64,
    /// Centre time at which it was admitted. 0 with [`Leaf::Hash`], which binds no time.
    pub time: Millis,
    /// The leaf, or only its hash.
    pub leaf: Leaf,
    /// Salt and body, where the receiver may read them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub disclosed: Option<Disclosed>,
    /// Openings of attachments the receiver may read, by name.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub openings: BTreeMap<String, Opening>,
}

/// The leaf of an entry. In JSON `{"header":{…}}` or `{"hash":"…"}`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase", deny_unknown_fields)]
pub enum Leaf {
    /// All parts of the leaf but the time, and the signature over them.
    Header {
        /// The header; base64 of its bytes in JSON.
        header: Header,
        /// Commitment of the body.
        commitment: Digest,
        /// The actor's signature.
        signature: Signature,
    },
    /// Nothing but the leaf hash is given.
    Hash(Digest),
}

/// Salt and body of an entry.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Disclosed {
    /// Salt of the body's commitment.
    pub salt: Salt,
    /// The exact bytes of the body; base64 in JSON.
    #[serde(with = "base64_bytes")]
    pub body: Vec<u8>,
}

/// Data of a leaf: header ‖ centre time (8 bytes) ‖ commitment.
pub(super) fn leaf_data(header: &Header, time: Millis, commitment: &Digest) -> Vec<u8> {
    [&header.encode()[..], &time.to_be_bytes(), &commitment.0].concat()
}

impl Entry {
    /// Data of the leaf: header ‖ centre time (8 bytes) ‖ commitment. None where only the hash is given.
    pub fn leaf_data(&self) -> Option<Vec<u8>> {
        match &self.leaf {
            Leaf::Header {
                header, commitment, ..
            } => Some(leaf_data(header, self.time, commitment)),
            Leaf::Hash(_) => None,
        }
    }

    /// Hash of the leaf, as the tree holds it.
    pub fn leaf_hash(&self) -> Digest {
        match &self.leaf {
            Leaf::Header {
                header, commitment, ..
            } => merkle::leaf_hash(&leaf_data(header, self.time, commitment)),
            Leaf::Hash(hash) => *hash,
        }
    }

    /// The entry with body and openings taken away; the leaf hash stays the same.
    pub fn withheld(&self) -> Entry {
        Entry {
            disclosed: None,
            openings: BTreeMap::new(),
            ..self.clone()
        }
    }

    /// The entry reduced to its leaf hash.
    pub fn hash_only(&self) -> Entry {
        let leaf = Leaf::Hash(self.leaf_hash());
        Entry {
            index: self.index,
            time: 0,
            leaf,
            disclosed: None,
            openings: BTreeMap::new(),
        }
    }
}

/// A leaf whose body is withheld: the signature was checked, what it says is unknown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VerifiedHeader {
    header: Header,
    commitment: Digest,
    signature: Signature,
}

impl VerifiedHeader {
    /// The header.
    pub fn header(&self) -> &Header {
        &self.header
    }

    /// Commitment of the body.
    pub fn commitment(&self) -> &Digest {
        &self.commitment
    }

    /// The actor's signature, low s.
    pub fn signature(&self) -> &Signature {
        &self.signature
    }
}

/// An entry that was checked by itself. That its leaf hash is in the tree is the tree's to say
/// ([`crate::merkle`]).
#[derive(Debug, Clone, PartialEq)]
#[expect(
    clippy::large_enum_variant,
    reason = "most leaves are full; a box would cost an allocation for each"
)]
pub enum VerifiedLeaf {
    /// Act, index, centre time.
    Full(VerifiedAct, u64, Millis),
    /// Header and signature without the body, index, centre time.
    Header(VerifiedHeader, u64, Millis),
    /// Leaf hash, index. Nothing else is known.
    Hash(Digest, u64),
}

impl VerifiedLeaf {
    /// Index of the leaf.
    pub fn index(&self) -> u64 {
        match self {
            VerifiedLeaf::Full(_, index, _)
            | VerifiedLeaf::Header(_, index, _)
            | VerifiedLeaf::Hash(_, index) => *index,
        }
    }

    /// Centre time, where the leaf binds one.
    pub fn time(&self) -> Option<Millis> {
        match self {
            VerifiedLeaf::Full(_, _, time) | VerifiedLeaf::Header(_, _, time) => Some(*time),
            VerifiedLeaf::Hash(..) => None,
        }
    }

    /// The header, where it is given.
    pub fn header(&self) -> Option<&Header> {
        match self {
            VerifiedLeaf::Full(act, ..) => Some(act.header()),
            VerifiedLeaf::Header(leaf, ..) => Some(leaf.header()),
            VerifiedLeaf::Hash(..) => None,
        }
    }

    /// Hash of the leaf, as the tree holds it.
    pub fn leaf_hash(&self) -> Digest {
        match self {
            VerifiedLeaf::Full(act, _, time) => act.leaf_hash(*time),
            VerifiedLeaf::Header(leaf, _, time) => {
                merkle::leaf_hash(&leaf_data(&leaf.header, *time, &leaf.commitment))
            }
            VerifiedLeaf::Hash(hash, _) => *hash,
        }
    }
}

/// Checks an entry by itself: the signature over header and commitment; a body matches commitment and
/// header; openings are declared and match. Whatever nothing binds to the leaf is refused.
pub fn verify_entry(entry: &Entry) -> Result<VerifiedLeaf, ActError> {
    for (what, number) in [("index", entry.index), ("centre time", entry.time)] {
        if number > MAX_SAFE_INTEGER {
            return Err(ActError::OutOfRange { what });
        }
    }
    match &entry.leaf {
        Leaf::Hash(hash) => verify_hash_only(entry, hash),
        Leaf::Header {
            header,
            commitment,
            signature,
        } => verify_signed(entry, header, commitment, signature),
    }
}

fn verify_hash_only(entry: &Entry, hash: &Digest) -> Result<VerifiedLeaf, ActError> {
    let unbound = [
        ("a body", entry.disclosed.is_some()),
        ("openings", !entry.openings.is_empty()),
        ("a centre time", entry.time != 0),
    ];
    match unbound
        .into_iter()
        .find_map(|(what, given)| given.then_some(what))
    {
        Some(what) => Err(ActError::UnboundByHash { what }),
        None => Ok(VerifiedLeaf::Hash(*hash, entry.index)),
    }
}

fn verify_signed(
    entry: &Entry,
    header: &Header,
    commitment: &Digest,
    signature: &Signature,
) -> Result<VerifiedLeaf, ActError> {
    let Some(Disclosed { salt, body }) = &entry.disclosed else {
        if !entry.openings.is_empty() {
            return Err(ActError::OpeningsWithoutBody);
        }
        verify_signature(header, commitment, signature)?;
        let leaf = VerifiedHeader {
            header: header.clone(),
            commitment: *commitment,
            signature: *signature,
        };
        return Ok(VerifiedLeaf::Header(leaf, entry.index, entry.time));
    };
    // Hashes first: a changed body is found without touching the curve.
    if commit_body(salt, body) != *commitment {
        return Err(ActError::BodyCommitment);
    }
    let body = Body::parse(body)?;
    if let Some(field) = header.difference(&Header::of(&body)) {
        return Err(ActError::HeaderMismatch { field });
    }
    verify_signature(header, commitment, signature)?;
    let act = disclosed_act(
        body,
        header.clone(),
        *commitment,
        *salt,
        *signature,
        &entry.openings,
    )?;
    Ok(VerifiedLeaf::Full(act, entry.index, entry.time))
}
