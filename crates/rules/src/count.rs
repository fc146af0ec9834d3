//! Counts of bidders that stop a procedure (MIN-1, MIN-2, MIN-5).

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::rulebook::Rulebook;

/// When bidders are counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Moment {
    /// Bids standing at the deadline.
    AtDeadline,
    /// Left after qualification.
    AfterQualification,
    /// Left after conformity.
    AfterConformity,
}

/// The procedure stops: too few bidders.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema, thiserror::Error)]
#[serde(deny_unknown_fields)]
#[error("{count} bidders, {minimum} needed ({rule})")]
pub struct Stop {
    /// When they were counted.
    pub moment: Moment,
    /// Distinct bidders.
    pub count: u32,
    /// The least number that goes on.
    pub minimum: u32,
    /// The rule: `MIN-1`, `MIN-2`, `MIN-5` where a review left none, or `minimum_bidders` where only the rulebook
    /// says so.
    pub rule: String,
}

/// Whether the procedure goes on with `count` distinct bidders.
///
/// # Errors
/// [`Stop`] when there are fewer than the rulebook's `minimum_bidders` at this moment.
pub fn count_check(rulebook: &Rulebook, moment: Moment, count: u32) -> Result<(), Stop> {
    let numbers = &rulebook.minimum_bidders;
    let minimum = match moment {
        Moment::AtDeadline => numbers.at_deadline,
        Moment::AfterQualification => numbers.after_qualification,
        Moment::AfterConformity => numbers.after_conformity,
    };
    if count >= minimum {
        return Ok(());
    }
    let table = rulebook.law();
    let rule = match moment {
        Moment::AfterQualification | Moment::AfterConformity if count == 0 => table.none_left_rule,
        _ => table.minimum_rule,
    };
    Err(Stop {
        moment,
        count,
        minimum,
        rule: rule.to_owned(),
    })
}
