//! What a desk's window shows, what of it is held back now, and what it asks.

use crate::roles::sends::{goes_on, sends};
use crate::roles::{clerk, expert, titles};
use protocol::window::{
    CheckLine, CheckState, ClerkView, ExpertView, HallView, HolderView, Line, ObserverDuty, Offer,
    OperatorView, PurchaserView, SupervisorView, Words,
};

/// The read model of a desk.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum View {
    /// Nothing can be shown: the reason went to the log, and the status strip says what is safe.
    Nothing,
    /// Expert.
    Expert(Box<ExpertView>),
    /// Clerk, with the opening hall.
    Clerk(Box<(ClerkView, HallView)>),
    /// Purchaser.
    Purchaser(Box<PurchaserView>),
    /// Holder.
    Holder(Box<HolderView>),
    /// Supervisor or witness person.
    Supervisor(Box<SupervisorView>),
    /// Site operator.
    Operator(Box<OperatorView>),
}

impl View {
    /// Holds back what a pause and a missing line hold back; what is asked of this person then, and whether it is this
    /// person's turn.
    pub fn told(&mut self, suspended: bool, line: &Line) -> (Words, bool) {
        if suspended {
            self.pause();
        }
        let Some(check) = no_line(line) else {
            return self.asked(suspended, false);
        };
        let told = match line {
            Line::Stopped { .. } => (stopped(self), false),
            _ => self.asked(suspended, true),
        };
        self.withhold(&check);
        told
    }

    /// Offers nothing that would have to be sent; what is refused already keeps its reason. `check` says why.
    fn withhold(&mut self, check: &CheckLine) {
        self.hold_back(check, |_| false);
    }

    /// Offers what goes on while the evaluation is paused, and nothing else (`GOES_ON` of the evaluation).
    fn pause(&mut self) {
        let check = CheckLine {
            what: Words::new("评标没有暂停", "The evaluation is not paused"),
            state: CheckState::Waiting,
            detail: Words::new(
                "评标已暂停，恢复后才能办理。",
                "Paused; this can be done when it is resumed.",
            ),
        };
        self.hold_back(&check, goes_on);
    }

    fn hold_back(&mut self, check: &CheckLine, goes_on: fn(&str) -> bool) {
        let held = |action: &str| {
            debug_assert!(
                sends(action).is_some(),
                "{action} stands in no line of what a desk sends"
            );
            !goes_on(action)
        };
        let hold = |ready: &mut bool, checks: &mut Vec<CheckLine>| {
            *ready = false;
            if !checks.iter().any(|line| line.what == check.what) {
                checks.push(check.clone());
            }
        };
        let duties: &mut [ObserverDuty] = match self {
            View::Holder(view) => {
                for duty in view.duties.iter_mut().filter(|duty| held(&duty.id)) {
                    hold(&mut duty.ready, &mut duty.checks);
                }
                return;
            }
            View::Supervisor(view) => &mut view.duties,
            View::Operator(view) => &mut view.duties,
            _ => &mut [],
        };
        for duty in duties.iter_mut().filter(|duty| held(&duty.id)) {
            hold(&mut duty.ready, &mut duty.checks);
        }
        let offers: &mut [Offer] = match self {
            View::Nothing | View::Holder(_) => &mut [],
            View::Expert(view) => &mut view.offers,
            View::Clerk(view) => &mut view.0.offers,
            View::Purchaser(view) => &mut view.offers,
            View::Supervisor(view) => &mut view.offers,
            View::Operator(view) => &mut view.offers,
        };
        for offer in offers.iter_mut().filter(|offer| held(&offer.action)) {
            offer.why_not.get_or_insert_with(|| check.detail.clone());
        }
    }

    /// What is asked of this person now, and whether it is this person's turn: a pause and a cut line are waited for.
    /// What is held back in a pause is held back already.
    fn asked(&self, suspended: bool, cut: bool) -> (Words, bool) {
        let (mut asked, turn) = match suspended {
            true => self
                .due_in_pause()
                .map_or_else(|| (paused(), false), |asked| (asked, true)),
            false => self.due(),
        };
        // It stands among facts, not in a sentence.
        asked.zh = asked.zh.trim_end_matches('。').to_owned();
        asked.en = asked.en.trim_end_matches('.').to_owned();
        let alone = !suspended
            && match self {
                View::Expert(view) => expert::goes_on_alone(view),
                View::Clerk(view) => clerk::goes_on_alone(&view.0),
                _ => false,
            };
        // The package that can be saved is fetched.
        let fetched = matches!(self, View::Clerk(view) if view.0.archived.is_some());
        if (turn || fetched) && cut && !alone {
            let zh = format!("线路恢复后：{}", asked.zh);
            return (
                Words::new(zh, format!("When the line is back: {}", asked.en)),
                false,
            );
        }
        (asked, turn)
    }

    /// What is asked although the evaluation is paused.
    fn due_in_pause(&self) -> Option<Words> {
        match self {
            View::Clerk(view) => {
                let ends = |offer: &&Offer| offer.action == "end_evaluation" && offer.why_not.is_none();
                view.0.offers.iter().find(ends).map(|_| clerk::asked(&view.0).0)
            }
            View::Supervisor(view) => {
                let ready = view.duties.iter().find(|duty| duty.ready);
                let resumes = || {
                    let may = |offer: &Offer| offer.action == "resume" && offer.why_not.is_none();
                    view.offers
                        .iter()
                        .any(may)
                        .then(|| Words::new("评标暂停，由您恢复", "Paused; it is yours to resume"))
                };
                ready.map(|duty| duty.title.clone()).or_else(resumes)
            }
            View::Operator(view) => replaced(view),
            _ => None,
        }
    }

    fn due(&self) -> (Words, bool) {
        let turn = match self {
            View::Nothing => None,
            View::Expert(view) => return expert::asked(view),
            View::Clerk(view) => return clerk::asked(&view.0),
            View::Purchaser(view) => undecided(view),
            View::Holder(view) => {
                return from_duties(view.duties.iter().map(|duty| (&duty.title, duty.ready)));
            }
            View::Supervisor(view) => {
                return from_duties(view.duties.iter().map(|duty| (&duty.title, duty.ready)));
            }
            View::Operator(view) => {
                let checks_in =
                    |offer: &Offer| offer.action.starts_with("check_in_member") && offer.why_not.is_none();
                let ready = view.duties.iter().find(|duty| duty.ready);
                let others = || {
                    view.offers
                        .iter()
                        .any(checks_in)
                        .then(|| Words::new("请为到场评委签到", "Check the members in"))
                };
                let turn = ready
                    .map(|duty| duty.title.clone())
                    .or_else(|| replaced(view))
                    .or_else(others);
                match turn {
                    None if !view.duties.is_empty() => return (unready(), false),
                    turn => turn,
                }
            }
        };
        let waits = turn.is_none();
        (turn.unwrap_or_else(titles::nothing), !waits)
    }
}

/// What is said where the centre's record does not hold.
fn stopped(view: &View) -> Words {
    match view {
        View::Supervisor(_) => Words::new(
            "本机已停止办理，请查明中心的存证记录",
            "This PC has stopped; look into the centre's record",
        ),
        _ => Words::new(
            "本机已停止办理，请告知监督人员",
            "This PC has stopped; tell the supervisor",
        ),
    }
}

/// Why nothing can be sent now, as a check that does not hold.
fn no_line(line: &Line) -> Option<CheckLine> {
    match line {
        Line::Starting | Line::Connected => None,
        Line::Cut { .. } => Some(CheckLine {
            what: Words::new("与中心的线路连通", "The line to the centre stands"),
            state: CheckState::Waiting,
            detail: Words::new(
                "线路中断，恢复后才能办理。",
                "The line is cut; this can be done when it is back.",
            ),
        }),
        Line::Stopped { .. } => Some(CheckLine {
            what: Words::new("中心的存证记录可信", "The centre's record is sound"),
            state: CheckState::Failed,
            detail: Words::new(
                "中心的存证记录不可信，本机已停止办理。",
                "The centre's record is not sound; this PC has stopped.",
            ),
        }),
    }
}

/// While it is paused nobody but the supervisor can move it on.
fn paused() -> Words {
    Words::new("评标暂停，请等候恢复", "Paused; please wait")
}

fn unready() -> Words {
    Words::new(
        "有事待办，核对未全部通过",
        "A duty is due; not every check holds yet",
    )
}

/// A new PC waits for the site desk.
fn replaced(view: &OperatorView) -> Option<Words> {
    let asked = view.booths.iter().any(|booth| booth.replacement.is_some());
    asked.then(|| Words::new("请核实并确认更换电脑", "Confirm the replacement of a PC"))
}

/// Bidders that the purchaser has still to decide on: each has an offer, held back until its items are judged.
fn undecided(view: &PurchaserView) -> Option<Words> {
    let bidders = match view.offers.len() {
        0 => return None,
        1 => "1 bidder".to_owned(),
        left => format!("{left} bidders"),
    };
    Some(Words::new(
        format!("对 {} 家投标人作出资格审查结论", view.offers.len()),
        format!("Decide on the qualification of {bidders}"),
    ))
}

/// The first duty that can be done; one that is due while a check does not hold is not this person's turn.
fn from_duties<'a>(duties: impl Iterator<Item = (&'a Words, bool)> + Clone) -> (Words, bool) {
    let mut all = duties.clone();
    match all.find(|(_, ready)| *ready) {
        Some((title, _)) => (title.clone(), true),
        None if duties.count() > 0 => (
            Words::new(
                "有事待办，核对未全部通过",
                "A duty is due; not every check holds yet",
            ),
            false,
        ),
        None => (titles::nothing(), false),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use protocol::window::{
        CommitteeBoard, DutyKind, HallState, HolderDuty, RoundLine, RoundState, Step, StepState,
    };

    fn offer(action: &str) -> Offer {
        Offer {
            action: action.to_owned(),
            why_not: None,
            consequence: None,
        }
    }

    fn step(id: &str, state: StepState) -> Step {
        Step {
            id: id.to_owned(),
            title: Words::same(id),
            state,
            note: Words::default(),
        }
    }

    fn clerk(steps: Vec<Step>, offers: Vec<Offer>) -> View {
        let view = ClerkView {
            steps,
            sites: Vec::new(),
            people: Vec::new(),
            lot_key: (0, 0, 0),
            ingest_key: false,
            deadline: None,
            committee: CommitteeBoard {
                seats: Vec::new(),
                size: 0,
                checked_in: 0,
                draw: None,
                lines: Vec::new(),
            },
            stage: None,
            qualification: (0, 0),
            rounds: Vec::new(),
            report: None,
            archived: None,
            ended: None,
            offers,
        };
        let hall = HallView {
            state: HallState::Before,
            title: Words::default(),
            deadline: 0,
            bids: Vec::new(),
            now: Words::default(),
            stopped: None,
        };
        View::Clerk(Box::new((view, hall)))
    }

    fn expert(steps: Vec<Step>, round: RoundState) -> View {
        let round = RoundLine {
            instance: "scored/1".to_owned(),
            title: Words::default(),
            review: false,
            state: round,
            note: Words::default(),
            filled: 0,
            of: 3,
            sealed: 0,
            members: 5,
            close: None,
            receipt: None,
        };
        View::Expert(Box::new(ExpertView {
            steps,
            code_name: None,
            leads: false,
            committee: Vec::new(),
            bidders: Vec::new(),
            rounds: vec![round],
            promise: Words::default(),
            report: None,
            new_pc: None,
            offers: vec![offer("seal:scored/1")],
        }))
    }

    fn why(view: &View, action: &str) -> Option<String> {
        let offers = match view {
            View::Clerk(view) => &view.0.offers,
            View::Expert(view) => &view.offers,
            _ => panic!("a desk with offers"),
        };
        let found = offers.iter().find(|offer| offer.action == action);
        found
            .expect("it is offered")
            .why_not
            .as_ref()
            .map(|why| why.en.clone())
    }

    #[test]
    fn a_clerk_is_asked_for_the_deed_and_not_for_the_step() {
        let view = clerk(vec![step("report", StepState::Now)], vec![offer("make_report")]);
        assert_eq!(
            view.asked(false, false),
            (Words::new("生成评标报告", "Make the report"), true)
        );
    }

    #[test]
    fn in_a_pause_nothing_is_asked_of_the_clerk_but_what_goes_on() {
        let mut view = clerk(
            vec![step("rounds", StepState::Now)],
            vec![offer("open_round:scored/1")],
        );
        view.pause();
        assert!(why(&view, "open_round:scored/1").is_some());
        assert_eq!(
            view.asked(true, false),
            (Words::new("评标暂停，请等候恢复", "Paused; please wait"), false)
        );

        let mut view = clerk(
            vec![step("opening", StepState::Now)],
            vec![offer("end_evaluation")],
        );
        view.pause();
        assert_eq!(why(&view, "end_evaluation"), None, "the end is taken in a pause");
        assert_eq!(view.asked(true, false).0.en, "Sign the end of the evaluation");
        assert!(view.asked(true, false).1);
    }

    #[test]
    fn a_cut_line_is_waited_for_except_where_scores_are_written() {
        let view = clerk(vec![step("report", StepState::Now)], vec![offer("make_report")]);
        let (asked, turn) = view.asked(false, true);
        assert_eq!(
            (asked.en.as_str(), turn),
            ("When the line is back: Make the report", false)
        );

        let scoring = expert(vec![step("scored/1", StepState::Now)], RoundState::Open);
        assert!(scoring.asked(false, true).1, "scores are written with no line");
        let voting = expert(
            vec![step("leader", StepState::Now), step("scored/1", StepState::Now)],
            RoundState::Open,
        );
        assert_eq!(
            voting.asked(false, true).0.en,
            "When the line is back: Vote for a leader"
        );
    }

    #[test]
    fn no_duty_is_ready_without_a_line_and_the_reason_is_told_once() {
        let duty = HolderDuty {
            id: "release:scored/1".to_owned(),
            kind: DutyKind::Release,
            title: Words::same("release"),
            checks: Vec::new(),
            ready: true,
            consequence: Words::default(),
        };
        let mut view = View::Holder(Box::new(HolderView {
            place: None,
            duties: vec![duty],
            done: Vec::new(),
        }));
        assert_eq!(view.asked(false, false).0.en, "release");
        let check = CheckLine {
            what: Words::same("line"),
            state: CheckState::Waiting,
            detail: Words::same("cut"),
        };
        view.withhold(&check);
        view.withhold(&check);
        let View::Holder(held) = &view else {
            panic!("a holder")
        };
        assert!(!held.duties[0].ready);
        assert_eq!(held.duties[0].checks, [check]);
        assert_eq!(
            view.asked(false, true).0.en,
            "A duty is due; not every check holds yet"
        );
    }
}
