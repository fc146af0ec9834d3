//! Drawing a watermark.

use hayro::kurbo::{Affine, BezPath, Point, Vec2};
use hayro::vello_cpu::color::palette::css::BLACK;
use hayro::vello_cpu::{Pixmap, RenderContext, Resources};
use skrifa::instance::{LocationRef, Size};
use skrifa::outline::{DrawSettings, OutlinePen};
use skrifa::{FontRef, GlyphId, MetadataProvider};

use crate::watermark::Watermark;

/// Noto Sans CJK SC, the characters named in `assets/README.md`.
const FONT: &[u8] = include_bytes!("../../assets/watermark.otf");

/// The lines rise by this angle, degrees.
const RISE: f64 = 30.0;
/// Characters of full width across a picture; smaller would not be legible at the sizes a page is read in.
const ACROSS: f64 = 32.0;
/// Smallest size of a character, pixels.
const SMALLEST: f64 = 11.0;
/// From line to line, and between two blocks, in sizes of a character.
const LINE: f64 = 1.4;
const GAP: f64 = 4.0;
/// Of 255: how much darker a marked pixel becomes.
const DARKNESS: u32 = 26;

/// Makes the marked pixels darker. It is done on the finished picture, so that nothing a page draws can clip or
/// cover it.
pub(super) fn burn(pixels: &mut Pixmap, watermark: &Watermark) {
    let watermark = watermark.bounded();
    if watermark.lines.is_empty() {
        return;
    }
    let mask = mask(pixels.width(), pixels.height(), &watermark.lines);
    for (pixel, mark) in pixels.data_mut().iter_mut().zip(mask.data()) {
        let keep = 255 * 255 - u32::from(mark.a) * DARKNESS;
        for part in [&mut pixel.r, &mut pixel.g, &mut pixel.b] {
            let dimmed = (u32::from(*part) * keep + 255 * 255 / 2) / (255 * 255);
            *part = u8::try_from(dimmed).unwrap_or(u8::MAX);
        }
    }
}

/// Its alpha tells how far a pixel is covered.
fn mask(width: u16, height: u16, lines: &[String]) -> Pixmap {
    let mut mask = Pixmap::new(width, height);
    let mut context = RenderContext::new(width, height);
    context.set_paint(BLACK);
    if let Ok(font) = FontRef::new(FONT) {
        let size = (f64::from(width) / ACROSS).max(SMALLEST);
        let block = block(&font, lines, size);
        for place in places(f64::from(width), f64::from(height), &block, size) {
            context.set_transform(place);
            context.fill_path(&block.path);
        }
    }
    context.flush();
    context.render(&mut mask, &mut Resources::default());
    mask
}

/// The lines as one shape, from its upper left corner.
struct Block {
    path: BezPath,
    width: f64,
    height: f64,
}

/// Where a block stands: rows along the rising lines, every second one moved by half, until the picture is covered.
fn places(width: f64, height: f64, block: &Block, size: f64) -> Vec<Affine> {
    let turn = Affine::rotate(-RISE.to_radians());
    let centre = Vec2::new(width / 2.0, height / 2.0);
    let (step, row) = (block.width + GAP * size, block.height + GAP * size);
    let reach = centre.hypot();
    let (columns, rows) = ((reach / step).ceil() as i32 + 1, (reach / row).ceil() as i32 + 1);
    let mut places = Vec::new();
    for across in -rows..=rows {
        let shift = if across % 2 == 0 { 0.0 } else { step / 2.0 };
        for along in -columns..=columns {
            let corner = Point::new(
                f64::from(along) * step + shift - block.width / 2.0,
                f64::from(across) * row - block.height / 2.0,
            );
            let place = Affine::translate(centre) * turn * Affine::translate(corner.to_vec2());
            // What lies outside costs time and shows nothing.
            let middle = place * Point::new(block.width / 2.0, block.height / 2.0);
            let radius = block.width.hypot(block.height) / 2.0;
            let seen = |at: f64, edge: f64| at + radius >= 0.0 && at - radius <= edge;
            if seen(middle.x, width) && seen(middle.y, height) {
                places.push(place);
            }
        }
    }
    places
}

fn block(font: &FontRef<'_>, lines: &[String], size: f64) -> Block {
    let mut path = BezPath::new();
    let mut width = 0.0_f64;
    let mut baseline = size;
    for line in lines {
        width = width.max(draw_line(font, line, size, baseline, &mut path));
        baseline += LINE * size;
    }
    Block {
        path,
        width,
        height: LINE * size * lines.len() as f64,
    }
}

/// Returns the width of the line.
fn draw_line(font: &FontRef<'_>, line: &str, size: f64, baseline: f64, path: &mut BezPath) -> f64 {
    let size_in_font = Size::new(size as f32);
    let metrics = font.glyph_metrics(size_in_font, LocationRef::default());
    let outlines = font.outline_glyphs();
    let mut x = 0.0;
    for glyph in glyphs(font, line) {
        if let Some(outline) = outlines.get(glyph) {
            let settings = DrawSettings::unhinted(size_in_font, LocationRef::default());
            let mut pen = Pen { path, x, baseline };
            // The font is our own; a glyph that could not be drawn would leave a gap, as a space does.
            let _ = outline.draw(settings, &mut pen);
        }
        x += metrics.advance_width(glyph).map_or(size, f64::from);
    }
    x
}

/// The glyphs of a line; a character the font lacks as `[code point]`.
fn glyphs(font: &FontRef<'_>, line: &str) -> Vec<GlyphId> {
    let map = font.charmap();
    let mut glyphs = Vec::new();
    for letter in line.chars() {
        match map.map(letter) {
            Some(glyph) => glyphs.push(glyph),
            None => {
                let named = format!("[{:X}]", u32::from(letter));
                glyphs.extend(named.chars().filter_map(|letter| map.map(letter)));
            }
        }
    }
    glyphs
}

/// From the font's coordinates, y up, to the block's, y down.
struct Pen<'a> {
    path: &'a mut BezPath,
    x: f64,
    baseline: f64,
}

impl Pen<'_> {
    fn at(&self, x: f32, y: f32) -> Point {
        Point::new(self.x + f64::from(x), self.baseline - f64::from(y))
    }
}

impl OutlinePen for Pen<'_> {
    fn move_to(&mut self, x: f32, y: f32) {
        self.path.move_to(self.at(x, y));
    }

    fn line_to(&mut self, x: f32, y: f32) {
        self.path.line_to(self.at(x, y));
    }

    fn quad_to(&mut self, cx: f32, cy: f32, x: f32, y: f32) {
        self.path.quad_to(self.at(cx, cy), self.at(x, y));
    }

    fn curve_to(&mut self, cx0: f32, cy0: f32, cx1: f32, cy1: f32, x: f32, y: f32) {
        self.path
            .curve_to(self.at(cx0, cy0), self.at(cx1, cy1), self.at(x, y));
    }

    fn close(&mut self) {
        self.path.close_path();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn font() -> FontRef<'static> {
        FontRef::new(FONT).expect("an OpenType font")
    }

    #[test]
    fn the_font_has_what_a_mark_needs() {
        let map = font().charmap();
        let missing: Vec<char> = "专家-07 （副场）：2026－03·第1包评标"
            .chars()
            .filter(|letter| map.map(*letter).is_none())
            .collect();
        assert!(missing.is_empty(), "{missing:?}");
    }

    #[test]
    fn a_character_the_font_lacks_stands_as_its_code_point() {
        let font = font();
        assert!(font.charmap().map('龘').is_none());
        assert_eq!(glyphs(&font, "龘"), glyphs(&font, "[9F98]"));
        assert_eq!(glyphs(&font, "龘").len(), 6);
    }

    #[test]
    fn every_part_of_a_picture_is_marked() {
        let lines = ["专家-07".to_owned(), "2026-11-24 14:00".to_owned()];
        let mask = mask(800, 1_100, &lines);
        // In any square of a third of the width somebody's name begins or ends.
        for top in (0..1_100 - 266).step_by(133) {
            for left in (0..800 - 266).step_by(133) {
                let inked = (0..266)
                    .flat_map(|y| (0..266).map(move |x| (left + x, top + y)))
                    .filter(|(x, y)| mask.sample(*x, *y).a > 128)
                    .count();
                assert!(inked > 100, "{inked} at {left}, {top}");
            }
        }
    }
}
