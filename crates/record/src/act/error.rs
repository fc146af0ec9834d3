use crate::{ids::Suite, strict::StrictError};

/// Why bytes are not an act, or an act does not hold.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ActError {
    /// The body is not strict JSON, or not of the expected shape.
    #[error("body: {0}")]
    Strict(#[from] StrictError),
    /// The core names another format.
    #[error("core: format {0:?} is not conclave.act/1")]
    Format(String),
    /// A type outside 1 to 40 bytes of `[a-z0-9_.]`.
    #[error("core: act type {0:?} is not allowed")]
    Kind(String),
    /// An instance outside 0 to 64 bytes of `[a-z0-9_/.-]`.
    #[error("core: stage instance {0:?} is not allowed")]
    Instance(String),
    /// The actor's key does not begin with 0x04.
    #[error("actor: not an uncompressed point")]
    Actor,
    /// An attachment name outside 1 to 24 bytes of `[a-z_]`.
    #[error("attachment name {0:?} is not allowed")]
    AttachmentName(String),
    /// The body differs from its one encoding: white space, order or spelling outside the core.
    #[error("body: not canonical at byte {offset}")]
    BodyNotCanonical {
        /// The first byte that differs.
        offset: usize,
    },
    /// The header is not the encoding of any header.
    #[error("header, byte {offset}: {what}")]
    Header {
        /// Where it goes wrong.
        offset: usize,
        /// What was expected or found.
        what: &'static str,
    },
    /// A suite this crate can't verify.
    #[error("suite {0:?} is not supported")]
    UnsupportedSuite(Suite),
    /// s is above half of the group order; the same signature has a low form, and only that one is accepted.
    #[error("signature: s is in the upper half of the group order")]
    HighS,
    /// The signature is not the actor's over header and commitment.
    #[error("signature does not verify under the actor's key")]
    Signature,
    /// Salt and body do not give the commitment that was signed.
    #[error("salt and body do not match the commitment")]
    BodyCommitment,
    /// The header is not the header of the body.
    #[error("header does not belong to the body: {field} differs")]
    HeaderMismatch {
        /// The first field that differs.
        field: &'static str,
    },
    /// An opening for a name the body does not declare.
    #[error("opening {0:?}: the body declares no such attachment")]
    UndeclaredOpening(String),
    /// An opening that does not match its commitment.
    #[error("opening {0:?} does not match its commitment")]
    OpeningMismatch(String),
    /// An opening whose value is larger than an attachment may be.
    #[error("opening {name:?}: {size} bytes, an attachment has at most 32768")]
    OpeningTooLarge {
        /// Name of the attachment.
        name: String,
        /// Size of the value in bytes.
        size: usize,
    },
    /// Openings given with an entry whose body is withheld: nothing says what they open.
    #[error("openings without the body that commits to them")]
    OpeningsWithoutBody,
    /// An entry that gives only the leaf hash, and something else that nothing binds to it.
    #[error("entry gives only the leaf hash, yet also {what}")]
    UnboundByHash {
        /// What stands there.
        what: &'static str,
    },
    /// An index or time above 2^53 - 1.
    #[error("{what} is above 2^53 - 1")]
    OutOfRange {
        /// Which number.
        what: &'static str,
    },
}
