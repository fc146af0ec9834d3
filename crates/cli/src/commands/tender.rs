//! `conclave tender check`: reads a tender package as a set-up would, and says all that is wrong with it.

use super::Fault;
use clap::Subcommand;
use client::tender_package::{Deadline, PackageFinding, Severity, TenderPackage};
use std::path::PathBuf;
use std::process::ExitCode;

#[derive(Subcommand)]
pub(crate) enum Tender {
    /// Checks a tender package: 0 can be used, 1 can't, each finding with its file and place.
    Check {
        /// The folder.
        folder: PathBuf,
        /// Findings as JSON.
        #[arg(long)]
        json: bool,
        /// Language of the findings.
        #[arg(long, value_enum, default_value_t = Language::Zh)]
        language: Language,
    },
}

/// Language of a text.
#[derive(Clone, Copy, clap::ValueEnum)]
pub(crate) enum Language {
    /// Chinese.
    Zh,
    /// English.
    En,
}

impl Tender {
    pub(crate) fn run(self) -> Result<ExitCode, Fault> {
        let Tender::Check {
            folder,
            json,
            language,
        } = self;
        let read = TenderPackage::read(&folder);
        let findings = match &read {
            Ok(package) => &package.warnings,
            Err(findings) => findings,
        };
        if json {
            let text = serde_json::to_string_pretty(findings).map_err(|e| Fault::Other(e.to_string()))?;
            println!("{text}");
        } else {
            findings
                .iter()
                .for_each(|finding| println!("{}", line(finding, language)));
            match &read {
                Ok(package) => println!("{}", summary(package, language)),
                Err(_) => println!(
                    "{}",
                    match language {
                        Language::Zh => "不能使用：请改正后再检查。没有写入任何记录。",
                        Language::En => "can't be used: correct it and check again. Nothing was written.",
                    }
                ),
            }
        }
        Ok(if read.is_ok() {
            ExitCode::SUCCESS
        } else {
            ExitCode::from(1)
        })
    }
}

fn line(finding: &PackageFinding, language: Language) -> String {
    let (weight, text) = match (language, finding.severity) {
        (Language::Zh, Severity::Error) => ("错误", &finding.text.zh),
        (Language::Zh, Severity::Warning) => ("提醒", &finding.text.zh),
        (Language::En, Severity::Error) => ("error  ", &finding.text.en),
        (Language::En, Severity::Warning) => ("warning", &finding.text.en),
    };
    let place: Vec<&str> = [finding.file.as_str(), finding.at.as_str(), finding.rule.as_str()]
        .into_iter()
        .filter(|part| !part.is_empty())
        .collect();
    format!("{weight}  {}  {text}", place.join(" "))
}

fn summary(package: &TenderPackage, language: Language) -> String {
    let (documents, sites) = (package.tender.documents.len(), package.sites.sites.len());
    let booths: usize = package.sites.sites.iter().map(|site| site.booths.len()).sum();
    let rehearsal = matches!(package.policy.deadline(), Some(Deadline::After(_)));
    match language {
        Language::Zh => format!(
            "可以使用：{}，招标文件 {documents} 份，场所 {sites} 个，评标仓 {booths} 个{}",
            package.tender.title.zh,
            if rehearsal { "，只供演练" } else { "" }
        ),
        Language::En => format!(
            "can be used: {}, {documents} documents, {sites} sites, {booths} booths{}",
            package.tender.title.en,
            if rehearsal { ", for rehearsals only" } else { "" }
        ),
    }
}
