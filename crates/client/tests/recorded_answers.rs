//! The gallery's recorded answers against the program: what a scene's status strip asks, and what its desk still offers,
//! is what the program says of that desk over that line.

use conclave_client::roles::rulebook;
use conclave_client::roles::sends::sends;
use conclave_client::workplace::View;
use protocol::window::{
    CheckLine, CheckState, HallState, HallView, MadeUpBid, ObserverDuty, Offer, Status, Words,
};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use std::collections::BTreeMap;
use std::path::Path;
use std::process::Command;

/// What a cut line says where it holds back.
const HELD: &str = "线路中断，恢复后才能办理。";

#[derive(Deserialize)]
struct Recorded {
    scene: String,
    window: String,
    status: Status,
    view: serde_json::Value,
}

fn recorded() -> Vec<Recorded> {
    let ui = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../ui");
    let output = Command::new("node")
        .arg("checks/recorded.mjs")
        .current_dir(&ui)
        .output()
        .expect("node, which builds the front end, prints what is recorded");
    let told = String::from_utf8_lossy(&output.stderr);
    assert!(
        output.status.success(),
        "the front end's packages are installed: {told}"
    );
    serde_json::from_slice(&output.stdout).expect("what is recorded has the types of the window commands")
}

fn view(recorded: &Recorded) -> View {
    fn read<T: DeserializeOwned>(recorded: &Recorded) -> T {
        serde_json::from_value(recorded.view.clone()).unwrap_or_else(|e| panic!("{}: {e}", recorded.scene))
    }
    match recorded.window.as_str() {
        "clerk" => View::Clerk(Box::new((read(recorded), hall()))),
        "expert" => View::Expert(read(recorded)),
        "purchaser" => View::Purchaser(read(recorded)),
        "holder" => View::Holder(read(recorded)),
        "supervisor" => View::Supervisor(read(recorded)),
        "operator" => View::Operator(read(recorded)),
        other => panic!("{}: no desk {other}", recorded.scene),
    }
}

/// What a clerk is asked does not hang on the hall.
fn hall() -> HallView {
    HallView {
        state: HallState::Before,
        title: Words::default(),
        deadline: 0,
        bids: Vec::new(),
        now: Words::default(),
        stopped: None,
    }
}

fn names(view: &View) -> Vec<&str> {
    let (offers, duties): (&[Offer], &[ObserverDuty]) = match view {
        View::Nothing => (&[], &[]),
        View::Expert(view) => (&view.offers, &[]),
        View::Clerk(view) => (&view.0.offers, &[]),
        View::Purchaser(view) => (&view.offers, &[]),
        View::Holder(view) => return view.duties.iter().map(|duty| duty.id.as_str()).collect(),
        View::Supervisor(view) => (&view.offers, &view.duties),
        View::Operator(view) => (&view.offers, &view.duties),
    };
    let offers = offers.iter().map(|offer| offer.action.as_str());
    offers.chain(duties.iter().map(|duty| duty.id.as_str())).collect()
}

/// A desk as it is before a cut line holds it back.
fn unheld(view: &View) -> View {
    let mut free = view.clone();
    let (offers, duties): (&mut [Offer], &mut [ObserverDuty]) = match &mut free {
        View::Nothing => (&mut [], &mut []),
        View::Expert(view) => (&mut view.offers, &mut []),
        View::Clerk(view) => (&mut view.0.offers, &mut []),
        View::Purchaser(view) => (&mut view.offers, &mut []),
        View::Holder(view) => {
            for duty in &mut view.duties {
                duty.ready = unchecked(&mut duty.checks);
            }
            (&mut [], &mut [])
        }
        View::Supervisor(view) => (&mut view.offers, &mut view.duties),
        View::Operator(view) => (&mut view.offers, &mut view.duties),
    };
    for offer in offers {
        if offer.why_not.as_ref().is_some_and(|why| why.zh == HELD) {
            offer.why_not = None;
        }
    }
    for duty in duties {
        duty.ready = unchecked(&mut duty.checks);
    }
    free
}

/// Without the check that the line stands; whether the others hold.
fn unchecked(checks: &mut Vec<CheckLine>) -> bool {
    checks.retain(|check| check.detail.zh != HELD);
    checks.iter().all(|check| check.state == CheckState::Passed)
}

#[test]
fn a_scene_asks_and_offers_what_the_program_does() {
    let recorded = recorded();
    assert!(recorded.len() > 100, "{} scenes have a desk", recorded.len());
    let mut wrong = Vec::new();
    for one in &recorded {
        let shown = view(one);
        for name in names(&shown) {
            if sends(name).is_none() {
                wrong.push(format!("{}: {name} is offered by nobody", one.scene));
            }
        }
        let mut held = unheld(&shown);
        let (asked, turn) = held.told(one.status.suspended.is_some(), &one.status.line);
        let Status {
            asked: said, my_turn, ..
        } = &one.status;
        if (&asked, turn) != (said, *my_turn) {
            wrong.push(format!(
                "{}: {said:?} {my_turn}; the program: {asked:?} {turn}",
                one.scene
            ));
        }
        if held != shown {
            wrong.push(format!("{}: it offers what the program holds back", one.scene));
        }
    }
    assert!(wrong.is_empty(), "{}:\n{}", wrong.len(), wrong.join("\n"));
}

/// Answers of the rulebook editor, by texts that have names.
#[derive(Deserialize)]
struct Editor {
    texts: BTreeMap<String, String>,
    answers: Vec<Answered>,
}

#[derive(Deserialize)]
struct Answered {
    command: String,
    arguments: Asked,
    answer: serde_json::Value,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Asked {
    text: String,
    bids: Vec<MadeUpBid>,
    parameters: Vec<(String, String)>,
    at: u32,
}

#[test]
fn the_editor_of_rulebooks_answers_as_the_program_does() {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../ui/src/fixtures/rulebook.recorded.json");
    let bytes = std::fs::read(&file).expect("it is committed");
    let recorded: Editor = serde_json::from_slice(&bytes).expect("texts and answers");
    assert!(recorded.answers.len() > 15, "{} answers", recorded.answers.len());
    for one in &recorded.answers {
        let Asked {
            text,
            bids,
            parameters,
            at,
        } = &one.arguments;
        let text = recorded.texts.get(text).map_or("", String::as_str);
        let answer = match one.command.as_str() {
            "rulebook_presets" => serde_json::to_value(rulebook::presets()),
            "look_rulebook" => serde_json::to_value(rulebook::look(text)),
            "try_rulebook" => serde_json::to_value(rulebook::try_out(text, bids, parameters, *at)),
            other => panic!("nobody answers {other}"),
        };
        let answer = answer.expect("read models are JSON");
        assert_eq!(answer, one.answer, "{} of {}", one.command, one.arguments.text);
    }
}
