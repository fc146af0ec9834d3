//! The review of a rulebook's own criteria, as findings beside the checks of its regime.

use super::{ConditionRules, Conditions};
use crate::finding::Finding;
use crate::rulebook::{Criterion, CriterionKind, Rulebook};

/// The most findings of one lint; the command `conclave rules conditions` tells all of them.
const MOST: usize = 100;

impl Rulebook {
    /// Everything of [`Rulebook::validate`], and of the criteria what looks like a restrictive clause. The latter are
    /// warnings: whether a clause restricts competition is for people to say.
    pub fn lint(&self) -> Vec<Finding> {
        let mut findings = self.validate();
        let conditions = Conditions::of_rulebook(self);
        let review = ConditionRules::embedded().review(&conditions);
        for found in review.findings.into_iter().take(MOST) {
            let words = found.matched.join(" … ");
            findings.push(Finding::warning(
                &found.rule,
                path(&self.criteria, "criteria", &found.condition),
                format!("{}（“{words}”）", found.text.zh),
                format!("{} (“{words}”)", found.text.en),
            ));
        }
        findings
    }
}

/// Where the criterion of this id stands; the criteria as a whole where none has it.
fn path(criteria: &[Criterion], at: &str, id: &str) -> String {
    for (index, criterion) in criteria.iter().enumerate() {
        let own = format!("{at}[{index}]");
        if criterion.id.as_str() == id {
            return own;
        }
        if let CriterionKind::Group { criteria } = &criterion.kind {
            let inside = path(criteria, &format!("{own}.kind.group.criteria"), id);
            if inside.ends_with(']') {
                return inside;
            }
        }
    }
    at.to_owned()
}
