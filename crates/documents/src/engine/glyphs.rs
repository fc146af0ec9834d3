//! A device that draws nothing and keeps the glyphs.

use hayro::hayro_interpret::font::{Glyph as Shape, GlyphRun};
use hayro::hayro_interpret::hayro_cmap::{BfString, WritingMode};
use hayro::hayro_interpret::{
    BlendMode, ClipPath, Device, DrawMode, DrawProps, Image, ImageDrawProps, SoftMask,
};
use hayro::kurbo::{Affine, BezPath, Point, Rect, Vec2};

use super::lines;
use crate::text::{PageSize, PageText};

/// Glyph space: this many units to the em.
const UNITS_PER_EM: f64 = 1_000.0;

/// How far a line of text reaches above and below its baseline, in glyph space. The engine tells no font
/// metrics; these fit Latin and Chinese fonts.
const ASCENT: f64 = 800.0;
const DESCENT: f64 = -200.0;

/// A glyph with a character, placed on the page as shown.
pub(super) struct Glyph {
    /// Its characters.
    pub(super) text: BfString,
    /// Where its baseline begins.
    pub(super) origin: Point,
    /// From there to where the next glyph would begin, had it no extra space.
    pub(super) advance: Vec2,
    /// Around it.
    pub(super) bounds: Rect,
    /// The size of the font on the page, in points.
    pub(super) size: f64,
    /// Whether its font runs downwards.
    pub(super) vertical: bool,
}

/// The glyphs of one page.
pub(super) struct Glyphs {
    shown: Rect,
    limit: u32,
    seen: u32,
    kept: Vec<Glyph>,
    unmapped: u32,
    invisible: u32,
    outside: u32,
}

impl Glyphs {
    pub(super) fn new(shown: Rect, limit: u32) -> Self {
        Self {
            shown,
            limit,
            seen: 0,
            kept: Vec::new(),
            unmapped: 0,
            invisible: 0,
            outside: 0,
        }
    }

    /// Whether the page had more glyphs than allowed.
    pub(super) fn overflowed(&self) -> bool {
        self.seen > self.limit
    }

    pub(super) fn into_page(self, page: u32, size: PageSize) -> PageText {
        PageText {
            page,
            size,
            lines: lines::group(self.kept),
            unmapped_glyphs: self.unmapped,
            invisible_glyphs: self.invisible,
            outside_glyphs: self.outside,
        }
    }

    fn take(&mut self, shape: &Shape<'_>, transform: Affine, vertical: bool, visible: bool) {
        self.seen = self.seen.saturating_add(1);
        if self.overflowed() {
            // The engine cannot be stopped inside a page; the limit of processor time ends what goes on.
            self.kept = Vec::new();
            return;
        }
        let Some(text) = shape.as_unicode() else {
            self.unmapped += 1;
            return;
        };
        let width = advance_width(shape).map_or(UNITS_PER_EM / 2.0, f64::from);
        let Some(glyph) = place(text, transform, width, vertical) else {
            self.outside += 1;
            return;
        };
        if !glyph.bounds.overlaps(self.shown) {
            self.outside += 1;
            return;
        }
        if !visible {
            self.invisible += 1;
        }
        self.kept.push(glyph);
    }
}

fn advance_width(shape: &Shape<'_>) -> Option<f32> {
    match shape {
        Shape::Outline(outline) => outline.advance_width(),
        Shape::Type3(drawn) => drawn.advance_width(),
    }
}

/// `None` where the numbers of the document lead nowhere.
fn place(text: BfString, transform: Affine, width: f64, vertical: bool) -> Option<Glyph> {
    let origin = transform * Point::ZERO;
    let advance = transform * Point::new(width, 0.0) - origin;
    let size = (transform * Point::new(0.0, UNITS_PER_EM) - origin).hypot();
    let bounds = transform.transform_rect_bbox(Rect::new(0.0, DESCENT, width, ASCENT));
    // Far beyond any page, so that all later arithmetic stays finite and exact enough.
    let reasonable = |number: f64| number.abs() < 1e7;
    let numbers = [
        bounds.x0, bounds.y0, bounds.x1, bounds.y1, size, advance.x, advance.y,
    ];
    let sound = numbers.into_iter().all(reasonable) && size > 0.0;
    sound.then_some(Glyph {
        text,
        origin,
        advance,
        bounds,
        size,
        vertical,
    })
}

impl Device<'_> for Glyphs {
    fn draw_glyph_run(&mut self, run: &GlyphRun<'_, '_>, props: DrawProps<'_>, mode: &DrawMode) {
        let vertical = run.writing_mode() == WritingMode::Vertical;
        let visible = !matches!(mode, DrawMode::Invisible);
        for glyph in run.glyphs() {
            self.take(glyph, props.transform * glyph.transform(), vertical, visible);
        }
    }

    fn draw_path(&mut self, _: &BezPath, _: DrawProps<'_>, _: &DrawMode) {}
    fn push_clip_path(&mut self, _: &ClipPath) {}
    fn push_transparency_group(&mut self, _: f32, _: Option<SoftMask<'_>>, _: BlendMode) {}
    fn draw_image(&mut self, _: Image<'_, '_>, _: ImageDrawProps<'_>) {}
    fn pop_clip(&mut self) {}
    fn pop_transparency_group(&mut self) {}
}
