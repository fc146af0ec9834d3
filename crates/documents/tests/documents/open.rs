//! A child that stays open on one document.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use conclave_documents::{DocumentError, ENGINE, Limits, Quantity, Reader, Watermark};

use crate::{pdf, reader, reader_with, workspace};

fn bid() -> PathBuf {
    workspace().join("samples/procurement/bids/A/technical.pdf")
}

#[test]
fn it_answers_as_a_child_of_its_own_does() {
    let mut open = reader().open(&bid()).expect("sound");
    let info = reader().info(&bid()).expect("sound");
    assert_eq!(open.info(), &info);
    let mark = Watermark {
        lines: vec!["专家-07".into()],
    };
    for page in [1, 2, 1] {
        let picture = open.render_width(page, 400, Some(&mark)).expect("sound");
        let alone = reader()
            .render_width(&bid(), page, 400, Some(&mark))
            .expect("sound");
        assert_eq!(picture.png, alone.png, "page {page}");
        assert_eq!(open.text(page), reader().text(&bid(), page));
    }
    assert_eq!(open.outline(), reader().outline(&bid()));
}

#[test]
fn what_it_refuses_does_not_end_it() {
    let mut open = reader().open(&bid()).expect("sound");
    let pages = u32::try_from(open.info().pages.len()).expect("few");
    let absent = DocumentError::PageOutOfRange { page: 99_999, pages };
    assert_eq!(open.text(99_999), Err(absent));
    let wide = DocumentError::TooLarge {
        what: Quantity::PictureWidth,
        limit: 4_096,
    };
    assert_eq!(open.render_width(1, 5_000, None), Err(wide));
    assert!(open.is_open());
    assert!(open.text(1).is_ok());
}

#[test]
fn what_cannot_be_opened_is_told_as_ever() {
    assert_eq!(
        reader().open(b"PK\x03\x04".as_slice()).err(),
        Some(DocumentError::NotPdf)
    );
    let small = reader_with(Limits {
        document_bytes: 10,
        ..Limits::default()
    });
    let large = DocumentError::TooLarge {
        what: Quantity::DocumentBytes,
        limit: 10,
    };
    assert_eq!(small.open(&bid()).err(), Some(large));
}

/// Two pages: a small one, and one that never ends.
fn endless_second_page() -> Vec<u8> {
    let mut objects = vec![
        b"<< /Type /Catalog /Pages 2 0 R >>".to_vec(),
        b"<< /Type /Pages /Kids [3 0 R 4 0 R] /Count 2 >>".to_vec(),
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 200 100] >>".to_vec(),
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 200 100] /Contents 5 0 R \
          /Resources << /XObject << /X 6 0 R >> >> >>"
            .to_vec(),
        pdf::stream("", b"/X Do /X Do"),
    ];
    for level in 0..12 {
        let next = level + 7;
        let entries = format!(
            "/Type /XObject /Subtype /Form /BBox [0 0 200 100] /Resources << /XObject << /X {next} 0 R >> >>"
        );
        objects.push(pdf::stream(&entries, "/X Do ".repeat(16).as_bytes()));
    }
    objects.push(pdf::stream(
        "/Type /XObject /Subtype /Form /BBox [0 0 200 100]",
        b"0 0 9 9 re f",
    ));
    pdf::document(&objects)
}

#[test]
fn a_request_that_takes_too_long_ends_it_for_good() {
    let limits = Limits {
        cpu_seconds: 1,
        wall: Duration::from_secs(60),
        ..Limits::default()
    };
    let mut open = reader_with(limits)
        .open(&endless_second_page())
        .expect("its structure is sound");
    assert!(open.text(1).is_ok());
    assert_eq!(open.text(2), Err(DocumentError::Timeout));
    assert!(!open.is_open());
    assert_eq!(open.text(1), Err(DocumentError::Timeout));
}

#[test]
fn processor_time_counts_for_each_request_alone() {
    let limits = Limits {
        cpu_seconds: 1,
        ..Limits::default()
    };
    let mut open = reader_with(limits).open(&bid()).expect("sound");
    // Together these take several seconds of the processor, none of them alone does.
    let begin = Instant::now();
    let mut drawn = 0;
    while begin.elapsed() < Duration::from_secs(3) {
        open.render_width(1 + drawn % 2, 1_200, None)
            .expect("within its own time");
        drawn += 1;
    }
}

/// A program that says what a child says once it has read a document of one page, and then runs `then`.
fn pretender(folder: &Path, then: &str) -> Reader {
    let frame = |kind: u8, json: String| {
        let length = u32::try_from(json.len()).expect("short").to_be_bytes();
        [&[kind], length.as_slice(), json.as_bytes()].concat()
    };
    let engine = serde_json::to_string(&ENGINE).expect("plain data");
    let confinement = r#"{"rlimits":"applied","landlock":"applied","seccomp":"applied"}"#;
    let hello = [
        frame(16, confinement.to_owned()),
        frame(
            17,
            format!(r#"{{"engine":{engine},"pages":[{{"width":200.0,"height":100.0}}]}}"#),
        ),
    ];
    std::fs::write(folder.join("hello"), hello.concat()).expect("room for it");
    // An end, as if it were the answer to something.
    let findings =
        r#"{"substituted_fonts":[],"unsupported_fonts":0,"undecoded_images":0,"undrawn_annotations":0}"#;
    std::fs::write(folder.join("end"), frame(21, findings.to_owned())).expect("room for it");
    let program = folder.join("pretender");
    let place = folder.display();
    let script = format!("#!/bin/sh\necho $$ > {place}/pid\ncat {place}/hello\n{then}\n");
    // Written by another process: a test beside this one that starts a child would inherit the open file, and a
    // program that is open for writing cannot be started.
    let mut writer = Command::new("/bin/sh")
        .args(["-c", "cat > \"$0\" && chmod 755 \"$0\""])
        .arg(&program)
        .stdin(Stdio::piped())
        .spawn()
        .expect("a shell");
    let mut stdin = writer.stdin.take().expect("it was asked for");
    stdin.write_all(script.as_bytes()).expect("it reads");
    drop(stdin);
    assert!(writer.wait().expect("it ends").success());
    let limits = Limits {
        wall: Duration::from_secs(3),
        ..Limits::default()
    };
    Reader::new(program, limits)
}

fn is_gone(folder: &Path) -> bool {
    let pid = std::fs::read_to_string(folder.join("pid")).expect("it wrote it");
    !Path::new("/proc").join(pid.trim()).exists()
}

#[test]
fn a_child_that_misbehaves_is_killed() {
    let silent = "exec sleep 600";
    let chatty = |folder: &Path| format!("cat {0}/end {0}/end; exec sleep 600", folder.display());
    let noisy = "exec yes";
    for kind in 0..3 {
        let folder = tempfile::tempdir().expect("a place for temporary files");
        let then = match kind {
            0 => silent.to_owned(),
            1 => chatty(folder.path()),
            _ => noisy.to_owned(),
        };
        let error = match pretender(folder.path(), &then).open(b"%PDF-1.7".as_slice()) {
            Ok(mut open) => {
                let error = open.text(1).expect_err("it does not answer");
                assert_eq!(open.text(1), Err(error.clone()), "it stays over");
                error
            }
            // One that babbles may be found out before it has the whole document.
            Err(error) => error,
        };
        match kind {
            0 => assert_eq!(error, DocumentError::Timeout),
            _ => assert!(matches!(error, DocumentError::Io { .. }), "{error:?}"),
        }
        assert!(is_gone(folder.path()), "{then}");
    }
}

#[test]
fn dropping_it_ends_the_child() {
    let folder = tempfile::tempdir().expect("a place for temporary files");
    let open = pretender(folder.path(), "exec sleep 600")
        .open(b"%PDF-1.7".as_slice())
        .expect("it says what a child says");
    assert!(!is_gone(folder.path()));
    drop(open);
    assert!(is_gone(folder.path()));
}
