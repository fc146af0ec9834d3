//! Expressions: arithmetic as a tender document writes it, over one bid or over all bids compared.

use std::fmt;
use std::str::FromStr;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Serialize};

use super::parse::{self, ExpressionError};
use crate::exact::Exact;
use crate::ids::CriterionId;

/// The longest expression, in bytes.
pub const MAX_EXPRESSION_BYTES: usize = 4_096;

/// An expression, read once and kept as it was written.
///
/// ```text
/// expression = either { "or" either }            either = test { "and" test }
/// test       = "not" test | sum [ ("<" | "<=" | "=" | "!=" | ">=" | ">") sum ]
/// sum        = product { ("+" | "-") product }   product = sign { ("*" | "/") sign }
/// sign       = "-" sign | atom
/// atom       = number ["%"] | name | "(" expression ")" | function
/// function   = name "(" expression { "," expression } [ "in" name ] ")"
///            | ("block" | "fact" | "table") "(" quoted [ "," expression ] ")"
/// ```
///
/// A number is a decimal without sign; `5 %` is `0.05`. What the names and functions mean:
/// `docs/formats/rulebook.md`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Expression {
    text: String,
    root: Expr,
}

impl Expression {
    /// The text as written.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    pub(crate) fn root(&self) -> &Expr {
        &self.root
    }
}

impl FromStr for Expression {
    type Err = ExpressionError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Ok(Self {
            root: parse::parse(text)?,
            text: text.to_owned(),
        })
    }
}

impl TryFrom<String> for Expression {
    type Error = ExpressionError;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        text.parse()
    }
}

impl From<Expression> for String {
    fn from(expression: Expression) -> Self {
        expression.text
    }
}

impl fmt::Display for Expression {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl JsonSchema for Expression {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Expression".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "type": "string",
            "maxLength": MAX_EXPRESSION_BYTES,
            "description": "Arithmetic in text, such as `base / p * full`; grammar, names and functions in docs/formats/rulebook.md."
        })
    }
}

/// Sort of an expression's value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Sort {
    Number,
    Truth,
}

/// Operators between two operands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Operator {
    Add,
    Subtract,
    Multiply,
    Divide,
    Less,
    AtMost,
    Equal,
    Different,
    AtLeast,
    Greater,
    And,
    Or,
}

impl Operator {
    /// Sorts of the operands and of the value.
    pub(crate) fn sorts(self) -> (Sort, Sort) {
        match self {
            Self::Add | Self::Subtract | Self::Multiply | Self::Divide => (Sort::Number, Sort::Number),
            Self::Less | Self::AtMost | Self::Equal | Self::Different | Self::AtLeast | Self::Greater => {
                (Sort::Number, Sort::Truth)
            }
            Self::And | Self::Or => (Sort::Truth, Sort::Truth),
        }
    }
}

/// Functions of numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Function {
    Min,
    Max,
    /// `clamp(x, low, high)`.
    Clamp,
    Abs,
    /// Rounding functions: `half_up(x, places)`.
    HalfUp,
    HalfEven,
    Truncate,
    Up,
    Down,
    /// `sqrt(x, places)`, half up.
    Sqrt,
    /// `power(x, n)`, n a whole number from 0 to 16.
    Power,
}

impl Function {
    const ALL: [(&'static str, Self); 11] = [
        ("min", Self::Min),
        ("max", Self::Max),
        ("clamp", Self::Clamp),
        ("abs", Self::Abs),
        ("half_up", Self::HalfUp),
        ("half_even", Self::HalfEven),
        ("truncate", Self::Truncate),
        ("up", Self::Up),
        ("down", Self::Down),
        ("sqrt", Self::Sqrt),
        ("power", Self::Power),
    ];

    pub(super) fn named(name: &str) -> Option<Self> {
        Self::ALL.iter().find(|(own, _)| *own == name).map(|(_, f)| *f)
    }

    /// Fewest and most arguments.
    pub(super) fn arguments(self) -> (usize, usize) {
        match self {
            Self::Min | Self::Max => (2, 64),
            Self::Clamp => (3, 3),
            Self::Abs => (1, 1),
            _ => (2, 2),
        }
    }
}

/// Statistics over the bids compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Statistic {
    Min,
    Max,
    Sum,
    Mean,
    Median,
    /// `trimmed_mean_of(x, lowest, highest)`: that many of each end left out.
    TrimmedMean,
    /// `nth_of(x, n)`: the n-th lowest, from 1.
    Nth,
    /// `count_of(test)`: bids for which it holds.
    Count,
    /// `rank_of(x)`: one more than the bids whose value is lower than this bid's.
    Rank,
}

impl Statistic {
    const ALL: [(&'static str, Self); 9] = [
        ("min_of", Self::Min),
        ("max_of", Self::Max),
        ("sum_of", Self::Sum),
        ("mean_of", Self::Mean),
        ("median_of", Self::Median),
        ("trimmed_mean_of", Self::TrimmedMean),
        ("nth_of", Self::Nth),
        ("count_of", Self::Count),
        ("rank_of", Self::Rank),
    ];

    pub(super) fn named(name: &str) -> Option<Self> {
        Self::ALL.iter().find(|(own, _)| *own == name).map(|(_, s)| *s)
    }

    /// Numbers behind the expression.
    pub(super) fn further(self) -> usize {
        match self {
            Self::TrimmedMean => 2,
            Self::Nth => 1,
            _ => 0,
        }
    }

    /// What is taken over the bids.
    pub(crate) fn over(self) -> Sort {
        match self {
            Self::Count => Sort::Truth,
            _ => Sort::Number,
        }
    }
}

/// One node of an expression.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Expr {
    Number(Exact),
    Name(String),
    /// `block("T")`: the score of a block.
    Block(CriterionId),
    /// `fact("floor_area")`: a number known of each bid.
    Fact(String),
    /// `table("deviation", x)`.
    Table(String, Box<Expr>),
    Negative(Box<Expr>),
    Not(Box<Expr>),
    Binary(Operator, Box<Expr>, Box<Expr>),
    Call(Function, Vec<Expr>),
    /// `if(test, then, else)`.
    If(Box<[Expr; 3]>),
    Over {
        statistic: Statistic,
        of: Box<Expr>,
        further: Vec<Expr>,
        /// Name of the bids taken; all that are compared without.
        bids: Option<String>,
        /// As it was written.
        text: String,
    },
}

impl Expr {
    /// What it is made of.
    pub(crate) fn children(&self) -> Vec<&Self> {
        match self {
            Self::Number(_) | Self::Name(_) | Self::Block(_) | Self::Fact(_) => Vec::new(),
            Self::Table(_, x) | Self::Negative(x) | Self::Not(x) => vec![x],
            Self::Binary(_, a, b) => vec![a, b],
            Self::Call(_, arguments) => arguments.iter().collect(),
            Self::If(three) => three.iter().collect(),
            Self::Over { of, further, .. } => std::iter::once(&**of).chain(further).collect(),
        }
    }

    /// The longest way down, itself counted.
    pub(super) fn depth(&self) -> usize {
        1 + self.children().into_iter().map(Self::depth).max().unwrap_or(0)
    }

    /// Nodes in it, itself counted.
    pub(crate) fn size(&self) -> usize {
        1 + self.children().into_iter().map(Self::size).sum::<usize>()
    }
}
