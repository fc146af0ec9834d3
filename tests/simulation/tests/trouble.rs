//! A booth's PC in trouble: the window killed in mid-score, the line cut for ten minutes, the disk full, the clock
//! changed. Nothing is lost, each is said calmly, and work goes on.

#[path = "support/place.rs"]
mod place;
mod support;

use client::ClientError;
use client::roles::problem::problem_of;
use conclave_simulation::World;
use evaluation::acts::supervision::{Phrase, SUPERVISION, WarningGiven};
use place::{Pc, ROUND, Sitter, seated};
use protocol::window::{CellSaved, Kept, Line};
use std::sync::atomic::Ordering;
use std::sync::{Mutex, MutexGuard, OnceLock, PoisonError};
use storage::disk_faults::{DiskFault, plan};

/// One evaluation for every trouble: each leaves the PC as well as it found it.
struct Scene {
    world: World,
    pc: Pc,
    sitter: Sitter,
}

fn scene() -> MutexGuard<'static, Scene> {
    static SCENE: OnceLock<Mutex<Scene>> = OnceLock::new();
    let made = SCENE.get_or_init(|| {
        let mut world = support::world(81, |_| ());
        let (pc, sitter) = seated(&mut world);
        Mutex::new(Scene { world, pc, sitter })
    });
    let scene = made.lock().unwrap_or_else(PoisonError::into_inner);
    // What a trial that failed left behind is not the next one's.
    scene.pc.clock.store(0, Ordering::SeqCst);
    plan(&scene.pc.folder, None);
    scene
}

fn cells(pc: &Pc) -> usize {
    let sheet = pc.open().sheet(ROUND).expect("the round is open");
    sheet.criteria.len() * sheet.bidders.len()
}

fn put(pc: &Pc, place: usize, reason: &str) -> CellSaved {
    pc.open()
        .put_cell(&pc.cell(place, reason))
        .expect("it may stand there")
}

/// The reason that stands in a cell.
#[track_caller]
fn shown(pc: &Pc, place: usize) -> String {
    let asked = pc.cell(place, "");
    let sheet = pc.open().sheet(ROUND).expect("the round is open");
    let found = sheet
        .cells
        .into_iter()
        .find(|cell| cell.bidder == asked.bidder && cell.criterion == asked.criterion);
    found.map(|cell| cell.reason).unwrap_or_default()
}

fn code<T>(answer: Result<T, ClientError>) -> String {
    answer
        .err()
        .map(|error| problem_of(&error).code)
        .unwrap_or_default()
}

/// The program is killed and started again, and the same person takes the seat.
fn restart(scene: &mut Scene) {
    scene.pc.kill();
    scene.pc.switch_on();
    scene.sitter.check_in(&scene.pc, &mut scene.world);
    let Scene { world, pc, .. } = scene;
    pc.until_in(world, "the round again", |pc, _| place::round_open(pc));
}

#[test]
fn a_window_killed_in_mid_score_shows_every_cell_that_was_kept() {
    let scene = &mut *scene();
    assert!(put(&scene.pc, 0, "断电前第一项").durable);
    assert!(put(&scene.pc, 1, "断电前第二项").durable);
    restart(scene);
    assert_eq!(shown(&scene.pc, 0), "断电前第一项");
    assert_eq!(shown(&scene.pc, 1), "断电前第二项");
    assert!(scene.pc.notices().is_empty(), "{:?}", scene.pc.notices());
}

#[test]
fn with_the_line_cut_for_ten_minutes_scoring_goes_on_and_then_everything_arrives() {
    let Scene { world, pc, .. } = &mut *scene();
    let cut = world.clock.time();
    let centre = world.centre();
    world.net.connect(None);
    pc.until("the cut is told", |pc| {
        matches!(pc.status().line, Line::Cut { .. })
    });
    // A snapshot that was on its way may still have come.
    let before = pc.status().safety.snapshot;
    for minute in 0..10 {
        let saved = put(pc, minute, "线路中断期间录入");
        assert!(saved.durable, "on this PC it is durable with no line at all");
        world.clock.advance(60_000);
    }
    pc.until("what was written is counted", |pc| {
        let safety = pc.status().safety;
        safety.unsaved >= 10 && safety.kept == Kept::Here
    });
    assert_eq!(pc.status().safety.snapshot, before, "nothing left without a line");
    assert!(
        matches!(pc.status().line, Line::Cut { since } if since < cut + 60_000),
        "{:?}",
        pc.status().line
    );

    world.net.connect(centre);
    pc.until_in(world, "everything is at the centre", |pc, _| {
        let status = pc.status();
        status.line == Line::Connected
            && status.safety.unsaved == 0
            && status.safety.snapshot.is_some_and(|at| at >= cut + 600_000)
            && status.safety.kept != Kept::Here
    });
    assert_eq!(shown(pc, 9), "线路中断期间录入");
}

#[test]
fn what_the_disk_does_not_take_stays_on_the_screen_and_is_written_when_it_can_be() {
    let scene = &mut *scene();
    for (fault, said) in [
        (DiskFault::Full, "D-501"),
        (DiskFault::ReadOnly, "D-507"),
        (DiskFault::Broken, "D-507"),
    ] {
        disk(scene, fault, said);
    }
}

fn disk(scene: &mut Scene, fault: DiskFault, said: &str) {
    let reason = format!("磁盘故障期间录入 {fault:?}");
    let Scene { world, pc, sitter } = scene;
    for place in 0..cells(pc) {
        assert!(put(pc, place, "此前").durable);
    }
    pc.until("it may be sealed", |pc| pc.offered(&format!("seal:{ROUND}")));
    plan(&pc.folder, Some(fault));
    let saved = put(pc, 3, &reason);
    assert!(!saved.durable && saved.filled > 0, "{saved:?}");
    assert_eq!(shown(pc, 3), reason, "it stays on the screen");
    pc.until("it is said", |pc| {
        pc.status().safety.unwritten == 1 && pc.notices() == [said] && !pc.offered(&format!("seal:{ROUND}"))
    });
    let notice = pc.status().notices[0].problem.clone();
    assert!(notice.what.en.contains("One cell just typed"), "{notice:?}");
    assert!(!notice.safe.zh.is_empty() && !notice.next.zh.is_empty());

    // Nothing is sealed that could not be kept, and the page says why.
    let review = pc.open().seal_review(ROUND).expect("it can be read");
    assert!(!review.ready && review.why_not.is_some_and(|why| why.en.contains("disk")));
    let sheets = world.count("sheet.sealed");
    assert_eq!(code(pc.open().seal(ROUND.to_owned(), &sitter.pin)), said);

    // Reading goes on, and the line is not said to be cut.
    let known = pc.status().warnings.len();
    let warning = WarningGiven {
        line: None,
        phrase: Phrase::OnTime,
        reason: reason.clone(),
    };
    support::act(world, "supervisor", "warning.given", SUPERVISION, &warning).expect("the line stands");
    pc.until("a warning comes through", |pc| {
        pc.status().warnings.len() == known + 1
    });
    assert_eq!(pc.status().line, Line::Connected);
    support::turns(world, 1);
    assert_eq!(world.count("sheet.sealed"), sheets);

    plan(&pc.folder, None);
    pc.until("it is written by itself", |pc| {
        pc.status().safety.unwritten == 0 && pc.notices().is_empty() && pc.offered(&format!("seal:{ROUND}"))
    });
    restart(scene);
    assert_eq!(shown(&scene.pc, 3), reason, "and on the disk");
    let again = |pc: &Pc| pc.status().warnings.len() == known + 1;
    scene.pc.until("leaves that came meanwhile are there", again);
}

#[test]
fn a_clock_that_is_changed_is_said_and_disturbs_neither_acts_nor_snapshots() {
    const HOUR: i64 = 3_600_000;
    let Scene { world, pc, sitter } = &mut *scene();
    for place in 0..cells(pc) {
        put(pc, place, "换时钟前");
    }
    for off in [3 * HOUR, -5 * HOUR] {
        pc.clock.store(off, Ordering::SeqCst);
        pc.until("it is said", |pc| {
            pc.notices() == ["D-508"] && pc.status().clock.skew.abs_diff(off) < 2_000
        });
        let status = pc.status();
        let apart = status.clock.centre.abs_diff(world.clock.time());
        assert!(apart < 2_000, "the centre's clock is shown, {apart} ms apart");

        // Neither an act that is made now nor the snapshots of the drafts are refused, late or early.
        let sheets = world.count("sheet.sealed");
        pc.open()
            .seal(ROUND.to_owned(), &sitter.pin)
            .expect("the clock is no reason");
        support::turns(world, 1);
        assert_eq!(world.count("sheet.sealed"), sheets + 1);
        for _ in 0..3 {
            let now = world.clock.time();
            world.clock.advance(61_000);
            pc.until_in(world, "the next snapshot leaves in time", |pc, _| {
                pc.status().safety.snapshot.is_some_and(|at| at > now)
            });
        }
    }
    pc.clock.store(0, Ordering::SeqCst);
    pc.until("it is over", |pc| pc.notices().is_empty());
}
