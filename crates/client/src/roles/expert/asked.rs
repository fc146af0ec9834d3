//! What is asked of an expert now, in the words of a deed.

use crate::roles::titles;
use protocol::window::{ExpertView, RoundState, Step, StepState, Words};

/// What is asked, and whether it is this expert's turn; else what is waited for.
pub(crate) fn asked(view: &ExpertView) -> (Words, bool) {
    let step = |state| view.steps.iter().find(|step| step.state == state);
    match (step(StepState::Now), step(StepState::Waiting)) {
        (Some(step), _) => (deed(view, step), true),
        (None, Some(step)) if !step.note.zh.is_empty() => (step.note.clone(), false),
        (None, Some(step)) => (step.title.clone(), false),
        (None, None) => (titles::nothing(), false),
    }
}

fn deed(view: &ExpertView, step: &Step) -> Words {
    match step.id.as_str() {
        "check_in" if view.new_pc.is_some() => Words::new("请求启用这台新电脑", "Ask to use this new PC"),
        "check_in" => Words::new("凭签到号和个人密钥入仓", "Take the booth with ticket and key"),
        "promise" => Words::new("签署评标承诺", "Sign the promise"),
        "leader" => Words::new("推选组长", "Vote for a leader"),
        "avoidance" => Words::new("声明有无回避情形", "Declare conflicts of interest"),
        "report" => Words::new("签署评标报告", "Sign the report"),
        _ => round(view, step),
    }
}

fn round(view: &ExpertView, step: &Step) -> Words {
    let round = view.rounds.iter().find(|round| round.instance == step.id);
    let (zh, en) = match round.map(|round| (&round.state, round.review)) {
        Some((RoundState::Sealed, _)) => ("全体已密封，请关闭本轮", "All have sealed; close the round"),
        Some((_, true)) => ("逐项评审并密封提交", "Review each item, then seal"),
        _ => ("独立评分并密封提交", "Score on your own, then seal"),
    };
    Words::new(zh, en)
}

/// Whether what is asked can be done without the line: scores are written on this PC.
pub(crate) fn goes_on_alone(view: &ExpertView) -> bool {
    let now = view.steps.iter().find(|step| step.state == StepState::Now);
    let round = now.and_then(|step| view.rounds.iter().find(|round| round.instance == step.id));
    round.is_some_and(|round| round.state == RoundState::Open)
}
