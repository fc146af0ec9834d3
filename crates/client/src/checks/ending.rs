//! Before an ending without a result is signed: the ground is the record's, and the identities that were opened to this
//! seat bear the stated number of bidders out, which the fold takes from the opening record.

use super::list::{Checklist, Verdict, refuse};
use crate::error::ClientError;
use crate::replica::Replica;
use audit::statement::Identity;
use evaluation::acts::ending::{EvaluationEnded, Ground, ground};
use record::Leaf;
use std::collections::BTreeSet;

/// The ground of an ending, and the identities opened here.
pub fn ending_checks<'a>(replica: &'a Replica, ended: &'a EvaluationEnded) -> Checklist<'a> {
    Checklist::new()
        .with(
            "ground",
            "本机由记录重新算出的终止理由相同",
            "The ground recomputed here from the record is the same",
            move || {
                if ground(replica.state()).as_ref() != Some(ended) {
                    return refuse("记录中没有这样的终止理由", "the record gives no such ground");
                }
                Ok(())
            },
        )
        .with(
            "distinct_bidders",
            "公开的投标人身份与开标记录的数目一致",
            "The opened identities bear the opening record's number of bidders out",
            move || identities(replica, ended),
        )
}

/// [`ending_checks`], all of them.
///
/// # Errors
/// [`ClientError::Check`].
pub fn check_ending(replica: &Replica, ended: &EvaluationEnded) -> Result<(), ClientError> {
    ending_checks(replica, ended).pass()
}

fn identities(replica: &Replica, ended: &EvaluationEnded) -> Verdict {
    let codes = distinct_codes(replica);
    let stated = replica
        .state()
        .distinct_bidders()
        .map_or(codes.len(), |count| count as usize);
    if ended.ground == Ground::TooFewBidders && codes.len() != stated {
        return refuse(
            format!(
                "开标记录写明 {stated} 个投标人，公开的身份显示 {} 个",
                codes.len()
            ),
            format!(
                "the opening record states {stated} distinct bidders, the opened identities show {}",
                codes.len()
            ),
        );
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
