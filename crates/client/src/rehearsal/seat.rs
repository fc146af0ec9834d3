//! A seat of a rehearsal as one file: who sits there, with which keys, and what they will do. Everything in it is of
//! development keys; a real seat has tokens in place of this file.

use super::booth::Reconnect;
use super::{
    BidderPart, BoothPart, ClerkPart, ClerkPlan, CustodianPart, HolderPart, ObserverPart, Pace, Part,
    PresentMember, PricePlan, PurchaserPart, QualificationPlan, SheetScript, SiteDeskPart, SuspensionDrill,
    Trouble,
};
use crate::author::{Author, PersonalKey, device_of};
use crate::bidding::BidderKey;
use crate::desk::{ClockOffset, Desk};
use crate::error::ClientError;
use crate::link::Link;
use crate::log_witness::LogWitness;
use crate::ports::Clock;
use crate::replica::Replica;
use crate::vault_key;
use audit::anchors::Anchors;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use evaluation::{Role, SiteId};
use record::{DeviceId, KeyAlgorithm, Origin, VerifierKey};
use sealing::Random;
use sealing::ed25519::Ed25519Key;
use sealing::provider::{KeyFile, KeyFileProvider, Pin};
use sealing::sign::SigningKeyPair;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;
use storage::Vault;

/// Who a link speaks as.
pub enum Identity<'a> {
    /// No certificate.
    Anonymous,
    /// A P-256 key, with its chain or self-signed.
    Key(&'a SigningKeyPair, Option<&'a [Vec<u8>]>),
    /// A log witness's cosigning key.
    Witness(&'a Ed25519Key),
}

/// Makes links to the centre.
pub trait Links: Send + Sync {
    /// A link that speaks as this identity.
    fn link(&self, identity: Identity<'_>) -> Box<dyn Link>;
}

/// The random source of a seat, by its name.
pub type RandomOf = dyn Fn(&str) -> Box<dyn Random + Send> + Send + Sync;

/// The outside of a rehearsal.
#[derive(Clone)]
pub struct Ports {
    /// Links.
    pub links: Arc<dyn Links>,
    /// A clock for each seat.
    pub clock: Arc<dyn Fn() -> Box<dyn Clock> + Send + Sync>,
    /// A random source for each seat, by its name.
    pub random: Arc<RandomOf>,
}

/// A key file with its PIN, as a person would know it.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct KeyWithPin {
    /// The key file, JSON text.
    pub file: String,
    /// The PIN.
    pub pin: String,
}

impl KeyWithPin {
    fn parsed(&self) -> Result<KeyFile, ClientError> {
        KeyFile::parse(self.file.as_bytes()).map_err(|e| ClientError::Format(e.to_string()))
    }

    /// The PIN.
    pub fn pin(&self) -> Pin {
        Pin::new(self.pin.clone())
    }

    /// The key behind its provider.
    ///
    /// # Errors
    /// Not a P-256 key file.
    pub fn provider(&self) -> Result<KeyFileProvider, ClientError> {
        Ok(self.parsed()?.provider()?)
    }

    /// The key in memory, for keys that sign all day.
    ///
    /// # Errors
    /// Wrong PIN.
    pub fn unlock(&self) -> Result<SigningKeyPair, ClientError> {
        Ok(self.parsed()?.unlock(&self.pin())?.p256()?)
    }

    /// A log or witness key in memory.
    ///
    /// # Errors
    /// Wrong PIN.
    pub fn unlock_ed25519(&self) -> Result<Ed25519Key, ClientError> {
        Ok(self.parsed()?.unlock(&self.pin())?.ed25519()?)
    }
}

/// A member present at a desk.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MemberKeys {
    /// Role.
    pub role: Role,
    /// Personal key.
    pub key: KeyWithPin,
    /// Chain, base64 DER.
    pub chain: Vec<String>,
    /// The slip with the ticket that the member gets at the desk and carries to the booth.
    pub ticket: String,
}

/// Who may sit down in a booth: the draw decides.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Sitter {
    /// The member.
    pub member: MemberKeys,
    /// The member's vault key.
    pub vault: KeyWithPin,
    /// What the member writes.
    pub script: SheetScript,
    /// Dissent.
    pub dissent: Option<String>,
}

/// What is done at a seat.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Post {
    /// Clerk.
    Clerk(Box<ClerkPlan>),
    /// Holder with its HPKE key.
    Holder(KeyWithPin),
    /// Site desk.
    SiteDesk {
        /// Site.
        site: SiteId,
        /// Members who come there.
        members: Vec<MemberKeys>,
    },
    /// Supervisor or witness person.
    Observer {
        /// Which.
        role: Role,
        /// A suspension to be rehearsed.
        #[serde(default)]
        drill: Option<SuspensionDrill>,
    },
    /// Purchaser.
    Purchaser {
        /// Failures.
        qualification: QualificationPlan,
        /// Prices read from documents.
        prices: PricePlan,
    },
    /// Custodian with its HPKE key.
    Custodian(KeyWithPin),
    /// An expert in a booth.
    Booth {
        /// Booth.
        booth: String,
        /// Device id of the PC.
        device: DeviceId,
        /// Members of the site: one of them is drawn to this booth.
        sitters: Vec<Sitter>,
        /// How whoever sits there goes about a round.
        pace: Pace,
    },
    /// A bidder.
    Bidder {
        /// Parts: name -> file -> base64.
        parts: BTreeMap<String, BTreeMap<String, String>>,
        /// Key to which the bidder's half is wrapped.
        key: KeyWithPin,
        /// Trouble.
        trouble: Trouble,
    },
    /// A log witness.
    LogWitness {
        /// Name of the key.
        name: String,
    },
}

/// A seat.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Seat {
    /// `conclave.seat/1`.
    pub format: String,
    /// Name for logs and folders; names nobody.
    pub name: String,
    /// Record.
    pub origin: Origin,
    /// Address of the centre.
    pub centre: String,
    /// Local anchors, JSON text.
    pub anchors: String,
    /// Function, device or witness key.
    pub key: KeyWithPin,
    /// Its chain, base64 DER.
    pub chain: Vec<String>,
    /// What is done there.
    pub post: Post,
}

/// A seat at work.
pub enum Seated {
    /// With a desk.
    Desk(Box<Desk>, Box<dyn Part>),
    /// A bidder.
    Bidder(Box<BidderPart>),
    /// A log witness.
    LogWitness(Box<LogWitness>),
}

fn decode(chain: &[String]) -> Result<Vec<Vec<u8>>, ClientError> {
    Ok(evaluation::acts::decode_chain(chain)?)
}

pub(super) fn personal(keys: &MemberKeys) -> Result<PersonalKey, ClientError> {
    Ok(PersonalKey {
        provider: keys.key.provider()?,
        chain: decode(&keys.chain)?,
        pin: keys.key.pin(),
    })
}

impl Seat {
    /// Anchors of this seat.
    ///
    /// # Errors
    /// Not an anchors file.
    pub fn anchors(&self) -> Result<Anchors, ClientError> {
        Anchors::parse(self.anchors.as_bytes()).map_err(|e| ClientError::Format(e.to_string()))
    }

    /// Opens the seat in a folder of its own.
    ///
    /// # Errors
    /// Wrong PIN, damaged vault, bad file.
    pub fn open(&self, folder: &Path, ports: &Ports) -> Result<Seated, ClientError> {
        match &self.post {
            Post::Bidder { parts, key, trouble } => self.open_bidder(parts, key, *trouble, folder, ports),
            Post::LogWitness { name } => self.open_witness(name, folder, ports),
            _ => self.open_desk(folder, ports),
        }
    }

    /// What this seat's own outboxes say was acknowledged: (index, act id). Empty for log witnesses, who make no acts.
    ///
    /// # Errors
    /// Damaged vaults.
    pub fn acknowledged(&self, folder: &Path) -> Result<Vec<(u64, record::ActId)>, ClientError> {
        let mut vaults = Vec::new();
        match &self.post {
            Post::LogWitness { .. } => {}
            Post::Booth { sitters, .. } => {
                vaults.push((folder.to_owned(), self.key.clone()));
                let sitter = folder.join("sitter");
                for key in sitters
                    .iter()
                    .map(|sitter| &sitter.vault)
                    .filter(|_| sitter.exists())
                {
                    vaults.push((sitter.clone(), key.clone()));
                }
            }
            _ => vaults.push((folder.to_owned(), self.key.clone())),
        }
        let mut acknowledged = Vec::new();
        for (folder, key) in vaults {
            // Of the sitters only the one who sat there has the key to that vault.
            match open_vault(&folder, &key, &mut crate::ports::SystemRandom) {
                Ok(mut vault) => acknowledged.extend(outbox_of(&mut vault)?),
                Err(_) if folder.ends_with("sitter") => {}
                Err(error) => return Err(error),
            }
        }
        Ok(acknowledged)
    }

    fn open_bidder(
        &self,
        parts: &BTreeMap<String, BTreeMap<String, String>>,
        key: &KeyWithPin,
        trouble: Trouble,
        folder: &Path,
        ports: &Ports,
    ) -> Result<Seated, ClientError> {
        let mut random = (ports.random)(&self.name);
        let mut packed = BTreeMap::new();
        for (part, files) in parts {
            let mut plain = BTreeMap::new();
            for (name, text) in files {
                let bytes = STANDARD
                    .decode(text)
                    .map_err(|e| ClientError::Format(e.to_string()))?;
                plain.insert(name.clone(), bytes);
            }
            packed.insert(part.clone(), super::part_plaintext(&plain)?);
        }
        let bidder = BidderPart::new(
            ports.links.link(Identity::Anonymous),
            self.origin,
            self.anchors()?,
            packed,
            BidderKey {
                provider: key.provider()?,
                pin: key.pin(),
            },
            trouble,
            open_vault(folder, key, &mut *random)?,
            (ports.clock)(),
            random,
        )?;
        Ok(Seated::Bidder(Box::new(bidder)))
    }

    fn open_witness(&self, name: &str, folder: &Path, ports: &Ports) -> Result<Seated, ClientError> {
        let key = self.key.unlock_ed25519()?;
        let verifier = VerifierKey::new(name, KeyAlgorithm::Cosignature, key.public())
            .map_err(|e| ClientError::Format(e.to_string()))?;
        // What a witness remembers is public; the seed binds the file to this witness.
        let memory = Vault::open(&folder.join("memory.sqlite"), key.seed().expose())?;
        let witness = LogWitness {
            link: ports.links.link(Identity::Witness(&key)),
            memory,
            log_key: self.anchors()?.log_key,
            key,
            verifier,
            clock: (ports.clock)(),
        };
        Ok(Seated::LogWitness(Box::new(witness)))
    }

    fn open_desk(&self, folder: &Path, ports: &Ports) -> Result<Seated, ClientError> {
        let mut random = (ports.random)(&self.name);
        let key = self.key.unlock()?;
        let chain = decode(&self.chain)?;
        let vault = open_vault(folder, &self.key, &mut *random)?;
        let device = match &self.post {
            Post::Booth { device, .. } => *device,
            _ => device_of(&record::PublicKey(key.public_key())),
        };
        let link = ports.links.link(Identity::Key(&key, Some(&chain)));
        let part = self.part(folder, ports)?;
        let mut replica = Replica::new(self.origin, self.anchors()?);
        if !matches!(self.post, Post::Booth { .. }) {
            replica.load(&vault, &*link)?;
        }
        let clock = (ports.clock)();
        let desk = Desk {
            link,
            replica,
            author: Author::new(key, device),
            vault,
            clock,
            offset: ClockOffset::default(),
            random,
        };
        Ok(Seated::Desk(Box::new(desk), part))
    }

    fn part(&self, folder: &Path, ports: &Ports) -> Result<Box<dyn Part>, ClientError> {
        let own = || -> Result<PersonalKey, ClientError> {
            Ok(PersonalKey {
                provider: self.key.provider()?,
                chain: decode(&self.chain)?,
                pin: self.key.pin(),
            })
        };
        Ok(match &self.post {
            Post::Clerk(plan) => Box::new(ClerkPart {
                plan: (**plan).clone(),
            }),
            Post::Holder(encryption) => Box::new(HolderPart {
                personal: own()?,
                encryption: encryption.provider()?,
                pin: encryption.pin(),
            }),
            Post::SiteDesk { site, members } => {
                let present = members.iter().map(|m| {
                    Ok(PresentMember {
                        role: m.role,
                        ticket: m.ticket.clone(),
                        personal: personal(m)?,
                    })
                });
                let members = present.collect::<Result<Vec<_>, ClientError>>()?;
                Box::new(SiteDeskPart {
                    site: site.clone(),
                    members,
                })
            }
            Post::Observer { role, drill } => Box::new(ObserverPart {
                role: *role,
                personal: own()?,
                drill: drill.clone(),
            }),
            Post::Purchaser {
                qualification,
                prices,
            } => Box::new(PurchaserPart {
                qualification: qualification.clone(),
                prices: prices.clone(),
            }),
            Post::Custodian(encryption) => Box::new(CustodianPart {
                encryption: encryption.provider()?,
                pin: encryption.pin(),
            }),
            Post::Booth {
                booth,
                device,
                sitters,
                pace,
            } => {
                let links = ports.links.clone();
                let reconnect: Reconnect = Box::new(move |key| links.link(Identity::Key(key, None)));
                Box::new(BoothPart::new(
                    booth.clone(),
                    *device,
                    sitters.clone(),
                    *pace,
                    folder.to_owned(),
                    reconnect,
                ))
            }
            Post::Bidder { .. } | Post::LogWitness { .. } => {
                return Err(ClientError::Format("this seat has no desk".to_owned()));
            }
        })
    }
}

/// Acknowledged items with their act ids; refused ones carry an index beyond every record.
fn outbox_of(vault: &mut Vault) -> Result<Vec<(u64, record::ActId)>, ClientError> {
    let mut found = Vec::new();
    let mut from = 0;
    loop {
        let items = vault.outbox().items(from, 256)?;
        let Some(last) = items.last().map(|item| item.position) else {
            return Ok(found);
        };
        for item in items {
            let storage::OutboxState::Acknowledged { index } = item.state else {
                continue;
            };
            if index >= crate::desk::REFUSED {
                continue;
            }
            let submission: record::Submission =
                serde_json::from_slice(&item.bytes).map_err(|e| ClientError::Format(e.to_string()))?;
            let body =
                record::Body::parse(&submission.body).map_err(|e| ClientError::Format(e.to_string()))?;
            found.push((index, body.core.id));
        }
        from = last + 1;
    }
}

/// The vault of a seat whose key file and PIN lie beside it, as only a rehearsal's do.
pub(super) fn open_vault(
    folder: &Path,
    wrapping: &KeyWithPin,
    random: &mut dyn Random,
) -> Result<Vault, ClientError> {
    let key = vault_key::data_key(folder, &wrapping.provider()?, &wrapping.pin(), random)?;
    vault_key::vault(folder, &key)
}
