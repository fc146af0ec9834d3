//! TLS 1.3, P-256 and Ed25519, and nothing else.

use crate::fixture::{Fixture, client_of};
use rcgen::{CertificateParams, KeyPair, PKCS_ECDSA_P384_SHA384, PKCS_ED25519};
use rustls_pki_types::PrivatePkcs8KeyDer;

#[test]
fn tls_1_2_is_refused() {
    let fixture = Fixture::start();
    let old = client_of(fixture.tls(None, &[&rustls::version::TLS12]));
    assert!(old.get(fixture.url("/v1/health")).send().is_err());
    let both = client_of(fixture.tls(None, &[&rustls::version::TLS12, &rustls::version::TLS13]));
    assert_eq!(both.get(fixture.url("/v1/health")).send().unwrap().status(), 200);
}

#[test]
fn keys_of_other_kinds_are_refused_in_the_handshake() {
    let fixture = Fixture::start();
    for (algorithm, taken) in [(&PKCS_ECDSA_P384_SHA384, false), (&PKCS_ED25519, true)] {
        let key = KeyPair::generate_for(algorithm).unwrap();
        let certificate = CertificateParams::default().self_signed(&key).unwrap();
        let pkcs8 = PrivatePkcs8KeyDer::from(key.serialize_der());
        let client = fixture.raw(Some((vec![certificate.der().clone()], pkcs8)));
        let answer = client.get(fixture.record("feed")).send();
        // A client without a fitting key may go on without a certificate: then it is nobody.
        let nobody = answer.as_ref().is_ok_and(|answer| answer.status() == 401);
        assert!(answer.is_err() || nobody);
        if taken {
            assert!(nobody, "Ed25519 is a log witness's, which reads no feed");
        }
    }
}

#[test]
fn plain_http_gets_nothing() {
    let fixture = Fixture::start();
    let client = client_of(fixture.tls(None, &[&rustls::version::TLS13]));
    assert!(
        client
            .get(format!("http://{}/v1/health", fixture.address))
            .send()
            .is_err()
    );
}

#[test]
fn a_centre_of_another_ca_is_not_believed() {
    use client::http_link::{HttpLink, HttpSetting};
    use client::link::Link as _;
    let fixture = Fixture::start();
    let link = HttpLink::connect(HttpSetting {
        base_url: fixture.url(""),
        ca_roots: vec![crate::fixture::Authority::new().root],
        identity: Some(fixture.clerk_identity()),
        server_name: None,
    })
    .unwrap();
    assert!(matches!(link.record_list(), Err(client::ClientError::Line(_))));
}
