//! Plays the main job in real windows under virtual displays and keeps the pictures: `cargo xtask demo` without a
//! display.
//!
//! Arguments: `conclave`, the driven desktop client, the sample, a folder for the rehearsal, a folder for pictures,
//! `zh` or `en`.

use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;
use windows::desks::Trouble;
use windows::{Language, Patience, Programs, main_job};

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    let mut arguments = std::env::args_os().skip(1).map(PathBuf::from);
    let mut next = || arguments.next().unwrap_or_default();
    let programs = Programs {
        conclave: next(),
        desktop: next(),
        sample: next(),
    };
    let (out, pictures) = (next(), next());
    let language = match next().to_str() {
        Some("en") => Language::English,
        _ => Language::Chinese,
    };
    let patience = Patience(Duration::from_secs(120));
    let played = main_job(&programs, language, Trouble::None, (&out, &pictures), patience).await;
    match played {
        Ok(told) => {
            println!("{}", told.rehearsal);
            println!(
                "the verifier's window on the full package:   {}",
                told.full.sentence
            );
            println!(
                "the verifier's window on the public package: {}",
                told.public.sentence
            );
            println!("pictures of the windows: {}", pictures.display());
            ExitCode::SUCCESS
        }
        Err(fault) => {
            eprintln!("{fault}\npictures of the windows: {}", pictures.display());
            ExitCode::FAILURE
        }
    }
}
