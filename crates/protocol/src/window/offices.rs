//! Purchaser, holder, supervisor, site operator.

use super::common::{CheckLine, Millis, Offer, Words};
use super::expert::{BidderLine, CriterionLine, NamedPage};
use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// A decision of the purchaser on one item.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct ItemDecision {
    /// Criterion.
    pub criterion: String,
    /// `null`: passed; else why not.
    pub fail: Option<String>,
}

/// The review of one bidder.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct BidderReview {
    /// Bidder.
    pub bidder: BidderLine,
    /// Decided items; empty: not decided yet.
    pub decided: Vec<ItemDecision>,
    /// What was typed and is not sent yet: kept on this PC.
    pub draft: Vec<ItemDecision>,
}

/// What the purchaser's window shows.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct PurchaserView {
    /// Stage instance of the qualification.
    pub instance: Option<String>,
    /// Whether decisions are taken now; else why not.
    pub why_not: Option<Words>,
    /// Criteria.
    pub criteria: Vec<CriterionLine>,
    /// Bidders.
    pub bidders: Vec<BidderReview>,
    /// Pages that bids name.
    pub pages: Vec<NamedPage>,
    /// Actions: `decide:BIDDER`.
    pub offers: Vec<Offer>,
}

/// What a holder is asked to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum DutyKind {
    /// Deal shares of a new key.
    Deal,
    /// Acknowledge the deals of all.
    Acknowledge,
    /// Decrypt a part of a bid.
    Decrypt,
    /// Release the share that opens a round.
    Release,
}

/// A duty of a holder.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct HolderDuty {
    /// `KIND:INSTANCE[:SUBMISSION]`, to be named when doing it.
    pub id: String,
    /// Kind.
    pub kind: DutyKind,
    /// Title.
    pub title: Words,
    /// What my client checked, in plain words.
    pub checks: Vec<CheckLine>,
    /// Every check holds.
    pub ready: bool,
    /// What it does.
    pub consequence: Words,
}

/// What a holder did.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct HolderDone {
    /// Title.
    pub title: Words,
    /// Centre time.
    pub time: Millis,
    /// Index in the record.
    pub index: u64,
}

/// What the holder's window shows.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct HolderView {
    /// This holder's number, of how many, how many are needed.
    pub place: Option<(u32, u32, u32)>,
    /// Duties.
    pub duties: Vec<HolderDuty>,
    /// Done, newest first, at most 100.
    pub done: Vec<HolderDone>,
}

/// Link of a seat as the centre sees it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(tag = "state", rename_all = "snake_case")]
pub enum SeatLink {
    /// Never seen.
    Never,
    /// A live channel stands.
    Connected,
    /// None since then.
    Lost {
        /// Centre time.
        since: Millis,
    },
    /// The centre was not asked, or can't be.
    Unknown,
}

/// A booth on the supervisor's wall.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct BoothTile {
    /// Site.
    pub site: String,
    /// Site's organisation.
    pub organisation: String,
    /// Booth.
    pub booth: String,
    /// Code name of who sits there; `null`: nobody drawn.
    pub code_name: Option<String>,
    /// Link.
    pub link: SeatLink,
    /// What the member is at.
    pub stage: Words,
    /// Cells filled, of: never values.
    pub progress: Option<(u32, u32)>,
    /// When that was told.
    pub told: Option<Millis>,
    /// Sealed in the round now.
    pub sealed: bool,
    /// Highest alert.
    pub alert: Option<Rank>,
}

/// Rank of an alert.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum Rank {
    /// Good to know.
    Note,
    /// Look soon.
    Attention,
    /// Act now.
    Danger,
}

/// An alert.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct Alert {
    /// Stable id.
    pub id: String,
    /// Rank.
    pub rank: Rank,
    /// What.
    pub what: Words,
    /// Where.
    pub place: Words,
    /// Since, centre time.
    pub since: Millis,
    /// What may be done.
    pub next: Words,
}

/// Something only this observer can do.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct ObserverDuty {
    /// To be named when doing it: `see_binding:LINE`, `countersign:INSTANCE`, `draw`, `allow_late_opening`, `end`.
    pub id: String,
    /// Title.
    pub title: Words,
    /// What my client checked.
    pub checks: Vec<CheckLine>,
    /// It may be done.
    pub ready: bool,
    /// A PIN is asked.
    pub needs_pin: bool,
    /// What it does.
    pub consequence: Words,
}

/// A row of the stage board.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct BoardRow {
    /// Instance.
    pub instance: String,
    /// Name.
    pub title: Words,
    /// Done.
    pub done: bool,
    /// Now.
    pub now: bool,
    /// Code name, filled, of, sealed.
    pub cells: Vec<(String, u32, u32, bool)>,
}

/// A set phrase of a warning.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct Phrase {
    /// Id.
    pub id: String,
    /// Text.
    pub text: Words,
}

/// What the supervisor's window shows.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct SupervisorView {
    /// Booths, worst first.
    pub booths: Vec<BoothTile>,
    /// Alerts, worst first, at most 200.
    pub alerts: Vec<Alert>,
    /// Stage board.
    pub board: Vec<BoardRow>,
    /// Duties.
    pub duties: Vec<ObserverDuty>,
    /// Phrases for warnings.
    pub phrases: Vec<Phrase>,
    /// Where a pause will act: sites and members, in words.
    pub pause_effect: Vec<Words>,
    /// Actions: `warn`, `mark`, `pause`, `resume`.
    pub offers: Vec<Offer>,
}

/// Presence of a member at a site.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum Presence {
    /// Expected.
    Due,
    /// Late.
    Late,
    /// In the seat.
    InSeat,
    /// Short break.
    Break,
    /// At a meal.
    Meal,
    /// Over night.
    Overnight,
    /// Ill.
    Ill,
    /// Absent.
    Absent,
}

/// A member due at this site.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct DueMember {
    /// Seat of the committee.
    pub seat: u32,
    /// Name, from the identity opened to the site.
    pub name: String,
    /// Role.
    pub role: Words,
    /// Ticket, once checked in here.
    pub ticket: Option<String>,
    /// Booth, once drawn.
    pub booth: Option<String>,
    /// Presence as last marked.
    pub presence: Presence,
}

/// A booth PC of the site.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct BoothHealth {
    /// Booth.
    pub booth: String,
    /// Enrolled.
    pub enrolled: bool,
    /// Taken by a drawn line: no name, no code name.
    pub taken: bool,
    /// Key bound.
    pub bound: bool,
    /// Link.
    pub link: SeatLink,
    /// A new PC in this booth that asks to take the old one's place.
    pub replacement: Option<BoothReplacement>,
}

/// A new PC that waits for the site desk. Offered as `confirm_replacement:BOOTH`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct BoothReplacement {
    /// Centre time since when it asks.
    pub since: Millis,
    /// Seat of the member who signed for it, where everything this desk checks of it holds.
    pub seat: Option<u32>,
    /// Name of that member.
    pub name: Option<String>,
}

/// What the site operator's window shows.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct OperatorView {
    /// Site.
    pub site: String,
    /// Its organisation.
    pub organisation: String,
    /// Host site.
    pub host: bool,
    /// Members due here.
    pub members: Vec<DueMember>,
    /// Booths.
    pub booths: Vec<BoothHealth>,
    /// Duty in a draw, if any.
    pub duties: Vec<ObserverDuty>,
    /// Actions: `check_in_member:SEAT`, `mark_presence`.
    pub offers: Vec<Offer>,
}

/// TypeScript declarations of this file's types.
pub(super) fn declarations(config: &ts_rs::Config) -> Vec<String> {
    super::declared!(
        config,
        ItemDecision,
        BidderReview,
        PurchaserView,
        DutyKind,
        HolderDuty,
        HolderDone,
        HolderView,
        SeatLink,
        BoothTile,
        Rank,
        Alert,
        ObserverDuty,
        BoardRow,
        Phrase,
        SupervisorView,
        Presence,
        DueMember,
        BoothHealth,
        BoothReplacement,
        OperatorView
    )
}
