//! The rulebook: how one tender is decided, as data.

mod criterion;
mod method;
mod presets;
mod procedure;
mod read;
mod regime;
mod stage;
mod validate;

use std::collections::{BTreeMap, BTreeSet};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

pub use criterion::{Clause, Criterion, CriterionKind, Leaf, Tier};
pub use method::{
    Aggregation, AggregationMethod, Candidates, Deduction, DeductionCombination, Deductions, DeviationTable,
    DrawnRange, Drop, Limits, Majority, MeanBase, MeanOver, PriceMethod, PriceRule, PricesAboveCeiling,
    Ranking, ReferencePrice, Rejection, ReviewOrder, RoundingPlace, RoundingPoint, Slopes, TieKey, Unbroken,
};
pub use procedure::{AwardRule, CountedDays, NoneLeft, Procedure, SameBrand, Standstill};
pub(crate) use read::read_strictly;
pub use read::{MAX_RULEBOOK_BYTES, RulebookError};
pub use regime::{Regime, RegimeTable};
pub use stage::{MinimumBidders, Opened, Part, PartName, Stage, StageActor, StageKind};

use crate::correction::CorrectionRules;
use crate::decimal::Decimal;
use crate::exact::Exact;
use crate::formula::ParameterSource;
use crate::ids::{CriterionId, StageId};
use crate::scrutiny::AbnormalThresholds;
use crate::text::Text;

/// The format this crate reads.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
pub enum RulebookFormat {
    /// `conclave.rulebook/1`.
    #[serde(rename = "conclave.rulebook/1")]
    V1,
}

/// What is bought; decides the floor of the price weight (SC-1).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Subject {
    /// Goods 货物.
    Goods,
    /// Services 服务.
    Services,
    /// Works 工程.
    Works,
}

/// The lot 标段 that is evaluated.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Lot {
    /// Its name.
    pub name: Text,
}

/// 结构化评标办法: how one tender is decided. Read with [`Rulebook::parse`], checked against the law of
/// its regime with [`Rulebook::validate`]. The bytes that were read are what is signed and digested.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Rulebook {
    /// Always `conclave.rulebook/1`.
    pub format: RulebookFormat,
    /// Counts the addenda of the tender document, from 1.
    pub version: u32,
    /// The law the tender follows.
    pub regime: Regime,
    /// How the lot is bought.
    #[serde(default, skip_serializing_if = "Procedure::is_open")]
    pub procedure: Procedure,
    /// Goods, services or works.
    pub subject: Subject,
    /// The lot.
    pub lot: Lot,
    /// ISO 4217 code of the currency of every price.
    #[schemars(regex(pattern = r"^[A-Z]{3}$"))]
    pub currency: String,
    /// Budget, in units of the currency.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub budget: Option<Decimal>,
    /// Highest admissible bid price, in units of the currency.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ceiling: Option<Decimal>,
    /// The separately sealed parts of a bid.
    pub parts: Vec<Part>,
    /// The stage instances, in order.
    pub stages: Vec<Stage>,
    /// Fewer bidders than this stop the procedure.
    pub minimum_bidders: MinimumBidders,
    /// What several bids with goods of one brand count as (MIN-3); without, as several.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub same_brand: Option<SameBrand>,
    /// The criteria, as trees; a top node is a block.
    pub criteria: Vec<Criterion>,
    /// What the most points of all criteria, the price's included and each times its weight, sum to (SC-2).
    #[serde(default = "hundred", skip_serializing_if = "is_hundred")]
    pub full_marks: Decimal,
    /// How prices become points.
    pub price: PriceRule,
    /// How the members' scores become one, and where numbers are rounded.
    pub aggregation: Aggregation,
    /// When the committee rejects a bid.
    pub rejection: Rejection,
    /// Order of the ranking and what breaks ties.
    pub ranking: Ranking,
    /// How many candidates are named.
    pub candidates: Candidates,
    /// How this lot is awarded beside the others of its project; without, by itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub awards: Option<AwardRule>,
    /// Days for which the candidates are published (RES-2).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub publication_days: Option<u32>,
    /// Days between the notice to the bidders and the contract.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub standstill: Option<Standstill>,
    /// Limits of what members write.
    pub limits: Limits,
    /// From where on scores are noted as abnormal; without, none are.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub abnormal: Option<AbnormalThresholds>,
    /// Which rules correct prices (R-PRICE); without, none are.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub price_correction: Option<CorrectionRules>,
}

fn hundred() -> Decimal {
    "100".parse().expect("digits are a decimal")
}

fn is_hundred(marks: &Decimal) -> bool {
    *marks == hundred()
}

impl Rulebook {
    /// The JSON Schema of a rulebook.
    pub fn schema() -> schemars::Schema {
        schemars::schema_for!(Self)
    }

    /// What the law demands: the values of the regime for this procedure.
    pub fn law(&self) -> &'static RegimeTable {
        self.regime.table(self.procedure)
    }

    /// Every leaf of every criteria tree, in order.
    pub fn leaves(&self) -> Vec<Leaf<'_>> {
        let mut leaves = Vec::new();
        for (index, root) in self.criteria.iter().enumerate() {
            criterion::collect_leaves(
                root,
                root,
                Exact::from(1),
                format!("criteria[{index}]"),
                &mut leaves,
            );
        }
        leaves
    }

    /// The leaf with this id.
    pub fn leaf(&self, id: &CriterionId) -> Option<Leaf<'_>> {
        self.leaves().into_iter().find(|leaf| leaf.criterion.id == *id)
    }

    /// The stage instance with this id.
    pub fn stage(&self, id: &StageId) -> Option<&Stage> {
        self.stages.iter().find(|stage| stage.id == *id)
    }

    /// The criteria of one stage, in the order of its list. Ids without a leaf are left out; `validate`
    /// names them.
    pub fn stage_criteria(&self, id: &StageId) -> Vec<&Criterion> {
        let leaves: BTreeMap<&CriterionId, &Criterion> = self
            .leaves()
            .into_iter()
            .map(|leaf| (&leaf.criterion.id, leaf.criterion))
            .collect();
        let wanted = self.stage(id).map_or(&[][..], |stage| &stage.criteria);
        wanted.iter().filter_map(|id| leaves.get(id).copied()).collect()
    }

    /// The scored blocks: top nodes with scored leaves, in order.
    pub fn blocks(&self) -> Vec<&Criterion> {
        let scored: BTreeSet<&CriterionId> = self
            .leaves()
            .into_iter()
            .filter(|leaf| leaf.criterion.kind.is_scored())
            .map(|leaf| &leaf.root.id)
            .collect();
        self.criteria
            .iter()
            .filter(|root| scored.contains(&root.id))
            .collect()
    }

    /// Whether a stage of prices stands before the first scored one.
    pub fn prices_first(&self) -> bool {
        let mut kinds = self.stages.iter().map(|stage| stage.kind);
        let first = kinds.find(|kind| kind.is_of_prices() || *kind == StageKind::Scored);
        first.is_some_and(StageKind::is_of_prices)
    }

    /// Whether bids have a total: something is scored, or the price gives points.
    pub fn gives_points(&self) -> bool {
        let formula = self.formula();
        formula.points.is_some() || formula.total.is_some() || !self.blocks().is_empty()
    }

    /// Whether a low score alone can reject a bid: a block or an item has a minimum, or the method is `qcbs` (F8).
    pub fn has_minimum(&self) -> bool {
        matches!(self.price.method, PriceMethod::Qcbs { .. })
            || self.criteria.iter().any(|root| root.minimum.is_some())
            || self.leaves().iter().any(|leaf| leaf.criterion.minimum.is_some())
    }

    /// Names of numbers that it asks of every bid beside prices and sheets (`fact`).
    pub fn facts(&self) -> BTreeSet<String> {
        let formula = self.formula();
        let mut facts: BTreeSet<String> = formula.facts().into_iter().map(str::to_owned).collect();
        let deductions = self.price.deductions.iter().flat_map(|rule| &rule.items);
        facts.extend(deductions.filter_map(|item| item.of.clone()));
        facts.extend(
            self.ranking
                .keys
                .iter()
                .filter_map(TieKey::fact)
                .map(str::to_owned),
        );
        for leaf in self.leaves() {
            if let CriterionKind::Computed { value, .. } = &leaf.criterion.kind {
                facts.extend(value.facts().into_iter().map(str::to_owned));
            }
        }
        facts
    }

    /// Names of the parameters that are drawn before the opening.
    pub fn drawn(&self) -> BTreeSet<String> {
        let formula = self.formula();
        let drawn = formula
            .parameters
            .iter()
            .filter(|parameter| matches!(parameter.from, ParameterSource::Drawn { .. }));
        drawn.map(|parameter| parameter.name.clone()).collect()
    }

    /// The most points the price criterion gives; none under a method without one.
    pub fn price_points(&self) -> Option<Exact> {
        self.leaves().iter().find_map(|leaf| match &leaf.criterion.kind {
            CriterionKind::Price { points } => Some(points.exact()),
            _ => None,
        })
    }
}
