//! Criteria of a stage as a window shows them.

use protocol::window::{Clause, CriterionKind, CriterionLine, TierLine, Words};
use rules::{Leaf, Rulebook, Stage};

fn words(text: &rules::Text) -> Words {
    Words::new(&*text.zh, &*text.en)
}

/// The criteria of a stage, in the order of its sheet.
pub fn of_stage(book: &Rulebook, stage: &Stage) -> Vec<CriterionLine> {
    let leaves = stage.criteria.iter().filter_map(|id| book.leaf(id));
    leaves.filter_map(|leaf| line(&leaf)).collect()
}

/// How a person decides it; `None` of what nobody does.
pub fn kind(kind: &rules::CriterionKind) -> Option<CriterionKind> {
    Some(match kind {
        rules::CriterionKind::PassFail => CriterionKind::PassFail,
        rules::CriterionKind::Range { min, max, step } => CriterionKind::Range {
            min: min.to_string(),
            max: max.to_string(),
            step: step.to_string(),
        },
        rules::CriterionKind::Fixed { values } => CriterionKind::Fixed {
            values: values.iter().map(ToString::to_string).collect(),
        },
        rules::CriterionKind::Tiers { tiers, step, missing } => CriterionKind::Tiers {
            tiers: tiers
                .iter()
                .map(|tier| TierLine {
                    name: words(&tier.name),
                    min: tier.min.to_string(),
                    max: tier.max.to_string(),
                })
                .collect(),
            step: step.to_string(),
            missing: missing.as_ref().map(ToString::to_string),
        },
        rules::CriterionKind::Group { .. }
        | rules::CriterionKind::Computed { .. }
        | rules::CriterionKind::Price { .. } => return None,
    })
}

/// A criterion that a person decides; `None` for groups and the price.
pub fn line(leaf: &Leaf<'_>) -> Option<CriterionLine> {
    let criterion = leaf.criterion;
    let kind = kind(&criterion.kind)?;
    Some(CriterionLine {
        id: criterion.id.as_str().to_owned(),
        group: words(&leaf.root.title),
        title: words(&criterion.title),
        kind,
        reason_required: criterion.reason_required,
        objective: criterion.objective,
        clause: criterion.clause.as_ref().map(clause),
    })
}

fn clause(clause: &rules::Clause) -> Clause {
    Clause {
        clause: clause.clause.clone(),
        page: clause.page,
        quote: clause.quote.clone(),
    }
}
