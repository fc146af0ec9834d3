//! The whole evaluation through real windows, in both languages.

use conclave_system::{program, sample};
use std::path::Path;
use std::time::Duration;
use windows::desks::Trouble;
use windows::{Language, Patience, Programs, main_job};

/// How often each language is played; a soak plays more.
const RUNS: &str = "CONCLAVE_WINDOW_RUNS";

fn programs() -> Programs {
    Programs {
        conclave: program("conclave"),
        desktop: program("conclave-desktop-driven"),
        sample: sample(),
    }
}

/// Totals worked out by hand, in the order of the ranks.
fn expected(sample: &Path) -> Vec<String> {
    let bytes = std::fs::read(sample.join("expected.json")).expect("the sample has its result");
    let value: serde_json::Value = serde_json::from_slice(&bytes).expect("it is JSON");
    let bids = value["bids"].as_object().into_iter().flatten();
    bids.filter_map(|(_, bid)| bid["total"].as_str().map(str::to_owned))
        .collect()
}

#[tokio::test(flavor = "current_thread")]
async fn in_both_languages_with_a_kill_and_a_cut_line() {
    let runs: u32 = std::env::var(RUNS)
        .ok()
        .and_then(|runs| runs.parse().ok())
        .unwrap_or(1);
    for run in 0..runs {
        for (language, trouble) in [
            (Language::Chinese, Trouble::None),
            (Language::English, Trouble::KillAndCut),
        ] {
            play(run, language, trouble).await;
        }
    }
}

async fn play(run: u32, language: Language, trouble: Trouble) {
    let programs = programs();
    let out = tempfile::tempdir().expect("a folder");
    let pictures = Path::new(env!("CARGO_TARGET_TMPDIR")).join("pictures");
    let patience = Patience(Duration::from_secs(180));
    let told = main_job(&programs, language, trouble, (out.path(), &pictures), patience).await;
    let told = told.unwrap_or_else(|fault| {
        panic!(
            "run {run}, {language:?}: {fault}; pictures: {}",
            pictures.display()
        )
    });

    for total in expected(&programs.sample) {
        assert!(
            told.result.contains(&total),
            "the clerk sees {total}: {}",
            told.result
        );
        assert!(
            told.full.result.contains(&total),
            "the verifier sees {total}: {}",
            told.full.result
        );
    }
    assert_eq!(told.full.kind, "sound", "{}", told.full.sentence);
    assert_eq!(told.public.kind, "sound", "{}", told.public.sentence);
    let word = match language {
        Language::Chinese => "可信",
        Language::English => "sound",
    };
    let sentence = told.full.sentence.to_lowercase();
    assert!(sentence.contains(word), "{sentence}");
    assert!(
        !told.full.derivation.is_empty(),
        "a number tells how it came about"
    );
    assert!(
        told.rehearsal.contains("public package: Sound"),
        "{}",
        told.rehearsal
    );
}
