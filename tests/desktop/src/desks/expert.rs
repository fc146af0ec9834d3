//! The expert: from the ticket to the signed report, on paper's findings, by keyboard where keys are meant for it.

use crate::Language;
use crate::rehearsal::Rehearsal;
use crate::window::{Fault, Opening, Window};
use client::rehearsal::Paper;
use fantoccini::key::Key;
use serde_json::Value;
use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;
use tokio::sync::Notify;

/// What befalls the expert in the middle of the scoring.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Trouble {
    /// Nothing but the supervisor's pause.
    None,
    /// The program is killed in the middle of a bid, and the line is cut in the middle of another.
    KillAndCut,
}

/// An expert at work.
pub struct Expert<'a> {
    /// How the window is opened, again after a kill.
    pub opening: Opening,
    /// Language.
    pub language: Language,
    /// What this expert means to write.
    pub paper: Paper,
    /// Identity codes by bidder's name.
    pub codes: BTreeMap<String, String>,
    /// Name of the seat on this PC.
    pub seat: String,
    /// Trouble.
    pub trouble: Trouble,
    /// Tells that the scoring is in the middle.
    pub scoring: Arc<Notify>,
    /// Tells that the pause was seen.
    pub seen: Arc<Notify>,
    /// Cuts the line.
    pub rehearsal: &'a Rehearsal,
}

/// The expert of a rehearsal's workplace.
///
/// # Errors
/// Not furnished.
pub fn seat_of(workplace: &Path) -> Result<String, Fault> {
    let mut seats = std::fs::read_dir(workplace.join("seats"))?;
    let first = seats.next().ok_or_else(|| Fault("no seat".to_owned()))??;
    let name = first
        .path()
        .file_stem()
        .map(|stem| stem.to_string_lossy().into_owned());
    name.ok_or_else(|| Fault("no seat".to_owned()))
}

impl Expert<'_> {
    /// Opens the window and takes the booth.
    pub(crate) async fn sit_down(&self) -> Result<Window, Fault> {
        let window = Window::open(self.opening.clone()).await?;
        window
            .take_seat(self.language, &self.seat, None, "expert")
            .await?;
        self.show_ticket(&window, "#check-in").await?;
        window.until_gone("the check-in", "#check-in").await?;
        Ok(window)
    }

    /// Ticket and PIN, and the button that is offered with them.
    pub(crate) async fn show_ticket(&self, window: &Window, button: &str) -> Result<(), Fault> {
        window.press("#step-check_in").await?;
        window.write("#ticket", &self.paper.ticket).await?;
        window.write("#pin", &self.paper.pin).await?;
        window.press(button).await
    }

    /// The whole day; the window in the end.
    ///
    /// # Errors
    /// What is not seen in time, or is refused.
    pub async fn work(&self) -> Result<Window, Fault> {
        let mut window = self.sit_down().await?;
        self.declare(&window).await?;
        self.enter(&window, "conformity/1").await?;
        self.review(&window).await?;
        self.seal_and_close(&window, "conformity/1").await?;
        self.enter(&window, "scored/1").await?;
        window = self.score(window).await?;
        self.seal_and_close(&window, "scored/1").await?;
        self.sign(&window).await?;
        Ok(window)
    }

    /// What is declared before anything is seen: promise, vote, avoidance.
    pub(crate) async fn declare(&self, window: &Window) -> Result<(), Fault> {
        self.deliberate(window, "promise", "button#promise").await?;
        self.vote(window).await?;
        self.deliberate(window, "avoidance", "#avoid-none").await
    }

    /// A page with one button, a PIN, and a picture before it.
    async fn deliberate(&self, window: &Window, step: &str, button: &str) -> Result<(), Fault> {
        window.press(&format!("#step-{step}")).await?;
        window.until("what is asked", button).await?;
        window.picture(step).await?;
        window.press(button).await?;
        window.confirm(Some(&self.paper.pin), "").await?;
        window.until_gone("what was asked", button).await
    }

    async fn vote(&self, window: &Window) -> Result<(), Fault> {
        window.press("#step-leader").await?;
        window.press("[id^=vote-]:not([aria-disabled=true])").await?;
        window.confirm(Some(&self.paper.pin), "").await?;
        window.until_gone("the vote", "[id^=vote-]").await
    }

    /// Goes into a round once it may be written.
    pub(crate) async fn enter(&self, window: &Window, round: &str) -> Result<(), Fault> {
        window.press(&format!("[id='step-{round}']")).await?;
        window.press(&format!("[id='enter-{round}'].main")).await
    }

    fn found(&self, round: &str, label: &str, criterion: &str) -> Result<(String, String), Fault> {
        let name = self.codes.keys().find(|name| label.contains(name.as_str()));
        let code = name.and_then(|name| self.codes.get(name));
        let sheet = self.paper.sheets.get(round);
        let found = code.and_then(|code| sheet?.get(code)?.get(criterion));
        found
            .cloned()
            .ok_or_else(|| Fault(format!("the paper says nothing on {label}, {criterion}")))
    }

    /// The review matrix, by keyboard alone: arrows to the cell, P or N, the reason where it fails.
    pub(crate) async fn review(&self, window: &Window) -> Result<(), Fault> {
        let keys = |key: Key| char::from(key).to_string();
        window.until("the matrix", ".matrix [role=grid]").await?;
        let rows = number(window, ".matrix [role=grid]", "aria-rowcount").await? - 1;
        let columns = number(window, ".matrix [role=grid]", "aria-colcount").await? - 1;
        for row in 0..rows {
            for column in 0..columns {
                self.finding(window, row, column).await?;
                let next = if column + 1 < columns {
                    Key::Right
                } else {
                    Key::Down
                };
                window.type_keys(&keys(next)).await?;
            }
            window.type_keys(&keys(Key::Home)).await?;
        }
        window.picture("matrix").await
    }

    /// P or N in the cell at hand, and the reason where it fails; the criterion.
    pub(crate) async fn finding(&self, window: &Window, row: u64, column: u64) -> Result<String, Fault> {
        let (label, criterion) = at_hand(window, row, column).await?;
        let (verdict, reason) = self.found("conformity/1", &label, &criterion)?;
        window
            .type_keys(if verdict == "pass" { "p" } else { "n" })
            .await?;
        if verdict != "pass" {
            window.write(&format!("#reason-{criterion}"), &reason).await?;
            // Enter goes back to the table.
            window.type_keys(&char::from(Key::Enter).to_string()).await?;
        }
        Ok(criterion)
    }

    /// Every bid's sheet, each value and reason typed where it stands.
    async fn score(&self, mut window: Window) -> Result<Window, Fault> {
        window.until("the reading desk", ".desk .bids button").await?;
        let bids = window.attributes(".desk .bids button", "id").await?;
        let criteria = window.attributes(".desk .criteria button", "id").await?;
        for (turn, bid) in bids.iter().enumerate() {
            window.press(&format!("#{bid}")).await?;
            for (place, criterion) in criteria.iter().enumerate() {
                let middle = place == criteria.len() / 2;
                if middle && turn == 0 {
                    self.pause(&window).await?;
                }
                if middle && turn == 1 && self.trouble == Trouble::KillAndCut {
                    window = self.kill(window, bid).await?;
                }
                if middle && turn == 2 && self.trouble == Trouble::KillAndCut {
                    self.cut(&window).await?;
                }
                let criterion = criterion.trim_start_matches("criterion-");
                self.write_cell(&window, bid, criterion).await?;
            }
            if middle_of(turn, bids.len()) && self.trouble == Trouble::KillAndCut {
                self.mended(&window).await?;
            }
        }
        window.picture("desk").await?;
        window.press("#view-grid").await?;
        window.until("the grid", "#grid-go").await?;
        window.picture("grid").await?;
        Ok(window)
    }

    async fn write_cell(&self, window: &Window, bid: &str, criterion: &str) -> Result<(), Fault> {
        let labels = window.attributes(&format!("#{bid}"), "title").await?;
        let label = labels.first().map_or("", String::as_str);
        let (value, reason) = self.found("scored/1", label, criterion)?;
        window.press(&format!("#criterion-{criterion}")).await?;
        // The sheet has come to rest when the cursor stands in the row.
        let row = format!("#row-{criterion}:focus-within");
        window.until("the cursor in the row", &row).await?;
        if window
            .visible(&format!("input#score-{criterion}"))
            .await?
            .is_some()
        {
            window.write(&format!("#score-{criterion}"), &value).await?;
        } else {
            // A choice among fixed values: the number is typed.
            let short = value.trim_end_matches('0').trim_end_matches('.');
            let choice = window
                .attributes(&format!("#score-{criterion} button"), "value")
                .await?;
            let same =
                |one: &&String| **one == value || one.trim_end_matches('0').trim_end_matches('.') == short;
            let choice = choice.iter().find(same);
            let choice = choice.ok_or_else(|| Fault(format!("{value} can't be chosen for {criterion}")))?;
            let button = format!("#score-{criterion} button[value='{choice}']");
            window.press(&button).await?;
            let chosen = format!("{button}[aria-checked=true]");
            window.until("the choice is taken", &chosen).await?;
        }
        window.write(&format!("#reason-{criterion}"), &reason).await?;
        window
            .until("the cell is kept", &format!("#row-{criterion} .mark.kept"))
            .await?;
        Ok(())
    }

    /// The supervisor's warning and pause come in the middle of the work, are read, and pass.
    async fn pause(&self, window: &Window) -> Result<(), Fault> {
        self.scoring.notify_one();
        window.until("the pause is said", "#suspended-band").await?;
        window.until("the warning is said", "#warning-band").await?;
        window.picture("suspended").await?;
        window.press("#acknowledge-warning").await?;
        self.seen.notify_one();
        window.until_gone("the pause", "#suspended-band").await?;
        window.until_gone("the lock", "#locked").await
    }

    /// The program is killed; ticket and PIN open the same work again.
    async fn kill(&self, window: Window, bid: &str) -> Result<Window, Fault> {
        let before = typed(&window).await?;
        if before.as_array().is_none_or(Vec::is_empty) {
            return Err(Fault("nothing was typed before the kill".to_owned()));
        }
        window.kill();
        let window = self.sit_down().await?;
        window.press("[id='step-scored/1']").await?;
        window.press("[id='enter-scored/1'].main").await?;
        window.press(&format!("#{bid}")).await?;
        window.picture("after-kill").await?;
        let after = typed(&window).await?;
        if before == after {
            Ok(window)
        } else {
            Err(Fault(format!("typed before the kill {before}, after it {after}")))
        }
    }

    /// The line is cut; it is said, and the work goes on.
    async fn cut(&self, window: &Window) -> Result<(), Fault> {
        self.rehearsal.cut_line(true)?;
        window.until("the cut is said", "#cut-band").await?;
        window.picture("line-cut").await
    }

    /// The line comes back by itself, and what was written meanwhile leaves the PC.
    async fn mended(&self, window: &Window) -> Result<(), Fault> {
        self.rehearsal.cut_line(false)?;
        window.until_gone("the cut", "#cut-band").await?;
        // Until then the strip says that work is kept on this PC alone.
        window
            .until("nothing waits on this PC", "#strip-safety.safe")
            .await?;
        Ok(())
    }

    /// Review, PIN, receipt.
    pub(crate) async fn seal(&self, window: &Window) -> Result<(), Fault> {
        window.press("#view-seal").await?;
        window.until("the review before sealing", "#seal-act").await?;
        window.picture("seal").await?;
        window.press("#seal").await?;
        window.confirm(Some(&self.paper.pin), "").await?;
        window.press("#view-overview").await?;
        window.until("the receipt", ".receipt").await?;
        window.picture("receipt").await
    }

    /// Seals; and the leader closes the round when everybody has sealed.
    async fn seal_and_close(&self, window: &Window, round: &str) -> Result<(), Fault> {
        self.seal(window).await?;
        window.press("#close-round").await?;
        window.confirm(Some(&self.paper.pin), "").await?;
        window
            .until_gone(&format!("the open round {round}"), "#close-round")
            .await
    }

    async fn sign(&self, window: &Window) -> Result<(), Fault> {
        window.press("#step-report").await?;
        window.until("the report", "#sign-report").await?;
        if let Some(dissent) = &self.paper.dissent {
            window.press("#sign-dissent").await?;
            window.write("#dissent", dissent).await?;
        }
        window.picture("report").await?;
        window.press("#sign-report").await?;
        window.confirm(Some(&self.paper.pin), "").await?;
        window.until_gone("the signature", "#sign-report").await
    }
}

/// The bid in whose middle the line was cut is finished before it comes back.
fn middle_of(turn: usize, bids: usize) -> bool {
    turn == 2.min(bids.saturating_sub(1))
}

/// Bid and criterion of the matrix's cell at hand, once it is the wanted one.
async fn at_hand(window: &Window, row: u64, column: u64) -> Result<(String, String), Fault> {
    let cell = format!(".matrix [role=gridcell].at[id$='-{row}-{column}']");
    window.until("the cell at hand", &cell).await?;
    let label = window.see(".matrix .detail h2").await?;
    let rows = window.attributes(".matrix .detail .row", "id").await?;
    let criterion = rows.first().map(|id| id.trim_start_matches("row-").to_owned());
    let criterion = criterion.ok_or_else(|| Fault("no criterion at hand".to_owned()))?;
    Ok((label, criterion))
}

async fn number(window: &Window, css: &str, attribute: &str) -> Result<u64, Fault> {
    let found = window.attributes(css, attribute).await?;
    let number = found.first().and_then(|text| text.parse().ok());
    number.ok_or_else(|| Fault(format!("no number at {css}")))
}

/// Everything that stands in the score and reason fields of the bid at hand.
async fn typed(window: &Window) -> Result<Value, Fault> {
    window.until("the sheet", "textarea[id^=reason-]").await?;
    let script = "return [...document.querySelectorAll('input[id^=score-], textarea[id^=reason-], [id^=score-] [aria-checked=true]')]
        .map((one) => [one.id || one.name, one.id.startsWith('score-') ? String(Number(one.value)) : one.value]).filter((pair) => pair[1] !== '');";
    window.ask(script, Vec::new()).await
}

/// Codes of the bidders by name, from the sample's statements.
///
/// # Errors
/// Files that are not there.
pub fn codes(sample: &Path) -> Result<BTreeMap<String, String>, Fault> {
    let listed: Value = serde_json::from_slice(&std::fs::read(sample.join("bids/bidders.json"))?)?;
    let all = listed.as_object().into_iter().flatten().filter_map(|(_, one)| {
        let text = |at: &str| one[at].as_str().map(str::to_owned);
        Some((text("name")?, text("identifier")?))
    });
    Ok(all.collect())
}
