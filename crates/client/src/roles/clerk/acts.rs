//! The clerk's use cases, in the order of the path. Each takes the next act of its own that the record asks for, if
//! there is one, and says with `None` that it has nothing left to do.
#![allow(
    clippy::missing_errors_doc,
    reason = "all as [`crate::Desk::act`], and own checks that refuse"
)]

use super::opening::open_parts;
use super::plan::ClerkPlan;
use crate::author::Draft;
use crate::desk::Desk;
use crate::error::ClientError;
use crate::rehearsal::{Progress, act, settle};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use evaluation::acts::archive::{ARCHIVE, Archived};
use evaluation::acts::ceremony::{Backup, IngestKeyDeclared, LOT_KEY, LotKeyDefined};
use evaluation::acts::committee::COMMITTEE;
use evaluation::acts::draws::DrawOpened;
use evaluation::acts::prices::{PriceEntered, PriceSource};
use evaluation::acts::result::{REPORT, ReportMade, ResultComputed, recompute};
use evaluation::acts::review::StageControl;
use evaluation::acts::rounds::{RoundOpened, definition};
use evaluation::plan::{OPENING, parts_opened_at};
use evaluation::{Code, CodeName, PartOutcome, PersonId, Role};
use record::{Digest, Leaf, PublicKey};
use rules::{Stage, StageActor, StageKind};

/// Rulebook and tender first, then the first act. The first act has no replica to be seen through, so it is sent
/// past the outbox: sending it again is harmless.
pub fn create(plan: &ClerkPlan, desk: &mut Desk) -> Result<Progress, ClientError> {
    let documents = plan.documents.iter().map(|text| STANDARD.decode(text));
    let documents: Vec<Vec<u8>> = documents
        .collect::<Result<_, _>>()
        .map_err(|e| ClientError::Format(format!("tender documents: {e}")))?;
    for bytes in [&plan.rulebook, &plan.tender].into_iter().chain(&documents) {
        desk.keep_blob(bytes)?;
        desk.link.setup_blob_put(bytes)?;
    }
    let draft = Draft {
        kind: "record.created",
        instance: "",
        payload: &plan.created,
        attachments: Vec::new(),
        personal: None,
    };
    let now = desk.now();
    let origin = desk.replica.origin();
    let first = match desk.vault.get("first-act")? {
        Some(bytes) => serde_json::from_slice(&bytes).map_err(|e| ClientError::Format(e.to_string()))?,
        None => {
            let first = desk
                .author
                .compose(origin, draft, desk.replica.seen(), now, &mut *desk.random)?;
            let bytes = serde_json::to_vec(&first).map_err(|e| ClientError::Format(e.to_string()))?;
            desk.vault.put("first-act", &bytes)?;
            first
        }
    };
    desk.link.record_create(&first)?;
    Ok(Progress::Acted)
}

/// Enrols the next site, person or booth of the plan.
pub fn set_up(plan: &ClerkPlan, desk: &mut Desk) -> Result<Option<Progress>, ClientError> {
    let state = desk.replica.state();
    if let Some(site) = plan
        .sites
        .iter()
        .find(|site| !state.sites().contains_key(&site.site))
    {
        return act(desk, "site.enrolled", "", site).map(Some);
    }
    if let Some(role) = plan.roles.iter().find(|role| state.parties(&role.key).is_empty()) {
        return act(desk, "role.assigned", "", role).map(Some);
    }
    let booth = plan
        .booths
        .iter()
        .find(|booth| state.parties(&booth.key).is_empty());
    booth
        .map(|booth| act(desk, "booth.enrolled", "", booth))
        .transpose()
}

/// Defines the lot key; declares the ingest key once the holders have made it.
pub fn lot_key(plan: &ClerkPlan, desk: &mut Desk) -> Result<Option<Progress>, ClientError> {
    let state = desk.replica.state();
    let Some(ceremony) = state.ceremony(LOT_KEY) else {
        let payload = LotKeyDefined {
            holders: plan.holders.clone(),
            threshold: plan.threshold,
        };
        return act(desk, "lot_key.defined", LOT_KEY, &payload).map(Some);
    };
    if ceremony.complaint.is_some() {
        return Ok(Some(Progress::Done)); // stopped, with the name in the record
    }
    if ceremony.key.is_none() {
        return Ok(Some(Progress::Waiting));
    }
    if state.ingest_key().is_none() {
        let made = desk.link.ingest_key(&desk.replica.origin())?;
        let backups = made.backups.into_iter().filter_map(|(custodian, enc, ct)| {
            PersonId::new(custodian).map(|custodian| Backup { custodian, enc, ct })
        });
        let payload = IngestKeyDeclared {
            key: made.key,
            backups: backups.collect(),
        };
        return act(desk, "ingest_key.declared", LOT_KEY, &payload).map(Some);
    }
    Ok(None)
}

/// Seats the next member; opens a draw once everybody has checked in.
pub fn committee(plan: &ClerkPlan, desk: &mut Desk) -> Result<Option<Progress>, ClientError> {
    let committee = desk.replica.state().committee();
    if let Some(member) = plan.members.get(committee.seats.len()) {
        let attachments = vec![("identity".to_owned(), member.identity.clone())];
        let draft = Draft {
            kind: "member.seated",
            instance: COMMITTEE,
            payload: &member.seated,
            attachments,
            personal: None,
        };
        return settle(desk.act(draft)?).map(Some);
    }
    let complete = !committee.seats.is_empty() && committee.tickets.len() == committee.seats.len();
    let state = desk.replica.state();
    let newest = state.draw(&format!("draw/{}", state.draws_count()));
    if complete && newest.is_none_or(|draw| draw.voided.is_some()) {
        let payload = DrawOpened {
            parties: parties(desk)?,
            code_names: plan.code_names.clone(),
        };
        let instance = format!("draw/{}", state.draws_count() + 1);
        return act(desk, "draw.opened", &instance, &payload).map(Some);
    }
    Ok(None)
}

/// Host-site operator, a guest-site operator, supervisor, of three organisations.
fn parties(desk: &Desk) -> Result<Vec<PublicKey>, ClientError> {
    let state = desk.replica.state();
    let operator = |host: bool| {
        state.with_role(Role::SiteOperator).find(|party| {
            party
                .site
                .as_ref()
                .and_then(|site| state.sites().get(site))
                .is_some_and(|site| site.host == host)
        })
    };
    let supervisor = state.with_role(Role::Supervisor).next();
    match (operator(true), operator(false), supervisor) {
        (Some(host), Some(guest), Some(supervisor)) => Ok(vec![host.key, guest.key, supervisor.key]),
        _ => Err(ClientError::check(
            "抽签需要主副场管理员和监督人员参加",
            "a draw needs both site desks and a supervisor",
        )),
    }
}

/// The opening: starts it, records the outcome of the next part, and at the end the opening record.
pub fn opening(plan: &ClerkPlan, desk: &mut Desk) -> Result<Option<Progress>, ClientError> {
    let state = desk.replica.state();
    if state.opening_recorded() {
        return Ok(None);
    }
    let Some(book) = state.rulebook() else {
        return Ok(Some(Progress::Waiting));
    };
    let parts: Vec<String> = parts_opened_at(book, OPENING)
        .into_iter()
        .map(str::to_owned)
        .collect();
    if state.ending().contains(&Role::Clerk) {
        return Ok(Some(Progress::Waiting)); // for the supervisor's countersignature: nothing is decrypted
    }
    open_parts(desk, OPENING, &parts, plan.unlock_window).map(Some)
}

/// The stage of the plan that is open now, and what comes after the last one.
pub fn stages(plan: &ClerkPlan, desk: &mut Desk) -> Result<Progress, ClientError> {
    let state = desk.replica.state();
    let Some(book) = state.rulebook() else {
        return Ok(Progress::Waiting);
    };
    let Some(stage) = state.current_stage(book).cloned() else {
        return finish(desk);
    };
    let id = stage.id.as_str().to_owned();
    let parts: Vec<String> = parts_opened_at(book, &id)
        .into_iter()
        .map(str::to_owned)
        .collect();
    if !parts.is_empty() && !state.parts_done(&id) {
        return open_parts(desk, &id, &parts, plan.unlock_window);
    }
    match stage.kind {
        StageKind::Qualification => qualification(desk, &id),
        StageKind::Conformity | StageKind::Scored => round(plan, desk, &stage),
        StageKind::PriceOpening
        | StageKind::Negotiation
        | StageKind::FinalOffers
        | StageKind::PriceCorrection
        | StageKind::AbnormalPrice => Ok(Progress::Waiting),
        StageKind::PricePoints if plan.enters_prices => enter_price(desk, &id),
        StageKind::PricePoints => Ok(Progress::Waiting),
        StageKind::Summary => {
            let outcome = recompute(desk.replica.state())?;
            desk.blob(&outcome.to_json_bytes())?;
            act(desk, "result.computed", &id, &ResultComputed::of(&outcome))
        }
    }
}

fn qualification(desk: &mut Desk, id: &str) -> Result<Progress, ClientError> {
    let state = desk.replica.state();
    if !state.stage_open(id) {
        return act(desk, "stage.opened", id, &StageControl {});
    }
    let decided = state
        .bidders()
        .keys()
        .all(|bidder| state.qualification().contains_key(bidder));
    if decided {
        act(desk, "stage.closed", id, &StageControl {})
    } else {
        Ok(Progress::Waiting)
    }
}

fn round(plan: &ClerkPlan, desk: &mut Desk, stage: &Stage) -> Result<Progress, ClientError> {
    let id = stage.id.as_str();
    let state = desk.replica.state();
    let Some(round) = state.round(id) else {
        let ready = state.committee().leader.is_some()
            && state
                .committee()
                .lines
                .values()
                .all(|line| state.line_ready(line));
        if !ready || stage.actor != StageActor::Committee {
            return Ok(Progress::Waiting);
        }
        let close = desk.centre_now() + plan.round_length;
        let payload = definition(state, id, plan.holders.clone(), plan.threshold, close)?;
        return act(desk, "round.defined", id, &payload);
    };
    let ceremony = state.ceremony(id);
    if ceremony.is_some_and(|c| c.complaint.is_some()) {
        return Ok(Progress::Done);
    }
    let Some(key) = ceremony.and_then(|c| c.key.clone()) else {
        return Ok(Progress::Waiting);
    };
    let shares: Vec<(u8, [u8; 32])> = round
        .shares
        .iter()
        .map(|(holder, share)| (*holder, *share))
        .collect();
    match sealing::ceremony::combine(&key, &shares) {
        Ok(combined) if round.opened.is_none() => act(
            desk,
            "round.opened",
            id,
            &RoundOpened {
                secret: Digest(combined.secret.reveal()),
            },
        ),
        _ => Ok(Progress::Waiting),
    }
}

fn finish(desk: &mut Desk) -> Result<Progress, ClientError> {
    let state = desk.replica.state();
    if state.archived().is_some() {
        return Ok(Progress::Done);
    }
    let Some(result) = state.result() else {
        return Ok(Progress::Waiting);
    };
    if state.report().is_none() {
        let report = report_text(state, &result.blob);
        let report = desk.blob(report.as_bytes())?;
        return act(desk, "report.made", REPORT, &ReportMade { report });
    }
    let signed = state
        .committee()
        .lines
        .keys()
        .all(|line| state.signed().contains_key(line));
    if !signed || !signatures_are_checked(desk) {
        return Ok(Progress::Waiting);
    }
    archive(desk)
}

/// Closes the record over its head and every blob that it names.
pub fn archive(desk: &mut Desk) -> Result<Progress, ClientError> {
    if desk.replica.state().archived().is_some() {
        return Ok(Progress::Done);
    }
    let blobs: Vec<_> = desk
        .replica
        .entries()
        .iter()
        .filter_map(|entry| record::Body::parse(&entry.disclosed.as_ref()?.body).ok())
        .flat_map(|body| audit::blobs::named(&body.core))
        .map(|named| named.blob)
        .collect();
    let payload = Archived {
        head: desk.replica.seen(),
        manifest: Digest::of(&audit::external_manifest(&blobs)),
    };
    match act(desk, "archived", ARCHIVE, &payload) {
        // Something was appended meanwhile: over the new head, then.
        Err(ClientError::Centre(body)) if body.refusal.as_deref() == Some(Code::Mismatch.as_str()) => {
            Ok(Progress::Waiting)
        }
        other => other,
    }
}

/// Whether a custodian has said of every opened round whose personal signatures hold (protocol 4.4).
pub(super) fn signatures_are_checked(desk: &Desk) -> bool {
    let rounds = desk.replica.state().rounds().iter();
    let mut opened = rounds.filter(|(_, round)| round.opened.is_some());
    opened.all(|(instance, _)| {
        desk.replica.entries().iter().any(|entry| match &entry.leaf {
            Leaf::Header { header, .. } => {
                header.kind == "signatures.checked" && header.instance == *instance
            }
            Leaf::Hash(_) => false,
        })
    })
}

/// A minimal report (RES-4): what was decided, by whom under which code name, and the digest of the outcome that
/// everybody recomputes.
fn report_text(state: &evaluation::State, outcome: &record::BlobRef) -> String {
    let mut text = String::from("评标报告\n\n");
    let mut line = |words: String| {
        text.push_str(&words);
        text.push('\n');
    };
    if let (Some(setting), Some(book)) = (state.record(), state.rulebook()) {
        line(format!("标段：{}", book.lot.name.zh));
        line(format!("存证记录：{}", setting.origin));
        line(format!("评标办法摘要：{}", setting.rulebook.digest));
    }
    line(format!("结果摘要：{}", outcome.digest));
    line(format!("投标人：{} 家", state.bidders().len()));
    for (bidder, items) in state.qualification() {
        for (criterion, reason) in items
            .iter()
            .filter_map(|(c, fail)| fail.as_ref().map(|reason| (c, reason)))
        {
            line(format!("资格审查不通过：{bidder} {criterion} {reason}"));
        }
    }
    for bidder in state.bidders().keys().filter(|bidder| state.rejected(bidder)) {
        line(format!("符合性审查不通过：{bidder}（超过半数成员认定）"));
    }
    for bidder in state.below_minimum().unwrap_or_default() {
        line(format!("未达到评标办法规定的最低分：{bidder}（不开启报价）"));
    }
    if let Some(result) = state.result() {
        let unranked = state.rulebook().is_some_and(|book| book.candidates.unranked);
        for candidate in &result.outcome.candidates {
            if unranked {
                line(format!("中标候选人（不排序）：{}", candidate.bidder));
                continue;
            }
            let total = result
                .outcome
                .bidders
                .get(&candidate.bidder)
                .and_then(|b| b.total.as_ref());
            let total = total.map(|figure| figure.shown.clone()).unwrap_or_default();
            line(format!(
                "中标候选人第 {} 名：{}，总分 {total}",
                candidate.rank, candidate.bidder
            ));
        }
    }
    line(format!(
        "评标委员会（代号）：{}",
        state
            .committee()
            .lines
            .keys()
            .map(CodeName::as_str)
            .collect::<Vec<_>>()
            .join("、")
    ));
    text
}

/// Enters the next price from an opened statement.
fn enter_price(desk: &mut Desk, instance: &str) -> Result<Progress, ClientError> {
    let state = desk.replica.state();
    let in_play = state.in_play();
    let Some(bidder) = in_play
        .into_iter()
        .find(|bidder| !state.prices().contains_key(bidder))
    else {
        return Ok(Progress::Waiting);
    };
    let submission = state
        .bidders()
        .get(&bidder)
        .and_then(|id| state.submissions().get(id));
    let Some(PartOutcome::Opened(part)) = submission.and_then(|s| s.outcomes.get("price")).cloned() else {
        return Ok(Progress::Waiting);
    };
    let bytes = desk.replica.blob(&*desk.link, &part)?;
    let files = record::tar::decode(&bytes, 1 << 30, 4096).map_err(|e| ClientError::Format(e.to_string()))?;
    let statement = files
        .get(audit::statement::FILE)
        .ok_or_else(|| ClientError::Format("no statement".to_owned()))?;
    let statement = audit::statement::Statement::parse(statement).map_err(ClientError::Format)?;
    let price = statement
        .price
        .ok_or_else(|| ClientError::Format("the statement has no price".to_owned()))?;
    let attributes = price.other.get("attributes").and_then(|list| list.as_array());
    let attributes = attributes
        .into_iter()
        .flatten()
        .filter_map(|a| a.as_str().map(str::to_owned))
        .collect();
    let source = PriceSource {
        part: part.digest,
        file: audit::statement::FILE.to_owned(),
        page: None,
    };
    let payload = PriceEntered {
        bidder,
        amount: price.total,
        attributes,
        source,
    };
    act(desk, "price.entered", instance, &payload)
}
