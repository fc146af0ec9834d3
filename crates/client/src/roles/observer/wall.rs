//! Booths and stages: who is at what, and how many cells are filled; never values.

use super::alerts::{At, Found};
use super::{SeatPresence, link_of, role};
use crate::desk::Desk;
use crate::replica::Replica;
use crate::roles::titles;
use evaluation::acts::sheets::DraftSaved;
use evaluation::{CodeName, Line, Role, RoundState, State};
use protocol::window::{BoardRow, BoothTile, Words};
use record::{Leaf, Millis, PublicKey};
use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

/// Filled cells by line and round, as last told, with the centre time of that.
pub(super) type Counts = BTreeMap<(CodeName, String), (u32, Millis)>;

/// The newest count of every line in every round, from the bodies of `draft.saved` that are delivered to this seat.
pub(super) fn counts(replica: &Replica) -> Counts {
    let mut known: BTreeSet<(PublicKey, &str)> = BTreeSet::new();
    let mut counts = Counts::new();
    for entry in replica.entries().iter().rev() {
        let Leaf::Header { header, .. } = &entry.leaf else {
            continue;
        };
        let Some(disclosed) = entry.disclosed.as_ref().filter(|_| header.kind == "draft.saved") else {
            continue;
        };
        if !known.insert((header.actor, header.instance.as_str())) {
            continue;
        }
        let saved = record::Body::parse(&disclosed.body)
            .ok()
            .and_then(|body| serde_json::from_value::<DraftSaved>(body.core.payload).ok());
        if let Some((saved, filled)) = saved.and_then(|saved| saved.filled.map(|filled| (saved, filled))) {
            // A line whose key was replaced saved under both; the newer one is met first.
            counts
                .entry((saved.line, header.instance.clone()))
                .or_insert((filled.count(), entry.time));
        }
    }
    counts
}

/// Cells of a sheet of this round.
fn cells(round: &RoundState) -> u32 {
    let setting = &round.setting;
    u32::try_from(setting.bidders.len() * setting.criteria.len()).unwrap_or(u32::MAX)
}

/// The round that is defined and not opened, of the stage that the plan asks for now.
pub(super) fn round_now(state: &State) -> Option<(&str, &RoundState)> {
    let stage = state.current_stage(state.rulebook()?)?;
    let (instance, round) = state.rounds().get_key_value(stage.id.as_str())?;
    Some((instance, round))
}

/// A tile for every enrolled booth; for a witness person of a site, those of the site.
pub(super) fn tiles(desk: &Desk, presence: Option<&[SeatPresence]>, counts: &Counts) -> Vec<BoothTile> {
    let state = desk.replica.state();
    let own_site = state
        .parties(&desk.author.public())
        .iter()
        .find_map(|party| party.site.clone())
        .filter(|_| role(desk) == Role::WitnessPerson);
    let booths = state
        .with_role(Role::Booth)
        .filter(|party| own_site.is_none() || party.site == own_site);
    let tile = |party: &evaluation::Party| {
        let booth = party.booth.clone()?;
        let lines = &state.committee().lines;
        let line = lines.iter().find(|(_, line)| line.booth == booth);
        let name = line.map(|(name, _)| name);
        let now = round_now(state).zip(name);
        let count = now.and_then(|((instance, _), name)| counts.get(&(name.clone(), instance.to_owned())));
        Some(BoothTile {
            site: party.site.as_ref().map(ToString::to_string).unwrap_or_default(),
            organisation: party.organisation.clone(),
            code_name: name.map(ToString::to_string),
            link: link_of(presence, &booth, name),
            stage: line.map_or_else(
                || Words::new("空置", "Nobody drawn"),
                |(name, line)| member_at(state, name, line),
            ),
            progress: now.and_then(|((_, round), _)| Some((count?.0, cells(round)))),
            told: count.map(|(_, told)| *told),
            sealed: now.is_some_and(|((_, round), name)| round.sheets.contains_key(name)),
            alert: None,
            booth,
        })
    };
    booths.filter_map(tile).collect()
}

/// What a member is at.
fn member_at(state: &State, name: &CodeName, line: &Line) -> Words {
    if state.ended().is_some() || state.archived().is_some() {
        return Words::new("评标已结束", "The evaluation is over");
    }
    let Some(binding) = &line.binding else {
        return Words::new("待入座", "Not seated yet");
    };
    if !(binding.seen.contains(&Role::WitnessPerson) && binding.seen.contains(&Role::Supervisor)) {
        return Words::new("待核验绑定", "Binding to be seen");
    }
    if !line.promised {
        return Words::new("待签承诺书", "Promise to be signed");
    }
    if line.clear == Some(false) {
        return Words::new("声明回避", "Stands aside");
    }
    if state.suspended().is_some() {
        return Words::new("已暂停", "Paused");
    }
    if let Some((instance, round)) = round_now(state) {
        return in_round(state, instance, round, name);
    }
    if state.opening_recorded() && line.clear.is_none() {
        return Words::new("待声明回避", "Avoidance to be declared");
    }
    if state.report().is_some() {
        return if state.signed().contains_key(name) {
            Words::new("已签报告", "Report signed")
        } else {
            Words::new("待签报告", "Report to be signed")
        };
    }
    Words::new("等候", "Waits")
}

fn in_round(state: &State, instance: &str, round: &RoundState, name: &CodeName) -> Words {
    let stage = titles::stage(instance);
    let (zh, en) = if round.absent.contains(name) {
        ("已认定缺席", "absent")
    } else if round.sheets.contains_key(name) {
        ("已密封提交", "sealed")
    } else if round.closed.is_some() {
        ("已关闭", "closed")
    } else if state.ceremony(instance).is_some_and(|c| c.key.is_some()) {
        ("填写中", "writing")
    } else {
        ("等候密钥", "waits for the key")
    };
    Words::new(format!("{}：{zh}", stage.zh), format!("{}: {en}", stage.en))
}

/// Marks each tile with the highest alert that concerns it; worst first, then by site and booth.
pub(super) fn raise(tiles: &mut [BoothTile], alerts: &[Found]) {
    for tile in tiles.iter_mut() {
        let concerns = |found: &&Found| match &found.at {
            At::Booth(booth) => *booth == tile.booth,
            At::Line(line) => tile.code_name.as_deref() == Some(line.as_str()),
            At::Everywhere => false,
        };
        tile.alert = alerts.iter().filter(concerns).map(|found| found.alert.rank).max();
    }
    tiles.sort_by(|a, b| {
        let key = |tile: &BoothTile| (Reverse(tile.alert), tile.site.clone(), tile.booth.clone());
        key(a).cmp(&key(b))
    });
}

/// The stage plan with every line's progress.
pub(super) fn board(desk: &Desk, counts: &Counts) -> Vec<BoardRow> {
    let state = desk.replica.state();
    let Some(book) = state.rulebook() else {
        return Vec::new();
    };
    let now = state.current_stage(book).map(|stage| stage.id.as_str());
    let row = |stage: &rules::Stage| {
        let instance = stage.id.as_str();
        BoardRow {
            instance: instance.to_owned(),
            title: titles::stage(instance),
            done: state.stage_done(stage),
            now: state.opening_recorded() && now == Some(instance),
            cells: state
                .round(instance)
                .map(|round| progress(instance, round, counts))
                .unwrap_or_default(),
        }
    };
    book.stages.iter().map(row).collect()
}

fn progress(instance: &str, round: &RoundState, counts: &Counts) -> Vec<(String, u32, u32, bool)> {
    let of = cells(round);
    let lines = round.setting.roster.iter().map(|roster| {
        let count = counts.get(&(roster.line.clone(), instance.to_owned()));
        (
            roster.line.to_string(),
            count.map_or(0, |(filled, _)| *filled),
            of,
            round.sheets.contains_key(&roster.line),
        )
    });
    lines.collect()
}
