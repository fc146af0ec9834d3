//! The bytes of an act, from its body to the leaf of the record. `docs/formats/acts.md`.
//!
//! ```text
//! body       = {"core":<core>,"attachments":{<name>:"<commitment>",…}}        what the author means
//! commitment = SHA-256("conclave/body/v1" 00 ‖ salt ‖ body)                     hides it
//! header     = suite, origin, type, instance, actor, length class               what every reader may know
//! signature  = ECDSA("conclave/act/v1" 00 ‖ header ‖ commitment)                verifies without the body
//! leaf       = header ‖ centre time ‖ commitment                                what the tree holds
//! ```

mod body;
mod commitment;
mod entry;
mod error;
mod header;
mod submission;

pub use body::{Body, Core, FORMAT, Seen};
pub use commitment::{Opening, commit_attachment, commit_body, low_s, personal_signing_input, signing_input};
pub use entry::{Disclosed, Entry, Leaf, VerifiedHeader, VerifiedLeaf, verify_entry};
pub use error::ActError;
pub use header::Header;
pub use submission::{Submission, VerifiedAct, verify_submission};

/// Greatest length of the value of an attachment, in bytes: what is larger than 32 KiB is a blob
/// (protocol.md 1).
pub const MAX_ATTACHMENT: usize = 32 * 1024;

fn is_kind(text: &str) -> bool {
    (1..=40).contains(&text.len())
        && text
            .bytes()
            .all(|byte| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'_' | b'.'))
}

fn is_instance(text: &str) -> bool {
    let allowed = |byte| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'_' | b'/' | b'.' | b'-');
    text.len() <= 64 && text.bytes().all(allowed)
}

fn is_attachment_name(text: &str) -> bool {
    (1..=24).contains(&text.len()) && text.bytes().all(|byte| matches!(byte, b'a'..=b'z' | b'_'))
}
