//! A scenario from folders: a tender package, bids, and what the people will find.

use super::cast::{BidderScript, MemberScript, Scenario};
use super::{Pace, QualificationPlan, SheetScript, Trouble};
use crate::error::ClientError;
use crate::tender_package::{PackageFinding, Sites, TenderPackage};
use evaluation::acts::setup::SiteEnrolled;
use evaluation::{CodeName, Role, SiteId};
use record::Millis;
use serde_json::Value;
use std::collections::BTreeMap;
use std::num::NonZeroU32;
use std::path::Path;

/// Names of the sample's committee: plainly invented, and so easy to search for where they must not be.
const NAMES: [&str; 5] = [
    "评委示例甲",
    "评委示例乙",
    "评委示例丙",
    "评委示例丁",
    "评委示例戊",
];

fn read(path: &Path) -> Result<Vec<u8>, ClientError> {
    std::fs::read(path).map_err(|e| ClientError::Format(format!("{}: {e}", path.display())))
}

fn json(path: &Path) -> Result<Value, ClientError> {
    serde_json::from_slice(&read(path)?).map_err(|e| ClientError::Format(format!("{}: {e}", path.display())))
}

fn text(value: &Value, at: &str) -> Result<String, ClientError> {
    value[at]
        .as_str()
        .map(str::to_owned)
        .ok_or_else(|| ClientError::Format(format!("{at} is missing")))
}

impl Scenario {
    /// The sample package: four bids, five members, one of them the purchaser's representative, at three sites.
    ///
    /// # Errors
    /// Files that are missing or not of their format.
    pub fn from_sample(folder: &Path, deadline: Millis, iterations: NonZeroU32) -> Result<Self, ClientError> {
        let package = TenderPackage::read(&folder.join("tender")).map_err(|found| refused(&found))?;
        let documents = package.tender.documents.iter().map(|line| {
            let place = folder.join("tender").join(&line.file);
            let bytes = std::fs::read(&place)
                .map_err(|e| ClientError::Format(format!("{}: {e}", place.display())))?;
            Ok((line.file.clone(), bytes))
        });
        let documents = documents.collect::<Result<Vec<_>, ClientError>>()?;
        let scores = json(&folder.join("scores.json"))?;
        let codes = codes(folder)?;
        let policy = &package.policy;
        let milliseconds = |seconds: u32| Millis::from(seconds) * 1000;
        Ok(Self {
            deadline,
            threshold: policy.threshold,
            quorum: policy.log_witness_quorum,
            further_witnesses: Vec::new(),
            unlock_window: milliseconds(policy.unlock_window_seconds),
            round_length: milliseconds(policy.round_length_seconds),
            suspension: None,
            pace: Pace {
                cadence: milliseconds(policy.draft_cadence_seconds),
                ..Pace::default()
            },
            code_names: policy.code_names.iter().filter_map(CodeName::new).collect(),
            sites: sites(&package.sites)?,
            rulebook: package.rulebook_bytes,
            tender: package.tender_bytes,
            documents,
            members: members(&scores, &codes)?,
            bidders: bidders(folder, &codes)?,
            qualification: qualification(&scores, &codes),
            prices: BTreeMap::new(),
            iterations,
        })
    }
}

/// Identity code of each bid of the sample.
fn codes(folder: &Path) -> Result<BTreeMap<String, String>, ClientError> {
    let mut codes = BTreeMap::new();
    for bid in ["A", "B", "C", "D"] {
        let statement = json(&folder.join(format!("bids/{bid}/opening.statement.json")))?;
        codes.insert(bid.to_owned(), text(&statement["identity"], "code")?);
    }
    Ok(codes)
}

fn sites(package: &Sites) -> Result<Vec<(SiteEnrolled, Vec<String>)>, ClientError> {
    let enrolled = package.sites.iter().map(|line| {
        let site = SiteId::new(line.site.as_str());
        let site = site.ok_or_else(|| ClientError::Format(format!("site {}", line.site)))?;
        let enrolled = SiteEnrolled {
            site,
            host: line.host,
            organisation: line.organisation.clone(),
        };
        Ok((enrolled, line.booths.clone()))
    });
    enrolled.collect()
}

fn refused(found: &[PackageFinding]) -> ClientError {
    let lines = found
        .iter()
        .map(|finding| format!("{} {}: {}", finding.file, finding.at, finding.text.en));
    ClientError::Format(lines.collect::<Vec<_>>().join("; "))
}

fn members(scores: &Value, codes: &BTreeMap<String, String>) -> Result<Vec<MemberScript>, ClientError> {
    // Two members at the host site, two at the first guest site, one at the second.
    let places = ["host", "guest-a", "guest-b", "guest-a", "host"];
    let mut members = Vec::new();
    for (place, member) in scores["members"].as_array().into_iter().flatten().enumerate() {
        let line = text(member, "line")?;
        let representative = member["role"] == "tenderer_representative";
        let site = places.get(place).and_then(|site| SiteId::new(*site));
        members.push(MemberScript {
            name: NAMES.get(place).copied().unwrap_or("评委示例").to_owned(),
            role: if representative {
                Role::TendererRepresentative
            } else {
                Role::Expert
            },
            specialty: text(member, "speciality")?,
            site: site.ok_or_else(|| ClientError::Format("site".to_owned()))?,
            script: script(scores, codes, &line),
            dissent: (line == "1")
                .then(|| "投标人 D 的交付期起算方式可以通过澄清解决，不应认定为不符合。".to_owned()),
        });
    }
    Ok(members)
}

/// One member's conformity findings and scores, by identity code.
fn script(scores: &Value, codes: &BTreeMap<String, String>, line: &str) -> SheetScript {
    let mut script = SheetScript::new();
    for (bid, code) in codes {
        for (section, stage, field) in [
            ("conformity", "conformity/1", "verdict"),
            ("scores", "scored/1", "score"),
        ] {
            let criteria = scores[section][bid].as_object().into_iter().flatten();
            let cells = criteria.filter_map(|(criterion, members)| {
                let cell = &members[line];
                let value = cell[field].as_str()?.to_owned();
                Some((
                    criterion.clone(),
                    (value, cell["reason"].as_str().unwrap_or("").to_owned()),
                ))
            });
            script
                .entry(stage.to_owned())
                .or_default()
                .insert(code.clone(), cells.collect());
        }
    }
    script
}

fn qualification(scores: &Value, codes: &BTreeMap<String, String>) -> QualificationPlan {
    let mut plan = QualificationPlan::new();
    for (bid, code) in codes {
        let items = scores["qualification"]["decisions"][bid]
            .as_object()
            .into_iter()
            .flatten();
        let fails = items
            .filter(|(_, item)| item["verdict"] == "fail")
            .map(|(criterion, item)| {
                (
                    criterion.clone(),
                    item["reason"].as_str().unwrap_or("").to_owned(),
                )
            });
        plan.insert(code.clone(), fails.collect());
    }
    plan
}

/// The four bids, B replaced once before the deadline, and a fifth that is withdrawn and must stay shut.
fn bidders(folder: &Path, codes: &BTreeMap<String, String>) -> Result<Vec<BidderScript>, ClientError> {
    let mut bidders = Vec::new();
    for bid in codes.keys() {
        let mut parts = BTreeMap::new();
        for part in ["opening", "qualification", "commercial", "technical", "price"] {
            let base = folder.join("bids").join(bid);
            let files = BTreeMap::from([
                (format!("{part}.pdf"), read(&base.join(format!("{part}.pdf")))?),
                (
                    audit::statement::FILE.to_owned(),
                    read(&base.join(format!("{part}.statement.json")))?,
                ),
            ]);
            parts.insert(part.to_owned(), files);
        }
        let trouble = if bid == "B" {
            Trouble::Replaces
        } else {
            Trouble::None
        };
        bidders.push(BidderScript {
            seat: format!("bidder-{bid}"),
            parts,
            trouble,
        });
    }
    if let Some(first) = bidders.first().cloned() {
        bidders.push(BidderScript {
            seat: "bidder-withdrawn".to_owned(),
            trouble: Trouble::Withdraws,
            ..first
        });
    }
    Ok(bidders)
}
