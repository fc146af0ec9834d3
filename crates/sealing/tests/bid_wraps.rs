//! Wraps of file keys against copies, shifts and rubbish.

mod common;

use std::collections::BTreeSet;

use common::{Ceremony, CounterRandom, agree_with};
use conclave_sealing::bid::{
    FileKey, Ingest, Mode, PartId, Unwrapped, WrapContext, WrapFault, Wraps, check_partial_for_wrap,
    check_wrap, file_key, partial_for_wrap, unwrap_bidder, unwrap_quorum, wrap,
};
use conclave_sealing::ceremony::{CombineFault, HolderShare, RoundKey};
use conclave_sealing::curve::{P256, Point, SecretScalar};
use conclave_sealing::hpke;
use conclave_sealing::proofs::{Partial, SchnorrProof, partial_decrypt};
use conclave_sealing::provider::KeyError;
use p256::elliptic_curve::sec1::ToSec1Point;

fn id() -> PartId {
    PartId {
        origin: [1; 16],
        submission: [2; 16],
        part: "price".to_owned(),
    }
}

fn key(byte: u8) -> FileKey {
    FileKey::new([byte; 32])
}

struct Lot {
    shares: Vec<HolderShare>,
    round_key: RoundKey,
    ingest: SecretScalar<P256>,
    bidder: SecretScalar<P256>,
    context: WrapContext,
}

impl Lot {
    fn new() -> Self {
        let ceremony = Ceremony::<P256>::new(3, 2, "lot");
        let mut random = CounterRandom::new("lot keys");
        let round_key = ceremony.round_key();
        Lot {
            shares: ceremony.shares(),
            ingest: SecretScalar::random(&mut random),
            bidder: SecretScalar::random(&mut random),
            context: WrapContext {
                id: id(),
                y: round_key.y,
            },
            round_key,
        }
    }

    fn wrap(&self, mode: Mode) -> Wraps {
        let ingest = self.ingest.public().to_bytes();
        let bidder = self.bidder.public().to_bytes();
        let mut random = CounterRandom::new("wrap");
        wrap(&self.context, mode, &key(3), &ingest, &bidder, &mut random).expect("wraps")
    }

    fn partials(&self, wraps: &Wraps) -> Result<Vec<Partial>, WrapFault> {
        let mut random = CounterRandom::new("partials");
        let none = BTreeSet::new();
        self.shares
            .iter()
            .map(|share| partial_for_wrap(share, &self.context, wraps, &none, &mut random))
            .collect()
    }

    fn unwrap(&self, wraps: &Wraps, partials: &[Partial]) -> Result<Unwrapped, WrapFault> {
        self.unwrap_with(wraps, partials, &self.ingest)
    }

    fn unwrap_with(
        &self,
        wraps: &Wraps,
        partials: &[Partial],
        ingest: &SecretScalar<P256>,
    ) -> Result<Unwrapped, WrapFault> {
        let public = ingest.public().to_bytes();
        let mut agree = agree_with(ingest);
        let ingest = Ingest {
            public: &public,
            agree: &mut agree,
        };
        unwrap_quorum(&self.context, wraps, &self.round_key, partials, ingest)
    }

    fn unwrap_bidder(&self, wraps: &Wraps) -> Result<FileKey, WrapFault> {
        let public = self.bidder.public().to_bytes();
        let mut agree = agree_with(&self.bidder);
        unwrap_bidder(&self.context, wraps, &public, &mut agree)
    }
}

#[test]
fn modes_open_as_they_say() {
    let lot = Lot::new();
    for (mode, alone) in [(Mode::And, false), (Mode::Or, true)] {
        let wraps = lot.wrap(mode);
        assert_eq!(check_wrap(&lot.context, &wraps), Ok(()));
        let partials = lot.partials(&wraps).expect("answers");
        let quorum = lot.unwrap(&wraps, &partials[1..]).expect("two are enough");
        assert!(quorum.bad.is_empty());
        let bidder = lot.unwrap_bidder(&wraps).expect("opens");
        let both = file_key(mode, Some(&quorum.key), Some(&bidder)).expect("both");
        assert_eq!(both.expose(), key(3).expose());
        for (quorum, bidder) in [(Some(&quorum.key), None), (None, Some(&bidder))] {
            let one = file_key(mode, quorum, bidder);
            assert_eq!(one.is_some_and(|k| k.expose() == key(3).expose()), alone);
        }
        assert!(file_key(mode, None, None).is_none());
        if mode == Mode::And {
            assert_ne!(quorum.key.expose(), key(3).expose());
            assert_ne!(bidder.expose(), key(3).expose());
        }
    }
}

#[test]
fn bad_partials_are_named_and_skipped() {
    let lot = Lot::new();
    let wraps = lot.wrap(Mode::And);
    let mut partials = lot.partials(&wraps).expect("answers");
    partials[0].z = partials[1].z;
    assert_eq!(lot.unwrap(&wraps, &partials).expect("two").bad, [1]);
    partials[2].point = partials[1].point;
    let (bad, have) = (vec![1, 3], 1);
    assert_eq!(
        lot.unwrap(&wraps, &partials).expect_err("one"),
        WrapFault::Combine(CombineFault::TooFew { bad, have })
    );
    let (bad, have) = (vec![], 0);
    assert_eq!(
        lot.unwrap(&wraps, &[]).expect_err("none"),
        WrapFault::Combine(CombineFault::TooFew { bad, have })
    );
}

#[test]
fn partial_is_checked_with_its_wrap() {
    let lot = Lot::new();
    let wraps = lot.wrap(Mode::And);
    let partials = lot.partials(&wraps).expect("answers");
    let check = |context: &WrapContext, wraps: &Wraps, partial: &Partial| {
        check_partial_for_wrap(&lot.round_key, context, wraps, partial)
    };
    for partial in &partials {
        assert_eq!(check(&lot.context, &wraps, partial), Ok(()));
    }
    let named = |holder| {
        let (bad, have) = (vec![holder], 0);
        Err(WrapFault::Combine(CombineFault::TooFew { bad, have }))
    };
    let mut bad = partials[0].clone();
    bad.z = partials[1].z;
    assert_eq!(check(&lot.context, &wraps, &bad), named(1));
    for holder in [0, 2, 4] {
        let mut relabelled = partials[0].clone();
        relabelled.holder = holder;
        assert_eq!(check(&lot.context, &wraps, &relabelled), named(holder));
    }
    let mut changed = wraps.clone();
    changed.quorum.ct[0] ^= 1;
    let fault = check(&lot.context, &changed, &partials[0]);
    assert_eq!(fault, Err(WrapFault::Proof));
    let mut elsewhere = lot.context.clone();
    elsewhere.y = lot.round_key.verification[0];
    let fault = check(&elsewhere, &wraps, &partials[0]);
    assert_eq!(fault, Err(WrapFault::LotKey));
}

#[test]
fn wrap_copied_to_another_place_is_refused() {
    let lot = Lot::new();
    let wraps = lot.wrap(Mode::Or);
    let elsewhere = Ceremony::<P256>::new(3, 2, "another lot").round_key().y;
    let changes: [fn(&mut WrapContext, Point); 4] = [
        |c, _| c.id.submission = [9; 16],
        |c, _| c.id.origin = [9; 16],
        |c, _| c.id.part = "technical".to_owned(),
        |c, y| c.y = y,
    ];
    let mut random = CounterRandom::new("copied");
    for change in changes {
        let mut context = lot.context.clone();
        change(&mut context, elsewhere);
        assert_eq!(check_wrap(&context, &wraps), Err(WrapFault::Proof));
        let none = BTreeSet::new();
        let answer = partial_for_wrap(&lot.shares[0], &context, &wraps, &none, &mut random);
        assert_eq!(answer, Err(WrapFault::Proof));
        assert!(lot.unwrap_bidder(&wraps).is_ok());
        let public = lot.bidder.public().to_bytes();
        let mut agree = agree_with(&lot.bidder);
        let moved = unwrap_bidder(&context, &wraps, &public, &mut agree);
        assert_eq!(moved.expect_err("moved"), WrapFault::Bidder);
    }
}

#[test]
fn partials_of_one_wrap_do_not_open_another() {
    let lot = Lot::new();
    let wraps = lot.wrap(Mode::Or);
    let partials = lot.partials(&wraps).expect("answers");
    let mut other = Lot::new();
    other.context.id.submission = [9; 16];
    let other_wraps = other.wrap(Mode::Or);
    // Same ephemeral from the same source, another place: only the context tells them apart.
    assert_eq!(other_wraps.quorum.enc, wraps.quorum.enc);
    let fault = other.unwrap(&other_wraps, &partials).expect_err("refused");
    let (bad, have) = (vec![1, 2, 3], 0);
    assert_eq!(fault, WrapFault::Combine(CombineFault::TooFew { bad, have }));
}

/// The attack the proof is there for. The attacker takes E of a victim's wrap, submits
/// E' = E + δG as his own, gets x·E' from the holders, and subtracts δY to have x·E.
#[test]
fn shifted_wrap_is_refused() {
    let lot = Lot::new();
    let victim = lot.wrap(Mode::Or);
    let delta = SecretScalar::<P256>::random(&mut CounterRandom::new("delta"));
    let group = |point: &Point| {
        let key = p256::PublicKey::from_sec1_bytes(&point.to_bytes()).expect("point");
        key.to_projective()
    };
    let point = |point: p256::ProjectivePoint| {
        let encoded = point.to_affine().to_sec1_point(false);
        Point::<P256>::from_bytes(encoded.as_bytes()).expect("point")
    };
    let e = Point::from_bytes(&victim.quorum.enc).expect("point");
    let shifted = point(group(&e) + group(&delta.public()));

    // It would work on holders who answer for any point.
    let mut random = CounterRandom::new("attack");
    let share = &lot.shares[0];
    let answer = partial_decrypt(share, &shifted, b"", &mut random).point;
    let stolen = point(group(&answer) - group(&delta.multiply(&share.verification())));
    assert_eq!(stolen, partial_decrypt(share, &e, b"", &mut random).point);

    // The attacker's wrap: E', the victim's ciphertext or one of his own, and any proof he can make.
    let mut context = lot.context.clone();
    context.id.submission = [9; 16];
    let proofs = [
        victim.proof.clone(),
        SchnorrProof::prove(b"conclave/bid/ephemeral/v1\0", b"", &delta, &mut random),
    ];
    for proof in proofs {
        for flip in [0, 1] {
            let mut forged = Wraps {
                proof: proof.clone(),
                ..victim.clone()
            };
            forged.quorum.enc = shifted.to_bytes();
            forged.quorum.ct[0] ^= flip;
            let none = BTreeSet::new();
            let answer = partial_for_wrap(share, &context, &forged, &none, &mut random);
            assert_eq!(answer, Err(WrapFault::Proof));
            assert_eq!(check_wrap(&context, &forged), Err(WrapFault::Proof));
            let fault = lot.unwrap(&forged, &[]).expect_err("refused");
            assert_eq!(fault, WrapFault::Proof);
        }
    }
}

#[test]
fn ephemeral_that_occurred_is_refused() {
    let lot = Lot::new();
    let wraps = lot.wrap(Mode::And);
    let earlier = BTreeSet::from([wraps.ephemeral()]);
    let mut random = CounterRandom::new("reused");
    let answer = partial_for_wrap(&lot.shares[0], &lot.context, &wraps, &earlier, &mut random);
    assert_eq!(answer, Err(WrapFault::Reused));
    // The mirror image of E counts as the same.
    let mut mirrored = wraps.clone();
    let last = mirrored.quorum.enc[64] & 1;
    let compressed = [&[3 - last], &wraps.quorum.enc[1..33]].concat();
    let key = p256::PublicKey::from_sec1_bytes(&compressed).expect("point");
    let point = key.to_sec1_point(false);
    mirrored.quorum.enc = point.as_bytes().try_into().expect("65 bytes");
    assert_ne!(mirrored.quorum.enc, wraps.quorum.enc);
    assert_eq!(mirrored.ephemeral(), wraps.ephemeral());
}

#[test]
fn changed_wraps_are_refused() {
    let lot = Lot::new();
    let good = lot.wrap(Mode::And);
    type Change = fn(&mut Wraps);
    let changes: [(Change, WrapFault); 9] = [
        (|w| w.mode = Mode::Or, WrapFault::Proof),
        (|w| w.quorum.ct[0] ^= 1, WrapFault::Proof),
        (|w| w.quorum.ct.push(0), WrapFault::Layout),
        (|w| w.quorum.ct.truncate(20), WrapFault::Layout),
        (|w| w.bidder.ct.push(0), WrapFault::Layout),
        (|w| w.quorum.enc[64] ^= 1, WrapFault::Layout),
        (|w| w.bidder.enc[64] ^= 1, WrapFault::Layout),
        (|w| w.quorum.enc = w.bidder.enc, WrapFault::Proof),
        (|w| w.proof.c = w.proof.z, WrapFault::Proof),
    ];
    for (change, fault) in changes {
        let mut changed = good.clone();
        change(&mut changed);
        assert_eq!(check_wrap(&lot.context, &changed), Err(fault.clone()));
        assert_eq!(lot.partials(&changed), Err(fault));
    }
    let mut changed = good.clone();
    changed.bidder.ct[0] ^= 1;
    let fault = lot.unwrap_bidder(&changed).expect_err("refused");
    assert_eq!(fault, WrapFault::Bidder);
}

/// Wraps a bidder spoils himself: provably his fault, and the holders' answer stays usable proof.
#[test]
fn rubbish_inside_a_true_wrap_is_named() {
    let lot = Lot::new();
    let wraps = lot.wrap(Mode::And);
    let partials = lot.partials(&wraps).expect("answers");
    let stranger = SecretScalar::random(&mut CounterRandom::new("stranger"));
    let fault = lot.unwrap_with(&wraps, &partials, &stranger);
    assert_eq!(fault.expect_err("refused"), WrapFault::Ingest);

    // A true proof over a ciphertext that is rubbish.
    let ephemeral = SecretScalar::<P256>::random(&mut CounterRandom::new("rubbish"));
    let y = lot.context.y.to_bytes();
    let quorum = hpke::seal_with_ephemeral(&y, b"elsewhere", b"", &[0; 113], &ephemeral).expect("seals");
    let digest = <sha2::Sha256 as sha2::Digest>::digest(quorum.to_bytes());
    let part = lot.context.id.part.as_bytes();
    let length = u32::try_from(part.len()).expect("short").to_be_bytes();
    let place: [&[u8]; 9] = [
        b"conclave/bid/quorum/v1\0",
        &[1],
        &lot.context.id.origin,
        &lot.context.id.submission,
        &length,
        part,
        &[0],
        &y,
        &digest,
    ];
    let mut random = CounterRandom::new("rubbish proof");
    let domain = b"conclave/bid/ephemeral/v1\0";
    let proof = SchnorrProof::prove(domain, &place.concat(), &ephemeral, &mut random);
    let rubbish = Wraps {
        quorum,
        proof,
        ..wraps
    };
    let partials = lot.partials(&rubbish).expect("a true wrap is answered");
    let fault = lot.unwrap(&rubbish, &partials).expect_err("refused");
    assert_eq!(fault, WrapFault::Quorum);
}

#[test]
fn own_key_failing_is_nobodys_fault() {
    let lot = Lot::new();
    let wraps = lot.wrap(Mode::And);
    let public = lot.bidder.public().to_bytes();
    let fault = unwrap_bidder(&lot.context, &wraps, &public, &mut |_| Err(KeyError::WrongPin));
    assert_eq!(fault.expect_err("PIN"), WrapFault::Key(KeyError::WrongPin));
    let mut other = Lot::new();
    other.context.y = other.round_key.verification[0];
    let fault = other.unwrap(&wraps, &[]).expect_err("another key");
    assert_eq!(fault, WrapFault::LotKey);
}

#[test]
fn wraps_survive_json() {
    let wraps = Lot::new().wrap(Mode::And);
    let json = serde_json::to_string(&wraps).expect("json");
    assert!(json.starts_with("{\"mode\":\"and\",\"quorum\":{\"enc\":\"04"));
    assert_eq!(serde_json::from_str::<Wraps>(&json).expect("reads"), wraps);
    let more = json.replacen("{", "{\"more\":1,", 1);
    assert!(serde_json::from_str::<Wraps>(&more).is_err());
}
