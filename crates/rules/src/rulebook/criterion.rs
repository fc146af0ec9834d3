//! Criteria: trees whose leaves are decided, scored, or computed from the price.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::decimal::Decimal;
use crate::exact::Exact;
use crate::ids::CriterionId;
use crate::text::Text;

/// Where in the tender document a criterion stands (VOTE-8: none that is not there).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Clause {
    /// Name of the document.
    pub document: String,
    /// Number of the clause.
    pub clause: String,
    /// Page, from 1.
    pub page: u32,
    /// The words, quoted.
    pub quote: String,
}

/// One node of a criteria tree.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Criterion {
    /// Its id, unique in the rulebook.
    pub id: CriterionId,
    /// Its title.
    pub title: Text,
    /// What it is, with its scale.
    pub kind: CriterionKind,
    /// Objective item: all members must give the same score (SC-6). Scored leaves only.
    #[serde(default, skip_serializing_if = "is_false")]
    pub objective: bool,
    /// A score needs a reason. Scored leaves only; a fail always needs one.
    #[serde(default, skip_serializing_if = "is_false")]
    pub reason_required: bool,
    /// A bid below so many points in this block is rejected. Top nodes of scored trees only.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub minimum: Option<Decimal>,
    /// Where the tender document says so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub clause: Option<Clause>,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde passes a reference")]
fn is_false(value: &bool) -> bool {
    !value
}

/// What a node is. All points of a rulebook, price included, sum to exactly 100, so the weight of a
/// criterion is its highest score over 100.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum CriterionKind {
    /// Holds others.
    Group {
        /// Its children.
        criteria: Vec<Criterion>,
    },
    /// Pass or fail.
    PassFail,
    /// A score from `min` to `max` in whole steps from `min`.
    Range {
        /// Lowest score, points.
        min: Decimal,
        /// Highest score, points.
        max: Decimal,
        /// Step, points.
        step: Decimal,
    },
    /// One of these scores.
    Fixed {
        /// The admissible scores, points.
        values: Vec<Decimal>,
    },
    /// Points computed from the price.
    Price {
        /// Most points.
        points: Decimal,
    },
}

impl CriterionKind {
    /// Whether members give it points.
    pub fn is_scored(&self) -> bool {
        matches!(self, Self::Range { .. } | Self::Fixed { .. })
    }

    /// The most points of a leaf; none of a group or of pass or fail.
    pub fn most_points(&self) -> Option<Exact> {
        match self {
            Self::Group { .. } | Self::PassFail => None,
            Self::Range { max, .. } => Some(max.exact()),
            Self::Fixed { values } => values.iter().max().map(Decimal::exact),
            Self::Price { points } => Some(points.exact()),
        }
    }
}

/// A leaf and where it hangs.
#[derive(Debug, Clone)]
pub struct Leaf<'a> {
    /// The leaf.
    pub criterion: &'a Criterion,
    /// The top node of its tree; the leaf itself when it stands alone.
    pub root: &'a Criterion,
    /// JSON path of the leaf.
    pub at: String,
}

pub(super) fn collect_leaves<'a>(
    node: &'a Criterion,
    root: &'a Criterion,
    at: String,
    leaves: &mut Vec<Leaf<'a>>,
) {
    if let CriterionKind::Group { criteria } = &node.kind {
        for (index, child) in criteria.iter().enumerate() {
            let at = format!("{at}.kind.group.criteria[{index}]");
            collect_leaves(child, root, at, leaves);
        }
    } else {
        leaves.push(Leaf {
            criterion: node,
            root,
            at,
        });
    }
}
