//! Awards across the lots of one project (兼投不兼中).

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::rulebook::{AwardRule, NoneLeft};

/// One lot with its candidates. A bidder has another ordinal in every lot, so it goes by its name here.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LotCandidates<'a> {
    /// Its rule.
    pub rule: &'a AwardRule,
    /// Names of its candidates, best first.
    pub candidates: Vec<&'a str>,
}

/// Who wins a lot, and who of its candidates was passed over.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Award {
    /// The lot, by its number.
    pub lot: u32,
    /// The winner; none: it is not awarded.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub winner: Option<String>,
    /// Candidates that had won as many lots as they may, best first.
    pub passed_over: Vec<PassedOver>,
}

/// A candidate that had won as many lots as it may.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct PassedOver {
    /// Its name.
    pub bidder: String,
    /// The lots it had won.
    pub won: Vec<u32>,
}

/// Why lots can't be awarded together.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum AwardError {
    /// Their rulebooks do not agree on the rule.
    #[error(
        "lots {0} and {1} do not agree on how many lots there are, how many one bidder may win, or what happens when none is left"
    )]
    RulesDiffer(u32, u32),
    /// A lot is there twice.
    #[error("lot {0} is there twice")]
    LotTwice(u32),
    /// A lot is not there.
    #[error("lot {0} is missing")]
    LotMissing(u32),
}

/// Awards all lots of a project in the order of their numbers: each to its best candidate that may still win one.
///
/// # Errors
/// [`AwardError`]: the rules differ, or a lot is missing or there twice.
pub fn award_lots(lots: &[LotCandidates<'_>]) -> Result<Vec<Award>, AwardError> {
    let mut in_turn: BTreeMap<u32, &LotCandidates<'_>> = BTreeMap::new();
    for lot in lots {
        let same = |a: &AwardRule, b: &AwardRule| {
            (a.of, a.most_wins, a.when_none_left) == (b.of, b.most_wins, b.when_none_left)
        };
        if let Some(first) = lots.first().filter(|first| !same(first.rule, lot.rule)) {
            return Err(AwardError::RulesDiffer(first.rule.lot, lot.rule.lot));
        }
        if in_turn.insert(lot.rule.lot, lot).is_some() {
            return Err(AwardError::LotTwice(lot.rule.lot));
        }
    }
    let of = lots.first().map_or(0, |lot| lot.rule.of);
    // No more turns than lots are given, so a large `of` costs nothing.
    if let Some(missing) = (1..=of)
        .take(lots.len() + 1)
        .find(|lot| !in_turn.contains_key(lot))
    {
        return Err(AwardError::LotMissing(missing));
    }
    let mut won: BTreeMap<&str, Vec<u32>> = BTreeMap::new();
    let mut awards = Vec::with_capacity(in_turn.len());
    for (number, lot) in in_turn {
        let most = lot.rule.most_wins as usize;
        let may_win = |name: &&&str| won.get(**name).is_none_or(|lots| lots.len() < most);
        let free = lot.candidates.iter().find(may_win).copied();
        let winner = match lot.rule.when_none_left {
            NoneLeft::NoAward => free,
            NoneLeft::FirstCandidate => free.or_else(|| lot.candidates.first().copied()),
        };
        let before = lot.candidates.iter().take_while(|name| Some(**name) != winner);
        let passed_over = before
            .map(|name| PassedOver {
                bidder: (*name).to_owned(),
                won: won.get(name).cloned().unwrap_or_default(),
            })
            .collect();
        awards.push(Award {
            lot: number,
            winner: winner.map(str::to_owned),
            passed_over,
        });
        if let Some(winner) = winner {
            won.entry(winner).or_default().push(number);
        }
    }
    Ok(awards)
}
