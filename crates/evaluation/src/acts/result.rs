//! Result and report: recomputed by everybody, signed or dissented by every member (VOTE-1, RES-1, RES-4).

use crate::apply::{Act, Blobs};
use crate::extract::OutcomeExtract;
use crate::refusal::{Code, Refusal, ensure};
use crate::role::Role;
use crate::state::{PartOutcome, ResultState, State};
use record::{BlobRef, Digest};
use rules::{BidderFacts, Facts, RecordedRejection, StageKind};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

/// Instance of the report and its signatures.
pub const REPORT: &str = "report";

/// Payload of `result.computed`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ResultComputed {
    /// The canonical outcome.
    pub outcome: BlobRef,
    /// The canonical bytes of its public extract ([`OutcomeExtract`]); they are recomputed, and stored nowhere.
    pub extract: BlobRef,
}

impl ResultComputed {
    /// What the act says of an outcome.
    pub fn of(outcome: &rules::Outcome) -> Self {
        Self {
            outcome: BlobRef::of(&outcome.to_json_bytes()),
            extract: BlobRef::of(&OutcomeExtract::of(outcome).to_json_bytes()),
        }
    }
}

/// Payload of `report.made`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ReportMade {
    /// The report.
    pub report: BlobRef,
}

/// Payload of `report.signed`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ReportSigned {
    /// Own code name.
    pub line: crate::role::CodeName,
    /// Digest of the report.
    pub report: Digest,
    /// Dissent with its reason (VOTE-1); `None` agrees.
    pub dissent: Option<String>,
}

/// The rulebook must be lawful and complete before a record can be made on it.
pub(crate) fn accept_rulebook(book: &rules::Rulebook) -> Result<(), Refusal> {
    let error = book
        .validate()
        .into_iter()
        .find(|finding| finding.severity == rules::Severity::Error);
    if let Some(finding) = error {
        return Err(Refusal::new(
            Code::Rule,
            format!("{} {}", finding.rule, finding.text.en),
        ));
    }
    if let Some(what) = not_run(book) {
        return Err(Refusal::new(
            Code::Rule,
            format!("the record has no acts for {what}"),
        ));
    }
    // What no act brings can't be evaluated; better told now than after the opening.
    let outside: Vec<String> = book.facts().into_iter().chain(book.drawn()).collect();
    if outside.is_empty() {
        return Ok(());
    }
    Err(Refusal::new(
        Code::Rule,
        format!("the record has no place for the numbers {}", outside.join(", ")),
    ))
}

/// What the rules can evaluate and no act brings about.
fn not_run(book: &rules::Rulebook) -> Option<String> {
    let of_its_own = |stage: &&rules::Stage| {
        matches!(
            stage.kind,
            StageKind::Negotiation
                | StageKind::FinalOffers
                | StageKind::PriceCorrection
                | StageKind::AbnormalPrice
        )
    };
    if let Some(stage) = book.stages.iter().find(of_its_own) {
        return Some(format!("the stage {}", stage.id));
    }
    if let Some(stage) = book.stages.iter().find(|stage| stage.blind) {
        return Some(format!("hiding the bidders in {}", stage.id));
    }
    let others = [
        (
            book.rejection.order != rules::ReviewOrder::BeforeScoring,
            "a review down the ranking",
        ),
        (
            book.aggregation.method == rules::AggregationMethod::Consensus,
            "scores that the members agree on",
        ),
        (book.same_brand.is_some(), "the brand of goods"),
    ];
    let found = others.into_iter().find_map(|(is, what)| is.then_some(what));
    found.map(str::to_owned)
}

/// The facts that the record gives to the rules.
///
/// # Errors
/// [`Code::WrongStage`] when an earlier stage is not done, [`Code::Malformed`] when a name does not fit.
pub fn facts(state: &State) -> Result<Facts, Refusal> {
    let book = state.book()?;
    let bad = |e: &dyn std::fmt::Display| Refusal::new(Code::Malformed, e.to_string());
    let first = book.stages.first().map(|stage| stage.id.clone());
    let qualification = book
        .stages
        .iter()
        .find(|s| s.kind == StageKind::Qualification)
        .map(|s| s.id.clone());
    let mut bidders = Vec::new();
    for (bidder, submission) in state.bidders() {
        let failed = state.submissions.get(submission).and_then(|s| {
            s.outcomes.values().find_map(|outcome| match outcome {
                PartOutcome::Failed(reason) => Some(reason.clone()),
                PartOutcome::Opened(_) => None,
            })
        });
        let unqualified = state.qualification().get(bidder).and_then(|items| {
            items
                .iter()
                .find_map(|(id, fail)| fail.as_ref().map(|reason| format!("{id}: {reason}")))
        });
        let rejected = match (failed, unqualified) {
            (Some(reason), _) => first.clone().map(|stage| RecordedRejection { stage, reason }),
            (None, Some(reason)) => qualification
                .clone()
                .map(|stage| RecordedRejection { stage, reason }),
            (None, None) => None,
        };
        let price = state.prices().get(bidder);
        bidders.push(BidderFacts {
            id: rules::BidderId::new(bidder.as_str()).map_err(|e| bad(&e))?,
            rejected,
            price: price
                .map(|p| p.amount.parse())
                .transpose()
                .map_err(|e: rules::DecimalError| bad(&e))?,
            attributes: price
                .map(|p| p.attributes.iter().cloned().collect::<BTreeSet<_>>())
                .unwrap_or_default(),
            brand: None,
            facts: BTreeMap::new(),
            given: rules::Given::default(),
        });
    }
    let mut sheets = Vec::new();
    let mut members = Vec::new();
    for name in state.committee.lines.keys() {
        let opened = state.rounds.values().filter_map(|round| round.opened.as_ref());
        let own: Vec<_> = opened.filter_map(|o| o.sheets.get(name)).collect();
        let missing = state.rounds.values().any(|round| round.absent.contains(name));
        if missing || own.iter().any(|sheet| sheet.is_err()) {
            continue; // absent, or its own provable fault: the line does not count
        }
        members.push(rules::Line::new(name.as_str()).map_err(|e| bad(&e))?);
        sheets.extend(own.into_iter().filter_map(|sheet| sheet.clone().ok()));
    }
    Ok(Facts {
        bidders,
        members,
        sheets,
        consensus: Vec::new(),
        draw: Vec::new(),
        parameters: BTreeMap::new(),
    })
}

/// Recomputes the outcome from the record.
///
/// # Errors
/// [`Code::WrongStage`] before every stage is done; [`Code::Rule`] when the rules refuse.
pub fn recompute(state: &State) -> Result<rules::Outcome, Refusal> {
    let book = state.book()?;
    let open = book
        .stages
        .iter()
        .find(|s| s.kind != StageKind::Summary && !state.stage_done(s));
    if let Some(stage) = open {
        return Err(Refusal::new(
            Code::WrongStage,
            format!("{} is not finished", stage.id),
        ));
    }
    rules::evaluate(&book, &facts(state)?).map_err(|e| Refusal::new(Code::Rule, e.to_string()))
}

pub(super) fn computed(state: &mut State, act: &Act<'_>, _blobs: &dyn Blobs) -> Result<(), Refusal> {
    let computed: ResultComputed = act.payload()?;
    state.party(&act.core().actor, &[Role::Clerk])?;
    let summary = state
        .book()?
        .stages
        .iter()
        .any(|stage| stage.kind == StageKind::Summary && stage.id.as_str() == act.core().instance);
    ensure(summary, Code::Malformed, "the instance is no summary stage")?;
    ensure(state.result.is_none(), Code::AlreadyDone, "the result stands")?;
    let outcome = recompute(state)?;
    let expected = ResultComputed::of(&outcome);
    ensure(
        computed.outcome == expected.outcome,
        Code::Mismatch,
        "outcome differs from the recomputation",
    )?;
    ensure(
        computed.extract == expected.extract,
        Code::Mismatch,
        "public extract differs from the recomputation",
    )?;
    state.result = Some(ResultState {
        blob: expected.outcome,
        outcome,
    });
    Ok(())
}

pub(super) fn report_made(state: &mut State, act: &Act<'_>) -> Result<(), Refusal> {
    let made: ReportMade = act.payload()?;
    state.party(&act.core().actor, &[Role::Clerk])?;
    ensure(state.result.is_some(), Code::WrongStage, "no result yet")?;
    ensure(state.report.is_none(), Code::AlreadyDone, "the report stands")?;
    ensure(
        (1..=64 << 20).contains(&made.report.size),
        Code::Limit,
        "report of 1 byte to 64 MiB",
    )?;
    state.report = Some(made.report);
    Ok(())
}

pub(super) fn report_signed(state: &mut State, act: &Act<'_>) -> Result<(), Refusal> {
    let signed: ReportSigned = act.payload()?;
    let (name, _) = state.line(&act.core().actor)?;
    ensure(name == signed.line, Code::NotAllowed, "another's line")?;
    let report = state
        .report
        .ok_or_else(|| Refusal::new(Code::WrongStage, "no report yet"))?;
    ensure(report.digest == signed.report, Code::Mismatch, "another report")?;
    ensure(!state.signed.contains_key(&name), Code::AlreadyDone, "has signed")?;
    let reasoned = signed
        .dissent
        .as_ref()
        .is_none_or(|reason| !reason.trim().is_empty() && reason.len() <= 4096);
    ensure(
        reasoned,
        Code::Malformed,
        "VOTE-1: a dissent gives its reason, up to 4,096 bytes",
    )?;
    state.signed.insert(name, signed.dissent);
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn accepted(preset: &str) -> Result<(), Refusal> {
        accept_rulebook(&rules::template(preset).expect("the preset is there"))
    }

    #[test]
    fn a_rulebook_whose_numbers_no_act_brings_is_refused_before_the_opening() {
        accepted("low_price_first").expect("prices and sheets are all it needs");
        let refusal = accepted("reference_price").expect_err("X is drawn");
        assert_eq!(refusal.code, Code::Rule);
        assert!(refusal.detail.ends_with("the numbers X"), "{}", refusal.detail);
    }
}
