//! Whether a committee may be formed as it is (COM-1 to COM-4). Integers only.

use crate::exact::Exact;
use crate::rulebook::Rulebook;

/// COM-1, COM-2, COM-3: at least so many members ([`Rulebook::least_members`]), an odd number.
pub fn committee_size_ok(size: u32, least: u32) -> bool {
    size >= least && size % 2 == 1
}

impl Rulebook {
    /// Fewest members of a committee: by regime and procedure, and by the budget (COM-1, COM-2, COM-3).
    pub fn least_members(&self) -> u32 {
        let law = self.law();
        let limit = self.budget.as_ref().or(self.ceiling.as_ref());
        match (law.more_members, limit) {
            (Some((from, members)), Some(limit)) if limit.exact() >= Exact::from(from) => members,
            _ => law.least_members,
        }
    }
}

/// COM-1, COM-2, COM-4: experts are at least two thirds, `3 x experts >= 2 x size`.
/// False when there are more experts than members.
pub fn expert_share_ok(experts: u32, size: u32) -> bool {
    experts <= size && 3 * u64::from(experts) >= 2 * u64::from(size)
}
