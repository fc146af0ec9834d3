//! Every act was allowed by the acts before it: the whole record is folded again.

use super::{Applied, Findings};
use crate::context::{Context, Stopped};
use evaluation::{Code, Language};

pub(super) fn run(context: &Context<'_>, findings: &mut Findings) -> Applied {
    let Some(folded) = &context.folded else {
        return Applied::Not("a public package is not replayed");
    };
    match &folded.stopped {
        None => Applied::Done,
        Some(Stopped::NoAct) => Applied::Not("an entry gives no act that holds; replay ends there"),
        Some(Stopped::Refused(index, refusal)) => {
            let kind = context
                .slots
                .get(usize::try_from(*index).unwrap_or(usize::MAX))
                .map_or("", |slot| slot.kind());
            // What another check looks at by itself is that check's finding.
            let others = match (kind, refusal.code) {
                (_, Code::ClockBack) => Some("time.order names the fault; replay ends there"),
                (_, Code::Blob) => Some("blob.present names the fault; replay ends there"),
                (_, Code::Finished) => Some("archive.final names the fault; replay ends there"),
                ("archived", Code::Mismatch) => Some("archive.final names the fault; replay ends there"),
                ("result.computed", Code::Mismatch) => Some("result names the fault; replay ends there"),
                _ => None,
            };
            if let Some(reason) = others {
                return Applied::Not(reason);
            }
            let message = refusal.code.message(Language::En);
            findings.act(*index, format!("{kind} is refused: {refusal}. {message}"));
            Applied::Done
        }
    }
}
