//! What is wrong with this PC while its program goes on: a disk that takes nothing, a clock that is off, another PC in its
//! place. Each is said from the moment it is known until it is over.

use crate::desk::Desk;
use crate::roles::problem::{ProblemCode, of_store};
use crate::workplace::occupation::Occupation;
use protocol::window::{Notice, Problem};
use record::Millis;
use std::fmt::Write as _;
use storage::StoreError;

/// How far this PC's clock may be from the centre's before somebody should set it, milliseconds. Acts stand a
/// difference of [`evaluation::MAX_CLAIM_SKEW`].
const CLOCK_BOUND: u64 = 60_000;

/// Troubles that are known, each with the centre time since when.
#[derive(Debug, Default)]
pub(crate) struct Troubles {
    disk: Option<(Millis, ProblemCode)>,
    clock: Option<Millis>,
    /// The centre refuses the key of who sits here: another PC took its place.
    moved: Option<Millis>,
}

impl Troubles {
    /// Looks at everything again; `disk`: what the disk answered to the seat's thread just now; `refused`: the centre
    /// does not know its key.
    pub(crate) fn look(
        &mut self,
        desk: &Desk,
        occupation: &Occupation,
        disk: Option<StoreError>,
        refused: bool,
    ) {
        let now = desk.centre_now();
        let moved = refused && occupation.code_name().is_some();
        self.moved = moved.then(|| self.moved.unwrap_or(now));
        let (_, pen) = occupation.unwritten();
        let fault = disk.or(pen).or_else(|| desk.replica.unkept().cloned());
        self.disk = fault.map(|fault| (self.disk.map_or(now, |(since, _)| since), of_store(&fault)));
        let off = desk.offset.millis().unsigned_abs() > CLOCK_BOUND;
        self.clock = off.then(|| self.clock.unwrap_or(now));
    }

    /// What is said of them.
    pub(crate) fn notices(&self, desk: &Desk, occupation: &Occupation) -> Vec<Notice> {
        let (unwritten, fault) = occupation.unwritten();
        // A score that was refused a moment ago is told before the thread has looked again.
        let told = self
            .disk
            .or_else(|| fault.map(|fault| (desk.centre_now(), of_store(&fault))));
        let disk = told.map(|(since, code)| Notice {
            since,
            problem: disk_problem(code, unwritten),
        });
        let clock = self.clock.map(|since| Notice {
            since,
            problem: clock_problem(desk.offset.millis()),
        });
        let moved = self.moved.map(|since| Notice {
            since,
            problem: ProblemCode::SeatMoved.problem(),
        });
        moved.into_iter().chain(disk).chain(clock).collect()
    }
}

fn disk_problem(code: ProblemCode, unwritten: usize) -> Problem {
    let mut problem = code.problem();
    if unwritten > 0 {
        let _ = write!(problem.what.zh, "有 {unwritten} 项刚填写的内容尚未写入。");
        let _ = match unwritten {
            1 => write!(problem.what.en, " One cell just typed is not written yet."),
            _ => write!(
                problem.what.en,
                " {unwritten} cells just typed are not written yet."
            ),
        };
    }
    problem
}

fn clock_problem(ahead: i64) -> Problem {
    let mut problem = ProblemCode::Clock.problem();
    let minutes = ahead.unsigned_abs().div_euclid(60_000);
    let (hours, minutes) = (minutes / 60, minutes % 60);
    let (zh, en) = if ahead > 0 {
        ("快", "ahead")
    } else {
        ("慢", "behind")
    };
    let _ = match hours {
        0 => write!(problem.what.zh, "本机时钟{zh} {minutes} 分钟。"),
        _ => write!(problem.what.zh, "本机时钟{zh} {hours} 小时 {minutes} 分钟。"),
    };
    let _ = match hours {
        0 => write!(problem.what.en, " It is {minutes} min {en}."),
        _ => write!(problem.what.en, " It is {hours} h {minutes} min {en}."),
    };
    problem
}
