//! The one size to which every sheet of a round is padded, so that its length tells nothing.

use crate::decimal::MAX_DECIMAL_BYTES;
use crate::ids::{MAX_BIDDER_BYTES, StageId};
use crate::rulebook::Rulebook;

/// Padded sizes are multiples of this, bytes.
pub const PADDING_UNIT: usize = 1_024;

/// An upper bound, in bytes, of the JSON of the largest sheet of a stage with `bidder_count` bids,
/// rounded up to [`PADDING_UNIT`]; 0 when the stage is unknown.
///
/// The JSON meant is the array of per-bid blocks alone, without white space, as `serde_json` writes
/// [`Sheet::blocks`](crate::Sheet):
///
/// ```json
/// [{"bidder":"B1","cells":[{"criterion":"T-01","value":"8.5","reason":"..."}]}]
/// ```
///
/// Bidder ids are taken as 11 bytes, values as 42 (the longest decimal), reasons as
/// `limits.reason_max_bytes` of UTF-8 in which every byte may need an escape of two: a sheet with any
/// other control character than line feed and tab is refused by
/// [`validate_sheet`](crate::validate_sheet). What stands around or beside the blocks (digests, stage,
/// line, commitments) is the caller's to add.
pub fn padded_sheet_size(rulebook: &Rulebook, stage: &StageId, bidder_count: usize) -> usize {
    if rulebook.stage(stage).is_none() {
        return 0;
    }
    let frame = r#"{"criterion":"","value":"","reason":""},"#.len();
    let reason = 2 * rulebook.limits.reason_max_bytes as usize;
    let cells: usize = rulebook
        .stage_criteria(stage)
        .iter()
        .map(|criterion| frame + criterion.id.as_str().len() + MAX_DECIMAL_BYTES + reason)
        .sum();
    let block = r#"{"bidder":"","cells":[]},"#.len() + MAX_BIDDER_BYTES + cells;
    block
        .saturating_mul(bidder_count)
        .saturating_add("[]".len())
        .checked_next_multiple_of(PADDING_UNIT)
        .unwrap_or(usize::MAX)
}
