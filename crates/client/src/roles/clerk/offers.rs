//! What the clerk may do now, and why not yet.

use super::opening::started_at;
use super::plan::ClerkPlan;
use super::waits;
use crate::desk::Desk;
use evaluation::acts::ceremony::LOT_KEY;
use evaluation::acts::ending;
use evaluation::plan::{OPENING, parts_opened_at};
use evaluation::{PartOutcome, Role, State};
use protocol::window::{Offer, Words};
use rules::{Rulebook, Stage, StageActor, StageKind};

struct Offers(Vec<Offer>);

impl Offers {
    fn put(&mut self, action: impl Into<String>, why_not: Option<Words>, consequence: Option<Words>) {
        self.0.push(Offer {
            action: action.into(),
            why_not,
            consequence,
        });
    }
}

fn unless(holds: bool, zh: impl Into<String>, en: impl Into<String>) -> Option<Words> {
    (!holds).then(|| Words::new(zh, en))
}

fn says(zh: &str, en: &str) -> Option<Words> {
    Some(Words::new(zh, en))
}

/// The offers; `no_package` says why there is no tender package to create the record with.
pub(super) fn offers(plan: Option<&ClerkPlan>, no_package: Option<Words>, desk: &Desk) -> Vec<Offer> {
    let mut offers = Offers(Vec::new());
    let state = desk.replica.state();
    if state.archived().is_some() {
        offers.put("save_package", None, None);
        return offers.0;
    }
    if state.ended().is_some() {
        offers.put(
            "archive",
            None,
            says("归档后不再接收任何操作。", "Nothing can be added afterwards."),
        );
        return offers.0;
    }
    let Some(plan) = plan else {
        let why = says(
            "本机未找到项目计划文件，请联系技术值守放入后重新启动。",
            "The project's plan file is not on this PC. Have it put there, then start again.",
        );
        offers.put("create_record", why, None);
        return offers.0;
    };
    if state.record().is_none() {
        let consequence = says(
            "评标办法和截止时间从此固定。",
            "Rulebook and deadline are fixed from then on.",
        );
        offers.put("create_record", no_package, consequence);
        return offers.0;
    }
    set_up(&mut offers, plan, state);
    let ground = ending::ground(state);
    if let Some(ground) = &ground {
        let text = ground.text();
        let why = state.ending().contains(&Role::Clerk).then(|| {
            Words::new(
                "等待监督人员复核签署。",
                "Waiting for the supervisor's signature.",
            )
        });
        offers.put("end_evaluation", why, Some(Words::new(text.zh, text.en)));
        return offers.0;
    }
    committee(&mut offers, plan, state);
    if !state.opening_recorded() {
        opening(&mut offers, plan, desk);
    } else {
        stages(&mut offers, plan, desk);
    }
    offers.0
}

fn set_up(offers: &mut Offers, plan: &ClerkPlan, state: &State) {
    let left = plan
        .sites
        .iter()
        .filter(|site| !state.sites().contains_key(&site.site))
        .count()
        + plan
            .roles
            .iter()
            .filter(|role| state.parties(&role.key).is_empty())
            .count()
        + plan
            .booths
            .iter()
            .filter(|booth| state.parties(&booth.key).is_empty())
            .count();
    if left > 0 {
        offers.put("set_up", None, None);
    }
    match state.ceremony(LOT_KEY) {
        None => {
            let why = unless(left == 0, "先完成登记。", "Enrol everybody first.");
            offers.put("define_lot_key", why, None);
        }
        Some(ceremony) if ceremony.complaint.is_some() => {
            let why = says(
                "密钥仪式因异议已停止。",
                "The ceremony was stopped by a complaint.",
            );
            offers.put("declare_ingest_key", why, None);
        }
        Some(ceremony) if state.ingest_key().is_none() => {
            let (got, of) = (ceremony.acknowledged.len(), ceremony.setting.holders.len());
            let why = unless(
                ceremony.key.is_some(),
                format!("等待密钥持有人确认：{got}/{of}。"),
                format!("Waiting for the holders to acknowledge: {got} of {of}."),
            );
            offers.put("declare_ingest_key", why, None);
        }
        Some(_) => {}
    }
}

fn committee(offers: &mut Offers, plan: &ClerkPlan, state: &State) {
    if state.ingest_key().is_none() {
        return;
    }
    let committee = state.committee();
    let (seats, tickets) = (committee.seats.len(), committee.tickets.len());
    if seats < plan.members.len() {
        offers.put("seat_members", None, None);
        return;
    }
    let newest = state.draw(&format!("draw/{}", state.draws_count()));
    if newest.is_none_or(|draw| draw.voided.is_some()) && seats > 0 {
        let why = unless(
            tickets == seats,
            format!("等待评委签到：{tickets}/{seats}。"),
            format!("Waiting for check-in: {tickets} of {seats}."),
        );
        offers.put("open_draw", why, None);
    }
}

fn opening(offers: &mut Offers, plan: &ClerkPlan, desk: &Desk) {
    let state = desk.replica.state();
    let Some(book) = state.rulebook() else { return };
    if state.deadline_reached().is_none() {
        let why = says("投标截止时间未到。", "The deadline has not come.");
        offers.put("start_opening", why, None);
        return;
    }
    let late = crate::checks::deadline_kept(&desk.replica) == Some(false);
    if late && !state.opening_allowed().contains(&Role::Clerk) {
        let consequence = says(
            "您与监督人员都同意后，才在会签晚到的情况下继续开标。",
            "The opening goes on, although the cosignatures came late, once you and the supervisor both agree.",
        );
        offers.put("allow_late_opening", None, consequence);
    }
    let undecided = late
        && ![Role::Clerk, Role::Supervisor]
            .iter()
            .all(|role| state.opening_allowed().contains(role));
    if undecided && state.opening(OPENING).is_none() {
        let why = match state.opening_allowed().contains(&Role::Clerk) {
            true => says(
                "您已同意继续开标，等待监督人员决定。",
                "You agreed that the opening goes on; waiting for the supervisor's decision.",
            ),
            false => says(
                "截止后的会签晚到，须与监督人员一同决定后开标。",
                "The cosignatures after the deadline came late: the opening is decided with the supervisor.",
            ),
        };
        offers.put("start_opening", why, None);
        return;
    }
    parts(offers, plan, desk, OPENING, &owned(book, OPENING));
}

fn owned(book: &Rulebook, instance: &str) -> Vec<String> {
    parts_opened_at(book, instance)
        .into_iter()
        .map(str::to_owned)
        .collect()
}

fn parts(offers: &mut Offers, plan: &ClerkPlan, desk: &Desk, instance: &str, parts: &[String]) {
    let state = desk.replica.state();
    if state.opening(instance).is_none() {
        let consequence = says(
            "密钥持有人随后可解密这些文件。",
            "The holders may decrypt these parts from then on.",
        );
        offers.put("start_opening", None, consequence);
    } else if state.parts_done(instance) {
        if instance == OPENING {
            offers.put("record_opening", None, None);
        }
    } else {
        let overdue = desk.centre_now() >= started_at(desk, instance) + plan.unlock_window;
        let why = unless(
            part_ready(state, instance, parts, overdue),
            "等待密钥持有人的部分解密和投标人解密。",
            "Waiting for the holders' partial decryptions and the bidders' halves.",
        );
        offers.put("open_next", why, None);
    }
}

/// Whether some part can be opened now.
fn part_ready(state: &State, instance: &str, parts: &[String], overdue: bool) -> bool {
    let threshold = state
        .ceremony(LOT_KEY)
        .map_or(u8::MAX, |ceremony| ceremony.setting.threshold);
    let submissions = state.submissions_in_play(instance);
    let submissions = submissions.iter().filter_map(|id| state.submissions().get(id));
    submissions
        .flat_map(|submission| parts.iter().map(move |part| (submission, part)))
        .any(|(submission, part)| {
            let partials = submission.partials.get(part).map_or(0, |held| held.len());
            !submission.outcomes.contains_key(part)
                && partials >= usize::from(threshold)
                && (overdue || submission.unlocked.contains(part))
        })
}

fn stages(offers: &mut Offers, plan: &ClerkPlan, desk: &Desk) {
    let state = desk.replica.state();
    let Some(book) = state.rulebook() else { return };
    let Some(stage) = state.current_stage(book) else {
        finish(offers, desk);
        return;
    };
    let id = stage.id.as_str();
    let due = owned(book, id);
    if !due.is_empty() && !state.parts_done(id) {
        parts(offers, plan, desk, id, &due);
        return;
    }
    match stage.kind {
        StageKind::Qualification if !state.stage_open(id) => offers.put("open_stage", None, None),
        StageKind::Qualification => {
            let (decided, of) = (state.qualification().len(), state.bidders().len());
            let why = unless(
                decided >= of,
                format!("等待采购人审查：{decided}/{of}。"),
                format!("Waiting for the purchaser: {decided} of {of}."),
            );
            offers.put("close_stage", why, None);
        }
        StageKind::Conformity | StageKind::Scored => round(offers, state, stage),
        StageKind::PriceOpening
        | StageKind::Negotiation
        | StageKind::FinalOffers
        | StageKind::PriceCorrection
        | StageKind::AbnormalPrice => {}
        StageKind::PricePoints => {
            let missing = state.in_play();
            let mut missing = missing
                .iter()
                .filter(|bidder| !state.prices().contains_key(bidder));
            let opened = missing.all(|bidder| {
                let submission = state
                    .bidders()
                    .get(bidder)
                    .and_then(|id| state.submissions().get(id));
                matches!(
                    submission.and_then(|submission| submission.outcomes.get("price")),
                    Some(PartOutcome::Opened(_))
                )
            });
            let why = match plan.enters_prices {
                false => says("报价由采购人录入。", "The purchaser enters the prices."),
                true => unless(opened, "报价文件未全部开启。", "Not all price parts are open."),
            };
            offers.put("enter_prices", why, None);
        }
        StageKind::Summary => offers.put("compute_result", None, None),
    }
}

fn round(offers: &mut Offers, state: &State, stage: &Stage) {
    let id = stage.id.as_str();
    let Some(round) = state.round(id) else {
        let committee = state.committee();
        let ready = committee.leader.is_some()
            && committee.lines.values().all(|line| state.line_ready(line))
            && stage.actor == StageActor::Committee;
        let why = unless(
            ready,
            "评委绑定、承诺、回避声明或组长推选未完成。",
            "Bindings, promises, avoidance or the leader's vote are not complete.",
        );
        let consequence = says(
            "评审项、投标人和评委名单在本轮固定。",
            "Criteria, bidders and roster of the round are fixed.",
        );
        offers.put(format!("define_round:{id}"), why, consequence);
        return;
    };
    let ceremony = state.ceremony(id);
    if ceremony.is_some_and(|ceremony| ceremony.complaint.is_some()) {
        let why = says(
            "密钥仪式因异议已停止。",
            "The ceremony was stopped by a complaint.",
        );
        offers.put(format!("open_round:{id}"), why, None);
        return;
    }
    let why = waits::round(state, id, round);
    let consequence = says(
        "本轮全部评分同时公开给有权查阅者。",
        "All sheets of the round open at once.",
    );
    offers.put(format!("open_round:{id}"), why, consequence);
}

fn finish(offers: &mut Offers, desk: &Desk) {
    let state = desk.replica.state();
    if state.result().is_none() {
        return;
    }
    if state.report().is_none() {
        offers.put("make_report", None, None);
        return;
    }
    let (signed, of) = (state.signed().len(), state.committee().lines.len());
    let why = unless(
        signed >= of,
        format!("等待评委签署报告：{signed}/{of}。"),
        format!("Waiting for report signatures: {signed} of {of}."),
    )
    .or_else(|| {
        unless(
            super::acts::signatures_are_checked(desk),
            "等待保管人核验本人签名。",
            "Waiting for a custodian to check personal signatures.",
        )
    });
    let consequence = says("归档后不再接收任何操作。", "Nothing can be added afterwards.");
    offers.put("archive", why, consequence);
}
