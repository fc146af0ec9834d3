//! Signatures, key files, HPKE against a peer implementation.

mod common;

use std::num::NonZeroU32;

use common::CounterRandom;
use conclave_sealing::curve::{P256, Point, SecretScalar};
use conclave_sealing::ed25519::{self, Ed25519Key};
use conclave_sealing::hpke::{self as own, HpkeError, Sealed};
use conclave_sealing::provider::{
    KeyError, KeyFile, KeyFileError, KeyProvider, Marking, Pin, Purpose, Unlocked,
};
use conclave_sealing::secret::SecretBytes;
use conclave_sealing::sign::{self, SigningKeyPair};
use hpke::{Deserializable, Kem, OpModeR, OpModeS, Serializable};
use proptest::prelude::*;
use ring::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair};

type PeerKem = hpke::kem::DhP256HkdfSha256;
type PeerKdf = hpke::kdf::HkdfSha256;
type PeerAead = hpke::aead::AesGcm256;

fn array<const N: usize>(hex: &str) -> [u8; N] {
    hex::decode(hex).expect("hex").try_into().expect("length")
}

fn pin(text: &str) -> Pin {
    Pin::new(text.to_owned())
}

fn iterations() -> NonZeroU32 {
    NonZeroU32::new(2).expect("not zero")
}

fn file(purpose: Purpose) -> KeyFile {
    let mut random = CounterRandom::new("key file");
    KeyFile::create(purpose, &pin("135790"), iterations(), &mut random)
}

/// RFC 6979, A.2.5, SHA-256. The s of "sample" is high there and is given in its low form here.
#[test]
fn signatures_match_rfc_6979() {
    let x = array("c9afa9d845ba75166b5c215767b1d6934e50c3db36e89b127b8a622b120f6721");
    let key = SigningKeyPair::from_secret(SecretScalar::from_bytes(&x).expect("scalar"));
    let public = array::<65>(
        "0460fed4ba255a9d31c961eb74c6356d68c049b8923b61fa6ce669622e60f29fb67903fe1008b8bc99a41ae9e95628bc64f2f1b20c2d7e9f5177a3c294d4462299",
    );
    assert_eq!(key.public_key(), public);
    let test = array::<64>(
        "f1abb023518351cd71d881567b1ea663ed3efcf6c5132b354f28d3b0b7d38367019f4113742a2b14bd25926b49c649155f267e60d3814b4c0cc84250e46f0083",
    );
    assert_eq!(key.sign(b"test"), test);
    let sample = array::<64>(
        "efd48b2aacb6a8fd1140dd9cd45e81d69d2c877b56aaf991c34d0ea84eaf3716f7cb1c942d657c41d436c7a1b6e29f65f3e900dbb9aff4064dc4ab2f843acda8",
    );
    assert!(!sign::verify(&public, b"sample", &sample), "a high s");
    let low = sign::normalise(&sample).expect("in range");
    assert_eq!(key.sign(b"sample"), low);
    assert!(sign::verify(&public, b"sample", &low));
    assert_eq!(low[..32], sample[..32]);
}

#[test]
fn signature_is_the_keys_over_the_message_only() {
    let mut random = CounterRandom::new("signatures");
    let (key, other) = (
        SigningKeyPair::generate(&mut random),
        SigningKeyPair::generate(&mut random),
    );
    let public = key.public_key();
    let signature = key.sign(b"message");
    assert!(sign::verify(&public, b"message", &signature));
    assert!(!sign::verify(&public, b"massage", &signature));
    assert!(!sign::verify(&other.public_key(), b"message", &signature));
    assert!(!sign::verify(&public[..64], b"message", &signature));
    assert!(!sign::verify(&public, b"message", &signature[..63]));
    assert!(!sign::verify(&public, b"message", &[0; 64]));
    for bit in 0..512 {
        let mut changed = signature;
        changed[bit / 8] ^= 1 << (bit % 8);
        assert!(!sign::verify(&public, b"message", &changed), "bit {bit}");
    }
    assert_eq!(sign::normalise(&[0; 64]), None);
}

#[test]
fn exported_key_is_read_by_a_tls_library() {
    let key = SigningKeyPair::generate(&mut CounterRandom::new("tls"));
    let random = ring::rand::SystemRandom::new();
    let pkcs8 = key.pkcs8();
    let read =
        EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, pkcs8.expose(), &random).expect("reads");
    assert_eq!(read.public_key().as_ref(), key.public_key());
    assert_eq!(format!("{pkcs8:?}"), "[secret]");
}

/// RFC 8032, 7.1, test 1.
#[test]
fn ed25519_matches_rfc_8032() {
    let seed = array("9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60");
    let key = Ed25519Key::from_seed(SecretBytes::new(seed));
    let public = array("d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a");
    assert_eq!(key.public(), public);
    let signature = array::<64>(
        "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b",
    );
    assert_eq!(key.sign(b""), signature);
    assert!(ed25519::verify(&public, b"", &key.sign(b"")));
    assert!(!ed25519::verify(&public, b"x", &key.sign(b"")));
    assert!(!ed25519::verify(&[1; 32], b"", &key.sign(b"")));
}

#[test]
fn key_file_opens_with_its_pin_only() {
    for purpose in [Purpose::Personal, Purpose::Function, Purpose::Witness] {
        let file = file(purpose);
        let back = KeyFile::parse(&file.to_bytes()).expect("reads back");
        assert_eq!(back, file);
        let wrong = back.unlock(&pin("135791")).expect_err("wrong PIN");
        assert_eq!(wrong, KeyError::WrongPin);
        let public = match back.unlock(&pin("135790")).expect("unlocks") {
            Unlocked::P256(key) => key.public_key().to_vec(),
            Unlocked::Ed25519(key) => key.public().to_vec(),
        };
        assert_eq!(public, back.public_bytes());
        assert_eq!(back.purpose(), purpose);
    }
}

#[test]
fn key_does_what_its_purpose_allows() {
    let message = b"message";
    let mut random = CounterRandom::new("peer");
    let peer = SecretScalar::<P256>::random(&mut random);
    let table = [
        (Purpose::Personal, true, false),
        (Purpose::Holder, false, true),
        (Purpose::Custodian, false, true),
        (Purpose::Vault, false, true),
        (Purpose::Bidder, true, true),
        (Purpose::Function, true, true),
    ];
    for (purpose, signs, agrees) in table {
        let key = file(purpose).provider().expect("P-256");
        assert_eq!(key.marking(), Marking::Development);
        match key.sign(&pin("135790"), message) {
            Ok(signature) => {
                assert!(signs, "{purpose:?}");
                assert!(sign::verify(&key.public_key(), message, &signature));
            }
            Err(error) => assert_eq!((error, signs), (KeyError::Purpose, false)),
        }
        match key.agree(&pin("135790"), &peer.public().to_bytes()) {
            Ok(shared) => {
                assert!(agrees, "{purpose:?}");
                let public = Point::from_bytes(&key.public_key()).expect("point");
                assert_eq!(shared.expose(), peer.agree(&public).expose());
            }
            Err(error) => assert_eq!((error, agrees), (KeyError::Purpose, false)),
        }
    }
    for purpose in [Purpose::Log, Purpose::Witness] {
        let file = file(purpose);
        assert_eq!(file.clone().provider().expect_err("Ed25519"), KeyError::Purpose);
        let key = file.unlock(&pin("135790")).expect("unlocks");
        assert_eq!(key.p256().expect_err("Ed25519"), KeyError::Purpose);
    }
    let holder = file(Purpose::Holder).provider().expect("P-256");
    let wrong = holder.agree(&pin("0"), &peer.public().to_bytes());
    assert_eq!(wrong.expect_err("wrong PIN"), KeyError::WrongPin);
    let off_curve = holder.agree(&pin("135790"), &[4; 65]);
    assert_eq!(off_curve.expect_err("no point"), KeyError::Point);
}

#[test]
fn changed_key_file_is_refused() {
    let text = String::from_utf8(file(Purpose::Holder).to_bytes()).expect("JSON");
    let field = |name| Err(KeyFileError::Field(name));
    let table = [
        ("conclave.keyfile/1", "conclave.keyfile/2", field("format")),
        (
            "\"development\": true",
            "\"development\": false",
            field("development"),
        ),
        ("\"p256\"", "\"ed25519\"", field("algorithm")),
        ("pbkdf2-hmac-sha256", "pbkdf2-hmac-sha1", field("kdf.name")),
        ("\"iterations\": 2", "\"iterations\": 0", field("kdf.iterations")),
        (
            "\"iterations\": 2",
            "\"iterations\": 10000001",
            field("kdf.iterations"),
        ),
        ("\"public\": \"04", "\"public\": \"05", field("public")),
    ];
    for (from, to, expected) in table {
        let changed = text.replacen(from, to, 1);
        assert_ne!(changed, text, "{from}");
        assert_eq!(KeyFile::parse(changed.as_bytes()), expected, "{to}");
    }
    let not_json = [
        text.replacen("{", "{\"more\": 1,", 1),
        text.replacen("{", "{\"purpose\": \"holder\",", 1),
        text.replacen("\"holder\"", "\"landlord\"", 1),
        text.replacen("\"salt\": \"", "\"salt\": \"00", 1),
        format!("{text}x"),
    ];
    for text in not_json {
        let refused = KeyFile::parse(text.as_bytes());
        assert!(matches!(refused, Err(KeyFileError::Json(_))), "{text}");
    }
    // What the ciphertext is bound to can't be changed either.
    let bound = [
        ("\"purpose\": \"holder\"", "\"purpose\": \"personal\""),
        ("\"iterations\": 2", "\"iterations\": 3"),
    ];
    for (from, to) in bound {
        let changed = KeyFile::parse(text.replacen(from, to, 1).as_bytes()).expect("well-formed");
        let refused = changed.unlock(&pin("135790")).expect_err("bound");
        assert_eq!(refused, KeyError::WrongPin);
    }
}

#[test]
fn pins_do_not_print() {
    assert_eq!(format!("{:?}", pin("135790")), "[secret]");
    let key = file(Purpose::Holder).unlock(&pin("135790")).expect("unlocks");
    assert!(format!("{key:?}").contains("[secret]"));
}

fn recipient() -> SecretScalar<P256> {
    SecretScalar::random(&mut CounterRandom::new("recipient"))
}

#[test]
fn hpke_refuses_bad_points_and_changes() {
    let secret = recipient();
    let public = secret.public().to_bytes();
    let mut random = CounterRandom::new("hpke");
    let sealed = own::seal(&public, b"info", b"aad", b"plaintext", &mut random).expect("seals");
    let open = |enc: &[u8; 65], info: &[u8], aad: &[u8], ct: &[u8]| own::open(&secret, enc, info, aad, ct);
    let Sealed { enc, ct } = &sealed;
    assert_eq!(open(enc, b"info", b"aad", ct).expect("opens"), b"plaintext");
    assert_eq!(open(enc, b"inf0", b"aad", ct), Err(HpkeError::Open));
    assert_eq!(open(enc, b"info", b"aa", ct), Err(HpkeError::Open));
    assert_eq!(open(enc, b"info", b"aad", &ct[1..]), Err(HpkeError::Open));
    assert_eq!(open(enc, b"info", b"aad", &[]), Err(HpkeError::Open));
    assert_eq!(open(&public, b"info", b"aad", ct), Err(HpkeError::Open));
    assert_eq!(open(&[4; 65], b"info", b"aad", ct), Err(HpkeError::Encapsulation));
    assert_eq!(open(&[0; 65], b"info", b"aad", ct), Err(HpkeError::Encapsulation));
    // The mirror image has the same shared x-coordinate, and is another encapsulation.
    let mirrored = mirror(enc);
    assert_eq!(open(&mirrored, b"info", b"aad", ct), Err(HpkeError::Open));
    let refused = own::seal(&[4; 65], b"", b"", b"", &mut random);
    assert_eq!(refused, Err(HpkeError::PublicKey));
    let back = Sealed::from_bytes(&sealed.to_bytes()).expect("splits");
    assert_eq!(back, sealed);
    assert_eq!(Sealed::from_bytes(&[4; 80]), None);
}

fn mirror(enc: &[u8; 65]) -> [u8; 65] {
    let x = &enc[1..33];
    let compressed = [&[2 + ((enc[64] & 1) ^ 1)], x].concat();
    let key = ::p256::PublicKey::from_sec1_bytes(&compressed).expect("mirror");
    use ::p256::elliptic_curve::sec1::ToSec1Point;
    let point = key.to_sec1_point(false);
    point.as_bytes().try_into().expect("65 bytes")
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(32))]

    #[test]
    fn hpke_peer_opens_what_we_seal(
        plaintext in prop::collection::vec(any::<u8>(), 0..300),
        info in prop::collection::vec(any::<u8>(), 0..100),
        aad in prop::collection::vec(any::<u8>(), 0..50),
        seed in "[a-z]{8}",
    ) {
        let secret = recipient();
        let public = secret.public().to_bytes();
        let mut random = CounterRandom::new(&seed);
        let sealed = own::seal(&public, &info, &aad, &plaintext, &mut random).expect("seals");
        let peer_secret =
            <PeerKem as Kem>::PrivateKey::from_bytes(secret.to_secret_bytes().expose())
                .expect("private key");
        let enc = <PeerKem as Kem>::EncappedKey::from_bytes(&sealed.enc).expect("enc");
        let opened = hpke::single_shot_open::<PeerAead, PeerKdf, PeerKem>(
            &OpModeR::Base, &peer_secret, &enc, &info, &sealed.ct, &aad,
        )
        .expect("the peer opens");
        prop_assert_eq!(opened, plaintext);
    }

    #[test]
    fn we_open_what_the_hpke_peer_seals(
        plaintext in prop::collection::vec(any::<u8>(), 0..300),
        info in prop::collection::vec(any::<u8>(), 0..100),
        aad in prop::collection::vec(any::<u8>(), 0..50),
    ) {
        let secret = recipient();
        let public = secret.public().to_bytes();
        let peer_public = <PeerKem as Kem>::PublicKey::from_bytes(&public).expect("public key");
        let (enc, ct) = hpke::single_shot_seal::<PeerAead, PeerKdf, PeerKem>(
            &OpModeS::Base, &peer_public, &info, &plaintext, &aad,
        )
        .expect("the peer seals");
        let enc: [u8; 65] = enc.to_bytes().as_slice().try_into().expect("65 bytes");
        let opened = own::open(&secret, &enc, &info, &aad, &ct).expect("opens");
        prop_assert_eq!(&opened, &plaintext);
        let shared = secret.agree(&Point::from_bytes(&enc).expect("point"));
        let opened = own::open_with_shared(&shared, &public, &enc, &info, &aad, &ct);
        prop_assert_eq!(opened.expect("opens"), plaintext);
    }
}
