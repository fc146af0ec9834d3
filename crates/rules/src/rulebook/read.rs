//! The strict reader.

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
                at: error.path().to_string(),
                message: error.inner().to_string(),
            })?;
        reader.end().map_err(|error| RulebookError::Shape {
            at: ".".to_owned(),
            message: error.to_string(),
        })?;
        Ok(rulebook)
    }
}
