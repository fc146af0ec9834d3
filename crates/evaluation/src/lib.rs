//! The evaluation as a pure fold over signed acts.
//!
//! `State::apply` takes one verified act and either changes the state or refuses and changes nothing.
//! It knows no clock, no random source, no store and no net: time is the centre time of the entry, blobs
//! come through [`Blobs`]. It reads no field that may be withheld from a full package: what may be withheld
//! stands in attachments, and those are checked beside the fold ([`personal`], [`certificates`]).
//! Who may know what is [`access`]; every act type, those of later work included, is in [`catalogue`].

pub mod access;
pub mod acts;
mod apply;
pub mod catalogue;
pub mod certificates;
pub mod custody;
pub mod draw;
pub mod extract;
pub mod personal;
pub mod plan;
mod refusal;
mod role;
mod state;

pub use apply::{Act, Blobs, MAX_ACT_LIFE, MAX_CLAIM_SKEW};
pub use refusal::{Code, Language, Refusal};
pub use role::{BidderId, CodeName, PersonId, Role, SiteId};
pub use state::{
    BidPart, Binding, CeremonyState, Committee, DrawState, KeySetting, Line, Member, OpenedRound,
    PartOutcome, Party, RecordSetting, ResultState, RoundState, Site, State, Submission,
};

/// The procedure version that new records name in their first act. Older versions stay in the code.
pub const PROCEDURE: &str = "conclave.procedure/1";

/// Role of the desktop profile in which keys are development keys; shown wherever a key is shown.
pub const DEVELOPMENT_MARK: &str = "DEVELOPMENT";
