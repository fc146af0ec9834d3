//! What only an observer can do, and what its client checks before.

use super::role;
use crate::acting::{Progress, act, signed};
use crate::author::PersonalKey;
use crate::checks::{binding_checks, check_binding, close_checks, ending_checks};
use crate::desk::Desk;
use crate::error::ClientError;
use crate::roles::{draw, joint, titles};
use evaluation::acts::binding::BindingSeen;
use evaluation::acts::committee::COMMITTEE;
use evaluation::acts::rounds::RoundCountersigned;
use evaluation::{CodeName, Role};
use protocol::window::{CheckLine, CheckState, ObserverDuty, Words};

/// Bound lines that this observer has to see and has not; a witness person those of the own site.
pub fn unseen(desk: &Desk, role: Role) -> Vec<CodeName> {
    let state = desk.replica.state();
    let own_site = state
        .parties(&desk.author.public())
        .iter()
        .find_map(|party| party.site.clone());
    let found = state.committee().lines.iter().filter(|(_, line)| {
        let mine = role == Role::Supervisor || own_site.as_ref() == Some(&line.site);
        mine && line
            .binding
            .as_ref()
            .is_some_and(|binding| !binding.seen.contains(&role))
    });
    found.map(|(name, _)| name.clone()).collect()
}

/// Says that this observer saw the binding of a line, after its checks.
///
/// # Errors
/// [`ClientError::Check`]; the line.
pub fn see_binding(desk: &mut Desk, line: &CodeName) -> Result<Progress, ClientError> {
    let key = check_binding(&desk.replica, line)?;
    let payload = BindingSeen {
        line: line.clone(),
        key,
    };
    act(desk, "binding.seen", COMMITTEE, &payload)
}

/// Rounds that the leader closed and nobody countersigned.
pub fn uncountersigned(desk: &Desk) -> Vec<String> {
    let rounds = desk.replica.state().rounds().iter();
    let waiting = rounds.filter(|(_, round)| round.closed.is_some() && round.countersigned.is_none());
    waiting.map(|(instance, _)| instance.clone()).collect()
}

/// Countersigns the close of a round, personally.
///
/// # Errors
/// [`ClientError::Check`] for a round without a close; a wrong PIN; the line.
pub fn countersign(desk: &mut Desk, instance: &str, personal: &PersonalKey) -> Result<Progress, ClientError> {
    let round = desk.replica.state().round(instance);
    let Some((closed, _)) = round.and_then(|round| round.closed) else {
        return Err(ClientError::check(
            "组长尚未关闭本轮",
            "the round is not closed by the leader",
        ));
    };
    let payload = RoundCountersigned { closed };
    signed(desk, "round.countersigned", instance, &payload, Some(personal))
}

fn duty(
    id: String,
    title: Words,
    checks: Vec<CheckLine>,
    needs_pin: bool,
    consequence: Words,
) -> ObserverDuty {
    ObserverDuty {
        id,
        title,
        ready: checks.iter().all(|check| check.state == CheckState::Passed),
        checks,
        needs_pin,
        consequence,
    }
}

/// The duties of this observer now.
pub(super) fn duties(desk: &Desk) -> Vec<ObserverDuty> {
    let role = role(desk);
    let state = desk.replica.state();
    if state.ended().is_some() || state.archived().is_some() {
        return Vec::new();
    }
    let mut duties: Vec<ObserverDuty> = unseen(desk, role).iter().map(|line| seeing(desk, line)).collect();
    if role == Role::Supervisor {
        duties.extend(late_opening(desk));
        duties.extend(ending(desk));
        duties.extend(draw::duty(desk));
        duties.extend(
            uncountersigned(desk)
                .iter()
                .map(|instance| countersigning(desk, instance)),
        );
    }
    duties
}

fn seeing(desk: &Desk, line: &CodeName) -> ObserverDuty {
    duty(
        format!("see_binding:{line}"),
        Words::new(
            format!("核验 {line} 的评标密钥"),
            format!("See the evaluation key of {line}"),
        ),
        binding_checks(&desk.replica, line).lines(),
        false,
        Words::new(
            "记下您核验过这把密钥；见证与监督都核验后，该评委才能评分。",
            "Records that you checked this key. The member can score once witness person and supervisor both have.",
        ),
    )
}

fn countersigning(desk: &Desk, instance: &str) -> ObserverDuty {
    let stage = titles::stage(instance);
    duty(
        format!("countersign:{instance}"),
        Words::new(
            format!("复核关闭“{}”", stage.zh),
            format!("Countersign the close of \"{}\"", stage.en),
        ),
        close_checks(&desk.replica, instance).lines(),
        true,
        Words::new(
            "以本人签名确认关闭；此后持有人可以释放份额，本轮随即开启。",
            "Confirms the close with your own signature. From then on holders may release their shares, and the round \
             is opened.",
        ),
    )
}

fn late_opening(desk: &Desk) -> Option<ObserverDuty> {
    joint::late_opening_due(desk, Role::Supervisor).then(|| {
        duty(
            "allow_late_opening".to_owned(),
            Words::new("同意继续开标", "Let the opening go on"),
            Vec::new(),
            false,
            Words::new(
                "覆盖截止时间的检查点会签晚于十秒。您与经办人员都同意后，开标才继续；该决定连同原因记入存证。",
                "The checkpoint over the deadline was cosigned more than ten seconds late. The opening goes on only if \
                 you and the clerk both let it; the decision and its reason are recorded.",
            ),
        )
    })
}

fn ending(desk: &Desk) -> Option<ObserverDuty> {
    let ended = joint::ending_due(desk, Role::Supervisor)?;
    let ground = ended.text();
    Some(duty(
        "end".to_owned(),
        Words::new("终止评标", "End the evaluation"),
        ending_checks(&desk.replica, &ended).lines(),
        false,
        Words::new(
            format!("评标无结果终止，未开启的不再开启。理由：{}", ground.zh),
            format!(
                "The evaluation ends without a result; what is shut stays shut. Ground: {}",
                ground.en
            ),
        ),
    ))
}

/// Does a duty that is due, after its checks. Where a personal signature is asked for, `personal` is the key with the
/// PIN as typed.
///
/// # Errors
/// [`ClientError::Check`] for a duty that is not due, a check that does not hold, or a missing personal key; a wrong
/// PIN; the line.
pub fn perform(desk: &mut Desk, id: &str, personal: Option<&PersonalKey>) -> Result<Progress, ClientError> {
    let gone = || {
        ClientError::check(
            format!("现在不需要您办理（{id}）"),
            format!("{id} is not asked of this observer now"),
        )
    };
    if !duties(desk).iter().any(|due| due.id == id) {
        return Err(gone());
    }
    match id.split_once(':').unwrap_or((id, "")) {
        ("see_binding", line) => see_binding(desk, &CodeName::new(line).ok_or_else(gone)?),
        ("countersign", instance) => {
            close_checks(&desk.replica, instance).pass()?;
            let personal =
                personal.ok_or_else(|| ClientError::check("需要个人密钥", "a personal key is needed"))?;
            countersign(desk, instance, personal)
        }
        ("draw", _) => draw::take_part(desk),
        ("allow_late_opening", _) => joint::allow_late_opening(desk, Role::Supervisor)?.ok_or_else(gone),
        ("end", _) => joint::end(desk, Role::Supervisor)?.ok_or_else(gone),
        _ => Err(gone()),
    }
}
