//! Keys: substituted, of a foreign CA, not acknowledged, badly dealt, badly released.

use super::bidding;
use super::support::{
    assert_sound, bid_acts, checked, finish, go, kind, nobody, own_key, payload, refusal, signed, turns,
    unsound, world,
};
use client::bidding::check_bundle;
use client::checks::{check_key, check_trust};
use client::rehearsal::{Authority, HolderPart, Part, Post, Progress, Seated};
use client::{ClientError, Desk};
use conclave_simulation::{Seeded, World};
use evaluation::acts::ceremony::{KeyComplained, KeyDealt, LOT_KEY};
use evaluation::acts::rounds::ShareReleased;
use evaluation::acts::setup::RoleAssigned;
use protocol::ErrorCode;
use record::{Body, Digest, Entry, Leaf};
use sealing::ceremony::{self, Deal};
use sealing::curve::{P256, SecretScalar};
use sealing::hpke;
use sealing::sign::SigningKeyPair;

/// The entry of a deal with another deal in it, signed by whoever the forger likes.
fn forged_deal(world: &World, signer: Option<&SigningKeyPair>) -> (usize, Entry) {
    let bundle = nobody(world)
        .bundle(&world.cast.origin)
        .expect("the lot key is complete");
    let ceremony = world
        .state()
        .ceremony(LOT_KEY)
        .expect("a ceremony")
        .setting
        .clone();
    let keys: Vec<[u8; 65]> = ceremony
        .holders
        .iter()
        .map(|holder| holder.encryption_key.0)
        .collect();
    let deal: Deal<P256> = ceremony::deal(
        &ceremony.context.0,
        2,
        ceremony.quorum().expect("2 of 3"),
        &keys,
        &mut Seeded::new(1, "forged"),
    )
    .expect("a deal by somebody who is no holder");
    let of = |entry: &Entry| {
        let body = Body::parse(&entry.disclosed.as_ref()?.body).ok()?;
        let dealt: KeyDealt = serde_json::from_value(body.core.payload.clone()).ok()?;
        (body.core.kind == "key.dealt" && dealt.deal.dealer == 2).then_some(body)
    };
    let (place, body) = bundle
        .entries
        .iter()
        .enumerate()
        .find_map(|(place, entry)| Some((place, of(entry)?)))
        .expect("holder 2 dealt");
    let mut core = body.core;
    core.payload = serde_json::to_value(KeyDealt { deal }).expect("JSON");
    let mut entry = bundle.entries[place].clone();
    let forged = match signer {
        Some(key) => {
            core.actor = record::PublicKey(key.public_key());
            let body = Body::new(core, body.attachments).expect("fits");
            let salt = record::Salt([1; 32]);
            let (header, commitment) = (record::Header::of(&body), record::commit_body(&salt, &body.bytes));
            let signature = record::Signature(key.sign(&record::signing_input(&header, &commitment)));
            entry.leaf = Leaf::Header {
                header,
                commitment,
                signature,
            };
            record::Disclosed {
                salt,
                body: body.bytes,
            }
        }
        None => {
            let body = Body::new(core, body.attachments).expect("fits");
            record::Disclosed {
                salt: entry.disclosed.as_ref().expect("open").salt,
                body: body.bytes,
            }
        }
    };
    entry.disclosed = Some(forged);
    (place, entry)
}

#[test]
fn a_deal_swapped_by_the_centre_is_refused_before_anything_is_sealed() {
    let world = bidding();
    let anchors = world.bidder("bidder-A").anchors.clone();
    let bundle = nobody(&world)
        .bundle(&world.cast.origin)
        .expect("the lot key is complete");
    check_bundle(&bundle, anchors.clone()).expect("the true one is sound");

    let mut swapped = bundle.clone();
    let (place, entry) = forged_deal(&world, None);
    swapped.entries[place] = entry;
    unsound(check_bundle(&swapped, anchors.clone()), "leaf");

    let mut made_up = bundle.clone();
    let key = SigningKeyPair::generate(&mut Seeded::new(2, "not a holder"));
    let (place, entry) = forged_deal(&world, Some(&key));
    made_up.entries[place] = entry;
    unsound(check_bundle(&made_up, anchors.clone()), "C-108");

    // A whole record of the centre's own making, under keys of nobody anchored.
    let other = super::support::world(51, |_| ());
    let mut other = other;
    go(&mut other, |world| bid_acts(world) > 0);
    let foreign = nobody(&other).bundle(&other.cast.origin).expect("complete");
    unsound(check_bundle(&foreign, anchors.clone()), "checkpoint");

    // A record cut short before the ceremony ended.
    let mut short = bundle;
    short.entries.truncate(place);
    checked(check_bundle(&short, anchors), "not cosigned");
}

/// The clerk's plan with holder 2's certificate issued by an authority that nobody anchored.
fn with_foreign_holder(world: &mut World) -> Authority {
    let authority = Authority::new("Foreign CA", &mut Seeded::new(3, "foreign")).expect("a name");
    let holder = match &world.cast.seat("clerk").expect("a clerk").post {
        Post::Clerk(plan) => plan.holders[1].clone(),
        _ => panic!("the clerk has a plan"),
    };
    let certificate = authority.certify(
        holder.person.as_str(),
        &holder.organisation,
        evaluation::Role::Holder,
        &holder.key.0,
    );
    let chain = vec![base64::Engine::encode(
        &base64::engine::general_purpose::STANDARD,
        certificate.expect("a certificate"),
    )];
    let seat = world
        .cast
        .seats
        .iter_mut()
        .find(|seat| seat.name == "clerk")
        .expect("a clerk");
    let Post::Clerk(plan) = &mut seat.post else {
        panic!("the clerk has a plan")
    };
    let line: &mut RoleAssigned = plan
        .roles
        .iter_mut()
        .find(|role| role.key == holder.key)
        .expect("enrolled");
    line.certificate = chain;
    world.reopen("clerk").expect("the clerk sits down again");
    authority
}

#[test]
fn a_holder_of_a_foreign_authority_is_refused_by_the_centre() {
    let mut world = world(52, |_| ());
    with_foreign_holder(&mut world);
    let error = world.run_until(|world| world.state().ceremony(LOT_KEY).is_some());
    match error {
        Err((seat, ClientError::Declined(why))) => {
            assert!(seat == "clerk" && why.contains("C-113"), "{seat}: {why}")
        }
        other => panic!("{other:?}"),
    }
    assert_eq!(world.state().with_role(evaluation::Role::Holder).count(), 1);
}

#[test]
fn a_holder_of_a_foreign_authority_is_refused_by_every_client_when_the_centre_colludes() {
    let mut world = world(53, |_| ());
    let authority = with_foreign_holder(&mut world);
    world.roots.push(authority.root().to_vec());
    world
        .start_centre()
        .expect("a centre that trusts the foreign authority");
    let error = world.run_until(|world| bid_acts(world) > 0);
    match error {
        Err((seat, ClientError::Check(why))) => assert!(
            seat.starts_with("bidder-") && why.en.contains("not under a local anchor"),
            "{seat}: {}",
            why.en
        ),
        other => panic!("{other:?}"),
    }
    assert_eq!(bid_acts(&world), 0, "nothing was sealed under that key");
    let holder = world.desk("holder-1");
    let roots = &holder.replica.anchors().ca_roots;
    checked(
        check_trust(holder.replica.state(), roots),
        "not under a local anchor",
    );
    checked(check_key(&holder.replica, LOT_KEY), "not under a local anchor");
}

#[test]
fn without_every_acknowledgement_there_is_no_key() {
    let mut world = world(54, |_| ());
    make_crooked(&mut world, Fault::Acknowledgement);
    make_crooked(&mut world, Fault::Acknowledgement);
    go(&mut world, |world| world.count("key.dealt") == 3);
    turns(&mut world, 10);
    assert_eq!(world.count("key.acknowledged"), 2);
    checked(
        check_key(&world.desk("clerk").replica, LOT_KEY),
        "not every holder has acknowledged",
    );
    assert_eq!(
        kind(nobody(&world).bundle(&world.cast.origin)),
        ErrorCode::Waiting
    );
    assert_eq!(bid_acts(&world), 0);
}

#[test]
fn a_deal_without_personal_signature_or_as_another_is_refused() {
    let mut world = world(55, |_| ());
    go(&mut world, |world| world.state().ceremony(LOT_KEY).is_some());
    let setting = world.state().ceremony(LOT_KEY).expect("defined").setting.clone();
    let keys: Vec<[u8; 65]> = setting
        .holders
        .iter()
        .map(|holder| holder.encryption_key.0)
        .collect();
    let dealt = |dealer| {
        let deal = ceremony::deal(
            &setting.context.0,
            dealer,
            setting.quorum().expect("2 of 3"),
            &keys,
            &mut Seeded::new(1, "d"),
        );
        KeyDealt {
            deal: deal.expect("a deal"),
        }
    };
    let size = world.size();
    let bare = signed(&mut world, "holder-1", "key.dealt", LOT_KEY, &dealt(1), None);
    assert_eq!(refusal(bare), "C-112");
    let personal = own_key(&world, "holder-2");
    let anothers = signed(
        &mut world,
        "holder-1",
        "key.dealt",
        LOT_KEY,
        &dealt(1),
        Some(&personal),
    );
    assert_eq!(refusal(anothers), "C-112", "signed by another person");
    let personal = own_key(&world, "holder-1");
    let as_another = signed(
        &mut world,
        "holder-1",
        "key.dealt",
        LOT_KEY,
        &dealt(2),
        Some(&personal),
    );
    assert_eq!(refusal(as_another), "C-108");
    assert_eq!(world.size(), size);
}

/// A holder who departs from the honest part at one point.
struct Crooked {
    honest: HolderPart,
    fault: Fault,
}

#[derive(Clone, Copy)]
enum Fault {
    Deal,
    Acknowledgement,
    Share,
}

impl Part for Crooked {
    fn step(&mut self, desk: &mut Desk) -> Result<Progress, ClientError> {
        let step = match self.fault {
            Fault::Deal => self.bad_deal(desk)?,
            Fault::Share => self.bad_share(desk)?,
            Fault::Acknowledgement => {
                let ceremony = desk.replica.state().ceremony(LOT_KEY);
                ceremony
                    .is_some_and(|ceremony| ceremony.deals.len() == 3)
                    .then_some(Progress::Waiting)
            }
        };
        match step {
            Some(progress) => Ok(progress),
            None => self.honest.step(desk),
        }
    }
}

impl Crooked {
    /// Deals holder 1 a share of another polynomial.
    fn bad_deal(&self, desk: &mut Desk) -> Result<Option<Progress>, ClientError> {
        let Some(ceremony) = desk.replica.state().ceremony(LOT_KEY) else {
            return Ok(None);
        };
        if ceremony.deals.contains_key(&2) {
            return Ok(None);
        }
        let setting = ceremony.setting.clone();
        let keys: Vec<[u8; 65]> = setting
            .holders
            .iter()
            .map(|holder| holder.encryption_key.0)
            .collect();
        let random = &mut Seeded::new(9, "crooked");
        let mut deal: Deal<P256> =
            ceremony::deal(&setting.context.0, 2, setting.quorum()?, &keys, random).expect("a deal");
        let length = u32::try_from(setting.context.0.len()).expect("32").to_be_bytes();
        let info = [
            b"conclave/subshare/v1\0".as_slice(),
            &length,
            &setting.context.0,
            &[2, 1],
        ]
        .concat();
        let other = SecretScalar::<P256>::random(random);
        let sealed =
            hpke::seal(&keys[0], &info, b"", other.to_secret_bytes().expose(), random).expect("a key");
        (deal.shares[0].enc, deal.shares[0].ct) = (sealed.enc, sealed.ct);
        self.send(desk, "key.dealt", LOT_KEY, &KeyDealt { deal })
            .map(Some)
    }

    /// Releases a number that is not the share.
    fn bad_share(&self, desk: &mut Desk) -> Result<Option<Progress>, ClientError> {
        let rounds = desk.replica.state().rounds();
        let ready = rounds.iter().find(|(_, round)| {
            round.countersigned.is_some() && round.opened.is_none() && !round.shares.contains_key(&2)
        });
        let Some((instance, _)) = ready else {
            return Ok(None);
        };
        let instance = instance.clone();
        self.send(
            desk,
            "share.released",
            &instance,
            &ShareReleased {
                share: Digest([5; 32]),
            },
        )
        .map(Some)
    }

    fn send<T: serde::Serialize>(
        &self,
        desk: &mut Desk,
        kind: &str,
        instance: &str,
        payload: &T,
    ) -> Result<Progress, ClientError> {
        let personal = Some(&self.honest.personal);
        desk.act(client::author::Draft {
            kind,
            instance,
            payload,
            attachments: Vec::new(),
            personal,
        })?;
        Ok(Progress::Acted)
    }
}

fn make_crooked(world: &mut World, fault: Fault) {
    let seat = world.cast.seat("holder-2").expect("a holder");
    let Post::Holder(encryption) = &seat.post else {
        panic!("holder-2 is a holder")
    };
    let (provider, pin) = (encryption.provider().expect("a key"), encryption.pin());
    let honest = HolderPart {
        personal: own_key(world, "holder-2"),
        encryption: provider,
        pin,
    };
    let Some(Seated::Desk(_, part)) = world.seats.get_mut("holder-2") else {
        panic!("holder-2 has a desk")
    };
    *part = Box::new(Crooked { honest, fault });
}

#[test]
fn a_wrong_sub_share_is_complained_of_by_name_and_the_ceremony_stops() {
    let mut world = world(56, |_| ());
    make_crooked(&mut world, Fault::Deal);
    go(&mut world, |world| world.count("key.complained") > 0);
    let complaint: KeyComplained = payload(&world, "key.complained").expect("just counted");
    assert_eq!((complaint.dealer, complaint.fault.as_str()), (2, "share"));
    turns(&mut world, 10);
    let ceremony = world.state().ceremony(LOT_KEY).expect("a ceremony");
    assert_eq!(ceremony.complaint, Some((1, 2)));
    assert!(ceremony.key.is_none());
    assert!(world.state().ingest_key().is_none());
    assert_eq!(bid_acts(&world), 0);
    checked(
        check_key(&world.desk("clerk").replica, LOT_KEY),
        "holder 1 complained about holder 2",
    );
}

#[test]
fn a_bad_share_is_named_and_skipped() {
    let mut world = world(57, |_| ());
    make_crooked(&mut world, Fault::Share);
    let outcome = finish(&mut world);
    let key = world
        .state()
        .ceremony("scored/1")
        .and_then(|ceremony| ceremony.key.clone())
        .expect("a key");
    let round = world.state().round("scored/1").expect("a round");
    let shares: Vec<(u8, [u8; 32])> = round
        .shares
        .iter()
        .map(|(holder, share)| (*holder, *share))
        .collect();
    assert_eq!(shares.len(), 3);
    assert_eq!(ceremony::combine(&key, &shares).expect("two good ones").bad, [2]);
    assert!(round.opened.is_some());
    assert_sound(&world, &outcome);
}
