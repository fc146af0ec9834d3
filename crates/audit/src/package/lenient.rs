//! Reads a ustar that is not canonical, so that what it holds can be judged beside the finding that it is not.

use super::Limits;
use record::TarError;
use std::collections::BTreeMap;

const BLOCK: usize = 512;

/// Name and size of every header; every other field, the order and what follows the end are passed over. Of a name
/// that occurs twice the first counts. What can't be read is `fault`.
pub(super) fn files(
    bytes: &[u8],
    limits: Limits,
    fault: &TarError,
) -> Result<BTreeMap<String, Vec<u8>>, TarError> {
    let mut files = BTreeMap::new();
    let mut offset = 0_usize;
    let mut total = 0_u64;
    loop {
        let truncated = || TarError::Truncated { offset: bytes.len() };
        let at = offset.checked_add(BLOCK).ok_or_else(truncated)?;
        let block = bytes.get(offset..at).ok_or_else(truncated)?;
        if block.iter().all(|byte| *byte == 0) {
            return Ok(files);
        }
        let (name, size) = header(block).ok_or_else(|| fault.clone())?;
        total = total.saturating_add(size);
        if total > limits.total {
            return Err(TarError::TotalTooLarge { limit: limits.total });
        }
        let length = usize::try_from(size).map_err(|_| TarError::TotalTooLarge { limit: limits.total })?;
        let end = at.checked_add(length).ok_or_else(truncated)?;
        let content = bytes.get(at..end).ok_or_else(truncated)?;
        files.entry(name).or_insert_with(|| content.to_vec());
        if files.len() > limits.files {
            return Err(TarError::TooManyFiles { limit: limits.files });
        }
        offset = end.next_multiple_of(BLOCK);
    }
}

fn header(block: &[u8]) -> Option<(String, u64)> {
    let field = block.get(..100)?;
    let end = field.iter().position(|byte| *byte == 0).unwrap_or(field.len());
    let name = String::from_utf8(field[..end].to_vec())
        .ok()
        .filter(|name| !name.is_empty())?;
    let digits = block.get(124..135)?;
    let size = digits.iter().try_fold(0_u64, |size, digit| match digit {
        b'0'..=b'7' => Some(size * 8 + u64::from(digit - b'0')),
        _ => None,
    })?;
    Some((name, size))
}
