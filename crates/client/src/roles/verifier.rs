//! The verifier's desk: a package from a file, checked and kept for looking at; needs no centre.

use super::result::{Locator, derivation, result_view};
use super::timeline::{Covered, TimelineIndex, act_detail};
use super::{clerk::hall::names, words};
use crate::error::ClientError;
use audit::package::{CHECKPOINT, OUTCOME, blob_file};
use audit::{Anchors, CheckOutcome, Checks, Limits, Package, Profile, Replay, Report, Severity, Verdict};
use evaluation::State;
use evaluation::extract::OutcomeExtract;
use protocol::window::{
    ActDetail, AuditCheck, AuditFinding, CheckState, Derivation, PackageReport, ResultView, Timeline,
    TimelineQuery, VerdictKind, Words,
};
use record::{Digest, Entry, SignedCheckpoint, Tree};
use rules::{Outcome, Rulebook};
use std::collections::BTreeMap;
use std::io::Read as _;
use std::path::Path;

/// Most acts named by one check.
const MOST_ENTRIES: usize = 200;
/// Most findings.
const MOST_FINDINGS: usize = 1_000;
/// Longest anchors file, bytes.
const MOST_ANCHORS: u64 = 1024 * 1024;

/// What a long opening is at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stage {
    /// The file is read.
    Reading,
    /// Every check is made.
    Checking,
    /// The acts are folded once more for the time line and the result.
    Replaying,
    /// Done.
    Done,
}

/// A package that could be read.
struct Opened {
    entries: Vec<Entry>,
    state: State,
    index: TimelineIndex,
    witnessed: u64,
    result: Option<(Rulebook, Outcome, String)>,
    names: BTreeMap<String, String>,
    locator: Locator,
}

/// A verifier's seat.
#[derive(Default)]
pub struct VerifierSeat {
    opened: Option<Opened>,
}

impl VerifierSeat {
    /// A seat without a package.
    pub fn new() -> Self {
        Self::default()
    }

    /// Opens and verifies a package. Bytes that are no package give a report that says so; what was open before is
    /// let go. `progress` is told each stage.
    ///
    /// # Errors
    /// [`ClientError::File`]; [`ClientError::Format`] for an anchors file that is none.
    pub fn open_package(
        &mut self,
        path: &Path,
        anchors: Option<&Path>,
        progress: &mut dyn FnMut(Stage),
    ) -> Result<PackageReport, ClientError> {
        self.opened = None;
        progress(Stage::Reading);
        let limits = Limits::default();
        let bytes = read(path, limits.total)?;
        let known = match anchors {
            Some(anchors) => {
                let bytes = read(anchors, MOST_ANCHORS)?;
                let known = Anchors::parse(&bytes).map_err(|e| ClientError::Format(e.to_string()))?;
                Some(known)
            }
            None => None,
        };
        progress(Stage::Checking);
        let package = audit::read(&bytes, limits).ok();
        let report = match &package {
            Some(package) => audit::verify_package(package, known.as_ref(), &Checks::all(), None),
            None => audit::verify(&bytes, known.as_ref(), &Checks::all()),
        };
        progress(Stage::Replaying);
        self.opened = package
            .as_ref()
            .map(|package| Opened::of(package, report.verdict, known.is_some()));
        let view = self.report(&report, path, anchors, &bytes);
        progress(Stage::Done);
        Ok(view)
    }

    fn report(&self, report: &Report, path: &Path, anchors: Option<&Path>, bytes: &[u8]) -> PackageReport {
        let opened = self.opened.as_ref();
        let mut findings: Vec<AuditFinding> = report.findings.iter().map(finding).collect();
        findings.sort_by_key(|finding| !finding.error);
        findings.truncate(MOST_FINDINGS);
        if let Some(why) = &report.unusable {
            findings.push(AuditFinding {
                check: "package".to_owned(),
                error: true,
                index: None,
                object: None,
                purpose: Words::new(
                    "文件是可读取的归档包",
                    "The file is an archive package that can be read",
                ),
                detail: why.clone(),
            });
        }
        let lot = opened
            .and_then(|opened| opened.result.as_ref())
            .map(|(book, ..)| book);
        let lot = lot.or_else(|| opened.and_then(|opened| opened.state.rulebook()));
        PackageReport {
            path: path.display().to_string(),
            anchors: anchors.map(|path| path.display().to_string()),
            verdict: verdict(report.verdict),
            code: report.code,
            sentence: words::text(&report.sentence),
            lot: lot.map(|book| words::text(&book.lot.name)),
            profile: report.profile.map(|profile| profile_name(profile).to_owned()),
            origin: report.origin.clone(),
            entries: report.entries,
            development: report.development,
            ended: report.ended.as_ref().map(words::text),
            personal: (
                report.personal.verified,
                report.personal.under_custody,
                report.personal.lost,
            ),
            checks: report.checks.iter().map(|result| check(report, result)).collect(),
            findings,
            has_result: opened.is_some_and(|opened| opened.result.is_some()),
            size: bytes.len() as u64,
            digest: Digest::of(bytes).to_string(),
        }
    }

    /// A page of the package's time line; empty without a package.
    pub fn timeline(&self, query: &TimelineQuery) -> Timeline {
        self.opened.as_ref().map_or(
            Timeline {
                total: 0,
                matching: 0,
                acts: Vec::new(),
            },
            |opened| opened.index.page(query, opened.witnessed),
        )
    }

    /// One act of the package.
    pub fn act_detail(&self, at: u64) -> Option<ActDetail> {
        let opened = self.opened.as_ref()?;
        let covered = Covered {
            state: &opened.state,
            witnessed: opened.witnessed,
        };
        act_detail(&opened.index, &opened.entries, covered, at)
    }

    /// The result in the package; of a public one, its extract.
    pub fn result(&self) -> Option<ResultView> {
        let opened = self.opened.as_ref()?;
        let (book, outcome, digest) = opened.result.as_ref()?;
        let name_of = |bidder: &str| opened.name(bidder);
        Some(result_view(book, outcome, digest, &name_of))
    }

    /// How a number of the result came about.
    pub fn derivation(&self, node: &str) -> Option<Derivation> {
        let opened = self.opened.as_ref()?;
        let (_, outcome, _) = opened.result.as_ref()?;
        derivation(outcome, node, &|source| opened.locator.locate(source))
    }
}

fn read(path: &Path, most: u64) -> Result<Vec<u8>, ClientError> {
    let fault = |why: String| ClientError::File(format!("{}: {why}", path.display()));
    let file = std::fs::File::open(path).map_err(|e| fault(e.to_string()))?;
    let mut bytes = Vec::new();
    file.take(most.saturating_add(1))
        .read_to_end(&mut bytes)
        .map_err(|e| fault(e.to_string()))?;
    if bytes.len() as u64 > most {
        return Err(fault(format!("longer than {most} bytes")));
    }
    Ok(bytes)
}

impl Opened {
    /// `anchored`: anchors were given. A checkpoint counts as cosigned only where the audit found it so.
    fn of(package: &Package, verdict: Verdict, anchored: bool) -> Self {
        let mut replay = Replay::new(package);
        replay.jump(replay.len());
        let state = replay.state().clone();
        let entries: Vec<Entry> = package
            .entries()
            .into_iter()
            .map_while(|(_, entry)| entry.ok())
            .collect();
        let mut index = TimelineIndex::new();
        index.update(&entries, &state);
        let trusted = anchored && matches!(verdict, Verdict::Sound | Verdict::Unfinished);
        Self {
            witnessed: if trusted { covered(package, &entries) } else { 0 },
            result: result(package, &state),
            names: names(&entries),
            locator: Locator::of(&entries),
            entries,
            state,
            index,
        }
    }

    fn name(&self, bidder: &str) -> String {
        let mut bidders = self.state.bidders().iter();
        let submission = bidders.find(|(known, _)| known.as_str() == bidder);
        let name = submission.and_then(|(_, submission)| self.names.get(submission));
        name.cloned().unwrap_or_default()
    }
}

/// Size of the package's checkpoint, where it is that of its leaves.
fn covered(package: &Package, entries: &[Entry]) -> u64 {
    let Some(note) = package
        .file(CHECKPOINT)
        .and_then(|bytes| SignedCheckpoint::parse(bytes).ok())
    else {
        return 0;
    };
    let mut tree = Tree::new();
    for entry in entries {
        tree.push(entry.leaf_hash());
    }
    let checkpoint = note.checkpoint();
    match tree.root_at(checkpoint.size) {
        Ok(root) if root == checkpoint.root => checkpoint.size,
        _ => 0,
    }
}

fn result(package: &Package, state: &State) -> Option<(Rulebook, Outcome, String)> {
    if let (Some(book), Some(result)) = (state.rulebook(), state.result()) {
        let digest = result.blob.digest.to_string();
        return Some((book.clone(), result.outcome.clone(), digest));
    }
    let bytes = package.file(OUTCOME)?;
    let extract = OutcomeExtract::parse(bytes).ok()?;
    let book = match state.rulebook() {
        Some(book) => book.clone(),
        None => {
            let rulebook = state.record()?.rulebook;
            Rulebook::parse(package.file(&blob_file(&rulebook.digest))?).ok()?
        }
    };
    Some((book, extract.outcome, Digest::of(bytes).to_string()))
}

fn verdict(verdict: Verdict) -> VerdictKind {
    match verdict {
        Verdict::Sound => VerdictKind::Sound,
        Verdict::NotSound => VerdictKind::NotSound,
        Verdict::Unusable => VerdictKind::Unusable,
        Verdict::OriginNotEstablished => VerdictKind::NoAnchors,
        Verdict::Unfinished => VerdictKind::Unfinished,
    }
}

fn profile_name(profile: Profile) -> &'static str {
    match profile {
        Profile::Full => "full",
        Profile::Public => "public",
    }
}

fn check(report: &Report, result: &audit::CheckResult) -> AuditCheck {
    let own = report
        .findings
        .iter()
        .filter(|finding| finding.check == result.name);
    let state = match &result.outcome {
        CheckOutcome::Passed => CheckState::Passed,
        CheckOutcome::Failed => CheckState::Failed,
        CheckOutcome::NotApplicable(_) | CheckOutcome::Off => CheckState::NotApplicable,
    };
    AuditCheck {
        name: result.name.clone(),
        purpose: Words::new(result.purpose.zh.clone(), result.purpose.en.clone()),
        state,
        found: own.count() as u64,
        entries: result.entries.iter().copied().take(MOST_ENTRIES).collect(),
    }
}

fn finding(finding: &audit::Finding) -> AuditFinding {
    AuditFinding {
        check: finding.check.clone(),
        error: finding.severity == Severity::Error,
        index: finding.index,
        object: finding.object.clone(),
        purpose: audit::purpose(&finding.check)
            .map_or_else(|| Words::same(&finding.check), |purpose| words::text(&purpose)),
        detail: finding.detail.clone(),
    }
}
