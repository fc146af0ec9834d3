//! The record's time line: lines that are made once an act, and one act down to its signatures.

use super::{payload, titles, words};
use evaluation::catalogue::{self, Class};
use evaluation::{Role, State};
use protocol::window::{
    ActDetail, ActLine, CheckLine, CheckState, Field, Seen, Timeline, TimelineQuery, Words,
};
use record::{Body, Entry, Leaf, PublicKey, verify_entry, verify_inclusion};
use serde_json::Value;

/// Most acts of a page.
pub const MOST_ACTS: u32 = 500;

/// One line with the words it is found by.
struct Indexed {
    line: ActLine,
    hash: record::Digest,
    words: String,
    act: bool,
}

/// The lines of a record; grows with it.
#[derive(Default)]
pub struct TimelineIndex {
    lines: Vec<Indexed>,
}

fn seen(entry: &Entry) -> Seen {
    match (&entry.leaf, &entry.disclosed) {
        (Leaf::Hash(_), _) => Seen::Hash,
        (Leaf::Header { .. }, None) => Seen::Header,
        (Leaf::Header { .. }, Some(_)) => Seen::Body,
    }
}

impl TimelineIndex {
    /// An empty index.
    pub fn new() -> Self {
        Self::default()
    }

    /// Takes in what has come since: new leaves, and leaves of which more became known. A record that went back is
    /// read anew.
    pub fn update(&mut self, entries: &[Entry], state: &State) {
        let last = self.lines.len();
        let same = last == 0
            || entries
                .get(last - 1)
                .zip(self.lines.last())
                .is_some_and(|(entry, known)| entry.leaf_hash() == known.hash);
        if !same {
            self.lines.clear();
        }
        for (known, entry) in self.lines.iter_mut().zip(entries) {
            if known.line.seen != seen(entry) {
                *known = indexed(entry, state);
            }
        }
        for entry in entries.iter().skip(self.lines.len()) {
            self.lines.push(indexed(entry, state));
        }
    }

    /// A page; `witnessed` is the size of the newest cosigned checkpoint.
    pub fn page(&self, query: &TimelineQuery, witnessed: u64) -> Timeline {
        let wanted: Vec<String> = query
            .words
            .to_lowercase()
            .split_whitespace()
            .map(str::to_owned)
            .collect();
        let fits = |line: &&Indexed| {
            (!query.acts_only || line.act) && wanted.iter().all(|word| line.words.contains(word.as_str()))
        };
        let matching: Vec<&Indexed> = self.lines.iter().filter(fits).collect();
        let from = usize::try_from(query.from).unwrap_or(usize::MAX);
        let count = query.count.min(MOST_ACTS) as usize;
        let acts = matching.iter().skip(from).take(count).map(|known| ActLine {
            witnessed: known.line.index < witnessed,
            ..known.line.clone()
        });
        Timeline {
            total: self.lines.len() as u64,
            matching: matching.len() as u64,
            acts: acts.collect(),
        }
    }

    fn line(&self, index: u64, witnessed: u64) -> Option<ActLine> {
        let known = self.lines.get(usize::try_from(index).ok()?)?;
        Some(ActLine {
            witnessed: index < witnessed,
            ..known.line.clone()
        })
    }
}

fn indexed(entry: &Entry, state: &State) -> Indexed {
    let (kind, instance, actor) = match &entry.leaf {
        Leaf::Header { header, .. } => (
            header.kind.as_str(),
            header.instance.as_str(),
            actor(state, &header.actor, &header.kind),
        ),
        Leaf::Hash(_) => ("", "", Words::default()),
    };
    let body = entry
        .disclosed
        .as_ref()
        .and_then(|disclosed| Body::parse(&disclosed.body).ok());
    let line = ActLine {
        index: entry.index,
        time: entry.time,
        kind: kind.to_owned(),
        title: match kind {
            "" => Words::new("未公开", "Not opened to this seat"),
            kind => words::act(kind),
        },
        actor,
        instance: instance.to_owned(),
        seen: seen(entry),
        witnessed: false,
        summary: body
            .map(|body| summary(kind, &body.core.payload))
            .unwrap_or_default(),
    };
    let place = titles::stage(instance);
    let text = [
        kind,
        &line.title.zh,
        &line.title.en,
        &line.actor.zh,
        &line.actor.en,
        instance,
        &place.zh,
        &place.en,
    ];
    Indexed {
        hash: entry.leaf_hash(),
        words: text.join("\n").to_lowercase(),
        act: catalogue::find(kind).is_none_or(|line| line.class != Class::Observation),
        line,
    }
}

/// Who: role with organisation, code name, or the centre. Never a person.
fn actor(state: &State, key: &PublicKey, kind: &str) -> Words {
    let line = state.committee().lines.iter().find(|(_, line)| {
        let binding = line.binding.as_ref();
        binding.is_some_and(|binding| binding.key == *key || binding.retired.contains(key))
    });
    if let Some((name, _)) = line {
        return Words::new(
            format!("评委 {}", name.as_str()),
            format!("Member {}", name.as_str()),
        );
    }
    if state.record().is_some_and(|record| record.centre.act_key == *key) {
        return Words::new("交易中心", "Centre");
    }
    if let Some(party) = state.parties(key).first() {
        let role = titles::role(party.role);
        let place = match (&party.booth, party.role) {
            (Some(booth), Role::Booth) => booth.as_str(),
            _ => party.organisation.as_str(),
        };
        return Words::new(format!("{} · {place}", role.zh), format!("{} · {place}", role.en));
    }
    let bidder = state
        .submissions()
        .values()
        .any(|submission| submission.key == *key);
    if bidder || kind.starts_with("bid.") {
        return titles::role(Role::Bidder);
    }
    Words::new("未知", "Unknown")
}

/// In one line, what the act says; no value of a sheet stands in a payload, and no price is repeated here.
fn summary(kind: &str, payload: &Value) -> Words {
    let text = |name: &str| payload.get(name).and_then(Value::as_str).unwrap_or_default();
    let number = |name: &str| payload.get(name).and_then(Value::as_u64).unwrap_or_default();
    let list = |name: &str| payload.get(name).and_then(Value::as_array).map_or(0, Vec::len);
    let short = |name: &str| text(name).chars().take(8).collect::<String>();
    let both = |zh: String, en: String| Words::new(zh, en);
    match kind {
        "role.assigned" => {
            let role = Role::ALL.into_iter().find(|role| role.name() == text("role"));
            let role = role.map_or_else(|| Words::same(text("role")), titles::role);
            let of = text("organisation");
            both(format!("{}，{of}", role.zh), format!("{}, {of}", role.en))
        }
        "site.enrolled" => Words::same(format!("{} {}", text("site"), text("organisation"))),
        "booth.enrolled" => Words::same(format!("{} {}", text("site"), text("booth"))),
        "witness.replacement_proposed" | "witness.replaced" => Words::same(text("replaced")),
        "lot_key.defined" => {
            let (of, needed) = (list("holders"), number("threshold"));
            both(
                format!("{of} 人持有，{needed} 人可开"),
                format!("{of} holders, {needed} open together"),
            )
        }
        "bid.submitted" | "bid.replaced" => {
            let (id, parts) = (short("submission"), list("parts"));
            both(format!("{id}，{parts} 部分"), format!("{id}, {parts} parts"))
        }
        "bid.withdrawn" | "bid.unlocked" | "partial.released" => Words::same(short("submission")),
        "opening.allowed" | "member.absent" => Words::same(text("reason")),
        "opening.started" => {
            let parts = payload
                .get("parts")
                .and_then(Value::as_array)
                .into_iter()
                .flatten();
            let parts: Vec<Words> = parts.filter_map(Value::as_str).map(words::part).collect();
            let zh: Vec<&str> = parts.iter().map(|part| part.zh.as_str()).collect();
            let en: Vec<&str> = parts.iter().map(|part| part.en.as_str()).collect();
            both(zh.join("、"), en.join(", "))
        }
        "part.opened" => {
            let part = words::part(text("part"));
            let failed = payload
                .get("outcome")
                .and_then(|outcome| outcome.get("failed"))
                .and_then(Value::as_str);
            let how = failed.map_or_else(|| Words::new("已开启", "opened"), words::failure);
            let id = short("submission");
            both(
                format!("{id} {}：{}", part.zh, how.zh),
                format!("{id} {}: {}", part.en, how.en),
            )
        }
        "opening.recorded" => {
            let (bids, distinct) = (list("bids"), number("distinct"));
            both(
                format!("{bids} 份投标，{distinct} 家投标人"),
                format!("{bids} bids of {distinct} bidders"),
            )
        }
        "member.seated" => {
            let (seat, of) = (number("seat"), number("of"));
            both(
                format!("第 {seat} 席，共 {of} 席"),
                format!("seat {seat} of {of}"),
            )
        }
        "member.checked_in" => Words::same(text("site")),
        "draw.opened" => {
            let parties = list("parties");
            both(format!("{parties} 方参加"), format!("{parties} parties"))
        }
        "draw.result" => {
            let lines = list("assigned");
            both(format!("{lines} 个代号"), format!("{lines} code names"))
        }
        _ => summary_of_review(kind, payload),
    }
}

/// As [`summary`], for acts of members, rounds, result and centre.
fn summary_of_review(kind: &str, payload: &Value) -> Words {
    let text = |name: &str| payload.get(name).and_then(Value::as_str).unwrap_or_default();
    let list = |name: &str| payload.get(name).and_then(Value::as_array).map_or(0, Vec::len);
    let both = |zh: String, en: String| Words::new(zh, en);
    match kind {
        "key.bound" => Words::same(format!("{} {}", text("line"), text("booth"))),
        "binding.seen" | "member.key_replaced" | "promise.made" | "sheet.sealed" | "draft.saved" => {
            Words::same(text("line"))
        }
        "avoidance.declared" => {
            let line = text("line");
            match list("grounds") {
                0 => both(
                    format!("{line}：无回避情形"),
                    format!("{line}: free of conflicts"),
                ),
                _ => both(format!("{line}：申请回避"), format!("{line}: avoids")),
            }
        }
        "leader.voted" => Words::same(format!("{} → {}", text("line"), text("leader"))),
        "qualification.decided" => {
            let items = payload
                .get("items")
                .and_then(Value::as_array)
                .into_iter()
                .flatten();
            let failed = items
                .filter(|item| item.get("fail").is_some_and(|fail| !fail.is_null()))
                .count();
            let bidder = text("bidder");
            match failed {
                0 => both(format!("{bidder} 合格"), format!("{bidder} passes")),
                failed => both(
                    format!("{bidder} 有 {failed} 项不合格"),
                    format!("{bidder} fails {failed} items"),
                ),
            }
        }
        "round.defined" => {
            let (criteria, bidders, roster) = (list("criteria"), list("bidders"), list("roster"));
            both(
                format!("{criteria} 项，{bidders} 家，{roster} 位评委"),
                format!("{criteria} criteria, {bidders} bidders, {roster} members"),
            )
        }
        "round.closed" => {
            let lines = list("lines");
            both(format!("{lines} 位评委"), format!("{lines} members"))
        }
        "signatures.checked" => {
            let (good, bad) = (list("good"), list("bad"));
            both(
                format!("{good} 份有效，{bad} 份无效"),
                format!("{good} hold, {bad} do not"),
            )
        }
        "price.entered" => Words::same(text("bidder")),
        "report.signed" => match payload.get("dissent").is_some_and(|dissent| !dissent.is_null()) {
            true => both(
                format!("{}，不同意见", text("line")),
                format!("{}, with a dissent", text("line")),
            ),
            false => Words::same(text("line")),
        },
        "evaluation.ended" => Words::same(text("rule")),
        "observation.refused" => Words::same(format!("{} {}", text("kind"), text("code"))),
        "observation.health" => Words::same(text("event")),
        _ => Words::default(),
    }
}

/// What an act is checked against.
#[derive(Clone, Copy)]
pub struct Covered<'a> {
    /// State over all leaves.
    pub state: &'a State,
    /// Size of the newest cosigned checkpoint; 0 without one.
    pub witnessed: u64,
}

/// One act with its fields, its proof and what this program checks of it anew; `None` where there is no such leaf.
pub fn act_detail(
    index: &TimelineIndex,
    entries: &[Entry],
    covered: Covered<'_>,
    at: u64,
) -> Option<ActDetail> {
    let entry = entries.get(usize::try_from(at).ok()?)?;
    let line = index.line(at, covered.witnessed)?;
    let body = entry
        .disclosed
        .as_ref()
        .and_then(|disclosed| Body::parse(&disclosed.body).ok());
    Some(ActDetail {
        fields: body
            .as_ref()
            .map(|body| payload::fields(&body.core.payload))
            .unwrap_or_default(),
        proof: proof(entry, body.as_ref()),
        checks: checks(entry, body.as_ref(), covered, &line.kind),
        line,
    })
}

fn proof(entry: &Entry, body: Option<&Body>) -> Vec<Field> {
    let mut proof = Vec::new();
    let mut put = |zh: &str, en: &str, value: String| {
        proof.push(Field {
            name: Words::new(zh, en),
            value,
        });
    };
    put("散列", "Leaf hash", entry.leaf_hash().to_string());
    if let Leaf::Header {
        header,
        commitment,
        signature,
    } = &entry.leaf
    {
        put("行为人公钥", "Actor key", hex::encode(header.actor.0));
        put("承诺", "Commitment", commitment.to_string());
        put("签名", "Signature", hex::encode(signature.0));
    }
    if let Some(body) = body {
        put("行为编号", "Act ID", body.core.id.to_string());
        put("设备", "Device", body.core.device.to_string());
        put(
            "所见记录",
            "Record seen",
            format!("{} {}", body.core.seen.size, body.core.seen.root),
        );
    }
    proof
}

fn checks(entry: &Entry, body: Option<&Body>, covered: Covered<'_>, kind: &str) -> Vec<CheckLine> {
    let signed = matches!(entry.leaf, Leaf::Header { .. });
    let held = verify_entry(entry);
    let mut checks = Vec::new();
    let mut put = |zh: &str, en: &str, state: CheckState, detail: Words| {
        checks.push(CheckLine {
            what: Words::new(zh, en),
            state,
            detail,
        });
    };
    let outcome = match (&held, signed) {
        (_, false) => CheckState::NotApplicable,
        (Ok(_), true) => CheckState::Passed,
        (Err(_), true) => CheckState::Failed,
    };
    let fault = held.as_ref().err().map(|fault| Words::same(fault.to_string()));
    put(
        "行为人签名有效",
        "The actor's signature holds",
        outcome,
        fault.clone().unwrap_or_default(),
    );
    let opened = match (body, &held) {
        (None, Ok(_)) => CheckState::NotApplicable,
        (Some(_), Ok(_)) => CheckState::Passed,
        _ => CheckState::Failed,
    };
    put(
        "正文与承诺一致",
        "The body is the one committed to",
        opened,
        Words::default(),
    );
    let (included, size) = inclusion(entry, covered);
    put(
        "包含在已会签的检查点中",
        "Included in a cosigned checkpoint",
        included,
        match size {
            0 => Words::default(),
            size => Words::new(format!("检查点大小 {size}"), format!("Checkpoint of size {size}")),
        },
    );
    if catalogue::find(kind).is_some_and(|line| line.personal) {
        put(
            "本人签名",
            "Personal signature",
            CheckState::Waiting,
            Words::new(
                "由归档密钥保管人保管，此处不拆封。",
                "In custody; it is not opened here.",
            ),
        );
    }
    checks
}

/// The leaf's inclusion in the tree of the newest cosigned checkpoint, proved and verified.
fn inclusion(entry: &Entry, covered: Covered<'_>) -> (CheckState, u64) {
    let size = covered.witnessed;
    if entry.index >= size {
        return (CheckState::Waiting, 0);
    }
    let tree = covered.state.tree();
    let (Ok(path), Ok(root)) = (tree.inclusion(entry.index, size), tree.root_at(size)) else {
        return (CheckState::Waiting, size);
    };
    match verify_inclusion(&entry.leaf_hash(), entry.index, size, &path, &root) {
        Ok(()) => (CheckState::Passed, size),
        Err(_) => (CheckState::Failed, size),
    }
}
