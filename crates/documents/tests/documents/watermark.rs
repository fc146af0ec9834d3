//! Pictures of a wanted width, and what is burnt into them.

use conclave_documents::{DocumentError, Limits, Quantity, Watermark};

use crate::reading::decode;
use crate::{pdf, reader, reader_with, workspace};

fn mark(lines: &[&str]) -> Watermark {
    Watermark {
        lines: lines.iter().map(|line| (*line).to_owned()).collect(),
    }
}

/// A white page with a black bar in its upper half.
fn bar() -> Vec<u8> {
    pdf::one_page(pdf::stream("", b"0 g 0 60 200 20 re f"), "", &[])
}

#[test]
fn a_picture_has_the_width_asked_for_and_is_grey_without_colour() {
    let colour_type = |png: &[u8]| png[25];
    for width in [64, 333, 4_096] {
        let picture = reader().render_width(&bar(), 1, width, None).expect("sound");
        let (wide, high, _) = decode(&picture.png);
        assert_eq!(
            (wide, high),
            (width.into(), (f64::from(width) / 2.0).round() as u32)
        );
        assert_eq!(colour_type(&picture.png), 0, "grey");
    }
    let red = pdf::one_page(pdf::stream("", b"1 0 0 rg 0 60 200 20 re f"), "", &[]);
    let picture = reader().render_width(&red, 1, 200, None).expect("sound");
    assert_eq!(colour_type(&picture.png), 2, "red, green, blue");
    let (_, _, pixels) = decode(&picture.png);
    assert!(pixels.chunks(3).any(|pixel| pixel == [255, 0, 0]));
}

#[test]
fn a_width_beyond_the_limits_is_refused() {
    for width in [0, 63, 4_097] {
        let refused = DocumentError::TooLarge {
            what: Quantity::PictureWidth,
            limit: 4_096,
        };
        assert_eq!(reader().render_width(&bar(), 1, width, None), Err(refused));
    }
    let limits = Limits {
        picture_pixels: 100_000,
        ..Limits::default()
    };
    let pixels = DocumentError::TooLarge {
        what: Quantity::PicturePixels,
        limit: 100_000,
    };
    assert_eq!(
        reader_with(limits).render_width(&bar(), 1, 1_000, None),
        Err(pixels)
    );
}

#[test]
fn the_watermark_is_in_the_pixels_and_hides_nothing() {
    let bid = workspace().join("samples/procurement/bids/A/technical.pdf");
    let plain = reader().render_width(&bid, 1, 1_000, None).expect("sound");
    let marked = reader()
        .render_width(
            &bid,
            1,
            1_000,
            Some(&mark(&["专家-07", "2026-11-24 14:00", "CG-2026-001"])),
        )
        .expect("sound");
    let ((wide, high, plain), (wide_too, high_too, marked)) = (decode(&plain.png), decode(&marked.png));
    assert_eq!((wide, high), (wide_too, high_too));
    let mut white_marked = 0;
    for (before, after) in plain.iter().zip(&marked) {
        assert!(after <= before, "nothing becomes lighter");
        assert!(
            before - after <= 27,
            "{before} {after}: about 10 %, so that text stays legible"
        );
        white_marked += u32::from(*before == 255 && *after < 235);
    }
    let share = f64::from(white_marked) / f64::from(wide * high * 3);
    assert!((0.02..0.25).contains(&share), "{share}");
}

#[test]
fn whoever_reads_is_told_apart_even_by_a_name_the_font_lacks() {
    let picture = |lines: &[&str]| {
        let picture = reader().render_width(&bar(), 1, 800, Some(&mark(lines)));
        decode(&picture.expect("sound").png).2
    };
    let (one, other) = (picture(&["龘"]), picture(&["龖"]));
    assert_ne!(one, other);
    assert_ne!(one, picture(&[]));
    // Code points: 龘 is U+9F98.
    assert_eq!(one, picture(&["[9F98]"]));
}

#[test]
fn a_page_cannot_clip_the_watermark_away() {
    // Clips everything and leaves states open.
    let document = pdf::one_page(pdf::stream("", b"q q q 0 0 0 0 re W n"), "", &[]);
    let picture = reader()
        .render_width(&document, 1, 800, Some(&mark(&["EXPERT-07"])))
        .expect("sound");
    let (_, _, pixels) = decode(&picture.png);
    assert!(pixels.iter().filter(|part| **part < 235).count() > 1_000);
}
