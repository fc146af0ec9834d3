//! The verifier: no centre, no key; a package, local anchors, a verdict, and any number down to its signatures.

use crate::Language;
use crate::window::{Fault, Opening, Window};
use std::path::Path;

/// What the verifier's window said.
pub struct Verdict {
    /// Kind of the verdict, as the window marks it.
    pub kind: String,
    /// The sentence.
    pub sentence: String,
    /// The page of the result; empty where the package has none.
    pub result: String,
    /// How the first number pressed came about.
    pub derivation: String,
}

/// Opens a package in a window of its own and looks at what is there.
///
/// # Errors
/// What is not seen in time.
pub async fn verify(
    opening: Opening,
    language: Language,
    package: &Path,
    anchors: &Path,
) -> Result<Verdict, Fault> {
    let window = Window::open(opening).await?;
    window.take_seat(language, "verifier", None, "verifier").await?;
    window
        .write("#package-path", &package.display().to_string())
        .await?;
    window
        .write("#anchors-path", &anchors.display().to_string())
        .await?;
    window.picture("chosen").await?;
    window.press("#verify").await?;
    let sentence = window.see("#verdict").await?;
    let kind = window.until("the verdict", "section.verdict").await?;
    let kind = kind.attr("class").await?.unwrap_or_default();
    window.picture("verdict").await?;
    window.press("#tab-record").await?;
    window.until("the record", "#panel-record [role=row]").await?;
    window.picture("record").await?;
    let (mut result, mut derivation) = (String::new(), String::new());
    if window.visible("#tab-result").await?.is_some() {
        window.press("#tab-result").await?;
        window.until("the result", "#panel-result table").await?;
        result = window.see("#panel-result").await?;
        window.press("#panel-result td.number button").await?;
        derivation = window.see("#panel-result .derivation").await?;
        window.picture("derivation").await?;
    }
    window.close().await?;
    Ok(Verdict {
        kind: kind.trim_start_matches("verdict ").to_owned(),
        sentence,
        result,
        derivation,
    })
}
