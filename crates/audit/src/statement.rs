//! `statement.json`: what a bidder states inside each sealed part, and the identity in it (protocol 5).

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// Name of the file in the plaintext tar of a part.
pub const FILE: &str = "statement.json";

/// Format name.
pub const FORMAT: &str = "conclave.statement/1";

/// Greatest length of a statement, in bytes.
pub const MAX_STATEMENT: usize = 64 * 1024;

/// The statement of a part.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Statement {
    /// `conclave.statement/1`.
    pub format: String,
    /// Who bids. The value of attachment `identity` of `part.opened` is exactly this, as JSON.
    pub identity: Identity,
    /// The price, in the part that states one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub price: Option<StatedPrice>,
    /// Other members are for other readers.
    #[serde(flatten)]
    pub other: Map<String, Value>,
}

/// Who bids.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Identity {
    /// Name of the bidder; of a consortium, its leader's.
    pub name: String,
    /// 统一社会信用代码, or the register number of a foreign bidder: two bids with one code are one bidder's.
    pub code: String,
    /// Other members are for other readers.
    #[serde(flatten)]
    pub other: Map<String, Value>,
}

/// A stated price.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StatedPrice {
    /// Decimal string in the currency of the rulebook.
    pub total: String,
    /// Other members are for other readers.
    #[serde(flatten)]
    pub other: Map<String, Value>,
}

impl Statement {
    /// Reads a statement: strict JSON.
    ///
    /// # Errors
    /// What is wrong, with the byte.
    pub fn parse(bytes: &[u8]) -> Result<Statement, String> {
        let statement: Statement =
            record::strict::from_slice_within(bytes, MAX_STATEMENT).map_err(|e| e.to_string())?;
        match statement.format == FORMAT {
            true => Ok(statement),
            false => Err("format is not conclave.statement/1".to_owned()),
        }
    }
}

impl Identity {
    /// Reads the value of an attachment `identity`.
    ///
    /// # Errors
    /// What is wrong, with the byte.
    pub fn parse(bytes: &[u8]) -> Result<Identity, String> {
        record::strict::from_slice_within(bytes, MAX_STATEMENT).map_err(|e| e.to_string())
    }
}
