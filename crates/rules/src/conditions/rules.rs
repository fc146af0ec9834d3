//! Rules of the review, as data.

use std::collections::{BTreeMap, BTreeSet};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::phrase::{Phrase, Word, Words};
use super::sentence::plain;
use super::{ConditionKind, ConditionsError, check_name, read};
use crate::decimal::Decimal;
use crate::finding::Severity;
use crate::rulebook::{Regime, Subject};
use crate::text::Text;

/// The longest file of rules, in bytes.
pub const MAX_CONDITION_RULES_BYTES: usize = 1 << 20;

/// The most rules of a file.
const MAX_RULES: usize = 500;

/// The rules that come with the program.
const CN: &str = include_str!("../../conditions/cn.json");

/// The format of a file of rules.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
pub enum ConditionRulesFormat {
    /// `conclave.conditions_rules/1`.
    #[serde(rename = "conclave.conditions_rules/1")]
    V1,
}

/// Where a rule or a threshold comes from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Citation {
    /// The law, regulation or notice.
    pub law: String,
    /// Article and item.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub article: Option<String>,
    /// `false`: cited from memory or from a summary; look the text up before citing it. Absent: `true`.
    #[serde(default = "yes", skip_serializing_if = "is_true")]
    pub checked: bool,
}

fn yes() -> bool {
    true
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde passes a reference")]
fn is_true(value: &bool) -> bool {
    *value
}

/// From which amount on a review record is required.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Threshold {
    /// Under these laws.
    pub regimes: Vec<Regime>,
    /// Of tenders for these.
    pub subjects: Vec<Subject>,
    /// A budget above so many yuan needs a record.
    pub above: Decimal,
    /// Where it comes from.
    pub law: Vec<Citation>,
}

/// Phrases that make a finding when all of them stand in one sentence.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct PhraseGroup {
    /// All of these.
    pub all: Vec<Phrase>,
    /// One of these in the sentence lifts this group.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub unless: Vec<Phrase>,
}

/// A name, such as that of a certificate, which stands in a condition of another kind as well.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Repeats {
    /// The other kind.
    pub of: ConditionKind,
    /// How such a name ends: `许可证`.
    pub endings: Vec<String>,
    /// Words before the name that do not belong to it: `具有`. Punctuation never does.
    pub leads: Vec<String>,
    /// Names of fewer characters say too little.
    pub least: usize,
}

/// One rule.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ConditionRule {
    /// Its id, unique in the file.
    pub id: String,
    /// The laws under which it holds.
    pub regimes: Vec<Regime>,
    /// The subjects for which it holds.
    pub subjects: Vec<Subject>,
    /// The kinds of condition it looks at.
    pub kinds: Vec<ConditionKind>,
    /// Error: the law forbids it. Warning: a person must judge.
    pub severity: Severity,
    /// What forbids it.
    pub law: Vec<Citation>,
    /// A finding is made where the phrases of any of these stand in one sentence.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub any: Vec<PhraseGroup>,
    /// A finding is made where a name of another kind of condition is repeated.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub repeats: Option<Repeats>,
    /// One of these in the sentence lifts the rule.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub unless: Vec<Phrase>,
    /// One of these anywhere in the condition lifts the rule.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub unless_in_condition: Vec<Phrase>,
    /// What is wrong and what to change.
    pub text: Text,
}

/// The rules of a review. The embedded ones are [`ConditionRules::embedded`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ConditionRules {
    /// Always `conclave.conditions_rules/1`.
    pub format: ConditionRulesFormat,
    /// What the rules are called.
    pub name: String,
    /// Which edition of them, such as the day of the laws' state.
    pub edition: String,
    /// From which amounts on a review record is required.
    pub thresholds: Vec<Threshold>,
    /// Lists of words that phrases name with `<name>`.
    #[serde(default)]
    pub words: BTreeMap<String, Vec<String>>,
    /// One of these in a sentence lifts every rule: it forbids, or defines, instead of asking.
    #[serde(default)]
    pub unless: Vec<Phrase>,
    /// The rules.
    pub rules: Vec<ConditionRule>,
}

/// Which rules were applied.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RulesUsed {
    /// Their name.
    pub name: String,
    /// Their edition.
    pub edition: String,
}

impl ConditionRules {
    /// The rules that come with the program: those of the People's Republic of China.
    pub fn embedded() -> Self {
        Self::parse(CN.as_bytes()).expect("the embedded rules are read by a test")
    }

    /// Reads rules strictly, like [`super::Conditions::parse`].
    ///
    /// # Errors
    /// [`ConditionsError`], with the JSON path of the first fault.
    pub fn parse(bytes: &[u8]) -> Result<Self, ConditionsError> {
        let rules: Self = read(bytes, MAX_CONDITION_RULES_BYTES)?;
        rules.check()?;
        Ok(rules)
    }

    /// The JSON Schema of rules.
    pub fn schema() -> schemars::Schema {
        schemars::schema_for!(Self)
    }

    /// Which rules these are.
    pub fn used(&self) -> RulesUsed {
        RulesUsed {
            name: self.name.clone(),
            edition: self.edition.clone(),
        }
    }

    /// The lists of words as they are compared.
    pub(crate) fn words(&self) -> Words {
        let list = |words: &Vec<String>| words.iter().map(|word| Word::of(word)).collect();
        let lists = self.words.iter();
        lists.map(|(name, words)| (name.clone(), list(words))).collect()
    }

    fn check(&self) -> Result<(), ConditionsError> {
        check_name(&self.name, "name")?;
        check_name(&self.edition, "edition")?;
        if self.rules.len() > MAX_RULES {
            let message = format!("a file has at most {MAX_RULES} rules");
            return Err(ConditionsError::at("rules", message));
        }
        for (name, words) in &self.words {
            if words.is_empty() || words.iter().any(|word| plain(word).is_empty()) {
                let message = "a list of words has words, none of them blank";
                return Err(ConditionsError::at(format!("words.{name}"), message));
            }
        }
        for (index, threshold) in self.thresholds.iter().enumerate() {
            check_law(&threshold.law, &format!("thresholds[{index}]"))?;
        }
        self.check_lists(&self.unless, "unless")?;
        let mut ids = BTreeSet::new();
        for (index, rule) in self.rules.iter().enumerate() {
            let at = format!("rules[{index}]");
            check_name(&rule.id, &format!("{at}.id"))?;
            if !ids.insert(rule.id.as_str()) {
                let message = format!("the id `{}` stands there twice", rule.id);
                return Err(ConditionsError::at(format!("{at}.id"), message));
            }
            self.check_rule(rule, &at)?;
        }
        Ok(())
    }

    fn check_rule(&self, rule: &ConditionRule, at: &str) -> Result<(), ConditionsError> {
        check_law(&rule.law, at)?;
        if rule.text.zh.trim().is_empty() || rule.text.en.trim().is_empty() {
            return Err(ConditionsError::at(format!("{at}.text"), "neither text is blank"));
        }
        if rule.regimes.is_empty() || rule.subjects.is_empty() || rule.kinds.is_empty() {
            let message = "a rule holds under a regime, for a subject and for a kind of condition";
            return Err(ConditionsError::at(at, message));
        }
        if rule.any.is_empty() == rule.repeats.is_none() {
            let message = "a rule has either `any`, with phrases, or `repeats`";
            return Err(ConditionsError::at(at, message));
        }
        self.check_lists(&rule.unless, &format!("{at}.unless"))?;
        self.check_lists(&rule.unless_in_condition, &format!("{at}.unless_in_condition"))?;
        for (index, group) in rule.any.iter().enumerate() {
            let at = format!("{at}.any[{index}]");
            if group.all.is_empty() {
                return Err(ConditionsError::at(format!("{at}.all"), "a group has phrases"));
            }
            self.check_lists(&group.all, &format!("{at}.all"))?;
            self.check_lists(&group.unless, &format!("{at}.unless"))?;
        }
        if let Some(repeats) = &rule.repeats {
            let blank = |words: &[String]| words.iter().any(|word| plain(word).is_empty());
            let (endings, leads) = (&repeats.endings, &repeats.leads);
            if endings.is_empty() || blank(endings) || blank(leads) || repeats.least == 0 {
                let message = "endings, none of them or of the leads blank, and at least one character";
                return Err(ConditionsError::at(format!("{at}.repeats"), message));
            }
        }
        Ok(())
    }

    fn check_lists(&self, phrases: &[Phrase], at: &str) -> Result<(), ConditionsError> {
        for (index, phrase) in phrases.iter().enumerate() {
            if let Some(name) = phrase.lists().find(|name| !self.words.contains_key(*name)) {
                let message = format!("there is no list of words `{name}`");
                return Err(ConditionsError::at(format!("{at}[{index}]"), message));
            }
        }
        Ok(())
    }
}

fn check_law(law: &[Citation], at: &str) -> Result<(), ConditionsError> {
    if law.is_empty() || law.iter().any(|citation| citation.law.trim().is_empty()) {
        return Err(ConditionsError::at(
            format!("{at}.law"),
            "it says where it comes from",
        ));
    }
    Ok(())
}
