//! What this client checks by itself before it seals, releases or decrypts anything (protocol 4.3, 4.7, 5).
//! Each list of checks ([`Checklist`]) mints a permit when all hold: a value without a public constructor that the next
//! step asks for. The same list, shown, is what a person reads before the PIN is asked for.

mod binding;
mod ending;
mod list;
mod record;
mod release;
mod round_key;
mod suspension;

pub use binding::{binding_checks, check_binding};
pub use ending::{check_ending, ending_checks};
pub use list::Checklist;
pub use record::{check_record, check_trust, record_checks, trust_checks};
pub use release::{
    DecryptPermit, ReleasePermit, check_decrypt, check_release, close_checks, deadline_kept, decrypt_checks,
    release_checks,
};
pub use round_key::{KeyPermit, acknowledge_checks, check_key, deal_checks, key_checks};
pub use suspension::check_not_suspended;
