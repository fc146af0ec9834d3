//! What an expert may do now.

use crate::desk::Desk;
use evaluation::acts::committee;
use evaluation::{CodeName, Line, State};
use protocol::window::{Offer, RoundLine, RoundState, Words};

fn offer(action: &str, why_not: Option<Words>) -> Offer {
    Offer {
        action: action.to_owned(),
        why_not,
        consequence: None,
    }
}

/// A vote for each member; who may not lead is offered with the reason.
fn votes(state: &State) -> impl Iterator<Item = Offer> {
    let may_lead = |member: &Line| {
        state
            .rulebook()
            .is_none_or(|book| committee::may_lead(book, member))
    };
    let lines = state.committee().lines.iter();
    lines.map(move |(name, member)| {
        let why_not = (!may_lead(member)).then(|| {
            Words::new(
                "采购人代表不得担任组长。",
                "The purchaser's representative may not lead.",
            )
        });
        offer(&format!("vote_leader:{name}"), why_not)
    })
}

/// What may be done now.
pub(super) fn offers(
    desk: &Desk,
    me: Option<&CodeName>,
    line: Option<&Line>,
    seated: bool,
    rounds: &[RoundLine],
    disk: Option<&Words>,
) -> Vec<Offer> {
    let state = desk.replica.state();
    let mut offers = Vec::new();
    let bound = line.is_some_and(|line| line.binding.is_some());
    if !(seated && bound) {
        let why_not = line.is_none().then(|| {
            Words::new(
                "代号与评标仓尚未抽定。",
                "Code names and booths are not drawn yet.",
            )
        });
        // The first time it binds a key, and that waits; taking the seat again sends nothing.
        let paused = (!bound && state.suspended().is_some()).then(|| {
            Words::new(
                "评标已暂停，恢复后才能办理。",
                "Paused; this can be done when it is resumed.",
            )
        });
        return vec![offer("check_in", why_not.or(paused))];
    }
    let (Some(me), Some(line)) = (me, line) else {
        return offers;
    };
    if state.archived().is_some() || state.ended().is_some() {
        return offers;
    }
    if !line.promised {
        offers.push(offer("promise", None));
        return offers;
    }
    if line.leader_vote.is_none() {
        offers.extend(votes(state));
    }
    if line.clear.is_none() {
        let why_not = (!state.opening_recorded()).then(|| {
            Words::new(
                "开标记录形成后列出投标人。",
                "Bidders are listed once the opening record stands.",
            )
        });
        offers.push(offer("declare_avoidance", why_not));
    }
    for round in rounds {
        let instance = &round.instance;
        if matches!(round.state, RoundState::Open | RoundState::Sealed) {
            let why_not = (round.filled < round.of).then(|| {
                let missing = round.of - round.filled;
                Words::new(
                    format!("还有 {missing} 项未填写。"),
                    format!("{missing} cells are not filled in yet."),
                )
            });
            let why_not = why_not.or_else(|| disk.cloned());
            let mut seal = offer(&format!("seal:{instance}"), why_not);
            seal.consequence = Some(super::acts::seal_consequence());
            offers.push(seal);
        }
        let leads = state.committee().leader.as_ref() == Some(me);
        if leads && matches!(round.state, RoundState::Open | RoundState::Sealed) {
            let why_not = (round.sealed < round.members).then(|| {
                let (zh, en) = (
                    format!("还有 {} 位评委未密封。", round.members - round.sealed),
                    format!("{} members have not sealed.", round.members - round.sealed),
                );
                Words::new(zh, en)
            });
            let mut close = offer(&format!("close_round:{instance}"), why_not);
            close.consequence = Some(Words::new(
                "关闭后任何评委都不能再更改本轮评分。",
                "Once closed, no member can change a score of this round.",
            ));
            offers.push(close);
        }
    }
    if state.report().is_some() && !state.signed().contains_key(me) {
        offers.push(offer("sign_report", None));
    }
    offers
}
