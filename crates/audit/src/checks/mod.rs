//! Every check, one a file. A check states its purpose, pushes findings that name the act or the object, and leaves
//! to others what is theirs, so that each has faults which only it finds.

mod act_commitment;
mod act_form;
mod act_signature;
mod archive_final;
mod attachment_opening;
mod blob_present;
mod certificate_chain;
mod checkpoint_cosignatures;
mod checkpoint_history;
mod checkpoint_log;
mod deadline_window;
mod entry_sequence;
mod origin_anchors;
mod package_canonical;
mod package_manifest;
mod part_key;
mod personal_signature;
mod register_inclusion;
mod replay;
mod result;
mod round_sheets;
mod time_cosigned;
mod time_order;
mod tree_root;

use crate::context::Context;
use crate::report::{CheckOutcome, CheckResult, Finding, PersonalSignatures, Report, Severity, Verdict};
use std::collections::BTreeSet;

/// Whether a check could be made at all.
pub(crate) enum Applied {
    /// It was made.
    Done,
    /// There was nothing to check, or an earlier fault is in the way.
    Not(&'static str),
}

/// Findings of the check that runs.
pub(crate) struct Findings {
    check: &'static str,
    list: Vec<Finding>,
    /// What `personal.signature` counts.
    personal: PersonalSignatures,
}

impl Findings {
    fn push(
        &mut self,
        severity: Severity,
        index: Option<u64>,
        object: Option<String>,
        detail: impl Into<String>,
    ) {
        let check = self.check.to_owned();
        self.list.push(Finding {
            check,
            severity,
            index,
            object,
            detail: detail.into(),
        });
    }

    /// An error about an act.
    fn act(&mut self, index: u64, detail: impl Into<String>) {
        self.push(Severity::Error, Some(index), None, detail);
    }

    /// An error about an object, a file of the package as a rule.
    fn object(&mut self, object: impl Into<String>, detail: impl Into<String>) {
        self.push(Severity::Error, None, Some(object.into()), detail);
    }

    /// An error about an act and an object.
    fn both(&mut self, index: u64, object: impl Into<String>, detail: impl Into<String>) {
        self.push(Severity::Error, Some(index), Some(object.into()), detail);
    }

    /// A note.
    fn note(&mut self, index: Option<u64>, object: Option<String>, detail: impl Into<String>) {
        self.push(Severity::Note, index, object, detail);
    }
}

/// A check.
struct Check {
    name: &'static str,
    zh: &'static str,
    en: &'static str,
    run: fn(&Context<'_>, &mut Findings) -> Applied,
}

macro_rules! checks {
    ($($name:literal, $file:ident, $zh:literal, $en:literal;)*) => {
        const ALL: &[Check] = &[$(Check { name: $name, zh: $zh, en: $en, run: $file::run },)*];
    };
}

checks! {
    "package.canonical", package_canonical, "归档包为唯一规范编码，无夹带空间", "The tar is the one canonical encoding, without slack";
    "package.manifest", package_manifest, "清单与文件逐一相符，不多不少", "The manifest and the files are the same, none missing, none extra";
    "entry.sequence", entry_sequence, "行为按序号连续且属于本记录", "Entries are numbered without a gap and of this record";
    "act.form", act_form, "行为格式严格规范", "Every act is strict and canonical in form";
    "act.signature", act_signature, "行为签名由行为人作出", "Every act is signed by its actor";
    "act.commitment", act_commitment, "行为正文与承诺、标头一致", "Every body belongs to its commitment and header";
    "attachment.opening", attachment_opening, "附件与承诺一致", "Every opened attachment belongs to its commitment";
    "tree.root", tree_root, "全部行为的根与最终检查点一致", "The root over all leaves is the final checkpoint's";
    "checkpoint.log", checkpoint_log, "最终检查点由中心日志密钥签名", "The final checkpoint is signed by the log key";
    "checkpoint.cosignatures", checkpoint_cosignatures, "最终检查点经足够见证节点会签", "Enough distinct log witnesses, one of them outside, cosigned the final checkpoint";
    "checkpoint.history", checkpoint_history, "历次检查点均为同一记录的前段", "Every earlier checkpoint is signed, cosigned and a beginning of this record";
    "time.order", time_order, "中心时间不倒退", "The centre's time never goes back";
    "time.cosigned", time_cosigned, "见证时间与中心时间相符", "Witnesses' times agree with the centre's";
    "origin.anchors", origin_anchors, "首个行为与本地信任锚一致", "The first act names the centre and witnesses of the anchors";
    "certificate.chain", certificate_chain, "角色与评标仓证书由受信机构签发", "Certificates of roles and booths lead to the anchors";
    "replay", replay, "逐一重放，规则均被遵守", "Every act is allowed by the acts before it";
    "blob.present", blob_present, "行为所指文件齐全且未改动", "Every blob an act names is there, or external and allowed to be";
    "personal.signature", personal_signature, "本人签名真实，一人一签到号", "Personal signatures hold; one person, one ticket";
    "part.key", part_key, "投标文件可由公开密钥解开且与记录一致", "Opened parts decrypt to what the record says";
    "deadline.window", deadline_window, "截止时间由见证节点及时证明", "Witnesses saw the deadline in time, or the opening was allowed";
    "round.sheets", round_sheets, "评分表开启情况", "Faults of opened sheets are named";
    "result", result, "汇总结果可重新计算", "The result is what is recomputed";
    "archive.final", archive_final, "归档行为封闭全部记录与文件", "The archiving is the last act and closes the record and its files";
    "register.inclusion", register_inclusion, "登记簿载有本记录的开始与结束", "The register holds the record's beginning and end";
}

/// What a check holds; `None` for a name that is no check's.
pub fn purpose(name: &str) -> Option<rules::Text> {
    let check = ALL.iter().find(|check| check.name == name)?;
    Some(rules::Text::new(check.zh, check.en))
}

/// Which checks are made.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Checks {
    off: BTreeSet<&'static str>,
}

/// A name that is no check.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("there is no check {0:?}")]
pub struct UnknownCheck(pub String);

impl Checks {
    /// All of them.
    pub fn all() -> Checks {
        Checks::default()
    }

    /// All but one.
    ///
    /// # Errors
    /// [`UnknownCheck`].
    pub fn without(name: &str) -> Result<Checks, UnknownCheck> {
        Checks::all().and_without(name)
    }

    /// These but one more.
    ///
    /// # Errors
    /// [`UnknownCheck`].
    pub fn and_without(mut self, name: &str) -> Result<Checks, UnknownCheck> {
        let known = ALL.iter().find(|check| check.name == name);
        self.off
            .insert(known.ok_or_else(|| UnknownCheck(name.to_owned()))?.name);
        Ok(self)
    }

    /// The names of all checks, in the order in which they are made.
    pub fn names() -> impl Iterator<Item = &'static str> {
        ALL.iter().map(|check| check.name)
    }
}

pub(crate) fn run(context: &Context<'_>, checks: &Checks) -> Report {
    let mut results = Vec::with_capacity(ALL.len());
    let mut findings = Vec::new();
    let mut personal = PersonalSignatures::default();
    for check in ALL {
        let mut found = Findings {
            check: check.name,
            list: Vec::new(),
            personal,
        };
        let outcome = if checks.off.contains(check.name) {
            CheckOutcome::Off
        } else {
            let applied = (check.run)(context, &mut found);
            let failed = found
                .list
                .iter()
                .any(|finding| finding.severity == Severity::Error);
            match applied {
                _ if failed => CheckOutcome::Failed,
                Applied::Done => CheckOutcome::Passed,
                Applied::Not(reason) => CheckOutcome::NotApplicable(reason.to_owned()),
            }
        };
        let entries: BTreeSet<u64> = found.list.iter().filter_map(|finding| finding.index).collect();
        results.push(CheckResult {
            name: check.name.to_owned(),
            purpose: rules::Text::new(check.zh, check.en),
            outcome,
            entries: entries.into_iter().collect(),
        });
        findings.extend(found.list);
        personal = found.personal;
    }
    let failed = findings.iter().any(|finding| finding.severity == Severity::Error);
    let all = checks.off.is_empty();
    let mut report = Report::of(verdict(context, failed, all), Some(context.package.profile()));
    report.origin = Some(context.package.manifest().origin.to_string());
    report.entries = context.slots.len() as u64;
    report.replayed = context.replayed();
    report.finished = context.finished();
    report.development = context
        .created
        .as_ref()
        .is_some_and(|created| created.development);
    if let Some(ended) = context.ended() {
        report.end(ended.text());
    }
    report.personal = personal;
    report.checks = results;
    report.findings = findings;
    report
}

fn verdict(context: &Context<'_>, failed: bool, all: bool) -> Verdict {
    match () {
        // A replay that ends early is some check's finding; should none have made it, the record is not sound either.
        () if all && context.is_full() && !context.replayed() => Verdict::NotSound,
        () if failed => Verdict::NotSound,
        () if context.anchors.is_none() => Verdict::OriginNotEstablished,
        () if !context.finished() => Verdict::Unfinished,
        () => Verdict::Sound,
    }
}
