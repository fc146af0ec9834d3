//! The act types, one file a subject. Every function checks first and changes the state last.

pub mod archive;
pub mod bids;
pub mod binding;
pub mod ceremony;
pub mod committee;
pub mod draws;
pub mod ending;
pub mod observations;
pub mod opening;
pub mod prices;
pub mod result;
pub mod review;
pub mod rounds;
pub mod setup;
pub mod sheets;
pub mod supervision;
pub mod suspension;
pub mod witnesses;

use crate::apply::{Act, Blobs};
use crate::refusal::{Code, Refusal, ensure};
use crate::state::State;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

/// Decodes a chain of base64 DER certificates, leaf first.
///
/// # Errors
/// [`Code::Certificate`] when one is not base64.
pub fn decode_chain(chain: &[String]) -> Result<Vec<Vec<u8>>, Refusal> {
    chain
        .iter()
        .map(|text| {
            STANDARD
                .decode(text)
                .map_err(|_| Refusal::new(Code::Certificate, "certificate is not base64"))
        })
        .collect()
}

/// Longest reason or note of supervision, bytes.
pub const MAX_SUPERVISION_TEXT: usize = 500;

/// A text of supervision: something, not too long, one line.
fn reason(text: &str) -> Result<(), Refusal> {
    let fits = !text.trim().is_empty() && text.len() <= MAX_SUPERVISION_TEXT;
    ensure(
        fits && !text.chars().any(char::is_control),
        Code::Malformed,
        "a text of 1 to 500 bytes without control characters is needed",
    )
}

/// The instance of a type whose subject has one only. Staleness goes by the instance, so an act can't be made at
/// another; the other types find their round, stage, draw or ceremony by it. `None` as well for observations.
pub fn fixed_instance(kind: &str) -> Option<&'static str> {
    match kind {
        "record.created"
        | "role.assigned"
        | "site.enrolled"
        | "booth.enrolled"
        | "witness.replacement_proposed"
        | "witness.replaced"
        | "recovered" => Some(""),
        "opening.allowed" => Some(crate::plan::OPENING),
        "binding.seen" | "member.key_replaced" | "promise.made" | "avoidance.declared" | "leader.voted" => {
            Some(committee::COMMITTEE)
        }
        "report.made" | "report.signed" => Some(result::REPORT),
        "evaluation.suspended" | "evaluation.resumed" => Some(suspension::SUSPENSION),
        "warning.given" | "mark.set" => Some(supervision::SUPERVISION),
        _ => None,
    }
}

pub(crate) fn apply(state: &mut State, act: &Act<'_>, blobs: &dyn Blobs) -> Result<(), Refusal> {
    if let Some(instance) = fixed_instance(&act.core().kind) {
        ensure(act.core().instance == instance, Code::Malformed, "instance")?;
    }
    match act.core().kind.as_str() {
        "record.created" => setup::record_created(state, act, blobs),
        "role.assigned" => setup::role_assigned(state, act),
        "site.enrolled" => setup::site_enrolled(state, act),
        "booth.enrolled" => setup::booth_enrolled(state, act),
        "witness.replacement_proposed" => witnesses::proposed(state, act),
        "witness.replaced" => witnesses::replaced(state, act),
        "lot_key.defined" => ceremony::lot_key_defined(state, act),
        "key.dealt" => ceremony::key_dealt(state, act),
        "key.acknowledged" => ceremony::key_acknowledged(state, act),
        "key.complained" => ceremony::key_complained(state, act),
        "ingest_key.declared" => ceremony::ingest_key_declared(state, act),
        "bid.submitted" => bids::submitted(state, act),
        "bid.replaced" => bids::replaced(state, act),
        "bid.withdrawn" => bids::withdrawn(state, act),
        "deadline.reached" => bids::deadline_reached(state, act),
        "opening.allowed" => opening::allowed(state, act),
        "opening.started" => opening::started(state, act),
        "bid.unlocked" => opening::unlocked(state, act),
        "partial.released" => opening::partial_released(state, act),
        "part.opened" => opening::part_opened(state, act),
        "opening.recorded" => opening::recorded(state, act),
        "member.seated" => committee::seated(state, act),
        "member.checked_in" => committee::checked_in(state, act),
        "draw.opened" => draws::opened(state, act),
        "draw.committed" => draws::committed(state, act),
        "draw.revealed" => draws::revealed(state, act),
        "draw.voided" => draws::voided(state, act),
        "draw.result" => draws::result(state, act),
        "key.bound" => binding::bound(state, act),
        "binding.seen" => binding::seen(state, act),
        "member.key_replaced" => binding::key_replaced(state, act),
        "member.absent" => rounds::member_absent(state, act),
        "promise.made" => committee::promised(state, act),
        "avoidance.declared" => committee::avoidance_declared(state, act),
        "leader.voted" => committee::leader_voted(state, act),
        "stage.opened" => review::stage_opened(state, act),
        "stage.closed" => review::stage_closed(state, act),
        "qualification.decided" => review::qualification_decided(state, act),
        "round.defined" => rounds::defined(state, act),
        "draft.saved" => sheets::draft_saved(state, act),
        "sheet.sealed" => sheets::sealed(state, act),
        "round.closed" => rounds::closed(state, act),
        "round.countersigned" => rounds::countersigned(state, act),
        "share.released" => rounds::share_released(state, act),
        "round.opened" => rounds::opened(state, act, blobs),
        "signatures.checked" => rounds::signatures_checked(state, act),
        "price.entered" => prices::entered(state, act),
        "result.computed" => result::computed(state, act, blobs),
        "report.made" => result::report_made(state, act),
        "report.signed" => result::report_signed(state, act),
        "evaluation.ended" => ending::ended(state, act),
        "evaluation.suspended" => suspension::suspended(state, act),
        "evaluation.resumed" => suspension::resumed(state, act),
        "warning.given" => supervision::warned(state, act),
        "mark.set" => supervision::marked(state, act),
        "archived" => archive::archived(state, act),
        "recovered" => archive::recovered(state, act),
        // Observations change nothing: `apply` never reads them (protocol 1).
        "observation.refused" | "observation.health" | "observation.cover" => Ok(()),
        other => Err(Refusal::new(Code::UnknownType, other)),
    }
}
