//! The result is a pure function of the record. Full: recomputed from the folded acts and compared with the blob that
//! `result.computed` names. Public: the arithmetic of the extract, from its means on.

use super::{Applied, Findings};
use crate::arithmetic::{self, EnteredPrice};
use crate::context::Context;
use crate::extract::OutcomeExtract;
use crate::package::OUTCOME;
use evaluation::Blobs as _;
use evaluation::acts::prices::PriceEntered;
use evaluation::acts::result::ResultComputed;
use std::collections::BTreeMap;

pub(super) fn run(context: &Context<'_>, findings: &mut Findings) -> Applied {
    let Some((slot, computed)) = context.acts::<ResultComputed>("result.computed").next() else {
        return Applied::Not("no result is computed in this record");
    };
    let Some(folded) = &context.folded else {
        return extract(context, findings);
    };
    match &folded.outcome {
        None => Applied::Not("replay ends before the result"),
        Some(Err(_)) => {
            Applied::Not("the record gives no result yet; that the act was made is replay's finding")
        }
        Some(Ok(expected)) if *expected == computed.outcome => Applied::Done,
        Some(Ok(expected)) => {
            let detail = format!(
                "outcome {} differs from the recomputed {}",
                computed.outcome.digest, expected.digest
            );
            findings.act(slot.index, detail);
            Applied::Done
        }
    }
}

fn extract(context: &Context<'_>, findings: &mut Findings) -> Applied {
    let book = context
        .created
        .as_ref()
        .and_then(|created| context.package.blob(&created.rulebook));
    let Some(book) = book.and_then(|bytes| rules::Rulebook::parse(&bytes).ok()) else {
        return Applied::Not("the rulebook can't be read");
    };
    let Some(bytes) = context.package.file(OUTCOME) else {
        findings.object(OUTCOME, "is missing");
        return Applied::Done;
    };
    match OutcomeExtract::parse(bytes) {
        Err(fault) => findings.object(OUTCOME, fault),
        Ok(extract) => {
            for fault in arithmetic::faults(&book, &extract.outcome, &prices(context)) {
                findings.object(OUTCOME, fault);
            }
        }
    }
    Applied::Done
}

fn prices(context: &Context<'_>) -> BTreeMap<String, EnteredPrice> {
    let entered = context
        .acts::<PriceEntered>("price.entered")
        .filter_map(|(_, price)| {
            let amount: rules::Decimal = price.amount.parse().ok()?;
            let entered = EnteredPrice {
                amount: amount.exact(),
                attributes: price.attributes,
            };
            Some((price.bidder.to_string(), entered))
        });
    entered.collect()
}
