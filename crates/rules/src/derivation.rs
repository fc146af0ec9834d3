//! Derivations: how each number of a result was computed, so that screen, report and auditor show the
//! same arithmetic.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde::{Deserialize, Serialize};

use crate::exact::{Exact, NumberError};
use crate::ids::{BidderId, CriterionId, Line, StageId};
use crate::rounding::{Rounding, shown};
use crate::text::Text;

/// Id of a node: `B1:total`, `B1:criterion:T-01`, `price_base`. The same inputs give the same ids.
pub type NodeId = String;

/// Where a given number stands: `sheet/E1/scored/1/B1/T-01`, `rulebook/criteria/price`. In JSON a string.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(from = "String", into = "String")]
pub struct Source(Place);

#[derive(Debug, Clone)]
enum Place {
    Written(Cow<'static, str>),
    Cell(Line, Arc<Cells>),
}

/// The cells that all members have for one criterion of one bid: there are thousands, so they are named once.
#[derive(Debug)]
pub(crate) struct Cells {
    pub(crate) stage: StageId,
    pub(crate) bidder: BidderId,
    pub(crate) criterion: CriterionId,
}

impl Source {
    /// A member's cell.
    pub(crate) fn cell(line: &Line, cells: &Arc<Cells>) -> Self {
        Self(Place::Cell(line.clone(), Arc::clone(cells)))
    }

    /// Whether it is a member's cell.
    pub fn is_cell(&self) -> bool {
        match &self.0 {
            Place::Written(text) => text.starts_with("sheet/"),
            Place::Cell(..) => true,
        }
    }
}

impl fmt::Display for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Place::Written(text) => f.write_str(text),
            Place::Cell(line, cells) => {
                let Cells {
                    stage,
                    bidder,
                    criterion,
                } = cells.as_ref();
                write!(f, "sheet/{line}/{stage}/{bidder}/{criterion}")
            }
        }
    }
}

impl PartialEq for Source {
    fn eq(&self, other: &Self) -> bool {
        self.to_string() == other.to_string()
    }
}

impl Eq for Source {}

impl From<String> for Source {
    fn from(text: String) -> Self {
        Self(Place::Written(text.into()))
    }
}

impl From<&'static str> for Source {
    fn from(text: &'static str) -> Self {
        Self(Place::Written(text.into()))
    }
}

impl From<Source> for String {
    fn from(source: Source) -> Self {
        source.to_string()
    }
}

impl JsonSchema for Source {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        "Source".into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        String::json_schema(generator)
    }
}

/// The name of a number in a formula.
pub type Symbol = Cow<'static, str>;

/// `x1`, `x2`, ...: what members gave.
pub(crate) fn numbered(index: usize) -> Symbol {
    const USUAL: [&str; 15] = [
        "x1", "x2", "x3", "x4", "x5", "x6", "x7", "x8", "x9", "x10", "x11", "x12", "x13", "x14", "x15",
    ];
    match USUAL.get(index) {
        Some(symbol) => (*symbol).into(),
        None => format!("x{}", index + 1).into(),
    }
}

/// Where an input of a formula comes from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Input {
    /// The value of another node.
    Node {
        /// The symbol in the formula.
        symbol: Symbol,
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
        symbol: Symbol,
        /// Where it stands: `sheet/E1/scored/1/B1/T-01`, `rulebook/criteria/price`.
        source: Source,
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

    pub(crate) fn given(symbol: impl Into<Symbol>, source: impl Into<Source>, value: Exact) -> Self {
        Self::Given {
            symbol: symbol.into(),
            source: source.into(),
            value,
            used: true,
        }
    }

    pub(crate) fn node(symbol: impl Into<Symbol>, figure: &Figure) -> Self {
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

/// A number and where it comes from: what an input is made of.
#[derive(Debug, Clone)]
pub(crate) struct Sourced {
    pub(crate) value: Exact,
    origin: Origin,
}

#[derive(Debug, Clone)]
enum Origin {
    Node(NodeId),
    Given(Source),
}

impl Sourced {
    pub(crate) fn node(figure: &Figure) -> Self {
        Self {
            value: figure.value.clone(),
            origin: Origin::Node(figure.node.clone()),
        }
    }

    /// The value of a node that is written later.
    pub(crate) fn of_node(value: Exact, node: NodeId) -> Self {
        Self {
            value,
            origin: Origin::Node(node),
        }
    }

    pub(crate) fn given(value: Exact, source: impl Into<Source>) -> Self {
        Self {
            value,
            origin: Origin::Given(source.into()),
        }
    }

    pub(crate) fn input(&self, symbol: impl Into<Symbol>) -> Input {
        let symbol = symbol.into();
        let value = self.value.clone();
        match &self.origin {
            Origin::Node(node) => Input::Node {
                symbol,
                node: node.clone(),
                value,
                used: true,
            },
            Origin::Given(source) => Input::Given {
                symbol,
                source: source.clone(),
                value,
                used: true,
            },
        }
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

/// What tells of a step beside its value.
pub(crate) struct Told {
    pub(crate) label: Text,
    pub(crate) formula: String,
    pub(crate) inputs: Vec<Input>,
}

/// The nodes written so far.
#[derive(Debug)]
pub(crate) struct Derivation {
    nodes: Vec<(NodeId, Node)>,
    kept: bool,
}

impl Derivation {
    /// With `kept` false numbers are computed and nothing is written down.
    pub(crate) fn new(kept: bool) -> Self {
        Self {
            nodes: Vec::new(),
            kept,
        }
    }

    /// Rounds, writes the node down, and hands out its figure.
    pub(crate) fn write(&mut self, step: Step) -> Result<Figure, StepFailed> {
        let Step {
            id,
            label,
            formula,
            inputs,
            exact,
            rounding,
        } = step;
        let told = Told {
            label,
            formula,
            inputs,
        };
        self.compute(id, exact, rounding, || told)
    }

    /// As [`Derivation::write`]; what tells of the step is asked for only where it is kept.
    pub(crate) fn compute(
        &mut self,
        id: NodeId,
        exact: Result<Exact, NumberError>,
        rounding: Option<Rounding>,
        told: impl FnOnce() -> Told,
    ) -> Result<Figure, StepFailed> {
        let rounded = exact.and_then(|exact| match rounding {
            Some(rounding) => Ok((rounding.apply(&exact)?, exact)),
            None => Ok((exact.clone(), exact)),
        });
        let (value, exact) = match rounded {
            Ok(rounded) => rounded,
            Err(cause) => return Err(StepFailed { node: id, cause }),
        };
        let shown = shown(&value, rounding);
        if self.kept {
            let Told {
                label,
                formula,
                inputs,
            } = told();
            let node = Node {
                label,
                formula,
                inputs,
                exact,
                rounding,
                value: value.clone(),
                shown: shown.text.clone(),
                approximate: shown.approximate,
            };
            self.nodes.push((id.clone(), node));
        }
        Ok(Figure {
            shown: shown.text,
            value,
            node: id,
        })
    }

    pub(crate) fn into_nodes(self) -> BTreeMap<NodeId, Node> {
        self.nodes.into_iter().collect()
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
        let mut derivation = Derivation::new(true);
        let failed = derivation.write(step).expect_err("65,537 bits");
        assert_eq!(
            (failed.node.as_str(), failed.cause),
            ("B1:total", NumberError::TooLarge)
        );
        assert!(derivation.into_nodes().is_empty());
    }
}
