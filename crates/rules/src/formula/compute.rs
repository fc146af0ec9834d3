//! A formula applied to the bids compared, each number with its derivation.

use std::collections::{BTreeMap, BTreeSet};

use super::check::Scope;
use super::reading::{Fault, Read, Reading, Values};
use super::{Expression, Formula, ParameterSource, Step};
use crate::decimal::Decimal;
use crate::derivation::{self, Derivation, Figure, Input, Sourced, StepFailed};
use crate::exact::{Exact, NumberError};
use crate::ids::{BidderId, CriterionId};
use crate::rounding::{Rounding, RoundingMode};
use crate::text::Text;

/// The numbers of the lot that a formula may read, by name: `ceiling`, `budget`, `full`.
pub(crate) type Lot = BTreeMap<&'static str, Sourced>;

/// One bid that is compared.
#[derive(Debug, Clone)]
pub(crate) struct Bid<'a> {
    pub(crate) id: BidderId,
    /// `p`, `price`, `technical`.
    pub(crate) numbers: BTreeMap<&'static str, Sourced>,
    /// Scores of the blocks.
    pub(crate) blocks: BTreeMap<CriterionId, Sourced>,
    /// What else is known.
    pub(crate) facts: &'a BTreeMap<String, Decimal>,
}

/// Why a formula has no result.
#[derive(Debug)]
pub(crate) enum Failed {
    /// A number could not be computed.
    Step(StepFailed),
    /// A fact that an expression reads is not known of a bid.
    FactMissing { bidder: BidderId, fact: String },
    /// A drawn parameter was not given, or lies outside its draw.
    Parameter(String),
    /// A value of a draw was given for something that is not drawn.
    NotDrawn(String),
}

impl From<StepFailed> for Failed {
    fn from(failed: StepFailed) -> Self {
        Self::Step(failed)
    }
}

/// A bid that fell, or that people must look at.
#[derive(Debug)]
pub(crate) struct Noted {
    pub(crate) bidder: BidderId,
    pub(crate) rule: String,
    pub(crate) text: Text,
    pub(crate) condition: String,
    pub(crate) inputs: Vec<Input>,
}

/// What a formula computed.
#[derive(Debug, Default)]
pub(crate) struct Computed {
    pub(crate) base: Option<Figure>,
    pub(crate) points: BTreeMap<BidderId, Figure>,
    pub(crate) totals: BTreeMap<BidderId, Figure>,
    pub(crate) rejected: Vec<Noted>,
    pub(crate) remarks: Vec<Noted>,
}

/// Runs a formula that was checked over `bids`; `drawn` are the values of its drawn parameters.
pub(crate) fn run<'a>(
    formula: &'a Formula,
    lot: Lot,
    bids: &'a [Bid<'a>],
    drawn: &BTreeMap<String, Decimal>,
    derivation: &mut Derivation,
) -> Result<Computed, Failed> {
    let mut running = Running {
        formula,
        values: Values {
            bids,
            compared: (0..bids.len()).collect(),
            choices: BTreeMap::new(),
            lot,
            own: BTreeMap::new(),
            tables: formula
                .tables
                .iter()
                .map(|table| (table.name.as_str(), table))
                .collect(),
        },
        derivation,
        computed: Computed::default(),
    };
    running.parameters(drawn)?;
    let scopes = formula.scopes();
    for (index, step) in formula.steps.iter().enumerate() {
        // Where all fell there is nothing left to compute, least of all a statistic.
        if running.values.compared.is_empty() {
            break;
        }
        running.step(index, step, &scopes)?;
    }
    Ok(running.computed)
}

/// An expression over the facts of one bid: its value and its inputs.
pub(crate) fn over_facts<'a>(
    expression: &Expression,
    bid: &'a Bid<'a>,
) -> Result<(Result<Exact, NumberError>, Vec<Input>), Failed> {
    let values = Values {
        bids: std::slice::from_ref(bid),
        compared: BTreeSet::from([0]),
        choices: BTreeMap::new(),
        lot: BTreeMap::new(),
        own: BTreeMap::new(),
        tables: BTreeMap::new(),
    };
    let read = Reading::new(&values, String::new()).read(expression.root(), Some(0));
    match read.value {
        Ok(value) => Ok((Ok(value), read.inputs)),
        Err(Fault::Number(cause)) => Ok((Err(cause), read.inputs)),
        Err(Fault::FactMissing(bidder, fact)) => Err(Failed::FactMissing { bidder, fact }),
    }
}

struct Running<'a, 'd> {
    formula: &'a Formula,
    values: Values<'a>,
    derivation: &'d mut Derivation,
    computed: Computed,
}

impl<'a> Running<'a, '_> {
    fn parameters(&mut self, drawn: &BTreeMap<String, Decimal>) -> Result<(), Failed> {
        let is_drawn = |name: &str| {
            let mut parameters = self.formula.parameters.iter();
            parameters.any(|own| own.name == name && matches!(own.from, ParameterSource::Drawn { .. }))
        };
        if let Some(other) = drawn.keys().find(|name| !is_drawn(name)) {
            return Err(Failed::NotDrawn(other.clone()));
        }
        for parameter in &self.formula.parameters {
            let name = &parameter.name;
            let (value, source) = match &parameter.from {
                ParameterSource::Written(value) => {
                    (value, format!("rulebook/price.method/parameters/{name}"))
                }
                ParameterSource::Drawn { from, to, step } => {
                    let value = drawn.get(name).filter(|value| is_of_draw(value, from, to, step));
                    let value = value.ok_or_else(|| Failed::Parameter(name.clone()))?;
                    (value, format!("facts/parameters/{name}"))
                }
            };
            self.values
                .lot
                .insert(name, Sourced::given(value.exact(), source));
        }
        Ok(())
    }

    fn step(&mut self, index: usize, step: &'a Step, scopes: &BTreeMap<&str, Scope>) -> Result<(), Failed> {
        match step {
            Step::Number {
                name,
                label,
                rounding,
                ..
            } => {
                let rounding = rounding.filter(|rounding| rounding.mode != RoundingMode::None);
                match scopes.get(name.as_str()) {
                    Some(Scope::Bid) => self.of_each_bid(name, label, step, rounding),
                    _ => self.of_the_lot(name, label, step, rounding),
                }
            }
            Step::Choose { name, .. } => {
                let holding = self.holding(step, format!("step:{name}"))?;
                self.values.choices.insert(name, holding.into_keys().collect());
                Ok(())
            }
            Step::Reject { rule, reason, .. } => {
                let noted = self.noted(step, index, rule, reason)?;
                for (place, noted) in noted {
                    self.values.compared.remove(&place);
                    self.computed.rejected.push(noted);
                }
                Ok(())
            }
            Step::Remark { rule, text, .. } => {
                let noted = self.noted(step, index, rule, text)?;
                self.computed.remarks.extend(noted.into_values());
                Ok(())
            }
        }
    }

    fn of_the_lot(
        &mut self,
        name: &'a str,
        label: &Text,
        step: &Step,
        rounding: Option<Rounding>,
    ) -> Result<(), Failed> {
        let is_base = self.formula.base.as_deref() == Some(name);
        let id = if is_base {
            "price_base".to_owned()
        } else {
            format!("step:{name}")
        };
        let read = Reading::new(&self.values, id.clone()).read(step.expression().root(), None);
        let figure = self.write(id, label, step, read, rounding)?;
        self.values.lot.insert(name, Sourced::node(&figure));
        if is_base {
            self.computed.base = Some(figure);
        }
        Ok(())
    }

    fn of_each_bid(
        &mut self,
        name: &'a str,
        label: &Text,
        step: &Step,
        rounding: Option<Rounding>,
    ) -> Result<(), Failed> {
        let is = |field: &Option<String>| field.as_deref() == Some(name);
        let (points, total) = (is(&self.formula.points), is(&self.formula.total));
        let mut reading = Reading::new(&self.values, format!("step:{name}"));
        let read: Vec<Read> = (0..self.values.bids.len())
            .map(|place| reading.read(step.expression().root(), Some(place)))
            .collect();
        let statistics = reading.statistics();
        self.write_all(statistics)?;
        let mut values = Vec::with_capacity(read.len());
        for (place, (bid, read)) in self.values.bids.iter().zip(read).enumerate() {
            let id = match (points, total) {
                (true, _) => format!("{}:price_points", bid.id),
                (_, true) => format!("{}:total", bid.id),
                _ => format!("{}:step:{name}", bid.id),
            };
            let figure = match self.write(id, label, step, read, rounding) {
                Ok(figure) => figure,
                // What fell may have fallen because of a number that does not fit here.
                Err(_) if !self.values.compared.contains(&place) => {
                    values.push(None);
                    continue;
                }
                Err(failed) => return Err(failed),
            };
            values.push(Some(Sourced::node(&figure)));
            if points {
                self.computed.points.insert(bid.id.clone(), figure.clone());
            }
            if total {
                self.computed.totals.insert(bid.id.clone(), figure);
            }
        }
        self.values.own.insert(name, values);
        Ok(())
    }

    fn holding(&mut self, step: &Step, id: String) -> Result<BTreeMap<usize, Vec<Input>>, Failed> {
        let mut reading = Reading::new(&self.values, id.clone());
        let holding = reading.holding(step.expression().root());
        let statistics = reading.statistics();
        self.write_all(statistics)?;
        holding.map_err(|fault| match fault {
            Fault::Number(cause) => Failed::Step(StepFailed { node: id, cause }),
            Fault::FactMissing(bidder, fact) => Failed::FactMissing { bidder, fact },
        })
    }

    fn noted(
        &mut self,
        step: &Step,
        index: usize,
        rule: &str,
        text: &Text,
    ) -> Result<BTreeMap<usize, Noted>, Failed> {
        let holding = self.holding(step, format!("step:{}", index + 1))?;
        let noted = holding.into_iter().map(|(place, inputs)| {
            let noted = Noted {
                bidder: self.values.bids[place].id.clone(),
                rule: rule.to_owned(),
                text: text.clone(),
                condition: step.expression().as_str().to_owned(),
                inputs,
            };
            (place, noted)
        });
        Ok(noted.collect())
    }

    fn write_all(&mut self, steps: Vec<derivation::Step>) -> Result<(), Failed> {
        for step in steps {
            self.derivation.write(step)?;
        }
        Ok(())
    }

    fn write(
        &mut self,
        id: String,
        label: &Text,
        step: &Step,
        read: Read,
        rounding: Option<Rounding>,
    ) -> Result<Figure, Failed> {
        let exact = match read.value {
            Ok(exact) => Ok(exact),
            Err(Fault::Number(cause)) => Err(cause),
            Err(Fault::FactMissing(bidder, fact)) => return Err(Failed::FactMissing { bidder, fact }),
        };
        let written = derivation::Step {
            id,
            label: label.clone(),
            formula: step.expression().as_str().to_owned(),
            inputs: read.inputs,
            exact,
            rounding,
        };
        Ok(self.derivation.write(written)?)
    }
}

fn is_of_draw(value: &Decimal, from: &Decimal, to: &Decimal, step: &Decimal) -> bool {
    let above = value.exact().checked_sub(&from.exact());
    let steps = above.and_then(|above| above.checked_div(&step.exact()));
    from <= value && value <= to && steps.is_ok_and(|steps| steps.is_whole())
}
