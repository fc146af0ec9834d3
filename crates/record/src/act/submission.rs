use super::{
    ActError, Body, Core, Disclosed, Entry, Header, Leaf, Opening,
    commitment::{commit_body, verify_openings, verify_signature},
    entry::leaf_data,
};
use crate::{
    base64_bytes,
    ids::{Digest, Millis, Salt, Signature},
    merkle,
};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// What a client sends to have an act admitted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Submission {
    /// The exact bytes of the body; base64 in JSON.
    #[serde(with = "base64_bytes")]
    pub body: Vec<u8>,
    /// Salt of the body's commitment.
    pub salt: Salt,
    /// The actor's signature over [`super::signing_input`].
    pub signature: Signature,
    /// Openings of attachments, by name. May lack some or all.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub openings: BTreeMap<String, Opening>,
}

/// An act whose body, signature and openings were checked. Only [`verify_submission`] and
/// [`super::verify_entry`] make one.
///
/// That the actor may act, that the act is fresh and its type known is not said by this type: that is the
/// state's to judge.
#[derive(Debug, Clone, PartialEq)]
pub struct VerifiedAct {
    body: Body,
    header: Header,
    commitment: Digest,
    salt: Salt,
    signature: Signature,
    openings: BTreeMap<String, Opening>,
}

impl VerifiedAct {
    /// The body.
    pub fn body(&self) -> &Body {
        &self.body
    }

    /// What the act says.
    pub fn core(&self) -> &Core {
        &self.body.core
    }

    /// The header of the body.
    pub fn header(&self) -> &Header {
        &self.header
    }

    /// The commitment that was signed.
    pub fn commitment(&self) -> &Digest {
        &self.commitment
    }

    /// Salt of the commitment.
    pub fn salt(&self) -> &Salt {
        &self.salt
    }

    /// The actor's signature, low s.
    pub fn signature(&self) -> &Signature {
        &self.signature
    }

    /// The openings given, by name; each matches its commitment in the body.
    pub fn openings(&self) -> &BTreeMap<String, Opening> {
        &self.openings
    }

    /// The value of an attachment, where its opening was given.
    pub fn attachment(&self, name: &str) -> Option<&[u8]> {
        self.openings.get(name).map(|opening| opening.value.as_slice())
    }

    /// Data of the leaf this act becomes at centre time `time`.
    pub fn leaf_data(&self, time: Millis) -> Vec<u8> {
        leaf_data(&self.header, time, &self.commitment)
    }

    /// Hash of the leaf this act becomes at centre time `time`.
    pub fn leaf_hash(&self, time: Millis) -> Digest {
        merkle::leaf_hash(&self.leaf_data(time))
    }

    /// The entry of this act at `index`, with everything disclosed that is known.
    pub fn entry(&self, index: u64, time: Millis) -> Entry {
        Entry {
            index,
            time,
            leaf: Leaf::Header {
                header: self.header.clone(),
                commitment: self.commitment,
                signature: self.signature,
            },
            disclosed: Some(Disclosed {
                salt: self.salt,
                body: self.body.bytes.clone(),
            }),
            openings: self.openings.clone(),
        }
    }
}

/// Checks a submission: strict and canonical body; the actor's low-s signature over the header of the body
/// and the commitment of salt and body; every opening declared and matching. Openings may be absent.
pub fn verify_submission(submission: &Submission) -> Result<VerifiedAct, ActError> {
    let body = Body::parse(&submission.body)?;
    let header = Header::of(&body);
    let commitment = commit_body(&submission.salt, &body.bytes);
    verify_signature(&header, &commitment, &submission.signature)?;
    disclosed_act(
        body,
        header,
        commitment,
        submission.salt,
        submission.signature,
        &submission.openings,
    )
}

/// The last step of both ways to an act: the signature holds for header and commitment, the body belongs to
/// them.
pub(super) fn disclosed_act(
    body: Body,
    header: Header,
    commitment: Digest,
    salt: Salt,
    signature: Signature,
    openings: &BTreeMap<String, Opening>,
) -> Result<VerifiedAct, ActError> {
    verify_openings(&body.attachments, openings)?;
    Ok(VerifiedAct {
        body,
        header,
        commitment,
        salt,
        signature,
        openings: openings.clone(),
    })
}
