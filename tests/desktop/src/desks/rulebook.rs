//! Who writes a rulebook: no centre, no key; a preset, a mistake and its finding, a trial, a file, and work that a power cut
//! does not take.

use crate::Language;
use crate::window::{Fault, Opening, Window};
use fantoccini::key::Key;
use std::path::Path;

/// The most candidates: a field of the form.
const CANDIDATES: &str = "input[name=\"/candidates/max\"]";
/// The total of the first made-up bid.
const TOTAL: &str = "#panel-try tbody tr:first-child .total";

/// What the editor's window said.
pub struct Written {
    /// What is found wrong with nine candidates.
    pub finding: String,
    /// Totals of the first made-up bid, before and after its price fell.
    pub totals: [String; 2],
    /// What is said of text that is no rulebook.
    pub problem: String,
    /// The most candidates in the form, after the power came back.
    pub restored: String,
}

/// Writes a rulebook to `file` from a preset, and changes it once more before the power goes.
///
/// # Errors
/// What is not seen in time.
pub async fn write_rulebook(opening: Opening, language: Language, file: &Path) -> Result<Written, Fault> {
    let window = Window::open(opening.clone()).await?;
    window.take_seat(language, "rulebook", None, "rulebook").await?;
    window.press("#preset-low_price_first").await?;
    window.until("the form", "#panel-form").await?;

    candidates(&window, "9").await?;
    let finding = window.see("aside.findings .one.error").await?;
    window.picture("finding").await?;
    candidates(&window, "3").await?;
    window
        .until_gone("the finding", "aside.findings .one.error")
        .await?;

    window.press("#tab-try").await?;
    let before = window.see(TOTAL).await?;
    window.write("input[name=price-0]", "700000").await?;
    let after = window.patience().until("another total", async || {
        let total = window.see(TOTAL).await?;
        Ok((total != before).then_some(total))
    });
    let after = after.await?;
    window.picture("what-if").await?;

    window.press("#tab-text").await?;
    window.press("#rulebook-text").await?;
    window.type_keys("x").await?;
    let problem = window.see("#go-problem").await?;
    window.picture("broken").await?;
    window.press("#undo").await?;
    window.until_gone("the problem", "#go-problem").await?;

    window
        .write("#rulebook-path", &file.display().to_string())
        .await?;
    window.press("#save-rulebook").await?;
    let saved = window
        .patience()
        .until("the file", async || Ok(file.exists().then_some(())));
    saved.await?;

    window.press("#tab-form").await?;
    candidates(&window, "2").await?;
    // The draft is written behind the hand; the mark says when it is.
    window.until("what is not saved", "#save-rulebook.main").await?;
    let draft = opening.workplace.join("drafts/rulebook.json");
    let kept = window.patience().until("the draft", async || {
        let draft = std::fs::read_to_string(&draft).unwrap_or_default();
        Ok(draft.contains(r#"\"max\": 2"#).then_some(()))
    });
    kept.await?;
    window.kill();

    let again = Window::open(Opening {
        name: format!("{}-again", opening.name),
        ..opening
    });
    let again = again.await?;
    again.take_seat(language, "rulebook", None, "rulebook").await?;
    again.until("what came back", ".restored").await?;
    let field = again.until("the candidates", CANDIDATES).await?;
    let restored = field.prop("value").await?.unwrap_or_default();
    again.picture("restored").await?;
    again.close().await?;
    Ok(Written {
        finding,
        totals: [before, after],
        problem,
        restored,
    })
}

async fn candidates(window: &Window, most: &str) -> Result<(), Fault> {
    window.write(CANDIDATES, most).await?;
    window.type_keys(&Key::Enter.to_string()).await
}
