use super::{ActError, is_attachment_name, is_instance, is_kind};
use crate::{
    ids::{ActId, DeviceId, Digest, Millis, Origin, PublicKey, Suite},
    strict::{self, MAX_BODY},
};
use serde::{Deserialize, Serialize};
use serde_json::{Value, value::RawValue};
use std::{borrow::Cow, collections::BTreeMap};

/// The value of the member `format` of every core.
pub const FORMAT: &str = "conclave.act/1";

/// What precedes the core in a body.
const CORE_AT: &[u8] = b"{\"core\":";

/// The newest checkpoint the author had seen when he acted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Seen {
    /// Number of leaves.
    pub size: u64,
    /// Root over them.
    pub root: Digest,
}

/// What an act says. In JSON exactly these members and `format`; all required, no other.
#[derive(Debug, Clone, PartialEq)]
pub struct Core {
    /// Suite of the actor's key.
    pub suite: Suite,
    /// The record the act belongs to.
    pub origin: Origin,
    /// Identity of the act.
    pub id: ActId,
    /// The key that signs.
    pub actor: PublicKey,
    /// The machine it was made on.
    pub device: DeviceId,
    /// Act type, JSON member `type`: 1 to 40 bytes of `[a-z0-9_.]`; `docs/formats/catalogue.md`.
    pub kind: String,
    /// Round or stage instance: 0 to 64 bytes of `[a-z0-9_/.-]`; empty where the type belongs to none.
    pub instance: String,
    /// What the type carries.
    pub payload: Value,
    /// Last seen checkpoint.
    pub seen: Seen,
    /// Time claimed by the author.
    pub time: Millis,
    /// The act is refused when admitted later than this.
    pub expires: Millis,
}

/// The JSON form of a core; the order of the fields is the order we write.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct CoreJson<'a> {
    format: Cow<'a, str>,
    suite: Suite,
    origin: Origin,
    id: ActId,
    actor: PublicKey,
    device: DeviceId,
    #[serde(rename = "type")]
    kind: Cow<'a, str>,
    instance: Cow<'a, str>,
    payload: Cow<'a, Value>,
    seen: Seen,
    time: Millis,
    expires: Millis,
}

impl Core {
    fn to_json(&self) -> CoreJson<'_> {
        CoreJson {
            format: FORMAT.into(),
            suite: self.suite,
            origin: self.origin,
            id: self.id,
            actor: self.actor,
            device: self.device,
            kind: self.kind.as_str().into(),
            instance: self.instance.as_str().into(),
            payload: Cow::Borrowed(&self.payload),
            seen: self.seen,
            time: self.time,
            expires: self.expires,
        }
    }

    fn from_json(json: CoreJson<'_>) -> Result<Core, ActError> {
        if json.format != FORMAT {
            return Err(ActError::Format(json.format.into_owned()));
        }
        if !is_kind(&json.kind) {
            return Err(ActError::Kind(json.kind.into_owned()));
        }
        if !is_instance(&json.instance) {
            return Err(ActError::Instance(json.instance.into_owned()));
        }
        Ok(Core {
            suite: json.suite,
            origin: json.origin,
            id: json.id,
            actor: json.actor,
            device: json.device,
            kind: json.kind.into_owned(),
            instance: json.instance.into_owned(),
            payload: json.payload.into_owned(),
            seen: json.seen,
            time: json.time,
            expires: json.expires,
        })
    }
}

/// A body: its exact bytes, and what they say. Made by [`Body::parse`] and [`Body::new`] only.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct Body {
    /// What the act says.
    pub core: Core,
    /// The bytes of the core as they stand in the body.
    pub core_bytes: Vec<u8>,
    /// Name of each attachment to its commitment ([`super::commit_attachment`]).
    pub attachments: BTreeMap<String, Digest>,
    /// The exact bytes: what is committed to, stored and delivered.
    pub bytes: Vec<u8>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct BodyJson<'a> {
    #[serde(borrow)]
    core: &'a RawValue,
    attachments: BTreeMap<String, Digest>,
}

impl Body {
    /// Reads a body: strict JSON, canonical outside the core, the core complete and without unknown members.
    pub fn parse(bytes: &[u8]) -> Result<Body, ActError> {
        strict::check(bytes, MAX_BODY)?;
        let json: BodyJson<'_> =
            serde_json::from_slice(bytes).map_err(|error| strict::shape_error(bytes, &error))?;
        let core_bytes = json.core.get().as_bytes();
        let again = encode(core_bytes, &json.attachments)?;
        if again != bytes {
            let common = again
                .iter()
                .zip(bytes)
                .take_while(|(ours, theirs)| ours == theirs)
                .count();
            return Err(ActError::BodyNotCanonical { offset: common });
        }
        let core = serde_json::from_slice(core_bytes).map_err(|error| {
            let mut located = strict::shape_error(core_bytes, &error);
            located.offset += CORE_AT.len();
            located
        })?;
        Ok(Body {
            core: Core::from_json(core)?,
            core_bytes: core_bytes.to_vec(),
            attachments: json.attachments,
            bytes: bytes.to_vec(),
        })
    }

    /// Writes a body. Refuses what [`Body::parse`] would refuse.
    pub fn new(core: Core, attachments: BTreeMap<String, Digest>) -> Result<Body, ActError> {
        if core.actor.0[0] != 0x04 {
            return Err(ActError::Actor);
        }
        let core_bytes =
            serde_json::to_vec(&core.to_json()).expect("a core has string keys and no foreign type");
        Body::parse(&encode(&core_bytes, &attachments)?)
    }

    /// Identity of what is said: SHA-256(`"conclave/core/v1"` ‖ 0x00 ‖ core bytes). Personal signatures
    /// cover it.
    pub fn core_digest(&self) -> Digest {
        Digest::tagged("conclave/core/v1", &[&self.core_bytes])
    }
}

fn encode(core_bytes: &[u8], attachments: &BTreeMap<String, Digest>) -> Result<Vec<u8>, ActError> {
    if let Some(name) = attachments.keys().find(|name| !is_attachment_name(name)) {
        return Err(ActError::AttachmentName(name.clone()));
    }
    let attachments = serde_json::to_vec(attachments).expect("a map of strings to strings");
    Ok([CORE_AT, core_bytes, b",\"attachments\":", &attachments, b"}"].concat())
}
