//! A bidder's tool: checks the lot key like an expert's client, seals the parts, submits, replaces, withdraws, and
//! gives its half of a key when a part is opened (protocol 5).

use crate::author::{Author, Draft};
use crate::checks::{KeyPermit, check_key};
use crate::error::ClientError;
use crate::link::Link;
use crate::replica::Replica;
use audit::WitnessHistory;
use audit::anchors::Anchors;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use evaluation::acts::bids::{BIDS, BidSubmitted, BidWithdrawn, PartSubmitted};
use evaluation::acts::ceremony::LOT_KEY;
use evaluation::acts::opening::BidUnlocked;
use protocol::{Acknowledged, Bundle, Receipt};
use record::{
    BlobRef, DeviceId, Digest, Millis, Origin, Seen, SignedCheckpoint, Submission, VerifiedLeaf,
    verify_entry, verify_inclusion,
};
use sealing::Random;
use sealing::bid::{self, FileKey, Mode, PartId, WrapContext};
use sealing::provider::{KeyFileProvider, KeyProvider, Pin};
use sealing::secret::SecretBytes;
use sealing::sign::SigningKeyPair;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// A lot key that this tool has checked, with what a bid is sealed under.
pub struct CheckedBundle {
    permit: KeyPermit,
    origin: Origin,
    ingest: [u8; 65],
    parts: Vec<String>,
    seen: Seen,
    deadline: Millis,
}

impl CheckedBundle {
    /// Parts that the rulebook names.
    pub fn parts(&self) -> &[String] {
        &self.parts
    }

    /// The record.
    pub fn origin(&self) -> Origin {
        self.origin
    }

    /// Bids are taken until then.
    pub fn deadline(&self) -> Millis {
        self.deadline
    }
}

/// Checks a bundle against local anchors: every leaf, the tree, the cosigned checkpoint, holders, deals, proofs,
/// acknowledgements. A substituted key fails here, before anything is sealed.
///
/// # Errors
/// [`ClientError::Check`] or [`ClientError::Unsound`].
pub fn check_bundle(bundle: &Bundle, anchors: Anchors) -> Result<CheckedBundle, ClientError> {
    let first = bundle.entries.first().and_then(|entry| match &entry.leaf {
        record::Leaf::Header { header, .. } => Some(header.origin),
        record::Leaf::Hash(_) => None,
    });
    let origin = first.ok_or_else(|| ClientError::check("投标包是空的", "the bundle is empty"))?;
    let rulebook = STANDARD
        .decode(&bundle.rulebook)
        .map_err(|e| ClientError::Format(e.to_string()))?;
    let mut replica = Replica::new(origin, anchors);
    replica.take_bundle(&bundle.entries, &bundle.confirming, &bundle.note, rulebook)?;
    if replica.cosigned_size() < bundle.entries.len() as u64 {
        return Err(ClientError::check(
            "投标包的检查点没有足够的见证会签",
            "the bundle's checkpoint is not cosigned by enough log witnesses",
        ));
    }
    let permit = check_key(&replica, LOT_KEY)?;
    let state = replica.state();
    let ingest = state
        .ingest_key()
        .ok_or_else(|| ClientError::check("没有接收密钥", "no ingest key"))?;
    let book = state
        .rulebook()
        .ok_or_else(|| ClientError::check("没有评审规则", "no rulebook"))?;
    Ok(CheckedBundle {
        parts: book
            .parts
            .iter()
            .map(|part| evaluation::plan::part_text(part.name).to_owned())
            .collect(),
        deadline: state.record().map_or(0, |setting| setting.deadline),
        ingest: ingest.0,
        seen: replica.seen(),
        permit,
        origin,
    })
}

/// Who bids, and the key to which the bidder's half is wrapped.
pub struct BidderKey {
    /// Key file behind its PIN: agrees for unwrapping.
    pub provider: KeyFileProvider,
    /// Its PIN.
    pub pin: Pin,
}

/// A sealed bid as it lies on the bidder's disk until the opening: nothing in it is readable without the quorum.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SealedBid {
    /// `conclave.sealed-bid/1`.
    pub format: String,
    /// Record.
    pub origin: Origin,
    /// Random submission id.
    pub submission: String,
    /// One-time submission key, secret, hex: only this bidder can replace or withdraw.
    pub submission_key: String,
    /// Parts with their wraps.
    pub parts: Vec<PartSubmitted>,
}

/// A sealed bid with its containers.
pub struct SealedFiles {
    /// What is kept.
    pub bid: SealedBid,
    /// Containers by part.
    pub containers: BTreeMap<String, Vec<u8>>,
}

/// Seals the named parts (canonical tars). `earlier` keeps submission id and key of a bid that is replaced.
///
/// # Errors
/// Parts that differ from the rulebook's.
pub fn seal(
    bundle: &CheckedBundle,
    parts: &BTreeMap<String, Vec<u8>>,
    bidder: &BidderKey,
    mode: Mode,
    earlier: Option<&SealedBid>,
    random: &mut dyn Random,
) -> Result<SealedFiles, ClientError> {
    let named: Vec<&String> = bundle.parts.iter().collect();
    if parts.len() != named.len() || !named.iter().all(|part| parts.contains_key(*part)) {
        return Err(ClientError::check(
            format!("评审规则列出的部分是 {named:?}"),
            format!("the rulebook names the parts {named:?}"),
        ));
    }
    let (submission, submission_key) = match earlier {
        Some(bid) => (bid.submission.clone(), bid.submission_key.clone()),
        None => {
            let mut id = [0; 16];
            random.fill(&mut id);
            let key = SigningKeyPair::generate(random);
            (
                hex::encode(id),
                hex::encode(key.secret().to_secret_bytes().expose()),
            )
        }
    };
    let id_bytes = evaluation::acts::bids::submission_id(&submission)?;
    let mut sealed = Vec::new();
    let mut containers = BTreeMap::new();
    for (part, plaintext) in parts {
        let id = PartId {
            origin: bundle.origin.0,
            submission: id_bytes,
            part: part.clone(),
        };
        let mut file_key = [0; 32];
        random.fill(&mut file_key);
        let file_key: FileKey = SecretBytes::new(file_key);
        let format = |e: &dyn std::fmt::Display| ClientError::Format(e.to_string());
        let container = bid::seal_part(&id, &file_key, plaintext, random).map_err(|e| format(&e))?;
        let context = WrapContext {
            id,
            y: bundle.permit.key().y,
        };
        let wraps = bid::wrap(
            &context,
            mode,
            &file_key,
            &bundle.ingest,
            &bidder.provider.public_key(),
            random,
        )
        .map_err(|e| format(&e))?;
        let blob = BlobRef {
            digest: Digest::of(&container),
            size: container.len() as u64,
        };
        sealed.push(PartSubmitted {
            part: part.clone(),
            container: blob,
            wraps,
        });
        containers.insert(part.clone(), container);
    }
    let bid = SealedBid {
        format: "conclave.sealed-bid/1".to_owned(),
        origin: bundle.origin,
        submission,
        submission_key,
        parts: sealed,
    };
    Ok(SealedFiles { bid, containers })
}

impl SealedBid {
    fn author(&self) -> Result<Author, ClientError> {
        let bytes = hex::decode(&self.submission_key)
            .ok()
            .and_then(|b| <[u8; 32]>::try_from(b).ok());
        let bytes = bytes.ok_or_else(|| ClientError::Format("submission key".to_owned()))?;
        let secret = sealing::curve::SecretScalar::from_bytes(&bytes)
            .map_err(|e| ClientError::Format(e.to_string()))?;
        let key = SigningKeyPair::from_secret(secret);
        // A bidder's device is nobody's business: its id is that of the one-time key.
        let digest = Digest::of(&key.public_key());
        let mut device = [0; 16];
        device.copy_from_slice(&digest.0[..16]);
        Ok(Author::new(key, DeviceId(device)))
    }
}

/// What a bidder does with a bid.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// First submission.
    Submit,
    /// New parts in place of the old ones.
    Replace,
    /// Stays shut for good.
    Withdraw,
}

/// Lays out the act of a step. Kept by the caller until it is acknowledged: sent twice, it counts once.
///
/// # Errors
/// A damaged bid.
pub fn prepare(
    bundle: &CheckedBundle,
    bid: &SealedBid,
    step: Step,
    now: Millis,
    random: &mut dyn Random,
) -> Result<Submission, ClientError> {
    let author = bid.author()?;
    let submitted = BidSubmitted {
        submission: bid.submission.clone(),
        parts: bid.parts.clone(),
    };
    let withdrawn = BidWithdrawn {
        submission: bid.submission.clone(),
    };
    let (origin, seen) = (bundle.origin, bundle.seen);
    match step {
        Step::Submit => author.compose(
            origin,
            plain("bid.submitted", BIDS, &submitted),
            seen,
            now,
            random,
        ),
        Step::Replace => author.compose(origin, plain("bid.replaced", BIDS, &submitted), seen, now, random),
        Step::Withdraw => author.compose(
            origin,
            plain("bid.withdrawn", BIDS, &withdrawn),
            seen,
            now,
            random,
        ),
    }
}

/// Uploads the containers, before the act that names them.
///
/// # Errors
/// Late, too large, or no line.
pub fn upload(link: &dyn Link, origin: &Origin, files: &SealedFiles) -> Result<(), ClientError> {
    for container in files.containers.values() {
        link.bid_blob_put(origin, container)?;
    }
    Ok(())
}

/// Sends the act. Bids enter the record together, at moments that tell nobody how many there are: until then the
/// answer is "waiting" and the same act is sent again. The receipt follows the acknowledgement ([`receipt`]).
///
/// # Errors
/// Waiting for the next entry, late, refused, or no line.
pub fn enter(
    link: &dyn Link,
    origin: &Origin,
    act: &Submission,
) -> Result<(record::ActId, Acknowledged), ClientError> {
    let id = record::Body::parse(&act.body)
        .map_err(|e| ClientError::Format(e.to_string()))?
        .core
        .id;
    Ok((id, link.bid_act(origin, act)?))
}

fn plain<'a, T>(kind: &'a str, instance: &'a str, payload: &'a T) -> Draft<'a, T> {
    Draft {
        kind,
        instance,
        payload,
        attachments: Vec::new(),
        personal: None,
    }
}

/// Fetches and checks the receipt: the act at its place, under a checkpoint that w anchored log witnesses cosigned. That one was
/// replaced must be proven with it; a replacement that the centre keeps back is not noticed here (threat model, A bidder).
///
/// # Errors
/// Waiting without w; [`ClientError::Unsound`] when it does not verify.
pub fn receipt(
    link: &dyn Link,
    origin: &Origin,
    act: &record::ActId,
    anchors: &Anchors,
) -> Result<Receipt, ClientError> {
    let receipt = link.bid_receipt(origin, act)?;
    let unsound = |what: String| ClientError::Unsound(format!("receipt: {what}"));
    let VerifiedLeaf::Full(verified, index, _) =
        verify_entry(&receipt.entry).map_err(|e| unsound(e.to_string()))?
    else {
        return Err(unsound("without the act".to_owned()));
    };
    if verified.core().id != *act {
        return Err(unsound("of another act".to_owned()));
    }
    let note = SignedCheckpoint::parse(receipt.note.as_bytes()).map_err(|e| unsound(e.to_string()))?;
    let checkpoint = note
        .verify_log(&anchors.log_key)
        .map_err(|e| unsound(e.to_string()))?;
    let mut witnesses = WitnessHistory::anchored(anchors);
    for proof in &receipt.replaced {
        let confirming =
            SignedCheckpoint::parse(proof.note.as_bytes()).map_err(|e| unsound(e.to_string()))?;
        if confirming.checkpoint().origin != checkpoint.origin {
            return Err(unsound("a log witness was replaced in another record".to_owned()));
        }
        witnesses
            .prove(&anchors.log_key, &proof.entry, &proof.inclusion, &confirming)
            .map_err(unsound)?;
    }
    if checkpoint.origin != record::origin_line(origin) || !witnesses.cosigned(&note).is_quorum() {
        return Err(unsound("not cosigned by enough log witnesses".to_owned()));
    }
    let leaf = receipt.entry.leaf_hash();
    verify_inclusion(
        &leaf,
        index,
        checkpoint.size,
        &receipt.inclusion,
        &checkpoint.root,
    )
    .map_err(|e| unsound(e.to_string()))?;
    Ok(receipt)
}

/// Gives the bidder's halves of the keys of the parts that are being opened now. Returns the parts unlocked.
///
/// # Errors
/// Wrong PIN, the line, refusal.
pub fn unlock(
    link: &dyn Link,
    bundle: &CheckedBundle,
    bid: &SealedBid,
    bidder: &BidderKey,
    done: &[String],
    now: Millis,
    random: &mut dyn Random,
) -> Result<Vec<String>, ClientError> {
    let mut unlocked = Vec::new();
    for (parts, act) in prepare_unlocks(link, bundle, bid, bidder, done, now, random)? {
        link.bid_act(&bundle.origin, &act)?;
        unlocked.extend(parts);
    }
    Ok(unlocked)
}

/// Lays out an act for each instance at which parts are being opened now, with the parts it unlocks; `done` are left
/// out. Kept by the caller until they are acknowledged.
///
/// # Errors
/// Wrong PIN, the line.
pub fn prepare_unlocks(
    link: &dyn Link,
    bundle: &CheckedBundle,
    bid: &SealedBid,
    bidder: &BidderKey,
    done: &[String],
    now: Millis,
    random: &mut dyn Random,
) -> Result<Vec<(Vec<String>, Submission)>, ClientError> {
    let stage = link.bid_stage(&bundle.origin)?;
    let note =
        SignedCheckpoint::parse(stage.note.as_bytes()).map_err(|e| ClientError::Format(e.to_string()))?;
    let seen = Seen {
        size: note.checkpoint().size,
        root: note.checkpoint().root,
    };
    let author = bid.author()?;
    let mut acts = Vec::new();
    for (instance, parts) in stage.openings {
        let wanted: Vec<&PartSubmitted> = bid
            .parts
            .iter()
            .filter(|p| parts.contains(&p.part) && !done.contains(&p.part))
            .collect();
        if wanted.is_empty() {
            continue;
        }
        let mut attachments = Vec::new();
        for part in &wanted {
            let half = bidders_half(bundle, bid, part, bidder)?;
            attachments.push((format!("key_{}", part.part), half.expose().to_vec()));
        }
        let names: Vec<String> = wanted.iter().map(|part| part.part.clone()).collect();
        let payload = BidUnlocked {
            submission: bid.submission.clone(),
            parts: names.clone(),
        };
        let draft = Draft {
            kind: "bid.unlocked",
            instance: &instance,
            payload: &payload,
            attachments,
            personal: None,
        };
        acts.push((names, author.compose(bundle.origin, draft, seen, now, random)?));
    }
    Ok(acts)
}

fn bidders_half(
    bundle: &CheckedBundle,
    bid: &SealedBid,
    part: &PartSubmitted,
    bidder: &BidderKey,
) -> Result<FileKey, ClientError> {
    let submission = evaluation::acts::bids::submission_id(&bid.submission)?;
    let id = PartId {
        origin: bundle.origin.0,
        submission,
        part: part.part.clone(),
    };
    let context = WrapContext {
        id,
        y: bundle.permit.key().y,
    };
    let mut agree = |point: &[u8; 65]| bidder.provider.agree(&bidder.pin, point);
    bid::unwrap_bidder(&context, &part.wraps, &bidder.provider.public_key(), &mut agree)
        .map_err(ClientError::technical)
}
