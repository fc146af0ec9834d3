//! The clerk's desk, the opening hall, the result.

use super::common::{Millis, Offer, Words};
use super::expert::{ReportView, Step};
use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// A finding in a tender package.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct PackageFinding {
    /// It can't be used with this.
    pub error: bool,
    /// File.
    pub file: String,
    /// Place in it.
    pub at: String,
    /// What is wrong and what to do.
    pub text: Words,
}

/// A tender package as read.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct PackageView {
    /// Folder.
    pub folder: String,
    /// Title; empty where it can't be read.
    pub title: Words,
    /// Regime, e.g. `procurement`.
    pub regime: String,
    /// SHA-256 of the rulebook, hex.
    pub rulebook: String,
    /// Documents: title, pages or bytes.
    pub documents: Vec<Words>,
    /// Stages in order: instance, name.
    pub stages: Vec<(String, Words)>,
    /// Sites with booths.
    pub sites: Vec<SiteLine>,
    /// Findings.
    pub findings: Vec<PackageFinding>,
    /// Whether it can be used.
    pub usable: bool,
}

/// A site.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct SiteLine {
    /// Id.
    pub site: String,
    /// Host site (主场).
    pub host: bool,
    /// Organisation.
    pub organisation: String,
    /// Booths: name, enrolled in the record.
    pub booths: Vec<(String, bool)>,
    /// Enrolled in the record.
    pub enrolled: bool,
}

/// Somebody with a role.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct PersonLine {
    /// Pseudonym.
    pub person: String,
    /// Role.
    pub role: Words,
    /// Organisation.
    pub organisation: String,
    /// Site.
    pub site: Option<String>,
    /// In the record.
    pub assigned: bool,
}

/// A seat of the committee.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct CommitteeSeat {
    /// Seat number.
    pub seat: u32,
    /// Role.
    pub role: Words,
    /// Specialty of the draw.
    pub specialty: String,
}

/// A line of the committee after the draw.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct CommitteeLine {
    /// Code name.
    pub code_name: String,
    /// Role.
    pub role: Words,
    /// Site.
    pub site: String,
    /// Booth.
    pub booth: String,
    /// Key bound.
    pub bound: bool,
    /// Binding seen by witness person and supervisor.
    pub seen: bool,
    /// Promise made.
    pub promised: bool,
    /// Free of conflicts; `null`: not declared.
    pub clear: Option<bool>,
    /// Leads.
    pub leads: bool,
}

/// The committee as the clerk sees it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct CommitteeBoard {
    /// Seats.
    pub seats: Vec<CommitteeSeat>,
    /// Seats the committee has.
    pub size: u32,
    /// Checked in.
    pub checked_in: u32,
    /// Draw: opened, commitments, revealed, of.
    pub draw: Option<DrawLine>,
    /// Lines after the draw.
    pub lines: Vec<CommitteeLine>,
}

/// A running or finished draw.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct DrawLine {
    /// Instance.
    pub instance: String,
    /// Parties.
    pub parties: u32,
    /// Committed.
    pub committed: u32,
    /// Revealed.
    pub revealed: u32,
    /// Done.
    pub done: bool,
    /// Void.
    pub voided: bool,
}

/// A round on the clerk's board.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct RoundBoard {
    /// Instance.
    pub instance: String,
    /// Name.
    pub title: Words,
    /// Defined.
    pub defined: bool,
    /// Holders who dealt, acknowledged, of.
    pub ceremony: (u32, u32, u32),
    /// Key made.
    pub key: bool,
    /// Lines: code name, cells filled as last told by the centre, of, sealed.
    pub lines: Vec<(String, u32, u32, bool)>,
    /// Closed by the leader.
    pub closed: bool,
    /// Countersigned.
    pub countersigned: bool,
    /// Shares released, needed.
    pub shares: (u32, u32),
    /// Opened.
    pub opened: bool,
}

/// What the clerk's window shows. Step ids: `prepare`, `sites`, `lot_key`, `bids`, `opening`, `committee`,
/// `rounds`, `result`, `report`, `archive`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct ClerkView {
    /// The path.
    pub steps: Vec<Step>,
    /// Sites.
    pub sites: Vec<SiteLine>,
    /// People.
    pub people: Vec<PersonLine>,
    /// Lot key: holders dealt, acknowledged, of; and whether the ingest key is declared.
    pub lot_key: (u32, u32, u32),
    /// Ingest key declared.
    pub ingest_key: bool,
    /// Deadline, centre time.
    pub deadline: Option<Millis>,
    /// Committee.
    pub committee: CommitteeBoard,
    /// Stage now.
    pub stage: Option<String>,
    /// Bidders under qualification: decided, of.
    pub qualification: (u32, u32),
    /// Rounds.
    pub rounds: Vec<RoundBoard>,
    /// Report.
    pub report: Option<ReportView>,
    /// Archived at this index.
    pub archived: Option<u64>,
    /// Ended without a result: the ground.
    pub ended: Option<Words>,
    /// What may be done now. Actions: `create_record`, `set_up`, `define_lot_key`, `declare_ingest_key`,
    /// `seat_members`, `open_draw`, `start_opening`, `open_next`, `record_opening`, `allow_late_opening`,
    /// `open_stage`, `close_stage`, `define_round:INSTANCE`, `open_round:INSTANCE`, `enter_prices`,
    /// `compute_result`, `make_report`, `archive`, `end_evaluation`, `save_package`.
    pub offers: Vec<Offer>,
}

/// A line of the opening hall. Before the deadline there is none.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct HallBid {
    /// Order of receipt.
    pub number: u32,
    /// Name; empty until its identity is opened.
    pub name: String,
    /// Received, centre time.
    pub received: Millis,
    /// Digest of the sealed container, hex.
    pub digest: String,
    /// Holders' partial decryptions, needed.
    pub partials: (u32, u32),
    /// The bidder gave its half.
    pub unlocked: bool,
    /// Opened; `Some(reason)` when it failed.
    pub opened: bool,
    /// Why it could not be opened.
    pub failed: Option<Words>,
    /// What is read out: label, value.
    pub readout: Vec<(Words, String)>,
    /// Withdrawn: it stays shut.
    pub withdrawn: bool,
}

/// State of the hall.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum HallState {
    /// The countdown only.
    Before,
    /// The deadline has come; the opening has not begun.
    Deadline,
    /// Bids are being opened.
    Opening,
    /// The opening record stands.
    Recorded,
    /// Too few bids, or ended otherwise.
    Stopped,
}

/// The opening hall: for the clerk and, without controls, for the public screen.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct HallView {
    /// State.
    pub state: HallState,
    /// Project and lot.
    pub title: Words,
    /// Deadline, centre time.
    pub deadline: Millis,
    /// Bids; empty before the deadline.
    pub bids: Vec<HallBid>,
    /// A sentence on what happens now.
    pub now: Words,
    /// Why it stopped.
    pub stopped: Option<Words>,
}

/// A number of the result.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct FigureView {
    /// As shown.
    pub shown: String,
    /// Node of the derivation.
    pub node: String,
}

/// A bidder in the result.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct ResultRow {
    /// Bidder.
    pub bidder: String,
    /// Name.
    pub name: String,
    /// Standing.
    pub standing: Words,
    /// Out of play.
    pub out: bool,
    /// Rank among the ranked.
    pub rank: Option<u32>,
    /// Criterion -> figure, in the order of `criteria`.
    pub criteria: Vec<Option<FigureView>>,
    /// Technical score.
    pub technical: Option<FigureView>,
    /// Evaluated price.
    pub price: Option<FigureView>,
    /// Price points.
    pub price_points: Option<FigureView>,
    /// Total.
    pub total: Option<FigureView>,
}

/// The result.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct ResultView {
    /// Criteria: id, title.
    pub criteria: Vec<(String, Words)>,
    /// Rows, ranked first.
    pub rows: Vec<ResultRow>,
    /// Candidates: rank, bidder, name; without rank where they are named without an order.
    pub candidates: Vec<(Option<u32>, String, String)>,
    /// Base of the price points.
    pub price_base: Option<FigureView>,
    /// Why there is no result.
    pub stop: Option<Words>,
    /// Findings by vote: bidder, criterion, passed, failed.
    pub votes: Vec<VoteRow>,
    /// Remarks with rule ids.
    pub remarks: Vec<Words>,
    /// Currency.
    pub currency: String,
    /// SHA-256 of the outcome, hex.
    pub digest: String,
}

/// A finding by vote.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct VoteRow {
    /// Bidder.
    pub bidder: String,
    /// Criterion.
    pub criterion: Words,
    /// Members for pass.
    pub pass: u32,
    /// Code names for fail.
    pub fail: Vec<String>,
    /// Result.
    pub result: Words,
    /// Rule id.
    pub rule: String,
}

/// One input of a derivation.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct DerivationInput {
    /// What it is.
    pub label: Words,
    /// As shown.
    pub value: String,
    /// It is derived itself: its node.
    pub node: Option<String>,
    /// It stands in the record: index of the act.
    pub act: Option<u64>,
}

/// How a number came about.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct Derivation {
    /// Node.
    pub node: String,
    /// What it is.
    pub label: Words,
    /// The formula.
    pub formula: String,
    /// Inputs.
    pub inputs: Vec<DerivationInput>,
    /// Exact value before rounding, a fraction or decimal.
    pub exact: String,
    /// Rounding, in words; empty: none.
    pub rounding: Words,
    /// As shown.
    pub shown: String,
}

/// TypeScript declarations of this file's types.
pub(super) fn declarations(config: &ts_rs::Config) -> Vec<String> {
    super::declared!(
        config,
        PackageFinding,
        PackageView,
        SiteLine,
        PersonLine,
        CommitteeSeat,
        CommitteeLine,
        CommitteeBoard,
        DrawLine,
        RoundBoard,
        ClerkView,
        HallBid,
        HallState,
        HallView,
        FigureView,
        ResultRow,
        ResultView,
        VoteRow,
        DerivationInput,
        Derivation
    )
}
