//! The strict reader.

use std::fmt;

use serde::Deserialize;
use serde::de::{self, DeserializeOwned, Deserializer, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Value};

use super::Rulebook;

/// The longest rulebook, in bytes.
pub const MAX_RULEBOOK_BYTES: usize = 1 << 20;

/// Why bytes are not a rulebook.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RulebookError {
    /// More than [`MAX_RULEBOOK_BYTES`].
    #[error("the rulebook is longer than {MAX_RULEBOOK_BYTES} bytes")]
    TooLong,
    /// Not JSON, or JSON that does not have the shape of a rulebook: a field that is unknown, missing,
    /// given twice or of the wrong type.
    #[error("{at}: {message}")]
    Shape {
        /// JSON path of the place, `criteria[0].kind.range.min`; `.` for the whole.
        at: String,
        /// What is wrong, with line and column.
        message: String,
    },
}

/// Reads one JSON value whose objects have no field twice, and then a type from it.
pub(crate) fn read_strictly<T: DeserializeOwned>(bytes: &[u8], most: usize) -> Result<T, RulebookError> {
    if bytes.len() > most {
        return Err(RulebookError::TooLong);
    }
    let shape = |at: String, message: String| RulebookError::Shape { at, message };
    let mut reader = serde_json::Deserializer::from_slice(bytes);
    let Unrepeated(value) = serde_path_to_error::deserialize(&mut reader)
        .map_err(|error| shape(place(error.path()), error.inner().to_string()))?;
    reader
        .end()
        .map_err(|error| shape(".".to_owned(), error.to_string()))?;
    serde_path_to_error::deserialize(value)
        .map_err(|error| shape(place(error.path()), error.inner().to_string()))
}

/// The path in words; a field without a name has none, and the whole is meant.
fn place(path: &serde_path_to_error::Path) -> String {
    match path.to_string() {
        nameless if nameless.is_empty() => ".".to_owned(),
        named => named,
    }
}

/// A value of JSON whose objects have no field twice.
struct Unrepeated(Value);

impl<'de> Deserialize<'de> for Unrepeated {
    fn deserialize<D: Deserializer<'de>>(reader: D) -> Result<Self, D::Error> {
        reader.deserialize_any(ValueVisitor).map(Self)
    }
}

struct ValueVisitor;

impl<'de> Visitor<'de> for ValueVisitor {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a value of JSON; a number with a fraction is a string, \"12.5\"")
    }

    fn visit_bool<E>(self, value: bool) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_i64<E>(self, value: i64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_u64<E>(self, value: u64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_str<E>(self, value: &str) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Value, A::Error> {
        let mut list = Vec::new();
        while let Some(Unrepeated(item)) = items.next_element()? {
            list.push(item);
        }
        Ok(Value::Array(list))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut fields: A) -> Result<Value, A::Error> {
        let mut object = Map::new();
        while let Some(name) = fields.next_key::<String>()? {
            let Unrepeated(value) = fields.next_value()?;
            if object.contains_key(&name) {
                return Err(de::Error::custom(format!(
                    "the field `{name}` stands there twice"
                )));
            }
            object.insert(name, value);
        }
        Ok(Value::Object(object))
    }
}

impl Rulebook {
    /// Reads a rulebook from JSON. Unknown and repeated fields, JSON numbers where a decimal string
    /// belongs, and anything after the object are refused. The law is not checked here; see
    /// [`Rulebook::validate`].
    ///
    /// # Errors
    /// [`RulebookError`], with the JSON path of the first fault.
    pub fn parse(bytes: &[u8]) -> Result<Self, RulebookError> {
        if bytes.len() > MAX_RULEBOOK_BYTES {
            return Err(RulebookError::TooLong);
        }
        let mut reader = serde_json::Deserializer::from_slice(bytes);
        let rulebook =
            serde_path_to_error::deserialize(&mut reader).map_err(|error| RulebookError::Shape {
                at: place(error.path()),
                message: error.inner().to_string(),
            })?;
        reader.end().map_err(|error| RulebookError::Shape {
            at: ".".to_owned(),
            message: error.to_string(),
        })?;
        Ok(rulebook)
    }
}
