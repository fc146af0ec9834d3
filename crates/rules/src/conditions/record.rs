//! The review record: what was reviewed, what was found, and what a person decided of it.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::check::{AppliedThreshold, ConditionsReview, required};
use super::rules::{Citation, RulesUsed};
use super::sentence::plain;
use super::{ConditionKind, Conditions, ConditionsError, read};
use crate::decimal::Decimal;
use crate::finding::Severity;
use crate::rulebook::{Regime, Subject};
use crate::text::Text;

/// The longest review record, in bytes.
pub const MAX_REVIEW_BYTES: usize = 64 << 20;

/// The format of a review record.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
pub enum ReviewFormat {
    /// `conclave.conditions_review/1`.
    #[serde(rename = "conclave.conditions_review/1")]
    V1,
}

/// What the reviewer decided of a finding.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Decision {
    /// Nothing yet.
    #[default]
    Open,
    /// The condition is changed.
    Changed {
        /// What stands there now; `删除` or the like where nothing does.
        to: String,
    },
    /// The condition stays.
    Kept {
        /// Why it is lawful and needed.
        reason: String,
    },
}

/// A finding with what was decided of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RecordedFinding {
    /// Id of the rule.
    pub rule: String,
    /// Error or warning.
    pub severity: Severity,
    /// The sentence, as it stood.
    pub sentence: String,
    /// The words in it that made the finding.
    pub matched: Vec<String>,
    /// What forbids it.
    pub law: Vec<Citation>,
    /// What is wrong and what to change.
    pub text: Text,
    /// What was decided.
    pub decision: Decision,
}

/// A condition with its findings.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ReviewedCondition {
    /// Its id.
    pub id: String,
    /// Name of the document.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub document: Option<String>,
    /// Number of the clause.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub clause: Option<String>,
    /// Page, from 1.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub page: Option<u32>,
    /// What it decides.
    pub kind: ConditionKind,
    /// The words that were reviewed.
    pub text: String,
    /// What was found; empty: nothing.
    pub findings: Vec<RecordedFinding>,
}

/// 审查记录: everything that was reviewed, with its findings and their decisions. Its bytes
/// ([`ReviewRecord::bytes`]) are what is digested and signed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ReviewRecord {
    /// Always `conclave.conditions_review/1`.
    pub format: ReviewFormat,
    /// Which rules were applied.
    pub rules: RulesUsed,
    /// What is tendered.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub title: Option<Text>,
    /// The law the tender follows.
    pub regime: Regime,
    /// Goods, services or works.
    pub subject: Subject,
    /// Budget in yuan, where it is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub amount: Option<Decimal>,
    /// The threshold that holds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub threshold: Option<AppliedThreshold>,
    /// Whether the findings must be settled before publication.
    pub record_required: bool,
    /// What was reviewed, in its order.
    pub conditions: Vec<ReviewedCondition>,
}

/// A finding that still stands in the way of publication.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Unsettled {
    /// JSON path of the finding in the record.
    pub at: String,
    /// Id of the condition.
    pub condition: String,
    /// Id of the rule.
    pub rule: String,
    /// The sentence.
    pub sentence: String,
    /// What is missing.
    pub text: Text,
}

impl ConditionsReview {
    /// The record of this review of these conditions, with every decision open.
    pub fn record(&self, conditions: &Conditions) -> ReviewRecord {
        let mut reviewed: Vec<ReviewedCondition> = Vec::with_capacity(conditions.conditions.len());
        let mut findings = self.findings.iter().peekable();
        for condition in &conditions.conditions {
            let mut own = Vec::new();
            while let Some(found) = findings.next_if(|found| found.condition == condition.id) {
                own.push(RecordedFinding {
                    rule: found.rule.clone(),
                    severity: found.severity,
                    sentence: found.sentence.clone(),
                    matched: found.matched.clone(),
                    law: found.law.clone(),
                    text: found.text.clone(),
                    decision: Decision::Open,
                });
            }
            reviewed.push(ReviewedCondition {
                id: condition.id.clone(),
                document: condition.document.clone(),
                clause: condition.clause.clone(),
                page: condition.page,
                kind: condition.kind,
                text: condition.text.clone(),
                findings: own,
            });
        }
        ReviewRecord {
            format: ReviewFormat::V1,
            rules: self.rules.clone(),
            title: conditions.title.clone(),
            regime: conditions.regime,
            subject: conditions.subject,
            amount: self.amount.clone(),
            threshold: self.threshold.clone(),
            record_required: self.record_required,
            conditions: reviewed,
        }
    }
}

impl ReviewRecord {
    /// Reads a record strictly. That it is required must follow from its own threshold and amount.
    ///
    /// # Errors
    /// [`ConditionsError`], with the JSON path of the first fault.
    pub fn parse(bytes: &[u8]) -> Result<Self, ConditionsError> {
        let record: Self = read(bytes, MAX_REVIEW_BYTES)?;
        if record.record_required != required(record.threshold.as_ref(), record.amount.as_ref()) {
            let message = "it does not follow from the threshold and the amount of this record";
            return Err(ConditionsError::at("record_required", message));
        }
        Ok(record)
    }

    /// The record as it is kept, digested and signed: JSON with two spaces and a last line feed, always the same for
    /// the same record.
    pub fn bytes(&self) -> Vec<u8> {
        let mut bytes = serde_json::to_vec_pretty(self).expect("a record is JSON");
        bytes.push(b'\n');
        bytes
    }

    /// The JSON Schema of a review record.
    pub fn schema() -> schemars::Schema {
        schemars::schema_for!(Self)
    }

    /// Takes over what was decided before: of findings that are still there, and of conditions that were changed since,
    /// whose findings stay in the record as they were decided.
    pub fn carry(&mut self, before: &Self) {
        for old in &before.conditions {
            let Some(new) = self.conditions.iter_mut().find(|new| new.id == old.id) else {
                continue;
            };
            for found in old
                .findings
                .iter()
                .filter(|found| found.decision != Decision::Open)
            {
                let same =
                    |own: &&mut RecordedFinding| own.rule == found.rule && own.sentence == found.sentence;
                match new.findings.iter_mut().find(same) {
                    Some(own) => own.decision = found.decision.clone(),
                    None if new.text != old.text => new.findings.push(found.clone()),
                    None => {}
                }
            }
        }
    }
}

/// What must still be decided before publication: every open finding, every one that was changed to nothing else and
/// every one that was kept without a reason. Empty where the threshold asks for no record.
pub fn unsettled(record: &ReviewRecord) -> Vec<Unsettled> {
    let mut open = Vec::new();
    if !record.record_required {
        return open;
    }
    for (index, condition) in record.conditions.iter().enumerate() {
        for (place, found) in condition.findings.iter().enumerate() {
            if let Some(text) = missing(found) {
                open.push(Unsettled {
                    at: format!("conditions[{index}].findings[{place}]"),
                    condition: condition.id.clone(),
                    rule: found.rule.clone(),
                    sentence: found.sentence.clone(),
                    text,
                });
            }
        }
    }
    open
}

fn missing(found: &RecordedFinding) -> Option<Text> {
    match &found.decision {
        Decision::Open => Some(Text::new(
            "尚未决定：修改该条款，或者说明保留的理由。",
            "Not decided yet: change the condition, or say why it stays.",
        )),
        Decision::Changed { to } if plain(to).is_empty() || plain(to) == plain(&found.sentence) => {
            Some(Text::new(
                "记为已修改，但没有写明修改后的文字，或者文字与原文相同。",
                "Said to be changed, but the new words are missing or are the old ones.",
            ))
        }
        Decision::Kept { reason } if plain(reason).is_empty() => Some(Text::new(
            "记为保留，但没有说明理由。",
            "Said to stay, but without a reason.",
        )),
        _ => None,
    }
}
