//! What an expert's window shows.

use super::offers::offers;
use super::sheet::{Form, Written};
use crate::desk::Desk;
use crate::roles::titles;
use evaluation::{BidderId, CodeName, Line, State};
use protocol::window::{
    BidderLine, ExpertView, MemberLine, ReceiptView, ReportView, RoundLine, RoundState, Step, StepState,
    Words,
};
use rules::{Stage, StageActor};
use std::collections::BTreeMap;

/// Why nothing can be written in a round now; `None`: it can.
pub(super) fn locked(desk: &Desk, instance: &str, me: &CodeName) -> Option<Words> {
    let state = desk.replica.state();
    let round = state.round(instance)?;
    if !round.setting.roster.iter().any(|roster| roster.line == *me) {
        return Some(Words::new(
            "您不在本轮评委名单中。",
            "You are not on the roster of this round.",
        ));
    }
    if round.closed.is_some() {
        return Some(Words::new(
            "本轮已关闭，评分不再更改。",
            "The round is closed; scores no longer change.",
        ));
    }
    if state.suspended().is_some() {
        return Some(Words::new(
            "评标已暂停：已写内容保存完好，恢复后继续。",
            "The evaluation is paused: what you wrote is kept, and goes on after it resumes.",
        ));
    }
    if state.archived().is_some() || state.ended().is_some() {
        return Some(Words::new("本次评标已结束。", "The evaluation has ended."));
    }
    None
}

/// What this seat may know of bidders: ordinal, name from the opened identity, whether still in play.
pub fn bidder_lines(desk: &Desk) -> BTreeMap<BidderId, BidderLine> {
    let state = desk.replica.state();
    let in_play = state.in_play();
    let names = identities(desk);
    let lines = state.bidders().iter().map(|(bidder, submission)| {
        let rejected = (!in_play.contains(bidder)).then(|| rejection(state, bidder));
        let line = BidderLine {
            bidder: bidder.to_string(),
            name: names.get(submission).cloned().unwrap_or_default(),
            rejected,
        };
        (bidder.clone(), line)
    });
    lines.collect()
}

fn rejection(state: &State, bidder: &BidderId) -> Words {
    if state.unqualified(bidder) {
        Words::new("资格审查未通过", "Not qualified")
    } else if state.rejected(bidder) {
        Words::new("符合性审查未通过", "Does not conform")
    } else {
        Words::new("未达最低分", "Below the minimum score")
    }
}

/// Names from the identities opened to this seat, by submission.
fn identities(desk: &Desk) -> BTreeMap<String, String> {
    let opened = desk.replica.entries().iter().filter_map(|entry| {
        let identity = entry.openings.get("identity")?;
        let body = record::Body::parse(&entry.disclosed.as_ref()?.body).ok()?;
        if body.core.kind != "part.opened" {
            return None;
        }
        let submission = body.core.payload.get("submission")?.as_str()?.to_owned();
        let name = audit::statement::Identity::parse(&identity.value).ok()?.name;
        Some((submission, name))
    });
    opened.collect()
}

/// The whole view. `written` is what was written by who sits here, once somebody does.
pub fn view(
    desk: &Desk,
    me: Option<&CodeName>,
    seated: bool,
    forms: &[Form],
    written: &Written,
) -> ExpertView {
    let state = desk.replica.state();
    let committee = state.committee();
    let line = me.and_then(|name| committee.lines.get(name));
    let members = committee.lines.iter().map(|(name, line)| MemberLine {
        code_name: name.to_string(),
        role: titles::member(state, line.role),
        me: Some(name) == me,
        leads: committee.leader.as_ref() == Some(name),
        ready: state.line_ready(line),
    });
    let rounds = rounds(desk, me, forms, written);
    ExpertView {
        steps: steps(desk, me, line, seated, &rounds),
        code_name: me.filter(|_| seated).map(ToString::to_string),
        leads: me.is_some() && committee.leader.as_ref() == me,
        committee: members.collect(),
        bidders: bidder_lines(desk).into_values().collect(),
        offers: offers(desk, me, line, seated, &rounds, written.refuses.as_ref()),
        rounds,
        promise: promise_text(),
        report: report(desk, me),
        new_pc: None,
    }
}

/// The promise as it is signed; the English is for reading only.
fn promise_text() -> Words {
    Words::new(
        "本人承诺：独立、客观、公正评审，对个人评审意见承担法律责任；评审期间不与他人私下联系，不泄露评审情况，不复制、不带走任何评审资料；\
         发现违法行为及时报告。",
        "I promise: to evaluate independently, objectively and fairly, and to answer in law for my own findings; not to \
         contact anybody in private during the evaluation, not to disclose anything of it, not to copy or take away \
         any of its documents; and to report at once what I find to be against the law. (The Chinese text is signed.)",
    )
}

fn step(id: &str, title: Words, state: StepState, note: Words) -> Step {
    Step {
        id: id.to_owned(),
        title,
        state,
        note,
    }
}

fn done_or(done: bool, reached: bool) -> StepState {
    match (done, reached) {
        (true, _) => StepState::Done,
        (false, true) => StepState::Now,
        (false, false) => StepState::Later,
    }
}

fn steps(
    desk: &Desk,
    me: Option<&CodeName>,
    line: Option<&Line>,
    seated: bool,
    rounds: &[RoundLine],
) -> Vec<Step> {
    let state = desk.replica.state();
    let nothing = Words::default;
    let bound = seated && line.is_some_and(|line| line.binding.is_some());
    let check_in = match line {
        None => step(
            "check_in",
            Words::new("入仓", "Take the booth"),
            StepState::Waiting,
            Words::new(
                "等待抽取代号与评标仓",
                "Waiting for the draw of code names and booths",
            ),
        ),
        Some(_) => step(
            "check_in",
            Words::new("入仓", "Take the booth"),
            done_or(bound, true),
            nothing(),
        ),
    };
    let promised = line.is_some_and(|line| line.promised);
    // More than half of the votes elect; the others' are not waited for.
    let voted = line.is_some_and(|line| line.leader_vote.is_some()) || state.committee().leader.is_some();
    let clear = line.and_then(|line| line.clear);
    let avoidance_open = bound && promised && state.opening_recorded();
    let avoidance = match clear {
        Some(true) => step(
            "avoidance",
            Words::new("回避声明", "Conflicts of interest"),
            StepState::Done,
            nothing(),
        ),
        Some(false) => step(
            "avoidance",
            Words::new("回避声明", "Conflicts of interest"),
            StepState::Stopped,
            Words::new("您已申请回避", "You declared a conflict"),
        ),
        None if bound && promised && !state.opening_recorded() => step(
            "avoidance",
            Words::new("回避声明", "Conflicts of interest"),
            StepState::Waiting,
            Words::new(
                "等待开标记录，届时列出全部投标人",
                "Waiting for the opening record, which lists the bidders",
            ),
        ),
        None => step(
            "avoidance",
            Words::new("回避声明", "Conflicts of interest"),
            done_or(false, avoidance_open),
            nothing(),
        ),
    };
    let mut steps = vec![
        check_in,
        step(
            "promise",
            Words::new("评标承诺", "Promise"),
            done_or(promised, bound),
            nothing(),
        ),
        step(
            "leader",
            Words::new("推选组长", "Leader"),
            done_or(voted, bound && promised),
            nothing(),
        ),
        avoidance,
    ];
    let leads = me.is_some() && state.committee().leader.as_ref() == me;
    steps.extend(rounds.iter().map(|round| round_step(round, leads)));
    let signed = me.is_some_and(|me| state.signed().contains_key(me));
    steps.push(step(
        "report",
        Words::new("评标报告", "Report"),
        done_or(signed, state.report().is_some() && bound),
        nothing(),
    ));
    // Neither after an end, nor for who has declared a conflict, does anything follow.
    if state.ended().is_some() || clear == Some(false) {
        for step in steps.iter_mut().filter(|step| step.state != StepState::Done) {
            step.state = StepState::Stopped;
        }
    }
    steps
}

fn round_step(round: &RoundLine, leads: bool) -> Step {
    let state = match round.state {
        RoundState::Later => StepState::Later,
        RoundState::KeyPending => StepState::Waiting,
        RoundState::Open => StepState::Now,
        // Whoever leads closes it once everybody has sealed.
        RoundState::Sealed if leads && round.sealed == round.members => StepState::Now,
        RoundState::Sealed | RoundState::Closed => StepState::Waiting,
        RoundState::Opened => StepState::Done,
    };
    step(&round.instance, round.title.clone(), state, round.note.clone())
}

fn rounds(desk: &Desk, me: Option<&CodeName>, forms: &[Form], written: &Written) -> Vec<RoundLine> {
    let state = desk.replica.state();
    let Some(book) = state.rulebook() else {
        return Vec::new();
    };
    let mut lines = Vec::new();
    let own = |stage: &&Stage| stage.kind.has_sheets() && stage.actor == StageActor::Committee;
    for stage in book.stages.iter().filter(own) {
        let instance = stage.id.to_string();
        let form = forms.iter().find(|form| form.instance() == instance);
        let (now, note) = round_state(desk, &instance, me, form);
        let round = state.round(&instance);
        let filled = written.filled.get(&instance).copied().unwrap_or(0);
        lines.push(RoundLine {
            title: titles::stage(stage.id.as_str()),
            review: stage.kind.is_pass_fail(),
            state: now,
            note,
            filled,
            of: form.map_or(0, |form| u32::try_from(form.cells()).unwrap_or(u32::MAX)),
            sealed: round.map_or(0, |round| u32::try_from(round.sheets.len()).unwrap_or(u32::MAX)),
            members: round.map_or(0, |round| {
                u32::try_from(round.setting.roster.len()).unwrap_or(u32::MAX)
            }),
            close: round.map(|round| round.setting.planned_close),
            receipt: me.and_then(|me| receipt(desk, &instance, me)),
            instance,
        });
    }
    lines
}

fn round_state(
    desk: &Desk,
    instance: &str,
    me: Option<&CodeName>,
    form: Option<&Form>,
) -> (RoundState, Words) {
    let state = desk.replica.state();
    let Some(round) = state.round(instance) else {
        return (RoundState::Later, Words::default());
    };
    if round.opened.is_some() {
        return (
            RoundState::Opened,
            Words::new("已由密钥持有人开启", "Opened by the holders"),
        );
    }
    if round.closed.is_some() {
        return (
            RoundState::Closed,
            Words::new("已关闭，等待开启", "Closed; waiting to be opened"),
        );
    }
    let sealed = me.is_some_and(|me| round.sheets.contains_key(me));
    let count = format!("{}/{}", round.sheets.len(), round.setting.roster.len());
    if sealed {
        let all = round.sheets.len() == round.setting.roster.len();
        let leads = me.is_some() && state.committee().leader.as_ref() == me;
        let note = match (all, leads) {
            (false, _) => Words::new(
                format!("已密封 {count}，等待其他评委"),
                format!("{count} sealed; waiting for the others"),
            ),
            (true, true) => Words::new("全体已密封，请关闭本轮", "All have sealed; close the round"),
            (true, false) => Words::new(
                "全体已密封，等待组长关闭本轮",
                "All have sealed; the leader closes the round",
            ),
        };
        return (RoundState::Sealed, note);
    }
    if form.is_some_and(Form::key_holds) {
        return (
            RoundState::Open,
            Words::new(format!("已密封 {count}"), format!("{count} sealed")),
        );
    }
    let note = Words::new(
        "本轮密钥生成并经本机核验后开放",
        "Opens when the round key is made and checked by this PC",
    );
    (RoundState::KeyPending, note)
}

/// The receipt of the sheet that counts now.
fn receipt(desk: &Desk, instance: &str, me: &CodeName) -> Option<ReceiptView> {
    let state = desk.replica.state();
    let round = state.round(instance)?;
    let (index, ..) = round.sheets.get(me)?.last()?;
    let entry = desk.replica.entries().get(usize::try_from(*index).ok()?)?;
    let hash = state.tree().leaf(*index).ok()?;
    let cosigned = desk.replica.cosigned();
    let witnessed = desk.replica.cosigned_size() > *index;
    let note = cosigned.filter(|_| witnessed).or_else(|| desk.replica.newest());
    let signatures = note.map(|note| desk.replica.cosignatures(note));
    Some(ReceiptView {
        number: receipt_number(&hash.0),
        time: entry.time,
        index: *index,
        witnessed,
        cosignatures: signatures
            .as_ref()
            .map_or(0, |s| u32::try_from(s.times.len()).unwrap_or(u32::MAX)),
        quorum: signatures.map_or(0, |s| u32::from(s.quorum())),
    })
}

/// Twelve digits that say nothing of the content: from the leaf's hash, which commits to a random salt.
fn receipt_number(hash: &[u8; 32]) -> String {
    let head = hash
        .iter()
        .take(8)
        .fold(0u64, |sum, byte| (sum << 8) | u64::from(*byte));
    let digits = format!("{:012}", head % 1_000_000_000_000);
    format!("{}-{}-{}", &digits[..4], &digits[4..8], &digits[8..])
}

fn report(desk: &Desk, me: Option<&CodeName>) -> Option<ReportView> {
    let state = desk.replica.state();
    let report = state.report()?;
    let text = desk.replica.blob(&*desk.link, report).ok()?;
    let signed = state.signed();
    Some(ReportView {
        text: String::from_utf8_lossy(&text).into_owned(),
        digest: report.digest.to_string(),
        signed: signed.keys().map(ToString::to_string).collect(),
        dissents: signed
            .iter()
            .filter(|(_, dissent)| dissent.is_some())
            .map(|(name, _)| name.to_string())
            .collect(),
        mine: me.is_some_and(|me| signed.contains_key(me)),
    })
}
