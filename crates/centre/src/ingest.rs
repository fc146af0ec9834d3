//! The ingest key and the opening of parts: the centre combines what holders and bidder gave, and can do nothing
//! without them (protocol 5).

use crate::error::CentreError;
use crate::record_core::RecordCore;
use evaluation::Role;
use evaluation::acts::bids::wrap_context;
use evaluation::acts::ceremony::LOT_KEY;
use protocol::{IngestKey, PartKey};
use record::PublicKey;
use sealing::bid::{self, FileKey, Ingest, Mode, WrapFault};
use sealing::curve::{P256, Point, SecretScalar};
use sealing::provider::KeyError;
use sealing::secret::{SecretBytes, SharedPoint};
use sealing::{Random, hpke};

const META: &str = "ingest-key";

impl RecordCore {
    /// Makes the lot's ingest key once, or shows the one that exists, with backups sealed to every custodian.
    pub(crate) fn ingest_key(&mut self, random: &mut dyn Random) -> Result<IngestKey, CentreError> {
        let secret = match self.ingest_secret()? {
            Some(secret) => secret,
            None => {
                let secret = SecretScalar::<P256>::random(random);
                self.store.put_meta(META, secret.to_secret_bytes().expose())?;
                secret
            }
        };
        let info = [b"conclave/ingest-backup/v1\0".as_slice(), &self.origin.0].concat();
        let mut backups = Vec::new();
        for custodian in self.state.with_role(Role::Custodian) {
            let Some(key) = custodian.encryption_key else {
                continue;
            };
            let sealed = hpke::seal(&key.0, &info, b"", secret.to_secret_bytes().expose(), random)
                .map_err(|e| CentreError::Internal(e.to_string()))?;
            backups.push((
                custodian.person.to_string(),
                hex::encode(sealed.enc),
                hex::encode(sealed.ct),
            ));
        }
        if backups.is_empty() {
            return Err(CentreError::Forbidden("no custodian is enrolled"));
        }
        Ok(IngestKey {
            key: PublicKey(secret.public().to_bytes()),
            backups,
        })
    }

    fn ingest_secret(&self) -> Result<Option<SecretScalar<P256>>, CentreError> {
        let Some(bytes) = self.store.get_meta(META)? else {
            return Ok(None);
        };
        let bytes: [u8; 32] = bytes
            .try_into()
            .map_err(|_| CentreError::Internal("ingest key in the store".to_owned()))?;
        let secret = SecretScalar::from_bytes(&bytes).map_err(|e| CentreError::Internal(e.to_string()))?;
        Ok(Some(secret))
    }

    /// Opens one part from its partial decryptions and the bidder's half, and keeps the plaintext as a blob.
    /// Faults of the bid are an answer, not an error: they stop nobody else.
    pub(crate) fn part_decrypt(&self, submission: &str, part: &str) -> Result<PartKey, CentreError> {
        let found = self
            .state
            .submissions()
            .get(submission)
            .ok_or(CentreError::NotFound("submission"))?;
        let sealed = found.parts.get(part).ok_or(CentreError::NotFound("part"))?;
        let ceremony = self
            .state
            .ceremony(LOT_KEY)
            .ok_or(CentreError::NotFound("lot key"))?;
        let key = ceremony
            .key
            .as_ref()
            .ok_or(CentreError::Waiting("the lot key is not complete"))?;
        let partials: Vec<_> = found
            .partials
            .get(part)
            .map(|p| p.values().cloned().collect())
            .unwrap_or_default();
        if partials.len() < usize::from(ceremony.setting.threshold) {
            return Err(CentreError::Waiting("fewer than t partial decryptions"));
        }
        let failed = |reason: &str| {
            Ok(PartKey::Failed {
                reason: reason.to_owned(),
            })
        };
        let context = wrap_context(&self.state, submission, part)?;
        let secret = self
            .ingest_secret()?
            .ok_or(CentreError::Internal("no ingest key".to_owned()))?;
        let public = secret.public().to_bytes();
        let mut agree = |point: &[u8; 65]| -> Result<SharedPoint, KeyError> {
            Ok(secret.agree(&Point::from_bytes(point).map_err(|_| KeyError::Point)?))
        };
        let ingest = Ingest {
            public: &public,
            agree: &mut agree,
        };
        let quorum = match bid::unwrap_quorum(&context, &sealed.wraps, key, &partials, ingest) {
            Ok(unwrapped) => unwrapped.key,
            Err(WrapFault::Combine(fault)) => return Err(CentreError::Internal(fault.to_string())),
            Err(_) => return failed("key_mismatch"),
        };
        let bidder = self.bidders_half(submission, part);
        if sealed.wraps.mode == Mode::And && bidder.is_none() {
            return if found.unlocked.contains(part) {
                failed("key_mismatch")
            } else {
                failed("not_unlocked")
            };
        }
        let Some(file_key) = bid::file_key(sealed.wraps.mode, Some(&quorum), bidder.as_ref()) else {
            return failed("key_mismatch");
        };
        let container = self
            .blobs
            .get(&sealed.container)?
            .ok_or(CentreError::NotFound("container"))?;
        match bid::open_part(&file_key, &container, &context.id) {
            Ok(plaintext) => {
                let content = self.blobs.put(&plaintext)?;
                Ok(PartKey::Opened {
                    key: hex::encode(file_key.expose()),
                    content,
                })
            }
            Err(bid::PartFault::Key) => failed("key_mismatch"),
            Err(_) => failed("damaged"),
        }
    }

    /// The half that the bidder gave in `bid.unlocked`.
    fn bidders_half(&self, submission: &str, part: &str) -> Option<FileKey> {
        let name = format!("key_{part}");
        self.entries.iter().rev().find_map(|entry| {
            let opening = entry.openings.get(&name)?;
            let body = &entry.disclosed.as_ref()?.body;
            let body = record::Body::parse(body).ok()?;
            let same = body.core.payload.get("submission").and_then(|s| s.as_str()) == Some(submission);
            let half: [u8; 32] = opening.value.as_slice().try_into().ok()?;
            (body.core.kind == "bid.unlocked" && same).then(|| SecretBytes::new(half))
        })
    }
}
