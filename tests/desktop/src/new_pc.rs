//! A booth's PC that fails: its disk fills up and gets room again, the power goes, a new PC takes its place once the
//! member's site desk confirms it. Expert and site desks in real windows, at most three at once; everybody else a process
//! of their own.

use crate::Language;
use crate::desks::{Expert, SiteDesk, Trouble, codes, seat_of};
use crate::job::Programs;
use crate::rehearsal::Rehearsal;
use crate::small_disk::SmallDisk;
use crate::window::{Fault, Opening, Patience, Window};
use fantoccini::key::Key;
use serde_json::Value;
use std::cell::Cell;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

const ROUND: &str = "conformity/1";
const SITES: [&str; 3] = ["desk-host", "desk-guest-a", "desk-guest-b"];
/// Nothing of this PC's work is on this PC alone.
const SAFE: &str = "#strip-safety.safe";

/// What the expert saw.
pub struct Moved {
    /// Whether the disk of the old PC could be made to fill up; `false` where this account may not mount.
    pub filled: bool,
    /// What stood in the matrix when the last snapshot had left the old PC.
    pub safe: Vec<String>,
    /// What stood there when the power went.
    pub last: Vec<String>,
    /// What stood there at the new PC.
    pub restored: Vec<String>,
    /// What the new PC said of it.
    pub said: String,
}

/// Plays it until the expert has sealed the first round at the new PC.
///
/// # Errors
/// What was not seen in time, or was refused.
pub async fn new_pc(
    programs: &Programs,
    language: Language,
    (out, pictures): (&Path, &Path),
    patience: Patience,
) -> Result<Moved, Fault> {
    let windows: Vec<&str> = SITES.into_iter().chain(["expert"]).collect();
    let (conclave, sample) = (&programs.conclave, &programs.sample);
    let mut rehearsal = Rehearsal::start(conclave, sample, out, (20, &windows), patience)?;
    let opening = programs.opening(language, (out, pictures), patience);
    let (over, drawn) = (Cell::new(false), Cell::new(false));
    let host = site_desk(&mut rehearsal, &opening, language, (SITES[0], &drawn)).await?;
    let first = site_desk(&mut rehearsal, &opening, language, (SITES[1], &drawn)).await?;
    let second = site_desk(&mut rehearsal, &opening, language, (SITES[2], &drawn)).await?;
    let day = Patience(patience.0 * 4);
    let draw = async {
        let workplace = rehearsal.workplace("expert").await?;
        drawn.set(true);
        Ok(workplace)
    };
    let (workplace, ..) = tokio::try_join!(draw, host.work(day), first.work(day), second.work(day))?;

    // Only the desk of the expert's site stays.
    let seat = seat_of(&workplace)?;
    let site = site_of(sample, seat.trim_start_matches("booth-"))?;
    let mut desk = None;
    for mut one in [host, first, second] {
        if one.window.name() == format!("desk-{site}") {
            one.over = &over;
            desk = Some(one);
        } else {
            one.window.close().await?;
        }
    }
    let desk = desk.ok_or_else(|| Fault(format!("no desk at {site}")))?;

    // The new PC is furnished as the old one was, before anything was kept there.
    let new = out.join("new-pc");
    copy(&workplace, &new)?;
    let small = out.join("old-pc");
    let disk = SmallDisk::mount(&small)?;
    copy(&workplace, &small)?;
    let old = Expert {
        opening: opening("old-pc", small),
        language,
        paper: rehearsal.paper()?,
        codes: codes(sample)?,
        seat,
        trouble: Trouble::None,
        scoring: Arc::default(),
        seen: Arc::default(),
        rehearsal: &rehearsal,
    };
    let expert = async {
        let window = old.sit_down().await?;
        old.declare(&window).await?;
        old.enter(&window, ROUND).await?;
        old.finding(&window, 0, 0).await?;
        to_right(&window).await?;
        if let Some(disk) = &disk {
            full(&old, &window, disk).await?;
        } else {
            old.finding(&window, 0, 1).await?;
        }
        window.until("everything has left this PC", SAFE).await?;
        let safe = matrix(&window).await?;
        to_right(&window).await?;
        let criterion = old.finding(&window, 0, 2).await?;
        kept(&window, &criterion).await?;
        let last = matrix(&window).await?;
        window.kill();

        let at_new = Expert {
            opening: opening("new-pc", new),
            ..old
        };
        let (restored, said) = take_over(&at_new).await?;
        over.set(true);
        Ok(Moved {
            filled: disk.is_some(),
            safe,
            last,
            restored,
            said,
        })
    };
    let (moved, ()) = tokio::try_join!(expert, desk.work(day))?;
    desk.window.close().await?;
    Ok(moved)
}

/// A disk without room is said, and what is typed stays; with room again it is kept as if nothing had been.
async fn full(expert: &Expert<'_>, window: &Window, disk: &SmallDisk) -> Result<(), Fault> {
    let criterion = expert.finding(window, 0, 1).await?;
    kept(window, &criterion).await?;
    disk.fill()?;
    let (field, tries) = (format!("#reason-{criterion}"), Cell::new(0));
    let unwritten = format!("#row-{criterion} .mark.unwritten");
    // A file may have room left in what it was given before.
    let noticed = async || {
        if window.visible(&unwritten).await?.is_some() {
            return Ok(Some(()));
        }
        tries.set(tries.get() + 1);
        window
            .write(&field, &format!("No room, and still typed: {}.", tries.get()))
            .await?;
        Ok(None)
    };
    window
        .patience()
        .until("the cell waits for room", noticed)
        .await?;
    window.until("the full disk is said", "#notice-D-501").await?;
    window.picture("disk-full").await?;
    disk.free()?;
    kept(window, &criterion).await?;
    window.until_gone("the full disk", "#notice-D-501").await?;
    window.type_keys(&char::from(Key::Enter).to_string()).await
}

/// Ticket and PIN at the new PC; what stands there when the member sits again, and what is said of it. Then the round is
/// finished and sealed.
async fn take_over(expert: &Expert<'_>) -> Result<(Vec<String>, String), Fault> {
    let window = Window::open(expert.opening.clone()).await?;
    window
        .take_seat(expert.language, &expert.seat, None, "expert")
        .await?;
    expert.show_ticket(&window, "#ask-replacement").await?;
    window
        .until("it is said who must confirm", "#new-pc-waits")
        .await?;
    window.picture("waits").await?;
    let said = window.see("#new-pc-seen").await?;
    expert.enter(&window, ROUND).await?;
    window.until("the matrix", ".matrix [role=grid]").await?;
    let restored = matrix(&window).await?;
    window.picture("restored").await?;
    window.press("#new-pc-seen-ok").await?;
    window.press(".matrix [role=gridcell][id$='-0-0']").await?;
    expert.review(&window).await?;
    expert.seal(&window).await?;
    window.close().await?;
    Ok((restored, said))
}

async fn kept(window: &Window, criterion: &str) -> Result<(), Fault> {
    let mark = format!("#row-{criterion} .mark.kept");
    window.until("the cell is kept", &mark).await.map(drop)
}

async fn to_right(window: &Window) -> Result<(), Fault> {
    window.type_keys(&char::from(Key::Right).to_string()).await
}

/// Every cell of the matrix that says something: place, finding, reason.
async fn matrix(window: &Window) -> Result<Vec<String>, Fault> {
    let script = "return [...document.querySelectorAll('.matrix [role=gridcell]')]
        .filter((one) => one.matches('.pass, .fail'))
        .map((one) => `${one.id.match(/-\\d+-\\d+$/)} ${one.classList.contains('pass') ? 'pass' : 'fail'} ${one.title}`);";
    let found = window.ask(script, Vec::new()).await?;
    Ok(serde_json::from_value(found)?)
}

/// Opens a site desk's window and takes the seat.
async fn site_desk<'a>(
    rehearsal: &mut Rehearsal,
    opening: &impl Fn(&str, PathBuf) -> Opening,
    language: Language,
    (seat, over): (&str, &'a Cell<bool>),
) -> Result<SiteDesk<'a>, Fault> {
    let workplace = rehearsal.workplace(seat).await?;
    let mut pins = rehearsal.pins(seat)?;
    let pin = pins
        .remove(seat)
        .ok_or_else(|| Fault(format!("no PIN for {seat}")))?;
    let window = Window::open(opening(seat, workplace)).await?;
    window.take_seat(language, seat, Some(&pin), "operator").await?;
    Ok(SiteDesk {
        window,
        pin,
        members: members(&pins),
        over,
    })
}

/// PINs by seat, from lines such as `seat 2 name`.
fn members(pins: &BTreeMap<String, String>) -> BTreeMap<String, String> {
    let seat = |who: &str| who.strip_prefix("seat ")?.split(' ').next().map(str::to_owned);
    let known = pins
        .iter()
        .filter_map(|(who, pin)| Some((seat(who)?, pin.clone())));
    known.collect()
}

/// The site to which a booth belongs, from the tender package.
fn site_of(sample: &Path, booth: &str) -> Result<String, Fault> {
    let listed: Value = serde_json::from_slice(&std::fs::read(sample.join("tender/sites.json"))?)?;
    let mut sites = listed["sites"].as_array().into_iter().flatten();
    let here = sites.find(|site| {
        let mut booths = site["booths"].as_array().into_iter().flatten();
        booths.any(|one| one == booth)
    });
    let name = here.and_then(|site| site["site"].as_str());
    name.map(str::to_owned)
        .ok_or_else(|| Fault(format!("no site has booth {booth}")))
}

/// Copies a workplace as it was furnished.
fn copy(from: &Path, to: &Path) -> Result<(), Fault> {
    std::fs::create_dir_all(to)?;
    for entry in std::fs::read_dir(from)? {
        let entry = entry?;
        let target = to.join(entry.file_name());
        if entry.file_type()?.is_dir() {
            copy(&entry.path(), &target)?;
        } else {
            std::fs::copy(entry.path(), target)?;
        }
    }
    Ok(())
}
