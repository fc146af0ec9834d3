//! The extract of an outcome that the public profile shows: every number that is no single member's. `result.computed`
//! commits to it beside the outcome, so that a public package can't show another.
//!
//! A canonical outcome derives each mean from the scores of code names and names the lines that voted to reject. The
//! extract keeps ranks, means, blocks, prices and totals, and drops what a single line gave.

use rules::{Ground, Input, Node, Outcome, Standing};
use serde::{Deserialize, Serialize};

/// Format name.
pub const FORMAT: &str = "conclave.outcome_extract/1";

/// Greatest length of an extract, in bytes.
pub const MAX_EXTRACT: usize = 64 * 1024 * 1024;

/// `outcome.json` of a public package. Canonical: this order of members, no white space.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OutcomeExtract {
    /// `conclave.outcome_extract/1`.
    pub format: String,
    /// The outcome with what single lines gave taken out.
    pub outcome: Outcome,
}

impl OutcomeExtract {
    /// The extract of an outcome.
    pub fn of(outcome: &Outcome) -> OutcomeExtract {
        OutcomeExtract {
            format: FORMAT.to_owned(),
            outcome: reduced(outcome.clone()),
        }
    }

    /// The canonical bytes.
    pub fn to_json_bytes(&self) -> Vec<u8> {
        serde_json::to_vec(self).expect("strings, integers and string-keyed maps always serialise")
    }

    /// Reads an extract, and refuses one that is not canonical or shows what a single line gave.
    ///
    /// # Errors
    /// What is wrong.
    pub fn parse(bytes: &[u8]) -> Result<OutcomeExtract, String> {
        let extract: OutcomeExtract =
            record::strict::from_slice_within(bytes, MAX_EXTRACT).map_err(|e| e.to_string())?;
        if extract.format != FORMAT {
            return Err("format is not conclave.outcome_extract/1".to_owned());
        }
        if extract.to_json_bytes() != bytes {
            return Err("not canonical".to_owned());
        }
        match reduced(extract.outcome.clone()) == extract.outcome {
            true => Ok(extract),
            false => Err("shows what a single line gave".to_owned()),
        }
    }
}

fn reduced(mut outcome: Outcome) -> Outcome {
    for vote in &mut outcome.votes {
        vote.fail.clear();
    }
    for bidder in outcome.bidders.values_mut() {
        if let Standing::Rejected(Ground::Recorded { reason, .. }) = &mut bidder.standing {
            reason.clear();
        }
    }
    outcome.derivation.retain(|id, _| !id.contains(":member_total:"));
    outcome.derivation.values_mut().for_each(hide_lines);
    outcome
}

/// A node that takes anything from a line keeps formula and value and loses its inputs.
fn hide_lines(node: &mut Node) {
    let from_a_line = node.inputs.iter().any(|input| match input {
        Input::Given { source, .. } => source.is_cell(),
        Input::Node { node, .. } => node.contains(":member_total:"),
    });
    if from_a_line {
        node.inputs.clear();
    }
}
