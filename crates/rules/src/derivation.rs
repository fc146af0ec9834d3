//! Derivations: how each number of a result was computed, so that screen, report and auditor show the
//! same arithmetic.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::exact::{Exact, NumberError};
use crate::rounding::{Rounding, shown};
use crate::text::Text;

/// Id of a node: `B1:total`, `B1:criterion:T-01`, `price_base`. The same inputs give the same ids.
pub type NodeId = String;

/// Where an input of a formula comes from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Input {
    /// The value of another node.
    Node {
        /// The symbol in the formula.
        symbol: String,
        /// The node.
        node: NodeId,
        /// Its value.
        value: Exact,
        /// Taken into the formula, or dropped before (aggregation.drop).
        used: bool,
    },
    /// A number that stands in the facts or the rulebook.
    Given {
        /// The symbol in the formula.
        symbol: String,
        /// Where it stands: `sheet/E1/scored/1/B1/T-01`, `rulebook/criteria/price`.
        source: String,
        /// Its value.
        value: Exact,
        /// Taken into the formula, or dropped before (aggregation.drop).
        used: bool,
    },
}

impl Input {
    /// The value that goes into the formula.
    pub fn value(&self) -> &Exact {
        match self {
            Self::Node { value, .. } | Self::Given { value, .. } => value,
        }
    }

    /// The symbol in the formula.
    pub fn symbol(&self) -> &str {
        match self {
            Self::Node { symbol, .. } | Self::Given { symbol, .. } => symbol,
        }
    }

    /// Whether the formula uses it; false: dropped before.
    pub fn is_used(&self) -> bool {
        match self {
            Self::Node { used, .. } | Self::Given { used, .. } => *used,
        }
    }

    pub(crate) fn given(symbol: impl Into<String>, source: impl Into<String>, value: Exact) -> Self {
        Self::Given {
            symbol: symbol.into(),
            source: source.into(),
            value,
            used: true,
        }
    }

    pub(crate) fn node(symbol: impl Into<String>, figure: &Figure) -> Self {
        Self::Node {
            symbol: symbol.into(),
            node: figure.node.clone(),
            value: figure.value.clone(),
            used: true,
        }
    }

    pub(crate) fn dropped(mut self) -> Self {
        match &mut self {
            Self::Node { used, .. } | Self::Given { used, .. } => *used = false,
        }
        self
    }
}

/// One step of the computation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Node {
    /// What the number is.
    pub label: Text,
    /// The formula, in the symbols of the inputs.
    pub formula: String,
    /// The inputs.
    pub inputs: Vec<Input>,
    /// The formula's value before rounding.
    pub exact: Exact,
    /// The rounding applied; none where the rulebook names none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rounding: Option<Rounding>,
    /// The value carried on: `exact`, rounded.
    pub value: Exact,
    /// `value` as people read it.
    pub shown: String,
    /// Whether `shown` is only near `value`, which was not rounded and has no short decimal form.
    pub approximate: bool,
}

/// A number of a result.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Figure {
    /// The value as people read it.
    pub shown: String,
    /// The value.
    pub value: Exact,
    /// The node that derives it.
    pub node: NodeId,
}

/// What a node is made of, before rounding.
pub(crate) struct Step {
    pub(crate) id: NodeId,
    pub(crate) label: Text,
    pub(crate) formula: String,
    pub(crate) inputs: Vec<Input>,
    pub(crate) exact: Result<Exact, NumberError>,
    pub(crate) rounding: Option<Rounding>,
}

/// A number that could not be computed, and where.
#[derive(Debug)]
pub(crate) struct StepFailed {
    pub(crate) node: NodeId,
    pub(crate) cause: NumberError,
}

/// The nodes written so far.
#[derive(Debug, Default)]
pub(crate) struct Derivation {
    nodes: BTreeMap<NodeId, Node>,
}

impl Derivation {
    /// Rounds, writes the node down, and hands out its figure.
    pub(crate) fn write(&mut self, step: Step) -> Result<Figure, StepFailed> {
        let id = step.id;
        let failed = |cause| StepFailed {
            node: id.clone(),
            cause,
        };
        let exact = step.exact.map_err(failed)?;
        let value = match step.rounding {
            Some(rounding) => rounding.apply(&exact).map_err(failed)?,
            None => exact.clone(),
        };
        let shown = shown(&value, step.rounding);
        let figure = Figure {
            shown: shown.text.clone(),
            value: value.clone(),
            node: id.clone(),
        };
        let node = Node {
            label: step.label,
            formula: step.formula,
            inputs: step.inputs,
            exact,
            rounding: step.rounding,
            value,
            shown: shown.text,
            approximate: shown.approximate,
        };
        self.nodes.insert(id, node);
        Ok(figure)
    }

    pub(crate) fn into_nodes(self) -> BTreeMap<NodeId, Node> {
        self.nodes
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_that_grew_too_long_is_located() {
        let mut long = Exact::from(2);
        for _ in 0..15 {
            long = long.checked_mul(&long).expect("2^32768 fits");
        }
        let step = Step {
            id: "B1:total".to_owned(),
            label: Text::new("总得分", "total"),
            formula: "s1 x s1".to_owned(),
            inputs: Vec::new(),
            exact: long.checked_mul(&long),
            rounding: None,
        };
        let mut derivation = Derivation::default();
        let failed = derivation.write(step).expect_err("65,537 bits");
        assert_eq!(
            (failed.node.as_str(), failed.cause),
            ("B1:total", NumberError::TooLarge)
        );
        assert!(derivation.into_nodes().is_empty());
    }
}
