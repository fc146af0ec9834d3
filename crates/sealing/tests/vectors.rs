//! The vectors in tests/vectors/sealing, made again and compared byte for byte. With
//! CONCLAVE_WRITE_VECTORS set they are written instead; a change of theirs is a change of format.

mod common;

use std::collections::BTreeSet;
use std::fs;
use std::num::NonZeroU32;
use std::path::Path;

use common::{Ceremony, CounterRandom, agree_with};
use conclave_sealing::Suite;
use conclave_sealing::bid::{
    FileKey, Ingest, Mode, PartId, WrapContext, Wraps, open_part, partial_for_wrap, seal_part, unwrap_bidder,
    unwrap_quorum, wrap,
};
use conclave_sealing::ceremony::{Deal, RoundKey, RoundSecret, combine, deals_digest};
use conclave_sealing::curve::{Curve, P256, Point, SecretScalar, Sm2};
use conclave_sealing::proofs::{Partial, SchnorrProof};
use conclave_sealing::provider::{KeyFile, Pin, Purpose, Unlocked};
use conclave_sealing::sheet::{
    Block, BlockCommitment, FORMAT, PersonalSignature, SheetContext, SheetHead, SheetParts, content_digest,
    open_sheet, personal_message, seal_sheet,
};
use conclave_sealing::sign::SigningKeyPair;
use serde::Serialize;

fn check<T: Serialize>(name: &str, vector: &T) {
    let mut made = serde_json::to_string_pretty(vector).expect("a struct of strings");
    made.push('\n');
    let directory = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/vectors/sealing");
    let path = directory.join(name);
    if std::env::var_os("CONCLAVE_WRITE_VECTORS").is_some() {
        fs::create_dir_all(&directory).expect("directory");
        fs::write(&path, &made).expect("written");
    }
    let stored = fs::read_to_string(&path).expect("the vector is in the repository");
    assert!(stored == made, "{name} differs from what this code makes");
}

#[derive(Serialize)]
#[serde(bound = "")]
struct CeremonyVector<C: Curve> {
    curve: &'static str,
    seed: &'static str,
    n: u8,
    t: u8,
    context: String,
    holder_secrets: Vec<String>,
    deals: Vec<Deal<C>>,
    deals_digest: String,
    round_key: RoundKey<C>,
    shares: Vec<String>,
    x: String,
}

fn ceremony<C: Curve>(seed: &'static str) -> CeremonyVector<C> {
    let ceremony = Ceremony::<C>::new(3, 2, seed);
    let round_key = ceremony.round_key();
    let shares: Vec<_> = ceremony
        .shares()
        .iter()
        .map(|s| (s.holder(), s.reveal()))
        .collect();
    let secret = combine(&round_key, &shares[1..]).expect("combines").secret;
    CeremonyVector {
        curve: C::NAME,
        seed,
        n: 3,
        t: 2,
        context: hex::encode(&ceremony.context),
        holder_secrets: ceremony.keys.iter().map(secret_hex).collect(),
        deals_digest: hex::encode(deals_digest(&ceremony.deals)),
        deals: ceremony.deals,
        round_key,
        shares: shares.iter().map(|(_, s)| hex::encode(s)).collect(),
        x: hex::encode(secret.reveal()),
    }
}

fn secret_hex<C: Curve>(secret: &SecretScalar<C>) -> String {
    hex::encode(secret.to_secret_bytes().expose())
}

#[test]
fn ceremonies() {
    check("ceremony-p256.json", &ceremony::<P256>("vector ceremony"));
    check("ceremony-sm2.json", &ceremony::<Sm2>("vector ceremony"));
}

#[derive(Serialize)]
struct ProofVector {
    curve: &'static str,
    seed: &'static str,
    secret: String,
    domain: &'static str,
    context: &'static str,
    public: String,
    c: String,
    z: String,
}

fn proof<C: Curve>() -> ProofVector {
    let seed = "vector proof";
    let mut random = CounterRandom::new(seed);
    let secret = SecretScalar::<C>::random(&mut random);
    let proof = SchnorrProof::prove(b"domain", b"context", &secret, &mut random);
    assert!(proof.verify(b"domain", b"context", &secret.public()));
    ProofVector {
        curve: C::NAME,
        seed,
        secret: secret_hex(&secret),
        domain: "domain",
        context: "context",
        public: hex::encode(secret.public().to_bytes()),
        c: hex::encode(proof.c.to_bytes()),
        z: hex::encode(proof.z.to_bytes()),
    }
}

#[test]
fn proofs() {
    check("schnorr.json", &[proof::<P256>(), proof::<Sm2>()]);
}

#[derive(Serialize)]
struct SheetVector {
    seed: &'static str,
    x: String,
    context: String,
    evaluation_secret: String,
    personal_public: String,
    custodian_secret: String,
    text_digest: String,
    certificate: String,
    head: String,
    blocks: Vec<BlockVector>,
    digest: String,
    personal_message: String,
    personal_signature: String,
    custody_commitment: String,
    sheet_size: usize,
    blob: String,
}

#[derive(Serialize)]
struct BlockVector {
    bidder: String,
    salt: String,
    bytes: String,
    commitment: String,
}

fn sheet_blocks(random: &mut CounterRandom) -> Vec<Block> {
    [("B1", "92.5"), ("B2", "80")]
        .into_iter()
        .map(|(bidder, score)| {
            let bytes = format!("{{\"scores\":{{\"T1\":\"{score}\"}}}}").into_bytes();
            Block::new(bidder.to_owned(), bytes, random)
        })
        .collect()
}

fn block_vector(block: &Block) -> BlockVector {
    BlockVector {
        bidder: block.bidder.clone(),
        salt: hex::encode(block.salt.expose()),
        bytes: String::from_utf8(block.bytes.clone()).expect("JSON"),
        commitment: hex::encode(block.commitment()),
    }
}

fn sheet_head(blocks: &[Block]) -> Vec<u8> {
    let line = |block: &Block| BlockCommitment {
        bidder: block.bidder.clone(),
        commitment: block.commitment(),
    };
    let head = SheetHead {
        format: FORMAT.to_owned(),
        rulebook: [0x33; 32],
        instance: "score/technical/1".to_owned(),
        criteria: vec!["T1".to_owned()],
        supersedes: None,
        blocks: blocks.iter().map(line).collect(),
    };
    head.to_bytes()
}

#[test]
fn sheet() {
    let seed = "vector sheet";
    let sheet_size = 8192;
    let mut random = CounterRandom::new(seed);
    let x = SecretScalar::<P256>::random(&mut random);
    let secret = RoundSecret::from_published(x.to_secret_bytes().expose(), &x.public());
    let key = SigningKeyPair::generate(&mut random);
    let personal_key = SigningKeyPair::generate(&mut random);
    let custodian = SecretScalar::<P256>::random(&mut random);
    let context = SheetContext {
        suite: Suite::P256,
        origin: [0x11; 16],
        instance: "score/technical/1".to_owned(),
        y: x.public(),
        line: "E3".to_owned(),
        evaluation_key: key.public_key(),
        rulebook: [0x33; 32],
    };
    let blocks = sheet_blocks(&mut random);
    let head = sheet_head(&blocks);
    let digest = content_digest(&head);
    let text_digest = [0x55; 32];
    let message = personal_message(&digest, &text_digest);
    let personal = PersonalSignature {
        certificate: b"certificate".to_vec(),
        signature: personal_key.sign(&message),
        text_digest,
    };
    let parts = SheetParts {
        head: &head,
        blocks: &blocks,
        personal: &personal,
        custodians: &[custodian.public().to_bytes()],
        sheet_size,
    };
    let sealed = seal_sheet(&context, &parts, &key, &mut random).expect("seals");
    let secret = secret.expect("its key");
    assert!(open_sheet(&secret, &context, &sealed.blob, sheet_size).is_ok());
    let vector = SheetVector {
        seed,
        x: secret_hex(&x),
        context: hex::encode(context.encode()),
        evaluation_secret: secret_hex(key.secret()),
        personal_public: hex::encode(personal_key.public_key()),
        custodian_secret: secret_hex(&custodian),
        text_digest: hex::encode(text_digest),
        certificate: hex::encode(&personal.certificate),
        head: String::from_utf8(head.clone()).expect("JSON"),
        blocks: blocks.iter().map(block_vector).collect(),
        digest: hex::encode(digest),
        personal_message: hex::encode(message),
        personal_signature: hex::encode(personal.signature),
        custody_commitment: hex::encode(sealed.custody),
        sheet_size,
        blob: hex::encode(&sealed.blob),
    };
    check("sheet.json", &vector);
}

#[derive(Serialize)]
struct BidVector {
    seed: &'static str,
    origin: String,
    submission: String,
    part: &'static str,
    file_key: String,
    plaintext: String,
    container: String,
    round_key: RoundKey,
    shares: Vec<String>,
    ingest_secret: String,
    bidder_secret: String,
    wraps: Vec<WrapVector>,
}

#[derive(Serialize)]
struct WrapVector {
    wraps: Wraps,
    partials: Vec<Partial>,
    quorum_half: String,
    bidder_half: String,
}

#[test]
fn bid() {
    let seed = "vector bid";
    let ceremony = Ceremony::<P256>::new(3, 2, seed);
    let round_key = ceremony.round_key();
    let mut random = CounterRandom::new("vector bid wraps");
    let ingest = SecretScalar::<P256>::random(&mut random);
    let bidder = SecretScalar::<P256>::random(&mut random);
    let key = FileKey::new([0x77; 32]);
    let id = PartId {
        origin: [0x11; 16],
        submission: [0x22; 16],
        part: "price".to_owned(),
    };
    let plaintext = "投标报价 1,234,567.89".as_bytes();
    let container = seal_part(&id, &key, plaintext, &mut random).expect("seals");
    assert_eq!(open_part(&key, &container, &id).expect("opens"), plaintext);
    let context = WrapContext { id, y: round_key.y };
    let shares = ceremony.shares();
    let keys = (&ingest.public().to_bytes(), &bidder.public().to_bytes());
    let wraps = [Mode::And, Mode::Or].map(|mode| {
        let wraps = wrap(&context, mode, &key, keys.0, keys.1, &mut random).expect("wraps");
        let none = BTreeSet::new();
        let partials: Vec<Partial> = shares[..2]
            .iter()
            .map(|s| partial_for_wrap(s, &context, &wraps, &none, &mut random).expect("answers"))
            .collect();
        let mut agree = agree_with(&ingest);
        let recipient = Ingest {
            public: keys.0,
            agree: &mut agree,
        };
        let quorum = unwrap_quorum(&context, &wraps, &round_key, &partials, recipient);
        let half = unwrap_bidder(&context, &wraps, keys.1, &mut agree_with(&bidder));
        WrapVector {
            wraps,
            partials,
            quorum_half: hex::encode(quorum.expect("opens").key.expose()),
            bidder_half: hex::encode(half.expect("opens").expose()),
        }
    });
    let vector = BidVector {
        seed,
        origin: hex::encode([0x11; 16]),
        submission: hex::encode([0x22; 16]),
        part: "price",
        file_key: hex::encode(key.expose()),
        plaintext: hex::encode(plaintext),
        container: hex::encode(&container),
        shares: shares.iter().map(|s| hex::encode(s.reveal())).collect(),
        round_key,
        ingest_secret: secret_hex(&ingest),
        bidder_secret: secret_hex(&bidder),
        wraps: wraps.into(),
    };
    check("bid.json", &vector);
}

#[derive(Serialize)]
struct KeyFileVector {
    seed: &'static str,
    pin: &'static str,
    secret: String,
    file: String,
}

#[test]
fn key_files() {
    let pin = "135790";
    let vectors = [Purpose::Personal, Purpose::Witness].map(|purpose| {
        let seed = "vector key file";
        let mut random = CounterRandom::new(seed);
        let iterations = NonZeroU32::new(1000).expect("not zero");
        let file = KeyFile::create(purpose, &Pin::new(pin.to_owned()), iterations, &mut random);
        let secret = match file.unlock(&Pin::new(pin.to_owned())).expect("unlocks") {
            Unlocked::P256(key) => secret_hex(key.secret()),
            Unlocked::Ed25519(key) => hex::encode(key.seed().expose()),
        };
        KeyFileVector {
            seed,
            pin,
            secret,
            file: String::from_utf8(file.to_bytes()).expect("JSON"),
        }
    });
    check("keyfile.json", &vectors);
}

#[test]
fn hashed_scalars() {
    #[derive(Serialize)]
    struct Hashed {
        curve: &'static str,
        tag: &'static str,
        input: &'static str,
        scalar: String,
    }
    fn hashed<C: Curve>() -> Hashed {
        let scalar = conclave_sealing::curve::hash_to_scalar::<C>(b"tag", &[b"input"]);
        Hashed {
            curve: C::NAME,
            tag: "tag",
            input: "input",
            scalar: hex::encode(scalar.to_bytes()),
        }
    }
    check("hash-to-scalar.json", &[hashed::<P256>(), hashed::<Sm2>()]);
    // The generator, so that the vectors fix the curve itself.
    let one = SecretScalar::<P256>::from_bytes(&std::array::from_fn(|i| u8::from(i == 31)));
    let generator = one.expect("scalar").public();
    assert_eq!(
        hex::encode(generator.to_bytes()),
        "046b17d1f2e12c4247f8bce6e563a440f277037d812deb33a0f4a13945d898c2964fe342e2fe1a7f9b8ee7eb4a7c0f9e162bce33576b315ececbb6406837bf51f5"
    );
    assert!(Point::<P256>::from_bytes(&generator.to_bytes()).is_ok());
}
