//! An expression read over the bids compared: its value, and its inputs.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::rc::Rc;

use super::check::whole;
use super::compute::Bid;
use super::expression::{Expr, Function, Operator, Statistic};
use super::{Between, Table};
use crate::decimal::Decimal;
use crate::derivation::{self, Input, Sourced};
use crate::exact::{Exact, NumberError};
use crate::ids::BidderId;
use crate::rounding::{Rounding, RoundingMode};
use crate::text::Text;

/// What the steps above have found.
pub(super) struct Values<'a> {
    pub(super) bids: &'a [Bid<'a>],
    /// Places of the bids that no step took out.
    pub(super) compared: BTreeSet<usize>,
    pub(super) choices: BTreeMap<&'a str, BTreeSet<usize>>,
    pub(super) lot: BTreeMap<&'a str, Sourced>,
    /// Numbers of number steps, one a bid; none of a bid that a step above took out and of which it cannot be computed.
    pub(super) own: BTreeMap<&'a str, Vec<Option<Sourced>>>,
    pub(super) tables: BTreeMap<&'a str, &'a Table>,
}

/// Why an expression has no value.
#[derive(Debug, Clone)]
pub(super) enum Fault {
    Number(NumberError),
    FactMissing(BidderId, String),
}

impl From<NumberError> for Fault {
    fn from(cause: NumberError) -> Self {
        Self::Number(cause)
    }
}

/// What a statistic gave.
#[derive(Clone)]
enum Found {
    /// One number, and what was read for it.
    One(Exact, Rc<Vec<Input>>),
    /// One number, which became a node of its own.
    Node(Sourced),
    /// One of each bid compared.
    Each(Rc<BTreeMap<usize, Exact>>),
}

/// The value of an expression, and what was read for it.
pub(super) struct Read {
    pub(super) value: Result<Exact, Fault>,
    pub(super) inputs: Vec<Input>,
}

/// One expression being read; its inputs in the order met, each once.
pub(super) struct Reading<'v, 'a> {
    values: &'v Values<'a>,
    /// Id of the nodes of its statistics, before their number.
    id: String,
    inputs: Vec<Input>,
    /// What bids were counted by: said where no number was computed of it.
    counted: Vec<Input>,
    /// Whether bids read the expression, each for itself.
    of_bid: bool,
    /// The bid that a statistic reads now.
    inside: Option<usize>,
    /// Statistics of this expression, which are the same whichever bid reads them.
    found: HashMap<*const Expr, Found>,
    /// Statistics whose inputs stand in `inputs` already.
    met: HashSet<*const Expr>,
    /// Statistics that bids read, as steps to be written.
    statistics: Vec<derivation::Step>,
}

impl<'v, 'a> Reading<'v, 'a> {
    pub(super) fn new(values: &'v Values<'a>, id: String) -> Self {
        Self {
            values,
            id,
            inputs: Vec::new(),
            counted: Vec::new(),
            of_bid: false,
            inside: None,
            found: HashMap::new(),
            met: HashSet::new(),
            statistics: Vec::new(),
        }
    }

    /// Its value, of the bid at this place or of the lot.
    pub(super) fn read(&mut self, root: &Expr, place: Option<usize>) -> Read {
        self.of_bid = place.is_some();
        let value = self.number(root, place);
        Read {
            value,
            inputs: self.inputs_read(),
        }
    }

    fn inputs_read(&mut self) -> Vec<Input> {
        self.met.clear();
        let mut inputs = std::mem::take(&mut self.inputs);
        inputs.append(&mut self.counted);
        let mut symbols = BTreeSet::new();
        inputs.retain(|input| symbols.insert(input.symbol().to_owned()));
        inputs
    }

    /// The statistics that bids read: one node each, to be written.
    pub(super) fn statistics(self) -> Vec<derivation::Step> {
        self.statistics
    }

    /// The bids compared for which it holds, each with what was read.
    pub(super) fn holding(&mut self, root: &Expr) -> Result<BTreeMap<usize, Vec<Input>>, Fault> {
        let mut holding = BTreeMap::new();
        self.of_bid = true;
        for place in &self.values.compared {
            let holds = self.truth(root, Some(*place))?;
            let inputs = self.inputs_read();
            if holds {
                holding.insert(*place, inputs);
            }
        }
        Ok(holding)
    }

    fn number(&mut self, node: &Expr, place: Option<usize>) -> Result<Exact, Fault> {
        match node {
            Expr::Number(value) => Ok(value.clone()),
            Expr::Name(name) => self.name(name, place),
            Expr::Block(id) => {
                let bid = self.bid(place);
                let missing = || Fault::FactMissing(bid.id.clone(), format!("block(\"{id}\")"));
                let score = bid.blocks.get(id).ok_or_else(missing)?;
                self.push(score, format!("block(\"{id}\")"), true);
                Ok(score.value.clone())
            }
            Expr::Fact(fact) => self.fact(fact, place),
            Expr::Table(name, of) => {
                let at = self.number(of, place)?;
                self.look_up(name, &at)
            }
            Expr::Negative(inside) => Ok(self.number(inside, place)?.negated()),
            Expr::Binary(operator, left, right) => {
                let (left, right) = (self.number(left, place)?, self.number(right, place)?);
                Ok(calculate(*operator, &left, &right)?)
            }
            Expr::Call(function, arguments) => {
                let values: Result<Vec<Exact>, Fault> = arguments
                    .iter()
                    .map(|argument| self.number(argument, place))
                    .collect();
                Ok(call(*function, &values?)?)
            }
            Expr::If(three) => {
                let branch = if self.truth(&three[0], place)? {
                    &three[1]
                } else {
                    &three[2]
                };
                self.number(branch, place)
            }
            Expr::Over { .. } => self.statistic(node, place),
            Expr::Not(_) => unreachable!("a checked formula has no condition where a number belongs"),
        }
    }

    fn truth(&mut self, node: &Expr, place: Option<usize>) -> Result<bool, Fault> {
        match node {
            Expr::Not(inside) => Ok(!self.truth(inside, place)?),
            Expr::If(three) => {
                let branch = if self.truth(&three[0], place)? {
                    &three[1]
                } else {
                    &three[2]
                };
                self.truth(branch, place)
            }
            Expr::Binary(Operator::And, left, right) => {
                Ok(self.truth(left, place)? && self.truth(right, place)?)
            }
            Expr::Binary(Operator::Or, left, right) => {
                Ok(self.truth(left, place)? || self.truth(right, place)?)
            }
            Expr::Binary(operator, left, right) => {
                let order = self.number(left, place)?.cmp(&self.number(right, place)?);
                Ok(match operator {
                    Operator::Less => order.is_lt(),
                    Operator::AtMost => order.is_le(),
                    Operator::Equal => order.is_eq(),
                    Operator::Different => order.is_ne(),
                    Operator::AtLeast => order.is_ge(),
                    Operator::Greater => order.is_gt(),
                    _ => unreachable!("a checked formula has no number where a condition belongs"),
                })
            }
            _ => unreachable!("a checked formula has no number where a condition belongs"),
        }
    }

    fn bid(&self, place: Option<usize>) -> &'a Bid<'a> {
        let place = place.expect("what reads a bid is read of a bid: its scope was inferred");
        &self.values.bids[place]
    }

    /// An input; of one of many bids where a statistic reads it.
    fn push(&mut self, found: &Sourced, symbol: String, of_bid: bool) {
        let symbol = match self.inside.filter(|_| of_bid) {
            Some(place) => format!("{symbol}_{}", self.values.bids[place].id),
            None => symbol,
        };
        self.inputs.push(found.input(symbol));
    }

    fn name(&mut self, name: &str, place: Option<usize>) -> Result<Exact, Fault> {
        let values = self.values;
        if let Some(found) = values.lot.get(name) {
            self.push(found, name.to_owned(), false);
            return Ok(found.value.clone());
        }
        let found = match (values.own.get(name), place) {
            (Some(own), Some(place)) => own[place].as_ref(),
            _ => self.bid(place).numbers.get(name),
        };
        let found = found.ok_or_else(|| Fault::FactMissing(self.bid(place).id.clone(), name.to_owned()))?;
        self.push(found, name.to_owned(), true);
        Ok(found.value.clone())
    }

    fn fact(&mut self, fact: &str, place: Option<usize>) -> Result<Exact, Fault> {
        let bid = self.bid(place);
        let known: &Decimal = bid
            .facts
            .get(fact)
            .ok_or_else(|| Fault::FactMissing(bid.id.clone(), fact.to_owned()))?;
        let found = Sourced::given(known.exact(), format!("facts/{}/{fact}", bid.id));
        self.push(&found, format!("fact(\"{fact}\")"), true);
        Ok(found.value)
    }

    fn look_up(&mut self, name: &str, at: &Exact) -> Result<Exact, Fault> {
        let table = self
            .values
            .tables
            .get(name)
            .expect("a checked formula knows its tables");
        let (rows, value) = looked_up(table, at)?;
        for row in rows {
            let source = format!("rulebook/price.method/tables/{name}/rows/{row}");
            let given = Sourced::given(table.rows[row].gives.exact(), source);
            self.push(
                &given,
                format!("table(\"{name}\")[{}]", table.rows[row].at),
                false,
            );
        }
        Ok(value)
    }

    fn statistic(&mut self, node: &Expr, place: Option<usize>) -> Result<Exact, Fault> {
        let known = std::ptr::from_ref(node);
        let found = match self.found.get(&known) {
            Some(found) => found.clone(),
            None => {
                let found = self.find(node)?;
                self.found.insert(known, found.clone());
                found
            }
        };
        let Expr::Over {
            statistic, text, of, ..
        } = node
        else {
            unreachable!("called with a statistic alone");
        };
        match found {
            Found::One(value, read) => {
                if self.met.insert(known) {
                    // Else a bid that is counted and then left out would stand there as used.
                    let inputs = match statistic {
                        Statistic::Count => &mut self.counted,
                        _ => &mut self.inputs,
                    };
                    inputs.extend(read.iter().cloned());
                }
                Ok(value)
            }
            Found::Node(found) => {
                self.push(&found, text.clone(), false);
                Ok(found.value)
            }
            Found::Each(values) => {
                let own = place.expect("what reads a bid is read of a bid: its scope was inferred");
                // What this bid is ranked by.
                self.number(of, place)?;
                let value = values
                    .get(&own)
                    .ok_or(NumberError::TooFewBids { needed: 1, found: 0 })?;
                Ok(value.clone())
            }
        }
    }

    fn find(&mut self, node: &Expr) -> Result<Found, Fault> {
        let outside = (
            std::mem::take(&mut self.inputs),
            std::mem::take(&mut self.counted),
            self.inside.take(),
            std::mem::take(&mut self.met),
        );
        let value = self.over(node);
        let mut read = std::mem::replace(&mut self.inputs, outside.0);
        read.append(&mut std::mem::replace(&mut self.counted, outside.1));
        (self.inside, self.met) = (outside.2, outside.3);
        let value = match value? {
            Over::Each(values) => return Ok(Found::Each(Rc::new(values))),
            Over::One(value) => value,
        };
        let Expr::Over { text, .. } = node else {
            unreachable!("called with a statistic alone");
        };
        // A node of its own, also inside another statistic: else every bid would list what it was read from.
        if !self.of_bid {
            return Ok(Found::One(value, Rc::new(read)));
        }
        let id = format!("{}/{}", self.id, self.statistics.len() + 1);
        let found = Sourced::of_node(value.clone(), id.clone());
        let mut symbols = BTreeSet::new();
        let inputs = read
            .into_iter()
            .filter(|input| symbols.insert(input.symbol().to_owned()));
        let step = derivation::Step {
            id,
            label: Text::new(text.clone(), text.clone()),
            formula: text.clone(),
            inputs: inputs.collect(),
            exact: Ok(value),
            rounding: None,
        };
        self.statistics.push(step);
        Ok(Found::Node(found))
    }

    fn over(&mut self, node: &Expr) -> Result<Over, Fault> {
        let Expr::Over {
            statistic,
            of,
            further,
            bids,
            ..
        } = node
        else {
            unreachable!("called with a statistic alone");
        };
        let values = self.values;
        let chosen = match bids {
            Some(name) => values
                .choices
                .get(name.as_str())
                .expect("a checked formula knows its choices"),
            None => &values.compared,
        };
        let chosen = chosen.intersection(&values.compared).copied();
        if *statistic == Statistic::Count {
            let mut count = 0u32;
            for place in chosen {
                self.inside = Some(place);
                count += u32::from(self.truth(of, Some(place))?);
            }
            return Ok(Over::One(Exact::from(count)));
        }
        let mut found: Vec<(Exact, usize)> = Vec::new();
        for place in chosen {
            self.inside = Some(place);
            found.push((self.number(of, Some(place))?, place));
        }
        let count =
            |index: usize| whole(&further[index], 0, u32::MAX).expect("checked: written in place") as usize;
        Ok(match statistic {
            Statistic::TrimmedMean => Over::One(self.trimmed(found, count(0), count(1))?),
            Statistic::Nth => {
                needs(count(0), found.len())?;
                found.sort();
                Over::One(found.swap_remove(count(0) - 1).0)
            }
            Statistic::Rank => Over::Each(ranks(found)),
            _ => Over::One(plain(*statistic, found)?),
        })
    }

    fn trimmed(&mut self, mut found: Vec<(Exact, usize)>, low: usize, high: usize) -> Result<Exact, Fault> {
        needs(low + high + 1, found.len())?;
        found.sort();
        let kept = found.len() - high;
        let ends: BTreeSet<String> = found[..low]
            .iter()
            .chain(&found[kept..])
            .map(|(_, place)| format!("_{}", self.values.bids[*place].id))
            .collect();
        for input in &mut self.inputs {
            let own = input.symbol().rfind('_').map(|from| &input.symbol()[from..]);
            if own.is_some_and(|own| ends.contains(own)) {
                *input = input.clone().dropped();
            }
        }
        let sum = Exact::sum(found[low..kept].iter().map(|(value, _)| value))?;
        Ok(divided(&sum, kept - low)?)
    }
}

/// A statistic by itself.
enum Over {
    One(Exact),
    Each(BTreeMap<usize, Exact>),
}

/// The rows read, and the value.
fn looked_up(table: &Table, at: &Exact) -> Result<(Vec<usize>, Exact), NumberError> {
    let rows = &table.rows;
    let last = rows.len() - 1;
    let above = rows.partition_point(|row| row.at.exact() < *at);
    let given = |row: usize| Ok((vec![row], rows[row].gives.exact()));
    if above > last {
        return given(last);
    }
    let exactly = rows[above].at.exact() == *at;
    if exactly || above == 0 {
        return given(above);
    }
    match table.between {
        Between::RowBelow => given(above - 1),
        Between::RowAbove => given(above),
        Between::Line => {
            let (from, to) = (&rows[above - 1], &rows[above]);
            let run = to.at.exact().checked_sub(&from.at.exact())?;
            let rise = to.gives.exact().checked_sub(&from.gives.exact())?;
            let along = at.checked_sub(&from.at.exact())?;
            let value = from
                .gives
                .exact()
                .checked_add(&rise.checked_mul(&along)?.checked_div(&run)?)?;
            Ok((vec![above - 1, above], value))
        }
    }
}

fn needs(needed: usize, found: usize) -> Result<(), NumberError> {
    if found < needed {
        return Err(NumberError::TooFewBids { needed, found });
    }
    Ok(())
}

fn divided(sum: &Exact, count: usize) -> Result<Exact, NumberError> {
    let count = u32::try_from(count).map_err(|_| NumberError::TooLarge)?;
    sum.checked_div(&Exact::from(count))
}

fn plain(statistic: Statistic, found: Vec<(Exact, usize)>) -> Result<Exact, NumberError> {
    let mut values: Vec<Exact> = found.into_iter().map(|(value, _)| value).collect();
    if statistic == Statistic::Sum {
        return Exact::sum(&values);
    }
    needs(1, values.len())?;
    let count = values.len();
    match statistic {
        Statistic::Mean => divided(&Exact::sum(&values)?, count),
        Statistic::Median => {
            values.sort();
            let middle = [&values[(count - 1) / 2], &values[count / 2]];
            divided(&Exact::sum(middle)?, 2)
        }
        Statistic::Max => Ok(values.into_iter().max().expect("one at least")),
        _ => Ok(values.into_iter().min().expect("one at least")),
    }
}

/// One more than the bids with a lower value.
fn ranks(mut values: Vec<(Exact, usize)>) -> BTreeMap<usize, Exact> {
    values.sort();
    let mut ranks = BTreeMap::new();
    let mut rank = 1;
    for (index, (value, place)) in values.iter().enumerate() {
        if index > 0 && values[index - 1].0 != *value {
            rank = index + 1;
        }
        ranks.insert(*place, Exact::from(u32::try_from(rank).unwrap_or(u32::MAX)));
    }
    ranks
}

fn calculate(operator: Operator, left: &Exact, right: &Exact) -> Result<Exact, NumberError> {
    match operator {
        Operator::Add => left.checked_add(right),
        Operator::Subtract => left.checked_sub(right),
        Operator::Multiply => left.checked_mul(right),
        Operator::Divide => left.checked_div(right),
        _ => unreachable!("a checked formula has no condition where a number belongs"),
    }
}

fn call(function: Function, values: &[Exact]) -> Result<Exact, NumberError> {
    let places = || {
        values[1]
            .to_u32()
            .expect("checked: a whole number written in place")
    };
    let rounded = |mode| {
        Rounding {
            mode,
            places: places(),
        }
        .apply(&values[0])
    };
    match function {
        Function::Min => Ok(values.iter().min().expect("two at least").clone()),
        Function::Max => Ok(values.iter().max().expect("two at least").clone()),
        Function::Clamp => Ok(values[0].clone().max(values[1].clone()).min(values[2].clone())),
        Function::Abs => Ok(values[0].absolute()),
        Function::HalfUp => rounded(RoundingMode::HalfUp),
        Function::HalfEven => rounded(RoundingMode::HalfEven),
        Function::Truncate => rounded(RoundingMode::Truncate),
        Function::Up => rounded(RoundingMode::Up),
        Function::Down => rounded(RoundingMode::Down),
        Function::Sqrt => values[0].checked_sqrt(places()),
        Function::Power => values[0].checked_power(places()),
    }
}
