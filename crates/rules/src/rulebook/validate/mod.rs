//! Checks of a rulebook: that it hangs together (`RB-*`) and that its regime allows it (law ids).

mod criteria;
mod law;
mod method;
mod settings;
mod stages;

use super::Rulebook;
use crate::finding::{Finding, Severity};
use crate::text::Text;

/// The longest reason a rulebook may allow, bytes.
const MOST_REASON_BYTES: u32 = 16_384;

impl Rulebook {
    /// Everything that is wrong with the rulebook, in the order of its fields. Empty, or warnings only:
    /// it may be used. A rulebook with an error is refused by [`evaluate`](crate::evaluate).
    pub fn validate(&self) -> Vec<Finding> {
        let mut findings = Vec::new();
        basics(self, &mut findings);
        stages::check(self, &mut findings);
        criteria::check(self, &mut findings);
        method::check(self, &mut findings);
        law::check(self, &mut findings);
        findings
    }

    /// Only the errors of [`Rulebook::validate`].
    pub fn errors(&self) -> Vec<Finding> {
        let mut findings = self.validate();
        findings.retain(|finding| finding.severity == Severity::Error);
        findings
    }
}

fn basics(rulebook: &Rulebook, findings: &mut Vec<Finding>) {
    if rulebook.version == 0 {
        findings.push(Finding::error(
            "RB-1",
            "version",
            "版本号从 1 起。",
            "Versions count from 1.",
        ));
    }
    check_text(&rulebook.lot.name, "lot.name", findings);
    let currency = rulebook.currency.as_bytes();
    if currency.len() != 3 || !currency.iter().all(u8::is_ascii_uppercase) {
        findings.push(Finding::error(
            "RB-1",
            "currency",
            "币种须为三个大写字母（ISO 4217）。",
            "The currency is three capital letters (ISO 4217).",
        ));
    }
    for (at, amount) in [("budget", &rulebook.budget), ("ceiling", &rulebook.ceiling)] {
        if amount.as_ref().is_some_and(|a| !a.exact().is_positive()) {
            findings.push(Finding::error(
                "RB-1",
                at,
                "金额须大于零。",
                "The amount must be above zero.",
            ));
        }
    }
    if let Some(abnormal) = &rulebook.abnormal
        && (abnormal.notice.exact().is_negative() || abnormal.notice > abnormal.warning)
    {
        findings.push(Finding::error(
            "RB-1",
            "abnormal",
            "提示线不得为负，且不得高于警示线。",
            "The notice threshold is not negative and not above that of the warning.",
        ));
    }
    let reason = rulebook.limits.reason_max_bytes;
    if !(1..=MOST_REASON_BYTES).contains(&reason) {
        findings.push(Finding::error(
            "RB-1",
            "limits.reason_max_bytes",
            format!("理由长度上限须在 1 至 {MOST_REASON_BYTES} 字节之间。"),
            format!("The reason limit lies between 1 and {MOST_REASON_BYTES} bytes."),
        ));
    }
}

fn check_text(text: &Text, at: &str, findings: &mut Vec<Finding>) {
    if text.zh.trim().is_empty() || text.en.trim().is_empty() {
        findings.push(Finding::error(
            "RB-1",
            at,
            "中文和英文均不得为空。",
            "Neither language may be empty.",
        ));
    }
}
