//! What a sound document gives.

use std::ops::ControlFlow;

use conclave_documents::{
    BoundingBox, DocumentError, ENGINE, FallbackFont, Limits, PageSize, Progress, Quantity, derived_digest,
};

use crate::{pdf, reader, reader_with, shared_data, workspace};

fn hello() -> Vec<u8> {
    let content = pdf::stream(
        "",
        b"BT /F 20 Tf 20 40 Td (Bid ) Tj (opening) Tj 0 -24 Td (second line) Tj ET",
    );
    pdf::one_page(content, pdf::WITH_FONT, &[])
}

#[test]
fn a_small_document_is_read_whole() {
    let document = hello();
    let ingest = reader().ingest(&document).expect("sound");
    assert_eq!(
        ingest.info.pages,
        [PageSize {
            width: 200.0,
            height: 100.0
        }]
    );
    assert_eq!(ingest.info.engine, ENGINE);
    let digest = ring::digest::digest(&ring::digest::SHA256, &document);
    assert_eq!(ingest.info.document_sha256, hex::encode(digest));
    assert_eq!(ingest.pages[0].plain(), "Bid opening\nsecond line\n");
    let BoundingBox {
        left,
        top,
        right,
        bottom,
    } = ingest.pages[0].lines[0].bounds;
    // The baseline lies 60 points below the upper edge; the font is 20 points high.
    assert_eq!((left, top, bottom), (20.0, 44.0, 64.0));
    assert!((110.0..140.0).contains(&right), "{right}");
    assert_eq!(ingest.findings.substituted_fonts, ["Helvetica"]);
}

#[test]
fn an_ingest_can_be_repeated_and_its_digest_recomputed() {
    let document = hello();
    let first = reader().ingest(&document).expect("sound");
    let again = reader().ingest(&document).expect("sound");
    assert_eq!(first, again);
    assert_eq!(first.derived_sha256, derived_digest(&ENGINE, &first.pages));
    let stored = serde_json::to_string(&first).expect("plain data");
    assert_eq!(
        serde_json::from_str::<conclave_documents::Ingest>(&stored).expect("just written"),
        first
    );
    let mut changed = first.pages.clone();
    changed[0].lines[0].text.push('.');
    assert_ne!(first.derived_sha256, derived_digest(&ENGINE, &changed));
}

#[test]
fn the_engine_named_is_the_engine_built() {
    let lock = std::fs::read_to_string(workspace().join("Cargo.lock")).expect("the workspace has one");
    let lock: toml::Value = toml::from_str(&lock).expect("TOML");
    let packages = lock["package"].as_array().expect("a list");
    let versions: Vec<_> = packages
        .iter()
        .filter(|package| package["name"].as_str() == Some(&*ENGINE.name))
        .filter_map(|package| package["version"].as_str())
        .collect();
    assert_eq!(versions, [&*ENGINE.version]);
}

#[test]
fn a_program_reads_by_starting_itself() {
    let folder = tempfile::tempdir().expect("a place for temporary files");
    let file = folder.path().join("hello.pdf");
    std::fs::write(&file, hello()).expect("room for it");
    let program = env!("CARGO_BIN_EXE_document-child");
    let output = std::process::Command::new(program)
        .arg("info")
        .arg(&file)
        .output()
        .expect("it starts");
    assert_eq!(String::from_utf8_lossy(&output.stdout), "1\n");
    assert!(output.status.success());
}

#[test]
fn a_page_that_is_not_there_is_named() {
    for page in [0, 2, u32::MAX] {
        let refused = DocumentError::PageOutOfRange { page, pages: 1 };
        assert_eq!(reader().text(&hello(), page), Err(refused.clone()));
        assert_eq!(reader().render(&hello(), page, 72), Err(refused));
    }
}

#[test]
fn text_is_placed_on_the_page_as_shown() {
    let content = pdf::stream("", b"BT /F 10 Tf 20 40 Td (turned) Tj ET");
    let entries = format!("/Rotate 90 {}", pdf::WITH_FONT);
    let page = reader()
        .text(&pdf::one_page(content, &entries, &[]), 1)
        .expect("sound");
    assert_eq!(
        page.size,
        PageSize {
            width: 100.0,
            height: 200.0
        }
    );
    let line = &page.lines[0];
    assert_eq!((line.text.as_str(), line.direction), ("turned", 90));
    // Turned clockwise, (20, 40) from the lower left comes to lie 40 from the left and 20 from the top.
    assert_eq!(
        (line.bounds.left, line.bounds.right, line.bounds.top),
        (38.0, 48.0, 20.0)
    );
}

#[test]
fn text_nobody_sees_is_counted() {
    let content = pdf::stream("", b"BT /F 10 Tf 3 Tr 20 40 Td (layer) Tj 0 400 Td (above) Tj ET");
    let page = reader()
        .text(&pdf::one_page(content, pdf::WITH_FONT, &[]), 1)
        .expect("sound");
    assert_eq!(page.plain(), "layer\n");
    assert_eq!((page.invisible_glyphs, page.outside_glyphs), (5, 5));
}

#[test]
fn a_picture_has_the_size_asked_for_and_ink_on_it() {
    let picture = reader().render(&hello(), 1, 144).expect("sound");
    let (width, height, pixels) = decode(&picture.png);
    assert_eq!((width, height), (400, 200));
    let dark = pixels
        .chunks(3)
        .filter(|pixel| pixel.iter().all(|part| *part < 64))
        .count();
    assert!((200..20_000).contains(&dark), "{dark} dark pixels");
}

#[test]
fn a_picture_beyond_the_limits_is_refused() {
    let limits = Limits {
        picture_pixels: 100_000,
        ..Limits::default()
    };
    let pixels = DocumentError::TooLarge {
        what: Quantity::PicturePixels,
        limit: 100_000,
    };
    assert_eq!(reader_with(limits).render(&hello(), 1, 300), Err(pixels));
    for dpi in [0, 1_201] {
        let resolution = DocumentError::TooLarge {
            what: Quantity::Resolution,
            limit: 1_200,
        };
        assert_eq!(reader().render(&hello(), 1, dpi), Err(resolution));
    }
}

#[test]
fn what_is_no_document_is_told_apart() {
    let reader = reader();
    assert_eq!(reader.info([].as_slice()), Err(DocumentError::NotPdf));
    assert_eq!(
        reader.info(b"PK\x03\x04 a spreadsheet".as_slice()),
        Err(DocumentError::NotPdf)
    );
    let torn = &hello()[..60];
    assert!(matches!(reader.info(torn), Err(DocumentError::Damaged { .. })));
    let folder = workspace();
    assert!(matches!(reader.info(&folder), Err(DocumentError::Io { .. })));
    assert!(matches!(
        reader.info(&folder.join("absent.pdf")),
        Err(DocumentError::Io { .. })
    ));
}

#[test]
fn a_chinese_law_is_read_in_order() {
    let Some(data) = shared_data() else { return };
    let law = data.join("tenders/zh/mof_order87_law_26p.pdf");
    let mut told = Vec::new();
    let ingest = reader()
        .ingest_with(&law, &mut |progress| {
            told.push(progress);
            ControlFlow::Continue(())
        })
        .expect("sound");
    assert_eq!(ingest.pages.len(), 26);
    assert_eq!(told.len(), 26);
    assert_eq!(told[25], Progress { page: 26, pages: 26 });
    let text: String = ingest
        .pages
        .iter()
        .map(conclave_documents::PageText::plain)
        .collect();
    let dense: String = text
        .chars()
        .filter(|character| !character.is_whitespace())
        .collect();
    let mut position = 0;
    for phrase in [
        "政府采购货物和服务招标投标管理办法",
        "为了规范政府采购当事人的采购行为",
        "评标委员会由采购人代表和评审专家组成",
        "价格分应当采用低价优先法计算",
        "本办法自2017年10月1日起施行",
    ] {
        let found = dense[position..].find(phrase);
        position += found.unwrap_or_else(|| panic!("{phrase} not found after byte {position}"));
    }
}

#[test]
fn a_chinese_page_is_drawn() {
    let Some(data) = shared_data() else { return };
    let law = data.join("tenders/zh/mof_order87_law_26p.pdf");
    let picture = reader().render(&law, 1, 96).expect("sound");
    let (width, height, pixels) = decode(&picture.png);
    assert_eq!(pixels.len(), (width * height * 3) as usize);
    let dark = pixels
        .chunks(3)
        .filter(|pixel| pixel.iter().all(|part| *part < 128))
        .count();
    // Text covers a few per cent of a page.
    let share = dark as f64 / f64::from(width * height);
    assert!((0.005..0.3).contains(&share), "{share}");
}

#[test]
fn an_ingest_can_be_cancelled() {
    let Some(data) = shared_data() else { return };
    let law = data.join("tenders/zh/mof_order87_law_26p.pdf");
    let mut pages = 0;
    let cancelled = reader().ingest_with(&law, &mut |_| {
        pages += 1;
        if pages == 3 {
            ControlFlow::Break(())
        } else {
            ControlFlow::Continue(())
        }
    });
    assert_eq!(cancelled, Err(DocumentError::Cancelled));
    assert_eq!(pages, 3);
}

#[test]
fn a_fallback_font_draws_what_the_document_does_not_carry() {
    let Some(data) = shared_data() else { return };
    let document = data.join("pdf/cjk/noembed-sjis.pdf");
    let without = reader().render(&document, 1, 72).expect("sound");
    assert!(!without.findings.substituted_fonts.is_empty());
    let font = "/usr/share/fonts/opentype/noto/NotoSansCJK-Regular.ttc";
    let Ok(bytes) = std::fs::read(font) else {
        println!("skipped: no Noto Sans CJK on this machine");
        return;
    };
    let mut reader = reader();
    reader.fallback_font = Some(FallbackFont { bytes, face: 0 });
    let with = reader.render(&document, 1, 72).expect("sound");
    let ink = |png: &[u8]| decode(png).2.iter().filter(|part| **part < 128).count();
    assert!(
        ink(&with.png) > ink(&without.png),
        "{} {}",
        ink(&with.png),
        ink(&without.png)
    );
}

/// Width, height and red, green, blue of each pixel.
pub(crate) fn decode(picture: &[u8]) -> (u32, u32, Vec<u8>) {
    let mut reader = png::Decoder::new(std::io::Cursor::new(picture))
        .read_info()
        .expect("a PNG");
    let mut pixels = vec![0; reader.output_buffer_size().expect("of sane size")];
    let frame = reader.next_frame(&mut pixels).expect("whole");
    pixels.truncate(frame.buffer_size());
    let step = match frame.color_type {
        png::ColorType::Grayscale => 1,
        png::ColorType::Rgb => 3,
        other => panic!("unexpected colour type {other:?}"),
    };
    let rgb = pixels
        .chunks(step)
        .flat_map(|pixel| [pixel[0], pixel[step / 2], pixel[step - 1]])
        .collect();
    (frame.width, frame.height, rgb)
}
