//! X.509 certificates of functions and people, read and verified without a clock of our own.
//!
//! A **function certificate** (clerk, holder, supervisor, site desk, …) names nobody: CN is a pseudonym
//! ([`PersonId`]), O the organisation, OU the role, followed by a space and `DEVELOPMENT` for development keys.
//! An **identity certificate** of an expert carries the person's name in CN and OU `expert` or
//! `tenderer_representative`; it never stands in a body, only in attachments (protocol 3).

use crate::refusal::{Code, Refusal, ensure};
use crate::role::{PersonId, Role};
use record::{Millis, PublicKey};
use rustls_pki_types::{CertificateDer, UnixTime};
use std::time::Duration;
use webpki::{EndEntityCert, KeyUsage, anchor_from_trusted_cert};
use x509_parser::prelude::{FromDer, X509Certificate};

/// Longest chain and certificate that are read.
const MAX_CHAIN: usize = 4;
const MAX_CERTIFICATE: usize = 4096;

/// What a certificate says of its holder. Reading verifies nothing; see [`verify_chain`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Subject {
    /// CN: pseudonym of a function, name of a person.
    pub common_name: String,
    /// O.
    pub organisation: String,
    /// Every word of every OU.
    pub units: Vec<String>,
    /// The certified P-256 key.
    pub key: PublicKey,
    /// Start of validity.
    pub not_before: Millis,
    /// End of validity.
    pub not_after: Millis,
}

impl Subject {
    /// Reads the first certificate of a chain (DER).
    ///
    /// # Errors
    /// [`Code::Certificate`] when it is not a P-256 certificate with CN, O and OU.
    pub fn read(der: &[u8]) -> Result<Self, Refusal> {
        ensure(
            der.len() <= MAX_CERTIFICATE,
            Code::Certificate,
            "certificate over 4096 bytes",
        )?;
        let (rest, certificate) =
            X509Certificate::from_der(der).map_err(|e| Refusal::new(Code::Certificate, e.to_string()))?;
        ensure(rest.is_empty(), Code::Certificate, "bytes after the certificate")?;
        let subject = certificate.subject();
        let first = |mut values: Box<dyn Iterator<Item = String> + '_>| values.next().unwrap_or_default();
        let text = |value: &x509_parser::x509::AttributeTypeAndValue<'_>| {
            value.as_str().map(str::to_owned).unwrap_or_default()
        };
        let common_name = first(Box::new(subject.iter_common_name().map(text)));
        let organisation = first(Box::new(subject.iter_organization().map(text)));
        let units = subject
            .iter_organizational_unit()
            .map(text)
            .flat_map(|unit| words(&unit))
            .collect();
        let point: [u8; 65] = certificate
            .public_key()
            .subject_public_key
            .data
            .as_ref()
            .try_into()
            .map_err(|_| Refusal::new(Code::Certificate, "not a P-256 key"))?;
        let validity = certificate.validity();
        let millis = |time: x509_parser::time::ASN1Time| u64::try_from(time.timestamp()).unwrap_or(0) * 1000;
        Ok(Self {
            common_name,
            organisation,
            units,
            key: PublicKey(point),
            not_before: millis(validity.not_before),
            not_after: millis(validity.not_after),
        })
    }

    /// Whether the certificate is for this role.
    pub fn has_role(&self, role: Role) -> bool {
        self.units.iter().any(|unit| unit == role.name())
    }

    /// Whether it is marked as a development certificate.
    pub fn is_development(&self) -> bool {
        self.units.iter().any(|unit| unit == crate::DEVELOPMENT_MARK)
    }

    /// Whether it is valid at this time.
    pub fn is_valid_at(&self, time: Millis) -> bool {
        self.not_before <= time && time <= self.not_after
    }
}

fn words(unit: &str) -> Vec<String> {
    unit.split(' ').map(str::to_owned).collect()
}

/// Checks that a chain's first certificate is of this person, role, organisation and key, and valid at `time`.
/// Trust is another matter: [`verify_chain`].
pub(crate) fn fits(
    chain: &[Vec<u8>],
    person: &PersonId,
    role: Role,
    organisation: &str,
    key: &PublicKey,
    time: Millis,
) -> Result<(), Refusal> {
    ensure(
        !chain.is_empty() && chain.len() <= MAX_CHAIN,
        Code::Certificate,
        "chain of 1 to 4 certificates",
    )?;
    let subject = Subject::read(&chain[0])?;
    ensure(
        subject.common_name == person.as_str(),
        Code::Certificate,
        "CN differs from the person id",
    )?;
    ensure(
        subject.organisation == organisation,
        Code::Certificate,
        "O differs from the organisation",
    )?;
    ensure(
        subject.has_role(role),
        Code::Certificate,
        format!("no OU {}", role.name()),
    )?;
    ensure(&subject.key == key, Code::Certificate, "certified key differs")?;
    ensure(
        subject.is_valid_at(time),
        Code::Certificate,
        "not valid at this time",
    )
}

/// A subject whose chain leads to a local anchor. Minted only by [`verify_chain`].
#[derive(Clone, Debug)]
pub struct TrustedSubject(Subject);

impl TrustedSubject {
    /// What the certificate says.
    pub fn subject(&self) -> &Subject {
        &self.0
    }
}

/// Verifies a chain (leaf first, DER) against local anchors (DER of CA roots) at a time, for client use.
///
/// # Errors
/// [`Code::Certificate`] with the validator's word.
pub fn verify_chain(chain: &[Vec<u8>], anchors: &[Vec<u8>], time: Millis) -> Result<TrustedSubject, Refusal> {
    ensure(
        !chain.is_empty() && chain.len() <= MAX_CHAIN,
        Code::Certificate,
        "chain of 1 to 4 certificates",
    )?;
    let refuse = |e: webpki::Error| Refusal::new(Code::Certificate, e.to_string());
    let certificates: Vec<CertificateDer<'_>> = chain
        .iter()
        .map(|der| CertificateDer::from(der.as_slice()))
        .collect();
    let roots: Vec<CertificateDer<'_>> = anchors
        .iter()
        .map(|der| CertificateDer::from(der.as_slice()))
        .collect();
    let roots = roots
        .iter()
        .map(anchor_from_trusted_cert)
        .collect::<Result<Vec<_>, _>>()
        .map_err(refuse)?;
    let leaf = EndEntityCert::try_from(&certificates[0]).map_err(refuse)?;
    leaf.verify_for_usage(
        &[webpki::ring::ECDSA_P256_SHA256],
        &roots,
        &certificates[1..],
        UnixTime::since_unix_epoch(Duration::from_millis(time)),
        KeyUsage::client_auth(),
        None,
        None,
    )
    .map_err(refuse)?;
    Ok(TrustedSubject(Subject::read(&chain[0])?))
}
