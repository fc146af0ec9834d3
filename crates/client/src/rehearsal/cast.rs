//! The people of a rehearsal, made for one scenario.

use super::authority::Authority;
use super::maker::{Maker, assigned, verifier};
use super::seat::{KeyWithPin, Seat};
use super::seats::Seats;
use super::{Pace, PricePlan, QualificationPlan, SheetScript, SuspensionDrill, Trouble};
use crate::error::ClientError;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use evaluation::acts::setup::{CentreLine, DocumentRef, RecordCreated, SiteEnrolled, WitnessLine};
use evaluation::{CodeName, PROCEDURE, Role, SiteId};
use record::{BlobRef, KeyAlgorithm, Millis, Origin, PublicKey, VerifierKey};
use sealing::Random;
use sealing::provider::Purpose;
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
