//! The link without a socket: calls the centre directly, and loses what the net is told to lose.

use centre::{Centre, CentreError, Principal};
use client::ClientError;
use client::link::{Answer, Link};
use client::rehearsal::{Identity, Links};
use protocol::{
    Acknowledged, Bundle, Cosignature, Feed, IngestKey, PartKey, Receipt, RecordLine, RestoreState,
    ReturnedLeaves, StageDocument, StoredBlob, WitnessPage,
};
use record::{ActId, Digest, Origin, PublicKey, Submission};
use std::sync::{Arc, Mutex, PoisonError, RwLock};
use std::time::Duration;

use crate::seeded::Seeded;

/// The net between seats and centre: which centre runs, and what gets lost.
pub struct Net {
    centre: RwLock<Option<Arc<Centre>>>,
    loss: Mutex<Loss>,
}

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
        self.net.call(|centre| centre.record_list(&self.principal))
    }
    fn record_create(&self, act: &Submission) -> Answer<Acknowledged> {
        self.net.call(|centre| centre.record_create(&self.principal, act))
    }
    fn setup_blob_put(&self, bytes: &[u8]) -> Answer<StoredBlob> {
        self.net
            .call(|centre| centre.setup_blob_put(&self.principal, bytes))
    }
    fn act_submit(&self, origin: &Origin, act: &Submission) -> Answer<Acknowledged> {
        self.net
            .call(|centre| centre.act_submit(&self.principal, origin, act))
    }
    fn feed(&self, origin: &Origin, cursor: &str) -> Answer<Feed> {
        self.net
            .call(|centre| centre.feed(&self.principal, origin, cursor))
    }
    fn wait(&self, _origin: &Origin, _cursor: &str, _at_most: Duration) {}
    fn blob_put(&self, origin: &Origin, bytes: &[u8]) -> Answer<StoredBlob> {
        self.net
            .call(|centre| centre.blob_put(&self.principal, origin, bytes))
    }
    fn blob_get(&self, origin: &Origin, digest: &Digest) -> Answer<Vec<u8>> {
        self.net
            .call(|centre| centre.blob_get(&self.principal, origin, digest))
    }
    fn ingest_key(&self, origin: &Origin) -> Answer<IngestKey> {
        self.net.call(|centre| centre.ingest_key(&self.principal, origin))
    }
    fn part_decrypt(&self, origin: &Origin, submission: &str, part: &str) -> Answer<PartKey> {
        self.net
            .call(|centre| centre.part_decrypt(&self.principal, origin, submission, part))
    }
    fn archive(&self, origin: &Origin, profile: &str) -> Answer<Vec<u8>> {
        let profile = match profile {
            "public" => audit::package::Profile::Public,
            _ => audit::package::Profile::Full,
        };
        self.net
            .call(|centre| centre.archive(&self.principal, origin, profile))
    }
    fn leaves_return(&self, origin: &Origin, leaves: &ReturnedLeaves) -> Answer<RestoreState> {
        self.net
            .call(|centre| centre.leaves_return(&self.principal, origin, leaves.clone()))
    }
    fn bundle(&self, origin: &Origin) -> Answer<Bundle> {
        self.net.call(|centre| centre.bundle(origin))
    }
    fn bid_blob_put(&self, origin: &Origin, bytes: &[u8]) -> Answer<StoredBlob> {
        self.net.call(|centre| centre.bid_blob_put(origin, bytes))
    }
    fn bid_act(&self, origin: &Origin, act: &Submission) -> Answer<Acknowledged> {
        self.net.call(|centre| centre.bid_act(origin, act))
    }
    fn bid_receipt(&self, origin: &Origin, act: &ActId) -> Answer<Receipt> {
        self.net.call(|centre| centre.bid_receipt(origin, act))
    }
    fn bid_stage(&self, origin: &Origin) -> Answer<StageDocument> {
        self.net.call(|centre| centre.bid_stage(origin))
    }
    fn witness_heads(&self, _at_most: Duration) -> Answer<Vec<(Origin, u64)>> {
        self.net.call(|centre| centre.witness_heads(&self.principal))
    }
    fn witness_page(&self, origin: &Origin, size: u64) -> Answer<WitnessPage> {
        self.net
            .call(|centre| centre.witness_page(&self.principal, origin, size))
    }
    fn cosign(&self, origin: &Origin, cosignature: &Cosignature) -> Answer<bool> {
        self.net
            .call(|centre| centre.cosign(&self.principal, origin, cosignature))
    }
}
