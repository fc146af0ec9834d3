//! Evaluated prices: entered from the opened price part (protocol 5; R-PRICE).

use crate::apply::Act;
use crate::refusal::{Code, Refusal, ensure};
use crate::role::{BidderId, Role};
use crate::state::{PartOutcome, Price, State};
use record::Digest;
use rules::StageKind;
use serde::{Deserialize, Serialize};

/// Payload of `price.entered`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PriceEntered {
    /// Bidder.
    pub bidder: BidderId,
    /// Decimal string, in the currency of the rulebook.
    pub amount: String,
    /// Attributes for policy deductions.
    pub attributes: Vec<String>,
    /// Where it was read.
    pub source: PriceSource,
}

/// Where a price was read.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PriceSource {
    /// Digest of the opened part's plaintext.
    pub part: Digest,
    /// File in the part.
    pub file: String,
    /// Page of the document; `None` for the statement file.
    pub page: Option<u32>,
}

pub(super) fn entered(state: &mut State, act: &Act<'_>) -> Result<(), Refusal> {
    let entered: PriceEntered = act.payload()?;
    state.party(&act.core().actor, &[Role::Purchaser, Role::Clerk])?;
    let book = state.book()?;
    let instance = &act.core().instance;
    let (stage, before) = state.stage(&book, instance)?;
    ensure(
        stage.kind == StageKind::PricePoints,
        Code::WrongStage,
        "not the stage of price points",
    )?;
    ensure(
        before.iter().all(|earlier| state.stage_done(earlier)),
        Code::WrongStage,
        "an earlier stage is open",
    )?;
    ensure(
        state.in_play().contains(&entered.bidder),
        Code::NotFound,
        "the bidder is not in play",
    )?;
    ensure(
        !state.prices.contains_key(&entered.bidder),
        Code::AlreadyDone,
        "price is entered",
    )?;
    entered
        .amount
        .parse::<rules::Decimal>()
        .map_err(|e| Refusal::new(Code::Malformed, format!("amount: {e}")))?;
    let opened = state
        .bidders
        .get(&entered.bidder)
        .and_then(|id| state.submissions.get(id))
        .is_some_and(|s| {
            s.outcomes
                .values()
                .any(|o| matches!(o, PartOutcome::Opened(b) if b.digest == entered.source.part))
        });
    ensure(
        opened,
        Code::NotFound,
        "no opened part of this bidder has that digest",
    )?;
    let price = Price {
        amount: entered.amount,
        attributes: entered.attributes,
    };
    state.prices.insert(entered.bidder, price);
    Ok(())
}
