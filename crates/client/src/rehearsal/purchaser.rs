//! The purchaser: qualification review under procurement, and prices typed in from documents where the plan says so.

use super::{Part, Progress};
use crate::desk::Desk;
use crate::error::ClientError;
use crate::roles::purchaser::{self, ReadPrice};
use evaluation::BidderId;
use protocol::window::ItemDecision;
use rules::StageKind;
use std::collections::BTreeMap;

/// What the purchaser finds, by identity code of the bidder: criterion -> reason of a failure.
pub type QualificationPlan = BTreeMap<String, BTreeMap<String, String>>;

/// Prices as read from the documents, by identity code: (amount, attributes, file, page).
pub type PricePlan = BTreeMap<String, (String, Vec<String>, String, u32)>;

/// The purchaser.
pub struct PurchaserPart {
    /// Failures; a bidder that is not listed passes everything.
    pub qualification: QualificationPlan,
    /// Prices, where the purchaser types them in.
    pub prices: PricePlan,
}

impl Part for PurchaserPart {
    fn step(&mut self, desk: &mut Desk) -> Result<Progress, ClientError> {
        let state = desk.replica.state();
        if state.archived().is_some() {
            return Ok(Progress::Done);
        }
        let Some(book) = state.rulebook() else {
            return Ok(Progress::Waiting);
        };
        let Some(stage) = state.current_stage(book).cloned() else {
            return Ok(Progress::Waiting);
        };
        let id = stage.id.as_str().to_owned();
        match stage.kind {
            StageKind::Qualification if state.stage_open(&id) => self.qualification(desk, &stage),
            StageKind::PricePoints if !self.prices.is_empty() => self.price(desk, &id),
            _ => Ok(Progress::Waiting),
        }
    }
}

impl PurchaserPart {
    fn qualification(&self, desk: &mut Desk, stage: &rules::Stage) -> Result<Progress, ClientError> {
        let state = desk.replica.state();
        let undecided = state
            .bidders()
            .keys()
            .find(|bidder| !state.qualification().contains_key(*bidder));
        let Some(bidder) = undecided.cloned() else {
            return Ok(Progress::Waiting);
        };
        let failures = identity_of(desk, &bidder).and_then(|code| self.qualification.get(&code));
        let items = stage.criteria.iter().map(|criterion| ItemDecision {
            criterion: criterion.as_str().to_owned(),
            fail: failures.and_then(|f| f.get(criterion.as_str()).cloned()),
        });
        let items: Vec<ItemDecision> = items.collect();
        purchaser::decide(desk, bidder.as_str(), &items)
    }

    fn price(&self, desk: &mut Desk, instance: &str) -> Result<Progress, ClientError> {
        let state = desk.replica.state();
        let missing = state
            .in_play()
            .into_iter()
            .find(|bidder| !state.prices().contains_key(bidder));
        let Some(bidder) = missing else {
            return Ok(Progress::Waiting);
        };
        let code =
            identity_of(desk, &bidder).ok_or_else(|| ClientError::technical("identity is not opened"))?;
        let (amount, attributes, file, page) = self
            .prices
            .get(&code)
            .cloned()
            .ok_or_else(|| ClientError::technical("no price was read"))?;
        let price = ReadPrice {
            amount,
            attributes,
            file,
            page,
        };
        purchaser::enter_price(desk, instance, &bidder, price)
    }
}

/// Identity code of a bidder, from the opened attachment of its opening part.
pub(super) fn identity_of(desk: &Desk, bidder: &BidderId) -> Option<String> {
    purchaser::identity_of(desk, bidder).map(|identity| identity.code)
}
