//! Opened parts (protocol 5): with the disclosed file key the container decrypts to the stated content; the bidder's
//! statement inside names the disclosed identity and the entered price; distinct bidders are counted again.

use super::{Applied, Findings};
use crate::context::{Context, Slot};
use crate::package::blob_file;
use crate::statement::{FILE, Identity, Statement};
use evaluation::BidderId;
use evaluation::acts::bids::{BidSubmitted, submission_id};
use evaluation::acts::opening::{OpeningRecorded, Outcome, PartOpened};
use evaluation::acts::prices::PriceEntered;
use record::{BlobRef, Digest};
use sealing::bid::{FileKey, PartId, open_part};
use std::collections::{BTreeMap, BTreeSet};

/// Bounds of the tar in a part.
const MAX_CONTENT: u64 = 8 << 30;
const MAX_FILES: usize = 10_000;

/// What was read from parts that decrypted.
#[derive(Default)]
struct Read {
    /// Statements by digest of the content they came from.
    statements: BTreeMap<Digest, Statement>,
    /// Disclosed identities by submission.
    identities: BTreeMap<String, Identity>,
    /// Contents that were stated and could not be looked into.
    shut: BTreeSet<Digest>,
}

pub(super) fn run(context: &Context<'_>, findings: &mut Findings) -> Applied {
    if !context.is_full() {
        return Applied::Not("a public package opens no part of a bid");
    }
    let containers = containers(context);
    let mut read = Read::default();
    let mut any = false;
    for (slot, opened) in context.acts::<PartOpened>("part.opened") {
        let Outcome::Opened(content) = &opened.outcome else {
            continue;
        };
        any = true;
        let object = format!("{}/{}", opened.submission, opened.part);
        if let Some(value) = slot.opening("identity") {
            match Identity::parse(value) {
                Ok(identity) => {
                    read.identities.insert(opened.submission.clone(), identity);
                }
                Err(fault) => findings.both(slot.index, &object, format!("identity: {fault}")),
            }
        }
        let container = containers.get(&(opened.submission.clone(), opened.part.clone()));
        match statement(context, slot, &opened, container, content) {
            Ok(Some(statement)) => {
                let identity = read.identities.get(&opened.submission);
                if identity.is_some_and(|identity| *identity != statement.identity) {
                    findings.both(
                        slot.index,
                        &object,
                        "the statement names another bidder than the identity",
                    );
                }
                read.statements.insert(content.digest, statement);
            }
            Ok(None) => {
                read.shut.insert(content.digest);
                findings.note(
                    Some(slot.index),
                    Some(object),
                    "the container lies outside the package: not decrypted",
                );
            }
            Err(fault) => {
                read.shut.insert(content.digest);
                findings.both(slot.index, object, fault);
            }
        }
    }
    distinct(context, findings, &read);
    prices(context, findings, &read);
    if any {
        Applied::Done
    } else {
        Applied::Not("no part was opened")
    }
}

/// The container that counts for each submission and part: the last one submitted.
fn containers(context: &Context<'_>) -> BTreeMap<(String, String), BlobRef> {
    let mut containers = BTreeMap::new();
    for slot in &context.slots {
        let bid = ["bid.submitted", "bid.replaced"]
            .iter()
            .find_map(|kind| slot.payload::<BidSubmitted>(kind));
        for bid in bid.iter() {
            for part in &bid.parts {
                containers.insert((bid.submission.clone(), part.part.clone()), part.container);
            }
        }
    }
    containers
}

/// Decrypts a part and reads its statement; `None` when the container lies outside.
fn statement(
    context: &Context<'_>,
    slot: &Slot,
    opened: &PartOpened,
    container: Option<&BlobRef>,
    content: &BlobRef,
) -> Result<Option<Statement>, String> {
    let container = container.ok_or("no such part was submitted")?;
    let key = slot.opening("key").ok_or("the file key is not disclosed")?;
    let key: [u8; 32] = key.try_into().map_err(|_| "the file key is not 32 bytes")?;
    let Some(sealed) = context.package.file(&blob_file(&container.digest)) else {
        return Ok(None);
    };
    let id = PartId {
        origin: context.package.manifest().origin.0,
        submission: submission_id(&opened.submission).map_err(|refusal| refusal.to_string())?,
        part: opened.part.clone(),
    };
    let plaintext = open_part(&FileKey::new(key), sealed, &id).map_err(|fault| fault.to_string())?;
    if !content.matches(&plaintext) {
        return Err("decrypts to another content than the act states".to_owned());
    }
    let files = record::tar::decode(&plaintext, MAX_CONTENT, MAX_FILES)
        .map_err(|fault| format!("content: {fault}"))?;
    let statement = files.get(FILE).ok_or("there is no statement.json inside")?;
    Statement::parse(statement)
        .map(Some)
        .map_err(|fault| format!("{FILE}: {fault}"))
}

/// Two bids with one code are one bidder's.
fn distinct(context: &Context<'_>, findings: &mut Findings, read: &Read) {
    for (slot, recorded) in context.acts::<OpeningRecorded>("opening.recorded") {
        let named = recorded.bids.iter().filter(|bid| bid.bidder.is_some());
        let identities: Option<Vec<&Identity>> =
            named.map(|bid| read.identities.get(&bid.submission)).collect();
        let Some(identities) = identities else {
            findings.note(
                Some(slot.index),
                None,
                "not every identity is disclosed: distinct bidders are not counted",
            );
            continue;
        };
        let codes: BTreeSet<&str> = identities
            .into_iter()
            .map(|identity| identity.code.as_str())
            .collect();
        if codes.len() as u64 != u64::from(recorded.distinct) {
            findings.act(
                slot.index,
                format!(
                    "records {} distinct bidders, there are {}",
                    recorded.distinct,
                    codes.len()
                ),
            );
        }
    }
}

/// A price read from a statement is the statement's.
fn prices(context: &Context<'_>, findings: &mut Findings, read: &Read) {
    let mut submissions: BTreeMap<BidderId, String> = BTreeMap::new();
    for (_, recorded) in context.acts::<OpeningRecorded>("opening.recorded") {
        submissions.extend(
            recorded
                .bids
                .into_iter()
                .filter_map(|bid| Some((bid.bidder?, bid.submission))),
        );
    }
    for (slot, entered) in context.acts::<PriceEntered>("price.entered") {
        if entered.source.file != FILE || read.shut.contains(&entered.source.part) {
            continue;
        }
        let object = submissions
            .get(&entered.bidder)
            .cloned()
            .unwrap_or_else(|| entered.bidder.to_string());
        let Some(statement) = read.statements.get(&entered.source.part) else {
            findings.both(slot.index, object, "names a part that was not opened");
            continue;
        };
        let total = statement
            .price
            .as_ref()
            .and_then(|price| price.total.parse::<rules::Decimal>().ok());
        let amount = entered.amount.parse::<rules::Decimal>().ok();
        if total.is_none() || total != amount {
            findings.both(
                slot.index,
                object,
                "the entered price is not the total of the bidder's statement",
            );
        }
    }
}
