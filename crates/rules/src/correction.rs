//! Correction of prices (R-PRICE): proposals, in the order that the tender's rules have. The corrected price binds only
//! when the bidder confirms it; a bidder that refuses has an invalid bid (87LING 59).

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::decimal::Decimal;
use crate::exact::{Exact, NumberError};
use crate::text::Text;

/// Which rules correct prices.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum CorrectionRules {
    /// 87LING 59: opening letter over the inner pages; words over figures; a clearly misplaced point in a unit price: the
    /// total stands; unit prices over the total.
    Order87,
    /// STD-DESIGN 3.1.3: words over figures; unit price over total, except for a clear error of the point.
    StandardDesign,
    /// ZJ-TENDER: the platform's price over the opening letter, then as Order 87.
    Zhejiang,
    /// GZ-TENDER 45.5: words over figures; else the lower one (就低不就高).
    Guangzhou,
}

/// What a bid says of its price, in as many places as it does.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct StatedPrices {
    /// Entered on the platform.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub platform: Option<Decimal>,
    /// In the opening letter, in figures.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub letter_figures: Option<Decimal>,
    /// In the opening letter, in words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub letter_words: Option<Decimal>,
    /// The total of the priced list.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub list_total: Option<Decimal>,
    /// The lines of the priced list.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub lines: Vec<PricedLine>,
}

/// One line of a priced list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct PricedLine {
    /// Its number or name.
    pub item: String,
    /// Quantity.
    pub quantity: Decimal,
    /// Unit price.
    pub unit_price: Decimal,
    /// The amount of the line, as stated.
    pub amount: Decimal,
    /// The committee finds that the point of the unit price, or its percentage, is clearly misplaced.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub point_misplaced: bool,
}

/// Why something is corrected.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum CorrectionGround {
    /// The platform's price over the opening letter.
    PlatformOverLetter,
    /// The opening letter over the inner pages.
    LetterOverInner,
    /// Words over figures.
    WordsOverFigures,
    /// The stated amount stands, the unit price is changed.
    MisplacedPoint,
    /// Unit price times quantity over the stated amount, or the sum of the lines over the stated total.
    UnitPricesOverTotal,
    /// The lower one.
    LowerOfBoth,
}

/// One correction.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Correction {
    /// Why.
    pub ground: CorrectionGround,
    /// Where: `letter`, `list_total`, or the item of a line.
    pub at: String,
    /// As stated.
    pub stated: Exact,
    /// As corrected.
    pub corrected: Exact,
    /// In words.
    pub text: Text,
}

/// What the rules make of the stated prices.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct CorrectionProposal {
    /// The corrections, in the order they were made.
    pub corrections: Vec<Correction>,
    /// The price that the bidder is asked to confirm.
    pub price: Exact,
    /// Taken off at settlement, where the stated total stands although the corrected one is higher (GZ-TENDER 45.5).
    pub settled_later: Exact,
}

/// Why nothing can be proposed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CorrectionError {
    /// No price is stated anywhere.
    #[error("no price is stated")]
    NothingStated,
    /// A number became too long.
    #[error("{0}")]
    Number(#[from] NumberError),
}

/// Proposes the corrected price.
///
/// # Errors
/// [`CorrectionError`].
pub fn propose_correction(
    rules: CorrectionRules,
    stated: &StatedPrices,
) -> Result<CorrectionProposal, CorrectionError> {
    let mut proposing = Proposing {
        rules,
        corrections: Vec::new(),
    };
    let letter = proposing.letter(stated);
    let head = proposing.head(stated, letter);
    let total = stated.list_total.as_ref().map(Decimal::exact);
    let sum = proposing.lines(stated)?;
    let stands = head.clone().or(total.clone()).or(sum.clone());
    let mut price = stands.ok_or(CorrectionError::NothingStated)?;
    let mut settled_later = Exact::zero();
    if rules == CorrectionRules::Guangzhou
        && let Some(lower) = total.as_ref().filter(|total| **total < price)
    {
        proposing.note(CorrectionGround::LowerOfBoth, "total", &price, lower);
        price = lower.clone();
    }
    let orders = matches!(rules, CorrectionRules::Order87 | CorrectionRules::Zhejiang);
    if let (Some(head), Some(total)) = (&head, &total)
        && orders
        && head != total
    {
        proposing.note(CorrectionGround::LetterOverInner, "list_total", total, head);
    }
    match sum {
        Some(sum) if sum == price => {}
        // A corrected total that is higher leaves the stated one; what is too much is settled later.
        Some(sum) if rules == CorrectionRules::Guangzhou && sum > price => {
            settled_later = sum.checked_sub(&price)?;
        }
        Some(sum) if rules == CorrectionRules::Guangzhou => {
            proposing.note(CorrectionGround::LowerOfBoth, "total", &price, &sum);
            price = sum;
        }
        Some(sum) => {
            proposing.note(CorrectionGround::UnitPricesOverTotal, "total", &price, &sum);
            price = sum;
        }
        None => {}
    }
    Ok(CorrectionProposal {
        corrections: proposing.corrections,
        price,
        settled_later,
    })
}

struct Proposing {
    rules: CorrectionRules,
    corrections: Vec<Correction>,
}

impl Proposing {
    fn note(&mut self, ground: CorrectionGround, at: &str, stated: &Exact, corrected: &Exact) {
        let (zh, en) = match ground {
            CorrectionGround::PlatformOverLetter => ("以平台填报的报价为准", "the platform's price decides"),
            CorrectionGround::LetterOverInner => ("以开标一览表为准", "the opening letter decides"),
            CorrectionGround::WordsOverFigures => ("以大写金额为准", "the amount in words decides"),
            CorrectionGround::MisplacedPoint => (
                "单价小数点或百分比明显错位，以总价为准，修改单价",
                "the point or percentage of the unit price is clearly misplaced; the amount stands, the unit price is changed",
            ),
            CorrectionGround::UnitPricesOverTotal => {
                ("以单价计算结果为准", "what the unit prices come to decides")
            }
            CorrectionGround::LowerOfBoth => ("就低不就高", "the lower one decides"),
        };
        let (from, to) = (
            crate::rounding::shown(stated, None).text,
            crate::rounding::shown(corrected, None).text,
        );
        self.corrections.push(Correction {
            ground,
            at: at.to_owned(),
            stated: stated.clone(),
            corrected: corrected.clone(),
            text: Text::new(
                format!("{at}：{from} 更正为 {to}，{zh}。"),
                format!("{at}: {from} becomes {to}; {en}."),
            ),
        });
    }

    /// The sum of the lines, each corrected by itself; none without lines.
    fn lines(&mut self, stated: &StatedPrices) -> Result<Option<Exact>, NumberError> {
        if stated.lines.is_empty() {
            return Ok(None);
        }
        let mut amounts = Vec::with_capacity(stated.lines.len());
        for line in &stated.lines {
            amounts.push(self.line(line)?);
        }
        Exact::sum(&amounts).map(Some)
    }

    fn line(&mut self, line: &PricedLine) -> Result<Exact, NumberError> {
        let computed = line.unit_price.exact().checked_mul(&line.quantity.exact())?;
        let stated = line.amount.exact();
        if computed == stated {
            return Ok(stated);
        }
        if self.rules == CorrectionRules::Guangzhou {
            let lower = computed.min(stated.clone());
            if lower != stated {
                self.note(CorrectionGround::LowerOfBoth, &line.item, &stated, &lower);
            }
            return Ok(lower);
        }
        if line.point_misplaced && !line.quantity.exact().is_zero() {
            let unit = stated.checked_div(&line.quantity.exact())?;
            self.note(
                CorrectionGround::MisplacedPoint,
                &line.item,
                &line.unit_price.exact(),
                &unit,
            );
            return Ok(stated);
        }
        self.note(
            CorrectionGround::UnitPricesOverTotal,
            &line.item,
            &stated,
            &computed,
        );
        Ok(computed)
    }

    /// The price of the opening letter.
    fn letter(&mut self, stated: &StatedPrices) -> Option<Exact> {
        let figures = stated.letter_figures.as_ref().map(Decimal::exact);
        let words = stated.letter_words.as_ref().map(Decimal::exact);
        match (figures, words) {
            (Some(figures), Some(words)) if figures != words => {
                self.note(CorrectionGround::WordsOverFigures, "letter", &figures, &words);
                Some(words)
            }
            (figures, words) => words.or(figures),
        }
    }

    /// What stands over the inner pages.
    fn head(&mut self, stated: &StatedPrices, letter: Option<Exact>) -> Option<Exact> {
        let platform = stated.platform.as_ref().map(Decimal::exact);
        if self.rules != CorrectionRules::Zhejiang {
            return letter.or(platform);
        }
        if let (Some(platform), Some(letter)) = (&platform, &letter)
            && platform != letter
        {
            self.note(CorrectionGround::PlatformOverLetter, "letter", letter, platform);
        }
        platform.or(letter)
    }
}
