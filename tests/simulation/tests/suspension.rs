//! An evaluation that is suspended: what goes on, what waits, what is decided anew; and what supervision writes beside.

mod support;

use client::checks::{check_not_suspended, check_release};
use client::rehearsal::SuspensionDrill;
use conclave_simulation::World;
use evaluation::acts::draws::{DrawOpened, REVEAL_WINDOW};
use evaluation::acts::review::StageControl;
use evaluation::acts::rounds::MemberAbsent;
use evaluation::acts::sheets::SheetSealed;
use evaluation::acts::supervision::{
    Attendee, KEPT_WARNINGS, MarkSet, Phrase, Presence, PresenceMark, SUPERVISION, WarningGiven,
};
use evaluation::acts::suspension::{EvaluationResumed, EvaluationSuspended, SUSPENSION};
use evaluation::{CodeName, SiteId};
use record::{BlobRef, Leaf};
use support::{act, assert_sound, checked, core, finish, go, refusal, submit, totals, turns, world};

fn suspension(reason: &str) -> EvaluationSuspended {
    EvaluationSuspended {
        reason: reason.to_owned(),
    }
}

fn resumption() -> EvaluationResumed {
    EvaluationResumed {
        reason: "原因已消除。".to_owned(),
    }
}

fn suspend(world: &mut World) {
    let payload = suspension("现场断电，暂停核查。");
    act(world, "supervisor", "evaluation.suspended", SUSPENSION, &payload).expect("a supervisor may");
    world.desk_mut("clerk").sync().expect("the line stands");
}

fn resume(world: &mut World) {
    act(
        world,
        "supervisor",
        "evaluation.resumed",
        SUSPENSION,
        &resumption(),
    )
    .expect("a supervisor may");
    world.desk_mut("clerk").sync().expect("the line stands");
}

fn warning(line: Option<CodeName>) -> WarningGiven {
    WarningGiven {
        line,
        phrase: Phrase::OnTime,
        reason: "请抓紧时间。".to_owned(),
    }
}

fn note(text: &str) -> MarkSet {
    MarkSet {
        line: None,
        note: text.to_owned(),
        presence: None,
    }
}

fn present(member: Attendee, presence: Presence) -> MarkSet {
    MarkSet {
        line: None,
        note: String::new(),
        presence: Some(PresenceMark { member, presence }),
    }
}

/// Ticket of somebody who checked in at a site.
fn ticket(world: &World, site: &str) -> String {
    let site = SiteId::new(site).expect("a site");
    let tickets = &world.state().committee().tickets;
    let here = tickets.iter().find(|(_, (_, of))| *of == site);
    here.expect("somebody checked in there").0.clone()
}

/// Indices of the leaves of a type in the clerk's copy.
fn of_kind(world: &World, kind: &str) -> Vec<u64> {
    let entries = world.desk("clerk").replica.entries().iter();
    let found =
        entries.filter(|entry| matches!(&entry.leaf, Leaf::Header { header, .. } if header.kind == kind));
    found.map(|entry| entry.index).collect()
}

#[test]
fn a_suspension_in_the_middle_of_a_round_stops_it_and_the_evaluation_ends_sound() {
    const LASTS: u64 = 600_000;
    let mut world = world(91, |scenario| {
        scenario.suspension = Some(SuspensionDrill {
            round: "scored/1".to_owned(),
            lasts: LASTS,
        });
    });
    go(&mut world, |world| world.state().suspended().is_some());
    let since = world.state().suspended().expect("it is").since;
    assert!(
        world
            .state()
            .round("scored/1")
            .is_some_and(|round| round.closed.is_none())
    );
    // Everybody works on, and nothing that advances the evaluation comes in; drafts do.
    let drafts = of_kind(&world, "draft.saved").len();
    for _ in 0..4 {
        world.clock.advance(60_000);
        turns(&mut world, 2);
    }
    assert!(world.state().suspended().is_some(), "its time is not over");
    assert!(
        of_kind(&world, "draft.saved").len() > drafts,
        "drafts go on being kept"
    );
    let during: Vec<u64> = of_kind(&world, "sheet.sealed")
        .into_iter()
        .filter(|i| *i > since)
        .collect();
    assert_eq!(during, [0_u64; 0], "no sheet is taken");
    world.clock.advance(LASTS);
    let outcome = finish(&mut world);
    assert_sound(&world, &outcome);
    assert_eq!(
        totals(&world),
        ["1 89.44", "2 82.10", "3 81.22"],
        "the same result as without"
    );
    assert_eq!(of_kind(&world, "evaluation.resumed").len(), 1);
    assert_eq!(world.state().warnings().count(), 1);
    let report = audit::verify(
        &outcome.public,
        Some(&support::anchors(&world)),
        &audit::Checks::all(),
    );
    assert_eq!(report.code, 0, "{}", report.text(evaluation::Language::En));
    // The public package tells that it was suspended and not why.
    let public = audit::read(&outcome.public, audit::Limits::default()).expect("a package");
    let mut told = 0;
    for (_, entry) in public.entries() {
        let entry = entry.expect("an entry");
        if let Leaf::Header { header, .. } = &entry.leaf
            && [SUSPENSION, SUPERVISION].contains(&header.instance.as_str())
        {
            told += 1;
            assert!(entry.disclosed.is_none(), "{}", header.kind);
        }
    }
    assert_eq!(told, 3, "suspended, warned, resumed");
}

#[test]
fn what_advances_the_evaluation_is_refused_and_what_was_decided_before_is_decided_anew() {
    let mut world = world(92, |_| ());
    go(&mut world, |world| {
        world
            .state()
            .round("scored/1")
            .is_some_and(|round| !round.sheets.is_empty() && round.closed.is_none())
    });
    let round = world.state().round("scored/1").expect("defined");
    let late = round
        .setting
        .roster
        .iter()
        .find(|line| !round.sheets.contains_key(&line.line));
    let late = late.expect("somebody has not sealed").line.clone();
    let size = round.sheets.values().next().expect("one sealed")[0].1.size;
    let booth = world.booth_of(&late).expect("drawn to a booth");
    // A sheet sealed with the line cut, before anybody thought of a suspension.
    let bytes = vec![7; usize::try_from(size).expect("small")];
    let sheet = world
        .desk(&booth)
        .link
        .blob_put(&world.cast.origin, &bytes)
        .expect("a blob");
    assert_eq!(
        sheet,
        protocol::StoredBlob {
            blob: BlobRef::of(&bytes)
        }
    );
    let payload = SheetSealed {
        line: late.clone(),
        sheet: sheet.blob,
    };
    let before = core(&world, &booth, "sheet.sealed", "scored/1", &payload);
    let resumed_early = act(
        &mut world,
        "supervisor",
        "evaluation.resumed",
        SUSPENSION,
        &resumption(),
    );
    assert_eq!(refusal(resumed_early), "C-109", "it is not suspended");
    suspend(&mut world);
    let length = world.size();

    assert_eq!(refusal(submit(&world, &booth, before.clone())), "C-127");
    world.desk_mut(&booth).sync().expect("the line stands");
    let during = core(&world, &booth, "sheet.sealed", "scored/1", &payload);
    assert_eq!(refusal(submit(&world, &booth, during.clone())), "C-127");
    let absent = MemberAbsent {
        line: late.clone(),
        reason: "离席。".to_owned(),
    };
    let absence = act(&mut world, "supervisor", "member.absent", "scored/1", &absent);
    assert_eq!(refusal(absence), "C-127");
    let stage = act(
        &mut world,
        "clerk",
        "stage.opened",
        "qualification/1",
        &StageControl {},
    );
    assert_eq!(refusal(stage), "C-127");
    let again = act(
        &mut world,
        "supervisor",
        "evaluation.suspended",
        SUSPENSION,
        &suspension("再次。"),
    );
    assert_eq!(refusal(again), "C-111");
    assert_eq!(world.size(), length, "nothing is appended");
    // Holders' and experts' own clients stop by themselves: a refused act would have told the centre the share.
    world.desk_mut("holder-1").sync().expect("the line stands");
    let now = world.clock.time();
    checked(check_not_suspended(&world.desk(&booth).replica), "is paused");
    checked(
        check_release(&world.desk("holder-1").replica, "scored/1", now),
        "is paused",
    );
    assert!(
        support::nobody(&world)
            .bid_stage(&world.cast.origin)
            .expect("told")
            .openings
            .is_empty()
    );

    // An observation of refused acts, warnings and marks come in.
    act(
        &mut world,
        "supervisor",
        "warning.given",
        SUPERVISION,
        &warning(Some(late)),
    )
    .expect("taken");
    act(
        &mut world,
        "witness-person-host",
        "mark.set",
        SUPERVISION,
        &note("断电。"),
    )
    .expect("taken");
    resume(&mut world);
    assert_eq!(
        refusal(submit(&world, &booth, before)),
        "C-106",
        "sealed before it was suspended"
    );
    let outcome = finish(&mut world);
    assert_sound(&world, &outcome);
    assert_eq!(totals(&world), ["1 89.44", "2 82.10", "3 81.22"]);
}

#[test]
fn the_deadline_comes_and_bids_go_on_and_a_draw_stands_still() {
    let mut world = world(93, |scenario| scenario.deadline += 3_600_000);
    world.switched_off.insert("supervisor".to_owned());
    go(&mut world, |world| world.state().draw("draw/1").is_some());
    let before = world.state().draw("draw/1").expect("it runs").opened;
    suspend(&mut world);
    // The bidders hand in; nobody is voided, however long it lasts.
    go(&mut world, |world| support::bid_acts(world) == 7);
    world.clock.advance(2 * REVEAL_WINDOW);
    turns(&mut world, 3);
    assert_eq!(world.count("draw.voided"), 0);
    let names = DrawOpened {
        parties: Vec::new(),
        code_names: Vec::new(),
    };
    assert_eq!(
        refusal(act(&mut world, "clerk", "draw.opened", "draw/2", &names)),
        "C-127"
    );
    let lasted = world.clock.time() - world.state().suspended().expect("it is").time;
    resume(&mut world);
    let draw = world.state().draw("draw/1").expect("it runs");
    assert!(draw.opened == before && draw.suspended >= lasted);
    turns(&mut world, 1);
    assert_eq!(world.count("draw.voided"), 0, "its window goes on where it stood");
    // It is suspended over the deadline, which the law sets.
    suspend(&mut world);
    let deadline = world.state().record().expect("created").deadline;
    world.clock.set(deadline + 1_000);
    turns(&mut world, 3);
    assert!(world.state().deadline_reached().is_some());
    assert!(world.state().suspended().is_some() && !world.state().opening_recorded());
    resume(&mut world);
    world.switched_off.clear();
    go(&mut world, |world| {
        world.state().draw("draw/1").is_some_and(|draw| draw.done)
    });
    assert_eq!(world.count("draw.voided"), 0);
}

#[test]
fn only_a_supervisor_suspends_and_warns_and_texts_are_bounded() {
    let mut world = world(94, |_| ());
    go(&mut world, support::bids_are_in);
    let length = world.size();
    for seat in [
        "clerk",
        "witness-person-host",
        "desk-host",
        "holder-1",
        "purchaser",
    ] {
        let suspended = act(
            &mut world,
            seat,
            "evaluation.suspended",
            SUSPENSION,
            &suspension("停。"),
        );
        assert_eq!(refusal(suspended), "C-108", "{seat}");
        let resumed = act(&mut world, seat, "evaluation.resumed", SUSPENSION, &resumption());
        assert_eq!(refusal(resumed), "C-108", "{seat}");
        let warned = act(&mut world, seat, "warning.given", SUPERVISION, &warning(None));
        assert_eq!(refusal(warned), "C-108", "{seat}");
    }
    for seat in ["clerk", "holder-1", "purchaser"] {
        let marked = act(&mut world, seat, "mark.set", SUPERVISION, &note("一切正常。"));
        assert_eq!(refusal(marked), "C-108", "{seat}");
    }
    for text in ["", "  ", "a\nb", "长".repeat(167).as_str()] {
        let suspended = act(
            &mut world,
            "supervisor",
            "evaluation.suspended",
            SUSPENSION,
            &suspension(text),
        );
        assert_eq!(refusal(suspended), "C-102", "{text:?}");
        let marked = act(&mut world, "supervisor", "mark.set", SUPERVISION, &note(text));
        assert_eq!(refusal(marked), "C-102", "{text:?}");
    }
    let phrase = serde_json::json!({"line": null, "phrase": "be_quick", "reason": "快。"});
    let warned = act(&mut world, "supervisor", "warning.given", SUPERVISION, &phrase);
    assert_eq!(refusal(warned), "C-102", "not of the closed list");
    let nobody = CodeName::new("nobody").expect("a code name");
    let warned = act(
        &mut world,
        "supervisor",
        "warning.given",
        SUPERVISION,
        &warning(Some(nobody)),
    );
    assert_eq!(refusal(warned), "C-110");
    // Presence: by the desk of the site at which the member checked in.
    let own = present(Attendee::Ticket(ticket(&world, "host")), Presence::InSeat);
    let guest = world
        .state()
        .sites()
        .iter()
        .find(|(_, site)| !site.host)
        .map(|(site, _)| site.clone());
    let guest = guest.expect("a guest site");
    let foreign = present(Attendee::Ticket(ticket(&world, guest.as_str())), Presence::Break);
    let marked = act(&mut world, "desk-host", "mark.set", SUPERVISION, &foreign);
    assert_eq!(refusal(marked), "C-108", "a member of another site");
    let marked = act(&mut world, "supervisor", "mark.set", SUPERVISION, &own);
    assert_eq!(refusal(marked), "C-108", "a supervisor keeps no desk");
    let unknown = present(Attendee::Ticket("0".repeat(32)), Presence::Late);
    assert_eq!(
        refusal(act(&mut world, "desk-host", "mark.set", SUPERVISION, &unknown)),
        "C-110"
    );
    let seat = present(Attendee::Seat(1), Presence::Late);
    let marked = act(&mut world, "desk-host", "mark.set", SUPERVISION, &seat);
    assert_eq!(refusal(marked), "C-109", "everybody has checked in");
    let seat = present(Attendee::Seat(31), Presence::Late);
    assert_eq!(
        refusal(act(&mut world, "desk-host", "mark.set", SUPERVISION, &seat)),
        "C-110"
    );
    assert_eq!(world.size(), length, "nothing is appended");

    // Who is connected is told to who watches, of the own site to a desk, to no member.
    let lines = &world.state().committee().lines;
    let booth = world
        .booth_of(lines.keys().next().expect("drawn"))
        .expect("a booth");
    let told = |seat: &str| world.desk(seat).link.presence(&world.cast.origin);
    let all = told("supervisor").expect("told").seats;
    assert_eq!(all.iter().filter(|seat| seat.line.is_some()).count(), lines.len());
    let site = SiteId::new("host").expect("a site");
    let here = all.iter().filter(|seat| seat.site.as_ref() == Some(&site));
    let desk = told("desk-host").expect("told").seats;
    assert_eq!(desk.len(), here.count());
    assert!(
        desk.iter()
            .all(|seat| seat.site.as_ref() == Some(&site) && seat.line.is_none())
    );
    for seat in [booth.as_str(), "holder-1", "purchaser"] {
        assert_eq!(
            support::kind(told(seat)),
            protocol::ErrorCode::Forbidden,
            "{seat}"
        );
    }

    // What is taken is bounded in the state, and only its readers read it.
    for _ in 0..=KEPT_WARNINGS {
        act(
            &mut world,
            "supervisor",
            "warning.given",
            SUPERVISION,
            &warning(None),
        )
        .expect("taken");
    }
    act(&mut world, "desk-host", "mark.set", SUPERVISION, &own).expect("of the own site");
    for seat in ["supervisor", "clerk", "witness-person-host", booth.as_str()] {
        world.desk_mut(seat).sync().expect("the line stands");
    }
    let warnings = |seat: &str| world.desk(seat).replica.state().warnings().count();
    assert_eq!(
        (warnings("supervisor"), warnings(&booth)),
        (KEPT_WARNINGS, KEPT_WARNINGS)
    );
    let presence = |seat: &str| world.desk(seat).replica.state().presence().len();
    assert_eq!((presence("supervisor"), presence("witness-person-host")), (1, 1));
    assert_eq!(
        (presence(&booth), presence("clerk")),
        (0, 0),
        "they learn that there is a mark"
    );
}

#[test]
fn an_act_at_another_instance_or_that_missed_the_resumption_is_refused() {
    let mut world = world(95, |_| ());
    go(&mut world, |world| world.state().committee().leader.is_some());
    let first = core(
        &world,
        "supervisor",
        "evaluation.suspended",
        SUSPENSION,
        &suspension("停。"),
    );
    suspend(&mut world);
    world.desk_mut("supervisor").sync().expect("the line stands");
    let unaware = core(
        &world,
        "supervisor",
        "evaluation.suspended",
        SUSPENSION,
        &suspension("停。"),
    );
    let mut resumed = core(
        &world,
        "supervisor",
        "evaluation.resumed",
        SUSPENSION,
        &resumption(),
    );
    resumed.instance = "scored/1".to_owned();
    assert_eq!(refusal(submit(&world, "supervisor", resumed.clone())), "C-102");
    resumed.instance = SUSPENSION.to_owned();
    resumed.seen = first.seen;
    assert_eq!(
        refusal(submit(&world, "supervisor", resumed)),
        "C-106",
        "had not seen the suspension"
    );
    resume(&mut world);
    assert_eq!(
        refusal(submit(&world, "supervisor", unaware)),
        "C-106",
        "had not seen the resumption"
    );
    assert!(world.state().suspended().is_none());
}
