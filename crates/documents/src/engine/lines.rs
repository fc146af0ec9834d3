//! From glyphs to lines: same direction, same baseline, sorted along it, spaces where the gaps are wide.

use std::collections::BTreeMap;

use hayro::hayro_interpret::hayro_cmap::BfString;
use hayro::kurbo::{Point, Rect, Vec2};

use super::glyphs::Glyph;
use crate::text::{BoundingBox, TextLine};

/// Baselines closer than this, in ems of the larger font, are one line: enough for most superscripts, too
/// little for the next line.
const SAME_BASELINE: f64 = 0.3;

/// The same character again within this many ems is an overprint (imitated bold), not a second character.
const OVERPRINT: f64 = 0.12;

/// A gap wider than this, in ems, is a space: between other characters, and between two Chinese ones, which
/// justified text drives apart.
const SPACE: f64 = 0.15;
const SPACE_BETWEEN_HAN: f64 = 0.5;

/// Directions this close to a right angle, in degrees, are taken for it.
const SNAP: i64 = 5;

/// A glyph in the frame of its direction: `along` the baseline, `across` from line to line.
struct Placed {
    start: f64,
    end: f64,
    across: f64,
    size: f64,
    bounds: Rect,
    text: BfString,
}

/// Which glyphs can share lines.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Run {
    vertical: bool,
    degrees: u16,
}

/// The lines of a page: text to the right first, then each other direction.
pub(super) fn group(glyphs: Vec<Glyph>) -> Vec<TextLine> {
    let mut runs: BTreeMap<Run, Vec<Placed>> = BTreeMap::new();
    for glyph in glyphs {
        let run = run_of(&glyph);
        runs.entry(run).or_default().push(in_frame(glyph, run));
    }
    runs.into_iter()
        .flat_map(|(run, placed)| lines_of(run, placed))
        .collect()
}

fn run_of(glyph: &Glyph) -> Run {
    if glyph.vertical {
        return Run {
            vertical: true,
            degrees: 90,
        };
    }
    let degrees = (glyph.advance.y.atan2(glyph.advance.x).to_degrees().round() as i64).rem_euclid(360);
    let nearest = (degrees + 45) / 90 * 90;
    let degrees = if (degrees - nearest).abs() <= SNAP {
        nearest % 360
    } else {
        degrees
    };
    Run {
        vertical: false,
        degrees: u16::try_from(degrees).unwrap_or(0),
    }
}

fn in_frame(glyph: Glyph, run: Run) -> Placed {
    let unit = unit(run.degrees);
    let normal = Vec2::new(-unit.y, unit.x);
    let along = |point: Point| point.to_vec2().dot(unit);
    let (from, to, base) = if run.vertical {
        let middle = glyph.bounds.center();
        (
            Point::new(middle.x, glyph.bounds.y0),
            Point::new(middle.x, glyph.bounds.y1),
            middle,
        )
    } else {
        (glyph.origin, glyph.origin + glyph.advance, glyph.origin)
    };
    let (one, other) = (along(from), along(to));
    Placed {
        start: one.min(other),
        end: one.max(other),
        across: base.to_vec2().dot(normal),
        size: glyph.size,
        bounds: glyph.bounds,
        text: glyph.text,
    }
}

/// The exact unit vector at right angles, so that baselines do not drift.
fn unit(degrees: u16) -> Vec2 {
    match degrees {
        0 => Vec2::new(1.0, 0.0),
        90 => Vec2::new(0.0, 1.0),
        180 => Vec2::new(-1.0, 0.0),
        270 => Vec2::new(0.0, -1.0),
        other => Vec2::from_angle(f64::from(other).to_radians()),
    }
}

fn lines_of(run: Run, mut placed: Vec<Placed>) -> Vec<TextLine> {
    placed.sort_by(|a, b| a.across.total_cmp(&b.across));
    let mut lines = Vec::new();
    let mut line: Vec<Placed> = Vec::new();
    // The baseline of a line is that of its largest glyph so far: a superscript must not become its measure.
    let (mut baseline, mut size) = (0.0, 0.0);
    for glyph in placed {
        if !line.is_empty() && (glyph.across - baseline).abs() > SAME_BASELINE * glyph.size.max(size) {
            lines.extend(finish(run, std::mem::take(&mut line)));
        }
        if line.is_empty() || glyph.size > size {
            (baseline, size) = (glyph.across, glyph.size);
        }
        line.push(glyph);
    }
    lines.extend(finish(run, line));
    lines
}

fn finish(run: Run, mut glyphs: Vec<Placed>) -> Option<TextLine> {
    glyphs.sort_by(|a, b| a.start.total_cmp(&b.start));
    let mut text = String::new();
    let mut bounds: Option<Rect> = None;
    let mut previous: Option<&Placed> = None;
    for glyph in &glyphs {
        if let Some(previous) = previous {
            if is_overprint(previous, glyph) {
                continue;
            }
            if needs_space(previous, glyph, &text) {
                text.push(' ');
            }
        }
        push(&mut text, &glyph.text);
        bounds = Some(bounds.map_or(glyph.bounds, |bounds| bounds.union(glyph.bounds)));
        previous = Some(glyph);
    }
    let text = text.trim();
    let bounds = bounds.filter(|_| !text.is_empty())?;
    Some(TextLine {
        text: text.to_owned(),
        bounds: bounding_box(bounds),
        direction: run.degrees,
    })
}

fn is_overprint(previous: &Placed, glyph: &Placed) -> bool {
    previous.text == glyph.text && glyph.start - previous.start < OVERPRINT * glyph.size
}

fn needs_space(previous: &Placed, glyph: &Placed, text: &str) -> bool {
    let (Some(before), Some(after)) = (text.chars().next_back(), first(&glyph.text)) else {
        return false;
    };
    if before.is_whitespace() || after.is_whitespace() {
        return false;
    }
    let wide = if is_wide(before) && is_wide(after) {
        SPACE_BETWEEN_HAN
    } else {
        SPACE
    };
    glyph.start - previous.end > wide * previous.size.max(glyph.size)
}

fn first(text: &BfString) -> Option<char> {
    match text {
        BfString::Char(character) => Some(*character),
        BfString::String(characters) => characters.chars().next(),
    }
}

/// Characters set in full squares: radicals, kana, Han, their punctuation, full-width forms.
fn is_wide(character: char) -> bool {
    matches!(character, '\u{2e80}'..='\u{9fff}' | '\u{f900}'..='\u{faff}' | '\u{ff00}'..='\u{ffef}' | '\u{20000}'..='\u{3ffff}')
}

fn push(text: &mut String, characters: &BfString) {
    let mut push = |character: char| {
        if character.is_whitespace() {
            text.push(' ');
        } else if !character.is_control() {
            text.push(character);
        }
    };
    match characters {
        BfString::Char(character) => push(*character),
        BfString::String(characters) => characters.chars().for_each(push),
    }
}

fn bounding_box(rect: Rect) -> BoundingBox {
    BoundingBox {
        left: hundredths(rect.x0),
        top: hundredths(rect.y0),
        right: hundredths(rect.x1),
        bottom: hundredths(rect.y1),
    }
}

/// Rounded to 1/100 point, so that the last bits of a computation never reach a digest.
pub(super) fn hundredths(points: f64) -> f32 {
    // Adding zero turns -0 into 0.
    ((points * 100.0).round() / 100.0 + 0.0) as f32
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A glyph ten points high at a place, running in a direction, half an em wide (Han: a whole one).
    fn glyph(character: char, x: f64, y: f64, degrees: u16) -> Glyph {
        let width = if is_wide(character) { 10.0 } else { 5.0 };
        Glyph {
            text: BfString::Char(character),
            origin: Point::new(x, y),
            advance: unit(degrees) * width,
            bounds: Rect::new(x, y - 8.0, x + width, y + 2.0),
            size: 10.0,
            vertical: false,
        }
    }

    fn texts(glyphs: Vec<Glyph>) -> Vec<String> {
        group(glyphs).into_iter().map(|line| line.text).collect()
    }

    #[test]
    fn the_order_of_drawing_does_not_matter() {
        let glyphs = vec![
            glyph('d', 5.0, 40.0, 0),
            glyph('b', 5.0, 20.0, 0),
            glyph('c', 0.0, 40.0, 0),
            glyph('a', 0.0, 20.0, 0),
        ];
        assert_eq!(texts(glyphs), ["ab", "cd"]);
    }

    #[test]
    fn wide_gaps_become_spaces_and_justified_han_does_not() {
        let latin = vec![
            glyph('a', 0.0, 20.0, 0),
            glyph('b', 5.5, 20.0, 0),
            glyph('c', 13.0, 20.0, 0),
        ];
        assert_eq!(texts(latin), ["ab c"]);
        let han = vec![
            glyph('评', 0.0, 20.0, 0),
            glyph('标', 13.0, 20.0, 0),
            glyph('仓', 30.0, 20.0, 0),
        ];
        assert_eq!(texts(han), ["评标 仓"]);
    }

    #[test]
    fn overprints_are_read_once_and_doubled_letters_twice() {
        let bold = vec![
            glyph('a', 0.0, 20.0, 0),
            glyph('a', 0.4, 20.0, 0),
            glyph('a', 5.0, 20.0, 0),
        ];
        assert_eq!(texts(bold), ["aa"]);
    }

    #[test]
    fn a_superscript_stays_in_its_line() {
        let mut small = glyph('2', 10.0, 17.2, 0);
        small.size = 6.0;
        let glyphs = vec![glyph('m', 5.0, 20.0, 0), small, glyph('a', 0.0, 20.0, 0)];
        assert_eq!(texts(glyphs), ["am2"]);
    }

    #[test]
    fn directions_do_not_mix() {
        let down = |character, y| glyph(character, 100.0, y, 90);
        let slanted = glyph('s', 3.0, 21.0, 45);
        let glyphs = vec![
            down('y', 25.0),
            slanted,
            glyph('b', 5.0, 20.0, 0),
            down('x', 20.0),
            glyph('a', 0.0, 20.0, 0),
            glyph('u', 0.0, 20.0, 358),
        ];
        // 358 degrees is a skewed scan, read with the horizontal lines; same place as `a`, so before or after it.
        let lines = group(glyphs);
        let directions: Vec<_> = lines.iter().map(|line| line.direction).collect();
        assert_eq!(directions, [0, 45, 90]);
        assert_eq!(lines[2].text, "xy");
    }

    #[test]
    fn boxes_surround_all_glyphs_and_have_two_decimals() {
        let lines = group(vec![glyph('a', 1.234_567, 20.0, 0), glyph('b', 6.0, 20.0, 0)]);
        assert_eq!(
            lines[0].bounds,
            BoundingBox {
                left: 1.23,
                top: 12.0,
                right: 11.0,
                bottom: 22.0
            }
        );
        assert_eq!(hundredths(-0.001).to_bits(), 0.0_f32.to_bits());
    }
}
