//! Who sits where in a rehearsal: from log witnesses to bidders, each with key, certificate and post.

use super::cast::Scenario;
use super::maker::{Made, Maker, assigned, verifier};
use super::seat::{KeyWithPin, MemberKeys, Post, Seat, Sitter};
use super::{ClerkPlan, MemberPlan, Pace};
use crate::error::ClientError;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use evaluation::Role;
use evaluation::acts::ceremony::HolderLine;
use evaluation::acts::committee::MemberSeated;
use evaluation::acts::setup::{BoothEnrolled, RecordCreated, RoleAssigned, SiteEnrolled, WitnessLine};
use record::{DeviceId, KeyAlgorithm, Origin, PublicKey};
use sealing::provider::Purpose;

pub(super) struct Seats {
    pub(super) origin: Origin,
    pub(super) centre: String,
    pub(super) anchors: String,
    pub(super) seats: Vec<Seat>,
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
    pub(super) fn log_witnesses(&mut self, maker: &mut Maker<'_>) -> Result<Vec<WitnessLine>, ClientError> {
        let places = [("centre", false), ("court", true), ("university", true)];
        let lines = places.map(|(place, outside)| self.log_witness(maker, place, outside));
        lines.into_iter().collect()
    }

    pub(super) fn log_witness(
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

    pub(super) fn people(
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

    pub(super) fn bidders(&mut self, maker: &mut Maker<'_>, scenario: &Scenario) -> Result<(), ClientError> {
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
