//! Acts that are replayed, expired, stale, foreign, of another role or out of their stage.

use super::bidding;
use super::support::{core, kind, nothing_seen, refusal, sign, submit};
use conclave_simulation::World;
use evaluation::acts::archive::{ARCHIVE, Archived};
use evaluation::acts::bids::DeadlineReached;
use evaluation::acts::ceremony::{KeyAcknowledged, LOT_KEY};
use evaluation::acts::setup::SiteEnrolled;
use evaluation::acts::sheets::SheetSealed;
use protocol::ErrorCode;
use record::{BlobRef, Core, Digest, Origin, Submission};

fn site() -> SiteEnrolled {
    let site = evaluation::SiteId::new("elsewhere").expect("a site id");
    SiteEnrolled {
        site,
        host: false,
        organisation: "示例丙县公共资源交易中心".to_owned(),
    }
}

/// Sends a bent act of the clerk's; nothing may be appended.
fn refused(world: &World, bend: impl FnOnce(&mut Core)) -> String {
    let mut core = core(world, "clerk", "site.enrolled", "", &site());
    bend(&mut core);
    let before = world.size();
    let code = refusal(submit(world, "clerk", core));
    assert_eq!(world.size(), before, "nothing is appended");
    code
}

#[test]
fn the_same_bytes_twice_are_acknowledged_once() {
    let mut world = bidding();
    let clerk = world.desk_mut("clerk");
    let sent = clerk.vault.outbox().items(0, 64).expect("the outbox is whole");
    let (bytes, index) = sent
        .iter()
        .find_map(|item| match item.state {
            storage::OutboxState::Acknowledged { index } if index < 1 << 40 => {
                Some((item.bytes.clone(), index))
            }
            _ => None,
        })
        .expect("the clerk has acted");
    let act: Submission = serde_json::from_slice(&bytes).expect("an act of the outbox");
    let before = world.size();
    let again = world
        .desk("clerk")
        .link
        .act_submit(&world.cast.origin, &act)
        .expect("it is in the record");
    assert_eq!((again.index, world.size()), (index, before));

    let known = record::Body::parse(&act.body).expect("an act").core.id;
    assert_eq!(
        refused(&world, |core| core.id = known),
        "C-104",
        "the same id over another body"
    );
}

#[test]
fn an_act_of_another_record_is_refused() {
    let world = bidding();
    assert_eq!(refused(&world, |core| core.origin = Origin([9; 16])), "C-103");
    let act = sign(
        &world.desk("clerk").author,
        core(&world, "clerk", "site.enrolled", "", &site()),
    );
    let answer = world.desk("clerk").link.act_submit(&Origin([9; 16]), &act);
    assert_eq!(kind(answer), ErrorCode::NotFound);
}

#[test]
fn expired_and_stale_acts_are_refused() {
    let world = bidding();
    let now = world.clock.time();
    assert_eq!(
        refused(&world, |core| (core.time, core.expires) = (now - 10_000, now - 1)),
        "C-105"
    );
    assert_eq!(
        refused(&world, |core| core.expires = now + 25 * 3_600_000),
        "C-105",
        "lives too long"
    );
    assert_eq!(
        refused(&world, |core| core.time = now + 400_000),
        "C-105",
        "claims a time ahead"
    );
    assert_eq!(
        refused(&world, |core| core.seen = nothing_seen()),
        "C-106",
        "made before the record was defined"
    );
    assert_eq!(
        refused(&world, |core| core.seen.root = Digest([1; 32])),
        "C-107",
        "another history was seen"
    );
    assert_eq!(
        refused(&world, |core| core.seen.size += 1_000),
        "C-107",
        "more was seen than there is"
    );
}

#[test]
fn an_act_seen_before_the_ceremony_was_defined_is_stale() {
    let world = bidding();
    let defined = world
        .state()
        .control_index(LOT_KEY)
        .expect("the lot key is defined");
    let mut core = core(
        &world,
        "holder-1",
        "key.acknowledged",
        LOT_KEY,
        &KeyAcknowledged {
            deals: Digest([0; 32]),
        },
    );
    let tree = world.state().tree();
    core.seen = record::Seen {
        size: defined,
        root: tree.root_at(defined).expect("the tree is that large"),
    };
    let before = world.size();
    assert_eq!(refusal(submit(&world, "holder-1", core)), "C-106");
    assert_eq!(world.size(), before);
}

#[test]
fn acts_of_another_role_are_refused() {
    let world = bidding();
    let before = world.size();
    let supervisors = core(&world, "supervisor", "site.enrolled", "", &site());
    assert_eq!(refusal(submit(&world, "supervisor", supervisors)), "C-108");
    let deadline = world.state().record().expect("created").deadline;
    let centres = core(
        &world,
        "clerk",
        "deadline.reached",
        "bids",
        &DeadlineReached { deadline },
    );
    assert_eq!(
        refusal(submit(&world, "clerk", centres)),
        "C-108",
        "only the centre says so"
    );
    let line = world
        .state()
        .committee()
        .lines
        .keys()
        .next()
        .expect("lines are drawn")
        .clone();
    let sheet = SheetSealed {
        line,
        sheet: BlobRef::of(b""),
    };
    world
        .desk("clerk")
        .link
        .blob_put(&world.cast.origin, b"")
        .expect("a blob");
    let sealed = core(&world, "clerk", "sheet.sealed", "scored/1", &sheet);
    assert_eq!(
        refusal(submit(&world, "clerk", sealed)),
        "C-108",
        "no line of the roster"
    );
    // The caller's key is not the author's.
    let act = sign(
        &world.desk("clerk").author,
        core(&world, "clerk", "site.enrolled", "", &site()),
    );
    let answer = world.desk("holder-1").link.act_submit(&world.cast.origin, &act);
    assert_eq!(kind(answer), ErrorCode::Forbidden);
    assert_eq!(world.size(), before);
}

#[test]
fn acts_out_of_their_stage_are_refused() {
    let world = bidding();
    let before = world.size();
    let head = world.desk("clerk").replica.seen();
    let archived = core(
        &world,
        "clerk",
        "archived",
        ARCHIVE,
        &Archived {
            head,
            manifest: Digest([0; 32]),
        },
    );
    assert_eq!(refusal(submit(&world, "clerk", archived)), "C-109");
    assert_eq!(
        refused(&world, |core| core.kind = "motion.opened".to_owned()),
        "C-101",
        "reserved for later"
    );
    assert_eq!(
        refused(&world, |core| core.payload = serde_json::json!({"site": 1})),
        "C-102"
    );
    assert_eq!(world.size(), before);
}

#[test]
fn a_broken_signature_is_refused() {
    let world = bidding();
    let before = world.size();
    let mut act = sign(
        &world.desk("clerk").author,
        core(&world, "clerk", "site.enrolled", "", &site()),
    );
    act.signature.0[5] ^= 1;
    let answer = world.desk("clerk").link.act_submit(&world.cast.origin, &act);
    assert_eq!(kind(answer), ErrorCode::BadRequest);
    assert_eq!(world.size(), before);
}
