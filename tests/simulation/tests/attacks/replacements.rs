//! A log witness is off for good and another takes its place; and whoever would put in one of his own.

use super::support::{
    act, anchors, assert_sound, bid_acts, confirmation, core, finish, further, go, kind, nothing_seen,
    proposal, refusal, replace, sign, submit, turns, world,
};
use audit::anchors::Anchors;
use audit::checks::Checks;
use audit::{Severity, Verdict, verify};
use client::author::Author;
use client::checks::{check_key, check_record};
use client::desk::Sent;
use client::rehearsal::Seated;
use client::{ClientError, replacement};
use conclave_simulation::{Seeded, World};
use evaluation::Role;
use evaluation::acts::ceremony::LOT_KEY;
use evaluation::acts::setup::{RoleAssigned, WitnessLine};
use evaluation::acts::witnesses::{ReplacementProposed, WitnessReplaced};
use protocol::ErrorCode;
use record::{DeviceId, KeyAlgorithm, PublicKey, VerifierKey};
use sealing::sign::SigningKeyPair;

const PROPOSED: &str = "witness.replacement_proposed";
const REPLACED: &str = "witness.replaced";
const COURT: &str = "court.witness.rehearsal";
const UNIVERSITY: &str = "university.witness.rehearsal";

fn down(world: &mut World, places: &[&str]) {
    world.switched_off = places.iter().map(|place| format!("witness-{place}")).collect();
}

fn cosigned(world: &World) -> u64 {
    world.desk("clerk").replica.cosigned_size()
}

fn with_further(seed: u64, places: &[(&str, bool)]) -> World {
    world(seed, |scenario| {
        scenario.further_witnesses = places
            .iter()
            .map(|(place, outside)| ((*place).to_owned(), *outside))
            .collect();
    })
}

#[test]
fn a_dead_log_witness_is_replaced_and_the_evaluation_goes_on_to_the_archive() {
    let mut world = with_further(71, &[("notary", true)]);
    go(&mut world, |world| bid_acts(world) > 0);
    // One is off for good, another out of reach: no receipts.
    down(&mut world, &["court", "university"]);
    go(&mut world, |world| bid_acts(world) == 7);
    assert_eq!(kind(world.bidder("bidder-B").receipts()), ErrorCode::Waiting);

    let notary = further(&world, "notary");
    let desk = world.desk_mut("supervisor");
    desk.sync().expect("the line stands");
    let sent = replacement::propose(desk, COURT, &notary, "该节点断电后无法恢复。").expect("anchored");
    assert!(matches!(sent, Sent::Acknowledged(_)), "{sent:?}");
    let desk = world.desk_mut("witness-person-host");
    desk.sync().expect("the line stands");
    let sent = replacement::confirm(desk).expect("anchored");
    let Sent::Acknowledged(replaced) = sent else {
        panic!("{sent:?}")
    };

    // The new one cosigns from its own first head on; with the centre's it is w, but not w of those who stay.
    turns(&mut world, 4);
    for place in ["centre", "notary"] {
        let Some(Seated::LogWitness(witness)) = world.seats.get(&format!("witness-{place}")) else {
            panic!("a log witness sits there")
        };
        let newest = witness.remembered(&world.cast.origin).expect("a memory");
        assert!(newest.expect("it cosigned").size > replaced.index, "{place}");
    }
    assert!(cosigned(&world) <= replaced.index);
    assert_eq!(kind(world.bidder("bidder-B").receipts()), ErrorCode::Waiting);

    down(&mut world, &["court"]);
    turns(&mut world, 3);
    assert!(
        cosigned(&world) > replaced.index,
        "those who stay have cosigned it"
    );

    // From here on the new one is needed. A centre that starts again remembers why it counts, and so does a seat.
    down(&mut world, &["court", "university"]);
    go(&mut world, |world| {
        world.state().opening(evaluation::plan::OPENING).is_some()
    });
    world.start_centre().expect("it starts");
    world.reopen("holder-1").expect("its vault is whole");
    let receipts = world.bidder("bidder-B").receipts().expect("w cosignatures");
    assert!(receipts.iter().all(|receipt| receipt.replaced.len() == 1));
    let outcome = finish(&mut world);
    assert_sound(&world, &outcome);

    let anchors = anchors(&world);
    let public = verify(&outcome.public, Some(&anchors), &Checks::all());
    assert_eq!(
        public.verdict,
        Verdict::Sound,
        "{}",
        public.text(evaluation::Language::En)
    );
    let without = verify(&outcome.full, None, &Checks::all());
    assert_eq!(without.verdict, Verdict::OriginNotEstablished);

    let failed = |package: &[u8], anchors: &Anchors| -> Vec<String> {
        let report = verify(package, Some(anchors), &Checks::all());
        let errors = report.findings.iter().filter(|f| f.severity == Severity::Error);
        errors.map(|finding| finding.check.clone()).collect()
    };
    let mut old = anchors.clone();
    old.further_witnesses.clear();
    let failed_old = failed(&outcome.full, &old);
    for check in ["origin.anchors", "checkpoint.cosignatures"] {
        assert!(failed_old.iter().any(|name| name == check), "{failed_old:?}");
    }
    // A package without the act, or with another witness in it, is found as any other change.
    let whole = record::tar::decode(&outcome.full, 1 << 30, 100_000).expect("a package");
    let file = audit::package::entry_file(replaced.index);
    let entry: record::Entry = serde_json::from_slice(&whole[&file]).expect("an entry");
    let mut other = entry.clone();
    if let Some(disclosed) = &mut other.disclosed {
        let text = String::from_utf8_lossy(&disclosed.body).replace("notary", "nobody");
        disclosed.body = text.into_bytes();
    }
    for (changed, check) in [(entry.withheld(), "act.form"), (other, "act.commitment")] {
        let mut files = whole.clone();
        files.insert(file.clone(), serde_json::to_vec(&changed).expect("JSON"));
        let errors = failed(&record::tar::encode(&files).expect("a tar"), &anchors);
        assert!(errors.iter().any(|name| name == check), "{errors:?}");
    }
    // Without the checkpoints that those who stay cosigned, nothing says that the new one counts.
    let mut files = whole;
    files.retain(|name, _| !name.starts_with("checkpoints/"));
    let bare = record::tar::encode(&files).expect("a tar");
    assert!(
        failed(&bare, &anchors)
            .iter()
            .any(|name| name == "checkpoint.cosignatures")
    );
}

#[test]
fn who_may_replace_a_log_witness_and_by_whom() {
    let mut world = with_further(72, &[("notary", true), ("annex", false)]);
    go(&mut world, |world| world.count("booth.enrolled") > 0);
    turns(&mut world, 2);
    let (notary, annex) = (further(&world, "notary"), further(&world, "annex"));
    let university = further(&world, "university");
    let log_key = anchors(&world).log_key;
    let with = |change: fn(&mut WitnessLine)| {
        let mut line = notary.clone();
        change(&mut line);
        line
    };
    let court_key = VerifierKey::new(
        &notary.name,
        KeyAlgorithm::Cosignature,
        *further(&world, "court")
            .key
            .parse::<VerifierKey>()
            .expect("a key")
            .key(),
    );
    let under_another_name = WitnessLine {
        key: court_key.expect("a name").to_string(),
        ..notary.clone()
    };
    let a_log_key = WitnessLine {
        name: log_key.name().to_owned(),
        key: log_key.to_string(),
        ..notary.clone()
    };
    let size = world.size();
    let table = [
        ("clerk", "", COURT, notary.clone(), "C-108"),
        ("holder-1", "", COURT, notary.clone(), "C-108"),
        ("supervisor", "lot-key", COURT, notary.clone(), "C-102"),
        ("supervisor", "", "nobody.witness", notary.clone(), "C-110"),
        (
            "supervisor",
            "",
            COURT,
            with(|line| line.key = "no key".to_owned()),
            "C-102",
        ),
        (
            "supervisor",
            "",
            COURT,
            with(|line| line.name = "other".to_owned()),
            "C-102",
        ),
        (
            "supervisor",
            "",
            COURT,
            with(|line| line.organisation.clear()),
            "C-102",
        ),
        ("supervisor", "", COURT, a_log_key, "C-102"),
        ("supervisor", "", COURT, university, "C-119"),
        ("supervisor", "", COURT, under_another_name, "C-119"),
    ];
    for (seat, instance, replaced, by, code) in table {
        let answer = act(&mut world, seat, PROPOSED, instance, &proposal(replaced, &by));
        assert_eq!(refusal(answer), code, "{seat} {instance} {replaced} {by:?}");
    }
    let silent = ReplacementProposed {
        reason: " ".to_owned(),
        ..proposal(COURT, &notary)
    };
    assert_eq!(
        refusal(act(&mut world, "supervisor", PROPOSED, "", &silent)),
        "C-102"
    );
    let nothing = WitnessReplaced {
        proposal: record::ActId([1; 16]),
        replaced: COURT.to_owned(),
        by: notary.clone(),
    };
    assert_eq!(refusal(act(&mut world, "clerk", REPLACED, "", &nothing)), "C-109");
    assert_eq!((world.size(), world.state().log_witnesses().len()), (size, 3));

    act(&mut world, "supervisor", PROPOSED, "", &proposal(COURT, &annex)).expect("a supervisor proposes");
    world.desk_mut("clerk").sync().expect("the line stands");
    let right = confirmation(&world);
    let other = WitnessReplaced {
        by: notary.clone(),
        ..right.clone()
    };
    let other_proposal = WitnessReplaced {
        proposal: record::ActId([1; 16]),
        ..right.clone()
    };
    let size = world.size();
    let table = [
        ("supervisor", "", right.clone(), "C-119"), // one person
        ("holder-3", "", right.clone(), "C-108"),
        ("custodian-1", "", right.clone(), "C-108"),
        ("clerk", "lot-key", right.clone(), "C-102"),
        ("clerk", "", other, "C-122"),
        ("clerk", "", other_proposal, "C-122"),
    ];
    for (seat, instance, payload, code) in table {
        let answer = act(&mut world, seat, REPLACED, instance, &payload);
        assert_eq!(refusal(answer), code, "{seat} {instance} {payload:?}");
    }
    assert_eq!(world.size(), size);
    assert_eq!(
        refusal(by_a_colleague(&mut world, &right)),
        "C-119",
        "two of one organisation"
    );

    act(&mut world, "clerk", REPLACED, "", &right).expect("another organisation");
    assert_eq!(
        refusal(act(&mut world, "clerk", REPLACED, "", &right)),
        "C-109",
        "once"
    );
    // Now the university's is the last one outside among those who would stay.
    let answer = act(
        &mut world,
        "supervisor",
        PROPOSED,
        "",
        &proposal(UNIVERSITY, &notary),
    );
    assert_eq!(refusal(answer), "C-119", "nobody outside stays");
    assert_eq!(
        refusal(act(
            &mut world,
            "supervisor",
            PROPOSED,
            "",
            &proposal(COURT, &notary)
        )),
        "C-110"
    );
}

/// A second supervisor of the same organisation confirms.
fn by_a_colleague(
    world: &mut World,
    payload: &WitnessReplaced,
) -> Result<protocol::Acknowledged, ClientError> {
    let bureau = world
        .state()
        .with_role(Role::Supervisor)
        .next()
        .expect("one")
        .organisation
        .clone();
    let key = SigningKeyPair::generate(&mut Seeded::new(1, "colleague"));
    let public = PublicKey(key.public_key());
    let certificate = world
        .cast
        .authority
        .certify("p-900", &bureau, Role::Supervisor, &public.0);
    let certificate = base64::Engine::encode(
        &base64::engine::general_purpose::STANDARD,
        certificate.expect("certified"),
    );
    let assigned = RoleAssigned {
        person: evaluation::PersonId::new("p-900").expect("an id"),
        role: Role::Supervisor,
        organisation: bureau,
        site: None,
        key: public,
        encryption_key: None,
        certificate: vec![certificate],
    };
    act(world, "clerk", "role.assigned", "", &assigned).expect("the clerk seats");
    world.desk_mut("clerk").sync().expect("the line stands");
    let colleague = Author::new(key, DeviceId([9; 16]));
    let mut core = core(world, "clerk", REPLACED, "", payload);
    core.actor = colleague.public();
    let link = world.link_as(&colleague);
    link.act_submit(&world.cast.origin, &sign(&colleague, core))
}

#[test]
fn with_w_of_all_nobody_could_cosign_a_replacement() {
    let mut world = world(73, |scenario| {
        scenario.quorum = 3;
        scenario.further_witnesses = vec![("notary".to_owned(), true)];
    });
    go(&mut world, |world| world.count("booth.enrolled") > 0);
    let notary = further(&world, "notary");
    let answer = act(&mut world, "supervisor", PROPOSED, "", &proposal(COURT, &notary));
    assert_eq!(refusal(answer), "C-119");
}

#[test]
fn a_log_witness_that_the_anchors_do_not_know_counts_for_nothing_and_stops_the_seats() {
    let mut world = with_further(74, &[("notary", true)]);
    go(&mut world, |world| world.count("booth.enrolled") > 0);
    // The witness of an attacker, with a key that nobody anchored.
    let public = sealing::ed25519::Ed25519Key::from_seed(sealing::secret::SecretBytes::new([7; 32])).public();
    let name = "stranger.witness";
    let key = VerifierKey::new(name, KeyAlgorithm::Cosignature, public).expect("a name");
    let stranger = WitnessLine {
        name: name.to_owned(),
        key: key.to_string(),
        organisation: "organisation-stranger".to_owned(),
        outside: true,
    };
    let desk = world.desk_mut("supervisor");
    let refused = replacement::propose(desk, COURT, &stranger, "断电。");
    assert!(
        matches!(refused, Err(ClientError::UnknownWitness(_))),
        "{refused:?}"
    );

    let index = replace(&mut world, COURT, &stranger);
    turns(&mut world, 2);
    assert!(cosigned(&world) > index, "those who stay go on cosigning");
    for seat in ["clerk", "holder-1", "supervisor"] {
        let refused = check_record(&world.desk(seat).replica);
        assert!(
            matches!(refused, Err(ClientError::UnknownWitness(_))),
            "{seat}: {refused:?}"
        );
    }
    let notary = further(&world, "notary");
    replace(&mut world, name, &notary);
    go(&mut world, |world| bid_acts(world) > 0);
    check_record(&world.desk("holder-1").replica).expect("the stranger is gone");
}

#[test]
fn a_seat_without_the_new_anchors_waits_until_they_are_installed() {
    let mut world = with_further(75, &[("notary", true)]);
    let full = world.cast.anchors.clone();
    let mut old = anchors(&world);
    old.further_witnesses.clear();
    let install = |world: &mut World, anchors: String| {
        let seat = world.cast.seats.iter_mut().find(|seat| seat.name == "holder-1");
        seat.expect("a holder").anchors = anchors;
        world.reopen("holder-1").expect("its vault is whole");
    };
    install(&mut world, String::from_utf8(old.to_json_bytes()).expect("JSON"));
    go(&mut world, |world| world.count("booth.enrolled") > 0);
    let notary = further(&world, "notary");
    replace(&mut world, COURT, &notary);
    turns(&mut world, 12);
    let refused = check_key(&world.desk("holder-1").replica, LOT_KEY);
    assert!(
        matches!(refused, Err(ClientError::UnknownWitness(_))),
        "{refused:?}"
    );
    install(&mut world, full);
    go(&mut world, |world| bid_acts(world) > 0);
    check_record(&world.desk("holder-1").replica).expect("the anchors know everybody");
}

#[test]
fn a_replacement_made_before_its_author_saw_the_record_is_stale() {
    let mut world = with_further(76, &[("notary", true)]);
    go(&mut world, |world| world.count("booth.enrolled") > 0);
    let notary = further(&world, "notary");
    let mut core = core(&world, "supervisor", PROPOSED, "", &proposal(COURT, &notary));
    core.seen = nothing_seen();
    assert_eq!(refusal(submit(&world, "supervisor", core)), "C-106");
}
