//! What needs a look, recomputed from the verified copy at every view: an alert stands while its ground does.

use super::SeatPresence;
use super::wall::round_now;
use crate::checks::deadline_kept;
use crate::desk::Desk;
use crate::roles::titles;
use evaluation::acts::observations::Refused;
use evaluation::plan::OPENING;
use evaluation::{CodeName, Role, State};
use protocol::window::{Alert, Rank, Words};
use record::{Leaf, Millis};
use std::collections::BTreeMap;

/// Most alerts in a view.
const MOST: usize = 200;
/// Cosignatures that take longer are late, milliseconds.
const LATE_COSIGNATURE: Millis = 60_000;
/// The first checkpoint over the deadline must be cosigned within so long (protocol 5).
const DEADLINE_WINDOW: Millis = 10_000;
/// A holder's share or partial decryption that is missing for so long.
const LONG_MISSING: Millis = 5 * 60_000;
/// Refusals of one key and type that make a burst, and the time within which they count.
const BURST: (u64, Millis) = (5, 10 * 60_000);

/// Which tile an alert concerns.
pub(super) enum At {
    Booth(String),
    Line(CodeName),
    Everywhere,
}

/// An alert with its tile.
pub(super) struct Found {
    pub(super) alert: Alert,
    pub(super) at: At,
}

/// Worst first, then oldest first, at most 200.
pub(super) fn alerts(desk: &Desk, presence: Option<&[SeatPresence]>, now: Millis) -> Vec<Found> {
    let state = desk.replica.state();
    if state.archived().is_some() {
        return Vec::new();
    }
    let mut found = Vec::new();
    found.extend(late_cosignatures(desk, now));
    found.extend(refusals(desk, now));
    if state.ended().is_none() {
        found.extend(links(state, presence));
        found.extend(not_ready(desk));
        // A pause keeps everybody from acting: nobody is behind.
        if state.suspended().is_none() {
            found.extend(missing_shares(desk, now));
            found.extend(missing_partials(desk, now));
        }
        found.extend(void_draw(desk));
        found.extend(complaints(desk));
        found.extend(late_deadline(desk, now));
    }
    found.sort_by(|a, b| {
        let key = |found: &Found| (std::cmp::Reverse(found.alert.rank), found.alert.since);
        key(a).cmp(&key(b)).then_with(|| a.alert.id.cmp(&b.alert.id))
    });
    found.truncate(MOST);
    found
}

/// Centre time of the act at an index.
fn time_at(desk: &Desk, index: u64) -> Millis {
    let entry = usize::try_from(index)
        .ok()
        .and_then(|index| desk.replica.entries().get(index));
    entry.map_or(0, |entry| entry.time)
}

/// Centre time of the last act of a type at an instance.
fn last(desk: &Desk, kind: &str, instance: &str) -> Option<Millis> {
    let entries = desk.replica.entries().iter().rev();
    let mut of_kind = entries.filter_map(|entry| match &entry.leaf {
        Leaf::Header { header, .. } if header.kind == kind && header.instance == instance => Some(entry.time),
        _ => None,
    });
    of_kind.next()
}

fn everywhere(id: String, rank: Rank, since: Millis, place: Words, what: Words, next: Words) -> Found {
    Found {
        alert: Alert {
            id,
            rank,
            what,
            place,
            since,
            next,
        },
        at: At::Everywhere,
    }
}

/// A link lost by who has not sealed in an open round is for now; any other, for soon.
fn links(state: &State, presence: Option<&[SeatPresence]>) -> Vec<Found> {
    let paused = state.suspended().is_some();
    let open = round_now(state).filter(|(_, round)| round.closed.is_none() && !paused);
    let lines = &state.committee().lines;
    let lost = lines.iter().filter_map(|(name, line)| {
        line.binding.as_ref()?;
        let protocol::window::SeatLink::Lost { since } = super::link_of(presence, &line.booth, Some(name))
        else {
            return None;
        };
        let writing = open.is_some_and(|(_, round)| {
            let on_roster = round.setting.roster.iter().any(|roster| roster.line == *name);
            on_roster && !round.sheets.contains_key(name) && !round.absent.contains(name)
        });
        Some(Found {
            alert: Alert {
                id: format!("link:{name}"),
                rank: if writing { Rank::Danger } else { Rank::Attention },
                what: Words::new("连接中断", "The link is lost"),
                place: Words::new(
                    format!("{name}，{} {}", line.site, line.booth),
                    format!("{name}, {} {}", line.site, line.booth),
                ),
                since,
                next: lost_next(paused),
            },
            at: At::Booth(line.booth.clone()),
        })
    });
    lost.collect()
}

/// What may be done about a lost link.
fn lost_next(paused: bool) -> Words {
    if paused {
        return Words::new(
            "评标已暂停，已写内容保存在该机。请场所管理员查看线路；机器坏了则更换评标仓并恢复快照。",
            "The evaluation is paused; what is written is kept on that PC. Have the site operator look at the line; \
             a broken PC is replaced and its snapshot restored.",
        );
    }
    Words::new(
        "已写内容保存在该机，可继续填写。请场所管理员查看线路；机器坏了则更换评标仓并恢复快照。",
        "What is written is kept on that PC and writing goes on. Have the site operator look at the line; a broken \
         PC is replaced and its snapshot restored.",
    )
}

/// Members who hold the evaluation up: seats drawn and not taken, promise or avoidance missing once the bids are known.
fn not_ready(desk: &Desk) -> Vec<Found> {
    let state = desk.replica.state();
    let drawn = (1..=state.draws_count())
        .rev()
        .find_map(|n| last(desk, "draw.result", &format!("draw/{n}")));
    let recorded = last(desk, "opening.recorded", OPENING);
    let waiting = state.committee().lines.iter().filter_map(|(name, line)| {
        if state.line_ready(line) || line.clear == Some(false) {
            return stands_aside(desk, name, line.clear);
        }
        if state.suspended().is_some() {
            return None;
        }
        let (zh, en) = match &line.binding {
            None => ("尚未入座", "has not taken the seat"),
            Some(binding)
                if !(binding.seen.contains(&Role::WitnessPerson)
                    && binding.seen.contains(&Role::Supervisor)) =>
            {
                ("绑定尚待核验", "has a binding that is still to be seen")
            }
            Some(_) if !line.promised => ("尚未签承诺书", "has not signed the promise"),
            // The bidders are not known before; there is nothing to declare yet.
            Some(_) => recorded.map(|_| ("尚未声明回避", "has not declared avoidance"))?,
        };
        let rank = if recorded.is_some() {
            Rank::Attention
        } else {
            Rank::Note
        };
        let bound = line.binding.as_ref().map(|binding| time_at(desk, binding.since));
        Some(Found {
            alert: Alert {
                id: format!("ready:{name}"),
                rank,
                what: Words::new(format!("评委{zh}"), format!("The member {en}")),
                place: Words::same(name.as_str()),
                since: recorded.max(bound).or(drawn).unwrap_or(0),
                next: Words::new(
                    "请场所管理员提醒该评委",
                    "Have the site operator remind the member",
                ),
            },
            at: At::Line(name.clone()),
        })
    });
    waiting.collect()
}

fn stands_aside(desk: &Desk, name: &CodeName, clear: Option<bool>) -> Option<Found> {
    let declared = clear == Some(false);
    let since = last(desk, "avoidance.declared", evaluation::acts::committee::COMMITTEE);
    declared.then(|| Found {
        alert: Alert {
            id: format!("aside:{name}"),
            rank: Rank::Danger,
            what: Words::new("评委声明应当回避", "A member declared grounds to stand aside"),
            place: Words::same(name.as_str()),
            since: since.unwrap_or(0),
            next: Words::new(
                "与经办人员按规定更换该评委，或认定缺席",
                "With the clerk, replace the member by the rules, or record the absence",
            ),
        },
        at: At::Line(name.clone()),
    })
}

/// The last draw is void: another is to be opened.
fn void_draw(desk: &Desk) -> Option<Found> {
    let state = desk.replica.state();
    let instance = format!("draw/{}", state.draws_count());
    let missing = state.draw(&instance)?.voided.as_ref()?;
    let parties: Vec<String> = missing.iter().map(|party| (party + 1).to_string()).collect();
    let parties = parties.join(", ");
    Some(everywhere(
        format!("void:{instance}"),
        Rank::Danger,
        last(desk, "draw.voided", &instance).unwrap_or(0),
        Words::same(instance),
        Words::new(
            format!("抽签作废：第 {parties} 方没有按时提交"),
            format!("The draw is void: party {parties} did not answer in time"),
        ),
        Words::new("由经办人员重新开始抽签", "The clerk opens another draw"),
    ))
}

fn complaints(desk: &Desk) -> Vec<Found> {
    let state = desk.replica.state();
    let stopped = state.ceremonies().iter().filter_map(|(instance, ceremony)| {
        let (by, dealer) = ceremony.complaint?;
        Some(everywhere(
            format!("complaint:{instance}"),
            Rank::Danger,
            last(desk, "key.complained", instance).unwrap_or(0),
            titles::key(instance),
            Words::new(
                format!("持有人 {by} 对持有人 {dealer} 的份额提出异议，密钥生成已停止"),
                format!("Holder {by} complained about holder {dealer}: the making of the key has stopped"),
            ),
            Words::new(
                "请两位持有人与安全管理员查明；此密钥不再使用",
                "Have both holders and the security administrator look into it; this key is not used",
            ),
        ))
    });
    stopped.collect()
}

/// The oldest act that no checkpoint with enough cosignatures covers.
fn late_cosignatures(desk: &Desk, now: Millis) -> Option<Found> {
    let from = usize::try_from(desk.replica.cosigned_size()).ok()?;
    let oldest = desk
        .replica
        .entries()
        .get(from..)?
        .iter()
        .find(|entry| matches!(entry.leaf, Leaf::Header { .. }))?;
    if now < oldest.time + LATE_COSIGNATURE {
        return None;
    }
    let cosigned = desk.replica.newest().map(|note| desk.replica.cosignatures(note));
    let (have, need) = cosigned.map_or((0, 0), |c| (c.times.len(), usize::from(c.quorum())));
    Some(everywhere(
        "cosignatures".to_owned(),
        Rank::Danger,
        oldest.time,
        Words::new("见证节点", "Log witnesses"),
        Words::new(
            format!("会签超过一分钟未到：最新检查点有 {have} 个，需要 {need} 个"),
            format!(
                "Cosignatures are more than a minute late: the newest checkpoint has {have}, {need} are needed"
            ),
        ),
        Words::new(
            "请值守检查见证节点；在此之前不得释放、开启",
            "Have the log witnesses looked after; nothing is released or opened until then",
        ),
    ))
}

fn late_deadline(desk: &Desk, now: Millis) -> Option<Found> {
    let state = desk.replica.state();
    let deadline = state.record()?.deadline;
    if state.opening_recorded() || now < deadline + DEADLINE_WINDOW {
        return None;
    }
    let allowed = state.opening_allowed();
    let (zh, en) = match deadline_kept(&desk.replica) {
        Some(true) => return None,
        Some(false) if allowed.contains(&Role::Clerk) && allowed.contains(&Role::Supervisor) => return None,
        Some(false) => (
            "覆盖投标截止的检查点会签晚了",
            "The checkpoint over the deadline was cosigned late",
        ),
        None => (
            "投标截止已过，还没有会签的检查点",
            "The deadline has passed, and no cosigned checkpoint covers it",
        ),
    };
    Some(everywhere(
        "deadline".to_owned(),
        Rank::Danger,
        deadline,
        Words::new("开标", "Bid opening"),
        Words::new(zh, en),
        Words::new(
            "持有人的客户端拒绝解密；须由经办与监督核对后共同同意继续",
            "Holders' clients refuse to decrypt. Clerk and supervisor compare clocks and let it go on together",
        ),
    ))
}

fn missing_of(holders: impl Iterator<Item = u8>) -> String {
    let numbers: Vec<String> = holders.map(|holder| holder.to_string()).collect();
    numbers.join(", ")
}

fn missing_shares(desk: &Desk, now: Millis) -> Vec<Found> {
    let state = desk.replica.state();
    let late = state.rounds().iter().filter_map(|(instance, round)| {
        let since = time_at(desk, round.countersigned?);
        let setting = &state.ceremony(instance)?.setting;
        let enough = round.shares.len() >= usize::from(setting.threshold);
        if round.opened.is_some() || enough || now < since + LONG_MISSING {
            return None;
        }
        let all = setting.holders.iter().map(|holder| holder.index);
        let missing = missing_of(all.filter(|holder| !round.shares.contains_key(holder)));
        Some(everywhere(
            format!("shares:{instance}"),
            Rank::Danger,
            since,
            titles::stage(instance),
            Words::new(
                format!("关闭已超过五分钟，持有人 {missing} 尚未释放份额"),
                format!("Five minutes after the close, holder {missing} has not released a share"),
            ),
            Words::new("请联系持有人", "Call the holders"),
        ))
    });
    late.collect()
}

fn missing_partials(desk: &Desk, now: Millis) -> Vec<Found> {
    let state = desk.replica.state();
    let Some(lot) = state.ceremony(evaluation::acts::ceremony::LOT_KEY) else {
        return Vec::new();
    };
    let late = state.openings().iter().filter_map(|(instance, parts)| {
        let since = last(desk, "opening.started", instance)?;
        if now < since + LONG_MISSING {
            return None;
        }
        let lacking = state.submissions_in_play(instance).into_iter().filter(|id| {
            let Some(found) = state.submissions().get(id) else {
                return false;
            };
            parts.iter().any(|part| {
                let given = found.partials.get(&part.name).map_or(0, BTreeMap::len);
                !found.outcomes.contains_key(&part.name) && given < usize::from(lot.setting.threshold)
            })
        });
        let count = lacking.count();
        (count > 0).then(|| {
            everywhere(
                format!("partials:{instance}"),
                Rank::Danger,
                since,
                titles::stage(instance),
                Words::new(
                    format!("开启已超过五分钟，{count} 份投标仍缺部分解密"),
                    format!("Five minutes after the start, {count} bids lack partial decryptions"),
                ),
                Words::new("请联系持有人", "Call the holders"),
            )
        })
    });
    late.collect()
}

/// Refused acts of one key and type within the last minutes; their bodies are delivered to supervisors.
fn refusals(desk: &Desk, now: Millis) -> Vec<Found> {
    let (least, window) = BURST;
    let mut counts: BTreeMap<(record::PublicKey, String, String), (u64, Millis)> = BTreeMap::new();
    for entry in desk.replica.entries().iter().rev() {
        let Leaf::Header { header, .. } = &entry.leaf else {
            continue;
        };
        if entry.time + window < now {
            break;
        }
        let body = entry
            .disclosed
            .as_ref()
            .filter(|_| header.kind == "observation.refused");
        let refused = body
            .and_then(|disclosed| record::Body::parse(&disclosed.body).ok())
            .and_then(|body| serde_json::from_value::<Refused>(body.core.payload).ok());
        if let Some(refused) = refused {
            let key = (refused.actor, refused.kind, refused.code);
            let known = counts.entry(key).or_insert((0, entry.time));
            *known = (known.0 + refused.count, entry.time);
        }
    }
    let state = desk.replica.state();
    let bursts = counts.into_iter().filter(|(_, (count, _))| *count >= least);
    let found = bursts.map(|((actor, kind, code), (count, since))| {
        let at = state
            .line_of(&actor)
            .map_or(At::Everywhere, |(name, _)| At::Line(name.clone()));
        let place = match &at {
            At::Line(name) => Words::same(name.as_str()),
            _ => state.parties(&actor).first().map_or_else(
                || Words::new("未登记的密钥", "A key without a role"),
                |party| titles::role(party.role),
            ),
        };
        Found {
            alert: Alert {
                id: format!("refused:{actor}:{kind}:{code}"),
                rank: Rank::Attention,
                what: Words::new(
                    format!("十分钟内 {count} 次被拒绝：{kind}（{code}）"),
                    format!("{count} acts refused within ten minutes: {kind} ({code})"),
                ),
                place,
                since,
                next: Words::new(
                    "查看时间线；必要时请安全管理员查明",
                    "Look at the time line; have the security administrator look into it",
                ),
            },
            at,
        }
    });
    found.collect()
}
