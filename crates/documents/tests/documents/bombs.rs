//! Small documents that ask for everything. Each must end within its limits, by a clear error.

use std::time::Duration;

use conclave_documents::{DocumentError, Ingest, Limits, Quantity};

use crate::{pdf, reader_with};

/// Tight enough that a failing test does not stop the machine.
fn limits() -> Limits {
    Limits {
        cpu_seconds: 10,
        wall: Duration::from_secs(60),
        ..Limits::default()
    }
}

fn ingest(document: &Vec<u8>) -> Result<Ingest, DocumentError> {
    reader_with(limits()).ingest(document)
}

#[test]
fn two_gibibytes_behind_one_filter() {
    let bomb = pdf::one_page(
        pdf::stream("/Filter /FlateDecode", &pdf::zlib_spaces(2_048)),
        "",
        &[],
    );
    assert!(bomb.len() < 4 << 20, "{} bytes", bomb.len());
    assert_eq!(ingest(&bomb), Err(DocumentError::OutOfMemory));
}

#[test]
fn two_gibibytes_behind_two_filters() {
    let data = pdf::zlib(&pdf::zlib_spaces(2_048));
    let bomb = pdf::one_page(pdf::stream("/Filter [/FlateDecode /FlateDecode]", &data), "", &[]);
    assert!(bomb.len() < 64 << 10, "{} bytes", bomb.len());
    assert_eq!(ingest(&bomb), Err(DocumentError::OutOfMemory));
}

#[test]
fn three_million_saved_states() {
    let bomb = pdf::one_page(pdf::stream("", "q ".repeat(3_000_000).as_bytes()), "", &[]);
    assert_bounded(ingest(&bomb));
}

#[test]
fn three_million_arrays_in_one_another() {
    let nested = "[".repeat(3_000_000);
    let in_content = pdf::one_page(
        pdf::stream("", format!("{nested} TJ").as_bytes()),
        pdf::WITH_FONT,
        &[],
    );
    assert_bounded(ingest(&in_content));
    let in_object = pdf::one_page(pdf::stream("", b""), "/Resources 6 0 R", &[nested.into_bytes()]);
    assert_bounded(ingest(&in_object));
}

#[test]
fn a_page_tree_deeper_than_the_stack() {
    let levels = 200_000;
    let mut objects = vec![b"<< /Type /Catalog /Pages 2 0 R >>".to_vec()];
    for level in 0..levels {
        objects.push(format!("<< /Type /Pages /Kids [{} 0 R] /Count 1 >>", level + 3).into_bytes());
    }
    objects.push(b"<< /Type /Page /MediaBox [0 0 200 100] >>".to_vec());
    assert_bounded(ingest(&pdf::document(&objects)));
}

#[test]
fn forms_that_double_forty_times() {
    let mut forms = Vec::new();
    for level in 0..40 {
        let entries = format!(
            "/Type /XObject /Subtype /Form /BBox [0 0 200 100] /Resources << /XObject << /X {} 0 R >> >>",
            level + 7
        );
        forms.push(pdf::stream(&entries, b"/X Do /X Do"));
    }
    forms.push(pdf::stream(
        "/Type /XObject /Subtype /Form /BBox [0 0 200 100]",
        b"0 0 10 10 re f",
    ));
    let content = pdf::stream("", b"/X Do");
    let bomb = pdf::one_page(content, "/Resources << /XObject << /X 6 0 R >> >>", &forms);
    let by_processor = Limits {
        cpu_seconds: 1,
        ..limits()
    };
    assert_eq!(
        reader_with(by_processor).ingest(&bomb),
        Err(DocumentError::Timeout)
    );
    let by_clock = Limits {
        wall: Duration::from_millis(700),
        ..limits()
    };
    assert_eq!(reader_with(by_clock).ingest(&bomb), Err(DocumentError::Timeout));
}

#[test]
fn more_glyphs_than_a_page_may_have() {
    let text = format!("BT /F 1 Tf 10 10 Td ({}) Tj ET", "x".repeat(5_000));
    let page = pdf::one_page(pdf::stream("", text.as_bytes()), pdf::WITH_FONT, &[]);
    let few = Limits {
        page_glyphs: 4_999,
        ..limits()
    };
    let refused = DocumentError::TooLarge {
        what: Quantity::PageGlyphs,
        limit: 4_999,
    };
    assert_eq!(reader_with(few).ingest(&page), Err(refused));
    let enough = Limits {
        page_glyphs: 5_000,
        ..limits()
    };
    reader_with(enough).ingest(&page).expect("within the limit");
}

#[test]
fn every_other_limit_is_kept() {
    let text = format!("BT /F 1 Tf 0 0 Td ({}) Tj ET", "abcdefgh ".repeat(40));
    let page = pdf::one_page(pdf::stream("", text.as_bytes()), pdf::WITH_FONT, &[]);
    let length = page.len() as u64;
    let cases = [
        (
            Limits {
                answer_bytes: 400,
                ..limits()
            },
            Quantity::AnswerBytes,
            400,
        ),
        (
            Limits {
                document_bytes: length - 1,
                ..limits()
            },
            Quantity::DocumentBytes,
            length - 1,
        ),
        (Limits { pages: 0, ..limits() }, Quantity::Pages, 0),
    ];
    for (limits, what, limit) in cases {
        assert_eq!(
            reader_with(limits).ingest(&page),
            Err(DocumentError::TooLarge { what, limit })
        );
    }
    let cramped = Limits {
        address_space: 64 << 20,
        stack: 128 << 20,
        ..limits()
    };
    assert_eq!(
        reader_with(cramped).ingest(&page),
        Err(DocumentError::OutOfMemory)
    );
}

#[test]
fn nesting_beyond_the_stack_is_told_from_a_crash() {
    let mut forms = Vec::new();
    for level in 0..45 {
        let entries = format!(
            "/Type /XObject /Subtype /Form /BBox [0 0 200 100] /Resources << /XObject << /X {} 0 R >> >>",
            level + 7
        );
        forms.push(pdf::stream(&entries, b"/X Do"));
    }
    forms.push(pdf::stream(
        "/Type /XObject /Subtype /Form /BBox [0 0 200 100]",
        b"0 0 10 10 re f",
    ));
    let page = pdf::one_page(
        pdf::stream("", b"/X Do"),
        "/Resources << /XObject << /X 6 0 R >> >>",
        &forms,
    );
    let stack = 32 << 10;
    let refused = DocumentError::TooLarge {
        what: Quantity::Nesting,
        limit: stack,
    };
    assert_eq!(
        reader_with(Limits { stack, ..limits() }).ingest(&page),
        Err(refused)
    );
    ingest(&page).expect("the usual stack suffices");
}

/// An answer, or an error that says which limit or what damage; never an unexplained death.
fn assert_bounded(outcome: Result<Ingest, DocumentError>) {
    match outcome {
        Ok(ingest) => println!("read: {} pages", ingest.pages.len()),
        Err(
            error @ (DocumentError::TooLarge { .. }
            | DocumentError::OutOfMemory
            | DocumentError::Timeout
            | DocumentError::Damaged { .. }),
        ) => println!("refused: {error:?}"),
        Err(other) => panic!("{other:?}"),
    }
}
