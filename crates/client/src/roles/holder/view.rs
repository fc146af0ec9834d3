//! What a holder sees.

use super::{Duty, duties, place};
use crate::desk::Desk;
use crate::roles::titles;
use evaluation::State;
use evaluation::acts::ceremony::LOT_KEY;
use protocol::window::{CheckState, DutyKind, HolderDone, HolderDuty, HolderView, Words};
use record::{Leaf, Millis};

/// Most acts in the list of what was done.
const MOST_DONE: usize = 100;

/// The holder's window at `now` of this PC's clock.
pub fn view(desk: &Desk, now: Millis) -> HolderView {
    let lot = desk.replica.state().ceremony(LOT_KEY).and_then(|ceremony| {
        let holders = u32::try_from(ceremony.setting.holders.len()).ok()?;
        Some((
            u32::from(place(desk, ceremony)?),
            holders,
            u32::from(ceremony.setting.threshold),
        ))
    });
    HolderView {
        place: lot,
        duties: duties(desk).iter().map(|due| shown(desk, due, now)).collect(),
        done: done(desk),
    }
}

fn shown(desk: &Desk, due: &Duty, now: Millis) -> HolderDuty {
    let checks = due.checks(&desk.replica, now).lines();
    HolderDuty {
        id: due.to_string(),
        kind: due.kind,
        title: title(desk.replica.state(), due),
        ready: checks.iter().all(|check| check.state == CheckState::Passed),
        checks,
        consequence: consequence(due.kind),
    }
}

fn title(state: &State, due: &Duty) -> Words {
    let instance = &due.instance;
    match due.kind {
        DutyKind::Deal => {
            let key = titles::key(instance);
            Words::new(
                format!("分发{}的份额", key.zh),
                format!("Deal shares of {}", key.en),
            )
        }
        DutyKind::Acknowledge => {
            let key = titles::key(instance);
            Words::new(
                format!("核对并确认{}的份额", key.zh),
                format!("Check and acknowledge the shares of {}", key.en),
            )
        }
        DutyKind::Decrypt => {
            let stage = titles::stage(instance);
            let bid = due
                .submission
                .as_deref()
                .map(|id| bid(state, id))
                .unwrap_or_default();
            Words::new(
                format!("{}：部分解密投标 {bid}", stage.zh),
                format!("{}: decrypt bid {bid} in part", stage.en),
            )
        }
        DutyKind::Release => {
            let stage = titles::stage(instance);
            Words::new(
                format!("释放份额以开启“{}”", stage.zh),
                format!("Release the share that opens \"{}\"", stage.en),
            )
        }
    }
}

/// Ordinal of a bid, or the beginning of its id before the opening record names one.
fn bid(state: &State, id: &str) -> String {
    let found = state.submissions().get(id).and_then(|s| s.bidder.as_ref());
    found.map_or_else(|| id.chars().take(8).collect(), ToString::to_string)
}

fn consequence(kind: DutyKind) -> Words {
    match kind {
        DutyKind::Deal => Words::new(
            "本机生成随机份额，分别加密给每位持有人，由您签名记入。",
            "This PC makes random shares, encrypts one to each holder, and you sign them into the record.",
        ),
        DutyKind::Acknowledge => Words::new(
            "输入口令后，本机打开并核对分给您的每一份：全部正确则确认；有错则提出异议，本次密钥生成随即停止。",
            "With your PIN this PC opens and checks every share dealt to you: it acknowledges them if all are right, \
             and complains if one is wrong, which stops the making of this key.",
        ),
        DutyKind::Decrypt => Words::new(
            "给出您对本次开启部分的解密及其证明；达到门限后这些部分即被打开，不能收回。",
            "Gives your part of the decryption, with its proof. Once enough holders have given theirs, these parts of \
             the bid are open, and that can't be undone.",
        ),
        DutyKind::Release => Words::new(
            "公布您的份额；达到门限后本轮所有评分表即被开启，不能收回。",
            "Publishes your share. Once enough holders have released theirs, every sheet of the round is open, and \
             that can't be undone.",
        ),
    }
}

fn done(desk: &Desk) -> Vec<HolderDone> {
    let me = desk.author.public();
    let own = desk.replica.entries().iter().rev().filter_map(|entry| {
        let Leaf::Header { header, .. } = &entry.leaf else {
            return None;
        };
        let (zh, en) = match header.kind.as_str() {
            "key.dealt" => ("已分发份额", "Shares dealt"),
            "key.acknowledged" => ("已确认份额", "Shares acknowledged"),
            "key.complained" => ("已提出异议", "Complained"),
            "partial.released" => ("已部分解密", "Decrypted in part"),
            "share.released" => ("已释放份额", "Share released"),
            _ => return None,
        };
        let of = match header.instance.as_str() {
            LOT_KEY => titles::key(LOT_KEY),
            other => titles::stage(other),
        };
        (header.actor == me).then(|| HolderDone {
            title: Words::new(format!("{zh}：{}", of.zh), format!("{en}: {}", of.en)),
            time: entry.time,
            index: entry.index,
        })
    });
    own.take(MOST_DONE).collect()
}
