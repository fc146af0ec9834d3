//! A scenario from folders: a tender package, bids, and what the people will find.

use super::cast::{BidderScript, MemberScript, Scenario};
use super::{Pace, QualificationPlan, SheetScript, Trouble};
use crate::drafts::DEFAULT_CADENCE;
use crate::error::ClientError;
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
        let tender = folder.join("tender");
        let policy = json(&tender.join("policy.json"))?;
        let scores = json(&folder.join("scores.json"))?;
        let codes = codes(folder)?;
        let names = policy["code_names"].as_array().into_iter().flatten();
        let seconds = |at: &str, otherwise: u64| policy[at].as_u64().unwrap_or(otherwise) * 1000;
        let number = |at: &str, otherwise: u8| {
            policy[at]
                .as_u64()
                .and_then(|n| u8::try_from(n).ok())
                .unwrap_or(otherwise)
        };
        Ok(Self {
            rulebook: read(&tender.join("rulebook.json"))?,
            tender: read(&tender.join("tender.json"))?,
            deadline,
            threshold: number("threshold", 2),
            quorum: number("log_witness_quorum", 2),
            further_witnesses: Vec::new(),
            unlock_window: seconds("unlock_window_seconds", 1800),
            round_length: seconds("round_length_seconds", 14_400),
            pace: Pace {
                cadence: seconds("draft_cadence_seconds", DEFAULT_CADENCE / 1000),
                ..Pace::default()
            },
            code_names: names.filter_map(|name| CodeName::new(name.as_str()?)).collect(),
            sites: sites(&json(&tender.join("sites.json"))?)?,
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

fn sites(value: &Value) -> Result<Vec<(SiteEnrolled, Vec<String>)>, ClientError> {
    let mut sites = Vec::new();
    for site in value["sites"].as_array().into_iter().flatten() {
        let id = SiteId::new(text(site, "site")?).ok_or_else(|| ClientError::Format("site".to_owned()))?;
        let enrolled = SiteEnrolled {
            site: id,
            host: site["host"].as_bool().unwrap_or(false),
            organisation: text(site, "organisation")?,
        };
        let booths = site["booths"].as_array().into_iter().flatten();
        sites.push((
            enrolled,
            booths
                .filter_map(|booth| booth.as_str().map(str::to_owned))
                .collect(),
        ));
    }
    Ok(sites)
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
