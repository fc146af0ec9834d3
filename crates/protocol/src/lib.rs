//! Versioned wire types and the command table: the one place where routes, who may call them, and bodies are named.
//!
//! Bodies are JSON unless the table says bytes. Nothing here decides anything; the centre does.

mod command;
mod error;
mod feed;
mod requests;
pub mod window;

pub use command::{
    Access, BUILD_DEFAULT, BUILD_DRIVEN, BUILD_HEADER, COMMANDS, Command, MAX_JSON_BODY, Method,
};
pub use error::{ErrorBody, ErrorCode};
pub use feed::{Cosigned, Feed, FeedItem, WitnessPage, WitnessTail};
pub use requests::{
    Acknowledged, Bundle, Connections, Cosignature, HeldBlobs, IngestKey, LeafReturn, MAX_HELD,
    MAX_PROPOSALS, MissingBlobs, PartKey, Receipt, RecordLine, RegisterProof, ReplacedWitness,
    ReplacementAsk, ReplacementAsked, ReplacementProposal, ReplacementTaken, Replacements, RestoreState,
    ReturnedLeaves, SeatConnection, StageDocument, StoredBlob,
};
