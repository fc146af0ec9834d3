//! Outlines: sound ones, named places, broken ones.

use conclave_documents::{OUTLINE_DEPTH, OUTLINE_ENTRIES, OutlineEntry};

use crate::{pdf, reader, workspace};

/// Two pages (objects 3 and 4); the catalogue gets `entries`; further objects are numbered from 5.
fn two_pages(entries: &str, further: &[String]) -> Vec<u8> {
    let mut objects = vec![
        format!("<< /Type /Catalog /Pages 2 0 R {entries} >>").into_bytes(),
        b"<< /Type /Pages /Kids [3 0 R 4 0 R] /Count 2 >>".to_vec(),
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 200 100] >>".to_vec(),
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 200 100] >>".to_vec(),
    ];
    objects.extend(further.iter().map(|object| object.clone().into_bytes()));
    pdf::document(&objects)
}

fn entry(title: &str, page: u32, level: u32) -> OutlineEntry {
    OutlineEntry {
        title: title.to_owned(),
        page,
        level,
    }
}

#[test]
fn every_kind_of_destination_is_followed() {
    let document = two_pages(
        "/Outlines 5 0 R /Dests << /old [3 0 R /Fit] >> /Names << /Dests << /Kids [11 0 R] >> >>",
        &[
            "<< /First 6 0 R /Last 9 0 R >>".into(),
            // A heading without a page of its own: that of the first one under it.
            "<< /Title <FEFF7B2C4E007AE0> /First 7 0 R /Last 8 0 R /Next 9 0 R >>".into(),
            "<< /Title (direct) /Dest [4 0 R /XYZ 0 100 0] /Next 8 0 R >>".into(),
            "<< /Title (by an action) /A << /S /GoTo /D (named) >> >>".into(),
            "<< /Title (by an old name) /Dest /old /Next 10 0 R >>".into(),
            "<< /Title (elsewhere) /A << /S /URI /URI (http://localhost) >> >>".into(),
            "<< /Limits [(named) (named)] /Names [(named) << /D [3 0 R /Fit] >>] >>".into(),
        ],
    );
    let outline = reader().outline(&document).expect("sound");
    assert_eq!(
        outline,
        [
            entry("第一章", 2, 0),
            entry("direct", 2, 1),
            entry("by an action", 1, 1),
            entry("by an old name", 1, 0),
        ]
    );
    assert_eq!(reader().ingest(&document).expect("sound").outline, outline);
}

#[test]
fn a_broken_outline_is_none_and_harms_nothing() {
    let broken = [
        ("/Outlines 99 0 R", vec![]),
        ("/Outlines [1 2 3]", vec![]),
        (
            "/Outlines 5 0 R",
            vec!["<< /First 6 0 R >>".to_owned(), "<< /Dest [77 0 R] >>".to_owned()],
        ),
        ("/Outlines 5 0 R", vec!["<< /First 5 0 R >>".to_owned()]),
        // Names that lead to themselves.
        (
            "/Outlines 5 0 R /Dests << /a /a >> /Names << /Dests 7 0 R >>",
            vec![
                "<< /First 6 0 R >>".to_owned(),
                "<< /Title (a) /Dest /a /Next 6 0 R >>".to_owned(),
                "<< /Kids [7 0 R 7 0 R] >>".to_owned(),
            ],
        ),
    ];
    for (entries, further) in broken {
        let ingest = reader()
            .ingest(&two_pages(entries, &further))
            .expect("its pages are sound");
        assert_eq!((ingest.outline.len(), ingest.pages.len()), (0, 2), "{entries}");
    }
}

#[test]
fn an_outline_keeps_its_bounds() {
    // Every item is the first under the one before it, and has a title of a mebibyte.
    let mut deep = vec!["<< /First 6 0 R >>".to_owned()];
    for level in 0..40 {
        let title = "x".repeat(if level == 0 { 1 << 20 } else { 4 });
        deep.push(format!(
            "<< /Title ({title}) /Dest [3 0 R] /First {} 0 R >>",
            level + 7
        ));
    }
    let outline = reader()
        .outline(&two_pages("/Outlines 5 0 R", &deep))
        .expect("sound");
    assert_eq!(outline.len(), OUTLINE_DEPTH as usize);
    assert_eq!(outline[0].title.len(), 512);
    let mut long = vec!["<< /First 6 0 R >>".to_owned()];
    for item in 0..OUTLINE_ENTRIES + 500 {
        long.push(format!("<< /Title (x) /Dest [3 0 R] /Next {} 0 R >>", item + 7));
    }
    let outline = reader()
        .outline(&two_pages("/Outlines 5 0 R", &long))
        .expect("sound");
    assert_eq!(outline.len(), OUTLINE_ENTRIES);
}

#[test]
fn a_real_bid_has_its_headings() {
    let bid = workspace().join("samples/procurement/bids/A/technical.pdf");
    let ingest = reader().ingest(&bid).expect("sound");
    assert!(!ingest.outline.is_empty());
    // A heading stands on the page it leads to.
    for heading in &ingest.outline {
        let dense = |text: &str| {
            text.chars()
                .filter(|letter| !letter.is_whitespace())
                .collect::<String>()
        };
        let page = dense(&ingest.pages[heading.page as usize - 1].plain());
        assert!(page.contains(&dense(&heading.title)), "{heading:?}");
    }
}
