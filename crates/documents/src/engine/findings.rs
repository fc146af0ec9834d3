//! Fonts the document lacks, and what the engine could not draw.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, PoisonError};

use hayro::hayro_interpret::font::{FontData, FontQuery};
use hayro::hayro_interpret::{InterpreterSettings, InterpreterWarning};

use super::FontFace;
use crate::text::Findings;

/// Most names of fonts kept, and most characters of each: they come from the document.
const FONT_NAMES: usize = 256;
const FONT_NAME_CHARACTERS: usize = 80;

#[derive(Default)]
struct Seen {
    substituted_fonts: BTreeSet<String>,
    counts: Findings,
}

/// Answers the engine's questions for fonts and notes what it says.
pub(super) struct Recorder {
    seen: Arc<Mutex<Seen>>,
    font: Option<(FontData, u32)>,
}

impl Recorder {
    pub(super) fn new(font: Option<FontFace>) -> Self {
        let font = font.map(|FontFace { bytes, face }| (Arc::new(bytes) as FontData, face));
        Self {
            seen: Arc::default(),
            font,
        }
    }

    pub(super) fn settings(&self) -> InterpreterSettings {
        let (fonts, warnings, font) = (self.seen.clone(), self.seen.clone(), self.font.clone());
        InterpreterSettings {
            font_resolver: Arc::new(move |query| {
                note_font(&fonts, query);
                resolve(query, font.as_ref())
            }),
            warning_sink: Arc::new(move |warning| note_warning(&warnings, warning)),
            ..InterpreterSettings::default()
        }
    }

    pub(super) fn findings(&self) -> Findings {
        let seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        Findings {
            substituted_fonts: seen.substituted_fonts.iter().cloned().collect(),
            ..seen.counts.clone()
        }
    }
}

/// The engine's own fourteen stand-ins for the standard fonts; for a font of Chinese, Japanese or Korean
/// characters the font the parent sent, if it sent one.
fn resolve(query: &FontQuery, font: Option<&(FontData, u32)>) -> Option<(FontData, u32)> {
    match query {
        FontQuery::Standard(standard) => Some(standard.get_font_data()),
        FontQuery::Fallback(wanted) => match font {
            Some(font) if wanted.character_collection.is_some() => Some(font.clone()),
            _ => Some(wanted.pick_standard_font().get_font_data()),
        },
    }
}

fn note_font(seen: &Mutex<Seen>, query: &FontQuery) {
    let name = match query {
        FontQuery::Standard(standard) => standard.postscript_name(),
        FontQuery::Fallback(wanted) => [&wanted.post_script_name, &wanted.font_name, &wanted.font_family]
            .into_iter()
            .find_map(|name| name.as_deref())
            .unwrap_or("(no name)"),
    };
    let name = name
        .chars()
        .filter(|letter| !letter.is_control())
        .take(FONT_NAME_CHARACTERS)
        .collect();
    let mut seen = seen.lock().unwrap_or_else(PoisonError::into_inner);
    if seen.substituted_fonts.len() < FONT_NAMES {
        seen.substituted_fonts.insert(name);
    }
}

fn note_warning(seen: &Mutex<Seen>, warning: InterpreterWarning) {
    let mut seen = seen.lock().unwrap_or_else(PoisonError::into_inner);
    let count = match warning {
        InterpreterWarning::UnsupportedFont => &mut seen.counts.unsupported_fonts,
        InterpreterWarning::ImageDecodeFailure => &mut seen.counts.undecoded_images,
        InterpreterWarning::UnresolvedAnnotationAppearance => &mut seen.counts.undrawn_annotations,
        _ => return,
    };
    *count = count.saturating_add(1);
}
