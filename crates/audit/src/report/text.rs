use super::{CheckOutcome, Finding, Report, Severity};
use crate::package::Profile;
use evaluation::Language;
use std::fmt::Write as _;

/// Longest list of acts on one line.
const SHOWN_ENTRIES: usize = 12;

fn word<'a>(language: Language, zh: &'a str, en: &'a str) -> &'a str {
    match language {
        Language::ZhCn => zh,
        Language::En => en,
    }
}

impl Report {
    /// The report for people: verdict, checks, findings. Plain text, a newline at the end.
    pub fn text(&self, language: Language) -> String {
        let mut out = String::new();
        // Writing to a string can't fail.
        let _ = self.write(&mut out, language);
        out
    }

    fn write(&self, out: &mut String, language: Language) -> std::fmt::Result {
        fn of<'a>(language: Language) -> impl Fn(&'a str, &'a str) -> &'a str {
            move |zh, en| word(language, zh, en)
        }
        let w = of(language);
        let sentence = match language {
            Language::ZhCn => &self.sentence.zh,
            Language::En => &self.sentence.en,
        };
        writeln!(out, "{} [{}]", sentence, self.code)?;
        if let Some(fault) = &self.unusable {
            return writeln!(out, "{}: {fault}", w("原因", "reason"));
        }
        if let Some(origin) = &self.origin {
            writeln!(out, "{}: {origin}", w("存证记录", "record"))?;
        }
        let profile = match self.profile {
            Some(Profile::Public) => w("公开版", "public"),
            _ => w("完整版", "full"),
        };
        let yes = |is: bool| if is { w("是", "yes") } else { w("否", "no") };
        writeln!(out, "{}: {profile}", w("归档包类型", "profile"))?;
        writeln!(out, "{}: {}", w("行为数", "acts"), self.entries)?;
        writeln!(out, "{}: {}", w("已重放", "replayed"), yes(self.replayed))?;
        writeln!(out, "{}: {}", w("已归档", "archived"), yes(self.finished))?;
        if let Some(ground) = &self.ended {
            let ground = w(&ground.zh, &ground.en);
            writeln!(out, "{}: {ground}", w("终止评标", "ended without a result"))?;
        }
        let personal = self.personal;
        writeln!(
            out,
            "{}: {} {}, {} {}",
            w("本人签名", "personal signatures"),
            w("已核验", "verified"),
            personal.verified,
            w("保管中未开启", "under custody and not opened"),
            personal.under_custody,
        )?;
        if self.development {
            writeln!(
                out,
                "{}",
                w(
                    "注意：本记录使用开发密钥。",
                    "Note: this record uses DEVELOPMENT keys."
                )
            )?;
        }
        writeln!(out, "\n{}", w("核验项", "Checks"))?;
        for check in &self.checks {
            let purpose = match language {
                Language::ZhCn => &check.purpose.zh,
                Language::En => &check.purpose.en,
            };
            let outcome = match &check.outcome {
                CheckOutcome::Passed => w("通过", "passed").to_owned(),
                CheckOutcome::Failed => w("不通过", "FAILED").to_owned(),
                CheckOutcome::NotApplicable(reason) => {
                    format!("{} ({reason})", w("不适用", "not applicable"))
                }
                CheckOutcome::Off => w("未执行（已关闭）", "switched off").to_owned(),
            };
            writeln!(
                out,
                "  {:<24} {outcome}{}  {purpose}",
                check.name,
                entries(&check.entries)
            )?;
        }
        if !self.findings.is_empty() {
            writeln!(out, "\n{}", w("核验发现", "Findings"))?;
        }
        self.findings
            .iter()
            .try_for_each(|finding| write_finding(out, finding, language))
    }
}

fn write_finding(out: &mut String, finding: &Finding, language: Language) -> std::fmt::Result {
    let severity = match finding.severity {
        Severity::Error => word(language, "错误", "error"),
        Severity::Note => word(language, "提示", "note"),
    };
    write!(out, "  [{severity}] {}", finding.check)?;
    if let Some(index) = finding.index {
        write!(out, " #{index}")?;
    }
    if let Some(object) = &finding.object {
        write!(out, " {object}")?;
    }
    writeln!(out, ": {}", finding.detail)
}

fn entries(entries: &[u64]) -> String {
    if entries.is_empty() {
        return String::new();
    }
    let shown: Vec<String> = entries.iter().take(SHOWN_ENTRIES).map(u64::to_string).collect();
    let more = if entries.len() > SHOWN_ENTRIES { " …" } else { "" };
    format!(" #{}{more}", shown.join(", "))
}
