//! The committee: its size, its leader, check-ins under another's ticket, the draw.

use super::support::{act, assert_sound, finish, go, own_key, refusal, turns, world};
use client::author::Draft;
use client::rehearsal::{MemberKeys, ObserverPart, Part, Post, Progress, Seated};
use client::{ClientError, Desk};
use conclave_simulation::World;
use evaluation::Role;
use evaluation::acts::committee::{COMMITTEE, LeaderVoted, MemberCheckedIn};
use evaluation::acts::draws::DrawVoided;

#[test]
fn a_committee_of_four_never_checks_in() {
    let mut world = world(41, |scenario| scenario.members.truncate(4));
    let error = world.run_until(|world| world.count("member.checked_in") > 0);
    match error {
        Err((seat, ClientError::Declined(why))) => assert!(
            seat.starts_with("desk-") && why.contains("C-119"),
            "{seat}: {why}"
        ),
        other => panic!("{other:?}"),
    }
    assert_eq!(world.count("member.checked_in"), 0);
}

#[test]
fn the_purchasers_representative_does_not_lead() {
    let mut world = world(42, |_| ());
    // Somebody has promised and not voted yet.
    let voter = |world: &World| {
        let lines = &world.state().committee().lines;
        lines
            .iter()
            .find(|(_, line)| line.promised && line.leader_vote.is_none())
            .map(|(name, _)| name.clone())
    };
    go(&mut world, |world| voter(world).is_some());
    let line = voter(&world).expect("just seen");
    let lines = &world.state().committee().lines;
    let representative = lines
        .iter()
        .find(|(_, line)| line.role == Role::TendererRepresentative);
    let leader = representative.expect("the sample has one").0.clone();
    let booth = world.booth_of(&line).expect("a booth");
    let size = world.size();
    let answer = act(
        &mut world,
        &booth,
        "leader.voted",
        COMMITTEE,
        &LeaderVoted { line, leader },
    );
    assert_eq!(refusal(answer), "C-119");
    assert_eq!(world.size(), size);
}

fn members_at_host(world: &mut World) -> &mut Vec<MemberKeys> {
    let seat = world
        .cast
        .seats
        .iter_mut()
        .find(|seat| seat.name == "desk-host")
        .expect("a host site");
    let Post::SiteDesk { members, .. } = &mut seat.post else {
        panic!("desk-host is a desk")
    };
    members
}

#[test]
fn a_refused_check_in_takes_nobodys_place() {
    let mut world = world(43, |_| ());
    // One of the two who come to the host site is late.
    let other = members_at_host(&mut world).pop().expect("two come to this desk");
    let ticket = members_at_host(&mut world)[0].ticket.clone();
    world.reopen("desk-host").expect("the desk opens");
    go(&mut world, |world| {
        world.state().committee().tickets.contains_key(&ticket)
    });
    let (role, site) = world.state().committee().tickets[&ticket].clone();
    let desk = "desk-host".to_owned();
    let chain = evaluation::acts::decode_chain(&other.chain).expect("a chain");
    let personal = client::PersonalKey {
        provider: other.key.provider().expect("a key"),
        chain,
        pin: other.key.pin(),
    };
    // The other member under the ticket that is taken.
    let payload = MemberCheckedIn { site, ticket, role };
    let draft = Draft {
        kind: "member.checked_in",
        instance: COMMITTEE,
        payload: &payload,
        attachments: Vec::new(),
        personal: Some(&personal),
    };
    let before = world.size();
    let sent = world.desk_mut(&desk).act(draft).expect("the line stands");
    assert!(matches!(&sent, client::desk::Sent::Refused(_)), "{sent:?}");
    assert_eq!(world.size(), before);
    // Both members take their own places all the same.
    members_at_host(&mut world).push(other);
    world.reopen("desk-host").expect("the desk opens");
    let outcome = finish(&mut world);
    assert_sound(&world, &outcome);
}

/// A supervisor who commits to a value in the first draw and then keeps it.
struct KeepsTheValue(ObserverPart);

impl Part for KeepsTheValue {
    fn step(&mut self, desk: &mut Desk) -> Result<Progress, ClientError> {
        let first = desk.replica.state().draw("draw/1");
        if first.is_some_and(|draw| draw.committed.is_some() && draw.voided.is_none()) {
            return Ok(Progress::Waiting);
        }
        self.0.step(desk)
    }
}

#[test]
fn a_party_that_does_not_reveal_voids_the_draw_and_it_repeats() {
    let mut world = world(44, |scenario| scenario.deadline += 600_000);
    let honest = ObserverPart {
        role: Role::Supervisor,
        personal: own_key(&world, "supervisor"),
        drill: None,
    };
    let Some(Seated::Desk(_, part)) = world.seats.get_mut("supervisor") else {
        panic!("a supervisor")
    };
    *part = Box::new(KeepsTheValue(honest));
    go(&mut world, |world| world.count("draw.revealed") == 2);
    let draw = world.state().draw("draw/1").expect("it runs");
    let committed = draw.committed.expect("by all three");
    world.clock.set(committed + 299_000 - 1_000);
    turns(&mut world, 1);
    assert_eq!(world.count("draw.voided"), 0, "five minutes are not over");
    world.clock.set(committed + 300_000);
    turns(&mut world, 2);
    let voided: DrawVoided = super::support::payload(&world, "draw.voided").expect("void after five minutes");
    assert_eq!(voided.missing, [2], "the supervisor is named");
    assert!(world.state().committee().lines.is_empty(), "nobody is placed");
    go(&mut world, super::support::bids_are_in);
    assert_eq!((world.count("draw.opened"), world.count("draw.result")), (2, 1));
    world.clock.set(world.state().record().expect("created").deadline);
    let outcome = finish(&mut world);
    assert_sound(&world, &outcome);
}
