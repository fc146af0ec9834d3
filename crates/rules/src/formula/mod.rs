//! Formulas: how prices and scores become points and totals, composed of steps.
//!
//! A formula runs from top to bottom over the bids compared. A step reads what stands above it, so there are no
//! cycles; a bid that a `reject` step takes out is in no statistic below it.

mod check;
mod compute;
mod expression;
mod parse;
mod reading;

use std::collections::BTreeSet;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

pub use expression::{Expression, MAX_EXPRESSION_BYTES};
pub use parse::ExpressionError;

pub(crate) use check::Surroundings;
pub(crate) use compute::{Bid, Computed, Failed, Lot, over_facts, run};

use crate::decimal::Decimal;
use crate::ids::CriterionId;
use crate::rounding::Rounding;
use crate::text::Text;

/// The most steps of a formula.
pub const MAX_STEPS: usize = 200;

/// The most nodes of all expressions of a formula, rows of tables counted.
pub const MAX_NODES: usize = 10_000;

/// How prices and scores become points and totals.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Formula {
    /// What people call it.
    pub name: Text,
    /// Numbers fixed before the opening: written here, or drawn.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub parameters: Vec<Parameter>,
    /// Tables that expressions look up.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub tables: Vec<Table>,
    /// The steps, in order.
    pub steps: Vec<Step>,
    /// The step that is shown as the base of the prices.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub base: Option<String>,
    /// The step whose value is the points of the price. Without it the price gives none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub points: Option<String>,
    /// The step whose value is the total. Without it the total is the sum of the blocks and the points of the price.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub total: Option<String>,
}

/// A number fixed before the opening.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Parameter {
    /// Its name in expressions.
    pub name: String,
    /// What it is.
    pub label: Text,
    /// Where it comes from.
    pub from: ParameterSource,
}

/// Where a parameter comes from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum ParameterSource {
    /// It is written here.
    Written(Decimal),
    /// It is drawn before the opening, in whole steps from `from` to `to` (F3, F4).
    Drawn {
        /// The lowest.
        from: Decimal,
        /// The highest.
        to: Decimal,
        /// The step.
        step: Decimal,
    },
}

/// A table from a number to points. Rows ascend.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Table {
    /// Its name in expressions.
    pub name: String,
    /// How a number between two rows is read.
    pub between: Between,
    /// The rows. A number below the first takes the value of the first, one above the last that of the last.
    pub rows: Vec<Row>,
}

/// How a number between two rows is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Between {
    /// The value of the row at or below it: `[at, next)`.
    RowBelow,
    /// The value of the row at or above it: `(previous, at]`.
    RowAbove,
    /// On the straight line between both.
    Line,
}

/// One row of a table.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Row {
    /// The number.
    pub at: Decimal,
    /// What it gives.
    pub gives: Decimal,
}

/// One step of a formula.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Step {
    /// Computes a number: one of each bid where it reads anything of a single bid, else one of the lot.
    Number {
        /// Its name in the steps below.
        name: String,
        /// What it is.
        label: Text,
        /// How it is computed.
        value: Expression,
        /// How it is rounded; not at all without.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        rounding: Option<Rounding>,
    },
    /// Names a choice of the bids compared, for statistics below.
    Choose {
        /// Its name behind `in`.
        name: String,
        /// The bids for which this holds.
        bids: Expression,
    },
    /// Takes bids out; they are not ranked.
    Reject {
        /// The bids for which this holds.
        bids: Expression,
        /// The rule that says so.
        rule: String,
        /// Why, for people.
        reason: Text,
    },
    /// Notes bids that people must look at; no number changes.
    Remark {
        /// The bids for which this holds.
        bids: Expression,
        /// The rule that says so.
        rule: String,
        /// What, for people.
        text: Text,
    },
}

impl Step {
    /// Its expression.
    pub fn expression(&self) -> &Expression {
        match self {
            Self::Number { value, .. } => value,
            Self::Choose { bids, .. } | Self::Reject { bids, .. } | Self::Remark { bids, .. } => bids,
        }
    }
}

impl Formula {
    /// The facts about each bid that its expressions read.
    pub fn facts(&self) -> BTreeSet<&str> {
        let mut facts = BTreeSet::new();
        for step in &self.steps {
            collect_facts(step.expression().root(), &mut facts);
        }
        facts
    }

    /// Whether an expression reads this name.
    pub fn reads(&self, name: &str) -> bool {
        self.steps
            .iter()
            .any(|step| reads(step.expression().root(), name))
    }

    /// The first step that leaves prices out at an end, or numbers that were computed from prices (SC-3).
    pub(crate) fn trims_prices(&self) -> Option<usize> {
        let mut prices = BTreeSet::from(["p", "price"]);
        for (index, step) in self.steps.iter().enumerate() {
            let root = step.expression().root();
            if trims(root, &prices) {
                return Some(index);
            }
            if let Step::Number { name, .. } = step
                && prices.iter().any(|price| reads(root, price))
            {
                prices.insert(name);
            }
        }
        None
    }

    /// Whether an expression reads the score of this block.
    pub fn reads_block(&self, block: &CriterionId) -> bool {
        self.steps
            .iter()
            .any(|step| reads_block(step.expression().root(), block))
    }

    /// Whether a bid may fall here, by a `reject` step.
    pub fn rejects(&self) -> bool {
        self.steps.iter().any(|step| matches!(step, Step::Reject { .. }))
    }
}

impl Expression {
    /// Names of the facts that it reads.
    pub fn facts(&self) -> BTreeSet<&str> {
        let mut facts = BTreeSet::new();
        collect_facts(self.root(), &mut facts);
        facts
    }
}

fn reads(node: &expression::Expr, name: &str) -> bool {
    matches!(node, expression::Expr::Name(own) if own == name)
        || node.children().into_iter().any(|child| reads(child, name))
}

fn trims(node: &expression::Expr, prices: &BTreeSet<&str>) -> bool {
    let own = match node {
        expression::Expr::Over {
            statistic: expression::Statistic::TrimmedMean,
            of,
            further,
            ..
        } => {
            let leaves_out = further.iter().any(|count| check::whole(count, 0, 0).is_none());
            leaves_out && prices.iter().any(|price| reads(of, price))
        }
        _ => false,
    };
    own || node.children().into_iter().any(|child| trims(child, prices))
}

fn reads_block(node: &expression::Expr, block: &CriterionId) -> bool {
    matches!(node, expression::Expr::Block(own) if own == block)
        || node.children().into_iter().any(|child| reads_block(child, block))
}

fn collect_facts<'a>(node: &'a expression::Expr, facts: &mut BTreeSet<&'a str>) {
    if let expression::Expr::Fact(name) = node {
        facts.insert(name);
    }
    for child in node.children() {
        collect_facts(child, facts);
    }
}
