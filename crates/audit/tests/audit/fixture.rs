//! Two records: a short one that replays, and a long one that shows every check something. The long one is not allowed
//! by the procedure (a whole evaluation is the simulation's), so it is verified with `replay` off.

use crate::repack::{Store, blobs_of, kind_of, role};
use crate::signer::{Authorities, Ca, Counter, Draft, Identity, Log};
use conclave_audit::package::{Register, RegisterLine};
use conclave_audit::statement::FILE;
use conclave_audit::{Checks, PackageParts, Profile, Report, build, external_manifest, verify};
use record::{BlobRef, Digest, Millis, Origin, PublicKey, SignedCheckpoint};
use sealing::bid::{FileKey, Mode, PartId, WrapContext, seal_part, wrap};
use sealing::sign::SigningKeyPair;
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};

pub(crate) const START: Millis = 1_800_000_000_000;
pub(crate) const DEADLINE: Millis = START + 600_000;
pub(crate) const ORIGIN: Origin = Origin([5; 16]);
pub(crate) const RULEBOOK: &[u8] = include_bytes!("../../../rules/tests/rulebooks/procurement.json");
/// Amounts and attributes of B1 to B3.
pub(crate) const PRICES: [(&str, &[&str]); 3] = [
    ("1800000.00", &[]),
    ("1500000.00", &[]),
    ("1700000.00", &["small_enterprise", "green_product"]),
];

/// How a record departs from a sound one.
#[derive(Default, Clone)]
pub(crate) struct Departures {
    /// An act goes back in time.
    pub(crate) clock_back: bool,
    /// Witnesses cosign the final checkpoint long before its centre time.
    pub(crate) cosigned_ahead: bool,
    /// Witnesses cosign it minutes after.
    pub(crate) cosigned_late: bool,
    /// Another CA certifies the supervisor.
    pub(crate) foreign_ca: bool,
    /// One person checks in twice.
    pub(crate) two_tickets: bool,
    /// B1's entered price.
    pub(crate) price: Option<&'static str>,
    /// Number of distinct bidders recorded.
    pub(crate) distinct: Option<u32>,
    /// Witnesses see the deadline 30 s late.
    pub(crate) deadline_late: bool,
    /// Roles that allow the opening.
    pub(crate) allowed: u8,
    /// Digest in `archived`.
    pub(crate) manifest: Option<Digest>,
    /// First leaf in the register.
    pub(crate) first_leaf: Option<Digest>,
}

pub(crate) struct Fixture {
    pub(crate) authorities: Authorities,
    pub(crate) log: Log,
    pub(crate) store: Store,
    pub(crate) departures: Departures,
    pub(crate) external: BTreeSet<Digest>,
    centre: SigningKeyPair,
    clerk: Identity,
    desk: Identity,
    booth: Identity,
    time: Millis,
}

impl Fixture {
    pub(crate) fn new(departures: Departures) -> Fixture {
        let authorities = Authorities::new();
        let clerk = authorities.ca.identity(10, "clerk-1", "agent", "clerk");
        let desk = authorities
            .ca
            .identity(12, "desk-1", "host site", "site_operator");
        let booth = authorities.ca.identity(13, "booth-1", "host site", "booth");
        let centre = SigningKeyPair::generate(&mut Counter(20));
        let log = Log::new(ORIGIN);
        let store = Store::default();
        let external = BTreeSet::new();
        Fixture {
            authorities,
            log,
            store,
            departures,
            external,
            centre,
            clerk,
            desk,
            booth,
            time: START,
        }
    }

    fn tick(&mut self) -> Millis {
        self.time += 1_000;
        self.time
    }

    fn clerk(&mut self, kind: &str, instance: &str, payload: Value, attachments: Vec<(&str, Vec<u8>)>) {
        let time = self.tick();
        self.log.append(Draft {
            kind,
            instance,
            key: &self.clerk.key,
            payload,
            attachments,
            personal: None,
            time,
        });
    }

    fn centre(&mut self, kind: &str, instance: &str, payload: Value) {
        let time = self.tick();
        let (key, attachments) = (&self.centre, Vec::new());
        self.log.append(Draft {
            kind,
            instance,
            key,
            payload,
            attachments,
            personal: None,
            time,
        });
    }

    /// Record, roles, site, booth.
    fn set_up(&mut self) {
        let rulebook = self.store.put(RULEBOOK.to_vec());
        let tender = self.store.put(b"tender manifest".to_vec());
        let anchors = self.authorities.anchors();
        let witness = |w: &conclave_audit::WitnessAnchor| json!({"name": w.name, "key": w.key.to_string(), "organisation": w.organisation, "outside": w.outside});
        let witnesses: Vec<Value> = anchors.witnesses.witnesses.iter().map(witness).collect();
        let payload = json!({
            "procedure": evaluation::PROCEDURE,
            "clerk": role(&self.clerk, "clerk", None),
            "centre": {"name": "centre", "log_key": anchors.log_key.to_string(),
                "act_key": PublicKey(self.centre.public_key())},
            "witnesses": witnesses,
            "quorum": 2,
            "rulebook": rulebook,
            "tender": tender,
            "deadline": DEADLINE,
            "development": true,
        });
        self.clerk("record.created", "", payload, vec![]);
        let foreign = Ca::new(9_000);
        let ca = if self.departures.foreign_ca {
            &foreign
        } else {
            &self.authorities.ca
        };
        let supervisor = ca.identity(11, "supervisor-1", "supervision", "supervisor");
        self.clerk("role.assigned", "", role(&supervisor, "supervisor", None), vec![]);
        if self.departures.clock_back {
            self.time -= 1_500;
        }
        let site = json!({"site": "host", "host": true, "organisation": "host site"});
        self.clerk("site.enrolled", "", site, vec![]);
        self.clerk(
            "role.assigned",
            "",
            role(&self.desk, "site_operator", Some("host")),
            vec![],
        );
        let booth = json!({"booth": "booth-1", "site": "host", "key": self.booth.public(),
            "certificate": self.booth.certificate});
        self.clerk("booth.enrolled", "", booth, vec![]);
    }

    fn deadline(&mut self) {
        self.time = DEADLINE;
        self.centre("deadline.reached", "bids", json!({"deadline": DEADLINE}));
    }

    /// A record that replays and is not archived.
    pub(crate) fn short(departures: Departures) -> Fixture {
        let mut fixture = Fixture::new(departures);
        fixture.set_up();
        fixture.deadline();
        fixture.centre("observation.health", "", json!({"ok": true}));
        fixture
    }

    /// A record with bids, check-in, result and archive, without the acts between.
    pub(crate) fn long(departures: Departures) -> Fixture {
        let mut fixture = Fixture::new(departures);
        fixture.set_up();
        let bids: Vec<Bid> = (1..=3).map(|ordinal| fixture.bid(ordinal)).collect();
        fixture.deadline();
        for _ in 0..fixture.departures.allowed {
            fixture.clerk("opening.allowed", "opening", json!({"reason": "clock"}), vec![]);
        }
        fixture.clerk("partial.released", "opening", json!({}), vec![]);
        for bid in &bids {
            let payload = json!({"submission": bid.id, "part": "price", "outcome": {"opened": bid.content}});
            fixture.clerk(
                "part.opened",
                "opening",
                payload,
                vec![("identity", bid.identity.clone()), ("key", bid.key.to_vec())],
            );
        }
        let line = |(n, bid): (usize, &Bid)| json!({"submission": bid.id, "bidder": format!("B{}", n + 1)});
        let lines: Vec<Value> = bids.iter().enumerate().map(line).collect();
        let distinct = fixture.departures.distinct.unwrap_or(3);
        fixture.clerk(
            "opening.recorded",
            "opening",
            json!({"bids": lines, "distinct": distinct}),
            vec![],
        );
        fixture.members();
        fixture.result(&bids);
        fixture
    }

    fn bid(&mut self, ordinal: u8) -> Bid {
        let id = hex::encode([ordinal; 16]);
        let mut random = Counter(5_000 + u64::from(ordinal) * 100);
        let submitter = SigningKeyPair::generate(&mut random);
        let identity = json!({"name": format!("bidder {ordinal}"), "code": format!("9144{ordinal:014}")});
        let amount = PRICES[usize::from(ordinal) - 1].0;
        let statement =
            json!({"format": "conclave.statement/1", "identity": identity, "price": {"total": amount}});
        let files = BTreeMap::from([(FILE.to_owned(), statement.to_string().into_bytes())]);
        let plaintext = record::tar::encode(&files).expect("a tar");
        let part = PartId {
            origin: ORIGIN.0,
            submission: [ordinal; 16],
            part: "price".to_owned(),
        };
        let key = [ordinal; 32];
        let container = seal_part(&part, &FileKey::new(key), &plaintext, &mut random).expect("seals");
        let ingest = SigningKeyPair::generate(&mut Counter(30));
        let y = ingest.secret().public();
        let context = WrapContext { id: part, y };
        let public = ingest.public_key();
        let wraps = wrap(
            &context,
            Mode::And,
            &FileKey::new(key),
            &public,
            &public,
            &mut random,
        )
        .expect("wraps");
        let container = self.store.put(container);
        let payload = json!({"submission": id, "parts": [{"part": "price", "container": container,
            "wraps": serde_json::to_value(&wraps).expect("JSON")}]});
        let time = self.tick();
        let (kind, instance, attachments) = ("bid.submitted", "bids", vec![]);
        self.log.append(Draft {
            kind,
            instance,
            key: &submitter,
            payload,
            attachments,
            personal: None,
            time,
        });
        Bid {
            id,
            key,
            identity: identity.to_string().into_bytes(),
            content: BlobRef::of(&plaintext),
        }
    }

    fn members(&mut self) {
        let first = self
            .authorities
            .ca
            .identity(40, "expert one", "university", "expert");
        let second = self
            .authorities
            .ca
            .identity(41, "expert two", "institute", "expert");
        let second = if self.departures.two_tickets {
            &first
        } else {
            &second
        };
        for (n, person) in [(1_u8, &first), (2, second)] {
            let ticket = hex::encode([n; 16]);
            let time = self.tick();
            self.log.append(Draft {
                kind: "member.checked_in",
                instance: "committee",
                key: &self.desk.key,
                payload: json!({"site": "host", "ticket": ticket, "role": "expert"}),
                attachments: vec![],
                personal: Some(person),
                time,
            });
            let key = SigningKeyPair::generate(&mut Counter(600 + u64::from(n)));
            self.log.append(Draft {
                kind: "key.bound",
                instance: "committee",
                key: &key,
                payload: json!({"ticket": ticket, "line": format!("E{n}"), "booth": "booth-1"}),
                attachments: vec![],
                personal: Some(person),
                time,
            });
        }
    }

    fn result(&mut self, bids: &[Bid]) {
        for (n, (bid, (amount, attributes))) in bids.iter().zip(PRICES).enumerate() {
            let amount = self.departures.price.filter(|_| n == 0).unwrap_or(amount);
            let payload = json!({"bidder": format!("B{}", n + 1), "amount": amount, "attributes": attributes,
                "source": {"part": bid.content.digest, "file": FILE, "page": null}});
            self.clerk("price.entered", "price_points/1", payload, vec![]);
        }
        let outcome = crate::public::outcome();
        self.store.put(outcome.to_json_bytes());
        let computed = evaluation::acts::result::ResultComputed::of(&outcome);
        self.clerk("result.computed", "summary/1", json!(computed), vec![]);
        let report = self.store.put(b"report".to_vec());
        self.clerk("report.made", "report", json!({"report": report}), vec![]);
        let blobs: Vec<BlobRef> = self.log.entries.iter().flat_map(blobs_of).collect();
        let manifest = self
            .departures
            .manifest
            .unwrap_or_else(|| Digest::of(&external_manifest(&blobs)));
        let head = json!({"size": self.log.tree.size(), "root": self.log.tree.root()});
        self.clerk(
            "archived",
            "archive",
            json!({"head": head, "manifest": manifest}),
            vec![],
        );
    }

    fn register(&self, closed: bool) -> Register {
        let mut log = Log::new(Origin([6; 16]));
        let mut append = |kind, payload| {
            let (key, attachments) = (&self.centre, vec![]);
            log.append(Draft {
                kind,
                instance: "",
                key,
                payload,
                attachments,
                personal: None,
                time: START,
            });
        };
        let first = self
            .departures
            .first_leaf
            .unwrap_or_else(|| self.log.entries[0].leaf_hash());
        append(
            "register.record_created",
            json!({"origin": ORIGIN, "first_leaf": first}),
        );
        let tree = &self.log.tree;
        append(
            "register.record_closed",
            json!({"origin": ORIGIN, "size": tree.size(), "root": tree.root()}),
        );
        let size = log.tree.size();
        let checkpoint = self
            .authorities
            .checkpoint(&log.origin, &log.tree, size, 2, START / 1000);
        let line = |entry: &record::Entry| RegisterLine {
            entry: entry.clone(),
            inclusion: log
                .tree
                .inclusion(entry.index, size)
                .expect("a leaf of the register"),
        };
        let shown = if closed { 2 } else { 1 };
        Register {
            checkpoint,
            entries: log.entries.iter().take(shown).map(line).collect(),
        }
    }

    fn history(&self) -> Vec<SignedCheckpoint> {
        let size_at = |kind| self.log.entries.iter().position(|entry| kind_of(entry) == kind);
        let deadline = size_at("deadline.reached").expect("every record here has one") as u64 + 1;
        let late = if self.departures.deadline_late { 30 } else { 2 };
        let note = |size, seconds| {
            self.authorities
                .checkpoint(&ORIGIN, &self.log.tree, size, 2, seconds)
        };
        vec![
            note(3, START / 1000 + 10),
            note(deadline - 1, START / 1000 + 10),
            note(deadline, DEADLINE / 1000 + late),
        ]
    }

    /// The parts of a package over the first `size` entries.
    pub(crate) fn parts(&self, size: u64) -> PackageParts<'_> {
        let entries: Vec<_> = self
            .log
            .entries
            .iter()
            .take(usize::try_from(size).expect("small"))
            .cloned()
            .collect();
        let last = entries.last().map_or(START, |entry| entry.time) / 1000;
        let seconds = match () {
            () if self.departures.cosigned_ahead => last - 100,
            () if self.departures.cosigned_late => last + 100,
            () => last + 1,
        };
        let checkpoint = self
            .authorities
            .checkpoint(&ORIGIN, &self.log.tree, size, 3, seconds);
        let closed = entries.last().is_some_and(|entry| kind_of(entry) == "archived");
        let history = self
            .history()
            .into_iter()
            .filter(|note| note.checkpoint().size < size)
            .collect();
        let external = self.external.clone();
        PackageParts {
            entries,
            checkpoint,
            history,
            register: self.register(closed),
            custody: BTreeMap::new(),
            blobs: &self.store,
            external,
        }
    }

    pub(crate) fn size(&self) -> u64 {
        self.log.tree.size()
    }

    pub(crate) fn package(&self, profile: Profile) -> Vec<u8> {
        build(&self.parts(self.size()), profile).expect("builds")
    }

    pub(crate) fn verify(&self, package: &[u8], checks: &Checks) -> Report {
        verify(package, Some(&self.authorities.anchors()), checks)
    }
}

struct Bid {
    id: String,
    key: [u8; 32],
    identity: Vec<u8>,
    content: BlobRef,
}
