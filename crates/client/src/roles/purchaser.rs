//! The purchaser: qualification review under procurement (COM-15), and prices typed in from documents where the plan
//! leaves them to it.

use super::criteria;
use crate::acting::{Progress, act};
use crate::desk::Desk;
use crate::error::ClientError;
use audit::statement::Identity;
use evaluation::acts::prices::{PriceEntered, PriceSource};
use evaluation::acts::review::{QualificationDecided, QualificationItem};
use evaluation::{BidderId, PartOutcome, State};
use protocol::window::{BidderLine, BidderReview, ItemDecision, Offer, PurchaserView, Words};
use rules::{Stage, StageKind};
use serde::{Deserialize, Serialize};
use storage::Vault;

/// Longest reason of a failure, bytes.
const MAX_REASON: usize = 2_000;

/// A drafted item, as it stands in the vault.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Drafted {
    criterion: String,
    fail: Option<String>,
}

/// The qualification stage of the plan.
fn stage(state: &State) -> Option<&Stage> {
    let stages = &state.rulebook()?.stages;
    stages.iter().find(|stage| stage.kind == StageKind::Qualification)
}

/// The purchaser's window; pages that bids name are for the reading desk to fill in.
///
/// # Errors
/// A damaged vault.
pub fn view(desk: &Desk) -> Result<PurchaserView, ClientError> {
    let state = desk.replica.state();
    let found = stage(state);
    let why_not = why_not(state, found);
    let mut bidders = Vec::new();
    let mut offers = Vec::new();
    for bidder in state.bidders().keys() {
        let review = review(desk, found, bidder)?;
        if why_not.is_none() && review.decided.is_empty() {
            offers.push(offer(found, &review));
        }
        bidders.push(review);
    }
    Ok(PurchaserView {
        instance: found.map(|stage| stage.id.as_str().to_owned()),
        why_not,
        criteria: found
            .zip(state.rulebook())
            .map(|(stage, book)| criteria::of_stage(book, stage))
            .unwrap_or_default(),
        bidders,
        pages: Vec::new(),
        offers,
    })
}

fn why_not(state: &State, stage: Option<&Stage>) -> Option<Words> {
    let Some(stage) = stage else {
        return Some(Words::new(
            "本项目没有资格审查",
            "This plan has no qualification review",
        ));
    };
    let id = stage.id.as_str();
    if state.ended().is_some() || state.archived().is_some() {
        Some(Words::new("评标已结束", "The evaluation is over"))
    } else if state.stage_closed(id) {
        Some(Words::new("资格审查已结束", "The qualification review is closed"))
    } else if !state.stage_open(id) {
        Some(Words::new(
            "资格审查尚未开始，由经办人员开始",
            "The qualification review is not open yet; the clerk opens it",
        ))
    } else {
        None
    }
}

fn offer(stage: Option<&Stage>, review: &BidderReview) -> Offer {
    let wanted = stage.map_or(0, |stage| stage.criteria.len());
    let whole = review.draft.len() == wanted && review.draft.iter().all(|item| flaw(item).is_none());
    let missing = Words::new(
        "还有审查项没有结论或理由",
        "An item has no decision, or a failure no reason",
    );
    Offer {
        action: format!("decide:{}", review.bidder.bidder),
        why_not: (!whole).then_some(missing),
        consequence: Some(Words::new(
            "结论一经提交即写入存证记录，不能更改；不合格的投标人不进入后续评审。",
            "The decision goes into the record and can't be changed; a bidder that failed takes no further part.",
        )),
    }
}

fn review(desk: &Desk, stage: Option<&Stage>, bidder: &BidderId) -> Result<BidderReview, ClientError> {
    let state = desk.replica.state();
    let decided = state.qualification().get(bidder);
    let rejected = state
        .unqualified(bidder)
        .then(|| Words::new("资格审查不合格", "Failed the qualification"));
    let order = stage.map_or(&[][..], |stage| &stage.criteria);
    let decided: Vec<ItemDecision> = decided.map_or_else(Vec::new, |items| {
        let item = |criterion: &rules::CriterionId| {
            let fail = items.get(criterion.as_str())?.clone();
            Some(ItemDecision {
                criterion: criterion.as_str().to_owned(),
                fail,
            })
        };
        order.iter().filter_map(item).collect()
    });
    let draft = match stage {
        Some(stage) if decided.is_empty() => draft(&desk.vault, stage.id.as_str(), bidder)?,
        _ => Vec::new(),
    };
    Ok(BidderReview {
        bidder: BidderLine {
            bidder: bidder.to_string(),
            name: identity_of(desk, bidder)
                .map(|identity| identity.name)
                .unwrap_or_default(),
            rejected,
        },
        decided,
        draft,
    })
}

fn row(instance: &str, bidder: &BidderId) -> String {
    format!("review/{instance}/{bidder}")
}

fn draft(vault: &Vault, instance: &str, bidder: &BidderId) -> Result<Vec<ItemDecision>, ClientError> {
    let Some(bytes) = vault.get(&row(instance, bidder))? else {
        return Ok(Vec::new());
    };
    let items: Vec<Drafted> =
        serde_json::from_slice(&bytes).map_err(|e| ClientError::Format(e.to_string()))?;
    let shown = items.into_iter().map(|item| ItemDecision {
        criterion: item.criterion,
        fail: item.fail,
    });
    Ok(shown.collect())
}

/// What is wrong with an item, when it is to be sent.
fn flaw(item: &ItemDecision) -> Option<Words> {
    let reason = item.fail.as_deref()?;
    if reason.trim().is_empty() {
        return Some(Words::new("不合格须写明理由", "a failure needs a reason"));
    }
    let long = || Words::new("理由过长", "the reason is too long");
    (reason.len() > MAX_REASON).then(long)
}

/// The stage and the bidder, if decisions on it are taken now.
fn open_for(desk: &Desk, bidder: &str) -> Result<(Stage, BidderId), ClientError> {
    let state = desk.replica.state();
    let found = stage(state);
    if let Some(why) = why_not(state, found) {
        return Err(ClientError::Check(why));
    }
    let bidder = BidderId::new(bidder).filter(|bidder| state.bidders().contains_key(bidder));
    let (Some(stage), Some(bidder)) = (found, bidder) else {
        return Err(ClientError::check("没有这家投标人", "no such bidder"));
    };
    if state.qualification().contains_key(&bidder) {
        return Err(ClientError::check(
            format!("{bidder} 已有结论"),
            format!("{bidder} is decided"),
        ));
    }
    Ok((stage.clone(), bidder))
}

/// Keeps what was typed on one bidder on this PC; durable when it returns.
///
/// # Errors
/// [`ClientError::Check`] for a bidder that is not reviewed now, for an unknown criterion, and for a reason that is
/// too long; the vault.
pub fn put_decision(desk: &mut Desk, bidder: &str, items: &[ItemDecision]) -> Result<(), ClientError> {
    let (stage, bidder) = open_for(desk, bidder)?;
    for (place, item) in items.iter().enumerate() {
        let known = stage
            .criteria
            .iter()
            .any(|known| known.as_str() == item.criterion);
        let twice = items[..place]
            .iter()
            .any(|other| other.criterion == item.criterion);
        if !known || twice {
            return Err(ClientError::check(
                format!("没有评审因素 {}", item.criterion),
                format!("no criterion {}", item.criterion),
            ));
        }
        if item.fail.as_ref().is_some_and(|reason| reason.len() > MAX_REASON) {
            return Err(ClientError::check(
                format!("理由最多 {MAX_REASON} 字节"),
                format!("a reason has at most {MAX_REASON} bytes"),
            ));
        }
    }
    let rows: Vec<Drafted> = items
        .iter()
        .map(|item| Drafted {
            criterion: item.criterion.clone(),
            fail: item.fail.clone(),
        })
        .collect();
    let bytes = serde_json::to_vec(&rows).map_err(|e| ClientError::Format(e.to_string()))?;
    desk.vault.put(&row(stage.id.as_str(), &bidder), &bytes)?;
    Ok(())
}

/// Decides on one bidder: every criterion of the stage, in its order. What was drafted is forgotten once it counts.
///
/// # Errors
/// [`ClientError::Check`] for an item that is missing, unknown, or fails without a reason; the line.
pub fn decide(desk: &mut Desk, bidder: &str, items: &[ItemDecision]) -> Result<Progress, ClientError> {
    let (stage, bidder) = open_for(desk, bidder)?;
    if items.len() != stage.criteria.len() {
        return Err(ClientError::check(
            "须对每一项且仅对这些项作出结论",
            "every criterion is decided, and no other",
        ));
    }
    let mut decided = Vec::new();
    for criterion in &stage.criteria {
        let item = items.iter().find(|item| item.criterion == criterion.as_str());
        let item = item.ok_or_else(|| {
            ClientError::check(
                format!("{criterion} 尚无结论"),
                format!("{criterion} is not decided"),
            )
        })?;
        if let Some(flaw) = flaw(item) {
            return Err(ClientError::check(
                format!("{criterion}：{}", flaw.zh),
                format!("{criterion}: {}", flaw.en),
            ));
        }
        decided.push(QualificationItem {
            criterion: item.criterion.clone(),
            fail: item.fail.clone(),
        });
    }
    let payload = QualificationDecided {
        bidder: bidder.clone(),
        items: decided,
    };
    let instance = stage.id.as_str();
    let progress = act(desk, "qualification.decided", instance, &payload)?;
    if progress == Progress::Acted {
        desk.vault.remove(&row(instance, &bidder))?;
    }
    Ok(progress)
}

/// A price as read from a document.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReadPrice {
    /// Decimal string, in the currency of the rulebook.
    pub amount: String,
    /// Attributes for policy deductions.
    pub attributes: Vec<String>,
    /// File of the price part.
    pub file: String,
    /// Page, from 1.
    pub page: u32,
}

/// Enters the price of a bidder whose price part is open; waits while it is not.
///
/// # Errors
/// The line.
pub fn enter_price(
    desk: &mut Desk,
    instance: &str,
    bidder: &BidderId,
    price: ReadPrice,
) -> Result<Progress, ClientError> {
    let state = desk.replica.state();
    let submission = state
        .bidders()
        .get(bidder)
        .and_then(|id| state.submissions().get(id));
    let Some(PartOutcome::Opened(part)) = submission.and_then(|s| s.outcomes.get("price")) else {
        return Ok(Progress::Waiting);
    };
    let payload = PriceEntered {
        bidder: bidder.clone(),
        amount: price.amount,
        attributes: price.attributes,
        source: PriceSource {
            part: part.digest,
            file: price.file,
            page: Some(price.page),
        },
    };
    act(desk, "price.entered", instance, &payload)
}

/// Identity of a bidder, from the opened attachment of its opening part.
pub fn identity_of(desk: &Desk, bidder: &BidderId) -> Option<Identity> {
    let submission = desk.replica.state().bidders().get(bidder)?;
    desk.replica.entries().iter().find_map(|entry| {
        let value = &entry.openings.get("identity")?.value;
        let body = record::Body::parse(&entry.disclosed.as_ref()?.body).ok()?;
        let same = body.core.payload.get("submission").and_then(|s| s.as_str()) == Some(submission);
        let identity = Identity::parse(value).ok()?;
        (body.core.kind == "part.opened" && same).then_some(identity)
    })
}
