//! Sealed sheets: what a well-behaved expert seals opens whole; everything else is a named fault.

mod common;

use common::{Ceremony, CounterRandom, agree_with};
use conclave_sealing::Suite;
use conclave_sealing::ceremony::{RoundSecret, combine};
use conclave_sealing::curve::{P256, SecretScalar};
use conclave_sealing::hpke;
use conclave_sealing::sheet::{
    Block, BlockCommitment, CustodyFault, FORMAT, MAX_CERTIFICATE, OpenedSheet, PersonalSignature, SealError,
    SheetContext, SheetFault, SheetHead, SheetParts, blob_length, block_commitment, content_digest,
    needed_size, open_custody, open_sheet, personal_message, seal_sheet,
};
use conclave_sealing::sign::{EvaluationKey, SigningKeyPair};
use proptest::prelude::*;

const SIZE: usize = 12 * 1024;

struct Round {
    secret: RoundSecret,
    context: SheetContext,
    key: EvaluationKey,
    personal: SigningKeyPair,
    custodians: Vec<SecretScalar<P256>>,
    blob: Vec<u8>,
}

impl Round {
    fn new() -> Self {
        let secret = round_secret("sheet");
        let mut random = CounterRandom::new("sheet keys");
        let key = EvaluationKey::generate(&mut random);
        let context = SheetContext {
            suite: Suite::P256,
            origin: [7; 16],
            instance: "score/technical/1".to_owned(),
            y: *secret.y(),
            line: "E3".to_owned(),
            evaluation_key: key.public_key(),
            rulebook: [9; 32],
        };
        let mut round = Round {
            secret,
            context,
            key,
            personal: SigningKeyPair::generate(&mut random),
            custodians: (0..2).map(|_| SecretScalar::random(&mut random)).collect(),
            blob: Vec::new(),
        };
        let blocks = blocks();
        let head = head(&blocks).to_bytes();
        round.blob = round.seal(&head, &blocks).expect("seals");
        round
    }

    fn custodian_keys(&self) -> Vec<[u8; 65]> {
        let public = |c: &SecretScalar<P256>| c.public().to_bytes();
        self.custodians.iter().map(public).collect()
    }

    fn personal(&self, head: &[u8], certificate: Vec<u8>) -> PersonalSignature {
        let text_digest = [5; 32];
        let message = personal_message(&content_digest(head), &text_digest);
        PersonalSignature {
            certificate,
            signature: self.personal.sign(&message),
            text_digest,
        }
    }

    fn seal(&self, head: &[u8], blocks: &[Block]) -> Result<Vec<u8>, SealError> {
        let parts = SheetParts {
            head,
            blocks,
            personal: &self.personal(head, b"a certificate".to_vec()),
            custodians: &self.custodian_keys(),
            sheet_size: SIZE,
        };
        let mut random = CounterRandom::new("sheet seal");
        seal_sheet(&self.context, &parts, &self.key, &mut random).map(|sealed| sealed.blob)
    }

    fn open(&self, blob: &[u8]) -> Result<OpenedSheet, SheetFault> {
        open_sheet(&self.secret, &self.context, blob, SIZE)
    }

    fn plaintext(&self) -> Vec<u8> {
        let secret = SecretScalar::from_bytes(&self.secret.reveal()).expect("scalar");
        let enc = self.blob[..65].try_into().expect("enc");
        hpke::open(&secret, &enc, &self.context.encode(), b"", &self.blob[65..]).expect("opens")
    }

    /// A blob an expert with a client of his own could send: any plaintext under the right key.
    fn forge(&self, plaintext: &[u8]) -> Vec<u8> {
        let mut random = CounterRandom::new("forge");
        let (y, info) = (self.context.y.to_bytes(), self.context.encode());
        let sealed = hpke::seal(&y, &info, b"", plaintext, &mut random).expect("seals");
        sealed.to_bytes()
    }
}

fn round_secret(seed: &str) -> RoundSecret {
    let ceremony = Ceremony::<P256>::new(3, 2, seed);
    let released: Vec<_> = ceremony
        .shares()
        .iter()
        .map(|s| (s.holder(), s.reveal()))
        .collect();
    combine(&ceremony.round_key(), &released).expect("opens").secret
}

fn blocks() -> Vec<Block> {
    let mut random = CounterRandom::new("blocks");
    ["B1", "B2", "B3"]
        .into_iter()
        .map(|bidder| {
            let bytes = format!("{{\"bidder\":\"{bidder}\",\"score\":\"87.5\"}}");
            Block::new(bidder.to_owned(), bytes.into_bytes(), &mut random)
        })
        .collect()
}

fn head(blocks: &[Block]) -> SheetHead {
    let line = |block: &Block| BlockCommitment {
        bidder: block.bidder.clone(),
        commitment: block.commitment(),
    };
    SheetHead {
        format: FORMAT.to_owned(),
        rulebook: [9; 32],
        instance: "score/technical/1".to_owned(),
        criteria: vec!["T1".to_owned(), "T2".to_owned()],
        supersedes: None,
        blocks: blocks.iter().map(line).collect(),
    }
}

#[test]
fn sheet_opens_whole() {
    let round = Round::new();
    let opened = round.open(&round.blob).expect("opens");
    let blocks = blocks();
    assert_eq!(opened.head, head(&blocks));
    assert_eq!(opened.digest, content_digest(&opened.head_bytes));
    for (opened, sealed) in opened.blocks.iter().zip(&blocks) {
        assert_eq!(opened.bidder, sealed.bidder);
        assert_eq!(opened.bytes, sealed.bytes);
        assert_eq!(opened.commitment(), sealed.commitment());
    }
    assert_eq!(round.blob.len(), blob_length(SIZE));
}

#[test]
fn sheets_of_a_round_are_of_one_length() {
    let round = Round::new();
    let none = head(&[]).to_bytes();
    assert_eq!(round.seal(&none, &[]).expect("seals").len(), round.blob.len());
    let mut random = CounterRandom::new("long");
    let long = [Block::new("B1".to_owned(), vec![b'x'; 2000], &mut random)];
    let head = head(&long).to_bytes();
    assert_eq!(round.seal(&head, &long).expect("seals").len(), round.blob.len());
}

#[test]
fn too_large_a_sheet_is_not_cut() {
    let round = Round::new();
    let mut random = CounterRandom::new("large");
    let large = [Block::new("B1".to_owned(), vec![b'x'; SIZE], &mut random)];
    let head = head(&large).to_bytes();
    let fault = round.seal(&head, &large).expect_err("too large");
    let needed = needed_size(head.len(), &[(2, SIZE)], 2);
    assert!(needed > SIZE);
    assert_eq!(fault, SealError::TooLarge { needed });
}

#[test]
fn sheet_opens_in_its_own_place_only() {
    let round = Round::new();
    let other = SigningKeyPair::generate(&mut CounterRandom::new("other"));
    let changes: [fn(&mut SheetContext, [u8; 65]); 5] = [
        |c, _| c.line = "E4".to_owned(),
        |c, _| c.instance = "score/technical/2".to_owned(),
        |c, _| c.origin = [8; 16],
        |c, _| c.rulebook = [8; 32],
        |c, key| c.evaluation_key = key,
    ];
    for change in changes {
        let mut context = round.context.clone();
        change(&mut context, other.public_key());
        let fault = open_sheet(&round.secret, &context, &round.blob, SIZE);
        assert_eq!(fault.expect_err("another place"), SheetFault::Decryption);
    }
    let other_round = round_secret("another round");
    let fault = open_sheet(&other_round, &round.context, &round.blob, SIZE);
    assert_eq!(fault.expect_err("another secret"), SheetFault::RoundKey);
    let mut context = round.context.clone();
    context.y = *other_round.y();
    let fault = open_sheet(&other_round, &context, &round.blob, SIZE);
    assert_eq!(fault.expect_err("another round"), SheetFault::Decryption);
}

#[test]
fn context_fields_do_not_run_together() {
    let round = Round::new();
    let mut moved = round.context.clone();
    moved.instance.push('E');
    moved.line = "3".to_owned();
    assert_ne!(moved.encode(), round.context.encode());
}

#[test]
fn wrong_length_is_refused() {
    let round = Round::new();
    let longer = [&round.blob[..], &[0]].concat();
    for blob in [&round.blob[1..], &longer, &[]] {
        assert_eq!(round.open(blob).expect_err("length"), SheetFault::Length);
    }
}

#[test]
fn dishonest_plaintexts_are_named() {
    let round = Round::new();
    let good = round.plaintext();
    let inner = usize::try_from(u32::from_be_bytes(good[..4].try_into().expect("4"))).expect("32");
    let head_length = usize::try_from(u32::from_be_bytes(good[4..8].try_into().expect("4"))).expect("32");
    let blocks_at = 8 + head_length;
    let change = |at: usize| {
        let mut bytes = good.clone();
        bytes[at] ^= 1;
        bytes
    };
    let mut no_length = good.clone();
    no_length[..4].copy_from_slice(&[0xff; 4]);
    let mut trailing = good.clone();
    trailing[..4].copy_from_slice(&u32::try_from(inner + 1).expect("32").to_be_bytes());
    let table = [
        ("first byte of padding", change(4 + inner), SheetFault::Padding),
        ("last byte of padding", change(SIZE - 1), SheetFault::Padding),
        ("length", no_length, SheetFault::Layout),
        ("a byte after the signature", trailing, SheetFault::Layout),
        ("head's first byte", change(8), SheetFault::Head),
        ("number of blocks", change(blocks_at + 1), SheetFault::Layout),
        ("salt", change(blocks_at + 2), SheetFault::Commitment),
        ("bidder", change(blocks_at + 2 + 32 + 5), SheetFault::Blocks),
        (
            "block",
            change(blocks_at + 2 + 32 + 4 + 2 + 4 + 9),
            SheetFault::Commitment,
        ),
        (
            "number of copies",
            change(4 + inner - 64 - (1 + 2 * 4177)),
            SheetFault::Custody,
        ),
        ("custody", change(4 + inner - 64 - 1), SheetFault::InnerSignature),
        ("signature", change(4 + inner - 40), SheetFault::InnerSignature),
        ("all zero", vec![0; SIZE], SheetFault::Layout),
    ];
    assert!(round.open(&round.forge(&good)).is_ok());
    for (what, plaintext, fault) in table {
        let blob = round.forge(&plaintext);
        assert_eq!(round.open(&blob).expect_err(what), fault, "{what}");
    }
}

/// Heads that the sealing side refuses, put inside by a client of somebody's own.
#[test]
fn dishonest_heads_are_named() {
    let round = Round::new();
    type Change = fn(&mut SheetHead);
    let changes: [(Change, SheetFault); 6] = [
        (|h| h.rulebook = [1; 32], SheetFault::Rulebook),
        (|h| h.instance.push('x'), SheetFault::Instance),
        (|h| h.format.push('x'), SheetFault::Head),
        (|h| h.blocks.truncate(2), SheetFault::Blocks),
        (|h| h.blocks.swap(0, 1), SheetFault::Blocks),
        (|h| h.blocks[1] = h.blocks[0].clone(), SheetFault::Head),
    ];
    let good = round.plaintext();
    let length =
        |at: usize| usize::try_from(u32::from_be_bytes(good[at..at + 4].try_into().expect("4"))).expect("32");
    let (inner, old) = (length(0), length(4));
    for (change, fault) in changes {
        let mut changed = head(&blocks());
        change(&mut changed);
        let head = changed.to_bytes();
        let lp = |bytes: &[u8]| {
            let length = u32::try_from(bytes.len()).expect("short").to_be_bytes();
            [&length[..], bytes].concat()
        };
        let inner = [&lp(&head), &good[8 + old..4 + inner]].concat();
        let mut plaintext = lp(&inner);
        plaintext.resize(SIZE, 0);
        let opened = round.open(&round.forge(&plaintext));
        assert_eq!(opened.expect_err("refused"), fault, "{changed:?}");
    }
}

#[test]
fn changed_head_without_a_new_signature_is_refused() {
    let round = Round::new();
    let mut plaintext = round.plaintext();
    let at = plaintext
        .windows(4)
        .position(|w| w == b"\"T2\"")
        .expect("criterion");
    plaintext[at + 2] = b'3';
    let fault = round.open(&round.forge(&plaintext)).expect_err("refused");
    assert_eq!(fault, SheetFault::InnerSignature);
}

#[test]
fn sealing_refuses_what_opening_would() {
    let round = Round::new();
    let blocks = blocks();
    let good = head(&blocks);
    let seal = |head: &SheetHead| round.seal(&head.to_bytes(), &blocks).expect_err("refused");
    let mut changed = good.clone();
    changed.rulebook = [1; 32];
    assert_eq!(seal(&changed), SealError::Place);
    let mut changed = good.clone();
    changed.instance = "other".to_owned();
    assert_eq!(seal(&changed), SealError::Place);
    let mut changed = good.clone();
    changed.blocks[0].commitment[0] ^= 1;
    assert_eq!(seal(&changed), SealError::Blocks);
    let mut changed = good.clone();
    changed.blocks.pop();
    assert_eq!(seal(&changed), SealError::Blocks);
    let mut changed = good.clone();
    changed.format = "conclave.sheet/2".to_owned();
    assert_eq!(seal(&changed), SealError::Head);

    let mut parts = SheetParts {
        head: &good.to_bytes(),
        blocks: &blocks,
        personal: &round.personal(&good.to_bytes(), vec![1; MAX_CERTIFICATE + 1]),
        custodians: &round.custodian_keys(),
        sheet_size: SIZE,
    };
    let mut random = CounterRandom::new("refused");
    let mut seal = |parts: &SheetParts<'_>, key: &EvaluationKey| {
        seal_sheet(&round.context, parts, key, &mut random).expect_err("refused")
    };
    assert_eq!(seal(&parts, &round.key), SealError::Custody);
    assert_eq!(seal(&parts, &round.personal), SealError::EvaluationKey);
    let personal = round.personal(&good.to_bytes(), vec![1; MAX_CERTIFICATE]);
    parts.personal = &personal;
    parts.custodians = &[];
    assert_eq!(seal(&parts, &round.key), SealError::Custody);
    parts.custodians = &[[4; 65]];
    assert_eq!(seal(&parts, &round.key), SealError::Custody);
}

#[test]
fn custodians_alone_learn_who_signed() {
    let round = Round::new();
    let opened = round.open(&round.blob).expect("opens");
    let keys = round.custodian_keys();
    for (place, custodian) in round.custodians.iter().enumerate() {
        let mut agree = agree_with(custodian);
        let personal =
            open_custody(&opened.digest, &opened.custody, place, &keys[place], &mut agree).expect("opens");
        assert_eq!(
            personal,
            round.personal(&opened.head_bytes, b"a certificate".to_vec())
        );
        let person = round.personal.public_key();
        assert!(personal.verify(&person, &opened.digest));
        assert!(!personal.verify(&person, &[0; 32]));
        assert!(!personal.verify(&round.key.public_key(), &opened.digest));
        assert_eq!(format!("{personal:?}"), "PersonalSignature([secret])");
    }
    let mut agree = agree_with(&round.custodians[0]);
    let mut open = |digest: &[u8; 32], custody: &[u8], place: usize| {
        open_custody(digest, custody, place, &keys[0], &mut agree).expect_err("refused")
    };
    let (digest, custody) = (&opened.digest, &opened.custody);
    assert_eq!(open(digest, custody, 1), CustodyFault::Decryption);
    assert_eq!(open(digest, custody, 2), CustodyFault::Custodian);
    assert_eq!(open(&[0; 32], custody, 0), CustodyFault::Decryption);
    assert_eq!(open(digest, &custody[1..], 0), CustodyFault::Layout);
    assert_eq!(open(digest, &[], 0), CustodyFault::Layout);
    assert_eq!(open(digest, &[0], 0), CustodyFault::Layout);
}

#[test]
fn block_commitment_binds_bidder_bytes_and_salt() {
    let commitment = block_commitment(&[1; 32], "B1", b"2x");
    assert_ne!(commitment, block_commitment(&[1; 32], "B12", b"x"));
    assert_ne!(commitment, block_commitment(&[2; 32], "B1", b"2x"));
    assert_ne!(commitment, block_commitment(&[1; 32], "B1", b"2y"));
}

#[test]
fn head_is_read_strictly() {
    let good = String::from_utf8(head(&blocks()).to_bytes()).expect("JSON");
    assert!(SheetHead::parse(good.as_bytes()).is_some());
    let odd = [
        good.replacen("{", "{\"more\":1,", 1),
        good.replacen("\"supersedes\":null,", "", 1),
        good.replacen("\"instance\":", "\"instance\":\"x\",\"instance\":", 1),
        good.replacen("\"rulebook\":\"09", "\"rulebook\":\"0A", 1),
        good.replacen("\"rulebook\":\"09", "\"rulebook\":\"", 1),
        format!("{good} x"),
    ];
    for odd in odd {
        assert_eq!(SheetHead::parse(odd.as_bytes()), None, "{odd}");
    }
    let digest = "ab".repeat(32);
    let successor = good.replacen("null", &format!("\"{digest}\""), 1);
    let successor = SheetHead::parse(successor.as_bytes()).expect("reads");
    assert_eq!(successor.supersedes, Some([0xab; 32]));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]

    #[test]
    fn flipped_bit_is_refused(bit in 0..(65 + SIZE + 16) * 8) {
        let round = ROUND.with(std::rc::Rc::clone);
        let mut blob = round.blob.clone();
        blob[bit / 8] ^= 1 << (bit % 8);
        prop_assert_eq!(round.open(&blob).expect_err("refused"), SheetFault::Decryption);
    }

    #[test]
    fn any_blocks_come_back(
        contents in prop::collection::vec(prop::collection::vec(any::<u8>(), 0..200), 0..8),
    ) {
        let round = ROUND.with(std::rc::Rc::clone);
        let mut random = CounterRandom::new("any blocks");
        let blocks: Vec<Block> = contents
            .iter()
            .enumerate()
            .map(|(i, bytes)| Block::new(format!("B{i}"), bytes.clone(), &mut random))
            .collect();
        let blob = round.seal(&head(&blocks).to_bytes(), &blocks).expect("seals");
        let opened = round.open(&blob).expect("opens");
        let back: Vec<Vec<u8>> = opened.blocks.iter().map(|b| b.bytes.clone()).collect();
        prop_assert_eq!(back, contents);
    }
}

thread_local! {
    static ROUND: std::rc::Rc<Round> = std::rc::Rc::new(Round::new());
}

#[test]
fn every_bit_of_the_encapsulated_key_counts() {
    let round = Round::new();
    for bit in 0..65 * 8 {
        let mut blob = round.blob.clone();
        blob[bit / 8] ^= 1 << (bit % 8);
        let fault = round.open(&blob).expect_err("refused");
        assert_eq!(fault, SheetFault::Decryption, "bit {bit}");
    }
}
