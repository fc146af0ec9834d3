//! What a verification found: findings, the verdict with its exit code, text for people.

mod text;

use crate::package::{Profile, Unusable};
use evaluation::Language;
use serde::{Deserialize, Serialize};

/// How bad a finding is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// A person should know it; it does not change the verdict.
    Note,
    /// The package is not sound.
    Error,
}

/// One thing that was found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Finding {
    /// Name of the check.
    pub check: String,
    /// How bad it is.
    pub severity: Severity,
    /// Index of the act meant.
    pub index: Option<u64>,
    /// The file of the package, or the object, meant.
    pub object: Option<String>,
    /// What was expected and found.
    pub detail: String,
}

/// What came of a check.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CheckOutcome {
    /// Nothing wrong.
    Passed,
    /// At least one error.
    Failed,
    /// There was nothing to check, or an earlier fault keeps it from being checked; with the reason.
    NotApplicable(String),
    /// Switched off by the caller.
    Off,
}

/// One line of the list of checks.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CheckResult {
    /// Name.
    pub name: String,
    /// What it is for, in Chinese and English.
    pub purpose: rules::Text,
    /// What came of it.
    pub outcome: CheckOutcome,
    /// Indexes of the acts its findings concern, ascending.
    pub entries: Vec<u64>,
}

/// The verdict.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// Everything that can be checked holds, under the given anchors, to the end of the record.
    Sound,
    /// Something contradicts.
    NotSound,
    /// Not a package, or cut off beyond reading.
    Unusable,
    /// Consistent in itself; without anchors nobody knows whose it is.
    OriginNotEstablished,
    /// Sound as far as it goes; the record has no `archived` at its end.
    Unfinished,
}

impl Verdict {
    /// The exit code of `conclave audit verify`.
    pub fn code(self) -> u8 {
        match self {
            Verdict::Sound => 0,
            Verdict::NotSound => 1,
            Verdict::Unusable => 2,
            Verdict::OriginNotEstablished => 3,
            Verdict::Unfinished => 4,
        }
    }

    /// The verdict in a sentence.
    pub fn sentence(self, profile: Option<Profile>, language: Language) -> &'static str {
        let public = profile == Some(Profile::Public);
        match (self, language) {
            (Verdict::Sound, Language::ZhCn) if public => {
                "就已公开部分而言完整可信；未公开部分仅核验签名与存在证明，未重放。"
            }
            (Verdict::Sound, Language::En) if public => {
                "Sound as far as disclosed; of what is withheld only signatures and inclusion were checked, nothing was replayed."
            }
            (Verdict::Sound, Language::ZhCn) => "完整可信：全部签名、记录与结果均已独立核验并重放。",
            (Verdict::Sound, Language::En) => {
                "Sound: every signature, the record and the result were checked and replayed."
            }
            (Verdict::NotSound, Language::ZhCn) => "不可信：存在与记录不符之处，见核验发现。",
            (Verdict::NotSound, Language::En) => {
                "Not sound: something contradicts the record; see the findings."
            }
            (Verdict::Unusable, Language::ZhCn) => "无法使用：不是归档包，或内容残缺无法读取。",
            (Verdict::Unusable, Language::En) => {
                "Unusable: not an archive package, or cut off beyond reading."
            }
            (Verdict::OriginNotEstablished, Language::ZhCn) => {
                "内部一致，但未提供本地信任锚，不能确认出自何方。"
            }
            (Verdict::OriginNotEstablished, Language::En) => {
                "Consistent in itself; without local anchors its origin is not established."
            }
            (Verdict::Unfinished, Language::ZhCn) => "截至所含内容完整可信，但评标记录尚未归档结束。",
            (Verdict::Unfinished, Language::En) => {
                "Sound as far as it goes; the record does not end in its archiving."
            }
        }
    }
}

/// How far personal signatures were checked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct PersonalSignatures {
    /// Opened, and hold.
    pub verified: u64,
    /// In custody, of acts and inside counted sheets: not opened.
    pub under_custody: u64,
    /// Lost in a restore that the record states.
    pub lost: u64,
}

/// The report of a verification.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Report {
    /// The verdict.
    pub verdict: Verdict,
    /// Its exit code.
    pub code: u8,
    /// Its sentence in Chinese and English.
    pub sentence: rules::Text,
    /// Who the package is for; `None` when it is unusable.
    pub profile: Option<Profile>,
    /// The record, in hex; `None` when the package is unusable.
    pub origin: Option<String>,
    /// Number of entries.
    pub entries: u64,
    /// Whether every act was folded again. Never for a public package.
    pub replayed: bool,
    /// Whether the record ends in `archived`.
    pub finished: bool,
    /// The ground on which the evaluation ended without a result.
    pub ended: Option<rules::Text>,
    /// Whether keys of this record are development keys, as its first act says.
    pub development: bool,
    /// How far personal signatures were checked.
    pub personal: PersonalSignatures,
    /// Why the package is unusable.
    pub unusable: Option<String>,
    /// Every check.
    pub checks: Vec<CheckResult>,
    /// Every finding, in order of the checks.
    pub findings: Vec<Finding>,
}

impl Report {
    pub(crate) fn unusable(fault: &Unusable) -> Report {
        let mut report = Report::of(Verdict::Unusable, None);
        report.unusable = Some(fault.to_string());
        report
    }

    /// An empty report of a verdict.
    pub(crate) fn of(verdict: Verdict, profile: Option<Profile>) -> Report {
        let sentence = rules::Text::new(
            verdict.sentence(profile, Language::ZhCn),
            verdict.sentence(profile, Language::En),
        );
        Report {
            verdict,
            code: verdict.code(),
            sentence,
            profile,
            origin: None,
            entries: 0,
            replayed: false,
            finished: false,
            ended: None,
            development: false,
            personal: PersonalSignatures::default(),
            unusable: None,
            checks: Vec::new(),
            findings: Vec::new(),
        }
    }

    /// Says in the sentence of a sound package that there is no result, and why.
    pub(crate) fn end(&mut self, ground: rules::Text) {
        if self.verdict == Verdict::Sound {
            let rules::Text { zh, en } = &self.sentence;
            self.sentence = rules::Text::new(
                format!("{zh}评标依法终止，未产生结果：{}。", ground.zh),
                format!("{en} Ended without a result: {}.", ground.en),
            );
        }
        self.ended = Some(ground);
    }

    /// Findings that make the package not sound.
    pub fn errors(&self) -> impl Iterator<Item = &Finding> {
        self.findings
            .iter()
            .filter(|finding| finding.severity == Severity::Error)
    }

    /// The report as pretty JSON.
    pub fn to_json(&self) -> String {
        serde_json::to_string_pretty(self).expect("strings, numbers and lists always serialise")
    }
}
