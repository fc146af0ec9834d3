//! A package has one encoding, so nothing can hide in headers, padding, order or after the end.

use super::{Applied, Findings};
use crate::context::Context;

pub(super) fn run(context: &Context<'_>, findings: &mut Findings) -> Applied {
    if let Some(fault) = context.package.slack() {
        findings.object("package", fault.to_string());
    }
    Applied::Done
}
