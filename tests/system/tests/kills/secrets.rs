//! What every expert writes in the run, recognisable wherever it turns up: a sample with scores and reasons of its own,
//! and the search for them in the memory, the store and the log of the centre.

use conclave_system::memory;
use rustix::process::{Pid, Signal, kill_process};
use serde_json::Value;
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};
use testkit::needles::Needles;

/// The two stages in which experts write sheets: section and field of the sample's file, and the value that is a mark.
const STAGES: [(&str, &str); 2] = [("conformity", "verdict"), ("scores", "score")];
/// Seats whose processes hold what their experts write.
const BOOTHS: &str = "booth-";
/// What the centre must know: the rulebook's lot.
const PUBLIC: &str = "数字档案修复与长期保存系统采购项目";

/// Marks by stage: one for the reasons of each member, and one for the scores of each.
pub(crate) struct Marks([Vec<String>; 2]);

/// A number of the run's, other for each text.
fn number(text: &str) -> u64 {
    use std::hash::{Hash as _, Hasher as _};
    let mut hasher = std::hash::DefaultHasher::new();
    text.hash(&mut hasher);
    hasher.finish()
}

/// Copies the sample with scores in steps of 10^-12 points, whose last ten digits are those of the member, and with
/// reasons that begin with words of the member and stage.
pub(crate) fn sample(from: &Path, to: &Path) -> Marks {
    copy(from, to);
    let rulebook = to.join("tender/rulebook.json");
    let text = fs::read_to_string(&rulebook).expect("the sample has a rulebook");
    let fine = text.replace("\"step\": \"0.5\"", "\"step\": \"0.000000000001\"");
    assert_ne!(fine, text, "the sample has steps of half a point");
    fs::write(&rulebook, fine).expect("the copy is ours");

    let path = to.join("scores.json");
    let mut scores: Value = serde_json::from_slice(&fs::read(&path).expect("scores")).expect("JSON");
    let mut marks = Marks([Vec::new(), Vec::new()]);
    for (place, (section, field)) in STAGES.into_iter().enumerate() {
        let mut words = BTreeMap::new();
        let cells = members_cells(&mut scores[section]);
        for (count, (member, cell)) in cells.enumerate() {
            let digits = format!("{:010}", number(&format!("{member} digits")) % 10_000_000_000);
            let word = format!("暗记{:016x}", number(&format!("{member} {section}")));
            cell["reason"] = format!("{word}第{count}处").into();
            if cell[field].as_str().is_some_and(|value| value.contains('.')) {
                cell[field] = format!("3.{:02}{digits}", count % 100).into();
                words.insert(digits, ());
            }
            words.insert(word, ());
        }
        marks.0[place] = words.into_keys().collect();
    }
    assert_eq!(marks.0.each_ref().map(Vec::len), [5, 10], "five members");
    fs::write(&path, serde_json::to_vec(&scores).expect("JSON")).expect("the copy is ours");
    marks
}

/// Every (member, cell) of a section: bid -> criterion -> member -> cell.
fn members_cells(section: &mut Value) -> impl Iterator<Item = (String, &mut Value)> {
    let bids = section.as_object_mut().expect("bids").values_mut();
    let criteria = bids.flat_map(|bid| bid.as_object_mut().expect("criteria").values_mut());
    criteria.flat_map(|cells| {
        let cells = cells.as_object_mut().expect("members").iter_mut();
        cells.map(|(member, cell)| (member.clone(), cell))
    })
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).expect("a folder of the run");
    for entry in fs::read_dir(from).expect("the sample") {
        let entry = entry.expect("the sample");
        let target = to.join(entry.file_name());
        if entry.path().is_dir() {
            copy(&entry.path(), &target);
        } else {
            fs::copy(entry.path(), target).expect("the copy");
        }
    }
}

/// Processes of the run by seat, as the run last wrote them.
pub(crate) fn processes(out: &Path) -> BTreeMap<String, u32> {
    let text = fs::read_to_string(out.join("processes")).unwrap_or_default();
    let lines = text.lines().filter_map(|line| line.split_once(' '));
    lines
        .filter_map(|(seat, id)| Some((seat.to_owned(), id.parse().ok()?)))
        .collect()
}

pub(crate) fn signal(process: u32, signal: Signal) -> bool {
    let id = i32::try_from(process).ok().and_then(Pid::from_raw);
    id.is_some_and(|id| kill_process(id, signal).is_ok())
}

/// Looks while a round is sealed by all and released by nobody. `stage` counts the rounds from 0.
pub(crate) fn look(out: &Path, marks: &Marks, stage: usize) {
    // Of the first round nothing is open yet; at the second one the first was opened, so it can be found.
    let hidden: Vec<&String> = marks.0[stage..].iter().flatten().collect();
    let open: Vec<&String> = marks.0[..stage].iter().flatten().collect();
    let centre = halted(out, "centre");
    let there = |needles: &Needles, process| found_in_memory(process, needles);
    let found = there(&Needles::new(&hidden), centre).map(|needle| hidden[needle]);
    assert_eq!(found, None, "round {stage}: it is in the centre's memory");
    assert!(
        there(&Needles::new([PUBLIC]), centre).is_some(),
        "the search of memory works"
    );
    if stage > 0 {
        let opened = there(&Needles::new(&open), centre);
        assert!(
            opened.is_some(),
            "what was opened is in the centre's memory: reasons are found there"
        );
    }
    assert!(signal(centre, Signal::CONT));

    let folder = out.join("centre");
    for file in files(&folder) {
        let Ok(bytes) = fs::read(&file) else {
            continue; // a journal that is gone by now
        };
        let found = Needles::new(&hidden).find_unpacked(&bytes);
        let found = found.map(|found| (hidden[found.needle], found.how));
        assert_eq!(found, None, "round {stage}: it is in {}", file.display());
    }
    let log = fs::read(folder.join("log")).expect("the centre logs");
    assert!(
        Needles::new(["act_submit"]).find(&log).is_some(),
        "the log is verbose, and the search works"
    );

    let booths = processes(out)
        .into_iter()
        .filter(|(seat, _)| seat.starts_with(BOOTHS));
    let own = booths.filter(|(_, process)| there(&Needles::new(&hidden), *process).is_some());
    assert!(own.count() > 0, "an expert's own process holds what he wrote");
}

/// The process of a seat, stopped, so that it stays what it is while one looks.
fn halted(out: &Path, seat: &str) -> u32 {
    let end = Instant::now() + Duration::from_secs(60);
    while Instant::now() < end {
        let process = processes(out).get(seat).copied();
        if let Some(process) = process.filter(|process| signal(*process, Signal::STOP)) {
            let text = fs::read_to_string(format!("/proc/{process}/stat")).unwrap_or_default();
            if text
                .rsplit_once(") ")
                .is_some_and(|(_, rest)| rest.starts_with('T'))
            {
                return process;
            }
        }
        std::thread::yield_now(); // it was killed just now, and is started again
    }
    panic!("{seat} does not live");
}

fn found_in_memory(process: u32, needles: &Needles) -> Option<usize> {
    let mut found = None;
    let bytes = memory::read(process, needles.longest(), |piece| {
        found = found.or_else(|| needles.find(piece).map(|found| found.needle));
    });
    assert!(
        bytes.expect("a descendant may be read") > 1 << 20,
        "its memory was read"
    );
    found
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    for entry in fs::read_dir(folder).expect("the centre's folder") {
        let path = entry.expect("the centre's folder").path();
        if path.is_dir() {
            files.extend(self::files(&path));
        } else {
            files.push(path);
        }
    }
    files
}
