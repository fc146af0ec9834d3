//! From the members' scores to criterion means, block scores and the technical score (SC-4).

use std::collections::{BTreeMap, BTreeSet};

use super::{EvaluateError, Numbers, Progress};
use crate::derivation::{Figure, Input, Step};
use crate::exact::{Exact, NumberError};
use crate::ids::{BidderId, CriterionId, Line, StageId};
use crate::outcome::Ground;
use crate::rounding::Rounding;
use crate::rulebook::{Criterion, Drop, MeanOver, PriceMethod, RoundingPlace, StageKind};
use crate::text::Text;

/// A scored leaf and the stage it is scored in.
struct Scored<'a> {
    criterion: &'a Criterion,
    stage: &'a StageId,
}

impl Progress<'_> {
    /// All scored stages; then minima.
    pub(super) fn score(&mut self) -> Result<(), EvaluateError> {
        self.apply_recorded(StageKind::Scored);
        let bidders = self.standing();
        let rulebook = self.case.rulebook;
        let mut stage_of: BTreeMap<&CriterionId, &StageId> = BTreeMap::new();
        for stage in &rulebook.stages {
            if stage.kind == StageKind::Scored {
                self.case.check_sheets(&stage.id, &bidders)?;
                stage_of.extend(stage.criteria.iter().map(|id| (id, &stage.id)));
            }
        }
        let leaves = rulebook.leaves();
        let mut blocks: Vec<(&Criterion, Vec<Scored<'_>>)> = Vec::new();
        for block in rulebook.blocks() {
            let inside = leaves.iter().filter(|leaf| leaf.root.id == block.id);
            let scored = inside.filter_map(|leaf| {
                stage_of.get(&leaf.criterion.id).map(|stage| Scored {
                    criterion: leaf.criterion,
                    stage,
                })
            });
            blocks.push((block, scored.collect()));
        }
        for bidder in &bidders {
            self.score_bidder(bidder, &blocks)?;
        }
        self.check_objective(&bidders, &blocks);
        Ok(())
    }

    fn score_bidder(
        &mut self,
        bidder: &BidderId,
        blocks: &[(&Criterion, Vec<Scored<'_>>)],
    ) -> Result<(), EvaluateError> {
        let mut numbers = Numbers::default();
        for (block, leaves) in blocks {
            let mut means = Vec::new();
            for leaf in leaves {
                let mean = self.criterion_mean(bidder, leaf)?;
                numbers.criteria.insert(leaf.criterion.id.clone(), mean.clone());
                means.push(mean);
            }
            let score = match self.case.rulebook.aggregation.over {
                MeanOver::Criterion => self.block_sum(bidder, block, &means)?,
                MeanOver::MemberTotal => self.block_of_totals(bidder, block, leaves)?,
            };
            numbers.blocks.insert(block.id.clone(), score);
        }
        let technical = self.technical(bidder, blocks, &numbers)?;
        numbers.technical = Some(technical);
        if let Some(ground) = self.below_minimum(blocks, &numbers) {
            self.rejected.insert(bidder.clone(), ground);
        }
        self.numbers.insert(bidder.clone(), numbers);
        Ok(())
    }

    fn criterion_mean(&mut self, bidder: &BidderId, leaf: &Scored<'_>) -> Result<Figure, EvaluateError> {
        let id = &leaf.criterion.id;
        let inputs = self.case.members.iter().enumerate();
        let inputs = inputs.map(|(index, line)| self.given(index, line, bidder, leaf));
        let inputs = inputs.collect();
        let aggregation = &self.case.rulebook.aggregation;
        // Over member totals the mean of a criterion is shown but carried nowhere.
        let (drop, rounding) = match aggregation.over {
            MeanOver::Criterion => (
                aggregation.drop,
                aggregation.rounding_at(RoundingPlace::CriterionMean),
            ),
            MeanOver::MemberTotal => (Drop::None, None),
        };
        let label = Text::new(
            format!("{}：各评委平均分", leaf.criterion.title.zh),
            format!("{}: mean of the members", leaf.criterion.title.en),
        );
        let step = mean(format!("{bidder}:criterion:{id}"), label, inputs, drop, rounding);
        Ok(self.derivation.write(step)?)
    }

    fn given(&self, index: usize, line: &Line, bidder: &BidderId, leaf: &Scored<'_>) -> Input {
        let id = &leaf.criterion.id;
        let score = self.case.score(line, bidder, id);
        let value = score.expect("sheets were checked complete").exact();
        let source = format!("sheet/{line}/{}/{bidder}/{id}", leaf.stage);
        Input::given(format!("x{}", index + 1), source, value)
    }

    fn block_sum(
        &mut self,
        bidder: &BidderId,
        block: &Criterion,
        means: &[Figure],
    ) -> Result<Figure, EvaluateError> {
        let aggregation = &self.case.rulebook.aggregation;
        let step = sum(
            format!("{bidder}:block:{}", block.id),
            block_label(block),
            means.iter().map(Some),
            aggregation.rounding_at(RoundingPlace::BlockMean),
        );
        Ok(self.derivation.write(step)?)
    }

    fn block_of_totals(
        &mut self,
        bidder: &BidderId,
        block: &Criterion,
        leaves: &[Scored<'_>],
    ) -> Result<Figure, EvaluateError> {
        let aggregation = &self.case.rulebook.aggregation;
        let mut totals = Vec::new();
        for (index, line) in self.case.members.iter().enumerate() {
            let given = leaves.iter().enumerate();
            let inputs: Vec<Input> = given
                .map(|(place, leaf)| self.given(place, line, bidder, leaf))
                .collect();
            let step = Step {
                id: format!("{bidder}:member_total:{}:{line}", block.id),
                label: Text::new(
                    format!("{}：评委 {line} 合计", block.title.zh),
                    format!("{}: total of member {line}", block.title.en),
                ),
                formula: joined(&inputs),
                exact: Exact::sum(inputs.iter().map(Input::value)),
                inputs,
                rounding: aggregation.rounding_at(RoundingPlace::MemberTotal),
            };
            let figure = self.derivation.write(step)?;
            totals.push(Input::node(format!("x{}", index + 1), &figure));
        }
        let step = mean(
            format!("{bidder}:block:{}", block.id),
            block_label(block),
            totals,
            aggregation.drop,
            aggregation.rounding_at(RoundingPlace::BlockMean),
        );
        Ok(self.derivation.write(step)?)
    }

    fn technical(
        &mut self,
        bidder: &BidderId,
        blocks: &[(&Criterion, Vec<Scored<'_>>)],
        numbers: &Numbers,
    ) -> Result<Figure, EvaluateError> {
        let step = sum(
            format!("{bidder}:technical"),
            Text::new("评分块合计", "sum of the blocks"),
            blocks.iter().map(|(block, _)| numbers.blocks.get(&block.id)),
            None,
        );
        Ok(self.derivation.write(step)?)
    }

    fn below_minimum(&self, blocks: &[(&Criterion, Vec<Scored<'_>>)], numbers: &Numbers) -> Option<Ground> {
        for (block, _) in blocks {
            let score = numbers.blocks.get(&block.id)?;
            if let Some(minimum) = &block.minimum
                && score.value < minimum.exact()
            {
                return Some(Ground::BelowMinimum {
                    block: Some(block.id.clone()),
                    score: score.clone(),
                    minimum: minimum.clone(),
                });
            }
        }
        let technical = numbers.technical.as_ref()?;
        match &self.case.rulebook.price.method {
            PriceMethod::Qcbs {
                technical_minimum, ..
            } if technical.value < technical_minimum.exact() => Some(Ground::BelowMinimum {
                block: None,
                score: technical.clone(),
                minimum: technical_minimum.clone(),
            }),
            _ => None,
        }
    }

    /// SC-6: members must agree on objective items.
    fn check_objective(&mut self, bidders: &[BidderId], blocks: &[(&Criterion, Vec<Scored<'_>>)]) {
        let leaves = blocks.iter().flat_map(|(_, leaves)| leaves);
        for leaf in leaves.filter(|leaf| leaf.criterion.objective) {
            let id = &leaf.criterion.id;
            for bidder in bidders {
                let lines = self.case.members.iter();
                let given: BTreeSet<_> = lines.map(|line| self.case.score(line, bidder, id)).collect();
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

fn mean(id: String, label: Text, inputs: Vec<Input>, drop: Drop, rounding: Option<Rounding>) -> Step {
    let inputs = match drop {
        Drop::None => inputs,
        Drop::OneHighOneLow => drop_one_high_one_low(inputs),
    };
    let used: Vec<&Input> = inputs.iter().filter(|input| input.is_used()).collect();
    let formula = format!("({}) / {}", joined(used.iter().copied()), used.len());
    let exact = divide_by_count(Exact::sum(used.iter().map(|i| i.value())), used.len());
    Step {
        id,
        label,
        formula,
        exact,
        inputs,
        rounding,
    }
}

fn divide_by_count(sum: Result<Exact, NumberError>, count: usize) -> Result<Exact, NumberError> {
    let count = u32::try_from(count).map_err(|_| NumberError::TooLarge)?;
    sum?.checked_div(&Exact::from(count))
}

/// Of several equal ones the first is the low and the last the high; the value does not depend on it.
fn drop_one_high_one_low(inputs: Vec<Input>) -> Vec<Input> {
    let mut order: Vec<usize> = (0..inputs.len()).collect();
    order.sort_by(|a, b| inputs[*a].value().cmp(inputs[*b].value()));
    let ends = [order.first().copied(), order.last().copied()];
    let marked = inputs.into_iter().enumerate().map(|(index, input)| {
        if ends.contains(&Some(index)) {
            input.dropped()
        } else {
            input
        }
    });
    marked.collect()
}

fn joined<'a>(inputs: impl IntoIterator<Item = &'a Input>) -> String {
    let symbols: Vec<&str> = inputs.into_iter().map(Input::symbol).collect();
    if symbols.is_empty() {
        "0".to_owned()
    } else {
        symbols.join(" + ")
    }
}
