//! Opening parts one by one at the clerk's desk: the centre combines, the clerk's client checks and signs.

use crate::author::Draft;
use crate::desk::Desk;
use crate::error::ClientError;
use crate::rehearsal::{Progress, act, settle};
use audit::statement::{FILE, Statement};
use evaluation::acts::opening::{OpeningRecorded, OpeningStarted, Outcome, PartOpened, RecordedBid};
use evaluation::plan::OPENING;
use evaluation::{BidderId, PartOutcome};
use protocol::PartKey;
use record::{BlobRef, Leaf, Millis};
use sealing::bid::{FileKey, PartHeader, PartId};
use sealing::secret::SecretBytes;
use std::collections::BTreeSet;

/// Starts the opening, records the outcome of the next part, and at the end the opening record.
pub(super) fn open_parts(
    desk: &mut Desk,
    instance: &str,
    parts: &[String],
    unlock_window: Millis,
) -> Result<Progress, ClientError> {
    let state = desk.replica.state();
    if state.opening(instance).is_none() {
        return act(
            desk,
            "opening.started",
            instance,
            &OpeningStarted {
                parts: parts.to_vec(),
            },
        );
    }
    if state.parts_done(instance) {
        return if instance == OPENING {
            record_opening(desk)
        } else {
            Ok(Progress::Waiting)
        };
    }
    let started = started_at(desk, instance);
    for id in state.submissions_in_play(instance) {
        for part in parts {
            let Some(submission) = desk.replica.state().submissions().get(&id) else {
                continue;
            };
            if submission.outcomes.contains_key(part) {
                continue;
            }
            let threshold = desk
                .replica
                .state()
                .ceremony("lot-key")
                .map_or(u8::MAX, |c| c.setting.threshold);
            let partials = submission
                .partials
                .get(part)
                .map_or(0, std::collections::BTreeMap::len);
            let unlocked = submission.unlocked.contains(part);
            let overdue = desk.centre_now() >= started + unlock_window;
            if partials >= usize::from(threshold) && (unlocked || overdue) {
                return open_one(desk, instance, &id, part);
            }
        }
    }
    Ok(Progress::Waiting)
}

pub(super) fn started_at(desk: &Desk, instance: &str) -> Millis {
    let entry = desk.replica.entries().iter().find(|entry| match &entry.leaf {
        Leaf::Header { header, .. } => header.kind == "opening.started" && header.instance == instance,
        Leaf::Hash(_) => false,
    });
    entry.map_or(0, |entry| entry.time)
}

/// One part: what the centre combined is checked here before it is signed.
fn open_one(desk: &mut Desk, instance: &str, id: &str, part: &str) -> Result<Progress, ClientError> {
    let origin = desk.replica.origin();
    let mut attachments = Vec::new();
    let outcome = match desk.link.part_decrypt(&origin, id, part)? {
        PartKey::Failed { reason } => Outcome::Failed(reason),
        PartKey::Opened { key, content } => match verified(desk, instance, id, part, &key, &content)? {
            Ok((key, identity)) => {
                attachments.push(("key".to_owned(), key));
                if part == "opening" {
                    attachments.push(("identity".to_owned(), identity));
                }
                Outcome::Opened(content)
            }
            Err(reason) => Outcome::Failed(reason.to_owned()),
        },
    };
    let payload = PartOpened {
        submission: id.to_owned(),
        part: part.to_owned(),
        outcome,
    };
    settle(desk.act(Draft {
        kind: "part.opened",
        instance,
        payload: &payload,
        attachments,
        personal: None,
    })?)
}

type Opened = Result<(Vec<u8>, Vec<u8>), &'static str>;

/// The key opens the sealed container to exactly this content, and the statement inside is well formed. The clerk's
/// client does not take the centre's word.
fn verified(
    desk: &mut Desk,
    instance: &str,
    id: &str,
    part: &str,
    key: &str,
    content: &BlobRef,
) -> Result<Opened, ClientError> {
    let bytes: [u8; 32] = hex::decode(key)
        .ok()
        .and_then(|b| b.try_into().ok())
        .ok_or_else(|| ClientError::Format("file key".to_owned()))?;
    let file_key: FileKey = SecretBytes::new(bytes);
    let origin = desk.replica.origin();
    let sealed = desk
        .replica
        .state()
        .submissions()
        .get(id)
        .and_then(|s| s.parts.get(part));
    let sealed = sealed.ok_or_else(|| ClientError::check("没有这一部分", "no such part"))?;
    let container = desk.replica.blob(&*desk.link, &sealed.container)?;
    let header =
        PartHeader::read(&mut container.as_slice()).map_err(|e| ClientError::Format(e.to_string()))?;
    let expected = PartId {
        origin: origin.0,
        submission: evaluation::acts::bids::submission_id(id)?,
        part: part.to_owned(),
    };
    if !header.commits_to(&file_key) {
        return Err(ClientError::check(
            "中心的密钥与其承诺不符",
            "the centre's key is not the committed one",
        ));
    }
    let Ok(plaintext) = sealing::bid::open_part(&file_key, &container, &expected) else {
        return Ok(Err("damaged"));
    };
    if !content.matches(&plaintext) {
        return Err(ClientError::check(
            "内容与密封文件中的不符",
            "the content is not what the container holds",
        ));
    }
    desk.keep_blob(&plaintext)?;
    let statement = record::tar::decode(&plaintext, 1 << 32, 4096)
        .ok()
        .and_then(|files| files.get(FILE).cloned());
    let Some(statement) = statement.and_then(|bytes| Statement::parse(&bytes).ok()) else {
        return Ok(Err("statement"));
    };
    if instance == OPENING {
        // What is read out stays at hand when the parts themselves are forgotten.
        let bytes = serde_json::to_vec(&statement).map_err(|e| ClientError::Format(e.to_string()))?;
        desk.vault.put(&super::hall::statement_key(id, part), &bytes)?;
    }
    let identity = serde_json::to_vec(&statement.identity).map_err(|e| ClientError::Format(e.to_string()))?;
    Ok(Ok((bytes.to_vec(), identity)))
}

/// The opening record: ordinals over the opened bids, and how many distinct bidders their identities show.
fn record_opening(desk: &mut Desk) -> Result<Progress, ClientError> {
    let state = desk.replica.state();
    let mut bids = Vec::new();
    let mut next = 1;
    for (id, submission) in state.standing() {
        let failed = submission
            .outcomes
            .values()
            .any(|outcome| matches!(outcome, PartOutcome::Failed(_)));
        let bidder = if failed {
            None
        } else {
            BidderId::new(format!("B{next}"))
        };
        next += u32::from(!failed);
        bids.push(RecordedBid {
            submission: id.clone(),
            bidder,
        });
    }
    let codes: BTreeSet<String> = identities(desk).collect();
    let distinct = u32::try_from(codes.len()).map_err(|e| ClientError::Format(e.to_string()))?;
    act(
        desk,
        "opening.recorded",
        OPENING,
        &OpeningRecorded { bids, distinct },
    )
}

/// Codes of the opened identities, from the clerk's own acts.
fn identities(desk: &Desk) -> impl Iterator<Item = String> {
    desk.replica.entries().iter().filter_map(|entry| {
        let Leaf::Header { header, .. } = &entry.leaf else {
            return None;
        };
        let opening = entry
            .openings
            .get("identity")
            .filter(|_| header.kind == "part.opened")?;
        audit::statement::Identity::parse(&opening.value)
            .ok()
            .map(|identity| identity.code)
    })
}
