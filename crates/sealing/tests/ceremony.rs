//! The round-key ceremony against honest and dishonest holders, on both curves.

mod common;

use common::{Ceremony, CounterRandom, agree_with};
use conclave_sealing::ceremony::{
    CombineFault, Complaint, ComplaintFault, Deal, DealFault, OutcomeFault, Quorum, ReceiveFault, Receiver,
    RoundSecret, check_deal, combine, deals_digest, outcome, receive_shares,
};
use conclave_sealing::curve::{Curve, P256, Point, Scalar, SecretScalar};
use conclave_sealing::hpke;
use conclave_sealing::provider::KeyError;
use p256::elliptic_curve::Group;
use proptest::prelude::*;

on_both_curves!(
    every_quorum_opens_and_no_smaller_group_does,
    wrong_sub_share_is_complained_about,
    undecryptable_sub_share_is_complained_about,
    wrong_number_of_commitments_is_refused,
    forged_proof_of_possession_is_refused,
    rogue_key_of_the_last_dealer_is_refused,
    deal_under_another_dealer_or_context_is_refused,
    missing_or_repeated_dealer_is_refused,
    bad_sub_share_lists_are_refused,
    bad_share_at_release_is_named_and_skipped,
    one_holder_counts_once,
    published_secret_is_checked,
    digest_covers_every_field,
    deal_survives_json_and_odd_forms_do_not,
);

fn complaint(dealer: u8, fault: ComplaintFault) -> ReceiveFault {
    ReceiveFault::Complaint(Complaint { dealer, fault })
}

/// The info of a sub-share, written out from the format.
fn share_info(context: &[u8], dealer: u8, to: u8) -> Vec<u8> {
    let length = u32::try_from(context.len()).expect("short").to_be_bytes();
    [&b"conclave/subshare/v1\0"[..], &length, context, &[dealer, to]].concat()
}

fn replace_share<C: Curve>(ceremony: &mut Ceremony<C>, dealer: u8, to: u8, plaintext: &[u8]) {
    let info = share_info(&ceremony.context, dealer, to);
    let key = ceremony.public()[usize::from(to) - 1];
    let mut random = CounterRandom::new("replaced");
    let sealed = hpke::seal(&key, &info, b"", plaintext, &mut random).expect("seal");
    let share = &mut ceremony.deals[usize::from(dealer) - 1].shares[usize::from(to) - 1];
    (share.enc, share.ct) = (sealed.enc, sealed.ct);
}

fn every_quorum_opens_and_no_smaller_group_does<C: Curve>() {
    for (n, t) in [(2, 2), (3, 2), (5, 3)] {
        let ceremony = Ceremony::<C>::new(n, t, "honest");
        let round_key = ceremony.round_key();
        let shares = ceremony.shares();
        for share in &shares {
            let expected = round_key.verification_of(share.holder());
            assert_eq!(Some(&share.verification()), expected);
        }
        let released: Vec<_> = shares.iter().map(|s| (s.holder(), s.reveal())).collect();
        let all = combine(&round_key, &released).expect("all").secret.reveal();
        for group in 0u32..1 << n {
            let group: Vec<_> = released
                .iter()
                .filter(|(holder, _)| group >> (holder - 1) & 1 == 1)
                .copied()
                .collect();
            let have = u8::try_from(group.len()).expect("few");
            match combine(&round_key, &group) {
                Ok(combined) => {
                    assert!(have >= t);
                    assert_eq!(combined.secret.reveal(), all);
                    assert!(combined.bad.is_empty());
                }
                Err(fault) => {
                    assert!(have < t);
                    assert_eq!(fault, CombineFault::TooFew { bad: vec![], have });
                }
            }
        }
        let x = SecretScalar::<C>::from_bytes(&all).expect("scalar");
        assert_eq!(x.public(), round_key.y);
    }
}

fn wrong_sub_share_is_complained_about<C: Curve>() {
    let mut ceremony = Ceremony::<C>::new(3, 2, "wrong share");
    let other = SecretScalar::<C>::random(&mut CounterRandom::new("other"));
    let plaintext = *other.to_secret_bytes().expose();
    replace_share(&mut ceremony, 2, 3, &plaintext);
    let fault = complaint(2, ComplaintFault::Mismatch);
    assert_eq!(ceremony.receive(3).expect_err("complains"), fault);
    // Nobody else can see it: that is why all must acknowledge.
    assert!(ceremony.receive(1).is_ok());
    assert!(ceremony.receive(2).is_ok());
}

fn undecryptable_sub_share_is_complained_about<C: Curve>() {
    let fault = complaint(1, ComplaintFault::Undecryptable);
    let mut flipped = Ceremony::<C>::new(3, 2, "flipped");
    flipped.deals[0].shares[1].ct[0] ^= 1;
    assert_eq!(flipped.receive(2).expect_err("complains"), fault);

    let mut swapped = Ceremony::<C>::new(3, 2, "swapped");
    let first = swapped.deals[0].shares[0].clone();
    (swapped.deals[0].shares[1].enc, swapped.deals[0].shares[1].ct) = (first.enc, first.ct);
    assert_eq!(swapped.receive(2).expect_err("complains"), fault);

    let mut off_curve = Ceremony::<C>::new(3, 2, "off curve");
    off_curve.deals[0].shares[1].enc[64] ^= 1;
    assert_eq!(off_curve.receive(2).expect_err("complains"), fault);

    let mut not_scalar = Ceremony::<C>::new(3, 2, "not a scalar");
    replace_share(&mut not_scalar, 1, 2, &[0xff; 32]);
    assert_eq!(not_scalar.receive(2).expect_err("complains"), fault);
}

fn wrong_number_of_commitments_is_refused<C: Curve>() {
    for t in [2, 4] {
        let other = Ceremony::<C>::new(5, t, "other threshold");
        let quorum = Quorum::new(5, 3).expect("quorum");
        let fault = check_deal(&other.context, &other.deals[0], quorum);
        assert_eq!(fault, Err(DealFault::Commitments));
    }
}

fn forged_proof_of_possession_is_refused<C: Curve>() {
    let ceremony = Ceremony::<C>::new(3, 2, "forged");
    let one = Scalar::<C>::from_bytes(&{
        let mut one = [0; 32];
        one[31] = 1;
        one
    })
    .expect("scalar");
    let mut forgeries = vec![ceremony.deals[0].clone(); 4];
    forgeries[0].proof.c = one;
    forgeries[1].proof.z = one;
    forgeries[2].proof = ceremony.deals[1].proof.clone();
    forgeries[3].commitments.swap(0, 1);
    for forged in forgeries {
        let fault = check_deal(&ceremony.context, &forged, ceremony.quorum);
        assert_eq!(fault, Err(DealFault::Proof));
    }
}

/// The last dealer chooses its constant commitment so that the sum is a key it knows.
fn rogue_key_of_the_last_dealer_is_refused<C: Curve>() {
    let mut ceremony = Ceremony::<C>::new(3, 2, "rogue");
    let known = SecretScalar::<C>::random(&mut CounterRandom::new("known"));
    let group = |point: &Point<C>| -> C::ProjectivePoint {
        use p256::elliptic_curve::sec1::{FromSec1Point, Sec1Point};
        let encoded = Sec1Point::<C>::from_bytes(point.to_bytes()).expect("point");
        Option::<C::AffinePoint>::from(C::AffinePoint::from_sec1_point(&encoded))
            .expect("on the curve")
            .into()
    };
    let others = group(&ceremony.deals[0].commitments[0]) + group(&ceremony.deals[1].commitments[0]);
    let rogue = group(&known.public()) - others;
    assert!(!bool::from(rogue.is_identity()));
    let encoded: C::AffinePoint = rogue.into();
    use p256::elliptic_curve::sec1::ToSec1Point;
    let rogue = Point::from_bytes(encoded.to_sec1_point(false).as_bytes()).expect("point");
    ceremony.deals[2].commitments[0] = rogue;
    let refused = outcome(&ceremony.context, &ceremony.deals, ceremony.quorum);
    let fault = DealFault::Proof;
    assert_eq!(refused, Err(OutcomeFault::Deal { dealer: 3, fault }));
}

fn deal_under_another_dealer_or_context_is_refused<C: Curve>() {
    let ceremony = Ceremony::<C>::new(3, 2, "replay");
    let mut swapped = ceremony.deals.clone();
    (swapped[0].dealer, swapped[1].dealer) = (2, 1);
    swapped.swap(0, 1);
    let refused = outcome(&ceremony.context, &swapped, ceremony.quorum);
    let fault = DealFault::Proof;
    assert_eq!(refused, Err(OutcomeFault::Deal { dealer: 1, fault }));

    let refused = outcome(b"another round", &ceremony.deals, ceremony.quorum);
    assert_eq!(refused, Err(OutcomeFault::Deal { dealer: 1, fault }));

    let mut stranger = ceremony.deals[0].clone();
    for dealer in [0, 4] {
        stranger.dealer = dealer;
        let fault = check_deal(&ceremony.context, &stranger, ceremony.quorum);
        assert_eq!(fault, Err(DealFault::Dealer));
    }
}

fn missing_or_repeated_dealer_is_refused<C: Curve>() {
    let mut ceremony = Ceremony::<C>::new(3, 2, "missing");
    let deals = ceremony.deals.clone();
    let lists = [
        deals[..2].to_vec(),
        vec![deals[0].clone(), deals[1].clone(), deals[1].clone()],
        vec![deals[1].clone(), deals[0].clone(), deals[2].clone()],
        [&deals[..], &deals[..1]].concat(),
        vec![],
    ];
    for list in lists {
        let refused = outcome(&ceremony.context, &list, ceremony.quorum);
        assert_eq!(refused, Err(OutcomeFault::Dealers));
        ceremony.deals = list;
        assert_eq!(ceremony.receive(1).expect_err("refused"), ReceiveFault::Dealers);
    }
}

fn bad_sub_share_lists_are_refused<C: Curve>() {
    let ceremony = Ceremony::<C>::new(3, 2, "lists");
    let mut lists = vec![ceremony.deals[0].clone(); 4];
    lists[0].shares.pop();
    lists[1].shares.swap(0, 1);
    lists[2].shares[2].to = 2;
    lists[3].shares[0].ct.push(0);
    for list in lists {
        let fault = check_deal(&ceremony.context, &list, ceremony.quorum);
        assert_eq!(fault, Err(DealFault::Shares));
    }
}

fn bad_share_at_release_is_named_and_skipped<C: Curve>() {
    let ceremony = Ceremony::<C>::new(3, 2, "release");
    let round_key = ceremony.round_key();
    let mut released: Vec<_> = ceremony
        .shares()
        .iter()
        .map(|s| (s.holder(), s.reveal()))
        .collect();
    let x = combine(&round_key, &released).expect("all").secret.reveal();
    released[0].1[31] ^= 1;
    let combined = combine(&round_key, &released).expect("two are good");
    assert_eq!((combined.secret.reveal(), combined.bad), (x, vec![1]));

    released[2] = (7, released[2].1);
    let (bad, have) = (vec![1, 7], 1);
    assert_eq!(
        combine(&round_key, &released).expect_err("one is good"),
        CombineFault::TooFew { bad, have }
    );
    for unusable in [[0; 32], [0xff; 32]] {
        let fault = combine(&round_key, &[(1, unusable)]).expect_err("none is good");
        let (bad, have) = (vec![1], 0);
        assert_eq!(fault, CombineFault::TooFew { bad, have });
    }
}

fn one_holder_counts_once<C: Curve>() {
    let ceremony = Ceremony::<C>::new(3, 2, "once");
    let round_key = ceremony.round_key();
    let share = ceremony.receive(2).expect("share");
    let twice = [(2, share.reveal()), (2, share.reveal())];
    let fault = combine(&round_key, &twice).expect_err("one holder");
    let (bad, have) = (vec![], 1);
    assert_eq!(fault, CombineFault::TooFew { bad, have });
}

fn published_secret_is_checked<C: Curve>() {
    let ceremony = Ceremony::<C>::new(3, 2, "published");
    let mut round_key = ceremony.round_key();
    let shares = ceremony.shares();
    let released: Vec<_> = shares.iter().map(|s| (s.holder(), s.reveal())).collect();
    let x = combine(&round_key, &released).expect("all").secret.reveal();
    assert!(RoundSecret::from_published(&x, &round_key.y).is_ok());
    let mut wrong = x;
    wrong[31] ^= 1;
    assert!(RoundSecret::from_published(&wrong, &round_key.y).is_err());
    assert!(RoundSecret::from_published(&x, &round_key.verification[0]).is_err());

    round_key.y = round_key.verification[0];
    let fault = combine(&round_key, &released).expect_err("another key");
    assert_eq!(fault, CombineFault::Inconsistent);
}

fn digest_covers_every_field<C: Curve>() {
    let deals = Ceremony::<C>::new(3, 2, "digest").deals;
    let digest = deals_digest(&deals);
    let other = Ceremony::<C>::new(3, 2, "another digest").deals;
    type Change<C> = fn(&mut Deal<C>, &Deal<C>);
    let changes: [Change<C>; 8] = [
        |d, _| d.dealer = 9,
        |d, o| d.commitments[1] = o.commitments[1],
        |d, _| d.commitments.truncate(1),
        |d, o| d.proof.c = o.proof.c,
        |d, o| d.proof.z = o.proof.z,
        |d, _| d.shares[0].to = 9,
        |d, o| d.shares[0].enc = o.shares[0].enc,
        |d, _| d.shares[0].ct[0] ^= 1,
    ];
    for change in changes {
        let mut changed = deals.clone();
        change(&mut changed[1], &other[1]);
        assert_ne!(deals_digest(&changed), digest);
    }
    assert_ne!(deals_digest(&deals[..2]), digest);
    assert_eq!(deals_digest(&deals), digest);
}

fn deal_survives_json_and_odd_forms_do_not<C: Curve>() {
    let deal = Ceremony::<C>::new(2, 2, "json").deals.remove(0);
    let json = serde_json::to_string(&deal).expect("json");
    let back: Deal<C> = serde_json::from_str(&json).expect("reads back");
    assert_eq!(back, deal);
    let enc = hex::encode(deal.shares[0].enc);
    let odd = [
        json.replacen("\"dealer\":1", "\"dealer\":1,\"dealer\":1", 1),
        json.replacen("\"dealer\":1", "\"dealer\":1,\"more\":1", 1),
        json.replacen("\"dealer\":1", "\"dealer\":1.0", 1),
        json.replacen(&enc, &enc.to_uppercase(), 1),
        json.replacen(&enc, &enc[..128], 1),
        json.replacen("[\"04", "[\"06", 1),
        json.replacen("\"c\":\"", "\"c\":\"00", 1),
    ];
    for odd in odd {
        assert!(serde_json::from_str::<Deal<C>>(&odd).is_err(), "{odd}");
    }
}

#[test]
fn quorum_of_one_is_refused() {
    for (n, t) in [(0, 0), (1, 1), (3, 1), (2, 3), (3, 0)] {
        assert_eq!(Quorum::new(n, t), None, "{t} of {n}");
    }
}

#[test]
fn own_key_failing_is_not_a_complaint() {
    let ceremony = Ceremony::<P256>::new(2, 2, "key");
    let public = ceremony.public()[0];
    let me = Receiver {
        holder: 1,
        public: &public,
    };
    let receive = |agree: &mut conclave_sealing::provider::Agree<'_>| {
        receive_shares(&ceremony.context, ceremony.quorum, me, &ceremony.deals, agree).expect_err("refused")
    };
    let wrong_pin = receive(&mut |_| Err(KeyError::WrongPin));
    assert_eq!(wrong_pin, ReceiveFault::Key(KeyError::WrongPin));
    let mut stranger = agree_with(&ceremony.keys[1]);
    let fault = complaint(1, ComplaintFault::Undecryptable);
    assert_eq!(receive(&mut stranger), fault);
}

#[test]
fn secrets_do_not_print() {
    let ceremony = Ceremony::<P256>::new(2, 2, "print");
    let share = ceremony.receive(1).expect("share");
    let other = ceremony.receive(2).expect("share");
    let printed = format!("{share:?} {:?}", ceremony.keys[0]);
    assert_eq!(printed, "HolderShare(1, [secret]) [secret]");
    let released = [(1, share.reveal()), (2, other.reveal())];
    let combined = combine(&ceremony.round_key(), &released).expect("both");
    assert_eq!(format!("{:?}", combined.secret), "[secret]");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    /// Whatever subset releases and whatever part of it is bad: it opens exactly when t good
    /// shares are there, to the same secret, and the bad ones are named.
    #[test]
    fn release_depends_on_the_good_shares_only(
        (n, t) in (2u8..=5).prop_flat_map(|n| (Just(n), 2..=n)),
        present in any::<[bool; 5]>(),
        bad in any::<[bool; 5]>(),
        seed in "[a-z]{8}",
    ) {
        let ceremony = Ceremony::<P256>::new(n, t, &seed);
        let round_key = ceremony.round_key();
        let mut released = Vec::new();
        for share in ceremony.shares() {
            let index = usize::from(share.holder()) - 1;
            let mut bytes = share.reveal();
            if bad[index] {
                bytes[0] ^= 0x40;
            }
            if present[index] {
                released.push((share.holder(), bytes));
            }
        }
        let named: Vec<u8> = released
            .iter()
            .map(|(holder, _)| *holder)
            .filter(|holder| bad[usize::from(*holder) - 1])
            .collect();
        let good = u8::try_from(released.len() - named.len()).expect("few");
        match combine(&round_key, &released) {
            Ok(combined) => {
                prop_assert!(good >= t);
                prop_assert_eq!(combined.bad, named);
                let x = SecretScalar::<P256>::from_bytes(&combined.secret.reveal()).expect("scalar");
                prop_assert_eq!(x.public(), round_key.y);
            }
            Err(fault) => {
                prop_assert!(good < t);
                prop_assert_eq!(fault, CombineFault::TooFew { bad: named, have: good });
            }
        }
    }
}
