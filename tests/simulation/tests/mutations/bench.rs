//! What the mutations are made from: one evaluation with all its keys, and another one under another CA.

use crate::mutations::keys::Keys;
use crate::mutations::parcel::{Parcel, body};
use audit::{Anchors, Checks, Custodian, Report};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use client::rehearsal::{Authority, Post, SuspensionDrill};
use conclave_simulation::{Outcome, World};
use evaluation::Blobs;
use evaluation::acts::setup::RoleAssigned;
use record::{BlobRef, Core, Digest, PublicKey};
use sealing::curve::Point;
use sealing::provider::KeyError;
use sealing::sign::SigningKeyPair;
use std::collections::BTreeMap;

pub(crate) struct Bench {
    pub(crate) anchors: Anchors,
    pub(crate) full: Parcel,
    pub(crate) public: Parcel,
    pub(crate) packed: Outcome,
    pub(crate) keys: Keys,
    pub(crate) foreign: Foreign,
    /// The encryption key of the first custodian.
    pub(crate) custodian: SigningKeyPair,
}

/// The evaluation of another centre under another CA.
pub(crate) struct Foreign {
    pub(crate) full: Parcel,
    pub(crate) public: Parcel,
    pub(crate) packed: Outcome,
    pub(crate) keys: Keys,
    authority: Authority,
}

impl Foreign {
    /// A key of the other place, which no act of the first record knows.
    pub(crate) fn authority_key(&self) -> PublicKey {
        self.keys.centre
    }
}

struct Store<'a>(&'a BTreeMap<Digest, Vec<u8>>);

impl Blobs for Store<'_> {
    fn blob(&self, blob: &BlobRef) -> Option<Vec<u8>> {
        self.0
            .get(&blob.digest)
            .filter(|bytes| blob.matches(bytes))
            .cloned()
    }
}

fn run(seed: u64) -> (World, Outcome, Parcel, Keys) {
    let mut scenario = World::scenario().expect("the sample package is in the repository");
    // Every type of supervision is among the acts.
    scenario.suspension = Some(SuspensionDrill {
        round: "scored/1".to_owned(),
        lasts: 60_000,
    });
    let mut world = World::new(&scenario, seed, 0).expect("the scenario fits");
    let outcome = world
        .run()
        .unwrap_or_else(|(seat, error)| panic!("seed {seed}: {seat}: {error}"));
    let full = Parcel::read(&outcome.full);
    let keys = Keys::of(&world, seed, &full);
    (world, outcome, full, keys)
}

fn custodian(world: &World) -> SigningKeyPair {
    let keys = world.cast.seats.iter().filter_map(|seat| match &seat.post {
        Post::Custodian(key) => Some(key.unlock().expect("the custodian's PIN")),
        _ => None,
    });
    keys.into_iter().next().expect("there is a custodian")
}

impl Bench {
    /// Two worlds, each in a thread.
    pub(crate) fn new(seed: u64) -> Bench {
        std::thread::scope(|scope| {
            let other = scope.spawn(|| {
                let (world, packed, full, keys) = run(seed + 1);
                let public = Parcel::read(&packed.public);
                Foreign {
                    full,
                    public,
                    packed,
                    keys,
                    authority: world.cast.authority,
                }
            });
            let (world, packed, full, keys) = run(seed);
            Bench {
                anchors: Anchors::parse(world.cast.anchors.as_bytes()).expect("the cast makes anchors"),
                public: Parcel::read(&packed.public),
                full,
                packed,
                keys,
                custodian: custodian(&world),
                foreign: other.join().expect("the other evaluation runs"),
            }
        })
    }

    pub(crate) fn verify(&self, package: &[u8], checks: &Checks) -> Report {
        audit::verify(package, Some(&self.anchors), checks)
    }

    /// As [`Bench::verify`] with all checks, with or without anchors, by a custodian.
    pub(crate) fn verify_as_custodian(&self, package: &[u8], anchors: Option<&Anchors>) -> Report {
        let agree = |point: &[u8; 65]| {
            let point = Point::from_bytes(point).map_err(|_| KeyError::Point)?;
            Ok(self.custodian.secret().agree(&point))
        };
        let custodian = Custodian {
            public: self.custodian.public_key(),
            agree: &agree,
        };
        audit::verify_as_custodian(package, anchors, &Checks::all(), &custodian)
    }

    pub(crate) fn blobs(&self) -> impl Blobs + '_ {
        Store(&self.full.blobs)
    }

    /// What an act of the full package says.
    pub(crate) fn core(&self, index: u64) -> Core {
        let index = usize::try_from(index).expect("small");
        body(&self.full.entries[index]).expect("full").core
    }

    /// The other CA's certificate for the same person, role and key.
    pub(crate) fn foreign_certificate(&self, role: &RoleAssigned) -> String {
        let der =
            self.foreign
                .authority
                .certify(role.person.as_str(), &role.organisation, role.role, &role.key.0);
        STANDARD.encode(der.expect("certifies"))
    }
}
