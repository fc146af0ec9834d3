//! Who calls: a key, and a certificate that names nobody.

use crate::error::ClientError;
use rcgen::{
    CertificateParams, DistinguishedName, DnType, ExtendedKeyUsagePurpose, KeyPair, KeyUsagePurpose,
    PKCS_ECDSA_P256_SHA256, PKCS_ED25519, SerialNumber, SignatureAlgorithm,
};
use rustls_pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer};
use sealing::ed25519::Ed25519Key;
use sealing::sign::SigningKeyPair;
use zeroize::Zeroizing;

/// Common name of every certificate made here (protocol 3: nothing that travels names anyone).
const NAME: &str = "conclave";
/// PKCS #8 of an Ed25519 key up to its seed (RFC 8410, 7).
const ED25519_PKCS8: [u8; 16] = [
    0x30, 0x2e, 0x02, 0x01, 0x00, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x04, 0x22, 0x04, 0x20,
];

/// A TLS client's key with its certificate chain.
pub struct TlsIdentity {
    chain: Vec<CertificateDer<'static>>,
    key: PrivatePkcs8KeyDer<'static>,
}

impl TlsIdentity {
    /// An evaluation key, a role or a booth: the record pins the key itself.
    ///
    /// # Errors
    /// [`ClientError::Format`] when the certificate can't be made.
    pub fn self_signed(key: &SigningKeyPair) -> Result<Self, ClientError> {
        let (certificate, key) = self_signed(key)?;
        Ok(Self {
            chain: vec![certificate],
            key,
        })
    }

    /// A key with its certified chain (DER, leaf first): clerks before the record exists.
    ///
    /// # Errors
    /// [`ClientError::Format`] for an empty chain. A leaf of another key is refused by [`super::HttpLink::connect`].
    pub fn with_chain(key: &SigningKeyPair, chain: &[Vec<u8>]) -> Result<Self, ClientError> {
        if chain.is_empty() {
            return Err(ClientError::Format("a chain has a certificate".to_owned()));
        }
        Ok(Self {
            chain: chain
                .iter()
                .map(|der| CertificateDer::from(der.clone()))
                .collect(),
            key: PrivatePkcs8KeyDer::from(key.pkcs8().expose().to_vec()),
        })
    }

    /// A log witness's cosigning key.
    ///
    /// # Errors
    /// [`ClientError::Format`] when the certificate can't be made.
    pub fn witness(key: &Ed25519Key) -> Result<Self, ClientError> {
        let (certificate, key) = self_signed_witness(key)?;
        Ok(Self {
            chain: vec![certificate],
            key,
        })
    }

    pub(super) fn into_parts(self) -> (Vec<CertificateDer<'static>>, PrivateKeyDer<'static>) {
        (self.chain, PrivateKeyDer::Pkcs8(self.key))
    }
}

/// A certificate and the private key, as TLS takes them.
pub type Certified = (CertificateDer<'static>, PrivatePkcs8KeyDer<'static>);

/// A self-signed certificate of a P-256 key: CN `conclave`, a random serial, no host names, valid from 1975 to 4096
/// (the record says how long the key counts).
///
/// # Errors
/// [`ClientError::Format`] when it can't be made.
pub fn self_signed(key: &SigningKeyPair) -> Result<Certified, ClientError> {
    certify(key.pkcs8().expose(), &PKCS_ECDSA_P256_SHA256)
}

/// The same of an Ed25519 key.
///
/// # Errors
/// [`ClientError::Format`] when it can't be made.
pub fn self_signed_witness(key: &Ed25519Key) -> Result<Certified, ClientError> {
    let pkcs8 = Zeroizing::new([&ED25519_PKCS8[..], key.seed().expose()].concat());
    certify(&pkcs8, &PKCS_ED25519)
}

fn certify(pkcs8: &[u8], algorithm: &'static SignatureAlgorithm) -> Result<Certified, ClientError> {
    let format = |e: rcgen::Error| ClientError::Format(e.to_string());
    let key = PrivatePkcs8KeyDer::from(pkcs8.to_vec());
    let pair = KeyPair::from_pkcs8_der_and_sign_algo(&key, algorithm).map_err(format)?;
    let mut serial = [0; 16];
    getrandom::fill(&mut serial).map_err(|e| ClientError::Format(e.to_string()))?;
    serial[0] &= 0x7f; // positive, as RFC 5280, 4.1.2.2 wants
    let mut name = DistinguishedName::new();
    name.push(DnType::CommonName, NAME);
    let mut params = CertificateParams::default();
    params.distinguished_name = name;
    params.serial_number = Some(SerialNumber::from_slice(&serial));
    params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
    params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ClientAuth];
    let certificate = params.self_signed(&pair).map_err(format)?;
    Ok((certificate.der().clone(), key))
}
