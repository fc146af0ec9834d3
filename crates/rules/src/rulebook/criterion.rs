//! Criteria: trees whose leaves are decided, scored, or computed from the price.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::decimal::Decimal;
use crate::exact::Exact;
use crate::formula::Expression;
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
    /// What its points are multiplied with in the node above; 1 without. With a scale of 0 to 5 and 100 points in all, a
    /// criterion of weight 7 gives at most 35.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub weight: Option<Decimal>,
    /// A bid below so many points here is rejected. Top nodes of scored trees, and scored leaves; in the own scale.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub minimum: Option<Decimal>,
    /// Where the tender document says so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub clause: Option<Clause>,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde passes a reference")]
pub(super) fn is_false(value: &bool) -> bool {
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
    /// A score within one of several ranges, each with its name (优, 良, 一般), in whole steps from its lowest.
    Tiers {
        /// The tiers, best first or last; they may touch and do not overlap.
        tiers: Vec<Tier>,
        /// Step, points.
        step: Decimal,
        /// The score where the bid has nothing to say on it; not given without.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        missing: Option<Decimal>,
    },
    /// Points computed from what is known of the bid, by nobody's judgement.
    Computed {
        /// Most points.
        points: Decimal,
        /// How: an expression over `fact` alone.
        value: Expression,
    },
    /// Points computed from the price.
    Price {
        /// Most points.
        points: Decimal,
    },
}

/// One tier of a scale.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Tier {
    /// What it is called.
    pub name: Text,
    /// Lowest score, points.
    pub min: Decimal,
    /// Highest score, points.
    pub max: Decimal,
}

impl CriterionKind {
    /// Whether members give it points.
    pub fn is_given(&self) -> bool {
        matches!(self, Self::Range { .. } | Self::Fixed { .. } | Self::Tiers { .. })
    }

    /// Whether it has points that are not the price's.
    pub fn is_scored(&self) -> bool {
        self.is_given() || matches!(self, Self::Computed { .. })
    }

    /// The most points in the own scale, of a group those of its children; none where they are too long to add up.
    pub(super) fn most_in_all(&self) -> Option<Exact> {
        let Self::Group { criteria } = self else {
            return Some(self.most_points().unwrap_or_else(Exact::zero));
        };
        let mut most = Exact::zero();
        for child in criteria {
            let own = child.kind.most_in_all()?;
            let weight = child
                .weight
                .as_ref()
                .map_or_else(|| Exact::from(1), Decimal::exact);
            most = most.checked_add(&own.checked_mul(&weight).ok()?).ok()?;
        }
        Some(most)
    }

    /// The most points of a leaf; none of a group or of pass or fail.
    pub fn most_points(&self) -> Option<Exact> {
        match self {
            Self::Group { .. } | Self::PassFail => None,
            Self::Range { max, .. } => Some(max.exact()),
            Self::Fixed { values } => values.iter().max().map(Decimal::exact),
            Self::Tiers { tiers, missing, .. } => {
                let most = tiers.iter().map(|tier| &tier.max).chain(missing).max();
                most.map(Decimal::exact)
            }
            Self::Price { points } | Self::Computed { points, .. } => Some(points.exact()),
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
    /// The product of the weights from the top node to the leaf.
    pub weight: Exact,
    /// JSON path of the leaf.
    pub at: String,
}

pub(super) fn collect_leaves<'a>(
    node: &'a Criterion,
    root: &'a Criterion,
    above: Exact,
    at: String,
    leaves: &mut Vec<Leaf<'a>>,
) {
    // A product too long to compute stands out in the sum of the points.
    let weight = match &node.weight {
        Some(own) => above.checked_mul(&own.exact()).unwrap_or_else(|_| Exact::zero()),
        None => above,
    };
    if let CriterionKind::Group { criteria } = &node.kind {
        for (index, child) in criteria.iter().enumerate() {
            let at = format!("{at}.kind.group.criteria[{index}]");
            collect_leaves(child, root, weight.clone(), at, leaves);
        }
    } else {
        leaves.push(Leaf {
            criterion: node,
            root,
            weight,
            at,
        });
    }
}
