//! The engine: hayro, and what this crate adds to it. Runs in the child only.

mod encode;
mod findings;
mod glyphs;
mod lines;
mod mark;
mod outline;

use std::borrow::Cow;
use std::fmt;
use std::panic::{AssertUnwindSafe, catch_unwind};

use hayro::hayro_interpret::hayro_syntax::page::Page;
use hayro::hayro_interpret::hayro_syntax::{DecryptionError, LoadPdfError, Pdf};
use hayro::hayro_interpret::{Context, InterpreterCache, TransformExt, interpret_page};
use hayro::kurbo::{Affine, Rect};
use hayro::vello_cpu::color::palette::css::WHITE;
use hayro::vello_cpu::{Pixmap, RasterizerSettings, RenderContext, Resources, TargetInit};
use hayro::{RenderCache, RenderSettings};
use serde::{Deserialize, Serialize};

use crate::error::{DocumentError, Quantity};
use crate::limits::Limits;
use crate::request::Scale;
use crate::text::{Findings, OutlineEntry, PageSize, PageText};
use crate::watermark::Watermark;
use findings::Recorder;
use glyphs::Glyphs;

/// What turned bytes into text and pictures. Two engines with the same [`Engine::id`] give the same text.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Engine {
    /// The parser and renderer.
    pub name: Cow<'static, str>,
    /// Its version, exact.
    pub version: Cow<'static, str>,
    /// The version of this crate's grouping of glyphs into lines; raised with every change of its outcome.
    pub layout: u16,
}

/// The engine of this build.
pub const ENGINE: Engine = Engine {
    name: Cow::Borrowed("hayro"),
    version: Cow::Borrowed("0.9.0"),
    layout: 1,
};

impl Engine {
    /// Name, version and layout in one word, such as `hayro-0.9.0+lines.1`.
    pub fn id(&self) -> String {
        self.to_string()
    }
}

impl fmt::Display for Engine {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}-{}+lines.{}", self.name, self.version, self.layout)
    }
}

/// A font for characters of fonts the document does not carry.
pub(crate) struct FontFace {
    /// The font or collection of fonts, OpenType.
    pub(crate) bytes: Vec<u8>,
    /// The face in the collection; 0 for a single font.
    pub(crate) face: u32,
}

/// Dots per inch a picture may have.
const RESOLUTIONS: std::ops::RangeInclusive<u16> = 1..=1_200;

/// Pixels a picture may be wide when its width is asked for.
const WIDTHS: std::ops::RangeInclusive<u16> = 64..=4_096;

/// Pictures drawn with what was kept of earlier ones (fonts, shapes of characters); then it is thrown away, so
/// that a child that stays does not grow with every page.
const PICTURES_A_CACHE: u32 = 32;

/// Where a PDF states what it is (ISO 32000-2, 7.5.2; readers look somewhat further than its first byte).
const HEADER_WITHIN: usize = 2_048;

/// A document, opened.
pub(crate) struct Document {
    pdf: Pdf,
    recorder: Recorder,
    limits: Limits,
}

impl Document {
    /// Parses the structure of a document.
    pub(crate) fn open(
        bytes: Vec<u8>,
        font: Option<FontFace>,
        limits: &Limits,
    ) -> Result<Self, DocumentError> {
        let head = &bytes[..bytes.len().min(HEADER_WITHIN)];
        let says_pdf = head.windows(5).any(|window| window == b"%PDF-");
        let pdf = Pdf::new(bytes).map_err(|error| match error {
            LoadPdfError::Decryption(
                DecryptionError::PasswordProtected | DecryptionError::UnsupportedAlgorithm,
            ) => DocumentError::Encrypted,
            LoadPdfError::Decryption(other) => DocumentError::damaged(format!("encryption: {other:?}")),
            LoadPdfError::Invalid if says_pdf => DocumentError::damaged("no structure could be recovered"),
            LoadPdfError::Invalid => DocumentError::NotPdf,
        })?;
        match u32::try_from(pdf.pages().len()) {
            Ok(0) => return Err(DocumentError::damaged("it has no page")),
            Ok(count) if count <= limits.pages => {}
            _ => {
                return Err(DocumentError::TooLarge {
                    what: Quantity::Pages,
                    limit: limits.pages.into(),
                });
            }
        }
        Ok(Self {
            pdf,
            recorder: Recorder::new(font),
            limits: limits.clone(),
        })
    }

    pub(crate) fn page_count(&self) -> u32 {
        u32::try_from(self.pdf.pages().len()).unwrap_or(u32::MAX)
    }

    pub(crate) fn sizes(&self) -> Vec<PageSize> {
        self.pdf.pages().iter().map(size).collect()
    }

    pub(crate) fn extraction(&self) -> Extraction<'_> {
        Extraction {
            document: self,
            cache: InterpreterCache::new(),
        }
    }

    /// The outline; none where it is broken, even so that the engine gives up on it.
    pub(crate) fn outline(&self) -> Vec<OutlineEntry> {
        catch_unwind(AssertUnwindSafe(|| outline::read(&self.pdf))).unwrap_or_default()
    }

    pub(crate) fn drawing(&self) -> Drawing<'_> {
        Drawing {
            document: self,
            cache: RenderCache::new(),
            drawn: 0,
        }
    }

    /// Width and height of the picture in pixels.
    fn picture_size(&self, size: PageSize, scale: f64) -> Result<(u16, u16), DocumentError> {
        let limit = self.limits.picture_pixels;
        // The engine counts the edges of a picture in 16 bits.
        let longest = f64::from(u16::MAX);
        let edge = |points: f32| (f64::from(points) * scale).round().max(1.0);
        let (width, height) = (edge(size.width), edge(size.height));
        if scale.is_finite() && width <= longest && height <= longest && width * height <= limit as f64 {
            return Ok((width as u16, height as u16));
        }
        Err(DocumentError::TooLarge {
            what: Quantity::PicturePixels,
            limit,
        })
    }

    fn page(&self, page: u32) -> Result<&Page<'_>, DocumentError> {
        (page as usize)
            .checked_sub(1)
            .and_then(|index| self.pdf.pages().get(index))
            .ok_or(DocumentError::PageOutOfRange {
                page,
                pages: self.page_count(),
            })
    }
}

/// Drawing pages of one document; fonts are read once for many of them.
pub(crate) struct Drawing<'a> {
    document: &'a Document,
    cache: RenderCache<'a>,
    drawn: u32,
}

impl Drawing<'_> {
    /// A picture of a page, PNG, on white.
    pub(crate) fn page(
        &mut self,
        page: u32,
        scale: Scale,
        watermark: Option<&Watermark>,
    ) -> Result<(Vec<u8>, Findings), DocumentError> {
        check_scale(scale)?;
        let page = self.document.page(page)?;
        let size = size(page);
        let scale = match scale {
            Scale::Dpi(dpi) => f64::from(dpi) / 72.0,
            Scale::Width(width) => f64::from(width) / f64::from(size.width),
        };
        let (width, height) = self.document.picture_size(size, scale)?;
        if self.drawn >= PICTURES_A_CACHE {
            self.cache = RenderCache::new();
            self.drawn = 0;
        }
        self.drawn += 1;
        let mut context = RenderContext::new(width, height);
        hayro::render_into(
            page,
            &self.cache,
            &self.document.recorder.settings(),
            &RenderSettings::default(),
            &mut context,
            Affine::scale(scale) * page.initial_transform(true).to_kurbo(),
        );
        context.flush();
        let mut pixels = Pixmap::new(width, height);
        let settings = RasterizerSettings {
            target_init: TargetInit::Clear(WHITE),
            ..RasterizerSettings::default()
        };
        context.render_with(&mut pixels, &mut Resources::default(), settings);
        if let Some(watermark) = watermark {
            mark::burn(&mut pixels, watermark);
        }
        Ok((encode::png(&pixels)?, self.document.recorder.findings()))
    }
}

fn check_scale(scale: Scale) -> Result<(), DocumentError> {
    let (what, limit) = match scale {
        Scale::Dpi(dpi) if !RESOLUTIONS.contains(&dpi) => (Quantity::Resolution, *RESOLUTIONS.end()),
        Scale::Width(width) if !WIDTHS.contains(&width) => (Quantity::PictureWidth, *WIDTHS.end()),
        _ => return Ok(()),
    };
    Err(DocumentError::TooLarge {
        what,
        limit: limit.into(),
    })
}

/// Taking text from the pages of one document; fonts are read once for all of them.
pub(crate) struct Extraction<'a> {
    document: &'a Document,
    cache: InterpreterCache<'a>,
}

impl Extraction<'_> {
    /// The text of a page, counted from 1.
    pub(crate) fn page(&mut self, number: u32) -> Result<PageText, DocumentError> {
        let page = self.document.page(number)?;
        let size = size(page);
        let shown = Rect::new(0.0, 0.0, size.width.into(), size.height.into());
        let mut context = Context::new(
            page.initial_transform(true).to_kurbo(),
            shown,
            &self.cache,
            self.document.pdf.xref(),
            self.document.recorder.settings(),
        );
        let limit = self.document.limits.page_glyphs;
        let mut glyphs = Glyphs::new(shown, limit);
        interpret_page(page, &mut context, &mut glyphs);
        if glyphs.overflowed() {
            return Err(DocumentError::TooLarge {
                what: Quantity::PageGlyphs,
                limit: limit.into(),
            });
        }
        Ok(glyphs.into_page(number, size))
    }

    pub(crate) fn findings(&self) -> Findings {
        self.document.recorder.findings()
    }
}

fn size(page: &Page<'_>) -> PageSize {
    let (width, height) = page.render_dimensions();
    PageSize {
        width: lines::hundredths(width.into()),
        height: lines::hundredths(height.into()),
    }
}
