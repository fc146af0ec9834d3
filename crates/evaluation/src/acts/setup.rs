//! Set-up: the first act, roles, sites and booths.

use super::decode_chain;
use crate::apply::{Act, Blobs};
use crate::certificates;
use crate::refusal::{Code, Refusal, ensure};
use crate::role::{PersonId, Role, SiteId};
use crate::state::{Party, RecordSetting, Site, State};
use record::{BlobRef, Millis, PublicKey};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// Most people, sites and booths of one evaluation.
const MAX_PARTIES: usize = 256;
const MAX_WITNESSES: usize = 15;
/// Most tender documents, and longest name of one in bytes.
const MAX_DOCUMENTS: usize = 256;
const MAX_DOCUMENT_NAME: usize = 100;

/// The centre as the first act names it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CentreLine {
    /// Name, also the key name of its checkpoints.
    pub name: String,
    /// Verifier key of its checkpoints (C2SP vkey).
    pub log_key: String,
    /// Key of its centre acts and observations.
    pub act_key: PublicKey,
}

/// A log witness (见证节点) as the first act names it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WitnessLine {
    /// Key name.
    pub name: String,
    /// Verifier key (C2SP vkey, cosignature/v1).
    pub key: String,
    /// Organisation.
    pub organisation: String,
    /// Runs outside the centre.
    pub outside: bool,
}

/// A published document of the tender.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DocumentRef {
    /// File name as in the tender package manifest: ASCII letters, digits, `._-`, parts separated by `/`.
    pub file: String,
    /// The file.
    pub blob: BlobRef,
}

/// Payload of `record.created`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RecordCreated {
    /// Procedure version.
    pub procedure: String,
    /// The clerk who creates the record.
    pub clerk: RoleAssigned,
    /// The centre.
    pub centre: CentreLine,
    /// Log witnesses, m ≥ 3.
    pub witnesses: Vec<WitnessLine>,
    /// w: m/2 < w ≤ m.
    pub quorum: u8,
    /// Rulebook.
    pub rulebook: BlobRef,
    /// Tender package manifest.
    pub tender: BlobRef,
    /// The published documents that the manifest lists, in its order, at most 256. Records made before they were
    /// named have none.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub documents: Vec<DocumentRef>,
    /// Deadline of submission, centre time.
    pub deadline: Millis,
    /// Whether keys of this record are development keys.
    pub development: bool,
}

/// Payload of `role.assigned`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RoleAssigned {
    /// Pseudonym (CN of the certificate).
    pub person: PersonId,
    /// Role (OU of the certificate).
    pub role: Role,
    /// Organisation (O of the certificate).
    pub organisation: String,
    /// Site, where the role is bound to one.
    pub site: Option<SiteId>,
    /// Function key.
    pub key: PublicKey,
    /// HPKE key of holders and custodians, generated for that purpose.
    pub encryption_key: Option<PublicKey>,
    /// Chain, leaf first, base64 DER.
    pub certificate: Vec<String>,
}

/// Payload of `site.enrolled`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SiteEnrolled {
    /// Site.
    pub site: SiteId,
    /// Host site (主场); exactly one.
    pub host: bool,
    /// Organisation that runs it.
    pub organisation: String,
}

/// Payload of `booth.enrolled`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BoothEnrolled {
    /// Booth, unique in the evaluation.
    pub booth: String,
    /// Its site.
    pub site: SiteId,
    /// Device key of the booth PC.
    pub key: PublicKey,
    /// Chain of the device certificate, leaf first, base64 DER; CN is the booth, OU `booth`.
    pub certificate: Vec<String>,
}

/// Roles that a clerk seats by `role.assigned`.
const ASSIGNABLE: [Role; 12] = [
    Role::Supervisor,
    Role::WitnessPerson,
    Role::Clerk,
    Role::Purchaser,
    Role::SiteOperator,
    Role::Technician,
    Role::Holder,
    Role::Custodian,
    Role::Verifier,
    Role::System,
    Role::Security,
    Role::Audit,
];

pub(super) fn record_created(state: &mut State, act: &Act<'_>, blobs: &dyn Blobs) -> Result<(), Refusal> {
    let created: RecordCreated = act.payload()?;
    let core = act.core();
    ensure(
        state.size() == 0 && state.record.is_none(),
        Code::AlreadyDone,
        "the record is created",
    )?;
    ensure(
        created.procedure == crate::PROCEDURE,
        Code::Foreign,
        "procedure version is not in this code",
    )?;
    witness_policy(&created)?;
    published(&created.documents)?;
    let party = party_of(&created.clerk, act)?;
    ensure(
        party.role == Role::Clerk && party.key == core.actor,
        Code::NotAllowed,
        "a clerk creates the record",
    )?;
    ensure(
        created.deadline > act.time(),
        Code::Late,
        "the deadline has passed",
    )?;
    let bytes = blobs
        .blob(&created.rulebook)
        .ok_or_else(|| Refusal::new(Code::Blob, "rulebook"))?;
    let book = rules::Rulebook::parse(&bytes).map_err(|e| Refusal::new(Code::Rule, e.to_string()))?;
    crate::acts::result::accept_rulebook(&book)?;

    state.rulebook = Some(std::sync::Arc::new(book));
    state.record = Some(RecordSetting {
        origin: core.origin,
        suite: core.suite,
        procedure: created.procedure,
        centre: created.centre,
        witnesses: created.witnesses,
        quorum: created.quorum,
        deadline: created.deadline,
        rulebook: created.rulebook,
        tender: created.tender,
        documents: created.documents,
        development: created.development,
    });
    state.people.entry(party.key).or_default().push(party);
    Ok(())
}

/// Names that stay inside a folder, each once; no empty file.
fn published(documents: &[DocumentRef]) -> Result<(), Refusal> {
    ensure(
        documents.len() <= MAX_DOCUMENTS,
        Code::Limit,
        "at most 256 tender documents",
    )?;
    ensure(
        documents
            .iter()
            .all(|document| document.blob.size > 0 && is_file_name(&document.file)),
        Code::Malformed,
        "a tender document has a plain file name and is not empty",
    )?;
    let names: BTreeSet<&String> = documents.iter().map(|document| &document.file).collect();
    ensure(
        names.len() == documents.len(),
        Code::Malformed,
        "tender documents must differ in name",
    )
}

fn is_file_name(name: &str) -> bool {
    let plain = |c: char| c.is_ascii_alphanumeric() || "._-".contains(c);
    name.len() <= MAX_DOCUMENT_NAME
        && name
            .split('/')
            .all(|part| !matches!(part, "" | "." | "..") && part.chars().all(plain))
}

/// m ≥ 3 witnesses of different keys, w > m/2, at least one outside the centre (protocol 2).
fn witness_policy(created: &RecordCreated) -> Result<(), Refusal> {
    let count = created.witnesses.len();
    ensure(
        (3..=MAX_WITNESSES).contains(&count),
        Code::Limit,
        "3 to 15 log witnesses",
    )?;
    let quorum = usize::from(created.quorum);
    ensure(
        2 * quorum > count && quorum <= count,
        Code::Rule,
        "quorum must exceed half of the log witnesses",
    )?;
    ensure(
        created.witnesses.iter().any(|w| w.outside),
        Code::Rule,
        "one log witness must be outside the centre",
    )?;
    let keys: BTreeSet<&String> = created.witnesses.iter().map(|w| &w.key).collect();
    let names: BTreeSet<&String> = created.witnesses.iter().map(|w| &w.name).collect();
    ensure(
        keys.len() == count && names.len() == count,
        Code::Rule,
        "log witnesses must differ",
    )
}

fn party_of(assigned: &RoleAssigned, act: &Act<'_>) -> Result<Party, Refusal> {
    let chain = decode_chain(&assigned.certificate)?;
    certificates::fits(
        &chain,
        &assigned.person,
        assigned.role,
        &assigned.organisation,
        &assigned.key,
        act.time(),
    )?;
    let opens = matches!(assigned.role, Role::Holder | Role::Custodian);
    ensure(
        opens == assigned.encryption_key.is_some(),
        Code::Malformed,
        "encryption_key is for holders and custodians",
    )?;
    let at_site = matches!(
        assigned.role,
        Role::SiteOperator | Role::WitnessPerson | Role::Technician
    );
    ensure(
        at_site == assigned.site.is_some(),
        Code::Malformed,
        "site is for roles at a site",
    )?;
    Ok(Party {
        person: assigned.person.clone(),
        role: assigned.role,
        organisation: assigned.organisation.clone(),
        site: assigned.site.clone(),
        booth: None,
        encryption_key: assigned.encryption_key,
        chain,
        key: assigned.key,
    })
}

pub(super) fn role_assigned(state: &mut State, act: &Act<'_>) -> Result<(), Refusal> {
    let assigned: RoleAssigned = act.payload()?;
    state.party(&act.core().actor, &[Role::Clerk])?;
    ensure(
        ASSIGNABLE.contains(&assigned.role),
        Code::NotAllowed,
        "this role is not seated by a clerk",
    )?;
    let party = party_of(&assigned, act)?;
    if let Some(site) = &party.site {
        let known = state
            .sites
            .get(site)
            .ok_or_else(|| Refusal::new(Code::NotFound, "no such site"))?;
        if party.role == Role::SiteOperator {
            ensure(
                known.organisation == party.organisation,
                Code::Rule,
                "the site operator is of the site's organisation",
            )?;
        }
    }
    ensure(
        state.people.values().map(Vec::len).sum::<usize>() < MAX_PARTIES,
        Code::Limit,
        "256 roles at most",
    )?;
    ensure(
        !state.people.contains_key(&party.key),
        Code::AlreadyDone,
        "this key has a role",
    )?;
    compatible(state, &party)?;
    state.people.entry(party.key).or_default().push(party);
    Ok(())
}

/// Role combinations that no regime allows to one person: a holder, custodian, supervisor or witness person
/// may not also run the tender, and the three administrators are three people (三员分立).
fn compatible(state: &State, party: &Party) -> Result<(), Refusal> {
    const APART: [&[Role]; 3] = [
        &[Role::Clerk, Role::Holder, Role::Supervisor, Role::WitnessPerson],
        &[Role::Custodian, Role::Clerk, Role::Purchaser],
        &[Role::System, Role::Security, Role::Audit],
    ];
    let held: Vec<Role> = state
        .people
        .values()
        .flatten()
        .filter(|other| other.person == party.person)
        .map(|other| other.role)
        .collect();
    for group in APART {
        let clash = group.contains(&party.role) && held.iter().any(|role| group.contains(role));
        ensure(
            !clash,
            Code::Rule,
            format!("{} can't be held beside {held:?}", party.role.name()),
        )?;
    }
    Ok(())
}

pub(super) fn site_enrolled(state: &mut State, act: &Act<'_>) -> Result<(), Refusal> {
    let enrolled: SiteEnrolled = act.payload()?;
    state.party(&act.core().actor, &[Role::Clerk])?;
    ensure(state.sites.len() < 64, Code::Limit, "64 sites at most")?;
    ensure(
        !state.sites.contains_key(&enrolled.site),
        Code::AlreadyDone,
        "site is enrolled",
    )?;
    let second_host = enrolled.host && state.sites.values().any(|site| site.host);
    ensure(!second_host, Code::Rule, "one host site")?;
    state.sites.insert(
        enrolled.site,
        Site {
            host: enrolled.host,
            organisation: enrolled.organisation,
        },
    );
    Ok(())
}

pub(super) fn booth_enrolled(state: &mut State, act: &Act<'_>) -> Result<(), Refusal> {
    let enrolled: BoothEnrolled = act.payload()?;
    state.party(&act.core().actor, &[Role::Clerk])?;
    let site = state
        .sites
        .get(&enrolled.site)
        .ok_or_else(|| Refusal::new(Code::NotFound, "no such site"))?;
    let person =
        PersonId::new(&*enrolled.booth).ok_or_else(|| Refusal::new(Code::Malformed, "booth name"))?;
    let chain = decode_chain(&enrolled.certificate)?;
    certificates::fits(
        &chain,
        &person,
        Role::Booth,
        &site.organisation,
        &enrolled.key,
        act.time(),
    )?;
    let taken = state
        .with_role(Role::Booth)
        .any(|party| party.booth.as_deref() == Some(&enrolled.booth));
    ensure(
        !taken && !state.people.contains_key(&enrolled.key),
        Code::AlreadyDone,
        "booth is enrolled",
    )?;
    ensure(
        state.with_role(Role::Booth).count() < MAX_PARTIES,
        Code::Limit,
        "256 booths at most",
    )?;
    let party = Party {
        person,
        role: Role::Booth,
        organisation: site.organisation.clone(),
        site: Some(enrolled.site),
        booth: Some(enrolled.booth),
        encryption_key: None,
        chain,
        key: enrolled.key,
    };
    state.people.entry(party.key).or_default().push(party);
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Sevens;

    impl sealing::Random for Sevens {
        fn fill(&mut self, out: &mut [u8]) {
            out.fill(7);
        }
    }

    fn document(file: &str, bytes: &[u8]) -> DocumentRef {
        DocumentRef {
            file: file.to_owned(),
            blob: BlobRef::of(bytes),
        }
    }

    #[test]
    fn published_documents_have_names_of_their_own_and_content() {
        let sound = [
            document("tender.pdf", b"a"),
            document("annex/drawings_1.pdf", b"a"),
        ];
        assert_eq!(published(&sound), Ok(()));
        assert_eq!(published(&[]), Ok(()));
        let long = "x".repeat(MAX_DOCUMENT_NAME + 1);
        for name in ["", "/a", "a/", "../a", "a/./b", "招标.pdf", "a b", "a\\b", &long] {
            let refused = published(&[document(name, b"a")]).expect_err(name);
            assert_eq!(refused.code, Code::Malformed, "{name}");
        }
        let empty = published(&[document("a", b"")]).expect_err("nothing in it");
        assert_eq!(empty.code, Code::Malformed);
        let twice = published(&[document("a", b"1"), document("a", b"2")]).expect_err("one name");
        assert_eq!(twice.code, Code::Malformed);
        let many: Vec<DocumentRef> = (0..=MAX_DOCUMENTS)
            .map(|place| document(&place.to_string(), b"a"))
            .collect();
        assert_eq!(published(&many[1..]), Ok(()));
        assert_eq!(published(&many).expect_err("257").code, Code::Limit);
    }

    /// A payload of before documents were named says the same when it is written again.
    #[test]
    fn an_earlier_payload_is_read_and_written_as_it_was() {
        let blob = BlobRef::of(b"x");
        let key = PublicKey(sealing::sign::SigningKeyPair::generate(&mut Sevens).public_key());
        let earlier = serde_json::json!({
            "procedure": "conclave.procedure/1",
            "clerk": {"person": "clerk-1", "role": "clerk", "organisation": "agent", "site": null, "key": key,
                "encryption_key": null, "certificate": []},
            "centre": {"name": "centre", "log_key": "k", "act_key": key},
            "witnesses": [],
            "quorum": 2,
            "rulebook": blob,
            "tender": blob,
            "deadline": 1,
            "development": true,
        });
        let read: RecordCreated = serde_json::from_value(earlier.clone()).expect("it is read");
        assert!(read.documents.is_empty());
        assert_eq!(serde_json::to_value(&read).expect("plain data"), earlier);
    }
}
