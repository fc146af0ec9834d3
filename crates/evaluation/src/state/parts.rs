//! What the state is made of: people, sites, keys, bids, the committee, rounds, the result.

use crate::role::{BidderId, CodeName, PersonId, Role, SiteId};
use record::{ActId, BlobRef, Digest, Millis, Origin, PublicKey, Suite};
use sealing::bid::Wraps;
use sealing::ceremony;
use sealing::curve::P256;
use std::collections::{BTreeMap, BTreeSet};

/// What the first act fixes.
#[derive(Clone, Debug)]
pub struct RecordSetting {
    /// Random id of the record.
    pub origin: Origin,
    /// Suite of the whole record.
    pub suite: Suite,
    /// Procedure version.
    pub procedure: String,
    /// The centre's name and keys.
    pub centre: crate::acts::setup::CentreLine,
    /// The first log witnesses; those now are [`State::log_witnesses`].
    pub witnesses: Vec<crate::acts::setup::WitnessLine>,
    /// How many cosignatures a receipt, close, release or opening needs.
    pub quorum: u8,
    /// Bids are taken until then, centre time.
    pub deadline: Millis,
    /// Rulebook blob.
    pub rulebook: BlobRef,
    /// Tender package manifest blob.
    pub tender: BlobRef,
    /// Published documents of the tender.
    pub documents: Vec<crate::acts::setup::DocumentRef>,
    /// Keys of this record are development keys.
    pub development: bool,
}

/// A person in a role, known by a pseudonym and a key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Party {
    /// Pseudonym.
    pub person: PersonId,
    /// Role.
    pub role: Role,
    /// Organisation (O of the certificate).
    pub organisation: String,
    /// Site, where the role is bound to one.
    pub site: Option<SiteId>,
    /// Booth, where the key is the booth PC's device key.
    pub booth: Option<String>,
    /// HPKE key of holders and custodians.
    pub encryption_key: Option<PublicKey>,
    /// Certificate chain, leaf first, DER.
    pub chain: Vec<Vec<u8>>,
    /// The function key.
    pub key: PublicKey,
}

/// An enrolled site.
#[derive(Clone, Debug)]
pub struct Site {
    /// Whether it is the host site (主场).
    pub host: bool,
    /// Organisation that runs it.
    pub organisation: String,
}

/// Who makes a key together, and for what.
#[derive(Clone, Debug)]
pub struct KeySetting {
    /// Commitment of the defining act: the context of every proof of the ceremony.
    pub context: Digest,
    /// Holders in order; index 1 is the first.
    pub holders: Vec<crate::acts::ceremony::HolderLine>,
    /// How many open together.
    pub threshold: u8,
}

/// A key ceremony (lot key or round key).
#[derive(Clone, Debug)]
pub struct CeremonyState {
    /// Setting.
    pub setting: KeySetting,
    /// Deals by dealer index.
    pub deals: BTreeMap<u8, ceremony::Deal<P256>>,
    /// Holders that acknowledged all deals.
    pub acknowledged: BTreeSet<u8>,
    /// A complaint stops the ceremony: (complainer, dealer).
    pub complaint: Option<(u8, u8)>,
    /// The key, once every holder acknowledged.
    pub key: Option<ceremony::RoundKey<P256>>,
}

/// A sealed part of a bid.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BidPart {
    /// Name of the part: `opening`, `qualification`, `commercial`, `technical`, `price`.
    pub name: String,
}

/// One bid's submission (投标文件), known by a random id until it is opened.
#[derive(Clone, Debug)]
pub struct Submission {
    /// Index of the act that counts (the last submit or replace).
    pub index: u64,
    /// Index of the first submit: the order of bids.
    pub first: u64,
    /// One-time submission key.
    pub key: PublicKey,
    /// Sealed parts.
    pub parts: BTreeMap<String, SealedPart>,
    /// Withdrawn bids stay shut.
    pub withdrawn: bool,
    /// Parts for which the bidder gave its half of the key.
    pub unlocked: BTreeSet<String>,
    /// Partial decryptions by part and holder.
    pub partials: BTreeMap<String, BTreeMap<u8, sealing::proofs::Partial<P256>>>,
    /// Outcome by part.
    pub outcomes: BTreeMap<String, PartOutcome>,
    /// Ordinal, once the opening record names one.
    pub bidder: Option<BidderId>,
}

/// A part as submitted.
#[derive(Clone, Debug)]
pub struct SealedPart {
    /// The sealed container.
    pub container: BlobRef,
    /// Its wrapped keys.
    pub wraps: Wraps,
}

/// What came of opening a part.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PartOutcome {
    /// Decrypted; digest and size of the plaintext (canonical tar).
    Opened(BlobRef),
    /// Not decrypted, with the reason of the closed list.
    Failed(String),
}

/// A seat of the committee.
#[derive(Clone, Debug)]
pub struct Member {
    /// Expert or tenderer's representative.
    pub role: Role,
}

/// A roster line: a code name with its evaluation key.
#[derive(Clone, Debug)]
pub struct Line {
    /// Ticket of the check-in.
    pub ticket: String,
    /// Role of the member.
    pub role: Role,
    /// Booth.
    pub booth: String,
    /// Site.
    pub site: SiteId,
    /// Binding, once made.
    pub binding: Option<Binding>,
    /// Promise made.
    pub promised: bool,
    /// Avoidance declared without grounds.
    pub clear: Option<bool>,
    /// Vote for the leader.
    pub leader_vote: Option<CodeName>,
}

/// An evaluation key bound to a roster line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Binding {
    /// The evaluation key now.
    pub key: PublicKey,
    /// The first evaluation key of the line: what round definitions name.
    pub first_key: PublicKey,
    /// Device on which it was made.
    pub device: record::DeviceId,
    /// Index of the act that bound it.
    pub since: u64,
    /// Roles that saw it: witness person of the site and supervisor.
    pub seen: BTreeSet<Role>,
    /// Earlier keys of the line, refused from their replacement on.
    pub retired: Vec<PublicKey>,
}

/// The committee.
#[derive(Clone, Debug, Default)]
pub struct Committee {
    /// How many seats the committee has; 0 before the first is filled.
    pub size: u8,
    /// Seats by number.
    pub seats: BTreeMap<u8, Member>,
    /// Check-ins by ticket: role and site.
    pub tickets: BTreeMap<String, (Role, SiteId)>,
    /// Roster lines by code name.
    pub lines: BTreeMap<CodeName, Line>,
    /// Leader, once more than half of the members voted for one.
    pub leader: Option<CodeName>,
}

impl Committee {
    /// Whether every seat is filled.
    pub fn is_complete(&self) -> bool {
        self.size > 0 && self.seats.len() == usize::from(self.size)
    }
}

/// A draw by commit and reveal.
#[derive(Clone, Debug)]
pub struct DrawState {
    /// What was opened.
    pub setting: crate::acts::draws::DrawOpened,
    /// Centre time of the opening.
    pub opened: Millis,
    /// Commitments by party index.
    pub commitments: BTreeMap<u8, Digest>,
    /// Centre time at which the last commitment came.
    pub committed: Option<Millis>,
    /// How long the evaluation was suspended since the draw was opened or, later, fully committed; milliseconds.
    pub suspended: Millis,
    /// Revealed values.
    pub values: BTreeMap<u8, [u8; 32]>,
    /// Void, with the parties that did not reveal.
    pub voided: Option<Vec<u8>>,
    /// Result recorded.
    pub done: bool,
}

/// A sealed round.
#[derive(Clone, Debug)]
pub struct RoundState {
    /// Definition.
    pub setting: crate::acts::rounds::RoundDefined,
    /// Index of the defining act.
    pub index: u64,
    /// Sheets by line, in order of admission: (index, blob, key).
    pub sheets: BTreeMap<CodeName, Vec<(u64, BlobRef, PublicKey)>>,
    /// Lines recorded as absent.
    pub absent: BTreeSet<CodeName>,
    /// The leader's close: (act id, index).
    pub closed: Option<(ActId, u64)>,
    /// Countersigned by clerk or supervisor, at index.
    pub countersigned: Option<u64>,
    /// Shares by holder.
    pub shares: BTreeMap<u8, [u8; 32]>,
    /// Opened.
    pub opened: Option<OpenedRound>,
}

/// A round after its opening.
#[derive(Clone, Debug)]
pub struct OpenedRound {
    /// The round's secret, public from now on.
    pub x: [u8; 32],
    /// Sheets by line; `Err` names the fault that is the expert's own.
    pub sheets: BTreeMap<CodeName, Result<rules::Sheet, String>>,
}

/// A price that counts in the evaluation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Price {
    /// Decimal string.
    pub amount: String,
    /// Attributes for policy deductions.
    pub attributes: Vec<String>,
}

/// The computed result.
#[derive(Clone, Debug)]
pub struct ResultState {
    /// The canonical outcome.
    pub blob: BlobRef,
    /// The outcome itself.
    pub outcome: rules::Outcome,
}
