//! An evaluation that ends without a result (废标, 流标): on a ground that everybody recomputes from the record
//! (MIN-1, MIN-2, MIN-5). The clerk says it, a supervisor countersigns; what was not opened stays shut.

use crate::apply::Act;
use crate::plan::OPENING;
use crate::refusal::{Code, Refusal, ensure};
use crate::role::Role;
use crate::state::State;
use rules::{Moment, Stage, StageKind, Stop, Text, count_check};
use serde::{Deserialize, Serialize};

/// Instance of the ending acts.
pub const ENDING: &str = "ending";

/// What may still be done once an evaluation has ended: custodians' findings on signatures, recovery, archiving.
/// Observations too.
pub const AFTER_THE_END: [&str; 3] = ["signatures.checked", "recovered", "archived"];

/// The closed list of grounds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Ground {
    /// Too few submissions stand at the deadline: nothing is opened (招标投标法 28; 87号令 41).
    TooFewSubmissions,
    /// Too few distinct bidders show when identities are open, or are left before the first review.
    TooFewBidders,
    /// Too few bids are left after qualification (87号令 44).
    TooFewQualified,
    /// Too few bids are left after conformity (87号令 43).
    TooFewConforming,
    /// No bid is left after a review (招标投标法 42).
    AllRejected,
    /// No bid reaches the minimum score of the rulebook, so that no price is opened.
    NoneReachesMinimum,
}

/// Payload of `evaluation.ended`, the same by clerk and supervisor.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EvaluationEnded {
    /// The ground.
    pub ground: Ground,
    /// How many there are.
    pub count: u32,
    /// The least number that would have gone on.
    pub minimum: u32,
    /// `MIN-1`, `MIN-2`, `MIN-5` as the regime's table has it, or the rulebook's own value: `minimum_bidders`,
    /// `minimum`.
    pub rule: String,
}

impl EvaluationEnded {
    fn of(ground: Ground, stop: Stop) -> Self {
        Self {
            ground,
            count: stop.count,
            minimum: stop.minimum,
            rule: stop.rule,
        }
    }

    /// The ground for people, with numbers and source.
    pub fn text(&self) -> Text {
        let (zh, en) = match self.ground {
            Ground::TooFewSubmissions => ("投标截止时投标文件数量不足", "too few bids at the deadline"),
            Ground::TooFewBidders => ("投标人数量不足", "too few distinct bidders"),
            Ground::TooFewQualified => (
                "资格审查合格的投标人数量不足",
                "too few bidders left after qualification",
            ),
            Ground::TooFewConforming => (
                "符合性审查合格的投标人数量不足",
                "too few bids left after conformity",
            ),
            Ground::AllRejected => ("全部投标被否决", "all bids are rejected"),
            Ground::NoneReachesMinimum => (
                "无投标达到评标办法规定的最低分",
                "no bid reaches the minimum score",
            ),
        };
        let of = match self.ground {
            Ground::TooFewSubmissions => "份",
            _ => "家",
        };
        let (zh_source, en_source) = source(&self.rule);
        let Self {
            count, minimum, rule, ..
        } = self;
        Text::new(
            format!("{zh}：{count} {of}，至少需要 {minimum} {of}（{rule}，{zh_source}）"),
            format!("{en}: {count} of {minimum} needed ({rule}, {en_source})"),
        )
    }
}

/// The source of a rule, as the table of law quotes it.
fn source(rule: &str) -> (&'static str, &'static str) {
    match rule {
        "MIN-1" => (
            "招标投标法第28条、实施条例第44条",
            "Bidding Law, Article 28; Implementing Regulations, Article 44",
        ),
        "MIN-2" => (
            "财政部令第87号第41、43、44条",
            "Ministry of Finance Order 87, Articles 41, 43 and 44",
        ),
        "MIN-5" => ("招标投标法第42条", "Bidding Law, Article 42"),
        _ => ("评标办法", "the rulebook"),
    }
}

/// The ground on which the evaluation can be ended now; `None` while it can go on.
pub fn ground(state: &State) -> Option<EvaluationEnded> {
    let book = state.rulebook()?;
    state.deadline_reached()?;
    let Some(distinct) = state.distinct_bidders() else {
        // MIN-1: counted on standing submissions, before any decryption.
        let standing = u32::try_from(state.standing().len()).unwrap_or(u32::MAX);
        let stop = count_check(book, Moment::AtDeadline, standing).err()?;
        let shut = state.opening(OPENING).is_none();
        return shut.then(|| EvaluationEnded::of(Ground::TooFewSubmissions, stop));
    };
    if let Err(stop) = count_check(book, Moment::AtDeadline, distinct) {
        return Some(EvaluationEnded::of(Ground::TooFewBidders, stop));
    }
    let stage = state.current_stage(book).filter(|stage| !started(state, stage))?;
    if let Err(stop) = state.enough_left(book, stage.kind) {
        let ground = match stop.moment {
            Moment::AtDeadline => Ground::TooFewBidders,
            _ if stop.count == 0 => Ground::AllRejected,
            Moment::AfterQualification => Ground::TooFewQualified,
            Moment::AfterConformity => Ground::TooFewConforming,
        };
        return Some(EvaluationEnded::of(ground, stop));
    }
    let left = state.in_play().is_empty() && state.below_minimum().is_some();
    left.then(|| EvaluationEnded {
        ground: Ground::NoneReachesMinimum,
        count: 0,
        minimum: 1,
        rule: "minimum".to_owned(),
    })
}

/// While a review goes on its findings are not final, and nothing is counted.
fn started(state: &State, stage: &Stage) -> bool {
    let id = stage.id.as_str();
    match stage.kind {
        StageKind::Qualification => state.stage_open(id),
        StageKind::Conformity | StageKind::Scored => state.round(id).is_some(),
        StageKind::PriceOpening
        | StageKind::PricePoints
        | StageKind::Negotiation
        | StageKind::FinalOffers
        | StageKind::PriceCorrection
        | StageKind::AbnormalPrice => false,
        StageKind::Summary => true,
    }
}

pub(super) fn ended(state: &mut State, act: &Act<'_>) -> Result<(), Refusal> {
    let ended: EvaluationEnded = act.payload()?;
    let role = state
        .party(&act.core().actor, &[Role::Clerk, Role::Supervisor])?
        .role;
    ensure(act.core().instance == ENDING, Code::Malformed, "instance ending")?;
    ensure(!state.ending.contains(&role), Code::AlreadyDone, "has signed")?;
    ensure(
        role == Role::Clerk || state.ending.contains(&Role::Clerk),
        Code::WrongStage,
        "the clerk ends, a supervisor countersigns",
    )?;
    let expected = ground(state);
    let expected =
        expected.ok_or_else(|| Refusal::new(Code::Mismatch, "the record gives no ground to end"))?;
    ensure(
        ended == expected,
        Code::Mismatch,
        "another ground than the record's",
    )?;
    state.ending.insert(role);
    if role == Role::Supervisor {
        state.ended = Some(ended);
    }
    Ok(())
}
