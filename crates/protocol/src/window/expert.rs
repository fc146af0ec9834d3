//! The expert's desk.

use super::common::{CheckLine, Millis, Offer, Words};
use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// State of a step of a path.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum StepState {
    /// Behind.
    Done,
    /// It is this person's turn.
    Now,
    /// It waits for others or for time.
    Waiting,
    /// Not reached.
    Later,
    /// It can't go on.
    Stopped,
}

/// A step of a path.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct Step {
    /// Stable id.
    pub id: String,
    /// Name.
    pub title: Words,
    /// State.
    pub state: StepState,
    /// What it waits for, or what came of it.
    pub note: Words,
}

/// What the expert's window shows.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct ExpertView {
    /// Check-in, promise, leader, avoidance, each round, report.
    /// Ids: `check_in`, `promise`, `leader`, `avoidance`, the instance of each round, `report`.
    pub steps: Vec<Step>,
    /// Code name, once drawn to this booth.
    pub code_name: Option<String>,
    /// Whether this member leads the committee.
    pub leads: bool,
    /// The committee under code names.
    pub committee: Vec<MemberLine>,
    /// Bidders, once the opening record stands.
    pub bidders: Vec<BidderLine>,
    /// Rounds of the stage plan, in order.
    pub rounds: Vec<RoundLine>,
    /// The text of the promise (承诺书) that is signed.
    pub promise: Words,
    /// The report, once made.
    pub report: Option<ReportView>,
    /// This PC stands where another one was, or is to.
    pub new_pc: Option<NewPc>,
    /// What may be done now. Actions: `check_in`, `ask_replacement`, `promise`, `vote_leader:NAME`,
    /// `declare_avoidance`, `seal:INSTANCE`, `close_round:INSTANCE`, `sign_report`.
    pub offers: Vec<Offer>,
}

/// How far a new PC is that takes the place of the one at which this member sat.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(tag = "state", rename_all = "snake_case")]
pub enum NewPc {
    /// The seat was taken at another PC, and nothing of it is here: `ask_replacement` is offered.
    Offered,
    /// It asks, and waits for the site desk.
    Asked {
        /// Centre time since when; `null` until the centre has heard it.
        since: Option<Millis>,
    },
    /// Confirmed; the newest snapshot is fetched, or waits for its cosignatures.
    Restoring,
    /// It went back to the newest snapshot.
    Restored {
        /// Centre time of the snapshot: what was written later on the old PC is not here. `null`: there was none.
        to: Option<Millis>,
        /// Cells restored.
        cells: u32,
    },
}

/// A member of the committee.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct MemberLine {
    /// Code name.
    pub code_name: String,
    /// Expert or tenderer's representative.
    pub role: Words,
    /// This is me.
    pub me: bool,
    /// Leads the committee.
    pub leads: bool,
    /// Has promised and is free of conflicts: may score.
    pub ready: bool,
}

/// A bidder.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct BidderLine {
    /// Ordinal, e.g. `B1`.
    pub bidder: String,
    /// Name from the opened identity; empty where it is hidden.
    pub name: String,
    /// No longer in play, and why.
    pub rejected: Option<Words>,
}

/// How a round stands for this expert.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum RoundState {
    /// Not defined yet.
    Later,
    /// The round key is being made, or this client has not checked it yet.
    KeyPending,
    /// Scores can be written.
    Open,
    /// This expert has sealed.
    Sealed,
    /// The round is closed.
    Closed,
    /// The quorum opened it.
    Opened,
}

/// A round.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct RoundLine {
    /// Stage instance.
    pub instance: String,
    /// Name.
    pub title: Words,
    /// Pass or fail, no points.
    pub review: bool,
    /// State.
    pub state: RoundState,
    /// What it waits for.
    pub note: Words,
    /// Own cells filled.
    pub filled: u32,
    /// Own cells.
    pub of: u32,
    /// Members who sealed.
    pub sealed: u32,
    /// Members.
    pub members: u32,
    /// Planned close, centre time.
    pub close: Option<Millis>,
    /// Receipt of the counted sheet.
    pub receipt: Option<ReceiptView>,
}

/// A receipt. It stays in the system; only the number may leave the booth.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct ReceiptView {
    /// Content-free number.
    pub number: String,
    /// Centre time.
    pub time: Millis,
    /// Index in the record.
    pub index: u64,
    /// Covered by a checkpoint with enough cosignatures.
    pub witnessed: bool,
    /// Cosignatures so far.
    pub cosignatures: u32,
    /// Cosignatures needed.
    pub quorum: u32,
}

/// The report.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct ReportView {
    /// Its text.
    pub text: String,
    /// SHA-256, hex.
    pub digest: String,
    /// Code names that signed.
    pub signed: Vec<String>,
    /// Code names that signed with a dissent (不同意见).
    pub dissents: Vec<String>,
    /// Signed by me.
    pub mine: bool,
}

/// Kind of a criterion.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum CriterionKind {
    /// Pass or fail.
    PassFail,
    /// Any number of a range.
    Range {
        /// Least, decimal.
        min: String,
        /// Greatest, decimal.
        max: String,
        /// Step, decimal.
        step: String,
    },
    /// One of these values.
    Fixed {
        /// Decimals, ascending.
        values: Vec<String>,
    },
    /// A number within one of several named ranges.
    Tiers {
        /// The ranges, as the rulebook has them.
        tiers: Vec<TierLine>,
        /// Step, decimal.
        step: String,
        /// The score where the bid has nothing to say on it, decimal; `None`: not given.
        missing: Option<String>,
    },
}

/// One named range (优, 良, 一般).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct TierLine {
    /// Its name.
    pub name: Words,
    /// Least, decimal.
    pub min: String,
    /// Greatest, decimal.
    pub max: String,
}

/// Where the tender says so.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct Clause {
    /// Clause number.
    pub clause: String,
    /// Page of the tender document.
    pub page: u32,
    /// Quoted text.
    pub quote: String,
}

/// A criterion of a sheet.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct CriterionLine {
    /// Id.
    pub id: String,
    /// Title of its group.
    pub group: Words,
    /// Title.
    pub title: Words,
    /// What may be written.
    pub kind: CriterionKind,
    /// A reason is needed with every score.
    pub reason_required: bool,
    /// Objective: members may not differ.
    pub objective: bool,
    /// Source.
    pub clause: Option<Clause>,
}

/// A cell of a sheet.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct CellView {
    /// Bidder.
    pub bidder: String,
    /// Criterion.
    pub criterion: String,
    /// `pass`, `fail`, a decimal, or `null` while nothing is chosen.
    pub value: Option<String>,
    /// Reason; may stand before the value.
    pub reason: String,
}

/// Why a sheet can't be sealed as it is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct Gap {
    /// Bidder.
    pub bidder: String,
    /// Criterion.
    pub criterion: String,
    /// What is missing.
    pub what: Words,
}

/// The page of a bid where, by its own word, a criterion is answered.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct NamedPage {
    /// Bidder.
    pub bidder: String,
    /// Criterion.
    pub criterion: String,
    /// Document id.
    pub document: String,
    /// Page, from 1.
    pub page: u32,
}

/// The sheet of one round: own scores only, nobody else's before the opening.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct SheetView {
    /// Stage instance.
    pub instance: String,
    /// Name.
    pub title: Words,
    /// Bids in play, in order.
    pub bidders: Vec<BidderLine>,
    /// Criteria, in order.
    pub criteria: Vec<CriterionLine>,
    /// Cells with something in them.
    pub cells: Vec<CellView>,
    /// What is missing.
    pub gaps: Vec<Gap>,
    /// Pages that bids name.
    pub pages: Vec<NamedPage>,
    /// Why nothing can be written; `null`: it can.
    pub locked: Option<Words>,
    /// Most bytes of a reason, UTF-8.
    pub reason_max: u32,
}

/// A cell as typed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct CellInput {
    /// Stage instance.
    pub instance: String,
    /// Bidder.
    pub bidder: String,
    /// Criterion.
    pub criterion: String,
    /// As in [`CellView`].
    pub value: Option<String>,
    /// Reason.
    pub reason: String,
}

/// The cell is taken.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct CellSaved {
    /// As kept.
    pub cell: CellView,
    /// On the disk of this PC. Else it is in memory, and is written as soon as the disk takes it.
    pub durable: bool,
    /// What is still missing in it.
    pub gap: Option<Words>,
    /// Own cells filled in the round.
    pub filled: u32,
    /// Own cells in the round.
    pub of: u32,
}

/// What an expert reviews before sealing.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct SealReview {
    /// The sheet.
    pub sheet: SheetView,
    /// What this client checked of the round key, by itself.
    pub checks: Vec<CheckLine>,
    /// Whether it can be sealed.
    pub ready: bool,
    /// Why not now; `null`: it can.
    pub why_not: Option<Words>,
    /// What sealing means.
    pub consequence: Words,
    /// Own totals by bidder, decimal; empty for pass-or-fail rounds.
    pub totals: Vec<(String, String)>,
}

/// TypeScript declarations of this file's types.
pub(super) fn declarations(config: &ts_rs::Config) -> Vec<String> {
    super::declared!(
        config,
        StepState,
        Step,
        ExpertView,
        NewPc,
        MemberLine,
        BidderLine,
        RoundState,
        RoundLine,
        ReceiptView,
        ReportView,
        CriterionKind,
        TierLine,
        Clause,
        CriterionLine,
        CellView,
        Gap,
        NamedPage,
        SheetView,
        CellInput,
        CellSaved,
        SealReview
    )
}
