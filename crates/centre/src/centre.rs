//! The centre: its records and the commands of the table. Shells call it; it never calls a shell.

use crate::bid_blobs::BidBlobLimits;
use crate::blobs::may_read;
use crate::closed;
use crate::error::CentreError;
use crate::keys::CentreKeys;
use crate::principal::{Principal, Standing};
use crate::record_core::RecordCore;
use crate::register::{self, CreatedLine};
use crate::replacements::Asked;
use evaluation::Role;
use protocol::{
    Acknowledged, Bundle, Cosignature, Feed, IngestKey, PartKey, Receipt, RecordLine, RestoreState,
    ReturnedLeaves, StageDocument, StoredBlob, WitnessPage,
};
use record::{ActId, BlobRef, Digest, Millis, Origin, PublicKey, Submission};
use sealing::Random;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock};
use storage::{BlobStore, RecordStore};

/// The time, as an argument.
pub trait Clock: Send + Sync {
    /// Milliseconds since the Unix epoch.
    fn now(&self) -> Millis;
}

/// Opens the store of a record; makes it if there is none.
pub trait StoreFactory: Send + Sync {
    /// The store of one record.
    ///
    /// # Errors
    /// What the store says.
    fn open(&self, origin: &Origin) -> Result<Box<dyn RecordStore>, storage::StoreError>;

    /// Records there are.
    ///
    /// # Errors
    /// What the store says.
    fn list(&self) -> Result<Vec<Origin>, storage::StoreError>;
}

/// What a centre is made of.
pub struct CentreSetting {
    /// Its keys.
    pub keys: CentreKeys,
    /// CA roots (DER), installed locally.
    pub roots: Vec<Vec<u8>>,
    /// Chains are checked against these clerks' organisations by the CA alone; development mode is said here.
    pub development: bool,
    /// Record stores.
    pub stores: Arc<dyn StoreFactory>,
    /// Blobs.
    pub blobs: Arc<dyn BlobStore>,
    /// Bounds of sealed parts that no act names yet.
    pub bid_blobs: BidBlobLimits,
    /// Clock.
    pub clock: Arc<dyn Clock>,
    /// Random source.
    pub random: Box<dyn Random + Send>,
}

/// A running centre.
pub struct Centre {
    pub(crate) keys: Arc<CentreKeys>,
    pub(crate) roots: Arc<Vec<Vec<u8>>>,
    development: bool,
    pub(crate) stores: Arc<dyn StoreFactory>,
    pub(crate) blobs: Arc<dyn BlobStore>,
    pub(crate) bid_blobs: BidBlobLimits,
    /// When this process opened its records.
    pub(crate) opened: Millis,
    clock: Arc<dyn Clock>,
    random: Mutex<Box<dyn Random + Send>>,
    pub(crate) records: RwLock<BTreeMap<Origin, Arc<Mutex<RecordCore>>>>,
    /// Records that ended and are not replayed, with the keys that have a role in them.
    pub(crate) closed: RwLock<BTreeMap<Origin, BTreeSet<PublicKey>>>,
    pub(crate) register: Arc<Mutex<RecordCore>>,
    /// What new PCs of booths ask their site desks.
    pub(crate) asked: Mutex<Asked>,
}

pub(crate) fn lock(core: &Mutex<RecordCore>) -> MutexGuard<'_, RecordCore> {
    // A panic inside a command leaves the core as it was: commands change it last.
    core.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Centre {
    /// Opens every record by replay, those that ended apart.
    ///
    /// # Errors
    /// When a store is damaged or of a newer version.
    pub fn open(setting: CentreSetting) -> Result<Self, CentreError> {
        let keys = Arc::new(setting.keys);
        let roots = Arc::new(setting.roots);
        let register_origin = register::origin(&keys);
        let open = |origin: Origin, is_register: bool| -> Result<RecordCore, CentreError> {
            let store = setting.stores.open(&origin)?;
            RecordCore::open(
                origin,
                store,
                setting.blobs.clone(),
                keys.clone(),
                roots.clone(),
                is_register,
            )
        };
        let register = open(register_origin, true)?;
        let (mut records, mut closed) = (BTreeMap::new(), BTreeMap::new());
        for origin in setting.stores.list()? {
            if origin == register_origin {
                continue;
            }
            if let Some(keys) = closed::load(&*setting.stores.open(&origin)?)? {
                closed.insert(origin, keys);
                continue;
            }
            let core = open(origin, false)?;
            // A crash before the first act was durable left a store: there is no record yet, and its clerk makes it.
            if core.state.size() > 0 || core.newest_note().is_some() {
                records.insert(origin, Arc::new(Mutex::new(core)));
            }
        }
        let centre = Self {
            keys: keys.clone(),
            roots: roots.clone(),
            development: setting.development,
            stores: setting.stores,
            blobs: setting.blobs,
            bid_blobs: setting.bid_blobs,
            opened: setting.clock.now(),
            clock: setting.clock,
            random: Mutex::new(setting.random),
            records: RwLock::new(records),
            closed: RwLock::new(closed),
            register: Arc::new(Mutex::new(register)),
            asked: Mutex::default(),
        };
        let created = CreatedLine {
            origin: register_origin,
            log_key: centre.keys.log_verifier(),
            act_key: centre.keys.act_public(),
        };
        centre.register_once("register.created", register_origin, &created)?;
        centre.settle_register()?;
        for origin in centre.open_origins() {
            centre.settle_end(&*centre.core(&origin)?)?;
        }
        Ok(centre)
    }

    /// The centre's keys.
    pub fn keys(&self) -> &CentreKeys {
        &self.keys
    }

    /// Whether development keys are taken.
    pub fn development(&self) -> bool {
        self.development
    }

    /// Centre time now.
    pub fn now(&self) -> Millis {
        self.clock.now()
    }

    pub(crate) fn with_random<T>(&self, f: impl FnOnce(&mut dyn Random) -> T) -> T {
        let mut random = self.random.lock().unwrap_or_else(PoisonError::into_inner);
        f(&mut **random)
    }

    /// A record as its store has it; empty where there is none yet.
    pub(crate) fn replayed(&self, origin: &Origin) -> Result<RecordCore, CentreError> {
        RecordCore::open(
            *origin,
            self.stores.open(origin)?,
            self.blobs.clone(),
            self.keys.clone(),
            self.roots.clone(),
            false,
        )
    }

    pub(crate) fn core(&self, origin: &Origin) -> Result<Arc<Mutex<RecordCore>>, CentreError> {
        let open = {
            let records = self.records.read().unwrap_or_else(PoisonError::into_inner);
            records.get(origin).cloned()
        };
        open.map_or_else(|| self.open_closed(origin), Ok)
    }

    /// Every record.
    pub fn origins(&self) -> Vec<Origin> {
        let mut all = self.open_origins();
        all.extend(self.closed_origins());
        all
    }

    /// Records that are at hand: all that have not ended, and those asked for since.
    pub(crate) fn open_origins(&self) -> Vec<Origin> {
        self.records
            .read()
            .unwrap_or_else(PoisonError::into_inner)
            .keys()
            .copied()
            .collect()
    }

    pub(crate) fn known(
        core: &RecordCore,
        principal: &Principal,
    ) -> Result<(PublicKey, Standing), CentreError> {
        let Principal::Key(key) = principal else {
            return Err(CentreError::Unauthenticated);
        };
        let standing = Standing::of(&core.state, key);
        if standing.is_known() {
            Ok((*key, standing))
        } else {
            Err(CentreError::Unauthenticated)
        }
    }

    /// Records that the caller's key has a role in.
    ///
    /// # Errors
    /// [`CentreError::Unauthenticated`] without a key.
    pub fn record_list(&self, principal: &Principal) -> Result<Vec<RecordLine>, CentreError> {
        let Principal::Key(key) = principal else {
            return Err(CentreError::Unauthenticated);
        };
        let records = self.records.read().unwrap_or_else(PoisonError::into_inner);
        let lines = records.iter().filter_map(|(origin, core)| {
            let core = lock(core);
            let known = Standing::of(&core.state, key).is_known();
            known.then(|| RecordLine {
                origin: *origin,
                archived: core.state.archived().is_some(),
            })
        });
        let mut lines: Vec<RecordLine> = lines.collect();
        drop(records);
        let closed = self.closed.read().unwrap_or_else(PoisonError::into_inner);
        let own = closed.iter().filter(|(_, keys)| keys.contains(key));
        lines.extend(own.map(|(origin, _)| RecordLine {
            origin: *origin,
            archived: true,
        }));
        Ok(lines)
    }

    /// The feed from a cursor.
    ///
    /// # Errors
    /// [`CentreError::Unauthenticated`], bad cursors.
    pub fn feed(&self, principal: &Principal, origin: &Origin, cursor: &str) -> Result<Feed, CentreError> {
        let core = self.core(origin)?;
        let core = lock(&core);
        if core.stalled && matches!(principal, Principal::Key(_)) {
            // Who is known stands in acts that can't be folded yet.
            return Err(CentreError::Waiting("bytes that acts name are missing"));
        }
        let (key, _) = Self::known(&core, principal)?;
        let feed = core.feed(&key, cursor)?;
        Ok(Feed {
            time: self.now(),
            ..feed
        })
    }

    /// Keeps bytes that an act will name.
    ///
    /// # Errors
    /// Unknown callers, store faults.
    pub fn blob_put(
        &self,
        principal: &Principal,
        origin: &Origin,
        bytes: &[u8],
    ) -> Result<StoredBlob, CentreError> {
        let core = self.core(origin)?;
        Self::known(&lock(&core), principal)?;
        Ok(StoredBlob {
            blob: self.blobs.put(bytes)?,
        })
    }

    /// Bytes that an act names and the caller may read.
    ///
    /// # Errors
    /// Unknown or forbidden.
    pub fn blob_get(
        &self,
        principal: &Principal,
        origin: &Origin,
        digest: &Digest,
    ) -> Result<Vec<u8>, CentreError> {
        let core = self.core(origin)?;
        let blob: BlobRef = {
            let core = lock(&core);
            let (_, standing) = Self::known(&core, principal)?;
            let (blob, kind) = core
                .blob_index
                .find(digest)
                .ok_or(CentreError::NotFound("blob"))?;
            if !may_read(&core.state, &standing, kind) {
                return Err(CentreError::Forbidden("this blob is not open to the caller"));
            }
            *blob
        };
        self.blobs.get(&blob)?.ok_or(CentreError::NotFound("blob"))
    }

    fn require(core: &RecordCore, principal: &Principal, roles: &[Role]) -> Result<(), CentreError> {
        let (_, standing) = Self::known(core, principal)?;
        if roles.iter().any(|role| standing.has(*role)) {
            Ok(())
        } else {
            Err(CentreError::Forbidden("role"))
        }
    }

    /// Makes or shows the lot's ingest key; for the clerk.
    ///
    /// # Errors
    /// Forbidden to others.
    pub fn ingest_key(&self, principal: &Principal, origin: &Origin) -> Result<IngestKey, CentreError> {
        let core = self.core(origin)?;
        let mut core = lock(&core);
        Self::require(&core, principal, &[Role::Clerk])?;
        self.with_random(|random| core.ingest_key(random))
    }

    /// Opens a part from what holders and bidder gave; for the clerk, who checks and signs the outcome.
    ///
    /// # Errors
    /// Waiting while partial decryptions are missing.
    pub fn part_decrypt(
        &self,
        principal: &Principal,
        origin: &Origin,
        submission: &str,
        part: &str,
    ) -> Result<PartKey, CentreError> {
        let core = self.core(origin)?;
        let core = lock(&core);
        Self::require(&core, principal, &[Role::Clerk])?;
        core.part_decrypt(submission, part)
    }

    /// The lot-key bundle.
    ///
    /// # Errors
    /// Waiting while it is not complete.
    pub fn bundle(&self, origin: &Origin) -> Result<Bundle, CentreError> {
        lock(&*self.core(origin)?).bundle()
    }

    /// A bidder's act: authorised by its submission key alone.
    ///
    /// # Errors
    /// As decided.
    pub fn bid_act(&self, origin: &Origin, submission: &Submission) -> Result<Acknowledged, CentreError> {
        self.act_submit(&Principal::Anonymous, origin, submission)
    }

    /// A receipt for a bidder's act.
    ///
    /// # Errors
    /// Waiting without w cosignatures.
    pub fn bid_receipt(&self, origin: &Origin, act: &ActId) -> Result<Receipt, CentreError> {
        lock(&*self.core(origin)?).receipt(act)
    }

    /// What is being opened, for bidders.
    ///
    /// # Errors
    /// Unknown record.
    pub fn bid_stage(&self, origin: &Origin) -> Result<StageDocument, CentreError> {
        lock(&*self.core(origin)?).stage_document()
    }

    /// Newest checkpoint with consistency, for a log witness.
    ///
    /// # Errors
    /// Unknown witnesses.
    pub fn witness_page(
        &self,
        principal: &Principal,
        origin: &Origin,
        size: u64,
    ) -> Result<WitnessPage, CentreError> {
        let core = self.core(origin)?;
        let core = lock(&core);
        Self::require_witness(&core, principal)?;
        core.witness_page(size)
    }

    /// Records whose log witness the caller is, with the size of their newest checkpoint.
    ///
    /// # Errors
    /// Unknown callers.
    pub fn witness_heads(&self, principal: &Principal) -> Result<Vec<(Origin, u64)>, CentreError> {
        let Principal::Witness(key) = principal else {
            return Err(CentreError::Unauthenticated);
        };
        let records = self.records.read().unwrap_or_else(PoisonError::into_inner);
        let heads = records.iter().filter_map(|(origin, core)| {
            let core = lock(core);
            let size = core.newest_note().map(|note| note.checkpoint().size)?;
            core.is_log_witness(key).then_some((*origin, size))
        });
        Ok(heads.collect())
    }

    /// Takes a cosignature. Says whether the quorum grew.
    ///
    /// # Errors
    /// Unknown witnesses, other checkpoints.
    pub fn cosign(
        &self,
        principal: &Principal,
        origin: &Origin,
        cosignature: &Cosignature,
    ) -> Result<bool, CentreError> {
        let core = self.core(origin)?;
        let grew = {
            let mut core = lock(&core);
            Self::require_witness(&core, principal)?;
            core.cosign(cosignature)?
        };
        if grew && let Err(error) = self.settle_end(&core) {
            // Replayed once more at the next start, and settled then.
            tracing::warn!(record = %origin, %error, "the end of a record could not be noted");
        }
        Ok(grew)
    }

    fn require_witness(core: &RecordCore, principal: &Principal) -> Result<(), CentreError> {
        match principal {
            Principal::Witness(key) if core.was_log_witness(key) => Ok(()),
            Principal::Witness(_) | Principal::Key(_) => {
                Err(CentreError::Forbidden("not a log witness of this record"))
            }
            Principal::Anonymous => Err(CentreError::Unauthenticated),
        }
    }

    /// Leaves a client kept, after a restore.
    ///
    /// # Errors
    /// Notes without a quorum; leaves that contradict.
    pub fn leaves_return(
        &self,
        principal: &Principal,
        origin: &Origin,
        leaves: ReturnedLeaves,
    ) -> Result<RestoreState, CentreError> {
        let Principal::Key(caller) = principal else {
            return Err(CentreError::Unauthenticated);
        };
        let now = self.now();
        let core = self.core(origin)?;
        let mut core = lock(&core);
        self.with_random(|random| core.leaves_return(*caller, leaves, now, random))
    }

    /// The archive package of a record.
    ///
    /// # Errors
    /// Forbidden to roles that may not have it; waiting until a quorum covers the last act.
    pub fn archive(
        &self,
        principal: &Principal,
        origin: &Origin,
        profile: audit::package::Profile,
    ) -> Result<Vec<u8>, CentreError> {
        let core = self.core(origin)?;
        let core = lock(&core);
        if core.state.deadline_reached().is_none() {
            // A package holds every leaf; before the deadline nothing shows how many bids there are (COM-16).
            Self::known(&core, principal)?;
            return Err(CentreError::Waiting("bids are still taken"));
        }
        match profile {
            audit::package::Profile::Full => {
                Self::require(
                    &core,
                    principal,
                    &[Role::Clerk, Role::Supervisor, Role::Verifier, Role::Audit],
                )?;
            }
            audit::package::Profile::Public => {
                Self::known(&core, principal)?;
            }
        }
        let register = lock(&self.register).register_proof(origin)?;
        core.archive(profile, register)
    }
}
