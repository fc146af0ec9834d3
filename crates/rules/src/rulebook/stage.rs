//! Stage instances, the parts of a bid opened at them, and the counts that stop a procedure.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::ids::{CriterionId, StageId};

/// What a stage does. Stages stand in this order; those of prices may stand before those scored, where prices are not
/// hidden from who scores.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum StageKind {
    /// 资格审查.
    Qualification,
    /// 符合性审查.
    Conformity,
    /// Talks with each bidder (磋商, 谈判); requirements may change for all of them.
    Negotiation,
    /// The bidders submit their sealed final offers; who submits none is out.
    FinalOffers,
    /// Scoring by each member alone (SC-4).
    Scored,
    /// Prices are opened, corrected, confirmed.
    PriceOpening,
    /// Prices are corrected in a stage of its own, and each correction confirmed by its bidder (R-PRICE).
    PriceCorrection,
    /// Bidders with a clearly lower price give their reasons; unproven ones fall (VOTE-6).
    AbnormalPrice,
    /// Prices become points; nobody scores.
    PricePoints,
    /// 汇总.
    Summary,
}

impl StageKind {
    /// The name in JSON and in stage ids.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Qualification => "qualification",
            Self::Conformity => "conformity",
            Self::Negotiation => "negotiation",
            Self::FinalOffers => "final_offers",
            Self::Scored => "scored",
            Self::PriceOpening => "price_opening",
            Self::PriceCorrection => "price_correction",
            Self::AbnormalPrice => "abnormal_price",
            Self::PricePoints => "price_points",
            Self::Summary => "summary",
        }
    }

    /// Whether members decide pass or fail here; on prices only where the stage has criteria.
    pub fn is_pass_fail(self) -> bool {
        matches!(
            self,
            Self::Qualification | Self::Conformity | Self::PriceCorrection | Self::AbnormalPrice
        )
    }

    /// Whether somebody fills in a sheet here.
    pub fn has_sheets(self) -> bool {
        self.is_pass_fail() || self == Self::Scored
    }

    /// Whether it is about prices before they are points.
    pub fn is_of_prices(self) -> bool {
        matches!(
            self,
            Self::PriceOpening | Self::PriceCorrection | Self::AbnormalPrice
        )
    }
}

/// Who acts in a stage (COM-15).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum StageActor {
    /// 采购人.
    Purchaser,
    /// 评标委员会.
    Committee,
}

/// One stage instance.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Stage {
    /// Kind and number, `scored/2`; numbers of a kind count from 1.
    pub id: StageId,
    /// The kind.
    pub kind: StageKind,
    /// Who acts.
    pub actor: StageActor,
    /// Parts opened at its beginning; agrees with `parts`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub opens: Vec<PartName>,
    /// Leaf criteria decided here, in the order of the sheet.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub criteria: Vec<CriterionId>,
    /// The members do not learn whose bid they decide on (技术暗标). Scored stages only.
    #[serde(default, skip_serializing_if = "super::criterion::is_false")]
    pub blind: bool,
}

/// The parts a bid may have, each sealed by itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum PartName {
    /// Opening letter 开标一览表.
    Opening,
    /// Qualification documents.
    Qualification,
    /// Commercial part.
    Commercial,
    /// Technical part.
    Technical,
    /// Price part; in procedures with talks it is the final offer 最后报价.
    Price,
}

/// When a part is opened.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Opened {
    /// At the bid opening 开标.
    AtOpening,
    /// At the beginning of this stage.
    Stage(StageId),
}

/// One separately sealed part of every bid.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Part {
    /// Its name.
    pub name: PartName,
    /// When it is opened.
    pub opened: Opened,
}

/// The counts below which a procedure stops (MIN-1, MIN-2), in distinct bidders.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct MinimumBidders {
    /// At the deadline.
    pub at_deadline: u32,
    /// Left after qualification.
    pub after_qualification: u32,
    /// Left after conformity.
    pub after_conformity: u32,
}
