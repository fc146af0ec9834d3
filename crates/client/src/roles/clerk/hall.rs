//! The opening hall: nothing of any bid before the deadline, then one line a bid.

use crate::desk::Desk;
use crate::roles::words;
use audit::statement::{Identity, Statement};
use evaluation::acts::ending::ground;
use evaluation::plan::{OPENING, parts_opened_at};
use evaluation::{PartOutcome, State, Submission};
use protocol::window::{HallBid, HallState, HallView, Words};
use record::{Body, Leaf};
use serde_json::Value;
use std::collections::BTreeMap;

/// Where the statement of a part that is read out is kept in the clerk's vault.
pub(super) fn statement_key(submission: &str, part: &str) -> String {
    format!("statement/{submission}/{part}")
}

/// Names in the identities opened to this seat, by submission.
pub(crate) fn names(entries: &[record::Entry]) -> BTreeMap<String, String> {
    let opened = entries.iter().filter_map(|entry| {
        let Leaf::Header { header, .. } = &entry.leaf else {
            return None;
        };
        let opening = entry
            .openings
            .get("identity")
            .filter(|_| header.kind == "part.opened")?;
        let body = Body::parse(&entry.disclosed.as_ref()?.body).ok()?;
        let submission = body.core.payload.get("submission")?.as_str()?.to_owned();
        Some((submission, Identity::parse(&opening.value).ok()?.name))
    });
    opened.collect()
}

/// The hall as the record of this seat has it.
pub fn hall(desk: &Desk) -> HallView {
    let state = desk.replica.state();
    let reached = state.deadline_reached().is_some();
    let bids = if reached { bids(desk) } else { Vec::new() };
    let (hall, now) = now(state, &bids);
    HallView {
        state: hall,
        title: state
            .rulebook()
            .map(|book| words::text(&book.lot.name))
            .unwrap_or_default(),
        deadline: state.record().map_or(0, |record| record.deadline),
        bids,
        now,
        stopped: stopped(state),
    }
}

fn stopped(state: &State) -> Option<Words> {
    let ended = state.ended().cloned().or_else(|| ground(state))?;
    Some(words::text(&ended.text()))
}

fn now(state: &State, bids: &[HallBid]) -> (HallState, Words) {
    if !state.opening_recorded() && stopped(state).is_some() {
        let text = Words::new(
            "开标停止，投标文件保持密封。",
            "The procedure stops; the bids stay sealed.",
        );
        return (HallState::Stopped, text);
    }
    if state.deadline_reached().is_none() {
        return (
            HallState::Before,
            Words::new("等待投标截止。", "Waiting for the deadline."),
        );
    }
    if state.opening_recorded() {
        return (
            HallState::Recorded,
            Words::new("开标记录已存证。", "The opening is on record."),
        );
    }
    if state.opening(OPENING).is_none() {
        let text = match bids.iter().any(|bid| !bid.withdrawn) {
            true => Words::new(
                "投标已截止，等待开标。",
                "The deadline has passed; the opening is next.",
            ),
            false => Words::new(
                "投标已截止，没有投标文件可开启。",
                "The deadline has passed; there is no bid to open.",
            ),
        };
        return (HallState::Deadline, text);
    }
    let open = bids.iter().filter(|bid| !bid.withdrawn);
    let left = open.filter(|bid| !bid.opened && bid.failed.is_none()).count();
    let failed = bids.iter().filter(|bid| bid.failed.is_some()).count();
    let text = match (left, failed) {
        (0, 0) => Words::new(
            "全部投标已开启，等待开标记录。",
            "All bids are open; the opening record is next.",
        ),
        (0, failed) => Words::new(
            format!("未能开启 {failed} 份，其余投标已开启，等待开标记录。"),
            format!("Not opened: {failed}. All other bids are open; the opening record is next."),
        ),
        (left, _) => Words::new(
            format!("正在开启，还有 {left} 份。"),
            format!("Opening bids: {left} left."),
        ),
    };
    (HallState::Opening, text)
}

fn bids(desk: &Desk) -> Vec<HallBid> {
    let state = desk.replica.state();
    let names = names(desk.replica.entries());
    let parts = state
        .rulebook()
        .map(|book| parts_opened_at(book, OPENING))
        .unwrap_or_default();
    let threshold = state
        .ceremony("lot-key")
        .map_or(0, |ceremony| u32::from(ceremony.setting.threshold));
    let mut order: Vec<_> = state.submissions().iter().collect();
    order.sort_by_key(|(_, submission)| submission.first);
    let line = |(place, (id, submission)): (usize, (&String, &Submission))| HallBid {
        number: u32::try_from(place + 1).unwrap_or(u32::MAX),
        name: names.get(id).cloned().unwrap_or_default(),
        received: time_of(desk, submission.index),
        digest: submission
            .parts
            .values()
            .next()
            .map(|part| part.container.digest.to_string())
            .unwrap_or_default(),
        partials: (fewest_partials(submission, &parts), threshold),
        unlocked: parts.iter().all(|part| submission.unlocked.contains(*part)),
        opened: !submission.withdrawn
            && parts
                .iter()
                .all(|part| matches!(submission.outcomes.get(*part), Some(PartOutcome::Opened(_)))),
        failed: parts
            .iter()
            .find_map(|part| match submission.outcomes.get(*part) {
                Some(PartOutcome::Failed(reason)) => Some(words::failure(reason)),
                _ => None,
            }),
        readout: readout(desk, id, submission, &parts),
        withdrawn: submission.withdrawn,
    };
    order.into_iter().enumerate().map(line).collect()
}

fn time_of(desk: &Desk, index: u64) -> u64 {
    let entry = usize::try_from(index)
        .ok()
        .and_then(|index| desk.replica.entries().get(index));
    entry.map_or(0, |entry| entry.time)
}

fn fewest_partials(submission: &Submission, parts: &[&str]) -> u32 {
    let counts = parts
        .iter()
        .map(|part| submission.partials.get(*part).map_or(0, BTreeMap::len));
    counts
        .min()
        .and_then(|count| u32::try_from(count).ok())
        .unwrap_or(0)
}

/// What is read out of the opened parts: guarantee, validity, and the price where it is opened here.
fn readout(desk: &Desk, id: &str, submission: &Submission, parts: &[&str]) -> Vec<(Words, String)> {
    let mut lines = Vec::new();
    for part in parts {
        if !matches!(submission.outcomes.get(*part), Some(PartOutcome::Opened(_))) {
            continue;
        }
        let bytes = desk.vault.get(&statement_key(id, part)).ok().flatten();
        let Some(statement) = bytes.and_then(|bytes| Statement::parse(&bytes).ok()) else {
            continue;
        };
        if let Some(guarantee) = statement.other.get("guarantee") {
            let text = |name: &str| guarantee.get(name).and_then(Value::as_str).unwrap_or_default();
            let value = format!("{} {}", text("amount"), text("currency"));
            lines.push((Words::new("投标保证金", "Bid guarantee"), value.trim().to_owned()));
        }
        if let Some(days) = statement.other.get("validity_days").and_then(Value::as_u64) {
            lines.push((
                Words::new("投标有效期（天）", "Validity (days)"),
                days.to_string(),
            ));
        }
        if let Some(price) = &statement.price {
            let currency = price.other.get("currency").and_then(Value::as_str).unwrap_or("");
            let value = format!("{} {currency}", price.total);
            lines.push((Words::new("投标报价", "Price"), value.trim().to_owned()));
        }
    }
    lines
}
