//! From the members' scores to criterion means, block scores and the technical score (SC-4).

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::case::{Case, score_of};
use super::members::{statistic, statistic_of_scores, told_of_members};
use super::{EvaluateError, Numbers, Progress};
use crate::decimal::Decimal;
use crate::derivation::{Cells, Figure, Input, Source, Step, Told, numbered};
use crate::exact::{Exact, NumberError};
use crate::facts::Given;
use crate::formula::{Bid, Expression, over_facts};
use crate::ids::{BidderId, CriterionId, StageId};
use crate::outcome::Ground;
use crate::rounding::{MAX_PLACES, Rounding, RoundingMode};
use crate::rulebook::{
    AggregationMethod, Criterion, CriterionKind, Drop, MeanOver, PriceMethod, RoundingPlace, StageKind,
};
use crate::text::Text;

/// A scored leaf and the stage it is scored in.
struct Scored<'a> {
    criterion: &'a Criterion,
    stage: &'a StageId,
    weight: Exact,
    /// Its place in [`Case::cells_at`].
    at: usize,
}

/// A block and its scored leaves.
type Block<'a> = (&'a Criterion, Vec<Scored<'a>>);

impl<'a> Progress<'a> {
    /// All scored stages; then minima.
    pub(super) fn score(&mut self) -> Result<(), EvaluateError> {
        self.apply_recorded(StageKind::Scored);
        let bidders = self.standing();
        let rulebook = self.case.rulebook;
        let mut stage_of: BTreeMap<&CriterionId, &StageId> = BTreeMap::new();
        for stage in &rulebook.stages {
            if stage.kind == StageKind::Scored {
                stage_of.extend(stage.criteria.iter().map(|id| (id, &stage.id)));
            }
        }
        let leaves = rulebook.leaves();
        let mut blocks: Vec<Block<'_>> = Vec::new();
        for block in rulebook.blocks() {
            let inside = leaves.iter().filter(|leaf| leaf.root.id == block.id);
            let scored = inside.filter_map(|leaf| {
                stage_of.get(&leaf.criterion.id).map(|stage| Scored {
                    criterion: leaf.criterion,
                    stage,
                    weight: leaf.weight.clone(),
                    at: self
                        .case
                        .criterion_at(&leaf.criterion.id)
                        .expect("a leaf of the rulebook"),
                })
            });
            blocks.push((block, scored.collect()));
        }
        self.check_scored_sheets(&bidders, &blocks)?;
        for bidder in &bidders {
            self.score_bidder(bidder, &blocks)?;
        }
        self.check_objective(&bidders, &blocks);
        Ok(())
    }

    /// Sheets are needed of the bids whose scores are not given.
    fn check_scored_sheets(&self, bidders: &[BidderId], blocks: &[Block<'_>]) -> Result<(), EvaluateError> {
        let mut needed: BTreeMap<&StageId, Vec<BidderId>> = BTreeMap::new();
        let leaves = blocks.iter().flat_map(|(_, leaves)| leaves);
        let of_members = leaves.filter(|leaf| leaf.criterion.kind.is_given());
        let all: BTreeSet<&StageId> = of_members.map(|leaf| leaf.stage).collect();
        for bidder in bidders {
            let given = self.case.given(bidder);
            if given.is_empty() {
                for stage in &all {
                    needed.entry(stage).or_default().push(bidder.clone());
                }
                continue;
            }
            if given.technical.is_some() || given.total.is_some() {
                continue;
            }
            let open = blocks
                .iter()
                .filter(|(block, _)| !given.blocks.contains_key(&block.id));
            let leaves = open
                .flat_map(|(_, leaves)| leaves)
                .filter(|leaf| leaf.criterion.kind.is_given());
            let open = leaves.filter(|leaf| !given.criteria.contains_key(&leaf.criterion.id));
            let stages: BTreeSet<&StageId> = open.map(|leaf| leaf.stage).collect();
            for stage in stages {
                needed.entry(stage).or_default().push(bidder.clone());
            }
        }
        needed
            .iter()
            .try_for_each(|(stage, bidders)| self.case.check_sheets(stage, bidders))
    }

    fn score_bidder(&mut self, bidder: &BidderId, blocks: &[Block<'_>]) -> Result<(), EvaluateError> {
        let given = self.case.given(bidder);
        let at = self.case.bidder_at(bidder).expect("a bid of the case");
        let whole = given.technical.is_some() || given.total.is_some();
        let mut numbers = Numbers::default();
        for (block, leaves) in blocks {
            if let Some(score) = given.blocks.get(&block.id) {
                let node = format!("{bidder}:block:{}", block.id);
                let source = format!("facts/{bidder}/given/blocks/{}", block.id);
                let figure = self.take_given(node, block_label(block), score, source)?;
                numbers.blocks.insert(block.id.clone(), figure);
            }
            // Beside a given total, what is known of the criteria is shown all the same.
            if whole
                && leaves
                    .iter()
                    .any(|leaf| !given.criteria.contains_key(&leaf.criterion.id))
            {
                continue;
            }
            if given.blocks.contains_key(&block.id) {
                continue;
            }
            let mut means = Vec::new();
            for leaf in leaves {
                means.push(self.criterion_mean(bidder, at, given, leaf)?);
            }
            let all_given = leaves
                .iter()
                .all(|leaf| given.criteria.contains_key(&leaf.criterion.id));
            let score = match self.case.rulebook.aggregation.over {
                MeanOver::MemberTotal if !all_given => {
                    self.block_of_totals(bidder, at, block, leaves, &means)?
                }
                _ => self.block_sum(bidder, block, leaves, &means)?,
            };
            let ids = leaves.iter().map(|leaf| leaf.criterion.id.clone());
            numbers.criteria.extend(ids.zip(means));
            numbers.blocks.insert(block.id.clone(), score);
        }
        numbers.technical = self.technical(bidder, blocks, &numbers)?;
        if let Some(ground) = self.below_minimum(bidder, blocks, &numbers)? {
            self.rejected.insert(bidder.clone(), ground);
        }
        self.numbers.insert(bidder.clone(), numbers);
        Ok(())
    }

    /// A number that is given instead of computed.
    pub(super) fn take_given(
        &mut self,
        node: String,
        label: Text,
        value: &Decimal,
        source: String,
    ) -> Result<Figure, EvaluateError> {
        let step = Step {
            id: node,
            label,
            formula: "given".to_owned(),
            inputs: vec![Input::given("given", source, value.exact())],
            exact: Ok(value.exact()),
            rounding: Some(Rounding {
                mode: RoundingMode::HalfUp,
                places: value.places().min(MAX_PLACES),
            }),
        };
        Ok(self.derivation.write(step)?)
    }

    /// One criterion of the bid at this place, of which so much is given.
    fn criterion_mean(
        &mut self,
        bidder: &BidderId,
        at: usize,
        given: &Given,
        leaf: &Scored<'_>,
    ) -> Result<Figure, EvaluateError> {
        let id = &leaf.criterion.id;
        let node = [bidder.as_str(), ":criterion:", id.as_str()].concat();
        if let Some(mean) = given.criteria.get(id) {
            let source = format!("facts/{bidder}/given/criteria/{id}");
            return self.take_given(
                node,
                statistic_label(leaf.criterion, self.case.rulebook.aggregation.method),
                mean,
                source,
            );
        }
        if let CriterionKind::Computed { points, value } = &leaf.criterion.kind {
            return self.computed(bidder, leaf.criterion, points, value);
        }
        if self.case.rulebook.aggregation.method == AggregationMethod::Consensus {
            return self.agreed(bidder, at, leaf, node);
        }
        let scores = self.scores(at, leaf);
        let case = self.case;
        let aggregation = &self.case.rulebook.aggregation;
        // Over member totals the mean of a criterion is shown but carried nowhere.
        let (drop, rounding) = match aggregation.over {
            MeanOver::Criterion => (
                aggregation.drop,
                aggregation.rounding_at(RoundingPlace::CriterionMean),
            ),
            MeanOver::MemberTotal => (Drop::None, None),
        };
        let method = aggregation.method;
        let exact = statistic_of_scores(method, drop, &scores);
        let told = || {
            let values: Vec<Exact> = scores.iter().map(|score| score.exact()).collect();
            let used = drop.used(&values);
            let cells = cells_of(bidder, leaf);
            let inputs = case.members.iter().zip(values).enumerate();
            let inputs = inputs.map(|(index, (line, value))| {
                Input::given(numbered(index), Source::cell(line, &cells), value)
            });
            told_of_members(
                statistic_label(leaf.criterion, method),
                inputs.collect(),
                method,
                &used,
            )
        };
        Ok(self.derivation.compute(node, exact, rounding, told)?)
    }

    /// The score that the members agreed on, their own beside it.
    fn agreed(
        &mut self,
        bidder: &BidderId,
        at: usize,
        leaf: &Scored<'_>,
        node: String,
    ) -> Result<Figure, EvaluateError> {
        let (case, id) = (self.case, &leaf.criterion.id);
        let agreed = case
            .agreed(bidder, id)
            .ok_or_else(|| EvaluateError::ConsensusRefused {
                bidder: bidder.clone(),
                criterion: id.clone(),
            })?;
        let scores = self.scores(at, leaf);
        let outside =
            scores.iter().all(|score| *score < agreed) || scores.iter().all(|score| *score > agreed);
        if outside && !scores.is_empty() {
            let text = Text::new(
                "共识分值在各评委评分范围之外。",
                "The agreed score lies outside what the members gave.",
            );
            self.remark("consensus", Some(bidder), Some(id), text);
        }
        let rounding = case
            .rulebook
            .aggregation
            .rounding_at(RoundingPlace::CriterionMean);
        let told = || {
            let cells = cells_of(bidder, leaf);
            let own = case.members.iter().zip(&scores).enumerate();
            let own = own.map(|(index, (line, score))| {
                Input::given(numbered(index), Source::cell(line, &cells), score.exact()).dropped()
            });
            let source = format!("consensus/{bidder}/{id}");
            Told {
                label: statistic_label(leaf.criterion, AggregationMethod::Consensus),
                formula: "c".to_owned(),
                inputs: std::iter::once(Input::given("c", source, agreed.exact()))
                    .chain(own)
                    .collect(),
            }
        };
        Ok(self
            .derivation
            .compute(node, Ok(agreed.exact()), rounding, told)?)
    }

    /// Points that nobody gives: from facts of the bid.
    fn computed(
        &mut self,
        bidder: &BidderId,
        criterion: &Criterion,
        points: &Decimal,
        value: &Expression,
    ) -> Result<Figure, EvaluateError> {
        let case = self.case;
        let bid = Bid {
            id: bidder.clone(),
            numbers: BTreeMap::new(),
            blocks: BTreeMap::new(),
            facts: &case.bidders.get(bidder).expect("a bid of the case").facts,
        };
        let (exact, inputs) = over_facts(value, &bid)?;
        if exact
            .as_ref()
            .is_ok_and(|exact| exact.is_negative() || *exact > points.exact())
        {
            return Err(EvaluateError::OutOfScale {
                bidder: bidder.clone(),
                criterion: criterion.id.clone(),
            });
        }
        let step = Step {
            id: format!("{bidder}:criterion:{}", criterion.id),
            label: criterion.title.clone(),
            formula: value.as_str().to_owned(),
            inputs,
            exact,
            rounding: case
                .rulebook
                .aggregation
                .rounding_at(RoundingPlace::CriterionMean),
        };
        Ok(self.derivation.write(step)?)
    }

    /// What the members gave, in their order.
    fn scores(&self, at: usize, leaf: &Scored<'_>) -> Vec<&'a Decimal> {
        let case: &'a Case<'a> = self.case;
        let cells = case.cells_at(at, leaf.at).iter();
        let scores = cells.map(|cell| cell.and_then(score_of).expect("sheets were checked complete"));
        scores.collect()
    }

    fn block_sum(
        &mut self,
        bidder: &BidderId,
        block: &Criterion,
        leaves: &[Scored<'_>],
        means: &[Figure],
    ) -> Result<Figure, EvaluateError> {
        let weighted = means.iter().zip(leaves).map(|(mean, leaf)| (mean, &leaf.weight));
        let products = weighted
            .clone()
            .map(|(mean, weight)| mean.value.checked_mul(weight));
        let exact = products
            .collect::<Result<Vec<_>, _>>()
            .and_then(|terms| Exact::sum(&terms));
        let told = || {
            let terms = weighted.enumerate();
            let terms =
                terms.map(|(index, (mean, weight))| (Input::node(format!("s{}", index + 1), mean), weight));
            let (formula, inputs) = weighted_terms(terms);
            Told {
                label: block_label(block),
                formula,
                inputs,
            }
        };
        let rounding = self
            .case
            .rulebook
            .aggregation
            .rounding_at(RoundingPlace::BlockMean);
        let node = format!("{bidder}:block:{}", block.id);
        Ok(self.derivation.compute(node, exact, rounding, told)?)
    }

    fn block_of_totals(
        &mut self,
        bidder: &BidderId,
        at: usize,
        block: &Criterion,
        leaves: &[Scored<'_>],
        means: &[Figure],
    ) -> Result<Figure, EvaluateError> {
        let case = self.case;
        let aggregation = &case.rulebook.aggregation;
        // What is computed is the same in every member's total.
        let columns: Vec<Option<Vec<Exact>>> = leaves
            .iter()
            .map(|leaf| {
                let given = leaf.criterion.kind.is_given();
                given.then(|| self.scores(at, leaf).into_iter().map(Decimal::exact).collect())
            })
            .collect();
        let cells: Vec<_> = leaves.iter().map(|leaf| cells_of(bidder, leaf)).collect();
        let mut totals = Vec::new();
        for (member, line) in case.members.iter().enumerate() {
            let value = |place: usize| match &columns[place] {
                Some(scores) => &scores[member],
                None => &means[place].value,
            };
            let products = leaves.iter().enumerate();
            let products = products.map(|(place, leaf)| value(place).checked_mul(&leaf.weight));
            let exact = products
                .collect::<Result<Vec<_>, _>>()
                .and_then(|terms| Exact::sum(&terms));
            let told = || {
                let terms = leaves.iter().enumerate().map(|(place, leaf)| {
                    let input = match &columns[place] {
                        Some(scores) => {
                            let source = Source::cell(line, &cells[place]);
                            Input::given(numbered(place), source, scores[member].clone())
                        }
                        None => Input::node(numbered(place), &means[place]),
                    };
                    (input, &leaf.weight)
                });
                let (formula, inputs) = weighted_terms(terms);
                Told {
                    label: Text::new(
                        format!("{}：评委 {line} 合计", block.title.zh),
                        format!("{}: total of member {line}", block.title.en),
                    ),
                    formula,
                    inputs,
                }
            };
            let node = format!("{bidder}:member_total:{}:{line}", block.id);
            let rounding = aggregation.rounding_at(RoundingPlace::MemberTotal);
            totals.push(self.derivation.compute(node, exact, rounding, told)?);
        }
        let values: Vec<Exact> = totals.iter().map(|total| total.value.clone()).collect();
        let used = aggregation.drop.used(&values);
        let exact = statistic(aggregation.method, &values, &used);
        let told = || {
            let inputs = totals.iter().enumerate();
            let inputs = inputs
                .map(|(index, total)| Input::node(numbered(index), total))
                .collect();
            told_of_members(block_label(block), inputs, aggregation.method, &used)
        };
        let node = format!("{bidder}:block:{}", block.id);
        let rounding = aggregation.rounding_at(RoundingPlace::BlockMean);
        Ok(self.derivation.compute(node, exact, rounding, told)?)
    }

    /// The technical score; none beside a given total whose blocks are not known.
    fn technical(
        &mut self,
        bidder: &BidderId,
        blocks: &[Block<'_>],
        numbers: &Numbers,
    ) -> Result<Option<Figure>, EvaluateError> {
        let node = format!("{bidder}:technical");
        let label = Text::new("评分块合计", "sum of the blocks");
        if let Some(technical) = &self.case.given(bidder).technical {
            let source = format!("facts/{bidder}/given/technical");
            return self.take_given(node, label, technical, source).map(Some);
        }
        if numbers.blocks.len() < blocks.len() {
            return Ok(None);
        }
        let step = sum(
            node,
            label,
            blocks.iter().map(|(block, _)| numbers.blocks.get(&block.id)),
            None,
        );
        Ok(Some(self.derivation.write(step)?))
    }

    /// Minima are compared in the own scale of their criterion, before its weight.
    fn below_minimum(
        &mut self,
        bidder: &BidderId,
        blocks: &[Block<'_>],
        numbers: &Numbers,
    ) -> Result<Option<Ground>, EvaluateError> {
        let below = |criterion: &Criterion, score: Option<&Figure>| {
            let (minimum, score) = (criterion.minimum.as_ref()?, score?);
            (score.value < minimum.exact()).then(|| Ground::BelowMinimum {
                block: Some(criterion.id.clone()),
                score: score.clone(),
                minimum: minimum.clone(),
            })
        };
        for (block, leaves) in blocks {
            let own = self.own_score(bidder, block, numbers)?;
            let leaves = leaves
                .iter()
                .map(|leaf| leaf.criterion)
                .filter(|leaf| leaf.minimum.is_some() && leaf.id != block.id);
            let leaf = leaves
                .map(|leaf| below(leaf, numbers.criteria.get(&leaf.id)))
                .find_map(|ground| ground);
            if let Some(ground) = below(block, own.as_ref()).or(leaf) {
                return Ok(Some(ground));
            }
        }
        let PriceMethod::Qcbs {
            technical_minimum, ..
        } = &self.case.rulebook.price.method
        else {
            return Ok(None);
        };
        let technical = numbers.technical.as_ref();
        let low = technical.filter(|technical| technical.value < technical_minimum.exact());
        Ok(low.map(|technical| Ground::BelowMinimum {
            block: None,
            score: technical.clone(),
            minimum: technical_minimum.clone(),
        }))
    }

    /// The score of a block with a minimum, without the block's weight.
    fn own_score(
        &mut self,
        bidder: &BidderId,
        block: &Criterion,
        numbers: &Numbers,
    ) -> Result<Option<Figure>, EvaluateError> {
        let (Some(score), Some(_)) = (numbers.blocks.get(&block.id), &block.minimum) else {
            return Ok(None);
        };
        let Some(weight) = block.weight.as_ref().map(Decimal::exact) else {
            return Ok(Some(score.clone()));
        };
        let step = Step {
            id: format!("{bidder}:unweighted:{}", block.id),
            label: Text::new(
                format!("{}：未加权得分", block.title.zh),
                format!("{}: score without its weight", block.title.en),
            ),
            formula: "s / w".to_owned(),
            exact: score.value.checked_div(&weight),
            inputs: vec![
                Input::node("s", score),
                Input::given("w", "rulebook/criteria/weight", weight),
            ],
            rounding: None,
        };
        Ok(Some(self.derivation.write(step)?))
    }

    /// SC-6: members must agree on objective items.
    fn check_objective(&mut self, bidders: &[BidderId], blocks: &[Block<'_>]) {
        let leaves = blocks.iter().flat_map(|(_, leaves)| leaves);
        for leaf in leaves.filter(|leaf| leaf.criterion.objective) {
            let id = &leaf.criterion.id;
            for bidder in bidders {
                let cells = self.case.cells(bidder, id).iter();
                let given: BTreeSet<_> = cells.map(|cell| cell.and_then(score_of)).collect();
                if given.len() > 1 {
                    let text = Text::new("客观项各评委评分不一致。", "Members differ on an objective item.");
                    self.remark("SC-6", Some(bidder), Some(id), text);
                }
            }
        }
    }
}

fn block_label(block: &Criterion) -> Text {
    Text::new(
        format!("{}：得分", block.title.zh),
        format!("{}: score", block.title.en),
    )
}

fn statistic_label(criterion: &Criterion, method: AggregationMethod) -> Text {
    let (zh, en) = match method {
        AggregationMethod::Mean => ("各评委平均分", "mean of the members"),
        AggregationMethod::Median => ("各评委中位数", "median of the members"),
        AggregationMethod::Sum => ("各评委合计", "sum of the members"),
        AggregationMethod::Consensus => ("共识评分", "score agreed on"),
    };
    let title = &criterion.title;
    Text::new(format!("{}：{zh}", title.zh), format!("{}: {en}", title.en))
}

fn cells_of(bidder: &BidderId, leaf: &Scored<'_>) -> Arc<Cells> {
    Arc::new(Cells {
        stage: leaf.stage.clone(),
        bidder: bidder.clone(),
        criterion: leaf.criterion.id.clone(),
    })
}

/// A weighted sum as a step; weights of 1 are not written.
pub(super) fn weighted_sum(
    id: String,
    label: Text,
    terms: Vec<(Input, &Exact)>,
    rounding: Option<Rounding>,
) -> Step {
    let products = terms
        .iter()
        .map(|(input, weight)| input.value().checked_mul(weight));
    let products: Result<Vec<Exact>, NumberError> = products.collect();
    let (formula, inputs) = weighted_terms(terms.into_iter());
    Step {
        id,
        label,
        formula,
        exact: products.and_then(|products| Exact::sum(&products)),
        inputs,
        rounding,
    }
}

/// `w1 * s1 + s2`, and its inputs.
fn weighted_terms<'a>(terms: impl Iterator<Item = (Input, &'a Exact)>) -> (String, Vec<Input>) {
    let one = Exact::from(1);
    let mut formula = Vec::new();
    let mut inputs = Vec::new();
    for (input, weight) in terms {
        if *weight == one {
            formula.push(input.symbol().to_owned());
            inputs.push(input);
            continue;
        }
        let symbol = format!("w{}", formula.len() + 1);
        formula.push(format!("{symbol} * {}", input.symbol()));
        inputs.push(input);
        inputs.push(Input::given(symbol, "rulebook/criteria/weight", weight.clone()));
    }
    if formula.is_empty() {
        return ("0".to_owned(), inputs);
    }
    (formula.join(" + "), inputs)
}

/// A sum of figures as a step; symbols `s1`, `s2`, ...
pub(super) fn sum<'a>(
    id: String,
    label: Text,
    figures: impl Iterator<Item = Option<&'a Figure>>,
    rounding: Option<Rounding>,
) -> Step {
    let inputs: Vec<Input> = figures
        .flatten()
        .enumerate()
        .map(|(index, figure)| Input::node(format!("s{}", index + 1), figure))
        .collect();
    Step {
        id,
        label,
        formula: joined(&inputs),
        exact: Exact::sum(inputs.iter().map(Input::value)),
        inputs,
        rounding,
    }
}

pub(super) fn joined<'a>(inputs: impl IntoIterator<Item = &'a Input>) -> String {
    let symbols: Vec<&str> = inputs.into_iter().map(Input::symbol).collect();
    if symbols.is_empty() {
        "0".to_owned()
    } else {
        symbols.join(" + ")
    }
}
