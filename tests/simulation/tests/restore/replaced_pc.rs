//! A PC that is replaced in the middle of a round (protocol 3; 4, Drafts).

use super::support::{assert_sound, checked, core, finish, go, kind, refusal, turns, world};
use client::author::Draft;
use client::desk::Sent;
use client::rehearsal::{Post, Seated, Sitter};
use client::{ClientError, Desk, PersonalKey, drafts};
use conclave_simulation::World;
use evaluation::CodeName;
use evaluation::acts::binding::{KeyReplaced, possession};
use evaluation::acts::committee::COMMITTEE;
use evaluation::acts::sheets::{DraftSaved, SheetSealed};
use protocol::ErrorCode;
use record::{BlobRef, Signature};
use rules::{Cell, SheetCell};
use sealing::provider::KeyFileProvider;

struct Lost {
    booth: String,
    line: CodeName,
    sitter: Sitter,
    old: Box<Desk>,
}

impl Lost {
    fn vault_key(&self) -> KeyFileProvider {
        self.sitter.vault.provider().expect("a vault key")
    }
}

/// A booth that has kept two snapshots of its drafts and not sealed yet; its PC is taken away, its disk is gone.
fn lose_a_booth(world: &mut World) -> Lost {
    let drafting = |world: &World| {
        world.seats.iter().find_map(|(name, seat)| match seat {
            Seated::Desk(desk, _) if name.starts_with("booth-") => {
                let (line, _) = desk.replica.state().line_of(&desk.author.public())?;
                let drafted = desk.vault.get("draft-number").ok()??.len() == 8;
                let sealed = world
                    .state()
                    .round("conformity/1")
                    .is_some_and(|round| round.sheets.contains_key(line));
                (drafted && !sealed).then(|| (name.clone(), line.clone()))
            }
            _ => None,
        })
    };
    go(world, |world| drafting(world).is_some());
    let (booth, line) = drafting(world).expect("just seen");
    let ticket = world.state().committee().lines[&line].ticket.clone();
    let Post::Booth { sitters, .. } = &world.cast.seat(&booth).expect("a booth").post else {
        panic!("{booth}")
    };
    let sitter = sitters
        .iter()
        .find(|sitter| sitter.member.ticket == ticket)
        .expect("who sits there")
        .clone();
    // One more cell is typed, and the next snapshot kept.
    let Some(Seated::Desk(mut old, _)) = world.seats.remove(&booth) else {
        panic!("{booth} has a desk")
    };
    old.sync().expect("the line stands");
    let round = old
        .replica
        .state()
        .round("conformity/1")
        .expect("a round")
        .setting
        .clone();
    let criterion = rules::CriterionId::new(&round.criteria[0]).expect("a criterion");
    let cell = SheetCell {
        criterion,
        cell: Cell::Fail {
            reason: "换机前最后一次录入".to_owned(),
        },
    };
    drafts::put(&mut old.vault, "conformity/1", &round.bidders[0], &cell, 480).expect("the vault takes it");
    let vault_key = sealing::provider::KeyProvider::public_key(&sitter.vault.provider().expect("a key"));
    let sent = drafts::save(&mut old, &line, "conformity/1", &vault_key).expect("the line stands");
    assert!(matches!(sent, Sent::Acknowledged(_)), "{sent:?}");
    std::fs::remove_dir_all(world.folder(&booth)).expect("the disk is gone");
    turns(world, 3);
    Lost {
        booth,
        line,
        sitter,
        old,
    }
}

/// The new PC makes a key; the desk of the site and the member put it in the old one's place.
fn replace_key(world: &mut World, lost: &Lost) -> Result<Sent, ClientError> {
    world.reopen(&lost.booth).expect("a new PC");
    turns(world, 3); // it finds its line bound to another key, makes its own, and is known to nobody
    world.switched_off.insert(lost.booth.clone());
    let origin = world.cast.origin;
    let desk = world.desk(&lost.booth);
    let (old, new) = (lost.old.author.public(), desk.author.public());
    assert_ne!(old, new);
    let proof = desk
        .author
        .key()
        .sign(&possession(&origin, &lost.line, &old, &new));
    let replaced = KeyReplaced {
        line: lost.line.clone(),
        old,
        new,
        device: desk.author.device(),
        possession: Signature(proof),
    };
    let member = &lost.sitter.member;
    let chain = evaluation::acts::decode_chain(&member.chain).expect("a chain");
    let personal = PersonalKey {
        provider: member.key.provider().expect("a key"),
        chain,
        pin: member.key.pin(),
    };
    let site = world.state().committee().lines[&lost.line].site.clone();
    let name = format!("desk-{site}");
    world.desk_mut(&name).sync().expect("the line stands");
    let draft = Draft {
        kind: "member.key_replaced",
        instance: COMMITTEE,
        payload: &replaced,
        attachments: Vec::new(),
        personal: Some(&personal),
    };
    world.desk_mut(&name).act(draft)
}

#[test]
fn a_replacement_pc_takes_over_with_the_newest_drafts() {
    let mut world = world(64, |_| ());
    let lost = lose_a_booth(&mut world);
    let sent = replace_key(&mut world, &lost).expect("the line stands");
    assert!(matches!(sent, Sent::Acknowledged(_)), "{sent:?}");
    let binding = world.state().committee().lines[&lost.line]
        .binding
        .clone()
        .expect("bound");
    assert!(
        binding.seen.is_empty() || binding.retired.is_empty(),
        "the new key has been seen by nobody yet"
    );
    turns(&mut world, 5);
    let binding = world.state().committee().lines[&lost.line]
        .binding
        .clone()
        .expect("bound");
    assert_eq!(binding.retired, [lost.old.author.public()]);
    assert_eq!(
        binding.seen.len(),
        2,
        "witness person and supervisor have seen it"
    );

    let provider = lost.vault_key();
    let pin = lost.sitter.vault.pin();
    let snapshots: Vec<DraftSaved> = drafts_of(&world, &lost.line);
    assert_eq!(
        snapshots.iter().map(|saved| saved.number).collect::<Vec<_>>(),
        [1, 2]
    );
    let older = world
        .desk("clerk")
        .link
        .blob_get(&world.cast.origin, &snapshots[0].snapshot.digest);
    assert_eq!(
        kind(older),
        ErrorCode::Forbidden,
        "drafts are for their own line alone"
    );
    world.desk_mut(&lost.booth).sync().expect("the new key is known");
    let older = world
        .desk(&lost.booth)
        .link
        .blob_get(&world.cast.origin, &snapshots[0].snapshot.digest)
        .expect("its own");

    world.net.swap(snapshots[1].snapshot.digest, older);
    checked(
        drafts::restore(world.desk_mut(&lost.booth), &lost.line, &provider, &pin),
        "not the newest",
    );
    world.net.swap_nothing();
    let restored = drafts::restore(world.desk_mut(&lost.booth), &lost.line, &provider, &pin)
        .expect("the newest")
        .expect("there is one");
    assert_eq!(restored.number, 2);
    let round = world
        .state()
        .round("conformity/1")
        .expect("a round")
        .setting
        .clone();
    assert_eq!(restored.cells, round.criteria.len() * round.bidders.len());
    let block = drafts::block(
        &world.desk(&lost.booth).vault,
        "conformity/1",
        &round.bidders[0],
        &round.criteria,
    )
    .expect("whole");
    assert_eq!(
        block.cells[0].cell,
        Cell::Fail {
            reason: "换机前最后一次录入".to_owned()
        }
    );

    late_sheet_of_the_old_pc(&mut world, &lost);
    world.switched_off.clear();
    let outcome = finish(&mut world);
    assert_eq!(world.state().signed().len(), 5);
    assert_sound(&world, &outcome);
}

fn late_sheet_of_the_old_pc(world: &mut World, lost: &Lost) {
    let length = world
        .state()
        .round("conformity/1")
        .expect("a round")
        .setting
        .sheet_size as usize;
    let bytes = vec![0; sealing::sheet::blob_length(length)];
    assert_eq!(
        kind(lost.old.link.blob_put(&world.cast.origin, &bytes)),
        ErrorCode::Unauthenticated
    );
    let sheet: BlobRef = world
        .desk("clerk")
        .link
        .blob_put(&world.cast.origin, &bytes)
        .expect("kept")
        .blob;
    let payload = SheetSealed {
        line: lost.line.clone(),
        sheet,
    };
    let mut late = core(world, "clerk", "sheet.sealed", "conformity/1", &payload);
    (late.actor, late.device) = (lost.old.author.public(), lost.old.author.device());
    let size = world.size();
    let answer = lost
        .old
        .link
        .act_submit(&world.cast.origin, &super::support::sign(&lost.old.author, late));
    assert_eq!(refusal(answer), "C-108");
    assert_eq!(world.size(), size);
}

fn drafts_of(world: &World, line: &CodeName) -> Vec<DraftSaved> {
    let entries = world.desk("clerk").replica.entries().iter();
    let saved = entries.filter_map(|entry| {
        let body = record::Body::parse(&entry.disclosed.as_ref()?.body).ok()?;
        (body.core.kind == "draft.saved")
            .then(|| serde_json::from_value::<DraftSaved>(body.core.payload).ok())?
    });
    saved.filter(|saved| saved.line == *line).collect()
}

#[test]
fn a_key_is_replaced_only_by_the_member_in_person() {
    let mut world = world(65, |_| ());
    let mut lost = lose_a_booth(&mut world);
    // Somebody else's personal key at the same desk.
    let other = world.cast.seats.iter().find_map(|seat| match &seat.post {
        Post::SiteDesk { members, .. } => members
            .iter()
            .find(|member| member.ticket != lost.sitter.member.ticket)
            .cloned(),
        _ => None,
    });
    lost.sitter.member = other.expect("five members");
    let sent = replace_key(&mut world, &lost).expect("the line stands");
    assert!(
        matches!(&sent, Sent::Refused(why) if why.starts_with("C-112")),
        "{sent:?}"
    );
    let binding = world.state().committee().lines[&lost.line]
        .binding
        .clone()
        .expect("bound");
    assert_eq!(binding.key, lost.old.author.public());
}
