//! What this client checks by itself before it seals, releases or decrypts anything (protocol 4.3, 4.7, 5).
//! Each check mints a permit: a value without a public constructor that the next step asks for.

mod binding;
mod ending;
mod record;
mod release;
mod round_key;

pub use binding::check_binding;
pub use ending::check_ending;
pub use record::{check_record, check_trust};
pub use release::{DecryptPermit, ReleasePermit, check_decrypt, check_release, deadline_kept};
pub use round_key::{KeyPermit, check_key};
