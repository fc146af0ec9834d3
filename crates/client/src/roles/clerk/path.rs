//! The clerk's path: its steps with their states, and what it asks of the clerk now.

use super::waits;
use crate::roles::titles;
use evaluation::State;
use protocol::window::{ClerkView, Offer, Step, StepState, Words};
use rules::StageKind;

/// The path: id, Chinese, English.
const PATH: [(&str, &str, &str); 10] = [
    ("prepare", "建立存证记录", "Create the record"),
    ("sites", "登记场所与人员", "Enrol sites and people"),
    ("lot_key", "标段密钥", "Lot key"),
    ("bids", "接收投标", "Bids"),
    ("opening", "开标", "Opening"),
    ("committee", "评标委员会", "Committee"),
    ("rounds", "审查与评分", "Reviews and rounds"),
    ("result", "汇总", "Result"),
    ("report", "评标报告", "Report"),
    ("archive", "归档", "Archive"),
];

/// An act, and what doing it is called in Chinese and English.
type Deed = (&'static str, &'static str, &'static str);

/// What the clerk does at each step. The windows' buttons say the same.
const DEEDS: [(&str, &[Deed]); 9] = [
    (
        "prepare",
        &[("create_record", "建立存证记录", "Create the record")],
    ),
    (
        "sites",
        &[(
            "set_up",
            "登记场所、评标仓与人员",
            "Enrol sites, booths and people",
        )],
    ),
    (
        "lot_key",
        &[
            ("define_lot_key", "发起标段密钥生成", "Begin the lot key"),
            ("declare_ingest_key", "公布接收公钥", "Declare the key for bids"),
        ],
    ),
    (
        "opening",
        &[
            ("start_opening", "开始开标", "Begin the opening"),
            ("open_next", "开启已解密的投标文件", "Open the decrypted bids"),
            (
                "record_opening",
                "将开标记录存证",
                "Enter the opening in the record",
            ),
            (
                "allow_late_opening",
                "同意在会签晚到下继续开标",
                "Agree to the late opening",
            ),
        ],
    ),
    (
        "committee",
        &[
            ("seat_members", "登记评委席位", "Seat the committee"),
            ("open_draw", "发起抽签", "Begin the draw"),
        ],
    ),
    (
        "rounds",
        &[
            ("start_opening", "开始开启报价", "Begin opening the prices"),
            (
                "open_next",
                "开启已解密的报价文件",
                "Open the decrypted price parts",
            ),
            ("open_stage", "开始资格审查", "Begin the qualification review"),
            ("close_stage", "结束资格审查", "End the qualification review"),
            ("define_round", "确定本轮范围", "Set the scope of the round"),
            ("open_round", "开启本轮评审表", "Open the sheets of this round"),
            ("enter_prices", "录入报价", "Enter the prices"),
        ],
    ),
    (
        "result",
        &[("compute_result", "计算汇总结果", "Compute the result")],
    ),
    ("report", &[("make_report", "生成评标报告", "Make the report")]),
    (
        "archive",
        &[("archive", "归档并关闭存证记录", "Archive and close the record")],
    ),
];

/// The act that an offer names, without its instance.
fn head(offer: &Offer) -> &str {
    offer.action.split(':').next().unwrap_or_default()
}

fn deeds(step: &str) -> &'static [Deed] {
    DEEDS
        .iter()
        .find(|(id, _)| *id == step)
        .map(|(_, deeds)| *deeds)
        .unwrap_or_default()
}

/// What is offered at a step: the first that can be done, else the first.
fn offered<'a>(offers: &'a [Offer], step: &str) -> Option<&'a Offer> {
    let of_step = || {
        let deeds = deeds(step);
        offers
            .iter()
            .filter(move |offer| deeds.iter().any(|(act, ..)| *act == head(offer)))
    };
    of_step()
        .find(|offer| offer.why_not.is_none())
        .or_else(|| of_step().next())
}

fn ending(offers: &[Offer]) -> Option<&Offer> {
    offers.iter().find(|offer| offer.action == "end_evaluation")
}

/// The steps. `planned`: the plan of the project lies beside this seat.
pub(super) fn steps(state: &State, offers: &[Offer], planned: bool) -> Vec<Step> {
    let committee = state.committee();
    let ready = committee.leader.is_some() && committee.lines.values().all(|line| state.line_ready(line));
    let rounds_done = state.rulebook().is_some_and(|book| {
        book.stages
            .iter()
            .filter(|stage| stage.kind != StageKind::Summary)
            .all(|stage| state.stage_done(stage))
    });
    let signed = state.report().is_some() && state.signed().len() == committee.lines.len();
    let set_up = !state.sites().is_empty() && offered(offers, "sites").is_none();
    let recorded = state.opening_recorded();
    let done = |id: &str| match id {
        "prepare" => state.record().is_some(),
        "sites" => state.record().is_some() && set_up,
        "lot_key" => state.ingest_key().is_some(),
        "bids" => state.deadline_reached().is_some(),
        "opening" => recorded,
        "committee" => !committee.lines.is_empty() && ready,
        "rounds" => recorded && rounds_done,
        "result" => state.result().is_some(),
        "report" => signed,
        _ => state.archived().is_some(),
    };
    let stopped = state.ended().is_some();
    let mut behind = true;
    let steps = PATH.map(|(id, zh, en)| {
        let done = done(id);
        // Parts of bids are opened at the opening and again for the prices.
        let offer = match id {
            "rounds" if !recorded => None,
            _ => offered(offers, id),
        };
        let state_of = match offer {
            _ if done => StepState::Done,
            Some(offer) if offer.why_not.is_none() => StepState::Now,
            _ if stopped && id != "archive" => StepState::Stopped,
            // What is missing here is the clerk's own: the package.
            Some(_) if id == "prepare" && planned => StepState::Now,
            Some(_) => StepState::Waiting,
            None if behind && ending(offers).is_some_and(|ending| ending.why_not.is_none()) => StepState::Now,
            None if behind => StepState::Waiting,
            None => StepState::Later,
        };
        let first = behind;
        behind &= done;
        let note = match offer {
            _ if done => None,
            Some(offer) => offer.why_not.clone(),
            // Bindings and draws go on before their turn comes.
            None if id == "committee" => waits::committee(state),
            None if first => waits(state, offers, id),
            None => None,
        };
        Step {
            id: id.to_owned(),
            title: Words::new(zh, en),
            state: state_of,
            note: note.unwrap_or_default(),
        }
    });
    steps.into()
}

/// What the first step that is not done waits for, where nothing is offered.
fn waits(state: &State, offers: &[Offer], step: &str) -> Option<Words> {
    match ending(offers) {
        Some(ending) => ending.why_not.clone(),
        None if step == "report" => waits::report(state),
        None if step == "bids" => Some(Words::new("等待投标截止。", "Waiting for the deadline.")),
        None => None,
    }
}

/// Whether what is asked can be done without the line: a package is chosen and checked on this PC.
pub(crate) fn goes_on_alone(view: &ClerkView) -> bool {
    let first = view.offers.iter().find(|offer| offer.action == "create_record");
    first.is_some_and(|offer| offer.why_not.is_some())
        && view
            .steps
            .iter()
            .any(|step| step.id == "prepare" && step.state == StepState::Now)
}

/// What is asked of the clerk now, and whether it is the clerk's turn: the deed, or what is waited for.
pub(crate) fn asked(view: &ClerkView) -> (Words, bool) {
    if let Some(offer) = ending(&view.offers) {
        return match &offer.why_not {
            None => (Words::new("签署终止评标", "Sign the end of the evaluation"), true),
            Some(why) => (why.clone(), false),
        };
    }
    let step = |state| view.steps.iter().find(|step| step.state == state);
    let planless = view.offers.iter().find(|offer| offer.action == "create_record");
    if let Some(why) = planless.and_then(|offer| offer.why_not.as_ref())
        && step(StepState::Now).is_none()
    {
        return (why.clone(), false);
    }
    if let Some(step) = step(StepState::Now) {
        let said = offered(&view.offers, &step.id).filter(|offer| offer.why_not.is_none());
        let deed = said.and_then(|offer| deeds(&step.id).iter().find(|(act, ..)| *act == head(offer)));
        return match deed {
            Some((_, zh, en)) => (Words::new(*zh, *en), true),
            None if step.note.zh.is_empty() => (step.title.clone(), true),
            None => (step.note.clone(), true),
        };
    }
    match step(StepState::Waiting) {
        Some(step) if step.note.zh.is_empty() => (step.title.clone(), false),
        Some(step) => (step.note.clone(), false),
        None if view.archived.is_some() => (
            Words::new("可保存归档包", "The archive package can be saved"),
            false,
        ),
        None => (titles::nothing(), false),
    }
}

#[cfg(test)]
mod tests {
    use super::DEEDS;
    use serde_json::Value;

    #[test]
    fn the_buttons_of_the_windows_say_the_deeds_in_the_same_words() {
        for (language, page) in [
            (
                "zh",
                include_str!("../../../../../ui/src/locales/zh-CN/clerk.json"),
            ),
            ("en", include_str!("../../../../../ui/src/locales/en/clerk.json")),
        ] {
            let page: Value = serde_json::from_str(page).expect("the locale is JSON");
            for (step, deeds) in DEEDS {
                for (act, zh, en) in deeds {
                    let price = page["doPrice"].get(*act).filter(|_| step == "rounds");
                    let button = price.unwrap_or(&page["do"][*act]);
                    let deed = if language == "zh" { zh } else { en };
                    assert_eq!(button, deed, "{language} {step} {act}");
                }
            }
        }
    }
}
