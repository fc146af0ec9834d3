//! The child cannot do what it must not.

use conclave_documents::{Attempt, DocumentError, Layer, Limits};

use crate::{pdf, reader, reader_with};

const EPERM: i32 = 1;

#[test]
fn the_child_reaches_no_file_no_network_and_starts_nothing() {
    let report = reader().probe().expect("a probe answers");
    assert_eq!(report.confinement.seccomp, Layer::Applied);
    assert_eq!(report.confinement.rlimits, Layer::Applied);
    for (name, attempt) in &report.attempts {
        println!("{name}: {attempt:?}");
        assert!(
            matches!(
                attempt,
                Attempt::Refused {
                    errno: Some(EPERM),
                    ..
                }
            ),
            "{name}: {attempt:?}"
        );
    }
    assert_eq!(report.attempts.len(), 11);
    assert!(report.is_tight());
}

#[test]
fn every_answer_names_what_is_missing_and_full_confinement_can_be_demanded() {
    let document = pdf::one_page(pdf::stream("", b""), "", &[]);
    let confinement = reader().info(&document).expect("sound").confinement;
    let strict = reader_with(Limits {
        require_full: true,
        ..Limits::default()
    });
    match &confinement.landlock {
        Layer::Applied => {
            assert!(confinement.is_full());
            assert_eq!(
                strict.info(&document).expect("nothing is missing").confinement,
                confinement
            );
        }
        Layer::Unavailable(reason) => {
            println!("landlock: {reason}");
            assert_eq!(confinement.missing(), [format!("landlock: {reason}")]);
            let refused = DocumentError::Confinement {
                missing: confinement.missing(),
            };
            assert_eq!(strict.info(&document), Err(refused));
        }
    }
}

#[test]
fn a_program_that_is_no_child_is_found_out() {
    let mut reader = reader();
    // It answers with something, and never stops.
    reader.program = "/usr/bin/yes".into();
    assert!(matches!(
        reader.info(b"%PDF-1.7".as_slice()),
        Err(DocumentError::Io { .. })
    ));
    reader.program = "/bin/false".into();
    assert!(matches!(
        reader.info(b"%PDF-1.7".as_slice()),
        Err(DocumentError::Io { .. })
    ));
    reader.program = "/nonexistent".into();
    assert!(matches!(
        reader.info(b"%PDF-1.7".as_slice()),
        Err(DocumentError::Io { .. })
    ));
}
