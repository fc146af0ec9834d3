//! The link without a socket: calls the centre directly, and loses what the net is told to lose.

use centre::{Centre, CentreError, Principal};
use client::ClientError;
use client::link::{Answer, Link};
use client::rehearsal::{Identity, Links};
use protocol::{
    Acknowledged, Bundle, Connections, Cosignature, Feed, HeldBlobs, IngestKey, MissingBlobs, PartKey,
    Receipt, RecordLine, ReplacementAsk, ReplacementTaken, Replacements, RestoreState, ReturnedLeaves,
    StageDocument, StoredBlob, WitnessPage,
};
use record::{ActId, Digest, Origin, PublicKey, Submission};
use serde::Serialize;
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError, RwLock};
use std::time::Duration;

use crate::seeded::Seeded;

/// How soon a waiting seat looks again.
const LOOK_AGAIN: Duration = Duration::from_millis(20);

/// The net between seats and centre: which centre runs, and what gets lost.
pub struct Net {
    centre: RwLock<Option<Arc<Centre>>>,
    loss: Mutex<Loss>,
    heard: Mutex<Option<Heard>>,
    swapped: Mutex<BTreeMap<Digest, Vec<u8>>>,
}

/// Bytes of every answer, by who asked.
type Heard = BTreeMap<Principal, Vec<Vec<u8>>>;

struct Loss {
    random: Seeded,
    percent: usize,
}

impl Net {
    /// A net that loses `percent` of the answers (the call itself is done) and as many of the calls.
    pub fn new(seed: u64, percent: usize) -> Arc<Self> {
        let loss = Mutex::new(Loss {
            random: Seeded::new(seed, "net"),
            percent,
        });
        Arc::new(Self {
            centre: RwLock::new(None),
            loss,
            heard: Mutex::new(None),
            swapped: Mutex::default(),
        })
    }

    /// Puts a centre behind the net; `None` cuts the line.
    pub fn connect(&self, centre: Option<Arc<Centre>>) {
        *self.centre.write().unwrap_or_else(PoisonError::into_inner) = centre;
    }

    fn loses(&self) -> bool {
        let mut loss = self.loss.lock().unwrap_or_else(PoisonError::into_inner);
        let percent = loss.percent;
        percent > 0 && loss.random.below(100) < percent
    }

    /// From now on keeps the bytes of every answer.
    pub fn listen(&self) {
        *self.heard.lock().unwrap_or_else(PoisonError::into_inner) = Some(Heard::new());
    }

    /// What reached a caller since [`Net::listen`], errors included.
    pub fn heard(&self, principal: &Principal) -> Vec<Vec<u8>> {
        let heard = self.heard.lock().unwrap_or_else(PoisonError::into_inner);
        heard
            .as_ref()
            .and_then(|heard| heard.get(principal).cloned())
            .unwrap_or_default()
    }

    /// From now on answers other bytes for a blob, as a lying centre would.
    pub fn swap(&self, blob: Digest, bytes: Vec<u8>) {
        self.swapped
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .insert(blob, bytes);
    }

    /// Tells the truth again.
    pub fn swap_nothing(&self) {
        self.swapped
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clear();
    }

    fn swapped(&self, blob: &Digest) -> Option<Vec<u8>> {
        self.swapped
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .get(blob)
            .cloned()
    }

    fn note(&self, principal: &Principal, bytes: impl FnOnce() -> Vec<u8>) {
        let mut heard = self.heard.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(heard) = heard.as_mut() {
            heard.entry(*principal).or_default().push(bytes());
        }
    }

    /// A call whose answer is heard as JSON.
    fn ask<T: Serialize>(
        &self,
        principal: &Principal,
        f: impl FnOnce(&Centre) -> Result<T, CentreError>,
    ) -> Answer<T> {
        let answer = self.call(f);
        match &answer {
            Ok(value) => self.note(principal, || serde_json::to_vec(value).unwrap_or_default()),
            Err(ClientError::Centre(body)) => {
                self.note(principal, || serde_json::to_vec(body).unwrap_or_default());
            }
            Err(_) => {}
        }
        answer
    }

    /// A call whose answer is bytes.
    fn fetch(
        &self,
        principal: &Principal,
        f: impl FnOnce(&Centre) -> Result<Vec<u8>, CentreError>,
    ) -> Answer<Vec<u8>> {
        let answer = self.call(f);
        if let Ok(bytes) = &answer {
            self.note(principal, || bytes.clone());
        }
        answer
    }

    fn call<T>(&self, f: impl FnOnce(&Centre) -> Result<T, CentreError>) -> Answer<T> {
        let line = || ClientError::Line("lost".to_owned());
        let centre = self
            .centre
            .read()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
            .ok_or_else(line)?;
        if self.loses() {
            return Err(line());
        }
        let answer = f(&centre);
        if self.loses() {
            return Err(line()); // done, yet the caller does not know
        }
        answer.map_err(|error| ClientError::Centre(error.body()))
    }
}

/// A caller's link.
#[derive(Clone)]
pub struct MemoryLink {
    /// The net.
    pub net: Arc<Net>,
    /// Who calls.
    pub principal: Principal,
}

/// Makes links over one net.
pub struct MemoryLinks(pub Arc<Net>);

impl Links for MemoryLinks {
    fn link(&self, identity: Identity<'_>) -> Box<dyn Link> {
        let principal = match identity {
            Identity::Anonymous => Principal::Anonymous,
            Identity::Key(key, _) => Principal::Key(PublicKey(key.public_key())),
            Identity::Witness(key) => Principal::Witness(key.public()),
        };
        Box::new(MemoryLink {
            net: self.0.clone(),
            principal,
        })
    }
}

impl Link for MemoryLink {
    fn record_list(&self) -> Answer<Vec<RecordLine>> {
        self.net
            .ask(&self.principal, |centre| centre.record_list(&self.principal))
    }
    fn record_create(&self, act: &Submission) -> Answer<Acknowledged> {
        self.net.ask(&self.principal, |centre| {
            centre.record_create(&self.principal, act)
        })
    }
    fn setup_blob_put(&self, bytes: &[u8]) -> Answer<StoredBlob> {
        self.net.ask(&self.principal, |centre| {
            centre.setup_blob_put(&self.principal, bytes)
        })
    }
    fn act_submit(&self, origin: &Origin, act: &Submission) -> Answer<Acknowledged> {
        self.net.ask(&self.principal, |centre| {
            centre.act_submit(&self.principal, origin, act)
        })
    }
    fn feed(&self, origin: &Origin, cursor: &str) -> Answer<Feed> {
        self.net.ask(&self.principal, |centre| {
            centre.feed(&self.principal, origin, cursor)
        })
    }
    /// This net tells nobody that the record grew: who waits looks again soon.
    #[expect(
        clippy::disallowed_methods,
        reason = "there is no event to wait for: a look-out that can only look again"
    )]
    fn wait(&self, _origin: &Origin, _cursor: &str, at_most: Duration) {
        std::thread::sleep(at_most.min(LOOK_AGAIN));
    }
    fn blob_put(&self, origin: &Origin, bytes: &[u8]) -> Answer<StoredBlob> {
        self.net.ask(&self.principal, |centre| {
            centre.blob_put(&self.principal, origin, bytes)
        })
    }
    fn blob_get(&self, origin: &Origin, digest: &Digest) -> Answer<Vec<u8>> {
        if let Some(bytes) = self.net.swapped(digest) {
            return Ok(bytes);
        }
        self.net.fetch(&self.principal, |centre| {
            centre.blob_get(&self.principal, origin, digest)
        })
    }
    fn ingest_key(&self, origin: &Origin) -> Answer<IngestKey> {
        self.net.ask(&self.principal, |centre| {
            centre.ingest_key(&self.principal, origin)
        })
    }
    fn part_decrypt(&self, origin: &Origin, submission: &str, part: &str) -> Answer<PartKey> {
        self.net.ask(&self.principal, |centre| {
            centre.part_decrypt(&self.principal, origin, submission, part)
        })
    }
    fn presence(&self, origin: &Origin) -> Answer<Connections> {
        // This net has no live channels.
        self.net.ask(&self.principal, |centre| {
            centre.presence(&self.principal, origin, &|_| None)
        })
    }
    fn replacement_ask(&self, origin: &Origin, ask: &ReplacementAsk) -> Answer<ReplacementTaken> {
        self.net.ask(&self.principal, |centre| {
            centre.replacement_ask(&self.principal, origin, ask)
        })
    }
    fn replacement_list(&self, origin: &Origin) -> Answer<Replacements> {
        self.net.ask(&self.principal, |centre| {
            centre.replacement_list(&self.principal, origin)
        })
    }
    fn archive(&self, origin: &Origin, profile: &str) -> Answer<Vec<u8>> {
        let profile = match profile {
            "public" => audit::package::Profile::Public,
            _ => audit::package::Profile::Full,
        };
        self.net.fetch(&self.principal, |centre| {
            centre.archive(&self.principal, origin, profile)
        })
    }
    fn leaves_return(&self, origin: &Origin, leaves: &ReturnedLeaves) -> Answer<RestoreState> {
        self.net.ask(&self.principal, |centre| {
            centre.leaves_return(&self.principal, origin, leaves.clone())
        })
    }
    fn blobs_missing(&self, origin: &Origin, held: &HeldBlobs) -> Answer<MissingBlobs> {
        self.net
            .ask(&self.principal, |centre| centre.blobs_missing(origin, held))
    }
    fn blob_return(&self, origin: &Origin, bytes: &[u8]) -> Answer<StoredBlob> {
        self.net
            .ask(&self.principal, |centre| centre.blob_return(origin, bytes))
    }
    fn bundle(&self, origin: &Origin) -> Answer<Bundle> {
        self.net.ask(&self.principal, |centre| centre.bundle(origin))
    }
    fn bid_blob_put(&self, origin: &Origin, bytes: &[u8]) -> Answer<StoredBlob> {
        self.net
            .ask(&self.principal, |centre| centre.bid_blob_put(origin, bytes))
    }
    fn bid_act(&self, origin: &Origin, act: &Submission) -> Answer<Acknowledged> {
        self.net
            .ask(&self.principal, |centre| centre.bid_act(origin, act))
    }
    fn bid_receipt(&self, origin: &Origin, act: &ActId) -> Answer<Receipt> {
        self.net
            .ask(&self.principal, |centre| centre.bid_receipt(origin, act))
    }
    fn bid_stage(&self, origin: &Origin) -> Answer<StageDocument> {
        self.net.ask(&self.principal, |centre| centre.bid_stage(origin))
    }
    fn witness_heads(&self, _at_most: Duration) -> Answer<Vec<(Origin, u64)>> {
        self.net
            .ask(&self.principal, |centre| centre.witness_heads(&self.principal))
    }
    fn witness_page(&self, origin: &Origin, size: u64) -> Answer<WitnessPage> {
        self.net.ask(&self.principal, |centre| {
            centre.witness_page(&self.principal, origin, size)
        })
    }
    fn cosign(&self, origin: &Origin, cosignature: &Cosignature) -> Answer<bool> {
        self.net.ask(&self.principal, |centre| {
            centre.cosign(&self.principal, origin, cosignature)
        })
    }
}
