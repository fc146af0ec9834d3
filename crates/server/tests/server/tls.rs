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
        driven: false,
    })
    .unwrap();
    assert!(matches!(link.record_list(), Err(client::ClientError::Line(_))));
}

#[test]
fn who_sends_no_whole_head_or_handshake_is_put_out() {
    use std::io::{Read as _, Write as _};
    let fixture = Fixture::with(|limits| {
        limits.header_seconds = 1;
        limits.handshake_seconds = 1;
    });
    for (address, head) in [
        (fixture.operator, "GET /metrics HTTP/1.1\r\nHost: a\r\n"),
        (fixture.address, "\u{16}"),
    ] {
        let mut stream = std::net::TcpStream::connect(address).unwrap();
        stream.write_all(head.as_bytes()).unwrap();
        let mut answer = Vec::new();
        // Ends only when the server closes; whether it says why is its own affair.
        let _ = stream.read_to_end(&mut answer);
        assert!(!answer.starts_with(b"HTTP/1.1 200"));
    }
    assert!(fixture.healthy());
}

#[test]
fn connections_of_one_address_are_bounded() {
    use std::io::Read as _;
    let fixture = Fixture::with(|limits| limits.connections_per_address = 8);
    let held: Vec<_> = (0..8)
        .map(|_| std::net::TcpStream::connect(fixture.address).unwrap())
        .collect();
    let mut refused = std::net::TcpStream::connect(fixture.address).unwrap();
    let end = refused.read(&mut [0]);
    assert!(matches!(end, Ok(0) | Err(_)), "closed at once");
    drop(held);
}
