//! Whether a committee may be formed as it is (COM-1 to COM-4). Integers only.

/// COM-1, COM-2: at least five members, an odd number.
pub fn committee_size_ok(size: u32) -> bool {
    size >= 5 && size % 2 == 1
}

/// COM-1, COM-2, COM-4: experts are at least two thirds, `3 x experts >= 2 x size`.
/// False when there are more experts than members.
pub fn expert_share_ok(experts: u32, size: u32) -> bool {
    experts <= size && 3 * u64::from(experts) >= 2 * u64::from(size)
}
