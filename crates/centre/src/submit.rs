//! Who may bring which act, before anything of it is looked at.

use crate::error::CentreError;
use crate::principal::{Principal, Standing};
use crate::record_core::RecordCore;
use evaluation::Role;
use record::VerifiedAct;

/// The transport's key must be the author's; a bidder's act needs no certificate, its own key is the submission's;
/// a booth PC brings the first act of an evaluation key.
pub(crate) fn may_submit(
    core: &RecordCore,
    principal: &Principal,
    act: &VerifiedAct,
) -> Result<(), CentreError> {
    const BIDDERS: [&str; 4] = ["bid.submitted", "bid.replaced", "bid.withdrawn", "bid.unlocked"];
    let kind = act.core().kind.as_str();
    if BIDDERS.contains(&kind) {
        return Ok(());
    }
    let Principal::Key(key) = principal else {
        return Err(CentreError::Unauthenticated);
    };
    let standing = Standing::of(&core.state, key);
    if kind == "key.bound" {
        return if standing.has(Role::Booth) {
            Ok(())
        } else {
            Err(CentreError::Forbidden("not a booth PC"))
        };
    }
    let own = act.core().actor == *key;
    let offline_rest = core.state.parties(key).is_empty() && standing.line.is_none();
    if !own {
        return Err(CentreError::Forbidden("the actor is not the caller"));
    }
    if offline_rest && !core.state.is_retired(key) {
        return Err(CentreError::Unauthenticated);
    }
    Ok(())
}
