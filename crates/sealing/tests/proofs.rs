//! Proofs of knowledge and partial decryptions against forgeries, on both curves; point parsing.

mod common;

use common::{Ceremony, CounterRandom};
use conclave_sealing::ceremony::CombineFault;
use conclave_sealing::curve::{Curve, P256, Point, Scalar, SecretScalar, Sm2};
use conclave_sealing::proofs::{
    Partial, SchnorrProof, check_and_combine, check_partial, combine_partials, partial_decrypt,
};

on_both_curves!(
    schnorr_holds_for_its_own_claim_only,
    partial_holds_for_its_own_claim_only,
    partials_combine_to_the_shared_point,
    bad_partials_are_named,
    odd_point_encodings_are_refused,
    scalars_have_one_encoding,
);

fn secret<C: Curve>(seed: &str) -> SecretScalar<C> {
    SecretScalar::random(&mut CounterRandom::new(seed))
}

fn schnorr_holds_for_its_own_claim_only<C: Curve>() {
    let (x, other) = (secret::<C>("x"), secret::<C>("other"));
    let mut random = CounterRandom::new("proof");
    let proof = SchnorrProof::prove(b"domain", b"context", &x, &mut random);
    assert!(proof.verify(b"domain", b"context", &x.public()));
    assert!(!proof.verify(b"domain2", b"context", &x.public()));
    assert!(!proof.verify(b"domain", b"context2", &x.public()));
    // Bytes moved across the border between domain and context.
    assert!(!proof.verify(b"domainc", b"ontext", &x.public()));
    assert!(!proof.verify(b"domain", b"context", &other.public()));
    let again = SchnorrProof::prove(b"domain", b"context", &x, &mut random);
    assert_ne!(again, proof, "nonces differ");
    let mixed = [
        SchnorrProof {
            c: again.c,
            ..proof.clone()
        },
        SchnorrProof {
            z: again.z,
            ..proof.clone()
        },
        SchnorrProof { c: zero(), z: zero() },
        SchnorrProof { c: zero(), ..proof },
    ];
    for mixed in mixed {
        assert!(!mixed.verify(b"domain", b"context", &x.public()));
    }
}

fn zero<C: Curve>() -> Scalar<C> {
    Scalar::from_bytes(&[0; 32]).expect("zero is a public scalar")
}

fn partial_holds_for_its_own_claim_only<C: Curve>() {
    let ceremony = Ceremony::<C>::new(3, 2, "partial");
    let share = ceremony.receive(1).expect("share");
    let (vk, e) = (share.verification(), secret::<C>("e").public());
    let mut random = CounterRandom::new("partial proof");
    let partial = partial_decrypt(&share, &e, b"context", &mut random);
    let good = check_partial(&partial, &vk, &e, b"context").expect("good");
    assert_eq!(good.holder(), 1);

    let other = secret::<C>("other").public();
    let again = partial_decrypt(&share, &e, b"context", &mut random);
    type Change<C> = fn(&mut Partial<C>, &Partial<C>, Point<C>);
    let changes: [Change<C>; 6] = [
        |p, _, _| p.holder = 2,
        |p, _, other| p.point = other,
        |p, again, _| p.c = again.c,
        |p, again, _| p.z = again.z,
        |p, _, _| (p.c, p.z) = (zero(), zero()),
        |p, _, _| p.c = zero(),
    ];
    for change in changes {
        let mut forged = partial.clone();
        change(&mut forged, &again, other);
        assert!(check_partial(&forged, &vk, &e, b"context").is_none());
    }
    assert!(check_partial(&partial, &other, &e, b"context").is_none());
    assert!(check_partial(&partial, &vk, &other, b"context").is_none());
    assert!(check_partial(&partial, &vk, &e, b"another").is_none());

    // A true partial decryption of another point, passed off for this one.
    let elsewhere = partial_decrypt(&share, &other, b"context", &mut random);
    assert!(check_partial(&elsewhere, &vk, &e, b"context").is_none());
}

fn partials_combine_to_the_shared_point<C: Curve>() {
    let ceremony = Ceremony::<C>::new(5, 3, "combine");
    let round_key = ceremony.round_key();
    let ephemeral = secret::<C>("ephemeral");
    let e = ephemeral.public();
    // The sender's side of the same ECDH.
    let expected = *ephemeral.agree(&round_key.y).expose();
    let mut random = CounterRandom::new("combine proofs");
    let checked: Vec<_> = ceremony
        .shares()
        .iter()
        .map(|share| {
            let partial = partial_decrypt(share, &e, b"", &mut random);
            check_partial(&partial, &share.verification(), &e, b"").expect("good")
        })
        .collect();
    for group in [[0, 1, 2], [4, 2, 0], [1, 3, 4]] {
        let group: Vec<_> = group.iter().map(|i| checked[*i].clone()).collect();
        let shared = combine_partials(&group, 3).expect("three");
        assert_eq!(*shared.expose(), expected);
    }
    let twice = [checked[0].clone(), checked[1].clone(), checked[1].clone()];
    let (bad, have) = (vec![], 2);
    let fault = combine_partials(&twice, 3).expect_err("two");
    assert_eq!(fault, CombineFault::TooFew { bad, have });
}

fn bad_partials_are_named<C: Curve>() {
    let ceremony = Ceremony::<C>::new(3, 2, "named");
    let round_key = ceremony.round_key();
    let ephemeral = secret::<C>("ephemeral");
    let e = ephemeral.public();
    let mut random = CounterRandom::new("named proofs");
    let mut partials: Vec<_> = ceremony
        .shares()
        .iter()
        .map(|share| partial_decrypt(share, &e, b"", &mut random))
        .collect();
    partials[1].point = e;
    let (shared, bad) = check_and_combine(&round_key, &partials, &e, b"").expect("two good");
    assert_eq!(shared.expose(), ephemeral.agree(&round_key.y).expose());
    assert_eq!(bad, [2]);
    partials[0].holder = 9;
    let fault = check_and_combine(&round_key, &partials, &e, b"").expect_err("one good");
    let (bad, have) = (vec![9, 2], 1);
    assert_eq!(fault, CombineFault::TooFew { bad, have });
}

fn odd_point_encodings_are_refused<C: Curve>() {
    let good = secret::<C>("point").public().to_bytes();
    assert_eq!(Point::<C>::from_bytes(&good).expect("good").to_bytes(), good);
    let first = |byte: u8| {
        let mut bytes = good;
        bytes[0] = byte;
        bytes.to_vec()
    };
    let mut off_curve = good;
    off_curve[64] ^= 1;
    let mut out_of_range = [0xff; 65];
    out_of_range[0] = 4;
    let mut zeros = [0; 65];
    zeros[0] = 4;
    let compressed = [&[2 + (good[64] & 1)], &good[1..33]].concat();
    let odd = [
        first(0),
        first(2),
        first(3),
        first(5),
        first(6),
        first(7),
        off_curve.to_vec(),
        out_of_range.to_vec(),
        zeros.to_vec(),
        compressed,
        vec![0],
        vec![],
        [&good[..], &[0]].concat(),
    ];
    for bytes in odd {
        assert!(Point::<C>::from_bytes(&bytes).is_err(), "{bytes:02x?}");
    }
}

fn scalars_have_one_encoding<C: Curve>() {
    assert!(Scalar::<C>::from_bytes(&[0xff; 32]).is_err());
    assert!(SecretScalar::<C>::from_bytes(&[0; 32]).is_err());
    // The order itself, one less and one more.
    use p256::elliptic_curve::PrimeField;
    let minus_one: [u8; 32] = {
        use p256::elliptic_curve::Field;
        let bytes = (-C::Scalar::ONE).to_repr();
        bytes.into()
    };
    assert!(Scalar::<C>::from_bytes(&minus_one).is_ok());
    let mut order = minus_one;
    order[31] += 1;
    assert!(Scalar::<C>::from_bytes(&order).is_err());
}

/// x-coordinates not below the field prime must not be read modulo it.
#[test]
fn coordinates_have_one_encoding() {
    // On P-256 the point with x = 5 exists; p + 5 fits 32 bytes.
    let y = "459243b9aa581806fe913bce99817ade11ca503c64d9a3c533415c083248fbcc";
    let x = "0000000000000000000000000000000000000000000000000000000000000005";
    let moved = "ffffffff00000001000000000000000000000001000000000000000000000004";
    let bytes = |x: &str| hex::decode(format!("04{x}{y}")).expect("hex");
    assert!(Point::<P256>::from_bytes(&bytes(x)).is_ok());
    assert!(Point::<P256>::from_bytes(&bytes(moved)).is_err());
}

#[test]
fn proof_of_one_curve_means_nothing_on_the_other() {
    let bytes = *secret::<P256>("both").to_secret_bytes().expose();
    let on_sm2 = SecretScalar::<Sm2>::from_bytes(&bytes).expect("scalar");
    let on_p256 = SecretScalar::<P256>::from_bytes(&bytes).expect("scalar");
    let mut random = CounterRandom::new("both proofs");
    let proof = SchnorrProof::prove(b"", b"", &on_p256, &mut random);
    let moved = SchnorrProof::<Sm2> {
        c: Scalar::from_bytes(&proof.c.to_bytes()).expect("scalar"),
        z: Scalar::from_bytes(&proof.z.to_bytes()).expect("scalar"),
    };
    assert!(!moved.verify(b"", b"", &on_sm2.public()));
}
