//! Before an ending without a result is signed: the ground is the record's, and the identities that were opened to this
//! seat bear the stated number of bidders out, which the fold takes from the opening record.

use crate::error::ClientError;
use crate::replica::Replica;
use audit::statement::Identity;
use evaluation::acts::ending::{EvaluationEnded, Ground, ground};
use record::Leaf;
use std::collections::BTreeSet;

/// Checks the ground of an ending.
///
/// # Errors
/// [`ClientError::Check`].
pub fn check_ending(replica: &Replica, ended: &EvaluationEnded) -> Result<(), ClientError> {
    let state = replica.state();
    if ground(state).as_ref() != Some(ended) {
        return Err(ClientError::Check("the record gives no such ground".to_owned()));
    }
    let codes = distinct_codes(replica);
    let stated = state
        .distinct_bidders()
        .map_or(codes.len(), |count| count as usize);
    if ended.ground == Ground::TooFewBidders && codes.len() != stated {
        return Err(ClientError::Check(format!(
            "the opening record states {stated} distinct bidders, the opened identities show {}",
            codes.len()
        )));
    }
    Ok(())
}

/// Codes in the identities that were opened to this seat.
fn distinct_codes(replica: &Replica) -> BTreeSet<String> {
    let opened = replica.entries().iter().filter_map(|entry| match &entry.leaf {
        Leaf::Header { header, .. } if header.kind == "part.opened" => entry.openings.get("identity"),
        _ => None,
    });
    opened
        .filter_map(|opening| Identity::parse(&opening.value).ok())
        .map(|identity| identity.code)
        .collect()
}
