//! A development certificate authority. Every certificate it issues says `DEVELOPMENT`, and a centre outside
//! development mode refuses them.

use crate::error::ClientError;
use evaluation::{DEVELOPMENT_MARK, Role};
use rcgen::{
    BasicConstraints, CertificateParams, DnType, ExtendedKeyUsagePurpose, IsCa, Issuer, KeyPair,
    KeyUsagePurpose, PKCS_ECDSA_P256_SHA256, PublicKeyData, SignatureAlgorithm, date_time_ymd,
};
use rustls_pki_types::PrivatePkcs8KeyDer;
use sealing::Random;
use sealing::sign::SigningKeyPair;

/// Certificates are valid in these years; a rehearsal's clock may stand anywhere between.
const YEARS: (i32, i32) = (2024, 2040);

/// A P-256 key to be certified.
struct PublicPoint([u8; 65]);

impl PublicKeyData for PublicPoint {
    fn der_bytes(&self) -> &[u8] {
        &self.0
    }

    fn algorithm(&self) -> &'static SignatureAlgorithm {
        &PKCS_ECDSA_P256_SHA256
    }
}

/// A development CA.
pub struct Authority {
    issuer: Issuer<'static, KeyPair>,
    root: Vec<u8>,
}

fn fault(error: rcgen::Error) -> ClientError {
    ClientError::Format(error.to_string())
}

fn key_pair(key: &SigningKeyPair) -> Result<KeyPair, ClientError> {
    let pkcs8 = key.pkcs8();
    let der = PrivatePkcs8KeyDer::from(pkcs8.expose().to_vec());
    KeyPair::from_pkcs8_der_and_sign_algo(&der, &PKCS_ECDSA_P256_SHA256).map_err(fault)
}

impl Authority {
    /// A new CA with its root certificate.
    ///
    /// # Errors
    /// A name that does not fit a certificate.
    pub fn new(name: &str, random: &mut dyn Random) -> Result<Self, ClientError> {
        let key = key_pair(&SigningKeyPair::generate(random))?;
        let mut params = params(name, DEVELOPMENT_MARK, name);
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
        let root = params.self_signed(&key).map_err(fault)?.der().to_vec();
        Ok(Self {
            issuer: Issuer::new(params, key),
            root,
        })
    }

    /// DER of the root: what goes into anchors.
    pub fn root(&self) -> &[u8] {
        &self.root
    }

    /// A certificate for a role (CN a pseudonym) or, for members, for a person (CN the name).
    ///
    /// # Errors
    /// A name that does not fit.
    pub fn certify(
        &self,
        common_name: &str,
        organisation: &str,
        role: Role,
        key: &[u8; 65],
    ) -> Result<Vec<u8>, ClientError> {
        let mut params = params(
            common_name,
            &format!("{} {DEVELOPMENT_MARK}", role.name()),
            organisation,
        );
        params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ClientAuth];
        let certificate = params
            .signed_by(&PublicPoint(*key), &self.issuer)
            .map_err(fault)?;
        Ok(certificate.der().to_vec())
    }

    /// A server certificate for host names or addresses.
    ///
    /// # Errors
    /// A name that does not fit.
    pub fn certify_server(&self, names: &[&str], key: &[u8; 65]) -> Result<Vec<u8>, ClientError> {
        let names: Vec<String> = names.iter().map(|name| (*name).to_owned()).collect();
        let mut params = params("centre", DEVELOPMENT_MARK, "centre");
        params.subject_alt_names = CertificateParams::new(names).map_err(fault)?.subject_alt_names;
        params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
        let certificate = params
            .signed_by(&PublicPoint(*key), &self.issuer)
            .map_err(fault)?;
        Ok(certificate.der().to_vec())
    }
}

fn params(common_name: &str, unit: &str, organisation: &str) -> CertificateParams {
    let mut params = CertificateParams::default();
    params.distinguished_name.push(DnType::CommonName, common_name);
    params
        .distinguished_name
        .push(DnType::OrganizationName, organisation);
    params
        .distinguished_name
        .push(DnType::OrganizationalUnitName, unit);
    params.not_before = date_time_ymd(YEARS.0, 1, 1);
    params.not_after = date_time_ymd(YEARS.1, 1, 1);
    params
}
