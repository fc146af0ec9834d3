//! The result is a pure function of the record. Full: recomputed from the folded acts and compared with the blob that
//! `result.computed` names, its extract with the one committed to. Public: the extract is that of the act, and its
//! arithmetic holds from its means on.

use super::{Applied, Findings};
use crate::arithmetic::{self, EnteredPrice};
use crate::context::Context;
use crate::package::OUTCOME;
use evaluation::Blobs as _;
use evaluation::acts::prices::PriceEntered;
use evaluation::acts::result::ResultComputed;
use evaluation::extract::OutcomeExtract;
use std::collections::BTreeMap;

pub(super) fn run(context: &Context<'_>, findings: &mut Findings) -> Applied {
    let Some((slot, computed)) = context.acts::<ResultComputed>("result.computed").next() else {
        return Applied::Not("no result is computed in this record");
    };
    let Some(folded) = &context.folded else {
        return extract(context, slot.index, &computed, findings);
    };
    match &folded.outcome {
        None => Applied::Not("replay ends before the result"),
        Some(Err(_)) => {
            Applied::Not("the record gives no result yet; that the act was made is replay's finding")
        }
        Some(Ok(expected)) => {
            let pairs = [
                ("outcome", computed.outcome, expected.outcome),
                ("public extract", computed.extract, expected.extract),
            ];
            for (what, named, expected) in pairs.into_iter().filter(|(_, a, b)| a != b) {
                findings.act(
                    slot.index,
                    format!(
                        "{what} {} differs from the recomputed {}",
                        named.digest, expected.digest
                    ),
                );
            }
            Applied::Done
        }
    }
}

fn extract(context: &Context<'_>, index: u64, computed: &ResultComputed, findings: &mut Findings) -> Applied {
    let Some(bytes) = context.package.file(OUTCOME) else {
        findings.object(OUTCOME, "is missing");
        return Applied::Done;
    };
    if !computed.extract.matches(bytes) {
        findings.both(index, OUTCOME, "is not the extract that the act commits to");
    }
    let book = context
        .created
        .as_ref()
        .and_then(|created| context.package.blob(&created.rulebook));
    let Some(book) = book.and_then(|bytes| rules::Rulebook::parse(&bytes).ok()) else {
        return Applied::Not("the rulebook can't be read");
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
