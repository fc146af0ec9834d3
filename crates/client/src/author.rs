//! Acts: laid out, personally signed where the catalogue says so, and signed by the actor's key.

use crate::error::ClientError;
use evaluation::personal::{self, PersonalSignature};
use record::{
    ActId, Body, Core, DeviceId, Digest, Header, Millis, Opening, Origin, PublicKey, Salt, Seen, Signature,
    Submission, Suite, commit_attachment, commit_body, signing_input,
};
use sealing::Random;
use sealing::provider::{KeyFileProvider, KeyProvider, Pin};
use sealing::sign::SigningKeyPair;
use serde::Serialize;
use std::collections::BTreeMap;

/// How long an act stays valid after it was made.
const LIFE: Millis = 600_000;

/// A personal key behind its provider, with its certificate chain. Each use takes the PIN anew.
pub struct PersonalKey {
    /// The key.
    pub provider: KeyFileProvider,
    /// Chain, leaf first, DER.
    pub chain: Vec<Vec<u8>>,
    /// The PIN as the person typed it for this act.
    pub pin: Pin,
}

impl PersonalKey {
    /// Signs a message.
    ///
    /// # Errors
    /// Wrong PIN.
    pub fn sign(&self, message: &[u8]) -> Result<[u8; 64], ClientError> {
        Ok(self.provider.sign(&self.pin, message)?)
    }

    /// The chain as it stands in attachments.
    pub fn chain_text(&self) -> Vec<String> {
        use base64::Engine as _;
        self.chain
            .iter()
            .map(|der| base64::engine::general_purpose::STANDARD.encode(der))
            .collect()
    }
}

/// What an act says, before it is signed.
pub struct Draft<'a, T> {
    /// Type of the catalogue.
    pub kind: &'a str,
    /// Stage instance.
    pub instance: &'a str,
    /// Payload.
    pub payload: &'a T,
    /// Attachments: values that stand in the act as salted commitments only.
    pub attachments: Vec<(String, Vec<u8>)>,
    /// Who signs personally, where the catalogue asks for it.
    pub personal: Option<&'a PersonalKey>,
}

/// The device id of a desktop PC outside booths: told apart by its key.
pub(crate) fn device_of(key: &PublicKey) -> DeviceId {
    let digest = Digest::tagged("conclave/device/v1", &[&key.0]);
    let mut id = [0; 16];
    id.copy_from_slice(&digest.0[..16]);
    DeviceId(id)
}

/// The actor on this device.
pub struct Author {
    key: SigningKeyPair,
    device: DeviceId,
}

impl Author {
    /// An actor with its key and the enrolled device's id.
    pub fn new(key: SigningKeyPair, device: DeviceId) -> Self {
        Self { key, device }
    }

    /// The actor's public key.
    pub fn public(&self) -> PublicKey {
        PublicKey(self.key.public_key())
    }

    /// The device.
    pub fn device(&self) -> DeviceId {
        self.device
    }

    /// The signing key itself, for seals and proofs of possession.
    pub fn key(&self) -> &SigningKeyPair {
        &self.key
    }

    /// Lays out and signs an act.
    ///
    /// # Errors
    /// Wrong PIN; a payload that does not fit the act format.
    pub fn compose<T: Serialize>(
        &self,
        origin: Origin,
        draft: Draft<'_, T>,
        seen: Seen,
        now: Millis,
        random: &mut dyn Random,
    ) -> Result<Submission, ClientError> {
        let by = Actor {
            key: self.public(),
            device: self.device,
        };
        let (body, openings) = lay_out(by, origin, draft, seen, (now, LIFE), random)?;
        Ok(self.sign(&body, openings, random))
    }

    /// Signs a body that is laid out as this actor's.
    pub(crate) fn sign(
        &self,
        body: &Body,
        openings: BTreeMap<String, Opening>,
        random: &mut dyn Random,
    ) -> Submission {
        let salt = fresh_salt(random);
        let input = signing_input(&Header::of(body), &commit_body(&salt, &body.bytes));
        Submission {
            body: body.bytes.clone(),
            salt,
            signature: Signature(self.key.sign(&input)),
            openings,
        }
    }
}

/// Who an act is laid out for.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Actor {
    /// Key.
    pub(crate) key: PublicKey,
    /// Device.
    pub(crate) device: DeviceId,
}

/// Lays out an act that its actor has still to sign: body, and the openings of its attachments. `life`: when it is made
/// and for how long it is valid.
///
/// # Errors
/// Wrong PIN; a payload that does not fit the act format.
pub(crate) fn lay_out<T: Serialize>(
    by: Actor,
    origin: Origin,
    draft: Draft<'_, T>,
    seen: Seen,
    life: (Millis, Millis),
    random: &mut dyn Random,
) -> Result<(Body, BTreeMap<String, Opening>), ClientError> {
    let format = |e: &dyn std::fmt::Display| ClientError::Format(e.to_string());
    let mut id = [0; 16];
    random.fill(&mut id);
    let (now, long) = life;
    let core = Core {
        suite: Suite::International,
        origin,
        id: ActId(id),
        actor: by.key,
        device: by.device,
        kind: draft.kind.to_owned(),
        instance: draft.instance.to_owned(),
        payload: serde_json::to_value(draft.payload).map_err(|e| format(&e))?,
        seen,
        time: now,
        expires: now + long,
    };
    let mut values = draft.attachments;
    if let Some(personal) = draft.personal {
        values.push((personal::ATTACHMENT.to_owned(), personal_value(&core, personal)?));
    }
    let mut commitments = BTreeMap::new();
    let mut openings = BTreeMap::new();
    for (name, value) in values {
        let salt = fresh_salt(random);
        commitments.insert(name.clone(), commit_attachment(&name, &salt, &value));
        openings.insert(name, Opening { salt, value });
    }
    let body = Body::new(core, commitments).map_err(|e| format(&e))?;
    Ok((body, openings))
}

fn fresh_salt(random: &mut dyn Random) -> Salt {
    let mut salt = [0; 32];
    random.fill(&mut salt);
    Salt(salt)
}

/// Renders the text, signs digest of the core and text, and lays out the attachment.
fn personal_value(core: &Core, personal: &PersonalKey) -> Result<Vec<u8>, ClientError> {
    let text = personal::text(core)
        .ok_or_else(|| ClientError::Format(format!("{} has no personal text", core.kind)))?;
    let digest: Digest = Body::new(core.clone(), BTreeMap::new())
        .map_err(|e| ClientError::Format(e.to_string()))?
        .core_digest();
    let signature = personal.sign(&personal::message(&digest, &text))?;
    let value = PersonalSignature {
        format: PersonalSignature::FORMAT.to_owned(),
        template: personal::template(&core.kind),
        certificate: personal.chain_text(),
        signature: Signature(signature),
    };
    serde_json::to_vec(&value).map_err(|e| ClientError::Format(e.to_string()))
}
