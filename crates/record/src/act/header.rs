use super::{ActError, Body, is_instance, is_kind};
use crate::{
    base64_bytes,
    ids::{Origin, PublicKey, Suite},
};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error as _};

const VERSION: u8 = 1;
const SMALLEST_CLASS: usize = 512;
const GREATEST_CLASS: u8 = 7;

/// What every reader of the record may know of an act, its body disclosed or not. In JSON: base64 of the
/// bytes.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Header {
    /// Suite of the actor's key.
    pub suite: Suite,
    /// The record the act belongs to.
    pub origin: Origin,
    /// Act type.
    pub kind: String,
    /// Round or stage instance.
    pub instance: String,
    /// The key that signs.
    pub actor: PublicKey,
    /// The smallest k with body length <= 512 · 2^k; 0 to 7.
    pub length_class: u8,
}

impl Header {
    /// The header of a body.
    pub fn of(body: &Body) -> Header {
        let core = &body.core;
        Header {
            suite: core.suite,
            origin: core.origin,
            kind: core.kind.clone(),
            instance: core.instance.clone(),
            actor: core.actor,
            length_class: length_class(body.bytes.len()),
        }
    }

    /// The bytes: version 1, suite, origin, then type, instance and actor each with a length byte, length
    /// class.
    pub fn encode(&self) -> Vec<u8> {
        let mut out = Vec::with_capacity(20 + self.kind.len() + self.instance.len() + 67);
        out.extend([VERSION, self.suite.byte()]);
        out.extend(self.origin.0);
        for field in [self.kind.as_bytes(), self.instance.as_bytes(), &self.actor.0] {
            // Longer fields come from hand-made headers only; cut, they still encode to something decode
            // refuses or that belongs to no body.
            let length = u8::try_from(field.len()).unwrap_or(u8::MAX);
            out.push(length);
            out.extend(&field[..usize::from(length)]);
        }
        out.push(self.length_class);
        out
    }

    /// Reads the bytes of exactly one header. `encode` of the result gives the same bytes.
    pub fn decode(bytes: &[u8]) -> Result<Header, ActError> {
        let mut reader = Reader { bytes, at: 0 };
        if reader.byte("version")? != VERSION {
            return Err(reader.wrong("version is not 1"));
        }
        let suite =
            Suite::from_byte(reader.byte("suite")?).ok_or_else(|| reader.wrong("suite is not 1 or 2"))?;
        let origin = Origin(reader.array("record origin")?);
        let kind = reader.text("act type", is_kind)?;
        let instance = reader.text("stage instance", is_instance)?;
        if reader.byte("length of the actor's key")? != 65 {
            return Err(reader.wrong("length of the actor's key is not 65"));
        }
        let actor = PublicKey(reader.array("actor's key")?);
        if actor.0[0] != 0x04 {
            return Err(ActError::Actor);
        }
        let length_class = reader.byte("length class")?;
        if length_class > GREATEST_CLASS {
            return Err(reader.wrong("length class is above 7"));
        }
        if reader.at != bytes.len() {
            return Err(ActError::Header {
                offset: reader.at,
                what: "bytes after the header",
            });
        }
        Ok(Header {
            suite,
            origin,
            kind,
            instance,
            actor,
            length_class,
        })
    }

    /// The first field in which two headers differ.
    pub(super) fn difference(&self, other: &Header) -> Option<&'static str> {
        [
            ("suite", self.suite != other.suite),
            ("origin", self.origin != other.origin),
            ("type", self.kind != other.kind),
            ("instance", self.instance != other.instance),
            ("actor", self.actor != other.actor),
            ("length class", self.length_class != other.length_class),
        ]
        .into_iter()
        .find_map(|(field, differs)| differs.then_some(field))
    }
}

fn length_class(length: usize) -> u8 {
    // A body has at most 64 KiB = 512 << 7.
    (0..GREATEST_CLASS)
        .find(|class| length <= SMALLEST_CLASS << class)
        .unwrap_or(GREATEST_CLASS)
}

struct Reader<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl Reader<'_> {
    /// The error about the byte just read.
    fn wrong(&self, what: &'static str) -> ActError {
        ActError::Header {
            offset: self.at.saturating_sub(1),
            what,
        }
    }

    fn take(&mut self, length: usize, what: &'static str) -> Result<&[u8], ActError> {
        let field = self
            .bytes
            .get(self.at..self.at + length)
            .ok_or(ActError::Header {
                offset: self.at,
                what,
            })?;
        self.at += length;
        Ok(field)
    }

    fn byte(&mut self, what: &'static str) -> Result<u8, ActError> {
        Ok(self.take(1, what)?[0])
    }

    fn array<const N: usize>(&mut self, what: &'static str) -> Result<[u8; N], ActError> {
        let mut out = [0; N];
        out.copy_from_slice(self.take(N, what)?);
        Ok(out)
    }

    fn text(&mut self, what: &'static str, allowed: fn(&str) -> bool) -> Result<String, ActError> {
        let length = usize::from(self.byte(what)?);
        let offset = self.at;
        let text = std::str::from_utf8(self.take(length, what)?)
            .ok()
            .filter(|text| allowed(text));
        text.map(str::to_owned).ok_or(ActError::Header { offset, what })
    }
}

impl Serialize for Header {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        base64_bytes::serialize(&self.encode(), serializer)
    }
}

impl<'de> Deserialize<'de> for Header {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Header::decode(&base64_bytes::deserialize(deserializer)?).map_err(D::Error::custom)
    }
}
