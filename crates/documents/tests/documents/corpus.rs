//! Other people's documents, sound and broken.

use std::path::Path;
use std::sync::Mutex;
use std::time::Duration;

use conclave_documents::{DocumentError, Ingest, Limits};

use crate::{pdfs_below, reader_with, shared_data};

fn limits() -> Limits {
    Limits {
        cpu_seconds: 30,
        wall: Duration::from_secs(90),
        ..Limits::default()
    }
}

#[test]
fn page_counts_are_those_of_pdfium() {
    let Some(data) = shared_data() else { return };
    let manifest = std::fs::read_to_string(data.join("MANIFEST.md")).expect("the data has a manifest");
    let listed: Vec<_> = manifest.lines().filter_map(counted_by_pdfium).collect();
    let mut compared = 0;
    for (file, pages) in &listed {
        match reader_with(limits()).info(&data.join(file)) {
            Ok(info) => {
                assert_eq!(info.pages.len(), *pages, "{file}");
                compared += 1;
            }
            Err(error) => println!("not opened: {file}: {error:?}"),
        }
    }
    println!("{compared} of {} compared", listed.len());
    assert!(
        compared >= 20 && compared * 10 >= listed.len() * 9,
        "{compared} of {}",
        listed.len()
    );
}

/// File and page count from a row of the manifest that says `(PDFium: ok N)`.
fn counted_by_pdfium(row: &str) -> Option<(&str, usize)> {
    let file = row.strip_prefix("| ")?.split(" | ").next()?;
    let pages = row.split("(PDFium: ok ").nth(1)?.split(')').next()?;
    Some((file, pages.parse().ok()?))
}

#[test]
fn every_document_ends_in_an_answer_or_a_clear_error() {
    let Some(data) = shared_data() else { return };
    let mut files = pdfs_below(&data.join("pdf"));
    assert!(files.len() >= 60, "{} files", files.len());
    files.extend(pdfs_below(&data.join("tenders")));
    let queue = Mutex::new(files.iter());
    std::thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| {
                while let Some(file) = next(&queue) {
                    let place = file.strip_prefix(&data).expect("found below it").display();
                    judge(file, &place.to_string());
                }
            });
        }
    });
}

fn next<'a>(queue: &Mutex<std::slice::Iter<'a, std::path::PathBuf>>) -> Option<&'a Path> {
    queue
        .lock()
        .expect("no holder panics")
        .next()
        .map(std::path::PathBuf::as_path)
}

fn judge(file: &Path, place: &str) {
    let reader = reader_with(limits());
    let text = reader.ingest(file);
    let drawn = reader.render(file, 1, 48);
    println!(
        "{place}: {} / {}",
        summary(&text),
        drawn
            .as_ref()
            .map_or_else(|e| format!("{e:?}"), |p| p.png.len().to_string())
    );
    for error in [text.err(), drawn.err()].into_iter().flatten() {
        let clear = matches!(
            error,
            DocumentError::Encrypted | DocumentError::NotPdf | DocumentError::Damaged { .. }
        );
        let broken = place.starts_with("pdf/broken") || place.starts_with("pdf/encrypted");
        assert!(clear && broken, "{place}: {error:?}");
    }
}

fn summary(text: &Result<Ingest, DocumentError>) -> String {
    match text {
        Ok(ingest) => {
            let glyphs: usize = ingest.pages.iter().map(|page| page.plain().chars().count()).sum();
            let unmapped: u32 = ingest.pages.iter().map(|page| page.unmapped_glyphs).sum();
            format!(
                "{} pages, {glyphs} characters, {unmapped} unmapped",
                ingest.pages.len()
            )
        }
        Err(error) => format!("{error:?}"),
    }
}
