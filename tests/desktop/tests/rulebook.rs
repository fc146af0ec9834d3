//! A rulebook written in a real window, from a preset to a file, with a power cut.

use conclave_system::program;
use std::path::Path;
use std::time::Duration;
use windows::{Language, Opening, Patience, desks::write_rulebook};

#[tokio::test(flavor = "current_thread")]
async fn a_rulebook_is_written_checked_tried_saved_and_survives_a_power_cut() {
    for (language, name) in [
        (Language::Chinese, "rulebook-zh"),
        (Language::English, "rulebook-en"),
    ] {
        let out = tempfile::tempdir().expect("a folder");
        let pictures = Path::new(env!("CARGO_TARGET_TMPDIR")).join("pictures");
        let workplace = out.path().join("workplace");
        std::fs::create_dir(&workplace).expect("a folder");
        let file = out.path().join("rulebook.json");
        let opening = Opening {
            program: program("conclave-desktop-driven"),
            workplace,
            scratch: out.path().join("scratch"),
            pictures: pictures.clone(),
            name: name.to_owned(),
            patience: Patience(Duration::from_secs(120)),
        };
        let written = write_rulebook(opening, language, &file).await;
        let written = written.unwrap_or_else(|fault| panic!("{fault}; pictures: {}", pictures.display()));

        assert!(written.finding.contains("RES-1"), "{}", written.finding);
        assert_ne!(written.totals[0], written.totals[1]);
        assert!(!written.problem.is_empty());
        let saved = std::fs::read(&file).expect("it was saved");
        let saved: serde_json::Value = serde_json::from_slice(&saved).expect("a rulebook is JSON");
        assert_eq!(saved["candidates"]["max"], 3);
        assert_eq!(written.restored, "2", "what was not saved comes back");
    }
}
