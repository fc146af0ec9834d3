//! The replay as people see it.

use crate::fixture::{Departures, Fixture};
use conclave_audit::replay::StepOutcome;
use conclave_audit::{Filter, Limits, Profile, Replay, Step, read};

fn all(replay: &mut Replay<'_>) -> Vec<Step> {
    std::iter::from_fn(|| replay.step()).collect()
}

#[test]
fn every_act_is_told_with_what_it_changed() {
    let fixture = Fixture::short(Departures::default());
    let package = read(&fixture.package(Profile::Full), Limits::default()).expect("readable");
    let mut replay = Replay::new(&package);
    let steps = all(&mut replay);
    assert_eq!(steps.len() as u64, fixture.size());
    assert!(
        steps.iter().all(|step| step.outcome == StepOutcome::Ok),
        "{steps:?}"
    );
    assert_eq!(
        (steps[0].kind.as_str(), steps[0].zh.as_str()),
        ("record.created", "建立存证记录")
    );
    assert_eq!(steps[0].changed, ["record 0 -> 1", "roles 0 -> 1"]);
    assert_eq!(steps[5].changed, ["deadline reached 0 -> 1"]);
    assert_eq!(replay.state().root(), fixture.log.tree.root());
}

#[test]
fn a_jump_back_shows_the_same_again() {
    let fixture = Fixture::short(Departures::default());
    let package = read(&fixture.package(Profile::Full), Limits::default()).expect("readable");
    let mut replay = Replay::new(&package);
    let steps = all(&mut replay);
    for place in [3, 0, 5, 2] {
        replay.jump(place);
        assert_eq!(replay.position(), place);
        assert_eq!(replay.state().size(), place);
        assert_eq!(
            replay.step().as_ref(),
            steps.get(usize::try_from(place).expect("small"))
        );
    }
    replay.jump(10_000);
    assert_eq!(replay.step(), None);
}

#[test]
fn a_filter_shows_what_it_names() {
    let fixture = Fixture::short(Departures::default());
    let package = read(&fixture.package(Profile::Full), Limits::default()).expect("readable");
    let shown = |filter: &Filter| {
        let mut replay = Replay::new(&package);
        std::iter::from_fn(|| replay.next_shown(filter))
            .map(|step| step.index)
            .collect::<Vec<_>>()
    };
    assert_eq!(
        shown(&Filter {
            kind: Some("role.assigned".to_owned()),
            ..Filter::default()
        }),
        [1, 3]
    );
    assert_eq!(
        shown(&Filter {
            kind: Some("observation.".to_owned()),
            ..Filter::default()
        }),
        [6]
    );
    assert_eq!(
        shown(&Filter {
            instance: Some("bids".to_owned()),
            ..Filter::default()
        }),
        [5]
    );
    let actor = Replay::new(&package).step().expect("an act").actor;
    assert_eq!(
        shown(&Filter {
            actor: Some(actor),
            ..Filter::default()
        }),
        [0, 1, 2, 3, 4]
    );
}

#[test]
fn it_stops_at_a_refusal_and_passes_over_what_is_withheld() {
    let fixture = Fixture::long(Departures::default());
    let package = read(&fixture.package(Profile::Full), Limits::default()).expect("readable");
    let steps = all(&mut Replay::new(&package));
    assert!(
        matches!(&steps[5].outcome, StepOutcome::Refused(why) if why.starts_with("C-109")),
        "{:?}",
        steps[5]
    );
    assert!(
        steps[6..]
            .iter()
            .all(|step| step.outcome == StepOutcome::NotReplayed)
    );
    let package = read(&fixture.package(Profile::Public), Limits::default()).expect("readable");
    let steps = all(&mut Replay::new(&package));
    assert_eq!(steps[0].outcome, StepOutcome::Ok);
    assert_eq!(steps[1].outcome, StepOutcome::Withheld);
}
