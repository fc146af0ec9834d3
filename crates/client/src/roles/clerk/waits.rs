//! What others must do before the clerk can go on: the first thing that is missing, never a list of all.

use evaluation::{RoundState, State};
use protocol::window::Words;

fn of(zh: &str, en: &str, got: usize, all: usize) -> Words {
    Words::new(format!("{zh}：{got}/{all}。"), format!("{en}: {got} of {all}."))
}

/// Until the committee can begin; `None`: nothing is missing, or the clerk's own act is.
pub(super) fn committee(state: &State) -> Option<Words> {
    let committee = state.committee();
    if committee.lines.is_empty() {
        let draw = state.draw(&format!("draw/{}", state.draws_count()))?;
        let parties = draw.setting.parties.len();
        if draw.voided.is_some() || draw.done {
            return None;
        }
        return Some(match draw.commitments.len() < parties {
            true => of(
                "等待三方提交随机数的承诺",
                "Waiting for the parties of the draw to commit",
                draw.commitments.len(),
                parties,
            ),
            false => of(
                "等待三方公开随机数",
                "Waiting for the parties of the draw to reveal",
                draw.values.len(),
                parties,
            ),
        });
    }
    let avoids: Vec<&str> = committee
        .lines
        .iter()
        .filter(|(_, line)| line.clear == Some(false))
        .map(|(name, _)| name.as_str())
        .collect();
    if !avoids.is_empty() {
        let (zh, en) = (avoids.join("、"), avoids.join(", "));
        return Some(Words::new(
            format!("{zh} 申请回避，须递补。"),
            format!("{en} declared a conflict: a substitute is needed."),
        ));
    }
    let all = committee.lines.len();
    let ready = committee
        .lines
        .values()
        .filter(|line| state.line_ready(line))
        .count();
    if ready < all {
        return Some(of(
            "等待评委绑定、承诺、声明回避",
            "Waiting for bindings, promises and declarations of conflicts",
            ready,
            all,
        ));
    }
    committee
        .leader
        .is_none()
        .then(|| Words::new("等待推选组长。", "Waiting for the vote for a leader."))
}

/// Until the report is signed by everybody.
pub(super) fn report(state: &State) -> Option<Words> {
    state.report()?;
    Some(of(
        "等待评委签署报告",
        "Waiting for the members to sign the report",
        state.signed().len(),
        state.committee().lines.len(),
    ))
}

/// Until a round that is defined can be opened.
pub(super) fn round(state: &State, id: &str, round: &RoundState) -> Option<Words> {
    if let Some(ceremony) = state.ceremony(id)
        && ceremony.key.is_none()
    {
        let (got, all) = (ceremony.acknowledged.len(), ceremony.setting.holders.len());
        return Some(of(
            "等待密钥持有人确认本轮密钥",
            "Waiting for the holders to acknowledge the round key",
            got,
            all,
        ));
    }
    if round.closed.is_none() {
        let (got, all) = (round.sheets.len(), round.setting.roster.len());
        return Some(match got < all {
            true => of("等待评委密封", "Waiting for the members to seal", got, all),
            false => Words::new("等待组长关闭本轮。", "Waiting for the leader to close the round."),
        });
    }
    if round.countersigned.is_none() {
        return Some(Words::new(
            "等待监督人员会签关闭。",
            "Waiting for the supervisor to countersign the close.",
        ));
    }
    let (got, all) = (round.shares.len(), usize::from(round.setting.threshold));
    (got < all).then(|| {
        of(
            "等待密钥持有人释放份额",
            "Waiting for the holders to release their shares",
            got,
            all,
        )
    })
}
