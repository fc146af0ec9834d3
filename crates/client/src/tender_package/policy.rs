//! `policy.json`: how this evaluation is run.

use super::finding::Findings;
use evaluation::CodeName;
use record::Millis;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

const FORMAT: &str = "conclave.policy/1";

/// The policy.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Policy {
    /// `conclave.policy/1`.
    pub format: String,
    /// End of submission, RFC 3339 with offset.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    deadline: Option<String>,
    /// In place of `deadline`: seconds from the first act, for rehearsals.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    deadline_after_seconds: Option<u64>,
    /// t: how many holders open together, 2 to 16.
    pub threshold: u8,
    /// w: how many log witnesses must cosign, 2 to 15.
    pub log_witness_quorum: u8,
    /// How long bidders have to give their halves (OPEN-2), seconds.
    pub unlock_window_seconds: u32,
    /// Planned length of a round, seconds.
    #[serde(default = "round_length")]
    pub round_length_seconds: u32,
    /// How often a booth keeps a snapshot of its drafts at the centre, seconds.
    pub draft_cadence_seconds: u32,
    /// Code names to draw from, 3 to 64.
    pub code_names: Vec<String>,
}

fn round_length() -> u32 {
    14_400
}

/// When bids are due.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Deadline {
    /// Centre time.
    At(Millis),
    /// After the first act: rehearsals.
    After(Millis),
}

impl Policy {
    /// When bids are due; `None` when the policy says it in no way or in two.
    pub fn deadline(&self) -> Option<Deadline> {
        match (&self.deadline, self.deadline_after_seconds) {
            (Some(text), None) => instant(text).map(Deadline::At),
            (None, Some(seconds @ 1..)) => seconds.checked_mul(1000).map(Deadline::After),
            _ => None,
        }
    }

    pub(super) fn check(&self, file: &str, found: &mut Findings) {
        if self.format != FORMAT {
            found.error(
                file,
                "format",
                format!("格式号不是 {FORMAT}：本软件读不了别的版本。"),
                format!("is not {FORMAT}: this software reads no other version."),
            );
        }
        if self.deadline().is_none() {
            found.error(
                file,
                "deadline",
                "须写明截止时间：deadline 带时区（如 2026-03-02T09:30:00+08:00），精确到毫秒为止；演练可改写 deadline_after_seconds，二者只取其一。",
                "needs one end of submission: `deadline` with its offset, such as 2026-03-02T09:30:00+08:00, whole milliseconds; or, for rehearsals, `deadline_after_seconds`; never both.",
            );
        } else if self.deadline_after_seconds.is_some() {
            found.warning(
                file,
                "deadline_after_seconds",
                "截止时间从建立记录起算：只供演练，正式项目请写 deadline。",
                "the deadline counts from the first act: for rehearsals only, a real tender has `deadline`.",
            );
        }
        for (at, value, least, most) in [
            ("threshold", u32::from(self.threshold), 2, 16),
            ("log_witness_quorum", u32::from(self.log_witness_quorum), 2, 15),
            ("unlock_window_seconds", self.unlock_window_seconds, 1, u32::MAX),
            ("round_length_seconds", self.round_length_seconds, 1, u32::MAX),
            ("draft_cadence_seconds", self.draft_cadence_seconds, 1, u32::MAX),
        ] {
            if !(least..=most).contains(&value) {
                found.error(
                    file,
                    at,
                    format!("现为 {value}，须为 {least} 至 {most}。"),
                    format!("is {value}, must be {least} to {most}."),
                );
            }
        }
        self.check_code_names(file, found);
    }

    fn check_code_names(&self, file: &str, found: &mut Findings) {
        let count = self.code_names.len();
        if !(3..=64).contains(&count) {
            found.error(
                file,
                "code_names",
                format!("代号现有 {count} 个，须 3 至 64 个，且不少于评委人数。"),
                format!("has {count} code names, must have 3 to 64, and one a member at least."),
            );
        }
        let mut known = BTreeSet::new();
        for (place, name) in self.code_names.iter().enumerate() {
            let at = format!("code_names[{place}]");
            if CodeName::new(name.as_str()).is_none() {
                found.error(
                    file,
                    at,
                    format!("代号须为 1 至 {} 字节，不含斜杠和控制字符。", CodeName::MAX),
                    format!(
                        "a code name has 1 to {} bytes, no slash, no control character.",
                        CodeName::MAX
                    ),
                );
            } else if !known.insert(name) {
                found.error(file, at, "代号重复。", "the code name stands there twice.");
            }
        }
    }
}

/// Milliseconds since the Unix epoch of an RFC 3339 time; `None` for one finer than a millisecond or before 1970.
fn instant(text: &str) -> Option<Millis> {
    let at = OffsetDateTime::parse(text, &Rfc3339).ok()?;
    let nanoseconds = at.unix_timestamp_nanos();
    (nanoseconds % 1_000_000 == 0)
        .then(|| Millis::try_from(nanoseconds / 1_000_000).ok())
        .flatten()
}

#[cfg(test)]
mod tests {
    use super::instant;

    #[test]
    fn instants_keep_offset_and_milliseconds() {
        assert_eq!(instant("1970-01-01T08:00:00+08:00"), Some(0));
        assert_eq!(instant("2026-03-02T09:30:00.250+08:00"), Some(1_772_415_000_250));
        assert_eq!(instant("2026-03-02T09:30:00"), None, "no offset");
        assert_eq!(
            instant("2026-03-02T09:30:00.2505Z"),
            None,
            "finer than a millisecond"
        );
        assert_eq!(instant("2026-02-30T09:30:00Z"), None, "no such day");
        assert_eq!(instant("1969-12-31T23:59:59Z"), None, "before the epoch");
    }
}
