//! TLS 1.3 with rustls and ring. A client certificate is optional and vouches for nothing but its key: the
//! handshake proves that the caller holds it, and the record says what that key may do. Evaluation keys are
//! self-signed and pinned by their binding (protocol 3).

use centre::Principal;
use record::PublicKey;
use rustls::client::danger::HandshakeSignatureValid;
use rustls::crypto::{CryptoProvider, WebPkiSupportedAlgorithms, ring as provider, verify_tls13_signature};
use rustls::server::NoServerSessionStorage;
use rustls::server::danger::{ClientCertVerified, ClientCertVerifier};
use rustls::{
    CertificateError, DigitallySignedStruct, DistinguishedName, Error, ServerConfig, SignatureScheme,
};
use rustls_pki_types::{CertificateDer, PrivateKeyDer, UnixTime};
use std::sync::Arc;
use webpki::EndEntityCert;
use webpki::ring::{ECDSA_P256_SHA256, ED25519};

/// SubjectPublicKeyInfo up to the point: id-ecPublicKey on prime256v1, 66-byte bit string (RFC 5480).
const P256_PREFIX: [u8; 26] = [
    0x30, 0x59, 0x30, 0x13, 0x06, 0x07, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01, 0x06, 0x08, 0x2a, 0x86,
    0x48, 0xce, 0x3d, 0x03, 0x01, 0x07, 0x03, 0x42, 0x00,
];
/// SubjectPublicKeyInfo up to the key: id-Ed25519 (RFC 8410).
const ED25519_PREFIX: [u8; 12] = [
    0x30, 0x2a, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x03, 0x21, 0x00,
];
/// Longest certificate of a caller, bytes; function certificates have at most 4096 (`evaluation::certificates`).
const MAX_CERTIFICATE: usize = 8192;

static ALGORITHMS: WebPkiSupportedAlgorithms = WebPkiSupportedAlgorithms {
    all: &[ECDSA_P256_SHA256, ED25519],
    mapping: &[
        (SignatureScheme::ECDSA_NISTP256_SHA256, &[ECDSA_P256_SHA256]),
        (SignatureScheme::ED25519, &[ED25519]),
    ],
};

/// The caller that a certificate names: by its P-256 or Ed25519 key. `None` for any other key and for bytes that
/// are no certificate.
pub fn principal_of(certificate: &CertificateDer<'_>) -> Option<Principal> {
    if certificate.len() > MAX_CERTIFICATE {
        return None;
    }
    let certificate = EndEntityCert::try_from(certificate).ok()?;
    let info = certificate.subject_public_key_info();
    if let Some(point) = info.strip_prefix(&P256_PREFIX[..]) {
        let point: [u8; 65] = point.try_into().ok()?;
        return (point[0] == 0x04).then_some(Principal::Key(PublicKey(point)));
    }
    let key = info.strip_prefix(&ED25519_PREFIX[..])?;
    Some(Principal::Witness(key.try_into().ok()?))
}

/// Accepts every well-formed certificate of a P-256 or Ed25519 key that signed the handshake.
#[derive(Debug)]
struct AnyKey;

impl ClientCertVerifier for AnyKey {
    fn client_auth_mandatory(&self) -> bool {
        false
    }

    fn root_hint_subjects(&self) -> &[DistinguishedName] {
        &[]
    }

    fn verify_client_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        _intermediates: &[CertificateDer<'_>],
        _now: UnixTime,
    ) -> Result<ClientCertVerified, Error> {
        match principal_of(end_entity) {
            Some(_) => Ok(ClientCertVerified::assertion()),
            None => Err(Error::InvalidCertificate(CertificateError::BadEncoding)),
        }
    }

    fn verify_tls12_signature(
        &self,
        _message: &[u8],
        _cert: &CertificateDer<'_>,
        _dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        Err(Error::General("TLS 1.3 only".to_owned()))
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        verify_tls13_signature(message, cert, dss, &ALGORITHMS)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        ALGORITHMS.supported_schemes()
    }
}

/// The server's side: TLS 1.3 alone, HTTP/1.1, no resumption, so that every connection proves its key anew.
///
/// # Errors
/// When key and certificate do not fit.
pub fn server_config(
    chain: Vec<CertificateDer<'static>>,
    key: PrivateKeyDer<'static>,
) -> Result<ServerConfig, Error> {
    let provider: Arc<CryptoProvider> = Arc::new(provider::default_provider());
    let mut config = ServerConfig::builder_with_provider(provider)
        .with_protocol_versions(&[&rustls::version::TLS13])?
        .with_client_cert_verifier(Arc::new(AnyKey))
        .with_single_cert(chain, key)?;
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    config.session_storage = Arc::new(NoServerSessionStorage {});
    config.send_tls13_tickets = 0;
    Ok(config)
}
