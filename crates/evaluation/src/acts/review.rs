//! The purchaser's qualification review under procurement (COM-15; 87号令 44).

use crate::apply::Act;
use crate::refusal::{Code, Refusal, ensure};
use crate::role::{BidderId, Role};
use crate::state::State;
use rules::{StageActor, StageKind};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Payload of `stage.opened` and `stage.closed`: nothing; the instance says it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StageControl {}

/// Payload of `qualification.decided`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct QualificationDecided {
    /// Bidder.
    pub bidder: BidderId,
    /// Every criterion of the stage, in its order.
    pub items: Vec<QualificationItem>,
}

/// One criterion.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct QualificationItem {
    /// Criterion id.
    pub criterion: String,
    /// `None` is a pass; a fail gives its reason.
    pub fail: Option<String>,
}

pub(super) fn stage_opened(state: &mut State, act: &Act<'_>) -> Result<(), Refusal> {
    let StageControl {} = act.payload()?;
    state.party(&act.core().actor, &[Role::Clerk])?;
    let instance = &act.core().instance;
    let book = state.book()?;
    let stage = state.stage_may_start(&book, instance)?;
    ensure(
        stage.kind == StageKind::Qualification,
        Code::WrongStage,
        "this stage is opened by its round",
    )?;
    ensure(
        stage.actor == StageActor::Purchaser,
        Code::Rule,
        "COM-15: not the purchaser's stage",
    )?;
    ensure(
        state.parts_done(instance),
        Code::WrongStage,
        "its parts are not opened",
    )?;
    ensure(
        !state.stages_open.contains(instance),
        Code::AlreadyDone,
        "stage is open",
    )?;
    state.stages_open.insert(instance.clone());
    Ok(())
}

pub(super) fn qualification_decided(state: &mut State, act: &Act<'_>) -> Result<(), Refusal> {
    let decided: QualificationDecided = act.payload()?;
    state.party(&act.core().actor, &[Role::Purchaser])?;
    let instance = &act.core().instance;
    ensure(state.stage_open(instance), Code::WrongStage, "stage is not open")?;
    let book = state.book()?;
    let (stage, _) = state.stage(&book, instance)?;
    ensure(
        state.bidders.contains_key(&decided.bidder),
        Code::NotFound,
        "no such bidder",
    )?;
    ensure(
        !state.qualification.contains_key(&decided.bidder),
        Code::AlreadyDone,
        "decided",
    )?;
    let wanted: Vec<&str> = stage.criteria.iter().map(rules::CriterionId::as_str).collect();
    let given: Vec<&str> = decided.items.iter().map(|item| item.criterion.as_str()).collect();
    ensure(
        wanted == given,
        Code::Rule,
        "VOTE-8: the criteria of the stage, in order, and no other",
    )?;
    let limit = usize::try_from(book.limits.reason_max_bytes).unwrap_or(usize::MAX);
    for item in &decided.items {
        let reasoned = item
            .fail
            .as_ref()
            .is_none_or(|reason| !reason.trim().is_empty() && reason.len() <= limit);
        ensure(reasoned, Code::Rule, "a fail needs a reason within the limit")?;
    }
    let items: BTreeMap<String, Option<String>> = decided
        .items
        .into_iter()
        .map(|item| (item.criterion, item.fail))
        .collect();
    state.qualification.insert(decided.bidder, items);
    Ok(())
}

pub(super) fn stage_closed(state: &mut State, act: &Act<'_>) -> Result<(), Refusal> {
    let StageControl {} = act.payload()?;
    state.party(&act.core().actor, &[Role::Clerk])?;
    let instance = &act.core().instance;
    ensure(state.stage_open(instance), Code::WrongStage, "stage is not open")?;
    let undecided = state.bidders.iter().any(|(bidder, submission)| {
        let failed = state.submissions.get(submission).is_some_and(|s| {
            s.outcomes
                .values()
                .any(|o| matches!(o, crate::state::PartOutcome::Failed(_)))
        });
        !failed && !state.qualification.contains_key(bidder)
    });
    ensure(!undecided, Code::WrongStage, "a bidder is undecided")?;
    state.stages_closed.insert(instance.clone());
    Ok(())
}
