//! The memory of a running process, as whoever may debug it can read it.

use std::fs::File;
use std::io;
use std::os::unix::fs::FileExt as _;

/// Bytes read at once.
const PIECE: usize = 8 << 20;

/// Calls `look` with every readable region of a process's memory, in pieces of which each begins with the last
/// `overlap` bytes of the one before. What can't be read (a region that is gone, or of a device) is passed over.
/// Returns the bytes read.
///
/// # Errors
/// When the process is not there, or may not be read.
pub fn read(process: u32, overlap: usize, mut look: impl FnMut(&[u8])) -> io::Result<u64> {
    let maps = std::fs::read_to_string(format!("/proc/{process}/maps"))?;
    let memory = File::open(format!("/proc/{process}/mem"))?;
    let mut bytes = vec![0; PIECE];
    let mut seen = 0;
    for (from, to) in maps.lines().filter_map(region) {
        let mut at = from;
        while at < to {
            let length = usize::try_from(to - at).unwrap_or(PIECE).min(PIECE);
            let Ok(count) = memory.read_at(&mut bytes[..length], at) else {
                break;
            };
            if count == 0 {
                break;
            }
            look(&bytes[..count]);
            seen += count as u64;
            let whole = at + count as u64 >= to;
            at += if whole {
                count as u64
            } else {
                (count.saturating_sub(overlap)).max(1) as u64
            };
        }
    }
    Ok(seen)
}

/// `from-to perms …` of proc(5), if it may be read.
fn region(line: &str) -> Option<(u64, u64)> {
    let mut fields = line.split_whitespace();
    let (from, to) = fields.next()?.split_once('-')?;
    let readable = fields.next()?.starts_with('r');
    let number = |text| u64::from_str_radix(text, 16).ok();
    readable.then_some((number(from)?, number(to)?))
}
