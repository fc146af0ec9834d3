//! Who is not known gets nothing.

use crate::fixture::{Fixture, act_of, key, site};
use client::Author;
use client::http_link::{Certified, TlsIdentity, self_signed, self_signed_witness};
use client::link::Link;
use client::{ClientError, ports::SystemRandom};
use evaluation::Role;
use protocol::{Access, COMMANDS, ErrorCode, Method};
use record::{DeviceId, Digest};
use rustls_pki_types::CertificateDer;
use sealing::ed25519::Ed25519Key;
use sealing::sign::SigningKeyPair;

fn raw(
    certified: Certified,
) -> (
    Vec<CertificateDer<'static>>,
    rustls_pki_types::PrivatePkcs8KeyDer<'static>,
) {
    (vec![certified.0], certified.1)
}

/// A body that the command takes, so that only the caller can be the reason of a refusal.
fn body(fixture: &Fixture, name: &str, caller: &SigningKeyPair) -> Vec<u8> {
    match name {
        "act_submit" | "record_create" => {
            let author = Author::new(SigningKeyPair::from_secret(clone(caller)), DeviceId([2; 16]));
            let act = act_of(
                &author,
                fixture.origin,
                "site.enrolled",
                &site("s"),
                fixture.seen(),
            );
            serde_json::to_vec(&act).unwrap()
        }
        "cosign" => br#"{"size":1,"note":""}"#.to_vec(),
        "replacement_ask" => br#"{"booth":"1","proposals":[]}"#.to_vec(),
        "blob_put" | "setup_blob_put" => b"blob".to_vec(),
        _ => Vec::new(),
    }
}

fn clone(key: &SigningKeyPair) -> sealing::curve::SecretScalar<sealing::curve::P256> {
    sealing::curve::SecretScalar::from_bytes(key.secret().to_secret_bytes().expose()).unwrap()
}

#[test]
fn a_caller_without_standing_is_refused_by_every_command_for_known_ones() {
    let fixture = Fixture::start();
    let stranger = key();
    let outsider = crate::fixture::Authority::new();
    let foreign = vec![outsider.certify("clerk-1", Role::Clerk, &stranger)];
    let witness = Ed25519Key::generate(&mut SystemRandom);
    let pkcs8 = || rustls_pki_types::PrivatePkcs8KeyDer::from(stranger.pkcs8().expose().to_vec());
    let ours = vec![fixture.authority.certify("expert-9", Role::Verifier, &stranger)];
    let der = |chain: &[Vec<u8>]| {
        chain
            .iter()
            .cloned()
            .map(CertificateDer::from)
            .collect::<Vec<_>>()
    };
    let callers = [
        ("no certificate", None),
        (
            "a self-signed certificate",
            Some(raw(self_signed(&stranger).unwrap())),
        ),
        ("a foreign CA's clerk", Some((der(&foreign), pkcs8()))),
        ("a certified key without a role", Some((der(&ours), pkcs8()))),
        (
            "a foreign log witness",
            Some(raw(self_signed_witness(&witness).unwrap())),
        ),
    ];
    for (who, certified) in callers {
        let client = fixture.raw(certified);
        for command in COMMANDS {
            if matches!(command.access, Access::Open | Access::Operator) {
                continue;
            }
            let own_ca = who == "a certified key without a role";
            if command.name == "record_list" && own_ca {
                continue; // certified people may ask before they have a record
            }
            if command.name == "witness_live" && who == "a foreign log witness" {
                continue; // may listen before its first record exists, and hears nothing (live.rs)
            }
            let body = body(&fixture, command.name, &stranger);
            let origin = fixture.origin.to_string();
            let path = command
                .path
                .replace("{origin}", &origin)
                .replace("{record}", &origin)
                .replace("{digest}", &Digest::of(&body).to_string())
                .replace("{size}", "0")
                .replace("{profile}", "public")
                .replace("{submission}", "s")
                .replace("{part}", "price");
            let request = match command.method {
                Method::Get => client.get(fixture.url(&path)),
                Method::Post => client.post(fixture.url(&path)).body(body),
                Method::Put => client.put(fixture.url(&path)).body(body),
            };
            let status = request.send().unwrap().status().as_u16();
            // After a restore the centre may not know its callers: there the quorum's note counts, which is missing.
            let keyed = who != "no certificate" && who != "a foreign log witness";
            if command.name == "leaves_return" && keyed {
                assert_eq!(status, 400, "{who} {}", command.name);
            } else {
                assert!(matches!(status, 401 | 403), "{who} {} {status}", command.name);
            }
        }
    }
}

#[test]
fn a_certified_key_without_a_record_has_an_empty_list() {
    let fixture = Fixture::start();
    let key = key();
    let chain = vec![fixture.authority.certify("verifier-9", Role::Verifier, &key)];
    let link = fixture.link(Some(TlsIdentity::with_chain(&key, &chain).unwrap()));
    assert_eq!(link.record_list().unwrap(), Vec::new());
    assert_eq!(fixture.clerk_link().record_list().unwrap().len(), 1);
}

#[test]
fn a_role_is_the_keys_and_not_the_certificates() {
    let fixture = Fixture::start();
    let supervisor = fixture.supervisor();
    let link = fixture.link(Some(TlsIdentity::self_signed(&supervisor).unwrap()));
    assert_eq!(
        link.feed(&fixture.origin, "").unwrap().items.len(),
        3,
        "two acts, one checkpoint"
    );
    let Err(ClientError::Centre(body)) = link.ingest_key(&fixture.origin) else {
        panic!("the ingest key is the clerk's");
    };
    assert_eq!(body.error, ErrorCode::Forbidden);
}
