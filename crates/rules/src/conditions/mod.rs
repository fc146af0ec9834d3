//! 限制性条款审查 (公平竞争审查): the conditions of a tender against rules that are data.
//!
//! [`ConditionRules`] are read strictly, the embedded ones or any other of the format, and [`ConditionRules::review`]
//! finds the sentences of [`Conditions`] that shut bidders out. A finding is for a person: whether a condition fits
//! what is bought no list of words can say. What the person decides stands in a [`ReviewRecord`].

mod check;
mod lint;
mod names;
mod phrase;
mod record;
mod rules;
mod sentence;

use std::collections::BTreeSet;

use schemars::JsonSchema;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

pub use check::{AppliedThreshold, ConditionFinding, ConditionsReview};
pub use phrase::{MAX_PHRASE_BYTES, Phrase, PhraseError};
pub use record::{
    Decision, MAX_REVIEW_BYTES, RecordedFinding, ReviewFormat, ReviewRecord, ReviewedCondition, Unsettled,
    unsettled,
};
pub use rules::{
    Citation, ConditionRule, ConditionRules, ConditionRulesFormat, MAX_CONDITION_RULES_BYTES, PhraseGroup,
    Repeats, RulesUsed, Threshold,
};

use crate::case::{Case, MAX_CASE_BYTES};
use crate::decimal::Decimal;
use crate::exact::Exact;
use crate::rulebook::{
    Criterion, CriterionKind, MAX_RULEBOOK_BYTES, Regime, Rulebook, RulebookError, StageKind, Subject,
};
use crate::text::Text;

/// The longest file of conditions, in bytes.
pub const MAX_CONDITIONS_BYTES: usize = 4 << 20;

/// The most conditions of a file.
pub const MAX_CONDITIONS: usize = 10_000;

/// The longest text of a condition, in bytes.
pub const MAX_CONDITION_BYTES: usize = 20_000;

/// The longest id of a condition or a rule, in bytes.
const MAX_NAME_BYTES: usize = 64;

/// Why bytes are not the conditions, rules or record they are read as.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ConditionsError {
    /// Too many bytes.
    #[error("the file is longer than {0} bytes")]
    TooLong(usize),
    /// Not the shape of the format, or against one of its rules.
    #[error("{at}: {message}")]
    Shape {
        /// JSON path of the place, `conditions[3].text`; `.` for the whole.
        at: String,
        /// What is wrong.
        message: String,
    },
}

impl ConditionsError {
    fn at(at: impl Into<String>, message: impl Into<String>) -> Self {
        Self::Shape {
            at: at.into(),
            message: message.into(),
        }
    }
}

fn read<T: DeserializeOwned>(bytes: &[u8], most: usize) -> Result<T, ConditionsError> {
    crate::rulebook::read_strictly(bytes, most).map_err(|error| of_rulebook_error(error, most))
}

fn of_rulebook_error(error: RulebookError, most: usize) -> ConditionsError {
    match error {
        RulebookError::TooLong => ConditionsError::TooLong(most),
        RulebookError::Shape { at, message } => ConditionsError::Shape { at, message },
    }
}

/// The format of a file of conditions.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
pub enum ConditionsFormat {
    /// `conclave.conditions/1`.
    #[serde(rename = "conclave.conditions/1")]
    V1,
}

/// What a condition decides.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum ConditionKind {
    /// Who may bid 资格条件.
    Qualification,
    /// What gives points 评审因素.
    Scoring,
    /// What is to be delivered 技术、服务要求.
    Technical,
    /// On which terms 合同、商务条款.
    Contract,
}

/// One condition of a tender document.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Condition {
    /// Its id, unique in the file.
    pub id: String,
    /// Name of the document.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub document: Option<String>,
    /// Number of the clause.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub clause: Option<String>,
    /// Page, from 1.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 1))]
    pub page: Option<u32>,
    /// What it decides.
    pub kind: ConditionKind,
    /// The words as they stand.
    pub text: String,
}

/// The conditions of one tender. Read with [`Conditions::parse`], or taken from a rulebook's criteria with
/// [`Conditions::of_rulebook`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Conditions {
    /// Always `conclave.conditions/1`.
    pub format: ConditionsFormat,
    /// What is tendered.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub title: Option<Text>,
    /// The law the tender follows.
    pub regime: Regime,
    /// Goods, services or works.
    pub subject: Subject,
    /// Budget in yuan; absent: not known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub amount: Option<Decimal>,
    /// The conditions, in the order of the documents.
    pub conditions: Vec<Condition>,
}

impl Conditions {
    /// Reads conditions strictly: unknown and repeated fields, a JSON number where a decimal string belongs, and
    /// anything after the object are refused.
    ///
    /// # Errors
    /// [`ConditionsError`], with the JSON path of the first fault.
    pub fn parse(bytes: &[u8]) -> Result<Self, ConditionsError> {
        let conditions: Self = read(bytes, MAX_CONDITIONS_BYTES)?;
        conditions.check()?;
        Ok(conditions)
    }

    /// Reads conditions, or takes them from the rulebook or the case that the bytes are; `format` says which.
    ///
    /// # Errors
    /// [`ConditionsError`], with the JSON path of the first fault in what `format` names.
    pub fn of_file(bytes: &[u8]) -> Result<Self, ConditionsError> {
        /// The one field that tells the formats apart.
        #[derive(Deserialize)]
        struct Named {
            format: String,
        }
        let fault = |most: usize| move |error| of_rulebook_error(error, most);
        let named = serde_json::from_slice(bytes).map(|named: Named| named.format);
        match named.as_deref() {
            Ok("conclave.rulebook/1") => Rulebook::parse(bytes)
                .map(|book| Self::of_rulebook(&book))
                .map_err(fault(MAX_RULEBOOK_BYTES)),
            Ok("conclave.case/1") => Case::parse(bytes)
                .map(|case| Self::of_rulebook(&case.rulebook))
                .map_err(fault(MAX_CASE_BYTES)),
            _ => Self::parse(bytes),
        }
    }

    /// The JSON Schema of conditions.
    pub fn schema() -> schemars::Schema {
        schemars::schema_for!(Self)
    }

    /// The criteria of a rulebook as conditions: titles, and the words they quote of the tender document. The amount is
    /// the budget, or the ceiling, where the currency is the yuan.
    pub fn of_rulebook(book: &Rulebook) -> Self {
        let amount = book.budget.as_ref().or(book.ceiling.as_ref());
        let mut conditions = Vec::new();
        for root in &book.criteria {
            collect(book, root, &mut conditions);
        }
        Self {
            format: ConditionsFormat::V1,
            title: Some(book.lot.name.clone()),
            regime: book.regime,
            subject: book.subject,
            amount: amount.filter(|_| book.currency == "CNY").cloned(),
            conditions,
        }
    }

    fn check(&self) -> Result<(), ConditionsError> {
        if self
            .amount
            .as_ref()
            .is_some_and(|amount| amount.exact() < Exact::zero())
        {
            return Err(ConditionsError::at("amount", "an amount is not below zero"));
        }
        if self.conditions.len() > MAX_CONDITIONS {
            let message = format!("a file has at most {MAX_CONDITIONS} conditions");
            return Err(ConditionsError::at("conditions", message));
        }
        let mut ids = BTreeSet::new();
        for (index, condition) in self.conditions.iter().enumerate() {
            condition.check(&format!("conditions[{index}]"))?;
            if !ids.insert(condition.id.as_str()) {
                let message = format!("the id `{}` stands there twice", condition.id);
                return Err(ConditionsError::at(format!("conditions[{index}].id"), message));
            }
        }
        Ok(())
    }
}

impl Condition {
    fn check(&self, at: &str) -> Result<(), ConditionsError> {
        check_name(&self.id, &format!("{at}.id"))?;
        if self.page == Some(0) {
            return Err(ConditionsError::at(format!("{at}.page"), "pages count from 1"));
        }
        if self.text.len() > MAX_CONDITION_BYTES {
            let message = format!("a condition has at most {MAX_CONDITION_BYTES} bytes");
            return Err(ConditionsError::at(format!("{at}.text"), message));
        }
        if self.text.trim().is_empty() {
            return Err(ConditionsError::at(format!("{at}.text"), "a condition has words"));
        }
        Ok(())
    }
}

fn check_name(name: &str, at: &str) -> Result<(), ConditionsError> {
    if name.trim().is_empty() || name.len() > MAX_NAME_BYTES || name.chars().any(char::is_control) {
        let message = format!("an id has 1 to {MAX_NAME_BYTES} bytes and is not blank");
        return Err(ConditionsError::at(at, message));
    }
    Ok(())
}

/// The node and all below it. A group is of the kind of its first leaf.
fn collect(book: &Rulebook, node: &Criterion, conditions: &mut Vec<Condition>) {
    let clause = node.clause.as_ref();
    let text = match clause {
        Some(clause) if !clause.quote.trim().is_empty() => format!("{}\n{}", node.title.zh, clause.quote),
        _ => node.title.zh.clone(),
    };
    conditions.push(Condition {
        id: node.id.as_str().to_owned(),
        document: clause.map(|clause| clause.document.clone()),
        clause: clause.map(|clause| clause.clause.clone()),
        page: clause.map(|clause| clause.page),
        kind: kind(book, node),
        text,
    });
    if let CriterionKind::Group { criteria } = &node.kind {
        for child in criteria {
            collect(book, child, conditions);
        }
    }
}

fn kind(book: &Rulebook, node: &Criterion) -> ConditionKind {
    match &node.kind {
        CriterionKind::Group { criteria } => {
            let first = criteria.first();
            first.map_or(ConditionKind::Technical, |child| kind(book, child))
        }
        CriterionKind::PassFail => {
            let mut stages = book.stages.iter();
            let stage = stages.find(|stage| stage.criteria.contains(&node.id));
            match stage.map(|stage| stage.kind) {
                Some(StageKind::Qualification) => ConditionKind::Qualification,
                _ => ConditionKind::Technical,
            }
        }
        _ => ConditionKind::Scoring,
    }
}
