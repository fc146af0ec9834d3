//! What a window costs: memory and CPU time of all processes of its driver's group, the driver itself left out.

use crate::window::Fault;
use std::path::PathBuf;

/// What the processes of a window used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cost {
    /// Proportional set size, kB.
    pub memory: u64,
    /// CPU time, clock ticks.
    pub cpu: u64,
}

/// Sums over a process group, without its leader.
///
/// # Errors
/// `/proc` can't be read.
pub fn cost(group: u32) -> Result<Cost, Fault> {
    let mut sum = Cost { memory: 0, cpu: 0 };
    for entry in std::fs::read_dir("/proc")?.flatten() {
        let process = entry.file_name().to_string_lossy().parse::<u32>().ok();
        // A process that ends meanwhile costs nothing more.
        let Some(stat) = process.and_then(|_| std::fs::read_to_string(entry.path().join("stat")).ok()) else {
            continue;
        };
        // proc(5): the name stands in brackets and may hold anything; the state follows the last one.
        let Some((_, rest)) = stat.rsplit_once(") ") else {
            continue;
        };
        let fields: Vec<&str> = rest.split(' ').collect();
        let number = |place: usize| {
            fields
                .get(place)
                .and_then(|text| text.parse::<u64>().ok())
                .unwrap_or(0)
        };
        if number(2) != u64::from(group) || process == Some(group) {
            continue;
        }
        sum.cpu += number(11) + number(12);
        sum.memory += proportional(entry.path().join("smaps_rollup"));
    }
    Ok(sum)
}

fn proportional(rollup: PathBuf) -> u64 {
    let text = std::fs::read_to_string(rollup).unwrap_or_default();
    let line = text.lines().find_map(|line| line.strip_prefix("Pss:"));
    let size = line.and_then(|rest| rest.trim().trim_end_matches("kB").trim().parse().ok());
    size.unwrap_or(0)
}
