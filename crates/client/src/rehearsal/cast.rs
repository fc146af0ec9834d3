//! The people of a rehearsal: keys, certificates, seats, made for one scenario.

use super::authority::Authority;
use super::seat::{KeyWithPin, MemberKeys, Post, Seat, Sitter};
use super::{
    ClerkPlan, MemberPlan, Pace, PricePlan, QualificationPlan, SheetScript, SuspensionDrill, Trouble,
};
use crate::error::ClientError;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use evaluation::acts::ceremony::HolderLine;
use evaluation::acts::committee::MemberSeated;
use evaluation::acts::setup::{
    BoothEnrolled, CentreLine, DocumentRef, RecordCreated, RoleAssigned, SiteEnrolled, WitnessLine,
};
use evaluation::{CodeName, PROCEDURE, PersonId, Role, SiteId};
use record::{BlobRef, DeviceId, KeyAlgorithm, Millis, Origin, PublicKey, VerifierKey};
use sealing::Random;
use sealing::provider::{KeyFile, Pin, Purpose};
use std::collections::BTreeMap;
use std::num::NonZeroU32;

/// A committee member of a scenario.
#[derive(Clone, Debug)]
pub struct MemberScript {
    /// The person's name: stands in the identity certificate only.
    pub name: String,
    /// Expert or tenderer's representative.
    pub role: Role,
    /// Specialty of the draw.
    pub specialty: String,
    /// Site where the member checks in.
    pub site: SiteId,
    /// What the member writes.
    pub script: SheetScript,
    /// Dissent from the report.
    pub dissent: Option<String>,
}

/// A bidder of a scenario: part -> file -> bytes.
#[derive(Clone, Debug)]
pub struct BidderScript {
    /// Name of the seat.
    pub seat: String,
    /// Parts.
    pub parts: BTreeMap<String, BTreeMap<String, Vec<u8>>>,
    /// Trouble.
    pub trouble: Trouble,
}

/// What is rehearsed.
#[derive(Clone, Debug)]
pub struct Scenario {
    /// Rulebook bytes.
    pub rulebook: Vec<u8>,
    /// Tender manifest bytes.
    pub tender: Vec<u8>,
    /// The published documents in the manifest's order: file name and bytes.
    pub documents: Vec<(String, Vec<u8>)>,
    /// Deadline, centre time.
    pub deadline: Millis,
    /// t of the holders.
    pub threshold: u8,
    /// w of the log witnesses.
    pub quorum: u8,
    /// Further log witnesses, anchored from the beginning: place, and whether outside the centre.
    pub further_witnesses: Vec<(String, bool)>,
    /// Time for bidders to give their halves.
    pub unlock_window: Millis,
    /// Planned length of a round.
    pub round_length: Millis,
    /// How every member goes about a round.
    pub pace: Pace,
    /// A suspension to be rehearsed by the supervisor.
    pub suspension: Option<SuspensionDrill>,
    /// Code names to draw from.
    pub code_names: Vec<CodeName>,
    /// Sites with their booths.
    pub sites: Vec<(SiteEnrolled, Vec<String>)>,
    /// Committee.
    pub members: Vec<MemberScript>,
    /// Bidders.
    pub bidders: Vec<BidderScript>,
    /// Purchaser's findings.
    pub qualification: QualificationPlan,
    /// Prices that the purchaser types in; empty: the clerk takes them from the statements.
    pub prices: PricePlan,
    /// PBKDF2 iterations of the key files.
    pub iterations: NonZeroU32,
}

/// Everybody, ready to sit down.
pub struct Cast {
    /// Record id.
    pub origin: Origin,
    /// Anchors file, JSON text.
    pub anchors: String,
    /// DER of the CA root.
    pub root: Vec<u8>,
    /// The CA, for further certificates.
    pub authority: Authority,
    /// The centre's log key.
    pub log: KeyWithPin,
    /// The centre's act key.
    pub act: KeyWithPin,
    /// The centre's TLS key and chain.
    pub server: (KeyWithPin, Vec<Vec<u8>>),
    /// Seats, log witnesses and bidders included.
    pub seats: Vec<Seat>,
}

/// Name of the centre in every rehearsal.
const CENTRE: &str = "centre.rehearsal";

/// Organisation of the clerk.
const AGENT: &str = "代理机构";

struct Maker<'a> {
    authority: Authority,
    iterations: NonZeroU32,
    random: &'a mut dyn Random,
    count: u32,
}

struct Made {
    key: KeyWithPin,
    public: [u8; 65],
    person: PersonId,
    chain: Vec<String>,
}

impl Maker<'_> {
    fn key(&mut self, purpose: Purpose) -> Result<(KeyWithPin, Vec<u8>), ClientError> {
        let mut digits = [0; 4];
        self.random.fill(&mut digits);
        let pin = format!("{:08}", u32::from_be_bytes(digits) % 100_000_000);
        self.key_under(purpose, pin)
    }

    /// A key under a PIN that its person has already: one token holds both.
    fn key_under(&mut self, purpose: Purpose, pin: String) -> Result<(KeyWithPin, Vec<u8>), ClientError> {
        let file = KeyFile::create(purpose, &Pin::new(pin.clone()), self.iterations, self.random);
        let text = String::from_utf8(file.to_bytes()).map_err(|e| ClientError::Format(e.to_string()))?;
        Ok((KeyWithPin { file: text, pin }, file.public_bytes().to_vec()))
    }

    fn p256(&mut self, purpose: Purpose) -> Result<(KeyWithPin, [u8; 65]), ClientError> {
        let made = self.key(purpose)?;
        Self::as_p256(made)
    }

    /// As [`Maker::key_under`], P-256.
    fn p256_under(&mut self, purpose: Purpose, pin: &str) -> Result<(KeyWithPin, [u8; 65]), ClientError> {
        let made = self.key_under(purpose, pin.to_owned())?;
        Self::as_p256(made)
    }

    fn as_p256((key, public): (KeyWithPin, Vec<u8>)) -> Result<(KeyWithPin, [u8; 65]), ClientError> {
        let public = public
            .try_into()
            .map_err(|_| ClientError::Format("not a P-256 key".to_owned()))?;
        Ok((key, public))
    }

    /// A function seat: pseudonym, key, certificate that names nobody.
    fn function(&mut self, role: Role, organisation: &str) -> Result<Made, ClientError> {
        self.count += 1;
        let person = format!("p-{:03}", self.count);
        let (key, public) = self.p256(Purpose::Function)?;
        let certificate = self.authority.certify(&person, organisation, role, &public)?;
        let person = PersonId::new(person).ok_or_else(|| ClientError::Format("person id".to_owned()))?;
        Ok(Made {
            key,
            public,
            person,
            chain: vec![STANDARD.encode(certificate)],
        })
    }
}

fn assigned(
    made: &Made,
    role: Role,
    organisation: &str,
    site: Option<&SiteId>,
    encryption: Option<[u8; 65]>,
) -> RoleAssigned {
    RoleAssigned {
        person: made.person.clone(),
        role,
        organisation: organisation.to_owned(),
        site: site.cloned(),
        key: PublicKey(made.public),
        encryption_key: encryption.map(PublicKey),
        certificate: made.chain.clone(),
    }
}

impl Cast {
    /// Makes keys, certificates and seats. `centre` is the address clients will call; `hosts` go into its certificate.
    ///
    /// # Errors
    /// Names that don't fit a certificate.
    pub fn make(
        scenario: &Scenario,
        centre: &str,
        hosts: &[&str],
        random: &mut dyn Random,
    ) -> Result<Self, ClientError> {
        let authority = Authority::new("Rehearsal CA", random)?;
        let root = authority.root().to_vec();
        let mut maker = Maker {
            authority,
            iterations: scenario.iterations,
            random,
            count: 0,
        };
        let mut id = [0; 16];
        maker.random.fill(&mut id);
        let origin = Origin(id);
        let (log, log_public) = maker.key(Purpose::Log)?;
        let log_key = verifier(CENTRE, KeyAlgorithm::LogEd25519, &log_public)?;
        let (act, act_public) = maker.p256(Purpose::Function)?;
        let (server_key, server_public) = maker.p256(Purpose::Function)?;
        let server_chain = vec![maker.authority.certify_server(hosts, &server_public)?];

        let mut seats = Seats {
            origin,
            centre: centre.to_owned(),
            anchors: String::new(),
            seats: Vec::new(),
        };
        let witnesses = seats.log_witnesses(&mut maker)?;
        let further = scenario.further_witnesses.iter();
        let further = further.map(|(place, outside)| seats.log_witness(&mut maker, place, *outside));
        let further = further.collect::<Result<Vec<_>, ClientError>>()?;
        seats.anchors = anchors(&root, &log_key, &witnesses, &further, scenario.quorum)?;
        for seat in &mut seats.seats {
            seat.anchors.clone_from(&seats.anchors);
        }
        let clerk = maker.function(Role::Clerk, AGENT)?;
        let clerk_line = assigned(&clerk, Role::Clerk, AGENT, None, None);
        let created = RecordCreated {
            procedure: PROCEDURE.to_owned(),
            clerk: clerk_line,
            centre: CentreLine {
                name: CENTRE.to_owned(),
                log_key: log_key.to_string(),
                act_key: PublicKey(act_public),
            },
            witnesses,
            quorum: scenario.quorum,
            rulebook: BlobRef::of(&scenario.rulebook),
            tender: BlobRef::of(&scenario.tender),
            documents: scenario
                .documents
                .iter()
                .map(|(file, bytes)| DocumentRef {
                    file: file.clone(),
                    blob: BlobRef::of(bytes),
                })
                .collect(),
            deadline: scenario.deadline,
            development: true,
        };
        seats.people(&mut maker, scenario, created, clerk)?;
        seats.bidders(&mut maker, scenario)?;
        Ok(Self {
            origin,
            anchors: seats.anchors,
            root,
            authority: maker.authority,
            log,
            act,
            server: (server_key, server_chain),
            seats: seats.seats,
        })
    }

    /// A seat by name.
    pub fn seat(&self, name: &str) -> Option<&Seat> {
        self.seats.iter().find(|seat| seat.name == name)
    }
}

fn verifier(name: &str, algorithm: KeyAlgorithm, public: &[u8]) -> Result<VerifierKey, ClientError> {
    let key = public
        .try_into()
        .map_err(|_| ClientError::Format("not an Ed25519 key".to_owned()))?;
    VerifierKey::new(name, algorithm, key).map_err(|e| ClientError::Format(e.to_string()))
}

fn anchors(
    root: &[u8],
    log: &VerifierKey,
    witnesses: &[WitnessLine],
    further: &[WitnessLine],
    quorum: u8,
) -> Result<String, ClientError> {
    let listed = |witnesses: &[WitnessLine]| -> Vec<_> {
        witnesses
            .iter()
            .map(|w| serde_json::json!({ "name": w.name, "key": w.key, "organisation": w.organisation, "outside": w.outside }))
            .collect()
    };
    let anchors = serde_json::json!({
        "format": audit::anchors::FORMAT,
        "ca_roots": [STANDARD.encode(root)],
        "log_key": log.to_string(),
        "register_key": log.to_string(),
        "witnesses": listed(witnesses),
        "further_witnesses": listed(further),
        "quorum": quorum,
    });
    serde_json::to_string_pretty(&anchors).map_err(|e| ClientError::Format(e.to_string()))
}

struct Seats {
    origin: Origin,
    centre: String,
    anchors: String,
    seats: Vec<Seat>,
}

impl Seats {
    fn add(&mut self, name: &str, key: KeyWithPin, chain: Vec<String>, post: Post) {
        self.seats.push(Seat {
            format: "conclave.seat/1".to_owned(),
            name: name.to_owned(),
            origin: self.origin,
            centre: self.centre.clone(),
            anchors: self.anchors.clone(),
            key,
            chain,
            post,
        });
    }

    /// Three log witnesses of different organisations, two of them outside the centre.
    fn log_witnesses(&mut self, maker: &mut Maker<'_>) -> Result<Vec<WitnessLine>, ClientError> {
        let places = [("centre", false), ("court", true), ("university", true)];
        let lines = places.map(|(place, outside)| self.log_witness(maker, place, outside));
        lines.into_iter().collect()
    }

    fn log_witness(
        &mut self,
        maker: &mut Maker<'_>,
        place: &str,
        outside: bool,
    ) -> Result<WitnessLine, ClientError> {
        let key_name = format!("{place}.witness.rehearsal");
        let (key, public) = maker.key(Purpose::Witness)?;
        let verifier = verifier(&key_name, KeyAlgorithm::Cosignature, &public)?;
        let line = WitnessLine {
            name: key_name.clone(),
            key: verifier.to_string(),
            organisation: format!("organisation-{place}"),
            outside,
        };
        let post = Post::LogWitness { name: key_name };
        self.add(&format!("witness-{place}"), key, Vec::new(), post);
        Ok(line)
    }

    fn people(
        &mut self,
        maker: &mut Maker<'_>,
        scenario: &Scenario,
        created: RecordCreated,
        clerk: Made,
    ) -> Result<(), ClientError> {
        let mut roles = Vec::new();
        let holders = self.holders(maker, &mut roles)?;
        self.custodians(maker, &mut roles)?;
        let bureau = "监管局";
        let supervisor = maker.function(Role::Supervisor, bureau)?;
        roles.push(assigned(&supervisor, Role::Supervisor, bureau, None, None));
        self.add(
            "supervisor",
            supervisor.key,
            supervisor.chain,
            Post::Observer {
                role: Role::Supervisor,
                drill: scenario.suspension.clone(),
            },
        );
        let purchaser = maker.function(Role::Purchaser, "采购人")?;
        roles.push(assigned(&purchaser, Role::Purchaser, "采购人", None, None));
        let post = Post::Purchaser {
            qualification: scenario.qualification.clone(),
            prices: scenario.prices.clone(),
        };
        self.add("purchaser", purchaser.key, purchaser.chain, post);
        let members = members(maker, scenario)?;
        let mut booths = Vec::new();
        for (site, names) in &scenario.sites {
            self.site(maker, site, &members, scenario, &mut roles)?;
            let mut sitters = Vec::new();
            for (script, member) in scenario
                .members
                .iter()
                .zip(&members)
                .filter(|(m, _)| m.site == site.site)
            {
                let (vault, _) = maker.p256_under(Purpose::Vault, &member.key.pin)?;
                sitters.push(Sitter {
                    member: member.clone(),
                    vault,
                    script: script.script.clone(),
                    dissent: script.dissent.clone(),
                });
            }
            self.booths(maker, site, names, (&sitters, scenario.pace), &mut booths)?;
        }
        let plan = ClerkPlan {
            created,
            rulebook: scenario.rulebook.clone(),
            tender: scenario.tender.clone(),
            documents: scenario
                .documents
                .iter()
                .map(|(_, bytes)| STANDARD.encode(bytes))
                .collect(),
            sites: scenario.sites.iter().map(|(site, _)| site.clone()).collect(),
            roles,
            booths,
            holders,
            threshold: scenario.threshold,
            members: seated(scenario, &members)?,
            code_names: scenario.code_names.clone(),
            unlock_window: scenario.unlock_window,
            round_length: scenario.round_length,
            enters_prices: scenario.prices.is_empty(),
        };
        self.add("clerk", clerk.key, clerk.chain, Post::Clerk(Box::new(plan)));
        Ok(())
    }

    fn holders(
        &mut self,
        maker: &mut Maker<'_>,
        roles: &mut Vec<RoleAssigned>,
    ) -> Result<Vec<HolderLine>, ClientError> {
        let mut lines = Vec::new();
        for (index, organisation) in (1u8..).zip(["监管局", "采购人", "公证处"]) {
            let made = maker.function(Role::Holder, organisation)?;
            let (encryption, public) = maker.p256_under(Purpose::Holder, &made.key.pin)?;
            roles.push(assigned(&made, Role::Holder, organisation, None, Some(public)));
            lines.push(HolderLine {
                index,
                person: made.person.clone(),
                key: PublicKey(made.public),
                encryption_key: PublicKey(public),
                organisation: organisation.to_owned(),
            });
            self.add(
                &format!("holder-{index}"),
                made.key,
                made.chain,
                Post::Holder(encryption),
            );
        }
        Ok(lines)
    }

    fn custodians(
        &mut self,
        maker: &mut Maker<'_>,
        roles: &mut Vec<RoleAssigned>,
    ) -> Result<(), ClientError> {
        for (index, organisation) in (1..).zip(["档案馆", "纪检机构"]) {
            let made = maker.function(Role::Custodian, organisation)?;
            let (encryption, public) = maker.p256(Purpose::Custodian)?;
            roles.push(assigned(&made, Role::Custodian, organisation, None, Some(public)));
            self.add(
                &format!("custodian-{index}"),
                made.key,
                made.chain,
                Post::Custodian(encryption),
            );
        }
        Ok(())
    }

    /// Desk and witness person of a site.
    fn site(
        &mut self,
        maker: &mut Maker<'_>,
        site: &SiteEnrolled,
        members: &[MemberKeys],
        scenario: &Scenario,
        roles: &mut Vec<RoleAssigned>,
    ) -> Result<(), ClientError> {
        let operator = maker.function(Role::SiteOperator, &site.organisation)?;
        roles.push(assigned(
            &operator,
            Role::SiteOperator,
            &site.organisation,
            Some(&site.site),
            None,
        ));
        let here = scenario
            .members
            .iter()
            .zip(members)
            .filter(|(member, _)| member.site == site.site);
        let members = here.map(|(_, keys)| keys.clone()).collect();
        let post = Post::SiteDesk {
            site: site.site.clone(),
            members,
        };
        self.add(&format!("desk-{}", site.site), operator.key, operator.chain, post);
        let witness = maker.function(Role::WitnessPerson, &site.organisation)?;
        roles.push(assigned(
            &witness,
            Role::WitnessPerson,
            &site.organisation,
            Some(&site.site),
            None,
        ));
        let post = Post::Observer {
            role: Role::WitnessPerson,
            drill: None,
        };
        self.add(
            &format!("witness-person-{}", site.site),
            witness.key,
            witness.chain,
            post,
        );
        Ok(())
    }

    /// Booth PCs of a site. Whoever is drawn to a booth comes with key, vault key and ticket.
    fn booths(
        &mut self,
        maker: &mut Maker<'_>,
        site: &SiteEnrolled,
        names: &[String],
        (sitters, pace): (&[Sitter], Pace),
        enrolled: &mut Vec<BoothEnrolled>,
    ) -> Result<(), ClientError> {
        for booth in names {
            let (key, public) = maker.p256(Purpose::Function)?;
            let certificate = maker
                .authority
                .certify(booth, &site.organisation, Role::Booth, &public)?;
            let chain = vec![STANDARD.encode(certificate)];
            let mut device = [0; 16];
            maker.random.fill(&mut device);
            enrolled.push(BoothEnrolled {
                booth: booth.clone(),
                site: site.site.clone(),
                key: PublicKey(public),
                certificate: chain.clone(),
            });
            let post = Post::Booth {
                booth: booth.clone(),
                device: DeviceId(device),
                sitters: sitters.to_vec(),
                pace,
            };
            self.add(&format!("booth-{booth}"), key, chain, post);
        }
        Ok(())
    }

    fn bidders(&mut self, maker: &mut Maker<'_>, scenario: &Scenario) -> Result<(), ClientError> {
        for bidder in &scenario.bidders {
            let (key, _) = maker.p256(Purpose::Bidder)?;
            let parts = bidder.parts.iter().map(|(part, files)| {
                let files = files
                    .iter()
                    .map(|(name, bytes)| (name.clone(), STANDARD.encode(bytes)))
                    .collect();
                (part.clone(), files)
            });
            let post = Post::Bidder {
                parts: parts.collect(),
                key: key.clone(),
                trouble: bidder.trouble,
            };
            self.add(&bidder.seat, key, Vec::new(), post);
        }
        Ok(())
    }
}

/// Personal keys with identity certificates.
fn members(maker: &mut Maker<'_>, scenario: &Scenario) -> Result<Vec<MemberKeys>, ClientError> {
    let mut members = Vec::new();
    for member in &scenario.members {
        let (key, public) = maker.p256(Purpose::Personal)?;
        let certificate = maker
            .authority
            .certify(&member.name, "专家库", member.role, &public)?;
        let mut ticket = [0; 16];
        maker.random.fill(&mut ticket);
        let ticket = hex::encode(ticket);
        members.push(MemberKeys {
            role: member.role,
            key,
            chain: vec![STANDARD.encode(certificate)],
            ticket,
        });
    }
    Ok(members)
}

fn seated(scenario: &Scenario, members: &[MemberKeys]) -> Result<Vec<MemberPlan>, ClientError> {
    let of = u8::try_from(members.len()).map_err(|e| ClientError::Format(e.to_string()))?;
    let mut plans = Vec::new();
    for (seat, (member, keys)) in (1u8..).zip(scenario.members.iter().zip(members)) {
        let identity = serde_json::json!({ "name": member.name, "certificate": keys.chain });
        plans.push(MemberPlan {
            seated: MemberSeated {
                seat,
                of,
                role: member.role,
                specialty: member.specialty.clone(),
            },
            identity: serde_json::to_vec(&identity).map_err(|e| ClientError::Format(e.to_string()))?,
        });
    }
    Ok(plans)
}
