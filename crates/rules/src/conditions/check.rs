//! The review: conditions and rules in, findings out.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::names::Names;
use super::phrase::{Phrase, Words};
use super::rules::{Citation, ConditionRule, ConditionRules, RulesUsed};
use super::sentence::{Plain, Sentence, sentences};
use super::{Condition, Conditions};
use crate::decimal::Decimal;
use crate::finding::Severity;
use crate::text::Text;

/// One sentence that a rule is against.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ConditionFinding {
    /// Id of the rule.
    pub rule: String,
    /// Error: the law forbids it. Warning: a person must judge.
    pub severity: Severity,
    /// Id of the condition.
    pub condition: String,
    /// Name of the document.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub document: Option<String>,
    /// Number of the clause.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub clause: Option<String>,
    /// Page, from 1.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub page: Option<u32>,
    /// The sentence, as it stands.
    pub sentence: String,
    /// The words in it that made the finding, as they stand.
    pub matched: Vec<String>,
    /// What forbids it.
    pub law: Vec<Citation>,
    /// What is wrong and what to change.
    pub text: Text,
}

/// The threshold that holds for a tender.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct AppliedThreshold {
    /// A budget above so many yuan needs a review record.
    pub above: Decimal,
    /// Where it comes from.
    pub law: Vec<Citation>,
}

/// What a review found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ConditionsReview {
    /// Which rules were applied.
    pub rules: RulesUsed,
    /// Budget in yuan, where it is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub amount: Option<Decimal>,
    /// The threshold; absent where the rules have none for this regime and subject.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub threshold: Option<AppliedThreshold>,
    /// Whether a review record must be settled before publication: there is a threshold, and the amount is above it or
    /// not known.
    pub record_required: bool,
    /// The findings, in the order of conditions, sentences and rules.
    pub findings: Vec<ConditionFinding>,
}

impl ConditionRules {
    /// Reviews the conditions.
    pub fn review(&self, conditions: &Conditions) -> ConditionsReview {
        let words = self.words();
        let rules: Vec<(&ConditionRule, Option<Names>)> = self
            .rules
            .iter()
            .filter(|rule| rule.regimes.contains(&conditions.regime))
            .filter(|rule| rule.subjects.contains(&conditions.subject))
            .map(|rule| {
                let names = rule.repeats.as_ref();
                (rule, names.map(|repeats| Names::of(repeats, conditions)))
            })
            .collect();
        let mut findings = Vec::new();
        for condition in &conditions.conditions {
            let whole = Plain::of(&condition.text);
            let rules: Vec<&(&ConditionRule, Option<Names>)> = rules
                .iter()
                .filter(|(rule, _)| rule.kinds.contains(&condition.kind))
                .filter(|(rule, _)| !stands(&rule.unless_in_condition, &whole, &words))
                .collect();
            for sentence in sentences(&condition.text) {
                if stands(&self.unless, sentence.plain(), &words) {
                    continue;
                }
                for (rule, names) in &rules {
                    if let Some(matched) = rule.matched(&sentence, &words, names.as_ref()) {
                        findings.push(finding(rule, condition, &sentence, matched));
                    }
                }
            }
        }
        let threshold = self.threshold(conditions);
        ConditionsReview {
            rules: self.used(),
            amount: conditions.amount.clone(),
            record_required: required(threshold.as_ref(), conditions.amount.as_ref()),
            threshold,
            findings,
        }
    }

    /// The lowest threshold that holds for this tender.
    fn threshold(&self, conditions: &Conditions) -> Option<AppliedThreshold> {
        let holds = self
            .thresholds
            .iter()
            .filter(|threshold| threshold.regimes.contains(&conditions.regime))
            .filter(|threshold| threshold.subjects.contains(&conditions.subject));
        let lowest = holds.min_by(|a, b| a.above.cmp(&b.above))?;
        Some(AppliedThreshold {
            above: lowest.above.clone(),
            law: lowest.law.clone(),
        })
    }
}

/// Whether a record is required: an amount that is not known is taken as one above the threshold.
pub(crate) fn required(threshold: Option<&AppliedThreshold>, amount: Option<&Decimal>) -> bool {
    threshold.is_some_and(|threshold| amount.is_none_or(|amount| *amount > threshold.above))
}

fn finding(
    rule: &ConditionRule,
    condition: &Condition,
    sentence: &Sentence<'_>,
    matched: Vec<String>,
) -> ConditionFinding {
    ConditionFinding {
        rule: rule.id.clone(),
        severity: rule.severity,
        condition: condition.id.clone(),
        document: condition.document.clone(),
        clause: condition.clause.clone(),
        page: condition.page,
        sentence: sentence.text().to_owned(),
        matched,
        law: rule.law.clone(),
        text: rule.text.clone(),
    }
}

fn stands(phrases: &[Phrase], text: &Plain, words: &Words) -> bool {
    phrases.iter().any(|phrase| phrase.find(text, words).is_some())
}

impl ConditionRule {
    /// The words that make a finding of this sentence.
    fn matched(&self, sentence: &Sentence<'_>, words: &Words, names: Option<&Names>) -> Option<Vec<String>> {
        let text = sentence.plain();
        let places = match names {
            Some(names) => vec![names.find(text.chars())?],
            None => self.any.iter().find_map(|group| {
                let phrases = group.all.iter();
                let places: Vec<_> = phrases
                    .map(|phrase| phrase.find(text, words))
                    .collect::<Option<_>>()?;
                (!stands(&group.unless, text, words)).then_some(places)
            })?,
        };
        if stands(&self.unless, text, words) {
            return None;
        }
        let matched = places.into_iter();
        Some(
            matched
                .map(|(from, to)| sentence.words(from, to).to_owned())
                .collect(),
        )
    }
}
