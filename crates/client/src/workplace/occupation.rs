//! What is done at a seat, as its thread knows it.

use super::expert::Booth;
use crate::desk::Desk;
use crate::error::ClientError;
use crate::roles::expert::Form;
use evaluation::Role;
use protocol::window::{ExpertView, StepState, Words};
use std::sync::Arc;

/// An occupation with what it keeps between looks.
pub(crate) enum Occupation {
    /// An expert's booth.
    Expert(Box<Booth>),
}

/// The read model of a desk.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum View {
    /// Nothing can be shown: the reason went to the log, and the status strip says what is safe.
    Nothing,
    /// Expert.
    Expert(Box<ExpertView>),
}

impl View {
    /// What is asked of this person now, and whether it is this person's turn.
    pub(crate) fn asked(&self) -> (Words, bool) {
        let nothing = (Words::new("请等待", "Nothing to do now"), false);
        match self {
            View::Nothing => nothing,
            View::Expert(view) => {
                let step = |state| view.steps.iter().find(|step| step.state == state);
                match (step(StepState::Now), step(StepState::Waiting)) {
                    (Some(step), _) => (step.title.clone(), true),
                    (None, Some(step)) => (step.note.clone(), false),
                    (None, None) => nothing,
                }
            }
        }
    }
}

impl Occupation {
    pub(crate) fn role(&self) -> Role {
        match self {
            Occupation::Expert(_) => Role::Expert,
        }
    }

    /// What needs nobody: snapshots at their cadence.
    pub(crate) fn chores(&mut self, desk: &mut Desk) -> Result<(), ClientError> {
        match self {
            Occupation::Expert(booth) => booth.chores(desk),
        }
    }

    pub(crate) fn view(&mut self, desk: &Desk) -> View {
        let view = match self {
            Occupation::Expert(booth) => booth.view(desk).map(|view| View::Expert(Box::new(view))),
        };
        view.unwrap_or_else(|error| {
            tracing::error!(%error, "nothing can be shown");
            View::Nothing
        })
    }

    pub(crate) fn forms(&self) -> Arc<Vec<Form>> {
        match self {
            Occupation::Expert(booth) => booth.forms.clone(),
        }
    }

    pub(crate) fn code_name(&self) -> Option<String> {
        match self {
            Occupation::Expert(booth) => booth.sitting.as_ref().map(|sitting| sitting.name.to_string()),
        }
    }

    pub(crate) fn booth(&self) -> Option<String> {
        match self {
            Occupation::Expert(booth) => Some(booth.booth.clone()),
        }
    }

    /// Cells written since the last snapshot left.
    pub(crate) fn unsaved(&self, desk: &Desk) -> u32 {
        match self {
            Occupation::Expert(booth) if booth.sitting.is_some() => crate::drafts::unsaved(&desk.vault),
            Occupation::Expert(_) => 0,
        }
    }

    pub(crate) fn cadence_seconds(&self) -> u32 {
        match self {
            Occupation::Expert(booth) => u32::try_from(booth.every / 1000).unwrap_or(u32::MAX),
        }
    }
}
